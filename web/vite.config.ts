import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

// `npm run dev` talks to a running `tomo serve --addr 127.0.0.1:8080`. The
// host's name is passed on as it is, since the server compares it with the origin.
const server = process.env.TOMO_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [svelte({ configFile: false })],
  server: { proxy: { "/api": { target: server } } },
  // The server's content security policy allows no inline scripts and no data
  // URLs but for pictures.
  build: { rolldownOptions: { checks: { pluginTimings: false } }, target: "es2022", modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
