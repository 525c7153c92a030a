"""NumPy: binary searches among the sorted pieces of sources, no join at all.

The pieces of a place, by start, carry the running maximum of their ends. One search a stay finds
what had started by its arrival; if that lasts long enough the exposure starts on arrival, else it
starts with the next piece, if in time. Nobody meets themself: so the two best ends of different
owners are kept, and the next start of another owner. Time negated gives the latest exposure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from benchmarks.rivals.codes import answer, two_hops
from benchmarks.rivals.question import BEFORE, NEVER, Answer, Terms, Visits

if TYPE_CHECKING:
    import numpy.typing as npt

    from benchmarks.rivals.codes import Picked
    from benchmarks.rivals.question import TextTerms

    Longs = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]

NOBODY = -1


class Stays(NamedTuple):
    """Stays at places where sources were."""

    location: npt.NDArray[np.int32]
    person: npt.NDArray[np.int32]
    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]

    def mirrored(self) -> Stays:
        """The same in negated time."""
        return self._replace(start=~self.end, end=~self.start)  # ~t is -t - 1: no overflow

    def take(self, rows: npt.NDArray[np.intp] | Flags) -> Stays:
        """Stays of some rows."""
        return Stays(*(column[rows] for column in self))


class Table(NamedTuple):
    """What a search at each piece's start finds; see `turning_points`."""

    at: Longs
    best: Longs
    best_owner: npt.NDArray[np.int32]
    second: Longs
    following: Longs
    following_owner: npt.NDArray[np.int32]
    another: Longs


def trace(visits: Visits, terms: Terms) -> Answer:
    """Answer from columns in memory."""
    return _trace(Stays(visits.location, visits.person, visits.arrive, visits.depart), terms, None)


def keep(visits: Visits, terms: Terms) -> tuple[Stays, Longs]:
    """Sort once: stays by place and arrival, and where each place begins."""
    order = np.argsort(_key(visits.location, visits.arrive))
    stays = Stays(visits.location, visits.person, visits.arrive, visits.depart).take(order)
    return stays, np.searchsorted(stays.location, np.arange(len(terms.close) + 1))


def again(kept: tuple[Stays, Longs], terms: Terms) -> Answer:
    """Answer from what `keep` has sorted."""
    return _trace(kept[0], terms, kept[1])


def finish(visits: pl.DataFrame, terms: TextTerms) -> Answer:
    """Answer with text ids; NumPy has no fast texts, so that Polars reads and picks."""
    return answer(*two_hops(visits, terms, _reach_picked), terms)


def _reach_picked(picked: Picked) -> pl.DataFrame:
    pieces, stays = _columns(picked.pieces, "owner"), _columns(picked.stays, "person")
    least = np.zeros(pieces.location.max(initial=-1) + 1, dtype=np.int32)
    least[pieces.location] = picked.pieces["least"].to_numpy()
    first, last = _reach(stays, pieces, least, len(picked.persons))
    who = np.flatnonzero(first != NEVER)
    return pl.DataFrame({"person": who, "first": first[who], "last": last[who]})


def _columns(rows: pl.DataFrame, whose: str) -> Stays:
    return Stays(*(rows[name].to_numpy() for name in ("location", whose, "start", "end")))


def _trace(stays: Stays, terms: Terms, begin: Longs | None) -> Answer:
    n = terms.n_persons
    order = np.argsort(terms.source, kind="stable")
    first_window = np.searchsorted(terms.source[order], np.arange(n + 1))
    windows = first_window, terms.start[order], terms.end[order]
    first, last = _hop(stays, begin, terms.close, windows, terms.least_1, terms.linger)
    tier = np.where(first != NEVER, 1, -1)
    until = np.minimum(last.astype(np.int64) + terms.follow_up, terms.as_of).astype(np.int32)
    until[terms.isolated] = np.minimum(until[terms.isolated], terms.away)
    exposed = np.flatnonzero(first != NEVER)
    first_window = np.searchsorted(exposed, np.arange(n + 1))
    windows = first_window, first[exposed], until[exposed]
    none = np.zeros_like(terms.linger)
    later_first, later_last = _hop(stays, begin, terms.close, windows, terms.least_2, none)
    first, last = np.minimum(first, later_first), np.maximum(last, later_last)
    tier[(tier < 0) & (first != NEVER)] = 2
    tier[terms.case] = 0
    return Answer.among(tier.astype(np.int32), first, last)


def _hop(  # noqa: PLR0913  # columns
    stays: Stays,
    begin: Longs | None,
    close: Flags,
    windows: tuple[Longs, npt.NDArray[np.int32], npt.NDArray[np.int32]],
    least: npt.NDArray[np.int32],
    linger: npt.NDArray[np.int32],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """First and last exposure by person code, of one hop."""
    n = len(windows[0]) - 1
    is_source = np.diff(windows[0]) > 0
    rows = np.flatnonzero(is_source[stays.person])
    pieces = _clipped(stays.take(rows[close[stays.location[rows]]]), windows)
    pieces = pieces._replace(end=pieces.end + linger[pieces.location])
    pieces = pieces.take(pieces.end - pieces.start >= least[pieces.location])
    hot = np.zeros(len(close), dtype=bool)
    hot[pieces.location] = True
    there = stays.take(_rows_at(hot, stays, begin))
    there = there.take(there.end - there.start >= least[there.location])
    return _reach(there, pieces, least, n)


def _reach(
    stays: Stays, pieces: Stays, least: npt.NDArray[np.int32], n: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """First and last exposure by person code, of stays to pieces."""
    first = _earliest(stays, pieces, least, n)
    last = ~_earliest(stays.mirrored(), pieces.mirrored(), least, n)
    return first, last


def _rows_at(hot: Flags, stays: Stays, begin: Longs | None) -> npt.NDArray[np.intp]:
    """Rows at hot places: a pass over all, or slices where they are sorted by place."""
    if begin is None:
        return np.flatnonzero(hot[stays.location])
    at = np.flatnonzero(hot)
    length = begin[at + 1] - begin[at]
    skipped = np.repeat(begin[at] - np.cumsum(length) + length, length)
    return np.arange(len(skipped)) + skipped


def _clipped(
    own: Stays, windows: tuple[Longs, npt.NDArray[np.int32], npt.NDArray[np.int32]]
) -> Stays:
    """Stays of sources, clipped to each of their windows."""
    begin, since, until = windows
    number = begin[own.person + 1] - begin[own.person]
    row = np.repeat(np.arange(len(number)), number)
    window = np.arange(len(row)) + np.repeat(begin[own.person] - np.cumsum(number) + number, number)
    pieces = own.take(row)
    pieces = pieces._replace(
        start=np.maximum(pieces.start, since[window]), end=np.minimum(pieces.end, until[window])
    )
    return pieces.take(pieces.start < pieces.end)


def _earliest(
    stays: Stays, pieces: Stays, least: npt.NDArray[np.int32], n: int
) -> npt.NDArray[np.int32]:
    """First instant by person code at which a stay meets somebody else's piece."""
    first = np.full(n, NEVER, dtype=np.int32)
    if not len(pieces.start):
        return first
    table = turning_points(pieces)
    row = np.searchsorted(table.at, _key(stays.location, stays.start), side="right") - 1
    until = np.where(table.best_owner[row] == stays.person, table.second[row], table.best[row])
    following = np.where(
        table.following_owner[row] == stays.person, table.another[row], table.following[row]
    )
    enough = least[stays.location]
    on_arrival = until - stays.start >= enough
    later = ~on_arrival & (stays.end - following >= enough)
    np.minimum.at(first, stays.person[on_arrival], stays.start[on_arrival])
    np.minimum.at(first, stays.person[later], following[later].astype(np.int32))
    return first


def turning_points(pieces: Stays) -> Table:
    """Sorted pieces with what had started by then and what comes next, led by nobody's a place."""
    places = np.unique(pieces.location)
    nobody = np.full(len(places), NOBODY, dtype=np.int32)
    low = np.full(len(places), BEFORE, dtype=np.int32)
    place, owner, start, end = (
        np.concatenate(pair)
        for pair in zip((places, nobody, low, low), pieces, strict=True)
    )  # fmt: skip
    order = np.lexsort((owner, _key(place, start)))
    place, owner, start, end = place[order], owner[order], start[order], end[order]
    row = np.arange(len(order))
    # Places ascend, so one running maximum over (place, end) starts anew at each.
    by_end = _key(place, end)
    best = np.maximum.accumulate(by_end)
    is_new = np.diff(best, prepend=-1) > 0
    best_owner = owner[np.maximum.accumulate(np.where(is_new, row, 0))]
    # The second best of another owner is the best of all that have ever been beaten: a former
    # best that somebody else replaced, or a piece that did not become the best.
    replaced = np.append(False, best_owner[1:] != best_owner[:-1])
    beaten = np.where(owner != best_owner, by_end, _key(place, np.full_like(end, BEFORE)))
    beaten[1:][replaced[1:]] = best[:-1][replaced[1:]]
    beaten[owner == NOBODY] = _key(place, np.full_like(end, BEFORE))[owner == NOBODY]
    second = np.maximum.accumulate(beaten)
    # What comes next, and next of yet another owner: the begin of the next run of one owner.
    opens = np.where(owner == NOBODY, NEVER, start).astype(np.int64)
    begins = np.append(True, owner[1:] != owner[:-1])
    run = np.append(np.flatnonzero(begins), len(row))
    next_run = run[np.searchsorted(run, row, side="right")]
    opens, owner_or_none = np.append(opens, [NEVER, NEVER]), np.append(owner, [NOBODY, NOBODY])
    another = opens[np.append(next_run, len(row))[row + 1]]
    another[owner_or_none[row + 1] == NOBODY] = NEVER
    at = _key(place, start)
    kept = np.append(at[1:] != at[:-1], True)  # the last of equal starts knows all of them
    table = Table(
        at, _time(best), best_owner, _time(second), opens[row + 1], owner_or_none[row + 1], another
    )
    return Table(*(column[kept] for column in table))


def _key(place: npt.NDArray[np.int32], time: npt.NDArray[np.int32]) -> Longs:
    """One number that sorts by place, then time."""
    return (place.astype(np.int64) << 32) + (time.astype(np.int64) - BEFORE)


def _time(key: Longs) -> Longs:
    """Time in a key."""
    return (key & 0xFFFFFFFF) + BEFORE
