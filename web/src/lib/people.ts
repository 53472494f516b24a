// What roles, scopes and browsers are called on the page.

import { SCOPES } from "./access";
import type { Role, Scope, Token, User } from "./api";
import type { Choice } from "./choices";
import { day, when } from "./day";
import { t } from "./language.svelte";

export function roles(): Choice<Role>[] {
  return ROLES.map((value) => ({ value, label: t(`settings:role.${value}`), hint: t(`settings:role.${value}_hint`) }));
}

export function tokenScopes(): Choice<Scope>[] {
  return SCOPES.map((value) => ({ value, label: t(`settings:scope.${value}`), hint: t(`settings:scope.${value}_hint`) }));
}

/** How long a token is good for, in days; nothing is for ever. */
export function lifetimes(): Choice<string>[] {
  return [
    { value: "30", label: t("settings:tokens.days") },
    { value: "365", label: t("settings:tokens.year") },
    { value: "", label: t("settings:tokens.forever") },
  ];
}

/** When it ends that begins `now`, in seconds since 1970. */
export function endOf(days: string, now: number): number | null {
  return days === "" ? null : Math.floor(now) + Number(days) * 24 * 60 * 60;
}

export function roleLabel(role: Role): string {
  return t(`settings:role.${role}`);
}

/** What is known of a person. */
export function aboutUser(user: User, now: number): string[] {
  const at = user.last_login_at;
  const login = at === null ? t("settings:people.neverLoggedIn") : t("settings:people.lastLogin", { time: when(at, now) });
  return [roleLabel(user.role), login];
}

/** What is known of a token. */
export function aboutToken(token: Token, users: readonly User[], now: number): string[] {
  const maker = users.find(({ id }) => id === token.made_by);
  const at = token.last_used_at;
  const used = at === null ? t("settings:tokens.neverUsed") : t("settings:tokens.lastUsed", { time: when(at, now) });
  const end = token.expires_at === null ? [] : [endWord(token.expires_at, now)];
  const by = maker === undefined ? [] : [t("settings:tokens.madeBy", { name: maker.name })];
  return [t(`settings:scope.${token.scope}`), t("settings:tokens.hint", { hint: token.hint }), used, ...end, ...by];
}

/** "Firefox on Linux", as far as what a browser says of itself can be believed. */
export function browserWord(agent: string): string {
  const browser = BROWSERS.find(([mark]) => agent.includes(mark))?.[1];
  const system = SYSTEMS.find(([mark]) => agent.includes(mark))?.[1];
  if (browser === undefined) return agent === "" ? t("settings:browserUnknown") : agent;
  return system === undefined ? browser : t("settings:browserOn", { browser, system });
}

function endWord(at: number, now: number): string {
  return at <= now ? t("settings:tokens.expired") : t("settings:tokens.until", { time: day(at) });
}

const ROLES: readonly Role[] = ["viewer", "operator", "owner"];

// Each says the names of those below it, too.
const BROWSERS: readonly (readonly [mark: string, name: string])[] = [
  ["Edg/", "Edge"],
  ["OPR/", "Opera"],
  ["Firefox/", "Firefox"],
  ["Chrome/", "Chrome"],
  ["Safari/", "Safari"],
];

const SYSTEMS: readonly (readonly [mark: string, name: string])[] = [
  ["Android", "Android"],
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Windows", "Windows"],
  ["Mac OS X", "macOS"],
  ["Linux", "Linux"],
];
