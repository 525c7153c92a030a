// What is known of the chosen area, or the list of changes where none is chosen.

import { $, given, h } from "../dom.js";
import { count, t } from "../words.js";

const LISTED = 14;

const wordOr = (key, value) => (t(key) === key ? String(value).replaceAll("_", " ") : t(key));
export const labelWord = (data, k) => wordOr(`label:${data.labels[k]}`, data.labels[k]);
export const actionWord = (action) => wordOr(`action:${action}`, action);
export const levelWord = (level) => (level ? wordOr(`level:${level}`, level) : "");

/** Zone as a square with its letter, and its name. */
const zone = (data, k, withName = true) =>
  h(
    "span",
    { class: `zone zone-${Math.min(k, 3)}` },
    h("i", null, wordOr(`letter:${data.labels[k]}`, "")),
    withName ? labelWord(data, k) : "",
  );
const way = (data, from, to, withName) => [zone(data, from, withName), " → ", zone(data, to, withName)];

/** Name of an area or a row; of one that is not named, what it is a part of. */
export const titleOf = (one) =>
  one.rest
    ? t("rest-of", { name: one.name })
    : !one.small
      ? one.name
      : one.name
        ? t("a-part-of", { name: one.name })
        : t("a-part");

/** Rows of changes of a patch. */
export const rowsOf = (data, patch) => data.changes.filter((row) => row.number === patch.number && row.action === patch.action);

/** Name of a patch: its first area, and how many more. */
export function patchTitle(data, patch) {
  const [first, ...more] = rowsOf(data, patch);
  return more.length ? t("and-more", { name: titleOf(first), n: more.length }) : titleOf(first);
}

/** An area of the payload, by its number. */
export function areaOf(data, part) {
  const { areas, texts } = data,
    text = (number) => (number < 0 ? "" : texts[number]);
  return {
    name: areas.name[part],
    id: areas.id[part],
    small: Boolean(areas.small[part]),
    level: areas.level[part],
    from: areas.from[part],
    to: areas.to[part],
    action: areas.action[part],
    reason: text(areas.reason[part]),
    clause: text(areas.clause[part]),
    waits: text(areas.waits[part]),
    release: areas.release[part],
    people: areas.people[part],
    households: areas.households[part],
    vulnerable: areas.vulnerable?.[part] ?? null,
  };
}

export function createCard(data, { choose, rowOfPart }) {
  const card = $("card");
  const facts = (pairs) =>
    h(
      "dl",
      null,
      pairs
        .filter(([, value]) => value !== "" && value !== null && value !== undefined)
        .map(([name, value]) => [h("dt", null, name), h("dd", null, typeof value === "number" ? count(value) : value)]),
    );
  const badge = ({ number }) => h("span", { class: number ? "badge" : "badge none" }, number || "–");
  const close = () =>
    h(
      "button",
      { type: "button", class: "close", "aria-label": t("close"), title: t("close"), onclick: () => choose(null) },
      "×",
    );
  const go = (what, ...content) =>
    h("button", { type: "button", class: "link", onclick: () => choose(what, { move: true }) }, content);
  const linkTo = (row) => go({ row: data.changes.indexOf(row) }, badge(row), " ", given(titleOf(row)));

  function told(one, more, isPinned) {
    return [
      isPinned ? close() : "",
      h("h2", null, given(titleOf(one))),
      h("p", { class: "big" }, way(data, one.from, one.to)),
      facts([
        [t("action"), actionWord(one.action)],
        [t("level"), levelWord(one.level)],
        [t("reason"), one.small && data.public ? t("left-out", { fewest: data.fewest }) : one.reason && given(one.reason)],
        [t("clause"), one.clause && given(one.clause)],
        [t("people"), one.people],
        [t("households"), one.households],
        [t("vulnerable"), one.vulnerable],
        [t("release"), one.release || (one.to > 0 ? t("not-yet") : "")],
        ...more,
      ]),
    ];
  }
  function ofPart(part, isPinned) {
    const one = areaOf(data, part),
      row = data.changes[rowOfPart(part)];
    return told(
      one,
      [
        [t("waits"), one.waits && given(one.waits)],
        [t("belongs-to"), row ? linkTo(row) : ""],
      ],
      isPinned,
    );
  }
  function ofRow(row, isPinned) {
    return told(
      row,
      [
        [t("waits"), row.waits && given(row.waits)],
        [t("evidence"), row.evidence && given(row.evidence)],
        [t("unmapped-areas"), row.members.length > 1 ? row.members.length : ""],
      ],
      isPinned,
    );
  }
  const sum = (rows, name) => rows.reduce((n, row) => n + (row[name] ?? 0), 0);
  /** Several rows that change as one patch of the map. */
  function ofPatch(patch, isPinned) {
    const rows = rowsOf(data, patch);
    if (rows.length === 1) return ofRow(rows[0], isPinned);
    const isWhole = rows.every((row) => row.people !== null);
    return [
      isPinned ? close() : "",
      h("h2", null, badge(patch), " ", t("rows-of-areas", { n: rows.length })),
      h("p", { class: "big" }, way(data, patch.from, patch.to)),
      facts([
        [t("action"), actionWord(patch.action)],
        [t("people"), isWhole ? sum(rows, "people") : ""],
        [t("households"), isWhole ? sum(rows, "households") : ""],
      ]),
      h(
        "ul",
        { class: "plain" },
        rows.map((row) =>
          h(
            "li",
            null,
            go({ row: data.changes.indexOf(row) }, given(titleOf(row))),
            row.people === null ? "" : h("span", { class: "quiet" }, ` ${count(row.people)}`),
          ),
        ),
      ),
    ];
  }
  const patches = data.map?.patches ?? [],
    unmapped = data.changes.filter((row) => !row.number && !["keep", "split"].includes(row.action));
  const entries = [
    ...patches.map((one, k) => [{ patch: k }, one, patchTitle(data, one)]),
    ...unmapped.map((row) => [{ row: data.changes.indexOf(row) }, row, titleOf(row)]),
  ];
  const list = () => [
    h("h2", null, t(entries.length ? "what-changes" : "nothing-changes")),
    h(
      "ol",
      { class: "list" },
      entries
        .slice(0, LISTED)
        .map(([what, one, name]) =>
          h(
            "li",
            null,
            h(
              "button",
              { type: "button", onclick: () => choose(what, { move: true }) },
              badge(one),
              h("span", { class: "what" }, given(name)),
              h(
                "span",
                { class: "zones" },
                one.from === one.to
                  ? [`${actionWord(one.action)} `, zone(data, one.to, false)]
                  : way(data, one.from, one.to, false),
              ),
            ),
          ),
        ),
    ),
    h(
      "p",
      { class: "hint" },
      entries.length > LISTED ? `${t("more-below", { n: entries.length - LISTED })} ` : "",
      t("point-hint"),
    ),
  ];
  return (what, isPinned) => {
    const body = !what
      ? list()
      : "row" in what
        ? ofRow(data.changes[what.row], isPinned)
        : "patch" in what
          ? ofPatch(patches[what.patch], isPinned)
          : ofPart(what.part, isPinned);
    card.replaceChildren(...body.flat(9).filter(Boolean));
    if (what) card.scrollTop = 0;
  };
}
