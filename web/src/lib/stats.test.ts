import { expect, test } from "vitest";

import type { RunNumbers, SourceNumbers, Status, StreamWithTargets, Target, Warning } from "./api";
import { run, stream } from "./fixtures";
import { lacksFacts, withStats, type Stats } from "./stats";

const RUN: RunNumbers & { warnings: Warning[] } = { ...run("live"), warnings: [] };

function status(...targets: Partial<Target>[]): Status {
  const source = { state: "live", for_seconds: 10, bytes_received: 1, bits_per_second: 1, peer: null, held_until: null };
  const stream = { id: 1, source, targets: targets.map((target) => ({ ...run("live"), backup: null, ...target })) };
  return { version: "1", rtmp_port: 1935, rtmps: null, streams: [stream as unknown as StreamWithTargets] };
}

function firstStream(status: Status): StreamWithTargets {
  const [stream] = status.streams;
  if (stream === undefined) throw new Error("there is no stream");
  return stream;
}

test("a stream's numbers and time go on", () => {
  const numbers: SourceNumbers = {
    bytes_received: 500,
    bits_per_second: 4_000,
    video_frames: 30,
    audio_frames: 44,
    key_frames: 3,
    video_bits_per_second: 3_800,
    audio_bits_per_second: 200,
    has_b_frames: false,
    frame_rate: 29.97,
    key_frame_interval_seconds: 2,
    since_key_frame_seconds: 0.4,
    publications: 1,
    takeovers: 0,
    kept_bytes: 9,
  };
  const stats: Stats = { streams: [{ id: 1, ...numbers }], targets: [] };
  const { source } = firstStream(withStats(status(), stats, 1.5));
  expect(source).toEqual({ state: "live", for_seconds: 11.5, peer: null, held_until: null, ...numbers });
});

test("each target gets its own numbers, and what it is stays", () => {
  const stats: Stats = { streams: [], targets: [{ ...RUN, id: 2, endpoint: "primary", lag_ms: 7, round_trip_ms: 3 }] };
  const [one, two] = firstStream(withStats(status({ id: 1, name: "A" }, { id: 2, name: "B" }), stats, 1)).targets;
  expect(one).toMatchObject({ id: 1, name: "A", lag_ms: 0 });
  expect(two).toMatchObject({ id: 2, name: "B", lag_ms: 7, round_trip_ms: 3, state: "live" });
});

test("a target's warnings go on, too", () => {
  const warnings = [{ kind: "b_frames" } as Warning];
  const stats: Stats = { streams: [], targets: [{ ...RUN, id: 1, endpoint: "primary", warnings }] };
  const [target] = firstStream(withStats(status({ id: 1, warnings: [] }), stats, 1)).targets;
  expect(target?.warnings).toEqual(warnings);
});

test("two connections are told apart, whichever comes first", () => {
  const both = { id: 1, backup: run("live") };
  const told = [
    { ...RUN, id: 1, endpoint: "backup" as const, lag_ms: 2 },
    { ...RUN, id: 1, endpoint: "primary" as const, lag_ms: 1 },
  ];
  const [target] = firstStream(withStats(status(both), { streams: [], targets: told }, 1)).targets;
  expect([target?.lag_ms, target?.backup?.lag_ms]).toEqual([1, 2]);
});

test("the only connection of a target may be to its second address", () => {
  const told = [{ ...RUN, id: 1, endpoint: "backup" as const, lag_ms: 3 }];
  const [target] = firstStream(withStats(status({ id: 1 }), { streams: [], targets: told }, 1)).targets;
  expect([target?.lag_ms, target?.backup]).toEqual([3, null]);
});

test("what comes without being known is noticed", () => {
  const sending = (changes: object): Status => {
    const one = stream("live", []);
    return { version: "1", rtmp_port: 1935, rtmps: null, streams: [{ ...one, source: { ...one.source, ...changes } }] };
  };
  const before = sending({ video_frames: 10, audio_frames: 10 });
  const more = { video_frames: 20, audio_frames: 20 };
  expect(lacksFacts(before, sending(more))).toBe(false);
  expect(lacksFacts(before, sending({ ...more, video_codec: null }))).toBe(true);
  expect(lacksFacts(before, sending({ ...more, audio_codec: null }))).toBe(true);
  expect(lacksFacts(before, sending({ ...more, audio_codec: null, audio_frames: 10 }))).toBe(false);
  expect(lacksFacts(before, sending({ ...more, video_codec: null, state: "held" }))).toBe(false);
});
