// The calls that only the settings make; they are loaded with them.

import type { Api } from "./api";
import type {
  AuditEntry,
  Backup,
  ConfigurationDocument,
  Delivery,
  ImportOrder,
  ImportResult,
  NewWebhook,
  Settings,
  Webhook,
  WebhookWithSecret,
} from "./settings-shapes";

export async function listWebhooks(api: Api): Promise<Webhook[]> {
  return (await api.ask<{ webhooks: Webhook[] }>("GET", "/webhooks")).webhooks;
}

export function createWebhook(api: Api, webhook: NewWebhook): Promise<WebhookWithSecret> {
  return api.ask("POST", "/webhooks", webhook);
}

/** What is left out stays. */
export function updateWebhook(api: Api, id: number, changes: Partial<NewWebhook>): Promise<Webhook> {
  return api.ask("PATCH", `/webhooks/${id}`, changes);
}

export function removeWebhook(api: Api, id: number): Promise<void> {
  return api.ask("DELETE", `/webhooks/${id}`);
}

/** The secret before it counts for a day more. */
export function replaceWebhookSecret(api: Api, id: number): Promise<WebhookWithSecret> {
  return api.ask("POST", `/webhooks/${id}/secret`);
}

/** Posts at once. It is an answer, too, that this failed. */
export function testWebhook(api: Api, id: number): Promise<Delivery> {
  return api.ask("POST", `/webhooks/${id}/test`);
}

/** Newest first. */
export async function listDeliveries(api: Api, id: number): Promise<Delivery[]> {
  return (await api.ask<{ deliveries: Delivery[] }>("GET", `/webhooks/${id}/deliveries`)).deliveries;
}

/** Without secrets, unless there is a passphrase to seal them with. */
export function exportConfiguration(api: Api, passphrase: string | null): Promise<ConfigurationDocument> {
  return passphrase === null ? api.ask("GET", "/export") : api.ask("POST", "/export", { passphrase });
}

export function importConfiguration(api: Api, order: ImportOrder): Promise<ImportResult> {
  return api.ask("POST", "/import", order);
}

/** Newest first. */
export async function listBackups(api: Api): Promise<Backup[]> {
  return (await api.ask<{ backups: Backup[] }>("GET", "/backups")).backups;
}

export function makeBackup(api: Api): Promise<Backup> {
  return api.ask("POST", "/backup");
}

/** Where the browser finds a backup's file. */
export function backupAddress(name: string): string {
  return `/api/v1/backups/${encodeURIComponent(name)}`;
}

/** Newest first, of those before an entry if one is given. */
export async function listAudit(api: Api, before: number | null, limit: number): Promise<AuditEntry[]> {
  const from = before === null ? "" : `&before=${before}`;
  return (await api.ask<{ entries: AuditEntry[] }>("GET", `/audit?limit=${limit}${from}`)).entries;
}

export function settings(api: Api): Promise<Settings> {
  return api.ask("GET", "/settings");
}

export function changeLog(api: Api, log: string): Promise<Settings> {
  return api.ask("PATCH", "/settings", { log });
}
