// The preview: live pictures of a real encoder in a real Chromium, by the real binary.
//
// Wants ffmpeg, and the binary as all tests here do.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { button, launch, until, withPage } from "./browser.mjs";
import { age, ClockEncoder } from "./clock.mjs";
import { Line } from "./line.mjs";
import { look, open, preview, says, seen } from "./preview.mjs";
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

/** Whether the server has a place left for one who watches. */
async function hasPlace() {
  const stop = new AbortController();
  const answer = await watch(stop);
  stop.abort();
  return answer.status === 200;
}

async function watch(stop) {
  const { id } = await relay.firstStream();
  const { name, value } = await relay.cookie();
  return fetch(`${relay.url}/api/v1/streams/${id}/preview.flv`, { headers: { Cookie: `${name}=${value}` }, signal: stop.signal });
}

/** Takes all places but one, and gives them back after use. */
async function withOnePlace(use) {
  const stop = new AbortController();
  const watching = [];
  await until("the encoder sends", hasPlace);
  try {
    for (let number = 1; number < PLACES; number += 1) {
      const answer = await watch(stop);
      assert.equal(answer.status, 200);
      watching.push(answer.body.pipeTo(new WritableStream()).catch(() => {}));
    }
    await use(stop);
  } finally {
    stop.abort();
    await Promise.all(watching);
  }
}

describe("the preview", () => {
  test("shows what the encoder sends, less than two seconds later", () =>
    withPage(browser, relay, async (page) => {
      await open(page);
      await seen(page);
      const ages = [];
      const shown = new Set();
      // From the first picture on, for as long as it takes it to settle.
      for (let look = 0; look < 100; look += 1) {
        const picture = await age(page);
        if (picture !== null) {
          ages.push(picture.age);
          shown.add(picture.shown);
        }
        await pause(100);
      }
      // The digits are not drawn all at once: a carry between two of them makes a wrong number now and then.
      const sorted = ages.toSorted((a, b) => a - b);
      const at = (share) => sorted[Math.floor((sorted.length - 1) * share)];
      console.log(`pictures are ${at(0.5)} ms old, at most ${at(0.98)} ms (${sorted.length} looks from the first on)`);
      assert.ok(sorted.length > 80, `it was seen only ${sorted.length} times`);
      assert.ok(shown.size > 70, `there were only ${shown.size} different pictures`);
      assert.ok(at(0) > 20, "no picture can be there before it was made");
      assert.ok(at(0.98) < 2000, `pictures are up to ${at(0.98)} ms old`);
      await preview(page).getByText(/^0\.\d s behind$/).waitFor();
    }));

  test("does so however rare key frames are", () =>
    withPage(browser, relay, async (page) => {
      await encoder.stop();
      encoder = new ClockEncoder(relay, await relay.key(), { keyFrameEvery: 250 });
      await page.getByText("Encoder live").waitFor();
      const isOld = async () => (await relay.firstStream()).source.since_key_frame_seconds > 6;
      await until("the newest key frame is old", isOld);
      await open(page);
      await seen(page);
      await until("it has caught up", async () => ((await age(page))?.age ?? Infinity) < 2000);
      const ages = [];
      for (let look = 0; look < 30; look += 1) {
        ages.push((await age(page))?.age ?? 0);
        await pause(100);
      }
      const sorted = ages.toSorted((a, b) => a - b);
      console.log(`with a key frame each ten seconds they are ${sorted[15]} ms old`);
      assert.ok(sorted[27] < 2000, `pictures are up to ${sorted[27]} ms old`);
    }));

  test("catches up when the network stood still for a while", async () => {
    const line = await Line.to(relay);
    const use = async (page) => {
      await encoder.stop();
      encoder = new ClockEncoder(relay, await relay.key(), { rich: true });
      await open(page);
      await seen(page);
      line.hold();
      // By then the relay has let go of pictures that were to come next.
      await until("it is late", async () => (await age(page))?.age > 7000);
      await says(page, "Loading the preview…");
      line.release();
      await until("it has caught up", async () => (await age(page))?.age < 2000);
      const { shown } = await age(page);
      await until("it goes on", async () => ((await age(page))?.shown ?? 0) > shown + 1000);
      await seen(page);
      assert.equal(line.previews.size, 1, "it was asked for anew");
    };
    await withPage(browser, { url: line.url, cookie: () => relay.cookie() }, use);
    line.close();
  });

  test("says so where there is sound alone", () =>
    withPage(browser, relay, async (page) => {
      await encoder.stop();
      encoder = new ClockEncoder(relay, await relay.key(), { more: ["-vn"] });
      await open(page);
      await says(page, "The encoder sends sound and no pictures.");
      await look(page, "sound");
    }));

  test("fills the screen, controls and all", () =>
    withPage(browser, relay, async (page) => {
      await open(page);
      await seen(page);
      await button(page, "Full screen").click();
      await button(page, "Leave full screen").waitFor();
      await until("it fills the window", async () => (await preview(page).boundingBox()).width === (await page.evaluate(() => window.innerWidth)));
      await look(page, "full");
      await button(page, "Leave full screen").click();
      await button(page, "Full screen").waitFor();
      await seen(page);
    }));

  test("is quiet until it is asked for sound", () =>
    withPage(browser, relay, async (page) => {
      await open(page);
      await seen(page);
      const video = page.locator("video");
      assert.equal(await video.evaluate((element) => element.muted), true);
      await button(page, "Turn sound on").click();
      assert.equal(await video.evaluate((element) => element.muted), false);
      await until("sound is decoded", () => video.evaluate((element) => element.webkitAudioDecodedByteCount > 0));
      await button(page, "Turn sound off").click();
      assert.equal(await video.evaluate((element) => element.muted), true);
    }));

  test("lets go of its connection when it is stopped, hidden, or its page is", () => {
    const use = (page) =>
      withOnePlace(async () => {
        assert.equal(await hasPlace(), true);
        await open(page);
        for (const [leave, comeBack] of [
          [() => button(page, "Stop").click(), () => button(page, "Play").click()],
          [() => page.evaluate(() => window.hide(true)), () => page.evaluate(() => window.hide(false))],
          [() => button(page, "Hide preview").click(), () => button(page, "Show preview").click()],
        ]) {
          await seen(page);
          assert.equal(await hasPlace(), false);
          await leave();
          await until("the place is free again", hasPlace);
          await comeBack();
        }
        await seen(page);
      });
    const prepare = () => {
      let hidden = false;
      Object.defineProperty(document, "hidden", { get: () => hidden });
      window.hide = (value) => {
        hidden = value;
        document.dispatchEvent(new Event("visibilitychange"));
      };
    };
    return withPage(browser, relay, use, { prepare });
  });

  test("waits for its place where too many watch", () => {
    const use = (page) =>
      withOnePlace(async (others) => {
        const stop = new AbortController();
        const last = await watch(stop);
        assert.equal(last.status, 200);
        await open(page);
        await says(page, "Too many previews are open.");
        stop.abort();
        others.abort();
        await seen(page);
      });
    return withPage(browser, relay, use);
  });

  test("goes away with the encoder and comes back with it", () =>
    withPage(browser, relay, async (page) => {
      await open(page);
      await seen(page);
      await encoder.stop();
      await says(page, "The encoder is away.");
      encoder = new ClockEncoder(relay, await relay.key(), { size: "360x640" });
      await seen(page);
      // What is seen is new, and the box has its shape before.
      const picture = await age(page);
      assert.ok(picture.age < 5000, `it is ${picture.age} ms old`);
      const box = await page.locator("video").boundingBox();
      assert.ok(Math.abs(box.width / box.height - 0.8) < 0.02, `the box is ${box.width} by ${box.height}`);
      await look(page, "upright");
    }));

  test("waits for an encoder that was never there", async () => {
    await encoder.stop();
    await relay.api("PATCH", `/streams/${(await relay.firstStream()).id}`, { hold_seconds: 0 });
    await withPage(browser, relay, async (page) => {
      await page.getByText("Encoder offline").waitFor();
      await button(page, "Show preview").click();
      await says(page, "The encoder is not sending.");
      encoder = new ClockEncoder(relay, await relay.key());
      await seen(page);
    });
  });

  test("comes back with splitcast", () =>
    withPage(browser, relay, async (page) => {
      await open(page);
      await seen(page);
      await relay.stop();
      await says(page, "The connection to splitcast is lost.");
      await relay.launch();
      await encoder.stop();
      encoder = new ClockEncoder(relay, await relay.key());
      await seen(page);
    }));

  test("gives way to others, so that the page can go on asking", async () => {
    for (const name of ["Two", "Three", "Four"]) await relay.api("POST", "/streams", { name, key: `key-of-${name}` });
    const encoders = ["Two", "Three", "Four"].map((name) => new ClockEncoder(relay, `key-of-${name}`, { size: "320x180" }));
    try {
      await withPage(browser, relay, async (page) => {
        await until("all are live", async () => (await page.getByText("Encoder live").count()) === 4);
        const all = ["Main", "Two", "Three", "Four"].map((name) => page.getByRole("region", { name: `Preview of ${name}` }));
        for (const one of all) {
          await button(page, "Show preview").first().click();
          await one.getByText(/ behind$/).waitFor();
        }
        await says(page, "Stopped for another preview.");
        await button(preview(page), "Play").click();
        await all[0].getByText(/ behind$/).waitFor();
        await all[1].getByRole("status").filter({ hasText: "Stopped for another preview." }).waitFor();
        for (const one of all.slice(2)) assert.equal(await one.getByRole("status").textContent(), "");
        // A question is answered at once.
        assert.equal(await page.evaluate(async () => (await fetch("/api/v1/session")).status), 200);
      });
    } finally {
      for (const one of encoders) await one.stop();
    }
  });

  test("needs no mouse", () =>
    withPage(browser, relay, async (page) => {
      await page.getByText("Encoder live").waitFor();
      await button(page, "Show preview").press("Enter");
      await seen(page);
      const press = async (key, name) => {
        await page.keyboard.press(key);
        const focused = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
        assert.equal(focused, name);
      };
      await press("Tab", "Stop");
      await press("Tab", "Turn sound on");
      await press("Shift+Tab", "Stop");
      await press("Enter", "Play");
      await says(page, "The preview is stopped.");
      await press("Enter", "Stop");
      await seen(page);
    }));
});

/** Who may watch at once, all in all. */
const PLACES = 8;
