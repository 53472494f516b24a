// The first five minutes: from an empty data folder to two targets that are live, and what may go wrong at the door.
//
// Wants what targets.test.mjs wants.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import axe from "axe-core";

import { addTarget, button, card, dialog, launch, until, withPage } from "./browser.mjs";
import { Encoder, OWNER, Relay } from "./programs.mjs";
import { publishAs } from "./publishers.mjs";
import { Nginx } from "./receivers.mjs";

let browser;
let relay;

before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => (relay = await Relay.start()));
afterEach(() => relay.remove());

describe("the first five minutes", () => {
  let receivers;
  let encoder;

  beforeEach(async () => (receivers = await Promise.all([Nginx.start(), Nginx.start()])));
  afterEach(async () => {
    await encoder?.stop();
    await Promise.all(receivers.map((nginx) => nginx.remove()));
  });

  for (const [width, colorScheme] of [
    [1280, "light"],
    [390, "dark"],
  ]) {
    test(`lead from the printed link to two live targets at ${width} px`, () => {
      const use = async (page) => {
        await page.goto(relay.setUpLink().replace("127.0.0.1", "localhost"));
        await field(page, "Name").fill(OWNER.name);
        await field(page, "Password").fill("corre");
        await page.getByText("5 of at least 10 characters.").waitFor();
        await field(page, "Password").fill(OWNER.password);
        await page.getByText("Long enough.", { exact: false }).waitFor();
        await finds(page, "the set-up");
        await button(page, "Set up").click();

        const steps = page.getByRole("region", { name: "Three steps to your first broadcast" });
        await steps.waitFor();
        await page.getByRole("heading", { name: "Connect your encoder" }).waitFor();
        await page.getByText("Start Streaming", { exact: true }).waitFor();
        assert.equal(await steps.getByLabel("Done").count(), 1);
        assert.equal(await sidewaysScroll(page), 0);
        await finds(page, "the first overview");
        assert.equal(await page.title(), "splitcast");

        // A target may come before the encoder.
        await button(page, "Add your first target").click();
        await dialog(page).waitFor();
        await page.keyboard.press("Escape");
        await dialog(page).waitFor({ state: "detached" });
        await addTarget(page, { name: "One", url: receivers[0].url, key: "first" });
        await card(page, "One").getByText("Waiting", { exact: true }).waitFor();
        await steps.getByText("It goes live as soon as the encoder connects.").waitFor();

        await button(page, "Copy Stream key").click();
        await page.getByText("Stream key copied", { exact: true }).waitFor({ state: "attached" });
        const key = await page.evaluate(() => navigator.clipboard.readText());
        assert.ok(!(await page.content()).includes(key));
        encoder = new Encoder(relay, key);
        await page.getByRole("status").getByText("Encoder live", { exact: true }).waitFor();
        await page
          .getByRole("status")
          .getByText("Your encoder is connected: 320×180, 25 fps, H.264 + AAC.")
          .waitFor();

        await addTarget(page, { name: "Two", url: receivers[1].url, key: "second" });
        for (const name of ["One", "Two"]) await card(page, name).getByText("Live", { exact: true }).waitFor();
        assert.equal(await sidewaysScroll(page), 0);
        await until("the tab says so", async () => (await page.title()) === "● 2 live – splitcast");
        await Promise.all([plays(`${receivers[0].url}/first`), plays(`${receivers[1].url}/second`)]);
        await steps.waitFor({ state: "detached" });
        await page.getByText("Start Streaming", { exact: true }).waitFor({ state: "hidden" });

        // Nor are they there for who comes back, or comes from elsewhere.
        await page.evaluate(() => localStorage.clear());
        const told = page.waitForResponse((answer) => answer.url().includes("/history?of=targets"));
        await page.reload();
        await told;
        await page.getByRole("heading", { name: "Your encoder" }).waitFor();
        assert.equal(await steps.count(), 0);
      };
      return withPage(browser, relay, use, { width, colorScheme, stranger: true });
    });
  }

  test("the steps can be closed, and stay closed", () =>
    withPage(browser, relay, async (page) => {
      await button(page, "Close these steps").click();
      const address = page.getByText("Server address", { exact: true });
      await address.waitFor();
      await page.reload();
      await address.waitFor();
      await page.getByRole("heading", { name: "Connect your encoder" }).waitFor();
      assert.equal(await button(page, "Close these steps").count(), 0);
    }));
});

describe("how to set up an encoder", () => {
  test("is told for each, by keyboard too, without a key on the page", () =>
    withPage(browser, relay, async (page) => {
      const key = await relay.key();
      const chosen = (name) => page.getByRole("radio", { name, exact: true });
      await chosen("OBS").focus();
      await page.keyboard.press("ArrowRight");
      await button(page, "Copy Address with key").click();
      await page.getByText("Address with key copied", { exact: true }).waitFor({ state: "attached" });
      const url = `rtmp://localhost:${relay.rtmpPort}/live`;
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${url}/${key}`);
      await chosen("Phone").press("ArrowRight");
      await page.getByText("Custom RTMP Server", { exact: true }).waitFor();
      await chosen("vMix").press("ArrowRight");
      await page.getByText(`-f flv "${url}/STREAM_KEY"`, { exact: false }).waitFor();
      assert.ok(!(await page.content()).includes(key));
    }));

  test("is not told to who has no key", async () => {
    await relay.cookie();
    const viewer = { name: "Eve", password: "correct horse", role: "viewer" };
    await relay.api("POST", "/users", viewer);
    const use = async (page) => {
      await page.getByText("Your role does not show you the stream key.", { exact: false }).waitFor();
      assert.equal(await page.getByText("How to set up your encoder").count(), 0);
      assert.equal(await button(page, "Close these steps").count(), 0);
    };
    await withPage(browser, relay, use, { as: viewer });
  });
});

describe("an encoder", () => {
  test("that sends something odd is told so, and its name is text", () =>
    withPage(browser, relay, async (page) => {
      const hostile = '<img src=x onerror="alert(1)">';
      const rude = await publishAs(relay, await relay.key(), hostile);
      try {
        await page.getByText(hostile, { exact: true }).waitFor();
        await page.getByText("No sound arrives.", { exact: false }).waitFor();
        await page.getByText("No picture arrives.", { exact: false }).waitFor();
        assert.equal(await page.locator("img[src=x]").count(), 0);
        assert.equal(rude.ended, false);
        await finds(page, "an odd encoder");
      } finally {
        rude.close();
      }
    }));
});

describe("an encoder's pictures", () => {
  test("are known also when they come later than it", () =>
    withPage(browser, relay, async (page) => {
      const slow = await publishAs(relay, await relay.key(), "slow");
      try {
        await page.getByText("slow", { exact: true }).waitFor();
        assert.equal(await page.getByText("H.264", { exact: false }).count(), 0);
        slow.picture();
        await page.getByRole("status").getByText(/^Your encoder is connected: .*H\.264\.$/).waitFor();
      } finally {
        slow.close();
      }
    }));
});

describe("at the door", () => {
  test("too many wrong passwords mean a wait that counts down, and ends", async () => {
    await relay.cookie();
    const use = async (page) => {
      await field(page, "Name").fill(OWNER.name);
      const wait = page.getByText(/^You can try again in \d+ s\.$/);
      for (let tries = 0; tries < 10 && (await wait.count()) === 0; tries += 1) {
        await field(page, "Password").fill("wrong password");
        const answered = page.waitForResponse((answer) => answer.request().method() === "POST");
        await button(page, "Log in").click();
        await answered;
        await page.getByRole("alert").getByText(/The name or the password is wrong\.|too many wrong tries\./).waitFor();
        assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("autocomplete")), "current-password");
      }
      await wait.waitFor();
      await finds(page, "the wait");
      await field(page, "Password").fill(OWNER.password);
      let asked = 0;
      page.on("request", () => (asked += 1));
      await field(page, "Password").press("Enter");
      await wait.waitFor({ state: "detached" });
      assert.equal(asked, 0);
      await button(page, "Log in").click();
      await button(page, "Add target").waitFor();
    };
    await withPage(browser, relay, use, { stranger: true });
  });

  test("what is typed can be looked at", async () => {
    await relay.cookie();
    const use = async (page) => {
      await field(page, "Password").fill("secret words");
      assert.equal(await field(page, "Password").getAttribute("type"), "password");
      await button(page, "Show what is typed").click();
      assert.equal(await field(page, "Password").getAttribute("type"), "text");
      await button(page, "Hide what is typed").click();
      assert.equal(await field(page, "Password").getAttribute("type"), "password");
    };
    await withPage(browser, relay, use, { stranger: true });
  });

  test("a session that is over says so, and the log-in leads back to the place", () =>
    withPage(browser, relay, async (page) => {
      await button(page, "Add target").waitFor();
      await page.evaluate(() => (location.hash = "#/settings/about"));
      await relay.api("PATCH", "/users/1", { password: "another password" });
      await page.getByText("Your session is over.", { exact: false }).waitFor();
      await finds(page, "the end of a session");
      assert.equal(await field(page, "Name").inputValue(), OWNER.name);
      await field(page, "Password").fill("another password");
      await button(page, "Log in").click();
      await button(page, `Logged in as ${OWNER.name}`).waitFor();
      assert.ok(page.url().endsWith("#/settings/about"));
      await button(page, `Logged in as ${OWNER.name}`).click();
      await button(page, "Log out").click();
      await button(page, "Log in").waitFor();
      assert.equal(await page.getByText("Your session is over.", { exact: false }).count(), 0);
    }));

  test("a link that is good no more can be replaced", () => {
    const use = async (page) => {
      await page.goto(`${relay.url}/#setup=0123456789abcdef`);
      await until("the link was taken", () => !page.url().includes("setup"));
      await field(page, "Name").fill(OWNER.name);
      await field(page, "Password").fill(OWNER.password);
      await button(page, "Set up").click();
      await page.getByText("This set-up link is not valid", { exact: false }).waitFor();
      await field(page, "Set-up link").fill(relay.setUpLink());
      await button(page, "Set up").click();
      await button(page, "Add target").waitFor();
    };
    return withPage(browser, relay, use, { stranger: true });
  });
});

describe("a lost server", () => {
  test("is told with the age of the numbers, looked for on demand, and its return is told", () =>
    withPage(browser, relay, async (page) => {
      await button(page, "Add target").waitFor();
      await relay.stop();
      await page.getByRole("status").getByText("Connection to splitcast lost", { exact: false }).waitFor();
      await page.getByText(/^What you see is from [2-9] s ago\.$/).waitFor();
      await until("the tab says so", async () => (await page.title()) === "No connection – splitcast");
      await finds(page, "the notice");
      const asks = page.waitForRequest((request) => request.url().endsWith("/status"));
      await button(page, "Try now").click();
      await asks;
      await relay.launch();
      await page.getByRole("status").getByText("Connected to splitcast again.").waitFor();
      await page.getByText("Connected to splitcast again.").waitFor({ state: "detached" });
      assert.equal(await page.getByText("Connection to splitcast lost", { exact: false }).count(), 0);
    }));
});

describe("in a dock of 300 px", () => {
  test("nothing scrolls sideways", () => {
    const use = async (page) => {
      const narrow = async () => assert.equal(await sidewaysScroll(page), 0);
      await page.goto(relay.setUpLink().replace("127.0.0.1", "localhost"));
      await field(page, "Name").fill(OWNER.name);
      await field(page, "Password").fill("short");
      await button(page, "Set up").click();
      await page.getByText("A password needs at least 10 characters", { exact: false }).waitFor();
      await narrow();
      await finds(page, "a refused set-up");
      await field(page, "Password").fill(OWNER.password);
      await button(page, "Set up").click();
      for (const name of ["OBS", "Phone", "vMix", "ffmpeg"]) {
        await page.getByText(name, { exact: true }).click();
        await narrow();
      }
      const rude = await publishAs(relay, await relay.key(), "e".repeat(200));
      await page.getByText("e".repeat(100), { exact: false }).waitFor();
      await narrow();
      rude.close();
      await relay.stop();
      await button(page, "Try now").waitFor();
      await narrow();
      await relay.launch();
      await page.context().clearCookies();
      await page.reload();
      await button(page, "Log in").waitFor();
      await narrow();
    };
    return withPage(browser, relay, use, { width: 300, stranger: true });
  });
});

function field(page, label) {
  return page.getByLabel(label, { exact: true });
}

/** A player gets pictures there. */
async function plays(url) {
  const flags = ["-hide_banner", "-loglevel", "error", "-nostdin", "-rw_timeout", "10000000", "-i", url];
  const player = spawn("ffmpeg", [...flags, "-frames:v", "10", "-f", "null", "-"], { stdio: "ignore" });
  const [code] = await once(player, "close");
  assert.equal(code, 0, `nothing to be played at ${url}`);
}

async function finds(page, where) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("; ")}`), [], where);
}

function sidewaysScroll(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
