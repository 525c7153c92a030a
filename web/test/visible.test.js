// What the filters leave, against a slow twin that asks of each person, place and exposure alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readTrace } from "../src/trace.js";
import { openFilters, seen } from "../src/visible.js";
import { createChance, drawTrace } from "./chance.js";

function slow(data, f) {
  const { persons: P, places: L, exposures: E, venue: V } = data,
    venueTier = data.tiers.findIndex((tier) => tier.venue);
  const rows = E.contact.map((_, k) => k);
  const kindOf = (place) => (place < 0 ? -1 : L.kind[place]);
  const counts = (k) =>
    !f.classes.includes(E.class[k]) &&
    !f.kinds.includes(kindOf(E.place[k])) &&
    (f.possible || E.certain[k]) &&
    !(f.now !== null && E.start[k] > f.now);
  const lives = (p) =>
    P.area[p] === f.area ||
    rows.some((k) => (E.contact[k] === p || E.source[k] === p) && E.place[k] >= 0 && L.area[E.place[k]] === f.area) ||
    V.person.some((_, k) => (V.person[k] === p || V.source[k] === p) && L.area[V.place[k]] === f.area);
  const person = P.tier.map((tier, p) => {
    const date = P.date[p] === null ? null : P.date[p];
    if (f.tiers.includes(tier) || (!f.possible && !P.certain[p])) return 0;
    if (date !== null && ((f.from !== null && date < f.from) || (f.to !== null && date >= f.to + 1440))) return 0;
    const given = rows.filter((k) => E.source[k] === p).map((k) => E.start[k]);
    if (f.now !== null && date !== null && Math.min(date, ...given) > f.now) return 0;
    if (f.area >= 0 && !lives(p)) return 0;
    if ((f.classes.length || f.kinds.length) && tier > 0 && tier !== venueTier) {
      const own = rows.filter((k) => E.contact[k] === p);
      if (own.length ? !own.some(counts) : f.classes.includes(P.class[p])) return 0;
    }
    return 1;
  });
  const exposure = rows.map((k) => Number(Boolean(person[E.contact[k]] && person[E.source[k]] && counts(k))));
  const place = L.kind.map((_, l) =>
    Number(
      (L.home[l] ? f.homes : f.places) &&
        (rows.some((k) => exposure[k] && E.place[k] === l) ||
          (!f.tiers.includes(venueTier) &&
            V.person.some((p, k) => P.tier[p] === venueTier && V.place[k] === l && person[p] && person[V.source[k]]))),
    ),
  );
  return { person, exposure, place };
}

test("filters leave what the slow twin leaves, in 500 drawn traces", () => {
  for (let seed = 0; seed < 500; seed++) {
    const chance = createChance(seed),
      data = drawTrace(chance),
      trace = readTrace(data);
    const some = (n) => [...Array(n).keys()].filter(() => chance.next() < 0.25);
    const filters = {
      ...openFilters(trace),
      tiers: some(4),
      classes: some(2),
      kinds: [-1, ...some(2)].filter(() => chance.next() < 0.4),
      possible: chance.next() < 0.7,
      homes: chance.next() < 0.8,
      places: chance.next() < 0.8,
      area: chance.below(3) - 1,
      from: chance.next() < 0.3 ? chance.below(5) * 1440 : null,
      to: chance.next() < 0.3 ? chance.below(5) * 1440 : null,
      now: chance.next() < 0.3 ? chance.below(6000) : null,
    };
    const fast = seen(trace, filters),
      twin = slow(data, filters);
    for (const name of ["person", "exposure", "place"]) assert.deepEqual([...fast[name]], twin[name], `${name}, seed ${seed}`);
    assert.deepEqual(
      [...fast.counts],
      data.tiers.map((_, k) => twin.person.filter((on, p) => on && data.persons.tier[p] === k).length),
      `seed ${seed}`,
    );
    assert.deepEqual(
      [...fast.bubble],
      [0, 1].map((b) => twin.person.filter((on, p) => on && data.persons.bubble[p] === b).length),
    );
  }
});

test("venue contacts are hidden until somebody asks", () => {
  const trace = readTrace(drawTrace(createChance(3)));
  assert.equal(seen(trace, openFilters(trace)).counts[3], 0);
});
