import { describe, expect, test } from "vitest";

import { reaches } from "./access";
import type { Scope } from "./api";
import { isSection, sectionsFor } from "./sections";

const seenBy = (scope: Scope | null) => sectionsFor((needs) => reaches(scope, needs)).map(({ id }) => id);

describe("the sections", () => {
  test.each([
    ["read", ["account", "webhooks", "about"]],
    ["edit", ["account", "streams", "webhooks", "about"]],
    ["admin", ["account", "streams", "webhooks", "people", "tokens", "audit", "transfer", "log", "about"]],
    [null, []],
  ] as const)("of who reaches as far as %s", (scope, ids) => expect(seenBy(scope)).toEqual(ids));

  test("are told from what only looks like one", () => {
    expect(isSection("account")).toBe(true);
    expect(isSection("toString")).toBe(false);
    expect(isSection("nothing")).toBe(false);
  });
});
