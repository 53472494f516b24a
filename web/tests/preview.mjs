// What tests of the preview have in common.

import assert from "node:assert/strict";

import axe from "axe-core";

import { button, until } from "./browser.mjs";
import { age } from "./clock.mjs";

export const preview = (page) => page.getByRole("region", { name: "Preview of Main" });
export const says = (page, words) => preview(page).getByRole("status").filter({ hasText: words }).waitFor();

export async function open(page) {
  await page.getByText("Encoder live").waitFor();
  await button(page, "Show preview").click();
}

/** Waits until a picture is shown. */
export async function seen(page) {
  const words = preview(page).getByRole("status");
  await until("a picture is shown", async () => (await age(page)) !== null && (await words.textContent()) === "");
}

/** Nothing may be wider than the window; a picture of it is kept where somebody wants to look. */
export async function look(page, name) {
  const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(inner <= outer, `${inner} px in a window of ${outer} px`);
  const folder = process.env.SCREENSHOTS;
  if (folder) await page.screenshot({ path: `${folder}/preview-${name}.png`, fullPage: true });
}

export async function finds(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join("; ")}`), []);
}
