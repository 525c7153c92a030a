"""Windows less isolation: the kernel against sets of seconds."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import tracegraph as tg
from tracegraph.exposure.windows import _cut_out, _merge, _subtract
from tracegraph.protocols.protocol import Protocol, Tier, Window

NOW = 36


def runs_of(seconds):
    """Maximal runs of a set of seconds, in order."""
    starts = sorted(s for s in seconds if s - 1 not in seconds)
    ends = sorted(s + 1 for s in seconds if s + 1 not in seconds)
    return list(zip(starts, ends, strict=True))


def pieces_by_seconds(episodes, isolations):
    """Windows of one person at one place: the twin (RULE 9, 10).

    An episode is (start, end, anchor), an isolation (when it counts as having come, start, end).
    """
    pieces = []
    for start, stop, anchor in sorted(episodes):
        ends_for_good = [s for came, s, _ in isolations if came >= anchor]
        seconds = set(range(start, min([stop, NOW, *ends_for_good])))
        if seconds and pieces and pieces[-1] & seconds:
            pieces[-1] |= seconds
        elif seconds:
            pieces.append(seconds)
    apart = {t for _, start, stop in isolations for t in range(start, stop)}
    return [run for piece in pieces for run in runs_of(piece - apart)]


def ints(values):
    return np.array(values, dtype=np.int32)


def interpreted(kernel):
    """The Python function behind a kernel, which may already be one."""
    return getattr(kernel, "py_func", kernel)


compiled_or_not = pytest.mark.parametrize("run", [lambda k: k, interpreted], ids=["jit", "python"])
moments = st.integers(0, 40)
episodes = st.tuples(moments, st.integers(-2, 20), moments).map(lambda e: (e[0], e[0] + e[1], e[2]))
isolations = st.tuples(moments, moments, st.integers(-2, 8)).map(lambda i: (*i[:2], i[1] + i[2]))


@compiled_or_not
def test_windows_are_those_of_the_seconds(run):
    @settings(deadline=None, max_examples=500)
    @given(
        of_person=st.lists(st.lists(episodes, max_size=3), min_size=2, max_size=2),
        known=st.lists(isolations, max_size=4),
        data=st.data(),
    )
    def claim(of_person, known, data):
        owner = [0, 1, *data.draw(st.lists(st.integers(0, 1), max_size=2))]
        some = st.lists(st.sampled_from(range(len(known))), unique=True) if known else st.just([])
        counted = [data.draw(some) for _ in owner]
        rows = [e for person in of_person for e in sorted(person)]
        begin, start, end = run(_subtract)(
            ints(owner), np.cumsum([0, *map(len, of_person)]),
            *(ints([e[i] for e in rows]) for i in range(3)),
            np.cumsum([0, *map(len, counted)]), ints([i for own in counted for i in own]),
            *(ints([i[k] for i in known]) for k in range(3)),
            np.int32(NOW),
        )  # fmt: skip
        for w, person in enumerate(owner):
            here = slice(begin[w], begin[w + 1])
            found = list(zip(start[here].tolist(), end[here].tolist(), strict=True))
            assert found == pieces_by_seconds(of_person[person], [known[i] for i in counted[w]])

    claim()


@pytest.mark.parametrize(
    ("lo", "hi", "left"),
    [
        (0, 10, [(10, 20), (20, 30)]),  # touches
        (5, 12, [(12, 20), (20, 30)]),
        (18, 22, [(10, 18), (22, 30)]),
        (12, 14, [(10, 12), (14, 20), (20, 30)]),
        (10, 20, [(20, 30)]),
        (20, 30, [(10, 20)]),
        (0, 40, []),
        (30, 40, [(10, 20), (20, 30)]),
        (15, 15, [(10, 20), (20, 30)]),  # perhaps empty
        (16, 14, [(10, 20), (20, 30)]),
    ],
)
def test_isolation_is_cut_out_of_two_touching_pieces(lo, hi, left):
    start, end = ints([10, 20, 0, 0]), ints([20, 30, 0, 0])
    n = _cut_out(start, end, 0, 2, np.int32(lo), np.int32(hi))
    assert list(zip(start[:n].tolist(), end[:n].tolist(), strict=True)) == left


def test_windows_that_share_a_second_merge_and_touching_ones_stay_apart():
    begin, start, end = _merge(
        np.array([0, 3, 4]), ints([0, 2, 9, 0]), ints([9, 4, 12, 3])
    )  # fmt: skip
    assert begin.tolist() == [0, 2, 3]
    assert list(zip(start.tolist(), end.tolist(), strict=True)) == [(0, 9), (9, 12), (0, 3)]


@pytest.mark.parametrize(
    ("isolated", "outer", "inner"),
    [
        (("10", "12"), [("08", "11"), ("12", "21")], [("08", "10")]),  # at the anchor, perhaps
        (("08", "10"), [("08", "09"), ("10", "21")], [("11", "21")]),
    ],
)
def test_isolation_known_by_its_dates_cuts_what_is_certain_or_possible(isolated, outer, inner):
    start, stop = (dt.date.fromisoformat(f"2022-05-{d}") for d in isolated)
    one = pd.DataFrame({
        "person_id": ["C"], "kind": ["central"],
        "start": pd.Series([start], dtype=object), "end": pd.Series([stop], dtype=object),
    })  # fmt: skip
    graph = tg.TraceGraph(
        cases=pd.DataFrame({"person_id": ["C"], "onset": [pd.Timestamp("2022-05-10 12:00")]}),
        visits=pd.DataFrame({
            "person_id": ["C"], "location_id": ["L"], "arrive": [pd.Timestamp("2022-05-10 09:00")],
            "depart": [pd.Timestamp("2022-05-10 10:00")],
        }),
        isolations=one,
        tz="Asia/Shanghai",
    )  # fmt: skip
    protocol = Protocol(
        name="drawn", title="Drawn by a test", window=Window(look_back_days=2, max_days=10),
        tier=(Tier(name="contact", clause="1", minutes=15),),
    )  # fmt: skip
    trace = graph.trace(protocol, as_of="2022-05-25")
    for view, wanted in ((trace.outer, outer), (trace.inner, inner)):
        found, clock = view.hops[0].sources, view.graph.calendar
        here = slice(found.begin[0], found.begin[1])
        starts, ends = clock.timestamps(found.start[here]), clock.timestamps(found.end[here])
        pieces = [(f"{s:%d}", f"{e:%d}") for s, e in zip(starts, ends, strict=True)]
        assert pieces == wanted
