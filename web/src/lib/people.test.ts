import { describe, expect, test } from "vitest";

import type { Token, User } from "./api";
import { aboutToken, aboutUser, browserWord, endOf } from "./people";

const ADA: User = { id: 1, name: "Ada", role: "owner", last_login_at: null };
const TOKEN: Token = { id: 1, name: "Deck", scope: "operate", hint: "9xyz", made_by: 1, expires_at: null, last_used_at: null };

describe("a browser", () => {
  test.each([
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"],
    ["Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"],
    ["Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 18 like Mac OS X) Version/18 Safari/604.1", "Safari on iPhone"],
    ["curl/8.0", "curl/8.0"],
    ["", "Unknown browser"],
  ])("%s is %s", (agent, word) => expect(browserWord(agent)).toBe(word));
});

test("who never logged in is told as that", () => {
  expect(aboutUser(ADA, 0)).toEqual(["Owner", "Never logged in"]);
});

describe("a token", () => {
  test("says who made it, as long as they are there", () => {
    expect(aboutToken(TOKEN, [ADA], 0)).toEqual(["Operate", "Ends with 9xyz", "Never used", "Made by Ada"]);
    expect(aboutToken(TOKEN, [], 0)).not.toContain("Made by Ada");
  });

  test("that is over says so", () => {
    expect(aboutToken({ ...TOKEN, expires_at: 99 }, [], 100)).toContain("Expired");
  });

  test("ends after its days, or never", () => {
    expect(endOf("30", 1_000.7)).toBe(1_000 + 30 * 86_400);
    expect(endOf("", 1_000)).toBeNull();
  });
});
