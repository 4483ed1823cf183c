import { defineConfig } from "vite";
import solid from "vite-plugin-solid";
import { catalogs } from "./plugins/catalogs.ts";

export default defineConfig({
  base: "./",
  plugins: [catalogs(), solid()],
  resolve: {
    alias: { "@formatjs/icu-messageformat-parser": "@formatjs/icu-messageformat-parser/no-parser.js" },
  },
  build: { target: "es2022", sourcemap: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
