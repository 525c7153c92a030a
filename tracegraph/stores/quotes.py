"""Quotation marks that are never closed: they swallow the lines below into one cell.

A parser of CSV takes all that follows an open quotation mark for text, to the next mark or
the end of the file, and says nothing. So wherever a record takes several lines it is read
again, strictly, line by line.
"""

from __future__ import annotations

import csv
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracegraph.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MESSAGE = "a quotation mark that opens in this row is not closed, or closes in a later line"
MEND = 'Close the mark, or double it where it is meant: "". Keep line breaks out of cells.'


@dataclass(frozen=True, slots=True, kw_only=True)
class Swallowed:
    """Lines that an open quotation mark makes one record.

    Parameters
    ----------
    row : int
        Number of the record, from 1.
    first : int
        Position of its first line, from 0.
    lines : tuple of str
        All its lines.
    """

    row: int
    first: int
    lines: tuple[str, ...]


def swallowed(  # noqa: PLR0913  # what is known of the file
    text: Iterable[str], separator: str, *, cells: int, above: int, file: str, is_sound: bool
) -> list[Swallowed]:
    """Find the records of several lines that may be several records.

    Parameters
    ----------
    text : iterable of str
        Lines with their ends.
    separator : str
    cells : int
        Cells of a row.
    above : int
        Number of the record that is the header.
    file : str
        For messages.
    is_sound : bool
        Whether a program wrote the file that quotes rightly: then a line of text inside a
        cell may well have as many separators as a row.

    Raises
    ------
    TableError
        If the file ends inside a cell that takes more than one line, or a mark above the rows
        swallows some of them: then nobody knows where the table begins.
    """
    taken: list[str] = []
    found: list[Swallowed] = []
    reader = csv.reader(_noting(text, taken), delimiter=separator, strict=True)
    row, first, is_over = 0, 0, False
    with _cells_of_any_size():
        while not is_over:
            taken.clear()
            fault = ""
            try:
                is_over = next(reader, None) is None
            except csv.Error as error:
                fault = str(error)
            row += 1
            at_end = "end of data" in fault
            if at_end and len(taken) > 1:
                raise _open_to_the_end(file, row)
            if at_end or _is_suspicious(
                taken, separator, cells, is_faulty=bool(fault), is_sound=is_sound
            ):
                if row <= above:
                    raise _open_in_header(file, row)
                found.append(Swallowed(row=row, first=first, lines=tuple(taken)))
            first += len(taken)
    return found


def _noting(text: Iterable[str], taken: list[str]) -> Iterator[str]:
    for line in text:
        taken.append(line)
        yield line


@contextmanager
def _cells_of_any_size() -> Iterator[None]:
    """Lift the limit of `csv`, which outlines of areas exceed."""
    limit = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _is_suspicious(
    lines: list[str], separator: str, cells: int, *, is_faulty: bool, is_sound: bool
) -> bool:
    if is_faulty:
        return len(lines) > 1 or _opens(lines[0], separator)
    return not is_sound and any(_count(line, separator) == cells for line in lines[1:])


def _opens(line: str, separator: str) -> bool:
    """Whether a line ends inside a quoted cell."""
    last = next(csv.reader([line], delimiter=separator))[-1]
    return last.endswith(("\n", "\r"))


def _count(line: str, separator: str) -> int:
    return len(next(csv.reader([line], delimiter=separator), []))


def _open_in_header(file: str, row: int) -> TableError:
    return TableError(
        f"{file} row {row} opens a quotation mark that is not closed, or closes in a later line: "
        "it may hide names of columns, or rows.\n    Close the mark, or remove it."
    )


def _open_to_the_end(file: str, row: int) -> TableError:
    return TableError(
        f"{file} row {row} opens a quotation mark that is never closed: all rows below would be "
        "lost in it.\n    Close the mark, or remove it."
    )
