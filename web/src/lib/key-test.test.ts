import { describe, expect, test } from "vitest";

import type { Api } from "./api";
import { ownWords, pendingStep, type TestReport, type TestStep } from "./key-test";
import { KeyTest } from "./key-test.svelte";
import type { Relay } from "./relay.svelte";

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

describe("a test that is ended", () => {
  test("is over only when it has let go of its connection", async () => {
    let letGo = () => {};
    const lines: Api["lines"] = async (_path, _body, tell, signal) => {
      tell({ step: step("dns") });
      await new Promise<void>((resolve) => (letGo = resolve));
      signal.throwIfAborted();
    };
    const read = (work: (api: Api) => Promise<unknown>) => work({ lines } as Api);
    const keyTest = new KeyTest({ read } as Relay);
    const running = keyTest.run({ path: "/targets/test", body: {} });
    let isOver = false;
    const ended = keyTest.end().then(() => (isOver = true));
    await new Promise((resolve) => setTimeout(resolve));
    expect([keyTest.running, isOver, keyTest.steps.length]).toEqual([false, false, 1]);
    letGo();
    await Promise.all([running, ended]);
    expect(keyTest.failure?.lang).toBeNull();
  });

  test("keeps what it found, if it was over before", async () => {
    const lines: Api["lines"] = (_path, _body, tell) => {
      tell({ step: step("dns") });
      return Promise.reject(new Error("gone"));
    };
    const keyTest = new KeyTest({ read: (work: (api: Api) => Promise<unknown>) => work({ lines } as Api) } as Relay);
    await keyTest.run({ path: "/targets/test", body: {} });
    await keyTest.end();
    expect(keyTest.failure).toEqual({ text: "Gone.", lang: "en" });
  });
});
