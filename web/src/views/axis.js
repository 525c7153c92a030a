// A strip of dates along the top of a view.

import { FAINT, INK, PAPER, SOFT } from "../looks.js";
import { DAY, day, elapsed, wall } from "../moments.js";

export const STRIP = 30;
const STEPS = [60, 180, 360, 720, DAY, 2 * DAY, 3 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 91 * DAY, 364 * DAY];

/** Ticks `{minute, text}` at least `room` pixels apart, for minutes from `first` to `last`. */
export function ticks(trace, first, last, pixelsPerMinute, room = 66) {
  const step = STEPS.find((length) => length * pixelsPerMinute >= room) || STEPS.at(-1),
    out = [];
  for (let shown = Math.ceil(wall(trace, first) / step) * step; shown <= wall(trace, last); shown += step) {
    const minute = elapsed(trace, shown),
      hour = (((shown % DAY) + DAY) % DAY) / 60;
    out.push({ minute, isDay: hour === 0, text: hour ? `${String(hour).padStart(2, "0")}:00` : day(trace, minute) });
  }
  return out;
}

/** Lines of days behind everything. */
export function paintGrid(pen, trace, view, minuteAt, left = 0) {
  const first = minuteAt(view.fromX(left)),
    last = minuteAt(view.fromX(view.width)),
    scale = (view.width - left) / Math.max(last - first, 1e-9);
  const at = (minute) => left + (minute - first) * scale,
    marks = ticks(trace, first, last, scale);
  pen.lines(
    marks.flatMap(({ minute }) => [at(minute), STRIP, at(minute), view.height]),
    { stroke: FAINT, width: 1 },
  );
  return () => {
    pen.rect(0, 0, view.width, STRIP, { fill: PAPER });
    pen.lines([0, STRIP, view.width, STRIP], { stroke: FAINT, width: 1 });
    let year = null; // told once, and when it changes
    for (const { minute, text, isDay } of marks) {
      if (at(minute) < left + 20 || at(minute) > view.width - 20) continue;
      const told = isDay && text.slice(0, 4) === year ? text.slice(5) : text;
      pen.text(told, Math.max(at(minute), left + 40), STRIP / 2, {
        size: 12,
        weight: isDay ? 600 : 400,
        colour: isDay ? INK : SOFT,
      });
      if (isDay) year = text.slice(0, 4);
    }
  };
}
