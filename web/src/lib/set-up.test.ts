import { expect, test } from "vitest";

import { setUpLink } from "./set-up";

test("a set-up link gives what it holds, whole or from its fragment", () => {
  expect(setUpLink("http://127.0.0.1:8080/#setup=abc234 ")).toBe("abc234");
  expect(setUpLink("#setup=abc234")).toBe("abc234");
});

test("other addresses give nothing", () => {
  for (const other of ["", "#", "#setup=", "http://127.0.0.1:8080/", "#setup=a b"]) expect(setUpLink(other)).toBeNull();
});
