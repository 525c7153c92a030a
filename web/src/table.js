// The same as tables: for screen readers, for paper, and for reading on.

import { personColumns, personRow } from "./csv.js";
import { $, given, h } from "./dom.js";
import { personKey, placeKey } from "./names.js";
import { count, t } from "./words.js";

const PAGE = 100;
export const PRINTED = 1000; // rows on paper

function createTable(holder, columns, cells, goTo) {
  const body = h("tbody"),
    from = h("span"),
    note = h("p", { class: "quiet printed-note" });
  const turn = (step) =>
    h("button", { type: "button", class: "act", onclick: () => show(first + step) }, t(step < 0 ? "previous" : "next"));
  const [back, on] = [turn(-PAGE), turn(PAGE)],
    pager = h("p", { class: "pager" }, back, from, on);
  let rows = [],
    first = 0,
    isFresh = false,
    wasOpen = false;
  const line = (number) => {
    const [name, ...rest] = cells(number);
    return h(
      "tr",
      null,
      h("th", { scope: "row" }, h("button", { type: "button", class: "link", "data-go": goTo(number) }, given(name))),
      rest.map((value) =>
        h("td", typeof value === "number" ? { class: "n" } : null, typeof value === "number" ? count(value) : value),
      ),
    );
  };
  function show(start, length = PAGE) {
    first = Math.max(0, Math.min(start, Math.floor(Math.max(rows.length - 1, 0) / PAGE) * PAGE));
    body.replaceChildren(...rows.slice(first, first + length).map(line));
    from.textContent = rows.length
      ? ` ${count(first + 1)}–${count(Math.min(first + length, rows.length))} / ${count(rows.length)} `
      : "";
    pager.hidden = rows.length <= PAGE;
    back.disabled = first === 0;
    on.disabled = first + PAGE >= rows.length;
    isFresh = true;
  }
  const details = holder.querySelector("details"),
    counter = holder.querySelector("summary .quiet");
  details.append(
    h(
      "div",
      {
        class: "scroll",
        tabindex: 0,
        role: "group",
        "aria-label": holder.querySelector("summary").firstChild.textContent.trim(),
      },
      h(
        "table",
        null,
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            columns.map((name) => h("th", { scope: "col" }, name)),
          ),
        ),
        body,
      ),
    ),
    pager,
    note,
  );
  details.addEventListener("toggle", () => {
    if (details.open && !isFresh) show(0);
  });
  return {
    set(next) {
      rows = next;
      counter.textContent = count(rows.length);
      isFresh = false;
      if (details.open) show(0);
    },
    print(isOn) {
      if (isOn) wasOpen = details.open;
      details.open = isOn || wasOpen;
      note.textContent = isOn && rows.length > PRINTED ? t("more-not-printed", { n: rows.length - PRINTED }) : "";
      show(0, isOn ? PRINTED : PAGE);
    },
  };
}

export function createTables(trace, names) {
  const columns = personColumns(trace, { withCode: false }); // a code is part of a label that is no name
  const persons = createTable(
    $("persons-table"),
    columns.map((key) => t(key)),
    (p) => personRow(trace, names, p, columns),
    personKey,
  );
  const places = createTable(
    $("places-table"),
    [t("place"), t("kind-of-place"), t("exposures")],
    (l) => [names.place(l), names.kind(l), trace.places.exposures[l]],
    placeKey,
  );
  const on = (mask) => {
    const out = [];
    mask.forEach((value, number) => {
      if (value) out.push(number);
    });
    return out;
  };
  return {
    update(shown) {
      persons.set(on(shown.person));
      places.set(on(shown.place));
    },
    print: (isOn) => {
      persons.print(isOn);
      places.print(isOn);
    },
  };
}
