// Itineraries: a lane of stays for each chosen person, infectious periods shaded, gaps hatched.

import { ACCENT, FAINT, INK, SOFT, stayColour } from "../looks.js";
import { personsOf } from "../groups.js";
import { isPerson, isPlace, numberOf, personKey, placeKey } from "../names.js";
import { clip } from "../labels.js";
import { measure } from "../pens.js";
import { t } from "../words.js";
import { lookOf, paintNode } from "./nodes.js";
import { paintGrid, STRIP } from "./axis.js";

const LANE = 40,
  BAR = 20,
  LEFT = 190,
  MOST = 40,
  SCALE = 0.1; // pixels; a minute at scale one

const NAME = { size: 12.5, weight: 550 };
/** Text that fits beside its lane. */
function shortened(text) {
  const signs = [...text.slice(0, 60)];
  while (signs.length && measure(`${signs.join("")}…`, NAME) > LEFT - 40) signs.pop();
  return text.length <= 60 && measure(text, NAME) <= LEFT - 40 ? text : `${signs.join("")}…`;
}

/** Whose days are shown: the lanes that were asked for, else the cases. */
export function whose(trace, state, shown) {
  const cases = () => [...trace.persons.tier.keys()].filter((p) => trace.persons.tier[p] === 0 && shown.person[p]);
  const all = state.lanes || cases();
  return { persons: all.slice(0, MOST), left: Math.max(0, all.length - MOST), isChoice: Boolean(state.lanes) };
}

/** Lanes for some keys: the persons, whoever was at a place, the members of a group; null of none. */
export function lanesOf(trace, keys) {
  const there = (key) => (isPlace(key) ? [...trace.staysAt(numberOf(key))].map((row) => trace.stays.person[row]) : []);
  const all = new Set(keys.flatMap((key) => [...personsOf(trace, key), ...there(key)]));
  return all.size ? [...all] : null;
}

/** Stretches between the first and last known moment in which no stay lies. */
export function gapsOf(spans) {
  const gaps = [];
  let end = -Infinity;
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    if (from > end && end > -Infinity) gaps.push([end, from]);
    end = Math.max(end, to);
  }
  return gaps;
}

/** Rows for bars that overlap in time: two places at once stand one below the other. */
export function stack(spans) {
  const ends = [];
  return spans.map(([from, to]) => {
    let level = ends.findIndex((end) => end <= from);
    if (level < 0) level = ends.length;
    ends[level] = to;
    return level;
  });
}

export function createItineraries(trace, names) {
  const { stays, windows, exposures, places } = trace,
    [first] = trace.bounds;
  const minuteAt = (px) => first + px / SCALE,
    pixel = (minute) => (minute - first) * SCALE;
  const end = (value) => (Number.isNaN(value) ? trace.as_of : value);

  return (state, shown) => {
    const lanes = whose(trace, state, shown).persons.map((p, k) => {
      const rows = [...trace.staysOf(p)].sort((a, b) => stays.start[a] - stays.start[b]);
      const spans = rows.map((row) => [stays.start[row], end(stays.end[row])]);
      const levels = stack(spans),
        deep = Math.max(1, ...levels.map((level) => level + 1));
      const periods = [...trace.windowsOf(p)].map((row) => [windows.start[row], Math.min(end(windows.end[row]), trace.as_of)]);
      return {
        p,
        y: k * LANE,
        rows,
        spans,
        levels,
        deep,
        periods,
        gaps: gapsOf([
          ...spans,
          ...periods.flatMap(([a, b]) => [
            [a, a],
            [b, b],
          ]),
        ]),
      };
    });
    const known = lanes.flatMap((lane) => [...lane.spans, ...lane.periods]),
      at = new Map(lanes.map((lane) => [lane.p, lane]));
    const [from, until] = known.length
      ? [Math.min(...known.map(([a]) => a)), Math.max(...known.map(([, b]) => b))]
      : trace.bounds;
    const to = Math.max(until, Math.min(trace.as_of, until + 0.15 * (until - from))); // now, if it is near
    const meetings = lanes.flatMap((lane) =>
      [...trace.exposedBy(lane.p)].filter((row) => at.has(exposures.source[row]) && shown.exposure[row]),
    );
    const box = (lane, k, view) => {
      const height = BAR / lane.deep,
        from = view.x(pixel(lane.spans[k][0])),
        to = view.x(pixel(lane.spans[k][1]));
      return [
        Math.max(from, LEFT),
        view.y(lane.y) - BAR / 2 + lane.levels[k] * height,
        Math.min(to, view.width) - Math.max(from, LEFT),
        height,
      ];
    };

    function paintLane(pen, view, lane, focus) {
      const y = view.y(lane.y);
      const clamp = (minute) => Math.min(view.width, Math.max(LEFT, view.x(pixel(minute))));
      for (const [from, to] of lane.periods)
        pen.rect(clamp(from), y - LANE / 2 + 2, clamp(to) - clamp(from), LANE - 4, { fill: "#FBE3D3" });
      for (const [from, to] of lane.gaps)
        if (clamp(to) - clamp(from) > 2) pen.hatch(clamp(from), y - BAR / 2, clamp(to) - clamp(from), BAR, "#B9C0CA");
      if (!lane.rows.length)
        pen.text(t(trace.stays_of[lane.p] ? "no-stays" : "stays-not-kept"), LEFT + 12, y, {
          size: 12,
          align: "left",
          colour: SOFT,
          halo: "#ffffff",
        });
      lane.rows.forEach((row, k) => {
        const [x, top, w, h] = box(lane, k, view),
          place = stays.place[row];
        if (w <= 0) return;
        const kind = place >= 0 && places.kind[place] >= 0 ? trace.kinds[places.kind[place]] : "";
        const isLit = place >= 0 && focus.keys.includes(placeKey(place));
        pen.rect(x, top, Math.max(w, 1), h, {
          fill: place < 0 ? "#ffffff" : stayColour(kind, places.home[place]),
          stroke: isLit ? ACCENT : "#8894a3",
          width: isLit ? 3 : 0.8,
          dash: stays.imputed[row] ? [3, 2] : [],
        });
        const text = place < 0 ? "" : clip(names.place(place));
        if (h >= 14 && w > measure(text, { size: 11.5 }) + 8) pen.text(text, x + w / 2, top + h / 2, { size: 11.5, colour: INK });
      });
    }
    function paintMeetings(pen, view) {
      for (const row of meetings) {
        const [a, b] = [at.get(exposures.source[row]), at.get(exposures.contact[row])],
          from = view.x(pixel(exposures.start[row])),
          to = view.x(pixel(end(exposures.end[row])));
        if (to < LEFT || from > view.width) continue;
        const style = { stroke: "#9A3412", width: 2, dash: exposures.certain[row] ? [] : [4, 3] },
          x0 = Math.max(from, LEFT);
        for (const lane of [a, b]) pen.lines([x0, view.y(lane.y) + BAR / 2 + 2, to, view.y(lane.y) + BAR / 2 + 2], style);
        pen.lines([x0, view.y(a.y) + BAR / 2 + 2, x0, view.y(b.y) + (a.y < b.y ? -1 : 1) * (BAR / 2 + 2)], {
          ...style,
          width: 1,
        });
      }
    }
    function paint(pen, view, focus) {
      const finish = paintGrid(pen, trace, view, minuteAt, LEFT);
      pen.clip(LEFT, STRIP, view.width - LEFT, view.height - STRIP, () => {
        for (const lane of lanes) paintLane(pen, view, lane, focus);
        paintMeetings(pen, view);
        const now = view.x(pixel(trace.as_of));
        pen.lines([now, STRIP, now, view.height], { stroke: SOFT, width: 1.5, dash: [5, 4] });
      });
      pen.rect(0, STRIP, LEFT, view.height, { fill: "#fdfdfe" });
      pen.lines([LEFT, STRIP, LEFT, view.height], { stroke: FAINT, width: 1 });
      pen.clip(0, STRIP, LEFT - 4, view.height - STRIP, () => {
        for (const lane of lanes) {
          const y = view.y(lane.y),
            key = personKey(lane.p);
          if (focus.hovered === key || focus.keys.includes(key))
            pen.rect(0, y - LANE / 2, LEFT, LANE, { fill: focus.keys.includes(key) ? "#FDE9BF" : "#eef3f8" });
          paintNode(pen, lookOf(trace, key), 18, y, 7);
          pen.text(shortened(names.person(lane.p)), 32, y, { ...NAME, align: "left", colour: INK });
        }
      });
      finish();
    }
    function pick(px, py, view) {
      const lane = lanes.find(({ y }) => Math.abs(view.y(y) - py) <= LANE / 2);
      if (!lane || py < STRIP) return null;
      const k =
        px < LEFT
          ? -1
          : lane.rows.findIndex((row, i) => {
              const [x, top, w, h] = box(lane, i, view);
              return px >= x - 1 && px <= x + Math.max(w, 2) + 1 && py >= top - 2 && py <= top + h + 2;
            });
      return k >= 0 && stays.place[lane.rows[k]] >= 0 ? placeKey(stays.place[lane.rows[k]]) : personKey(lane.p);
    }
    return {
      bounds: [pixel(from), -LANE / 2, pixel(to), Math.max(1, lanes.length) * LANE],
      zoomY: false,
      fitWidth: true,
      fitted: 20,
      limits: [0.002, 60],
      top: STRIP,
      left: LEFT,
      refit: true,
      keys: lanes.map((lane) => personKey(lane.p)),
      position: (key) => {
        const lane = at.get(numberOf(key));
        return isPerson(key) && lane ? [NaN, lane.y] : null;
      },
      linked: () => [],
      paint,
      pick,
      labels: () => [],
      lanes,
    };
  };
}
