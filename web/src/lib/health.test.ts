import { describe, expect, test } from "vitest";

import type { Source } from "./api";
import { codecName } from "./codecs";
import { frameRate, heard, keyFrameGap, measuredRate, oddities, SILENCE, summary, type Rhythm } from "./health";

const GOOD = {
  state: "live",
  for_seconds: 60,
  video_codec: "avc",
  audio_codec: "aac",
  width: 1920,
  height: 1080,
  declared_frame_rate: 30,
  frame_rate: 30,
  key_frames: 30,
  key_frame_interval_seconds: 2,
  since_key_frame_seconds: 1,
} as Source;

const source = (changes: Partial<Source> = {}): Source => ({ ...GOOD, ...changes });
const rhythm = (...intervals: number[]): Rhythm => ({ seen: 9, intervals });
const odd = (changes: Partial<Source>, heardBefore = SILENCE) => oddities(source(changes), heardBefore);

describe("what an encoder sends", () => {
  test("is told in one line, as far as it is known", () => {
    expect(summary(source())).toBe("1920×1080, 30 fps, H.264 + AAC");
    expect(summary(source({ width: null, declared_frame_rate: null, video_codec: null }))).toBe("AAC");
    expect(summary(source({ width: null, video_codec: null }))).toBe("AAC");
    expect(summary(source({ audio_codec: null, declared_frame_rate: 59.94 }))).toBe("1920×1080, 60 fps, H.264");
    const nothing = { width: null, declared_frame_rate: null, video_codec: null, audio_codec: null };
    expect(summary(source(nothing))).toBe("");
  });

  test.each([
    ["hevc", "H.265 (HEVC)"],
    ["eac3", "E-AC-3"],
    ["lcevc", "LCEVC"],
    ["other", "another codec"],
  ])("the codec %s is called %s", (codec, expected) => {
    expect(codecName(codec)).toBe(expected);
  });

  test.each([
    [30, "30 fps"],
    [29.97, "30 fps"],
    [23.976, "24 fps"],
    [28.4, "28.4 fps"],
    [0, "0 fps"],
  ])("a rate of %d is %s", (rate, expected) => {
    expect(frameRate(rate)).toBe(expected);
  });

  test("a measured rate is told as exactly as it can be", () => {
    expect(measuredRate(source({ frame_rate: 24.67 }))).toBe("25 fps");
    expect(measuredRate(source({ frame_rate: 7.46 }))).toBe("7.5 fps");
  });
});

describe("key frames", () => {
  test("are as far apart as the last two, or farther when the next is late", () => {
    expect(keyFrameGap(source())).toBe(2);
    expect(keyFrameGap(source({ since_key_frame_seconds: 7 }))).toBe(7);
    expect(keyFrameGap(source({ key_frame_interval_seconds: null }))).toBeNull();
    expect(keyFrameGap(source({ key_frame_interval_seconds: null, since_key_frame_seconds: 9 }))).toBe(9);
  });

  test("are not late while no picture comes at all", () => {
    expect(keyFrameGap(source({ frame_rate: 0, since_key_frame_seconds: 7 }))).toBe(2);
  });

  test("have a rhythm that is followed", () => {
    let followed = SILENCE;
    for (const [key_frames, key_frame_interval_seconds] of [[1, 2], [1, 2], [2, 4], [3, 1]] as const) {
      followed = heard(followed, source({ key_frames, key_frame_interval_seconds }));
    }
    expect(followed).toEqual({ seen: 3, intervals: [2, 4, 1] });
    for (let key_frames = 4; key_frames < 40; key_frames += 1) followed = heard(followed, source({ key_frames }));
    expect(followed.intervals).toEqual([2, 2, 2, 2, 2, 2, 2, 2]);
  });

  test("of another encoder have another rhythm", () => {
    expect(heard(rhythm(1, 2, 3), source({ for_seconds: 1 }))).toEqual({ seen: 30, intervals: [] });
  });
});

describe("what platforms would mind", () => {
  test("is nothing where all is well, or nothing is known yet", () => {
    expect(odd({})).toEqual([]);
    expect(odd({ audio_codec: null, for_seconds: 2 })).toEqual([]);
    expect(odd({ audio_codec: null, state: "held" })).toEqual([]);
  });

  test.each<[string, Partial<Source>]>([
    ["noSound", { audio_codec: null }],
    ["noPicture", { video_codec: null, frame_rate: 0, key_frame_interval_seconds: null, since_key_frame_seconds: null }],
    ["keyFramesRare", { key_frame_interval_seconds: 8.3 }],
    ["frameRateOff", { frame_rate: 21 }],
  ])("%s", (expected, changes) => {
    expect(odd(changes)).toEqual([expected]);
  });

  test("are small differences not", () => {
    expect(odd({ frame_rate: 29.1 })).toEqual([]);
    expect(odd({ key_frame_interval_seconds: 4.1 })).toEqual([]);
    expect(odd({ declared_frame_rate: null, frame_rate: 11 })).toEqual([]);
  });

  test("are key frames that come whenever the picture changes", () => {
    expect(odd({}, rhythm(0.4, 2.5, 3.9, 1))).toEqual(["keyFramesUneven"]);
    expect(odd({}, rhythm(2, 2.03, 2, 1.9))).toEqual([]);
    expect(odd({}, rhythm(0.2, 0.9, 0.3, 0.8))).toEqual([]);
    expect(odd({ key_frame_interval_seconds: 6 }, rhythm(0.4, 2.5, 3.9, 6))).toEqual(["keyFramesRare"]);
  });
});
