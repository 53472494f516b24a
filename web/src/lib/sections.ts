// The sections of the settings, in their order, and who sees which.

import type { Scope } from "./api";
import { t } from "./language.svelte";

export interface Section {
  id: SectionId;
  label: string;
}

/** The sections that are for who reaches as far as `may` says. */
export function sectionsFor(may: (scope: Scope) => boolean): Section[] {
  return IDS.filter((id) => may(NEEDS[id])).map((id) => ({ id, label: t(`settings:section.${id}`) }));
}

export function isSection(id: string): id is SectionId {
  return Object.hasOwn(NEEDS, id);
}

/** The scope that the API wants for what a section shows. */
const NEEDS = {
  account: "read",
  streams: "edit",
  webhooks: "read",
  people: "admin",
  tokens: "admin",
  audit: "admin",
  transfer: "admin",
  log: "admin",
  about: "read",
} as const satisfies Record<string, Scope>;

export type SectionId = keyof typeof NEEDS;

const IDS = Object.keys(NEEDS) as SectionId[];
