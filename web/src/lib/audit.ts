// The audit log in words.

import { en } from "../locales/en";
import { t } from "./language.svelte";
import type { AuditEntry } from "./settings-shapes";
import type { Tone } from "./words";

type Action = keyof typeof en.settings.audit.action;

/** What was asked for; what this page does not know is called as the API does. */
export function actionWord(action: string): string {
  return isKnown(action) ? t(`settings:audit.action.${action}`) : action;
}

export function actorWord({ actor, actor_name }: AuditEntry): string {
  if (actor === "operator") return t("settings:audit.operator");
  if (actor_name === null) return t("settings:audit.nobody");
  return actor === "token" ? t("settings:audit.token", { name: actor_name }) : actor_name;
}

/** What it was done to; null if to nothing that has a name or a number. */
export function subjectWord({ subject_name, subject_id }: AuditEntry): string | null {
  if (subject_name !== null) return subject_name;
  return subject_id === null ? null : t("settings:audit.numbered", { id: subject_id });
}

export function outcomeLook({ outcome }: AuditEntry): { tone: Tone; word: string } {
  return { tone: TONES[outcome], word: t(`settings:audit.outcome.${outcome}`) };
}

/** Those entries that have a text somewhere, as they are shown. */
export function matching(entries: readonly AuditEntry[], text: string): AuditEntry[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [...entries];
  return entries.filter((entry) => {
    const shown = [actionWord(entry.action), entry.action, actorWord(entry), subjectWord(entry) ?? "", entry.address];
    return [...shown, outcomeLook(entry).word, ...entry.fields].some((part) => part.toLowerCase().includes(wanted));
  });
}

function isKnown(action: string): action is Action {
  return Object.hasOwn(en.settings.audit.action, action);
}

const TONES = { asked: "idle", done: "off", refused: "idle", failed: "act" } as const;
