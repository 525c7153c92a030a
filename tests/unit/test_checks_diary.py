"""Where people were when: two places at once, stays without a place, cases nobody saw."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from told import graph_of, rules, warned
from tracegraph.model.calendar import NEVER
from tracegraph.model.checks.diary import Diary


def stay(person, place, arrive, depart):
    return {"person_id": person, "location_id": place, "arrive": arrive, "depart": depart}


def room(name, building):
    return {"location_id": name, "kind": "office", "parent_id": building}


MORNING = ("2022-05-08 09:00", "2022-05-08 11:00")
NOON = ("2022-05-08 10:00", "2022-05-08 12:00")


# ---- two places at once


def test_two_places_at_once_are_counted_and_three_are_shown():
    visits = [
        stay(person, place, *when)
        for person in ("Ann", "Ben", "Cleo", "Dan")
        for place, when in (("Mall", MORNING), ("Bank", NOON))
    ]
    found = warned(graph_of(visits=visits), "two-places-at-once")
    assert found["message"] == "4 visits overlap a visit of the same person elsewhere; both count"
    assert found["value"] == "Ann at Mall and Bank; Ben at Mall and Bank; Cleo at Mall and Bank"


def test_visit_between_the_ends_of_another_is_found_behind_a_longer_one_at_its_own_place():
    visits = [
        stay("Ann", "Mall", "2022-05-08 09:00", "2022-05-08 10:30"),
        stay("Ann", "Bank", "2022-05-08 09:10", "2022-05-08 12:00"),
        stay("Ann", "Bank", "2022-05-08 10:00", "2022-05-08 10:15"),
    ]
    found = warned(graph_of(visits=visits), "two-places-at-once")
    assert found["message"].startswith("2 visits overlap a visit of the same person elsewhere")
    assert found["value"] == "Ann at Mall and Bank; Ann at Mall and Bank"


def test_two_rooms_at_once_are_found_behind_the_stay_in_their_building():
    visits = [
        stay("Ann", "House", "2022-05-08 09:00", "2022-05-08 12:00"),
        stay("Ann", "Room 1", "2022-05-08 09:30", "2022-05-08 11:30"),
        stay("Ann", "Room 2", "2022-05-08 10:00", "2022-05-08 11:00"),
    ]
    places = [room("House", None), room("Room 1", "House"), room("Room 2", "House")]
    found = warned(graph_of(visits=visits, locations=places), "two-places-at-once")
    assert found["value"] == "Ann at Room 1 and Room 2"


def test_room_of_a_storey_is_in_the_house():
    places = [room("House", None), room("Storey", "House"), room("Room", "Storey")]
    visits = [stay("Ann", "House", *MORNING), stay("Ann", "Room", *NOON)]
    assert "two-places-at-once" not in rules(graph_of(visits=visits, locations=places))


people = st.integers(0, 1)
bounds = st.tuples(st.integers(0, 6), st.integers(0, 2), st.integers(-1, 4), st.integers(0, 2))
diaries = st.lists(st.tuples(people, st.integers(-1, 5), bounds), max_size=9)
forests = st.lists(st.integers(-1, 4), min_size=6, max_size=6).map(
    lambda parents: [parent if parent < child else -1 for child, parent in enumerate(parents)]
)


def diary_of(rows):
    """Diary of rows: person, place, (earliest arrival, span of it, shortest stay, span of end)."""
    person, place, times = zip(*rows, strict=True) if rows else ((), (), ())
    lo = np.array([t[0] for t in times], np.int32)
    hi = lo + np.array([t[1] for t in times], np.int32)
    least = np.array([t[2] for t in times], np.int32)
    leaves = np.where(least < 0, NEVER, hi + least)
    columns = {
        "person": np.array(person, np.int32),
        "location": np.array(place, np.int32),
        "arrive_lo": lo,
        "arrive_hi": hi,
        "depart_lo": leaves.astype(np.int32),
        "depart_hi": np.where(least < 0, NEVER, leaves + [t[3] for t in times]).astype(np.int32),
    }
    return Diary.looked_at(columns, persons=2)


def holds(parent, outer, inner):
    while inner >= 0 and inner != outer:
        inner = parent[inner]
    return inner == outer


def certainly_meet(one, other):
    (lo1, span1, least1, _), (lo2, span2, least2, _) = one, other
    came, left = max(lo1 + span1, lo2 + span2), min(lo1 + span1 + least1, lo2 + span2 + least2)
    return least1 > 0 and least2 > 0 and came < left


def later_visits_elsewhere(rows, parent):
    """Every pair, one by one: a visit and those before it, by latest arrival, then by row."""
    order = sorted(range(len(rows)), key=lambda i: (rows[i][2][0] + rows[i][2][1], i))
    found = {}
    for i, later in enumerate(order):
        for earlier in order[:i]:
            (p, here, when), (q, there, then) = rows[later], rows[earlier]
            apart = not holds(parent, here, there) and not holds(parent, there, here)
            if p == q and min(here, there) >= 0 and apart and certainly_meet(when, then):
                found.setdefault(later, set()).add(earlier)
    return found


@settings(deadline=None, max_examples=500)
@given(rows=diaries, parent=forests)
def test_two_places_are_what_every_pair_tells(rows, parent):
    here, there = diary_of(rows).two_places(np.array(parent, np.int32))
    expected = later_visits_elsewhere(rows, parent)
    assert sorted(here.tolist()) == sorted(expected)
    assert all(j in expected[i] for i, j in zip(here.tolist(), there.tolist(), strict=True))


def test_long_chain_of_places_takes_no_time():
    """A column filled down in a spreadsheet: each place in the one of the row above."""
    n = 100_000
    names = [f"L{i:06}" for i in range(n)]
    locations = pd.DataFrame(
        {"location_id": names, "kind": "office", "parent_id": [None, *names[:-1]]}
    )
    visits = [stay("Ann", names[i], *when) for i, when in ((0, MORNING), (n - 1, NOON))]
    elsewhere = [stay("Ann", "Mall", *MORNING)]
    assert "two-places-at-once" not in rules(graph_of(visits=visits, locations=locations))
    warned(graph_of(visits=visits + elsewhere, locations=locations), "two-places-at-once")


# ---- rows that tell of a stay again


@settings(deadline=None, max_examples=300)
@given(rows=diaries)
def test_repeated_rows_are_those_with_an_equal_one_before(rows):
    def cells(row):
        person, place, (lo, span, least, end) = row
        return person, place, lo, span, least, end if least >= 0 else None

    again, twice = diary_of(rows).repeated()
    told = [cells(row) for row in rows]
    assert again.tolist() == [i for i, row in enumerate(told) if row in told[:i]]
    assert twice.tolist() == [i for i, row in enumerate(told) if told.count(row) > 1]


# ---- no place, no visit


def test_visits_without_a_place_are_told():
    visits = [stay("Ben", None, *MORNING), stay("Cleo", "Mall", *MORNING)]
    found = warned(graph_of(visits=visits), "unplaced-visit")
    assert found["message"] == "1 row has no location; kept, but it meets nobody"
    assert found["value"] == "Ben"
    found = warned(graph_of(visits=visits[:1] * 2), "unplaced-visit")
    assert found["message"] == "2 rows have no location; kept, but they meet nobody"


def test_visits_with_a_place_are_not_told():
    assert "unplaced-visit" not in rules(graph_of(visits=[stay("Ben", "Mall", *MORNING)]))


CASES = [{"person_id": p, "onset": "2022-05-09"} for p in ("Ann", "Ben", "Cleo", "Cleo")]


@pytest.mark.parametrize(
    ("visitors", "message", "value"),
    [
        (["Ann"], "2 of 3 cases have no visit", "Ben, Cleo"),
        (["Ann", "Ben"], "1 of 3 cases has no visit", "Cleo"),
        (["ann"], "3 of 3 cases have no visit: whom they met is unknown", "Ann, Ben, Cleo"),
    ],
)
def test_cases_of_whom_no_visit_tells_are_told(visitors, message, value):
    visits = [stay(person, "Mall", *MORNING) for person in visitors]
    found = warned(graph_of(cases=CASES, visits=visits), "case-without-visit")
    assert (found["message"], found["value"]) == (message, value)


def test_unplaced_visit_is_no_visit_of_a_case():
    found = warned(graph_of(visits=[stay("Ann", None, *MORNING)]), "case-without-visit")
    assert found["message"].startswith("1 of 1 case has no visit")


def test_cases_are_not_told_where_nobody_keeps_visits():
    assert "case-without-visit" not in rules(graph_of(cases=CASES))
    visits = [stay(person, "Mall", *MORNING) for person in ("Ann", "Ben", "Cleo")]
    assert "case-without-visit" not in rules(graph_of(cases=CASES, visits=visits))


def test_people_without_a_row_are_told_apart():
    """A person's sums of times exceed those of every person before: also at the edges."""
    day = pd.Timestamp("2022-05-08", tz="Asia/Shanghai")
    times = [day + pd.Timedelta(days=d) for d in (0, 3000, 6000)]
    visits = [
        stay(person, place, begin.isoformat(), end.isoformat())
        for person, place in (("Ann", "Mall"), ("Ben", "Bank"))
        for begin, end in pairwise(times)
    ]
    assert "two-places-at-once" not in rules(graph_of(visits=visits))
