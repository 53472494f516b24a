import { describe, expect, test } from "vitest";

import { exampleOf, fieldsOf, found, groupsOf, kindOf, type Description } from "./openapi";

const DOCUMENT: Description = {
  info: { title: "splitcast", version: "1" },
  tags: [{ name: "Targets", description: "Places to push to." }, { name: "Unused" }],
  paths: {
    "/targets/{id}": {
      get: {
        tags: ["Targets"],
        summary: "One target.",
        operationId: "show_target",
        security: [{ token: ["read"] }, { session: ["read"] }],
        responses: {
          "200": { description: "It.", content: { "application/json": { schema: { $ref: "#/components/schemas/Target" } } } },
          "404": { description: "None." },
        },
      },
      patch: {
        tags: ["Targets"],
        summary: "Changes a target.",
        operationId: "update_target",
        security: [{ token: ["edit"] }],
        requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/NewTarget" } } }, required: true },
        responses: { "204": { description: "Done." } },
      },
    },
    "/session": { post: { operationId: "log_in", security: [{}], responses: {} } },
  },
  components: {
    schemas: {
      Mode: { type: "string", enum: ["auto", "manual"], description: "When it starts." },
      Run: { type: "object", properties: { lag_ms: { type: "integer", minimum: 0 } }, required: ["lag_ms"] },
      Target: {
        allOf: [
          { $ref: "#/components/schemas/Run" },
          {
            type: "object",
            required: ["name"],
            properties: {
              name: { type: "string", minLength: 1, maxLength: 64 },
              mode: { $ref: "#/components/schemas/Mode" },
              backup: { oneOf: [{ $ref: "#/components/schemas/Run", description: "The second." }, { type: "null" }] },
              kinds: { type: "array", items: { $ref: "#/components/schemas/Mode" } },
            },
          },
        ],
      },
      NewTarget: {
        type: "object",
        required: ["name", "mode"],
        properties: {
          name: { type: "string", example: "Twitch" },
          mode: { $ref: "#/components/schemas/Mode" },
          key: { type: ["string", "null"] },
        },
      },
    },
  },
};

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

describe("the calls", () => {
  const groups = groupsOf(DOCUMENT);

  test("come by their tags, and a tag without calls is left out", () => {
    expect(groups.map(({ name, calls }) => [name, calls.map(({ id }) => id)])).toEqual([
      ["Targets", ["show_target", "update_target"]],
      ["Other", ["log_in"]],
    ]);
  });

  test("say which scope they need", () => {
    expect(groups.flatMap(({ calls }) => calls.map(({ scope }) => scope))).toEqual(["read", "edit", null]);
  });

  test("are found by words that stand anywhere", () => {
    const ids = (words: string) => found(groups, words).flatMap(({ calls }) => calls.map(({ id }) => id));
    expect(ids("")).toHaveLength(3);
    expect(ids("PATCH target")).toEqual(["update_target"]);
    expect(ids("nothing")).toEqual([]);
  });
});

describe("fields", () => {
  test("are those of all parts, with what is asked of them", () => {
    const fields = fieldsOf(DOCUMENT, ref("Target"));
    expect(fields.map(({ name, kind, limits, required }) => [name, kind, limits, required])).toEqual([
      ["lag_ms", "integer", "", true],
      ["name", "text", "1 to 64 characters", true],
      ["mode", "one of", "auto, manual", false],
      ["backup", "object, or null", "", false],
      ["kinds", "list of one of", "", false],
    ]);
    expect(fields[3]).toMatchObject({ about: "The second." });
    expect(fieldsOf(DOCUMENT, fields[3]?.inside ?? {}).map(({ name }) => name)).toEqual(["lag_ms"]);
    expect(fields[1]?.inside).toBeNull();
  });

  test("that may be null say so", () => {
    expect(kindOf(DOCUMENT, { type: ["string", "null"] })).toBe("text, or null");
  });
});

test("a body begins with what must be there", () => {
  expect(exampleOf(DOCUMENT, ref("NewTarget"))).toEqual({ name: "Twitch", mode: "auto" });
});
