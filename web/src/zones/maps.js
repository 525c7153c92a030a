// Two maps that move as one: areas by zone, the areas around them, and where something changes.

import { select } from "d3-selection";
import { zoom, zoomIdentity } from "d3-zoom";
import { HEIGHT, placeBadges } from "./badges.js";
import { areaAt, around, boxOf, pathOf } from "./outlines.js";

const SVG = "http://www.w3.org/2000/svg",
  MARGIN = 12,
  REACH = 7, // pixels beside a tiny area that still hit it
  NUMBERED = 40, // badges at a time
  RING = 9; // pixels; a changed area smaller than this gets a ring around it
const INK = "#1b2430",
  ACCENT = "#0b4aa8",
  GREY = "#5b6675",
  PATTERNS = [
    ["#f1f3f5", "", ""],
    ["#fbe7a1", "M3.5 3.5h.01", "#d9b94f"],
    ["#f0923b", "M-1 7L7 -1M-1 1L1 -1M5 7L7 5", "#a85a12"],
    ["#7a1740", "M0 0L6 6M0 6L6 0", "#c9628f"],
  ];

export function make(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Widths of texts, as a canvas measures them. */
const pen = document.createElement("canvas").getContext("2d");
function widthOf(text, font) {
  pen.font = font;
  return pen.measureText(text).width;
}
const FONT =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "DejaVu Sans", sans-serif';
const shortened = (text, most = 28) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function patterns() {
  return PATTERNS.map(([fill, lines, stroke], k) =>
    make(
      "pattern",
      { id: `zone-fill-${k}`, width: 6, height: 6, patternUnits: "userSpaceOnUse" },
      make("rect", { width: 6.1, height: 6.1, fill }),
      ...(lines
        ? [make("path", { d: lines, stroke, "stroke-width": k === 1 ? 1.3 : 1, "stroke-linecap": "round", fill: "none" })]
        : []),
    ),
  );
}

const colourOf = (patch) => (patch.action === "stay" ? GREY : ACCENT);

/** Line of constant width over areas. */
const line = (d, stroke, width, more = {}) =>
  make("path", {
    d,
    fill: "none",
    stroke,
    "stroke-width": width,
    "vector-effect": "non-scaling-stroke",
    "stroke-linejoin": "round",
    ...more,
  });

export function createMaps(data, elements, { onHover, onPick }) {
  const { map } = data,
    boxes = map.areas.map(boxOf),
    { patches } = map,
    boxOfPatch = patches.map((patch) => boxOf(patch.rings));
  let transform = zoomIdentity,
    size = [0, 0],
    isFresh = true,
    isSetting = false;

  const fills = patterns();
  const sides = ["before", "after"].map((when) => {
    const element = elements[when],
      label = data.areas[when === "before" ? "from" : "to"],
      svg = make("svg", { "aria-hidden": "true", focusable: "false" });
    if (when === "before") svg.append(make("defs", null, ...fills));
    const zones = data.labels.map((_, k) =>
      make("path", {
        d: map.areas.map((rings, part) => (label[part] === k ? pathOf(rings) : "")).join(""),
        fill: `url(#zone-fill-${Math.min(k, 3)})`,
        "fill-rule": "evenodd",
        stroke: k ? "#ffffff" : "#c3c9d2",
        "vector-effect": "non-scaling-stroke",
        class: `zone-areas-${k}`,
      }),
    );
    const halo = (some) => some.map((one) => pathOf(one.rings)).join("");
    const lit = line("", "#ffffff", 6),
      litLine = line("", INK, 2.6, { class: "lit" });
    const world = make(
      "g",
      null,
      ...zones,
      line(map.within.map(pathOf).join(""), "#8b95a2", 0.7),
      ...map[when].map((rings, k) => line(pathOf(rings), PATTERNS[Math.min(k, 3)][2] || "none", k > 1 ? 1.4 : 0.8)),
      line(map.around.map((one) => pathOf(one.rings)).join(""), INK, 1.8),
      line(halo(patches), "#ffffff", 6),
      line(halo(patches.filter((one) => one.action === "stay")), GREY, 2),
      line(halo(patches.filter((one) => one.action !== "stay")), ACCENT, 3, { class: "changed" }),
      lit,
      litLine,
    );
    const over = make("g");
    svg.append(world, over);
    element.append(svg);
    return { when, element, svg, world, over, zones, lit, litLine };
  });

  const toScreen = ([x, y]) => [x * transform.k + transform.x, y * transform.k + transform.y];
  const behave = zoom()
    .clickDistance(5)
    // one finger and the bare wheel are the page's, unless a click has put the focus on the map
    .filter((event) =>
      event.type === "wheel"
        ? event.ctrlKey || event.currentTarget.parentElement === document.activeElement
        : !event.button && (!event.touches || event.touches.length > 1),
    )
    .on("zoom", function (event) {
      transform = event.transform;
      if (event.sourceEvent) isFresh = false;
      if (!isSetting) for (const { svg } of sides) if (svg !== this) svg.__zoom = transform; // the other map follows
      draw();
    })
    .wheelDelta(
      (event) => -event.deltaY * (event.deltaMode === 1 ? 0.05 : event.deltaMode ? 1 : 0.002) * (event.ctrlKey ? 6 : 1),
    );
  for (const { svg } of sides) select(svg).call(behave).on("dblclick.zoom", null);

  const set = (to) => {
    isSetting = true;
    for (const { svg } of sides) svg.__zoom = to;
    isSetting = false;
    transform = to;
    draw();
  };
  const limits = () => {
    const whole = Math.min(size[0] / map.width, size[1] / map.height);
    return [whole * 0.5, Math.max(whole * 8, 240 / map.usual)];
  };
  const scaleFor = (w, h) => Math.min((size[0] - 2 * MARGIN) / w, (size[1] - 2 * MARGIN - 20) / h);
  /** Transform that shows a box with room around it; a small one with more, none with more than everything. */
  function showing(box) {
    const [w, h] = [0, 1].map((axis) => {
      const side = Math.max(box[axis + 2] - box[axis], 1);
      return Math.max(1.15 * side, Math.min(10 * side, map.width / 3, map.height / 3));
    });
    const whole = scaleFor(map.width, map.height),
      k = Math.min(scaleFor(w, h), limits()[1]);
    const [left, top, right, bottom] = k > whole ? box : [0, 0, map.width, map.height],
      by = Math.max(k, whole);
    return zoomIdentity
      .translate(size[0] / 2 - (by * (left + right)) / 2, size[1] / 2 + 10 - (by * (top + bottom)) / 2)
      .scale(by);
  }
  const fit = () => {
    isFresh = true;
    set(showing([0, 0, map.width, map.height]));
  };
  function show(box) {
    if (!box) return;
    isFresh = false;
    set(showing(box));
  }
  const fitChanges = () => show(around(boxOfPatch));
  /** Bring a box into sight, near enough to be seen. */
  function reveal(box) {
    if (!box) return;
    const [left, top] = toScreen(box),
      [right, bottom] = toScreen([box[2], box[3]]),
      isSeen = left >= 0 && top >= 0 && right <= size[0] && bottom <= size[1];
    if (!isSeen || Math.max(right - left, bottom - top) < 14) show(box);
  }

  /** Badges, rings and names, which keep their size. */
  function overlay(side) {
    const seen = patches
      .map((patch, k) => ({ patch, at: toScreen(patch.at), box: boxOfPatch[k] }))
      .filter(({ at: [x, y] }) => x > 0 && y > 0 && x < size[0] && y < size[1])
      .map((one) => ({ ...one, bounds: [...toScreen(one.box), ...toScreen([one.box[2], one.box[3]])] }));
    const items = seen.slice(0, NUMBERED).map((one) => {
      const [left, top, right, bottom] = one.bounds;
      return {
        ...one,
        colour: colourOf(one.patch),
        size: Math.min(right - left, bottom - top),
        width: Math.max(HEIGHT, widthOf(String(one.patch.number), `700 12px ${FONT}`) + 9),
      };
    });
    const caption = [0, 0, 110, 36],
      placed = placeBadges(items, size[0], size[1], [caption]),
      out = [];
    for (const {
      patch,
      bounds: [left, top, right, bottom],
    } of seen) {
      if (Math.max(right - left, bottom - top) > RING) continue;
      for (const [stroke, width] of [
        ["#ffffff", 4.5],
        [colourOf(patch), 2.2],
      ])
        out.push(
          make("circle", {
            cx: (left + right) / 2,
            cy: (top + bottom) / 2,
            r: RING,
            fill: "none",
            stroke,
            "stroke-width": width,
          }),
        );
    }
    for (const { item, x, y, isBeside } of placed)
      if (isBeside)
        for (const [stroke, width] of [
          ["#ffffff", 4],
          [item.colour, 1.6],
        ])
          out.push(
            make("line", { x1: item.at[0], y1: item.at[1], x2: x, y2: y, stroke, "stroke-width": width }),
            make("circle", { cx: item.at[0], cy: item.at[1], r: width + 0.8, fill: stroke }),
          );
    for (const { item, box } of placed) {
      const g = make("g", { class: "badge-on-map", "data-patch": item.patch.number }),
        number = make("text", {
          x: (box[0] + box[2]) / 2,
          y: (box[1] + box[3]) / 2 + 0.5,
          "font-size": 12,
          "font-weight": 700,
          fill: "#ffffff",
          "text-anchor": "middle",
          "dominant-baseline": "central",
        });
      number.textContent = item.patch.number;
      g.append(
        make("rect", {
          x: box[0],
          y: box[1],
          width: item.width,
          height: HEIGHT,
          rx: HEIGHT / 2,
          fill: item.colour,
          stroke: "#ffffff",
          "stroke-width": 1.2,
        }),
        number,
      );
      out.push(g);
    }
    const taken = [caption, ...placed.map((one) => one.box)];
    for (const one of map.around) {
      if (!one.at || !one.name) continue;
      const [x, y] = toScreen(one.at),
        wide = widthOf(shortened(one.name), `600 12.5px ${FONT}`),
        box = [x - wide / 2 - 4, y - 11, x + wide / 2 + 4, y + 11];
      if (box[0] < 0 || box[2] > size[0] || box[1] < 0 || box[3] > size[1]) continue;
      if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
      taken.push(box);
      const text = make("text", {
        x,
        y,
        "font-size": 12.5,
        "font-weight": 600,
        fill: INK,
        stroke: "#ffffff",
        "stroke-width": 3.5,
        "paint-order": "stroke",
        "text-anchor": "middle",
        "dominant-baseline": "central",
        class: "name-on-map",
      });
      text.textContent = shortened(one.name);
      out.push(text);
    }
    side.over.replaceChildren(...out);
  }

  function draw() {
    if (!size[0]) return;
    const thin = Math.max(0.08, Math.min(0.8, (map.usual * transform.k) / 26));
    for (const fill of fills) fill.setAttribute("patternTransform", `scale(${1 / transform.k})`);
    for (const side of sides) {
      side.world.setAttribute("transform", `translate(${transform.x},${transform.y}) scale(${transform.k})`);
      for (const path of side.zones) path.setAttribute("stroke-width", thin);
      overlay(side);
    }
  }

  /** Light up areas on both maps. */
  function light(rings) {
    const d = pathOf(rings);
    for (const side of sides) {
      side.lit.setAttribute("d", d);
      side.litLine.setAttribute("d", d);
    }
  }

  function resize() {
    const box = sides[0].element.getBoundingClientRect();
    const next = [sides[0].element.clientWidth, sides[0].element.clientHeight];
    const tall = Math.ceil(box.width * (map.height / map.width)) + 56; // no taller than what it shows
    for (const { element } of sides) element.style.maxHeight = `${Math.max(tall, 380)}px`;
    if (!box.width || (next[0] === size[0] && next[1] === size[1])) return;
    size = next;
    behave.extent([[0, 0], size]).scaleExtent(limits());
    for (const { svg } of sides) svg.setAttribute("viewBox", `0 0 ${size[0]} ${size[1]}`);
    if (isFresh) fit();
    else draw();
  }

  const spot = (event, svg) => {
    const box = svg.getBoundingClientRect(),
      x = (event.clientX - box.left - transform.x) / transform.k || 0,
      y = (event.clientY - box.top - transform.y) / transform.k || 0;
    return areaAt(map.areas, boxes, x, y, REACH / transform.k);
  };
  for (const { svg } of sides) {
    svg.addEventListener("pointermove", (event) => {
      if (!event.buttons) onHover(spot(event, svg));
    });
    svg.addEventListener("pointerleave", () => onHover(-1));
    svg.addEventListener("click", (event) => {
      svg.parentElement.focus({ preventScroll: true });
      onPick(spot(event, svg));
    });
  }
  new ResizeObserver(resize).observe(sides[0].element);
  resize();

  return {
    boxes,
    fit,
    fitChanges,
    reveal,
    light,
    zoomBy(factor) {
      isFresh = false;
      const [least, most] = limits(),
        k = Math.max(least, Math.min(most, transform.k * factor)),
        by = k / transform.k,
        [x, y] = [size[0] / 2, size[1] / 2];
      set(zoomIdentity.translate(x - by * (x - transform.x), y - by * (y - transform.y)).scale(k));
    },
    /** Where an area is on a map, pixels of the window. */
    screenOf(part, when = "after") {
      const box = sides[when === "before" ? 0 : 1].svg.getBoundingClientRect(),
        [x, y] = toScreen([(boxes[part][0] + boxes[part][2]) / 2, (boxes[part][1] + boxes[part][3]) / 2]);
      return [x + box.left, y + box.top];
    },
    scale: () => transform.k,
  };
}
