// The page that describes the API, on the real binary.
//
// Wants what page.test.mjs wants.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { button, launch, withPage } from "./browser.mjs";
import { OWNER, Relay } from "./programs.mjs";

let browser;
let relay;

before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => (relay = await Relay.start()));
afterEach(() => relay.remove());

describe("the API's page", () => {
  test("is reached from the dashboard and shows every call", () =>
    withPage(browser, relay, async (page) => {
      await page.getByRole("link", { name: "API", exact: true }).click();
      await page.getByRole("heading", { name: "The API of splitcast" }).waitFor();
      await call(page, "show_status").waitFor();
      const { paths } = await relay.api("GET", "/openapi.json");
      const described = Object.entries(paths).flatMap(([path, item]) =>
        Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
      );
      const shown = await page.locator("summary:has(.method)").evaluateAll((all) =>
        all.map((each) => `${each.querySelector(".method").textContent} ${each.querySelector("code").textContent}`),
      );
      assert.deepEqual(shown.sort(), described.sort());
    }));

  test("finds calls by their words and shows what they take", () =>
    withApiPage({}, async (page) => {
      await page.getByLabel("Find").fill("post /streams/{id}/targets edit");
      const create = call(page, "create_target");
      await create.locator("summary").first().click();
      await create.getByText("A second address.", { exact: true }).waitFor();
      assert.equal(await page.locator("summary:has(.method)").count(), 1);
      await create.getByText("Fields of the answer").click();
      await create.getByText("Fields of backup").click();
      await create.getByText("How far it is behind the encoder.").nth(1).waitFor();
      await page.getByLabel("Find").fill("nothing of the kind");
      await page.getByText("No call has these words.").waitFor();
    }));

  test("makes a call that is tried", () =>
    withApiPage({}, async (page) => {
      const create = call(page, "create_stream");
      await create.locator("summary").first().click();
      await create.getByLabel("Body").fill('{"name": "Tried"}');
      await button(create, "Send").click();
      await create.getByText("201 Created").waitFor();
      await create.getByLabel("Answer").getByText('"name": "Tried"').waitFor();
      const { streams } = await relay.api("GET", "/streams");
      assert.deepEqual(streams.map(({ name }) => name), ["Main", "Tried"]);
      await button(create, "Send").click();
      await create.getByText("409 Conflict").waitFor();
    }));

  test("wants a path's parts before it sends anything", () =>
    withApiPage({}, async (page) => {
      const show = call(page, "show_stream");
      await show.locator("summary").first().click();
      await button(show, "Send").click();
      await show.getByText("Fill in id.").waitFor();
      await show.getByLabel("id", { exact: true }).fill("1");
      await show.getByLabel("For a shell").getByText(`${relay.url}/api/v1/streams/1`).waitFor();
      await button(show, "Send").click();
      await show.getByLabel("Answer").getByText('"name": "Main"').waitFor();
    }));

  test("shows events until they are ended", () =>
    withApiPage({}, async (page) => {
      const follow = call(page, "follow_events");
      await follow.locator("summary").first().click();
      await button(follow, "Send").click();
      await follow.getByLabel("Answer").getByText("event: stats").waitFor();
      await button(follow, "End").click();
      await button(follow, "Send").waitFor();
    }));

  test("sends nothing for which a role does not reach", async () => {
    await relay.cookie();
    const viewer = { name: "Eve", password: "only looking" };
    await relay.api("POST", "/users", { ...viewer, role: "viewer" });
    await withApiPage({ as: viewer }, async (page) => {
      const create = call(page, "create_stream");
      await create.locator("summary").first().click();
      await create.getByText("Your role does not reach as far as “edit”.").waitFor();
      assert.equal(await button(create, "Send").getAttribute("aria-disabled"), "true");
      const list = call(page, "list_streams");
      await list.locator("summary").first().click();
      await button(list, "Send").click();
      await list.getByText("200 OK").waitFor();
    });
  });

  test("sends a stranger to the log-in", async () => {
    await relay.cookie();
    await withApiPage({ stranger: true }, async (page) => {
      await page.getByText("Log in first").waitFor();
      await page.getByRole("main").getByRole("link", { name: "dashboard" }).click();
      await page.getByLabel("Password").fill(OWNER.password);
    });
  });

  for (const width of [390, 300]) {
    test(`needs no sideways scrolling at ${width} px`, () =>
      withApiPage({ width }, async (page) => {
        const history = call(page, "list_history");
        await history.locator("summary").first().click();
        await history.getByText("Fields of the answer").click();
        const over = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(await over(), 0);
      }));
  }
});

/** A call by its name in the description. */
function call(page, id) {
  return page.locator(`#${id}`);
}

function withApiPage(how, use) {
  const there = async (page) => {
    await page.goto(`${relay.url}/docs/api`);
    if (!how.stranger) await call(page, "show_status").waitFor();
    await use(page);
  };
  return withPage(browser, relay, there, how);
}
