"""The reference rule itself, on examples worked by hand.

`tests/known/test_rule_page.py` holds it to one example a part of the rule; here is what a table of
verdicts cannot show: sets of seconds, the calendar, F and L in both worlds, the map row -> stay.
"""

from __future__ import annotations

import ast
import datetime as dt
import sys
from pathlib import Path

import pytest

from reference_facts import Clock, Records, between, end, first, merged_where_shared, runs, size
from reference_rule import INNER, OUTER, Rule, World, covered_seconds, judge

DAY = dt.date(2022, 5, 10)
MINUTE = ({"minutes": 1},)


def at(clock: str, day: int = 10) -> dt.datetime:
    return dt.datetime.combine(DAY.replace(day=day), dt.time.fromisoformat(clock))


def visit(person, place, arrive, depart, **more):
    return {"person_id": person, "location_id": place, "arrive": arrive, "depart": depart, **more}


def world_of(*visits, **tables) -> World:
    tables.setdefault("cases", [{"person_id": "C", "onset": at("12:00")}])
    return World(as_of=at("18:00", 12), visits=list(visits), **tables)


def reached(verdict, world, hop, person):
    """F and L as local clock times."""
    shanghai = dt.timezone(dt.timedelta(hours=8))
    times = verdict.hops[world, hop].get(person)
    return times and tuple(f"{dt.datetime.fromtimestamp(t, shanghai):%d %H:%M:%S}" for t in times)


@pytest.mark.parametrize("name", ["reference_rule.py", "reference_facts.py"])
def test_reference_imports_the_standard_library_alone(name):
    tree = ast.parse((Path(__file__).parents[1] / name).read_text(encoding="utf-8"))
    modules = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    modules |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert modules <= sys.stdlib_module_names | {"reference_facts"}


def test_sets_of_seconds_are_half_open():
    seconds = between(3, 6) | between(8, 9)
    assert (first(seconds), end(seconds), size(seconds)) == (3, 9, 4)
    assert runs(seconds) == [between(3, 6), between(8, 9)]
    assert between(6, 6) == between(7, 6) == 0
    assert not between(3, 6) & between(6, 8)


def test_pieces_merge_where_they_share_a_second_and_not_where_they_touch():
    touching = [between(0, 5), between(5, 9)]
    assert merged_where_shared(touching) == touching
    assert merged_where_shared([between(0, 6), between(5, 9)]) == [between(0, 9)]
    chain = [between(0, 3), between(6, 9), between(2, 7)]
    assert merged_where_shared(chain) == [between(0, 9)]


def test_calendar_counts_days_by_date_when_the_clocks_change():
    world = World(
        tz="Europe/Berlin", as_of=dt.datetime(2022, 3, 28, 12),  # noqa: DTZ001  # local
        cases=[{"person_id": "C", "onset": dt.date(2022, 3, 27)}],
    )  # fmt: skip
    clock = Clock(world, Rule())
    lo, hi = clock.bounds(dt.date(2022, 3, 27))
    assert hi - lo == 23 * 3600
    noon = clock.midnight(dt.date(2022, 3, 26)) + 12 * 3600
    assert clock.add_days(noon, 1) - clock.midnight(dt.date(2022, 3, 27)) == 12 * 3600
    assert clock.ceil(lo) == lo
    assert clock.ceil(lo + 1) == hi
    assert clock.floor(hi - 1) == lo


def test_a_span_of_h_starts_at_an_instant_together():
    met = between(0, 3) | between(8, 11) | between(30, 31)
    assert covered_seconds(met, 5, 9) == set()
    assert covered_seconds(met, 5, 10) == {0, 1, 2, 8, 9, 10}
    assert covered_seconds(met, 4, 9) == {0, 1, 2, 8, 9, 10}
    assert covered_seconds(met, 1, 1) == {0, 1, 2, 8, 9, 10, 30}


def test_row_that_ends_before_it_begins_is_rejected_and_touching_rows_are_one_stay():
    verdict = judge(
        world_of(
            visit("P", "L", at("10:00"), at("10:10")),
            visit("P", "L", at("10:10"), at("10:20")),
            visit("P", "L", at("11:00"), at("10:00")),
            visit("P", None, at("12:00"), at("13:00")),
            visit("P", "L", DAY, DAY.replace(day=9)),
            visit("P", "L", at("10:10"), at("10:20"), record="phone"),
        ),
        Rule(),
    )
    assert set(verdict.stays) == {0, 1, 5}
    assert verdict.stays[0] == verdict.stays[1]
    assert verdict.stays[5] != verdict.stays[0]


def test_open_stay_ends_when_the_person_had_certainly_come_elsewhere():
    arrivals = [at("10:00"), DAY, at("10:30"), DAY.replace(day=11)]
    rows = [visit("P", "L", arrivals[0], None)]
    rows += [visit("P", None, a, at("12:00", 11)) for a in arrivals[1:]]
    verdict = judge(world_of(*rows), Rule())
    start, stop = verdict.stays[0][2:]
    assert stop - start == 30 * 60


def test_isolation_at_the_anchor_ends_the_window_and_one_before_only_delays_it():
    def pieces(start, stop):
        isolation = {"person_id": "C", "start": start, "end": stop, "kind": "central"}
        records = Records(world_of(isolations=[isolation]), Rule(max_days=1))
        base = records.clock.midnight(DAY)
        return [
            ((first(p) - base) / 3600, (end(p) - base) / 3600)
            for p in records.window(OUTER, 1, "C", "L")
        ]

    assert pieces(at("12:00"), at("13:00")) == [(-48, 12)]
    assert pieces(at("11:59"), at("13:00")) == [(-48, 12 - 1 / 60), (13, 48)]
    assert pieces(DAY, None) == [(-48, 24)]
    assert pieces(DAY.replace(day=9), at("13:00")) == [(-48, 0), (13, 48)]


def test_last_negative_bounds_the_window_of_a_case_found_by_screening():
    world = world_of(
        cases=[{"person_id": "C", "sampled": at("12:00"), "found_in": "screening"}],
        tests=[
            {"person_id": "C", "sampled": at("09:00", 9), "result": "negative"},
            {"person_id": "C", "sampled": DAY, "result": "negative"},
        ],
    )
    records = Records(world, Rule(from_last_negative=True))
    base = records.clock.midnight(DAY)
    starts = [first(records.window(w, 1, "C", "L")[0]) - base for w in (OUTER, INNER)]
    assert starts == [-15 * 3600, 24 * 3600]


def test_unknown_moment_has_begun_by_its_last_second_in_the_inner_world():
    told = {"person_id": "P", "contact_id": "C", "start": at("10:00"), "end": at("10:05")}
    verdict = judge(world_of(contacts=[told]), Rule())
    assert reached(verdict, OUTER, 1, "P") == ("10 10:00:00", "10 10:05:00")
    assert reached(verdict, INNER, 1, "P") == ("10 10:04:59", "10 10:00:01")


def test_last_exposure_counts_over_all_hops_so_far():
    verdict = judge(
        world_of(
            visit("C", "L1", at("10:00"), at("10:30")),
            visit("P", "L1", at("10:00"), at("10:30")),
            visit("P", "L2", at("11:00"), at("11:30")),
            visit("Q", "L2", at("11:00"), at("11:30")),
            visit("P", "L3", at("09:00"), at("09:30")),
            visit("Q", "L3", at("09:00"), at("09:30")),
        ),
        Rule(tiers=MINUTE * 3),
    )
    assert reached(verdict, OUTER, 1, "P") == ("10 10:00:00", "10 10:30:00")
    assert reached(verdict, OUTER, 2, "Q") == ("10 11:00:00", "10 11:30:00")
    assert reached(verdict, OUTER, 3, "P") == ("10 10:00:00", "10 11:30:00")
    assert verdict.persons["P"]["contact_tier"] == 1
    assert verdict.persons["Q"]["contact_tier"] == 2


def test_secondary_contacts_of_one_another_stay_secondary():
    meetings = [("C", "P", "10:00"), ("P", "Q", "11:00"), ("P", "R", "11:00"), ("Q", "R", "12:00")]
    rows = [
        visit(person, f"{p}{q}", at(clock), at(clock.replace(":00", ":30")))
        for p, q, clock in meetings
        for person in (p, q)
    ]
    tiers = judge(world_of(*rows), Rule(tiers=MINUTE * 3)).persons
    assert {p: row["tier"] for p, row in tiers.items()} == {"C": 0, "P": 1, "Q": 2, "R": 2}


def test_two_alike_exposures_from_two_seats_are_two():
    verdict = judge(
        world_of(
            visit("C", "L", at("10:00"), at("10:30"), carriage="1"),
            visit("C", "L", at("10:00"), at("10:30"), carriage="2"),
            visit("P", "L", at("10:00"), at("10:30")),
        ),
        Rule(tiers=({"minutes": 60, "accumulate": "same_source", "accumulate_hours": 0.5},)),
    )
    assert verdict.persons == {"C": verdict.persons["C"]}
    verdict = judge(
        world_of(
            visit("C", "L", at("10:00"), at("10:20"), carriage="1"),
            visit("C", "L", at("10:00"), at("10:20"), carriage="2"),
            visit("C", "M", at("10:20"), at("10:30")),
            visit("P", "L", at("10:00"), at("10:20")),
            visit("P", "M", at("10:20"), at("10:30")),
        ),
        Rule(tiers=({"minutes": 30, "accumulate": "same_source", "accumulate_hours": 0.5},)),
    )
    assert verdict.counts["exposures"] == 3
    assert verdict.persons["P"]["minutes"] == 50
