// Which labels are drawn, and where: the important first, none over another label or a node that matters.

import { INK } from "./looks.js";
import { measure } from "./pens.js";

const CELL = 90;

/** Boxes that are taken, found by cells of a grid. A box is [left, top, right, bottom, owner, isLoud]. */
export function createRoom() {
  const cells = new Map();
  const within = (box, use) => {
    for (let i = Math.floor(box[0] / CELL); i <= Math.floor(box[2] / CELL); i++)
      for (let j = Math.floor(box[1] / CELL); j <= Math.floor(box[3] / CELL); j++) if (use(i * 100003 + j)) return true;
    return false;
  };
  return {
    take(box) {
      within(box, (cell) => {
        if (!cells.has(cell)) cells.set(cell, []);
        cells.get(cell).push(box);
      });
    },
    /** Whether a box meets what is taken by others; `overNodes` forgives quiet nodes. */
    isTaken: (box, owner, overNodes) =>
      within(box, (cell) =>
        (cells.get(cell) || []).some(
          (other) =>
            other[4] !== owner &&
            !(overNodes && other[4] !== null && !other[5]) &&
            other[0] < box[2] &&
            box[0] < other[2] &&
            other[1] < box[3] &&
            box[1] < other[3],
        ),
      ),
  };
}

export const clip = (text) => {
  const signs = [...text.slice(0, 80)];
  return signs.length > 34 ? `${signs.slice(0, 32).join("")}…` : text;
};

/** Labels of spots `{key, x, y, r, rank, text, least, isHub, inside}`, most important first.
 *
 * Rank 0 is in focus, 1 a case; `least` is the scale at which a spot may speak, `text` a function. */
export function placeLabels(spots, { k: scale, width, height, covered }, top = 0) {
  const room = createRoom(),
    out = [];
  for (const box of covered) room.take([...box, null, true]);
  const near = spots.filter((s) => s.x > -80 && s.y > -20 && s.x < width + 80 && s.y < height + 20);
  for (const s of near)
    room.take([s.x - s.r, s.y - s.r, s.x + s.r, s.y + s.r, s.key, s.rank === 0 || (s.rank === 1 && !s.isQuiet)]);
  for (const s of near.sort((a, b) => a.rank - b.rank || b.r - a.r)) {
    if (scale < s.least) continue;
    const style = { size: s.rank <= 1 ? 14 : 12.5, weight: s.rank <= 1 ? 650 : 450 };
    const text = clip(s.text()),
      w = measure(text, style),
      h = style.size + 3;
    const isInside = s.inside && w <= 2 * s.r,
      ways = isInside
        ? [[0, 0]]
        : s.isBeside
          ? [[s.r + w / 2 + 3, 0]]
          : [
              [0, s.r + h / 2 + 2],
              [0, -s.r - h / 2 - 2],
              [s.r + w / 2 + 5, 0],
              [-s.r - w / 2 - 5, 0],
            ];
    const boxes = ways
      .map(([dx, dy]) => [s.x + dx - w / 2 - 2, s.y + dy - h / 2, s.x + dx + w / 2 + 2, s.y + dy + h / 2, null])
      .filter((box) => box[0] >= 0 && box[1] >= top && box[2] <= width && box[3] <= height); // half a name is none
    let pick = boxes.findIndex((box) => !room.isTaken(box, s.key));
    // a hub is ringed by nodes: its name, and a case's, may cover some, but no case and no other name
    if (pick < 0 && (s.isHub || s.rank === 0 || (s.rank === 1 && !s.isQuiet)))
      pick = boxes.findIndex((box) => !room.isTaken(box, s.key, true));
    if (pick < 0) continue;
    const box = boxes[pick];
    room.take(box);
    out.push({ key: s.key, text, x: (box[0] + box[2]) / 2, y: (box[1] + box[3]) / 2, box, style, inside: isInside });
  }
  return out;
}

/** Draw placed labels; a halo parts them from what is beneath. */
export function paintLabels(pen, labels) {
  for (const { text, x, y, style, inside } of labels)
    pen.text(text, x, y, { ...style, colour: INK, halo: inside ? null : "rgba(255,255,255,0.92)" });
}
