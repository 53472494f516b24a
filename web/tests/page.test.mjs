// The page as a user has it, in a real Chromium on the real binary.
//
// Wants a built splitcast (SPLITCAST_BIN, else target/debug) and Chromium (CHROMIUM, else
// /usr/bin/chromium).

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { addTarget, button, card, choosePlatform, dialog, launch, withPage } from "./browser.mjs";
import { OWNER, Relay } from "./programs.mjs";

let browser;
let relay;

before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => (relay = await Relay.start()));
afterEach(() => relay.remove());

describe("the encoder's card", () => {
  test("gives address and key to the clipboard without showing the key", () =>
    withPage(browser, relay, async (page) => {
      const key = await relay.key();
      await button(page, "Copy Server address").click();
      await page.getByText("Server address copied", { exact: true }).waitFor({ state: "attached" });
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `rtmp://localhost:${relay.rtmpPort}/live`);
      await button(page, "Copy Stream key").click();
      await page.getByText("Stream key copied", { exact: true }).waitFor({ state: "attached" });
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key);
      assert.ok(!(await page.content()).includes(key));
    }));

  test("shows the key when asked and hides it again", () =>
    withPage(browser, relay, async (page) => {
      const key = await relay.key();
      await button(page, "Show stream key").click();
      await page.getByText(key, { exact: true }).waitFor();
      await button(page, "Hide stream key").click();
      await button(page, "Show stream key").waitFor();
      assert.ok(!(await page.content()).includes(key));
    }));

  test("copies where the browser gives no clipboard to plain-http pages", () => {
    const prepare = () => Object.defineProperty(navigator, "clipboard", { value: undefined });
    const use = async (page) => {
      await button(page, "Copy Stream key").click();
      await page.getByText("Stream key copied", { exact: true }).waitFor({ state: "attached" });
      await choosePlatform(page, "Custom RTMP");
      const name = dialog(page).getByLabel("Name", { exact: true });
      await name.fill("");
      await name.press("Control+V");
      assert.equal(await name.inputValue(), await relay.key());
    };
    return withPage(browser, relay, use, { prepare });
  });

  test("warns of a weak key until a new one is made", () =>
    withPage(browser, relay, async (page) => {
      const old = await relay.key();
      await button(page, "More").click();
      await button(page, "New key…").click();
      await dialog(page).getByLabel("Key of your own").fill("a/b");
      await button(dialog(page), "Make new key").click();
      await dialog(page).getByRole("alert").waitFor();
      await dialog(page).getByLabel("Key of your own").fill("abc");
      await button(dialog(page), "Make new key").click();
      await page.getByText("This key is easy to guess.").waitFor();
      await button(page, "Make a new key").click();
      await button(dialog(page), "Make new key").click();
      await page.getByText("This key is easy to guess.").waitFor({ state: "detached" });
      assert.ok(!["abc", old].includes(await relay.key()));
    }));
});

describe("the page", () => {
  test("says that the server is lost, and goes on when it is back", () =>
    withPage(browser, relay, async (page) => {
      await addTarget(page, { name: "Kept", url: "rtmp://127.0.0.1:9/live", key: "k" });
      await card(page, "Kept").waitFor();
      assert.equal(await relay.stop(), 0);
      const notice = page.getByText("Connection to splitcast lost, trying again…");
      await notice.waitFor();
      await button(card(page, "Kept"), "Stop").click();
      await card(page, "Kept").getByRole("alert").getByText("splitcast does not answer", { exact: false }).waitFor();
      await relay.launch();
      await notice.waitFor({ state: "detached" });
      await button(card(page, "Kept"), "Stop").click();
      await card(page, "Kept").getByText("Stopped", { exact: true }).waitFor();
    }));

  test("shows hostile names as the text they are", () =>
    withPage(browser, relay, async (page) => {
      const hostile = "<img src=x onerror=alert(1)>";
      const first = await relay.firstStream();
      await relay.api("PATCH", `/streams/${first.id}`, { name: hostile });
      await relay.api("POST", "/streams", { name: "<script>alert(2)</script>" });
      await relay.api("POST", `/streams/${first.id}/targets`, { name: hostile, url: "rtmp://127.0.0.1:9/live", key: "k" });
      await page.getByRole("heading", { name: hostile, level: 2 }).waitFor();
      await card(page, hostile).waitFor();
      await button(card(page, hostile), "Edit").click();
      await page.getByRole("heading", { name: `Edit “${hostile}”` }).waitFor();
      assert.equal(await page.locator("img[src=x], body script").count(), 0);
    }));

  test("speaks of streams only when there are several", () =>
    withPage(browser, relay, async (page) => {
      await button(page, "Add target").waitFor();
      assert.equal(await page.getByRole("heading", { name: "Main" }).count(), 0);
      await button(page, "More").click();
      await button(page, "Add stream…").click();
      await dialog(page).getByLabel("Name").fill("Main");
      await button(dialog(page), "Add stream").click();
      await dialog(page).getByRole("alert").waitFor();
      await dialog(page).getByLabel("Name").fill("Second");
      await button(dialog(page), "Add stream").click();
      await page.getByRole("heading", { name: "Second", level: 2 }).waitFor();

      await button(page, "More for Second").click();
      await button(page, "Settings…").click();
      await dialog(page).getByLabel("Name", { exact: true }).fill("Church");
      await button(dialog(page), "Save").click();
      await page.getByRole("heading", { name: "Church", level: 2 }).waitFor();

      await button(page, "More for Church").click();
      await button(page, "Remove…").click();
      await button(dialog(page), "Remove stream").click();
      await page.getByRole("heading", { name: "Church", level: 2, exact: true }).waitFor({ state: "detached" });
      assert.equal(await page.getByRole("heading", { name: "Main" }).count(), 0);
    }));

  test("is told what others change, and does not ask for it again and again", () =>
    withPage(browser, relay, async (page) => {
      await page.getByRole("heading", { name: "Three steps to your first broadcast" }).waitFor();
      await page.getByRole("heading", { name: "Connect your encoder" }).waitFor();
      let asked = 0;
      page.on("request", () => (asked += 1));
      // There is no event for what must not happen.
      await page.waitForTimeout(3_000);
      assert.equal(asked, 0);
      const { id } = await relay.firstStream();
      await relay.api("POST", `/streams/${id}/targets`, { name: "Told", url: "rtmp://127.0.0.1:9/live", key: "k" });
      await card(page, "Told").waitFor();
      await relay.api("POST", "/streams", { name: "Second" });
      await page.getByRole("heading", { name: "Second", level: 2 }).waitFor();
      assert.ok(asked <= 6, `it asked ${asked} times`);
    }));

  test("asks where nothing is told", () =>
    withPage(browser, relay, async (page) => {
      await page.route("**/api/v1/events", (route) => route.abort());
      await page.reload();
      await button(page, "Add target").waitFor();
      await relay.api("POST", "/streams", { name: "Second" });
      await page.getByRole("heading", { name: "Second", level: 2 }).waitFor();
      assert.equal(await page.getByText("Connection to splitcast lost").count(), 0);
    }));

  test("asks for nothing while it is hidden", () => {
    const prepare = () => {
      let hidden = false;
      Object.defineProperty(document, "hidden", { get: () => hidden });
      window.hide = (value) => {
        hidden = value;
        document.dispatchEvent(new Event("visibilitychange"));
      };
    };
    const use = async (page) => {
      await button(page, "Add target").waitFor();
      let asked = 0;
      page.on("request", () => (asked += 1));
      const unfollowed = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/events"));
      await page.evaluate(() => window.hide(true));
      await unfollowed;
      const first = await relay.firstStream();
      await relay.api("PATCH", `/streams/${first.id}`, { name: "Renamed" });
      // There is no event for what must not happen.
      await page.waitForTimeout(3_000);
      assert.equal(asked, 0);
      await page.evaluate(() => window.hide(false));
      await relay.api("POST", "/streams", { name: "Second" });
      await page.getByRole("heading", { name: "Renamed" }).waitFor();
      await page.getByRole("heading", { name: "Second" }).waitFor();
    };
    return withPage(browser, relay, use, { prepare });
  });

  for (const width of [390, 300]) {
    test(`needs no sideways scrolling at ${width} px`, () => {
      const use = async (page) => {
        const url = `rtmps://a-rather-long-host-name.of-some-platform.example:443/live2?${"x".repeat(80)}=1`;
        await addTarget(page, { name: "N".repeat(64), url, key: "k" });
        await card(page, "N".repeat(64)).waitFor();
        await button(page, "Show stream key").click();
        await button(page, "Hide stream key").waitFor();
        assert.equal(await sidewaysScroll(page), 0);
        await choosePlatform(page, "Custom RTMP");
        assert.equal(await sidewaysScroll(page), 0);
      };
      return withPage(browser, relay, use, { width });
    });
  }
});

describe("getting in", () => {
  test("the printed link leads to an owner who is logged in", () =>
    withPage(
      browser,
      relay,
      async (page) => {
        await page.goto(relay.setUpLink().replace("127.0.0.1", "localhost"));
        await field(page, "Name").fill(OWNER.name);
        await field(page, "Password").fill("short");
        await button(page, "Set up").click();
        await page.getByText("A password needs at least 10 characters").waitFor();
        await field(page, "Password").fill(OWNER.password);
        await button(page, "Set up").click();
        await button(page, "Add target").waitFor();
        assert.ok(!page.url().includes("setup"));
        await page.reload();
        await button(page, "Add target").waitFor();
      },
      { stranger: true },
    ));

  test("without the link, it can be pasted", () =>
    withPage(
      browser,
      relay,
      async (page) => {
        await field(page, "Name").fill(OWNER.name);
        await field(page, "Password").fill(OWNER.password);
        await field(page, "Set-up link").fill("wrong");
        await button(page, "Set up").click();
        await page.getByText("This set-up link is not valid").waitFor();
        await field(page, "Set-up link").fill(relay.setUpLink());
        await button(page, "Set up").click();
        await button(page, "Add target").waitFor();
      },
      { stranger: true },
    ));

  test("a name and its password open the page, until they log out", async () => {
    await relay.cookie();
    const use = async (page) => {
      await field(page, "Name").fill(OWNER.name);
      await field(page, "Password").fill("wrong password");
      await button(page, "Log in").click();
      await page.getByText("The name or the password is wrong.").waitFor();
      await field(page, "Password").fill(OWNER.password);
      await button(page, "Log in").click();
      await button(page, "Add target").waitFor();
      await button(page, `Logged in as ${OWNER.name}`).click();
      await button(page, "Log out").click();
      await button(page, "Log in").waitFor();
      await page.reload();
      await button(page, "Log in").waitFor();
    };
    await withPage(browser, relay, use, { stranger: true });
  });

  test("a session that is ended elsewhere leads back to the log-in", () =>
    withPage(browser, relay, async (page) => {
      await button(page, "Add target").waitFor();
      await relay.api("PATCH", "/users/1", { password: "another password" });
      await button(page, "Log in").waitFor();
    }));

  test("a name that is not its own is told", async () => {
    const use = async (page) => page.getByText("splitcast does not know itself by this name").waitFor();
    const strange = { url: relay.url.replace("localhost", "relay.localhost") };
    await withPage(browser, strange, use, { stranger: true });
  });
});

function field(page, label) {
  return page.getByLabel(label, { exact: true });
}

function sidewaysScroll(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
