import { describe, expect, test } from "vitest";

import { read, type Place, type Understood } from "./paste";
import { PLATFORMS } from "./platforms.fixture";

function split(text: string, place: Place = "url", custom = "rtmp") {
  const reading = read(text, place, PLATFORMS, custom);
  if (reading === null || "misfit" in reading) return reading;
  const { server, key, platform, mended } = reading satisfies Understood;
  return [server, key, platform?.id ?? null, mended];
}

describe("a whole address is taken apart", () => {
  test.each([
    // Platforms that are known: exactly at their application.
    ["rtmp://a.rtmp.youtube.com/live2/abcd-1234", "rtmp://a.rtmp.youtube.com/live2", "abcd-1234", "youtube"],
    ["rtmps://b.rtmps.youtube.com:443/live2?backup=1/abcd", "rtmps://b.rtmps.youtube.com:443/live2?backup=1", "abcd", "youtube"],
    ["rtmp://a.rtmp.youtube.com/live2/abcd?backup=1", "rtmp://a.rtmp.youtube.com/live2", "abcd?backup=1", "youtube"],
    ["rtmp://live.twitch.tv/app/live_1?bandwidthtest=true", "rtmp://live.twitch.tv/app", "live_1?bandwidthtest=true", "twitch"],
    ["RTMP://LIVE.twitch.tv/app/k", "rtmp://LIVE.twitch.tv/app", "k", "twitch"],
    ["rtmps://live-api-s.facebook.com:443/rtmp/FB-1-0-Ab?s_bl=1&a=Ab%20/x", "rtmps://live-api-s.facebook.com:443/rtmp", "FB-1-0-Ab?s_bl=1&a=Ab%20/x", "facebook"],
    ["rtmp://live-push.bilivideo.com/live-bvc/?streamname=s&key=k&pflag=1", "rtmp://live-push.bilivideo.com/live-bvc", "?streamname=s&key=k&pflag=1", "bilibili"],
    ["rtmp://liveorigin.dlive.nicovideo.jp/live/input/lv1?2", "rtmp://liveorigin.dlive.nicovideo.jp/live/input", "lv1?2", "niconico"],
    ["rtmps://dc4-1.rtmp.t.me/s/2731:Io2i-CI_22", "rtmps://dc4-1.rtmp.t.me/s", "2731:Io2i-CI_22", "telegram"],
    ["rtmps://push-rtmp-l1.tiktokcdn-eu.com:443/game/stream-1?expire=2&sign=3", "rtmps://push-rtmp-l1.tiktokcdn-eu.com:443/game", "stream-1?expire=2&sign=3", "tiktok"],
    // Others: at the last slash before the query, if what follows looks like a key.
    ["rtmp://my.host:1936/live/abc123def456", "rtmp://my.host:1936/live", "abc123def456", null],
    ["rtmp://my.host/a/b/abcdefghijklmnop", "rtmp://my.host/a/b", "abcdefghijklmnop", null],
    ["rtmp://my.host/live/cam?token=x/y", "rtmp://my.host/live", "cam?token=x/y", null],
    ["rtmp://[2001:db8::1]:1935/live/abcd1234", "rtmp://[2001:db8::1]:1935/live", "abcd1234", null],
    // Both pasted at once.
    ["rtmp://my.host/live\nkey", "rtmp://my.host/live", "key", null],
    ["rtmp://a.rtmp.youtube.com/live2/  abcd\n", "rtmp://a.rtmp.youtube.com/live2", "abcd", "youtube"],
    [" “rtmp://live.twitch.tv/app/k”\r\n", "rtmp://live.twitch.tv/app", "k", "twitch"],
  ])("%s", (text, server, key, platform) => {
    expect(split(text)).toEqual([server, key, platform, null]);
    expect(split(text, "key")).toEqual([server, key, platform, null]);
  });
});

describe("a server's address without a key", () => {
  test.each([
    ["rtmps://a.rtmps.youtube.com:443/live2", "rtmps://a.rtmps.youtube.com:443/live2", "youtube"],
    ["rtmps://b.rtmps.youtube.com:443/live2?backup=1", "rtmps://b.rtmps.youtube.com:443/live2?backup=1", "youtube"],
    ["rtmp://live.twitch.tv/app/", "rtmp://live.twitch.tv/app", "twitch"],
    ["rtmp://liveorigin.dlive.nicovideo.jp/live/input", "rtmp://liveorigin.dlive.nicovideo.jp/live/input", "niconico"],
  ])("%s keeps its parts", (text, server, platform) => {
    expect(split(text)).toEqual([server, null, platform, null]);
  });

  test.each([
    "rtmp://my.host/live",
    "rtmp://my.host/live/",
    // An application of two parts, or a short key: the API finds the key at its end if none is typed.
    "rtmps://my.host:443/v2/pub",
    "rtmp://my.host/live?token=secret",
    "rtmp://[::1]/live",
    "rtmp://my.host",
    "rtmp://127.0.0.1:9/live?auth=…",
    "",
    "my server",
    "localhost/live",
  ])("of an unknown server is left alone: “%s”", (text) => {
    expect(split(text)).toBeNull();
  });

  test("in the key's place belongs elsewhere", () => {
    expect(split("rtmp://my.host/live", "key")).toEqual(["rtmp://my.host/live", null, null, null]);
    expect(split("rtmp://my.host/live/cam", "key")).toEqual(["rtmp://my.host/live", "cam", null, null]);
  });
});

describe("an address that lacks something is mended", () => {
  test.each([
    ["rtmps://fa723fc1b171.global-contribute.live-video.net", "rtmps://fa723fc1b171.global-contribute.live-video.net:443/app", null, "kick"],
    ["rtmps://fa723fc1b171.global-contribute.live-video.net/", "rtmps://fa723fc1b171.global-contribute.live-video.net:443/app", null, "kick"],
    ["rtmps://0123.global-contribute.live-video.net:443", "rtmps://0123.global-contribute.live-video.net:443/app", null, "ivs"],
    ["rtmps://fa723fc1b171.global-contribute.live-video.net/sk_us-west-2_abc", "rtmps://fa723fc1b171.global-contribute.live-video.net:443/app", "sk_us-west-2_abc", "kick"],
    ["rtmp://0123.global-contribute.live-video.net", "rtmp://0123.global-contribute.live-video.net/app", null, "ivs"],
    ["0123.global-contribute.live-video.net", "rtmps://0123.global-contribute.live-video.net:443/app", null, "ivs"],
    ["https://fa723fc1b171.global-contribute.live-video.net/", "rtmps://fa723fc1b171.global-contribute.live-video.net:443/app", null, "kick"],
  ])("by its application: %s", (text, server, key, platform) => {
    expect(split(text)).toEqual([server, key, platform, "app"]);
  });

  test("but not where it is whole", () => {
    const whole = "rtmps://fa723fc1b171.global-contribute.live-video.net:443/app";
    expect(split(whole)).toEqual([whole, null, "kick", null]);
    expect(split(`${whole}/sk_1`)).toEqual([whole, "sk_1", "kick", null]);
  });

  test("by its scheme", () => {
    expect(split("live.twitch.tv/app")).toEqual(["rtmp://live.twitch.tv/app", null, "twitch", "scheme"]);
    expect(split("a.rtmps.youtube.com/live2/k")).toEqual(["rtmps://a.rtmps.youtube.com/live2", "k", "youtube", "scheme"]);
    expect(split("my.host:1935/live", "url", "rtmps")).toEqual(["rtmps://my.host:1935/live", null, null, "scheme"]);
  });
});

describe("a login is taken out of an address", () => {
  function login(text: string, place: Place = "url") {
    const reading = read(text, place, PLATFORMS);
    if (reading === null || "misfit" in reading) return reading;
    return [reading.server, reading.key, reading.login];
  }

  test.each([
    ["rtmp://user:secret@host/app", "rtmp://host/app", null, { user: "user", password: "secret" }],
    ["rtmp://user:secret@host:1936/app/abcdefghijklmnop", "rtmp://host:1936/app", "abcdefghijklmnop", { user: "user", password: "secret" }],
    ["rtmps://a%40b.org:p%2Fw:x@y@[::1]/app", "rtmps://[::1]/app", null, { user: "a@b.org", password: "p/w:x@y" }],
    ["rtmp://user:100%@host/app", "rtmp://host/app", null, { user: "user", password: "100%" }],
    ["rtmp://user@host/app", "rtmp://host/app", null, { user: "user", password: "" }],
    ["rtmp://@host/app", "rtmp://host/app", null, null],
  ])("%s", (text, server, key, expected) => {
    expect(login(text)).toEqual([server, key, expected]);
    expect(login(text, "key")).toMatchObject({ 2: expected });
  });

  test("which has none in its query", () => {
    expect(login("rtmp://host/app?mail=a@b")).toBeNull();
  });
});

describe("what is of no use is told", () => {
  test.each([
    ["https://www.youtube.com/live_dashboard", "page"],
    ["http://instagram.com:443/rtmp/", "page"],
    ["https://www.twitch.tv/", "page"],
    ["https://g.webrtc.live-video.net:4443/v2/whip", "whip"],
    ["srt://host:9000?streamid=x", "srt"],
    ["rtsp://camera/1", "scheme"],
    ["rtmpt://host/app", "variant"],
    ["rtmpe://host/app/key", "variant"],
    ["rtmfp://host/app", "variant"],
    ["rtmp://host/app key and more", "spaces"],
  ])("%s", (text, misfit) => {
    expect(split(text)).toEqual({ misfit });
    expect(split(text, "key")).toEqual({ misfit });
  });

  test.each([
    ["abc def", "spaces"],
    ["Stream key: abcd", "spaces"],
    ["••••••••••••", "hidden"],
    ["********", "hidden"],
  ])("in the key's place: “%s”", (text, misfit) => {
    expect(split(text, "key")).toEqual({ misfit });
  });
});

test.each(["abcd-1234", " abcd-1234\n", "?streamname=s&key=k", "2731:Io2i_CI", "a/b/c=", "live_1?bandwidthtest=true"])(
  "a plain key is left as it is: “%s”",
  (text) => expect(split(text, "key")).toBeNull(),
);
