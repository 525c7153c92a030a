// The map, its card, its search and its legend. Text reaches the page through textContent alone.
(() => {
"use strict";
const data = JSON.parse(document.getElementById("trace-data").textContent);
const $ = (id) => document.getElementById(id);
const INK = "#1b2430", ACCENT = "#f0b429", CARD_ROWS = 40, FOUND = 8, HUB = 6;
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
const glide = () => (still ? false : { duration: 350, easingFunction: "easeInOutQuad" });

// ---- what there is
const people = new Map(data.people.map((p) => [p.id, p]));
const drawn = new Map(); // by key: "p3" a person, "l5" a place, "b0" a bubble
for (const [what, number, x, y, radius] of data.nodes) {
  const key = what + number;
  drawn.set(key, { key, what, number, x, y, radius });
}
const keyOf = data.nodes.map(([what, number]) => what + number);
const edges = data.edges.map(([a, b]) => [keyOf[a], keyOf[b]]);
const linked = new Map([...drawn.keys()].map((key) => [key, new Set()]));
for (const [a, b] of edges) { linked.get(a).add(b); linked.get(b).add(a); }
const byContact = new Map(), bySource = new Map(), byPlace = new Map();
const push = (map, key, row) => { if (!map.has(key)) map.set(key, []); map.get(key).push(row); };
for (const [contact, source, place, start, end, minutes, how, certain] of data.exposures) {
  const row = { contact, source, place, start, end, minutes, how: data.classes[how], certain };
  push(byContact, contact, row);
  push(bySource, source, row);
  if (place >= 0) push(byPlace, place, row);
}
const inBubble = new Map();
for (const p of data.people) if (p.bubble >= 0) push(inBubble, p.bubble, p.id);

const tierOf = (node) => (node.what === "p" ? people.get(node.number).tier : data.bubbles[node.number][0]);
const plural = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;
function labelOf(key) {
  const number = Number(key.slice(1));
  if (key[0] === "p") return people.get(number).label;
  if (key[0] === "l") return data.places[number].label;
  const [tier, members] = data.bubbles[number];
  return `${members.toLocaleString("en")} ${data.tiers[tier].heading}`;
}

// ---- the map
function look(node) {
  const place = node.what === "l" ? data.places[node.number] : null;
  const [colour, shape] = place
    ? data.styles[place.home ? "home" : "place"]
    : [data.tiers[tierOf(node)].colour, data.tiers[tierOf(node)].shape];
  const hollow = node.what === "p" && !people.get(node.number).certain;
  const fill = hollow ? "#ffffff" : node.what === "b" ? `${colour}40` : colour; // a quarter as dense
  const tone = { background: fill, border: colour };
  return {
    id: node.key, x: node.x, y: node.y, size: node.radius, shape,
    borderWidth: hollow || node.what === "b" ? 2.4 : 1, color: { ...tone, highlight: tone, hover: tone },
  };
}
const depth = (node) => (node.what === "p" ? 100 - people.get(node.number).tier : node.what === "b" ? 2 : 1);
const nodes = new vis.DataSet([...drawn.values()].sort((a, b) => depth(a) - depth(b)).map(look));
const shown = new Set([...data.tiers.map((tier) => String(tier.number)), "place", "home"]);
let visible = new Set(drawn.keys());
const view = new vis.DataView(nodes, { filter: (node) => visible.has(node.id) });
const network = new vis.Network($("map"), {
  nodes: view,
  edges: new vis.DataSet(edges.map(([from, to], id) => ({ id, from, to }))),
}, {
  autoResize: true,
  physics: { enabled: false },
  layout: { improvedLayout: false },
  interaction: { hover: true, keyboard: false, selectConnectedEdges: false, hoverConnectedEdges: false,
    hideEdgesOnDrag: edges.length > 5000, zoomSpeed: 0.7 },
  nodes: { chosen: false, font: { size: 0 }, borderWidthSelected: 2.4 },
  edges: { smooth: false, width: 1.6, chosen: false, color: { color: data.styles.edge, inherit: false } },
});
const fit = (animation) => network.fit({ nodes: [...visible], animation, maxZoomLevel: 1.6 });
fit(false);

let chosen = null, hovered = null;
const nodeFor = (key) => {
  if (!key || drawn.has(key)) return key;
  const bubble = key[0] === "p" && people.get(Number(key.slice(1))).bubble;
  return bubble >= 0 ? `b${bubble}` : null;
};
const near = (key) => [...(linked.get(key) || [])].filter((other) => visible.has(other));

network.on("beforeDrawing", (ctx) => {
  for (const key of new Set([hovered, nodeFor(chosen)])) {
    if (!key || !visible.has(key)) continue;
    const at = network.getPosition(key), scale = network.getScale();
    ctx.lineCap = "round";
    ctx.strokeStyle = ACCENT;
    ctx.lineWidth = Math.max(3.5, 3.5 / scale);
    for (const other of near(key)) {
      const to = network.getPosition(other);
      ctx.beginPath(); ctx.moveTo(at.x, at.y); ctx.lineTo(to.x, to.y); ctx.stroke();
      halo(ctx, to, drawn.get(other).radius + 3);
    }
    halo(ctx, at, drawn.get(key).radius + Math.max(6, 6 / scale));
  }
});
function halo(ctx, at, radius) {
  ctx.fillStyle = ACCENT;
  ctx.beginPath(); ctx.arc(at.x, at.y, radius, 0, 2 * Math.PI); ctx.fill();
}

// Labels keep their size on screen; the important come first, and what has no room waits for a zoom.
const widths = new Map();
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif";
function rank(key) {
  const node = drawn.get(key), focus = nodeFor(chosen);
  if (key === hovered || key === focus) return 0;
  if (node.what === "p" && tierOf(node) === 0) return 1;
  if (focus && linked.get(focus).has(key)) return 2;
  if (node.what === "b") return 3;
  if (node.what === "l") return data.places[node.number].home ? 5 : 4;
  return 5 + tierOf(node);
}
const ROOM = [0, 0, 0, 0.1, 0.1, 0.8, 0.8, 1.15, 1.3]; // the scale at which a rank may speak
network.on("afterDrawing", (ctx) => {
  const scale = network.getScale(), taken = new Map(), cell = 90;
  const box = $("map").getBoundingClientRect();
  const spots = [...visible].map((key) => {
    const at = network.canvasToDOM(network.getPosition(key));
    return { key, x: at.x, y: at.y, r: drawn.get(key).radius * scale, rank: rank(key) };
  }).filter((s) => s.x > -80 && s.y > -20 && s.x < box.width + 80 && s.y < box.height + 20);
  const cells = (b, use) => {
    for (let i = Math.floor(b[0] / cell); i <= Math.floor(b[2] / cell); i++)
      for (let j = Math.floor(b[1] / cell); j <= Math.floor(b[3] / cell); j++)
        if (use(`${i},${j}`)) return true;
    return false;
  };
  const add = (b) => { cells(b, (c) => { push(taken, c, b); }); };
  const hits = (b, own, words) => cells(b, (c) => (taken.get(c) || []).some((t) =>
    t[4] !== own && !(words && t[4] && !t[5]) && t[0] < b[2] && b[0] < t[2] && t[1] < b[3] && b[1] < t[3]));
  for (const s of spots) add([s.x - s.r, s.y - s.r, s.x + s.r, s.y + s.r, s.key, s.rank <= 1]);
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  const crowd = spots.filter((s) => s.rank === 1).length > 60; // too many cases to name each
  for (const s of spots.sort((a, b) => a.rank - b.rank || b.r - a.r)) {
    if (scale < (ROOM[s.rank] ?? 1.3)) continue;
    if (s.rank === 4 && linked.get(s.key).size * scale < 3) continue; // from afar, the largest alone
    const size = s.rank <= 1 ? 14 : 12.5, weight = s.rank <= 1 ? 650 : 450;
    const count = s.key[0] === "b" && s.rank > 2;
    if (count && s.r < 9) continue;
    const text = clip(count ? String(data.bubbles[drawn.get(s.key).number][1]) : labelOf(s.key));
    const name = `${weight} ${size}px ${FONT}`;
    if (!widths.has(name + text)) { ctx.font = name; widths.set(name + text, ctx.measureText(text).width); }
    const w = widths.get(name + text), h = size + 3;
    const places = count ? [[0, 0]] : [[0, s.r + h / 2 + 2], [0, -s.r - h / 2 - 2],
      [s.r + w / 2 + 5, 0], [-s.r - w / 2 - 5, 0]];
    const boxes = places.map(([dx, dy]) => [s.x + dx - w / 2 - 2, s.y + dy - h / 2, s.x + dx + w / 2 + 2, s.y + dy + h / 2, s.key]);
    let pick = boxes.findIndex((b) => !hits(b, s.key));
    // a hub is ringed by nodes: its name may cover some of them, but no case and no other name
    if (pick < 0 && linked.get(s.key).size >= HUB) pick = boxes.findIndex((b) => !hits(b, s.key, true));
    if (pick < 0) { if (s.rank > 1 || (s.rank === 1 && crowd)) continue; pick = 0; }
    const b = boxes[pick], at = network.DOMtoCanvas({ x: (b[0] + b[2]) / 2, y: (b[1] + b[3]) / 2 });
    add([b[0], b[1], b[2], b[3], null]);
    ctx.font = `${weight} ${size / scale}px ${FONT}`;
    ctx.textAlign = "center";
    ctx.lineWidth = 4 / scale;
    ctx.strokeStyle = "rgba(255,255,255,0.92)";
    if (!count) ctx.strokeText(text, at.x, at.y);
    ctx.fillStyle = INK;
    ctx.fillText(text, at.x, at.y);
  }
});
const clip = (text) => (text.length > 34 ? `${[...text].slice(0, 32).join("")}…` : text);

// ---- the card
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}
const go = (key) => h("button", { type: "button", class: "link", "data-go": key }, h("bdi", null, labelOf(key)));
const goPerson = (id) => (people.has(id) ? go(`p${id}`) : "someone not listed");
const swatch = (name) => {
  const found = document.querySelector(`[data-show="${name}"] svg`);
  return found ? found.cloneNode(true) : "";
};
const facts = (pairs) => h("dl", null, ...pairs.filter(([, value]) => value !== null && value !== "")
  .flatMap(([name, value]) => [h("dt", null, name), h("dd", null, value)]));
const until = (start, end) => (start && end && start.slice(0, 10) === end.slice(0, 10) ? end.slice(11) : end);
const lasting = (minutes) => (minutes < 180 ? `${minutes}\u00a0min`
  : `${Math.floor(minutes / 60).toLocaleString("en")}\u00a0h${minutes % 60 ? `\u00a0${minutes % 60}\u00a0min` : ""}`);
const span = (row) => [
  row.start === row.end ? row.start : `${row.start} – ${until(row.start, row.end) || "?"}`,
  row.minutes === null ? null : lasting(row.minutes), row.how === "together" ? null : row.how,
].filter(Boolean).join(" · ");
const unsure = (row) => (row.certain ? "" : h("span", { class: "tag" }, "possible"));
const where = (row) => (row.place >= 0 ? [" at ", go(`l${row.place}`)] : [", place not known"]);

function list(title, rows, item, total) {
  if (!rows.length) return [];
  const items = h("ul", { class: "events" });
  const more = h("button", { type: "button", class: "link more", onclick: () => grow() });
  let next = 0;
  const grow = () => {
    for (const row of rows.slice(next, next + CARD_ROWS)) items.append(h("li", null, ...item(row)));
    next += CARD_ROWS;
    more.textContent = `Show ${Math.min(CARD_ROWS, rows.length - next)} more of ${rows.length.toLocaleString("en")}`;
    more.hidden = next >= rows.length;
  };
  grow();
  const rest = total > rows.length ? h("p", { class: "quiet" }, `and ${(total - rows.length).toLocaleString("en")} more, not kept in this page`) : null;
  return [h("h3", null, title), items, more, ...(rest ? [rest] : [])];
}
const when = (row) => h("div", { class: "when" }, span(row));

function personCard(id) {
  const p = people.get(id), given = bySource.get(id) || [], got = byContact.get(id) || [];
  return [
    h("div", { class: "badge" }, swatch(p.tier), p.tier_name),
    h("h2", null, h("bdi", null, p.label)),
    facts([
      ["Known as", [p.alias, p.key].filter(Boolean).join(" · ")],
      ["Certainty", p.tier === 0 ? "" : p.certain ? "certain" : "possible: the times known leave it open"],
      ["Exposure", p.how],
      ["First exposure", p.first],
      ["Last exposure", p.ongoing ? "going on" : p.last],
      ["Time in all", p.minutes === null ? "" : `${lasting(p.minutes)}${p.sources ? ` with ${plural(p.sources, "source")}` : ""}`],
      ["Quarantine", p.ongoing ? "no date while exposure goes on" : p.until && `until ${p.until}`],
      ["Clause", p.clause],
    ]),
    ...list(`Exposed by (${p.exposures.toLocaleString("en")})`, got,
      (row) => [goPerson(row.source), ...where(row), " ", unsure(row), when(row)], p.exposures),
    ...list(`Exposed others (${given.length.toLocaleString("en")})`, given,
      (row) => [goPerson(row.contact), ...where(row), " ", unsure(row), when(row)], given.length),
  ];
}
function placeCard(id) {
  const place = data.places[id], rows = byPlace.get(id) || [];
  const crowd = new Set(rows.flatMap((row) => [row.contact, row.source]));
  return [
    h("div", { class: "badge" }, swatch(place.home ? "home" : "place"), place.home ? "home" : "place"),
    h("h2", null, h("bdi", null, place.label)),
    facts([
      ["Known as", [place.alias, place.key].filter(Boolean).join(" · ")],
      ["Kind", place.kind || "not known"],
      ["Persons", crowd.size.toLocaleString("en")],
    ]),
    ...list(`Exposures here (${place.exposures.toLocaleString("en")})`, rows,
      (row) => [goPerson(row.source), " exposed ", goPerson(row.contact), " ", unsure(row), when(row)], place.exposures),
  ];
}
function bubbleCard(id) {
  const [tier, members, atPlace, anchor] = data.bubbles[id], ids = inBubble.get(id) || [];
  return [
    h("div", { class: "badge" }, swatch(tier), data.tiers[tier].name),
    h("h2", null, labelOf(`b${id}`)),
    h("p", null, atPlace ? "First exposed at " : "First exposed by ", go(`${atPlace ? "l" : "p"}${anchor}`)),
    ...list("Who", ids, (person) => [go(`p${person}`), h("div", { class: "when" }, people.get(person).first || "")], members),
  ];
}
const blank = [...$("card").children];
function select(key, { move = false } = {}) {
  chosen = key;
  const id = key && Number(key.slice(1));
  const content = !key ? blank : key[0] === "p" ? personCard(id) : key[0] === "l" ? placeCard(id) : bubbleCard(id);
  const close = key && h("button", { type: "button", class: "close", "aria-label": "Close", title: "Close (Esc)", onclick: () => { select(null); $("map").focus(); } }, "×");
  $("card").replaceChildren(...(close ? [close] : []), ...content);
  $("card").scrollTop = 0;
  const node = nodeFor(key);
  if (move && node && visible.has(node)) network.focus(node, { scale: Math.max(1, network.getScale()), animation: glide() });
  network.redraw();
}
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-go]");
  if (!button) return;
  const inTable = button.closest("#table");
  select(button.dataset.go, { move: true });
  if (inTable) document.querySelector("main").scrollIntoView({ behavior: still ? "auto" : "smooth" });
  if (inTable || !button.isConnected) {
    const title = $("card").querySelector("h2");
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
  }
});
network.on("click", ({ nodes: [key] }) => select(key || null));
network.on("doubleClick", ({ nodes: [key] }) => { if (key) network.focus(key, { scale: 1.6, animation: glide() }); });
network.on("hoverNode", ({ node }) => { hovered = node; $("map").classList.add("over"); network.redraw(); });
network.on("blurNode", () => { hovered = null; $("map").classList.remove("over"); network.redraw(); });

// ---- the legend
function refresh() {
  const on = (what) => shown.has(String(what));
  visible = new Set();
  for (const [key, node] of drawn) if (node.what === "p" && on(tierOf(node))) visible.add(key);
  const bubbles = [...drawn.values()].filter((node) => node.what === "b" && on(tierOf(node)));
  const kept = new Set(bubbles.filter((b) => data.bubbles[b.number][2]).map((b) => data.bubbles[b.number][3]));
  for (const [key, node] of drawn) {
    if (node.what !== "l" || !on(data.places[node.number].home ? "home" : "place")) continue;
    const exposed = (byPlace.get(node.number) || []).some((row) => visible.has(`p${row.contact}`));
    if (exposed || kept.has(node.number)) visible.add(key);
  }
  for (const b of bubbles) {
    const [, , atPlace, anchor] = data.bubbles[b.number];
    if (visible.has(`${atPlace ? "l" : "p"}${anchor}`)) visible.add(b.key);
  }
  if (hovered && !visible.has(hovered)) hovered = null;
  view.refresh();
}
for (const chip of document.querySelectorAll("[data-show]")) {
  chip.addEventListener("click", () => {
    const name = chip.dataset.show, now = !shown.has(name);
    if (now) shown.add(name); else shown.delete(name);
    chip.setAttribute("aria-pressed", String(now));
    refresh();
  });
}

// ---- search
const entries = [
  ...data.people.map((p) => ({ key: `p${p.id}`, text: [p.label, p.alias, p.key].filter(Boolean), note: p.tier_name })),
  ...data.places.map((l, id) => ({ key: `l${id}`, text: [l.label, l.alias, l.key].filter(Boolean), note: l.home ? "home" : "place" })),
].map((entry) => ({ ...entry, plain: entry.text.map((text) => text.toLowerCase()) }));
let hits = [], at = 0;
function search() {
  const want = $("find").value.trim().toLowerCase();
  const score = (entry) => Math.min(...entry.plain.map((text) =>
    text === want ? 0 : text.startsWith(want) ? 1 : text.includes(want) ? 2 : 9));
  hits = !want ? [] : entries.map((entry) => [score(entry), entry]).filter(([s]) => s < 9)
    .sort((a, b) => a[0] - b[0]).map(([, entry]) => entry).slice(0, FOUND);
  at = 0;
  const rows = hits.map((entry, k) => h("li", { id: `found-${k}`, role: "option", onmousedown: (e) => { e.preventDefault(); take(k); } },
    h("bdi", null, entry.text[0]), entry.text.length > 1 ? ` (${entry.text.slice(1).join(", ")})` : ""));
  if (want && !rows.length) rows.push(h("li", { class: "none", role: "option", "aria-disabled": "true" }, "Nothing found"));
  $("found").replaceChildren(...rows);
  $("found").hidden = !want;
  $("find").setAttribute("aria-expanded", String(Boolean(want)));
  mark();
}
function mark() {
  [...$("found").children].forEach((row, k) => row.setAttribute("aria-selected", String(k === at && hits.length > 0)));
  if (hits.length) $("find").setAttribute("aria-activedescendant", `found-${at}`);
  else $("find").removeAttribute("aria-activedescendant");
}
function shut() { $("found").hidden = true; $("find").setAttribute("aria-expanded", "false"); }
function take(k) { if (hits[k]) { select(hits[k].key, { move: true }); shut(); } }
$("find").addEventListener("input", search);
$("find").addEventListener("focus", search);
$("find").addEventListener("blur", shut);
$("find").addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (hits.length) at = (at + (event.key === "ArrowDown" ? 1 : hits.length - 1)) % hits.length;
    mark();
  } else if (event.key === "Enter") take(at);
  else if (event.key === "Escape") { event.stopPropagation(); $("find").value = ""; search(); }
});

// ---- keys and buttons
const zoom = (factor) => network.moveTo({ scale: Math.min(8, Math.max(0.03, network.getScale() * factor)), animation: glide() });
for (const button of document.querySelectorAll("[data-zoom]"))
  button.addEventListener("click", () => ({ in: () => zoom(1.4), out: () => zoom(1 / 1.4), all: () => fit(glide()) })[button.dataset.zoom]());
const ARROWS = { ArrowRight: 0, ArrowDown: Math.PI / 2, ArrowLeft: Math.PI, ArrowUp: -Math.PI / 2 };
function step(toward) {
  const from = nodeFor(chosen);
  if (!from || !visible.has(from)) {
    return select([...visible].find((key) => key[0] === "p") || [...visible][0] || null, { move: true });
  }
  const here = network.getPosition(from);
  let best = null, least = Infinity;
  for (const key of visible) {
    if (key === from) continue;
    const there = network.getPosition(key), dx = there.x - here.x, dy = there.y - here.y;
    const turn = Math.abs(Math.atan2(Math.sin(Math.atan2(dy, dx) - toward), Math.cos(Math.atan2(dy, dx) - toward)));
    if (turn > Math.PI / 3) continue;
    const cost = Math.hypot(dx, dy) * (1 + 2 * turn) * (linked.get(from).has(key) ? 0.5 : 1);
    if (cost < least) { least = cost; best = key; }
  }
  if (best) select(best, { move: true });
}
$("map").addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in ARROWS) step(ARROWS[event.key]);
  else if (event.key === "+" || event.key === "=") zoom(1.4);
  else if (event.key === "-") zoom(1 / 1.4);
  else if (event.key === "0") fit(glide());
  else return;
  event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") select(null);
  if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(event.target.tagName)) { event.preventDefault(); $("find").focus(); }
});

// ---- print: the map as it stands, the tables open
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("#table details:not([open])")];
  for (const part of opened) part.open = true;
  $("printed").src = $("map").querySelector("canvas").toDataURL();
  $("printed").hidden = false;
});
addEventListener("afterprint", () => {
  for (const part of opened) part.open = false;
  $("printed").hidden = true;
});

window.tracegraphPage = { network, select, visible: () => [...visible] };
})();
