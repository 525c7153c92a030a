// The slider that plays the outbreak: what had happened by a moment.

import { $ } from "./dom.js";
import { stamp } from "./moments.js";
import { t } from "./words.js";

const STEP = 360,
  PAUSE = 180; // minutes of the outbreak, milliseconds of ours

export function createClock(trace, { filter, get }) {
  const slider = $("now"),
    [first, last] = [trace.bounds[0], trace.as_of];
  [slider.min, slider.max, slider.step] = [first, first + Math.ceil((last - first) / 60) * 60, 60];
  let ticking = null,
    isDragging = false;
  const stop = () => {
    clearInterval(ticking);
    ticking = null;
    label();
  };
  function label() {
    $("play").textContent = ticking ? "❚❚" : "▶";
    $("play").setAttribute("aria-label", t(ticking ? "pause" : "play"));
  }
  const move = (minute, step) => filter(() => ({ now: minute >= last ? null : minute }), { step });
  $("play").addEventListener("click", () => {
    if (ticking) return stop();
    const now = get().filters.now;
    move(now === null ? first : now, true);
    ticking = setInterval(() => {
      const next = (get().filters.now ?? last) + STEP;
      move(next, false);
      if (next >= last) stop();
    }, PAUSE);
    label();
  });
  slider.addEventListener("input", () => {
    if (ticking) stop();
    move(Number(slider.value), !isDragging);
    isDragging = true;
  });
  slider.addEventListener("change", () => {
    isDragging = false;
  });
  label();
  return ({ filters }) => {
    slider.value = filters.now ?? slider.max;
    const text = filters.now === null ? t("as-of", { date: trace.as_of_text }) : stamp(trace, filters.now);
    slider.setAttribute("aria-valuetext", text);
    $("now-text").textContent = text;
  };
}
