// The page of zones: two maps, one choice, and the table of changes.

import { $ } from "../dom.js";
import { speak, t } from "../words.js";
import { actionWord, areaOf, createCard, labelWord, patchTitle, rowsOf, titleOf } from "./card.js";
import { createTable } from "./changes.js";
import { createMaps } from "./maps.js";
import { boxOf, nextArea } from "./outlines.js";

const data = JSON.parse($("zone-data").textContent);
speak(data.words, data.lang);

// the smallest change that an area belongs to
const rowOf = new Map();
[...data.changes.keys()]
  .sort((a, b) => data.changes[b].members.length - data.changes[a].members.length)
  .forEach((row) => data.changes[row].members.forEach((part) => rowOf.set(part, row)));

let chosen = null, // { row }, { patch } or { part }
  hovered = -1;

const known = (what) =>
  "row" in what ? data.changes[what.row] : "patch" in what ? data.map.patches[what.patch] : areaOf(data, what.part);
const ringsOf = (what) => (!what ? [] : "part" in what ? data.map.areas[what.part] : (known(what).rings ?? []));

function show() {
  const what = hovered >= 0 ? { part: hovered } : chosen;
  card(what, what === chosen && chosen !== null);
  maps.light(ringsOf(what));
  mark(chosen);
}

function choose(what, { move = false } = {}) {
  chosen = what;
  hovered = -1;
  if (move && what && maps) maps.reveal(boxOf(ringsOf(what)));
  if (maps) show();
  if (what) say(what);
}
function say(what) {
  const one = known(what);
  const title = "patch" in what ? patchTitle(data, one) : titleOf(one),
    to = one.becomes ? actionWord(one.action) : labelWord(data, one.to);
  $("said").textContent = `${title}: ${labelWord(data, one.from)} → ${to}`;
}

const maps =
  data.map &&
  createMaps(
    data,
    { before: $("before"), after: $("after") },
    {
      onHover(part) {
        if (part === hovered) return;
        hovered = part;
        show();
      },
      onPick: (part) => choose(part < 0 ? null : { part }),
    },
  );
const card = data.map && createCard(data, { choose, rowOfPart: (part) => rowOf.get(part) ?? -1 });
const mark = createTable(data, { choose });

if (maps) {
  const zooms = { in: () => maps.zoomBy(1.5), out: () => maps.zoomBy(1 / 1.5), all: maps.fit, changes: maps.fitChanges };
  for (const button of document.querySelectorAll("[data-zoom]")) button.addEventListener("click", zooms[button.dataset.zoom]);

  const ARROWS = { ArrowRight: 0, ArrowDown: Math.PI / 2, ArrowLeft: Math.PI, ArrowUp: -Math.PI / 2 };
  const { patches } = data.map;
  const partsOf = (what) =>
    "part" in what ? [what.part] : "row" in what ? known(what).members : rowsOf(data, known(what)).flatMap((row) => row.members);
  /** From the chosen area to the next one in a direction; at first to one that changes. */
  function step(toward) {
    const start = chosen || (patches.length ? { patch: 0 } : null),
      from = (start && partsOf(start).find((part) => maps.boxes[part])) ?? maps.boxes.findIndex(Boolean),
      next = chosen ? nextArea(maps.boxes, from, toward) : from;
    if (next >= 0) choose({ part: next }, { move: true });
  }
  function turn(by) {
    if (!patches.length) return;
    const at = chosen && "patch" in chosen ? chosen.patch : by > 0 ? -1 : 0;
    choose({ patch: (at + by + patches.length) % patches.length }, { move: true });
  }
  const KEYS = { n: () => turn(1), p: () => turn(-1), "+": zooms.in, "=": zooms.in, "-": zooms.out, 0: zooms.all };
  for (const id of ["before", "after"])
    $(id).addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key in ARROWS) step(ARROWS[event.key]);
      else if (KEYS[event.key.toLowerCase()]) KEYS[event.key.toLowerCase()]();
      else return;
      event.preventDefault();
    });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") choose(null);
  });
  show();
}

globalThis.tracegraphPage = {
  data,
  choose,
  maps,
  areaOf: (part) => areaOf(data, part),
  words: t,
  chosen: () => chosen,
  ready: true,
};
