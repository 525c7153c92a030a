"""When each person is a source: episodes, minus isolation, in pieces (RULE 7 to 11, 22)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.exposure._jit import kernel
from tracegraph.exposure.presence import widen
from tracegraph.model.calendar import BEFORE, NEVER
from tracegraph.model.facts import ticks
from tracegraph.model.runs import begins

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.exposure.isolation import IsolationBook
    from tracegraph.exposure.presence import World
    from tracegraph.model.calendar import Calendar
    from tracegraph.model.facts import Cases, Codes, Flags, Ticks
    from tracegraph.model.graph import TraceGraph
    from tracegraph.protocols.protocol import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Episodes:
    """Spans in which persons are sources, ordered by person, before isolation.

    An isolation at or after `anchor` ends the span for good; `NEVER` means none does.
    """

    person: Codes
    start: Ticks
    end: Ticks
    anchor: Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Pieces of each window id: `start[begin[w]:begin[w + 1]]`, and their ends."""

    begin: npt.NDArray[np.int64]
    start: Ticks
    end: Ticks
    is_source: Flags  # by person code: some piece exists under some id
    owner: Codes  # person of each window id

    def hull(self, margin: int) -> npt.NDArray[np.int32]:
        """First and last second of each source, side by side, widened by `margin` seconds.

        `NEVER` and `BEFORE` of those who are none.
        """
        found = np.empty((len(self.is_source), 2), dtype=np.int32)
        found[:, 0], found[:, 1] = NEVER, BEFORE
        _widest(self.begin, self.start, self.end, self.owner, self.is_source, margin, found)
        return found


@kernel
def _widest(
    begin: npt.NDArray[np.int64], start: Ticks, end: Ticks, owner: Codes, is_source: Flags,
    margin: int, found: npt.NDArray[np.int32],
) -> None:  # fmt: skip
    for w in range(owner.size):
        p = owner[w]
        if begin[w] < begin[w + 1] and is_source[p]:
            first = max(np.int64(BEFORE), np.int64(start[begin[w]]) - margin)
            last = min(np.int64(NEVER), np.int64(end[begin[w + 1] - 1]) + margin)
            found[p, 0], found[p, 1] = min(found[p, 0], first), max(found[p, 1], last)


def source_cases(graph: TraceGraph, protocol: Protocol) -> Cases:
    """Episodes whose status makes them sources (RULE 9); no status does too."""
    cases, wanted = graph.facts.cases, protocol.window.statuses
    counts = [s in wanted if wanted else s != "excluded" for s in graph.statuses]
    return cases.take(np.array([*counts, True])[cases.status])


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchors:
    """Bounds of the anchor of each source episode (RULE 7)."""

    cases: Cases
    lo: Ticks
    hi: Ticks


def anchors(graph: TraceGraph, protocol: Protocol) -> Anchors:
    """Anchor of each source episode: earliest of onset and first positive specimen."""
    cases = source_cases(graph, protocol)
    lo, hi = _first_positive(graph, cases)
    onset_lo, onset_hi = cases.onset_lo, cases.onset_hi
    if protocol.window.anchor == "by_status":
        silent = np.array([*(s == "asymptomatic" for s in graph.statuses), False])[cases.status]
        first, second = np.where(silent, lo, onset_lo), np.where(silent, onset_lo, lo)
        anchor_lo = np.where(first != NEVER, first, second)
        first, second = np.where(silent, hi, onset_hi), np.where(silent, onset_hi, hi)
        anchor_hi = np.where(first != NEVER, first, second)
    else:
        anchor_lo, anchor_hi = np.minimum(onset_lo, lo), np.minimum(onset_hi, hi)
    neither = anchor_lo == NEVER
    return Anchors(
        cases=cases,
        lo=ticks(np.where(neither, cases.confirmed_lo, anchor_lo)),
        hi=ticks(np.where(neither, cases.confirmed_hi, anchor_hi)),
    )


def _first_positive(graph: TraceGraph, cases: Cases) -> tuple[Ticks, Ticks]:
    """`sampled`, or the first positive test of a person with one source episode only."""
    tests = graph.facts.tests
    positive = tests.take(tests.positive == 1)
    episodes = np.bincount(cases.person, minlength=len(graph.person_ids))
    missing = (cases.sampled_lo == NEVER) & (episodes[cases.person] == 1)

    def earliest(own: Ticks, sampled: Ticks) -> Ticks:
        first = np.full(len(graph.person_ids), NEVER, dtype=np.int32)
        np.minimum.at(first, positive.person, sampled)
        return np.where(missing, first[cases.person], own)

    return (
        earliest(cases.sampled_lo, positive.sampled_lo),
        earliest(cases.sampled_hi, positive.sampled_hi),
    )


def infectious_episodes(graph: TraceGraph, protocol: Protocol, world: World) -> Episodes:
    """Infectious period of every source case in one world, before isolation.

    The cap `max_days` always applies: were it lifted for those isolated late, dropping
    their isolation would shorten the window.
    """
    found = anchors(graph, protocol)
    first = graph.calendar.day(found.lo)
    last = graph.calendar.day(np.maximum(found.lo, found.hi.astype(np.int64) - 1))
    start_lo, start_hi = _starts(graph, protocol, found, first, last)
    window = protocol.window
    days = min(d for d in (window.after_days, window.max_days) if d is not None) + 1
    outer = world == "outer"
    start, day = (start_lo, last) if outer else (start_hi, first)
    end = graph.calendar.midnight(day + days)
    order = np.lexsort((start, found.cases.person))
    return Episodes(
        person=found.cases.person[order],
        start=ticks(start[order]),
        end=ticks(end[order]),
        anchor=(found.hi if outer else found.lo)[order],
    )


def _starts(
    graph: TraceGraph,
    protocol: Protocol,
    found: Anchors,
    first: npt.NDArray[np.int64],
    last: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Earliest and latest start of each infectious period (RULE 8)."""
    window = protocol.window
    if window.look_back_hours is not None:
        back = window.look_back_hours * 3600
        lo, hi = found.lo.astype(np.int64) - back, found.hi.astype(np.int64) - back
    else:
        days = window.look_back_days or 0
        lo, hi = graph.calendar.midnight(first - days), graph.calendar.midnight(last - days)
    if not window.from_last_negative or "screening" not in graph.found_in:
        return lo, hi
    screened = found.cases.found_in == graph.found_in.index("screening")
    for i in np.flatnonzero(screened):
        lo[i], hi[i] = _last_negative(graph, found, int(i), (int(lo[i]), int(hi[i])))
    return lo, hi


def _last_negative(
    graph: TraceGraph, found: Anchors, i: int, look_back: tuple[int, int]
) -> tuple[int, int]:
    """Bounds of the last negative specimen before a case's anchor, else the look-back."""
    tests = graph.facts.tests
    own = tests.take((tests.positive == 0) & (tests.person == found.cases.person[i]))
    certain = own.sampled_lo[own.sampled_hi <= found.lo[i]]
    if not len(certain):
        return look_back
    possible = own.sampled_hi[own.sampled_lo < found.hi[i]]
    lo = int(certain.max())
    return lo, max(lo, int(possible.max(initial=BEFORE)))


def contact_episodes(
    graph: TraceGraph, first: Ticks, last: Ticks, follow_up_days: int | None
) -> Episodes:
    """From a contact's first exposure until `follow_up_days` after the last (RULE 22)."""
    person = np.flatnonzero(first != NEVER).astype(np.int32)
    end = np.full(len(person), NEVER, dtype=np.int64)
    if follow_up_days is not None:
        end = graph.calendar.add_days(last[person], follow_up_days)
    return Episodes(
        person=person,
        start=first[person],
        end=ticks(end),
        anchor=np.full(len(person), NEVER, dtype=np.int32),
    )


def windows(
    graph: TraceGraph, book: IsolationBook, episodes: Episodes, world: World, *, by_day: bool
) -> Windows:
    """Subtract isolation from `episodes`, under every window id."""
    outer = world == "outer"
    ep_begin = begins(episodes.person, len(graph.person_ids))
    begin, start, end = _subtract(
        book.owner, ep_begin, episodes.start, episodes.end, episodes.anchor,
        book.cut_begin, book.cuts,
        book.start_lo if outer else book.start_hi,  # when it counts as at or after the anchor
        book.start_hi if outer else book.start_lo,
        book.end_lo if outer else book.end_hi,
        np.int32(graph.now),
    )  # fmt: skip
    if by_day:
        begin, start, end = _whole_days(graph.calendar, begin, start, end)
    is_source = np.zeros(len(graph.person_ids), dtype=bool)
    is_source[book.owner[np.diff(begin) > 0]] = True
    return Windows(begin=begin, start=start, end=end, is_source=is_source, owner=book.owner)


@kernel
def _subtract(
    owner: Codes, ep_begin: npt.NDArray[np.int64], ep_start: Ticks, ep_end: Ticks, anchor: Ticks,
    cut_begin: npt.NDArray[np.int64], cuts: Codes, came: Ticks, cut_start: Ticks, cut_end: Ticks,
    as_of: np.int32,
) -> tuple[npt.NDArray[np.int64], Ticks, Ticks]:  # fmt: skip
    """Pieces of each window id: end for good, merge what overlaps, subtract isolation."""
    room = 0
    for w in range(owner.size):
        spans = ep_begin[owner[w] + 1] - ep_begin[owner[w]]
        if spans > 0:
            room += spans + cut_begin[w + 1] - cut_begin[w]
    begin = np.zeros(owner.size + 1, dtype=np.int64)
    start = np.empty(room, dtype=np.int32)
    end = np.empty(room, dtype=np.int32)
    n = 0
    for w in range(owner.size):
        begin[w] = n
        e0, e1 = ep_begin[owner[w]], ep_begin[owner[w] + 1]
        if e1 == e0:
            continue
        c = cuts[cut_begin[w] : cut_begin[w + 1]]
        # Ended for good at the first isolation at or after the anchor.
        first = n
        for e in range(e0, e1):
            stop = min(ep_end[e], as_of)
            for i in c:
                if came[i] >= anchor[e] and cut_start[i] < stop:
                    stop = cut_start[i]
            if stop <= ep_start[e]:
                continue
            if n > first and ep_start[e] < end[n - 1]:  # episodes come by start
                end[n - 1] = max(end[n - 1], stop)
            else:
                start[n], end[n] = ep_start[e], stop
                n += 1
        for i in c:
            n = _cut_out(start, end, first, n, cut_start[i], cut_end[i])
    begin[owner.size] = n
    return begin, start[:n].copy(), end[:n].copy()


@kernel
def _cut_out(start: Ticks, end: Ticks, first: int, n: int, lo: np.int32, hi: np.int32) -> int:
    """Remove [lo, hi) from pieces first..n in place; return the new n. They stay in order."""
    if lo >= hi:
        return n
    k = first
    while k < n:
        if end[k] <= lo or start[k] >= hi:
            k += 1
        elif start[k] < lo and end[k] > hi:
            for j in range(n, k + 1, -1):
                start[j], end[j] = start[j - 1], end[j - 1]
            start[k + 1], end[k + 1] = hi, end[k]
            end[k] = lo
            n += 1
            k += 2
        elif start[k] < lo:
            end[k] = lo
            k += 1
        elif end[k] > hi:
            start[k] = hi
            k += 1
        else:
            for j in range(k, n - 1):
                start[j], end[j] = start[j + 1], end[j + 1]
            n -= 1
    return n


def _whole_days(
    calendar: Calendar, begin: npt.NDArray[np.int64], start: Ticks, end: Ticks
) -> tuple[npt.NDArray[np.int64], Ticks, Ticks]:
    """Pieces widened to whole local dates; those that now share a date become one."""
    wide_start, wide_end = widen(calendar, start.astype(np.int64), end.astype(np.int64))
    return _merge(begin, ticks(wide_start), ticks(wide_end))


@kernel
def _merge(
    begin: npt.NDArray[np.int64], start: Ticks, end: Ticks
) -> tuple[npt.NDArray[np.int64], Ticks, Ticks]:
    merged = np.zeros_like(begin)
    to_start, to_end = np.empty_like(start), np.empty_like(end)
    n = 0
    for w in range(begin.size - 1):
        merged[w] = n
        for k in range(begin[w], begin[w + 1]):
            if n > merged[w] and start[k] < to_end[n - 1]:
                to_end[n - 1] = max(to_end[n - 1], end[k])
            else:
                to_start[n], to_end[n] = start[k], end[k]
                n += 1
    merged[begin.size - 1] = n
    return merged, to_start[:n].copy(), to_end[:n].copy()
