// The card of what is chosen: who, where, when, for how long, by which clause, and how it came to them.

import { evidenceTable, exposuresOf, personFacts, personTable, saveCsv, toCsv } from "./csv.js";
import { $, given, h, swatch } from "./dom.js";
import { anchorOf, membersOf, outerAt, personsOf } from "./groups.js";
import { isGathering, isPerson, isPlace, numberOf, personKey, placeKey } from "./names.js";
import { stamp, stampEnd } from "./moments.js";
import { pathTo } from "./trace.js";
import { count, lasting, t, wordFor } from "./words.js";
import { lookOf } from "./views/nodes.js";

const ROWS = 40;

export function createCard(trace, names, { choose, toggle, say, get, showDays }) {
  const { persons, places, exposures, venue } = trace,
    empty = $("card").firstElementChild;
  const go = (key) => h("button", { type: "button", class: "link", "data-go": key }, given(names.of(key)));
  const facts = (pairs) =>
    h(
      "dl",
      null,
      pairs
        .filter(([, value]) => value !== null && value !== undefined && value !== "")
        .map(([name, value]) => [h("dt", null, name), h("dd", null, value)]),
    );
  const span = (start, end, isDays) => {
    const from = stamp(trace, start, isDays),
      to = stampEnd(trace, end, isDays);
    return from === to || !to ? from : `${from} – ${from.slice(0, 10) === to.slice(0, 10) && !isDays ? to.slice(11) : to}`;
  };
  const unsure = (isCertain) => (isCertain ? "" : h("span", { class: "tag" }, t("possible")));
  const where = (place) => (place >= 0 ? [` ${t("at")} `, go(placeKey(place))] : ` · ${t("place-not-known")}`);
  const when = (table, row) => {
    const how =
      table.class && table.class[row] >= 0 && trace.classes[table.class[row]] !== "close"
        ? wordFor("class", trace.classes[table.class[row]])
        : "";
    return h(
      "div",
      { class: "when" },
      [span(table.start[row], table.end[row], table.is_days?.[row]), lasting(table.minutes[row]), how]
        .filter(Boolean)
        .join(" · "),
    );
  };

  /** A list that grows on request. */
  function list(title, rows, item, total = rows.length) {
    const left = total > rows.length ? h("p", { class: "quiet" }, t("not-kept", { n: total - rows.length })) : "";
    if (!rows.length) return left ? [h("h3", null, `${title} (${count(total)})`), left] : [];
    const items = h("ul", { class: "events" }),
      more = h("button", { type: "button", class: "link more", onclick: () => grow() });
    let next = 0;
    const grow = () => {
      items.append(...rows.slice(next, next + ROWS).map((row) => h("li", null, item(row))));
      next += ROWS;
      more.textContent = t("show-more", { n: Math.min(ROWS, rows.length - next), all: rows.length });
      more.hidden = next >= rows.length;
    };
    grow();
    return [h("h3", null, `${title} (${count(Math.max(total, rows.length))})`), items, more, left];
  }
  /** Entry of a list: the other person of a row, where, and when. */
  const withWhom = (table, who) => (row) => [
    go(personKey(table[who][row])),
    where(table.place[row]),
    " ",
    unsure(table.certain[row]),
    when(table, row),
  ];
  const extra = (kept) =>
    kept && Object.keys(kept).length
      ? [h("h3", null, t("on-record")), facts(Object.entries(kept).map(([name, value]) => [given(name), given(value)]))]
      : [];

  function way(p) {
    const rows = pathTo(trace, p);
    if (!rows.length) return [];
    const steps = rows.map((row) =>
      h(
        "li",
        null,
        go(personKey(exposures.source[row])),
        where(exposures.place[row]),
        when(exposures, row),
        exposures.clause[row] >= 0 ? h("div", { class: "when" }, given(trace.clauses[exposures.clause[row]])) : "",
      ),
    );
    return [h("h3", null, t("path")), h("ol", { class: "events way" }, steps, h("li", null, given(names.person(p))))];
  }
  const badge = (key, text) => h("div", { class: "badge" }, swatch(lookOf(trace, key)), text);
  const DATE = ["onset", "specimen", "confirmed"];

  function ofPerson(p) {
    const tier = persons.tier[p],
      told = personFacts(trace, names, p),
      isCase = tier === 0,
      isVenue = tier === trace.venueTier;
    return [
      badge(personKey(p), names.tier(tier)),
      h("h2", null, given(names.person(p))),
      facts([
        [t("code"), persons.name ? told.code : ""],
        [t("id"), persons.id && persons.id[p] !== persons.name[p] ? given(persons.id[p]) : ""],
        [t(DATE[persons.date_kind[p]] || "date"), isCase ? stamp(trace, persons.date[p], persons.date_is_day[p]) : ""],
        [t("first-there"), isVenue ? stamp(trace, persons.date[p], persons.date_is_day[p]) : ""],
        [t("certainty"), isCase ? "" : t(persons.certain[p] ? "certain" : "possible-long")],
        ...["how", "first-exposure", "last-exposure"].map((name) => [t(name), told[name]]),
        [
          t("minutes-together"),
          persons.minutes[p] > 0 ? t("with-sources", { time: lasting(persons.minutes[p]), n: persons.sources[p] }) : "",
        ],
        [
          t("quarantine"),
          persons.ongoing[p]
            ? t("no-date-yet")
            : Number.isNaN(persons.until[p])
              ? ""
              : t("until", { date: stamp(trace, persons.until[p], true) }),
        ],
        [t("clause"), told.clause && given(told.clause)],
        [t("lives-at"), persons.home[p] < 0 ? "" : go(placeKey(persons.home[p]))],
        [t("area"), persons.area[p] < 0 ? "" : given(trace.areas[persons.area[p]])],
        [
          t("infector"),
          isCase && persons.parent[p] >= 0
            ? [go(personKey(persons.parent[p])), ` (${t(persons.parent_how[p] === 2 ? "recorded" : "by-exposure")})`]
            : "",
        ],
      ]),
      ...(isCase ? [] : way(p)),
      ...list(t("exposed-by"), [...trace.exposedBy(p)], withWhom(exposures, "source"), persons.exposures[p]),
      ...list(t("met-as"), [...trace.metAs(p)], withWhom(venue, "source")),
      ...list(t("exposed-others"), [...trace.exposed(p)], withWhom(exposures, "contact"), persons.given[p]),
      ...extra(persons.extra?.[p]),
    ];
  }
  function ofPlace(l) {
    const rows = [...trace.exposuresAt(l)].sort((a, b) => exposures.start[a] - exposures.start[b]),
      people = new Set(rows.map((row) => exposures.contact[row]));
    const living = [...persons.home.keys()].filter((p) => persons.home[p] === l);
    return [
      badge(placeKey(l), names.kind(l)),
      h("h2", null, given(names.place(l))),
      facts([
        [t("code"), places.name ? places.code[l] : ""],
        [t("id"), places.id && places.id[l] !== places.name[l] ? given(places.id[l]) : ""],
        [t("area"), places.area[l] < 0 ? "" : given(trace.areas[places.area[l]])],
        [t("exposed-here"), people.size ? t("persons-n", { n: people.size }) : ""],
        [t("exposures"), places.exposures[l] ? count(places.exposures[l]) : ""],
      ]),
      gathering(l),
      ...list(t("residents"), living, (p) => [go(personKey(p)), h("div", { class: "when" }, names.tier(persons.tier[p]))]),
      ...list(
        t("exposures"),
        rows,
        (row) => [
          go(personKey(exposures.source[row])),
          " → ",
          go(personKey(exposures.contact[row])),
          " ",
          unsure(exposures.certain[row]),
          when(exposures, row),
        ],
        places.exposures[l],
      ),
      ...list(t("met-as"), [...trace.metAt(l)], withWhom(venue, "person")),
      ...extra(places.extra?.[l]),
    ];
  }
  const act = (text, onclick) => h("button", { type: "button", class: "act", onclick }, text);
  const button = (key, text) =>
    h(
      "p",
      null,
      act(text, () => toggle(key)),
    );
  /** Gathers the outermost contacts of a place into one node, or parts them again. */
  function gathering(l) {
    const members = outerAt(trace, l),
      isGathered = get().opened.includes(`g${l}`);
    return members.length > 1
      ? button(
          `g${l}`,
          t(isGathered ? "part-here" : "gather-here", {
            what: `${count(members.length)} ${names.tiers(persons.tier[members[0]], 2)}`,
          }),
        )
      : "";
  }
  function ofGroup(key, isOpen, shown) {
    const all = membersOf(trace, key),
      members = all.filter((p) => shown.person[p]);
    return [
      badge(key, t("gathered")),
      h("h2", null, names.of(key)),
      facts([
        [t("gathered-at"), go(anchorOf(trace, key))],
        [t("shown"), members.length < all.length ? t("of", { n: members.length, all: all.length }) : ""],
      ]),
      button(key, t(isOpen ? "close-group" : "open-group")),
      ...list(t("members"), members, (p) => [
        go(personKey(p)),
        h(
          "div",
          { class: "when" },
          `${t(persons.tier[p] === trace.venueTier ? "first-there" : "first-exposure")} ${stamp(trace, persons.date[p], persons.date_is_day[p])}`,
        ),
      ]),
    ];
  }
  function ofMany(keys) {
    return [
      h("h2", null, t("chosen-n", { n: keys.length })),
      ...list(t("chosen"), keys, (key) => [
        go(key),
        h(
          "div",
          { class: "when" },
          isPerson(key) ? names.tier(persons.tier[numberOf(key)]) : isPlace(key) ? names.kind(numberOf(key)) : t("gathered"),
        ),
      ]),
    ];
  }
  /** Copy and download of what is chosen: the persons, and the exposures behind them. */
  function handOn(keys, shown) {
    const own = new Set(keys.filter(isPerson).map(numberOf)),
      who = [...new Set(keys.flatMap((key) => personsOf(trace, key)))].filter((p) => shown.person[p] || own.has(p));
    const rows = () => exposuresOf(trace, who).filter((row) => shown.exposure[row]),
      table = () => personTable(trace, names, who);
    const missing = who.reduce(
      (n, p) => n + Math.max(0, persons.exposures[p] - trace.exposedBy(p).length) * (persons.tier[p] !== trace.venueTier),
      0,
    );
    const copy = async () => {
      try {
        await navigator.clipboard.writeText(toCsv(table()));
        say(t("copied", { n: who.length }));
      } catch {
        say(t("copy-refused"));
      }
    };
    return h(
      "p",
      { class: "hand-on" },
      act(t("show-days"), () => showDays(who)),
      act(t("copy"), copy),
      act(t("download-persons"), () => saveCsv("persons.csv", table())),
      act(t("download-exposures"), () => saveCsv("exposures.csv", evidenceTable(trace, names, rows(), missing))),
    );
  }
  let before = null;
  return (state, shown) => {
    const keys = state.selected,
      key = keys.at(-1);
    if (!key) return $("card").replaceChildren(empty);
    const close = h(
      "button",
      { type: "button", class: "close", "aria-label": t("close"), title: t("close"), onclick: () => choose(null) },
      "×",
    );
    const bubble = isPerson(key) ? `b${persons.bubble[numberOf(key)]}` : null;
    const opener =
      bubble && bubble !== "b-1" ? button(bubble, t(state.opened.includes(bubble) ? "close-group" : "open-group-of")) : "";
    const what =
      keys.length > 1
        ? ofMany(keys)
        : isPerson(key)
          ? ofPerson(numberOf(key))
          : isPlace(key)
            ? ofPlace(numberOf(key))
            : ofGroup(key, !isGathering(key) && state.opened.includes(key), shown);
    $("card").replaceChildren(close, ...what.flat(9).filter(Boolean), opener, handOn(keys, shown));
    if (keys !== before) $("card").scrollTop = 0;
    before = keys;
  };
}
