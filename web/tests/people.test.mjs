// What each role sees, one's own account, and the owner's list of people and tokens.
//
// Wants what page.test.mjs wants.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { button, card, dialog, launch, withPage } from "./browser.mjs";
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
      assert.deepEqual([...new Set(named)].sort(), ["Copy"]);
      await button(page, "Logged in as Eve").click();
      await button(page, "Account…").waitFor();
      assert.equal(await button(page, "People and tokens…").count(), 0);
    };
    await withPage(browser, relay, use, { as: viewer });
  });

  test("that operates has everything but people", async () => {
    const use = async (page) => {
      await button(page, "Add target").waitFor();
      await button(page, "Show stream key").click();
      await button(page, "Hide stream key").waitFor();
      await button(page, "Logged in as Eve").click();
      await button(page, "Account…").waitFor();
      assert.equal(await button(page, "People and tokens…").count(), 0);
    };
    await withPage(browser, relay, use, { as: await person("operator") });
  });

  test("that is taken away while the page is open is told, and its buttons go", async () => {
    const operator = await person("operator");
    const use = async (page) => {
      await button(page, "Add target").click();
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
      await open(page, "Account…");
      await dialog(page).getByRole("listitem").nth(1).waitFor();
      await dialog(page).getByLabel("Current password").fill("not this one");
      await dialog(page).getByLabel("New password").fill("short");
      await button(dialog(page), "Change password").click();
      await dialog(page).getByText("A password needs at least 10 characters", { exact: false }).waitFor();
      await dialog(page).getByLabel("New password").fill("another password");
      await button(dialog(page), "Change password").click();
      await dialog(page).getByRole("alert").waitFor();
      await dialog(page).getByLabel("Current password").fill(OWNER.password);
      await button(dialog(page), "Change password").click();
      await dialog(page).getByText("The password is changed.").waitFor();
      await dialog(page).getByRole("listitem").nth(1).waitFor({ state: "detached" });
      await relay.logIn({ ...OWNER, password: "another password" });
    }));

  test("ends a session that was left open elsewhere", () =>
    withPage(browser, relay, async (page) => {
      await relay.logIn(OWNER);
      await open(page, "Account…");
      await button(dialog(page), "End").click();
      await button(dialog(page), "End").waitFor({ state: "detached" });
      assert.equal(await dialog(page).getByRole("listitem").count(), 1);
      await dialog(page).getByText("this one", { exact: false }).waitFor();
      await button(dialog(page), "Log out").click();
      await page.getByLabel("Password", { exact: true }).waitFor();
    }));
});

describe("people", () => {
  test("are let in, given another role and removed", () =>
    withPage(browser, relay, async (page) => {
      await open(page, "People and tokens…");
      await dialog(page).getByText("Add a person").click();
      const form = dialog(page).getByRole("form", { name: "Add a person" });
      await form.getByLabel("Name").fill(OWNER.name);
      await form.getByLabel("Password").fill("the password of Bob");
      await button(form, "Add person").click();
      await form.getByRole("alert").waitFor();
      await form.getByLabel("Name").fill("Bob");
      await form.getByLabel("Operator").check();
      await button(form, "Add person").click();
      await entry(page, "Bob").getByText("Operator · never logged in").waitFor();
      await relay.logIn({ name: "Bob", password: "the password of Bob" });

      await button(dialog(page), "Change Bob").click();
      await entry(page, "Bob").getByLabel("Viewer").check();
      await entry(page, "Bob").getByLabel("New password").fill("a new one for Bob");
      await button(entry(page, "Bob"), "Save").click();
      await entry(page, "Bob").getByText(/^Viewer · last log-in /).waitFor();
      await relay.logIn({ name: "Bob", password: "a new one for Bob" });

      await button(dialog(page), "Change Bob").click();
      await button(entry(page, "Bob"), "Remove…").click();
      await button(page, "Remove person").click();
      await entry(page, "Bob").waitFor({ state: "detached" });
      assert.equal((await relay.api("GET", "/users")).users.length, 1);
    }));

  test("always include an owner", () =>
    withPage(browser, relay, async (page) => {
      await open(page, "People and tokens…");
      await button(dialog(page), "Change Ada").click();
      await entry(page, "Ada").getByLabel("Viewer").check();
      await button(entry(page, "Ada"), "Save").click();
      await entry(page, "Ada").getByRole("alert").waitFor();
      await entry(page, "Ada").getByText(/^Owner · /).waitFor();
    }));
});

describe("a token", () => {
  test("is shown once, works, and is removed", () =>
    withPage(browser, relay, async (page) => {
      await open(page, "People and tokens…");
      await dialog(page).getByText("Make a token").click();
      const form = dialog(page).getByRole("form", { name: "Make a token" });
      await form.getByLabel("Name").fill("Deck");
      await form.getByLabel("Operate").check();
      await form.getByLabel("30 days").check();
      await button(form, "Make token").click();
      await dialog(page).getByText("Copy it now: it is never shown again.").waitFor();
      await button(dialog(page), "Copy new token").click();
      await page.getByText("New token copied").waitFor({ state: "attached" });
      const token = await page.evaluate(() => navigator.clipboard.readText());
      const ask = () => fetch(`${relay.url}/api/v1/streams`, { headers: { Authorization: `Bearer ${token}` } });
      assert.equal((await ask()).status, 200);
      await entry(page, "Deck").getByText(/operate .* until .* made by Ada/).waitFor();

      await button(dialog(page), "Close").click();
      await open(page, "People and tokens…");
      await entry(page, "Deck").waitFor();
      assert.ok(!(await page.content()).includes(token));
      await button(dialog(page), "Remove Deck").click();
      await button(page, "Remove token").click();
      await entry(page, "Deck").waitFor({ state: "detached" });
      assert.equal((await ask()).status, 401);
    }));
});

async function person(role) {
  const somebody = { name: "Eve", password: "password of Eve" };
  await relay.api("POST", "/users", { ...somebody, role });
  return somebody;
}

/** Opens what is in the menu of who is logged in. */
async function open(page, item) {
  await button(page, `Logged in as ${OWNER.name}`).click();
  await button(page, item).click();
  await dialog(page).waitFor();
}

function entry(page, name) {
  return page.getByRole("listitem", { name, exact: true });
}
