import { expect, test } from "vitest";

import type { StreamWithTargets, TargetState } from "./api";
import { targetStep } from "./first-steps";

const stream = (...states: TargetState[]) =>
  ({ targets: states.map((state) => ({ state, backup: null })) }) as unknown as StreamWithTargets;

test("the last step is a target that is live", () => {
  expect(targetStep(stream())).toBe("none");
  expect(targetStep(stream("stopped", "waiting_for_source"))).toBe("waiting");
  expect(targetStep(stream("blocked"))).toBe("away");
  expect(targetStep(stream("blocked", "live"))).toBe("live");
});
