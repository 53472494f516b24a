// What a filled-in target form asks of the API.

import type { BackupPolicy, NewTarget, StartMode, Target, TargetChanges } from "./api";
import { shownWait, typedWait } from "./wait";

export interface TargetForm {
  name: string;
  url: string;
  key: string;
  enabled: boolean;
  startMode: StartMode;
  backupUrl: string;
  backupKey: string;
  backupPolicy: BackupPolicy;
  /** Milliseconds, as typed. */
  wait: string;
}

/** The form of a target as it is, or of one to be added. Keys never come back. */
export function formOf(target: Target | null): TargetForm {
  return {
    name: target?.name ?? "",
    url: target?.url ?? "",
    key: "",
    enabled: target?.enabled ?? true,
    startMode: target?.start_mode ?? "with_source",
    backupUrl: target?.backup_url ?? "",
    backupKey: "",
    backupPolicy: target?.backup_policy ?? "failover",
    wait: shownWait(target?.coalesce_ms ?? null),
  };
}

/** Without a key the URL is taken as a whole one that ends with it. */
export function newTarget(form: TargetForm): NewTarget {
  const target: NewTarget = { name: form.name, url: form.url.trim(), start_mode: form.startMode };
  const [key, backupUrl, backupKey] = [form.key, form.backupUrl, form.backupKey].map((text) => text.trim());
  const wait = typedWait(form.wait);
  if (key) target.key = key;
  if (backupKey) target.backup_key = backupKey;
  if (wait !== null) target.coalesce_ms = wait;
  if (!backupUrl) return target;
  return { ...target, backup_url: backupUrl, backup_policy: form.backupPolicy };
}

/**
 * Only what was changed: addresses are shown with parts of them masked, so an untouched one must not
 * be sent back, and an empty key field keeps the key.
 */
export function editedTarget(before: Target, form: TargetForm): TargetChanges {
  const changes: TargetChanges = {};
  const [key, url, backupKey] = [form.key.trim(), form.url.trim(), form.backupKey.trim()];
  const backupUrl = form.backupUrl.trim() || null;
  const wait = typedWait(form.wait);
  if (form.name !== before.name) changes.name = form.name;
  if (url !== before.url) changes.url = url;
  if (key !== "") changes.key = key;
  if (form.enabled !== before.enabled) changes.enabled = form.enabled;
  if (form.startMode !== before.start_mode) changes.start_mode = form.startMode;
  if (backupUrl !== before.backup_url) changes.backup_url = backupUrl;
  if (backupKey !== "") changes.backup_key = backupKey;
  if (form.backupPolicy !== before.backup_policy) changes.backup_policy = form.backupPolicy;
  if (wait !== before.coalesce_ms) changes.coalesce_ms = wait;
  return changes;
}
