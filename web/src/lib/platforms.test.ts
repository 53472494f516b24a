import { describe, expect, test } from "vitest";

import {
  aboutKey,
  areHearsay,
  freeName,
  limitWords,
  listedServers,
  matching,
  monogram,
  platformAt,
  platformOf,
  serverAt,
  shade,
  warnings,
  type Platform,
} from "./platforms";
import { PLATFORMS } from "./platforms.fixture";

const by = (id: string) => PLATFORMS.find((platform) => platform.id === id) as Platform;

describe("a platform", () => {
  test.each([
    ["rtmps://a.rtmps.YouTube.com:443/live2", "youtube"],
    ["RTMP://live-fra.twitch.tv/app", "twitch"],
    ["rtmps://ingest.global-contribute.live-video.net:443/app", "twitch"],
    ["rtmps://fa723fc1b171.global-contribute.live-video.net/app", "kick"],
    ["rtmps://0123.global-contribute.live-video.net/app", "ivs"],
    ["rtmp://notyoutube.com/live", undefined],
    ["rtmp://youtube.com.evil.example/live", undefined],
    ["rtmp://[::1]/live", undefined],
    ["not an address", undefined],
    ["", undefined],
  ])("is known by the address %s", (url, id) => {
    expect(platformAt(url, PLATFORMS)?.id).toBe(id);
  });

  test("is known by a host that ends with a dot", () => {
    expect(platformOf("live.twitch.tv.", PLATFORMS)?.id).toBe("twitch");
  });

  test("has the server with an address, slash and usual port or not", () => {
    expect(serverAt("rtmps://a.rtmps.youtube.com/live2", by("youtube"))?.id).toBe("auto");
    expect(serverAt("rtmps://a.rtmps.youtube.com:8443/live2", by("youtube"))).toBeNull();
    expect(serverAt("rtmp://live.twitch.tv:1935/app", by("twitch"))?.id).toBe("auto");
    expect(serverAt("rtmp://live-fra.twitch.tv/app/", by("twitch"))?.id).toBe("city-1");
    expect(serverAt("rtmp://live-fra.twitch.tv/other", by("twitch"))).toBeNull();
    expect(serverAt("rtmp://live-fra.twitch.tv/app", null)).toBeNull();
  });
});

describe("a search", () => {
  test.each([
    ["twi", ["twitch", "x"]],
    ["TWITCH", ["twitch"]],
    ["custom", ["rtmp", "rtmps"]],
    ["custom rtmps", ["rtmps"]],
    ["own server", ["rtmp", "rtmps"]],
    ["nobody has this", []],
  ])("for “%s” finds what it should", (search, ids) => {
    expect(matching(PLATFORMS, search).map(({ id }) => id)).toEqual(ids);
  });

  test("for nothing finds all in their order", () => {
    expect(matching(PLATFORMS, "  ")).toEqual(PLATFORMS);
  });
});

test("a name is proposed that nobody has", () => {
  expect(freeName("YouTube", [])).toBe("YouTube");
  expect(freeName("YouTube", ["Twitch", "youtube "])).toBe("YouTube 2");
  expect(freeName("YouTube", ["YouTube", "YouTube 2", "YouTube 4"])).toBe("YouTube 3");
});

test("two letters at most and a steady colour stand for a name", () => {
  expect(["YouTube", "Twitch", "X", "VK Video", "Amazon IVS", "niconico", "Odysee"].map(monogram)).toEqual([
    "YT",
    "Tw",
    "X",
    "VK",
    "AI",
    "ni",
    "Od",
  ]);
  for (const { id } of PLATFORMS) expect(shade(id)).toBeLessThan(8);
});

test("servers are listed by their names, the usual one first", () => {
  const server = (id: string, name: string) => ({ id, name, url: `rtmp://${id}.example/live`, backup: null });
  const servers = [server("va", "Virginia"), server("zu", "Zürich"), server("plain", "Nearest"), server("at", "Ägypten")];
  const names = listedServers({ ...by("x"), servers }).map(({ name }) => name);
  expect(names).toEqual(["Virginia", "Nearest", "Ägypten", "Zürich"]);
});

describe("what is said of a platform", () => {
  test("are its limits, as far as they are known", () => {
    expect(limitWords(by("youtube"))).toEqual([
      "Video up to 51 Mbit/s",
      "Sound up to 160 kbit/s",
      "A key frame every 2 seconds",
      "12 hours at most",
      "H.264, AV1",
    ]);
    expect(limitWords(by("x"))).toEqual(["H.264"]);
  });

  test("is whether its limits are hearsay", () => {
    expect(["kick", "youtube"].map((id) => areHearsay(by(id)))).toEqual([true, false]);
  });

  test("is what a person has to do there", () => {
    expect(warnings(by("x"))[0]).toMatch(/only after you press/);
    expect(warnings(by("youtube"))[0]).toMatch(/^Depending on your settings at YouTube/);
    expect(warnings(by("dacast"))[0]).toMatch(/user name and a password/);
    expect(warnings(by("facebook"))).toHaveLength(1);
    expect(aboutKey(by("telegram"))).toMatch(/admin/);
    expect(aboutKey(by("youtube"))).toBeNull();
  });
});
