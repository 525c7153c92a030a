"""Trips between areas, against a program that walks through each person's stays."""

from collections import Counter
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import tracegraph as tg
from tracegraph.zones.geography.movement import trips
from tracegraph.zones.ground import survey

ORIGIN = pd.Timestamp("2022-05-09", tz="Asia/Shanghai")
AREA_OF = {"H1": "A", "H2": "B", "W": "B", "M": "C", "T": "D", "X": None, "V": "A", "Room": None}
KIND = {"H1": "home", "H2": "home", "W": "office", "M": "market", "T": "office", "V": "bus"}
PARENT_OF = {"Room": "W"}  # a room lies where its building lies
LIES_IN = {**AREA_OF, "Room": "B", "V": None}  # a bus lies nowhere, whatever the table says
HALF_HOUR = 30


def moment(minute):
    return (ORIGIN + pd.Timedelta(minutes=minute)).tz_localize(None)


def ground_of(stays, home):
    """Ground of stays (person, place, minute of arrival, of departure or None)."""
    visits = pd.DataFrame({
        "person_id": [s[0] for s in stays] + ["zz"],
        "location_id": [s[1] for s in stays] + ["T"],
        "arrive": [moment(s[2]) for s in stays] + [moment(0)],
        "depart": [None if s[3] is None else moment(s[3]) for s in stays] + [moment(1)],
    })  # fmt: skip
    graph = tg.TraceGraph(
        cases=pd.DataFrame({"person_id": ["zz"], "onset": ["2022-05-09"]}),
        visits=visits,
        persons=pd.DataFrame({"person_id": list(home), "home_id": list(home.values())}),
        locations=pd.DataFrame({
            "location_id": list(AREA_OF), "area_id": list(AREA_OF.values()),
            "kind": [KIND.get(place) for place in AREA_OF],
            "parent_id": [PARENT_OF.get(place) for place in AREA_OF],
        }),
        areas=pd.DataFrame({"area_id": list("ABCD")}),
        tz="Asia/Shanghai",
    )  # fmt: skip
    return survey(graph.trace("china-8", as_of="2022-05-20"))


def trips_by_walking(stays, home, since, until):
    """The twin: minutes, ids, and one person after the other."""
    count = Counter()
    for person in {s[0] for s in stays}:
        mine = sorted((s[2], 1e9 if s[3] is None else s[3], s[1]) for s in stays if s[0] == person)
        log, free = [], None
        for i, (arrive, depart, place) in enumerate(mine):
            if home.get(person) and free is not None and arrive - free > HALF_HOUR:
                log.append((free, AREA_OF[home[person]]))
            log.append((arrive, LIES_IN[place]))
            following = mine[i + 1][0] if i + 1 < len(mine) else 1e9
            end = following if depart == 1e9 else depart
            free = end if free is None else max(free, end)
        log = [entry for entry in log if entry[1]]
        for (_, left), (came, entered) in pairwise(log):
            if left != entered and since <= came < until:
                count[tuple(sorted((left, entered)))] += 1
    return {pair: float(n) for pair, n in count.items()}


def trips_found(stays, home, since=-(10**6), until=10**6):
    found = trips(ground_of(stays, home), since * 60, until * 60)
    return {("ABCD"[row.one], "ABCD"[row.other]): row.trips for row in found.itertuples()}


STAYS = st.lists(
    st.tuples(st.sampled_from("pqr"), st.sampled_from(list(AREA_OF)),
              st.integers(0, 16).map(lambda k: 15 * k), st.integers(1, 8).map(lambda k: 15 * k),
              st.booleans()).map(lambda s: (*s[:3], None if s[4] and s[3] < 45 else s[2] + s[3])),
    max_size=9,
    unique=True,
)  # fmt: skip
HOMES = st.fixed_dictionaries({p: st.sampled_from(["H1", "H2", None]) for p in "pqr"})


@settings(deadline=None, max_examples=60)
@given(STAYS, HOMES, st.tuples(st.integers(-1, 20), st.integers(-1, 20)))
def test_trips_are_what_walking_through_the_stays_gives(stays, home, days):
    since, until = (15 * k for k in sorted(days))
    assert trips_found(stays, home, since, until) == trips_by_walking(stays, home, since, until)


@settings(deadline=None, max_examples=15)
@given(STAYS, HOMES, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(stays, home, chance):
    mixed = list(stays)
    chance.shuffle(mixed)
    assert trips_found(mixed, home) == trips_found(stays, home)


def test_of_two_stays_that_start_together_the_shorter_one_comes_first():
    stays = [("p", "W", 0, 60), ("p", "M", 0, 30), ("p", "T", 60, 90)]
    for rows in (stays, stays[::-1]):
        assert trips_found(rows, {"p": None}) == {("B", "C"): 1, ("B", "D"): 1}


@pytest.mark.parametrize(("stays", "home", "expected"), [
    ([("p", "W", 0, 60), ("p", "M", 90, 120)], "H1", {("B", "C"): 1}),  # exactly half an hour
    ([("p", "W", 0, 60), ("p", "M", 91, 120)], "H1", {("A", "B"): 1, ("A", "C"): 1}),
    ([("p", "W", 0, 60), ("p", "M", 91, 120)], None, {("B", "C"): 1}),  # no home is known
    ([("p", "W", 0, 60), ("p", "V", 65, 200), ("p", "M", 210, 300)], "H1", {("B", "C"): 1}),
    ([("p", "W", 0, 60), ("p", "X", 65, 200), ("p", "M", 210, 300)], "H1", {("B", "C"): 1}),
    ([("p", "W", 0, None), ("p", "M", 300, 310)], "H1", {("B", "C"): 1}),  # no end is recorded
    ([("p", "W", 0, 300), ("p", "T", 60, 70), ("p", "M", 310, 320)], "H1",
     {("B", "D"): 1, ("C", "D"): 1}),  # the longer stay fills the time after the shorter one
    ([("p", "W", 0, 60), ("p", "W", 600, 660)], "H1", {("A", "B"): 2}),  # home, and back
    ([("p", "W", 0, 60), ("p", "W", 600, 660)], "H2", {}),  # home lies in the same area
    ([("p", "W", 0, 60), ("p", "Room", 60, 99)], "H1", {}),
    ([("p", "W", 0, 60), ("q", "M", 60, 99)], "H1", {}),  # two persons
    ([("p", "W", 600, 660)], "H1", {}),
    ([], "H1", {}),
])  # fmt: skip
def test_a_trip_is(stays, home, expected):
    assert trips_found(stays, {"p": home, "q": None}) == expected


def test_trips_count_when_the_person_comes_in():
    stays, home = [("p", "W", 0, 60), ("p", "M", 600, 700)], {"p": "H1"}
    assert trips_found(stays, home, 60, 61) == {("A", "B"): 1}  # home at the end of work
    assert trips_found(stays, home, 600, 601) == {("A", "C"): 1}
    assert trips_found(stays, home, 61, 600) == {}


def test_the_columns_are_as_promised():
    found = trips(ground_of([], {"p": None}), 0, 1)
    assert found.dtypes.astype(str).to_dict() == {
        "one": "int64", "other": "int64", "trips": "float64"
    }  # fmt: skip
