// The address for encoders that encrypt, under the name that the certificate has.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import axe from "axe-core";

import { button, launch, section, withPage } from "./browser.mjs";
import { Relay, certified } from "./programs.mjs";

let browser;
let papers;
let relay;

before(async () => {
  browser = await launch();
  papers = await certified(["*.relay.example", "live.relay.example"]);
  relay = await Relay.start(papers.flags);
});

after(async () => {
  await browser.close();
  await relay.remove();
  await papers.remove();
});

describe("the encrypted address", () => {
  for (const [width, colorScheme] of [
    [1280, "light"],
    [390, "dark"],
    [300, "light"],
  ]) {
    test(`comes first, and the plain one stays, at ${width} px`, () => {
      const use = async (page) => {
        const secure = `rtmps://live.relay.example:${relay.rtmpPort}/live`;
        const rows = page.getByRole("group", { name: /^(Server address|Address, not encrypted)$/ });
        await rows.last().waitFor();
        assert.deepEqual(await rows.locator("code").allTextContents(), [secure, `rtmp://localhost:${relay.rtmpPort}/live`]);

        await page.evaluate(axe.source);
        const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
        assert.deepEqual(violations, []);

        await button(page, "Copy Server address").click();
        await page.getByText("Server address copied", { exact: true }).waitFor({ state: "attached" });
        assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secure);
        await button(page, "Copy Address, not encrypted").waitFor();

        await page.getByText("ffmpeg", { exact: true }).click();
        await page.getByText(`-f flv "${secure}/STREAM_KEY"`).waitFor();
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
      };
      return withPage(browser, relay, use, { width, colorScheme });
    });
  }

  test("is told with its flags in the settings", () =>
    withPage(browser, relay, async (page) => {
      await section(page, relay, "about");
      await page.getByText("Port for encoders, encrypted", { exact: true }).waitFor();
    }));
});
