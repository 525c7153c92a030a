"""Quotation marks that are never closed: they swallow the lines below into one cell.

A parser of CSV takes all that follows an open quotation mark for text, to the next mark or
the end of the file, and says nothing. So wherever a record takes several lines it is read
again, strictly, line by line.
"""

from __future__ import annotations

import csv
import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracegraph.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BREAK = re.compile(r"\r\n|\r|\n")

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
    lines: Iterable[str], separator: str, *, cells: int, above: int, file: str, is_sound: bool
) -> list[Swallowed]:
    """Find the records of several lines that may be several records.

    Parameters
    ----------
    lines : iterable of str
        With their ends.
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
    reader = csv.reader(_noting(lines, taken), delimiter=separator, strict=True)
    row, first, is_over = 0, 0, False
    with _cells_of_any_size():
        while not is_over:
            taken.clear()
            record, fault = None, ""
            try:
                record = next(reader, None)
                is_over = record is None
            except csv.Error as error:
                fault = str(error)
            row += 1
            at_end = "end of data" in fault
            if at_end and len(taken) > 1:
                raise _open_to_the_end(file, row)
            is_torn = fault and (at_end or len(taken) > 1 or _opens(taken[0], separator))
            texts = () if is_sound else record or ()
            if is_torn or any(_may_be_rows(text, separator, cells) for text in texts):
                if row <= above:
                    raise _open_in_header(file, row)
                found.append(Swallowed(row=row, first=first, lines=tuple(taken)))
            first += len(taken)
    return found


def _noting(lines: Iterable[str], taken: list[str]) -> Iterator[str]:
    for line in lines:
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


def _may_be_rows(text: str, separator: str, cells: int) -> bool:
    """Whether the text of a cell may be rows: a whole one, or the end of one and the top of one.

    What an open mark swallows begins and ends in the same column, else its record would have
    too many cells or too few.
    """
    first, *between = _BREAK.split(text)
    if not between:
        return False
    ends = first.count(separator) + between.pop().count(separator)
    return cells - 1 in {ends, *(line.count(separator) for line in between)}


def _opens(line: str, separator: str) -> bool:
    """Whether a line ends inside a quoted cell."""
    last = next(csv.reader([line], delimiter=separator))[-1]
    return last.endswith(("\n", "\r"))


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
