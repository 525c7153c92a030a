"""Walks over long columns that NumPy would take many passes for; arrays in, arrays out.

Whoever reads a short table never comes here: to load the compiled code takes longer than to read
ten thousand rows.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from tracegraph.model._jit import eight_bytes, kernel
from tracegraph.model.calendar import NEVER
from tracegraph.model.reading.moments import DAY

# Numba tells the types by itself; mypy would not let NumPy's integers be any.
Array: TypeAlias = Any
Number: TypeAlias = Any
Flag: TypeAlias = Any

FULL = 0.5
"""Share of the places of a table that may be taken: beyond it searches grow long."""

ZERO = ord("0")
ZEROS, TOPS = np.uint64(0x3030303030303030), np.uint64(0x8080808080808080)
TO_TOP = np.uint64(0x7676767676767676)  # lifts what is beyond 9 into the top bit of its byte
TEN, HUNDRED, MYRIAD = np.uint64(10), np.uint64(100), np.uint64(10_000)
PAIRS, FOURS = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0000FFFF0000FFFF)
EIGHT = np.uint64(0xFFFFFFFF)


# ---- times


@kernel
def whole_seconds(
    values: Array, unit: Number, first: Number, last: Number, out: Array
) -> tuple[Number, Number, Number]:
    """Write seconds of the epoch; return how many are midnights, the earliest and the latest.

    -1 for the number if some need a closer look: missing ones, fractions of a second, and all
    outside `first` to `last`.
    """
    if unit == 1_000_000:  # the compiler turns a division by a number that it knows into a product
        return _scaled(values, 1_000_000, first, last, out)
    if unit == 1_000_000_000:
        return _scaled(values, 1_000_000_000, first, last, out)
    if unit == 1000:
        return _scaled(values, 1000, first, last, out)
    return _scaled(values, 1, first, last, out)


@kernel
def _scaled(
    values: Array, unit: Number, first: Number, last: Number, out: Array
) -> tuple[Number, Number, Number]:
    midnights, odd, low, high = 0, 0, last, first
    for i in range(values.size):
        value = values[i]
        second = value // unit
        odd |= second * unit != value
        low, high = min(low, second), max(high, second)
        out[i] = second
        midnights += second % DAY == 0
    if odd or low < first or high >= last:
        return -1, low, high
    return midnights, low, high


# ---- texts


@kernel
def learn(  # noqa: PLR0913  # one argument an array
    ends: Array,
    letters: Array,
    missing: Array,
    begin: Number,
    out: Array,
    are_used: Flag,
    prefix: Array,
    digits: Number,
    numbers: Array,
    most: Number,
    others: Array,
    slots: Array,
    arena: Array,
    known_ends: Array,
    known: Number,
) -> tuple[Number, Number]:
    """Give texts their codes from position `begin` on.

    A text of the usual form, P0000123, has its number for a code: nothing is looked up, and the
    order of codes is that of texts. Any other has -2, -3, … in the order of their coming.

    Parameters
    ----------
    ends : array of int
        Where each text ends in `letters`; its first entry is where the first one begins.
    letters : array of uint8
    missing : array of bool
        Which texts there are not, and have code -1; empty if none is missing.
    begin : int
    out : array of int32
    are_used : bool
        Whether the texts are those of rows, or of a dictionary.
    prefix : array of uint8
        How a text of the usual form begins.
    digits : int
        How many digits follow; 0 = no form is usual.
    numbers : array of bool
        Which numbers are used.
    most : int
        Larger numbers are none.
    others : array of bool
        Which texts of other forms are used.
    slots : array of uint64, two columns
        Open addressing: what a text is told by, and its length and place, which begins with 1.
    arena, known_ends : array of uint8, array of int64
        The texts of other forms, as in `letters` and `ends`.
    known : int
        How many these are.

    Returns
    -------
    tuple of int
        Where to go on, once there is more room, and how many texts of other forms there are.
    """
    usual = prefix.size + digits if digits else -1
    is_short = usual >= 8 and digits <= 8  # the number is among the last eight letters
    before = max(usual - 8, 0)
    lost = np.uint64(8 * (8 - min(digits, 8)))
    zeros = (ZEROS >> lost) << lost
    prefixed = (np.uint64(1) << lost) - np.uint64(1)
    begins = np.uint64(0)  # what of the prefix is among them
    for j in range(before, prefix.size):
        begins |= np.uint64(prefix[j]) << np.uint64(8 * (j - before))
    for i in range(begin, out.size):
        if missing.size and missing[i]:
            out[i] = -1
            continue
        start = np.int64(ends[i])
        size = np.int64(ends[i + 1]) - start
        if size == usual:
            number = np.int64(-1)
            if is_short:  # all digits at once, in a way that needs no step for each
                word = eight_bytes(letters, np.uint64(start + before)) ^ begins ^ zeros
                # now a digit is its value, and what is as the prefix is zero
                is_odd = ((word + TO_TOP) | word) & TOPS != 0 or word & prefixed != 0
                for j in range(before):
                    is_odd |= letters[start + j] != prefix[j]
                if not is_odd:
                    word = (word * TEN + (word >> np.uint64(8))) & PAIRS
                    word = (word * HUNDRED + (word >> np.uint64(16))) & FOURS
                    number = np.int64((word * MYRIAD + (word >> np.uint64(32))) & EIGHT)
            else:
                number = _number_by_digits(letters, start, prefix, digits)
            if 0 <= number < most:
                if number >= numbers.size:
                    return i, known
                if are_used:
                    numbers[number] = True
                out[i] = number
                continue
        if known >= slots.shape[0] * FULL or known_ends[known] + size > arena.size:
            return i, known
        place = _place(letters, start, size, slots, arena, known_ends, known)
        others[place] |= are_used
        out[i] = -2 - place
        known += place == known
    return out.size, known


@kernel
def _number_by_digits(letters: Array, start: Number, prefix: Array, digits: Number) -> Number:
    """Read the number of a text of the usual form; -1 if it is none."""
    number = np.int64(0)
    is_odd: Flag = np.False_
    for j in range(prefix.size):
        is_odd |= letters[start + j] != prefix[j]
    for j in range(start + prefix.size, start + prefix.size + digits):
        digit = np.int64(letters[j]) - ZERO
        is_odd |= (digit < 0) | (digit > 9)
        number = number * 10 + digit
    return -1 if is_odd else number


@kernel
def _place(  # noqa: PLR0913  # one argument an array
    letters: Array,
    start: Number,
    size: Number,
    slots: Array,
    arena: Array,
    known_ends: Array,
    known: Number,
) -> Number:
    """Find the place of a text among those that are known; a new one becomes the last."""
    mask = slots.shape[0] - 1
    key = _key(letters, start, size)
    at = np.int64(_mixed(key + np.uint64(size))) & mask
    while slots[at, 1] != 0:
        place = np.int64(slots[at, 1] & np.uint64(0xFFFFFFFF)) - 1
        if (
            slots[at, 0] == key
            and np.int64(slots[at, 1] >> np.uint64(32)) == size
            and (size <= 8 or _equal(letters, start, arena, known_ends[place], size))
        ):
            return place
        at = (at + 1) & mask
    slots[at, 0] = key
    slots[at, 1] = (np.uint64(size) << np.uint64(32)) | np.uint64(known + 1)
    first = known_ends[known]
    for j in range(size):
        arena[first + j] = letters[start + j]
    known_ends[known + 1] = first + size
    return known


@kernel
def rehash(slots: Array, arena: Array, known_ends: Array, known: Number) -> None:
    """Fill an empty table with the texts that have a code."""
    mask = slots.shape[0] - 1
    for code in range(known):
        start, size = known_ends[code], known_ends[code + 1] - known_ends[code]
        key = _key(arena, start, size)
        at = np.int64(_mixed(key + np.uint64(size))) & mask
        while slots[at, 1] != 0:
            at = (at + 1) & mask
        slots[at, 0] = key
        slots[at, 1] = (np.uint64(size) << np.uint64(32)) | np.uint64(code + 1)


@kernel
def _key(letters: Array, start: Number, size: Number) -> Number:
    """What a text is told by: its letters, if they are eight or fewer, else a hash of them."""
    if size == 8:
        return eight_bytes(letters, np.uint64(start))
    key = np.uint64(0)
    if size < 8:
        for j in range(size):
            key = (key << np.uint64(8)) | np.uint64(letters[start + j])
        return key
    for j in range(start, start + size - 7, 8):
        key = _mixed(key ^ eight_bytes(letters, np.uint64(j)))
    return key ^ eight_bytes(
        letters, np.uint64(start + size - 8)
    )  # the last eight, some of them again


@kernel
def _mixed(key: Number) -> Number:
    """Spread the bits of a key over all places."""
    key = (key ^ (key >> np.uint64(32))) * np.uint64(0xD6E8FEB86659FD93)
    return key ^ (key >> np.uint64(32))


@kernel
def _equal(letters: Array, start: Number, others: Array, first: Number, size: Number) -> Flag:
    is_equal = True
    for j in range(size):
        is_equal &= letters[start + j] == others[first + j]
    return is_equal


@kernel
def look_up(indices: Array, words: Array, numbers: Array, others: Array, out: Array) -> None:
    """Codes of a dictionary's words by their positions, -1 staying; these are used from now on."""
    for i in range(indices.size):
        index = indices[i]
        if index < 0:
            out[i] = -1
            continue
        code = np.int64(words[index])
        out[i] = code
        if code >= 0:
            numbers[code] = True
        elif code < -1:
            others[-2 - code] = True


@kernel
def through(codes: Array, ranks: Array, others: Array, out: Array) -> None:
    """Replace codes by their ranks, those from -2 down by `others`; -1 stays."""
    for i in range(codes.size):
        code = np.int64(codes[i])
        if code >= 0:
            out[i] = ranks[code]
        elif code == -1:
            out[i] = -1
        else:
            out[i] = others[-2 - code]


# ---- a log, person by person


@kernel
def walk_diary(  # noqa: PLR0913  # one argument an array
    person: Array,
    location: Array,
    arrive: Array,
    depart: Array,
    last: Array,
    latest_departure: Array,
    busy: Array,
    seen: Array,
    lives: Array,
) -> tuple[Flag, Number]:
    """Walk a log in its own order, if that is the order of arrival for each person.

    Parameters
    ----------
    person, location : array of int32
    arrive, depart : array of int32
        When a stay has certainly begun, and when it may end.
    last, latest_departure : array of int32
        By person, as far as the walk has come; `BEFORE`.
    busy, seen, lives : array of bool
        By person; False. What `Diary` says of them.

    Returns
    -------
    tuple of bool and int
        Whether it is; and of how many visits the person has arrived at the same time before.
    """
    again = 0
    for i in range(person.size):
        p, begins, leaves = person[i], arrive[i], depart[i]
        if begins < last[p]:
            return False, again
        again += begins == last[p]
        last[p] = begins
        if location[i] < 0:
            continue
        seen[p] = True
        if leaves == NEVER or leaves <= begins:
            continue
        if np.int64(leaves) - np.int64(begins) >= DAY:
            lives[p] = True
        if latest_departure[p] > begins:
            busy[p] = True
        latest_departure[p] = leaves
    return True, again


@kernel
def find_at_once(person: Array, arrive: Array, last_row: Array, marks: Array) -> None:
    """Mark rows whose person arrives at the same time by another row, in a log as above."""
    for i in range(person.size):
        before = last_row[person[i]]
        if before >= 0 and arrive[before] == arrive[i]:
            marks[before] = marks[i] = True
        last_row[person[i]] = i
