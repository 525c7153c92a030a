// Chance that can be repeated: mulberry32.

export function createChance(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return { next, below: (n) => Math.floor(next() * n) };
}

/** A small trace, as the page's data give it: everything drawn, some in bubbles. */
export function drawTrace(chance, { people = 12, spots = 5, rows = 25 } = {}) {
  const many = (n, make) => Array.from({ length: n }, (_, k) => make(k));
  const tier = many(people, (p) => (p < 2 ? 0 : 1 + chance.below(3))); // 3: venue contacts
  const bubble = tier.map((k) => (k === 2 && chance.next() < 0.4 ? chance.below(2) : -1));
  const date = many(people, () => (chance.next() < 0.1 ? null : chance.below(6000)));
  return {
    format: 1,
    origin: "2022-05-01",
    as_of: 7000,
    as_of_text: "",
    title: "",
    version: "0",
    protocol: { name: "", title: "" },
    tiers: [{ name: "case" }, { name: "close contact" }, { name: "secondary contact" }, { name: "venue contact", venue: true }],
    classes: ["close", "household"],
    clauses: ["1"],
    kinds: ["market", "office"],
    areas: ["area A", "area B"],
    persons: {
      code: many(people, (p) => `P${p}`),
      tier,
      certain: many(people, () => Number(chance.next() < 0.7)),
      class: tier.map((k) => (k ? chance.below(2) : -1)),
      clause: tier.map(() => 0),
      first: date,
      last: date,
      minutes: tier.map(() => 30),
      sources: tier.map(() => 1),
      until: date,
      ongoing: tier.map(() => 0),
      exposures: tier.map(() => 1),
      date,
      date_kind: tier.map((k) => (k ? 3 : 0)),
      home: tier.map(() => chance.below(spots)),
      area: tier.map(() => chance.below(3) - 1),
      parent: many(people, (p) => (p < 2 ? -1 : chance.below(p))),
      parent_how: tier.map(() => 1),
      link: tier.map(() => -1),
      bubble,
      x: bubble.map((b) => (b < 0 ? chance.below(400) : null)),
      y: bubble.map((b) => (b < 0 ? chance.below(400) : null)),
      r: bubble.map((b) => (b < 0 ? 8 : null)),
    },
    places: {
      code: many(spots, (l) => `L${l}`),
      kind: many(spots, () => chance.below(3) - 1),
      home: many(spots, () => chance.below(2)),
      area: many(spots, () => chance.below(3) - 1),
      exposures: many(spots, () => 1),
      x: many(spots, () => chance.below(400)),
      y: many(spots, () => chance.below(400)),
      r: many(spots, () => 7),
    },
    bubbles: { tier: [2, 2], at_place: [1, 1], anchor: [0, 1], x: [500, 600], y: [500, 600], radius: [14, 12] },
    exposures: Object.fromEntries(
      [
        ["contact", () => chance.below(people)],
        ["source", () => chance.below(people)],
        ["place", () => chance.below(spots + 1) - 1],
        ["start", () => chance.below(6000)],
        ["end", () => 6500],
        ["minutes", () => 20],
        ["class", () => chance.below(2)],
        ["certain", () => chance.below(2)],
        ["clause", () => 0],
      ].map(([name, make]) => [name, many(rows, make)]),
    ),
    venue: { person: [people - 1], source: [0], place: [0], start: [10], end: [20], minutes: [10], certain: [1], times: [1] },
    stays: { person: [], place: [], start: [], end: [], imputed: [] },
    stays_of: tier.map(() => 1),
    windows: { person: [], start: [], end: [] },
    dropped: 0,
    shifts: [],
    stays_kept: "all",
  };
}
