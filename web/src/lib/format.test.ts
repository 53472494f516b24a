import { describe, expect, test } from "vitest";

import { bitrate, bytes, count, delay, duration, moment, sentence, span } from "./format";

describe("bytes", () => {
  test.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [999_949, "999.9 kB"],
    [999_950, "1.0 MB"],
    [1_234_567, "1.2 MB"],
    [5e9, "5.0 GB"],
    [2e18, "2,000.0 PB"],
  ])("%d is %s", (value, text) => expect(bytes(value)).toBe(text));
});

describe("bitrate", () => {
  test("is given in the unit people know", () => expect(bitrate(6_012_345)).toBe("6.0 Mbit/s"));
  test("of silence is a number, too", () => expect(bitrate(0)).toBe("0 bit/s"));
});

describe("duration", () => {
  test.each([
    [-1, "0 s"],
    [59.9, "59 s"],
    [60, "1 min 0 s"],
    [3_599, "59 min 59 s"],
    [3_600, "1 h 0 min"],
    [86_399, "23 h 59 min"],
    [90_000, "1 d 1 h"],
  ])("%d seconds are %s", (seconds, text) => expect(duration(seconds)).toBe(text));
});

describe("delay", () => {
  test.each([
    [0, "0 ms"],
    [999, "999 ms"],
    [1_250, "1.3 s"],
  ])("%d is %s", (value, text) => expect(delay(value)).toBe(text));
});

describe("span", () => {
  test.each([
    [-0.1, "a moment"],
    [0.04, "a moment"],
    [0.05, "0.1 s"],
    [1.24, "1.2 s"],
    [9.96, "9 s"],
    [75.4, "1 min 15 s"],
  ])("%d seconds are %s", (seconds, text) => expect(span(seconds)).toBe(text));
});

describe("moment", () => {
  const noon = new Date(2026, 0, 2, 12, 0, 7).getTime() / 1000;

  test("is the time of day", () => expect(moment(noon, noon + 60)).toBe("12:00:07"));
  test("has the day when that is another", () => expect(moment(noon, noon + 86_400)).toBe("2 Jan, 12:00:07"));
});

test("large counts are grouped", () => expect(count(1_234_567)).toBe("1,234,567"));

describe("sentence", () => {
  test.each([
    ["a phrase", "A phrase."],
    ["Done.", "Done."],
    ["waiting…", "Waiting…"],
    ["  ", ""],
  ])("%j becomes %j", (phrase, text) => expect(sentence(phrase)).toBe(text));
});
