// What a target's platform would mind in what the encoder sends, in words.

import i18next from "i18next";

import type { Warning } from "./api";
import { bitrate, count, span } from "./format";
import { frameRate } from "./health";
import { t } from "./language.svelte";

/** "Video bitrate too high". A kind this page does not know yet is shown by its name. */
export function warningTitle(kind: string): string {
  const key = `warning.${kind}`;
  return i18next.exists(key) ? t(key as "warning.b_frames") : kind.replaceAll("_", " ");
}

/** "8.1 Mbit/s; at most 6.0 Mbit/s", where both are numbers. A sample rate is to be met, not kept below. */
export function warningNumbers({ measured, limit, unit }: Warning): string | null {
  if (measured === null || limit === null || unit === null) return null;
  const value = VALUES[unit];
  if (unit === "hertz") return value(measured);
  return t("warning.atMost", { measured: value(measured), limit: value(limit) });
}

const VALUES: Record<NonNullable<Warning["unit"]>, (value: number) => string> = {
  kbps: (value) => bitrate(value * 1000),
  seconds: span,
  fps: frameRate,
  lines: (value) => `${value}p`,
  hertz: (value) => `${count(value)} Hz`,
};
