import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { follow } from "./follow";

class Source extends EventTarget {
  close = vi.fn();

  say(name: string, data = "{}"): void {
    this.dispatchEvent(new MessageEvent(name, { data }));
  }
}

function started() {
  const source = new Source();
  const follower = { opened: vi.fn(), changed: vi.fn(), told: vi.fn(), lost: vi.fn() };
  const stop = follow(follower, () => source as unknown as EventSource);
  return { source, follower, stop };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("what happens, what is edited and what was missed is all a change", () => {
  const { source, follower } = started();
  source.say("open");
  for (const name of ["state", "edit", "resync"]) source.say(name);
  expect(follower.opened).toHaveBeenCalledTimes(1);
  expect(follower.changed).toHaveBeenCalledTimes(3);
});

test("numbers come as they were told", () => {
  const { source, follower } = started();
  source.say("stats", '{"streams": [], "targets": [{"id": 1}]}');
  expect(follower.told).toHaveBeenCalledWith({ streams: [], targets: [{ id: 1 }] });
});

test("an error ends it", () => {
  const { source, follower } = started();
  source.say("error");
  expect(source.close).toHaveBeenCalled();
  expect(follower.lost).toHaveBeenCalledTimes(1);
});

test("a server that is silent for long is lost", () => {
  const { source, follower } = started();
  vi.advanceTimersByTime(5_000);
  source.say("stats");
  vi.advanceTimersByTime(5_000);
  expect(follower.lost).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2_000);
  expect(follower.lost).toHaveBeenCalledTimes(1);
});

test("who stops is not told that it is lost", () => {
  const { source, follower, stop } = started();
  stop();
  vi.advanceTimersByTime(60_000);
  expect(source.close).toHaveBeenCalled();
  expect(follower.lost).not.toHaveBeenCalled();
});
