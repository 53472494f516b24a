// What each role sees, one's own account, and the owner's people and tokens.
//
// Wants what page.test.mjs wants.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { button, card, choosePlatform, dialog, entry, launch, section, withPage } from "./browser.mjs";
import { OWNER, Relay } from "./programs.mjs";

let browser;
let relay;

before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => {
  relay = await Relay.start();
  await relay.cookie();
});
afterEach(() => relay.remove());

describe("a role", () => {
  test("that only looks has nothing to press", async () => {
    const viewer = await person("viewer");
    const { id } = await relay.firstStream();
    await relay.api("PATCH", `/streams/${id}`, { name: "Seen" });
    for (const name of ["One", "Two"]) {
      await relay.api("POST", `/streams/${id}/targets`, { name, url: "rtmp://127.0.0.1:9/live", key: "k" });
    }
    const use = async (page) => {
      await card(page, "One").getByRole("link", { name: "Details" }).waitFor();
      await page.getByText("Your role does not show you the stream key.", { exact: false }).waitFor();
      const named = await page.getByRole("main").getByRole("button").allInnerTexts();
      assert.deepEqual([...new Set(named)].sort(), ["Copy", "Show preview"]);
    };
    await withPage(browser, relay, use, { as: viewer });
  });

  test("that operates has everything but people", async () => {
    const use = async (page) => {
      await button(page, "Add target").waitFor();
      await button(page, "Show stream key").click();
      await button(page, "Hide stream key").waitFor();
    };
    await withPage(browser, relay, use, { as: await person("operator") });
  });

  test("that is taken away while the page is open is told, and its buttons go", async () => {
    const operator = await person("operator");
    const use = async (page) => {
      await choosePlatform(page, "Custom RTMP");
      const users = (await relay.api("GET", "/users")).users;
      const { id } = users.find(({ name }) => name === operator.name);
      await relay.api("PATCH", `/users/${id}`, { role: "viewer" });
      await dialog(page).getByLabel("Name", { exact: true }).fill("Late");
      await dialog(page).getByLabel("Server", { exact: true }).fill("rtmp://127.0.0.1:9/live/k");
      await button(dialog(page), "Add target").click();
      await dialog(page).getByRole("alert").waitFor();
      assert.match(await dialog(page).getByRole("alert").innerText(), /^[A-Z].+ .+\.$/);
      await button(dialog(page), "Cancel").click();
      await button(page, "Add target").waitFor({ state: "detached" });
    };
    await withPage(browser, relay, use, { as: operator });
  });
});

describe("the account", () => {
  test("gets another password, which ends other sessions", () =>
    withPage(browser, relay, async (page) => {
      await relay.logIn(OWNER);
      await section(page, relay, "account");
      await button(page, "End the session of node from 127.0.0.1").waitFor();
      await page.getByLabel("Current password").fill("not this one");
      await page.getByLabel("New password").fill("short");
      await button(page, "Change password").click();
      await page.getByText("A password needs at least 10 characters", { exact: false }).waitFor();
      await page.getByLabel("New password").fill("another password");
      await button(page, "Change password").click();
      await page.getByRole("alert").waitFor();
      await page.getByLabel("Current password").fill(OWNER.password);
      await button(page, "Change password").click();
      await page.getByText("The password is changed.").waitFor();
      await button(page, "End the session of node from 127.0.0.1").waitFor({ state: "detached" });
      await relay.logIn({ ...OWNER, password: "another password" });
    }));

  test("ends a session that was left open elsewhere", () =>
    withPage(browser, relay, async (page) => {
      await relay.logIn(OWNER);
      await section(page, relay, "account");
      await button(page, "End the session of node from 127.0.0.1").click();
      await button(page, "End the session of node from 127.0.0.1").waitFor({ state: "detached" });
      await entry(page, "node").getByText("This session").waitFor();
      await button(page, "Log out").click();
      await page.getByLabel("Password", { exact: true }).waitFor();
    }));

  test("ends all other sessions at once", () =>
    withPage(browser, relay, async (page) => {
      for (let count = 0; count < 3; count += 1) await relay.logIn(OWNER);
      await section(page, relay, "account");
      await button(page, "End all others").click();
      await button(page, "End all others").waitFor({ state: "detached" });
      assert.equal(await entry(page, "node").count(), 1);
    }));
});

describe("people", () => {
  test("are let in, given another role and removed", () =>
    withPage(browser, relay, async (page) => {
      await section(page, relay, "people");
      await button(page, "Add person").click();
      await dialog(page).getByLabel("Name").fill(OWNER.name);
      await dialog(page).getByLabel("Password").fill("the password of Bob");
      await button(dialog(page), "Add person").click();
      await dialog(page).getByRole("alert").waitFor();
      await dialog(page).getByLabel("Name").fill("Bob");
      await dialog(page).getByLabel("Operator").check();
      await button(dialog(page), "Add person").click();
      await entry(page, "Bob").getByText("Operator").waitFor();
      await entry(page, "Bob").getByText("Never logged in").waitFor();
      await relay.logIn({ name: "Bob", password: "the password of Bob" });

      await button(page, "Change Bob").click();
      await dialog(page).getByLabel("Viewer").check();
      await dialog(page).getByLabel("New password").fill("a new one for Bob");
      await button(dialog(page), "Save").click();
      await entry(page, "Bob").getByText("Viewer").waitFor();
      await entry(page, "Bob").getByText(/^Last log-in /).waitFor();
      await relay.logIn({ name: "Bob", password: "a new one for Bob" });

      await button(page, "Remove Bob").click();
      await button(dialog(page), "Remove person").click();
      await entry(page, "Bob").waitFor({ state: "detached" });
      assert.equal((await relay.api("GET", "/users")).users.length, 1);
    }));

  test("always include an owner", () =>
    withPage(browser, relay, async (page) => {
      await section(page, relay, "people");
      await button(page, "Change Ada").click();
      await dialog(page).getByLabel("Viewer").check();
      await button(dialog(page), "Save").click();
      await dialog(page).getByRole("alert").waitFor();
      await button(dialog(page), "Cancel").click();
      await entry(page, "Ada").getByText("Owner").waitFor();
    }));
});

describe("a token", () => {
  test("is shown once, works, and is removed", () =>
    withPage(browser, relay, async (page) => {
      await section(page, relay, "tokens");
      await button(page, "Make token").click();
      await dialog(page).getByLabel("Name").fill("Deck");
      await dialog(page).getByLabel("Operate").check();
      await dialog(page).getByLabel("30 days").check();
      await button(dialog(page), "Make token").click();
      await page.getByText("Copy it now: it is never shown again.").waitFor();
      await page.getByRole("group", { name: "New token" }).getByRole("button").click();
      await page.getByText("New token copied", { exact: true }).waitFor({ state: "attached" });
      const token = await page.evaluate(() => navigator.clipboard.readText());
      const ask = () => fetch(`${relay.url}/api/v1/streams`, { headers: { Authorization: `Bearer ${token}` } });
      assert.equal((await ask()).status, 200);
      for (const fact of ["Operate", /^Good until /, "Made by Ada"]) await entry(page, "Deck").getByText(fact).waitFor();

      await section(page, relay, "about");
      await section(page, relay, "tokens");
      await entry(page, "Deck").waitFor();
      assert.ok(!(await page.content()).includes(token));
      await button(page, "Remove Deck").click();
      await button(dialog(page), "Remove token").click();
      await entry(page, "Deck").waitFor({ state: "detached" });
      assert.equal((await ask()).status, 401);
    }));
});

async function person(role) {
  const somebody = { name: "Eve", password: "password of Eve" };
  await relay.api("POST", "/users", { ...somebody, role });
  return somebody;
}
