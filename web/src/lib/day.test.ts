import { expect, test } from "vitest";

import { day, when } from "./day";

const NOON = Date.UTC(2026, 0, 15, 12) / 1000;
const DAY = 24 * 60 * 60;

test("a day has its year", () => expect(day(NOON)).toBe("15 Jan 2026"));

test("what is far away is told by its day", () => {
  expect(when(NOON + 365 * DAY, NOON)).toBe("15 Jan 2027");
  expect(when(NOON - 400 * DAY, NOON)).toMatch(/2024$/);
  expect(when(NOON, NOON)).toMatch(/^\d\d:\d\d:\d\d$/);
  expect(when(NOON - 20 * DAY, NOON)).toMatch(/^26 Dec, /);
});
