// What the filters leave: persons, places, exposures and the counts of bubbles and legend.

import { DAY } from "./moments.js";

/** Filters that hide nothing but venue contacts, which come on request. */
export function openFilters(trace) {
  return {
    tiers: trace.venueTier >= 0 ? [trace.venueTier] : [], // hidden
    kinds: [],
    classes: [], // hidden
    possible: true,
    homes: true,
    places: true,
    area: -1,
    from: null,
    to: null,
    now: null,
  };
}

const mask = (hidden, n, shift = 0) => {
  const shown = new Uint8Array(n + shift).fill(1);
  for (const code of hidden) shown[code + shift] = 0;
  return shown;
};

/** Work out what is seen; one pass over each table. */
export function seen(trace, filters) {
  const { persons, exposures, places, n, m } = trace;
  const tiers = mask(filters.tiers, trace.tiers.length),
    classes = mask(filters.classes, trace.classes.length, 1);
  const kinds = mask(filters.kinds, trace.kinds.length, 1); // -1: no kind, or no place at all
  const from = filters.from ?? -Infinity,
    to = filters.to === null ? Infinity : filters.to + DAY,
    now = filters.now ?? Infinity;
  const picky = filters.classes.length > 0 || filters.kinds.length > 0;
  const counts = new Int32Array(trace.tiers.length),
    person = new Uint8Array(n);
  const inArea = filters.area < 0 ? null : touching(trace, filters.area);
  const counted = (row) =>
    classes[exposures.class[row] + 1] &&
    exposures.start[row] <= now &&
    kinds[(exposures.place[row] < 0 ? -1 : places.kind[exposures.place[row]]) + 1] &&
    (filters.possible || exposures.certain[row]);
  for (let p = 0; p < n; p++) {
    const date = persons.date[p],
      tier = persons.tier[p];
    if (!tiers[tier] || date < from || date >= to || trace.appears[p] > now) continue;
    if (!filters.possible && !persons.certain[p]) continue;
    if (inArea && !inArea[p]) continue;
    if (picky && tier > 0 && tier !== trace.venueTier && !explained(trace, p, counted, classes)) continue;
    person[p] = 1;
    counts[tier]++;
  }
  const exposure = new Uint8Array(exposures.contact.length),
    place = new Uint8Array(m);
  for (let row = 0; row < exposure.length; row++) {
    if (!person[exposures.contact[row]] || !person[exposures.source[row]] || !counted(row)) continue;
    exposure[row] = 1;
    const at = exposures.place[row];
    if (at >= 0) place[at] = 1;
  }
  showVenues(trace, tiers, person, place);
  for (let at = 0; at < m; at++) if (place[at] && !(places.home[at] ? filters.homes : filters.places)) place[at] = 0;
  const bubble = new Int32Array(trace.bubbles.tier.length);
  for (let p = 0; p < n; p++) if (person[p] && persons.bubble[p] >= 0) bubble[persons.bubble[p]]++;
  return { person, exposure, place, bubble, counts };
}

function explained(trace, p, counted, classes) {
  const rows = trace.exposedBy(p);
  return rows.length ? rows.some(counted) : classes[trace.persons.class[p] + 1];
}

function showVenues(trace, tiers, person, place) {
  if (trace.venueTier < 0 || !tiers[trace.venueTier]) return;
  const { venue } = trace;
  for (let row = 0; row < venue.person.length; row++)
    if (
      venue.place[row] >= 0 &&
      trace.persons.tier[venue.person[row]] === trace.venueTier &&
      person[venue.person[row]] &&
      person[venue.source[row]]
    )
      place[venue.place[row]] = 1;
}

/** Who lives in an area or was exposed, or exposed others, there. */
function touching(trace, area) {
  const { persons, places, exposures, venue } = trace;
  const out = Uint8Array.from(persons.area, (home) => Number(home === area));
  const here = (place) => place >= 0 && places.area[place] === area;
  for (let row = 0; row < exposures.contact.length; row++)
    if (here(exposures.place[row])) out[exposures.contact[row]] = out[exposures.source[row]] = 1;
  for (let row = 0; row < venue.person.length; row++)
    if (here(venue.place[row])) out[venue.person[row]] = out[venue.source[row]] = 1;
  return out;
}
