"""What tracegraph is measured against gives the same answer, or the measurement means nothing.

Few people, few places, few moments, so that ties, touching ends, thresholds met to the second and
meetings with oneself occur. Worlds of tables are judged by the reference rule, which is slow;
crowded ones by pairs, two thousand at once: they share no person and no place, and so are one
question.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import worlds
from benchmarks.rivals import (
    codes,
    duckdb_asof,
    duckdb_pairs,
    numpy_search,
    polars_asof,
    sql_self_join,
)
from benchmarks.rivals.question import (
    BEFORE,
    NEVER,
    Terms,
    TextTerms,
    Visits,
    answer_of,
    terms_of,
    visits_of,
)
from reference_rule import OUTER, Rule, World, judge
from tracegraph.tracing.trace import Trace

TZ = "Asia/Shanghai"
MIDNIGHT = dt.datetime(2022, 5, 10)  # noqa: DTZ001  # local, as in a table
PEOPLE, PLACES = range(1, 6), (10, 20, 30)
KINDS = ("room", "hall", "market")
judged = settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow]
)  # a first call compiles


def at(minute: int) -> dt.datetime:
    return MIDNIGHT + dt.timedelta(minutes=minute)


@st.composite
def visits(draw) -> list[dict]:
    """Visits of whom and where one likes; rows of a person at a place that touch are one stay."""
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(PEOPLE), st.sampled_from(PLACES), st.integers(0, 40),
                st.integers(1, 20),
            ),
            max_size=16,
        )
    )  # fmt: skip
    kept: list[tuple[int, int, int, int]] = []
    for person, place, start, minutes in sorted(rows):
        row = (person, place, start, start + minutes)
        if not kept or kept[-1][:2] != row[:2] or kept[-1][3] < start:
            kept.append(row)
    return [
        {"person_id": p, "location_id": q, "arrive": at(a), "depart": at(d)} for p, q, a, d in kept
    ]


@st.composite
def settings_of_a_world(draw) -> tuple[World, Rule]:
    cases = draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3))  # two windows, too
    # A look-back of hours draws the window into the timetable.
    onset = [at(draw(st.integers(60, 100))) for _ in cases]
    away = [draw(st.one_of(st.none(), st.integers(5, 60))) for _ in cases]
    world = World(
        tz=TZ,
        as_of=at(draw(st.sampled_from([30, 55, 90]))),
        cases=[
            {"person_id": c, "onset": o, "isolated": None if a is None else at(a)}
            for c, o, a in zip(cases, onset, away, strict=True)
        ],
        visits=draw(visits()),
        locations=[
            {"location_id": place, "kind": draw(st.sampled_from(KINDS))} for place in PLACES
        ],
    )
    rule = Rule(
        look_back_days=None,
        look_back_hours=1,
        tiers=tuple({"minutes": draw(st.integers(1, 8)), "follow_up_days": 1} for _ in range(2)),
        kinds={
            "room": {"place": "close", "minutes": draw(st.integers(0, 5))},
            "hall": {"place": "close", "linger_minutes": draw(st.integers(0, 10))},
            "market": {"place": "venue"},
        },
    )
    return world, rule


def by_numpy(visits, terms):
    return numpy_search.trace(visits, terms)


def by_numpy_again(visits, terms):
    return numpy_search.again(numpy_search.keep(visits, terms), terms)


def by_polars(visits, terms):
    return polars_asof.trace(polars_asof.load(visits), terms)


def by_polars_again(visits, terms):
    return polars_asof.again(polars_asof.keep(polars_asof.load(visits), terms), terms)


def by_duckdb(visits, terms):
    with duckdb_asof.load(visits, terms) as base:
        return duckdb_asof.trace(base, terms)


def by_duckdb_again(visits, terms):
    with duckdb_asof.load(visits, terms) as base:
        duckdb_asof.keep(base)
        return duckdb_asof.trace(base, terms)


def by_self_join(visits, terms):
    with sql_self_join.load(visits, terms) as base:
        return sql_self_join.trace(base, terms)


RIVALS = (
    by_numpy, by_numpy_again, by_polars, by_polars_again, by_duckdb, by_duckdb_again, by_self_join
)  # fmt: skip


def asked(world: World, rule: Rule) -> Trace:
    graph = worlds.to_graph(world)
    return graph.trace(worlds.to_protocol(rule), as_of=world.as_of)


def told(answer, graph, *, coded=True) -> dict:
    """Rows by id, times as Unix seconds, as the reference tells them."""

    def unix(second: int) -> int | None:
        return None if second in (NEVER, BEFORE) else int(second) + graph.calendar.epoch

    columns = answer.person.tolist(), answer.tier, answer.first, answer.last
    return {
        int(graph.person_ids[p] if coded else p): (int(t), unix(f), unix(l_))
        for p, t, f, l_ in zip(*columns, strict=True)
    }


def told_by_reference(world: World, rule: Rule) -> dict:
    verdict = judge(world, rule)
    reached = verdict.hops[OUTER, 2]
    return {
        person: (row["tier"], *reached.get(person, (None, None)))
        for person, row in verdict.persons.items()
    }


@judged
@given(settings_of_a_world())
def test_rivals_answer_as_the_reference_does(drawn):
    world, rule = drawn
    trace = asked(world, rule)
    visits, terms = visits_of(trace.graph), terms_of(trace)
    expected = told_by_reference(world, rule)
    assert told(answer_of(trace), trace.graph, coded=False) == expected
    for rival in RIVALS:
        answer = rival(visits, terms)
        assert told(answer, trace.graph) == expected, rival.__name__


@judged
@given(settings_of_a_world())
def test_joined_pairs_are_the_exposures_of_the_reference(drawn):
    world, rule = drawn
    trace = asked(world, rule)
    graph, terms = trace.graph, terms_of(trace)
    with duckdb_asof.load(visits_of(graph), terms) as base:
        duckdb_pairs.prepare(base, terms)
        found = duckdb_pairs.pairs(base).to_arrow_table().to_pylist()
    epoch = graph.calendar.epoch
    rows = sorted(
        (int(graph.person_ids[r["contact"]]), int(graph.person_ids[r["source"]]),
         int(graph.location_ids[r["location"]]), r["start"] + epoch, r["end"] + epoch)
        for r in found
    )  # fmt: skip
    assert rows == sorted(row[:5] for _, row in judge(world, rule).own_tier)


# ---- crowded worlds

WORLDS, EACH, ROOMS, ROWS, CASES = 2_000, 5, 2, 14, 2
MOMENTS, AS_OF, FOLLOW_UP = 40, 45, 12


def crowded(seed: int) -> tuple[Visits, Terms]:
    """Worlds of five people, two places and fourteen visits each, in seconds."""
    rng = np.random.default_rng(seed)

    def draw(low: int, high: int, size: int) -> np.ndarray:
        return rng.integers(low, high, size).astype(np.int32)

    def somebody(each: int, of: int) -> np.ndarray:
        world = np.repeat(np.arange(WORLDS), each)
        return (world * of + rng.integers(of, size=world.size)).astype(np.int32)

    arrive = draw(0, MOMENTS, WORLDS * ROWS)
    depart = np.minimum(arrive + draw(1, 16, arrive.size), AS_OF).astype(np.int32)
    visits = Visits(
        person=somebody(ROWS, EACH), location=somebody(ROWS, ROOMS), arrive=arrive, depart=depart
    )
    source = np.sort(somebody(CASES, EACH))  # twice the same person: two windows
    start = draw(0, 30, source.size)
    isolated = np.unique(somebody(1, EACH))
    places = WORLDS * ROOMS
    terms = Terms(
        case=np.unique(source), source=source, start=start, end=start + draw(1, 25, start.size),
        isolated=isolated, away=draw(5, AS_OF, isolated.size),
        close=rng.random(places) < 0.8, least_1=draw(1, 8, places), least_2=draw(1, 8, places),
        linger=draw(0, 6, places), follow_up=FOLLOW_UP, as_of=AS_OF, n_persons=WORLDS * EACH,
    )  # fmt: skip
    return visits, terms


def exposures_by_pairs(visits, terms, windows, least, linger) -> list[tuple]:
    """Every (contact, source, location, start, end) of one hop."""
    rows: dict[int, list] = {}
    for person, place, a, d in zip(*(c.tolist() for c in visits.columns().values()), strict=True):
        rows.setdefault(place, []).append((person, a, d))
    found = []
    for place, there in rows.items():
        for q, a, d in there if terms.close[place] else ():
            for since, until in windows.get(q, ()):
                lo, hi = max(a, since), min(d, until)
                for p, came, left in there if lo < hi else ():
                    start, end = max(lo, came), min(hi + int(linger[place]), left)
                    if p != q and end - start >= least[place]:
                        found.append((p, q, place, start, end))
    return found


def reached_by(exposures) -> dict[int, tuple[int, int]]:
    reached: dict[int, tuple[int, int]] = {}
    for p, _, _, start, end in exposures:
        first, last = reached.get(p, (NEVER, BEFORE))
        reached[p] = min(first, start), max(last, end)
    return reached


def answer_by_pairs(visits, terms) -> tuple[dict, list[tuple]]:
    """Rows by person, and the exposures of everybody's own tier."""
    windows: dict[int, list] = {}
    for q, since, until in zip(terms.source, terms.start, terms.end, strict=True):
        windows.setdefault(int(q), []).append((int(since), int(until)))
    one = exposures_by_pairs(visits, terms, windows, terms.least_1, terms.linger)
    by_one, away = reached_by(one), dict(zip(terms.isolated, terms.away, strict=True))
    later = {
        q: [(first, min(last + FOLLOW_UP, AS_OF, int(away.get(q, AS_OF))))]
        for q, (first, last) in by_one.items()
    }
    two = exposures_by_pairs(visits, terms, later, terms.least_2, np.zeros_like(terms.linger))
    both, cases = reached_by(one + two), set(terms.case.tolist())
    rows = {
        p: (0 if p in cases else 1 if p in by_one else 2, *both.get(p, (NEVER, BEFORE)))
        for p in cases | set(both)
    }
    return rows, one + [e for e in two if e[0] not in by_one]


@pytest.mark.parametrize("seed", [1, 2])
def test_rivals_answer_as_pairs_do_in_crowded_worlds(seed):
    visits, terms = crowded(seed)
    expected, _ = answer_by_pairs(visits, terms)
    assert {row[0] for row in expected.values()} == {0, 1, 2}
    for rival in RIVALS:
        answer = rival(visits, terms)
        columns = (np.asarray(getattr(answer, n)) for n in ("person", "tier", "first", "last"))
        found = {p: tuple(row) for p, *row in zip(*(c.tolist() for c in columns), strict=True)}
        wrong = {p: (found.get(p), row) for p, row in expected.items() if found.get(p) != row}
        assert not wrong, (rival.__name__, len(wrong), next(iter(wrong.items())))
        assert len(found) == len(expected), rival.__name__


def test_joined_pairs_are_all_pairs_in_crowded_worlds(monkeypatch):
    monkeypatch.setattr(duckdb_pairs, "BLOCK", 5)  # so that stays reach over many
    visits, terms = crowded(3)
    with duckdb_asof.load(visits, terms) as base:
        duckdb_pairs.prepare(base, terms)
        table = pa.Table.from_batches(duckdb_pairs.stream(base))
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    assert sorted(rows) == sorted(answer_by_pairs(visits, terms)[1])


# ---- crowded worlds from files with text ids


def in_texts(columns: dict[str, np.ndarray]) -> pa.Table:
    """Codes of persons and places as texts of unequal length; the rest stays."""
    letter = {"person": "P", "owner": "P", "location": "L"}
    return pa.table({
        name: [f"{letter[name]}{code}" for code in values] if name in letter else values
        for name, values in columns.items()
    })  # fmt: skip


def texts_of(terms: Terms, origin: np.datetime64) -> TextTerms:
    return TextTerms(
        cases=in_texts({"person": terms.case}), windows=in_texts(terms.windows()),
        isolations=in_texts(terms.isolations()), places=in_texts(terms.places()),
        origin=origin, follow_up=terms.follow_up, as_of=terms.as_of,
    )  # fmt: skip


def write(visits: Visits, origin: np.datetime64, file, unit: str) -> None:
    rows = in_texts(visits.columns())
    times = {n: origin.astype(f"datetime64[{unit}]") + getattr(visits, n).astype("m8[s]")
             for n in ("arrive", "depart")}  # fmt: skip
    pq.write_table(
        pa.table({"person_id": rows["person"], "location_id": rows["location"], **times}), file
    )


FROM_FILE = {
    "NumPy": lambda f, terms: numpy_search.finish(codes.read_texts(f), terms),
    "Polars": lambda f, terms: polars_asof.finish(codes.read_texts(f), terms),
    "DuckDB": lambda f, terms: duckdb_asof.finish(duckdb_asof.read(f, terms), terms),
}


@pytest.mark.parametrize("unit", ["ms", "us"])
@pytest.mark.parametrize("rival", FROM_FILE)
def test_rivals_answer_from_texts_as_pairs_do(rival, unit, tmp_path):
    visits, terms = crowded(4)
    origin = np.datetime64("2022-05-01T03:00:00", "s")
    write(visits, origin, tmp_path / "v.parquet", unit)
    answer = FROM_FILE[rival](tmp_path / "v.parquet", texts_of(terms, origin))
    columns = answer.tier, answer.first, answer.last
    rows = zip(answer.person.to_pylist(), *(c.tolist() for c in columns), strict=True)
    expected, _ = answer_by_pairs(visits, terms)
    assert sorted(rows) == sorted((f"P{p}", *row) for p, row in expected.items())


@pytest.mark.parametrize("rival", FROM_FILE)
def test_rivals_answer_from_texts_where_nobody_is_infectious(rival, tmp_path):
    visits, terms = crowded(5)
    origin = np.datetime64("2022-05-01T03:00:00", "s")
    write(visits, origin, tmp_path / "v.parquet", "ms")
    terms = replace(terms, end=terms.start)
    answer = FROM_FILE[rival](tmp_path / "v.parquet", texts_of(terms, origin))
    rows = zip(answer.person.to_pylist(), answer.tier.tolist(), answer.first.tolist(), strict=True)
    assert sorted(rows) == sorted((f"P{p}", 0, NEVER) for p in terms.case.tolist())
