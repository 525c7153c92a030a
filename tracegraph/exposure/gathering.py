"""Stays of some places or persons, gathered from the columns where no index is kept yet.

A trace looks at the places where sources were, a few in a hundred of all. The first one
marks these places in a pass over the column of persons, collects the visits there in a pass
over the column of locations, and orders only what it found. The index of everything pays when
a graph is traced again, or when most of it is reached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tracegraph.exposure._jit import even_parts, fixed, in_parts, kernel
from tracegraph.exposure.ordering import few_rows_with
from tracegraph.exposure.pack import seconds
from tracegraph.exposure.stays import StayIndex, build, index_key, stay_index

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.exposure._jit import Int
    from tracegraph.exposure.presence import World
    from tracegraph.exposure.windows import Windows
    from tracegraph.model.facts import Codes, Flags, Ticks
    from tracegraph.model.graph import TraceGraph
    from tracegraph.protocols.protocol import Protocol

FEW_VISITS = 500_000
"""Visits up to which the index of everything is built at once."""

GATHERED_SHARE = 0.25
"""Share of the visits from which the index of everything costs less than gathering."""

DAY = 86_400


def will_trace(graph: TraceGraph, protocol: Protocol, world: World) -> None:
    """Note that a trace begins: the second of its kind builds the whole index."""
    key = index_key(graph, protocol, world)
    seen: set[object] = graph.cache.setdefault(("traced",), set())
    if len(graph.facts.visits) <= FEW_VISITS or key in seen:
        stay_index(graph, protocol, world)
    seen.add(key)


def stays_of_sources(
    graph: TraceGraph, protocol: Protocol, world: World, sources: Windows, at: Flags
) -> StayIndex:
    """Index that holds at least the stays at the places, among `at`, where sources were."""
    if is_kept(graph, protocol, world):
        return stay_index(graph, protocol, world)
    places = _places_of(graph, protocol, sources) & at
    return stays_with(graph, protocol, world, graph.facts.visits.location, places)


def stays_with(
    graph: TraceGraph, protocol: Protocol, world: World, column: Codes, wanted: Flags
) -> StayIndex:
    """Index that holds at least the stays with some codes in a column of `facts.visits`."""
    if is_kept(graph, protocol, world):
        return stay_index(graph, protocol, world)
    rows, are_few = few_rows_with(column, wanted, int(len(column) * GATHERED_SHARE))
    if are_few:
        return build(graph, protocol, world, rows)
    return stay_index(graph, protocol, world)


def is_kept(graph: TraceGraph, protocol: Protocol, world: World) -> bool:
    """Whether the index of everything is there."""
    return index_key(graph, protocol, world) in graph.cache


def _places_of(graph: TraceGraph, protocol: Protocol, sources: Windows) -> Flags:
    """Locations where a source may have been while it was one; rather too many than too few."""
    visits, exposure = graph.facts.visits, protocol.exposure
    by_day = exposure.resolution == "day"
    hull = sources.hull(seconds(exposure.merge_gap_minutes) + (2 * DAY if by_day else 1))
    found = np.zeros(len(graph.location_ids), dtype=np.bool_)
    span = (fixed(visits.arrive_lo), fixed(visits.depart_hi), fixed(hull))
    read = (fixed(visits.person), fixed(visits.location), fixed(sources.is_source), *span)
    in_parts(even_parts(len(visits)), lambda lo, hi, _: _mark_places(*read, lo, hi, found))
    return found


@kernel
def _mark_places(
    person: Codes, location: Codes, is_source: Flags, arrive: Ticks, depart: Ticks,
    hull: npt.NDArray[np.int32], lo: Int, hi: Int, found: Flags,
) -> None:  # fmt: skip
    for i in range(lo, hi):
        p = np.uint32(person[i])
        if is_source[p] and arrive[i] < hull[p, 1] and depart[i] > hull[p, 0]:
            found[location[i]] = True
