// What a filled-in target form asks of the API.

import type { NewTarget, Target } from "./api";

export interface TargetForm {
  name: string;
  url: string;
  key: string;
  enabled: boolean;
}

/** Without a key the URL is taken as a whole one that ends with it. */
export function newTarget(form: TargetForm): NewTarget {
  const target = { name: form.name, url: form.url.trim(), enabled: form.enabled };
  const key = form.key.trim();
  return key === "" ? target : { ...target, key };
}

/**
 * Only what was changed: the URL is shown with parts of it masked, so an untouched one must not be
 * sent back, and an empty key field keeps the key.
 */
export function editedTarget(before: Target, form: TargetForm): Partial<NewTarget> {
  const changes: Partial<NewTarget> = {};
  const key = form.key.trim();
  const url = form.url.trim();
  if (form.name !== before.name) changes.name = form.name;
  if (url !== before.url) changes.url = url;
  if (key !== "") changes.key = key;
  return changes;
}
