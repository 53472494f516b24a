// A target's drawer as a user has it: the page in a real Chromium, on the real binary.
//
// Wants what targets.test.mjs wants.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import axe from "axe-core";

import { button, card, launch, until, withPage } from "./browser.mjs";
import { Encoder, freePort, Relay } from "./programs.mjs";
import { Nginx, refusingTarget } from "./receivers.mjs";

let browser;
let relay;

before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => (relay = await Relay.start()));
afterEach(() => relay.remove());

const NOWHERE = "rtmp://127.0.0.1:9/live";

describe("the drawer", () => {
  test("is opened from a target's card, closed by Escape, and gives the focus back", () =>
    withPage(browser, relay, async (page) => {
      await make({ name: "One", url: NOWHERE, key: "k" });
      const opener = details(card(page, "One"));
      const isClosed = async () => {
        await until("the address is the overview's", () => page.url().endsWith("#/"));
        await page.locator("dialog").waitFor({ state: "detached" });
      };
      await opener.focus();
      await page.keyboard.press("Enter");
      await drawer(page, "One").waitFor();
      assert.match(page.url(), /#\/targets\/1$/);
      await page.keyboard.press("Escape");
      await isClosed();
      await until("the focus is back", () => opener.evaluate((button) => button === document.activeElement));

      await opener.click();
      await button(drawer(page, "One"), "Close").click();
      await isClosed();
      await until("the focus is back", () => opener.evaluate((button) => button === document.activeElement));
      await opener.click();
      await drawer(page, "One").waitFor();
      await page.goBack();
      await isClosed();
      await until("the focus is back", () => opener.evaluate((button) => button === document.activeElement));
    }));

  test("is opened by its address, and says calmly that a target is not there", () =>
    withPage(browser, relay, async (page) => {
      const { id } = await make({ name: "Linked", url: NOWHERE, key: "k", notes: "Ask <b>Bob</b>.\nOn Sundays." });
      await page.goto(`${relay.url}/#/targets/${id}`);
      const linked = drawer(page, "Linked");
      await shows(linked, "Waiting");
      await linked.getByText("Ask <b>Bob</b>.").waitFor();
      await linked.getByText("It starts with the encoder.").waitFor();
      await linked.getByText("Nothing was sent in the last 10 minutes.").first().waitFor();
      await relay.api("DELETE", `/targets/${id}`);
      await page.getByText("There is no such target.", { exact: false }).waitFor();
      await button(drawer(page, "No such target"), "Close").last().click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }));

  test("orders what can be ordered of a target", () =>
    withPage(browser, relay, async (page) => {
      const { id } = await make({ name: "First", url: NOWHERE, key: "k" });
      await page.goto(`${relay.url}/#/targets/${id}`);
      const first = drawer(page, "First");
      await button(first, "Stop").click();
      await shows(first, "Stopped");
      await button(first, "Start").click();
      await shows(first, "Waiting");
      await choose(first, "Switch off");
      await button(first, "Switch on").click();
      await shows(first, "Waiting");

      await button(first, "Edit").click();
      const edit = page.getByRole("dialog").last();
      await edit.getByLabel("Name", { exact: true }).fill("Second");
      await button(edit, "Save").click();
      const second = drawer(page, "Second");
      await choose(second, "Duplicate");
      const copy = drawer(page, "Second (2)");
      await shows(copy, "Off");
      await choose(copy, "Remove…");
      await button(page.getByRole("dialog").last(), "Remove target").click();
      await until("all dialogs are gone", async () => (await page.getByRole("dialog").count()) === 0);
      await card(page, "Second (2)").waitFor({ state: "detached" });
      await card(page, "Second").waitFor();
    }));

  test("tells what happened long ago when it is asked for", () =>
    withPage(browser, relay, async (page) => {
      const { id } = await make({ name: "Restless", url: NOWHERE, key: "k" });
      for (let times = 0; times < 60; times += 1) {
        await relay.api("POST", `/targets/${id}/stop`);
        await relay.api("POST", `/targets/${id}/start`);
      }
      const written = async () => (await relay.api("GET", `/history?target=${id}&limit=500`)).events.length;
      await until("all of it is written down", async () => (await written()) === 121);
      await page.goto(`${relay.url}/#/targets/${id}`);
      const restless = drawer(page, "Restless");
      const events = restless.getByRole("list", { name: "Events, newest first" }).getByRole("listitem");
      await until("the newest are there", async () => (await events.count()) === 100);
      await button(restless, "Show older").click();
      await until("the older are there", async () => (await events.count()) === 121);
      assert.equal(await button(restless, "Show older").count(), 0);
    }));

  test("says that splitcast is gone, and goes on when it is back", () =>
    withPage(browser, relay, async (page) => {
      const { id } = await make({ name: "Alone", url: NOWHERE, key: "k" });
      await page.goto(`${relay.url}/#/targets/${id}`);
      const alone = drawer(page, "Alone");
      await shows(alone, "Waiting");
      await relay.stop();
      await alone.getByText("Connection to splitcast lost", { exact: false }).waitFor();
      await relay.launch();
      await alone.getByText("Connection to splitcast lost", { exact: false }).waitFor({ state: "detached" });
      await button(alone, "Stop").click();
      await shows(alone, "Stopped");
    }));

  test("lets who may only look do nothing", async () => {
    const { id } = await make({ name: "Seen", url: NOWHERE, key: "k" });
    const viewer = { name: "Vera", password: "only looking" };
    await relay.api("POST", "/users", { ...viewer, role: "viewer" });
    await withPage(
      browser,
      relay,
      async (page) => {
        await page.goto(`${relay.url}/#/targets/${id}`);
        const seen = drawer(page, "Seen");
        await shows(seen, "Waiting");
        const named = await seen.getByRole("button").evaluateAll((all) => all.map((one) => one.textContent.trim()));
        assert.deepEqual(named, ["", "Copy diagnostics"]);
      },
      { as: viewer },
    );
  });
});

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

  test("the last minutes are drawn at once, and go on", () =>
    withPage(browser, relay, async (page) => {
      const { id } = await make({ name: "Drawn", url: nginx.url, key: "drawn" });
      const samples = async () => (await relay.api("GET", `/targets/${id}/samples`)).bits_per_second;
      await until("the relay remembers some seconds", async () => (await samples()).length > 3);
      await page.goto(`${relay.url}/#/targets/${id}`);
      const bitrate = drawer(page, "Drawn").getByRole("figure", { name: "Bitrate" });
      const about = bitrate.getByText(/ on average over \d+ s\.$/);
      await about.waitFor();
      const seconds = async () => Number(/over (\d+) s/.exec(await about.textContent())[1]);
      const before = await seconds();
      assert.ok(before >= 6, `what was before the drawer was opened is there: ${before} s`);
      await bitrate.getByText(/^[0-9.]+ [kM]bit\/s$/).first().waitFor();
      await bitrate.locator("canvas").waitFor();
      const inked = await ink(bitrate);
      assert.ok(inked > 0, "a line is drawn");
      await until("there are more", async () => (await seconds()) > before);
      await until("the line is longer", async () => (await ink(bitrate)) > inked);
      // The other numbers are there, and the source.
      await drawer(page, "Drawn").getByText(/^H\.264 Constrained Baseline [0-9.]+, 320 × 180$/).waitFor();
      await drawer(page, "Drawn").getByText("25 per second").waitFor();
      await drawer(page, "Drawn").getByText("every 1 s").waitFor();
      await drawer(page, "Drawn").getByText("Round trip").waitFor();
    }));

  test("a target that fails and recovers is told of on screen", () =>
    withPage(browser, relay, async (page) => {
      const late = { port: await freePort() };
      const { id } = await make({ name: "Late", url: `rtmp://127.0.0.1:${late.port}/live`, key: "late" });
      await page.goto(`${relay.url}/#/targets/${id}`);
      const place = drawer(page, "Late");
      const events = place.getByRole("list", { name: "Events, newest first" }).getByRole("listitem");
      await events.filter({ hasText: "Retrying" }).first().waitFor();
      const failure = place.getByRole("region", { name: "Last failure" });
      await failure.getByText("Nothing listens at this address: check the server and its port.").waitFor();
      assert.equal(await events.filter({ has: page.getByText("Connecting", { exact: true }) }).count(), 0);
      await place.getByLabel("Show every step").check();
      await events.filter({ has: page.getByText("Connecting", { exact: true }) }).first().waitFor();
      await place.getByLabel("Show every step").uncheck();

      await relay.api("PATCH", `/targets/${id}`, { url: nginx.url, key: "late" });
      await events.first().filter({ hasText: "Live" }).waitFor();
      await shows(place, "Live");
      await failure.waitFor();
    }));

  test("a try is hastened, and the focus stays in the drawer", () =>
    withPage(browser, relay, async (page) => {
      const { id } = await make({ name: "Closed", url: `rtmp://127.0.0.1:${await freePort()}/live`, key: "k" });
      await page.goto(`${relay.url}/#/targets/${id}`);
      const closed = drawer(page, "Closed");
      const answer = page.waitForResponse((response) => response.url().endsWith("/retry"));
      await button(closed, "Try now").press("Enter");
      assert.equal((await answer).status(), 200);
      await until("the focus is inside", () => closed.evaluate((place) => place.contains(document.activeElement)));
    }));

  test("the last live target is stopped only when that is meant", () =>
    withPage(browser, relay, async (page) => {
      const { id } = await make({ name: "Last", url: nginx.url, key: "last" });
      await page.goto(`${relay.url}/#/targets/${id}`);
      const last = drawer(page, "Last");
      await shows(last, "Live");
      await button(last, "Stop").click();
      const question = drawer(page, "Stop “Last”?");
      await question.getByText("It is the last target that is live.", { exact: false }).waitFor();
      await button(question, "Cancel").click();
      await make({ name: "Other", url: nginx.url, key: "other" });
      await last.getByText("they keep streaming", { exact: false }).waitFor();
      await button(last, "Stop").click();
      await shows(last, "Stopped");
    }));

  test("each of two connections is looked at by itself", () =>
    withPage(browser, relay, async (page) => {
      const backup = { backup_url: nginx.url, backup_key: "both", backup_policy: "both" };
      const { id } = await make({ name: "Both", url: `rtmp://127.0.0.1:${await freePort()}/live`, key: "k", ...backup });
      await page.goto(`${relay.url}/#/targets/${id}`);
      const both = drawer(page, "Both");
      await button(both, "Try now").waitFor();
      assert.equal(await both.getByText("Round trip").count(), 0);
      await both.getByLabel("Backup").check();
      await both.getByText("Round trip").waitFor();
      await both.getByText(nginx.url, { exact: true }).waitFor();
      assert.equal(await button(both, "Try now").count(), 0);
    }));

  test("the diagnostics that are copied hold no key", async () => {
    const secret = "s3cret-canary";
    const refusing = await refusingTarget("Go away.");
    await withPage(browser, relay, async (page) => {
      const url = `${refusing.url}?auth=${secret}`;
      const { id } = await make({ name: "Secret", url, key: secret, backup_url: url, backup_key: secret });
      await page.goto(`${relay.url}/#/targets/${id}`);
      const place = drawer(page, "Secret");
      await place.getByRole("region", { name: "Last failure" }).waitFor();
      await button(place, "Copy diagnostics").click();
      await button(place, "Copied").waitFor();
      const text = await page.evaluate(() => navigator.clipboard.readText());
      assert.match(text, /^splitcast \d/);
      assert.match(text, /Go away\./);
      assert.ok(!text.includes(secret) && !(await page.content()).includes(secret));
    }).finally(() => refusing.close());
  });

  test("a target's hostile words are shown as the text they are", async () => {
    const rude = await refusingTarget(HOSTILE);
    await withPage(browser, relay, async (page) => {
      const { id } = await make({ name: HOSTILE.slice(0, 60), url: rude.url, key: "k", notes: HOSTILE });
      await page.goto(`${relay.url}/#/targets/${id}`);
      await page.getByRole("region", { name: "Last failure" }).getByText(HOSTILE, { exact: false }).waitFor();
      await page.getByRole("listitem").filter({ hasText: HOSTILE }).first().waitFor();
      assert.equal(await page.locator("img[src=x], body script").count(), 0);
    }).finally(() => rude.close());
  });

  for (const [width, colorScheme] of [
    [1280, "light"],
    [390, "dark"],
    [300, "light"],
  ]) {
    test(`nothing is cut off, and axe finds nothing, at ${width} px in ${colorScheme} colours`, () => {
      const use = async (page) => {
        const long = `${"long".repeat(12)}.example`;
        await make({ name: "Good".repeat(12), url: nginx.url, key: "k", notes: "x".repeat(200) });
        const backup = { backup_url: nginx.url, backup_key: "b", backup_policy: "both" };
        await make({ name: "Both", url: `rtmp://${long}/${"app".repeat(20)}`, key: "k", ...backup });
        for (const [id, shown] of [[1, "Round trip"], [2, "Last failure"], [99, "There is no such target."]]) {
          await page.goto(`${relay.url}/#/targets/${id}`);
          const place = page.getByRole("dialog");
          await place.getByText(shown, { exact: false }).first().waitFor();
          if (id === 2) await place.getByLabel("Show every step").check();
          const [inner, outer] = await place.evaluate((sheet) => [sheet.scrollWidth, sheet.clientWidth]);
          assert.ok(inner <= outer, `${id}: ${inner} px in ${outer}`);
          await finds(page, `target ${id}`);
        }
      };
      return withPage(browser, relay, use, { width, colorScheme });
    });
  }
});

/** The drawer, or another dialog, by its title. */
function drawer(page, name) {
  return page.getByRole("dialog", { name, exact: true });
}

function details(place) {
  return place.getByRole("link", { name: "Details", exact: true });
}

/** Waits for a state's word, as it is now. */
function shows(place, word) {
  return place.getByRole("status").filter({ hasText: new RegExp(`^${word}$`) }).waitFor();
}

async function choose(place, item) {
  await button(place, "More").click();
  await button(place, item).click();
}

async function make(target) {
  return relay.api("POST", `/streams/${(await relay.firstStream()).id}/targets`, target);
}

/** How many pixels of a chart have a colour. */
function ink(figure) {
  return figure.locator("canvas").evaluate((canvas) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, at) => at % 4 === 3 && value > 0).length;
  });
}

async function finds(page, where) {
  // What slides in is see-through on its way.
  await page.evaluate(() => Promise.all(document.getAnimations().filter(({ effect }) => effect.getTiming().iterations === 1).map(({ finished }) => finished)));
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join("; ")}`);
  assert.deepEqual(found, [], where);
}

const HOSTILE = `<img src=x onerror="alert(3)"><script>alert(4)</script> Go away.`;
