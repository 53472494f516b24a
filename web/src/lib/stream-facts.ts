// How a stream treats its encoder, in words.

import type { Stream } from "./api";
import { goodbyes, takeovers } from "./choices";
import { delay, duration } from "./format";
import { t } from "./language.svelte";

/** Names of settings, and what they are set to. */
export function streamFacts(stream: Stream): { name: string; value: string }[] {
  const { hold_seconds, takeover, on_unpublish, app, allow_from, ingest_user, coalesce_ms, notes } = stream;
  const hold = t("settings:streams.holdFor", { time: duration(hold_seconds) });
  const wait = coalesce_ms === null ? t("settings:streams.waitAutomatic") : t("settings:streams.waitFor", { time: delay(coalesce_ms) });
  const labelOf = (choices: { value: string; label: string }[], chosen: string) =>
    choices.find(({ value }) => value === chosen)?.label ?? chosen;
  return [
    { name: t("settings:streams.hold"), value: hold_seconds === 0 ? t("settings:streams.holdNever") : hold },
    { name: t("settings:streams.takeover"), value: labelOf(takeovers(), takeover) },
    { name: t("settings:streams.goodbye"), value: labelOf(goodbyes(), on_unpublish) },
    { name: t("settings:streams.wait"), value: wait },
    { name: t("settings:streams.application"), value: app ?? t("settings:streams.anyApplication") },
    { name: t("settings:streams.from"), value: allow_from.length === 0 ? t("settings:streams.anywhere") : allow_from.join(", ") },
    ...(ingest_user === null ? [] : [{ name: t("settings:streams.user"), value: ingest_user }]),
    ...(notes === "" ? [] : [{ name: t("settings:streams.notes"), value: notes }]),
  ];
}
