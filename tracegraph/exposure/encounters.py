"""Evidence: the meetings themselves, one row each, counted before they are built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.exposure._jit import kernel
from tracegraph.exposure.sweep import places_of
from tracegraph.model.facts import Columns

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


def enumerate_meetings(
    index: StayIndex, pieces: Pieces, least: Ticks, targets: Flags, *, weak: bool = False
) -> Encounters:
    """List every meeting of `targets` with somebody else's piece at the same place.

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
    return meetings(index, pieces, *meeting_pairs(index, pieces, least, targets, weak=weak))


def meeting_pairs(
    index: StayIndex, pieces: Pieces, least: Ticks, targets: Flags, *, weak: bool = False
) -> tuple[Codes, Codes]:
    """Positions of each piece and stay that meet; see `enumerate_meetings`."""
    place, begin = places_of(pieces)
    stays = index.stays
    walked = (
        place, begin, pieces.start, pieces.end, pieces.owner, least,
        index.begin, stays.person, stays.arrive, stays.depart, stays.weak & (not weak), targets,
    )  # fmt: skip
    room = _list_pairs(*walked, np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32))
    piece, stay = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    _list_pairs(*walked, piece, stay)
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
    place: Codes, begin: npt.NDArray[np.int64], start: Ticks, end: Ticks, owner: Codes,
    least: Ticks, stay_begin: npt.NDArray[np.int64],
    person: Codes, arrive: Ticks, depart: Ticks, weak: Flags, targets: Flags,
    piece: Codes, stay: Codes,
) -> int:  # fmt: skip
    """Write the pairs that meet, or only count them where there is no room to write."""
    n = 0
    writes = piece.size > 0
    for k in range(place.size):
        m = least[place[k]]
        reaches = _running_maximum(end[begin[k] : begin[k + 1]])
        starts = start[begin[k] : begin[k + 1]]
        for i in range(stay_begin[place[k]], stay_begin[place[k] + 1]):
            if not targets[person[i]] or weak[i] or depart[i] - arrive[i] < m:
                continue
            j = np.searchsorted(starts, depart[i] - m, side="right") - 1
            # Back from the last that started in time, while an earlier one may still reach.
            while j >= 0 and reaches[j] >= arrive[i] + m:
                q = begin[k] + j
                if end[q] >= arrive[i] + m and owner[q] != person[i]:
                    if writes:
                        piece[n], stay[n] = q, i
                    n += 1
                j -= 1
    return n


@kernel
def _running_maximum(values: Ticks) -> Ticks:
    high = values.copy()
    for i in range(1, high.size):
        high[i] = max(high[i], high[i - 1])
    return high


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
