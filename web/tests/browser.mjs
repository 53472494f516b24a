// A real Chromium, and pages that are watched for what a page of splitcast must never do.

import assert from "node:assert/strict";

import { chromium } from "playwright-core";

// Flags that let it run as root on a closed network.
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
}

/** Opens the relay's page, as its owner unless `as` somebody else or as a `stranger`; `use` gets it, and afterwards the page must have been quiet. */
export async function withPage(browser, relay, use, { width = 1280, colorScheme = "light", prepare, as, stranger = false } = {}) {
  const permissions = ["clipboard-read", "clipboard-write"];
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, permissions });
  try {
    const page = await context.newPage();
    const faults = watch(page, relay.url);
    page.setDefaultTimeout(20_000);
    if (!stranger) await context.addCookies([await (as ? relay.logIn(as) : relay.cookie())]);
    if (prepare) await page.addInitScript(prepare);
    await page.goto(relay.url);
    await use(page);
    assert.deepEqual(faults, []);
  } finally {
    await context.close();
  }
}

function watch(page, origin) {
  const faults = [];
  page.on("pageerror", (error) => faults.push(`uncaught: ${error.message}`));
  page.on("dialog", (dialog) => {
    faults.push(`a script opened a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    // The browser itself notes each refused or unanswered request; the page is made to get some.
    const expected = message.text().startsWith("Failed to load resource");
    if (["error", "warning"].includes(message.type()) && !expected) faults.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) faults.push(`a request left the page's origin: ${request.url()}`);
  });
  return faults;
}

/** A target's tile by the target's name. */
export function card(page, name) {
  return page.getByRole("listitem", { name, exact: true });
}

/** One of a list by its name. */
export function entry(place, name) {
  return place.getByRole("listitem", { name, exact: true });
}

/** Shows a section of the settings. */
export async function section(page, relay, id) {
  await page.goto(`${relay.url}/#/settings/${id}`);
  await page.getByRole("navigation", { name: "Settings" }).waitFor();
}

export function button(place, name) {
  return place.getByRole("button", { name, exact: true });
}

/** Chooses what stands in the menu of a target's tile. */
export async function fromMenu(tile, name) {
  await tile.getByRole("button", { name: /^More for / }).click();
  await button(tile, name).click();
}

/** The dialog that is open. */
export function dialog(page) {
  return page.getByRole("dialog");
}

/** Opens the form of a platform. */
export async function choosePlatform(page, platform) {
  await button(page, "Add target").first().click();
  await button(dialog(page), platform).click();
}

export async function addTarget(page, { name, url, key = "" }) {
  await button(page, "Add target").first().click();
  await fillTarget(page, { name, url, key });
  await button(dialog(page), "Add target").click();
}

/** Fills in a target's form; where a platform is still to be chosen, it is one of one's own. */
export async function fillTarget(page, fields) {
  const custom = button(dialog(page), "Custom RTMP");
  await custom.or(dialog(page).getByLabel("Name", { exact: true })).first().waitFor();
  if (await custom.isVisible()) await custom.click();
  for (const [field, text] of Object.entries(fields)) {
    if (text !== "") await dialog(page).getByLabel(LABELS[field], { exact: true }).fill(text);
  }
}

const LABELS = {
  name: "Name",
  url: "Server",
  key: "Stream key",
  backupUrl: "Backup server",
  backupKey: "Backup stream key",
};

/** Waits until `condition` holds in the test itself. */
export async function until(what, condition) {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`this did not come true: ${what}`);
}
