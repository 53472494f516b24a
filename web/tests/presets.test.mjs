// What platforms tell of themselves, what their targets take, and keys that are for one broadcast.
//
// Wants what page.test.mjs wants.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { addTarget, button, card, choosePlatform, dialog, fillTarget, launch, until, withPage } from "./browser.mjs";
import { Relay } from "./programs.mjs";

let browser;
let relay;

before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => (relay = await Relay.start()));
afterEach(() => relay.remove());

const server = (page) => dialog(page).getByRole("combobox", { name: "Server", exact: true });
const names = (page) => server(page).locator("option").allInnerTexts();
const targetCalled = async (name) => (await relay.api("GET", "/streams/1/targets")).targets.find((one) => one.name === name);

describe("a platform's servers", () => {
  test("stand by their names, the nearest first", () =>
    withPage(browser, relay, async (page) => {
      await choosePlatform(page, "Twitch");
      const [first, second, ...places] = await names(page);
      assert.deepEqual([first, second, places.pop()], ["Nearest", "Nearest, not encrypted", "Another address …"]);
      assert.deepEqual(places, places.toSorted((a, b) => a.localeCompare(b)));
      assert.ok(places.includes("Frankfurt"));
    }));

  test("are asked for when a person wants to know, and those that are known stay if that fails", () =>
    withPage(browser, relay, async (page) => {
      const { platforms } = await relay.api("GET", "/platforms");
      const twitch = platforms.find(({ id }) => id === "twitch");
      const place = { id: "vienna", name: "Vienna", url: "rtmps://vie.contribute.live-video.net:443/app", backup: null };
      const answers = [
        { status: 502, contentType: "application/problem+json", json: { status: 502, detail: "Twitch did not answer." } },
        { json: { ...twitch, servers: [twitch.servers[0], place], servers_at: 1_790_000_000 } },
      ];
      const asked = [];
      await page.route("**/api/v1/platforms/twitch/servers", (route) => {
        asked.push(route.request().method());
        return route.fulfill(answers.shift());
      });
      await choosePlatform(page, "Twitch");
      assert.deepEqual(asked, [], "nobody wanted to know");
      await dialog(page).getByText("These are the ones that splitcast knows by itself.").waitFor();
      const known = await names(page);
      await button(dialog(page), "Get Twitch’s current servers").click();
      await dialog(page).getByRole("alert").getByText("Twitch did not answer.").waitFor();
      assert.deepEqual(await names(page), known);
      await button(dialog(page), "Get Twitch’s current servers").click();
      await dialog(page).getByText("As Twitch told on", { exact: false }).waitFor();
      assert.deepEqual(asked, ["POST", "POST"]);
      assert.deepEqual(await names(page), ["Nearest", "Vienna", "Another address …"]);
      await server(page).selectOption("vienna");
      await fillTarget(page, { key: "live_1" });
      await save(page, "Add target");
      assert.equal((await targetCalled("Twitch")).url, place.url);
    }));

  test("are not asked for where there is nobody to ask", () =>
    withPage(browser, relay, async (page) => {
      await choosePlatform(page, "Restream");
      await server(page).waitFor();
      assert.equal(await dialog(page).getByRole("button", { name: /current servers/ }).count(), 0);
    }));
});

describe("what a target takes", () => {
  const title = (page, text) => dialog(page).locator("summary", { hasText: text });
  const group = (page, name) => dialog(page).getByRole("group", { name });
  const tick = (page, name, codec) => group(page, name).getByRole("checkbox", { name: codec, exact: true });

  test("is as its platform has it, until something else is said", () =>
    withPage(browser, relay, async (page) => {
      await choosePlatform(page, "Twitch");
      await fillTarget(page, { key: "live_1" });
      await title(page, "Codecs and tracks: as Twitch takes them").click();
      assert.ok(await tick(page, "Video codecs", "As Twitch takes it: H.264").isChecked());
      assert.ok(await tick(page, "Audio codecs", "As Twitch takes it: AAC").isChecked());
      const tracks = (name) => group(page, "Tracks").getByRole("radio", { name, exact: true });
      const usualTracks = tracks("As Twitch takes it: one of video and all of audio");
      assert.ok(await usualTracks.isChecked());
      await save(page, "Add target");
      const usual = await targetCalled("Twitch");
      assert.deepEqual(Object.values(usual.takes), Array(6).fill(null));

      await edit(page, "Twitch");
      await title(page, "Codecs and tracks: as Twitch takes them").click();
      await tick(page, "Video codecs", "As Twitch takes it: H.264").uncheck();
      assert.ok(await tick(page, "Video codecs", "H.264").isChecked(), "what it takes is where one begins");
      await tick(page, "Video codecs", "H.265 (HEVC)").check();
      await tick(page, "Audio codecs", "As Twitch takes it: AAC").uncheck();
      await tick(page, "Audio codecs", "AAC").uncheck();
      await group(page, "Audio codecs").getByRole("status").getByText("None is chosen: no audio is sent.").waitFor();
      await tracks("One of video and one of audio").check();
      await dialog(page).getByLabel("Audio track to send", { exact: true }).fill("x");
      await tracks("All of them").check();
      await dialog(page).getByLabel("Audio track to send", { exact: true }).waitFor({ state: "detached" });
      await button(dialog(page), "Save").click();
      await dialog(page).getByRole("alert").getByText("A track has a number from 0 to 255.").waitFor();
      await dialog(page).getByLabel("Audio track to send", { exact: true }).and(page.locator(":focus")).waitFor();
      await tracks("One of video and one of audio").check();
      await dialog(page).getByLabel("Audio track to send", { exact: true }).fill("1");
      await title(page, "Codecs and tracks: as set here").waitFor();
      await save(page, "Save");
      const { takes } = await targetCalled("Twitch");
      const said = { video_codecs: ["h264", "hevc"], audio_codecs: [], tracks: "one", video_track: null, audio_track: 1, tags: null };
      assert.deepEqual(takes, said);

      await edit(page, "Twitch");
      await title(page, "Codecs and tracks: as set here").click();
      assert.equal(await dialog(page).getByLabel("Audio track to send", { exact: true }).inputValue(), "1");
      await tick(page, "Video codecs", "As Twitch takes it: H.264").check();
      await tick(page, "Audio codecs", "As Twitch takes it: AAC").check();
      await dialog(page).getByLabel("Audio track to send", { exact: true }).fill("");
      await usualTracks.check();
      await save(page, "Save");
      assert.deepEqual((await targetCalled("Twitch")).takes, usual.takes);
    }));

  test("of an unknown server is whatever comes", () =>
    withPage(browser, relay, async (page) => {
      await choosePlatform(page, "Custom RTMP");
      await title(page, "Codecs and tracks: all that comes").click();
      assert.ok(await tick(page, "Video codecs", "As the encoder sends it").isChecked());
      assert.equal(await dialog(page).getByLabel("Video track to send", { exact: true }).count(), 0);
      await group(page, "Form").getByRole("radio", { name: "H.264 and AAC as every server knows them" }).check();
      await fillTarget(page, { url: "rtmp://127.0.0.1:9/live", key: "k" });
      await save(page, "Add target");
      const { takes, intake } = await targetCalled("My server");
      assert.deepEqual([takes.tags, takes.tracks, intake.tags, intake.tracks], ["common", null, "common", "all"]);
    }));
});

describe("a key for one broadcast", () => {
  /** Has the page told that the key of every target was used, until it does something about one. */
  async function used(page) {
    let isUsed = true;
    page.on("request", (request) => {
      const isReused = request.url().endsWith("/reuse-key") && request.method() === "POST";
      if (isReused || (request.method() === "PATCH" && "key" in request.postDataJSON())) isUsed = false;
    });
    await page.route("**/api/v1/status", async (route) => {
      const response = await route.fetch();
      const status = await response.json();
      for (const target of status.streams[0].targets) target.key_used = isUsed;
      await route.fulfill({ response, json: status });
    });
    await page.reload();
  }

  const notice = (place) => place.getByText("This key was for one broadcast, and that is over.", { exact: false });

  test("that is over is asked for anew where it shows, and pasted in one step", () =>
    withPage(browser, relay, async (page) => {
      await addTarget(page, { name: "VK", url: "rtmp://ovsu.okcdn.ru/input", key: "old" });
      await card(page, "VK").waitFor();
      assert.equal(await notice(card(page, "VK")).count(), 0);
      await used(page);
      await notice(card(page, "VK")).waitFor();
      await button(card(page, "VK"), "Paste the new key").click();
      await dialog(page).getByLabel("New stream key", { exact: true }).and(page.locator(":focus")).waitFor();
      await page.keyboard.type("today");
      await save(page, "Use this key");
      await notice(card(page, "VK")).waitFor({ state: "detached" });
      await until("the focus has a place", () => page.evaluate(() => document.activeElement.textContent === "VK"));
    }));

  test("is used once more if its owner says so, in the drawer too", () =>
    withPage(browser, relay, async (page) => {
      await addTarget(page, { name: "VK", url: "rtmp://ovsu.okcdn.ru/input", key: "old" });
      await card(page, "VK").waitFor();
      await used(page);
      await card(page, "VK").getByRole("link", { name: "Details" }).click();
      await notice(dialog(page)).waitFor();
      await button(dialog(page), "Use it once more").click();
      await notice(dialog(page)).waitFor({ state: "detached" });
      await until("the focus has a place", () => page.evaluate(() => document.activeElement.tagName === "H2"));
    }));

  test("is nothing that who may only look can do anything about", async () => {
    await relay.cookie();
    const viewer = { name: "vera", password: "vera's password" };
    await relay.api("POST", "/users", { ...viewer, role: "viewer" });
    await relay.api("POST", "/streams/1/targets", { name: "VK", url: "rtmp://ovsu.okcdn.ru/input", key: "old" });
    const use = async (page) => {
      await used(page);
      await notice(card(page, "VK")).waitFor();
      assert.equal(await card(page, "VK").getByRole("button").count(), 0);
    };
    await withPage(browser, relay, use, { as: viewer });
  });
});

for (const width of [390, 300]) {
  test(`all of it needs no sideways scrolling at ${width} px`, () => {
    const use = async (page) => {
      await choosePlatform(page, "Twitch");
      await dialog(page).locator("summary", { hasText: "Codecs and tracks" }).click();
      for (const box of await dialog(page).getByRole("checkbox", { name: /^As Twitch takes it/ }).all()) await box.uncheck();
      await dialog(page).getByRole("radio", { name: "One of video and one of audio", exact: true }).check();
      const excess = () => page.evaluate(() => [document.documentElement, document.querySelector("dialog")].map((box) => box.scrollWidth - box.clientWidth));
      assert.deepEqual(await excess(), [0, 0]);
    };
    return withPage(browser, relay, use, { width });
  });
}

async function edit(page, name) {
  await button(card(page, name), "Edit").click();
  await dialog(page).waitFor();
}

async function save(page, action) {
  await button(dialog(page), action).click();
  await dialog(page).waitFor({ state: "detached" });
}
