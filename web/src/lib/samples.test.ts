import { describe, expect, test } from "vitest";

import { AGES, summary, Track } from "./samples";

const NOW = 1_000_000.5;

/** The last of a track's values. */
function last(track: Track, count: number, now = NOW) {
  return track.until(now).slice(-count);
}

describe("a track", () => {
  test("shows what the relay remembers where it was, with its gaps", () => {
    const track = new Track();
    track.load(NOW - 4, [7, null, null, 9]);
    expect(last(track, 7)).toEqual([null, 7, null, null, 9, null, null]);
    expect(track.until(NOW)).toHaveLength(AGES.length);
    expect([AGES[0], AGES.at(-1)]).toEqual([-598, 0]);
  });

  test("goes on with what is told", () => {
    const track = new Track();
    track.load(NOW - 2, [1]);
    track.note(NOW, 2);
    track.note(NOW + 1, 3);
    track.note(NOW + 2, 4);
    expect(last(track, 4, NOW + 2)).toEqual([null, 1, 3, 4]);
  });

  test("makes one value of two as it was told to", () => {
    const most = new Track(Math.max);
    most.note(NOW, 40);
    most.note(NOW + 1, 3);
    expect(last(most, 1)).toEqual([40]);
  });

  test("shows no hole where one clock meets the other", () => {
    const track = new Track();
    track.load(NOW - 4, [5]);
    track.note(NOW, 6);
    expect(last(track, 3)).toEqual([5, 5, 6]);
  });

  test("begins anew when it is loaded again", () => {
    const track = new Track();
    track.note(NOW, 6);
    track.load(NOW - 2, [5]);
    expect(last(track, 2)).toEqual([5, null]);
  });

  test("forgets what is too old", () => {
    const track = new Track();
    track.load(NOW - 598, [1]);
    expect(track.until(NOW)[0]).toBe(1);
    track.note(NOW + 10, 2);
    expect(summary(track.until(NOW + 10))?.least).toBe(2);
    expect(summary(track.until(NOW))).toBeNull();
  });
});

describe("what is said of values", () => {
  test("is nothing where there are none", () => {
    expect(summary([null, null])).toBeNull();
  });

  test("is between which they are, and their average", () => {
    expect(summary([null, 1, 5, null, 3])).toEqual({ least: 1, most: 5, average: 3, seconds: 6 });
  });
});
