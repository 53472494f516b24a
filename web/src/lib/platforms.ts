// The platforms that are known, as the API tells them: whose an address is, and what is said of them in words.

import i18next from "i18next";

import type { BackupPolicy, Intake } from "./api";
import { codecName } from "./codecs";
import { language, t } from "./language.svelte";

/** A place that many people push to. */
export interface Platform {
  id: string;
  name: string;
  domains: string[];
  servers: PlatformServer[];
  /** When it was last asked for its servers: seconds since 1970. */
  servers_at: number | null;
  /** Its servers can be asked for. */
  has_list: boolean;
  server_from: "list" | "account" | "broadcast";
  /** Where a person sees their key. */
  key_page: string | null;
  key_life: "lasting" | "broadcast";
  on_air: "by_pushing" | "by_hand" | "as_set";
  needs_login: boolean;
  limits: PlatformLimits;
  codecs: string[];
  /** What its targets take. */
  intake: Intake;
  sources: { of: string; url: string; word: string; checked: string }[];
}

export interface PlatformServer {
  id: string;
  name: string;
  url: string;
  /** A second address that takes the same key. */
  backup: Standby | null;
}

export interface Standby {
  url: string;
  policy: BackupPolicy;
}

/** What is not known is null. */
export interface PlatformLimits {
  video_kbps: number | null;
  audio_kbps: number | null;
  key_frame_seconds: number | null;
  key_frame_max_seconds: number | null;
  hours: number | null;
  /** The shorter side of the picture. */
  lines: number | null;
  frame_rate: number | null;
  portrait: boolean;
  no_b_frames: boolean;
}

/** Whether it stands for any server there is. */
export function isCustom(platform: Platform): boolean {
  return platform.id === "rtmp" || platform.id === "rtmps";
}

/** The one whose domain a host belongs to; of several the nearest. */
export function platformOf(host: string, platforms: readonly Platform[]): Platform | null {
  const name = host.toLowerCase().replace(/\.$/, "");
  const found = platforms.flatMap((platform) =>
    platform.domains
      .filter((domain) => name === domain || name.endsWith(`.${domain}`))
      .map((domain) => ({ platform, length: domain.length })),
  );
  return found.sort((a, b) => b.length - a.length)[0]?.platform ?? null;
}

/** The one that an address belongs to. */
export function platformAt(url: string, platforms: readonly Platform[]): Platform | null {
  const host = /^rtmps?:\/\/([^/:?]+)/i.exec(url.trim())?.[1];
  return host === undefined ? null : platformOf(host, platforms);
}

/** The listed server with this address. */
export function serverAt(url: string, platform: Platform | null): PlatformServer | null {
  const wanted = withoutPort(url);
  return platform?.servers.find((server) => withoutPort(server.url) === wanted) ?? null;
}

/** Its servers as they are listed: the usual one and others for everywhere first, then by their names. */
export function listedServers({ servers }: Platform): PlatformServer[] {
  const isFirst = (server: PlatformServer) => server === servers[0] || FOR_ALL.has(server.id);
  const places = servers.filter((server) => !isFirst(server));
  return [...servers.filter(isFirst), ...places.sort((a, b) => a.name.localeCompare(b.name, language.locale))];
}

/** Those that a search is for. */
export function matching(platforms: readonly Platform[], search: string): Platform[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const about = (platform: Platform) =>
    [platformName(platform), platform.id, ALSO[platform.id] ?? "", ...platform.domains].join(" ").toLowerCase();
  return platforms.filter((platform) => words.every((word) => about(platform).includes(word)));
}

/** A name that no other target has: "YouTube 2". */
export function freeName(name: string, taken: readonly string[]): string {
  const others = new Set(taken.map((other) => other.trim().toLowerCase()));
  const names = [name, ...taken.map((_, index) => `${name} ${index + 2}`)];
  return names.find((free) => !others.has(free.toLowerCase())) ?? `${name} ${taken.length + 2}`;
}

/** Two letters that stand for it, as no platform's picture is shown. */
export function monogram(name: string): string {
  const capitals = name.match(/\p{Lu}/gu) ?? [];
  const letters = capitals.length > 1 ? capitals : [...name];
  return letters.slice(0, 2).join("");
}

/** One of the page's colours for it, always the same. */
export function shade(id: string): number {
  return [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7) % SHADES;
}

export function platformName(platform: Platform): string {
  return isCustom(platform) ? t(`form:custom.${platform.id as "rtmp" | "rtmps"}`) : platform.name;
}

/** What a server is called: places go by their names, the rest is told. */
export function serverName(server: PlatformServer): string {
  const key = `form:server.${server.id}`;
  return i18next.exists(key) ? t(key as "form:server.auto") : server.name;
}

/** Where its key is and what is odd about it, if more is to be said than its link. */
export function aboutKey(platform: Platform): string | null {
  const key = `form:key.of.${platform.id}`;
  return i18next.exists(key) ? t(key as "form:key.of.kick") : null;
}

/** What one must know before going live there. */
export function warnings(platform: Platform): string[] {
  const name = platformName(platform);
  const own = `form:about.${platform.id}`;
  return [
    platform.needs_login ? t("form:note.login", { name }) : "",
    platform.on_air === "by_hand" ? t("form:note.byHand", { name }) : "",
    platform.on_air === "as_set" ? t("form:note.asSet", { name }) : "",
    i18next.exists(own) ? t(own as "form:about.x") : "",
  ].filter(Boolean);
}

/** What it takes, in a few words each. */
export function limitWords({ limits, codecs }: Platform): string[] {
  const { video_kbps, audio_kbps, key_frame_seconds, hours, lines, frame_rate } = limits;
  return [
    video_kbps === null ? "" : t("form:limit.video", { rate: rate(video_kbps) }),
    audio_kbps === null ? "" : t("form:limit.audio", { rate: rate(audio_kbps) }),
    key_frame_seconds === null ? "" : t("form:limit.keyFrame", { count: key_frame_seconds }),
    lines === null ? "" : t("form:limit.lines", { lines }),
    frame_rate === null ? "" : t("form:limit.frameRate", { count: frame_rate }),
    limits.portrait ? t("form:limit.portrait") : "",
    limits.no_b_frames ? t("form:limit.noBFrames") : "",
    hours === null ? "" : t("form:limit.hours", { count: hours }),
    codecs.map(codecName).join(", "),
  ].filter(Boolean);
}

/** Whether its limits are nobody's word that can be relied on. */
export function areHearsay(platform: Platform): boolean {
  const words = platform.sources.filter((source) => source.of === "limits").map((source) => source.word);
  return words.length > 0 && words.every((word) => word === "others");
}

/** As the API keeps an address. */
export function bare(url: string): string {
  return url.trim().replace(/\/$/, "");
}

/** The port that is meant anyway need not be written. */
function withoutPort(url: string): string {
  return bare(url).replace(/^(rtmps:\/\/[^/:]+):443\//i, "$1/").replace(/^(rtmp:\/\/[^/:]+):1935\//i, "$1/");
}

/** 51000 -> "51 Mbit/s". */
function rate(kbps: number): string {
  const [number, unit] = kbps < 1000 ? [kbps, "kbit/s"] : [kbps / 1000, "Mbit/s"];
  return `${new Intl.NumberFormat(language.locale, { maximumFractionDigits: 1 }).format(number)} ${unit}`;
}

const SHADES = 8;

const FOR_ALL: ReadonlySet<string> = new Set(["auto", "plain", "abroad"]);

// What people also look for it by.
const ALSO: Readonly<Record<string, string>> = {
  x: "twitter periscope",
  facebook: "meta",
  instagram: "meta",
  ivs: "aws",
  soop: "afreecatv",
  chzzk: "naver",
  vk: "vkontakte",
  rtmp: "own server nginx other",
  rtmps: "own server tls encrypted other",
};
