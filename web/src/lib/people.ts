// What roles, scopes and browsers are called on the page.

import type { Role, Scope, Token, User } from "./api";
import { moment } from "./format";
import type { Choice } from "./choices";

export const ROLES: readonly Choice<Role>[] = [
  { value: "viewer", label: "Viewer", hint: "Sees everything but keys." },
  { value: "operator", label: "Operator", hint: "Makes, changes, starts and stops streams and targets." },
  { value: "owner", label: "Owner", hint: "Everything, people and tokens too." },
];

export const TOKEN_SCOPES: readonly Choice<Scope>[] = [
  { value: "read", label: "Read", hint: "Sees everything but keys." },
  { value: "operate", label: "Operate", hint: "Starts, stops and retries, too." },
  { value: "edit", label: "Edit", hint: "Makes and changes streams and targets, too." },
  { value: "admin", label: "Admin", hint: "Everything." },
];

/** How long a token is good for, in days; nothing is for ever. */
export const LIFETIMES: readonly Choice<string>[] = [
  { value: "30", label: "30 days" },
  { value: "365", label: "A year" },
  { value: "", label: "Until it is removed" },
];

/** When it ends that begins `now`, in seconds since 1970. */
export function endOf(days: string, now: number): number | null {
  return days === "" ? null : Math.floor(now) + Number(days) * 24 * 60 * 60;
}

export function roleLabel(role: Role): string {
  return ROLES.find(({ value }) => value === role)?.label ?? role;
}

/** What is known of a person. */
export function aboutUser(user: User, now: number): string[] {
  const login = user.last_login_at === null ? "never logged in" : `last log-in ${moment(user.last_login_at, now)}`;
  return [roleLabel(user.role), login];
}

/** What is known of a token. */
export function aboutToken(token: Token, users: readonly User[], now: number): string[] {
  const maker = users.find(({ id }) => id === token.made_by);
  const used = token.last_used_at === null ? "never used" : `last used ${moment(token.last_used_at, now)}`;
  const end = token.expires_at === null ? [] : [endWord(token.expires_at, now)];
  const by = maker === undefined ? [] : [`made by ${maker.name}`];
  return [token.scope, `ends with ${token.hint}`, used, ...end, ...by];
}

/** "Firefox on Linux", as far as what a browser says of itself can be believed. */
export function browserWord(agent: string): string {
  const browser = BROWSERS.find(([mark]) => agent.includes(mark))?.[1];
  const system = SYSTEMS.find(([mark]) => agent.includes(mark))?.[1];
  if (browser === undefined) return agent === "" ? "Unknown browser" : agent;
  return system === undefined ? browser : `${browser} on ${system}`;
}

function endWord(at: number, now: number): string {
  return at <= now ? "expired" : `until ${moment(at, now)}`;
}

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
