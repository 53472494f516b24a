// Numbers as a person reads them, in the language of the page. Units are decimal, as the network's are.

import { language, t } from "./language.svelte";

/** 1234567 -> "1.2 MB" */
export function bytes(count: number): string {
  return scaled(count, ["B", "kB", "MB", "GB", "TB", "PB"]);
}

/** Bits per second: 6012345 -> "6.0 Mbit/s" */
export function bitrate(bitsPerSecond: number): string {
  return scaled(bitsPerSecond, ["bit/s", "kbit/s", "Mbit/s", "Gbit/s"]);
}

/** 75.4 seconds -> "1 min 15 s". The two largest units are enough. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < MINUTE) return unit(whole, "second");
  if (whole < HOUR) return `${unit(Math.floor(whole / MINUTE), "minute")} ${unit(whole % MINUTE, "second")}`;
  if (whole < DAY) return `${unit(Math.floor(whole / HOUR), "hour")} ${unit(Math.floor((whole % HOUR) / MINUTE), "minute")}`;
  return `${unit(Math.floor(whole / DAY), "day")} ${unit(Math.floor((whole % DAY) / HOUR), "hour")}`;
}

/** A delay: 340 -> "340 ms", 2345 -> "2.3 s" */
export function delay(milliseconds: number): string {
  if (milliseconds < 1000) return `${count(Math.round(milliseconds))} ms`;
  return `${tenths(milliseconds / 1000)} s`;
}

/** As `duration`, with tenths where they matter: 1.24 -> "1.2 s", 0.02 -> "a moment" */
export function span(seconds: number): string {
  if (seconds < 0.05) return t("moment");
  return seconds < 9.95 ? `${tenths(seconds)} s` : duration(seconds);
}

/** A moment in seconds since 1970 as the reader's time of day, with the day unless it is that of `now`. */
export function moment(at: number, now: number): string {
  const [when, today] = [new Date(at * 1000), new Date(now * 1000)];
  const time = when.toLocaleTimeString(language.locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  if (when.toDateString() === today.toDateString()) return time;
  return `${when.toLocaleDateString(language.locale, { day: "numeric", month: "short" })}, ${time}`;
}

/** 12345 -> "12,345" */
export function count(value: number): string {
  return formats().whole.format(value);
}

/** Makes a phrase a sentence: a capital first, a full stop last. */
export function sentence(phrase: string): string {
  const text = phrase.trim();
  if (text === "") return "";
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…。]$/.test(first) ? first : `${first}.`;
}

function scaled(value: number, units: readonly string[]): string {
  let amount = value;
  let step = 0;
  // 999.95 would round to "1000.0": it belongs to the next unit already.
  while (amount >= (step === 0 ? 1000 : 999.95) && step < units.length - 1) {
    amount /= 1000;
    step += 1;
  }
  return `${step === 0 ? Math.round(amount) : tenths(amount)} ${units[step] ?? ""}`;
}

function tenths(value: number): string {
  return formats().tenths.format(value);
}

function unit(value: number, name: "second" | "minute" | "hour" | "day"): string {
  return `${count(value)} ${t(`unit.${name}`)}`;
}

/** Made once a language: to make them takes far longer than to use them, and each second there are hundreds. */
function formats(): Formats {
  const locale = language.locale;
  if (made?.locale !== locale) {
    const one = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
    made = { locale, whole: new Intl.NumberFormat(locale), tenths: new Intl.NumberFormat(locale, one) };
  }
  return made;
}

interface Formats {
  locale: string;
  whole: Intl.NumberFormat;
  tenths: Intl.NumberFormat;
}

let made: Formats | undefined;

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
