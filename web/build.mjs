// Bundles the page's script into the wheel, under the licences of what it holds.

import { readFileSync } from "node:fs";
import { build } from "esbuild";

const here = (path) => new URL(path, import.meta.url).pathname;
const notice = readFileSync(here("../NOTICE"), "utf8").trim();
await build({
  entryPoints: [here("src/main.js")],
  outfile: process.argv[2] || here("../tracegraph/viz/templates/page.js"),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
  charset: "utf8",
  legalComments: "none",
  banner: { js: `/*\n${notice}\n*/` },
});
