"""Stays of sources, clipped to their windows and lengthened by the linger (RULE 13, 14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tracegraph.exposure._jit import fixed, in_parts, kernel, weighed_parts
from tracegraph.exposure.ordering import ascend
from tracegraph.exposure.pack import NO_CAP
from tracegraph.exposure.stays import ARRIVE, DEPART, PERSON
from tracegraph.model.constant import is_false
from tracegraph.model.facts import Columns
from tracegraph.model.runs import runs

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.exposure._jit import Int
    from tracegraph.exposure.isolation import IsolationBook
    from tracegraph.exposure.presence import World
    from tracegraph.exposure.stays import StayIndex
    from tracegraph.exposure.windows import Windows
    from tracegraph.model.facts import Codes, Disinfections, Flags, Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces(Columns):
    """Where and when sources were, ordered by location and start."""

    location: Codes
    owner: Codes
    start: Ticks
    end: Ticks  # with linger
    left: Ticks  # without
    stay: Codes  # the stay it was clipped from


class Here(NamedTuple):
    """Stays by place and arrival, as kernels read them."""

    begin: npt.NDArray[np.int64]
    records: npt.NDArray[np.int32]
    weak: Flags  # of each stay; empty if none is

    @classmethod
    def of(cls, index: StayIndex) -> Here:
        """Stays of an index."""
        weak = index.stays.weak
        none = is_false(weak) or not weak.any()
        return cls(fixed(index.begin), fixed(index.records), fixed(weak[:0] if none else weak))


class Sources(NamedTuple):
    """Windows by id, and which id counts for a person at a place, as kernels read them."""

    hull: npt.NDArray[np.int32]  # first and last second of each person as a source, side by side
    is_plain: Flags  # by person code: one window at all places, in one piece
    begin: npt.NDArray[np.int64]
    start: Ticks
    end: Ticks
    keys: npt.NDArray[np.int64]
    has_key: Flags
    n_locations: int
    with_weak: bool

    @classmethod
    def of(cls, windows: Windows, book: IsolationBook, *, with_weak: bool = False) -> Sources:
        """Sources of one hop; weak stays make no exposure (RULE 15) and are left out of most."""
        n_people = len(windows.is_source)
        plain = (np.diff(windows.begin)[:n_people] == 1) & ~book.has_key
        return cls(
            fixed(windows.hull(0)), fixed(plain),
            fixed(windows.begin), fixed(windows.start), fixed(windows.end),
            fixed(book.keys), fixed(book.has_key), book.n_locations, with_weak,
        )  # fmt: skip


class Stretch(NamedTuple):
    """How long what a source left lingers, by location code, and what ended it.

    A piece that ended by `after` ends at the latest at `until`; both by `cleaned`, in order.
    """

    linger: Ticks
    up_to: Ticks  # linger = min(stay, this) where it is not NO_CAP
    cleaned: Codes
    after: Ticks
    until: Ticks

    @classmethod
    def of(cls, linger: Ticks, up_to: Ticks, done: Disinfections, world: World) -> Stretch:
        """Linger of each place; in the inner world a disinfection ends it as early as it may."""
        order = np.argsort(done.location, kind="stable")
        early, late = done.done_lo[order], done.done_hi[order]
        spans = (early, late) if world == "outer" else (late, early)
        return cls(*map(fixed, (linger, up_to, done.location[order], *spans)))

    @classmethod
    def nothing(cls, n_locations: int) -> Stretch:
        """Nothing lingers anywhere."""
        none = np.zeros(0, dtype=np.int32)
        zeros = np.zeros(n_locations, dtype=np.int32)
        return cls(*map(fixed, (zeros, np.full_like(zeros, NO_CAP), none, none, none)))


class Room(NamedTuple):
    """Where the pieces of places are written."""

    owner: Codes
    start: Ticks
    end: Ticks
    left: Ticks
    stay: Codes


def source_pieces(
    index: StayIndex, book: IsolationBook, windows: Windows, at: Flags, least: Ticks,
    stretch: Stretch, *, weak: bool = False,
) -> Pieces:  # fmt: skip
    """Clip the stays of sources at places `at` to single pieces of their windows.

    Parameters
    ----------
    index : StayIndex
    book : IsolationBook
    windows : Windows
        Of the sources.
    at : bool array by location code
    least : int32 array by location code, seconds
        Pieces shorter than this, with their linger, are left out: the sweep relies on it.
    stretch : Stretch
    weak : bool
        Whether weak stays count; they make no exposure (RULE 15).
    """
    places = places_with_source(index, windows, at)
    here, sources = Here.of(index), Sources.of(windows, book, with_weak=weak)
    begin = _room_at(fixed(places), here, sources)
    room = Room(*(np.empty(int(begin[-1]), dtype=np.int32) for _ in Room._fields))
    size = np.empty(len(places), dtype=np.int64)
    read = (fixed(places), here, sources, stretch, fixed(least), begin, room, size)
    in_parts(shared_out(places, here.begin), lambda lo, hi, _: _list_pieces(lo, hi, *read))
    place, nth = runs(size)
    kept = begin[place] + nth
    columns = {name: column[kept] for name, column in zip(Room._fields, room, strict=True)}
    return Pieces(location=places[place], **columns)


def places_with_source(index: StayIndex, windows: Windows, at: Flags) -> Codes:
    """Places among `at` where the index may have a stay of a source, ascending."""
    wanted = at & (np.diff(index.begin) > 0)
    if index.by_person is not None and windows.is_source.sum() * 4 < len(windows.is_source):
        seen = np.zeros_like(at)
        seen[index.stays.location[index.of_persons(windows.is_source)]] = True
        wanted &= seen
    return np.flatnonzero(wanted).astype(np.int32)


def shared_out(places: Codes, begin: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Bounds of parts of some places that hold about equally many stays, one a core."""
    return weighed_parts(np.append(0, np.cumsum(begin[places + 1] - begin[places])))


@kernel
def _room_at(places: Codes, here: Here, sources: Sources) -> npt.NDArray[np.int64]:
    """Where the pieces of each place may be written, and the end."""
    begin = np.zeros(places.size + 1, dtype=np.int64)
    for k in range(places.size):
        begin[k + 1] = begin[k] + most_pieces(places[k], here, sources)
    return begin


@kernel
def most_pieces(place: Int, here: Here, sources: Sources) -> Int:
    """How many pieces a place has at most."""
    room: Int = np.int64(0)
    for i in range(here.begin[place], here.begin[place + 1]):
        person = here.records[i, PERSON]
        if sources.is_plain[person]:
            room += 1
        elif sources.hull[person, 0] < sources.hull[person, 1]:
            w = window_at(person, place, sources)
            room += sources.begin[w + 1] - sources.begin[w]
    return room


@kernel
def _list_pieces(
    first: Int, last: Int, places: Codes, here: Here, sources: Sources, stretch: Stretch,
    least: Ticks, begin: npt.NDArray[np.int64], room: Room, size: npt.NDArray[np.int64],
) -> None:  # fmt: skip
    for k in range(first, last):
        lo, hi = begin[k], begin[k + 1]
        part = Room(
            room.owner[lo:hi], room.start[lo:hi], room.end[lo:hi], room.left[lo:hi],
            room.stay[lo:hi],
        )  # fmt: skip
        size[k] = collect(places[k], here, sources, stretch, least, part)


@kernel
def collect(
    place: Int, here: Here, sources: Sources, stretch: Stretch, least: Ticks, room: Room
) -> Int:
    """Write the pieces of one place by start; return how many there are."""
    n: Int = np.int64(0)
    for i in range(here.begin[place], here.begin[place + 1]):
        person = here.records[i, PERSON]
        start = max(here.records[i, ARRIVE], sources.hull[person, 0])
        left = min(here.records[i, DEPART], sources.hull[person, 1])
        if start >= left or (not sources.with_weak and here.weak.size > 0 and here.weak[i]):
            continue
        if sources.is_plain[person]:
            n = _write(n, i, start, left, place, person, stretch, least, room)
            continue
        w = window_at(person, place, sources)
        for k in range(sources.begin[w], sources.begin[w + 1]):
            start = max(here.records[i, ARRIVE], sources.start[k])
            left = min(here.records[i, DEPART], sources.end[k])
            if start < left:
                n = _write(n, i, start, left, place, person, stretch, least, room)
    for j in range(1, n):
        if room.start[j] < room.start[j - 1]:
            _order(room, n)
            break
    return n


@kernel
def _write(
    n: Int, stay: Int, start: Int, left: Int, place: Int, owner: Int,
    stretch: Stretch, least: Ticks, room: Room,
) -> Int:  # fmt: skip
    """Append a piece if it is long enough with its linger; return how many there are then."""
    end = left + _linger(place, start, left, stretch)
    if end - start < least[place]:
        return n
    room.owner[n], room.stay[n] = owner, stay
    room.start[n], room.end[n], room.left[n] = start, end, left
    return n + 1


@kernel
def window_at(person: Int, place: Int, sources: Sources) -> Int:
    """Window id that counts for a person at a place; see `IsolationBook.window_id`."""
    if sources.has_key[person]:
        key = (np.int64(person) * (sources.n_locations + 1) + place + 1) * 2
        at = np.searchsorted(sources.keys, key)
        if at < sources.keys.size and sources.keys[at] == key:
            return sources.has_key.size + at
    return np.int64(person)


@kernel
def _linger(place: Int, start: Int, left: Int, stretch: Stretch) -> Int:
    cap = stretch.up_to[place]
    end: Int = left + (stretch.linger[place] if cap == NO_CAP else min(left - start, cap))
    if end > left and stretch.cleaned.size > 0:
        at = np.searchsorted(stretch.cleaned, place)
        while at < stretch.cleaned.size and stretch.cleaned[at] == place:
            if stretch.after[at] >= left:
                end = min(end, max(left, stretch.until[at]))
            at += 1
    return end - left


@kernel
def _order(room: Room, n: Int) -> None:
    """Order pieces by start; equal ones as they stand."""
    keys = np.empty(n, dtype=np.int64)
    for j in range(n):
        keys[j] = np.int64(room.start[j]) << 32 | j
    ascend(keys)
    for column in room:
        _permute(column, keys)


@kernel
def _permute(column: npt.NDArray[np.int32], keys: npt.NDArray[np.int64]) -> None:
    """Put cells in the order of keys that hold their positions."""
    moved = np.empty(keys.size, dtype=np.int32)
    for j in range(keys.size):
        moved[j] = column[keys[j] & 0x7FFFFFFF]
    for j in range(keys.size):
        column[j] = moved[j]
