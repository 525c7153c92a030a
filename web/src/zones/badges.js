// Where the numbers of changes stand beside small areas: no two on each other, none off the map.

export const HEIGHT = 21;
const DIRECTIONS = 16,
  REACHES = [24, 36, 52, 72, 96, 128],
  ROOM = 64; // pixels of an area that holds its own badge

const meet = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
const boxAt = (x, y, width) => [x - width / 2, y - HEIGHT / 2, x + width / 2, y + HEIGHT / 2];
const holds = (box, [x, y]) => x > box[0] - 3 && x < box[2] + 3 && y > box[1] - 3 && y < box[3] + 3;

/** Place badges of `items` ({at, size, width, bounds}, pixels, the most important first).
 * Returns [{item, x, y, box, isBeside}]; what finds no room is left out. `size` is the area's shorter
 * side. */
export function placeBadges(items, width, height, taken = []) {
  const boxes = [...taken],
    out = [],
    middle = [0, 1].map((axis) => items.reduce((sum, item) => sum + item.at[axis], 0) / Math.max(items.length, 1));
  const isFree = (box) =>
    box[0] >= 3 && box[1] >= 3 && box[2] <= width - 3 && box[3] <= height - 3 && !boxes.some((other) => meet(box, other));
  for (const item of items) {
    const [x, y] = item.at,
      away = Math.atan2(y - middle[1], x - middle[0]) || 0;
    const inside = item.size > ROOM && item.width < item.size - 8 ? [[x, y]] : [],
      beside = [];
    for (const reach of REACHES)
      for (let k = 0; k < DIRECTIONS; k++) {
        const turn = away + (Math.ceil(k / 2) * (k % 2 ? 1 : -1) * 2 * Math.PI) / DIRECTIONS;
        beside.push([x + (reach + item.width / 2 - HEIGHT / 2) * Math.cos(turn), y + reach * Math.sin(turn)]);
      }
    const hidesPoint = (box) => items.some((other) => holds(box, other.at)),
      hides = (box) => hidesPoint(box) || items.some((other) => other.size < ROOM && meet(box, other.bounds));
    const free = (spots, isBad) => spots.find((at) => isFree(boxAt(...at, item.width)) && !isBad(boxAt(...at, item.width)));
    const at = free(inside, () => false) || free(beside, hides) || free(beside, hidesPoint);
    if (!at) continue;
    const box = boxAt(...at, item.width);
    boxes.push(box);
    out.push({ item, x: at[0], y: at[1], box, isBeside: at !== inside[0] });
  }
  return out;
}
