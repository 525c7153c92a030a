// The canvas: zoom, drag, picking, and one painting a frame. It knows scenes, not traces.

import { select } from "d3-selection";
import { zoom, zoomIdentity } from "d3-zoom";
import { canvasPen } from "./pens.js";

const MARGIN = 26,
  REACH = 9; // pixels around a node that still hit it

/** A stage in an element. A scene has `bounds`, `limits`, `fitted`, `paint(pen, view)`,
 * `pick(x, y, view, reach)`, and may have `zoomY`, `fitWidth`, `refit`, `top` and `left`. */
export function createStage(element, { covers, onPick, onOpen, onHover }) {
  const canvas = element.ownerDocument.createElement("canvas");
  element.append(canvas);
  const ctx = canvas.getContext("2d"),
    kept = new Map();
  const stage = { canvas, painted: 0, scene: null, width: 0, height: 0, covered: [] };
  let waiting = false,
    transform = zoomIdentity,
    name = null,
    isFresh = true,
    isSetting = false;

  const view = () => ({
    k: transform.k,
    width: stage.width,
    height: stage.height,
    covered: stage.covered,
    x: (x) => x * transform.k + transform.x,
    y: (y) => (stage.scene.zoomY ? y * transform.k + transform.y : y + transform.y),
    fromX: (px) => (px - transform.x) / transform.k,
    fromY: (py) => (stage.scene.zoomY ? (py - transform.y) / transform.k : py - transform.y),
  });
  const behave = zoom()
    .clickDistance(5)
    .on("zoom", (event) => {
      const { x, k } = event.transform;
      // a view that zooms along time alone keeps its rows where they are
      if (!stage.scene.zoomY && k !== transform.k && !isSetting) canvas.__zoom = zoomIdentity.translate(x, transform.y).scale(k);
      transform = canvas.__zoom;
      if (event.sourceEvent) isFresh = false;
      stage.ask();
    })
    .wheelDelta(
      (event) => -event.deltaY * (event.deltaMode === 1 ? 0.05 : event.deltaMode ? 1 : 0.002) * (event.ctrlKey ? 6 : 1),
    );
  const holder = select(canvas).call(behave).on("dblclick.zoom", null);

  stage.ask = () => {
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(paint);
    }
  };
  function paint() {
    waiting = false;
    if (!stage.scene || !stage.width) return;
    const dots = canvas.width / stage.width;
    ctx.setTransform(dots, 0, 0, dots, 0, 0);
    ctx.clearRect(0, 0, stage.width, stage.height);
    stage.scene.paint(canvasPen(ctx), view());
    stage.painted++;
  }
  stage.view = view;

  /** The zoom that shows everything, or the width of what is read from the top. */
  function whole() {
    const {
      bounds: [x0, y0, x1, y1],
      top = 0,
      left = 0,
      zoomY,
      fitWidth,
      fitted,
      limits: [least],
    } = stage.scene;
    const across = (stage.width - 2 * MARGIN - left) / Math.max(x1 - x0, 1e-6),
      down = (stage.height - 2 * MARGIN - top) / Math.max(y1 - y0, 1e-6);
    const k = Math.min(fitted, Math.max(least, fitWidth ? across : Math.min(across, down))),
      ky = zoomY ? k : 1;
    const isTall = ky * (y1 - y0) > stage.height - 2 * MARGIN - top;
    const x = fitWidth ? MARGIN + left - k * x0 : (stage.width + left - k * (x0 + x1)) / 2;
    const y = fitWidth || isTall ? MARGIN + top - ky * y0 : (stage.height + top - ky * (y0 + y1)) / 2;
    return zoomIdentity.translate(x, y).scale(k);
  }
  const set = (to) => {
    isSetting = true;
    holder.call(behave.transform, to);
    isSetting = false;
  };
  stage.fit = () => {
    isFresh = true;
    set(whole());
  };
  stage.zoomBy = (factor) => {
    isFresh = false;
    holder.call(behave.scaleBy, factor);
  };
  /** Bring a point into the middle, unless it is well in sight. */
  stage.reveal = ([x, y]) => {
    const at = view(),
      px = Number.isNaN(x) ? stage.width / 2 : at.x(x),
      py = at.y(y),
      room = 60; // NaN: wherever
    if (px > room && py > room && px < stage.width - room && py < stage.height - room) return;
    isFresh = false;
    set(zoomIdentity.translate(transform.x + stage.width / 2 - px, transform.y + stage.height / 2 - py).scale(transform.k));
  };
  /** Show a scene; each name keeps its own zoom. */
  stage.show = (scene, called) => {
    const isOther = called !== name;
    if (isOther && name) kept.set(name, [transform, isFresh]);
    stage.scene = scene;
    name = called;
    behave.scaleExtent(scene.limits);
    if (isOther) {
      const [before, fresh] = kept.get(called) || [null, true];
      isFresh = fresh;
      set(before && !fresh ? before : whole());
    } else if (isFresh && scene.refit) set(whole());
    stage.ask();
  };
  stage.resize = () => {
    const box = element.getBoundingClientRect();
    if (!box.width || (box.width === stage.width && box.height === stage.height)) return;
    [stage.width, stage.height] = [box.width, box.height];
    const dots = Math.min(globalThis.devicePixelRatio || 1, 2);
    [canvas.width, canvas.height] = [Math.round(box.width * dots), Math.round(box.height * dots)];
    behave.extent([
      [0, 0],
      [box.width, box.height],
    ]);
    stage.covered = covers
      .map((cover) => cover.getBoundingClientRect())
      .map((over) => [over.left - box.left, over.top - box.top, over.right - box.left, over.bottom - box.top]);
    if (stage.scene && isFresh) set(whole());
    paint();
  };
  const spot = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener("click", (event) => onPick(stage.scene.pick(...spot(event), view(), REACH), event));
  canvas.addEventListener("dblclick", (event) => onOpen(stage.scene.pick(...spot(event), view(), REACH)));
  canvas.addEventListener("pointermove", (event) => {
    if (!event.buttons) onHover(stage.scene.pick(...spot(event), view(), REACH));
  });
  canvas.addEventListener("pointerleave", () => onHover(null));
  new ResizeObserver(stage.resize).observe(element);
  stage.resize();
  return stage;
}
