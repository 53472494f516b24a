// Numbers as a person reads them. Units are decimal, as the network's are.

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
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min ${whole % MINUTE} s`;
  if (whole < DAY) return `${Math.floor(whole / HOUR)} h ${Math.floor((whole % HOUR) / MINUTE)} min`;
  return `${Math.floor(whole / DAY)} d ${Math.floor((whole % DAY) / HOUR)} h`;
}

/** A delay: 340 -> "340 ms", 2345 -> "2.3 s" */
export function delay(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** As `duration`, with tenths where they matter: 1.24 -> "1.2 s", 0.02 -> "a moment" */
export function span(seconds: number): string {
  if (seconds < 0.05) return "a moment";
  return seconds < 9.95 ? `${seconds.toFixed(1)} s` : duration(seconds);
}

/** A moment in seconds since 1970 as the reader's time of day, with the day unless it is that of `now`. */
export function moment(at: number, now: number): string {
  const [when, today] = [new Date(at * 1000), new Date(now * 1000)];
  const time = when.toLocaleTimeString(TIMES, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  if (when.toDateString() === today.toDateString()) return time;
  return `${when.toLocaleDateString(TIMES, { day: "numeric", month: "short" })}, ${time}`;
}

/** 12345 -> "12,345" */
export function count(value: number): string {
  return value.toLocaleString("en");
}

/** Makes a phrase a sentence: a capital first, a full stop last. */
export function sentence(phrase: string): string {
  const text = phrase.trim();
  if (text === "") return "";
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(first) ? first : `${first}.`;
}

function scaled(value: number, units: readonly string[]): string {
  let amount = value;
  let step = 0;
  // 999.95 would round to "1000.0": it belongs to the next unit already.
  while (amount >= (step === 0 ? 1000 : 999.95) && step < units.length - 1) {
    amount /= 1000;
    step += 1;
  }
  const number = step === 0 ? String(Math.round(amount)) : amount.toFixed(1);
  return `${number} ${units[step] ?? ""}`;
}

// English, with 24 hours.
const TIMES = "en-GB";
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
