// Bundles the scripts of the pages into the wheel, under the licences of what they hold.
// `node build.mjs` writes both; `node build.mjs FILE [page|zones]` one of them to a file.

import { readFileSync } from "node:fs";
import { build } from "esbuild";

const here = (path) => new URL(path, import.meta.url).pathname;
const SOURCES = { page: "src/main.js", zones: "src/zones/main.js" };
const [file, only = "page"] = process.argv.slice(2);
const notice = readFileSync(here("../NOTICE"), "utf8").trim();
for (const name of file ? [only] : Object.keys(SOURCES))
  await build({
    entryPoints: [here(SOURCES[name])],
    outfile: file || here(`../tracegraph/viz/templates/${name}.js`),
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2020",
    charset: "utf8",
    legalComments: "none",
    banner: { js: `/*\n${notice}\n*/` },
  });
