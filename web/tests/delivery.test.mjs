// How the page arrives: small, from nowhere else, and the same for whoever asks for it in which way.
//
// Wants a built splitcast and Chromium, as page.test.mjs does.

import assert from "node:assert/strict";
import { once } from "node:events";
import { get } from "node:http";
import { after, before, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { button, launch } from "./browser.mjs";
import { Relay } from "./programs.mjs";

const LARGEST = 200_000;
// Less would mean that it was not measured.
const SMALLEST = 20_000;
// What the charts' and the player's libraries call themselves in their files.
const LATER = ["uplot", "FLVDemuxer", "MSEController"];

let browser;
let relay;

before(async () => {
  browser = await launch();
  relay = await Relay.start();
});
after(async () => {
  await relay.remove();
  await browser.close();
});

test("what is loaded before anything is asked for is small, and comes from nowhere else", async () => {
  const context = await browser.newContext();
  try {
    await context.addCookies([await relay.cookie()]);
    const page = await context.newPage();
    const loaded = [];
    page.on("requestfinished", (request) => loaded.push(request));
    await page.goto(relay.url);
    await button(page, "Add target").waitFor();
    const files = loaded.filter((request) => !new URL(request.url()).pathname.startsWith("/api/"));
    assert.ok(files.length >= 3, `${files.length} files`);
    let sum = 0;
    for (const request of files) {
      assert.equal(new URL(request.url()).origin, relay.url);
      const { responseBodySize, responseHeadersSize } = await request.sizes();
      // What the browser had already counts as nothing.
      sum += Math.max(0, responseBodySize) + responseHeadersSize;
      const text = await (await request.response()).text();
      for (const name of LATER) assert.ok(!text.includes(name), `${request.url()} has ${name}`);
    }
    assert.ok(sum > SMALLEST && sum < LARGEST, `${sum} bytes`);
  } finally {
    await context.close();
  }
});

test("each way to send a file sends the same", async () => {
  const page = (await fetched("/", {})).body.toString();
  const files = ["/", ...[...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path)];
  assert.ok(files.length >= 4, files.join());
  for (const path of files) {
    const plain = await fetched(path, {});
    assert.equal(plain.headers["content-encoding"], undefined);
    for (const [encoding, unpack] of [
      ["br", brotliDecompressSync],
      ["gzip", gunzipSync],
    ]) {
      const packed = await fetched(path, { "Accept-Encoding": encoding });
      assert.equal(packed.headers["content-encoding"], encoding, path);
      assert.equal(packed.headers["content-type"], plain.headers["content-type"], path);
      assert.ok(packed.body.length < plain.body.length, path);
      assert.ok(unpack(packed.body).equals(plain.body), path);
    }
  }
});

/** Exactly as it is sent, which `fetch` would unpack. */
async function fetched(path, headers) {
  const [answer] = await once(get(`http://127.0.0.1:${relay.httpPort}${path}`, { headers }), "response");
  const pieces = [];
  for await (const piece of answer) pieces.push(piece);
  assert.equal(answer.statusCode, 200, path);
  return { headers: answer.headers, body: Buffer.concat(pieces) };
}
