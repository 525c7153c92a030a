// Two pens that draw the same: one on a canvas, one as SVG. Coordinates are pixels of the picture.

import { corners, FONT } from "./looks.js";

const fontOf = ({ size = 12.5, weight = 450 }) => `${weight} ${size}px ${FONT}`;
const ruler = globalThis.document ? document.createElement("canvas").getContext("2d") : null;
const widths = new Map();

/** Width of a text in pixels. */
export function measure(text, style) {
  const font = fontOf(style),
    key = font + text;
  if (!widths.has(key)) {
    ruler.font = font;
    widths.set(key, ruler.measureText(text).width);
  }
  return widths.get(key);
}

export function canvasPen(ctx) {
  const finish = ({ fill, stroke, width = 1, dash = [] }) => {
    if (fill) {
      ctx.fillStyle = fill;
      ctx.fill();
    }
    if (stroke) {
      ctx.strokeStyle = stroke;
      ctx.lineWidth = width;
      ctx.setLineDash(dash);
      ctx.stroke();
    }
  };
  return {
    /** Straight lines, four numbers each. */
    lines(at, style) {
      ctx.beginPath();
      for (let k = 0; k < at.length; k += 4) {
        ctx.moveTo(at[k], at[k + 1]);
        ctx.lineTo(at[k + 2], at[k + 3]);
      }
      finish(style);
    },
    shape(shape, x, y, r, style) {
      const points = corners(shape);
      ctx.beginPath();
      if (points) {
        for (const [px, py] of points) ctx.lineTo(x + px * r, y + py * r);
        ctx.closePath();
      } else ctx.arc(x, y, r, 0, 2 * Math.PI);
      finish(style);
    },
    rect(x, y, w, h, style) {
      ctx.beginPath();
      ctx.rect(x, y, w, h);
      finish(style);
    },
    hatch(x, y, w, h, stroke) {
      ctx.save();
      ctx.beginPath();
      ctx.rect(x, y, w, h);
      ctx.clip();
      this.lines(hatching(x, y, w, h), { stroke, width: 1 });
      ctx.restore();
    },
    text(text, x, y, style) {
      ctx.font = fontOf(style);
      ctx.textAlign = style.align || "center";
      ctx.textBaseline = "middle";
      if (style.halo) {
        ctx.setLineDash([]);
        ctx.lineJoin = "round";
        ctx.lineWidth = 4;
        ctx.strokeStyle = style.halo;
        ctx.strokeText(text, x, y);
      }
      ctx.fillStyle = style.colour;
      ctx.fillText(text, x, y);
    },
    clip(x, y, w, h, draw) {
      ctx.save();
      ctx.beginPath();
      ctx.rect(x, y, w, h);
      ctx.clip();
      draw();
      ctx.restore();
    },
  };
}

function hatching(x, y, w, h) {
  const out = [],
    gap = 7,
    right = Math.min(w, 6000);
  for (let k = -h + (gap - ((x - h) % gap)); k < right; k += gap) out.push(x + k, y + h, x + k + h, y);
  return out;
}

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escape = (text) => String(text).replace(/[&<>"']/g, (sign) => escapes[sign]);
const short = (value) => Number(value.toFixed(2));

export function svgPen(width, height, background) {
  const parts = [];
  let clips = 0;
  const paint = ({ fill, stroke, width: thick = 1, dash }) =>
    ` fill="${fill || "none"}"${stroke ? ` stroke="${stroke}" stroke-width="${thick}"` : ""}${dash?.length ? ` stroke-dasharray="${dash.join(" ")}"` : ""}`;
  const put = (text) => parts.push(text);
  return {
    lines(at, style) {
      let path = "";
      for (let k = 0; k < at.length; k += 4)
        path += `M${short(at[k])} ${short(at[k + 1])}L${short(at[k + 2])} ${short(at[k + 3])}`;
      if (path) put(`<path d="${path}"${paint(style)}/>`);
    },
    shape(shape, x, y, r, style) {
      const points = corners(shape);
      put(
        points
          ? `<polygon points="${points.map(([px, py]) => `${short(x + px * r)},${short(y + py * r)}`).join(" ")}"${paint(style)}/>`
          : `<circle cx="${short(x)}" cy="${short(y)}" r="${short(r)}"${paint(style)}/>`,
      );
    },
    rect(x, y, w, h, style) {
      put(`<rect x="${short(x)}" y="${short(y)}" width="${short(w)}" height="${short(h)}"${paint(style)}/>`);
    },
    hatch(x, y, w, h, stroke) {
      this.clip(x, y, w, h, () => this.lines(hatching(x, y, w, h), { stroke, width: 1 }));
    },
    text(text, x, y, style) {
      const anchor = { center: "middle", left: "start", right: "end" }[style.align || "center"];
      const halo = style.halo ? ` stroke="${style.halo}" stroke-width="4" stroke-linejoin="round" paint-order="stroke"` : "";
      put(
        `<text x="${short(x)}" y="${short(y)}" text-anchor="${anchor}" dominant-baseline="central" font-size="${style.size || 12.5}" font-weight="${style.weight || 450}" fill="${style.colour}"${halo}>${escape(text)}</text>`,
      );
    },
    clip(x, y, w, h, draw) {
      const id = `c${clips++}`;
      put(
        `<clipPath id="${id}"><rect x="${short(x)}" y="${short(y)}" width="${short(w)}" height="${short(h)}"/></clipPath><g clip-path="url(#${id})">`,
      );
      draw();
      put("</g>");
    },
    /** The document. */
    finish: () =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${escape(FONT)}">` +
      `<rect width="100%" height="100%" fill="${background}"/>${parts.join("")}</svg>\n`,
  };
}
