// Webhooks in words, and what a filled-in form asks of the API.

import type { Stream } from "./api";
import type { Choice } from "./choices";
import { t } from "./language.svelte";
import type { NewWebhook, Webhook, WebhookFormat, WebhookKind } from "./settings-shapes";
import type { Tone } from "./words";

export interface WebhookForm {
  name: string;
  /** Empty keeps the one it has. */
  url: string;
  format: WebhookFormat;
  kinds: WebhookKind[];
  /** A stream's number; empty is all. */
  stream: string;
  enabled: boolean;
}

/** The form of a webhook, or of one that is to be made. */
export function webhookForm(webhook: Webhook | null): WebhookForm {
  if (webhook === null) return { name: "", url: "", format: "plain", kinds: [...USUAL], stream: "", enabled: true };
  const { name, format, kinds, stream_id, enabled } = webhook;
  return { name, url: "", format, kinds: kinds.filter((kind) => kind !== "test"), stream: String(stream_id ?? ""), enabled };
}

export function newWebhook({ stream, ...form }: WebhookForm): NewWebhook {
  return { ...form, stream_id: stream === "" ? null : Number(stream) };
}

/** Only what was changed. */
export function editedWebhook(before: Webhook, form: WebhookForm): Partial<NewWebhook> {
  const shown = webhookForm(before);
  const changes: Partial<NewWebhook> = {};
  if (form.name !== shown.name) changes.name = form.name;
  if (form.url !== "") changes.url = form.url;
  if (form.format !== shown.format) changes.format = form.format;
  if ([...form.kinds].sort().join() !== [...shown.kinds].sort().join()) changes.kinds = form.kinds;
  if (form.stream !== shown.stream) changes.stream_id = form.stream === "" ? null : Number(form.stream);
  if (form.enabled !== shown.enabled) changes.enabled = form.enabled;
  return changes;
}

export function formats(): Choice<WebhookFormat>[] {
  return FORMATS.map((value) => ({
    value,
    label: t(`settings:webhooks.formatLabel.${value}`),
    hint: t(`settings:webhooks.formatHint.${value}`),
  }));
}

export function kindWord(kind: WebhookKind): string {
  return t(`settings:webhooks.kind.${KIND_KEYS[kind]}`);
}

/** What is known of a webhook. */
export function aboutWebhook({ url, format, kinds, stream_id }: Webhook, streams: readonly Stream[]): string[] {
  const stream = streams.find(({ id }) => id === stream_id);
  const only = stream === undefined ? t("settings:webhooks.goneStream") : t("settings:webhooks.oneStream", { stream: stream.name });
  const told = kinds.filter((kind) => kind !== "test").length;
  return [
    url,
    t(`settings:webhooks.formatLabel.${format}`),
    told === KINDS.length ? t("settings:webhooks.everyKind") : t("settings:webhooks.kindCount", { count: told }),
    stream_id === null ? t("settings:webhooks.allStreams") : only,
  ];
}

/** How it does: green tells, blue tries again by itself, red needs somebody. */
export function webhookLook({ enabled, is_gone, waiting }: Webhook): { tone: Tone; word: string } {
  if (is_gone) return { tone: "act", word: t("settings:webhooks.state.gone") };
  if (!enabled) return { tone: "off", word: t("settings:webhooks.state.off") };
  if (waiting > 0) return { tone: "busy", word: t("settings:webhooks.state.waiting") };
  return { tone: "good", word: t("settings:webhooks.state.on") };
}

const FORMATS: readonly WebhookFormat[] = ["plain", "discord", "slack"];

const KIND_KEYS = {
  "stream.live": "stream_live",
  "stream.held": "stream_held",
  "stream.ended": "stream_ended",
  "stream.takeover": "stream_takeover",
  "target.live": "target_live",
  "target.failing": "target_failing",
  "target.blocked": "target_blocked",
  "target.recovered": "target_recovered",
  "target.warning": "target_warning",
  "relay.trouble": "relay_trouble",
  test: "test",
} as const satisfies Record<WebhookKind, string>;

/** What can be chosen; a test is told to all. */
export const KINDS = (Object.keys(KIND_KEYS) as WebhookKind[]).filter((kind) => kind !== "test");

/** What most want to hear of. */
const USUAL: readonly WebhookKind[] = ["target.failing", "target.blocked", "target.recovered", "relay.trouble"];
