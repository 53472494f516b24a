// What an encoder sends, in words, and what of it platforms would mind.

import type { Source } from "./api";
import { codecName } from "./codecs";
import { count } from "./format";
import { t } from "./language.svelte";

export type Oddity = "noPicture" | "noSound" | "keyFramesRare" | "keyFramesUneven" | "frameRateOff";

/** The last intervals between key frames, in seconds, as far as the page was told. */
export interface Rhythm {
  /** Key frames counted when it was last told. */
  seen: number;
  intervals: readonly number[];
}

export const SILENCE: Rhythm = { seen: 0, intervals: [] };

/** "1920×1080, 30 fps, H.264 + AAC": what does not change from second to second. Empty until something is known. */
export function summary(source: Source): string {
  const codecs = [source.video_codec, source.audio_codec].filter((codec) => codec !== null).map(codecName);
  const declared = source.video_codec === null ? null : source.declared_frame_rate;
  return [size(source), declared === null ? null : frameRate(declared), codecs.join(" + ")].filter((part) => part !== null && part !== "").join(", ");
}

/** "1920×1080" */
export function size({ width, height }: Source): string | null {
  return width === null || height === null ? null : `${width}×${height}`;
}

/** 29.97 -> "30 fps", 23.976 -> "24 fps", 12.4 -> "12.4 fps" */
export function frameRate(rate: number): string {
  const whole = Math.round(rate);
  // The rates of broadcasting are a thousandth off.
  const isWhole = Math.abs(rate - whole) <= 0.002 * whole;
  return t("entry:health.fps", { rate: count(isWhole ? whole : Math.round(rate * 10) / 10) });
}

/** As it was measured, which is never quite even. */
export function measuredRate({ frame_rate: rate }: Source): string {
  return frameRate(rate < 10 ? rate : Math.round(rate));
}

/** The rhythm after what was told now. */
export function heard(rhythm: Rhythm, source: Source): Rhythm {
  const { key_frames: seen, key_frame_interval_seconds: interval } = source;
  if (seen === rhythm.seen) return rhythm;
  // Who comes anew has a rhythm of its own.
  const isNew = source.state !== "live" || source.for_seconds < AT_FIRST_S;
  if (isNew || interval === null) return { seen, intervals: [] };
  return { seen, intervals: [...rhythm.intervals, interval].slice(-KEPT) };
}

/** How far apart key frames are: the last two, or longer if the next is late. Null until there were two. */
export function keyFrameGap(source: Source): number | null {
  const since = source.frame_rate > 0 ? (source.since_key_frame_seconds ?? 0) : 0;
  const last = source.key_frame_interval_seconds;
  if (last === null) return since > LONG_S ? since : null;
  return Math.max(last, since);
}

/** What somebody should look at, the worst first. Nothing is said of the first seconds. */
export function oddities(source: Source, rhythm: Rhythm): Oddity[] {
  if (source.state !== "live" || source.for_seconds < AT_FIRST_S) return [];
  const found: Oddity[] = [];
  if (source.video_codec === null) found.push("noPicture");
  if (source.audio_codec === null) found.push("noSound");
  const gap = keyFrameGap(source);
  if (gap !== null && gap > LONG_S) found.push("keyFramesRare");
  else if (isUneven(rhythm.intervals)) found.push("keyFramesUneven");
  const declared = source.declared_frame_rate ?? 0;
  const isOff = declared > 0 && Math.abs(source.frame_rate - declared) > 0.1 * declared;
  if (isOff && source.video_codec !== null) found.push("frameRateOff");
  return found;
}

/** Encoders that put key frames where the picture changes do so at any time. */
function isUneven(intervals: readonly number[]): boolean {
  if (intervals.length < 4) return false;
  const [least, most] = [Math.min(...intervals), Math.max(...intervals)];
  return most > 2 * least && most - least > 1;
}

/** Platforms ask for 2 s and take up to 4 s. */
const LONG_S = 4.2;
/** Rates are over three seconds, and one more for the first headers. */
const AT_FIRST_S = 5;
const KEPT = 8;
