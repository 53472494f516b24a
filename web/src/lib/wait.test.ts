import { expect, test } from "vitest";

import { shownWait, typedWait } from "./wait";

test.each([null, 0, 25, 100])("a wait of %j is typed as it is shown", (ms) => {
  expect(typedWait(shownWait(ms))).toBe(ms);
});

test("spaces around a wait say nothing", () => {
  expect(typedWait(" 25 ")).toBe(25);
  expect(typedWait("  ")).toBeNull();
});

test.each(["abc", "-1", "1.5", "1e1", "25 ms", "9".repeat(400)])("a wait of %j is left to the server to refuse", (text) => {
  expect(Number(JSON.stringify(typedWait(text)))).toBeGreaterThan(100);
});
