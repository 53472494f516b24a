// Plays the preview in a video element, and begins again when it broke off, until it is told to stop.

import type Mpegts from "mpegts.js";

import { retryMs } from "../lib/preview";
import { loaderFor } from "./loader";

/**
 * `asleep`: the browser wants to be asked by a click. `full`: too many watch already. `unplayable`: what comes cannot
 * be played. `broken`: it is tried again.
 */
export type Phase = "loading" | "playing" | "asleep" | "full" | "unplayable" | "broken";

export interface Wanted {
  url: string;
  /** False if its sound cannot be played, which would keep the pictures from being, too. */
  sound: boolean;
  /** Whoever uses this page may not watch, or not any more. */
  refused: () => void;
}

type Library = typeof Mpegts;

export class Playback {
  phase = $state<Phase>("loading");
  /** Whether there are pictures, and not sound alone. */
  hasPicture = $state(true);
  /** How many seconds ago what is shown now arrived. */
  behind = $state<number | null>(null);

  /** Plays until the returned function is called. */
  play(video: HTMLVideoElement, wanted: Wanted): () => void {
    const stop = new AbortController();
    this.phase = "loading";
    void this.#keep(video, wanted, stop.signal);
    return () => {
      stop.abort();
      this.behind = null;
    };
  }

  async #keep(video: HTMLVideoElement, wanted: Wanted, stop: AbortSignal): Promise<void> {
    let tries = 0;
    while (!stop.aborted) {
      const began = performance.now();
      const end = await this.#once(video, wanted, stop);
      if (stop.aborted) return;
      this.behind = null;
      this.phase = end;
      if (end === "unplayable") return;
      tries = performance.now() - began > WENT_WELL_MS ? 0 : tries + 1;
      await pause(end === "full" ? FULL_MS : retryMs(tries), stop);
    }
  }

  /** What is to be shown when it has ended. */
  async #once(video: HTMLVideoElement, { url, sound, refused }: Wanted, stop: AbortSignal): Promise<Phase> {
    const library = await load().catch(() => null);
    if (library === null || stop.aborted) return "broken";
    return new Promise((resolve) => {
      let status = 0;
      const customLoader = loaderFor(library, (refusal) => (status = refusal));
      const source = { type: "flv", isLive: true, url, ...(sound ? {} : { hasAudio: false }) };
      const player = library.createPlayer(source, { ...SETTINGS, customLoader });
      const looking = setInterval(this.#looker(video), LOOK_MS);
      const finish = (phase: Phase) => {
        clearInterval(looking);
        stop.removeEventListener("abort", leave);
        player.destroy();
        resolve(phase);
      };
      // The encoder has gone, and may have come back already.
      const leave = () => finish("loading");
      stop.addEventListener("abort", leave);
      player.on(library.Events.LOADING_COMPLETE, leave);
      player.on(library.Events.ERROR, (type: string) => {
        if (status === UNAUTHORIZED || status === FORBIDDEN) refused();
        finish(type === library.ErrorTypes.MEDIA_ERROR ? "unplayable" : (REFUSALS.get(status) ?? "broken"));
      });
      player.attachMediaElement(video);
      player.load();
      video.play().catch((error: unknown) => {
        if (error instanceof DOMException && error.name === "NotAllowedError" && !stop.aborted) this.phase = "asleep";
      });
    });
  }

  /** Looks how it goes, each time it is called. */
  #looker(video: HTMLVideoElement): () => void {
    let last = video.currentTime;
    let stood = 0;
    return () => {
      const { buffered, currentTime } = video;
      stood = currentTime === last ? stood + 1 : 0;
      last = currentTime;
      if (stood === 0) {
        this.phase = "playing";
        this.hasPicture = video.videoWidth > 0;
        this.behind = buffered.length === 0 ? null : Math.max(0, buffered.end(buffered.length - 1) - currentTime);
      } else if (stood === STANDS && this.phase === "playing") {
        this.phase = "loading";
        this.behind = null;
      }
    };
  }
}

async function load(): Promise<Library> {
  const library = (await import("mpegts.js")).default;
  library.LoggingControl.applyConfig({ enableAll: false });
  return library;
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const leave = () => {
      clearTimeout(timer);
      resolve();
    };
    stop.addEventListener("abort", leave, { once: true });
  });
}

// It begins with the newest key frame, which may be seconds old, and jumps to what came last. A little that has piled
// up is played slightly faster instead. Half a second in hand bridges what networks do.
const SETTINGS: Mpegts.Config = {
  enableStashBuffer: false,
  lazyLoad: false,
  autoCleanupSourceBuffer: true,
  autoCleanupMaxBackwardDuration: 20,
  autoCleanupMinBackwardDuration: 10,
  liveBufferLatencyChasing: true,
  liveBufferLatencyMaxLatency: 1.5,
  liveBufferLatencyMinRemain: 0.5,
  liveSync: true,
  liveSyncMaxLatency: 0.9,
  liveSyncTargetLatency: 0.5,
  liveSyncPlaybackRate: 1.1,
};

const UNAUTHORIZED = 401;
const FORBIDDEN = 403;

// 409: there is no encoder any more, as the page will know in a moment.
const REFUSALS = new Map<number, Phase>([
  [409, "loading"],
  [503, "full"],
]);

const LOOK_MS = 500;

/** So often it must have stood still for that to be told. */
const STANDS = 3;

const WENT_WELL_MS = 5_000;
const FULL_MS = 3_000;
