import assert from "node:assert/strict";
import { test } from "node:test";
import { HEIGHT, placeBadges } from "../src/zones/badges.js";
import { patchTitle, titleOf } from "../src/zones/card.js";
import { inOrder, tableOf } from "../src/zones/changes.js";
import { areaAt, around, boxOf, cornersOf, isInside, nextArea, pathOf } from "../src/zones/outlines.js";
import { speak } from "../src/words.js";
import { createChance } from "./chance.js";

const square = (x, y, size) => [x, y, size, 0, 0, size, -size, 0];
const ring = [square(0, 0, 10), square(4, 4, 2)]; // with a hole

test("rings are read as they were written", () => {
  assert.deepEqual(cornersOf(square(3, 4, 2)), [
    [3, 4],
    [5, 4],
    [5, 6],
    [3, 6],
  ]);
  assert.equal(pathOf([square(3, 4, 2)]), "M3 4l2 0 0 2 -2 0z");
  assert.deepEqual(boxOf(ring), [0, 0, 10, 10]);
  assert.equal(boxOf([]), null);
  assert.deepEqual(around([null, [1, 2, 3, 4], [0, 3, 2, 9]]), [0, 2, 3, 9]);
  assert.equal(around([null]), null);
});

test("a hole is outside, and what lies in it is hit", () => {
  assert.ok(isInside(ring, 2, 2));
  assert.ok(!isInside(ring, 5, 5));
  const areas = [ring, [square(4, 4, 2)]],
    boxes = areas.map(boxOf);
  assert.equal(areaAt(areas, boxes, 5, 5, 0), 1);
  assert.equal(areaAt(areas, boxes, 1, 1, 0), 0);
  assert.equal(areaAt(areas, boxes, 40, 1, 3), -1);
});

test("what is too small to be hit is hit beside it", () => {
  const areas = [[square(0, 0, 1)], []],
    boxes = areas.map(boxOf);
  assert.equal(areaAt(areas, boxes, 3, 0, 4), 0);
  assert.equal(areaAt(areas, boxes, 6, 0, 4), -1);
});

test("arrow keys lead to the next area of that side", () => {
  const boxes = [[0, 0, 2, 2], [10, 0, 12, 2], [5, 0, 7, 2], null, [0, 9, 2, 11]];
  assert.equal(nextArea(boxes, 0, 0), 2);
  assert.equal(nextArea(boxes, 2, 0), 1);
  assert.equal(nextArea(boxes, 1, Math.PI), 2);
  assert.equal(nextArea(boxes, 0, Math.PI / 2), 4);
  assert.equal(nextArea(boxes, 0, -Math.PI / 2), -1);
});

test("badges stand apart, inside the map, and hide no place that has one", () => {
  const { next: random } = createChance(7);
  for (let round = 0; round < 60; round++) {
    const items = Array.from({ length: 1 + Math.floor(random() * 20) }, () => {
      const at = [random() * 400, random() * 300],
        size = random() * 90;
      return {
        at,
        size,
        width: HEIGHT + random() * 90,
        bounds: [at[0] - size / 2, at[1] - size / 2, at[0] + size / 2, at[1] + size / 2],
      };
    });
    const placed = placeBadges(items, 400, 300, [[0, 0, 80, 30]]);
    assert.ok(placed.length);
    placed.forEach(({ box, isBeside }, k) => {
      assert.ok(box[0] >= 0 && box[1] >= 0 && box[2] <= 400 && box[3] <= 300);
      for (const other of [[0, 0, 80, 30], ...placed.slice(0, k).map((one) => one.box)])
        assert.ok(box[2] <= other[0] || other[2] <= box[0] || box[3] <= other[1] || other[3] <= box[1]);
      if (isBeside)
        for (const { at } of items) assert.ok(!(at[0] > box[0] && at[0] < box[2] && at[1] > box[1] && at[1] < box[3]));
    });
  }
});

test("an area with room holds its own badge", () => {
  const [{ x, y, isBeside }] = placeBadges([{ at: [100, 100], size: 90, width: 30, bounds: [55, 55, 145, 145] }], 300, 300);
  assert.deepEqual([x, y, isBeside], [100, 100, false]);
});

const row = (number, more) => ({
  number,
  name: `N${number}`,
  small: false,
  rest: false,
  from: 0,
  to: 2,
  action: "tighten",
  people: 10,
  households: 3,
  ...more,
});
const words = {
  "a-part-of": "A part of {name}",
  "a-part": "A part",
  "rest-of": "Rest of {name}",
  "and-more": "{name} and {n} more",
  "label:none": "no zone",
  few: "fewer than 10",
};

test("rows sort by any column, and what is missing comes last either way", () => {
  const rows = [row(1, { people: null }), row(2, { people: 5 }), row(3, { people: 40 }), row(0, { people: 7 })];
  const by = (key, isDown) => [...rows].sort(inOrder(key, isDown)).map((one) => one.number);
  assert.deepEqual(by("people", false), [2, 0, 3, 1]);
  assert.deepEqual(by("people", true), [3, 0, 2, 1]);
  assert.deepEqual(by("number", false), [1, 2, 3, 0]);
  assert.deepEqual(by("number", true), [3, 2, 1, 0]);
});

test("names say what is not named", () => {
  speak(words, "en");
  assert.equal(titleOf(row(1, { small: true, name: "Mill" })), "A part of Mill");
  assert.equal(titleOf(row(1, { small: true, name: "" })), "A part");
  assert.equal(titleOf(row(1, { rest: true, name: "County" })), "Rest of County");
  const data = { changes: [row(1), row(1), row(2), row(0, { action: "split" })] };
  assert.equal(patchTitle(data, { number: 1, action: "tighten" }), "N1 and 1 more");
  assert.equal(patchTitle(data, { number: 2, action: "tighten" }), "N2");
});

test("the table of the public holds no evidence", () => {
  speak(words, "en");
  const data = { public: true, labels: ["none", "precaution", "control"] },
    [head, line] = tableOf(data, [row(1, { id: "A1", evidence: "3 cases", vulnerable: 2, people: -1 })]);
  assert.equal(head.length, line.length);
  assert.ok(!head.includes("evidence") && !line.includes("3 cases"));
  assert.ok(line.includes("no zone") && line.includes("A1") && line.includes("fewer than 10"));
  assert.ok(tableOf({ ...data, public: false }, [row(1, { evidence: "3 cases" })])[1].includes("3 cases"));
});

test("a file counts parts, not what they are split from", () => {
  speak(words, "en");
  const rows = [row(0, { to: null, becomes: [[2, 10]] }), row(1, { within: "Mill" })],
    told = tableOf({ public: true, labels: ["none", "precaution", "control"] }, rows);
  assert.equal(told.length, 2);
  assert.ok(told[1].includes("Mill"));
});
