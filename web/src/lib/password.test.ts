import { expect, test } from "vitest";

import { characters, strength } from "./password";

test("characters are counted as people count them", () => {
  expect(characters("grüße")).toBe(5);
  expect(characters("🐎🐎")).toBe(2);
});

test.each([
  ["", "none"],
  ["nine char", "short"],
  ["🐎🐎🐎🐎🐎", "short"],
  ["aaaaaaaaaaaaaaaaaaaa", "guessable"],
  ["AbAbAbAbAbAb", "guessable"],
  ["ten chars!", "fair"],
  ["correct horse battery", "good"],
])("%j is %s", (password, expected) => {
  expect(strength(password)).toBe(expected);
});
