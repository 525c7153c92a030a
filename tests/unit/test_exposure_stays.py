"""Rows to stays: open ends and joined rows against every pair of rows."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
import pandas as pd
from hypothesis import given, settings, strategies as st

import tracegraph as tg
from tracegraph.exposure import _jit
from tracegraph.exposure.pack import pack
from tracegraph.exposure.presence import Presence, next_arrival
from tracegraph.exposure.stays import coalesce, stay_index
from tracegraph.model.calendar import NEVER
from tracegraph.protocols.protocol import Exposure, Kind, Protocol, Tier, Window

NOON = dt.datetime.fromisoformat("2022-05-10 12:00")
TIER = Tier(name="contact", clause="1", minutes=15)
patient = settings(deadline=None, max_examples=300)


class Rows(SimpleNamespace):
    """Columns with a length, as the tables of `facts` are."""

    def __len__(self):
        return len(self.person)


def ints(values):
    return np.array(values, dtype=np.int32)


def next_arrival_by_pairs(rows, i):
    """RULE 4: the latest moment by which this person had certainly come elsewhere."""
    person, lo, width, _ = rows[i]
    later = [
        lo_ + width_
        for j, (other, lo_, width_, _) in enumerate(rows)
        if j != i and other == person and lo_ >= lo + width and lo_ > lo
    ]
    return min(later, default=NEVER)


arrivals = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(0, 12), st.sampled_from([0, 0, 1, 4]), st.booleans()
    ),
    min_size=1,
    max_size=9,
)  # fmt: skip


@patient
@given(rows=arrivals, placed=st.integers(0, 9))
def test_open_stay_ends_at_the_next_certain_arrival_anywhere(rows, placed):
    def table(some):
        return Rows(
            person=ints([r[0] for r in some]),
            arrive_lo=ints([r[1] for r in some]),
            arrive_hi=ints([r[1] + r[2] for r in some]),
            depart_hi=ints([NEVER if r[3] else r[1] + 20 for r in some]),
        )

    own = rows[:placed]
    graph = SimpleNamespace(facts=SimpleNamespace(visits=table(own)), unplaced=table(rows[placed:]))
    asked = [i for i in range(len(own)) if own[i][3]]
    found = next_arrival(graph, ints(asked)).tolist()
    wanted = [next_arrival_by_pairs(rows, i) for i in asked]
    assert found == wanted


def stays_by_pairs(rows, gap):
    """RULE 5: rows joined as long as any two are near; of each row the first and last second."""
    stays = [{i} for i in range(len(rows))]

    def near(one, other):
        *key, a, n = rows[one]
        *key_, b, m = rows[other]
        return key == key_ and max(a, b) - min(a + n, b + m) <= gap

    for i in range(len(rows)):
        for j in range(i):
            if near(i, j) and stays[i] is not stays[j]:
                joined = stays[i] | stays[j]
                for k in joined:
                    stays[k] = joined
    return [
        (min(rows[k][-2] for k in stay), max(rows[k][-2] + rows[k][-1] for k in stay), stay)
        for stay in stays
    ]


visits = st.lists(
    st.tuples(
        st.integers(0, 1), st.integers(0, 1), st.booleans(), st.integers(-1, 0),
        st.integers(-1, 0), st.integers(0, 30), st.integers(1, 8),
    ),
    min_size=1,
    max_size=10,
)  # fmt: skip


@patient
@given(rows=visits, gap=st.integers(0, 3), narrow=st.booleans(), data=st.data())
def test_rows_near_one_another_are_one_stay(rows, gap, narrow, data):
    if narrow:  # one person at one place: what is sorted apart comes together
        rows = [(0, 0, False, -1, *row[4:]) for row in rows]
    person, place, weak, carriage, seat, arrive, seconds = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    is_open = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    table = Rows(
        person=ints(person), location=ints(place), weak=weak, carriage=ints(carriage),
        seat=ints(seat), depart_hi=np.where(is_open, NEVER, ints(arrive + seconds)),
    )  # fmt: skip
    found = Presence(
        row=None, person=ints(person), location=ints(place), arrive=ints(arrive),
        depart=ints(arrive + seconds),
    )  # fmt: skip
    with patch.object(_jit, "MANY", data.draw(st.sampled_from([0, 99]))):
        index = coalesce(table, found, gap=gap, n_locations=2, n_people=2)
    stays = index.stays
    names = ("person", "location", "weak", "carriage", "seat", "arrive", "depart")
    columns = [*(getattr(stays, name).tolist() for name in names), index.imputed.tolist()]
    wanted = {  # one for all rows of a stay
        min(members): (*rows[min(members)][:5], start, end, any(is_open[i] for i in members))
        for start, end, members in stays_by_pairs(rows, gap)
    }
    assert sorted(zip(*columns, strict=True)) == sorted(wanted.values())
    order = list(zip(stays.location.tolist(), stays.arrive.tolist(), strict=True))
    assert order == sorted(order)
    assert index.begin.tolist() == [np.sum(stays.location < x) for x in range(3)]
    for who in ([True, False], [False, True], [True, True], [False, False]):
        wanted = np.flatnonzero(np.array(who)[stays.person])
        assert index.of_persons(np.array(who)).tolist() == wanted.tolist()


def protocol(*, tiers=(TIER,), kinds=None, **exposure):
    return Protocol(
        name="drawn", title="Drawn by a test", window=Window(look_back_days=2, max_days=10),
        exposure=Exposure(**exposure), tier=tiers, kind=kinds or {},
    )  # fmt: skip


def graph_of(*visits):
    names = ["person_id", "location_id", "arrive", "depart"]
    columns = {
        n: pd.Series(list(v), dtype=object)
        for n, v in zip(names, zip(*visits, strict=True), strict=True)
    }
    return tg.TraceGraph(
        cases=pd.DataFrame({"person_id": ["C"], "onset": [NOON]}),
        visits=pd.DataFrame(columns),
        locations=pd.DataFrame({"location_id": ["L"], "kind": ["office"]}),
        tz="Asia/Shanghai",
    )


def ends(graph, settings, world):
    """Last seconds of the stays at L, in hours after midnight."""
    known = graph.as_of("2022-05-13")
    stays = stay_index(known, settings, world).stays
    at = stays.location == known.location_ids.get_loc("L")
    times = known.calendar.timestamps(stays.depart[at])
    midnight = pd.Timestamp("2022-05-10", tz="Asia/Shanghai")
    return sorted((pd.DatetimeIndex(times) - midnight).total_seconds() / 3600)


def test_arrival_elsewhere_at_the_end_of_ones_date_ends_an_open_stay():
    next_midnight = dt.datetime.fromisoformat("2022-05-11")
    graph = graph_of(
        ("P", "L", dt.date(2022, 5, 10), None), ("P", "M", next_midnight, next_midnight)
    )  # fmt: skip
    assert ends(graph, protocol(), "outer") == [24]


def test_stays_end_at_as_of():
    begin, end = (dt.datetime.fromisoformat(t) for t in ("2022-05-13 22:00", "2022-05-14 02:00"))
    graph = graph_of(("P", "L", begin, end))
    for world in ("outer", "inner"):
        assert ends(graph, protocol(), world) == [96]


def test_longest_stay_counts_from_the_latest_arrival():
    graph = graph_of(("P", "L", dt.date(2022, 5, 10), None))
    kinds = {"office": Kind(max_stay_hours=4)}
    assert ends(graph, protocol(kinds=kinds), "outer") == [28]


def test_threshold_of_nothing_is_a_second():
    kinds = {"office": Kind(minutes=0)}
    graph = graph_of(("P", "L", NOON, NOON))
    assert pack(graph, protocol(kinds=kinds)).least[0].tolist() == [1]


def test_threshold_of_a_kind_may_differ_by_hop():
    tiers = tuple(Tier(name=str(k), clause=str(k), minutes=15) for k in (1, 2, 3))
    kinds = {"office": Kind(minutes=(5.0, 10.0))}
    rule = pack(graph_of(("P", "L", NOON, NOON)), protocol(tiers=tiers, kinds=kinds))
    assert [least.tolist() for least in rule.least] == [[300], [600], [600]]


def test_dates_know_no_threshold_and_no_linger():
    kinds = {"office": Kind(minutes=5, linger_minutes=10)}
    rule = pack(graph_of(("P", "L", NOON, NOON)), protocol(kinds=kinds, resolution="day"))
    assert (rule.least[0].tolist(), rule.linger.tolist()) == ([1], [0])
