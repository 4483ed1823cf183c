import { defineConfig } from "vite";
import solid from "vite-plugin-solid";
import { catalogs } from "./plugins/catalogs.ts";

const GROUPS = [
  { name: "shared", test: /node_modules|\/src\/(ui|api|i18n\/(index|format))|virtual:/, priority: 4 },
  { name: "board", test: /\/src\/screens\/(leaderboard|board|frames|arrival|store-secret|compose|mail-parts)/, priority: 3 },
  { name: "acts", test: /\/src\/screens\/(alert|automation|award|closing|order-effects|rank-|reward|tier)/, priority: 2 },
  { name: "screens", test: /\/src\/screens\/(?!sign-in)/, priority: 1 },
];

export default defineConfig({
  base: "./",
  plugins: [catalogs(), solid()],
  resolve: {
    alias: { "@formatjs/icu-messageformat-parser": "@formatjs/icu-messageformat-parser/no-parser.js" },
  },
  build: {
    target: "es2022",
    sourcemap: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Few files instead of one a module: together they compress far better. The first screen needs the first two.
    rolldownOptions: { output: { codeSplitting: { groups: GROUPS } } },
  },
});
