// The table of changes, which the page holds ready: sorted, filtered, saved.

import { saveCsv } from "../csv.js";
import { $, h } from "../dom.js";
import { t } from "../words.js";
import { actionWord, labelWord, levelWord, titleOf } from "./card.js";

/** What a column sorts by. */
const SORTED_BY = {
  area: titleOf,
  "from-to": (row) => row.to * 10 + row.from,
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

const CELLS = {
  area: titleOf,
  level: (row) => levelWord(row.level),
  action: (row) => actionWord(row.action),
};

/** The table as rows of a file; from and to are two columns. */
export function tableOf(data, rows) {
  const names = [
    "number",
    "id",
    "area",
    "level",
    "from",
    "to",
    "action",
    "reason",
    "clause",
    "evidence",
    "people",
    "households",
    "vulnerable",
    "release",
  ].filter((name) => !(data.public && (name === "evidence" || name === "vulnerable")));
  const cell = (row, name) =>
    name === "from" || name === "to" ? labelWord(data, row[name]) : CELLS[name] ? CELLS[name](row) : row[name];
  return [names.map((name) => (name === "id" ? "area_id" : t(name))), ...rows.map((row) => names.map((name) => cell(row, name)))];
}

export function createTable(data, { choose }) {
  const table = $("rows");
  if (!table) return () => {};
  const body = table.tBodies[0],
    lines = [...body.rows],
    filters = document.querySelector(".filters"),
    actions = [...new Set(data.changes.map((row) => row.action))];
  let sorted = "number",
    isDown = false,
    only = null;

  const shown = () => data.changes.filter((row) => !only || row.action === only).sort(inOrder(sorted, isDown));
  function update() {
    body.replaceChildren(...shown().map((row) => lines[data.changes.indexOf(row)]));
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
            isDown = sorted === key ? !isDown : false;
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
      const name = line.querySelector("th bdi") || line.querySelector("th"),
        button = h("button", { type: "button", class: "link", onclick: () => choose({ row: number }, { move: true }) });
      name.replaceWith(button);
      if (name.tagName === "TH") line.insertBefore(h("th", { scope: "row" }, button), line.children[1]);
      else button.append(name);
    });
  update();
  return (what) => {
    lines.forEach((line, number) => line.classList.toggle("chosen", Boolean(what) && what.row === number));
  };
}
