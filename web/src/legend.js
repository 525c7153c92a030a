// The legend, which counts and hides, and the filters.

import { $, h, swatch } from "./dom.js";
import { placeLook, tierLook } from "./looks.js";
import { day, minuteOf } from "./moments.js";
import { count, t, wordFor } from "./words.js";

const without = (list, value) => list.filter((other) => other !== value);
const flip = (list, value) => (list.includes(value) ? without(list, value) : [...list, value]);

export function createLegend(trace, names, { filter }) {
  const totals = new Int32Array(trace.tiers.length);
  for (const tier of trace.persons.tier) totals[tier]++;
  const homes = trace.places.home,
    exposed = new Set(trace.exposures.place),
    met = new Set(trace.venue.place);
  const placesIn = (isHome) => (filters) => {
    const hasVenue = trace.venueTier >= 0 && !filters.tiers.includes(trace.venueTier);
    return homes.reduce((n, home, l) => n + (Boolean(home) === isHome && (exposed.has(l) || (hasVenue && met.has(l)))), 0);
  };
  const placesSeen = (isHome) => (shown) => shown.place.reduce((n, on, l) => n + (on && Boolean(homes[l]) === isHome), 0);
  const chip = (name, look, text, act) =>
    h(
      "button",
      { type: "button", class: "chip", "data-show": name, onclick: () => filter(act) },
      swatch(look),
      h("span", null, text),
      h("b"),
    );
  const entries = [
    ...trace.tiers.map((tier, k) => ({
      chip: chip(k, tierLook(trace, k), names.tiers(k, 2), (filters) => ({ tiers: flip(filters.tiers, k) })),
      isOn: (filters) => !filters.tiers.includes(k),
      seen: (shown) => shown.counts[k],
      total: () => totals[k],
      isUsed: totals[k] > 0,
    })),
    {
      chip: chip("place", placeLook(0), t("places"), (filters) => ({ places: !filters.places })),
      isOn: (filters) => filters.places,
      seen: placesSeen(false),
      total: placesIn(false),
      isUsed: homes.includes(0),
    },
    {
      chip: chip("home", placeLook(1), t("homes"), (filters) => ({ homes: !filters.homes })),
      isOn: (filters) => filters.homes,
      seen: placesSeen(true),
      total: placesIn(true),
      isUsed: placesIn(true)({ tiers: [] }) > 0,
    },
  ];
  const told = entries.filter(({ isUsed }) => isUsed);
  $("legend").replaceChildren(
    ...told.map((entry) => entry.chip),
    ...(trace.persons.certain.includes(0)
      ? [h("span", { class: "key" }, swatch({ ...tierLook(trace, 1), isHollow: true }), t("hollow"))]
      : []),
  );
  return (state, shown) => {
    for (const { chip: button, isOn, seen, total } of told) {
      const n = seen(shown),
        on = isOn(state.filters),
        all = total(state.filters);
      button.setAttribute("aria-pressed", String(on));
      button.lastChild.textContent = !on || n >= all ? count(all) : t("of", { n, all });
    }
  };
}

export function createFilters(trace, { filter, clear }) {
  const tick = (key, text, isOn, act) => ({
    isOn,
    label: h("label", { class: "tick" }, h("input", { type: "checkbox", "data-filter": key, onchange: () => filter(act) }), text),
  });
  const ticks = [
    tick(
      "possible",
      t("possible-too"),
      (f) => f.possible,
      (f) => ({ possible: !f.possible }),
    ),
    ...[...new Set(trace.persons.class)]
      .filter((k) => k >= 0)
      .sort()
      .map((k) => [trace.classes[k], k])
      .map(([name, k]) =>
        tick(
          `class:${name}`,
          wordFor("class", name),
          (f) => !f.classes.includes(k),
          (f) => ({ classes: flip(f.classes, k) }),
        ),
      ),
  ];
  const kinds = [...trace.kinds.keys()].filter((k) =>
    [...trace.places.kind.keys()].some((l) => trace.places.kind[l] === k && trace.places.exposures[l] > 0),
  );
  const kindTicks = [
    ...kinds.map((k) =>
      tick(
        `kind:${trace.kinds[k]}`,
        wordFor("kind", trace.kinds[k]),
        (f) => !f.kinds.includes(k),
        (f) => ({ kinds: flip(f.kinds, k) }),
      ),
    ),
    tick(
      "kind:",
      t("no-place"),
      (f) => !f.kinds.includes(-1),
      (f) => ({ kinds: flip(f.kinds, -1) }),
    ),
  ];
  const drawnAreas = [
    ...trace.persons.area.filter((_, p) => trace.persons.tier[p] !== trace.venueTier),
    ...trace.places.area.filter((_, l) => trace.places.exposures[l] > 0),
  ];
  const areas = [...new Set(drawnAreas)].filter((a) => a >= 0).sort((a, b) => (trace.areas[a] < trace.areas[b] ? -1 : 1));
  const area = h(
    "select",
    { id: "area", onchange: () => filter(() => ({ area: Number(area.value) })) },
    h("option", { value: -1 }, t("every-area")),
    areas.map((a) => h("option", { value: a }, trace.areas[a])),
  );
  const [first, last] = trace.bounds;
  const date = (name) =>
    h("input", {
      type: "date",
      id: name,
      min: day(trace, first),
      max: day(trace, last),
      onchange: (event) => filter(() => ({ [name]: event.target.value ? minuteOf(trace, event.target.value) : null })),
    });
  const [from, to] = [date("from"), date("to")];
  const box = (title, ...inside) => h("fieldset", null, h("legend", null, title), inside);
  const all = () =>
    h(
      "button",
      { type: "button", class: "link", onclick: () => filter((f) => ({ kinds: f.kinds.length ? [] : [...kinds, -1] })) },
      t("all-or-none"),
    );
  $("filters").append(
    h(
      "div",
      { class: "filter-grid" },
      box(
        t("how"),
        ticks.map(({ label }) => label),
      ),
      box(
        t("kind-of-place"),
        all(),
        kindTicks.map(({ label }) => label),
      ),
      box(
        t("area-and-date"),
        areas.length ? h("label", null, `${t("area")} `, area) : "",
        h("label", null, `${t("from")} `, from),
        h("label", null, `${t("to")} `, to),
        h("p", { class: "quiet" }, t("date-note")),
        h("button", { type: "button", class: "act", id: "clear", onclick: clear }, t("clear-filters")),
      ),
    ),
  );
  return ({ filters }) => {
    for (const { label, isOn } of [...ticks, ...kindTicks]) label.firstChild.checked = isOn(filters);
    area.value = filters.area;
    from.value = filters.from === null ? "" : day(trace, filters.from);
    to.value = filters.to === null ? "" : day(trace, filters.to);
  };
}
