import { expect, test } from "vitest";

import type { Target } from "./api";
import { editedTarget, newTarget } from "./target-form";

const before = { name: "A", url: "rtmp://a/live?token=…" } as Target;

test("an empty key is left out, so that the URL is a whole one", () => {
  const form = { name: "A", url: " rtmp://a/live/k ", key: " ", enabled: true };
  expect(newTarget(form)).toEqual({ name: "A", url: "rtmp://a/live/k", enabled: true });
});

test("a pasted key loses the spaces around it", () => {
  const form = { name: "A", url: "rtmp://a/live", key: "k?x=1\n", enabled: false };
  expect(newTarget(form)).toMatchObject({ key: "k?x=1", enabled: false });
});

test("an edit sends what was changed, and never the masked URL", () => {
  const form = { name: "B", url: before.url, key: "", enabled: true };
  expect(editedTarget(before, form)).toEqual({ name: "B" });
  expect(editedTarget(before, { ...form, name: "A" })).toEqual({});
  expect(editedTarget(before, { ...form, url: "rtmp://b/live", key: "k" })).toEqual({
    name: "B",
    url: "rtmp://b/live",
    key: "k",
  });
});
