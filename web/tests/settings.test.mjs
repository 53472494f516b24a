// The settings: each section, who sees it, and what is done there.
//
// Wants what page.test.mjs wants.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { button, dialog, entry, launch, section, until, withPage } from "./browser.mjs";
import { Encoder, OWNER, Relay } from "./programs.mjs";
import { HookReceiver } from "./receivers.mjs";

const HOSTILE = `<img src=x onerror="alert(1)"><script>alert(2)</script>`;
const SECTIONS = ["Account", "Streams", "Webhooks", "People", "Tokens", "Audit log", "Export and backup", "Log and start-up", "About"];

let browser;
let relay;

before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => {
  relay = await Relay.start();
  await relay.cookie();
});
afterEach(() => relay.remove());

describe("the sections", () => {
  test("of an owner are all there, each with its address", () =>
    withPage(browser, relay, async (page) => {
      await section(page, relay, "account");
      for (const name of SECTIONS) {
        await list(page).getByRole("link", { name, exact: true }).click();
        await page.getByRole("heading", { level: 2, name, exact: true }).waitFor();
        assert.equal(await list(page).locator("[aria-current=page]").innerText(), name);
      }
      await page.goBack();
      await page.getByRole("heading", { level: 2, name: "Log and start-up" }).waitFor();
      await list(page).getByRole("link", { name: "Overview" }).click();
      await button(page, "Add target").waitFor();
    }));

  for (const [role, seen] of [
    ["viewer", ["Account", "Webhooks", "About"]],
    ["operator", ["Account", "Streams", "Webhooks", "About"]],
  ]) {
    test(`of one ${role} are only theirs`, async () => {
      const somebody = { name: "Eve", password: "password of Eve" };
      await relay.api("POST", "/users", { ...somebody, role });
      await relay.api("POST", "/webhooks", { name: "Crew", url: "http://127.0.0.1:9/x", kinds: ["stream.live"] });
      const use = async (page) => {
        await button(page, "Logged in as Eve").click();
        await button(page, "Settings").click();
        await page.getByRole("heading", { level: 2 }).waitFor();
        assert.deepEqual(await list(page).getByRole("listitem").allInnerTexts(), seen);
        await section(page, relay, "webhooks");
        await entry(page, "Crew").waitFor();
        assert.equal(await button(page, "Add webhook").count(), role === "viewer" ? 0 : 1);
        assert.equal(await button(entry(page, "Crew"), "More for Crew").count(), role === "viewer" ? 0 : 1);
        for (const hidden of ["people", "tokens", "audit", "transfer", "log"]) {
          await section(page, relay, hidden);
          await page.getByText("Your role does not show you these settings.", { exact: false }).waitFor();
        }
        await section(page, relay, "nowhere");
        await page.getByText("There are no such settings.").waitFor();
      };
      await withPage(browser, relay, use, { as: somebody });
    });
  }

  test("are chosen from a list where there is little room", () =>
    withPage(
      browser,
      relay,
      async (page) => {
        await section(page, relay, "account");
        await page.getByRole("combobox", { name: "Settings" }).selectOption("Tokens");
        await page.getByRole("heading", { level: 2, name: "Tokens" }).waitFor();
        assert.ok(page.url().endsWith("#/settings/tokens"));
        for (const id of ["account", "streams", "webhooks", "people", "tokens", "audit", "transfer", "log", "about"]) {
          await section(page, relay, id);
          assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), 0, id);
        }
      },
      { width: 300 },
    ));

  test("are not left with something unsaved without a question", () =>
    withPage(browser, relay, async (page) => {
      await section(page, relay, "account");
      await page.getByLabel("New password").fill("half typed");
      await list(page).getByRole("link", { name: "About" }).click();
      await dialog(page).getByText("Leave without saving?").waitFor();
      await button(dialog(page), "Cancel").click();
      assert.equal(await page.getByLabel("New password").inputValue(), "half typed");
      assert.ok(page.url().endsWith("#/settings/account"));
      await list(page).getByRole("link", { name: "About" }).click();
      await button(dialog(page), "Leave").click();
      await page.getByRole("heading", { level: 2, name: "About" }).waitFor();
      await list(page).getByRole("link", { name: "Account" }).click();
      assert.equal(await page.getByLabel("New password").inputValue(), "");

      await page.getByLabel("New password").fill("half typed");
      await page.goBack();
      await dialog(page).getByText("Leave without saving?").waitFor();
      await page.keyboard.press("Escape");
      assert.equal(await page.getByLabel("New password").inputValue(), "half typed");
      assert.ok(page.url().endsWith("#/settings/account"));
    }));
});

describe("a stream", () => {
  test("is added, changed and removed", () =>
    withPage(browser, relay, async (page) => {
      await section(page, relay, "streams");
      await button(page, "Add stream").click();
      await dialog(page).getByLabel("Name").fill("Second");
      await button(dialog(page), "Add stream").click();
      const second = page.getByRole("region", { name: "Second", exact: true });
      await button(second, "Change Second").click();
      await dialog(page).getByText("Encoder", { exact: true }).click();
      await dialog(page).getByLabel("Hold targets for (seconds)").fill("120");
      await dialog(page).getByText("Which encoders may publish").click();
      await dialog(page).getByLabel("Only from these addresses").fill("192.0.2.7\nnowhere");
      await dialog(page).getByLabel("Notes").fill("Ask Bo.");
      await button(dialog(page), "Save").click();
      await dialog(page).getByRole("alert").waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.tagName), "TEXTAREA");
      await dialog(page).getByLabel("Only from these addresses").fill("192.0.2.7\n2001:db8::/32");
      await button(dialog(page), "Save").click();
      await second.getByText("192.0.2.7, 2001:db8::/32").waitFor();

      await button(second, "Change Second").click();
      await dialog(page).getByText("Which encoders may publish").click();
      await dialog(page).getByLabel("User name", { exact: true }).fill("ann");
      await dialog(page).getByLabel("Password", { exact: true }).fill("s3cret pass");
      await button(dialog(page), "Save").click();
      await dialog(page).getByText("needs an application name of its own", { exact: false }).waitFor();
      assert.equal(await dialog(page).getByLabel("Application", { exact: true }).getAttribute("aria-invalid"), "true");
      await dialog(page).getByLabel("Application", { exact: true }).fill("studio");
      await button(dialog(page), "Save").click();
      await second.getByText("ann", { exact: true }).waitFor();
      assert.ok(!(await page.content()).includes("s3cret"));
      await second.getByText("Targets stay connected for 2 min 0 s.").waitFor();
      await second.getByText("Ask Bo.").waitFor();

      await button(second, "More for Second").click();
      await button(page, "New key…").click();
      await dialog(page).getByLabel("Key of your own").fill("abc");
      await button(dialog(page), "Make new key").click();
      await second.getByText("Its key is easy to guess.").waitFor();

      await button(second, "More for Second").click();
      await button(page, "Remove…").click();
      await button(dialog(page), "Remove stream").click();
      await second.waitFor({ state: "detached" });
      assert.equal((await relay.api("GET", "/streams")).streams.length, 1);
    }));

  test("that somebody else changed meanwhile is not overwritten", () =>
    withPage(browser, relay, async (page) => {
      await section(page, relay, "streams");
      await button(page, "Change Main").click();
      const { id } = await relay.firstStream();
      await relay.api("PATCH", `/streams/${id}`, { notes: "Theirs." });
      await dialog(page).getByLabel("Notes").fill("Mine.");
      await button(dialog(page), "Save").click();
      await dialog(page).getByRole("alert").waitFor();
      assert.equal((await relay.firstStream()).notes, "Theirs.");
    }));
});

describe("a webhook", () => {
  let receiver;

  beforeEach(async () => (receiver = await HookReceiver.start()));
  afterEach(() => receiver.close());

  test("is added, tested, changed and removed", () =>
    withPage(browser, relay, async (page) => {
      await section(page, relay, "webhooks");
      await page.getByText("Nobody is told anything yet.", { exact: false }).waitFor();
      await button(page, "Add webhook").click();
      await dialog(page).getByLabel("Name").fill("Crew");
      await dialog(page).getByLabel("Address").fill("ftp://x");
      await button(dialog(page), "Add webhook").click();
      await dialog(page).getByRole("alert").waitFor();
      await dialog(page).getByLabel("Address").fill(`${receiver.url}/secret-path-of-the-hook`);
      await dialog(page).getByLabel("A stream goes live").check();
      await button(dialog(page), "Add webhook").click();
      await page.getByText("Copy it now: it is never shown again.").waitFor();
      const secret = await page.getByRole("group", { name: "Secret of Crew" }).locator("code").innerText();
      assert.match(secret, /^whsec_/);
      await entry(page, "Crew").getByText("5 kinds of event").waitFor();

      await button(page, "Send test to Crew").click();
      await entry(page, "Crew").getByText("The test was delivered: the server answered with status 204", { exact: false }).waitFor();
      assert.equal(receiver.received.at(-1).body.kind, "test");
      receiver.status = 500;
      await button(page, "Send test to Crew").click();
      await entry(page, "Crew").getByText("The test was not delivered.", { exact: false }).waitFor();
      await entry(page, "Crew").getByText("Recent deliveries").click();
      const deliveries = page.getByRole("list", { name: "Recent deliveries to Crew" }).getByRole("listitem");
      await deliveries.nth(1).waitFor();
      assert.match(await deliveries.nth(0).innerText(), /Failed\s+Test[^]*Status 500[^]*500\./);
      assert.match(await deliveries.nth(1).innerText(), /Delivered\s+Test[^]*Status 204/);

      await button(page, "More for Crew").click();
      await button(page, "New secret…").click();
      await button(dialog(page), "Make new secret").click();
      await until("another secret", async () => {
        const shown = await page.getByRole("group", { name: "Secret of Crew" }).locator("code").innerText();
        return shown.startsWith("whsec_") && shown !== secret;
      });
      await entry(page, "Crew").getByText("The secret before this one counts until", { exact: false }).waitFor();
      await button(page, "Done").click();
      assert.ok(!(await page.content()).includes("whsec_"));

      await button(page, "More for Crew").click();
      await button(page, "Change…").click();
      await dialog(page).getByLabel("Switched on").uncheck();
      await dialog(page).getByLabel("Of which stream").selectOption("Main");
      await button(dialog(page), "Save").click();
      await entry(page, "Crew").getByText("Only Main").waitFor();
      await entry(page, "Crew").getByText("Off", { exact: true }).waitFor();
      assert.ok(!(await page.content()).includes("secret-path-of-the-hook"));

      await button(page, "More for Crew").click();
      await button(page, "Remove…").click();
      await button(dialog(page), "Remove webhook").click();
      await entry(page, "Crew").waitFor({ state: "detached" });
      assert.deepEqual((await relay.api("GET", "/webhooks")).webhooks, []);
    }));

  test("says when its server stumbles, and when somebody must look", async () => {
    const busy = await HookReceiver.start();
    [receiver.status, busy.status] = [410, 503];
    await hook(receiver.url, "Gone");
    await hook(busy.url, "Busy");
    const encoder = new Encoder(relay, await relay.key());
    try {
      await until("one is gone and one waits", async () => {
        const [gone, waits] = (await relay.api("GET", "/webhooks")).webhooks;
        return gone.is_gone && waits.waiting === 1;
      });
      await withPage(browser, relay, async (page) => {
        await section(page, relay, "webhooks");
        await entry(page, "Gone").getByText("Gone", { exact: true }).nth(1).waitFor();
        await entry(page, "Gone").getByText("Its server said that it is gone (status 410)", { exact: false }).waitFor();
        await entry(page, "Busy").getByText("Waiting", { exact: true }).waitFor();
        await entry(page, "Busy").getByText("1 message waits to be delivered.", { exact: false }).waitFor();
        await entry(page, "Busy").getByText("Recent deliveries").click();
        await entry(page, "Busy").getByText("A stream goes live").first().waitFor();
      });
    } finally {
      await encoder.stop();
      busy.close();
    }
  });
});

describe("a configuration", () => {
  let other;

  beforeEach(async () => (other = await Relay.start()));
  afterEach(() => other.remove());

  test("goes out sealed and comes into another relay", async () => {
    const { id } = await relay.firstStream();
    await relay.api("PATCH", `/streams/${id}`, { name: "Church" });
    await relay.api("POST", `/streams/${id}/targets`, { name: "Far", url: "rtmp://127.0.0.1:9/live", key: "key-of-the-target" });
    const [text, passphrase] = await exported();
    assert.ok(!text.includes("key-of-the-target"));
    assert.ok(!text.includes(await relay.key()));
    const use = async (page) => {
      await section(page, other, "transfer");
      await choose(page, text);
      await page.getByText("keys sealed").waitFor();
      const form = page.getByRole("form", { name: "Import" });
      await form.getByLabel("Passphrase", { exact: true }).fill("not the passphrase");
      await button(form, "Check").click();
      await form.getByText("This passphrase does not open the document", { exact: false }).waitFor();
      assert.equal(await button(form, "Import").count(), 0);
      await form.getByLabel("Passphrase", { exact: true }).fill(passphrase);
      await button(form, "Check").click();
      await form.getByText("This would be made:").waitFor();
      await form.getByText("Stream “Church” with 1 target").waitFor();
      assert.equal((await other.api("GET", "/streams")).streams.length, 1);
      await button(form, "Import").click();
      await form.getByText("The import is done.").waitFor();
      const { streams } = await other.api("GET", "/status");
      const made = streams.find(({ name }) => name === "Church");
      assert.deepEqual(made.targets.map(({ name, has_key }) => [name, has_key]), [["Far", true]]);
      assert.equal((await other.api("GET", `/streams/${made.id}/key`)).key, await relay.key());
      await choose(page, text);
      await form.getByLabel("Go without them").check();
      await button(form, "Check").click();
      await form.getByRole("alert").filter({ hasText: "Church" }).waitFor();
    };
    await withPage(browser, other, use);
  });

  test("without its keys says what is left out, and a file that is none is refused", async () => {
    const { id } = await relay.firstStream();
    await relay.api("PATCH", `/streams/${id}`, { name: HOSTILE.slice(0, 64) });
    await relay.api("POST", `/streams/${id}/targets`, { name: "Far", url: "rtmp://127.0.0.1:9/live", key: "k" });
    const text = JSON.stringify(await relay.api("GET", "/export"));
    const use = async (page) => {
      await section(page, other, "transfer");
      await choose(page, "no JSON");
      await page.getByRole("alert").filter({ hasText: "cannot be read as JSON" }).waitFor();
      await choose(page, text);
      await page.getByText("without keys").waitFor();
      const form = page.getByRole("form", { name: "Import" });
      await button(form, "Check").click();
      await form.getByText("This is left out:").waitFor();
      await form.getByText(`Target “Far” of “${HOSTILE.slice(0, 64)}”`).waitFor();
      await form.getByText("It gets a new key, which its encoder must be given.").waitFor();
    };
    await withPage(browser, other, use);
  });

  /** What the page gives out with a passphrase that it makes. */
  async function exported() {
    let found;
    await withPage(browser, relay, async (page) => {
      await section(page, relay, "transfer");
      const form = page.getByRole("form", { name: "Export" });
      await form.getByLabel("Passphrase", { exact: true }).fill("short");
      await button(form, "Download").click();
      await form.getByRole("alert").waitFor();
      await button(form, "Make one").click();
      const passphrase = await page.getByRole("group", { name: "Your passphrase" }).locator("code").innerText();
      const coming = page.waitForEvent("download");
      await button(form, "Download").click();
      const file = await coming;
      assert.match(file.suggestedFilename(), /^splitcast-\d{4}-\d\d-\d\d\.json$/);
      await page.getByText("The file is downloaded.").waitFor();
      assert.ok(!page.url().includes(passphrase));
      found = [await textOf(file), passphrase];
    });
    return found;
  }
});

test("a backup is made and downloaded", () =>
  withPage(browser, relay, async (page) => {
    await section(page, relay, "transfer");
    await page.getByText("There is no backup yet.").waitFor();
    await button(page, "Back up now").click();
    await page.getByText("The backup is made.").waitFor();
    const [{ name }] = (await relay.api("GET", "/backups")).backups;
    const coming = page.waitForEvent("download");
    await page.getByRole("link", { name: `Download ${name}` }).click();
    assert.equal((await coming).suggestedFilename(), name);
    assert.match(await textOf(await coming), /^SQLite format 3/);
  }));

describe("the audit log", () => {
  test("shows what was done and by whom, and nothing secret", () =>
    withPage(browser, relay, async (page) => {
      const { id } = await relay.firstStream();
      await relay.api("POST", `/streams/${id}/targets`, { name: "Far", url: "rtmp://127.0.0.1:9/live", key: "CANARY-KEY" });
      await section(page, relay, "tokens");
      await button(page, "Make token").click();
      await dialog(page).getByLabel("Name").fill("Deck");
      await button(dialog(page), "Make token").click();
      const token = await page.getByRole("group", { name: "New token" }).locator("code").innerText();
      await section(page, relay, "audit");
      const made = page.getByRole("listitem").filter({ hasText: "Token made" });
      await made.waitFor();
      assert.match(await made.innerText(), /Deck[^]*Ada from 127\.0\.0\.1[^]*Fields: expires_at, name, scope/);
      await page.getByRole("listitem").filter({ hasText: "Target made" }).getByText("The token it was started with", { exact: false }).waitFor();
      const content = await page.content();
      for (const secret of [token, "CANARY-KEY", OWNER.password]) assert.ok(!content.includes(secret));
      await page.getByLabel("Find on this page").fill("deck");
      await page.getByText("1 entry", { exact: true }).waitFor();
      await page.getByLabel("Find on this page").fill("nothing of the kind");
      await page.getByText("Nothing on this page matches.").waitFor();
    }));

  test("is read page by page", async () => {
    const { id } = await relay.firstStream();
    for (let count = 0; count < 110; count += 1) await relay.api("POST", `/streams/${id}/stop`);
    await withPage(browser, relay, async (page) => {
      await section(page, relay, "audit");
      const entries = page.getByRole("main").getByRole("listitem").filter({ has: page.locator("time") });
      await entries.first().waitFor();
      assert.equal(await entries.count(), 50);
      assert.ok(await button(page, "Newer").isDisabled());
      await button(page, "Older").click();
      await page.getByText("Page 2").waitFor();
      await button(page, "Older").click();
      await page.getByText("Page 3").waitFor();
      await entries.filter({ hasText: "First owner made" }).waitFor();
      assert.ok(await button(page, "Older").isDisabled());
      await button(page, "Newer").click();
      await page.getByText("Page 2").waitFor();
      assert.equal(await entries.count(), 50);
    });
  });
});

test("more is logged, until splitcast ends", () =>
  withPage(browser, relay, async (page) => {
    await section(page, relay, "log");
    await page.getByRole("row", { name: `--rtmp 127.0.0.1:${relay.rtmpPort}` }).waitFor();
    assert.ok(!(await page.content()).includes("token-of-the-tests"));
    await page.getByLabel("By part").check();
    await page.getByLabel("Filter").fill("splitcast=[");
    await button(page, "Apply").click();
    await page.getByRole("alert").waitFor();
    await page.getByLabel("Filter").fill("info,splitcast::relay=debug");
    await button(page, "Apply").click();
    await page.getByText("The log is changed.").waitFor();
    assert.equal((await relay.api("GET", "/settings")).log, "info,splitcast::relay=debug");
  }));

test("what others chose to be called is text and nothing else", async () => {
  const name = HOSTILE.slice(0, 64);
  await relay.api("POST", "/users", { name, role: "viewer", password: "ten characters" });
  await relay.api("POST", "/tokens", { name, scope: "read" });
  await hook("http://127.0.0.1:9/x", name);
  const { id } = await relay.firstStream();
  await relay.api("PATCH", `/streams/${id}`, { name, notes: HOSTILE });
  await relay.enter("/session", { name: OWNER.name, password: OWNER.password }, { "User-Agent": HOSTILE });
  await withPage(browser, relay, async (page) => {
    for (const [where, shown] of [
      ["people", name],
      ["tokens", name],
      ["webhooks", name],
      ["streams", HOSTILE],
      ["account", HOSTILE],
      ["audit", name],
    ]) {
      await section(page, relay, where);
      await page.getByText(shown, { exact: true }).first().waitFor();
      assert.equal(await page.locator("img[src=x]").count(), 0);
    }
  });
});

test("a person is let in by keyboard alone", () =>
  withPage(browser, relay, async (page) => {
    const press = (...keys) => keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve());
    const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText);
    const tabTo = async (name) => {
      for (let count = 0; count < 60; count += 1) {
        if ((await focused())?.trim() === name) return;
        await press("Tab");
      }
      assert.fail(`the focus never came to ${name}`);
    };
    await button(page, `Logged in as ${OWNER.name}`).waitFor();
    await tabTo(`Logged in as ${OWNER.name}`);
    await press("Enter");
    await button(page, "Settings").waitFor();
    await tabTo("Settings");
    await press("Enter");
    await page.getByRole("heading", { level: 2, name: "Streams" }).waitFor();
    await tabTo("People");
    await press("Enter");
    await page.getByRole("heading", { level: 2, name: "People" }).waitFor();
    await tabTo("Add person");
    await press("Enter");
    await dialog(page).waitFor();
    await page.keyboard.type("Bob");
    await press("Tab");
    await page.keyboard.type("password of Bob");
    // The button that shows the password stands in between.
    await press("Tab", "Tab", "ArrowDown", "Enter");
    await entry(page, "Bob").getByText("Operator").waitFor();
    await until("the focus is back", async () => (await focused()).trim() === "Add person");
    await relay.logIn({ name: "Bob", password: "password of Bob" });
  }));

function list(page) {
  return page.getByRole("navigation", { name: "Settings" });
}

function hook(url, name) {
  return relay.api("POST", "/webhooks", { name, url, kinds: ["stream.live"] });
}

function choose(page, text) {
  const file = { name: "configuration.json", mimeType: "application/json", buffer: Buffer.from(text) };
  return page.getByLabel("Choose file…").setInputFiles(file);
}

async function textOf(download) {
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  return Buffer.concat(chunks).toString("latin1");
}
