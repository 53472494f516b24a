import { describe, expect, test } from "vitest";

import type { TargetEvent, TargetState } from "./api";
import { everyStep, lastFailure, merged, together, withNewest, withoutSteps } from "./history";

/** Events from oldest to newest, given as [from, for how long, to], newest first as the API has them. */
function events(...changes: [from: TargetState, seconds: number, state: TargetState, more?: Partial<TargetEvent>][]) {
  const all = changes.map(([from, for_seconds, state, more], at): TargetEvent => {
    return { id: at + 1, at: 100 + at, endpoint: "primary", from, for_seconds, state, kind: null, warning: null, reason: "", attempt: 1, ...more };
  });
  return all.reverse();
}

const FIRST_TRY = events(
  ["waiting_for_source", 60, "resolving"],
  ["resolving", 0.25, "connecting"],
  ["connecting", 1, "publishing"],
  ["publishing", 0.5, "publishing"],
  ["publishing", 0.25, "live"],
);

describe("a history of every step", () => {
  test("tells each event with the state before it", () => {
    const told = everyStep(FIRST_TRY).map(({ id, state, before }) => [id, state, before.state, before.seconds]);
    expect(told[0]).toEqual([5, "live", "publishing", 0.25]);
    expect(told[4]).toEqual([1, "resolving", "waiting_for_source", 60]);
    expect(told).toHaveLength(5);
  });
});

describe("a history without steps", () => {
  test("tells warnings among the rest", () => {
    const warning = { kind: null, attempt: null, endpoint: null, from: null, warning: "b_frames", reason: "So." };
    const warned: TargetEvent = { ...warning, id: 9, at: 200, state: "warned", for_seconds: null };
    const cleared: TargetEvent = { ...warning, id: 10, at: 300, state: "cleared", for_seconds: 90 };
    const told = together(withoutSteps([cleared, warned, ...FIRST_TRY]));
    expect(told.map(({ state, warning, before }) => [state, warning, before.seconds])).toEqual([
      ["cleared", "b_frames", 90],
      ["warned", "b_frames", 0],
      ["live", null, 2],
    ]);
    expect(lastFailure([cleared, warned])).toBeNull();
  });

  test("counts the whole way to what it led to", () => {
    const [live, ...rest] = withoutSteps(FIRST_TRY);
    expect(live).toMatchObject({ state: "live", before: { state: "publishing", seconds: 2 } });
    expect(rest).toEqual([]);
  });

  test("counts each try by itself", () => {
    const told = withoutSteps(
      events(
        ["waiting_for_source", 60, "connecting"],
        ["connecting", 10, "backing_off"],
        ["backing_off", 2, "connecting"],
        ["connecting", 1, "live"],
        ["live", 300, "holding"],
      ),
    );
    expect(told.map(({ state, before }) => [state, before.seconds])).toEqual([
      ["holding", 300],
      ["live", 1],
      ["backing_off", 10],
    ]);
  });

  test("does not mix what two connections do at the same time", () => {
    const backup = { endpoint: "backup" } as const;
    const told = withoutSteps(
      events(
        ["waiting_for_source", 60, "connecting"],
        ["waiting_for_source", 60, "connecting", backup],
        ["connecting", 1, "publishing"],
        ["connecting", 5, "publishing", backup],
        ["publishing", 1, "live"],
        ["publishing", 5, "live", backup],
      ),
    );
    expect(told.map(({ endpoint, before }) => [endpoint, before.seconds])).toEqual([
      ["backup", 10],
      ["primary", 2],
    ]);
  });

  test("counts what it can see of a try that began before", () => {
    expect(withoutSteps(FIRST_TRY.slice(0, 2))[0]?.before.seconds).toBe(0.75);
  });
});

test("pages of a history become one, newest first, with each event once", () => {
  const older = FIRST_TRY.slice(2);
  expect(merged(FIRST_TRY.slice(0, 3), older).map(({ id }) => id)).toEqual([5, 4, 3, 2, 1]);
  expect(merged(older, FIRST_TRY)).toHaveLength(5);
});

test("the newest of a history leave no gap before those that are known", () => {
  const ids = (known: TargetEvent[], newest: TargetEvent[], isFull: boolean) => withNewest(known, newest, isFull).map(({ id }) => id);
  expect(ids(FIRST_TRY.slice(3), FIRST_TRY.slice(0, 2), true)).toEqual([5, 4]);
  expect(ids(FIRST_TRY.slice(3), FIRST_TRY.slice(0, 2), false)).toEqual([5, 4, 2, 1]);
  expect(ids(FIRST_TRY.slice(1), FIRST_TRY.slice(0, 2), true)).toEqual([5, 4, 3, 2, 1]);
  expect(ids([], FIRST_TRY.slice(0, 2), true)).toEqual([5, 4]);
});

test("the last failure is the newest", () => {
  const failed = events(
    ["connecting", 1, "backing_off", { kind: "tcp_refused" }],
    ["connecting", 1, "blocked", { kind: "publish_rejected" }],
    ["blocked", 60, "stopped"],
  );
  expect(lastFailure(failed)?.kind).toBe("publish_rejected");
  expect(lastFailure(FIRST_TRY)).toBeNull();
});

test("what fails in the same way again and again is told once", () => {
  const refused = { kind: "tcp_refused", reason: "Nothing answers there." };
  const told = together(
    withoutSteps(
      events(
        ["connecting", 1, "backing_off", { kind: "dns_temp" }],
        ["connecting", 1, "backing_off", refused],
        ["backing_off", 5, "connecting"],
        ["connecting", 1, "backing_off", refused],
        ["connecting", 1, "backing_off", { ...refused, endpoint: "backup" }],
        ["connecting", 1, "live"],
        ["connecting", 1, "live"],
      ),
    ),
  );
  expect(told.map(({ id, times, since }) => [id, times, since])).toEqual([
    [7, 1, 106],
    [6, 1, 105],
    [5, 1, 104],
    [4, 2, 101],
    [1, 1, 100],
  ]);
});
