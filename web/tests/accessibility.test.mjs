// What axe-core, which looks for what shuts people out, has to say about the page.
//
// Wants what targets.test.mjs wants.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import axe from "axe-core";

import { addTarget, button, card, dialog, launch, section, withPage } from "./browser.mjs";
import { Encoder, freePort, Relay } from "./programs.mjs";
import { Nginx } from "./receivers.mjs";

let browser;
let relay;

before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => (relay = await Relay.start()));
afterEach(() => relay.remove());

for (const colorScheme of ["light", "dark"]) {
  describe(`in ${colorScheme} colours axe finds nothing`, () => {
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

    for (const width of [1280, 300]) {
      test(`at ${width} px`, () => {
        const use = async (page) => {
          await addTarget(page, { name: "Good", url: nginx.url, key: "k" });
          await addTarget(page, { name: "Closed", url: `rtmp://127.0.0.1:${await freePort()}/live`, key: "k" });
          await addTarget(page, { name: "Resting", url: "rtmp://127.0.0.1:9/live", key: "k" });
          await button(card(page, "Resting"), "Stop").click();
          await card(page, "Resting").getByText("Stopped", { exact: true }).waitFor();
          await card(page, "Closed").getByText("Retrying", { exact: true }).waitFor();
          await card(page, "Good").getByText("Live", { exact: true }).waitFor();
          await finds(page, "the page", []);
          await button(card(page, "Good"), "Edit").click();
          await dialog(page).getByText("Backup address: none").click();
          for (const fold of ["Start: with the encoder", "Sending", "Notes"]) {
            await dialog(page).locator("summary", { hasText: fold }).click();
          }
          await finds(page, "a dialog unfolded", []);
          await button(dialog(page), "Cancel").click();
          await addTarget(page, { name: "Bad", url: "not a URL", key: "k" });
          await dialog(page).getByRole("alert").waitFor();
          await finds(page, "a dialog with an error", []);
          await button(dialog(page), "Cancel").click();
          await relay.stop();
          await page.getByText("Connection to splitcast lost", { exact: false }).waitFor();
          await finds(page, "the page without its server", []);
        };
        return withPage(browser, relay, use, { width, colorScheme });
      });

      test(`of platforms at ${width} px`, () => {
        const use = async (page) => {
          await button(page, "Add target").click();
          await button(dialog(page), "Dacast").waitFor();
          await finds(page, "the platforms", []);
          for (const platform of ["YouTube", "Instagram", "Dacast", "Custom RTMPS"]) {
            await button(dialog(page), platform).click();
            await finds(page, platform, []);
            await button(dialog(page), "All platforms").click();
          }
          await button(dialog(page), "Twitch").click();
          await page.evaluate(() => navigator.clipboard.writeText("rtmp://a.rtmp.youtube.com/live2/abcd"));
          await dialog(page).getByLabel("Stream key", { exact: true }).press("Control+V");
          await button(dialog(page), "Undo").waitFor();
          await finds(page, "a form with a pasted address", []);
        };
        return withPage(browser, relay, use, { width, colorScheme });
      });

      test(`of the settings at ${width} px`, () => {
        const use = async (page) => {
          await relay.api("POST", "/users", { name: "Bob", role: "viewer", password: "password of Bob" });
          await relay.api("POST", "/tokens", { name: "Deck", scope: "read" });
          const hook = { name: "Crew", url: "http://127.0.0.1:9/x", kinds: ["stream.live"] };
          const { webhook } = await relay.api("POST", "/webhooks", hook);
          await relay.api("POST", `/webhooks/${webhook.id}/test`);
          await relay.api("POST", "/backup");
          for (const id of ["account", "streams", "webhooks", "people", "tokens", "audit", "transfer", "log", "about"]) {
            await section(page, relay, id);
            await page.locator(SETTLED[id]).first().waitFor();
            if (id === "webhooks") {
              await page.getByText("Recent deliveries").click();
              await page.getByText("Refresh").waitFor();
            }
            await finds(page, `the section ${id}`, []);
            if (FORMS[id] === undefined) continue;
            await button(page, FORMS[id]).click();
            await button(dialog(page), "Cancel").waitFor();
            for (const folded of await dialog(page).locator("summary").all()) await folded.click();
            await finds(page, `the form of ${id}`, []);
            await button(dialog(page), "Cancel").click();
          }
          await section(page, relay, "account");
          await button(page, "Log out").click();
          await page.getByLabel("Password", { exact: true }).waitFor();
          await finds(page, "the log-in", []);
        };
        return withPage(browser, relay, use, { width, colorScheme });
      });

      test(`of the API's page at ${width} px`, () => {
        const use = async (page) => {
          await page.goto(`${relay.url}/docs/api`);
          await page.locator("#create_target summary").first().click();
          await page.getByText("Fields of the answer").click();
          await page.getByText("When it is refused, or fails").click();
          await page.locator("#show_status summary").first().click();
          await button(page.locator("#show_status"), "Send").click();
          await page.getByLabel("Answer").waitFor();
          await finds(page, "the API's page", []);
        };
        return withPage(browser, relay, use, { width, colorScheme });
      });
    }
  });
}

/** What opens a form of a section. */
const FORMS = { streams: "Change Main", webhooks: "Add webhook", people: "Change Bob", tokens: "Make token" };

/** What is there once a section has all it asked for. */
const SETTLED = {
  account: "section section li",
  streams: "section section dl",
  webhooks: "section li",
  people: "section li",
  tokens: "section li",
  audit: "section li",
  transfer: "section section li",
  log: "table",
  about: "dl",
};

async function finds(page, where, expected) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join("; ")}`);
  assert.deepEqual(found, expected, where);
}
