// Targets on platforms: the grid, each platform's form, and what is pasted into it.
//
// Wants what page.test.mjs wants.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { addTarget, button, card, choosePlatform, dialog, fillTarget, fromMenu, launch, until, withPage } from "./browser.mjs";
import { Relay } from "./programs.mjs";

let browser;
let relay;

before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => (relay = await Relay.start()));
afterEach(() => relay.remove());

test("each platform's form asks for what it needs and saves a target there", () =>
  withPage(browser, relay, async (page) => {
    const { platforms } = await relay.api("GET", "/platforms");
    assert.ok(platforms.length >= 22);
    for (const platform of platforms) {
      await choosePlatform(page, platform.name);
      const fields = await formOf(page);
      const isListed = platform.server_from === "list";
      const server = platform.servers.at(isListed ? -1 : 0);
      assert.equal(fields.choice, isListed && platform.servers.length > 1, platform.id);
      assert.equal(fields.address, !isListed, platform.id);
      assert.equal(fields.link, platform.key_page, platform.id);
      assert.equal(fields.dialog.includes("user name and a password"), platform.needs_login, platform.id);
      assert.equal(fields.dialog.includes("You are on air only after"), platform.on_air === "by_hand", platform.id);
      assert.equal(fields.dialog.includes("Good for one broadcast"), platform.key_life === "broadcast", platform.id);
      if (!isListed) assert.equal(fields.url, server?.url ?? "", platform.id);

      const url = server?.url ?? `rtmps://push.${platform.domains[0] ?? `${platform.id}.example`}:443/app`;
      if (fields.choice) await choice(page).selectOption(server.id);
      else if (fields.url === "") await fillTarget(page, { url });
      if (server?.backup) await dialog(page).getByRole("checkbox", { name: /backup server/ }).check();
      const name = await label(page, "Name").inputValue();
      await fillTarget(page, { key: `${platform.id}:k?a=1&b=2/c=` });
      await save(page, "Add target");

      const saved = await targetCalled(name);
      assert.deepEqual([saved.url, saved.has_key], [url, true], platform.id);
      assert.equal(saved.backup_url, server?.backup?.url ?? null, platform.id);
      if (server?.backup) assert.equal(saved.backup_policy, server.backup.policy);
    }
    const names = (await targets()).map(({ name }) => name);
    assert.equal(new Set(names).size, platforms.length);
    assert.ok(names.includes("My server") && names.includes("My server 2"));
  }));

test("a second target of a platform gets a name of its own", () =>
  withPage(browser, relay, async (page) => {
    for (const name of ["Trovo", "Trovo 2", "Trovo 3"]) {
      await choosePlatform(page, "Trovo");
      assert.equal(await label(page, "Name").inputValue(), name);
      await fillTarget(page, { key: "k" });
      await save(page, "Add target");
    }
  }));

describe("a pasted address", () => {
  test("is taken apart, into its own platform's form, and put back", () =>
    withPage(browser, relay, async (page) => {
      await choosePlatform(page, "Twitch");
      await paste(page, label(page, "Stream key"), " rtmps://a.rtmps.youtube.com/live2/abcd-efgh\n");
      await status(page, "This is an address of YouTube: it was taken apart into server and key.");
      await heading(page, "Add target: YouTube");
      assert.equal(await label(page, "Name").inputValue(), "YouTube");
      assert.equal(await choice(page).inputValue(), "auto");
      assert.equal(await label(page, "Stream key").inputValue(), "abcd-efgh");
      await button(dialog(page), "Undo").click();
      await heading(page, "Add target: Twitch");
      assert.equal(await label(page, "Stream key").inputValue(), "rtmps://a.rtmps.youtube.com/live2/abcd-efgh");

      await paste(page, label(page, "Stream key"), "rtmps://a.rtmps.youtube.com/live2/abcd-efgh");
      await save(page, "Add target");
      const saved = await targetCalled("YouTube");
      assert.equal(saved.url, "rtmps://a.rtmps.youtube.com:443/live2");
    }));

  test("of nobody's server fills both fields, and another's does not stay with a platform", () =>
    withPage(browser, relay, async (page) => {
      await choosePlatform(page, "Custom RTMP");
      await paste(page, label(page, "Server"), "rtmp://127.0.0.1:9/live/cam?token=a/b&c=d");
      await status(page, "The address ended with a key: it was taken apart into server and key.");
      assert.equal(await label(page, "Server").inputValue(), "rtmp://127.0.0.1:9/live");
      assert.equal(await label(page, "Stream key").inputValue(), "cam?token=a/b&c=d");
      await button(dialog(page), "All platforms").click();
      await button(dialog(page), "DLive").click();
      await paste(page, label(page, "Stream key"), "RTMPS://127.0.0.1:9/v2/pub");
      await heading(page, "Add target: Custom RTMPS");
      await save(page, "Add target");
      assert.equal((await targetCalled("My server")).url, "rtmps://127.0.0.1:9/v2");
    }));

  test("that was typed is taken apart when the user goes on, or saves", () =>
    withPage(browser, relay, async (page) => {
      await choosePlatform(page, "Custom RTMP");
      await label(page, "Server").pressSequentially("rtmp://live.twitch.tv/app/live_12345");
      await page.keyboard.press("Tab");
      await heading(page, "Add target: Twitch");
      assert.equal(await label(page, "Stream key").inputValue(), "live_12345");
      await save(page, "Add target");
      assert.equal((await targetCalled("Twitch")).url, "rtmp://live.twitch.tv/app");

      await choosePlatform(page, "Steam");
      await fillTarget(page, { key: "rtmp://ingest-rtmp.broadcast.steamcontent.com/app/steam_1" });
      await save(page, "Add target");
      assert.equal((await targetCalled("Steam")).url, "rtmp://ingest-rtmp.broadcast.steamcontent.com/app");
    }));

  test("of Kick's gets the end that Kick does not show", () =>
    withPage(browser, relay, async (page) => {
      await choosePlatform(page, "Kick");
      await label(page, "Server").fill("");
      await paste(page, label(page, "Server"), "rtmps://0123456789ab.global-contribute.live-video.net");
      await status(page, "The address lacked its end: splitcast added “:443/app”");
      await heading(page, "Add target: Kick");
      await fillTarget(page, { key: "sk_us-west-2_abc" });
      await save(page, "Add target");
      assert.equal((await targetCalled("Kick")).url, "rtmps://0123456789ab.global-contribute.live-video.net:443/app");
    }));

  test("that is none is told at its field, and not sent", () =>
    withPage(browser, relay, async (page) => {
      await choosePlatform(page, "TikTok");
      await paste(page, label(page, "Server"), "https://www.tiktok.com/live");
      await blames(page, "Server", "This is the address of a web page.");
      await label(page, "Server").fill("");
      await paste(page, label(page, "Server"), "srt://push.example:9000");
      await blames(page, "Server", "This is an SRT address");
      await label(page, "Server").fill("rtmps://push.tiktokcdn.com:443/game");
      for (const [key, said] of [
        ["stream key 1", "There is a space in it"],
        ["••••••••", "These are the dots that stand for a hidden key."],
        ["https://g.example/v2/whip", "This is a WHIP address"],
      ]) {
        await label(page, "Stream key").fill(key);
        await button(dialog(page), "Add target").click();
        await blames(page, "Stream key", said);
        const isPointedAt = () => label(page, "Stream key").evaluate((field) => field === document.activeElement);
        await until("the field is pointed at", isPointedAt);
      }
      assert.deepEqual(await targets(), []);
    }));
});

describe("the form", () => {
  test("shows what the server refuses at the field that is to blame", () =>
    withPage(browser, relay, async (page) => {
      await choosePlatform(page, "niconico");
      await button(dialog(page), "Add target").click();
      await blames(page, "Stream key", "A stream key must be");
      await fillTarget(page, { key: "k", url: "nonsense" });
      await button(dialog(page), "Add target").click();
      await blames(page, "Server", "The address must begin with");
      assert.deepEqual(await targets(), []);
    }));

  test("finds a platform by keyboard alone, and the focus comes back", () =>
    withPage(browser, relay, async (page) => {
      const name = () => page.evaluate(() => document.activeElement.innerText.split("\n").at(-1));
      await button(page, "Add target").focus();
      await page.keyboard.press("Enter");
      await dialog(page).getByLabel("Search platforms").and(page.locator(":focus")).waitFor();
      await button(dialog(page), "YouTube").waitFor();
      await page.keyboard.press("ArrowDown");
      assert.equal(await name(), "YouTube");
      await page.keyboard.press("ArrowRight");
      assert.equal(await name(), "Twitch");
      await page.keyboard.press("ArrowDown");
      const below = await name();
      await page.keyboard.press("ArrowUp");
      assert.equal(await name(), "Twitch");
      assert.notEqual(below, "Twitch");
      await page.keyboard.press("End");
      assert.equal(await name(), "Dacast");
      await page.keyboard.press("Home");
      await page.keyboard.press("ArrowUp");
      await page.keyboard.type("twitter");
      await page.keyboard.press("Enter");
      await heading(page, "Add target: X");
      await label(page, "Stream key").and(page.locator(":focus")).waitFor();
      for (let tabs = 0; tabs < 4; tabs += 1) await page.keyboard.press("Shift+Tab");
      await button(dialog(page), "All platforms").and(page.locator(":focus")).waitFor();
      await page.keyboard.press("Enter");
      await button(dialog(page), "X").and(page.locator(":focus")).waitFor();
      await page.keyboard.press("Enter");
      await page.keyboard.type("s3cret");
      await page.keyboard.press("Enter");
      await card(page, "X").waitFor();
      assert.equal(await name(), "Add target");
    }));

  test("of a target that exists knows its platform, and gives its backup server the new key too", () =>
    withPage(browser, relay, async (page) => {
      await addTarget(page, { name: "Own", url: "rtmps://a.rtmps.youtube.com/live2", key: "k" });
      await card(page, "Own").waitFor();
      const backup = dialog(page).getByRole("checkbox", { name: "Also send to the backup server" });
      await edit(page, "Own");
      assert.equal(await choice(page).inputValue(), "auto");
      await dialog(page).getByText("What YouTube takes").waitFor();
      await backup.check();
      await button(dialog(page), "Save").click();
      await blames(page, "Stream key", "The stream key is missing");
      await fillTarget(page, { key: "k2" });
      await save(page, "Save");
      const both = await targetCalled("Own");
      assert.deepEqual(
        [both.url, both.backup_url, both.has_backup_key, both.backup_policy],
        ["rtmps://a.rtmps.youtube.com/live2", "rtmps://b.rtmps.youtube.com:443/live2?backup=1", true, "both"],
      );

      await edit(page, "Own");
      assert.ok(await backup.isChecked());
      await choice(page).selectOption("plain");
      await save(page, "Save");
      const plain = await targetCalled("Own");
      assert.deepEqual([plain.url, plain.backup_url], ["rtmp://a.rtmp.youtube.com/live2", "rtmp://b.rtmp.youtube.com/live2?backup=1"]);

      await edit(page, "Own");
      await backup.uncheck();
      await save(page, "Save");
      const one = await targetCalled("Own");
      assert.deepEqual([one.backup_url, one.has_backup_key], [null, false]);
    }));

  test("asks a platform that needs it for a user name and a password, and never shows that again", () =>
    withPage(browser, relay, async (page) => {
      await choosePlatform(page, "Dacast");
      await dialog(page).getByText("Dacast shows both in its encoder setup.").waitFor();
      await fillTarget(page, { url: "rtmp://p.ep123.i.akamaientrypoint.net/EntryPoint", key: "k" });
      await label(page, "User name").fill("123456");
      await button(dialog(page), "Add target").click();
      await blames(page, "Password", "A user name needs its password");
      await label(page, "Password").fill("s3cret pass");
      await save(page, "Add target");
      const saved = await targetCalled("Dacast");
      assert.deepEqual([saved.user, saved.has_password], ["123456", true]);

      const sent = [];
      page.on("request", (request) => request.method() === "PATCH" && sent.push(request.postDataJSON()));
      await edit(page, "Dacast");
      const login = dialog(page).locator("summary", { hasText: "User name and password" });
      if ((await login.count()) > 0) await login.click();
      assert.equal(await label(page, "User name").inputValue(), "123456");
      assert.equal(await label(page, "Password").inputValue(), "");
      await dialog(page).getByText("Leave empty to keep the password.").waitFor();
      await label(page, "User name").fill("");
      await save(page, "Save");
      assert.deepEqual(sent, [{ user: null }]);
      assert.equal((await targetCalled("Dacast")).has_password, false);
    }));

  test("puts a user name and a password in a pasted address into fields of their own", () =>
    withPage(browser, relay, async (page) => {
      await choosePlatform(page, "Custom RTMP");
      await paste(page, label(page, "Server"), "rtmp://ann:p%40ss@wowza.example:1936/live/abcd1234efgh5678");
      await status(page, "The address had a user name and a password in it");
      const values = () => Promise.all(["Server", "Stream key", "User name", "Password"].map((name) => label(page, name).inputValue()));
      assert.deepEqual(await values(), ["rtmp://wowza.example:1936/live", "abcd1234efgh5678", "ann", "p@ss"]);
      await button(dialog(page), "Undo").click();
      assert.deepEqual((await values()).slice(1), ["", "", ""]);
      await dialog(page).locator("summary", { hasText: "User name and password" }).click();
      await label(page, "User name").waitFor({ state: "hidden" });
      await paste(page, label(page, "Server"), "rtmp://ann@wowza.example:1936/live/abcd1234efgh5678");
      await label(page, "User name").waitFor();
      await paste(page, label(page, "Server"), "rtmp://ann:p%40ss@wowza.example:1936/live/abcd1234efgh5678");
      await save(page, "Add target");
      const saved = await targetCalled("My server");
      assert.deepEqual([saved.url, saved.user, saved.has_password], ["rtmp://wowza.example:1936/live", "ann", true]);
      assert.ok(!(await page.content()).includes("p@ss"));
    }));

  test("takes a new key alone, or with the address it came with", () =>
    withPage(browser, relay, async (page) => {
      const sent = [];
      page.on("request", (request) => request.method() === "PATCH" && sent.push(request.postDataJSON()));
      await addTarget(page, { name: "Daily", url: "rtmps://push.tiktokcdn.com:443/game?auth=s3cret", key: "old" });
      await card(page, "Daily").waitFor();
      const key = label(page, "New stream key");
      await fromMenu(card(page, "Daily"), "New key…");
      await button(dialog(page), "Use this key").click();
      await dialog(page).getByRole("alert").getByText("A stream key must be", { exact: false }).waitFor();
      assert.equal(await key.getAttribute("aria-invalid"), "true");
      await key.fill("today");
      await save(page, "Use this key");
      assert.deepEqual(sent.splice(0), [{ key: "" }, { key: "today" }]);

      await fromMenu(card(page, "Daily"), "New key…");
      await dialog(page).getByText("TikTok gives you a new address for each broadcast.", { exact: false }).waitFor();
      await paste(page, key, "rtmps://other.tiktokcdn.com:443/game/stream-2?sign=x/y");
      await status(page, "The address ended with a key");
      await save(page, "Use this key");
      assert.deepEqual(sent, [{ key: "stream-2?sign=x/y", url: "rtmps://other.tiktokcdn.com:443/game" }]);
    }));

  test("shows the login that came with a new key, and takes it back", () =>
    withPage(browser, relay, async (page) => {
      const sent = [];
      page.on("request", (request) => request.method() === "PATCH" && sent.push(request.postDataJSON()));
      await addTarget(page, { name: "Daily", url: "rtmp://wowza.example:1936/live", key: "old" });
      await fromMenu(card(page, "Daily"), "New key…");
      const key = label(page, "New stream key");
      assert.equal(await label(page, "User name").count(), 0);
      await paste(page, key, "rtmp://ann@wowza.example:1936/live/abcd1234efgh5678");
      await status(page, "The address had a user name and a password in it");
      assert.deepEqual([await label(page, "User name").inputValue(), await key.inputValue()], ["ann", "abcd1234efgh5678"]);
      await button(dialog(page), "Use this key").click();
      await blames(page, "Password", "A user name needs its password");
      await paste(page, key, "rtmp://eve:p%40ss@wowza.example:1936/live/abcd1234efgh5678");
      await button(dialog(page), "Undo").click();
      assert.equal(await label(page, "User name").inputValue(), "ann");
      await label(page, "User name").fill("");
      await key.fill("today");
      await save(page, "Use this key");
      assert.deepEqual(sent, [{ key: "abcd1234efgh5678", user: "ann" }, { key: "today" }]);
    }));

  test("keeps notes, line by line", () =>
    withPage(browser, relay, async (page) => {
      await choosePlatform(page, "DLive");
      await fillTarget(page, { key: "k" });
      await dialog(page).getByText("Notes", { exact: true }).first().click();
      await label(page, "Notes").fill("first\nsecond");
      await save(page, "Add target");
      assert.equal((await targetCalled("DLive")).notes, "first\nsecond");
      await edit(page, "DLive");
      assert.equal(await label(page, "Notes").inputValue(), "first\nsecond");
      await label(page, "Notes").fill("");
      await save(page, "Save");
      assert.equal((await targetCalled("DLive")).notes, "");
    }));

  test("runs nothing that a name or an address says", () =>
    withPage(browser, relay, async (page) => {
      const name = `<img src=x onerror="alert(1)">`;
      await addTarget(page, { name, url: `rtmp://127.0.0.1:9/<script>alert(2)</script>`, key: `"><svg/onload=alert(3)>` });
      await edit(page, name);
      await heading(page, `Edit “${name}”`);
      assert.equal(await label(page, "Server").inputValue(), "rtmp://127.0.0.1:9/<script>alert(2)</script>");
      await button(dialog(page), "Cancel").click();
      await choosePlatform(page, "Custom RTMPS");
      await paste(page, label(page, "Server"), `javascript://alert(4)`);
      await blames(page, "Server", "splitcast cannot send to such an address.");
      assert.equal(await page.locator("img[src=x], body script, svg[onload]").count(), 0);
    }));

  test("can be had without the list of platforms once that arrives", () =>
    withPage(browser, relay, async (page) => {
      const list = "**/api/v1/platforms";
      await page.route(list, (route) => route.abort());
      await button(page, "Add target").click();
      await dialog(page).getByText("The list of platforms did not arrive.").waitFor();
      await page.unroute(list);
      await button(dialog(page), "Try again").click();
      await button(dialog(page), "YouTube").waitFor();
      await dialog(page).getByLabel("Search platforms").fill("no such platform");
      await dialog(page).getByText("No platform of this name is known here.", { exact: false }).waitFor();
      await button(dialog(page), "Custom RTMP").waitFor();
    }));

  for (const width of [390, 300]) {
    test(`needs no sideways scrolling at ${width} px`, () => {
      const use = async (page) => {
        for (const platform of ["YouTube", "Instagram", "Dacast"]) {
          await choosePlatform(page, platform);
          const login = platform === "Dacast" ? [] : ["User name and password"];
          for (const fold of ["Start: with the encoder", ...login, "Backup address: none", "Sending", "Notes"]) {
            await dialog(page).locator("summary", { hasText: fold }).click();
          }
          const excess = () => page.evaluate(() => [document.documentElement, document.querySelector("dialog")].map((box) => box.scrollWidth - box.clientWidth));
          assert.deepEqual(await excess(), [0, 0], platform);
          await button(dialog(page), "All platforms").click();
          await button(dialog(page), "YouTube").waitFor();
          assert.deepEqual(await excess(), [0, 0]);
          await button(dialog(page), "Cancel").click();
        }
      };
      return withPage(browser, relay, use, { width });
    });
  }
});

const label = (page, text) => dialog(page).getByLabel(text, { exact: true });
const choice = (page) => dialog(page).getByRole("combobox", { name: "Server", exact: true });
const heading = (page, name) => dialog(page).getByRole("heading", { name, exact: true }).waitFor();
const status = (page, text) => dialog(page).getByRole("status").getByText(text, { exact: false }).waitFor();

async function formOf(page) {
  const address = dialog(page).getByRole("textbox", { name: "Server", exact: true });
  const link = dialog(page).getByRole("link", { name: "Where is my key?", exact: false });
  const [hasAddress, hasLink] = [(await address.count()) > 0, (await link.count()) > 0];
  if (hasLink) {
    assert.equal(await link.getAttribute("target"), "_blank");
    assert.match(await link.getAttribute("rel"), /noreferrer/);
  }
  return {
    choice: (await choice(page).count()) > 0,
    address: hasAddress,
    url: hasAddress ? await address.inputValue() : null,
    link: hasLink ? await link.getAttribute("href") : null,
    dialog: await dialog(page).innerText(),
  };
}

async function paste(page, field, text) {
  await page.evaluate((words) => navigator.clipboard.writeText(words), text);
  await field.press("Control+V");
}

/** Waits until a field is called wrong in these words. */
async function blames(page, name, text) {
  const field = label(page, name);
  await dialog(page).getByRole("alert").getByText(text, { exact: false }).waitFor();
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  const error = await dialog(page).getByRole("alert").getAttribute("id");
  assert.ok((await field.getAttribute("aria-describedby")).includes(error));
}

async function edit(page, name) {
  await button(card(page, name), "Edit").click();
  await dialog(page).waitFor();
}

async function save(page, action) {
  await button(dialog(page), action).click();
  await dialog(page).waitFor({ state: "detached" });
}

async function targets() {
  const { id } = await relay.firstStream();
  return (await relay.api("GET", `/streams/${id}/targets`)).targets;
}

async function targetCalled(name) {
  const found = (await targets()).find((target) => target.name === name);
  assert.ok(found, `there is no target “${name}”`);
  return found;
}
