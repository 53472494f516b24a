// Settings of which one is chosen, in plain words.

import type { BackupPolicy, OnUnpublish, StartMode, Takeover } from "./api";
import { t } from "./language.svelte";

/** One of several settings. */
export interface Choice<Value extends string> {
  value: Value;
  label: string;
  hint?: string;
}

/** When a target starts. */
export function startModes(): Choice<StartMode>[] {
  return [
    { value: "with_source", label: t("startMode.with_source"), hint: t("startMode.with_source_hint") },
    { value: "manual", label: t("startMode.manual"), hint: t("startMode.manual_hint") },
  ];
}

/** What a second address is for. */
export function backupPolicies(): Choice<BackupPolicy>[] {
  return [
    { value: "failover", label: t("backupPolicy.failover") },
    { value: "both", label: t("backupPolicy.both"), hint: t("backupPolicy.both_hint") },
  ];
}

/** What becomes of a second encoder. */
export function takeovers(): Choice<Takeover>[] {
  return [
    { value: "newest_if_silent", label: t("takeover.newest_if_silent"), hint: t("takeover.newest_if_silent_hint") },
    { value: "newest_wins", label: t("takeover.newest_wins"), hint: t("takeover.newest_wins_hint") },
    { value: "refuse", label: t("takeover.refuse"), hint: t("takeover.refuse_hint") },
  ];
}

/** What an encoder's goodbye means. */
export function goodbyes(): Choice<OnUnpublish>[] {
  return [
    { value: "end", label: t("onUnpublish.end") },
    { value: "hold", label: t("onUnpublish.hold"), hint: t("onUnpublish.hold_hint") },
  ];
}

/** How frames wait where nobody said how long. */
export function streamWait(): { word: string; hint: string } {
  return { word: t("wait.stream"), hint: t("wait.stream_hint") };
}

export function targetWait(): { word: string; hint: string } {
  return { word: t("wait.target"), hint: t("wait.target_hint") };
}
