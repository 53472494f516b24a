// A target's events, as its history tells them.

import type { EndpointRole, TargetEvent } from "./api";

export interface Entry {
  id: number;
  /** Seconds since 1970. */
  at: number;
  state: string;
  /** What kind of failure it was, if one. */
  kind: string | null;
  /** What is minded, if it is a warning. */
  warning: string | null;
  reason: string;
  endpoint: EndpointRole | null;
  attempt: number;
  /** What the target was until then, and for how many seconds; of a warning that is over, how long it lasted. */
  before: { state: string; seconds: number };
  /** How often the same happened, one time after the other, the first of them then. */
  times: number;
  since: number;
}

/** Every event by itself; newest first, as they came. */
export function everyStep(events: readonly TargetEvent[]): Entry[] {
  return events.map((event) => entry(event, event.for_seconds ?? 0));
}

/** What is the same again and again, as a server that is down for a night, is one entry: the newest. */
export function together(entries: readonly Entry[]): Entry[] {
  const all: Entry[] = [];
  for (const entry of entries) {
    const newer = all.at(-1);
    if (newer !== undefined && isSame(newer, entry)) all[all.length - 1] = { ...newer, times: newer.times + entry.times, since: entry.since };
    else all.push(entry);
  }
  return all;
}

function isSame(one: Entry, other: Entry): boolean {
  if (one.kind === null) return false;
  return one.kind === other.kind && one.state === other.state && one.endpoint === other.endpoint && one.reason === other.reason;
}

/** Without the steps of each try, whose time is told with what they led to. */
export function withoutSteps(events: readonly TargetEvent[]): Entry[] {
  return events.flatMap((event, at) => {
    if (STEPS.has(event.state)) return [];
    return [entry(event, isStep(event.from) ? secondsOfTry(events.slice(at)) : (event.for_seconds ?? 0))];
  });
}

/** All of both, newest first, each once. */
export function merged(known: readonly TargetEvent[], more: readonly TargetEvent[]): TargetEvent[] {
  const all = new Map([...known, ...more].map((event) => [event.id, event]));
  return [...all.values()].sort((one, other) => other.id - one.id);
}

/** Those that are known with the newest, which is all of them unless `isFull`. Others may lie between: then the known ones go. */
export function withNewest(known: readonly TargetEvent[], newest: readonly TargetEvent[], isFull: boolean): TargetEvent[] {
  const ids = new Set(known.map(({ id }) => id));
  const isGap = isFull && !newest.some(({ id }) => ids.has(id));
  return merged(isGap ? [] : known, newest);
}

/** The newest that tells of a failure. */
export function lastFailure(events: readonly TargetEvent[]): TargetEvent | null {
  return events.find(({ kind }) => kind !== null) ?? null;
}

/** How long the try took that the first of these events ended. A try is at one address. */
function secondsOfTry(events: readonly TargetEvent[]): number {
  let seconds = 0;
  for (const event of events) {
    if (event.endpoint !== events[0]?.endpoint) continue;
    if (!isStep(event.from)) break;
    seconds += event.for_seconds ?? 0;
  }
  return seconds;
}

function entry({ id, at, state, kind, warning, reason, endpoint, attempt, from }: TargetEvent, seconds: number): Entry {
  const before = { state: from ?? state, seconds };
  return { id, at, state, kind, warning, reason, endpoint, attempt: attempt ?? 0, before, times: 1, since: at };
}

function isStep(state: string | null): boolean {
  return state !== null && STEPS.has(state);
}

const STEPS: ReadonlySet<string> = new Set(["resolving", "connecting", "tls", "publishing"]);
