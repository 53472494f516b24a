// What a platform would mind in what the encoder sends, as a user reads it: a real encoder, the real binary and a real
// Chromium.
//
// Wants what targets.test.mjs wants.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import axe from "axe-core";

import { card, launch, withPage } from "./browser.mjs";
import { Encoder, Relay } from "./programs.mjs";

let browser;
let relay;
let encoder;

before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => (relay = await Relay.start()));
afterEach(async () => {
  await encoder?.stop();
  await relay.remove();
});

// Nobody has this name: nothing is called, and what is sent is held against what the platform takes.
const URL = "rtmp://no-such-server.lip2.navercorp.com/relay";

describe("a warning", () => {
  test("is read on the card, with what to do in the details, in the history, and goes when it is corrected", async () => {
    await relay.api("POST", "/streams/1/targets", { name: "CHZZK", url: URL, key: "k" });
    const other = { name: "HEVC only", url: "rtmp://127.0.0.1:9/live", key: "k", takes: { video_codecs: ["hevc"] } };
    await relay.api("POST", "/streams/1/targets", other);
    encoder = new Encoder(relay, await relay.key(), ["-an", "-g", "100", "-bf", "2"]);
    await withPage(browser, relay, async (page) => {
      const tile = card(page, "CHZZK");
      const warnings = tile.getByRole("list", { name: "Warnings about CHZZK" });
      await warnings.getByText("No sound").waitFor();
      await warnings.getByText("B-frames not wanted").waitFor();
      // How bad it is shows without colours, and is read out.
      const told = (place, word) => place.getByRole("status").getByRole("listitem").filter({ hasText: new RegExp(`^\\s*${word}: \\w`) });
      await told(tile, "Warning").nth(2).locator(".lucide-triangle-alert").waitFor();
      await told(card(page, "HEVC only"), "Serious").locator(".lucide-octagon-alert").waitFor();
      await warnings.getByText("Key frames too rare").waitFor();
      await look(page, "card");
      await tile.getByRole("link", { name: "Details", exact: true }).click();
      const drawer = page.getByRole("dialog", { name: "CHZZK" });
      const minded = drawer.getByRole("region", { name: "To be corrected in your encoder" });
      await minded.getByText("CHZZK wants none. Set Max B-frames to 0", { exact: false }).waitFor();
      // Nobody is called there, so nothing is sent.
      assert.equal(await minded.getByText("The target is sent all of it all the same.").count(), 0);
      await drawer.getByText("B-frames", { exact: true }).waitFor();
      const events = drawer.getByRole("list", { name: "Events, newest first" });
      await events.getByText("No sound comes from the encoder", { exact: false }).waitFor();
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join())]), []);
      await look(page, "drawer");
      await encoder.stop();
      encoder = new Encoder(relay, await relay.key(), ["-bf", "0"]);
      await minded.waitFor({ state: "detached", timeout: 60_000 });
      await events.getByText("Sound comes again.").waitFor();
      await drawer.getByText("AAC LC", { exact: false }).waitFor();
      await look(page, "corrected");
    });
  });
});

async function look(page, name) {
  if (process.env.LOOKS) await page.screenshot({ path: `${process.env.LOOKS}/${name}.png`, fullPage: true });
}
