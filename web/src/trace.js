// The trace as the page's data give it: columns made typed, and what is found from them at once.

export const DAY = 1440; // minutes

/** Rows of each group: `rows.subarray(begin[g], begin[g + 1])`; keys below 0 belong to none. */
export function group(keys, n) {
  const begin = new Int32Array(n + 1);
  for (const key of keys) if (key >= 0) begin[key + 1]++;
  for (let g = 0; g < n; g++) begin[g + 1] += begin[g];
  const rows = new Int32Array(begin[n]), next = begin.slice();
  keys.forEach((key, row) => { if (key >= 0) rows[next[key]++] = row; });
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
  const persons = typed(data.persons,
    ["tier", "certain", "class", "clause", "sources", "ongoing", "exposures", "date_kind", "home", "area", "parent", "parent_how", "link", "bubble"],
    ["first", "last", "minutes", "until", "date", "x", "y", "r"], ["code", "name", "id", "extra"]);
  const places = typed(data.places, ["kind", "home", "area", "exposures"], ["x", "y", "r"], ["code", "name", "id", "extra"]);
  const bubbles = typed(data.bubbles, ["tier", "at_place", "anchor"], ["x", "y", "radius"]);
  const exposures = typed(data.exposures, ["contact", "source", "place", "class", "certain", "clause"], ["start", "end", "minutes"]);
  const venue = typed(data.venue, ["person", "source", "place", "certain", "times"], ["start", "end", "minutes"]);
  const stays = typed(data.stays, ["person", "place", "imputed"], ["start", "end"]);
  const windows = typed(data.windows, ["person"], ["start", "end"]);
  const n = persons.tier.length, m = places.kind.length;
  return {
    ...data, persons, places, bubbles, exposures, venue, stays, windows, n, m,
    exposedBy: group(exposures.contact, n), exposed: group(exposures.source, n), exposuresAt: group(exposures.place, m),
    metAs: group(venue.person, n), metBy: group(venue.source, n), metAt: group(venue.place, m),
    staysOf: group(stays.person, n), staysAt: group(stays.place, m), windowsOf: group(windows.person, n),
    membersOf: group(persons.bubble, bubbles.tier.length), children: group(persons.parent, n),
    venueTier: data.tiers.findIndex((tier) => tier.venue), bounds: bounds(persons, exposures, stays, data.as_of),
  };
}

/** First and last minute that anything happens, whole days. */
function bounds(persons, exposures, stays, asOf) {
  let first = Infinity;
  for (const column of [persons.date, exposures.start, stays.start])
    for (const value of column) if (value < first) first = value;
  return [Math.floor(Math.min(first, asOf) / DAY) * DAY, Math.ceil(asOf / DAY) * DAY];
}

/** Steps from a case to a person: rows of exposures, the decisive one of each, the case's first. */
export function pathTo(trace, person) {
  const steps = [], seen = new Set();
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

const two = (value) => String(value).padStart(2, "0");

/** Date of a minute, as "2022-05-09". */
export function day(trace, minute) {
  const [y, m, d] = trace.origin.split("-").map(Number);
  const date = new Date(Date.UTC(y, m - 1, d + Math.floor(minute / DAY)));
  return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
}

/** Date and time of a minute, or "" of none. */
export function stamp(trace, minute) {
  if (Number.isNaN(minute)) return "";
  const rest = Math.floor(((minute % DAY) + DAY) % DAY);
  return `${day(trace, minute)} ${two(Math.floor(rest / 60))}:${two(rest % 60)}`;
}

/** Minute of a date such as "2022-05-09". */
export function minuteOf(trace, date) {
  return (Date.parse(`${date}T00:00Z`) - Date.parse(`${trace.origin}T00:00Z`)) / 60000;
}
