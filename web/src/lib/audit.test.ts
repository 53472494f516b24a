import { describe, expect, test } from "vitest";

import { actionWord, actorWord, matching, subjectWord } from "./audit";
import type { AuditEntry } from "./settings-shapes";

const ENTRY: AuditEntry = {
  id: 1,
  at: 0,
  actor: "user",
  actor_name: "Ada",
  address: "192.0.2.7",
  action: "update_target",
  subject: "target",
  subject_id: 4,
  subject_name: "YouTube",
  fields: ["name", "key"],
  outcome: "done",
};

test("an action is told in words, and one nobody knows as it is called", () => {
  expect(actionWord("update_target")).toBe("Target changed");
  expect(actionWord("toString")).toBe("toString");
});

test("who asked is named", () => {
  expect(actorWord(ENTRY)).toBe("Ada");
  expect(actorWord({ ...ENTRY, actor: "token", actor_name: "Deck" })).toBe("Token Deck");
  expect(actorWord({ ...ENTRY, actor: "operator", actor_name: null })).toBe("The token it was started with");
  expect(actorWord({ ...ENTRY, actor: "nobody", actor_name: null })).toBe("Somebody not logged in");
});

test("what it was done to has a name, or a number", () => {
  expect(subjectWord(ENTRY)).toBe("YouTube");
  expect(subjectWord({ ...ENTRY, subject_name: null })).toBe("number 4");
  expect(subjectWord({ ...ENTRY, subject_name: null, subject_id: null })).toBeNull();
});

describe("a search", () => {
  const other: AuditEntry = { ...ENTRY, id: 2, action: "log_in", subject_name: null, subject_id: 9, fields: [], outcome: "refused" };
  test.each([
    ["", [1, 2]],
    ["youtube", [1]],
    ["  LOGGED ", [2]],
    ["key", [1]],
    ["refused", [2]],
    ["192.0.2", [1, 2]],
    ["nothing", []],
  ])("for %j", (text, ids) => expect(matching([ENTRY, other], text).map(({ id }) => id)).toEqual(ids));
});
