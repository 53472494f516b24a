// How far somebody is on the way to their first broadcast.

import type { StreamWithTargets } from "./api";
import { isOnAir } from "./words";

/** none: there is no target. waiting: it starts with the encoder. away: something else keeps it off the air. */
export type TargetStep = "none" | "waiting" | "away" | "live";

export function targetStep({ targets }: StreamWithTargets): TargetStep {
  if (targets.length === 0) return "none";
  if (targets.some(isOnAir)) return "live";
  return targets.some((target) => target.state === "waiting_for_source") ? "waiting" : "away";
}
