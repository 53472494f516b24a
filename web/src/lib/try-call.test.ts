import { describe, expect, test } from "vitest";

import type { Call, Parameter } from "./openapi";
import { curlOf, headersOf, missing, pathOf, readable } from "./try-call";

const ID: Parameter = { name: "id", in: "path", required: true };

function call(more: Partial<Call> = {}): Call {
  return {
    id: "x",
    method: "get",
    path: "/targets/{id}",
    summary: "",
    about: "",
    scope: "read",
    parameters: [ID],
    body: null,
    bodyRequired: false,
    answers: [],
    ...more,
  };
}

describe("the path", () => {
  test("takes what was typed, whatever it is", () => {
    expect(pathOf("/api/v1", call(), { values: { id: " a/b?" }, body: "" })).toBe("/api/v1/targets/a%2Fb%3F");
  });

  test("has only the filters that were typed", () => {
    const filtered = call({ path: "/history", parameters: [{ name: "kind", in: "query" }, { name: "limit", in: "query" }] });
    expect(pathOf("", filtered, { values: { limit: "5", kind: " " }, body: "" })).toBe("/history?limit=5");
  });

  test("says what is missing", () => {
    expect(missing(call(), { values: { id: " " }, body: "" })).toEqual(["id"]);
    expect(missing(call(), { values: { id: "1" }, body: "" })).toEqual([]);
  });
});

test("headers are those that were typed, and JSON's where there is a body", () => {
  const changing = call({ method: "patch", body: {}, parameters: [ID, { name: "If-Match", in: "header" }] });
  expect(headersOf(changing, { values: { "If-Match": '"3"' }, body: "{}" })).toEqual({
    "If-Match": '"3"',
    "Content-Type": "application/json",
  });
  expect(headersOf(changing, { values: {}, body: " " })).toEqual({});
});

test("the line for a shell holds quotes as they are", () => {
  const changing = call({ method: "patch", body: {} });
  expect(curlOf("http://relay", "/api/v1", changing, { values: { id: "7" }, body: `{"name": "It's"}` })).toBe(
    [
      "curl 'http://relay/api/v1/targets/7'",
      "-X PATCH",
      `-H "Authorization: Bearer $TOKEN"`,
      "-H 'Content-Type: application/json'",
      `--data '{"name": "It'\\''s"}'`,
    ].join(" \\\n  "),
  );
});

test("an answer is set out if it is JSON", () => {
  expect(readable('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(readable("event: stats\n")).toBe("event: stats\n");
});
