import assert from "node:assert/strict";
import { test } from "node:test";
import { day, minuteOf, stamp, stampEnd } from "../src/moments.js";
import { group, pathTo, readTrace } from "../src/trace.js";
import { createChance, drawTrace } from "./chance.js";

test("groups hold every row of their key, in order", () => {
  const of = group(Int32Array.from([2, -1, 0, 2, 1, 2]), 3);
  assert.deepEqual(
    [0, 1, 2].map((g) => [...of(g)]),
    [[2], [4], [0, 3, 5]],
  );
});

test("minutes are told as local wall clock, before the origin too", () => {
  const trace = { origin: "2022-02-28", shifts: [] };
  assert.equal(stamp(trace, 1440 + 61), "2022-03-01 01:01");
  assert.equal(stamp(trace, -1), "2022-02-27 23:59");
  assert.equal(stamp(trace, NaN), "");
  assert.equal(minuteOf(trace, day(trace, 3 * 1440)), 3 * 1440);
});

test("clocks are turned: an hour comes twice in autumn and never in spring", () => {
  const autumn = { origin: "2022-10-30", shifts: [[180, -60]] },
    spring = { origin: "2022-03-27", shifts: [[120, 60]] };
  assert.deepEqual(
    [170, 180, 190, 240].map((m) => stamp(autumn, m).slice(11)),
    ["02:50", "02:00", "02:10", "03:00"],
  );
  assert.deepEqual(
    [119, 120].map((m) => stamp(spring, m).slice(11)),
    ["01:59", "03:00"],
  );
  assert.equal(minuteOf(autumn, "2022-10-31"), 1500);
  assert.equal(minuteOf(spring, "2022-03-28"), 1380);
  assert.equal(stamp(spring, 120, true), "2022-03-27");
  assert.equal(stampEnd(spring, 1380, true), "2022-03-27");
  assert.equal(stampEnd(spring, 1380), "2022-03-28 00:00");
});

test("the path to a contact begins at a case and ends with its own exposure", () => {
  const data = drawTrace(createChance(1), { people: 4, rows: 0 });
  data.persons.tier = [0, 0, 1, 2];
  Object.assign(data.exposures, {
    contact: [3, 2],
    source: [2, 0],
    place: [1, 0],
    start: [5, 1],
    end: [9, 4],
    minutes: [4, 3],
    class: [0, 0],
    certain: [1, 1],
    clause: [0, 0],
  });
  data.persons.link = [-1, -1, 1, 0];
  assert.deepEqual(pathTo(readTrace(data), 3), [1, 0]);
  assert.deepEqual(pathTo(readTrace(data), 0), []);
});
