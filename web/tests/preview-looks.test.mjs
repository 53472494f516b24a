// What the preview says where a browser cannot show it, and how it looks.
//
// Wants ffmpeg, and the binary as all tests here do.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { button, launch, withPage } from "./browser.mjs";
import { ClockEncoder } from "./clock.mjs";
import { finds, look, open, preview, says, seen } from "./preview.mjs";
import { Relay } from "./programs.mjs";

let browser;
let relay;
let encoder;

before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => {
  relay = await Relay.start();
  encoder = new ClockEncoder(relay, await relay.key());
});
afterEach(async () => {
  await encoder.stop();
  await relay.remove();
});

describe("a browser", () => {
  const without = (type) => `{
    const asked = MediaSource.isTypeSupported.bind(MediaSource);
    MediaSource.isTypeSupported = (type) => !type.includes("${type}") && asked(type);
  }`;

  for (const [what, prepare, words] of [
    ["that cannot show the codec says so", without("avc1"), "This browser cannot show H.264."],
    ["that plays nothing piece by piece says so", "delete window.MediaSource", "This browser cannot show a preview."],
  ]) {
    test(what, () => {
      const use = async (page) => {
        const asked = [];
        page.on("request", (request) => asked.push(request.url()));
        await open(page);
        await says(page, words);
        // What would be the codec may come to be known after the first picture is asked for, but not more often.
        const previews = () => asked.filter((url) => url.endsWith("preview.flv")).length;
        const before = previews();
        await pause(1000);
        assert.equal(previews(), before);
        await finds(page);
        await look(page, words.endsWith("H.264.") ? "codec" : "browser");
      };
      return withPage(browser, relay, use, { prepare: { content: prepare } });
    });
  }

  test("that cannot play the sound shows the pictures", () => {
    const use = async (page) => {
      await open(page);
      await seen(page);
      await preview(page).getByText("No sound: this browser cannot play AAC.").waitFor();
      assert.equal(await button(page, "Turn sound on").count(), 0);
    };
    return withPage(browser, relay, use, { prepare: { content: without("mp4a") } });
  });
});

describe("axe finds nothing", () => {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 390, 300]) {
      test(`in ${colorScheme} colours at ${width} px, and nothing is cut off`, () => {
        const use = async (page) => {
          await open(page);
          await seen(page);
          await finds(page);
          await look(page, `playing-${colorScheme}-${width}`);
          await button(page, "Stop").click();
          await says(page, "The preview is stopped.");
          await finds(page);
          await look(page, `stopped-${colorScheme}-${width}`);
          await button(page, "Play").click();
          await seen(page);
          await encoder.stop();
          await says(page, "The encoder is away.");
          await finds(page);
          await look(page, `away-${colorScheme}-${width}`);
        };
        return withPage(browser, relay, use, { width, colorScheme });
      });
    }
  }
});
