// What the page costs its reader: the share of a core that Chromium takes for a dashboard with 50 live targets
// whose numbers change each second. Wants what the tests in a browser want; `npm run bench` runs it.

import { readdir, readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

import { card, launch } from "../tests/browser.mjs";
import { Encoder, Relay } from "../tests/programs.mjs";
import { Nginx } from "../tests/receivers.mjs";

const TARGETS = 50;
const SECONDS = 20;
const TICKS_PER_SECOND = 100;

const [relay, nginx, browser] = await Promise.all([Relay.start(), Nginx.start(), launch()]);
const encoder = new Encoder(relay, await relay.key());
try {
  await feedTargets();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  await context.addCookies([await relay.cookie()]);
  const page = await context.newPage();
  await page.goto(relay.url);
  await card(page, `Target ${TARGETS}`).waitFor();
  await pause(3_000);
  for (const [name, share] of await shares()) console.log(`${name.padEnd(12)} ${(share * 100).toFixed(2)} % of a core`);
} finally {
  await encoder.stop();
  await browser.close();
  await relay.remove();
  await nginx.remove();
}

async function feedTargets() {
  const { id } = await relay.firstStream();
  for (let number = 1; number <= TARGETS; number += 1) {
    await relay.api("POST", `/streams/${id}/targets`, { name: `Target ${number}`, url: nginx.url, key: `k${number}` });
  }
  for (;;) {
    const { streams } = await relay.api("GET", "/status");
    if (streams[0].targets.every(({ state }) => state === "live")) return;
    await pause(200);
  }
}

/** The time of Chromium's processes by the kernel's account, as shares of a core. */
async function shares() {
  const before = await processes();
  const began = performance.now();
  await pause(SECONDS * 1_000);
  const after = await processes();
  const seconds = (performance.now() - began) / 1_000;
  const found = [...after].map(([type, spent]) => [type, (spent - (before.get(type) ?? 0)) / seconds]);
  return [...found, ["all of it", found.reduce((sum, [, share]) => sum + share, 0)]];
}

/** Seconds that the processes of this program's browser have taken, by what they are for. */
async function processes() {
  const spent = new Map();
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const stats = new Map();
  for (const id of ids) {
    const stat = await readFile(`/proc/${id}/stat`, "utf8").catch(() => null);
    if (stat === null) continue;
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    stats.set(id, { parent: fields[1], seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND });
  }
  const isOurs = (id) => id === String(process.pid) || (stats.has(id) && isOurs(stats.get(id).parent));
  for (const [id, { seconds }] of stats) {
    const command = await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
    if (!command.includes("chrom") || !isOurs(id)) continue;
    const type = /--type=([\w-]+)/.exec(command)?.[1] ?? "browser";
    spent.set(type, (spent.get(type) ?? 0) + seconds);
  }
  return spent;
}
