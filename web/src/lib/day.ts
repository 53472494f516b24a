// Moments that may be far away, in the language of the page.

import { moment } from "./format";
import { language } from "./language.svelte";

/** A day with its year, from seconds since 1970. */
export function day(at: number): string {
  return new Date(at * 1000).toLocaleDateString(language.locale, { day: "numeric", month: "short", year: "numeric" });
}

/** As `moment`, which leaves the year out; where that could be another one, the day is told instead. */
export function when(at: number, now: number): string {
  return Math.abs(at - now) < FAR ? moment(at, now) : day(at);
}

/** Ten months, in seconds. */
const FAR = 300 * 24 * 60 * 60;
