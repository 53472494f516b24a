// What the states are called on the page, and in which of its few colours they are shown.

import type { Source, StreamWithTargets, Target } from "./api";
import { bitrate, countdown, duration } from "./format";

/** good: on air. busy: on its way, needs nobody. idle: waits for somebody. off: switched off. */
export type Tone = "good" | "busy" | "idle" | "off";

interface Look {
  word: string;
  tone: Tone;
}

/** A state this page does not know yet is shown by its name. */
export function targetLook(state: string): Look {
  return TARGET_LOOKS.get(state) ?? unknown(state);
}

export function sourceLook(state: string): Look {
  return SOURCE_LOOKS.get(state) ?? unknown(state);
}

/** The number that goes with a target's state: since when, or how long still. */
export function targetTiming(target: Target): string | null {
  if (target.next_try_in_seconds !== null) return countdown(target.next_try_in_seconds);
  return target.state === "live" ? `for ${duration(target.state_for_seconds)}` : null;
}

/** Since when an encoder is live. */
export function sourceTiming(source: Source): string | null {
  return source.state === "live" ? `for ${duration(source.for_seconds)}` : null;
}

export function sourceSentence(source: Source, bitsPerSecond: number | null): string {
  switch (source.state) {
    case "live": {
      const rate = bitsPerSecond === null ? [] : [bitrate(bitsPerSecond)];
      const from = source.peer === null ? [] : ["from", source.peer];
      return ["Receiving", ...rate, ...from].join(" ") + ".";
    }
    case "held":
      return `The encoder went away ${duration(source.for_seconds)} ago. Targets are held open so that it can come back.`;
    default:
      return "Waiting for your encoder to connect.";
  }
}

/** Whether stopping this target takes the stream off the air altogether. */
export function isLastOnAir(stream: StreamWithTargets, target: Target): boolean {
  if (stream.source.state === "offline" || !isOnAir(target)) return false;
  return !stream.targets.some((other) => other.id !== target.id && isOnAir(other));
}

/** "2 of 3 live" */
export function liveCount(targets: readonly Target[]): string {
  return `${targets.filter((target) => target.state === "live").length} of ${targets.length} live`;
}

/** Whether it has the stream, or is held ready for its return. */
export function isOnAir(target: Target): boolean {
  return target.state === "live" || target.state === "holding";
}

function unknown(state: string): Look {
  return { word: state.replaceAll("_", " "), tone: "idle" };
}

function looks(states: Record<string, Look>): ReadonlyMap<string, Look> {
  return new Map(Object.entries(states));
}

const TARGET_LOOKS = looks({
  disabled: { word: "Off", tone: "off" },
  waiting_for_source: { word: "Waiting", tone: "idle" },
  resolving: { word: "Connecting", tone: "busy" },
  connecting: { word: "Connecting", tone: "busy" },
  tls: { word: "Connecting", tone: "busy" },
  publishing: { word: "Connecting", tone: "busy" },
  live: { word: "Live", tone: "good" },
  holding: { word: "Holding", tone: "busy" },
  backing_off: { word: "Retrying", tone: "busy" },
});

const SOURCE_LOOKS = looks({
  offline: { word: "Encoder offline", tone: "off" },
  live: { word: "Encoder live", tone: "good" },
  held: { word: "Encoder lost, holding", tone: "busy" },
});
