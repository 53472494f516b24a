// What the states are called on the page, and in which of its few colours they are shown.

import i18next from "i18next";

import type { BackupPolicy, Run, Source, StreamWithTargets, Target } from "./api";
import { bitrate, duration, sentence, span } from "./format";
import { language, t } from "./language.svelte";

/** good: on air. busy: it recovers by itself. act: a person is needed. idle: waits. off: does not run. */
export type Tone = "good" | "busy" | "act" | "idle" | "off";

/** What can be ordered of a target by the first of its buttons. */
export type Order = "enable" | "start" | "stop";

interface Look {
  word: string;
  tone: Tone;
}

/** A state this page does not know yet is shown by its name. */
export function targetLook(state: string): Look {
  const tone = TARGET_TONES.get(state);
  return tone === undefined ? unknown(state) : { word: t(`target.${state}` as "target.live"), tone };
}

export function sourceLook(state: string): Look {
  const tone = SOURCE_TONES.get(state);
  return tone === undefined ? unknown(state) : { word: t(`source.${state}` as "source.live"), tone };
}

/** "try 4", unless it is the first. */
export function tryWord(attempts: number): string | null {
  return attempts > 1 ? t("try", { count: attempts }) : null;
}

/** The number that goes with a connection's state. `now` in seconds since 1970, by the server's clock. */
export function runTiming(run: Run, now: number): string | null {
  if (run.state !== "live" || run.connected_since === null) return tryWord(run.attempts);
  return t("for", { time: duration(now - run.connected_since) });
}

/** What a target was before: "was live for 2 h 3 min" */
export function wasFor(state: string, seconds: number): string {
  const known = TARGET_TONES.has(state) ? t(`was.${state}` as "was.live") : targetLook(state).word;
  return t("wasFor", { state: known, time: span(seconds) });
}

/** What the first of a target's buttons does. */
export function nextOrder(target: Target): Order {
  if (!target.enabled) return "enable";
  return target.started ? "stop" : "start";
}

export function orderWord(order: Order): string {
  return t(`order.${order}`);
}

/**
 * Why it is in its state, and when it tries again. The server says it best, in English; in other languages
 * the kind of trouble is told. The wait is counted down here: the server's sentence was true when it was asked.
 */
export function reasonNow(run: Run, now: number): string {
  const why = saysItself() ? sentence(run.reason) : told(run);
  if (!canTryNow(run) || run.next_try_at === null) return why;
  const left = Math.ceil(run.next_try_at - now);
  return `${why.replace(/ Next try in [^.]*\.$/, "")} ${left < 1 ? t("nextTrySoon") : t("nextTry", { time: duration(left) })}`;
}

/** Whether the page is in the server's language. */
export function saysItself(): boolean {
  return language.code === "en";
}

function told({ state, step, kind }: Run): string {
  const keys = [`kind.${kind}`, `step.${step}`, `reason.${state}`];
  const known = keys.find((key) => i18next.exists(key));
  return known === undefined ? targetLook(state).word : t(known as "reason.live");
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
  return t(`backup.${url.trim() === "" ? "none" : policy}`);
}

/** Since when an encoder is live. */
export function sourceTiming(source: Source): string | null {
  return source.state === "live" ? t("for", { time: duration(source.for_seconds) }) : null;
}

/** `now` in seconds since 1970, by the server's clock. */
export function sourceSentence(source: Source, now: number): string {
  switch (source.state) {
    case "live": {
      const rate = bitrate(source.bits_per_second);
      return source.peer === null ? t("receiving", { rate }) : t("receivingFrom", { rate, peer: source.peer });
    }
    case "held": {
      if (source.held_until === null) return t("held");
      return t("heldFor", { time: duration(Math.ceil(source.held_until - now)) });
    }
    default:
      return t("waitingForEncoder");
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
  return t("liveCount", { live: live.length, all: targets.length });
}

/** Whether it has the stream, or is held ready for its return. */
export function isOnAir(target: Target): boolean {
  return connections(target).some((run) => run.state === "live" || run.state === "holding");
}

/** The connections of a target: one, or two where both of its addresses are fed. */
export function connections(target: Target): Run[] {
  return target.backup === null ? [target] : [target, target.backup];
}

function unknown(state: string): Look {
  return { word: state.replaceAll("_", " "), tone: "idle" };
}

const TARGET_TONES: ReadonlyMap<string, Tone> = new Map<string, Tone>([
  ["disabled", "off"],
  ["stopped", "off"],
  ["waiting_for_source", "idle"],
  ["resolving", "busy"],
  ["connecting", "busy"],
  ["tls", "busy"],
  ["publishing", "busy"],
  ["live", "good"],
  ["holding", "busy"],
  ["backing_off", "busy"],
  ["blocked", "act"],
  // Of a history.
  ["warned", "busy"],
  ["cleared", "good"],
]);

const SOURCE_TONES: ReadonlyMap<string, Tone> = new Map<string, Tone>([
  ["offline", "off"],
  ["live", "good"],
  ["held", "busy"],
]);
