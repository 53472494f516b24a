import { expect, test } from "vitest";

import { codecName, knownName } from "./codecs";

test("codecs have the names that people know", () => {
  expect(["avc", "h264", "hevc", "av1", "vp9", "opus"].map(codecName)).toEqual(["H.264", "H.264", "H.265 (HEVC)", "AV1", "VP9", "Opus"]);
});

test("one that nobody here knows keeps its own name, and one without a name is another", () => {
  expect(["lc3", "other"].map(codecName)).toEqual(["LC3", "another codec"]);
  expect([null, "other", "aac"].map(knownName)).toEqual([null, null, "AAC"]);
});
