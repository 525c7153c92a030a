// The trace as the page's data give it: columns made typed, and what is found from them at once.

import { DAY, elapsed, wall } from "./moments.js";

/** Rows of each group: `rows.subarray(begin[g], begin[g + 1])`; keys below 0 belong to none. */
export function group(keys, n) {
  const begin = new Int32Array(n + 1);
  for (const key of keys) if (key >= 0) begin[key + 1]++;
  for (let g = 0; g < n; g++) begin[g + 1] += begin[g];
  const rows = new Int32Array(begin[n]),
    next = begin.slice();
  keys.forEach((key, row) => {
    if (key >= 0) rows[next[key]++] = row;
  });
  return (g) => rows.subarray(begin[g], begin[g + 1]);
}

const numbers = (column) => Float64Array.from(column || [], (value) => (value === null ? NaN : value));
const codes = (column) => Int32Array.from(column || []);

function typed(table, whole, real, kept = []) {
  const out = {};
  for (const name of whole) out[name] = codes(table[name]);
  for (const name of real) out[name] = numbers(table[name]);
  for (const name of kept) out[name] = table[name];
  return out;
}

/** Everything that the views read; never changed after. */
export function readTrace(data) {
  const persons = typed(
    data.persons,
    [
      "tier",
      "certain",
      "class",
      "clause",
      "sources",
      "ongoing",
      "exposures",
      "given",
      "date_kind",
      "home",
      "area",
      "parent",
      "parent_how",
      "link",
      "bubble",
      "date_is_day",
      "first_is_day",
      "last_is_day",
    ],
    ["first", "last", "minutes", "until", "date", "x", "y", "r"],
    ["code", "name", "id", "extra"],
  );
  const places = typed(data.places, ["kind", "home", "area", "exposures"], ["x", "y", "r"], ["code", "name", "id", "extra"]);
  const bubbles = typed(data.bubbles, ["tier", "at_place", "anchor"], ["x", "y", "radius"]);
  const exposures = typed(
    data.exposures,
    ["contact", "source", "place", "class", "certain", "clause", "is_days"],
    ["start", "end", "minutes"],
  );
  const venue = typed(data.venue, ["person", "source", "place", "certain", "times"], ["start", "end", "minutes"]);
  const stays = typed(data.stays, ["person", "place", "imputed"], ["start", "end"]);
  const windows = typed(data.windows, ["person"], ["start", "end"]);
  const n = persons.tier.length,
    m = places.kind.length;
  return {
    ...data,
    persons,
    places,
    bubbles,
    exposures,
    venue,
    stays,
    windows,
    n,
    m,
    exposedBy: group(exposures.contact, n),
    exposed: group(exposures.source, n),
    exposuresAt: group(exposures.place, m),
    metAs: group(venue.person, n),
    metAt: group(venue.place, m),
    staysOf: group(stays.person, n),
    staysAt: group(stays.place, m),
    windowsOf: group(windows.person, n),
    membersOf: group(persons.bubble, bubbles.tier.length),
    children: group(persons.parent, n),
    venueTier: data.tiers.findIndex((tier) => tier.venue),
    bounds: bounds(data, persons, exposures, stays),
    appears: appearances(persons, exposures),
  };
}

/** First and last minute that anything happens, whole days of the wall's clock. */
function bounds(data, persons, exposures, stays) {
  let first = data.as_of;
  for (const column of [persons.date, exposures.start, stays.start]) for (const value of column) if (value < first) first = value;
  const midnight = (minute, round) => elapsed(data, round(wall(data, minute) / DAY) * DAY);
  return [midnight(first, Math.floor), midnight(data.as_of, Math.ceil)];
}

/** When each person comes into the play: at their date, a source no later than its first exposure. */
function appearances(persons, exposures) {
  const out = persons.date.slice();
  exposures.source.forEach((p, row) => {
    if (exposures.start[row] < out[p]) out[p] = exposures.start[row];
  });
  return out;
}

/** Steps from a case to a person: rows of exposures, the decisive one of each, the case's first. */
export function pathTo(trace, person) {
  const steps = [],
    seen = new Set();
  let at = person;
  while (trace.persons.tier[at] > 0 && !seen.has(at)) {
    seen.add(at);
    const row = trace.persons.link[at];
    if (row < 0) break;
    steps.push(row);
    at = trace.exposures.source[row];
  }
  return steps.reverse();
}
