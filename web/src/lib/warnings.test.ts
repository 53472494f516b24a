import { expect, test } from "vitest";

import type { Warning } from "./api";
import { warningNumbers, warningTitle } from "./warnings";

const HIGH: Warning = {
  kind: "bitrate_high",
  severity: "bad",
  measured: 8_123,
  limit: 6_000,
  unit: "kbps",
  platform: "Twitch",
  for_seconds: 12,
  reason: "The video bitrate is 8123 kbit/s.",
};

test("a warning has a title, also one that this page does not know", () => {
  expect(warningTitle("bitrate_high")).toBe("Video bitrate too high");
  expect(warningTitle("open_gop")).toBe("open gop");
});

test("numbers are told in their units, and not where there are none", () => {
  expect(warningNumbers(HIGH)).toBe("8.1 Mbit/s; at most 6.0 Mbit/s");
  expect(warningNumbers({ ...HIGH, measured: 10, limit: 4, unit: "seconds" })).toBe("10 s; at most 4.0 s");
  expect(warningNumbers({ ...HIGH, measured: 1080, limit: 720, unit: "lines" })).toBe("1080p; at most 720p");
  expect(warningNumbers({ ...HIGH, measured: 59.9, limit: 30, unit: "fps" })).toBe("60 fps; at most 30 fps");
  expect(warningNumbers({ ...HIGH, measured: 22_050, limit: 48_000, unit: "hertz" })).toBe("22,050 Hz");
  expect(warningNumbers({ ...HIGH, limit: null })).toBeNull();
});
