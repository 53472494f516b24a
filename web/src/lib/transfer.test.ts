import { describe, expect, test } from "vitest";

import { contentsOf, fileName, newPassphrase, orderOf, readDocument } from "./transfer";

const SEALED = { streams: [{}, {}], webhooks: [{}], sealed: { data: "x" } };

describe("a document", () => {
  test("tells what is in it", () => {
    expect(contentsOf(SEALED)).toEqual({ streams: 2, webhooks: 1, isSealed: true });
    expect(contentsOf({ streams: "many", sealed: null })).toEqual({ streams: 0, webhooks: 0, isSealed: false });
  });

  test.each(["", "no", "[]", "null", "7", '"text"'])("is not read from %j", (text) => expect(readDocument(text)).toBeNull());

  test("goes with its passphrase, or without its sealed part", () => {
    expect(orderOf(SEALED, "open sesame", true)).toEqual({ document: SEALED, passphrase: "open sesame", dry_run: true });
    const { streams, webhooks } = SEALED;
    expect(orderOf(SEALED, null, false)).toEqual({ document: { streams, webhooks } });
    expect(SEALED.sealed).toBeDefined();
  });

  test("is called by its day", () => expect(fileName(1_767_225_600)).toBe("splitcast-2026-01-01.json"));
});

test("a passphrase is long, and another one each time", () => {
  expect(newPassphrase()).toMatch(/^([a-km-np-z2-9]{6}-){3}[a-km-np-z2-9]{6}$/);
  expect(newPassphrase()).not.toBe(newPassphrase());
});
