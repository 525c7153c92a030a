"""Evidence: the meetings themselves, one row each, counted before they are built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tracegraph.exposure._jit import even_parts, fixed, in_parts, kernel
from tracegraph.exposure.pieces import Here
from tracegraph.exposure.stays import ARRIVE, DEPART, PERSON
from tracegraph.model.facts import Columns
from tracegraph.model.runs import begins

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.exposure.pieces import Pieces
    from tracegraph.exposure.stays import StayIndex
    from tracegraph.model.facts import Codes, Flags, Ticks

VISIT, CO_RESIDENCE, REPORTED = 0, 1, 2
CHANNELS = ("visit", "co_residence", "reported")
UNTIMED = np.int32(-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounters(Columns):
    """Meetings of a source with a target. Seconds are `UNTIMED` where none are known."""

    source: Codes
    target: Codes
    location: Codes
    start: Ticks
    end: Ticks
    seconds: Ticks  # together, with linger
    together: Ticks  # together, without
    channel: npt.NDArray[np.int8]
    seated: Flags

    @classmethod
    def none(cls) -> Encounters:
        """No meeting at all."""
        empty = np.empty(0, dtype=np.int32)
        return cls.timed(empty, empty, empty, empty, empty, empty)

    @classmethod
    def timed(
        cls, source: Codes, target: Codes, location: Codes,
        start: Ticks, end: Ticks, together: Ticks, *, channel: int = VISIT, seated: bool = False,
    ) -> Encounters:  # fmt: skip
        """Meetings whose seconds are those from start to end."""
        return cls(
            source=source, target=target, location=location, start=start, end=end,
            seconds=end - start, together=together,
            channel=np.full(len(source), channel, dtype=np.int8),
            seated=np.full(len(source), seated),
        )  # fmt: skip

    @classmethod
    def joined(cls, *parts: Encounters) -> Encounters:
        """Rows of all parts, one after the other."""
        names = cls.__dataclass_fields__
        return cls(**{n: np.concatenate([getattr(p, n) for p in parts]) for n in names})


class Meeters(NamedTuple):
    """Pieces by place, with what a search among them needs, as kernels read them."""

    begin: npt.NDArray[np.int64]  # n_locations + 1
    start: Ticks
    end: Ticks
    owner: Codes
    reach: Ticks  # last end of the pieces up to each, at its place

    @classmethod
    def of(cls, pieces: Pieces, n_locations: int) -> Meeters:
        """Pieces ordered by location and start."""
        begin = begins(pieces.location, n_locations)
        reach = pieces.end.copy()
        _reach_on(begin, reach)
        return cls(
            fixed(begin), fixed(pieces.start), fixed(pieces.end), fixed(pieces.owner), fixed(reach)
        )


@kernel
def _reach_on(begin: npt.NDArray[np.int64], reach: Ticks) -> None:
    for place in range(begin.size - 1):
        for k in range(begin[place] + 1, begin[place + 1]):
            reach[k] = max(reach[k], reach[k - 1])


def meeting_pairs(
    index: StayIndex, pieces: Pieces, least: Ticks, targets: Flags, *, weak: bool = False
) -> tuple[Codes, Codes]:
    """Positions of each stay of `targets` and each piece of somebody else that it meets.

    Parameters
    ----------
    index : StayIndex
    pieces : Pieces
        Ordered by location and start; each at least `least` long.
    least : int32 array by location code, seconds
    targets : bool array by person code
    weak : bool
        Whether weak stays of targets count (for venue contacts only).
    """
    meeters = Meeters.of(pieces, len(index.begin) - 1)
    return pairs_of(index, meeters, least, index.of_persons(targets), weak=weak)


def pairs_of(
    index: StayIndex, meeters: Meeters, least: Ticks, asked: Codes, *, weak: bool = False
) -> tuple[Codes, Codes]:
    """Positions of the pieces that the stays at positions `asked` meet, and of those stays."""
    read = (fixed(index.stays.location), Here.of(index), weak, meeters, fixed(least))
    asked, bounds, none = fixed(asked), even_parts(len(asked)), np.empty(0, dtype=np.int32)
    found = in_parts(bounds, lambda lo, hi, _: _list_pairs(asked[lo:hi], *read, none, none))
    at = np.cumsum([0, *found])
    piece, stay = np.empty(at[-1], dtype=np.int32), np.empty(at[-1], dtype=np.int32)

    def write(lo: int, hi: int, part: int) -> int:
        own = slice(at[part], at[part + 1])
        return _list_pairs(asked[lo:hi], *read, piece[own], stay[own])

    in_parts(bounds, write)
    return piece, stay


def meetings(
    index: StayIndex, pieces: Pieces, piece: Codes, stay: Codes, *, seated: bool = False
) -> Encounters:
    """Rows for pairs of a piece and a stay that are known to meet."""
    arrive, depart = index.stays.arrive[stay], index.stays.depart[stay]
    start = np.maximum(arrive, pieces.start[piece])
    together = np.minimum(depart, pieces.left[piece]) - start
    return Encounters.timed(
        pieces.owner[piece], index.stays.person[stay], pieces.location[piece],
        start, np.minimum(depart, pieces.end[piece]), np.maximum(together, np.int32(0)),
        seated=seated,
    )  # fmt: skip


@kernel
def _list_pairs(
    asked: Codes, location: Codes, here: Here, weak_too: bool, meeters: Meeters, least: Ticks,
    piece: Codes, stay: Codes,
) -> int:  # fmt: skip
    """Write the pairs that meet, or only count them where there is no room to write."""
    n = 0
    writes = piece.size > 0
    for i in asked:
        place = location[i]
        m, lo, hi = least[place], meeters.begin[place], meeters.begin[place + 1]
        arrive, depart = here.records[i, ARRIVE], here.records[i, DEPART]
        is_weak = not weak_too and here.weak.size > 0 and here.weak[i]
        if lo == hi or is_weak or depart - arrive < m:
            continue
        j = lo + np.searchsorted(meeters.start[lo:hi], depart - m, side="right") - 1
        # Back from the last that started in time, while an earlier one may still reach.
        while j >= lo and meeters.reach[j] >= arrive + m:
            if meeters.end[j] >= arrive + m and meeters.owner[j] != here.records[i, PERSON]:
                if writes:
                    piece[n], stay[n] = j, i
                n += 1
            j -= 1
    return n


def seat_meetings(
    index: StayIndex, pieces: Pieces, least: Ticks, seat_rows: int, targets: Flags
) -> Encounters:
    """List meetings in vehicles: same carriage, both seats known and within `seat_rows`."""
    stays = index.stays
    piece, stay = meeting_pairs(index, pieces, least, targets)
    mine, theirs = pieces.stay[piece], stay
    near = (
        (stays.carriage[mine] == stays.carriage[theirs])
        & (stays.seat[mine] >= 0)
        & (stays.seat[theirs] >= 0)
        & (np.abs(stays.seat[mine] - stays.seat[theirs]) <= seat_rows)
    )
    return meetings(index, pieces, piece[near], stay[near], seated=True)
