import { describe, expect, test } from "vitest";

import { ServerClock } from "./clock";

const NOON = Date.parse("2026-01-01T12:00:00Z");

function at(ms: number): string {
  return new Date(ms).toUTCString();
}

describe("the server's clock", () => {
  test("is the page's until an answer tells it", () => {
    const clock = new ServerClock();
    clock.told(null, NOON);
    clock.told("half past nine", NOON);
    expect(clock.seconds(NOON)).toBe(NOON / 1000);
  });

  test("is right where the page's clock is wrong", () => {
    const clock = new ServerClock();
    clock.told(at(NOON + 300_000), NOON);
    expect(clock.seconds(NOON)).toBe(NOON / 1000 + 300.5);
  });

  test("runs evenly although its header has whole seconds only", () => {
    const clock = new ServerClock();
    const read = [0, 900, 1_800, 2_700].map((passed) => {
      clock.told(at(NOON + passed), NOON + passed);
      return Math.round(clock.seconds(NOON + passed) * 1000) - NOON;
    });
    expect(read).toEqual([500, 1_400, 2_300, 3_200]);
  });

  test("follows a clock that was set", () => {
    const clock = new ServerClock();
    clock.told(at(NOON), NOON);
    clock.told(at(NOON + 60_000), NOON);
    expect(clock.seconds(NOON)).toBe(NOON / 1000 + 60.5);
  });
});
