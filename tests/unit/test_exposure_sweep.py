"""First, last, number and list of meetings: the sweep's searches against every pair."""

from __future__ import annotations

from contextlib import nullcontext
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tracegraph.exposure import encounters, sweep as sweeps
from tracegraph.exposure.encounters import meeting_pairs
from tracegraph.exposure.pieces import Pieces
from tracegraph.exposure.stays import StayIndex, Stays
from tracegraph.exposure.sweep import Reach, earliest, latest, number, places_of, sweep
from tracegraph.model.calendar import BEFORE, NEVER

PERSONS, PLACES = 4, 3


def every_pair(pieces, stays, least):
    """Meetings as (piece, stay, start, end): the twin. A span is person, place, start, end."""
    return [
        (k, i, max(s, a), min(e, d))
        for k, (q, x, s, e) in enumerate(pieces)
        for i, (p, y, a, d) in enumerate(stays)
        if x == y and p != q and min(e, d) - max(s, a) >= least[x]
    ]


def reach_of(met, stays):
    """First, last and number of meetings by person."""
    times = [[(s, e) for _, i, s, e in met if stays[i][0] == p] for p in range(PERSONS)]
    return (
        [min((s for s, _ in own), default=NEVER) for own in times],
        [max((e for _, e in own), default=BEFORE) for own in times],
        [len(own) for own in times],
    )


def spans(shortest=1):
    """Few persons, places and seconds, so that ties, touching ends and own pieces occur."""
    moments = st.tuples(
        st.integers(0, PERSONS - 1), st.integers(0, PLACES - 1), st.integers(0, 16),
        st.integers(shortest, 10),
    )  # fmt: skip
    return st.lists(moments, max_size=10).map(
        lambda rows: sorted(
            ((p, x, s, s + n) for p, x, s, n in rows), key=lambda r: (r[1], r[2], r[0], r[3])
        )
    )


thresholds = st.lists(st.integers(1, 6), min_size=PLACES, max_size=PLACES)


def ints(values):
    return np.array(values, dtype=np.int32)


def columns(rows):
    return tuple(ints([row[i] for row in rows]) for i in range(4))


def pieces_of(rows):
    owner, place, start, end = columns(rows)
    return Pieces(
        owner=owner, location=place, start=start, end=end, left=end,
        stay=np.arange(len(rows), dtype=np.int32),
    )  # fmt: skip


def index_of(rows, weak=None):
    person, place, arrive, depart = columns(rows)
    marks = np.zeros(len(rows), dtype=bool) if weak is None else weak
    nothing = np.full(len(rows), -1, dtype=np.int32)
    return StayIndex(
        stays=Stays(
            person=person, location=place, arrive=arrive, depart=depart, weak=marks,
            carriage=nothing, seat=nothing,
        ),
        begin=np.searchsorted(place, np.arange(PLACES + 1)),
        stay_of_row=np.arange(len(rows), dtype=np.int32),
    )  # fmt: skip


def interpreted(kernel):
    """The Python function behind a kernel, which may already be one."""
    return getattr(kernel, "py_func", kernel)


compiled_or_not = pytest.mark.parametrize("run", [lambda k: k, interpreted], ids=["jit", "python"])


@compiled_or_not
def test_kernels_find_what_every_pair_finds(run):
    @settings(deadline=None, max_examples=300)
    @given(pieces=spans(), stays=spans(), least=st.integers(1, 6), data=st.data())
    def claim(pieces, stays, least, data):
        pieces = sorted((q, 0, s, e) for q, _, s, e in pieces if e - s >= least)
        pieces.sort(key=lambda row: row[2])
        stays = sorted(((p, 0, a, d) for p, _, a, d in stays), key=lambda row: row[2])
        is_weak = data.draw(st.lists(st.booleans(), min_size=len(stays), max_size=len(stays)))
        firm = [stay for stay, w in zip(stays, is_weak, strict=True) if not w]
        wanted = reach_of(every_pair(pieces, firm, [least]), firm)

        owner, _, start, end = columns(pieces)
        person, _, arrive, depart = columns(stays)
        weak = np.array(is_weak, dtype=bool)
        who = (person, arrive, depart, weak)
        by_end = np.argsort(end, kind="stable")
        m = np.int32(least)
        reach = Reach.nobody(PERSONS)
        is_source = np.isin(np.arange(PERSONS), owner)
        run(earliest)(start, end, owner, m, *who, reach.first)
        run(latest)(start[by_end], end[by_end], owner[by_end], m, *who, reach.last)
        run(number)(start, end, end[by_end], owner, m, *who, is_source, reach.count)
        assert (reach.first.tolist(), reach.last.tolist(), reach.count.tolist()) == wanted

    claim()


@compiled_or_not
def test_sweep_over_all_places_finds_what_every_pair_finds(run):
    @settings(deadline=None, max_examples=200)
    @given(pieces=spans(), stays=spans(), least=thresholds)
    def claim(pieces, stays, least):
        pieces = [row for row in pieces if row[3] - row[2] >= least[row[1]]]
        walk = interpreted(sweeps._walk)
        with patch.object(sweeps, "_walk", walk) if run is interpreted else nullcontext():
            reach = sweep(index_of(stays), pieces_of(pieces), ints(least), n_persons=PERSONS)
        found = reach.first.tolist(), reach.last.tolist(), reach.count.tolist()
        assert found == reach_of(every_pair(pieces, stays, least), stays)

    claim()


@compiled_or_not
def test_meetings_are_listed_as_every_pair_finds_them(run):
    @settings(deadline=None, max_examples=300)
    @given(pieces=spans(), stays=spans(), least=thresholds, weak_too=st.booleans(), data=st.data())
    def claim(pieces, stays, least, weak_too, data):
        pieces = [row for row in pieces if row[3] - row[2] >= least[row[1]]]
        flags = st.lists(st.booleans(), min_size=len(stays), max_size=len(stays))
        weak = data.draw(flags)
        targets = data.draw(st.lists(st.booleans(), min_size=PERSONS, max_size=PERSONS))
        wanted = sorted(
            (k, i)
            for k, i, _, _ in every_pair(pieces, stays, least)
            if targets[stays[i][0]] and (weak_too or not weak[i])
        )
        listing = interpreted(encounters._list_pairs)
        with (
            patch.object(encounters, "_list_pairs", listing)
            if run is interpreted
            else (nullcontext())
        ):
            piece, stay = meeting_pairs(
                index_of(stays, np.array(weak, dtype=bool)), pieces_of(pieces), ints(least),
                np.array(targets), weak=weak_too,
            )  # fmt: skip
        assert sorted(zip(piece.tolist(), stay.tolist(), strict=True)) == wanted

    claim()


def test_places_of_pieces_bound_each_others_pieces():
    rows = [(0, 0, 1, 5), (1, 2, 0, 3), (0, 2, 4, 6)]
    place, begin = places_of(pieces_of(rows))
    assert place.tolist() == [0, 2]
    assert begin.tolist() == [0, 1, 3]


def test_further_meetings_lower_the_first_raise_the_last_and_count():
    reach = Reach.nobody(2).and_also(ints([0, 0]), ints([5, 3]), ints([6, 9]))
    reach = reach.and_also(ints([0]), ints([4]), ints([8]))
    assert reach.first.tolist() == [3, NEVER]
    assert reach.last.tolist() == [9, BEFORE]
    assert reach.count.tolist() == [3, 0]
