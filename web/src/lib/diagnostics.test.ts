import { expect, test } from "vitest";

import type { TargetEvent, Warning } from "./api";
import { diagnostics } from "./diagnostics";
import { run, stream, target } from "./fixtures";

const EVENT: TargetEvent = {
  id: 1,
  at: 1_767_225_600,
  endpoint: "primary",
  from: "publishing",
  for_seconds: 0.2,
  state: "backing_off",
  kind: "publish_rejected",
  warning: null,
  reason: "No such key.\nlast events: none",
  attempt: 3,
};

function told(events: TargetEvent[], more = {}) {
  const one = target(7, "live", { connected_since: 1_767_225_540, notes: "ask Bob", ...more });
  return diagnostics({ version: "0.1.0", stream: stream("live", [one]), target: one, events, now: 1_767_225_600 });
}

test("diagnostics tell how a target does and what happened to it", () => {
  const text = told([EVENT]);
  for (const part of [
    "splitcast 0.1.0, target 7, 2026-01-01T00:00:00.000Z",
    "address: rtmp://a/live",
    "connection: live (primary), connected for 60 s",
    "primary publishing for 0.2 s -> backing_off (publish_rejected, try 3): No such key. last events: none",
  ]) {
    expect(text).toContain(part);
  }
  expect(told([])).toContain("last events: none");
});

test("diagnostics tell what is minded, now and before", () => {
  const high = { kind: "bitrate_high", severity: "bad", for_seconds: 5, reason: "It is\n8 Mbit/s." } as Warning;
  const event = { ...EVENT, state: "warned", warning: "bitrate_high", kind: null, reason: "It was." } as TargetEvent;
  const text = told([event], { warnings: [high] });
  expect(text).toContain("warning: bitrate_high (bad) for 5 s: It is 8 Mbit/s.");
  expect(text).toContain("warned: bitrate_high: It was.");
});

test("diagnostics tell of a second connection", () => {
  const both = told([], { backup_url: "rtmp://b/live", backup_policy: "both", backup: run("blocked", { endpoint: "backup" }) });
  expect(both).toContain("backup: rtmp://b/live (both)");
  expect(both).toContain("second connection: blocked (backup)");
});

test("diagnostics keep quiet of what is nobody's business, and let a server write no lines of its own", () => {
  const text = told([EVENT]);
  expect(text).not.toContain("ask Bob");
  expect(text).not.toContain("192.0.2.1");
  expect(text.split("\n").filter((line) => line.startsWith("last events"))).toEqual(["last events:"]);
});

test("diagnostics hold no more than the last events", () => {
  const many = Array.from({ length: 50 }, (_, id) => ({ ...EVENT, id }));
  expect(told(many).split("\n").filter((line) => line.includes("publish_rejected"))).toHaveLength(20);
});
