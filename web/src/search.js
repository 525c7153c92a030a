// Find a person or a place by what the page calls them.

import { $, given, h } from "./dom.js";
import { personKey, placeKey } from "./names.js";
import { t } from "./words.js";

const MOST = 8;

/** Entries that hold the words, the best first: equal, then beginning so, then containing. */
export function find(entries, want) {
  const score = (entry) =>
    Math.min(
      ...entry.plain.map((text) =>
        text === want ? 0 : text.startsWith(want) ? 1 : text.includes(` ${want}`) ? 2 : text.includes(want) ? 3 : 9,
      ),
    );
  const found = [];
  for (const entry of entries) {
    const rank = score(entry);
    if (rank < 9) found.push([rank, entry]);
    if (found.length > 4000) break;
  }
  return found
    .sort((a, b) => a[0] - b[0])
    .slice(0, MOST)
    .map(([, entry]) => entry);
}

/** Everything that has a name; made when it is first asked for. */
export function entriesOf(trace, names) {
  const entry = (key, note, ...texts) => ({
    key,
    note,
    text: texts[0],
    plain: texts.filter(Boolean).map((text) => String(text).toLowerCase()),
  });
  const { persons, places } = trace;
  return [
    ...Array.from({ length: trace.n }, (_, p) =>
      entry(personKey(p), names.tier(persons.tier[p]), names.person(p), persons.id?.[p], persons.code[p]),
    ),
    ...Array.from({ length: trace.m }, (_, l) =>
      entry(placeKey(l), names.kind(l), names.place(l), places.id?.[l], places.code[l]),
    ),
  ];
}

export function createSearch(trace, names, { choose }) {
  const field = $("find"),
    found = $("found");
  let entries = null,
    hits = [],
    at = 0;
  const shut = () => {
    found.hidden = true;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const take = (k) => {
    if (hits[k]) {
      choose(hits[k].key, { move: true });
      shut();
    }
  };
  function mark() {
    [...found.children].forEach((row, k) => row.setAttribute("aria-selected", String(k === at && hits.length > 0)));
    if (hits.length) field.setAttribute("aria-activedescendant", `found-${at}`);
    else field.removeAttribute("aria-activedescendant");
  }
  function search() {
    const want = field.value.trim().toLowerCase();
    if (!want) return shut();
    entries ||= entriesOf(trace, names);
    hits = find(entries, want);
    at = 0;
    const rows = hits.map((entry, k) =>
      h(
        "li",
        {
          id: `found-${k}`,
          role: "option",
          onmousedown: (event) => {
            event.preventDefault();
            take(k);
          },
        },
        given(entry.text),
        h("span", { class: "quiet" }, entry.note),
      ),
    );
    found.replaceChildren(
      ...(rows.length ? rows : [h("li", { class: "none", role: "option", "aria-disabled": "true" }, t("nothing-found"))]),
    );
    found.hidden = false;
    field.setAttribute("aria-expanded", "true");
    mark();
  }
  field.addEventListener("input", search);
  field.addEventListener("focus", search);
  field.addEventListener("blur", shut);
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (hits.length) at = (at + (event.key === "ArrowDown" ? 1 : hits.length - 1)) % hits.length;
      mark();
    } else if (event.key === "Enter") take(at);
    else if (event.key === "Escape") {
      event.stopPropagation();
      field.value = "";
      shut();
    }
  });
}
