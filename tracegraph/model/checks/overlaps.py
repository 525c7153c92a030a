"""Who was in two places at once: stays of one person that certainly overlap, elsewhere.

A room and the building that holds it are one place. Exact, and after a sort in one walk:
the stay that lasts longest so far meets a later one, if any does. Where both are at one
place, the longest at any other place decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from tracegraph.model.facts import Codes, Flags, Ticks

    Rows: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """Stays in the order of person and latest arrival; each of them certainly lasts."""

    person: Codes
    place: Codes
    arrive: Ticks  # at the latest
    depart: Ticks  # at the earliest

    def take(self, rows: npt.NDArray[Any]) -> Stays:
        """Keep these rows."""
        columns = (self.person, self.place, self.arrive, self.depart)
        return Stays(**dict(zip(self.__slots__, (c[rows] for c in columns), strict=True)))


def overlaps_elsewhere(stays: Stays, parent: Codes) -> tuple[Rows, Rows]:
    """Each stay that overlaps an earlier one of its person elsewhere; one of those it overlaps.

    Parameters
    ----------
    stays : Stays
    parent : array of int32
        Place that holds each place; -1 none. Without circles.
    """
    rows = _of_busy_people(stays)
    stays = stays.take(rows)
    here, there = _overlaps(stays, stays.place)
    if here.size and (parent[stays.place] >= 0).any():
        here, there = _overlaps_apart(stays, parent)
    return rows[here], rows[there]


def _of_busy_people(stays: Stays) -> Rows:
    """Stays of people of whom any two overlap, wherever they are: of few as a rule.

    Whoever overlaps a later stay overlaps the next one too, as the stays come by arrival.
    """
    meets_next = stays.depart[:-1] > stays.arrive[1:]
    meets_next &= stays.person[:-1] == stays.person[1:]
    busy = np.zeros(int(stays.person.max(initial=-1)) + 1, bool)
    busy[stays.person[1:][meets_next]] = True
    return np.flatnonzero(busy[stays.person]) if busy.any() else np.zeros(0, np.int64)


def _overlaps_apart(stays: Stays, parent: Codes) -> tuple[Rows, Rows]:
    """Overlaps at places of which neither holds the other."""
    found = []
    for deep, label in _levels(stays.place, parent):
        rows = np.flatnonzero(deep)
        here, there = _overlaps(stays.take(rows), label)
        found.append((rows[here], rows[there]))
    here, there = (np.concatenate(side) for side in zip(*found, strict=True))
    here, first = np.unique(here, return_index=True)
    return here, there[first]


def _overlaps(stays: Stays, label: Codes) -> tuple[Rows, Rows]:
    """Each stay that overlaps an earlier one of its person with another label, and that one."""
    if not label.size:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    at = np.arange(label.size)
    # of one person the latest departure so far: sums of a person exceed all before
    longest = _holder((stays.person.astype(np.int64) << 32) + stays.depart)
    other = _longest_of_other_label(stays, label, longest)
    before, second = np.append(0, longest[:-1]), np.append(-1, other[:-1])
    met = np.where(label[before] != label, before, second)
    overlaps = (met >= 0) & (stays.person[met] == stays.person) & (stays.depart[met] > stays.arrive)
    return at[overlaps], met[overlaps]


def _holder(values: Rows) -> Rows:
    """Position of the largest value up to each position; of equal ones the last."""
    is_largest = values == np.maximum.accumulate(values)
    return np.maximum.accumulate(np.where(is_largest, np.arange(values.size), 0))


def _longest_of_other_label(stays: Stays, label: Codes, longest: Rows) -> Rows:
    """Up to each stay, the longest whose label is not that of the longest; -1 none.

    While the longest keeps its label, it is the one before that label, or one that came since.
    """
    at, previous = np.arange(label.size), np.append(-1, longest[:-1])
    person, holds = stays.person, label[longest]
    begins = np.append(True, (holds[1:] != holds[:-1]) | (person[1:] != person[:-1]))
    inherits = begins & (previous >= 0) & (person[previous] == person)
    one = np.where(label != holds, at, np.where(inherits, previous, -1))
    span = np.cumsum(begins) << 32  # a span's sums exceed all before
    found: Rows = one[_holder(span + np.where(one >= 0, stays.depart[one], 0))]
    return found


def _levels(place: Codes, parent: Codes) -> Iterator[tuple[Flags, Codes]]:
    """For each depth the stays at places as deep, and the place there that holds theirs.

    Two places lie apart if at some depth other places hold them.
    """
    visited = np.zeros(parent.size, bool)
    visited[place] = True
    up = _nearest(parent, visited)
    depth = _depths(up)[place]
    label = place
    for level in range(int(depth.max()), -1, -1):
        label = np.where(depth > level, up[label], label)
        yield depth >= level, label[depth >= level]


def _nearest(parent: Codes, wanted: Flags) -> Codes:
    """Nearest of the places around each place that is wanted; -1 none."""
    up = parent
    while (skips := (up >= 0) & ~wanted[up]).any():
        up = np.where(skips, up[up], up)  # by doubling steps: a chain may be long
    return up


def _depths(up: Codes) -> Codes:
    """How many places are around each place."""
    depth = (up >= 0).astype(np.int32)
    while (up >= 0).any():
        depth += np.where(up >= 0, depth[up], 0)
        up = np.where(up >= 0, up[up], -1)
    return depth
