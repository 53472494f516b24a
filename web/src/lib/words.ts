// What the states are called on the page, and in which of its few colours they are shown.

import type { BackupPolicy, OnUnpublish, Run, Source, StartMode, StreamWithTargets, Takeover, Target } from "./api";
import { bitrate, duration, sentence, span } from "./format";

/** good: on air. busy: on its way, needs nobody. warn: needs somebody. idle: waits. off: does not run. */
export type Tone = "good" | "busy" | "warn" | "idle" | "off";

/** What can be ordered of a target by the first of its buttons. */
export type Order = "enable" | "start" | "stop";

/** One of several settings, in plain words. */
export interface Choice<Value extends string> {
  value: Value;
  label: string;
  hint?: string;
}

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

/** "try 4", unless it is the first. */
export function tryWord(attempts: number): string | null {
  return attempts > 1 ? `try ${attempts}` : null;
}

/** The number that goes with a connection's state. `now` in seconds since 1970, by the server's clock. */
export function runTiming(run: Run, now: number): string | null {
  if (run.state !== "live" || run.connected_since === null) return tryWord(run.attempts);
  return `for ${duration(now - run.connected_since)}`;
}

/** What a target was before: "was live for 2 h 3 min" */
export function wasFor(state: string, seconds: number): string {
  return `was ${WAS.get(state) ?? targetLook(state).word.toLowerCase()} for ${span(seconds)}`;
}

/** What the first of a target's buttons does. */
export function nextOrder(target: Target): Order {
  if (!target.enabled) return "enable";
  return target.started ? "stop" : "start";
}

export function orderWord(order: Order): string {
  return ORDERS[order];
}

/** Why it is in its state. The wait is counted down here: the server's sentence was true when it was asked. */
export function reasonNow(run: Run, now: number): string {
  const said = sentence(run.reason);
  if (!canTryNow(run) || run.next_try_at === null) return said;
  const left = Math.ceil(run.next_try_at - now);
  const wait = left < 1 ? "a moment" : duration(left);
  return `${said.replace(/ Next try in [^.]*\.$/, "")} Next try in ${wait}.`;
}

/** Whether it waits for a next try, which may come at once. */
export function canTryNow(run: Run): boolean {
  return run.state === "backing_off" || run.state === "blocked";
}

/** The address in use, or the one that will be. */
export function addressInUse(target: Target): string {
  return isOnBackup(target) ? (target.backup_url ?? target.url) : target.url;
}

/** Whether the second address stands in for the first. */
export function isOnBackup(target: Target): boolean {
  return target.backup === null && target.endpoint === "backup";
}

/** "Backup address: if the first fails" */
export function backupTitle(url: string, policy: BackupPolicy): string {
  const use = policy === "both" ? "both at once" : "if the first fails";
  return `Backup address: ${url.trim() === "" ? "none" : use}`;
}

/** Since when an encoder is live. */
export function sourceTiming(source: Source): string | null {
  return source.state === "live" ? `for ${duration(source.for_seconds)}` : null;
}

/** `now` in seconds since 1970, by the server's clock. */
export function sourceSentence(source: Source, now: number): string {
  switch (source.state) {
    case "live": {
      const from = source.peer === null ? "" : ` from ${source.peer}`;
      return `Receiving ${bitrate(source.bits_per_second)}${from}.`;
    }
    case "held": {
      const left = source.held_until === null ? "" : ` for ${duration(Math.ceil(source.held_until - now))} more`;
      return `Targets are held${left}.`;
    }
    default:
      return "Waiting for your encoder to connect.";
  }
}

/** Whether stopping this target takes the stream off the air altogether. */
export function isLastOnAir(stream: StreamWithTargets, target: Target): boolean {
  if (stream.source.state === "offline" || !isOnAir(target)) return false;
  return !stream.targets.some((other) => other.id !== target.id && isOnAir(other));
}

/** Whether stopping all targets takes something off the air. */
export function isAnyOnAir(stream: StreamWithTargets): boolean {
  return stream.source.state !== "offline" && stream.targets.some(isOnAir);
}

/** "2 of 3 live" */
export function liveCount(targets: readonly Target[]): string {
  const live = targets.filter((target) => connections(target).some((run) => run.state === "live"));
  return `${live.length} of ${targets.length} live`;
}

/** Whether it has the stream, or is held ready for its return. */
export function isOnAir(target: Target): boolean {
  return connections(target).some((run) => run.state === "live" || run.state === "holding");
}

function connections(target: Target): Run[] {
  return target.backup === null ? [target] : [target, target.backup];
}

function unknown(state: string): Look {
  return { word: state.replaceAll("_", " "), tone: "idle" };
}

function looks(states: Record<string, Look>): ReadonlyMap<string, Look> {
  return new Map(Object.entries(states));
}

const TARGET_LOOKS = looks({
  disabled: { word: "Off", tone: "off" },
  stopped: { word: "Stopped", tone: "off" },
  waiting_for_source: { word: "Waiting", tone: "idle" },
  resolving: { word: "Connecting", tone: "busy" },
  connecting: { word: "Connecting", tone: "busy" },
  tls: { word: "Connecting", tone: "busy" },
  publishing: { word: "Connecting", tone: "busy" },
  live: { word: "Live", tone: "good" },
  holding: { word: "Holding", tone: "busy" },
  backing_off: { word: "Retrying", tone: "busy" },
  blocked: { word: "Needs you", tone: "warn" },
});

/** Where the state's word does not go with "was". */
const WAS: ReadonlyMap<string, string> = new Map([["blocked", "stuck"]]);

const ORDERS: Record<Order, string> = { enable: "Switch on", start: "Start", stop: "Stop" };

const SOURCE_LOOKS = looks({
  offline: { word: "Encoder offline", tone: "off" },
  live: { word: "Encoder live", tone: "good" },
  held: { word: "Encoder away", tone: "busy" },
});

/** When a target starts. */
export const START_MODES: readonly Choice<StartMode>[] = [
  { value: "with_source", label: "With the encoder", hint: "It goes live whenever your encoder does." },
  { value: "manual", label: "By hand", hint: "It goes live when you press Start, for that broadcast." },
];

/** What a second address is for. */
export const BACKUP_POLICIES: readonly Choice<BackupPolicy>[] = [
  { value: "failover", label: "If the first fails" },
  { value: "both", label: "Both at once", hint: "For platforms that take two, as YouTube with its primary and backup server." },
];

/** How frames wait where nobody said how long. */
export const STREAM_WAIT = { word: "Automatic", hint: "Left empty, only sound waits, and never longer than 10 ms." };
export const TARGET_WAIT = { word: "As the stream", hint: "Left empty, the settings of the stream count." };

/** What becomes of a second encoder. */
export const TAKEOVERS: readonly Choice<Takeover>[] = [
  { value: "newest_if_silent", label: "Let it in if the first is silent", hint: "The first must have sent nothing for two seconds." },
  { value: "newest_wins", label: "Always let it in", hint: "It replaces the first at once." },
  { value: "refuse", label: "Refuse it", hint: "Until the first is gone." },
];

/** What an encoder's goodbye means. */
export const ON_UNPUBLISH: readonly Choice<OnUnpublish>[] = [
  { value: "end", label: "End the broadcast" },
  { value: "hold", label: "Hold the targets", hint: "For encoders that say they stop when only their network failed." },
];
