// Elements. Text of the data reaches the page through text nodes alone.

import { corners } from "./looks.js";

export const $ = (id) => document.getElementById(id);

/** Element with attributes, listeners ("onclick") and children. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== "" && child !== false));
  return element;
}

/** Picture of a shape beside a word. */
export function swatch({ shape, colour, isHollow }) {
  const make = (tag, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const open = isHollow || shape === "ring",
    points = corners(shape);
  const style = { fill: open ? "#ffffff" : colour, stroke: colour, "stroke-width": open ? 2.4 : 1 };
  const out = make("svg", {
    class: "swatch",
    viewBox: "-10 -10 20 20",
    width: 18,
    height: 18,
    "aria-hidden": "true",
    focusable: "false",
  });
  out.append(
    points
      ? make("polygon", { points: points.map(([x, y]) => `${x * 7.5},${y * 7.5}`).join(" "), ...style })
      : make("circle", { r: 7.5, ...style }),
  );
  return out;
}

/** A text that a user's table gave: its direction does not run into its neighbours. */
export const given = (text) => h("bdi", null, text);

/** Offer bytes as a file. */
export function download(name, type, content) {
  const link = h("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
