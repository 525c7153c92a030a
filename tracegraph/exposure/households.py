"""Exposure by living together (RULE 17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tracegraph.exposure._jit import kernel
from tracegraph.exposure.encounters import CO_RESIDENCE, Encounters
from tracegraph.exposure.homes import ALONE, household_of
from tracegraph.model.runs import runs

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.exposure.isolation import IsolationBook
    from tracegraph.exposure.presence import World
    from tracegraph.exposure.windows import Windows
    from tracegraph.model.facts import Codes, Flags, Ticks
    from tracegraph.model.graph import TraceGraph
    from tracegraph.protocols.protocol import Protocol


def co_resident_pairs(household: Codes, sources: Flags) -> tuple[Codes, Codes]:
    """Every source with each other member of their household."""
    members = np.flatnonzero(household != ALONE)
    members = members[np.argsort(household[members], kind="stable")]
    homes = household[members]
    source = members[sources[members]]
    left = np.searchsorted(homes, household[source], side="left")
    size = np.searchsorted(homes, household[source], side="right") - left
    run, nth = runs(size)
    one, other = source[run], members[left[run] + nth]
    apart = one != other
    return one[apart].astype(np.int32), other[apart].astype(np.int32)


def household_exposures(
    graph: TraceGraph, protocol: Protocol, book: IsolationBook, windows: Windows, world: World
) -> Encounters:
    """Co-residents, throughout the source's window minus both persons' isolations away."""
    source, target = co_resident_pairs(household_of(graph, protocol), windows.is_source)
    home = graph.facts.persons.home[source]
    outer = world == "outer"
    pair, start, end = _minus_absence(
        book.window_id(source, home), book.window_id(target, home),
        windows.begin, windows.start, windows.end, book.cut_begin, book.cuts,
        book.start_hi if outer else book.start_lo, book.end_lo if outer else book.end_hi,
    )  # fmt: skip
    return Encounters.timed(
        source[pair], target[pair], home[pair], start, end, end - start, channel=CO_RESIDENCE
    )


@kernel
def _minus_absence(
    window: Codes, absence: Codes, begin: npt.NDArray[np.int64], start: Ticks, end: Ticks,
    cut_begin: npt.NDArray[np.int64], cuts: Codes, cut_start: Ticks, cut_end: Ticks,
) -> tuple[Codes, Ticks, Ticks]:  # fmt: skip
    """Pieces of the source's window while the other was not isolated elsewhere."""
    room = 0
    for p in range(window.size):
        pieces = begin[window[p] + 1] - begin[window[p]]
        room += pieces * (1 + cut_begin[absence[p] + 1] - cut_begin[absence[p]])
    pair = np.empty(room, dtype=np.int32)
    left, right = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    n = 0
    for p in range(window.size):
        away = cuts[cut_begin[absence[p]] : cut_begin[absence[p] + 1]]
        for k in range(begin[window[p]], begin[window[p] + 1]):
            n = _keep_present(start[k], end[k], away, cut_start, cut_end, p, n, pair, left, right)
    return pair[:n].copy(), left[:n].copy(), right[:n].copy()


@kernel
def _keep_present(
    start: np.int32, end: np.int32, away: Codes, cut_start: Ticks, cut_end: Ticks,
    p: int, n: int, pair: Codes, left: Ticks, right: Ticks,
) -> int:  # fmt: skip
    """Append what is left of [start, end) when the absences are taken out of it."""
    at = start
    while at < end:
        until, back = end, end
        for i in away:  # inside an absence: jump to its end; else stop at the next one
            if cut_start[i] >= cut_end[i]:
                continue
            if cut_start[i] <= at < cut_end[i]:
                until, back = at, cut_end[i]
                break
            if at < cut_start[i] < until:
                until, back = cut_start[i], cut_start[i]
        if until > at:
            pair[n], left[n], right[n] = p, at, until
            n += 1
        at = back
    return n
