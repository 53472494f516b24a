// What a filled-in stream form asks of the API.

import type { OnUnpublish, Stream, StreamChanges, Takeover } from "./api";
import { shownWait, typedWait } from "./wait";

export interface StreamForm {
  name: string;
  /** Seconds, as typed. */
  hold: string;
  takeover: Takeover;
  onUnpublish: OnUnpublish;
  /** Milliseconds, as typed. */
  wait: string;
  /** The part of the address that encoders must use; empty is any. */
  app: string;
  /** Addresses and networks, one on each line. */
  from: string;
  /** As whom encoders must log in; empty for nobody. */
  user: string;
  password: string;
  notes: string;
}

export function formOf(stream: Stream): StreamForm {
  return {
    name: stream.name,
    hold: String(stream.hold_seconds),
    takeover: stream.takeover,
    onUnpublish: stream.on_unpublish,
    wait: shownWait(stream.coalesce_ms),
    app: stream.app ?? "",
    from: stream.allow_from.join("\n"),
    user: stream.ingest_user ?? "",
    password: "",
    notes: stream.notes,
  };
}

/** Only what was changed. A hold that is no number is sent as none, which the server refuses in its own words. */
export function editedStream(before: Stream, form: StreamForm): StreamChanges {
  const changes: StreamChanges = {};
  const wait = typedWait(form.wait);
  const hold = /^\d+$/.test(form.hold.trim()) ? Number(form.hold) : NaN;
  if (form.name !== before.name) changes.name = form.name;
  if (hold !== before.hold_seconds) changes.hold_seconds = hold;
  if (form.takeover !== before.takeover) changes.takeover = form.takeover;
  if (form.onUnpublish !== before.on_unpublish) changes.on_unpublish = form.onUnpublish;
  if (wait !== before.coalesce_ms) changes.coalesce_ms = wait;
  const app = form.app.trim() === "" ? null : form.app.trim();
  if (app !== before.app) changes.app = app;
  const places = placesOf(form.from);
  if (places.join("\n") !== before.allow_from.join("\n")) changes.allow_from = places;
  const user = form.user.trim() || null;
  if (user !== before.ingest_user) changes.ingest_user = user;
  if (form.password !== "") changes.ingest_password = form.password;
  if (form.notes !== before.notes) changes.notes = form.notes;
  return changes;
}

/** Addresses as people list them: on lines, or with commas. */
function placesOf(text: string): string[] {
  return text.split(/[\s,;]+/).filter((place) => place !== "");
}
