// How much is logged: a level, or a filter of several.

import type { Choice } from "./choices";
import { t } from "./language.svelte";

export type Level = (typeof LEVELS)[number] | "custom";

export function levels(): Choice<Level>[] {
  return [
    { value: "error", label: t("settings:log.error") },
    { value: "warn", label: t("settings:log.warn") },
    { value: "info", label: t("settings:log.info"), hint: t("settings:log.info_hint") },
    { value: "debug", label: t("settings:log.debug"), hint: t("settings:log.debug_hint") },
    { value: "trace", label: t("settings:log.trace"), hint: t("settings:log.trace_hint") },
    { value: "custom", label: t("settings:log.custom"), hint: t("settings:log.custom_hint") },
  ];
}

/** Which of them a filter is. */
export function levelOf(filter: string): Level {
  const wanted = filter.trim().toLowerCase();
  return LEVELS.find((level) => level === wanted) ?? "custom";
}

/** The filter that was chosen. */
export function filterOf(level: Level, typed: string): string {
  return level === "custom" ? typed.trim() : level;
}

const LEVELS = ["error", "warn", "info", "debug", "trace"] as const;
