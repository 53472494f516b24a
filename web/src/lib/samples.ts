// A number as it was in the last ten minutes: what the relay remembers, and then what it tells each second.

/** The seconds that are shown. */
export const SHOWN_SECONDS = 600;

/** The seconds that one value stands for. */
const EVERY_SECONDS = 2;

const SHOWN = SHOWN_SECONDS / EVERY_SECONDS;

/** One number over time. */
export class Track {
  readonly #values = new Map<number, number>();
  readonly #and: (before: number, later: number) => number;

  /** `and` makes one value of two that fall together; unless given, the later counts. */
  constructor(and: (before: number, later: number) => number = (_, later) => later) {
    this.#and = and;
  }

  /** Begins anew with what the relay remembers, oldest first, the newest of `at`. */
  load(at: number, values: readonly (number | null)[]): void {
    this.#values.clear();
    const newest = slot(at);
    values.forEach((value, index) => {
      if (value !== null) this.#values.set(newest - (values.length - 1 - index), value);
    });
  }

  /** Takes note of how it is at a time, in seconds since 1970. */
  note(at: number, value: number): void {
    const before = this.#values.get(slot(at));
    this.#values.set(slot(at), before === undefined ? value : this.#and(before, value));
    for (const old of this.#values.keys()) if (old <= slot(at) - SHOWN) this.#values.delete(old);
  }

  /** The values of the ten minutes until `now`, oldest first, null where there is none. */
  until(now: number): (number | null)[] {
    const newest = slot(now);
    const at = (index: number) => this.#values.get(newest - SHOWN + 1 + index);
    // Where one clock meets the other a single value may be missing, though nothing was.
    return Array.from({ length: SHOWN }, (_, index) => at(index) ?? (at(index + 1) === undefined ? null : (at(index - 1) ?? null)));
  }
}

/** When the values of `until` were, in seconds from `now`. */
export const AGES: readonly number[] = Array.from({ length: SHOWN }, (_, index) => (index + 1 - SHOWN) * EVERY_SECONDS);

/** What is to be said of values in one sentence. */
export interface Summary {
  least: number;
  most: number;
  average: number;
  /** How long there was something, in seconds. */
  seconds: number;
}

/** Null where there is nothing to be said. */
export function summary(values: readonly (number | null)[]): Summary | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const sum = known.reduce((total, value) => total + value, 0);
  return {
    least: Math.min(...known),
    most: Math.max(...known),
    average: sum / known.length,
    seconds: known.length * EVERY_SECONDS,
  };
}

function slot(at: number): number {
  return Math.floor(at / EVERY_SECONDS);
}
