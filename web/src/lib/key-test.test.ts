import { describe, expect, test } from "vitest";

import { ownWords, pendingStep, type TestReport, type TestStep } from "./key-test";

const step = (name: TestStep["step"], words = "", passed = true): TestStep => ({ step: name, seconds: 0, passed, words });

describe("the step that is under way", () => {
  test("is the next one, and TLS only where it is spoken", () => {
    expect(pendingStep([], "rtmp://h/live")).toBe("dns");
    expect(pendingStep([step("tcp")], "rtmp://h/live")).toBe("handshake");
    expect(pendingStep([step("tcp")], " RTMPS://h/live")).toBe("tls");
    expect(pendingStep([step("listen")], "rtmp://h/live")).toBe(null);
  });
});

describe("what a step says", () => {
  const report = { sentence: "It has expired." } as TestReport;

  test("is not said twice", () => {
    expect(ownWords(step("tls", "It has expired. It is made out to a.", false), report)).toBe("It is made out to a.");
    expect(ownWords(step("tls", "It has expired.", false), report)).toBe("");
    expect(ownWords(step("tls", "It has expired.", false), null)).toBe("It has expired.");
    expect(ownWords(step("dns", "h is 192.0.2.1."), report)).toBe("h is 192.0.2.1.");
  });
});
