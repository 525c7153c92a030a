"""Visits to stays: open ends closed, cut at as-of, touching rows joined (RULE 3 to 6, 25, 26).

The stays of one world are ordered by location and arrival: the index every sweep walks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from tracegraph.exposure._jit import kernel
from tracegraph.exposure.pack import NO_CAP, longest_stay, seconds
from tracegraph.model.calendar import NEVER
from tracegraph.model.facts import Columns, ticks

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.calendar import Calendar
    from tracegraph.model.facts import Codes, Flags, Ticks, Visits
    from tracegraph.model.graph import TraceGraph
    from tracegraph.protocols.protocol import Protocol

World = Literal["outer", "inner"]

KEPT = 4
"""Indexes that a graph remembers, oldest forgotten first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays(Columns):
    """Stays ordered by location, then arrival; [arrive, depart) in seconds."""

    person: Codes
    location: Codes
    arrive: Ticks
    depart: Ticks
    weak: Flags
    carriage: Codes
    seat: Codes


@dataclass(frozen=True, slots=True, kw_only=True)
class StayIndex:
    """The stays of one world with where each location's begin, and the map row -> stay.

    `stay_of_row[i]` is the stay that row i of `facts.visits` became part of, -1 if none.
    """

    stays: Stays
    begin: npt.NDArray[np.int64]  # n_locations + 1
    stay_of_row: Codes


def stay_index(graph: TraceGraph, protocol: Protocol, world: World) -> StayIndex:
    """Index the stays of `world`, from the graph's cache where it has been built before."""
    if world == "inner" and _visits_are_precise(graph):
        return stay_index(graph, protocol, "outer")
    key = ("stays", world, *_index_key(graph, protocol))
    if key not in graph.cache:
        while len(graph.cache) >= KEPT:
            graph.cache.pop(next(iter(graph.cache)))
        graph.cache[key] = _build(graph, protocol, world)
    found: StayIndex = graph.cache[key]
    return found


def _index_key(graph: TraceGraph, protocol: Protocol) -> tuple[object, ...]:
    kinds = tuple(protocol.kind_of(k).max_stay_hours for k in (*graph.kinds, None))
    exposure = protocol.exposure
    return (graph.now, exposure.merge_gap_minutes, exposure.resolution, kinds)


def _build(graph: TraceGraph, protocol: Protocol, world: World) -> StayIndex:
    visits = graph.facts.visits
    arrive, depart = presence(graph, protocol, world)
    known = arrive < graph.now  # the rest is expected (RULE 30)
    depart = np.minimum(depart, graph.now)
    if protocol.exposure.resolution == "day":
        arrive, depart = widen(graph.calendar, arrive, depart)
    kept = known & (arrive < depart)
    gap = seconds(protocol.exposure.merge_gap_minutes)
    return coalesce(visits, arrive, depart, kept, gap=gap, n_locations=len(graph.location_ids))


def presence(
    graph: TraceGraph, protocol: Protocol, world: World
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First and one-past-last second of each visit row in one world, not yet cut at as-of."""
    visits = graph.facts.visits
    shortest = visits.arrive_lo.astype(np.int64) + 1
    is_open = visits.depart_hi == NEVER
    if world == "outer":
        latest = _latest_departure(graph, protocol)
        return visits.arrive_lo.astype(np.int64), np.maximum(
            np.where(is_open, latest, visits.depart_hi), shortest
        )
    depart = np.where(is_open, shortest, np.maximum(visits.depart_lo, shortest))
    if protocol.exposure.resolution == "exact":
        return visits.arrive_hi.astype(np.int64), depart
    # A stay known only by its dates is certain to have touched the date itself.
    arrive = np.maximum(visits.arrive_lo, visits.arrive_hi.astype(np.int64) - 1)
    last = np.minimum(np.maximum(visits.depart_hi.astype(np.int64), shortest), depart + 1)
    return arrive, np.where(is_open, shortest, last)


def _latest_departure(graph: TraceGraph, protocol: Protocol) -> npt.NDArray[np.int64]:
    """When an open stay ended at the latest: next arrival, longest stay, as-of (RULE 4)."""
    visits = graph.facts.visits
    limit = longest_stay(graph, protocol)[visits.location]
    cap = np.where(limit == NO_CAP, NEVER, visits.arrive_hi.astype(np.int64) + limit)
    latest: npt.NDArray[np.int64] = np.minimum(_next_arrival(graph), cap)
    return np.minimum(latest, graph.now)


def _next_arrival(graph: TraceGraph) -> npt.NDArray[np.int64]:
    """Latest moment by which the same person had certainly come to another place."""
    own, lost = graph.facts.visits, graph.unplaced
    person = np.concatenate([own.person, lost.person])
    lo = np.concatenate([own.arrive_lo, lost.arrive_lo])
    hi = np.concatenate([own.arrive_hi, lost.arrive_hi])
    order = np.lexsort((lo, person))
    found = np.full(len(own), NEVER, dtype=np.int64)
    open_rows = np.flatnonzero(own.depart_hi == NEVER).astype(np.int64)
    _fill_next_arrival(
        open_rows, own.person, own.arrive_lo, own.arrive_hi,
        person[order], lo[order], _suffix_minimum(person[order], hi[order]), found,
    )  # fmt: skip
    return found


@kernel
def _suffix_minimum(person: Codes, hi: Ticks) -> Ticks:
    """Smallest of the later values of the same person, from each position on."""
    low = hi.copy()
    for i in range(low.size - 2, -1, -1):
        if person[i] == person[i + 1] and low[i + 1] < low[i]:
            low[i] = low[i + 1]
    return low


@kernel
def _fill_next_arrival(
    rows: npt.NDArray[np.int64], person: Codes, lo: Ticks, hi: Ticks,
    by_person: Codes, by_lo: Ticks, low: Ticks, out: npt.NDArray[np.int64],
) -> None:  # fmt: skip
    for row in rows:
        p = person[row]
        left = np.searchsorted(by_person, p, side="left")
        right = np.searchsorted(by_person, p, side="right")
        later = np.searchsorted(by_lo[left:right], hi[row], side="left")
        if hi[row] == lo[row]:  # an instant: strictly after it
            later = np.searchsorted(by_lo[left:right], hi[row], side="right")
        if left + later < right:
            out[row] = low[left + later]


def widen(
    calendar: Calendar, start: npt.NDArray[np.int64], end: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Widen intervals to the whole local dates that they touch (RULE 26)."""
    return calendar.floor(start), calendar.ceil(end)


def coalesce(
    visits: Visits,
    arrive: npt.NDArray[np.int64],
    depart: npt.NDArray[np.int64],
    kept: Flags,
    *,
    gap: int,
    n_locations: int,
) -> StayIndex:
    """Join rows of one person at one place that overlap, touch or lie within `gap` seconds."""
    rows = np.flatnonzero(kept)
    rows = rows[_together(visits, arrive, rows)]
    c = Stays(
        person=visits.person[rows],
        location=visits.location[rows],
        arrive=ticks(arrive[rows]),
        depart=ticks(depart[rows]),
        weak=visits.weak[rows],
        carriage=visits.carriage[rows],
        seat=visits.seat[rows],
    )
    number, left = _join(c.location, c.person, c.weak, c.carriage, c.seat, c.arrive, c.depart, gap)
    opening = np.flatnonzero(np.diff(number, prepend=-1))
    # stable: who came at the same second stays in the order of persons
    walk = np.argsort(_join_keys(c.location, c.arrive)[opening], kind="stable")
    place = np.empty(len(walk), dtype=np.int32)
    place[walk] = np.arange(len(walk), dtype=np.int32)
    stay_of_row = np.full(len(visits), -1, dtype=np.int32)
    stay_of_row[rows] = place[number]
    stay_of_row.flags.writeable = False
    stays = replace(c, depart=left).take(opening[walk].astype(np.int32))
    begin = np.searchsorted(stays.location, np.arange(n_locations + 1))
    begin.flags.writeable = False
    return StayIndex(stays=stays, begin=begin, stay_of_row=stay_of_row)


def _together(
    visits: Visits, arrive: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Order in which rows that may be one stay follow one another by arrival."""
    group = _join_keys(visits.location, visits.person)[rows]
    marks = [m for m in (visits.seat, visits.carriage, visits.weak) if m.size and m.max() > m.min()]
    return np.lexsort((arrive[rows], *(m[rows] for m in marks), group))


def _join_keys(major: Codes, minor: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """One sortable number for two: one sort instead of two."""
    return major.astype(np.int64) << 32 | (minor.astype(np.int64) + 2**31)


@kernel
def _join(
    location: Codes, person: Codes, weak: Flags, carriage: Codes, seat: Codes,
    arrive: Ticks, depart: Ticks, gap: int,
) -> tuple[Codes, Ticks]:  # fmt: skip
    """Number the stays, and give each opening row the end of its stay."""
    number = np.empty(arrive.size, dtype=np.int32)
    left = depart.copy()
    current, opening = -1, -1
    for i in range(arrive.size):
        same = (
            opening >= 0
            and location[i] == location[opening]
            and person[i] == person[opening]
            and weak[i] == weak[opening]
            and carriage[i] == carriage[opening]
            and seat[i] == seat[opening]
            and arrive[i] - left[opening] <= gap
        )
        if not same:
            current += 1
            opening = i
        elif depart[i] > left[opening]:
            left[opening] = depart[i]
        number[i] = current
    return number, left


def is_precise(graph: TraceGraph) -> bool:
    """Whether every time is an instant, so that both worlds are the same world."""
    f = graph.facts
    pairs = (
        (f.cases.onset_lo, f.cases.onset_hi),
        (f.cases.sampled_lo, f.cases.sampled_hi),
        (f.cases.confirmed_lo, f.cases.confirmed_hi),
        (f.cases.isolated_lo, f.cases.isolated_hi),
        (f.isolations.start_lo, f.isolations.start_hi),
        (f.isolations.end_lo, f.isolations.end_hi),
        (f.tests.sampled_lo, f.tests.sampled_hi),
        (f.disinfections.done_lo, f.disinfections.done_hi),
    )
    precise = all(np.array_equal(lo, hi) for lo, hi in pairs)
    return precise and len(f.contacts) == 0 and _visits_are_precise(graph)


def _visits_are_precise(graph: TraceGraph) -> bool:
    v = graph.facts.visits
    return np.array_equal(v.arrive_lo, v.arrive_hi) and np.array_equal(v.depart_lo, v.depart_hi)
