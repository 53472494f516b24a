// What of a stream a browser can show, in what shape, and when to try again.

import type { Source } from "./api";

/** Whether the browser can play a type of media piece by piece; null if it can play none so. */
export type Plays = ((type: string) => boolean) | null;

/** What keeps the preview from being shown, whatever is tried. */
export type Obstacle = "browser" | "codec" | null;

/** As the browser says itself; iPhones have a kind of their own. */
export function browserPlays(window: { MediaSource?: Player; ManagedMediaSource?: Player }): Plays {
  const player = window.MediaSource ?? window.ManagedMediaSource;
  return player === undefined ? null : (type) => player.isTypeSupported(type);
}

/** A codec that is not known yet is no obstacle: the player finds out. */
export function obstacle({ video_codec }: Pick<Source, "video_codec">, plays: Plays): Obstacle {
  if (plays === null) return "browser";
  if (video_codec === null) return null;
  return (VIDEO.get(video_codec) ?? []).some(plays) ? null : "codec";
}

/** Whether there is sound that can be heard, as far as is known. */
export function isHeard({ audio_codec }: Pick<Source, "audio_codec">, plays: Plays): boolean {
  return audio_codec === null || (AUDIO.get(audio_codec) ?? []).some((type) => plays?.(type));
}

/** Width by height of the box for the picture. What is very high or very wide gets bars instead. */
export function shape({ width, height }: Pick<Source, "width" | "height">): number {
  if (width === null || height === null || height === 0) return USUAL;
  return Math.min(WIDEST, Math.max(HIGHEST, width / height));
}

/** How long to wait after so many tries in a row that came to nothing. */
export function retryMs(tries: number): number {
  return Math.min(LONGEST_WAIT_MS, SHORTEST_WAIT_MS * 2 ** tries);
}

/** Places for previews, in the order in which they were taken: who comes when none is left takes the oldest one's. */
export class Places {
  readonly #taken: (() => void)[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes a place until the returned function is called, or `giveWay`. */
  take(giveWay: () => void): () => void {
    if (this.#taken.length >= this.#most) this.#taken.shift()?.();
    this.#taken.push(giveWay);
    return () => {
      const index = this.#taken.indexOf(giveWay);
      if (index >= 0) this.#taken.splice(index, 1);
    };
  }
}

interface Player {
  isTypeSupported(type: string): boolean;
}

// What mpegts.js can read out of FLV, and what it then asks of the browser.
const VIDEO = new Map([
  ["avc", ['video/mp4; codecs="avc1.42E01E"']],
  ["hevc", ['video/mp4; codecs="hvc1.1.6.L93.B0"']],
  ["av1", ['video/mp4; codecs="av01.0.05M.08"']],
]);

const AUDIO = new Map([
  ["aac", ['audio/mp4; codecs="mp4a.40.2"']],
  ["mp3", ["audio/mpeg", 'audio/mp4; codecs="mp3"']],
  ["opus", ['audio/mp4; codecs="opus"']],
  ["flac", ['audio/mp4; codecs="flac"']],
]);

const USUAL = 16 / 9;
const WIDEST = 21 / 9;
const HIGHEST = 4 / 5;
const SHORTEST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;
