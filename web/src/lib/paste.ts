// What somebody pastes where a server or a stream key belongs: a whole address is taken apart, and what can
// be neither is told.

import { bare, platformOf, type Platform } from "./platforms";

export type Place = "url" | "key";

/** Why it is of no use. */
export type Misfit = "page" | "whip" | "srt" | "scheme" | "variant" | "spaces" | "hidden";

/** What was done to an address beside splitting it. */
export type Mending = "app" | "scheme";

export interface Understood {
  /** The address without its key. */
  server: string;
  /** What comes after it, byte for byte. */
  key: string | null;
  /** The user name and the password that stood before the host. */
  login: { user: string; password: string } | null;
  /** Whose it is. */
  platform: Platform | null;
  mended: Mending | null;
  /** What was added to it. */
  end: string | null;
}

export type Reading = Understood | { misfit: Misfit };

/**
 * Reads what was put at a place. Null is nothing to speak of: a plain key, or an address that is best left
 * as it is. `custom` is the scheme for an address that has none.
 */
export function read(text: string, place: Place, platforms: readonly Platform[], custom = "rtmp"): Reading | null {
  const plain = text.trim().replace(/^["'`“‘<]+|["'`”’>]+$/g, "");
  const [first = "", second, ...more] = plain.split(/\s+/);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(first)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    if (place === "key") return keyMisfit(plain);
    const whole = second === undefined ? withScheme(first, platforms, custom) : null;
    return whole === null ? null : split(whole, null, place, platforms, "scheme");
  }
  const isIngest = scheme === "https" && isBareIngest(first);
  const misfit = isIngest ? null : schemeMisfit(scheme, first);
  if (misfit !== null) return { misfit };
  if (more.length > 0 || second?.includes("://")) return { misfit: "spaces" };
  return split((isIngest ? "rtmps" : scheme) + first.slice(scheme.length), second ?? null, place, platforms, null);
}

/** Of an address with its scheme in small letters, and maybe a key that stood beside it. */
function split(
  address: string,
  key: string | null,
  place: Place,
  platforms: readonly Platform[],
  mending: Mending | null,
): Reading | null {
  const parts = /^(rtmps?:\/\/)([^/?]*)\/?(.*)$/s.exec(address);
  if (parts === null) return null;
  const [, scheme = "", whole = "", rest = ""] = parts;
  const authority = whole.slice(whole.lastIndexOf("@") + 1);
  const login = loginOf(whole.slice(0, -authority.length - 1));
  const host = hostOf(authority);
  const platform = platformOf(host, platforms);
  const mended = withApp(scheme, authority, host, rest);
  const path = mended?.path ?? rest;
  const origin = scheme + (mended?.authority ?? authority);
  const app = platform === null ? null : appOf(path, platform);
  const cut = app === null ? lastCut(path, place) : app.length;
  const own = path.slice(cut + 1);
  const understood = {
    server: bare(`${origin}/${path.slice(0, cut)}`),
    key: key ?? (own === "" ? null : own),
    login,
    platform,
    mended: mended === null ? mending : ("app" as const),
    end: mended === null ? null : `${mended.authority.slice(authority.length)}/app`,
  };
  const isNews = understood.key !== null || understood.mended !== null || place === "key" || platform !== null || whole !== authority;
  return isNews ? understood : null;
}

/** The platform's application that a path begins with: a listed one, else its first part. */
function appOf(path: string, platform: Platform): string {
  const addresses = platform.servers.flatMap(({ url, backup }) => (backup === null ? [url] : [url, backup.url]));
  const apps = addresses.map((url) => url.split("/").slice(3).join("/")).sort((a, b) => b.length - a.length);
  const listed = apps.find((app) => path === app || path.startsWith(`${app}/`));
  return listed ?? path.split("/")[0] ?? "";
}

/** Where the key of an unknown server begins, if what stands there looks like one. */
function lastCut(path: string, place: Place): number {
  const query = path.indexOf("?");
  const slash = (query < 0 ? path : path.slice(0, query)).lastIndexOf("/");
  if (slash < 0) return path.length;
  return place === "key" || looksLikeKey(path.slice(slash + 1)) ? slash : path.length;
}

/** An application may have two parts ("v2/pub"), so a short plain word is not taken for a key. */
function looksLikeKey(text: string): boolean {
  if (/[?=]/.test(text) || text.length >= 16) return true;
  return text.length >= 8 && /\d/.test(text) && /[a-z]/i.test(text);
}

/** Kick and Amazon IVS show their address without its application, which is always the same. */
function withApp(scheme: string, authority: string, host: string, path: string): { authority: string; path: string } | null {
  if (!isIvs(host) || /^app([/?]|$)/.test(path)) return null;
  const port = scheme === "rtmps://" && !authority.includes(":") ? ":443" : "";
  return { authority: authority + port, path: path === "" ? "app" : `app/${path}` };
}

/** Whether a host takes streams on Amazon IVS, where Kick and Twitch have theirs, too. */
function isIvs(host: string): boolean {
  return host.toLowerCase().endsWith("contribute.live-video.net");
}

/** Whether an address of the web can only be meant for encoders. */
function isBareIngest(address: string): boolean {
  return isIvs(/^https:\/\/([^/?:]+)(?::443)?\/?$/i.exec(address)?.[1] ?? "");
}

/** An address that lacks only how it begins. */
function withScheme(text: string, platforms: readonly Platform[], custom: string): string | null {
  const parts = /^((?:[a-z0-9-]+\.)+[a-z0-9-]+)(?::\d+)?(\/\S+|\/)?$/i.exec(text);
  if (parts === null) return null;
  const [, host = "", path = "/"] = parts;
  // A name alone may be anything but what these show.
  if (isIvs(host)) return `rtmps://${text}`;
  if (path === "/") return null;
  const platform = platformOf(host, platforms);
  const scheme = platform?.servers[0]?.url.split("://")[0] ?? (platform === null ? custom : "rtmps");
  return `${scheme}://${text}`;
}

/** Of what stands before the `@`, in which signs may be written as numbers. */
function loginOf(text: string): Understood["login"] {
  const [user = "", ...password] = text.split(":");
  return user === "" ? null : { user: decoded(user), password: decoded(password.join(":")) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hostOf(authority: string): string {
  return authority.startsWith("[") ? authority.slice(1).split("]")[0] ?? "" : authority.split(":")[0] ?? "";
}

function keyMisfit(key: string): Reading | null {
  if (/^[•●*·.]{4,}$/.test(key)) return { misfit: "hidden" };
  return /\s/.test(key) ? { misfit: "spaces" } : null;
}

function schemeMisfit(scheme: string, address: string): Misfit | null {
  if (scheme === "rtmp" || scheme === "rtmps") return null;
  if (scheme === "http" || scheme === "https") return /\bwhip\b/i.test(address) ? "whip" : "page";
  if (scheme === "srt") return "srt";
  return /^rtm(p|fp)/.test(scheme) ? "variant" : "scheme";
}
