import { describe, expect, test } from "vitest";

import { run, stream, target } from "./fixtures";
import { isShort, moved, tally, uplink, worst } from "./totals";

describe("the uplink", () => {
  test("is used by what is live, and needed for all that should run", () => {
    const targets = [
      target(1, "live", { bits_per_second: 6e6 }),
      target(2, "backing_off", { bits_per_second: 9e9 }),
      target(3, "stopped"),
      target(4, "disabled"),
    ];
    expect(uplink([stream("live", targets)])).toEqual({ used: 6e6, needed: 12e6, expected: 6e6 });
  });

  test("carries a target with two connections twice", () => {
    const both = target(1, "live", { bits_per_second: 6e6, backup: run("live", { bits_per_second: 6e6 }) });
    expect(uplink([stream("live", [both])])).toEqual({ used: 12e6, needed: 12e6, expected: 12e6 });
  });

  test("is not needed while the encoder is away", () => {
    expect(uplink([stream("held", [target(1, "holding")])]).needed).toBe(0);
  });

  test("is short when much less leaves than live targets should take", () => {
    expect(isShort({ used: 5.5e6, needed: 12e6, expected: 6e6 })).toBe(false);
    expect(isShort({ used: 3e6, needed: 6e6, expected: 6e6 })).toBe(true);
    expect(isShort({ used: 0, needed: 6e6, expected: 0 })).toBe(false);
  });
});

describe("targets are counted by colour", () => {
  test("the worst first", () => {
    const targets = [target(1, "live"), target(2, "blocked"), target(3, "live"), target(4, "tls"), target(5, "stopped")];
    expect(tally(targets)).toEqual([
      { tone: "act", count: 1 },
      { tone: "busy", count: 1 },
      { tone: "good", count: 2 },
      { tone: "off", count: 1 },
    ]);
  });

  test("by the worse of two connections", () => {
    expect(worst(target(1, "live", { backup: run("blocked") }))).toBe("act");
    expect(worst(target(1, "backing_off", { backup: run("live") }))).toBe("busy");
  });
});

describe("the order of targets", () => {
  test.each([
    [2, -1, [2, 1, 3]],
    [2, 1, [1, 3, 2]],
    [1, -1, [1, 2, 3]],
    [3, 1, [1, 2, 3]],
    [9, 1, [1, 2, 3]],
  ] as const)("with %d moved by %d", (id, by, ids) => expect(moved([1, 2, 3], id, by)).toEqual(ids));
});
