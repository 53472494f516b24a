// Targets as a user has them: the page in a real Chromium, on the real binary, with a real encoder.
//
// Wants what page.test.mjs wants, ffmpeg, and nginx with its RTMP module.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { addTarget, button, card, dialog, fillTarget, fromMenu, launch, withPage } from "./browser.mjs";
import { Encoder, freePort, Relay } from "./programs.mjs";
import { Nginx, refusingTarget, silentTarget } from "./receivers.mjs";

let browser;
let relay;

before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => (relay = await Relay.start()));
afterEach(() => relay.remove());

describe("a target", () => {
  test("with a bad address is refused at the field", () =>
    withPage(browser, relay, async (page) => {
      await addTarget(page, { name: "Bad", url: "http://example.com/live", key: "k" });
      const server = dialog(page).getByLabel("Server", { exact: true });
      await dialog(page).getByRole("alert").waitFor();
      assert.equal(await server.getAttribute("aria-invalid"), "true");
      const alert = await dialog(page).getByRole("alert").getAttribute("id");
      assert.ok((await server.getAttribute("aria-describedby")).includes(alert));
      assert.ok(await server.evaluate((field) => field === document.activeElement));
      await server.fill("rtmp://127.0.0.1:9/live");
      await button(dialog(page), "Add target").click();
      await card(page, "Bad").getByText("Waiting", { exact: true }).waitFor();
    }));

  test("is added with a whole URL, and its key never comes back", () =>
    withPage(browser, relay, async (page) => {
      await addTarget(page, { name: "Whole", url: "rtmp://127.0.0.1:9/live/s3cret-in-the-url" });
      await card(page, "Whole").getByText("rtmp://127.0.0.1:9/live", { exact: false }).waitFor();
      await button(card(page, "Whole"), "Edit").click();
      assert.equal(await dialog(page).getByLabel("Stream key", { exact: true }).inputValue(), "");
      assert.ok(!(await page.content()).includes("s3cret"));
      assert.ok(!(await dialog(page).getByLabel("Server", { exact: true }).inputValue()).includes("s3cret"));
    }));

  test("with a masked address is edited without sending the mask back", () =>
    withPage(browser, relay, async (page) => {
      await addTarget(page, { name: "Masked", url: "rtmp://127.0.0.1:9/live?auth=s3cret-value", key: "k" });
      const sent = [];
      page.on("request", (request) => request.method() === "PATCH" && sent.push(request.postDataJSON()));
      await button(card(page, "Masked"), "Edit").click();
      const server = dialog(page).getByLabel("Server", { exact: true });
      assert.equal(await server.inputValue(), "rtmp://127.0.0.1:9/live?auth=…");
      await fillTarget(page, { name: "Renamed" });
      await button(dialog(page), "Save").click();
      await card(page, "Renamed").waitFor();
      assert.deepEqual(sent, [{ name: "Renamed" }]);

      await button(card(page, "Renamed"), "Edit").click();
      await fillTarget(page, { url: "rtmp://127.0.0.1:10/live?auth=…" });
      await button(dialog(page), "Save").click();
      await dialog(page).getByRole("alert").getByText("masked", { exact: false }).waitFor();
      assert.equal(await server.getAttribute("aria-invalid"), "true");
    }));

  test("whose name is taken is refused at the name", () =>
    withPage(browser, relay, async (page) => {
      const target = { name: "Twice", url: "rtmp://127.0.0.1:9/live", key: "k" };
      await addTarget(page, target);
      await card(page, "Twice").waitFor();
      await addTarget(page, target);
      await dialog(page).getByRole("alert").waitFor();
      assert.equal(await dialog(page).getByLabel("Name", { exact: true }).getAttribute("aria-invalid"), "true");
    }));

  test("is edited, stopped, started and removed", () =>
    withPage(browser, relay, async (page) => {
      await addTarget(page, { name: "First", url: "rtmp://127.0.0.1:9/live", key: "k" });
      await button(card(page, "First"), "Edit").click();
      await fillTarget(page, { name: "Second", url: "rtmp://127.0.0.1:10/app" });
      await button(dialog(page), "Save").click();
      const second = card(page, "Second");
      await second.getByText("rtmp://127.0.0.1:10/app", { exact: true }).waitFor();

      await button(second, "Stop").click();
      await second.getByText("Stopped", { exact: true }).waitFor();
      await page.keyboard.press("Enter");
      await second.getByText("Waiting", { exact: true }).waitFor();

      await fromMenu(second, "Remove…");
      await button(dialog(page), "Cancel").click();
      assert.equal(await second.count(), 1);
      await fromMenu(second, "Remove…");
      await button(dialog(page), "Remove target").click();
      await second.waitFor({ state: "detached" });
      await page.getByText("Nothing is sent anywhere yet.").waitFor();
    }));

  test("that somebody else has changed meanwhile is not overwritten", () =>
    withPage(browser, relay, async (page) => {
      await addTarget(page, { name: "Shared", url: "rtmp://127.0.0.1:9/live", key: "k" });
      await button(card(page, "Shared"), "Edit").click();
      await dialog(page).getByLabel("Name", { exact: true }).fill("Mine");
      await relay.api("PATCH", "/targets/1", { name: "Theirs" });
      await page.locator("h4", { hasText: "Theirs" }).waitFor();
      await button(dialog(page), "Save").click();
      await dialog(page).getByText("It was changed since you read it", { exact: false }).waitFor();
      assert.equal((await relay.api("GET", "/targets/1")).name, "Theirs");
      await button(dialog(page), "Cancel").click();
      await button(card(page, "Theirs"), "Edit").click();
      await dialog(page).getByLabel("Name", { exact: true }).fill("Ours");
      await button(dialog(page), "Save").click();
      await card(page, "Ours").waitFor();
    }));

  test("is added by keyboard alone, and the focus comes back", () =>
    withPage(browser, relay, async (page) => {
      await button(page, "Add target").focus();
      await page.keyboard.press("Enter");
      await dialog(page).getByLabel("Search platforms").and(page.locator(":focus")).waitFor();
      await button(dialog(page), "Custom RTMP").waitFor();
      await page.keyboard.type("custom");
      await page.keyboard.press("Enter");
      await dialog(page).getByLabel("Server", { exact: true }).and(page.locator(":focus")).waitFor();
      await page.keyboard.press("Shift+Tab");
      for (const text of ["Keys", "rtmp://127.0.0.1:9/live"]) {
        await page.keyboard.type(text);
        await page.keyboard.press("Tab");
      }
      await page.keyboard.type("k");
      await page.keyboard.press("Enter");
      await card(page, "Keys").waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.textContent), "Add target");
    }));
});

describe("with an encoder", () => {
  let nginx;
  let silent;
  let rude;
  let encoder;

  beforeEach(async () => {
    nginx = await Nginx.start();
    silent = await silentTarget();
    rude = await refusingTarget(HOSTILE);
  });
  afterEach(async () => {
    await encoder?.stop();
    silent.close();
    rude.close();
    await nginx.remove();
  });

  test("states, numbers and the encoder's light change as it comes and goes", () =>
    withPage(browser, relay, async (page) => {
      const good = { name: "Good", url: nginx.url, key: "good" };
      const closed = { name: "Closed", url: `rtmp://127.0.0.1:${await freePort()}/live`, key: "k" };
      await page.getByText("Encoder offline", { exact: true }).waitFor();
      for (const target of [good, closed, { name: "Silent", url: silent.url, key: "k" }]) {
        await addTarget(page, target);
        await card(page, target.name).getByText("Waiting", { exact: true }).waitFor();
      }

      encoder = new Encoder(relay, await relay.key());
      await card(page, "Silent").getByText("Connecting", { exact: true }).waitFor();
      await page.getByText("Encoder live", { exact: true }).waitFor();
      await page.getByText(/^127\.0\.0\.1:\d+$/).waitFor();
      await card(page, "Good").getByText("Live", { exact: true }).waitFor();
      await card(page, "Good").getByText(/^[0-9.]+ [kM]bit\/s$/).waitFor();
      await page.getByText("1 of 3 live").waitFor();
      await retries(page, card(page, "Closed"));
      await stopsTheLastOnlyWhenSure(page, card(page, "Good"));

      await encoder.stop();
      await page.getByText(/^Encoder (away|offline)$/).waitFor();
    }));

  test("a target's hostile words are shown as the text they are", () =>
    withPage(browser, relay, async (page) => {
      encoder = new Encoder(relay, await relay.key());
      await addTarget(page, { name: "Rude", url: rude.url, key: "k" });
      await card(page, "Rude").getByText(HOSTILE, { exact: false }).waitFor();
      assert.equal(await page.locator("img[src=x], body script").count(), 0);
    }));

  async function retries(page, closed) {
    await closed.getByText("Retrying", { exact: true }).waitFor();
    await closed.getByText(/Next try in \d+ s\.$/).waitFor();
    const answer = page.waitForResponse((response) => response.url().endsWith("/retry"));
    await button(closed, "Try now").click();
    assert.equal((await answer).status(), 200);
  }

  async function stopsTheLastOnlyWhenSure(page, good) {
    await button(good, "Stop").click();
    await dialog(page).getByText("It is the last target that is live.").waitFor();
    await button(dialog(page), "Cancel").click();
    await good.getByText("Live", { exact: true }).waitFor();
    await button(good, "Stop").click();
    await button(dialog(page), "Stop target").click();
    await good.getByText("Stopped", { exact: true }).waitFor();
    await button(good, "Start").click();
    await good.getByText("Live", { exact: true }).waitFor();
  }
});

const HOSTILE = `<img src=x onerror="alert(3)"><script>alert(4)</script> Go away.`;
