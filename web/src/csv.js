// Tables as CSV, such that a spreadsheet reads them as text and numbers, never as formulas.

import { download } from "./dom.js";
import { stamp, stampEnd } from "./moments.js";
import { t, wordFor } from "./words.js";

/** One cell; a text that a spreadsheet would run begins with an apostrophe. */
export function cell(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  const text = typeof value === "string" && /^[\s]*[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\n\r;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const toCsv = (rows) => rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";

/** Offer a table as a file; the mark at its start tells spreadsheets that it is UTF-8. */
export const saveCsv = (name, rows) => download(name, "text/csv", `\ufeff${toCsv(rows)}`);

/** Columns of persons: ids only where the page holds them, codes where they are no part of the name. */
export function personColumns(trace, { withCode = true } = {}) {
  const ids = trace.persons.id ? ["id"] : [],
    code = withCode || trace.persons.name ? ["code"] : [];
  return [
    "person",
    ...ids,
    ...code,
    "tier",
    "certainty",
    "how",
    "first-exposure",
    "last-exposure",
    "minutes-together",
    "sources",
    "quarantine-until",
    "clause",
  ];
}

/** What the tables and the files say of a person, by column. */
export function personFacts(trace, names, p) {
  const { persons } = trace,
    isVenue = persons.tier[p] === trace.venueTier; // who only met somebody was not exposed
  return {
    person: names.person(p),
    id: persons.id?.[p],
    code: persons.code[p],
    tier: names.tier(persons.tier[p]),
    certainty: t(persons.certain[p] ? "certain" : "possible"),
    how: persons.class[p] < 0 ? "" : wordFor("class", trace.classes[persons.class[p]]),
    "first-exposure": isVenue ? "" : stamp(trace, persons.first[p], persons.first_is_day[p]),
    "last-exposure": isVenue ? "" : persons.ongoing[p] ? t("ongoing") : stampEnd(trace, persons.last[p], persons.last_is_day[p]),
    "minutes-together": persons.minutes[p] > 0 ? Math.round(persons.minutes[p]) : "",
    sources: persons.sources[p] || "",
    "quarantine-until": persons.ongoing[p] ? t("no-date-yet") : stamp(trace, persons.until[p], true),
    clause: persons.clause[p] < 0 ? "" : trace.clauses[persons.clause[p]],
  };
}

export function personRow(trace, names, p, columns = personColumns(trace)) {
  const facts = personFacts(trace, names, p);
  return columns.map((column) => facts[column]);
}

/** Exposures, one row each; what the file counts and does not hold is said in a last row. */
export function evidenceTable(trace, names, rows, missing = 0) {
  const { exposures, persons, places } = trace,
    hasIds = Boolean(persons.id);
  const who = (p) => (hasIds ? [names.person(p), persons.id[p]] : [names.person(p)]),
    where = (l) => (l < 0 ? (hasIds ? ["", ""] : [""]) : hasIds ? [names.place(l), places.id[l]] : [names.place(l)]);
  const three = ["contact", "source", "place"].flatMap((key) => (hasIds ? [t(key), `${t(key)}: ${t("id")}`] : [t(key)]));
  return [
    [...three, ...["start", "end", "minutes-together", "how", "certainty", "clause"].map((key) => t(key))],
    ...rows.map((row) => [
      ...who(exposures.contact[row]),
      ...who(exposures.source[row]),
      ...where(exposures.place[row]),
      stamp(trace, exposures.start[row], exposures.is_days[row]),
      stampEnd(trace, exposures.end[row], exposures.is_days[row]),
      Number.isNaN(exposures.minutes[row]) ? "" : Math.round(exposures.minutes[row]),
      exposures.class[row] < 0 ? "" : wordFor("class", trace.classes[exposures.class[row]]),
      t(exposures.certain[row] ? "certain" : "possible"),
      exposures.clause[row] < 0 ? "" : trace.clauses[exposures.clause[row]],
    ]),
    ...(missing > 0 ? [[t("not-kept", { n: missing })]] : []),
  ];
}

export function personTable(trace, names, persons) {
  const columns = personColumns(trace);
  return [columns.map((key) => t(key)), ...persons.map((p) => personRow(trace, names, p, columns))];
}

export const exposuresOf = (trace, persons) => [...new Set(persons.flatMap((p) => [...trace.exposedBy(p), ...trace.exposed(p)]))];
