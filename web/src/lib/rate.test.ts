import { expect, test } from "vitest";

import { RateBoard, RateMeter } from "./rate";

test("one sample is no rate", () => {
  const meter = new RateMeter();
  meter.sample(0, 5000);
  expect(meter.bitsPerSecond).toBeNull();
});

test("the rate is that of the last five seconds", () => {
  const meter = new RateMeter();
  meter.sample(0, 0);
  meter.sample(1_000, 1_000_000);
  meter.sample(6_000, 1_000_000);
  expect(meter.bitsPerSecond).toBe(0);
});

test("a counter that went back starts anew", () => {
  const meter = new RateMeter();
  meter.sample(0, 9_000);
  meter.sample(1_000, 0);
  expect(meter.bitsPerSecond).toBeNull();
  meter.sample(2_000, 125);
  expect(meter.bitsPerSecond).toBe(1_000);
});

test("a counter that is gone is forgotten", () => {
  const board = new RateBoard();
  board.measure(0, [["a", 0], ["b", 0]]);
  board.measure(1_000, [["a", 125]]);
  expect([...board.rates()]).toEqual([["a", 1_000]]);
  board.measure(2_000, [["a", 125], ["b", 500]]);
  expect(board.rates().get("b")).toBeNull();
});
