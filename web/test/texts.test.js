import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { cell, toCsv } from "../src/csv.js";
import { createRoom } from "../src/labels.js";
import { canvasPen, svgPen } from "../src/pens.js";
import { find } from "../src/search.js";
import { createStore } from "../src/state.js";
import { lasting, pluralFor, speak, t, wordFor } from "../src/words.js";

const words = (lang) =>
  JSON.parse(readFileSync(new URL(`../../tracegraph/viz/templates/words.${lang}.json`, import.meta.url), "utf8"));

test("no cell of a CSV is a formula, and every cell reads back", () => {
  for (const text of ["=HYPERLINK(1)", "+1", "-1", "@x", "\t=1", " =1"])
    assert.ok(cell(text).replaceAll('"', "").startsWith("'"), text);
  assert.equal(cell(-1), "-1");
  assert.equal(cell('a "b", c'), '"a ""b"", c"');
  assert.equal(cell("line\nbreak"), '"line\nbreak"');
  assert.equal(
    toCsv([
      ["a", NaN, null],
      ["b", 0, ""],
    ]),
    "a,,\r\nb,0,\r\n",
  );
});

test("both languages have the same words, with the same blanks", () => {
  const en = words("en"),
    zh = words("zh"),
    blanks = (text) => [...new Set(text.match(/\{\w+\}/g) || [])].sort().join();
  const own = (key) => !/^(kind|class|tier|short):/.test(key);
  assert.deepEqual(Object.keys(en).filter(own).sort(), Object.keys(zh).filter(own).sort());
  for (const key of Object.keys(en).filter((key) => key in zh)) assert.equal(blanks(zh[key]), blanks(en[key]), key);
});

test("every word that the script asks for is there", () => {
  const en = words("en");
  for (const name of [
    "card",
    "clock",
    "groups",
    "moments",
    "csv",
    "legend",
    "main",
    "names",
    "pictures",
    "search",
    "table",
    "words",
  ]) {
    const source = readFileSync(new URL(`../src/${name}.js`, import.meta.url), "utf8");
    for (const [, key] of source.matchAll(/\bt\("([^"$]+)"/g)) assert.ok(key in en, `${name}.js: ${key}`);
  }
});

test("words are chosen by number and language", () => {
  speak(words("en"), "en");
  assert.equal(t("persons-n", { n: 1 }), "1 person");
  assert.equal(t("persons-n", { n: 1200 }), "1,200 persons");
  assert.equal(lasting(45), "45 min");
  assert.equal(lasting(200), "3 h 20 min");
  assert.equal(pluralFor("tier", "case", 2), "cases");
  assert.equal(wordFor("kind", "__proto__"), "  proto  ");
  speak(words("zh"), "zh");
  assert.equal(pluralFor("tier", "close contact", 2), "密接");
});

test("undo goes back step by step; looking leaves no step", () => {
  const store = createStore({ a: 1 }),
    told = [];
  store.subscribe((state) => told.push(state.a));
  store.set({ a: 2 });
  store.set({ a: 3 }, { step: false });
  store.set({ a: 4 });
  assert.ok(store.undo());
  assert.equal(store.get().a, 3);
  assert.ok(store.undo());
  assert.equal(store.get().a, 1);
  assert.ok(!store.undo());
  assert.deepEqual(told, [2, 3, 4, 3, 1]);
});

test("search puts what is equal before what begins so, and that before what contains it", () => {
  const entries = ["xab", "ab c", "ab", "z ab"].map((text) => ({ key: text, plain: [text] }));
  assert.deepEqual(
    find(entries, "ab").map((entry) => entry.key),
    ["ab", "ab c", "z ab", "xab"],
  );
});

test("a taken box is met by whoever overlaps it, its owner excepted", () => {
  const room = createRoom();
  room.take([0, 0, 200, 20, "p1", false]);
  assert.ok(room.isTaken([190, 10, 300, 40, null], "p2"));
  assert.ok(!room.isTaken([190, 10, 300, 40, null], "p1"));
  assert.ok(!room.isTaken([190, 10, 300, 40, null], "p2", true));
  assert.ok(!room.isTaken([200, 0, 300, 20, null], "p2"));
});

test("the SVG escapes what it is given, and both pens know the same strokes", () => {
  const pen = svgPen(100, 50, "#fff");
  pen.text('<script>"&', 1, 2, { colour: "#000" });
  pen.lines([0, 0, 1, 1], { stroke: "#000" });
  const svg = pen.finish();
  assert.ok(svg.includes("&lt;script&gt;&quot;&amp;") && !svg.includes("<script"));
  assert.deepEqual(
    Object.keys(canvasPen({})).sort(),
    Object.keys(pen)
      .filter((name) => name !== "finish")
      .sort(),
  );
});
