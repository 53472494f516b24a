import { describe, expect, test } from "vitest";

import type { StreamWithTargets, Target, TargetState } from "./api";
import { isLastOnAir, liveCount, sourceSentence, sourceTiming, targetLook, targetTiming } from "./words";

function target(id: number, state: TargetState, more: Partial<Target> = {}): Target {
  return {
    id,
    stream_id: 1,
    name: `Target ${id}`,
    url: "rtmp://a/live",
    has_key: true,
    enabled: state !== "disabled",
    state,
    reason: "",
    state_for_seconds: 65,
    next_try_in_seconds: null,
    bytes_sent: 0,
    skipped_frames: 0,
    lag_ms: 0,
    reconnects: 0,
    ...more,
  };
}

function stream(state: "offline" | "live" | "held", targets: Target[]): StreamWithTargets {
  const source = { state, for_seconds: 12, peer: "192.0.2.1:5555", bytes_received: 0 };
  return { id: 1, name: "Main", app: null, key_is_weak: false, source, target_count: targets.length, targets };
}

describe("a target's look", () => {
  test("tells live from what is on its way", () => {
    expect(targetLook("live").tone).toBe("good");
    expect(targetLook("backing_off").tone).toBe("busy");
  });

  test("shows a state that came with a newer server", () => {
    expect(targetLook("on_slate")).toEqual({ word: "on slate", tone: "idle" });
    expect(targetLook("toString")).toEqual({ word: "toString", tone: "idle" });
  });
});

describe("a target's timing", () => {
  test("counts down to the next try", () => {
    expect(targetTiming(target(1, "backing_off", { next_try_in_seconds: 3.4 }))).toBe("next try in 4 s");
  });

  test("counts up while live", () => expect(targetTiming(target(1, "live"))).toBe("for 1 min 5 s"));
  test("is silent otherwise", () => expect(targetTiming(target(1, "waiting_for_source"))).toBeNull());
});

describe("the source's sentence", () => {
  test("says how much comes from where", () => {
    const { source } = stream("live", []);
    expect(sourceSentence(source, 6e6)).toBe("Receiving 6.0 Mbit/s from 192.0.2.1:5555.");
    expect(sourceSentence({ ...source, peer: null }, null)).toBe("Receiving.");
    expect(sourceTiming(source)).toBe("for 12 s");
    expect(sourceTiming({ ...source, state: "offline" })).toBeNull();
  });
});

describe("the last target on air", () => {
  test("is the only one that is live or held", () => {
    const [one, two] = [target(1, "live"), target(2, "backing_off")];
    expect(isLastOnAir(stream("live", [one, two]), one)).toBe(true);
    expect(isLastOnAir(stream("live", [one, two]), two)).toBe(false);
  });

  test("is none while another is held open", () => {
    const [one, two] = [target(1, "live"), target(2, "holding")];
    expect(isLastOnAir(stream("held", [one, two]), one)).toBe(false);
  });

  test("does not matter without a source", () => {
    const one = target(1, "live");
    expect(isLastOnAir(stream("offline", [one]), one)).toBe(false);
  });
});

test("live targets are counted", () => {
  expect(liveCount([target(1, "live"), target(2, "holding")])).toBe("1 of 2 live");
});
