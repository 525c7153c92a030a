// The picture as a file or on paper: PNG and SVG with a legend, painted by the same scene.

import { $, download } from "./dom.js";
import { INK, SOFT, tierLook, placeLook } from "./looks.js";
import { canvasPen, measure, svgPen } from "./pens.js";
import { paintNode } from "./views/nodes.js";
import { t } from "./words.js";

const FOOT = 72,
  DOTS = 2;

function paintFoot(pen, trace, names, stage, shown) {
  const y = stage.height + 16,
    entries = [
      ...trace.tiers.map((_, k) => [tierLook(trace, k), names.tiers(k, shown.counts[k]), shown.counts[k]]).filter(([, , n]) => n),
      [placeLook(0), t("places")],
      [placeLook(1), t("homes")],
    ];
  let x = 18;
  for (const [look, word, n] of entries) {
    const text = n === undefined ? word : `${n} ${word}`;
    paintNode(pen, look, x, y, 6.5);
    pen.text(text, x + 14, y, { size: 12.5, align: "left", colour: INK });
    x += 34 + measure(text, { size: 12.5 });
  }
  const told = [trace.title, trace.protocol.title, t("as-of", { date: trace.as_of_text }), `tracegraph ${trace.version}`],
    style = { size: 11.5 };
  x = 12;
  let line = y + 24;
  for (const [k, part] of told.entries()) {
    // as many to a line as fit
    const text = k ? `· ${part}` : part,
      w = measure(text, style);
    if (x > 12 && x + w > stage.width - 12) [x, line] = [12, line + 17];
    pen.text(text, x, line, { ...style, align: "left", colour: SOFT });
    x += w + 6;
  }
}

export function createPictures(trace, names, stage, { focus, shown }) {
  const whole = (pen) => {
    pen.clip(0, 0, stage.width, stage.height, () => stage.scene.paint(pen, stage.view(), focus()));
    paintFoot(pen, trace, names, stage, shown());
  };
  function onCanvas() {
    const canvas = document.createElement("canvas"),
      ctx = canvas.getContext("2d");
    [canvas.width, canvas.height] = [stage.width * DOTS, (stage.height + FOOT) * DOTS];
    ctx.scale(DOTS, DOTS);
    ctx.fillStyle = "#ffffff";
    ctx.fillRect(0, 0, stage.width, stage.height + FOOT);
    whole(canvasPen(ctx));
    return canvas;
  }
  const svg = () => {
    const pen = svgPen(stage.width, stage.height + FOOT, "#ffffff");
    whole(pen);
    return pen.finish();
  };
  $("png").addEventListener("click", () => onCanvas().toBlob((blob) => download("map.png", "image/png", blob)));
  $("svg").addEventListener("click", () => download("map.svg", "image/svg+xml", svg()));
  return { onCanvas };
}
