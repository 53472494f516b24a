// What a filled-in target form asks of the API.

import type { BackupPolicy, NewTarget, StartMode, Target, TargetChanges } from "./api";
import type { AddressTest } from "./key-test";
import { bare, type Standby } from "./platforms";
import { changedTakes, formOfTakes, type TakesForm } from "./takes";
import { shownWait, typedWait } from "./wait";

export interface TargetForm {
  name: string;
  url: string;
  key: string;
  /** As whom to log in; empty for nobody. */
  user: string;
  password: string;
  enabled: boolean;
  startMode: StartMode;
  /** The platform's own second address is used, with the same key. */
  standby: boolean;
  backupUrl: string;
  backupKey: string;
  backupUser: string;
  backupPassword: string;
  backupPolicy: BackupPolicy;
  /** Milliseconds, as typed. */
  wait: string;
  takes: TakesForm;
  notes: string;
}

/** What is asked for where only the key is new. */
export type KeyForm = Pick<TargetForm, "key" | "url" | "user" | "password">;

/** The form of a target as it is, or of one to be added. Keys and passwords never come back. */
export function formOf(target: Target | null): TargetForm {
  return {
    name: target?.name ?? "",
    url: target?.url ?? "",
    key: "",
    user: target?.user ?? "",
    password: "",
    enabled: target?.enabled ?? true,
    startMode: target?.start_mode ?? "with_source",
    standby: false,
    backupUrl: target?.backup_url ?? "",
    backupKey: "",
    backupUser: target?.backup_user ?? "",
    backupPassword: "",
    backupPolicy: target?.backup_policy ?? "failover",
    wait: shownWait(target?.coalesce_ms ?? null),
    takes: formOfTakes(target?.takes ?? null),
    notes: target?.notes ?? "",
  };
}

/** Empties what was meant for one platform and would be wrong, or a secret given away, at another. */
export function leavePlatform(form: TargetForm): void {
  const { key, user, password, standby, backupUrl, backupKey, backupUser, backupPassword, takes } = formOf(null);
  Object.assign(form, { key, user, password, standby, backupUrl, backupKey, backupUser, backupPassword, takes });
}

/** Whether a target uses its platform's own second address. */
export function usesStandby(target: Target, standby: Standby | null): boolean {
  return standby !== null && target.backup_url === standby.url;
}

/**
 * Without a key the URL is taken as a whole one that ends with it; where the URL is known to have none,
 * an empty key is sent, to be refused.
 */
export function newTarget(form: TargetForm, standby: Standby | null = null, keyIsApart = false): NewTarget {
  const target: NewTarget = { name: form.name, url: form.url.trim(), start_mode: form.startMode };
  const key = form.key.trim();
  const wait = typedWait(form.wait);
  const user = form.user.trim();
  if (key || keyIsApart) target.key = key;
  if (user) target.user = user;
  if (form.password) target.password = form.password;
  if (wait !== null) target.coalesce_ms = wait;
  const takes = changedTakes(formOfTakes(null), form.takes);
  if (takes !== null) target.takes = takes;
  if (form.notes.trim()) target.notes = form.notes;
  return { ...target, ...newBackup(form, standby) };
}

function newBackup(form: TargetForm, standby: Standby | null): Partial<NewTarget> {
  const [key, backupUrl, backupKey] = [form.key, form.backupUrl, form.backupKey].map((text) => text.trim());
  if (form.standby && standby !== null) {
    const login = loginOf(form.user, form.password);
    return { backup_url: standby.url, backup_policy: standby.policy, ...(key ? { backup_key: key } : {}), ...login };
  }
  const typed = { ...(backupKey ? { backup_key: backupKey } : {}), ...loginOf(form.backupUser, form.backupPassword) };
  return backupUrl ? { ...typed, backup_url: backupUrl, backup_policy: form.backupPolicy } : typed;
}

function loginOf(user: string, password: string): Partial<NewTarget> {
  return { ...(user.trim() ? { backup_user: user.trim() } : {}), ...(password ? { backup_password: password } : {}) };
}

/**
 * Only what was changed: addresses are shown with parts of them masked, so an untouched one must not
 * be sent back, and an empty key field keeps the key.
 */
export function editedTarget(before: Target, form: TargetForm, standby: Standby | null = null): TargetChanges {
  const changes: TargetChanges = {};
  const [key, url] = [form.key.trim(), form.url.trim()];
  const wait = typedWait(form.wait);
  if (form.name !== before.name) changes.name = form.name;
  if (url !== before.url) changes.url = url;
  if (key !== "") changes.key = key;
  const user = form.user.trim() || null;
  if (user !== before.user) changes.user = user;
  if (form.password !== "") changes.password = form.password;
  if (form.enabled !== before.enabled) changes.enabled = form.enabled;
  if (form.startMode !== before.start_mode) changes.start_mode = form.startMode;
  if (wait !== before.coalesce_ms) changes.coalesce_ms = wait;
  const takes = changedTakes(formOfTakes(before.takes), form.takes);
  if (takes !== null) changes.takes = takes;
  if (form.notes !== before.notes) changes.notes = form.notes;
  return { ...changes, ...editedBackup(before, form, standby) };
}

function editedBackup(before: Target, form: TargetForm, standby: Standby | null): TargetChanges {
  const changes: TargetChanges = {};
  const uses = form.standby && standby !== null;
  const url = uses ? standby.url : form.backupUrl.trim() || null;
  const policy = uses ? standby.policy : form.backupPolicy;
  const key = (uses ? form.key : form.backupKey).trim();
  if (url !== before.backup_url) changes.backup_url = url;
  if (url !== null && policy !== before.backup_policy) changes.backup_policy = policy;
  if (key !== "") changes.backup_key = key;
  // The login goes with its address. One that never had an address is the server's to refuse.
  if (url === null && before.backup_url !== null) return changes;
  const user = (uses ? form.user : form.backupUser).trim() || null;
  const password = uses ? form.password : form.backupPassword;
  if (user !== before.backup_user) changes.backup_user = user;
  if (password !== "") changes.backup_password = password;
  return changes;
}

/** What the form would have tested: what is typed, and of a target that exists the rest as it is saved. */
export function testOf(before: Target | null, form: TargetForm, keyIsApart: boolean): AddressTest {
  const [key, url, user] = [form.key.trim(), form.url.trim(), form.user.trim()];
  const password = form.password ? { password: form.password } : {};
  if (before === null) {
    return { url, ...(key || keyIsApart ? { key } : {}), ...(user ? { user } : {}), ...password };
  }
  const changes = {
    ...(url === before.url ? {} : { url }),
    ...(key ? { key } : {}),
    ...((user || null) === before.user ? {} : { user: user || null }),
  };
  return { target_id: before.id, ...changes, ...password };
}

/** A new key for today, and where it comes with one another address, and another login in that. */
export function newKey(before: Target, { key, url, user, password }: KeyForm, standby: Standby | null): TargetChanges {
  const changes: TargetChanges = { key: key.trim() };
  if (user.trim() !== "") changes.user = user.trim();
  if (password !== "") changes.password = password;
  if (bare(url) !== before.url) changes.url = url.trim();
  if (usesStandby(before, standby)) changes.backup_key = key.trim();
  return changes;
}
