// What is known of a connection and of what goes through it, in words and numbers.

import type { Run, Source } from "./api";
import { codecName } from "./codecs";
import { bitrate, bytes, count, delay, duration } from "./format";
import { language, t } from "./language.svelte";

export interface Fact {
  name: string;
  value: string;
  /** What it means. */
  hint?: string;
}

/** What was counted of a connection. */
export function numbers(run: Run): Fact[] {
  return [
    { name: t("drawer:numbers.sent"), value: bytes(run.bytes_sent) },
    { name: t("drawer:numbers.live"), value: duration(run.live_seconds ?? 0) },
    { name: t("drawer:numbers.queue"), value: bytes(run.queue_bytes) },
    { name: t("drawer:numbers.reconnects"), value: count(run.reconnects) },
    { name: t("drawer:numbers.failedTries"), value: count(run.failed_attempts) },
    { name: t("drawer:numbers.skippedPictures"), value: count(run.skipped_video_frames) },
    { name: t("drawer:numbers.skippedSound"), value: count(run.skipped_audio_frames) },
  ];
}

/** What the kernel knows of a connection; nothing without one. */
export function networkFacts(run: Run): Fact[] {
  if (run.round_trip_ms === null) return [];
  return [
    fact("roundTrip", exactly(run.round_trip_ms)),
    fact("variation", exactly(run.round_trip_variation_ms ?? 0)),
    fact("retransmits", count(run.retransmits)),
    fact("unsent", bytes(run.unsent_bytes ?? 0)),
    fact("unconfirmed", bytes(run.unconfirmed_bytes ?? 0)),
    ...(run.delay_p50_ms === null ? [] : [fact("delay", delays(run.delay_p50_ms, run.delay_p99_ms))]),
  ];
}

/** What an encoder sends. */
export function sourceFacts(source: Source): Fact[] {
  const unknown = t("drawer:source.unknown");
  const codec = name(source.video_codec, source.video_profile, source.video_level);
  const { width, height } = source;
  const picture = width === null || height === null ? codec : t("drawer:source.size", { codec: codec ?? unknown, width, height });
  const rate = source.frame_rate > 0 ? t("drawer:source.rate", { rate: tenths(source.frame_rate) }) : unknown;
  const interval = source.key_frame_interval_seconds;
  return [
    { name: t("drawer:source.picture"), value: picture ?? unknown },
    { name: t("drawer:source.frameRate"), value: rate },
    { name: t("drawer:source.keyFrames"), value: interval === null ? unknown : t("drawer:source.every", { seconds: tenths(interval) }) },
    ...(source.has_b_frames === null ? [] : [{ name: t("drawer:source.bFrames"), value: t(source.has_b_frames ? "drawer:source.yes" : "drawer:source.no") }]),
    { name: t("drawer:source.sound"), value: sound(source) ?? unknown },
    { name: t("drawer:source.bitrate"), value: bitrate(source.bits_per_second), ...split(source) },
    ...(source.encoder === null ? [] : [{ name: t("drawer:source.encoder"), value: source.encoder }]),
  ];
}

/** "H.264 High 4.1" */
function name(codec: string | null, ...more: (string | null)[]): string | null {
  return codec === null ? null : [codecName(codec), ...more].filter((part) => part !== null).join(" ");
}

/** "AAC LC · 48 kHz · stereo" */
function sound({ audio_codec, audio_profile, audio_sample_rate: rate, audio_channels: channels }: Source): string | null {
  const codec = name(audio_codec, audio_profile);
  if (codec === null) return null;
  const parts = [codec, rate === null ? null : `${tenths(rate / 1000)} kHz`, channels === null ? null : channelsWord(channels)];
  return parts.filter((part) => part !== null).join(" · ");
}

function channelsWord(channels: number): string {
  if (channels === 1) return t("drawer:source.mono");
  return channels === 2 ? t("drawer:source.stereo") : t("drawer:source.channels", { count: channels });
}

/** How the bits are divided, once that is known. */
function split({ video_bits_per_second: video, audio_bits_per_second: audio }: Source): { hint?: string } {
  if (video === null || audio === null) return {};
  return { hint: t("drawer:source.split", { video: bitrate(video), audio: bitrate(audio) }) };
}

function fact(name: "roundTrip" | "variation" | "retransmits" | "unsent" | "unconfirmed" | "delay", value: string): Fact {
  return { name: t(`drawer:network.${name}`), value, hint: t(`drawer:network.${name}Hint`) };
}

/** A long wait is not told apart. */
function delays(half: number, most: number | null): string {
  return t("drawer:network.delays", { half: delay(half), most: most === null ? t("drawer:network.long") : delay(most) });
}

/** Milliseconds with tenths where they matter: 0.24 -> "0.2 ms" */
function exactly(milliseconds: number): string {
  return milliseconds < 9.95 ? `${tenths(milliseconds)} ms` : delay(milliseconds);
}

/** 29.97 -> "30", 2.5 -> "2.5" */
function tenths(value: number): string {
  return value.toLocaleString(language.locale, { maximumFractionDigits: 1 });
}
