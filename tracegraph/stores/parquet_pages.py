"""Texts of a Parquet file straight from its pages: a text is looked at where it is written once.

Most files keep a column of ids as a dictionary and short numbers, a dictionary for each million
rows. Arrow makes a table of hashes of every such dictionary, which takes longer than all that we
do with the ids. Here the dictionaries are learnt as they are, and the numbers unpacked. What is
out of the ordinary in a piece, gaps in it, rare encodings and compressions, is left to Arrow.

References
----------
Apache Parquet, File format: https://parquet.apache.org/docs/file-format/
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from threading import local
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt

    from tracegraph.model.facts import Codes
    from tracegraph.model.reading.lexicon import Lexicon

    Bytes = npt.NDArray[np.uint8]
    Letters = Sequence[int] | Bytes

_CODECS = {0: None, 1: "snappy", 2: "gzip", 6: "zstd"}
_TEXT = 6  # type of a column: a row of bytes
_ONE_LEVEL = (0, 1)  # required and optional, not repeated
_DATA, _DICTIONARY, _DATA_2 = 0, 2, 3  # types of pages
_PLAIN, _PLAIN_DICTIONARY, _RLE_DICTIONARY = 0, 2, 8  # encodings of values
_BY_DICTIONARY = (_PLAIN_DICTIONARY, _RLE_DICTIONARY)
_LARGEST = 1 << 30  # bytes of a page; more are none
_FAULTS = (pa.ArrowException, OSError, IndexError, KeyError, TypeError, ValueError, OverflowError)


class Scratch(local):
    """Memory that each thread uses again and again: what is new has to be cleared first."""

    def __init__(self) -> None:
        self.memory: dict[str, npt.NDArray[Any]] = {}

    def take(self, use: str, size: int, kind: type = np.int32) -> npt.NDArray[Any]:
        """Give an array for a use, whatever it holds."""
        found = self.memory.get(use)
        if found is None or found.size < size:
            found = self.memory[use] = np.empty(size + size // 2, kind)
        return found[:size]


@dataclass(frozen=True, slots=True)
class Piece:
    """One column of one group of rows: where its pages are."""

    begin: int
    size: int
    rows: int
    codec: int
    may_lack: bool

    def read(self, path: Path, lexicon: Lexicon, out: Codes, scratch: Scratch) -> bool:
        """Write the code of each text; False if it has to be read by Arrow."""
        if self.codec not in _CODECS or self.rows != out.size or min(self.begin, self.size) < 0:
            return False
        try:
            letters = scratch.take("letters", min(self.size, path.stat().st_size), np.uint8)
            with path.open("rb", buffering=0) as file:
                file.seek(self.begin)
                letters = letters[: file.readinto(letters.data)]
            return _Pages(letters, _CODECS[self.codec], self.may_lack, scratch).read(lexicon, out)
        except _FAULTS:  # Arrow will say what it is
            return False


def pieces_of_texts(path: Path) -> dict[str, list[Piece]]:
    """Pieces of each column that is nothing but texts, in the order of the groups of rows.

    Nothing is told of a file whose end cannot be read: Arrow will say what it is. (What it knows
    itself of the pieces it must not be asked for: a broken end of a file may end the process.)
    """
    try:
        return _pieces(_footer(path))
    except _FAULTS:
        return {}


def _footer(path: Path) -> dict[int, Any]:
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END) - 8
        file.seek(end)
        size = int.from_bytes(file.read(4), "little")
        file.seek(end - size)
        return _struct(np.frombuffer(file.read(size), np.uint8).tolist(), 0)[0]


def _pieces(footer: dict[int, Any]) -> dict[str, list[Piece]]:
    names = [element[4] for element in footer[2]]
    levels = {e[4]: e.get(3) for e in footer[2] if e.get(1) == _TEXT and names.count(e[4]) == 1}
    found: dict[str, list[Piece]] = {n: [] for n, level in levels.items() if level in _ONE_LEVEL}
    for group in footer[4]:
        for about in (column[3] for column in group[1] if 1 not in column):  # not in another file
            name = about[3][0]
            if len(about[3]) == 1 and name in found and about[1] == _TEXT:
                begin = min(about[9], about.get(11) or about[9])
                found[name].append(Piece(begin, about[7], about[5], about[4], levels[name] == 1))
    return {n: pieces for n, pieces in found.items() if len(pieces) == len(footer[4])}


@dataclass(slots=True)
class _Pages:
    """The pages of a piece, one behind the other."""

    letters: Bytes
    codec: str | None
    may_lack: bool
    scratch: Scratch
    words: Codes | None = None
    filled: int = 0

    def read(self, lexicon: Lexicon, out: Codes) -> bool:
        """Read all pages; False at one that is out of the ordinary."""
        at = 0
        while self.filled < out.size:
            header, at = _struct(self.letters, at)
            size = header[3]
            if not 0 <= size <= self.letters.size - at or not 0 <= header[2] <= _LARGEST:
                return False
            if not self._take(header, self.letters[at : at + size], lexicon, out):
                return False
            at += size
        return self.filled == out.size

    def _take(self, header: dict[int, Any], page: Bytes, lexicon: Lexicon, out: Codes) -> bool:
        if header[1] == _DICTIONARY:
            known = header[7]
            if known[2] not in (_PLAIN, _PLAIN_DICTIONARY):
                return False
            page = self._unpressed(page, header[2])
            self.words = self.scratch.take("words", min(known[1], page.size))
            return self._learn(page, self.words, lexicon, are_used=False)
        if header[1] == _DATA:
            about, values = header[5], self._unpressed(page, header[2])
            if self.may_lack:
                end = 4 + int(values[:4].view("<u4")[0])
                if not self._are_given(values[4:end], about[1]):
                    return False
                values = values[end:]
        elif header[1] == _DATA_2:
            about = {1: header[8][1], 2: header[8][4]}
            if header[8][2]:  # so many are missing
                return False
            levels = header[8].get(5, 0) + header[8].get(6, 0)
            values = page[levels:]
            if header[8].get(7, True):
                values = self._unpressed(values, header[2] - levels)
        else:
            return True  # an index
        rows = out[self.filled : self.filled + about[1]]
        self.filled += about[1]
        if rows.size != about[1]:
            return False
        if about[2] == _PLAIN:
            return self._learn(values, rows, lexicon, are_used=True)
        if about[2] not in _BY_DICTIONARY or self.words is None:
            return False
        return lexicon.unpack(values, self.words, rows)

    def _learn(self, page: Bytes, out: Codes, lexicon: Lexicon, *, are_used: bool) -> bool:
        begins = self.scratch.take("begins", out.size + 1)
        return lexicon.learn_page(page, begins, out, are_used=are_used)

    def _are_given(self, levels: Bytes, number: int) -> bool:
        """Whether levels, packed as one bit each, say that no text is missing."""
        from tracegraph.model.kernels import unpack

        run, at = _unsigned(levels, 0)
        if not run & 1 and run >> 1 >= number:  # one run, as a rule
            return bool(levels[at] == 1)
        found = self.scratch.take("levels", min(number, _LARGEST))
        one_bit = np.ones(1, np.uint8)
        return bool(unpack(np.append(one_bit, levels), 2, found) and found.min(initial=1) == 1)

    def _unpressed(self, page: Bytes, size: int) -> Bytes:
        if self.codec is None:
            return page
        found = pa.Codec(self.codec).decompress(page, decompressed_size=size, asbytes=True)
        return np.frombuffer(found, np.uint8)


# ---- headers of pages: Thrift in its compact form


def _struct(letters: Letters, at: int) -> tuple[dict[int, Any], int]:
    """Fields of a struct by their numbers, and where it ends."""
    fields: dict[int, Any] = {}
    number = 0
    while kind := int(letters[at]):
        at += 1
        if kind >> 4:
            number += kind >> 4
        else:
            number, at = _whole(letters, at)
        fields[number], at = _value(kind & 15, letters, at)
    return fields, at + 1


def _value(kind: int, letters: Letters, at: int) -> tuple[Any, int]:
    if kind in (1, 2):
        return kind == 1, at
    if kind in (3, 7):  # a byte, a decimal
        return None, at + (1 if kind == 3 else 8)
    if kind in (4, 5, 6):
        return _whole(letters, at)
    if kind == 8:
        size, at = _unsigned(letters, at)
        return bytes(letters[at : at + size]).decode(errors="replace"), at + size
    if kind == 9:
        return _list(letters, at)
    if kind == 12:
        return _struct(letters, at)
    raise ValueError(kind)


def _list(letters: Letters, at: int) -> tuple[list[Any], int]:
    kind, size, at = int(letters[at]) & 15, int(letters[at]) >> 4, at + 1
    if size == 15:
        size, at = _unsigned(letters, at)
    found = []
    for _ in range(size):
        value, at = _value(kind, letters, at)
        found.append(value)
    return found, at


def _whole(letters: Letters, at: int) -> tuple[int, int]:
    value, at = _unsigned(letters, at)
    return (value >> 1) ^ -(value & 1), at


def _unsigned(letters: Letters, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = int(letters[at])
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
