// What a target takes: as a form has it, and in words.

import { codecName } from "./codecs";
import { t } from "./language.svelte";
import { isCustom, platformName, type Platform } from "./platforms";
import type { Intake, TagForm, Takes, Tracks } from "./shapes";
import { shownWait, typedWait } from "./wait";

/** Null and "" are as the platform has it. */
export interface TakesForm {
  videoCodecs: string[] | null;
  audioCodecs: string[] | null;
  tracks: Tracks | "";
  /** Numbers, as typed. */
  videoTrack: string;
  audioTrack: string;
  tags: TagForm | "";
}

export const VIDEO_CODECS: readonly string[] = ["h264", "hevc", "av1", "vp9", "vp8", "vvc"];
export const AUDIO_CODECS: readonly string[] = ["aac", "mp3", "opus", "flac", "ac3", "eac3"];

/** What a server takes of which nothing is known. */
export const ANYTHING: Intake = {
  video_codecs: null,
  audio_codecs: null,
  tracks: "all",
  video_track: 0,
  audio_track: 0,
  tags: "as_sent",
};

export function formOfTakes(takes: Takes | null): TakesForm {
  return {
    videoCodecs: takes?.video_codecs ?? null,
    audioCodecs: takes?.audio_codecs ?? null,
    tracks: takes?.tracks ?? "",
    videoTrack: shownWait(takes?.video_track ?? null),
    audioTrack: shownWait(takes?.audio_track ?? null),
    tags: takes?.tags ?? "",
  };
}

/** What is other in a form than it was; null if nothing is. */
export function changedTakes(before: TakesForm, form: TakesForm): Partial<Takes> | null {
  const [was, is] = [takesOf(before), takesOf(form)];
  const fields = Object.keys(is) as (keyof Takes)[];
  const changed = fields.filter((field) => String(was[field]) !== String(is[field]) || (was[field] === null) !== (is[field] === null));
  return changed.length === 0 ? null : Object.fromEntries(changed.map((field) => [field, is[field]]));
}

function takesOf(form: TakesForm): Takes {
  return {
    video_codecs: form.videoCodecs,
    audio_codecs: form.audioCodecs,
    tracks: form.tracks || null,
    video_track: typedWait(form.videoTrack),
    audio_track: typedWait(form.audioTrack),
    tags: form.tags || null,
  };
}

/** Whether all is as the platform has it. */
export function isUsual(form: TakesForm): boolean {
  return changedTakes(formOfTakes(null), form) === null;
}

/** "As Twitch takes it: H.264" */
export function usualWord(platform: Platform | null, what: string): string {
  if (platform === null || isCustom(platform)) return t("form:takes.custom");
  return t("form:takes.usual", { platform: platformName(platform), what });
}

/** "H.264, HEVC" */
export function codecWords(codecs: readonly string[] | null): string {
  if (codecs === null) return t("form:takes.any");
  return codecs.length === 0 ? t("form:takes.none") : codecs.map(codecName).join(", ");
}

export function takesTitle(form: TakesForm, platform: Platform | null): string {
  if (!isUsual(form)) return t("form:takes.title.own");
  if (platform === null || isCustom(platform)) return t("form:takes.title.custom");
  return t("form:takes.title.usual", { platform: platformName(platform) });
}
