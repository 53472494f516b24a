import { expect, test } from "vitest";

import { filterOf, levelOf, levels } from "./log-form";

test.each([
  ["info", "info"],
  [" DEBUG ", "debug"],
  ["info,splitcast::relay=debug", "custom"],
  ["off", "custom"],
  ["", "custom"],
])("the filter %j is shown as %s", (filter, level) => expect(levelOf(filter)).toBe(level));

test("a level is a filter, and what was typed counts only by itself", () => {
  expect(filterOf("warn", "trace")).toBe("warn");
  expect(filterOf("custom", " info,a=debug ")).toBe("info,a=debug");
  expect(levels().map(({ value }) => value)).toEqual(["error", "warn", "info", "debug", "trace", "custom"]);
});
