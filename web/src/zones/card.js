// What is known of the chosen area, or the list of changes where none is chosen.

import { $, given, h } from "../dom.js";
import { count, t } from "../words.js";

const LISTED = 14;
let days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const sayDays = (lang) => {
  if (lang === "zh") days = new Intl.DateTimeFormat("zh-CN", { day: "numeric", month: "long", timeZone: "UTC" });
};

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
/** Zone before and after; of an area that is split, how many people become what. */
const way = (data, one, withName) => [
  one.from === one.to ? "" : [zone(data, one.from, withName), " → "],
  one.becomes
    ? one.becomes.map(([k, people], at) => [at ? ", " : "", `${amount(people)} `, zone(data, k, withName)])
    : zone(data, one.to, withName),
];
/** Count as it is told; -1 stands for one below ten. */
export const amount = (n, few = "few") => (n === null || n === undefined ? "" : n < 0 ? t(few) : count(n));
/** Date of the earliest release; nothing where it is not told, or nothing is to be released. */
const released = (one) => (one.release === null || !one.to ? "" : one.release || t("not-yet"));
const until = (one) =>
  one.release && one.to ? t("until", { date: days.format(new Date(`${one.release}T00:00Z`)) }) : released(one);

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
export const rowsOf = (data, patch) => data.changes.filter((row) => row.number === patch.number);

/** Name of a patch: its first area, and how many more. */
export function patchTitle(data, patch) {
  const [first, ...more] = rowsOf(data, patch);
  return more.length ? t("and-more", { name: titleOf(first), n: more.length }) : titleOf(first);
}

/** An area of the payload, by its number. */
export function areaOf(data, part) {
  const { areas, texts } = data,
    text = (number) => (number < 0 ? "" : texts[number]);
  const one = Object.fromEntries(Object.entries(areas).map(([name, values]) => [name, values[part]]));
  for (const name of ["reason", "clause", "by", "waits"]) if (name in one) one[name] = text(one[name]);
  return { ...one, small: Boolean(one.small) };
}

export function createCard(data, { choose, rowOfPart }) {
  sayDays(data.lang);
  const card = $("card");
  const facts = (pairs) =>
    h(
      "dl",
      null,
      pairs
        .filter(([, value]) => value !== "" && value !== null && value !== undefined)
        .map(([name, value]) => [h("dt", null, name), h("dd", null, value)]),
    );
  const badge = ({ number, action }) => h("span", { class: `badge ${!number ? "none" : action}` }, number || "–");
  const close = () =>
    h(
      "button",
      { type: "button", class: "close", "aria-label": t("close"), title: t("close"), onclick: () => choose(null) },
      "×",
    );
  const go = (what, ...content) =>
    h("button", { type: "button", class: "link", onclick: () => choose(what, { move: true }) }, content);
  const linkTo = (row) => go({ row: data.changes.indexOf(row) }, badge(row), " ", given(titleOf(row)));

  /** The card of an area, a row, or a patch. */
  function told(one, title, more, isPinned) {
    return [
      isPinned ? close() : "",
      h("h2", null, title),
      h("p", { class: "big" }, way(data, one, true)),
      facts([
        [t("release"), released(one)],
        [t("waits"), one.waits && given(one.waits)],
        [t("action"), actionWord(one.action)],
        [t("people"), amount(one.people)],
        [t("households"), amount(one.households, "few-households")],
        [t("vulnerable"), amount(one.vulnerable)],
        [t("level"), levelWord(one.level)],
        [t("clause"), one.clause && given(one.clause)],
        [t("by"), one.by && t("by-level", { level: levelWord(one.by) })],
        [t("reason"), one.small && data.public ? t("left-out") : one.reason && given(one.reason)],
        ...more,
      ]),
    ];
  }
  function ofPart(part, isPinned) {
    const one = areaOf(data, part),
      row = data.changes[rowOfPart(part)];
    return told(one, given(titleOf(one)), [[t("belongs-to"), row ? linkTo(row) : ""]], isPinned);
  }
  const ofRow = (row, isPinned) =>
    told(
      row,
      given(titleOf(row)),
      [
        [t("evidence"), row.evidence && given(row.evidence)],
        [t("unmapped-areas"), row.members.length > 1 ? count(row.members.length) : ""],
      ],
      isPinned,
    );
  /** Several rows that change as one patch of the map. */
  function ofPatch(patch, isPinned) {
    const rows = rowsOf(data, patch);
    if (rows.length === 1) return ofRow(rows[0], isPinned);
    const line = (row) => [
      go({ row: data.changes.indexOf(row) }, given(titleOf(row))),
      h("span", { class: "quiet" }, ` ${amount(row.people)}`),
    ];
    return [
      ...told({ ...patch, small: false }, [badge(patch), " ", t("rows-of-areas", { n: rows.length })], [], isPinned),
      h(
        "ul",
        { class: "plain" },
        rows.map((row) => h("li", null, line(row))),
      ),
    ];
  }
  const patches = data.map?.patches ?? [],
    others = data.changes.filter((row) => !row.number && !row.becomes);
  const entries = [
    ...patches.map((one, k) => [{ patch: k }, one, patchTitle(data, one)]),
    ...others.map((row) => [{ row: data.changes.indexOf(row) }, row, titleOf(row)]),
  ];
  const line = ([what, one, name]) =>
    h(
      "button",
      { type: "button", onclick: () => choose(what, { move: true }) },
      badge(one),
      h("span", { class: "what" }, given(name)),
      h("span", { class: "zones" }, one.from === one.to ? `${actionWord(one.action)} ` : "", way(data, one, false)),
      h(
        "span",
        { class: "quiet" },
        [amount(one.people) && t("of-people", { n: amount(one.people) }), until(one)].filter(Boolean).join(" · "),
      ),
    );
  $("list").append(
    h("h2", null, t(entries.length ? "what-changes" : "nothing-changes")),
    h(
      "ol",
      { class: "list" },
      entries.slice(0, LISTED).map((entry) => h("li", null, line(entry))),
    ),
    h(
      "p",
      { class: "hint" },
      entries.length > LISTED ? `${t("more-below", { n: entries.length - LISTED })} ` : "",
      t("point-hint"),
    ),
  );
  return (what, isPinned) => {
    card.hidden = !what;
    if (!what) return;
    const body =
      "row" in what
        ? ofRow(data.changes[what.row], isPinned)
        : "patch" in what
          ? ofPatch(patches[what.patch], isPinned)
          : ofPart(what.part, isPinned);
    card.replaceChildren(...body.flat(9).filter(Boolean));
    card.scrollTop = 0;
  };
}
