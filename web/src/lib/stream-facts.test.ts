import { expect, test } from "vitest";

import type { Stream } from "./api";
import { streamFacts } from "./stream-facts";

const STREAM = {
  hold_seconds: 60,
  takeover: "refuse",
  on_unpublish: "end",
  app: null,
  allow_from: [],
  ingest_user: null,
  coalesce_ms: null,
  notes: "",
} as unknown as Stream;

const values = (changes: Partial<Stream>) => streamFacts({ ...STREAM, ...changes }).map(({ value }) => value);

test("a stream's settings are told in words", () => {
  expect(values({})).toEqual([
    "Targets stay connected for 1 min 0 s.",
    "Refuse it",
    "End the broadcast",
    "Automatic",
    "Any",
    "Anywhere",
  ]);
  const set = { hold_seconds: 0, app: "studio", allow_from: ["10.0.0.0/8", "192.0.2.7/32"], coalesce_ms: 25, ingest_user: "organ", notes: "Ask Bo." };
  expect(values(set)).toEqual([
    "Targets are disconnected at once.",
    "Refuse it",
    "End the broadcast",
    "Up to 25 ms",
    "studio",
    "10.0.0.0/8, 192.0.2.7/32",
    "organ",
    "Ask Bo.",
  ]);
});
