"""When visits were: open ends closed, the bounds of one world, cut at as-of (RULE 3, 4, 25)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np

from tracegraph.exposure._jit import kernel
from tracegraph.exposure.ordering import sorted_keys
from tracegraph.exposure.pack import NO_CAP, longest_stay
from tracegraph.model.calendar import NEVER
from tracegraph.model.facts import ticks
from tracegraph.model.runs import begins

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.calendar import Calendar
    from tracegraph.model.facts import Codes, Flags, Ticks
    from tracegraph.model.graph import TraceGraph
    from tracegraph.protocols.protocol import Protocol

World = Literal["outer", "inner"]
D = TypeVar("D", bound=np.generic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Visits of one world that took place: who, where, from when to when.

    `row` is the position of each in `facts.visits`; None where all of them are here.
    """

    row: Codes | None
    person: Codes
    location: Codes
    arrive: Ticks
    depart: Ticks

    def __len__(self) -> int:
        return len(self.person)

    def of_visits(self, column: npt.NDArray[D]) -> npt.NDArray[D]:
        """Cells of a column of `facts.visits` that belong to these visits."""
        return column if self.row is None else column[self.row]


def presence(
    graph: TraceGraph, protocol: Protocol, world: World, row: Codes | None = None
) -> Presence:
    """Read the visits at positions `row` in one world; None reads all."""
    visits = graph.facts.visits
    arrive, depart = bounds(graph, protocol, world, row)
    known = arrive < graph.now  # the rest is expected (RULE 30)
    depart = np.minimum(depart, np.int32(graph.now))
    if protocol.exposure.resolution == "day":
        arrive, depart = (ticks(t) for t in widen(graph.calendar, arrive, depart))
    known &= arrive < depart
    found = Presence(
        row=row, arrive=arrive, depart=depart,
        person=visits.person if row is None else visits.person[row],
        location=visits.location if row is None else visits.location[row],
    )  # fmt: skip
    return found if known.all() else _only(found, known)


def _only(found: Presence, known: Flags) -> Presence:
    at = np.flatnonzero(known).astype(np.int32)
    return Presence(
        row=at if found.row is None else found.row[at],
        person=found.person[at], location=found.location[at],
        arrive=found.arrive[at], depart=found.depart[at],
    )  # fmt: skip


def bounds(
    graph: TraceGraph, protocol: Protocol, world: World, row: Codes | None = None
) -> tuple[Ticks, Ticks]:
    """First and one-past-last second of visits in one world, not yet cut at as-of."""
    visits, rows = graph.facts.visits, slice(None) if row is None else row
    lo, leave_hi = visits.arrive_lo[rows], visits.depart_hi[rows]
    shortest, is_open = lo + np.int32(1), leave_hi == NEVER
    if world == "outer":
        if is_open.any():
            leave_hi = leave_hi.copy()
            at = np.flatnonzero(is_open).astype(np.int32) if row is None else row[is_open]
            leave_hi[is_open] = _latest_departure(graph, protocol, at)
        return lo, np.maximum(leave_hi, shortest)
    hi, leave_lo = visits.arrive_hi[rows], visits.depart_lo[rows]
    if protocol.exposure.resolution == "exact":
        return hi, np.where(is_open, shortest, np.maximum(leave_lo, shortest))
    # A stay known only by its dates is certain to have touched the date itself.
    depart = np.where(is_open, shortest, np.maximum(leave_lo, shortest))
    last = np.minimum(np.maximum(leave_hi, shortest), depart + np.int32(1))
    return np.maximum(lo, hi - np.int32(1)), np.where(is_open, shortest, last)


def _latest_departure(graph: TraceGraph, protocol: Protocol, row: Codes) -> Ticks:
    """When open stays ended at the latest: next arrival, longest stay, as-of (RULE 4)."""
    visits = graph.facts.visits
    limit = longest_stay(graph, protocol)[visits.location[row]]
    came = visits.arrive_hi[row].astype(np.int64)
    cap = np.where(limit == NO_CAP, NEVER, came + limit)
    return ticks(np.minimum(np.minimum(next_arrival(graph, row), cap), graph.now))


def next_arrival(graph: TraceGraph, row: Codes) -> Ticks:
    """Latest moment by which the person of each row had certainly come to another place."""
    own, lost = graph.facts.visits, graph.unplaced
    asked = np.zeros(1 + max(own.person.max(initial=0), lost.person.max(initial=0)), dtype=bool)
    asked[own.person[row]] = True
    tables = [(t, np.flatnonzero(asked[t.person])) for t in (own, lost)]
    person, lo, hi = (
        np.concatenate([getattr(t, name)[at] for t, at in tables])
        for name in ("person", "arrive_lo", "arrive_hi")
    )
    order = np.argsort(sorted_keys(person, lo))
    person, lo = person[order], lo[order]
    found = np.full(len(row), NEVER, dtype=np.int32)
    _fill_next_arrival(
        own.person[row], own.arrive_lo[row], own.arrive_hi[row],
        begins(person, len(asked)), lo,
        _suffix_minimum(person, hi[order]), found,
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
    person: Codes, lo: Ticks, hi: Ticks, begin: npt.NDArray[np.int64], by_lo: Ticks, low: Ticks,
    out: Ticks,
) -> None:  # fmt: skip
    for i in range(person.size):
        left, right = begin[person[i]], begin[person[i] + 1]
        later = np.searchsorted(by_lo[left:right], hi[i], side="left")
        if hi[i] == lo[i]:  # an instant: strictly after it
            later = np.searchsorted(by_lo[left:right], hi[i], side="right")
        if left + later < right:
            out[i] = low[left + later]


def widen(
    calendar: Calendar, start: npt.ArrayLike, end: npt.ArrayLike
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Widen intervals to the whole local dates that they touch (RULE 26)."""
    return calendar.floor(start), calendar.ceil(end)


def is_precise(graph: TraceGraph) -> bool:
    """Whether every time is an instant, so that both worlds are the same world."""
    key = ("is_precise", graph.as_of_second)
    if key not in graph.cache:
        graph.cache[key] = _is_precise(graph)
    found: bool = graph.cache[key]
    return found


def _is_precise(graph: TraceGraph) -> bool:
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
    return (
        len(f.contacts) == 0 and all(_same(*pair) for pair in pairs) and visits_are_precise(graph)
    )


def visits_are_precise(graph: TraceGraph) -> bool:
    """Whether no visit is known by its date only, or open."""
    v = graph.facts.visits
    return _same(v.arrive_lo, v.arrive_hi) and _same(v.depart_lo, v.depart_hi)


def _same(lo: Ticks, hi: Ticks) -> bool:
    return lo is hi or np.array_equal(lo, hi)
