import { describe, expect, test } from "vitest";

import { networkFacts, numbers, sourceFacts } from "./facts";
import { run, stream } from "./fixtures";

/** Names and values. */
function shown(facts: { name: string; value: string }[]) {
  return Object.fromEntries(facts.map(({ name, value }) => [name, value]));
}

test("what was counted is told in units", () => {
  const counted = { bytes_sent: 4_587_520, live_seconds: 61, failed_attempts: 1_200, queue_bytes: 0 };
  expect(shown(numbers(run("live", counted)))).toMatchObject({
    Sent: "4.6 MB",
    "Time live": "1 min 1 s",
    "Failed tries": "1,200",
    "Waiting to be sent": "0 B",
  });
});

describe("what the kernel knows", () => {
  const measured = { round_trip_ms: 14.24, round_trip_variation_ms: 0.26, unsent_bytes: 1_500, unconfirmed_bytes: 0 };

  test("is nothing without a connection", () => {
    expect(networkFacts(run("backing_off"))).toEqual([]);
  });

  test("is told with what it means", () => {
    const facts = networkFacts(run("live", { ...measured, delay_p50_ms: 1, delay_p99_ms: 5 }));
    expect(shown(facts)).toMatchObject({
      "Round trip": "14 ms",
      Variation: "0.3 ms",
      "In this computer": "1.5 kB",
      "Through the relay": "1 ms / 5 ms",
    });
    expect(facts.every(({ hint }) => hint !== undefined)).toBe(true);
  });

  test("does not tell long waits apart, and leaves out what was not measured", () => {
    expect(networkFacts(run("live", { ...measured, delay_p50_ms: 1, delay_p99_ms: null })).at(-1)?.value).toBe("1 ms / long");
    expect(networkFacts(run("live", measured)).at(-1)?.name).toBe("On its way");
  });
});

describe("what an encoder sends", () => {
  const { source } = stream("live", []);

  test("is said to be unknown until it is known", () => {
    const unknown = { ...source, video_codec: null, width: null, height: null, key_frame_interval_seconds: null };
    expect(shown(sourceFacts(unknown))).toMatchObject({ Picture: "not known yet", "Key frames": "not known yet" });
    expect(shown(sourceFacts({ ...unknown, video_codec: "hevc" })).Picture).toBe("H.265 (HEVC)");
  });

  test("is told as people know it", () => {
    const picture = { video_codec: "avc", width: 1920, height: 1080, frame_rate: 29.97, key_frame_interval_seconds: 2 };
    expect(shown(sourceFacts({ ...source, ...picture, audio_codec: "aac", encoder: "OBS" }))).toEqual({
      Picture: "H.264, 1920 × 1080",
      "Frame rate": "30 per second",
      "Key frames": "every 2 s",
      Sound: "AAC",
      Bitrate: "6.0 Mbit/s",
      Encoder: "OBS",
    });
  });

  test("is told as decoders are told it, where that can be read", () => {
    const picture = { video_profile: "High", video_level: "4.1", width: 1920, height: 1080, has_b_frames: true };
    const sound = { audio_profile: "LC", audio_sample_rate: 44_100, audio_channels: 2 };
    const bits = { video_bits_per_second: 5_870_000, audio_bits_per_second: 130_000 };
    const facts = sourceFacts({ ...source, ...picture, ...sound, ...bits });
    expect(shown(facts)).toMatchObject({
      Picture: "H.264 High 4.1, 1920 × 1080",
      "B-frames": "yes",
      Sound: "AAC LC · 44.1 kHz · stereo",
    });
    expect(facts.find(({ name }) => name === "Bitrate")?.hint).toBe("5.9 Mbit/s of it pictures, 130.0 kbit/s sound");
    const channels = (audio_channels: number) => shown(sourceFacts({ ...source, audio_channels })).Sound;
    expect([channels(1), channels(6)]).toEqual(["AAC · mono", "AAC · 6 channels"]);
  });
});
