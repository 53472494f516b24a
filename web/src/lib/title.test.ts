import { expect, test } from "vitest";

import type { Status, TargetState } from "./api";
import { tabTitle } from "./title";

function status(...states: TargetState[]): Status {
  const targets = states.map((state) => ({ state, backup: null }));
  return { streams: [{ targets }] } as unknown as Status;
}

test("the tab says how many are live", () => {
  expect(tabTitle(status("live", "holding", "stopped"), false)).toEqual({ text: "● 2 live – splitcast", sign: "live" });
  expect(tabTitle(status("stopped"), false)).toEqual({ text: "splitcast", sign: "plain" });
  expect(tabTitle(null, false)).toEqual({ text: "splitcast", sign: "plain" });
});

test("who is needed sees that before all else", () => {
  expect(tabTitle(status("live", "blocked"), false)).toEqual({ text: "▲ 1 needs you – splitcast", sign: "act" });
  expect(tabTitle(status("blocked", "blocked"), false).text).toBe("▲ 2 need you – splitcast");
});

test("nothing is promised that nobody knows", () => {
  expect(tabTitle(status("live"), true)).toEqual({ text: "No connection – splitcast", sign: "lost" });
});
