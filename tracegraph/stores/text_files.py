"""Tables in text files: CSV of any encoding, separator and title, every line accounted for.

A file in UTF-8 is read block by block, and never as a whole in memory; any other is decoded
first. Cells are text altogether, so that 007 stays 007, and are judged column by column.
"""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from tracegraph.errors import TableError
from tracegraph.model.reading.frames import Origin, RawTable, Torn, one_file
from tracegraph.stores.encodings import decode, warn_of_guess
from tracegraph.stores.heading import (
    LOOKED_AT,
    check_header,
    header_row,
    named,
    no_header,
    warn_of_title,
)
from tracegraph.stores.quotes import MEND, MESSAGE, swallowed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy.typing as npt

    from tracegraph.model.reading.findings import Findings
    from tracegraph.stores.heading import Names
    from tracegraph.stores.quotes import Swallowed
    from tracegraph.stores.settings import Manner

SEPARATORS = ",;\t|"
LARGE = 1 << 24
"""Bytes of a file from which ids and times are kept as codes and words: a quarter of the memory."""

_TOP = 1 << 16  # bytes that tell whether a file may be in UTF-8
_BLOCK = 1 << 24  # bytes that are looked through at a time
_BLOCKS = (1 << 23, 1 << 30)  # bytes that are parsed at a time; a row must fit into one
_STRADDLES = "straddling"
_TOO_SMALL = (_STRADDLES, "block size", "Empty CSV")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """Bytes of a file in UTF-8: where they are, and how they were written."""

    open: Callable[[], IO[bytes]]
    encoding: str
    size: int

    def lines(self) -> io.TextIOWrapper:
        """Lines with their ends, as the file has them; to be closed."""
        return io.TextIOWrapper(self.open(), encoding="utf-8-sig", newline="", errors="replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """Where the rows begin: names of the columns, and what stands above the first row."""

    names: list[str]
    packed: frozenset[int]  # columns of few words, or that are made codes and seconds anyway
    separator: str
    records: int
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Rows of a file: those that have a cell for each column, and those that have not."""

    table: pa.Table
    torn: list[tuple[int, str]]  # position among all rows, text

    def __len__(self) -> int:
        return len(self.table) + len(self.torn)


def read_text_file(
    path: Path, file: str, names: Names, how: Manner, findings: Findings
) -> RawTable:
    """Read a text file of one table.

    Raises
    ------
    TableError
        If it has no header, or is in no encoding that can be found out.
    """
    if how.encoding is None and _begins_like_utf8(path):
        try:
            text = _Text(open=lambda: path.open("rb"), encoding="utf-8", size=path.stat().st_size)
            return _read(text, file, names, how, findings)
        except _NotUtf8:
            pass
    found = decode(
        path.read_bytes(), file, stated=how.encoding, recognised=partial(_recognised, names)
    )
    warn_of_guess(names.table, file, found, findings)
    data = found.text.encode("utf-8", "replace")
    text = _Text(open=lambda: io.BytesIO(data), encoding=found.encoding, size=len(data))
    return _read(text, file, names, how, findings)


class _NotUtf8(Exception):
    """The file is in another encoding than it seemed."""


def _begins_like_utf8(path: Path) -> bool:
    with path.open("rb") as start:
        top = start.read(_TOP)
    try:
        top.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.end == len(top) == _TOP  # cut inside a letter
    return b"\0" not in top


def _recognised(names: Names, text: str) -> int:
    """How many names of columns the first lines of a text hold."""
    lines = list(islice(io.StringIO(text, newline=""), LOOKED_AT))
    return max(_best_row(lines, separator, names) for separator in SEPARATORS)


def _best_row(lines: list[str], separator: str, names: Names) -> int:
    return max((names.recognised(row) for row, _, _ in _records(lines, separator)), default=0)


# ---- from text to rows


def _read(text: _Text, file: str, names: Names, how: Manner, findings: Findings) -> RawTable:
    with text.lines() as lines:
        head = _head(list(islice(lines, LOOKED_AT)), file, names)
    warn_of_title(names, file, head.records - 1, findings)
    rows, lost = _parsed(text, head, file), []
    if _may_swallow(text, head, rows):
        with text.lines() as lines:
            lost = swallowed(
                lines,
                head.separator,
                cells=len(head.names),
                above=head.records,
                file=file,
                is_sound=how.is_saved,
            )
    if lost:
        rows = _parsed(_without(text, lost), head, file)
    return _as_table(rows, lost, head, Origin(
        file=file, format="csv", encoding=text.encoding, separator=head.separator
    ), names.table)  # fmt: skip


def _head(lines: list[str], file: str, names: Names) -> _Head:
    """Find separator and header: where most names of columns are known."""
    read = {s: [*_records(lines, s)] for s in SEPARATORS}
    headers = {}
    for separator, records in read.items():
        place = header_row([row for row, _, _ in records], names)
        if place is None:  # nothing but blanks and this sign
            raise no_header(file)
        headers[separator] = records[place]

    def rank(separator: str) -> tuple[int, int]:
        row = headers[separator][0]
        return names.recognised(row), len(row)

    separator = max(SEPARATORS, key=rank)
    header, record, line = headers[separator]
    check_header(header, names, file)
    return _Head(
        names=named(header),
        packed=frozenset(i for i, cell in enumerate(header) if names.may_be_packed(cell)),
        separator=separator,
        records=record,
        lines=line,
    )


def _records(lines: list[str], separator: str) -> Iterator[tuple[list[str], int, int]]:
    """Rows of the first lines: cells, number of the record, number of its last line."""
    reader = csv.reader(lines, delimiter=separator)
    try:
        yield from ((row, i, reader.line_num) for i, row in enumerate(reader, 1))
    except csv.Error:  # a cell larger than any header
        return


def _parsed(text: _Text, head: _Head, file: str) -> _Rows:
    """Every row below the header; lines with another number of cells are set aside."""
    for is_torn in (False, True):  # threads cannot number lines, so torn ones cost them
        try:
            return _in_blocks(text, head, is_torn=is_torn)
        except pa.ArrowInvalid as error:
            if "UTF8" in str(error):
                raise _NotUtf8 from error
        _check_utf8(text)  # a torn line is handed over as text
    message = f"{file} cannot be read as rows of cells.\n    Save it as CSV again."
    raise TableError(message)


def _check_utf8(text: _Text) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with text.open() as file:
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise _NotUtf8 from error


def _in_blocks(text: _Text, head: _Head, *, is_torn: bool) -> _Rows:
    """Rows by blocks that are large enough for each of them; none where the file ends."""
    for block in _BLOCKS:
        try:
            return _rows(text, head, block, is_torn=is_torn)
        except pa.ArrowInvalid as error:
            is_too_small = any(words in str(error) for words in _TOO_SMALL)
            if not is_too_small or (block == _BLOCKS[-1] and _STRADDLES in str(error)):
                raise
    columns = map(str, range(len(head.names)))
    return _Rows(table=pa.table({c: pa.array([], pa.large_string()) for c in columns}), torn=[])


def _rows(text: _Text, head: _Head, block: int, *, is_torn: bool) -> _Rows:
    """Cells as text, empty ones missing."""
    torn: list[tuple[int, str]] = []

    def set_aside(line: Any) -> str:  # noqa: ANN401  # pyarrow.csv.InvalidRow
        torn.append((line.number - head.lines - 1, line.text))
        return "skip"

    columns = [str(i) for i in range(len(head.names))]  # names may stand twice
    types = dict.fromkeys(columns, pa.large_string())
    if text.size >= LARGE:
        types |= {str(i): pa.dictionary(pa.int32(), pa.string()) for i in head.packed}
    with text.open() as file:
        table = pa_csv.read_csv(
            file,
            read_options=pa_csv.ReadOptions(
                column_names=columns,
                skip_rows=head.lines,
                use_threads=not is_torn,
                block_size=block,
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=head.separator,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=set_aside if is_torn else None,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=types,
                strings_can_be_null=True,
                null_values=[""],
                quoted_strings_can_be_null=True,
            ),
        )
    return _Rows(table=table.unify_dictionaries(), torn=torn)


def _may_swallow(text: _Text, head: _Head, rows: _Rows) -> bool:
    """Whether some row takes several lines, or ends inside a quoted cell."""
    if head.lines != head.records:
        return True
    if not _has_marks(text):
        return False
    breaks, last = 0, b""
    with text.open() as file:
        while block := file.read(_BLOCK):
            breaks += block.count(b"\n") or block.count(b"\r")
            last = block
    ends = last.endswith((b"\n", b"\r"))
    tail = last.rstrip(b"\r\n").rpartition(b"\n")[2]
    return breaks + (not ends) - head.lines != len(rows) or tail.count(b'"') % 2 == 1


def _has_marks(text: _Text) -> bool:
    with text.open() as file:
        return any(b'"' in block for block in iter(lambda: file.read(_BLOCK), b""))


def _without(text: _Text, lost: list[Swallowed]) -> _Text:
    """Text without the lines of some records."""
    gone = {record.first + i for record in lost for i in range(len(record.lines))}
    with text.lines() as lines:
        kept = "".join(line for i, line in enumerate(lines) if i not in gone).encode()
    return replace(text, open=lambda: io.BytesIO(kept))


def _as_table(
    rows: _Rows, lost: list[Swallowed], head: _Head, origin: Origin, table: str
) -> RawTable:
    """Rows with the numbers that a user counts, without blank lines."""
    numbers = np.arange(len(rows) + len(lost)) + head.records + 1
    if lost:
        numbers = numbers[~np.isin(numbers, [record.row for record in lost])]
    positions = [position for position, _ in rows.torn]
    torn = [
        Torn(file=origin.file, row=int(numbers[position]), text=text)
        for position, text in rows.torn
        if text.replace(head.separator, "").strip()  # else a blank line
    ]
    torn += [
        Torn(file=origin.file, row=record.row, text=line.rstrip("\r\n"), message=MESSAGE, mend=MEND)
        for record in lost
        for line in record.lines
    ]
    numbers, cells = np.delete(numbers, positions) if positions else numbers, rows.table
    written = ~blank_rows(cells)
    if not written.all():
        cells, numbers = cells.filter(pa.array(written)), numbers[written]
    frame = cells.to_pandas().set_axis(head.names, axis="columns")
    return one_file(table, frame, rows=numbers, origin=origin, torn=tuple(torn))


def blank_rows(table: pa.Table) -> npt.NDArray[np.bool_]:
    """Rows without any cell, as spreadsheets leave them at the end: no rows at all."""
    blank = np.ones(len(table), bool)
    for column in table.columns:
        if column.null_count == 0:
            return np.zeros(len(table), bool)
        blank &= pc.is_null(column).to_numpy()
    return blank
