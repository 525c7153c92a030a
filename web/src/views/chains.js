// Chains by date: onset or first exposure along x, every case and every contact who exposed others
// on a line of its own, those who exposed nobody stacked under their source.

import { ACCENT, LINE, SOFT } from "../looks.js";
import { outermost, personsOf } from "../groups.js";
import { isPerson, isRake, numberOf, personKey } from "../names.js";
import { paintLabels, placeLabels } from "../labels.js";
import { DAY } from "../moments.js";
import { pathTo } from "../trace.js";
import { count } from "../words.js";
import { paintGrid, STRIP } from "./axis.js";
import { boundsOf, createPicker, lookOf, paintNode } from "./nodes.js";

const DAY_WIDTH = 150,
  WIDE = 1100,
  ROW = 17,
  COLUMN = 15,
  FEW = 300; // pixels; WIDE is what all days share
const RADII = [9, 6.5, 5.5];

/** Places persons in time and rows so that no line crosses another.
 *
 * The children of a source stand below it: first those without children, stacked in columns; then
 * one block a child, the latest first. All of a block lies at or after the moment its block begins,
 * so the line down to an earlier child passes on the left of every block above it.
 *
 * @param kids  function: children of a person, those that are seen
 * @param x     array: pixels of each person
 * @returns nodes `{p, x, row}` and lines `{x0, row0, x1, row1, child}`
 */
export function arrangeChains(roots, kids, x, isCase) {
  const begins = new Map(),
    nodes = [],
    lines = [];
  const column = (value) => Math.floor(value / COLUMN) * COLUMN;
  function begin(p) {
    let least = column(x[p]);
    for (const child of kids(p)) least = Math.min(least, begin(child));
    begins.set(p, least);
    return least;
  }
  function place(p, row) {
    const children = [...kids(p)],
      leaves = children.filter((c) => !isCase(c) && !kids(c).length);
    const blocks = children.filter((c) => isCase(c) || kids(c).length).sort((a, b) => begins.get(b) - begins.get(a) || a - b);
    const here = isCase(p) ? x[p] : column(x[p]),
      heights = new Map(),
      down = new Map();
    nodes.push({ p, x: here, row });
    for (const leaf of leaves) {
      const at = column(x[leaf]),
        height = (heights.get(at) || 0) + 1;
      heights.set(at, height);
      nodes.push({ p: leaf, x: at, row: row + height, isFirst: height === 1 });
      down.set(at, [row + height, leaf]);
    }
    let next = row + 1 + Math.max(0, ...heights.values());
    for (const child of blocks) {
      const at = begins.get(child);
      down.set(at, [next, child]);
      lines.push({ x0: at, row0: next, x1: isCase(child) ? x[child] : column(x[child]), row1: next, child });
      next = place(child, next);
    }
    for (const [at, [to, child]] of down) lines.push({ x0: at, row0: row, x1: at, row1: to, child });
    const ends = [here, ...down.keys()];
    lines.push({ x0: Math.min(...ends), row0: row, x1: Math.max(...ends), row1: row, child: p });
    return next;
  }
  let row = 0;
  for (const root of [...roots].sort((a, b) => x[a] - x[b] || a - b)) {
    begin(root);
    row = place(root, row) + 1;
  }
  return { nodes, lines };
}

export function createChains(trace, names) {
  const { persons, n } = trace,
    dates = persons.date.filter((date) => !Number.isNaN(date)).sort();
  const first = Math.floor((dates[0] ?? trace.bounds[0]) / DAY) * DAY;
  const dayWidth = Math.min(DAY_WIDTH, WIDE / (((dates.at(-1) ?? first) - first) / DAY + 1));
  const x = Float64Array.from(persons.date, (date, p) => {
    let at = p; // somebody without a date stands where their source does
    while (Number.isNaN(persons.date[at]) && persons.parent[at] >= 0) at = persons.parent[at];
    return (((Number.isNaN(persons.date[at]) ? first : persons.date[at]) - first) / DAY) * dayWidth;
  });
  const isCase = (p) => persons.tier[p] === 0,
    minuteAt = (px) => first + (px / dayWidth) * DAY;
  const last = outermost(trace),
    none = [];

  return (state, shown) => {
    const isSeen = (p) => shown.person[p] && persons.tier[p] !== trace.venueTier;
    let total = 0;
    for (let p = 0; p < n; p++) total += isSeen(p);
    const folds = total > FEW,
      opened = new Set(state.opened),
      folded = new Map(),
      near = new Map();
    for (let p = 0; p < n; p++) {
      const parent = persons.parent[p];
      if (!isSeen(p) || parent < 0 || !isSeen(parent)) continue;
      const isFolded =
        folds && persons.tier[p] === last && last > 0 && !opened.has(`r${parent}`) && !trace.children(p).some(isSeen);
      const into = isFolded ? folded : near;
      if (!into.has(parent)) into.set(parent, []);
      into.get(parent).push(p);
    }
    const kids = (p) => near.get(p) || none,
      roots = [];
    for (let p = 0; p < n; p++)
      if (isSeen(p) && (persons.parent[p] < 0 || !isSeen(persons.parent[p])))
        if (isCase(p) || kids(p).length || folded.has(p) || !folds) roots.push(p);
    // a source of folded contacts keeps a line of its own, so that their number has room beside it
    const { nodes: placed, lines } = arrangeChains(roots, kids, x, (p) => isCase(p) || folded.has(p));
    const nodes = placed.map(({ p, x: px, row, isFirst }) => ({
      key: personKey(p),
      x: px,
      y: row * ROW,
      r: RADII[Math.min(persons.tier[p], 2)],
      isFirst,
    }));
    for (const { p, row } of placed) if (folded.has(p)) nodes.push(bubble(p, row, folded.get(p), kids(p)));
    const drawn = new Map(nodes.map((node) => [node.key, node])),
      pick = createPicker(nodes);
    const looks = nodes.map((node) => lookOf(trace, node.key));
    const strong = [],
      weak = [];
    for (const { x0, row0, x1, row1, child } of lines) (isCase(child) ? strong : weak).push([x0, row0 * ROW, x1, row1 * ROW]);

    function bubble(p, row, members, others) {
      const right = Math.max(x[p], ...others.map((c) => x[c]));
      return { key: `r${p}`, x: right + 18, y: row * ROW, r: Math.min(ROW / 2 - 0.5, 4 + Math.sqrt(members.length)), members };
    }
    function paint(pen, view, focus) {
      const finish = paintGrid(pen, trace, view, minuteAt);
      const on = (rows) => rows.flatMap(([x0, y0, x1, y1]) => [view.x(x0), view.y(y0), view.x(x1), view.y(y1)]);
      pen.lines(on(weak), { stroke: LINE, width: 1 });
      pen.lines(on(strong), { stroke: SOFT, width: 1.4 });
      const lit = new Set(
        focus.keys.flatMap((key) => [
          key,
          ...(isPerson(key)
            ? pathTo(trace, numberOf(key)).flatMap((row) => [
                personKey(trace.exposures.source[row]),
                personKey(trace.exposures.contact[row]),
              ])
            : personsOf(trace, key).map(personKey)),
        ]),
      );
      for (const key of lit) {
        const node = drawn.get(key);
        if (node) pen.shape("dot", view.x(node.x), view.y(node.y), node.r * view.k + 5, { fill: ACCENT });
      }
      nodes.forEach((node, k) => {
        const px = view.x(node.x),
          py = view.y(node.y),
          r = Math.max(1.2, node.r * view.k);
        if (px < -60 || py < 0 || px > view.width + 60 || py > view.height + 40) return;
        if (node.isFirst && view.k > 0.4) pen.shape("triangleDown", px, py - r - 3 * view.k, 2.6 * view.k, { fill: SOFT });
        paintNode(pen, looks[k], px, py, r);
      });
      if (view.k > 0.4)
        for (const { x0, row0, x1, child, row1 } of lines)
          if (row0 === row1 && x0 < x1 && persons.parent[child] >= 0) arrow(pen, view, child);
      paintLabels(pen, labels(view, focus));
      finish();
    }
    function arrow(pen, view, child) {
      const node = drawn.get(personKey(child));
      if (node)
        pen.lines(arrowHead(view.x(node.x) - node.r * view.k - 1, view.y(node.y), 5 * Math.min(view.k, 1.2)), {
          stroke: SOFT,
          width: 1.2,
        });
    }
    function labels(view, focus) {
      const spots = nodes.map((node) => {
        const p = numberOf(node.key),
          inGroup = isRake(node.key),
          isFocus = focus.keys.includes(node.key) || node.key === focus.hovered;
        const tier = inGroup ? 3 : persons.tier[p],
          rank = isFocus ? 0 : tier === 0 ? 1 : inGroup ? 3 : 5 + tier;
        return {
          key: node.key,
          x: view.x(node.x),
          y: view.y(node.y),
          r: node.r * view.k,
          rank,
          isHub: false,
          inside: false,
          isBeside: inGroup && !isFocus,
          text: () => (inGroup ? `+${count(node.members.length)}` : names.person(p)),
          least: [0, 0, 0, 0.3, 0, 0, 0.9, 1.5][Math.min(rank, 7)],
        };
      });
      return placeLabels(spots, view, STRIP);
    }
    return {
      bounds: boundsOf(nodes.length ? nodes : [{ x: 0, y: 0, r: 50 }]),
      zoomY: true,
      fitWidth: true,
      limits: [0.05, 8],
      top: STRIP,
      refit: true,
      fitted: 1.4,
      keys: nodes.map((node) => node.key),
      position: (key) => {
        const node = drawn.get(key);
        return node ? [node.x, node.y] : null;
      },
      linked: (key) =>
        isPerson(key) ? [...kids(numberOf(key)), persons.parent[numberOf(key)]].filter((p) => p >= 0).map(personKey) : [],
      paint,
      labels,
      pick: (px, py, view, reach) => (py < STRIP ? null : pick(view.fromX(px), view.fromY(py), reach / view.k)),
    };
  };
}

const arrowHead = (x, y, size) => [x - size, y - size * 0.7, x, y, x - size, y + size * 0.7, x, y];
