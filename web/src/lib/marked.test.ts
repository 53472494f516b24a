import { expect, test } from "vitest";

import { marked } from "./marked";

test("what stands between asterisks is strong", () => {
  expect(marked("Press *OK*, then *Go*.")).toEqual([
    { text: "Press ", strong: false },
    { text: "OK", strong: true },
    { text: ", then ", strong: false },
    { text: "Go", strong: true },
    { text: ".", strong: false },
  ]);
  expect(marked("*All*")).toEqual([{ text: "All", strong: true }]);
  expect(marked("")).toEqual([]);
});
