// A few platforms for tests, as the API tells them.

import type { Platform } from "./platforms";

const PLAIN: Platform = {
  id: "",
  name: "",
  domains: [],
  servers: [],
  servers_at: null,
  has_list: false,
  server_from: "list",
  key_page: null,
  key_life: "lasting",
  on_air: "by_pushing",
  needs_login: false,
  limits: {
    video_kbps: null,
    audio_kbps: null,
    key_frame_seconds: null,
    key_frame_max_seconds: null,
    hours: null,
    lines: null,
    frame_rate: null,
    portrait: false,
    no_b_frames: false,
  },
  codecs: ["h264"],
  intake: { video_codecs: ["h264"], audio_codecs: ["aac"], tracks: "one", video_track: 0, audio_track: 0, tags: "common" },
  sources: [],
};

function platform(id: string, name: string, domains: string[], urls: string[], more: Partial<Platform> = {}): Platform {
  const servers = urls.map((url, index) => ({ id: index === 0 ? "auto" : `city-${index}`, name: `City ${index}`, url, backup: null }));
  return { ...PLAIN, id, name, domains, servers, ...more };
}

export const PLATFORMS: readonly Platform[] = [
  platform("youtube", "YouTube", ["youtube.com"], [], {
    servers: [
      {
        id: "auto",
        name: "Nearest",
        url: "rtmps://a.rtmps.youtube.com:443/live2",
        backup: { url: "rtmps://b.rtmps.youtube.com:443/live2?backup=1", policy: "both" },
      },
    ],
    limits: { ...PLAIN.limits, video_kbps: 51000, audio_kbps: 160, key_frame_seconds: 2, hours: 12 },
    codecs: ["h264", "av1"],
    on_air: "as_set",
  }),
  platform(
    "twitch",
    "Twitch",
    ["twitch.tv", "ingest.global-contribute.live-video.net"],
    ["rtmp://live.twitch.tv/app", "rtmp://live-fra.twitch.tv/app"],
    { has_list: true },
  ),
  platform(
    "kick",
    "Kick",
    ["kick.com", "fa723fc1b171.global-contribute.live-video.net"],
    ["rtmps://fa723fc1b171.global-contribute.live-video.net:443/app"],
    {
      server_from: "account",
      limits: { ...PLAIN.limits, video_kbps: 8000 },
      sources: [{ of: "limits", url: "https://example.com", word: "others", checked: "2026-11" }],
    },
  ),
  platform("rtmp", "Custom RTMP", [], [], { server_from: "account" }),
  platform("rtmps", "Custom RTMPS", [], [], { server_from: "account" }),
  platform("tiktok", "TikTok", ["tiktokcdn-eu.com"], [], { server_from: "broadcast", key_life: "broadcast" }),
  platform("telegram", "Telegram", ["rtmp.t.me"], [], { server_from: "account" }),
  platform("bilibili", "Bilibili", ["bilivideo.com"], ["rtmp://live-push.bilivideo.com/live-bvc"]),
  platform("niconico", "niconico", ["nicovideo.jp"], ["rtmp://liveorigin.dlive.nicovideo.jp/live/input"]),
  platform("facebook", "Facebook", ["facebook.com"], ["rtmps://live-api-s.facebook.com:443/rtmp"]),
  platform("x", "X", ["pscp.tv"], ["rtmps://va.pscp.tv:443/x"], { on_air: "by_hand" }),
  platform("ivs", "Amazon IVS", ["global-contribute.live-video.net"], [], { server_from: "account" }),
  platform("dacast", "Dacast", ["dacast.com"], [], { server_from: "account", needs_login: true }),
];
