import { describe, expect, test } from "vitest";

import type { Stream } from "./api";
import type { Webhook } from "./settings-shapes";
import { aboutWebhook, editedWebhook, KINDS, kindWord, newWebhook, webhookForm, webhookLook } from "./webhook-form";

const CREW: Webhook = {
  id: 1,
  name: "Crew",
  url: "https://example.com/…",
  format: "plain",
  kinds: ["target.failing", "test"],
  stream_id: null,
  enabled: true,
  is_gone: false,
  old_secret_until: null,
  waiting: 0,
  given_up: 0,
};
const MAIN = { id: 4, name: "Main" } as Stream;

describe("an edit", () => {
  test("of nothing sends nothing", () => expect(editedWebhook(CREW, webhookForm(CREW))).toEqual({}));

  test("sends what was changed", () => {
    const form = { ...webhookForm(CREW), url: "https://b.example/", kinds: ["stream.live" as const], stream: "4", enabled: false };
    const expected = { url: "https://b.example/", kinds: ["stream.live"], stream_id: 4, enabled: false };
    expect(editedWebhook(CREW, form)).toEqual(expected);
  });

  test("may lead back to all streams", () => {
    const one = { ...CREW, stream_id: 4 };
    expect(editedWebhook(one, { ...webhookForm(one), stream: "" })).toEqual({ stream_id: null });
  });

  test("does not care about the order of kinds", () => {
    const two: Webhook = { ...CREW, kinds: ["target.failing", "stream.live"] };
    expect(editedWebhook(two, { ...webhookForm(two), kinds: ["stream.live", "target.failing"] })).toEqual({});
  });
});

test("a new one is for all streams unless one is chosen", () => {
  const form = { ...webhookForm(null), name: "A", url: "https://a.example/" };
  expect(newWebhook(form)).toMatchObject({ name: "A", stream_id: null, enabled: true, format: "plain" });
  expect(newWebhook({ ...form, stream: "4" })).toMatchObject({ stream_id: 4 });
});

test("it says what it is told", () => {
  expect(aboutWebhook(CREW, [MAIN])).toEqual(["https://example.com/…", "Program", "1 kind of event", "All streams"]);
  const all = { ...CREW, kinds: [...KINDS], stream_id: 4 };
  expect(aboutWebhook(all, [MAIN]).slice(2)).toEqual(["All kinds of event", "Only Main"]);
  expect(aboutWebhook(all, [])).toContain("A stream that is gone");
});

test.each([
  [{}, "good"],
  [{ waiting: 2 }, "busy"],
  [{ enabled: false }, "off"],
  [{ enabled: false, is_gone: true }, "act"],
] as const)("%j looks %s", (changes, tone) => expect(webhookLook({ ...CREW, ...changes }).tone).toBe(tone));

test("every kind has a word", () => {
  for (const kind of [...KINDS, "test" as const]) expect(kindWord(kind)).not.toMatch(/^settings|webhooks\./);
});
