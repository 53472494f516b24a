// What all of a relay's streams and targets come to: what is sent, what would be, and who needs somebody.

import type { Run, StreamWithTargets, Target } from "./api";
import { connections, targetLook, type Tone } from "./words";

export interface Uplink {
  /** Bits per second that are sent. */
  used: number;
  /** Bits per second once every target that should run takes what its encoder sends. */
  needed: number;
  /** The part of that which targets that are live should be taking. */
  expected: number;
}

/** What the relay's own connection to the world has to carry. Streams without their encoder need nothing now. */
export function uplink(streams: readonly StreamWithTargets[]): Uplink {
  const sum: Uplink = { used: 0, needed: 0, expected: 0 };
  for (const { source, targets } of streams) {
    const runs = targets.flatMap(connections);
    const live = runs.filter((run) => run.state === "live");
    for (const run of live) sum.used += run.bits_per_second;
    if (source.state !== "live") continue;
    sum.needed += source.bits_per_second * runs.filter(isWanted).length;
    sum.expected += source.bits_per_second * live.length;
  }
  return sum;
}

/** Whether clearly less leaves than live targets should take: a rate varies by itself. */
export function isShort({ used, expected }: Uplink): boolean {
  return used < 0.8 * expected;
}

/** How many targets are in each colour, worst first; those without any are left out. */
export function tally(targets: readonly Target[]): { tone: Tone; count: number }[] {
  const tones = targets.map(worst);
  return WORST_FIRST.map((tone) => ({ tone, count: tones.filter((other) => other === tone).length })).filter(
    ({ count }) => count > 0,
  );
}

/** The colour of the worse of a target's connections. */
export function worst(target: Target): Tone {
  const tones = connections(target).map((run) => targetLook(run.state).tone);
  return WORST_FIRST.find((tone) => tones.includes(tone)) ?? "idle";
}

/** The ids with one of them a place earlier (-1) or later (+1). */
export function moved(ids: readonly number[], id: number, by: -1 | 1): number[] {
  const from = ids.indexOf(id);
  const to = from + by;
  if (from < 0 || to < 0 || to >= ids.length) return [...ids];
  const others = ids.filter((other) => other !== id);
  return [...others.slice(0, to), id, ...others.slice(to)];
}

function isWanted({ state }: Run): boolean {
  return state !== "disabled" && state !== "stopped";
}

const WORST_FIRST: readonly Tone[] = ["act", "busy", "good", "idle", "off"];
