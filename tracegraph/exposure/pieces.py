"""Stays of sources, clipped to their windows and lengthened by the linger (RULE 13, 14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.exposure._jit import kernel
from tracegraph.exposure.pack import NO_CAP
from tracegraph.model.facts import Columns

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.exposure.isolation import IsolationBook
    from tracegraph.exposure.stays import StayIndex, World
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


def source_pieces(
    index: StayIndex, book: IsolationBook, windows: Windows, at: Flags, *, weak: bool = False
) -> Pieces:
    """Clip the stays of sources at places `at` to single pieces of their windows.

    Weak stays are left out unless `weak`: they make no exposure (RULE 15).
    """
    stays = index.stays
    wanted = windows.is_source[stays.person] & at[stays.location]
    if not weak:
        wanted &= ~stays.weak
    rows = np.flatnonzero(wanted).astype(np.int32)
    window = book.window_id(stays.person[rows], stays.location[rows])
    stay, start, end = _clip(
        rows, window, stays.arrive, stays.depart, windows.begin, windows.start, windows.end
    )
    return _ordered(
        Pieces(
            location=stays.location[stay],
            owner=stays.person[stay],
            start=start,
            end=end,
            left=end,
            stay=stay,
        )
    )


@kernel
def _clip(
    rows: Codes, window: Codes, arrive: Ticks, depart: Ticks,
    begin: npt.NDArray[np.int64], start: Ticks, end: Ticks,
) -> tuple[Codes, Ticks, Ticks]:  # fmt: skip
    room = 0
    for w in window:
        room += begin[w + 1] - begin[w]
    stay = np.empty(room, dtype=np.int32)
    clip_start, clip_end = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    n = 0
    for i in range(rows.size):
        row = rows[i]
        for k in range(begin[window[i]], begin[window[i] + 1]):
            lo, hi = max(arrive[row], start[k]), min(depart[row], end[k])
            if lo < hi:
                stay[n], clip_start[n], clip_end[n] = row, lo, hi
                n += 1
    return stay[:n].copy(), clip_start[:n].copy(), clip_end[:n].copy()


def lengthen(
    pieces: Pieces, linger: Ticks, up_to: Ticks, cleaned: Disinfections, world: World
) -> Pieces:
    """Lengthen pieces by the linger of their place; a disinfection ends it.

    Parameters
    ----------
    pieces : Pieces
    linger, up_to : int32 arrays by location code, seconds
        The linger, and the cap of ``min(stay, cap)`` or `NO_CAP`.
    cleaned : Disinfections
    world : {"outer", "inner"}
    """
    place = pieces.location
    by_stay = np.minimum(pieces.left - pieces.start, up_to[place])
    extra = np.where(up_to[place] == NO_CAP, linger[place], by_stay)
    end = pieces.left + extra
    for i in range(len(cleaned)):
        here = place == cleaned.location[i]
        if world == "outer":
            ended = here & (cleaned.done_lo[i] >= pieces.left)
            end = np.where(ended, np.minimum(end, cleaned.done_hi[i]), end)
        else:
            ended = here & (cleaned.done_hi[i] >= pieces.left)
            end = np.where(ended, np.minimum(end, np.maximum(pieces.left, cleaned.done_lo[i])), end)
    return Pieces(
        location=place, owner=pieces.owner, start=pieces.start,
        end=end.astype(np.int32), left=pieces.left, stay=pieces.stay,
    )  # fmt: skip


def long_enough(pieces: Pieces, least: Ticks) -> Pieces:
    """Drop pieces shorter than the threshold of their place: the sweep relies on it."""
    return pieces.take(pieces.end - pieces.start >= least[pieces.location])


def _ordered(pieces: Pieces) -> Pieces:
    order = np.lexsort((pieces.owner, pieces.start, pieces.location))
    return pieces.take(order.astype(np.int32))
