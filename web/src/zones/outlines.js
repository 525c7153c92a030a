// Outlines of the payload: rings as a corner and the steps to the next, which is how SVG draws too.

/** Path of rings, in units of the sheet. */
export const pathOf = (rings) => rings.map(([x, y, ...steps]) => `M${x} ${y}l${steps.join(" ")}z`).join("");

/** Corners of a ring. */
export function cornersOf(ring) {
  const out = [[ring[0], ring[1]]];
  for (let k = 2; k < ring.length; k += 2) out.push([out.at(-1)[0] + ring[k], out.at(-1)[1] + ring[k + 1]]);
  return out;
}

/** Box around rings: left, top, right, bottom; null of none. */
export function boxOf(rings) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings)
    for (const [x, y] of cornersOf(ring)) {
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    }
  return box[0] === Infinity ? null : box;
}

/** One box around several, null of none. */
export const around = (boxes) => {
  const known = boxes.filter(Boolean);
  return known.length
    ? [0, 1, 2, 3].map((side) => known.reduce((best, box) => Math[side < 2 ? "min" : "max"](best, box[side]), known[0][side]))
    : null;
};

/** Whether a point lies inside rings; a hole is outside. */
export function isInside(rings, x, y) {
  let odd = false;
  for (const ring of rings) {
    const corners = cornersOf(ring);
    for (let k = 0, before = corners.length - 1; k < corners.length; before = k++) {
      const [[x0, y0], [x1, y1]] = [corners[before], corners[k]];
      if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) odd = !odd;
    }
  }
  return odd;
}

/** The area under a point, or the nearest within `reach`; -1 of none. */
export function areaAt(areas, boxes, x, y, reach) {
  let near = -1,
    least = reach;
  for (let k = 0; k < boxes.length; k++) {
    const box = boxes[k];
    if (!box) continue;
    const off = Math.hypot(Math.max(box[0] - x, 0, x - box[2]), Math.max(box[1] - y, 0, y - box[3]));
    if (off === 0 && isInside(areas[k], x, y)) return k;
    const small = Math.max(box[2] - box[0], box[3] - box[1]) < reach; // what is too small to be hit is hit beside it
    if (small && off < least) [near, least] = [k, off];
  }
  return near;
}

/** The next area from one in a direction (radians); -1 of none. */
export function nextArea(boxes, from, toward) {
  const middle = (box) => [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2],
    [x, y] = middle(boxes[from]);
  let best = -1,
    least = Infinity;
  boxes.forEach((box, k) => {
    if (!box || k === from) return;
    const [bx, by] = middle(box),
      off = Math.atan2(by - y, bx - x) - toward,
      turn = Math.abs(Math.atan2(Math.sin(off), Math.cos(off)));
    if (turn > Math.PI / 3 || (bx === x && by === y)) return;
    const cost = Math.hypot(bx - x, by - y) * (1 + 2 * turn);
    if (cost < least) [best, least] = [k, cost];
  });
  return best;
}
