// Tables as CSV, such that a spreadsheet reads them as text and numbers, never as formulas.

import { stamp } from "./trace.js";
import { t, wordFor } from "./words.js";

/** One cell; a text that a spreadsheet would run begins with an apostrophe. */
export function cell(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  const text = typeof value === "string" && /^[\s]*[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\n\r;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const toCsv = (rows) => rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";

export const PERSON_COLUMNS = ["person", "code", "tier", "certainty", "how", "first-exposure", "last-exposure", "minutes-together", "sources", "quarantine-until", "clause"];

/** What the table and the files say of a person, in the order of `PERSON_COLUMNS`. */
export function personRow(trace, names, p) {
  const { persons } = trace;
  const how = persons.class[p] < 0 ? "" : wordFor("class", trace.classes[persons.class[p]]);
  return [
    names.person(p), persons.code[p], names.tier(persons.tier[p]), t(persons.certain[p] ? "certain" : "possible"), how,
    stamp(trace, persons.first[p]), persons.ongoing[p] ? t("ongoing") : stamp(trace, persons.last[p]),
    persons.minutes[p] > 0 ? Math.round(persons.minutes[p]) : "", persons.sources[p] || "",
    persons.ongoing[p] ? t("no-date-yet") : stamp(trace, persons.until[p]).slice(0, 10), persons.clause[p] < 0 ? "" : trace.clauses[persons.clause[p]],
  ];
}

const EVIDENCE = ["contact", "source", "place", "start", "end", "minutes-together", "how", "certainty", "clause"];

/** Exposures of persons and places, one row each. */
export function evidenceTable(trace, names, rows) {
  const { exposures } = trace;
  return [EVIDENCE.map((key) => t(key)), ...rows.map((row) => [
    names.person(exposures.contact[row]), names.person(exposures.source[row]), exposures.place[row] < 0 ? "" : names.place(exposures.place[row]),
    stamp(trace, exposures.start[row]), stamp(trace, exposures.end[row]), Number.isNaN(exposures.minutes[row]) ? "" : Math.round(exposures.minutes[row]),
    exposures.class[row] < 0 ? "" : wordFor("class", trace.classes[exposures.class[row]]), t(exposures.certain[row] ? "certain" : "possible"),
    exposures.clause[row] < 0 ? "" : trace.clauses[exposures.clause[row]],
  ])];
}

export const personTable = (trace, names, persons) => [PERSON_COLUMNS.map((key) => t(key)), ...persons.map((p) => personRow(trace, names, p))];

export const exposuresOf = (trace, persons) => [...new Set(persons.flatMap((p) => [...trace.exposedBy(p), ...trace.exposed(p)]))];
