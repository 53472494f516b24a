import { describe, expect, test } from "vitest";

import type { Target } from "./api";
import { editedTarget, formOf, leavePlatform, newKey, newTarget, testOf, usesStandby } from "./target-form";

const plain = {
  name: "A",
  url: "rtmp://a/live?token=…",
  enabled: true,
  start_mode: "with_source",
  backup_url: null,
  backup_policy: "failover",
  coalesce_ms: null,
  takes: { video_codecs: null, audio_codecs: null, tracks: null, video_track: null, audio_track: null, tags: null },
  notes: "",
  user: null,
  backup_user: null,
} as Target;
const backed = { ...plain, backup_url: "rtmp://b/live?token=…", backup_policy: "both" } as Target;
const empty = formOf(null);
const standby = { url: "rtmps://b/live2?backup=1", policy: "both" as const };
const onStandby = { ...plain, backup_url: standby.url, backup_policy: "both", has_backup_key: true } as Target;

describe("a new target", () => {
  test("has no key where none was typed, so that its URL is a whole one", () => {
    const form = { ...empty, name: "A", url: " rtmp://a/live/k ", key: " " };
    expect(newTarget(form)).toEqual({ name: "A", url: "rtmp://a/live/k", start_mode: "with_source" });
  });

  test("loses the spaces around a pasted key", () => {
    const form = { ...empty, url: "rtmp://a/live", key: "k?x=1\n", startMode: "manual" as const };
    expect(newTarget(form)).toMatchObject({ key: "k?x=1", start_mode: "manual" });
  });

  test("lets frames wait when that was typed, for no time at all too", () => {
    expect(newTarget({ ...empty, wait: "0" })).toMatchObject({ coalesce_ms: 0 });
    expect(newTarget(empty)).not.toHaveProperty("coalesce_ms");
  });

  test("has a backup when one was typed", () => {
    const form = { ...empty, backupUrl: " rtmp://b/live ", backupKey: " k2 ", backupPolicy: "both" as const };
    expect(newTarget(form)).toMatchObject({ backup_url: "rtmp://b/live", backup_key: "k2", backup_policy: "both" });
  });

  test("of a platform sends even an empty key, for the server to refuse", () => {
    expect(newTarget({ ...empty, url: "rtmp://a/live/input" }, null, true)).toMatchObject({ key: "" });
  });

  test("has its platform's second address with the same key, and with no other", () => {
    const form = { ...empty, key: " k ", standby: true, backupUrl: "rtmp://left/over", backupKey: "x" };
    expect(newTarget(form, standby)).toMatchObject({ backup_url: standby.url, backup_key: "k", backup_policy: "both" });
    expect(newTarget({ ...empty, key: "k", standby: true })).not.toHaveProperty("backup_url");
    expect(newTarget({ ...empty, key: "k" }, standby)).not.toHaveProperty("backup_url");
  });

  test("takes what its platform does, unless something else is said", () => {
    expect(newTarget(empty)).not.toHaveProperty("takes");
    const form = { ...empty, takes: { ...empty.takes, videoCodecs: ["av1"] } };
    expect(newTarget(form)).toMatchObject({ takes: { video_codecs: ["av1"] } });
    expect(editedTarget(plain, { ...formOf(plain), takes: form.takes })).toEqual({ takes: { video_codecs: ["av1"] } });
  });

  test("has notes when some were written", () => {
    expect(newTarget({ ...empty, notes: "a\nb" })).toMatchObject({ notes: "a\nb" });
    expect(newTarget({ ...empty, notes: "  " })).not.toHaveProperty("notes");
  });
});

test("a form that goes on to another platform keeps what is good there", () => {
  const kept = { ...empty, name: "A", wait: "5", notes: "n", startMode: "manual" as const };
  const login = { user: "ann", password: "p", backupUser: "bob", backupPassword: "q" };
  const form = { ...kept, ...login, key: "k", standby: true, backupUrl: "rtmp://b/live", backupKey: "k2" };
  form.takes = { ...empty.takes, videoCodecs: ["av1"], audioTrack: "1" };
  leavePlatform(form);
  expect(form).toEqual(kept);
});

describe("a login", () => {
  const known = { ...backed, user: "ann", has_password: true, backup_user: "bob", has_backup_password: true } as Target;

  test("goes with a new target when one was typed, the password as it is", () => {
    expect(newTarget({ ...empty, user: " ann ", password: " p w " })).toMatchObject({ user: "ann", password: " p w " });
    expect(newTarget(empty)).not.toHaveProperty("user");
    expect(newTarget(empty)).not.toHaveProperty("password");
    const form = { ...empty, backupUrl: "rtmp://b/live", backupUser: "bob", backupPassword: "q" };
    expect(newTarget(form)).toMatchObject({ backup_user: "bob", backup_password: "q" });
    const both = newTarget({ ...empty, user: "ann", password: "p", key: "k", standby: true }, standby);
    expect(both).toMatchObject({ backup_user: "ann", backup_password: "p" });
  });

  test("is changed in halves, and forgotten with its name", () => {
    const form = formOf(known);
    expect(editedTarget(known, form)).toEqual({});
    expect(editedTarget(known, { ...form, password: "new" })).toEqual({ password: "new" });
    expect(editedTarget(known, { ...form, user: "eve" })).toEqual({ user: "eve" });
    expect(editedTarget(known, { ...form, user: "  " })).toEqual({ user: null });
    expect(editedTarget(known, { ...form, backupUser: "", backupPassword: "" })).toEqual({ backup_user: null });
    expect(editedTarget(known, { ...form, backupPassword: "new" })).toEqual({ backup_password: "new" });
    // It goes with its address, of which nothing more is said.
    expect(editedTarget(known, { ...form, backupUrl: "" })).toEqual({ backup_url: null });
    const early = { ...formOf(plain), backupUser: "bob", backupPassword: "q" };
    expect(editedTarget(plain, early)).toEqual({ backup_user: "bob", backup_password: "q" });
  });

  test("that came with today's address goes with the key", () => {
    const form = { ...empty, key: "k", url: plain.url, user: "ann", password: "p" };
    expect(newKey(plain, form, null)).toEqual({ key: "k", user: "ann", password: "p" });
    expect(newKey(plain, { ...form, password: "" }, null)).toEqual({ key: "k", user: "ann" });
    expect(newKey(known, { ...form, user: " " }, null)).toEqual({ key: "k", password: "p" });
  });
});

describe("an edit", () => {
  test("of nothing sends nothing, and never a masked URL", () => {
    expect(editedTarget(plain, formOf(plain))).toEqual({});
    expect(editedTarget(backed, formOf(backed))).toEqual({});
    expect(editedTarget(backed, { ...formOf(backed), name: "B" })).toEqual({ name: "B" });
  });

  test("sends what was changed", () => {
    const form = { ...formOf(plain), url: "rtmp://b/live", key: "k", enabled: false, startMode: "manual" as const };
    expect(editedTarget(plain, form)).toEqual({
      url: "rtmp://b/live",
      key: "k",
      enabled: false,
      start_mode: "manual",
    });
  });

  test("changes the backup's key, use and address each by itself", () => {
    expect(editedTarget(backed, { ...formOf(backed), backupKey: "k2" })).toEqual({ backup_key: "k2" });
    expect(editedTarget(backed, { ...formOf(backed), backupPolicy: "failover" })).toEqual({ backup_policy: "failover" });
    expect(editedTarget(backed, { ...formOf(backed), backupUrl: "rtmp://c/live" })).toEqual({
      backup_url: "rtmp://c/live",
    });
  });

  test("changes the wait, and leaves it to the stream again", () => {
    const set = { ...plain, coalesce_ms: 25 };
    expect(editedTarget(set, formOf(set))).toEqual({});
    expect(editedTarget(set, { ...formOf(set), wait: "0" })).toEqual({ coalesce_ms: 0 });
    expect(editedTarget(set, { ...formOf(set), wait: "" })).toEqual({ coalesce_ms: null });
  });

  test("forgets a backup whose address was emptied", () => {
    expect(editedTarget(backed, { ...formOf(backed), backupUrl: " " })).toEqual({ backup_url: null });
  });

  test("changes the notes, to none too", () => {
    const noted = { ...plain, notes: "old" };
    expect(editedTarget(noted, { ...formOf(noted), notes: "" })).toEqual({ notes: "" });
  });

  test("of a platform's second address goes with the key", () => {
    const form = { ...formOf(onStandby), standby: true, backupUrl: "" };
    expect(editedTarget(onStandby, form, standby)).toEqual({});
    expect(editedTarget(onStandby, { ...form, key: "new" }, standby)).toEqual({ key: "new", backup_key: "new" });
    expect(editedTarget(onStandby, { ...form, standby: false }, standby)).toEqual({ backup_url: null });
    const other = { ...standby, url: "rtmp://b/live2?backup=1" };
    expect(editedTarget(onStandby, form, other)).toEqual({ backup_url: other.url });
    expect(editedTarget(plain, { ...formOf(plain), standby: true, key: "k" }, standby)).toEqual({
      key: "k",
      backup_url: standby.url,
      backup_key: "k",
      backup_policy: "both",
    });
  });
});

describe("a new key", () => {
  test("is sent alone, or with the address it came with", () => {
    expect(newKey(plain, { ...empty, key: " today ", url: plain.url }, null)).toEqual({ key: "today" });
    expect(newKey(plain, { ...empty, key: "today", url: "rtmps://new/game" }, null)).toEqual({ key: "today", url: "rtmps://new/game" });
  });

  test("is the second address's too, where that is the platform's own", () => {
    expect(newKey(onStandby, { ...empty, key: "today", url: plain.url }, standby)).toEqual({ key: "today", backup_key: "today" });
    expect(newKey(backed, { ...empty, key: "today", url: plain.url }, standby)).toEqual({ key: "today" });
    expect(usesStandby(onStandby, null)).toBe(false);
  });
});

describe("a test", () => {
  const form = { ...empty, url: " rtmp://a/live ", key: " k " };

  test("of a new target is of what is typed", () => {
    expect(testOf(null, form, false)).toEqual({ url: "rtmp://a/live", key: "k" });
    expect(testOf(null, { ...form, key: "" }, false)).toEqual({ url: "rtmp://a/live" });
    expect(testOf(null, { ...form, key: "" }, true)).toEqual({ url: "rtmp://a/live", key: "" });
  });

  test("of a target that exists sends no mask back, and leaves the key to what is saved", () => {
    const saved = { ...plain, id: 7 } as Target;
    expect(testOf(saved, formOf(saved), true)).toEqual({ target_id: 7 });
    expect(testOf(saved, { ...formOf(saved), key: "new" }, true)).toEqual({ target_id: 7, key: "new" });
    expect(testOf(saved, form, true)).toEqual({ target_id: 7, url: "rtmp://a/live", key: "k" });
  });

  test("has the login that is typed, and none where it was taken away", () => {
    const login = { user: " ann ", password: "p w" };
    expect(testOf(null, { ...form, ...login }, false)).toEqual({ url: "rtmp://a/live", key: "k", user: "ann", password: "p w" });
    const saved = { ...plain, id: 7, user: "ann" } as Target;
    expect(testOf(saved, formOf(saved), true)).toEqual({ target_id: 7 });
    expect(testOf(saved, { ...formOf(saved), password: "new" }, true)).toEqual({ target_id: 7, password: "new" });
    expect(testOf(saved, { ...formOf(saved), user: "" }, true)).toEqual({ target_id: 7, user: null });
  });
});
