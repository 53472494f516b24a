// A target's events, as its history tells them.

import type { EndpointRole, TargetEvent } from "./api";

export interface Entry {
  id: number;
  /** Seconds since 1970. */
  at: number;
  state: string;
  reason: string;
  endpoint: EndpointRole;
  attempt: number;
  /** What the target was until then, and for how many seconds. */
  before: { state: string; seconds: number };
}

/** Every event by itself; newest first, as they came. */
export function everyStep(events: readonly TargetEvent[]): Entry[] {
  return events.map((event) => entry(event, event.for_seconds));
}

/** Without the steps of each try, whose time is told with what they led to. */
export function withoutSteps(events: readonly TargetEvent[]): Entry[] {
  return events.flatMap((event, at) => {
    if (STEPS.has(event.state)) return [];
    return [entry(event, STEPS.has(event.from) ? secondsOfTry(events.slice(at)) : event.for_seconds)];
  });
}

/** How long the try took that the first of these events ended. A try is at one address. */
function secondsOfTry(events: readonly TargetEvent[]): number {
  let seconds = 0;
  for (const event of events) {
    if (event.endpoint !== events[0]?.endpoint) continue;
    if (!STEPS.has(event.from)) break;
    seconds += event.for_seconds;
  }
  return seconds;
}

function entry({ id, at, state, reason, endpoint, attempt, from }: TargetEvent, seconds: number): Entry {
  return { id, at, state, reason, endpoint, attempt, before: { state: from, seconds } };
}

const STEPS: ReadonlySet<string> = new Set(["resolving", "connecting", "tls", "publishing"]);
