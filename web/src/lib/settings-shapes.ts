// What the API takes and answers about what only the settings show.

export type WebhookFormat = "plain" | "discord" | "slack";

export type WebhookKind =
  | "stream.live"
  | "stream.held"
  | "stream.ended"
  | "stream.takeover"
  | "target.live"
  | "target.failing"
  | "target.blocked"
  | "target.recovered"
  | "target.warning"
  | "relay.trouble"
  | "test";

/** An address that is told what happens. */
export interface Webhook {
  id: number;
  name: string;
  /** Masked after the host. */
  url: string;
  format: WebhookFormat;
  kinds: WebhookKind[];
  /** The only stream it is told of; null for all. */
  stream_id: number | null;
  enabled: boolean;
  /** Switched off because its server said so. */
  is_gone: boolean;
  /** Until when the secret before this one counts, too: seconds since 1970. */
  old_secret_until: number | null;
  waiting: number;
  given_up: number;
}

export interface NewWebhook {
  name: string;
  url: string;
  format: WebhookFormat;
  kinds: WebhookKind[];
  stream_id: number | null;
  enabled: boolean;
}

/** The only answer that has the secret. */
export interface WebhookWithSecret {
  webhook: Webhook;
  secret: string;
}

/** One try to tell a webhook something. */
export interface Delivery {
  event_id: string;
  kind: WebhookKind;
  /** Seconds since 1970. */
  at: number;
  attempt: number;
  /** Of HTTP; null without an answer. */
  status: number | null;
  took_ms: number;
  /** Null if it was delivered. */
  error: string | null;
}

/** All that is wanted of a relay. What else is in it is the server's business. */
export interface ConfigurationDocument {
  streams?: unknown;
  webhooks?: unknown;
  sealed?: unknown;
}

export interface ImportOrder {
  document: ConfigurationDocument;
  passphrase?: string;
  /** Nothing is to be made. */
  dry_run?: true;
}

/** What was made of a document, or would be. */
export interface ImportResult {
  dry_run: boolean;
  streams: { name: string; target_count: number; has_new_key: boolean }[];
  webhooks: { name: string; has_new_secret: boolean }[];
  left_out: { what: "target" | "webhook" | "login"; name: string; stream: string | null; reason: string }[];
}

/** A copy of the database. */
export interface Backup {
  name: string;
  size: number;
  /** Seconds since 1970. */
  made_at: number;
}

export type Outcome = "asked" | "done" | "refused" | "failed";

/** Something that somebody asked for. */
export interface AuditEntry {
  id: number;
  /** Seconds since 1970. */
  at: number;
  actor: "user" | "token" | "operator" | "nobody";
  actor_name: string | null;
  address: string;
  /** What the API calls it. */
  action: string;
  subject: "stream" | "target" | "webhook" | "user" | "token" | "session" | null;
  subject_id: number | null;
  subject_name: string | null;
  fields: string[];
  outcome: Outcome;
}

/** What the relay was started with. */
export interface Settings {
  version: string;
  log: string;
  flags: { name: string; value: string }[];
}
