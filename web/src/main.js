// The page: one state, three views of it, and the panels around them.

import { createCard } from "./card.js";
import { createClock } from "./clock.js";
import { $ } from "./dom.js";
import { personTable, saveCsv } from "./csv.js";
import { createFilters, createLegend } from "./legend.js";
import { isGroup, isPerson, namesOf, numberOf } from "./names.js";
import { createPictures } from "./pictures.js";
import { createSearch } from "./search.js";
import { createStage } from "./stage.js";
import { createStore } from "./state.js";
import { createTables } from "./table.js";
import { readTrace } from "./trace.js";
import { createChains } from "./views/chains.js";
import { createItineraries, lanesOf, whose } from "./views/itineraries.js";
import { createNetwork } from "./views/network.js";
import { openFilters, seen } from "./visible.js";
import { speak, t } from "./words.js";

const data = JSON.parse($("trace-data").textContent);
speak(data.words, data.lang);
const trace = readTrace(data),
  names = namesOf(trace);
const store = createStore({ view: "network", selected: [], opened: [], lanes: null, filters: openFilters(trace) });
const views = {
  network: createNetwork(trace, names),
  chains: createChains(trace, names),
  itineraries: createItineraries(trace, names),
};
let shown = seen(trace, store.get().filters),
  hovered = null;

const say = (text) => {
  $("said").textContent = text;
};
const filter = (change, options) => {
  const { filters } = store.get();
  store.set({ filters: { ...filters, ...change(filters) } }, options);
};
const toggle = (key) => {
  const { opened } = store.get();
  store.set({ opened: opened.includes(key) ? opened.filter((other) => other !== key) : [...opened, key] });
};

/** The node that stands for a key in this view: itself, or the bubble that holds it. */
function nodeFor(key) {
  if (!key || stage.scene.position(key)) return key;
  if (!isPerson(key)) return key;
  const p = numberOf(key);
  const row = trace.persons.link[p],
    place = row < 0 ? -1 : trace.exposures.place[row];
  return (
    [`b${trace.persons.bubble[p]}`, `r${trace.persons.parent[p]}`, `g${place}`].find((other) => stage.scene.position(other)) ||
    key
  );
}
function choose(key, { add = false, keep = false, move = false } = {}) {
  const { selected } = store.get();
  if (!key) {
    if (selected.length) store.set({ selected: [] });
    return;
  }
  const others = selected.filter((other) => other !== key),
    isLetGo = add && !keep && others.length < selected.length;
  store.set({ selected: !add ? [key] : isLetGo ? others : [...others, key], ...lanesWith(key) });
  if (move) bring(key);
}
/** Somebody found elsewhere gets a lane beside those that are compared. */
function lanesWith(key) {
  const { view, lanes } = store.get();
  if (view !== "itineraries" || !isPerson(key) || stage.scene.position(key)) return {};
  return { lanes: [...new Set([...(lanes || whose(trace, store.get(), shown).persons), numberOf(key)])] };
}
const showDays = (persons) => store.set({ view: "itineraries", lanes: persons });
function bring(key) {
  const at = key && stage.scene.position(nodeFor(key));
  if (at) stage.reveal(at);
}

const stage = createStage($("map"), {
  covers: [...document.querySelectorAll(".zoom")],
  onPick: (key, event) => choose(key, { add: event.shiftKey || event.ctrlKey || event.metaKey }),
  onOpen: (key) => {
    if (isGroup(key)) toggle(key);
  },
  onHover: (key) => {
    if (key === hovered) return;
    hovered = key;
    $("map").classList.toggle("over", Boolean(key));
    stage.ask();
  },
});
const focus = () => ({ keys: store.get().selected.map(nodeFor), hovered });
const withFocus = (scene) => ({ ...scene, paint: (pen, view) => scene.paint(pen, view, focus()), plain: scene });

const actions = {
  choose,
  toggle,
  filter,
  say,
  showDays,
  get: store.get,
  clear: () => store.set({ filters: openFilters(trace) }),
};
const tables = createTables(trace, names);
const panels = [
  createCard(trace, names, actions),
  createClock(trace, actions),
  createFilters(trace, actions),
  createLegend(trace, names, actions),
];
createSearch(trace, names, actions);
const pictures = createPictures(trace, names, stage, { focus, shown: () => shown });

/** What this view leaves out, told in words. */
function remarks(state) {
  const out = [],
    gathered = shown.bubble.reduce((n, members, b) => n + (state.opened.includes(`b${b}`) ? 0 : members), 0);
  if (state.view === "network" && gathered) out.push(t("remark-gathered", { n: gathered }));
  if (state.view === "chains" && trace.venueTier >= 0 && shown.counts[trace.venueTier]) out.push(t("remark-no-venue"));
  if (state.view === "itineraries") {
    const { persons, left, isChoice } = whose(trace, state, shown),
      unkept = persons.filter((p) => !trace.stays_of[p]).length;
    if (!isChoice) out.push(t("remark-choose"));
    if (trace.stays_kept === "needed") out.push(t("remark-stays-needed"));
    if (left) out.push(t(isChoice ? "remark-lanes" : "remark-cases", { n: left }));
    if (unkept) out.push(t("remark-unkept", { n: unkept }));
  }
  if (trace.dropped) out.push(t("remark-dropped", { n: trace.dropped }));
  return out;
}

function update(state, before) {
  if (!before || state.filters !== before.filters) {
    shown = seen(trace, state.filters);
    tables.update(shown);
  }
  const isSame =
    before &&
    state.filters === before.filters &&
    state.opened === before.opened &&
    state.view === before.view &&
    state.lanes === before.lanes;
  if (!isSame) stage.show(withFocus(views[state.view](state, shown)), state.view);
  if (before && state.view !== before.view && state.view !== "itineraries") bring(state.selected.at(-1));
  for (const panel of panels)
    if (!before || state.selected !== before.selected || state.opened !== before.opened || state.filters !== before.filters)
      panel(state, shown);
  for (const tab of document.querySelectorAll("[data-view]")) {
    const on = tab.dataset.view === state.view;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
  }
  $("remarks").textContent = remarks(state).join(" ");
  if (before && state.selected !== before.selected) say($("card").querySelector("h2").textContent); // for those who hear the page
  $("undo").disabled = !store.canUndo();
  stage.ask();
}
store.subscribe(update);

// ---- buttons and keys
const tabs = [...document.querySelectorAll("[data-view]")];
const look = (view) =>
  store.set(
    view === "itineraries" && view !== store.get().view ? { view, lanes: lanesOf(trace, store.get().selected) } : { view },
  );
for (const tab of tabs) {
  tab.addEventListener("click", () => look(tab.dataset.view));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    look(next.dataset.view);
    next.focus();
  });
}
const zooms = { in: () => stage.zoomBy(1.4), out: () => stage.zoomBy(1 / 1.4), all: () => stage.fit() };
for (const button of document.querySelectorAll("[data-zoom]")) button.addEventListener("click", zooms[button.dataset.zoom]);
$("undo").addEventListener("click", store.undo);
$("filters-open").addEventListener("click", () => {
  $("filters").hidden = !$("filters").hidden;
  $("filters-open").setAttribute("aria-expanded", String(!$("filters").hidden));
});
$("csv").addEventListener("click", () => {
  const persons = [...shown.person.keys()].filter((p) => shown.person[p]);
  saveCsv("persons.csv", personTable(trace, names, persons));
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-go]");
  if (link) choose(link.dataset.go, { move: true, add: event.shiftKey || event.ctrlKey });
});

const ARROWS = { ArrowRight: 0, ArrowDown: Math.PI / 2, ArrowLeft: Math.PI, ArrowUp: -Math.PI / 2 };
/** From the chosen node to the next one in a direction; linked nodes come first. */
function step(toward, add) {
  const scene = stage.scene,
    from = nodeFor(store.get().selected.at(-1)),
    here = from && scene.position(from);
  if (!here) return choose(scene.keys.find(isPerson) || scene.keys[0] || null, { move: true });
  const linked = new Set(scene.linked(from));
  let best = null,
    least = Infinity;
  for (const key of scene.keys) {
    if (key === from) continue;
    const [x, y] = scene.position(key),
      dx = x - here[0] || 0,
      dy = y - here[1],
      off = Math.atan2(dy, dx) - toward;
    const turn = Math.abs(Math.atan2(Math.sin(off), Math.cos(off)));
    if (turn > Math.PI / 3) continue;
    const cost = Math.hypot(dx, dy) * (1 + 2 * turn) * (linked.has(key) ? 0.5 : 1);
    if (cost < least) {
      least = cost;
      best = key;
    }
  }
  if (best) choose(best, { move: true, add, keep: true });
}
$("map").addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const chosen = store.get().selected.at(-1),
    group = chosen && (isPerson(chosen) ? nodeFor(chosen) : chosen);
  if (event.key in ARROWS) step(ARROWS[event.key], event.shiftKey);
  else if (event.key === "+" || event.key === "=") zooms.in();
  else if (event.key === "-") zooms.out();
  else if (event.key === "0") zooms.all();
  else if ((event.key === "Enter" || event.key === " ") && isGroup(group)) toggle(group);
  else return;
  event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("select, input:not([type=range], [type=checkbox])");
  if ((event.ctrlKey || event.metaKey) && event.key === "z" && !isTyping) {
    event.preventDefault();
    store.undo();
  }
  if (event.key === "Escape") choose(null);
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
  if (event.key === "/") {
    event.preventDefault();
    $("find").focus();
  }
  if (["1", "2", "3"].includes(event.key)) look(tabs[Number(event.key) - 1].dataset.view);
});

// ---- print: the picture as it stands, the tables open
addEventListener("beforeprint", () => {
  tables.print(true);
  $("printed").src = pictures.onCanvas().toDataURL();
  $("printed").hidden = false;
});
addEventListener("afterprint", () => {
  tables.print(false);
  $("printed").hidden = true;
});

update(store.get(), null);
$("starting").remove();
globalThis.tracegraphPage = {
  choose,
  store,
  trace,
  select: (key) => choose(key, { move: true }),
  visible: () => stage.scene.keys,
  labels: () => stage.scene.plain.labels(stage.view(), focus()),
  screenOf(key) {
    const at = stage.scene.position(key),
      box = stage.canvas.getBoundingClientRect();
    return at && [stage.view().x(at[0]) + box.left, stage.view().y(at[1]) + box.top];
  },
  scale: () => stage.view().k,
  get painted() {
    return stage.painted;
  },
  get ready() {
    return stage.painted > 0;
  },
};
