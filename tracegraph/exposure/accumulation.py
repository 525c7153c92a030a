"""Minutes that add up over meetings inside a sliding window (RULE 21).

An instant together qualifies if the span of H that it starts holds m together. Within a
run of instants together the first qualifies if any does (moving right loses a second and
gains at most one), and a covered run is covered to its end. So runs are all there is.
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
    held = np.zeros(start.size, dtype=np.bool_)
    reach = np.int64(-(2**62))  # end of the farthest qualifying span so far
    k, total = 0, 0  # runs start[j]..k-1 lie wholly in the span that begins at start[j]
    for j in range(start.size):
        limit = np.int64(start[j]) + span
        while k < start.size and end[k] <= limit:
            total += end[k] - start[k]
            k += 1
        part = max(np.int64(0), limit - start[k]) if k < start.size else np.int64(0)
        if total + part >= least:
            reach = max(reach, limit)
        held[j] = start[j] < reach
        if k > j:
            total -= end[j] - start[j]
        else:
            k = j + 1
    return held
