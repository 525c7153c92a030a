"""The co-location sweep: first and last exposure, without any pair.

One sequential walk of the places that hold a source (RULE, known facts). At each place the
pieces come by start, and none is shorter than the place's threshold. Of those that started in
time to meet a stay, the one that ends last tells both answers: so a running maximum of ends is
all that is kept, with the best end of another owner beside it, so that nobody meets themself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tracegraph.exposure._jit import fixed, in_parts, kernel
from tracegraph.exposure.ordering import ascend
from tracegraph.exposure.pieces import (
    Here,
    Room,
    Sources,
    Stretch,
    collect,
    most_pieces,
    shared_out,
)
from tracegraph.exposure.stays import ARRIVE, DEPART, PERSON
from tracegraph.model.calendar import BEFORE, NEVER

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.exposure._jit import Int
    from tracegraph.exposure.encounters import Meeters
    from tracegraph.exposure.stays import StayIndex
    from tracegraph.model.facts import Codes, Flags, Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """First and last exposure of each person."""

    first: Ticks  # NEVER where there is none
    last: Ticks  # BEFORE where there is none

    @classmethod
    def nobody(cls, n_persons: int) -> Reach:
        """Nobody exposed yet."""
        return cls(
            first=np.full(n_persons, NEVER, dtype=np.int32),
            last=np.full(n_persons, BEFORE, dtype=np.int32),
        )

    def and_also(self, person: Codes, start: Ticks, end: Ticks) -> Reach:
        """Reduce further encounters by person."""
        first, last = self.first.copy(), self.last.copy()
        np.minimum.at(first, person, start)
        np.maximum.at(last, person, end)
        return Reach(first=first, last=last)


class Tops(NamedTuple):
    """Of the pieces up to each: the last end, its owner, and the last end of another owner."""

    end: Ticks
    owner: Codes
    second: Ticks
    other: Codes  # the next piece of another owner


FIRST, LAST = 0, 1
"""Columns in which a walk keeps what it found of each person, side by side."""


def sweep(
    here: Here, places: Codes, sources: Sources, stretch: Stretch, least: Ticks, so_far: Reach
) -> Reach:
    """Lower the first and raise the last exposure of everybody who meets a source.

    Parameters
    ----------
    here : Here
        Stays of everybody, ordered by location and arrival.
    places : int32 array
        Location codes at which sources may have been.
    sources : Sources
        Who is a source, and when.
    stretch : Stretch
        How long what they left lingers.
    least : int32 array by location code, seconds
        Shortest time together that is an exposure.
    so_far : Reach
        What earlier hops found; it is not changed.
    """
    least, places = fixed(least), fixed(places)

    def walk(lo: int, hi: int, _: int) -> npt.NDArray[np.int32]:
        reached = np.stack([so_far.first, so_far.last], axis=1)
        _walk(places[lo:hi], here, sources, stretch, least, reached)
        return reached

    found = in_parts(shared_out(places, here.begin), walk)
    return Reach(
        first=reduce(np.minimum, (reached[:, FIRST] for reached in found)).copy(),
        last=reduce(np.maximum, (reached[:, LAST] for reached in found)).copy(),
    )


@kernel
def _walk(
    places: Codes, here: Here, sources: Sources, stretch: Stretch, least: Ticks,
    reached: npt.NDArray[np.int32],
) -> None:  # fmt: skip
    size: Int = np.int64(0)
    room, tops = _room(size), _tops(size)
    for k in range(places.size):
        needed = most_pieces(places[k], here, sources)
        if needed > size:
            size = 2 * needed
            room, tops = _room(size), _tops(size)
        n = collect(places[k], here, sources, stretch, least, room)
        if n > 0:
            _fill(tops, room, n)
            lo, hi = here.begin[places[k]], here.begin[places[k] + 1]
            reach(lo, hi, here, least[places[k]], room, tops, n, reached)


@kernel
def _room(size: Int) -> Room:
    return Room(
        np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int32),
        np.empty(size, np.int32), np.empty(size, np.int32),
    )  # fmt: skip


@kernel
def _tops(size: Int) -> Tops:
    return Tops(
        np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int32),
        np.empty(size, np.int32),
    )  # fmt: skip


@kernel
def _fill(tops: Tops, room: Room, n: Int) -> None:
    end, second, owner = BEFORE, BEFORE, np.int32(-1)
    for j in range(n):
        if room.owner[j] == owner:
            end = max(end, room.end[j])
        elif room.end[j] > end:
            end, second, owner = room.end[j], end, room.owner[j]
        else:
            second = max(second, room.end[j])
        tops.end[j], tops.owner[j], tops.second[j] = end, owner, second
    for j in range(n - 1, -1, -1):
        same = j + 1 < n and room.owner[j + 1] == room.owner[j]
        tops.other[j] = tops.other[j + 1] if same else j + 1


@kernel
def reach(
    lo: Int, hi: Int, here: Here, least: Int, room: Room, tops: Tops, n: Int,
    reached: npt.NDArray[np.int32],
) -> None:  # fmt: skip
    """Lower the first and raise the last exposures by meetings at one place: its stays lo to hi."""
    j: Int = np.int64(0)  # pieces that started by the arrival
    for i in range(lo, hi):
        arrive, depart = here.records[i, ARRIVE], here.records[i, DEPART]
        if tops.end[n - 1] - arrive < least:
            break  # nobody who comes later meets a source here
        while j < n and room.start[j] <= arrive:
            j += 1
        if depart - arrive < least or (here.weak.size > 0 and here.weak[i]):
            continue
        person = here.records[i, PERSON]
        if arrive < reached[person, FIRST]:
            if j > 0 and _last_end(tops, j - 1, person) - arrive >= least:
                reached[person, FIRST] = arrive
            else:
                k = j
                if k < n and room.owner[k] == person:
                    k = tops.other[k]
                if k < n and depart - room.start[k] >= least:
                    reached[person, FIRST] = min(reached[person, FIRST], room.start[k])
        if min(depart, tops.end[n - 1]) > reached[person, LAST]:
            k = _started(room.start, j, n, depart - least)
            if k > 0:
                end = _last_end(tops, k - 1, person)
                if end - arrive >= least:
                    reached[person, LAST] = max(reached[person, LAST], min(depart, end))


@kernel
def _last_end(tops: Tops, j: Int, person: Int) -> Int:
    """Last end of the pieces up to j that somebody else owns."""
    return np.int64(tops.second[j] if tops.owner[j] == person else tops.end[j])


@kernel
def _started(start: Ticks, j: Int, n: Int, moment: Int) -> Int:
    """How many pieces started by `moment`, which at least j did."""
    if start[n - 1] <= moment:
        return n
    step: Int = np.int64(1)
    while j + step <= n and start[j + step - 1] <= moment:
        j, step = j + step, 2 * step
    return j + np.searchsorted(start[j : min(n, j + step)], moment, side="right")


# ---- how many exposures: counted only where somebody asks


FEW = 8
"""Pieces at a place up to which looking at each beats two searches."""


def counts_of(
    index: StayIndex, meeters: Meeters, least: Ticks, targets: Flags
) -> npt.NDArray[np.int64]:
    """Number of meetings of each target with others' pieces, without listing them.

    `least` is the shortest time together that is an exposure, in seconds by location code.
    """
    is_source = np.zeros(len(targets), dtype=np.bool_)
    is_source[meeters.owner] = True
    read = (meeters, fixed(least), Here.of(index), fixed(targets), fixed(is_source))
    places = fixed(np.flatnonzero(np.diff(meeters.begin)).astype(np.int32))

    def count(lo: int, hi: int, _: int) -> npt.NDArray[np.int64]:
        found = np.zeros(len(targets), dtype=np.int64)
        _count(places[lo:hi], *read, found)
        return found

    return reduce(np.add, in_parts(shared_out(places, index.begin), count))


@kernel
def _count(
    places: Codes, meeters: Meeters, least: Ticks, here: Here, targets: Flags, is_source: Flags,
    count: npt.NDArray[np.int64],
) -> None:  # fmt: skip
    for place in places:
        part = slice(meeters.begin[place], meeters.begin[place + 1])
        number(
            here.begin[place], here.begin[place + 1], here, targets, is_source, least[place],
            meeters.start[part], meeters.end[part], meeters.owner[part], count,
        )  # fmt: skip


@kernel
def number(
    lo: Int, hi: Int, here: Here, targets: Flags, is_source: Flags, least: Int,
    start: Ticks, end: Ticks, owner: Codes, count: npt.NDArray[np.int64],
) -> None:  # fmt: skip
    """Add the number of other people's pieces that each target's stays meet.

    Pieces that have started in time, less those that ended too early (all of which had
    started), less one's own.
    """
    are_few = start.size <= FEW
    ends, owners = _sorted_ends(end, owner, 0 if are_few else start.size)
    for i in range(lo, hi):
        person = here.records[i, PERSON]
        arrive, depart = here.records[i, ARRIVE], here.records[i, DEPART]
        is_weak = here.weak.size > 0 and here.weak[i]
        if not targets[person] or is_weak or depart - arrive < least:
            continue
        if are_few:
            for j in range(start.size):
                is_met = start[j] <= depart - least and end[j] >= arrive + least
                count[person] += is_met and owner[j] != person
            continue
        started = np.searchsorted(start, depart - least, side="right")
        met = started - np.searchsorted(ends, arrive + least, side="left")
        if is_source[person]:
            k = np.searchsorted(owners, np.int64(person) << 32)
            while k < owners.size and owners[k] >> 32 == person:
                j = owners[k] & 0x7FFFFFFF
                if start[j] <= depart - least and end[j] >= arrive + least:
                    met -= 1
                k += 1
        count[person] += met


@kernel
def _sorted_ends(
    end: Ticks, owner: Codes, n: Int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Ends of the first n pieces in order; their owners, each with the position of the piece."""
    ends, owners = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    for j in range(n):
        ends[j], owners[j] = end[j], np.int64(owner[j]) << 32 | j
    ascend(ends)
    ascend(owners)
    return ends, owners
