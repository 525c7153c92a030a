// The table of changes, which the page holds ready: sorted, filtered, saved.

import { saveCsv } from "../csv.js";
import { $, h } from "../dom.js";
import { t } from "../words.js";
import { actionWord, labelWord, levelWord, titleOf } from "./card.js";

/** What a column sorts by. */
const SORTED_BY = {
  area: titleOf,
  "from-to": (row) => (row.to ?? row.from) * 10 + row.from,
};
const valueOf = (row, key) => (SORTED_BY[key] ? SORTED_BY[key](row) : row[key]);

/** Order of two rows by a column; what is missing comes last either way. */
export function inOrder(key, isDown) {
  return (a, b) => {
    const [x, y] = [valueOf(a, key), valueOf(b, key)],
      isMissing = (value) => value === null || value === undefined || value === "" || (key === "number" && value === 0);
    if (isMissing(x) || isMissing(y)) return isMissing(x) - isMissing(y) || 0;
    const order = typeof x === "number" ? x - y : String(x).localeCompare(String(y), undefined, { numeric: true });
    return isDown ? -order : order; // equal rows keep the order of the plan
  };
}

/** The table as rows of a file. Of areas that are split it holds the parts alone, so that columns sum up. */
export function tableOf(data, rows) {
  const names = [
    "number", "id", "area", "level", "part-of", "from", "to", "release", "action", "clause", "waits",
    ...(data.public ? [] : ["reason", "evidence"]),
    "people", "households",
    ...(data.public ? [] : ["vulnerable"]),
  ]; // prettier-ignore
  const cells = {
    area: titleOf,
    level: (row) => levelWord(row.level),
    "part-of": (row) => row.within,
    from: (row) => labelWord(data, row.from),
    to: (row) => labelWord(data, row.to),
    action: (row) => actionWord(row.action),
    people: (row) => (row.people < 0 ? t("few") : row.people),
    households: (row) => (row.households < 0 ? t("few-households") : row.households),
  };
  return [
    names.map((name) => (name === "id" ? "area_id" : t(name))),
    ...rows.filter((row) => !row.becomes).map((row) => names.map((name) => (cells[name] ? cells[name](row) : row[name]))),
  ];
}

export function createTable(data, { choose }) {
  const table = $("rows");
  if (!table) return () => {};
  const lines = [...table.tBodies], // one a row; the team's hold their evidence too
    filters = document.querySelector(".filters"),
    actions = [...new Set(data.changes.map((row) => row.action))];
  let sorted = "",
    isDown = false,
    only = null;

  const shown = () => {
    const rows = data.changes.filter((row) => !only || row.action === only);
    return sorted ? rows.sort(inOrder(sorted, isDown)) : rows;
  };
  function update() {
    for (const line of lines) line.remove();
    table.append(...shown().map((row) => lines[data.changes.indexOf(row)]));
    table.classList.toggle("mixed", Boolean(sorted || only)); // parts no longer beneath what is split
    for (const head of table.tHead.querySelectorAll("th"))
      if (head.dataset.key === sorted) head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    for (const button of filters.querySelectorAll("[data-action]"))
      button.setAttribute("aria-pressed", String((button.dataset.action || null) === only));
  }
  for (const head of table.tHead.querySelectorAll("th")) {
    const name = head.textContent.trim(),
      key = head.dataset.key;
    head.replaceChildren(
      h(
        "button",
        {
          type: "button",
          class: "link",
          title: t("sort-by", { name }),
          onclick: () => {
            isDown = sorted === key && !isDown;
            sorted = key;
            update();
          },
        },
        name,
      ),
    );
  }
  const pick = (action, word, n) =>
    h(
      "button",
      {
        type: "button",
        class: "act",
        "data-action": action ?? "",
        onclick: () => {
          only = action;
          update();
        },
      },
      `${word} ${n}`,
    );
  filters.append(
    h("span", { class: "quiet" }, t("filter")),
    pick(null, t("all"), data.changes.length),
    ...actions.map((action) => pick(action, actionWord(action), data.changes.filter((row) => row.action === action).length)),
    h(
      "button",
      { type: "button", class: "act save", id: "csv", onclick: () => saveCsv("zone-changes.csv", tableOf(data, shown())) },
      t("save-csv"),
    ),
  );
  filters.hidden = false;
  if (data.map)
    lines.forEach((line, number) => {
      const name = line.querySelector("th .called"),
        button = h("button", { type: "button", class: "link", onclick: () => choose({ row: number }, { move: true }) });
      name.replaceWith(button);
      button.append(name);
    });
  update();
  return (what) => {
    lines.forEach((line, number) => line.classList.toggle("chosen", Boolean(what) && what.row === number));
  };
}
