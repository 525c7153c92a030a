// Nodes as all views draw and pick them.

import { quadtree } from "d3-quadtree";
import { tierOf } from "../groups.js";
import { placeLook, tierLook } from "../looks.js";
import { isGroup, isPerson, numberOf } from "../names.js";

/** Look of the node of a key. */
export function lookOf(trace, key) {
  const number = numberOf(key);
  if (isPerson(key)) return { ...tierLook(trace, trace.persons.tier[number]), isHollow: !trace.persons.certain[number] };
  return isGroup(key)
    ? { ...tierLook(trace, tierOf(trace, key)), shape: "dot", isPale: true }
    : placeLook(trace.places.home[number]);
}

export function paintNode(pen, look, x, y, r) {
  const fill = look.isHollow || look.shape === "ring" ? "#ffffff" : look.isPale ? `${look.colour}40` : look.colour;
  if (look.isPale || look.isHollow) pen.shape(look.shape, x, y, r, { fill: "#ffffff" });
  pen.shape(look.shape, x, y, r, {
    fill,
    stroke: look.colour,
    width: look.isHollow || look.isPale || look.shape === "ring" ? 2.4 : 1,
  });
}

/** Finds the node `{key, x, y, r}` at a point; the smallest gap to its edge wins. */
export function createPicker(nodes) {
  const tree = quadtree(
    nodes,
    (node) => node.x,
    (node) => node.y,
  );
  const widest = nodes.reduce((most, node) => Math.max(most, node.r), 0);
  return (x, y, reach) => {
    let best = null,
      least = reach;
    tree.visit((part, x0, y0, x1, y1) => {
      for (let leaf = part.length ? null : part; leaf; leaf = leaf.next) {
        const gap = Math.hypot(leaf.data.x - x, leaf.data.y - y) - leaf.data.r;
        if (gap < least) {
          least = gap;
          best = leaf.data.key;
        }
      }
      const far = widest + reach;
      return x0 > x + far || x1 < x - far || y0 > y + far || y1 < y - far;
    });
    return best;
  };
}

export const boundsOf = (nodes) =>
  nodes.reduce(
    ([x0, y0, x1, y1], { x, y, r }) => [Math.min(x0, x - r), Math.min(y0, y - r), Math.max(x1, x + r), Math.max(y1, y + r)],
    [Infinity, Infinity, -Infinity, -Infinity],
  );
