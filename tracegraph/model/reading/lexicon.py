"""Texts of a long column as codes of its distinct texts, without a Python text for each row."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.facts import Codes

_FEW = 1 << 20
_MOST_DIGITS = 9
_SLOTS = 1 << 14
_LETTERS = 1 << 17
NOTHING_MISSING = np.zeros(0, np.bool_)
_GROWTH = 4  # a few large steps: each fills the table anew


def is_packable(kind: pa.DataType) -> bool:
    """Whether a column of Arrow holds texts, or codes of texts."""
    return is_text(kind.value_type if pa.types.is_dictionary(kind) else kind)


def is_text(kind: pa.DataType) -> bool:
    """Whether an Arrow type is one of text."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


class Lexicon:
    """Distinct texts of a column; several threads may add to it.

    Parameters
    ----------
    rows : int
        How many there are altogether: numbers beyond it are texts like others.

    Examples
    --------
    >>> lexicon, codes = Lexicon(rows=4), np.zeros(4, np.int32)
    >>> lexicon.encode(pa.array(["P02", None, "A", "P00"]), codes)
    >>> texts = lexicon.ranked(codes)
    >>> codes.tolist(), texts.to_pylist()
    ([2, -1, 0, 1], ['A', 'P00', 'P02'])
    """

    def __init__(self, rows: int) -> None:
        self._lock = Lock()
        self._most = max(rows, _FEW)
        self._prefix = np.zeros(0, np.uint8)
        self._digits = -1  # not yet told
        self._numbers = np.zeros(0, np.bool_)
        self._others = np.zeros(_SLOTS, np.bool_)
        self._slots = np.zeros((_SLOTS, 2), np.uint64)
        self._letters = np.empty(_LETTERS, np.uint8)
        self._ends = np.zeros(_SLOTS, np.int64)
        self._known = 0

    def encode(self, texts: pa.Array, out: Codes) -> None:
        """Write a code for each text, which `ranked` will replace; -1 where it is missing."""
        if not pa.types.is_dictionary(texts.type):
            self._learn(*_buffers(texts), out, missing=_missing(texts))
            return
        words = np.empty(len(texts.dictionary), np.int32)
        whole = texts.dictionary
        self._learn(*_buffers(whole), words, missing=_missing(whole), are_used=False)
        indices = texts.indices
        if indices.null_count:
            indices = pc.fill_null(indices.cast(pa.int64()), -1)
        self._look_up(indices.to_numpy(zero_copy_only=False), words, out)

    def _look_up(self, indices: npt.NDArray[Any], words: Codes, out: Codes) -> None:
        from tracegraph.model.kernels import look_up

        with self._lock:
            look_up(indices, words, self._numbers, self._others, out)

    def _learn(  # texts, and how they are laid out
        self,
        ends: npt.NDArray[Any],
        letters: npt.NDArray[np.uint8],
        out: Codes,
        *,
        missing: npt.NDArray[np.bool_] = NOTHING_MISSING,
        are_used: bool = True,
    ) -> None:
        from tracegraph.model.kernels import learn

        at = 0
        with self._lock:
            if self._digits < 0 and out.size:
                self._tell_form(ends, letters, missing)
            while at < out.size:
                usual: Any = (self._prefix, max(self._digits, 0), self._numbers, self._most)
                others: Any = (self._others, self._slots, self._letters, self._ends, self._known)
                at, self._known = learn(ends, letters, missing, at, out, are_used, *usual, *others)
                if at < out.size:
                    self._grow(letters[ends[at] : ends[at + 1]])

    def _tell_form(
        self,
        ends: npt.NDArray[Any],
        letters: npt.NDArray[np.uint8],
        missing: npt.NDArray[np.bool_],
    ) -> None:
        """Take the form of one text for the usual one: some letters, and a number."""
        first = int(np.argmin(missing)) if missing.size else 0
        if missing.size and missing[first]:
            return  # there is none yet
        text = bytes(letters[ends[first] : ends[first + 1]])
        self._digits = min(len(text) - len(text.rstrip(b"0123456789")), _MOST_DIGITS)
        self._prefix = np.frombuffer(text[: len(text) - self._digits], np.uint8)

    def _grow(self, text: npt.NDArray[np.uint8]) -> None:
        """Make room for a text, and some more."""
        from tracegraph.model.kernels import FULL, rehash

        number = bytes(text[self._prefix.size :])
        if text.size == self._prefix.size + self._digits and number.isdigit():
            size = min(self._most, max(_GROWTH * int(number), _SLOTS))
            if int(number) < self._most and size > self._numbers.size:
                self._numbers = _enlarged(self._numbers, size)
        used = int(self._ends[self._known])
        if used + text.size > self._letters.size:
            self._letters = _enlarged(self._letters, _GROWTH * (used + text.size))
        if self._known >= self._slots.shape[0] * FULL:
            self._slots = np.zeros((self._slots.shape[0] * _GROWTH, 2), np.uint64)
            self._ends = _enlarged(self._ends, self._slots.shape[0])
            self._others = _enlarged(self._others, self._slots.shape[0])
            rehash(self._slots, self._letters, self._ends, self._known)

    def ranked(self, codes: Codes) -> pa.Array:
        """Replace codes by the ranks of their texts; return these in order."""
        from tracegraph.model.kernels import through

        numbers = np.flatnonzero(self._numbers)
        places = np.flatnonzero(self._others)
        usual = self._usual_texts(numbers)
        ranks, texts = np.arange(numbers.size + places.size, dtype=np.int32), usual
        if places.size:
            others = self._other_texts().take(pa.array(places))
            texts = pa.concat_arrays([usual, others])
            order = pc.array_sort_indices(texts)
            ranks[order.to_numpy()] = ranks.copy()
            texts = texts.take(order)
        by_number = np.zeros(max(self._numbers.size, 1), np.int32)
        by_number[numbers] = ranks[: numbers.size]
        by_place = np.zeros(self._others.size, np.int32)
        by_place[places] = ranks[numbers.size :]
        through(codes, by_number, by_place, codes)
        return texts

    def positions(self, codes: Codes, known: Codes) -> None:
        """Replace codes by their positions among known ones; -1 where they are not there."""
        from tracegraph.model.kernels import through

        by_number = np.full(max(self._numbers.size, 1), -1, np.int32)
        by_place = np.full(self._others.size, -1, np.int32)
        is_number = known >= 0
        by_number[known[is_number]] = np.flatnonzero(is_number)
        by_place[-2 - known[~is_number]] = np.flatnonzero(~is_number)
        through(codes, by_number, by_place, codes)

    def _usual_texts(self, numbers: npt.NDArray[np.int64]) -> pa.Array:
        size = self._prefix.size + max(self._digits, 0)
        letters = np.empty((numbers.size, size), np.uint8)
        letters[:, : self._prefix.size] = self._prefix
        rest = numbers.astype(np.uint32)  # divided by ten four times as fast as longer numbers
        for place in range(size - 1, self._prefix.size - 1, -1):
            tens = rest // np.uint32(10)
            letters[:, place] = rest - tens * np.uint32(10) + np.uint32(ord("0"))
            rest = tens
        return _as_texts(np.arange(len(letters) + 1, dtype=np.int64) * size, letters)

    def _other_texts(self) -> pa.Array:
        ends = self._ends[: self._known + 1].copy()
        return _as_texts(ends, self._letters[: ends[-1]])


def _missing(texts: pa.Array) -> npt.NDArray[np.bool_]:
    """Which texts are missing; nothing if none is."""
    found: npt.NDArray[np.bool_] = texts.is_null().to_numpy(zero_copy_only=False)
    return found if texts.null_count else NOTHING_MISSING


def _enlarged(array: npt.NDArray[Any], size: int) -> npt.NDArray[Any]:
    larger = np.zeros(size, array.dtype)
    larger[: array.size] = array
    return larger


def _as_texts(ends: npt.NDArray[np.int64], letters: npt.NDArray[np.uint8]) -> pa.Array:
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(letters.reshape(-1))]
    found = pa.Array.from_buffers(pa.large_string(), ends.size - 1, buffers)
    found.validate(full=True)  # a broken letter would end in a traceback far from here
    return found


def _buffers(texts: pa.Array) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint8]]:
    """Where each text ends, behind where the first begins; and their letters."""
    whole = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    _, ends, letters = texts.buffers()
    first = texts.offset
    if not len(texts) or ends is None:
        return np.zeros(1, whole), np.zeros(0, np.uint8)
    told = np.frombuffer(ends, whole, count=first + len(texts) + 1)[first:]
    found = np.zeros(0, np.uint8) if letters is None else np.frombuffer(letters, np.uint8)
    return told, found


def letters_of(texts: pa.Array) -> npt.NDArray[np.uint8]:
    """Bytes of all texts, one behind the other."""
    ends, letters = _buffers(texts)
    return letters[ends[0] : ends[-1]]


def encoded(column: pa.Array | pa.ChunkedArray) -> tuple[Codes, pa.Array]:
    """Codes and distinct texts of Arrow, in order."""
    lexicon, codes = Lexicon(len(column)), np.empty(len(column), np.int32)
    begin = 0
    for chunk in column.chunks if isinstance(column, pa.ChunkedArray) else [column]:
        lexicon.encode(chunk, codes[begin : begin + len(chunk)])
        begin += len(chunk)
    return codes, lexicon.ranked(codes)


def positions_in(texts: pa.Array, known: pa.Array) -> Codes:
    """Position of each text among distinct known ones; -1 where it is not there."""
    lexicon = Lexicon(len(known))
    codes, own = (np.empty(len(array), np.int32) for array in (texts, known))
    lexicon.encode(known, own)
    lexicon.encode(texts, codes)
    lexicon.positions(codes, own)
    return codes


def as_categorical(lexicon: Lexicon, codes: Codes) -> Any:  # noqa: ANN401  # a pd.Categorical
    """Codes of a lexicon, which are changed, as a categorical over the same memory."""
    words = pd.Index(pd.array(lexicon.ranked(codes), dtype="str"))
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(words), validate=False)
