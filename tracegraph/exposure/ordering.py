"""Rows by a code: those with some codes, and all of them in order, on all cores."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.exposure._jit import even_parts, fixed, in_parts, kernel
from tracegraph.model.runs import runs

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.exposure._jit import Int
    from tracegraph.model.facts import Codes, Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`rows[begin[c]:begin[c + 1]]` are the rows with code c, as they stood."""

    begin: npt.NDArray[np.int64]
    rows: Codes

    def of(self, codes: Codes) -> Codes:
        """Rows with one of these codes, ascending."""
        run, nth = runs(self.begin[codes + 1] - self.begin[codes])
        return np.sort(self.rows[self.begin[codes][run] + nth])


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the rows of each code go: each core begins its own at `at[core, code]`."""

    bounds: npt.NDArray[np.int64]  # of the rows of each core
    begin: npt.NDArray[np.int64]
    at: npt.NDArray[np.int64]


def layout(code: Codes, n_codes: int) -> Layout:
    """Count the rows of each code, so that they can be laid out without a comparison."""
    bounds = even_parts(len(code))
    counts = np.zeros((len(bounds) - 1, n_codes), dtype=np.int64)
    in_parts(bounds, lambda lo, hi, part: _count(code, lo, hi, counts[part]))
    begin = np.zeros(n_codes + 1, dtype=np.int64)
    np.cumsum(reduce(np.add, counts), out=begin[1:])
    at = np.empty_like(counts)
    at[0] = begin[:-1]
    for core in range(1, len(counts)):  # behind the rows of the cores before
        np.add(at[core - 1], counts[core - 1], out=at[core])
    return Layout(bounds=bounds, begin=begin, at=at)


def order_by(code: Codes, n_codes: int) -> Order:
    """Order rows by a code; equal ones stay as they stand."""
    code = fixed(code)
    plan, rows = layout(code, n_codes), np.empty(len(code), dtype=np.int32)
    in_parts(plan.bounds, lambda lo, hi, part: _lay(code, lo, hi, plan.at[part], rows))
    return Order(begin=plan.begin, rows=rows)


@kernel
def _count(code: Codes, lo: Int, hi: Int, counts: npt.NDArray[np.int64]) -> None:
    for i in range(lo, hi):
        counts[code[i]] += 1


@kernel
def _lay(code: Codes, lo: Int, hi: Int, at: npt.NDArray[np.int64], rows: Codes) -> None:
    for i in range(lo, hi):
        rows[at[code[i]]] = i
        at[code[i]] += 1


def sorted_keys(major: Codes, minor: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """One sortable number for two."""
    return major.astype(np.int64) << 32 | (minor.astype(np.int64) + 2**31)


def rows_with(column: Codes, wanted: Flags) -> Codes:
    """Rows whose code is wanted, ascending."""
    return few_rows_with(column, wanted, len(column))[0]


def few_rows_with(column: Codes, wanted: Flags, limit: int) -> tuple[Codes, bool]:
    """Rows whose code is wanted, ascending, and whether that is all: they may be too many."""
    column, wanted, bounds = fixed(column), fixed(wanted), even_parts(len(column))
    # room that is never written to costs nothing
    rooms = [np.empty(min(size, limit) + 1, dtype=np.int32) for size in np.diff(bounds).tolist()]
    found = in_parts(bounds, lambda lo, hi, i: _list_wanted(column, wanted, lo, hi, rooms[i]))
    if sum(found) > limit:
        return rooms[0][:0], False
    return np.concatenate([room[:n] for room, n in zip(rooms, found, strict=True)]), True


@kernel
def _list_wanted(column: Codes, wanted: Flags, lo: int, hi: int, rows: Codes) -> int:
    """Write the rows as long as there is room for one more; return how many they are."""
    n = 0
    for i in range(lo, hi):
        if wanted[np.uint32(column[i])]:  # unsigned: what cannot count from the end is not asked
            rows[n] = i
            n += 1
            if n == rows.size:
                break
    return n


RUN = 16
"""Keys that are put in order by moving them; longer runs are merged."""


@kernel
def ascend(keys: npt.NDArray[np.int64]) -> None:
    """Sort keys in place: runs by insertion, then merged; what is in order already is left."""
    for lo in range(0, keys.size, RUN):
        for j in range(lo + 1, min(lo + RUN, keys.size)):
            key = keys[j]
            k: Int = j
            while k > lo and keys[k - 1] > key:
                keys[k] = keys[k - 1]
                k -= 1
            keys[k] = key
    spare = np.empty(keys.size if keys.size > RUN else 0, dtype=np.int64)
    width = RUN
    while width < keys.size:
        for lo in range(0, keys.size - width, 2 * width):
            mid, hi = lo + width, min(lo + 2 * width, keys.size)
            if keys[mid - 1] > keys[mid]:
                _merge(keys, spare, lo, mid, hi)
        width *= 2


@kernel
def _merge(
    keys: npt.NDArray[np.int64], spare: npt.NDArray[np.int64], lo: Int, mid: Int, hi: Int
) -> None:
    """Merge two runs; only the first one needs room of its own."""
    for k in range(lo, mid):
        spare[k] = keys[k]
    i, j, at = lo, mid, lo
    while i < mid:
        if j < hi and keys[j] < spare[i]:
            keys[at] = keys[j]
            j += 1
        else:
            keys[at] = spare[i]
            i += 1
        at += 1
