// What axe-core, which looks for what shuts people out, has to say about the page.
//
// Wants what targets.test.mjs wants.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import axe from "axe-core";

import { addTarget, button, card, dialog, launch, withPage } from "./browser.mjs";
import { Encoder, freePort, OWNER, Relay } from "./programs.mjs";
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
          await dialog(page).getByText("Sending", { exact: true }).click();
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

      test(`of who may use it at ${width} px`, () => {
        const use = async (page) => {
          await relay.api("POST", "/tokens", { name: "Deck", scope: "read" });
          await button(page, `Logged in as ${OWNER.name}`).click();
          await button(page, "People and tokens…").click();
          await button(dialog(page), `Change ${OWNER.name}`).click();
          await dialog(page).getByText("Add a person").click();
          await dialog(page).getByText("Make a token").click();
          await dialog(page).getByText("Deck").waitFor();
          await finds(page, "people and tokens", []);
          await button(dialog(page), "Close").click();
          await button(page, `Logged in as ${OWNER.name}`).click();
          await button(page, "Account…").click();
          await dialog(page).getByRole("listitem").waitFor();
          await finds(page, "an account", []);
          await button(dialog(page), "Log out").click();
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

async function finds(page, where, expected) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join("; ")}`);
  assert.deepEqual(found, expected, where);
}
