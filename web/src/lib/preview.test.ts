import { expect, test, vi } from "vitest";

import { browserPlays, isHeard, obstacle, Places, retryMs, shape } from "./preview";

const plays = (...types: string[]) => (type: string) => types.some((known) => type.includes(known));

test("a browser plays with either kind of source, or not at all", () => {
  const player = { isTypeSupported: (type: string) => type === "x" };
  expect(browserPlays({})).toBe(null);
  expect(browserPlays({ MediaSource: player })?.("x")).toBe(true);
  expect(browserPlays({ ManagedMediaSource: player })?.("y")).toBe(false);
});

test.each([
  ["avc", plays("avc1"), null],
  ["hevc", plays("avc1"), "codec"],
  ["hevc", plays("avc1", "hvc1"), null],
  ["av1", plays("av01"), null],
  // The player reads none of these out of FLV, whatever the browser can do.
  ["vp9", () => true, "codec"],
  ["other", () => true, "codec"],
  ["toString", () => true, "codec"],
  [null, plays(), null],
  [null, null, "browser"],
  ["avc", null, "browser"],
] as const)("%s is shown where it can be", (video_codec, can, expected) => {
  expect(obstacle({ video_codec }, can)).toBe(expected);
});

test.each([
  ["aac", plays("mp4a"), true],
  ["mp3", plays("audio/mpeg"), true],
  ["opus", plays("mp4a"), false],
  ["speex", () => true, false],
  [null, plays(), true],
  ["aac", null, false],
] as const)("%s is heard where it can be", (audio_codec, can, expected) => {
  expect(isHeard({ audio_codec }, can)).toBe(expected);
});

test("the box has the picture's shape, within reason", () => {
  expect(shape({ width: null, height: null })).toBeCloseTo(16 / 9);
  expect(shape({ width: 1440, height: 1080 })).toBeCloseTo(4 / 3);
  expect(shape({ width: 1080, height: 1920 })).toBeCloseTo(0.8);
  expect(shape({ width: 65_536, height: 1 })).toBeCloseTo(21 / 9);
  expect(shape({ width: 1, height: 0 })).toBeCloseTo(16 / 9);
});

test("tries become rarer, up to a bound", () => {
  expect([0, 1, 2, 3, 4, 99].map(retryMs)).toEqual([500, 1000, 2000, 4000, 5000, 5000]);
});

test("who comes last gets a place, and the first gives way", () => {
  const places = new Places(2);
  const [first, second, third, fourth] = [vi.fn(), vi.fn(), vi.fn(), vi.fn()];
  const leaveFirst = places.take(first);
  const leaveSecond = places.take(second);
  places.take(third);
  expect([first, second].map((giveWay) => giveWay.mock.calls.length)).toEqual([1, 0]);
  // Whoever gave way has nothing left to give back.
  leaveFirst();
  leaveSecond();
  places.take(fourth);
  expect([second, third].map((giveWay) => giveWay.mock.calls.length)).toEqual([0, 0]);
});
