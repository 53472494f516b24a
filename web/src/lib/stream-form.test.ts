import { expect, test } from "vitest";

import type { Stream } from "./api";
import { editedStream, formOf } from "./stream-form";

const before = { name: "Main", hold_seconds: 60, takeover: "newest_if_silent", on_unpublish: "end" } as Stream;

test("an edit of nothing sends nothing", () => {
  expect(editedStream(before, formOf(before))).toEqual({});
});

test("an edit sends what was changed", () => {
  const form = { name: "Church", hold: " 0 ", takeover: "refuse" as const, onUnpublish: "hold" as const };
  expect(editedStream(before, form)).toEqual({
    name: "Church",
    hold_seconds: 0,
    takeover: "refuse",
    on_unpublish: "hold",
  });
});

test.each(["", "abc", "-1", "1.5", "1e3"])("a hold of %j is left to the server to refuse", (hold) => {
  expect(JSON.stringify(editedStream(before, { ...formOf(before), hold }))).toBe('{"hold_seconds":null}');
});
