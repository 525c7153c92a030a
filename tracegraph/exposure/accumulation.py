"""Minutes that add up over meetings inside a sliding window (RULE 21).

An instant together qualifies if the span of H that it starts holds m together. Moving it
right within a run of instants together loses a second each time and gains at most one. So a
run's first instant qualifies if any of its instants does, and a covered run is covered to its
end. Whether a run is covered is settled by two kinds of instants: the first of a run, and
the first that can reach the run at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tracegraph.exposure._jit import kernel

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.exposure.encounters import Encounters
    from tracegraph.model.facts import Flags, Ticks


def accumulated(met: Encounters, *, least: int, span: int, by_source: bool) -> Flags:
    """Say which meetings lie in a run that a qualifying span covers.

    Parameters
    ----------
    met : Encounters
        All meetings of one second or more.
    least, span : int, seconds
        Time together that is an exposure, and the sliding window H that must hold it.
    by_source : bool
        Add up per source (`same_source`), or over all of them (`any_source`).
    """
    group = met.target.astype(np.int64)
    if by_source:
        group = group << 32 | met.source
    order = np.lexsort((met.start, group))
    covered = np.empty(len(met), dtype=np.bool_)
    covered[order] = _covered(group[order], met.start[order], met.end[order], least, span)
    return covered


@kernel
def _covered(
    group: npt.NDArray[np.int64], start: Ticks, end: Ticks, least: int, span: int
) -> Flags:
    """Whether each meeting (ordered by group and start) lies in a covered run."""
    out = np.zeros(group.size, dtype=np.bool_)
    run = np.empty(group.size, dtype=np.int64)
    run_start, run_end = np.empty_like(start), np.empty_like(end)
    g = 0
    while g < group.size:
        after = g
        n = 0
        while after < group.size and group[after] == group[g]:
            if n > 0 and start[after] <= run_end[n - 1]:
                run_end[n - 1] = max(run_end[n - 1], end[after])
            else:
                run_start[n], run_end[n] = start[after], end[after]
                n += 1
            run[after] = n - 1
            after += 1
        held = _covered_runs(run_start[:n], run_end[:n], least, span)
        for i in range(g, after):
            out[i] = held[run[i]]
        g = after
    return out


@kernel
def _covered_runs(start: Ticks, end: Ticks, least: int, span: int) -> Flags:
    """Whether each of one group's runs lies in a span that holds `least`."""
    before = np.zeros(start.size + 1, dtype=np.int64)  # seconds in all earlier runs
    for j in range(start.size):
        before[j + 1] = before[j] + end[j] - start[j]
    held = np.zeros(start.size, dtype=np.bool_)
    reach = np.int64(-(2**62))  # end of the farthest qualifying span so far
    near, far = 0, 0  # run of the first instant that can reach run j; run where its span ends
    for j in range(start.size):
        limit = np.int64(start[j]) + span
        while far < start.size and end[far] <= limit:
            far += 1
        part = max(np.int64(0), limit - start[far]) if far < start.size else np.int64(0)
        if before[far] - before[j] + part >= least:
            reach = max(reach, limit)
        first = np.int64(start[j]) - span + 1  # the earliest instant whose span holds start[j]
        while end[near] <= first:
            near += 1
        inside = near < j and start[near] < first
        held[j] = start[j] < reach or (
            inside and end[near] - first + before[j] - before[near + 1] + 1 >= least
        )
    return held
