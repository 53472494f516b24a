// The overview of streams and targets: what it counts, what it lets be done, and how it is shown.
//
// Wants what targets.test.mjs wants.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { button, card, dialog, fromMenu, launch, until, withPage } from "./browser.mjs";
import { Encoder, freePort, Relay } from "./programs.mjs";
import { Nginx } from "./receivers.mjs";

let browser;
let relay;
let stream;

before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => {
  relay = await Relay.start();
  stream = await relay.firstStream();
});
afterEach(() => relay.remove());

const add = (target) => relay.api("POST", `/streams/${stream.id}/targets`, { key: target.name, ...target });
const names = (page) => page.getByRole("heading", { level: 4 }).allTextContents();

describe("with an encoder", () => {
  let nginx;
  let encoder;

  beforeEach(async () => {
    nginx = await Nginx.start();
    encoder = new Encoder(relay, await relay.key());
  });
  afterEach(async () => {
    await encoder.stop();
    await nginx.remove();
  });

  test("targets are counted by colour, and what is sent is compared with what is needed", async () => {
    await add({ name: "Good", url: nginx.url });
    await add({ name: "Closed", url: `rtmp://127.0.0.1:${await freePort()}/live` });
    await add({ name: "Resting", url: nginx.url, start_mode: "manual" });
    await withPage(browser, relay, async (page) => {
      await page.getByText("1 live", { exact: true }).waitFor();
      await page.getByText("1 recovers by itself", { exact: true }).waitFor();
      await page.getByText("1 off", { exact: true }).waitFor();
      await page.getByText("1 of 3 live", { exact: true }).waitFor();
      await page.getByText(/^Sends [1-9][\d.]* kbit\/s of [1-9][\d.]* kbit\/s needed$/).waitFor();
      await until("the one that is live takes about half of what both need", async () => {
        const text = await page.getByText(/^Sends /).textContent();
        const [used, needed] = text.match(/[\d.]+(?= kbit)/g).map(Number);
        return used > 0.4 * needed && used < 0.6 * needed;
      });
    });
  });

  test("the last one that is live is not stopped unasked", async () => {
    await add({ name: "One", url: nginx.url });
    await add({ name: "Two", url: nginx.url });
    await withPage(browser, relay, async (page) => {
      for (const name of ["One", "Two"]) await card(page, name).getByText("Live", { exact: true }).waitFor();
      await button(card(page, "One"), "Stop").click();
      await card(page, "One").getByText("Stopped", { exact: true }).waitFor();
      await button(card(page, "Two"), "Stop").click();
      await dialog(page).getByText("nobody will receive it", { exact: false }).waitFor();
      await button(dialog(page), "Cancel").click();
      await card(page, "Two").getByText("Live", { exact: true }).waitFor();
      await button(card(page, "Two"), "Stop").click();
      await button(dialog(page), "Stop target").click();
      await card(page, "Two").getByText("Stopped", { exact: true }).waitFor();
    });
  });
});

test("targets are put in another order, and copied", async () => {
  for (const name of ["One", "Two", "Three"]) await add({ name, url: "rtmp://127.0.0.1:9/live" });
  await withPage(browser, relay, async (page) => {
    await fromMenu(card(page, "Three"), "Move earlier");
    await until("Three stands before Two", async () => (await names(page)).join() === "One,Three,Two");
    assert.equal(await button(card(page, "One"), "Move earlier").count(), 0);
    await fromMenu(card(page, "One"), "Move later");
    await until("One stands behind Three", async () => (await names(page)).join() === "Three,One,Two");
    await fromMenu(card(page, "Two"), "Duplicate");
    await card(page, "Two (2)").getByText("Off", { exact: true }).waitFor();
    await page.reload();
    await card(page, "Two (2)").waitFor();
    assert.deepEqual(await names(page), ["Three", "One", "Two", "Two (2)"]);
  });
});

test("the language is the browser's, until another is chosen", async () => {
  const prepare = () => Object.defineProperty(navigator, "languages", { value: ["fr", "de-AT", "en"] });
  await withPage(
    browser,
    relay,
    async (page) => {
      await page.locator("html[lang=de]").waitFor();
      await page.locator("footer select").first().selectOption("ja");
      await page.locator("html[lang=ja]").waitFor();
      await page.reload();
      await page.locator("html[lang=ja]").waitFor();
      await page.locator("footer select").first().selectOption("en");
      await button(page, "Add target").waitFor();
    },
    { prepare },
  );
});

test("dark or light is the system's, until one is chosen", () =>
  withPage(
    browser,
    relay,
    async (page) => {
      const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      await button(page, "Add target").waitFor();
      const dark = await ground();
      await page.getByLabel("Appearance", { exact: true }).selectOption("light");
      const light = await ground();
      assert.notEqual(light, dark);
      await page.reload();
      await button(page, "Add target").waitFor();
      assert.equal(await ground(), light);
      await page.getByLabel("Appearance", { exact: true }).selectOption("system");
      assert.equal(await ground(), dark);
    },
    { colorScheme: "dark" },
  ));

test("an address that leads nowhere leads to the overview", () =>
  withPage(browser, relay, async (page) => {
    await button(page, "Add target").waitFor();
    await page.evaluate(() => (location.hash = "#/nowhere/<img src=x onerror=alert(1)>"));
    await button(page, "Add target").waitFor();
  }));
