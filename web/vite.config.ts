import { readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const TEXT = new Set([".css", ".html", ".js", ".svg", ".webmanifest"]);
const SMALLEST = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };

const relay = process.env.SPLITCAST_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [svelte(), compressed()],
  build: {
    // The page is served under `default-src 'self'`, which refuses data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ["index.html", "api-docs.html"] },
  },
  // `npm run dev` shows the sources as they are edited, with a splitcast that already runs behind them.
  // The Host stays what the browser says, as splitcast compares it with the Origin.
  server: { proxy: { "/api": { target: relay, changeOrigin: false } } },
  test: { include: ["src/**/*.test.ts"] },
});

/** Writes a smaller copy beside each file of text, which splitcast sends to whoever takes it. */
function compressed(): Plugin {
  let folder = "";
  return {
    name: "compressed",
    apply: "build",
    configResolved: ({ root, build }) => void (folder = join(root, build.outDir)),
    async closeBundle() {
      for (const name of await readdir(folder, { recursive: true })) {
        if (!TEXT.has(extname(name))) continue;
        const path = join(folder, name);
        const content = await readFile(path);
        const copies = { br: brotliCompressSync(content, SMALLEST), gz: gzipSync(content, { level: 9 }) };
        for (const [suffix, copy] of Object.entries(copies)) {
          if (copy.length < content.length) await writeFile(`${path}.${suffix}`, copy);
        }
      }
    },
  };
}
