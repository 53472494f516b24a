import { expect, test } from "vitest";

import type { Stream } from "./api";
import { editedStream, formOf } from "./stream-form";

const before = {
  name: "Main",
  hold_seconds: 60,
  takeover: "newest_if_silent",
  on_unpublish: "end",
  coalesce_ms: null,
  app: null,
  allow_from: ["10.0.0.0/8"],
  ingest_user: null,
  notes: "",
} as unknown as Stream;

test("an edit of nothing sends nothing", () => {
  expect(editedStream(before, formOf(before))).toEqual({});
});

test("an edit sends what was changed", () => {
  const form = {
    name: "Church",
    hold: " 0 ",
    takeover: "refuse" as const,
    onUnpublish: "hold" as const,
    wait: "25",
    app: " studio ",
    from: "192.0.2.7, 2001:db8::/32\n\n",
    user: " organ ",
    password: " loud ",
    notes: "Ask the organist.",
  };
  expect(editedStream(before, form)).toEqual({
    name: "Church",
    hold_seconds: 0,
    takeover: "refuse",
    on_unpublish: "hold",
    coalesce_ms: 25,
    app: "studio",
    allow_from: ["192.0.2.7", "2001:db8::/32"],
    ingest_user: "organ",
    ingest_password: " loud ",
    notes: "Ask the organist.",
  });
});

test("what was emptied is emptied", () => {
  const set = { ...before, app: "studio", notes: "x" };
  expect(editedStream(set, { ...formOf(set), app: " ", from: "", notes: "" })).toEqual({ app: null, allow_from: [], notes: "" });
});

test("a password is kept until another is typed, and forgotten with its user", () => {
  const set = { ...before, ingest_user: "organ", has_ingest_password: true };
  expect(editedStream(set, formOf(set))).toEqual({});
  expect(editedStream(set, { ...formOf(set), password: "new" })).toEqual({ ingest_password: "new" });
  expect(editedStream(set, { ...formOf(set), user: " " })).toEqual({ ingest_user: null });
});

test("a wait that was emptied is left open again", () => {
  const set = { ...before, coalesce_ms: 0 };
  expect(editedStream(set, formOf(set))).toEqual({});
  expect(editedStream(set, { ...formOf(set), wait: "" })).toEqual({ coalesce_ms: null });
});

test.each(["", "abc", "-1", "1.5", "1e3"])("a hold of %j is left to the server to refuse", (hold) => {
  expect(JSON.stringify(editedStream(before, { ...formOf(before), hold }))).toBe('{"hold_seconds":null}');
});
