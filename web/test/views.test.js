import assert from "node:assert/strict";
import { test } from "node:test";
import { readTrace } from "../src/trace.js";
import { arrangeChains } from "../src/views/chains.js";
import { membersOf } from "../src/groups.js";
import { gapsOf, stack } from "../src/views/itineraries.js";
import { arrange, linesOf } from "../src/views/network.js";
import { openFilters, seen } from "../src/visible.js";
import { createChance, drawTrace } from "./chance.js";

/** Whether a level and an upright line cross, each inside the other (touching ends join). */
const cross = (level, upright) =>
  level.x0 < upright.x0 &&
  upright.x0 < level.x1 &&
  Math.min(upright.row0, upright.row1) < level.row0 &&
  level.row0 < Math.max(upright.row0, upright.row1);

function drawForest(chance, n) {
  const parent = Array.from({ length: n }, (_, p) => (p === 0 || chance.next() < 0.15 ? -1 : chance.below(p)));
  const x = [];
  parent.forEach((up) => x.push(up < 0 ? chance.below(600) : x[up] + chance.below(400) - 60)); // a child may fall ill before its source
  const kids = (p) => parent.flatMap((up, c) => (up === p ? [c] : []));
  const cases = new Set(parent.keys().filter ? [...parent.keys()].filter(() => chance.next() < 0.3) : []);
  return { x, kids, roots: parent.flatMap((up, p) => (up < 0 ? [p] : [])), isCase: (p) => cases.has(p) };
}

test("no line of the chains crosses another, in 300 drawn forests", () => {
  for (let seed = 0; seed < 300; seed++) {
    const { x, kids, roots, isCase } = drawForest(createChance(seed), 40);
    const { nodes, lines } = arrangeChains(roots, kids, x, isCase);
    assert.equal(nodes.length, 40, "everybody has a place");
    assert.equal(new Set(nodes.map((node) => `${node.x},${node.row}`)).size, 40, `nobody covers another, seed ${seed}`);
    const level = lines.filter((line) => line.row0 === line.row1),
      upright = lines.filter((line) => line.row0 !== line.row1);
    for (const a of level) for (const b of upright) assert.ok(!cross(a, b), `seed ${seed}: ${JSON.stringify([a, b])}`);
  }
});

test("cases and sources stand on lines of their own, at the moment of their onset", () => {
  const { x, kids, roots, isCase } = drawForest(createChance(5), 40);
  const { nodes } = arrangeChains(roots, kids, x, isCase);
  const rows = nodes.filter(({ p }) => isCase(p) || kids(p).length).map(({ row }) => row);
  assert.equal(new Set(rows).size, rows.length);
  for (const { p, x: at } of nodes) if (isCase(p)) assert.equal(at, x[p]);
});

test("an opened bubble brings no two nodes nearer to each other, and shows all its members", () => {
  for (let seed = 0; seed < 100; seed++) {
    const trace = readTrace(drawTrace(createChance(seed), { people: 30 }));
    const before = arrange(trace, []),
      after = arrange(trace, ["b0"]);
    const keys = [...before.keys()].filter((key) => key !== "b0"),
      far = (nodes, a, b) => Math.hypot(nodes.get(a).x - nodes.get(b).x, nodes.get(a).y - nodes.get(b).y);
    for (const a of keys) for (const b of keys) assert.ok(far(after, a, b) >= far(before, a, b) - 1e-6);
    for (const p of trace.membersOf(0)) assert.ok(after.has(`p${p}`));
    assert.ok(!after.has("b0"));
  }
});

test("every seen exposure between drawn people has its line", () => {
  for (let seed = 0; seed < 100; seed++) {
    const trace = readTrace(drawTrace(createChance(seed))),
      shown = seen(trace, openFilters(trace)),
      nodes = arrange(trace, ["b0", "b1"]);
    const lines = new Set(linesOf(trace, nodes, shown).map((pair) => [...pair].sort().join()));
    shown.exposure.forEach((on, row) => {
      if (!on) return;
      const { contact, source, place } = trace.exposures;
      const ends =
        place[row] < 0
          ? [[`p${contact[row]}`, `p${source[row]}`]]
          : [
              [`p${contact[row]}`, `l${place[row]}`],
              [`p${source[row]}`, `l${place[row]}`],
            ];
      for (const pair of ends) assert.ok(lines.has(pair.sort().join()), `seed ${seed}, row ${row}`);
    });
  }
});

test("gaps are what no stay covers; stays at once stand one below the other", () => {
  assert.deepEqual(
    gapsOf([
      [0, 5],
      [2, 9],
      [12, 13],
    ]),
    [[9, 12]],
  );
  assert.deepEqual(gapsOf([]), []);
  assert.deepEqual(
    stack([
      [0, 5],
      [2, 9],
      [5, 6],
      [9, 10],
    ]),
    [0, 1, 0, 0],
  );
});

test("what is gathered at a place stands as one node beside the place, for all its members", () => {
  let asked = 0;
  for (let seed = 0; seed < 60; seed++) {
    const data = drawTrace(createChance(seed), { people: 30, rows: 60 });
    data.persons.link = data.persons.tier.map((_, p) => data.exposures.contact.indexOf(p));
    const trace = readTrace(data),
      members = membersOf(trace, "g0"),
      before = arrange(trace, []);
    if (!members.length) continue;
    asked++;
    const after = arrange(trace, ["g0"]);
    assert.equal(after.size, before.size - members.length + 1);
    for (const p of members) assert.ok(before.has(`p${p}`) && !after.has(`p${p}`));
    const place = after.get("l0"),
      node = after.get("g0");
    assert.ok(Math.hypot(place.x - node.x, place.y - node.y) > place.r + node.r);
  }
  assert.ok(asked > 20);
});
