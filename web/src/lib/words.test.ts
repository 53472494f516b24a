import { describe, expect, test } from "vitest";

import { run, stream, target } from "./fixtures";
import {
  addressInUse,
  backupTitle,
  canTryNow,
  isAnyOnAir,
  isLastOnAir,
  isOnBackup,
  liveCount,
  nextOrder,
  reasonNow,
  runTiming,
  sourceSentence,
  sourceTiming,
  targetLook,
  tryWord,
  wasFor,
} from "./words";

describe("a target's look", () => {
  test("tells live from what is on its way", () => {
    expect(targetLook("live").tone).toBe("good");
    expect(targetLook("backing_off").tone).toBe("busy");
  });

  test("calls for help only where somebody is needed", () => {
    expect(targetLook("blocked")).toEqual({ word: "Needs you", tone: "act" });
    expect(targetLook("stopped").tone).toBe("off");
  });

  test("shows a state that came with a newer server", () => {
    expect(targetLook("on_slate")).toEqual({ word: "on slate", tone: "idle" });
    expect(targetLook("toString")).toEqual({ word: "toString", tone: "idle" });
  });
});

describe("tries", () => {
  test("are counted from the second on", () => {
    expect([0, 1, 2].map(tryWord)).toEqual([null, null, "try 2"]);
  });

  test("can be hastened while one is waited for", () => {
    expect((["backing_off", "blocked", "connecting", "live"] as const).map((state) => canTryNow(run(state)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe("a connection's timing", () => {
  test("counts up from when it was made, a hold included", () => {
    const live = run("live", { connected_since: 1_000 });
    expect(runTiming(live, 1_065)).toBe("for 1 min 5 s");
    expect(runTiming({ ...live, state: "holding" }, 1_065)).toBeNull();
  });

  test("counts tries until then", () => expect(runTiming(run("tls", { attempts: 4 }), 0)).toBe("try 4"));
});

describe("what a target was", () => {
  test("is told with its time", () => {
    expect(wasFor("live", 7_400)).toBe("was live for 2 h 3 min");
    expect(wasFor("publishing", 1.24)).toBe("was connecting for 1.2 s");
  });

  test("is told in words that go with it", () => expect(wasFor("blocked", 300)).toBe("was stuck for 5 min 0 s"));
});

describe("a target's first button", () => {
  test("starts what is stopped and stops what is started", () => {
    expect(nextOrder(target(1, "stopped"))).toBe("start");
    expect(nextOrder(target(1, "waiting_for_source"))).toBe("stop");
  });

  test("switches on what is off, whatever was ordered before", () => {
    expect(nextOrder(target(1, "disabled", { started: true }))).toBe("enable");
    expect(nextOrder(target(1, "disabled", { started: false }))).toBe("enable");
  });
});

describe("a backup", () => {
  const backup_url = "rtmp://b/live";

  test("that stands in is told, and its address shown", () => {
    const one = target(1, "live", { backup_url, endpoint: "backup" });
    expect(isOnBackup(one)).toBe(true);
    expect(addressInUse(one)).toBe(backup_url);
  });

  test("that runs beside the first does not stand in", () => {
    const one = target(1, "backing_off", { backup_url, backup_policy: "both", backup: run("live", { endpoint: "backup" }) });
    expect(isOnBackup(one)).toBe(false);
    expect(addressInUse(one)).toBe(one.url);
  });

  test("is told in a word while it is folded away", () => {
    expect(backupTitle(" ", "both")).toBe("Backup address: none");
    expect(backupTitle(backup_url, "both")).toBe("Backup address: both at once");
    expect(backupTitle(backup_url, "failover")).toBe("Backup address: if the first fails");
  });
});

describe("the source's sentence", () => {
  test("says how much comes from where", () => {
    const { source } = stream("live", []);
    expect(sourceSentence(source, 0)).toBe("Receiving 6.0 Mbit/s from 192.0.2.1:5555.");
    expect(sourceSentence({ ...source, peer: null }, 0)).toBe("Receiving 6.0 Mbit/s.");
    expect(sourceTiming(source)).toBe("for 12 s");
    expect(sourceTiming({ ...source, state: "offline" })).toBeNull();
  });
});

describe("an encoder that is away", () => {
  const { source } = stream("held", []);

  test("is waited for as long as the server says", () => {
    const sentence = sourceSentence({ ...source, held_until: 1_041.2 }, 1_000);
    expect(sentence).toBe("Targets are held for 42 s more.");
  });

  test("is waited for without a number when there is none", () => {
    expect(sourceSentence(source, 0)).toBe("Targets are held.");
  });
});

describe("a reason", () => {
  const refused = "No such key. Next try in 58 s.";
  const waiting = run("blocked", { reason: refused, next_try_at: 1_030.2 });

  test("counts the wait down from what the server said", () => {
    expect(reasonNow(waiting, 1_000)).toBe("No such key. Next try in 31 s.");
    expect(reasonNow(waiting, 1_031)).toBe("No such key. Next try in a moment.");
    expect(reasonNow({ ...waiting, reason: "No such key. Next try in a moment." }, 1_030)).toBe(
      "No such key. Next try in 1 s.",
    );
  });

  test("is the server's where nothing is waited for", () => {
    expect(reasonNow(run("live", { reason: "receiving" }), 0)).toBe("Receiving.");
    expect(reasonNow({ ...waiting, next_try_at: null }, 0)).toBe(refused);
  });
});

describe("the last target on air", () => {
  test("is the only one that is live or held", () => {
    const [one, two] = [target(1, "live"), target(2, "backing_off")];
    expect(isLastOnAir(stream("live", [one, two]), one)).toBe(true);
    expect(isLastOnAir(stream("live", [one, two]), two)).toBe(false);
  });

  test("is none while another is held open", () => {
    const [one, two] = [target(1, "live"), target(2, "holding")];
    expect(isLastOnAir(stream("held", [one, two]), one)).toBe(false);
  });

  test("does not matter without a source", () => {
    const one = target(1, "live");
    expect(isLastOnAir(stream("offline", [one]), one)).toBe(false);
  });
});

describe("a target with two connections", () => {
  const half = target(1, "blocked", { backup: run("live") });

  test("is on air with one of them", () => {
    expect(isLastOnAir(stream("live", [half, target(2, "blocked")]), half)).toBe(true);
    expect(liveCount([half, target(2, "holding")])).toBe("1 of 2 live");
  });
});

test("all targets are stopped without a question where none is on air", () => {
  expect(isAnyOnAir(stream("live", [target(1, "live"), target(2, "stopped")]))).toBe(true);
  expect(isAnyOnAir(stream("live", [target(1, "backing_off")]))).toBe(false);
  expect(isAnyOnAir(stream("offline", [target(1, "live")]))).toBe(false);
});
