import { expect, test } from "vitest";

import { reaches, SCOPES } from "./access";

test("each scope holds those before it, and no other", () => {
  const held = SCOPES.map((has) => SCOPES.filter((needs) => reaches(has, needs)).length);
  expect(held).toEqual([1, 2, 3, 4]);
});

test("who is not let in reaches nothing", () => {
  expect(SCOPES.some((needs) => reaches(null, needs))).toBe(false);
});
