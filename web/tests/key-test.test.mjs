// "Test this key" as a user has it: the page in a real Chromium, on the real binary, with a real server.
//
// Wants what page.test.mjs wants, ffmpeg, and nginx with its RTMP module.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { addTarget, button, card, choosePlatform, dialog, fillTarget, fromMenu, launch, withPage } from "./browser.mjs";
import { Encoder, freePort, Relay } from "./programs.mjs";
import { Nginx, silentTarget } from "./receivers.mjs";

let browser;
let relay;
let nginx;

before(async () => {
  browser = await launch();
  nginx = await Nginx.start();
});
after(async () => {
  await browser.close();
  await nginx.remove();
});
beforeEach(async () => (relay = await Relay.start()));
afterEach(() => relay.remove());

/** What is said in the end. */
const outcome = (page) => dialog(page).getByRole("status").filter({ has: page.locator("strong") });
const steps = (page) => dialog(page).getByRole("list", { name: "Steps of the test" }).getByRole("listitem");

describe("a key", () => {
  test("is tested before its target is added, and nothing is", () =>
    withPage(browser, relay, async (page) => {
      await choosePlatform(page, "Custom RTMP");
      await fillTarget(page, { url: nginx.url, key: "s3cret-tested" });
      await button(dialog(page), "Test this key").click();
      await outcome(page).getByText("Accepted", { exact: true }).waitFor();
      assert.equal(await steps(page).count(), 7);
      for (const text of ["Host name", "Connection", "RTMP", "Application", "Stream", "Stream key", "First data"]) {
        assert.equal(await steps(page).getByText(text, { exact: true }).count(), 1, text);
      }
      assert.match(await steps(page).last().innerText(), /\b3\.\d s/);
      await dialog(page).getByText("Some servers say yes to any key at first", { exact: false }).waitFor();
      assert.ok(await button(dialog(page), "Test again").evaluate((one) => one === document.activeElement));
      assert.ok(!(await page.content()).includes("s3cret"));
      assert.deepEqual((await relay.api("GET", "/streams/1/targets")).targets, []);
      // What was found is about what was typed then.
      await dialog(page).getByLabel("Stream key", { exact: true }).fill("another");
      await button(dialog(page), "Test this key").waitFor();
      assert.equal(await steps(page).count(), 0);
    }));

  test("in a whole address is tested as it would be saved", () =>
    withPage(browser, relay, async (page) => {
      await choosePlatform(page, "Custom RTMP");
      await fillTarget(page, { url: `${nginx.url}/s3cret-in-the-url` });
      await button(dialog(page), "Test this key").click();
      await outcome(page).getByText("Accepted", { exact: true }).waitFor();
    }));

  test("that is refused is told where, why and in which words", () =>
    withPage(browser, relay, async (page) => {
      await choosePlatform(page, "Custom RTMP");
      await fillTarget(page, { url: `rtmp://127.0.0.1:${await freePort()}/live`, key: "k" });
      await button(dialog(page), "Test this key").click();
      await outcome(page).getByText("Nothing answers at this port", { exact: true }).waitFor();
      const sentence = outcome(page).locator("[lang=en]");
      assert.match(await sentence.innerText(), /^The connection was not accepted/);
      assert.deepEqual(await steps(page).getByText(/^(Passed|Failed)$/).allInnerTexts(), ["Passed", "Failed"]);

      await fillTarget(page, { url: nginx.url.replace("/live", "/nowhere") });
      await button(dialog(page), "Test this key").click();
      await outcome(page).getByText("Application refused", { exact: true }).waitFor();
      // It is about the login, too.
      await dialog(page).locator("summary", { hasText: "User name and password" }).click();
      await dialog(page).getByLabel("User name", { exact: true }).fill("ann");
      await button(dialog(page), "Test this key").waitFor();
      assert.equal(await outcome(page).count(), 0);
    }));

  test("that is missing is asked for at its field", () =>
    withPage(browser, relay, async (page) => {
      await choosePlatform(page, "Twitch");
      await dialog(page).getByText("Twitch is told that it is a test", { exact: false }).waitFor();
      await button(dialog(page), "Test this key").click();
      const key = dialog(page).getByLabel("Stream key", { exact: true });
      await dialog(page).getByRole("alert").waitFor();
      assert.equal(await key.getAttribute("aria-invalid"), "true");
      assert.ok(await key.evaluate((field) => field === document.activeElement));
    }));

  test("of a server that is silent can be left alone by keyboard", () =>
    withPage(browser, relay, async (page) => {
      const silent = await silentTarget();
      try {
        await choosePlatform(page, "Custom RTMP");
        await fillTarget(page, { url: silent.url, key: "k" });
        await button(dialog(page), "Test this key").focus();
        await page.keyboard.press("Enter");
        // Two steps are over, and the next one would take seconds.
        await steps(page).nth(2).waitFor();
        assert.equal(await steps(page).nth(2).innerText(), "RTMP");
        await button(dialog(page), "Stop the test").and(page.locator(":focus")).waitFor();
        await page.keyboard.press("Enter");
        await dialog(page).getByRole("alert").getByText("broken off").waitFor();
        await button(dialog(page), "Test again").and(page.locator(":focus")).waitFor();
        assert.equal(await steps(page).count(), 2);

        // A target never meets its own test.
        const ended = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/targets/test"));
        await page.route("**/api/v1/streams/1/targets", (route) => ended.then(() => route.continue()));
        await page.keyboard.press("Enter");
        await steps(page).nth(2).waitFor();
        await button(dialog(page), "Add target").click();
        await card(page, "My server").waitFor();
      } finally {
        silent.close();
      }
    }));
});

describe("a target", () => {
  test("is tested with the key that it has", () =>
    withPage(browser, relay, async (page) => {
      await addTarget(page, { name: "Mine", url: `${nginx.url}?auth=s3cret-value`, key: "s3cret-kept" });
      const sent = [];
      page.on("request", (request) => request.url().endsWith("/test") && sent.push(request.postDataJSON()));
      await button(card(page, "Mine"), "Edit").click();
      await button(dialog(page), "Test this key").click();
      await outcome(page).getByText("Accepted", { exact: true }).waitFor();
      assert.deepEqual(sent, [{ target_id: 1 }]);
      await button(dialog(page), "Cancel").click();

      await fromMenu(card(page, "Mine"), "Test the key…");
      await button(dialog(page), "Test this key").click();
      await outcome(page).getByText("Accepted", { exact: true }).waitFor();
      assert.deepEqual(sent, [{ target_id: 1 }, {}]);
      await button(dialog(page), "Close").click();
      assert.ok(!(await page.content()).includes("s3cret"));
    }));

  test("that is sending is not cut off", () =>
    withPage(browser, relay, async (page) => {
      await addTarget(page, { name: "Mine", url: nginx.url, key: "live" });
      const encoder = new Encoder(relay, await relay.key());
      try {
        await card(page, "Mine").getByText("Live", { exact: true }).waitFor();
        await button(card(page, "Mine"), "Edit").click();
        await button(dialog(page), "Test this key").click();
        await dialog(page).getByRole("alert").getByText("is sending with this key").waitFor();
      } finally {
        await encoder.stop();
      }
    }));
});
