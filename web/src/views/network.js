// The contact network: persons and the places where exposures happened, bubbles opened on request.

import { ACCENT, LINE } from "../looks.js";
import { membersOf } from "../groups.js";
import { bubbleKey, isBubble, isGathering, isGroup, isPerson, isPlace, numberOf, personKey, placeKey } from "../names.js";
import { paintLabels, placeLabels } from "../labels.js";
import { pathTo } from "../trace.js";
import { count } from "../words.js";
import { boundsOf, createPicker, lookOf, paintNode } from "./nodes.js";

const MEMBER = 6.5,
  HUB = 6; // radius of a node from a bubble; links that make a hub

/** Where everything stands when some bubbles are open: `Map` of key to `{key, x, y, r}`.
 *
 * An opened bubble makes room by moving all others straight away from it, which brings no two
 * nodes nearer to each other. */
export function arrange(trace, opened) {
  const { persons, places, bubbles } = trace,
    nodes = new Map();
  const put = (key, x, y, r) => {
    if (!Number.isNaN(x)) nodes.set(key, { key, x, y, r });
  };
  places.x.forEach((x, l) => put(placeKey(l), x, places.y[l], places.r[l]));
  bubbles.x.forEach((x, b) => put(bubbleKey(b), x, bubbles.y[b], bubbles.radius[b]));
  persons.x.forEach((x, p) => put(personKey(p), x, persons.y[p], persons.r[p]));
  for (const key of opened.filter(isGathering)) gather(trace, nodes, key);
  for (const key of opened.filter(isBubble)) open(trace, nodes, key);
  return nodes;
}

/** One node, beside the place, for those whom it counts. */
function gather(trace, nodes, key) {
  const members = membersOf(trace, key),
    place = nodes.get(placeKey(numberOf(key)));
  if (!place) return;
  const r = Math.min(30, 10 + 2 * Math.sqrt(members.length));
  for (const p of members) nodes.delete(personKey(p));
  nodes.set(key, { key, x: place.x + place.r + r + 8, y: place.y, r });
}

function open(trace, nodes, key) {
  const bubble = nodes.get(key),
    members = membersOf(trace, key);
  if (!bubble) return;
  const gap = 2.5 * MEMBER,
    radius = gap * Math.sqrt(members.length) + MEMBER;
  nodes.delete(key);
  for (const node of nodes.values()) {
    const dx = node.x - bubble.x,
      dy = node.y - bubble.y,
      away = Math.hypot(dx, dy) || 1;
    const far = Math.max(0, radius - bubble.r) / away;
    node.x += dx * far;
    node.y += dy * far;
  }
  members.forEach((p, k) => {
    // on a sunflower's spiral
    const turn = k * 2.399963,
      out = gap * Math.sqrt(k + 0.5);
    nodes.set(personKey(p), {
      key: personKey(p),
      x: bubble.x + out * Math.cos(turn),
      y: bubble.y + out * Math.sin(turn),
      r: MEMBER,
    });
  });
}

/** Pairs of keys that a line joins, each once. Pairs are told apart as numbers: there are many rows. */
export function linesOf(trace, nodes, shown) {
  const { exposures, venue, bubbles, n, m } = trace,
    pairs = new Set();
  const hasPerson = Uint8Array.from({ length: n }, (_, p) => nodes.has(personKey(p))),
    hasPlace = Uint8Array.from({ length: m }, (_, l) => nodes.has(placeKey(l)));
  const join = (a, b) => pairs.add(a * (n + m) + b); // a person, then a person or, from n on, a place
  const atPlace = (p, l) => {
    if (hasPerson[p] && hasPlace[l]) join(p, n + l);
  };
  for (let row = 0; row < exposures.contact.length; row++) {
    if (!shown.exposure[row]) continue;
    const contact = exposures.contact[row],
      source = exposures.source[row],
      place = exposures.place[row];
    if (place >= 0 && hasPlace[place]) {
      atPlace(contact, place);
      atPlace(source, place);
    } else if (hasPerson[source] && hasPerson[contact]) join(Math.min(source, contact), Math.max(source, contact));
  }
  for (let row = 0; row < venue.person.length; row++) {
    if (!shown.person[venue.person[row]] || venue.place[row] < 0 || trace.persons.tier[venue.person[row]] !== trace.venueTier)
      continue;
    atPlace(venue.person[row], venue.place[row]);
    atPlace(venue.source[row], venue.place[row]);
  }
  const keyOf = (number) => (number < n ? personKey(number) : placeKey(number - n));
  const lines = [...pairs].map((pair) => [keyOf(Math.floor(pair / (n + m))), keyOf(pair % (n + m))]);
  const hang = (key, anchor) => {
    if (nodes.has(key) && nodes.has(anchor)) lines.push([key, anchor]);
  };
  bubbles.anchor.forEach((anchor, b) => {
    if (shown.bubble[b]) hang(bubbleKey(b), bubbles.at_place[b] ? placeKey(anchor) : personKey(anchor));
  });
  for (const key of nodes.keys()) if (isGathering(key)) hang(key, placeKey(numberOf(key)));
  return lines;
}

/** How many of a group the filters leave. */
const seenOf = (trace, key, shown) =>
  isBubble(key) ? shown.bubble[numberOf(key)] : membersOf(trace, key).filter((p) => shown.person[p]).length;

function isShown(trace, key, shown) {
  const number = numberOf(key);
  return isPerson(key) ? shown.person[number] : isPlace(key) ? shown.place[number] : seenOf(trace, key, shown) > 0;
}

/** Persons, places and lines of the way from a case to a person. */
function lit(trace, key) {
  if (!isPerson(key)) return [];
  const { exposures } = trace;
  return pathTo(trace, numberOf(key)).flatMap((row) => {
    const [source, contact, place] = [personKey(exposures.source[row]), personKey(exposures.contact[row]), exposures.place[row]];
    return place < 0
      ? [[source, contact]]
      : [
          [source, placeKey(place)],
          [placeKey(place), contact],
        ];
  });
}

export function createNetwork(trace, names) {
  let arranged = null,
    openedThen = null;
  return (state, shown) => {
    if (openedThen !== state.opened) {
      arranged = arrange(trace, state.opened);
      openedThen = state.opened;
    }
    const all = arranged;
    const nodes = [...all.values()].filter((node) => isShown(trace, node.key, shown));
    const drawn = new Map(nodes.map((node) => [node.key, node]));
    const lines = linesOf(trace, drawn, shown),
      linked = new Map(nodes.map((node) => [node.key, []]));
    for (const [a, b] of lines) {
      linked.get(a).push(b);
      linked.get(b).push(a);
    }
    const depth = (key) => (isPerson(key) ? 100 - trace.persons.tier[numberOf(key)] : isGroup(key) ? 2 : 1);
    const ordered = nodes.sort((a, b) => depth(a.key) - depth(b.key));
    const looks = ordered.map((node) => lookOf(trace, node.key)),
      pick = createPicker(ordered);
    const bounds = boundsOf(ordered.length ? ordered : [{ x: 0, y: 0, r: 100 }]);
    const crowd = ordered.filter((node) => isPerson(node.key) && trace.persons.tier[numberOf(node.key)] === 0).length > 60;

    function paint(pen, view, focus) {
      const at = (key) => {
        const node = drawn.get(key);
        return node && [view.x(node.x), view.y(node.y)];
      };
      const segments = (pairs) =>
        pairs.flatMap(([a, b]) => {
          const from = at(a),
            to = at(b);
          return from && to ? [...from, ...to] : [];
        });
      pen.lines(segments(lines), { stroke: LINE, width: Math.max(0.7, Math.min(1.6, 1.6 * view.k)) });
      const glow = focus.keys.flatMap((key) => (linked.get(key) || []).map((other) => [key, other]));
      const way = focus.keys.flatMap((key) => lit(trace, key));
      pen.lines(segments(glow), { stroke: ACCENT, width: 3 });
      pen.lines(segments(way), { stroke: ACCENT, width: 6 });
      const halos = new Set([...glow, ...way].flat());
      for (const key of halos) {
        const spot = at(key);
        if (spot) pen.shape("dot", ...spot, drawn.get(key).r * view.k + 4, { fill: ACCENT });
      }
      for (const key of focus.keys) {
        const spot = at(key);
        if (spot) pen.shape("dot", ...spot, drawn.get(key).r * view.k + 7, { fill: ACCENT });
      }
      ordered.forEach((node, k) => {
        const x = view.x(node.x),
          y = view.y(node.y),
          r = Math.max(1.2, node.r * view.k);
        if (x > -r && y > -r && x < view.width + r && y < view.height + r) paintNode(pen, looks[k], x, y, r);
      });
      paintLabels(pen, labels(view, focus, halos));
    }

    function labels(view, focus, halos) {
      const spots = ordered.map((node) => {
        const key = node.key,
          isFocus = focus.keys.includes(key) || key === focus.hovered,
          degree = linked.get(key).length;
        const tier = isPerson(key) ? trace.persons.tier[numberOf(key)] : 0;
        const rank = isFocus
          ? 0
          : isPerson(key) && tier === 0
            ? 1
            : halos.has(key)
              ? 2
              : isGroup(key)
                ? 3
                : isPlace(key)
                  ? trace.places.home[numberOf(key)]
                    ? 5
                    : 4
                  : 5 + tier;
        const inside = isGroup(key) && !isFocus;
        const least = [0, crowd ? 0.5 : 0, 0, 0, Math.max(0.1, 3 / Math.max(degree, 1) / 3), 0.8, 0.8, 1.15, 1.3][
          Math.min(rank, 8)
        ];
        const text = () =>
          isGroup(key) ? (inside ? count : (n) => names.group(key, n))(seenOf(trace, key, shown)) : names.of(key);
        return {
          key,
          x: view.x(node.x),
          y: view.y(node.y),
          r: node.r * view.k,
          rank,
          text,
          least,
          isHub: degree >= HUB,
          isQuiet: crowd,
          inside,
        };
      });
      return placeLabels(spots, view);
    }
    return {
      bounds,
      zoomY: true,
      limits: [0.02, 8],
      refit: false,
      fitted: 1.6,
      keys: ordered.map((node) => node.key),
      position: (key) => {
        const node = drawn.get(key);
        return node ? [node.x, node.y] : null;
      },
      linked: (key) => linked.get(key) || [],
      paint,
      labels: (view, focus) => labels(view, focus, new Set()),
      pick: (px, py, view, reach) => pick(view.fromX(px), view.fromY(py), reach / view.k),
    };
  };
}
