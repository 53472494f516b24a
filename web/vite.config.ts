import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const relay = process.env.SPLITCAST_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [svelte()],
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
