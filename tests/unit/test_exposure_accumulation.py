"""Minutes that add up: runs of time together against sets of seconds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st

from tracegraph.exposure.accumulation import _covered, _covered_runs, accumulated
from tracegraph.exposure.encounters import Encounters


def covered_seconds(together, least, span):
    """Seconds in a span that begins together and holds `least` of them: the twin."""
    opening = [t for t in together if len(together & set(range(t, t + span))) >= least]
    return {u for u in together if any(t <= u < t + span for t in opening)}


def runs_of(seconds):
    """Maximal runs of a set of seconds, as starts and ends."""
    starts = sorted(s for s in seconds if s - 1 not in seconds)
    ends = sorted(s + 1 for s in seconds if s + 1 not in seconds)
    return np.array(starts, dtype=np.int32), np.array(ends, dtype=np.int32)


def interpreted(kernel):
    """The Python function behind a kernel, which may already be one."""
    return getattr(kernel, "py_func", kernel)


compiled_or_not = pytest.mark.parametrize("run", [lambda k: k, interpreted], ids=["jit", "python"])
patient = settings(deadline=None, max_examples=400)
together = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 8)), min_size=1, max_size=8).map(
    lambda spans: {s for start, n in spans for s in range(start, start + n)}
)


@compiled_or_not
def test_covered_runs_are_those_of_the_seconds(run):
    @patient
    @example(seconds={0, 1, 18}, least=2, more=16)
    @given(seconds=together, least=st.integers(1, 16), more=st.integers(0, 16))
    def claim(seconds, least, more):
        covered = covered_seconds(seconds, least, least + more)
        start, end = runs_of(seconds)
        held = run(_covered_runs)(start, end, least, least + more)
        runs = [set(range(s, e)) for s, e in zip(start, end, strict=True)]
        assert held.tolist() == [bool(r & covered) for r in runs]
        assert all(r <= covered or not r & covered for r in runs)  # a run is covered wholly

    claim()


meetings = st.lists(
    st.tuples(
        st.integers(0, 1), st.integers(0, 1), st.integers(0, 30), st.integers(1, 8)
    ),
    min_size=1,
    max_size=10,
)  # fmt: skip


@patient
@example(rows=[(0, 0, 0, 2), (0, 0, 18, 1)], least=2, more=16, by_source=True)
@given(
    rows=meetings, least=st.integers(1, 16), more=st.integers(0, 16), by_source=st.booleans()
)  # fmt: skip
def test_meetings_add_up_per_source_or_over_all(rows, least, more, by_source):
    span = least + more
    sums: dict = {}
    for q, p, s, n in rows:
        sums.setdefault((p, q if by_source else None), set()).update(range(s, s + n))
    covered = {key: covered_seconds(seconds, least, span) for key, seconds in sums.items()}
    wanted = [
        bool(covered[p, q if by_source else None] & set(range(s, s + n))) for q, p, s, n in rows
    ]
    source, target, start, seconds = (np.array(c, dtype=np.int32) for c in zip(*rows, strict=True))
    place = np.zeros(len(rows), dtype=np.int32)
    met = Encounters.timed(source, target, place, start, start + seconds, seconds)
    found = accumulated(met, least=least, span=span, by_source=by_source)
    assert found.tolist() == wanted


def test_meetings_that_touch_are_one_run():
    group = np.zeros(3, dtype=np.int64)
    start, end = np.array([0, 4, 30], dtype=np.int32), np.array([4, 9, 33], dtype=np.int32)
    assert interpreted(_covered)(group, start, end, 9, 10).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("least", "span", "held"),
    [
        (4, 20, [True, True]),  # exactly enough, in exactly the span
        (4, 14, [True, True]),
        (4, 13, [False, False]),  # the second meeting's last second lies outside
        (3, 13, [True, True]),
        (3, 12, [False, False]),
    ],
)
def test_span_holds_the_part_of_a_run_that_lies_inside(least, span, held):
    start, end = np.array([0, 12], dtype=np.int32), np.array([2, 14], dtype=np.int32)
    assert _covered_runs(start, end, least, span).tolist() == held


def test_no_meeting_adds_up_to_nothing():
    assert accumulated(Encounters.none(), least=1, span=5, by_source=True).tolist() == []
