import { describe, expect, test, vi } from "vitest";

import { Api, ApiError, errorAt, Unreachable, type Target } from "./api";

function answering(status: number, body: string) {
  const fetcher = vi.fn<typeof fetch>(async () => new Response(status === 204 ? null : body, { status }));
  return { api: new Api(fetcher), fetcher };
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.fail("it was to fail"),
    (error: unknown) => error,
  );
}

describe("a call", () => {
  test("sends its body as JSON", async () => {
    const { api, fetcher } = answering(201, "{}");
    await api.createTarget(7, { name: "A", url: "rtmp://a/live/k", start_mode: "manual" });
    const [path, init] = fetcher.mock.calls[0] ?? [];
    expect(path).toBe("/api/v1/streams/7/targets");
    expect(init).toMatchObject({ method: "POST", headers: { "Content-Type": "application/json" } });
    expect(JSON.parse(String(init?.body))).toEqual({ name: "A", url: "rtmp://a/live/k", start_mode: "manual" });
  });

  test("that edits says what it knew before", async () => {
    const { api, fetcher } = answering(200, "{}");
    await api.updateTarget({ id: 7, version: 3 } as Target, { name: "B" });
    expect(fetcher.mock.calls[0]?.[1]).toMatchObject({ method: "PATCH", headers: { "If-Match": '"3"' } });
  });

  test("takes an answer without a body", async () => {
    const { api } = answering(204, "");
    await expect(api.removeTarget(1)).resolves.toBeUndefined();
  });
});

describe("a refusal", () => {
  test.each([
    ["12", 12],
    ["Wed, 21 Oct 2026 07:28:00 GMT", null],
    ["-1", null],
    [null, null],
  ])("with a wait of %s", async (wait, expected) => {
    const headers: Record<string, string> = wait === null ? {} : { "Retry-After": wait };
    const api = new Api(async () => new Response('{"detail": "too many"}', { status: 429, headers }));
    const error = await failureOf(api.logIn("Ada", "wrong"));
    expect(error).toMatchObject({ status: 429, message: "too many", waitSeconds: expected });
  });
});

describe("events", () => {
  test("are asked for up to a limit and come out of their envelope", async () => {
    const { api, fetcher } = answering(200, JSON.stringify({ events: [{ id: 3 }] }));
    expect(await api.targetEvents(7, 200, 30, AbortSignal.timeout(1_000))).toEqual([{ id: 3 }]);
    expect(fetcher.mock.calls[0]?.[0]).toBe("/api/v1/history?target=7&limit=200&before=30");
  });
});

test("the server's clock is read off its answers", async () => {
  const headers = { Date: "Thu, 01 Jan 2026 12:00:00 GMT" };
  const api = new Api(async () => new Response("{}", { headers }));
  await api.stopTarget(1);
  expect(api.clock.seconds(Date.now())).toBeCloseTo(Date.parse(headers.Date) / 1000 + 0.5, 0);
});

describe("a failure", () => {
  test("keeps the server's sentence and the field", async () => {
    const { api } = answering(422, JSON.stringify({ title: "Bad", status: 422, detail: "not an address", field: "url" }));
    const error = await failureOf(api.retryTarget(1));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 422, message: "not an address", field: "url" });
  });

  test("without a detail falls back to the title", async () => {
    const { api } = answering(404, JSON.stringify({ title: "Not found" }));
    expect(await failureOf(api.retryTarget(1))).toMatchObject({ message: "Not found", field: null });
  });

  test("that is no JSON still says something", async () => {
    const { api } = answering(502, "<html>");
    expect(await failureOf(api.retryTarget(1))).toMatchObject({ message: "The server answered with status 502." });
  });

  test("to answer with JSON is told apart from an empty answer", async () => {
    const { api } = answering(200, "<html>");
    expect(await failureOf(api.retryTarget(1))).toMatchObject({ message: "The server's answer cannot be read." });
  });

  test("to reach the server is its own kind", async () => {
    const api = new Api(async () => Promise.reject(new TypeError("fetch failed")));
    expect(await failureOf(api.retryTarget(1))).toBeInstanceOf(Unreachable);
  });
});

describe("errorAt", () => {
  test("puts an error at the form's field", () => {
    expect(errorAt(new ApiError(409, "taken", "name"), ["name", "url"])).toEqual({ field: "name", text: "taken" });
  });

  test("gives the form what belongs to a field it does not have", () => {
    expect(errorAt(new ApiError(422, "no", "enabled"), ["name"])).toEqual({ field: null, text: "no" });
    expect(errorAt(new Unreachable(), ["name"]).field).toBeNull();
  });
});

describe("lines", () => {
  const ask = async (parts: string[], status = 200) => {
    const body = new ReadableStream({
      start(controller) {
        for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
        controller.close();
      },
    });
    const fetcher = vi.fn<typeof fetch>(async () => new Response(body, { status }));
    const told: unknown[] = [];
    await new Api(fetcher).lines("/x", {}, (line) => told.push(line), AbortSignal.timeout(1_000));
    return { told, headers: fetcher.mock.calls[0]?.[1]?.headers };
  };

  test("are told one by one, however they are cut", async () => {
    const { told, headers } = await ask(['{"a": 1}\n{"b"', ': "ä', '"}\n', '{"cut": ']);
    expect(told).toEqual([{ a: 1 }, { b: "ä" }]);
    expect(headers).toMatchObject({ Accept: "application/x-ndjson" });
  });

  test("that are no JSON are said to be so", async () => {
    expect(await failureOf(ask(['{"a": 1}\n<html>\n']))).toMatchObject({ message: "The server's answer cannot be read." });
  });

  test("do not hide a refusal", async () => {
    expect(await failureOf(ask(['{"detail": "no", "field": "key"}'], 422))).toMatchObject({ message: "no", field: "key" });
  });
});
