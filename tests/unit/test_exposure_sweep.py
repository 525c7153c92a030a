"""First, last, number and list of meetings: the sweep's searches against every pair."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, nullcontext
from types import SimpleNamespace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tracegraph.exposure import _jit, encounters, ordering, pieces as pieces_module, sweep as sweeps
from tracegraph.exposure.encounters import Meeters, meeting_pairs
from tracegraph.exposure.pack import NO_CAP
from tracegraph.exposure.pieces import (
    Here,
    Pieces,
    Sources,
    Stretch,
    places_with_source,
    source_pieces,
)
from tracegraph.exposure.stays import StayIndex
from tracegraph.exposure.sweep import Reach, counts_of, sweep
from tracegraph.exposure.windows import Windows
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


def spans(places=PLACES, most=10):
    """Few persons, places and seconds, so that ties, touching ends and own pieces occur."""
    moments = st.tuples(
        st.integers(0, PERSONS - 1), st.integers(0, places - 1), st.integers(0, 16),
        st.integers(1, 10),
    )  # fmt: skip
    return st.lists(moments, max_size=most).map(
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
    return StayIndex.of(
        np.stack([arrive, person, depart, ints(range(len(rows)))], axis=1),
        np.searchsorted(place, np.arange(PLACES + 1)),
        {"weak": marks, "carriage": nothing, "seat": nothing},
    )


def interpreted(kernel):
    """The Python function behind a kernel, which may already be one."""
    return getattr(kernel, "py_func", kernel)


compiled_or_not = pytest.mark.parametrize("run", [lambda k: k, interpreted], ids=["jit", "python"])


ALWAYS = [(-100, 100)] * PERSONS


def windows_of(rows, window=ALWAYS):
    """One window of each person, of whom those in rows are sources."""
    return Windows(
        begin=np.arange(PERSONS + 1), start=ints([lo for lo, _ in window]),
        end=ints([hi for _, hi in window]), owner=np.arange(PERSONS, dtype=np.int32),
        is_source=np.isin(np.arange(PERSONS), [row[0] for row in rows]),
    )  # fmt: skip


BOOK = SimpleNamespace(
    keys=np.zeros(0, np.int64), has_key=np.zeros(PERSONS, bool), n_locations=PLACES
)


def stretch_of(linger, cleaned=()):
    done = SimpleNamespace(
        location=ints([x for x, _ in cleaned]), done_lo=ints([t for _, t in cleaned]),
        done_hi=ints([t for _, t in cleaned]),
    )  # fmt: skip
    return Stretch.of(ints(linger), np.full(PLACES, NO_CAP), done, "outer")


def pieces_by_rule(rows, is_source, window, linger, cleaned, least):
    """RULE 13: stays of sources in their windows, and the linger that a disinfection ends."""
    found = []
    for p, x, arrive, depart in rows:
        a, d = max(arrive, window[p][0]), min(depart, window[p][1])
        if a >= d:
            continue
        ends = [t for y, t in cleaned if y == x and t >= d]
        e = min([d + linger[x], *ends])
        if is_source[p] and e - a >= least[x]:
            found.append((p, x, a, e))
    return found


@compiled_or_not
def test_sweep_over_all_places_finds_what_every_pair_finds(run):
    @settings(deadline=None, max_examples=500)
    @given(stays=spans() | spans(places=1, most=24), least=thresholds, data=st.data())
    def claim(stays, least, data):
        def flags(size):
            return data.draw(st.lists(st.booleans(), min_size=size, max_size=size))

        weak, is_source = flags(len(stays)), flags(PERSONS)
        linger = data.draw(st.lists(st.integers(0, 5), min_size=PLACES, max_size=PLACES))
        cleaned = data.draw(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 25)), max_size=6))
        spells = st.tuples(st.integers(0, 12), st.integers(1, 26)) | st.just((-100, 200))
        window = [(lo, lo + n) for lo, n in data.draw(st.lists(spells, min_size=4, max_size=4))]
        firm = [stay for stay, w in zip(stays, weak, strict=True) if not w]
        pieces = pieces_by_rule(firm, is_source, window, linger, cleaned, least)
        wanted = reach_of(every_pair(pieces, firm, least), firm)

        index = index_of(stays, np.array(weak, dtype=bool))
        windows = windows_of([(p,) for p in range(PERSONS) if is_source[p]], window)
        if run is interpreted:
            with interpreting():
                found = swept(index, windows, linger, cleaned, least)
        else:
            found = swept(index, windows, linger, cleaned, least)
        assert found == wanted

    claim()


def swept(index, windows, linger, cleaned, least):
    """First, last and number of the exposures that the package finds."""
    everywhere, stretch = np.ones(PLACES, dtype=bool), stretch_of(linger, cleaned)
    places = places_with_source(index, windows, everywhere)
    reach = sweep(
        Here.of(index), places, Sources.of(windows, BOOK), stretch, ints(least),
        Reach.nobody(PERSONS),
    )  # fmt: skip
    pieces = source_pieces(index, BOOK, windows, everywhere, ints(least), stretch)
    meeters = Meeters.of(pieces, PLACES)
    count = counts_of(index, meeters, ints(least), np.ones(PERSONS, dtype=bool))
    return reach.first.tolist(), reach.last.tolist(), count.tolist()


@contextmanager
def interpreting():
    """Run the Python functions behind all kernels of these modules."""
    with ExitStack() as stack:
        for module in (sweeps, pieces_module, ordering):
            for name, value in vars(module).items():
                if hasattr(value, "py_func"):
                    stack.enter_context(patch.object(module, name, value.py_func))
        yield


@settings(deadline=None, max_examples=200)
@given(
    keys=st.lists(st.integers(-(2**62), 2**62) | st.integers(0, 5), max_size=200)
    | st.lists(st.integers(0, 5), min_size=ordering.RUN + 1, max_size=100)
)
def test_keys_ascend(keys):
    found = np.array(keys, dtype=np.int64)
    ordering.ascend(found)
    assert found.tolist() == sorted(keys)


@settings(deadline=None, max_examples=100)
@given(codes=st.lists(st.integers(0, 4), max_size=30), asked=st.sets(st.integers(0, 4)))
@pytest.mark.parametrize("many", [0, 10**9], ids=["on all cores", "on one"])
def test_rows_by_code_are_those_of_a_stable_sort(codes, asked, many):
    codes, wanted = ints(codes), np.isin(np.arange(5), sorted(asked))
    with patch.object(_jit, "MANY", many):
        order = ordering.order_by(codes, 5)
        rows = ordering.rows_with(codes, wanted)
    assert order.rows.tolist() == np.argsort(codes, kind="stable").tolist()
    assert order.begin.tolist() == [int((codes < c).sum()) for c in range(6)]
    assert rows.tolist() == np.flatnonzero(wanted[codes]).tolist()
    assert order.of(ints(sorted(asked))).tolist() == rows.tolist()


@settings(deadline=None, max_examples=100)
@given(stays=spans(), least=thresholds, is_source=st.lists(st.booleans(), min_size=4, max_size=4))
def test_places_shared_out_among_cores_give_the_same_answer(stays, least, is_source):
    index, windows = index_of(stays), windows_of([(p,) for p in range(4) if is_source[p]])
    alone = swept(index, windows, [0] * PLACES, (), least)
    with patch.object(_jit, "MANY", 0):
        assert swept(index, windows, [0] * PLACES, (), least) == alone


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
    begin = Meeters.of(pieces_of(rows), PLACES).begin
    assert np.flatnonzero(np.diff(begin)).tolist() == [0, 2]
    assert np.unique(begin).tolist() == [0, 1, 3]


def test_further_meetings_lower_the_first_and_raise_the_last():
    reach = Reach.nobody(2).and_also(ints([0, 0]), ints([5, 3]), ints([6, 9]))
    reach = reach.and_also(ints([0]), ints([4]), ints([8]))
    assert reach.first.tolist() == [3, NEVER]
    assert reach.last.tolist() == [9, BEFORE]


def test_earlier_hops_hold():
    index = index_of([(0, 0, 5, 9), (1, 0, 6, 9)])
    so_far = Reach(first=ints([NEVER, 4, 1, NEVER]), last=ints([BEFORE, 7, 2, BEFORE]))
    reach = sweep(
        Here.of(index), ints([0]), Sources.of(windows_of([(0,)]), BOOK), stretch_of([0] * PLACES),
        ints([1] * PLACES), so_far,
    )  # fmt: skip
    assert reach.first.tolist() == [NEVER, 4, 1, NEVER]
    assert reach.last.tolist() == [BEFORE, 9, 2, BEFORE]
    assert so_far.last.tolist() == [BEFORE, 7, 2, BEFORE]
