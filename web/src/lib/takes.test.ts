import { describe, expect, test } from "vitest";

import { PLATFORMS } from "./platforms.fixture";
import { changedTakes, codecWords, formOfTakes, isUsual, takesTitle, usualWord } from "./takes";
import type { Takes } from "./shapes";

const nothing: Takes = {
  video_codecs: null,
  audio_codecs: null,
  tracks: null,
  video_track: null,
  audio_track: null,
  tags: null,
};
const usual = formOfTakes(null);
const twitch = PLATFORMS.find(({ id }) => id === "twitch") ?? null;
const custom = PLATFORMS.find(({ id }) => id === "rtmp") ?? null;

describe("what a form says of what a target takes", () => {
  test("is nothing unless somebody says something", () => {
    expect(formOfTakes(nothing)).toEqual(usual);
    expect(changedTakes(usual, formOfTakes(nothing))).toBeNull();
    expect(isUsual(usual)).toBe(true);
  });

  test("is sent as far as it is other than before", () => {
    const form = { ...usual, videoCodecs: ["h264", "hevc"], audioCodecs: [], audioTrack: " 1 " };
    expect(changedTakes(usual, form)).toEqual({ video_codecs: ["h264", "hevc"], audio_codecs: [], audio_track: 1 });
    const before = formOfTakes({ ...nothing, video_codecs: ["h264", "hevc"], audio_codecs: [], audio_track: 1 });
    expect(changedTakes(before, form)).toBeNull();
    expect(changedTakes(before, usual)).toEqual({ video_codecs: null, audio_codecs: null, audio_track: null });
    expect(changedTakes(usual, { ...usual, tracks: "all", tags: "as_sent" })).toEqual({ tracks: "all", tags: "as_sent" });
    expect(isUsual(form)).toBe(false);
  });

  test("no codec at all is not the same as the platform's", () => {
    expect(changedTakes(usual, { ...usual, videoCodecs: [] })).toEqual({ video_codecs: [] });
    expect(changedTakes({ ...usual, videoCodecs: [] }, usual)).toEqual({ video_codecs: null });
  });

  test("a track that is no number is left to the server to refuse", () => {
    expect(changedTakes(usual, { ...usual, videoTrack: "two" })?.video_track).toBeGreaterThan(255);
  });
});

test("what a target takes is told in words", () => {
  expect(codecWords(["h264", "hevc", "av1"])).toBe("H.264, H.265 (HEVC), AV1");
  expect([codecWords(null), codecWords([])]).toEqual(["anything", "nothing"]);
  expect(usualWord(twitch, "H.264")).toBe("As Twitch takes it: H.264");
  expect([usualWord(custom, "anything"), usualWord(null, "")]).toEqual(Array(2).fill("As the encoder sends it"));
  expect(takesTitle(usual, twitch)).toBe("Codecs and tracks: as Twitch takes them");
  expect(takesTitle(usual, custom)).toBe("Codecs and tracks: all that comes");
  expect(takesTitle({ ...usual, tags: "common" }, twitch)).toBe("Codecs and tracks: as set here");
});
