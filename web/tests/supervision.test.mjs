// How targets look after themselves, and what is ordered of them: the page in a real Chromium, on the
// real binary.
//
// Wants what targets.test.mjs wants.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { addTarget, button, card, dialog, fillTarget, launch, until, withPage } from "./browser.mjs";
import { Encoder, freePort, Relay } from "./programs.mjs";
import { Nginx, refusingTarget } from "./receivers.mjs";

let browser;
let relay;

before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => (relay = await Relay.start()));
afterEach(() => relay.remove());

const NOWHERE = "rtmp://127.0.0.1:9/live";

describe("a target", () => {
  test("that was stopped stays so when splitcast starts again", () =>
    withPage(browser, relay, async (page) => {
      await addTarget(page, { name: "Rests", url: NOWHERE, key: "k" });
      await button(card(page, "Rests"), "Stop").click();
      await shows(card(page, "Rests"), "Stopped");
      await relay.stop();
      await relay.launch();
      await page.reload();
      await shows(card(page, "Rests"), "Stopped");
      await button(card(page, "Rests"), "Start").click();
      await shows(card(page, "Rests"), "Waiting");
    }));

  test("is switched off in its dialog and on again on its card", () =>
    withPage(browser, relay, async (page) => {
      await addTarget(page, { name: "Spare", url: NOWHERE, key: "k" });
      await button(card(page, "Spare"), "Edit").click();
      await dialog(page).getByLabel("Switched on").uncheck();
      await button(dialog(page), "Save").click();
      await shows(card(page, "Spare"), "Off");
      await button(card(page, "Spare"), "Switch on").click();
      await shows(card(page, "Spare"), "Waiting");
    }));

  test("to be started by hand waits for that", () =>
    withPage(browser, relay, async (page) => {
      await button(page, "Add target").click();
      await fillTarget(page, { name: "Rehearsal", url: NOWHERE, key: "k" });
      await dialog(page).getByText("Start: with the encoder").click();
      await dialog(page).getByLabel("By hand").check();
      await button(dialog(page), "Add target").click();
      await shows(card(page, "Rehearsal"), "Stopped");
      await button(card(page, "Rehearsal"), "Start").click();
      await shows(card(page, "Rehearsal"), "Waiting");
    }));

  test("is given a backup address, which is changed and taken away, and whose key never comes back", () =>
    withPage(browser, relay, async (page) => {
      await button(page, "Add target").click();
      await fillTarget(page, { name: "Twofold", url: NOWHERE, key: "k" });
      await dialog(page).getByText("Backup address: none").click();
      await fillTarget(page, { backupUrl: "http://example.com", backupKey: "s3cret-backup" });
      await dialog(page).getByText("Backup address: if the first fails").click();
      await button(dialog(page), "Add target").click();
      const server = dialog(page).getByLabel("Backup server", { exact: true });
      await until("the folded field is pointed at", () => server.evaluate((field) => field === document.activeElement));
      assert.equal(await server.getAttribute("aria-invalid"), "true");
      await server.fill("rtmp://127.0.0.1:10/live?auth=s3cret-value");
      await button(dialog(page), "Add target").click();
      await card(page, "Twofold").waitFor();

      const edit = async (change) => {
        await button(card(page, "Twofold"), "Edit").click();
        await dialog(page).getByText("Backup address", { exact: false }).click();
        await change();
        await button(dialog(page), "Save").click();
        await dialog(page).waitFor({ state: "detached" });
        const { targets } = await relay.api("GET", `/streams/${(await relay.firstStream()).id}/targets`);
        return targets[0];
      };
      const both = await edit(async () => {
        assert.equal(await server.inputValue(), "rtmp://127.0.0.1:10/live?auth=…");
        assert.equal(await dialog(page).getByLabel("Backup stream key").inputValue(), "");
        await dialog(page).getByLabel("Both at once").check();
      });
      assert.deepEqual([both.has_backup_key, both.backup_policy], [true, "both"]);
      assert.ok(!(await page.content()).includes("s3cret"));
      const none = await edit(() => server.fill(""));
      assert.deepEqual([none.has_backup_key, none.backup_url], [false, null]);
    }));
});

test("a stream is told how to treat its encoder", () =>
  withPage(browser, relay, async (page) => {
    const settings = async () => {
      await button(page, "More").click();
      await button(page, "Settings…").click();
      await dialog(page).getByText("Encoder", { exact: true }).click();
    };
    const hold = dialog(page).getByLabel("Hold targets for (seconds)");
    for (const refused of ["", "601"]) {
      await settings();
      await hold.fill(refused);
      await dialog(page).getByText("Encoder", { exact: true }).click();
      await button(dialog(page), "Save").click();
      await until("the folded field is pointed at", () => hold.evaluate((field) => field === document.activeElement));
      await button(dialog(page), "Cancel").click();
    }
    await settings();
    assert.equal(await hold.inputValue(), "60");
    await hold.fill("5");
    await dialog(page).getByLabel("Always let it in").check();
    await dialog(page).getByLabel("Hold the targets").check();
    await button(dialog(page), "Save").click();
    await dialog(page).waitFor({ state: "detached" });
    const { hold_seconds, takeover, on_unpublish } = await relay.firstStream();
    assert.deepEqual([hold_seconds, takeover, on_unpublish], [5, "newest_wins", "hold"]);
    await settings();
    assert.equal(await hold.inputValue(), "5");
    assert.ok(await dialog(page).getByLabel("Always let it in").isChecked());
  }));

test("frames are let wait for each other in a stream, and otherwise in one of its targets", () =>
  withPage(browser, relay, async (page) => {
    const sending = dialog(page).getByText("Sending", { exact: true });
    const wait = dialog(page).getByLabel("Let frames wait for each other (ms)");
    const save = async (action) => {
      await button(dialog(page), action).click();
      await dialog(page).waitFor({ state: "detached" });
      const stream = await relay.firstStream();
      const { targets } = await relay.api("GET", `/streams/${stream.id}/targets`);
      return [stream, ...targets].map(({ coalesce_ms }) => coalesce_ms);
    };

    await button(page, "More").click();
    await button(page, "Settings…").click();
    await sending.click();
    assert.deepEqual([await wait.inputValue(), await wait.getAttribute("placeholder")], ["", "Automatic"]);
    for (const refused of ["101", "soon"]) {
      await wait.fill(refused);
      await sending.click();
      await button(dialog(page), "Save").click();
      await until("the folded field is pointed at", () => wait.evaluate((field) => field === document.activeElement));
      await dialog(page).getByRole("alert").getByText("0 to 100 whole milliseconds", { exact: false }).waitFor();
    }
    await wait.fill("25");
    assert.deepEqual(await save("Save"), [25]);

    await button(page, "Add target").click();
    await fillTarget(page, { name: "Prompt", url: NOWHERE, key: "k" });
    await sending.click();
    assert.equal(await wait.getAttribute("placeholder"), "As the stream");
    await wait.fill("0");
    assert.deepEqual(await save("Add target"), [25, 0]);

    await button(card(page, "Prompt"), "Edit").click();
    await sending.click();
    assert.equal(await wait.inputValue(), "0");
    await wait.fill("");
    assert.deepEqual(await save("Save"), [25, null]);
  }));

describe("with an encoder", () => {
  let nginx;
  let refusing;
  let encoder;

  beforeEach(async () => {
    nginx = await Nginx.start();
    refusing = await refusingTarget("No such key.", 3);
    encoder = new Encoder(relay, await relay.key());
  });
  afterEach(async () => {
    await encoder.stop();
    refusing.close();
    await nginx.remove();
  });

  test("a target that was refused three times asks for its owner", () =>
    withPage(browser, relay, async (page) => {
      await addTarget(page, { name: "Refused", url: refusing.url, key: "k" });
      const refused = card(page, "Refused");
      await shows(refused, "Needs you");
      await refused.getByText("try 3", { exact: true }).waitFor();
      await refused.getByText(/No such key\..* Next try in /).waitFor();
    }));

  test("a try that is hastened leaves the focus on its card", () =>
    withPage(browser, relay, async (page) => {
      await addTarget(page, { name: "Refused", url: refusing.url, key: "k" });
      const refused = card(page, "Refused");
      await shows(refused, "Needs you");
      await button(refused, "Try now").press("Enter");
      await shows(refused, "Connecting");
      await button(refused, "Try now").waitFor({ state: "detached" });
      assert.ok(await refused.evaluate((element) => element.contains(document.activeElement)));
    }));

  test("all targets are stopped when that is meant, and started again", () =>
    withPage(browser, relay, async (page) => {
      await addTarget(page, { name: "One", url: nginx.url, key: "one" });
      await shows(card(page, "One"), "Live");
      assert.equal(await button(page, "Stop all").count(), 0);
      await addTarget(page, { name: "Two", url: nginx.url, key: "two" });
      await shows(card(page, "Two"), "Live");

      await button(page, "Stop all").click();
      await button(dialog(page), "Cancel").click();
      await shows(card(page, "One"), "Live");
      await button(page, "Stop all").click();
      await button(dialog(page), "Stop all targets").click();
      for (const name of ["One", "Two"]) await shows(card(page, name), "Stopped");
      assert.equal(await button(page, "Stop all").getAttribute("aria-disabled"), "true");
      await until("the focus is back", () => page.evaluate(() => document.activeElement.textContent === "Stop all"));
      await button(page, "Start all").click();
      for (const name of ["One", "Two"]) await shows(card(page, name), "Live");
    }));

  test("a backup stands in for a first address that fails", () =>
    withPage(browser, relay, async (page) => {
      await addBacked(page, "If the first fails");
      const backed = card(page, "Backed");
      await shows(backed, "Live");
      await backed.getByText("on backup", { exact: true }).waitFor();
      await backed.getByText(nginx.url, { exact: true }).waitFor();
    }));

  test("a backup that is fed at once has a state of its own", () =>
    withPage(browser, relay, async (page) => {
      await addBacked(page, "Both at once");
      const backed = card(page, "Backed");
      await shows(backed.getByRole("group", { name: "Backup", exact: true }), "Live");
      await shows(backed, "Retrying");
      await page.getByText("1 of 1 live").waitFor();
    }));

  test("the page says how long targets are held for an encoder that went away", () =>
    withPage(browser, relay, async (page) => {
      await addTarget(page, { name: "Held", url: nginx.url, key: "held" });
      await shows(card(page, "Held"), "Live");
      await encoder.stop();
      await shows(page, "Encoder away");
      await page.getByText(/^Targets are held for [1-5]?\d s more\.$/).waitFor();
      await shows(card(page, "Held"), "Holding");
    }));

  async function addBacked(page, use) {
    await button(page, "Add target").click();
    await fillTarget(page, { name: "Backed", url: `rtmp://127.0.0.1:${await freePort()}/live`, key: "k" });
    await dialog(page).getByText("Backup address: none").click();
    await fillTarget(page, { backupUrl: nginx.url, backupKey: "backed" });
    await dialog(page).getByLabel(use).check();
    await button(dialog(page), "Add target").click();
  }
});

/** Waits for a state's word. */
function shows(place, word) {
  return place.getByText(word, { exact: true }).waitFor();
}
