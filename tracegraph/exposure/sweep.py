"""The co-location sweep: first and last exposure and exact counts, without any pair.

One sequential walk of the places that hold a source (RULE, known facts). Pieces at a
place are sorted by start and none is shorter than the place's threshold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.exposure._jit import kernel
from tracegraph.model.calendar import BEFORE, NEVER

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.exposure.pieces import Pieces
    from tracegraph.exposure.stays import StayIndex
    from tracegraph.model.facts import Codes, Flags, Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """First and last exposure of each person, and how many there are."""

    first: Ticks  # NEVER where there is none
    last: Ticks  # BEFORE where there is none
    count: npt.NDArray[np.int64]

    @classmethod
    def nobody(cls, n_persons: int) -> Reach:
        """Nobody exposed yet."""
        return cls(
            first=np.full(n_persons, NEVER, dtype=np.int32),
            last=np.full(n_persons, BEFORE, dtype=np.int32),
            count=np.zeros(n_persons, dtype=np.int64),
        )

    def and_also(self, person: Codes, start: Ticks, end: Ticks) -> Reach:
        """Reduce further encounters by person."""
        first, last, count = self.first.copy(), self.last.copy(), self.count.copy()
        np.minimum.at(first, person, start)
        np.maximum.at(last, person, end)
        np.add.at(count, person, 1)
        return Reach(first=first, last=last, count=count)


def sweep(index: StayIndex, pieces: Pieces, least: Ticks, *, n_persons: int) -> Reach:
    """Reduce all meetings with `pieces` to first, last and count by person.

    Parameters
    ----------
    index : StayIndex
        Stays of everybody, ordered by location and arrival.
    pieces : Pieces
        Where sources were, ordered by location and start; each at least `least` long.
    least : int32 array by location code, seconds
        Shortest time together that is an exposure.
    n_persons : int
    """
    reach = Reach.nobody(n_persons)
    place, begin = places_of(pieces)
    stays = index.stays
    is_source = np.zeros(n_persons, dtype=np.bool_)
    is_source[pieces.owner] = True
    _walk(
        place, begin, pieces.start, pieces.end, pieces.owner, least,
        index.begin, stays.person, stays.arrive, stays.depart, stays.weak, is_source,
        reach.first, reach.last, reach.count,
    )  # fmt: skip
    return reach


def places_of(pieces: Pieces) -> tuple[Codes, npt.NDArray[np.int64]]:
    """Places that hold a piece, and where each one's pieces begin."""
    place, begin = np.unique(pieces.location, return_index=True)
    return place, np.append(begin, len(pieces)).astype(np.int64)


@kernel
def _walk(
    place: Codes, begin: npt.NDArray[np.int64], start: Ticks, end: Ticks, owner: Codes,
    least: Ticks, stay_begin: npt.NDArray[np.int64],
    person: Codes, arrive: Ticks, depart: Ticks, weak: Flags, is_source: Flags,
    first: Ticks, last: Ticks, count: npt.NDArray[np.int64],
) -> None:  # fmt: skip
    for k in range(place.size):
        here = slice(begin[k], begin[k + 1])
        there = slice(stay_begin[place[k]], stay_begin[place[k] + 1])
        s, e, o, m = start[here], end[here], owner[here], least[place[k]]
        p, a, d, w = person[there], arrive[there], depart[there], weak[there]
        by_end = np.argsort(e, kind="mergesort")
        earliest(s, e, o, m, p, a, d, w, first)
        latest(s[by_end], e[by_end], o[by_end], m, p, a, d, w, last)
        number(s, e, e[by_end], o, m, p, a, d, w, is_source, count)


@kernel
def earliest(
    start: Ticks, end: Ticks, owner: Codes, least: np.int32,
    person: Codes, arrive: Ticks, depart: Ticks, weak: Flags, first: Ticks,
) -> None:  # fmt: skip
    """Lower `first` to the first instant at which each stay meets another's piece.

    Pieces come by start, stays by arrival. The two best ends belong to different owners,
    so that nobody meets themself.
    """
    other = next_of_another_owner(owner)
    best, second = BEFORE, BEFORE
    best_owner = -1
    j = 0
    for i in range(arrive.size):
        while j < start.size and start[j] <= arrive[i]:
            if owner[j] == best_owner:
                best = max(best, end[j])
            elif end[j] > best:
                second, best, best_owner = best, end[j], owner[j]
            elif end[j] > second:
                second = end[j]
            j += 1
        if weak[i] or depart[i] - arrive[i] < least:
            continue
        stays_until = second if best_owner == person[i] else best
        if stays_until > arrive[i] and stays_until - arrive[i] >= least:
            first[person[i]] = min(first[person[i]], arrive[i])
            continue
        k = j
        if k < start.size and owner[k] == person[i]:
            k = other[k]
        if k < start.size and depart[i] > start[k] and depart[i] - start[k] >= least:
            first[person[i]] = min(first[person[i]], start[k])


@kernel
def next_of_another_owner(owner: Codes) -> Codes:
    """For each piece the next one that somebody else owns; the size where there is none."""
    other = np.empty(owner.size, dtype=np.int32)
    for j in range(owner.size - 1, -1, -1):
        if j + 1 == owner.size:
            other[j] = owner.size
        elif owner[j + 1] != owner[j]:
            other[j] = j + 1
        else:
            other[j] = other[j + 1]
    return other


@kernel
def latest(
    start: Ticks, end: Ticks, owner: Codes, least: np.int32,
    person: Codes, arrive: Ticks, depart: Ticks, weak: Flags, last: Ticks,
) -> None:  # fmt: skip
    """Raise `last` to the last instant at which each stay meets another's piece.

    Pieces come by *end*: the same search with time negated.
    """
    n = end.size
    best, second = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    best_owner = np.empty(n, dtype=np.int32)
    before = np.empty(n, dtype=np.int32)  # previous piece of another owner
    for j in range(n):
        before[j] = -1 if j == 0 else (j - 1 if owner[j - 1] != owner[j] else before[j - 1])
    b, s, o = NEVER, NEVER, -1
    for j in range(n - 1, -1, -1):
        if owner[j] == o:
            b = min(b, start[j])
        elif start[j] < b:
            s, b, o = b, start[j], owner[j]
        elif start[j] < s:
            s = start[j]
        best[j], second[j], best_owner[j] = b, s, o
    for i in range(arrive.size):
        if weak[i] or depart[i] - arrive[i] < least:
            continue
        k = np.searchsorted(end, depart[i], side="left")
        if k < n:
            came = second[k] if best_owner[k] == person[i] else best[k]
            if came < depart[i] and depart[i] - came >= least:
                last[person[i]] = max(last[person[i]], depart[i])
                continue
        k -= 1
        if k >= 0 and owner[k] == person[i]:
            k = before[k]
        if k >= 0 and end[k] > arrive[i] and end[k] - arrive[i] >= least:
            last[person[i]] = max(last[person[i]], end[k])


@kernel
def number(
    start: Ticks, end: Ticks, ends: Ticks, owner: Codes, least: np.int32,
    person: Codes, arrive: Ticks, depart: Ticks, weak: Flags, is_source: Flags,
    count: npt.NDArray[np.int64],
) -> None:  # fmt: skip
    """Add the number of other people's pieces that each stay meets.

    `ends` are the ends in order. Pieces that have started in time, less those that ended
    too early (all of which had started), less one's own.
    """
    by_owner = np.argsort(owner, kind="mergesort")
    owners = owner[by_owner]
    for i in range(arrive.size):
        if weak[i] or depart[i] - arrive[i] < least:
            continue
        started = np.searchsorted(start, depart[i] - least, side="right")
        met = started - np.searchsorted(ends, arrive[i] + least, side="left")
        if is_source[person[i]]:
            k = np.searchsorted(owners, person[i], side="left")
            while k < owners.size and owners[k] == person[i]:
                j = by_owner[k]
                if start[j] <= depart[i] - least and end[j] >= arrive[i] + least:
                    met -= 1
                k += 1
        count[person[i]] += met
