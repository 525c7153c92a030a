"""Parquet files: a long log is taken in piece by piece, and held as codes and seconds only.

Ids become codes while the pieces are read, whichever way the file keeps them; times become whole
seconds, if a quick look finds nothing in them that needs an explanation. All other columns are
read as they are.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from threading import local
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tracegraph.errors import TableError
from tracegraph.model.reading.frames import Origin, RawTable, from_arrow, with_columns
from tracegraph.model.reading.lexicon import Lexicon, as_categorical, is_packable
from tracegraph.model.reading.moments import NAIVE, PlainTimes, RawTimes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tracegraph.model.facts import Codes
    from tracegraph.stores.heading import Names

MANY = 100_000
"""Rows of a file from which it is read piece by piece."""

_PIECE = 1 << 20  # rows
_ROWS = "a piece has not as many rows as the file says"
_THREADS = 2  # more do not pay: each holds a piece


def read_parquet(path: Path, name: str, names: Names) -> RawTable:
    """Read a Parquet file.

    Raises
    ------
    TableError
        If it is damaged, or has a column of a type that is not read.
    """
    try:
        with pq.ParquetFile(path) as file:
            metadata, schema = file.metadata, file.schema_arrow
        origin = Origin(file=name, format="parquet")
        if metadata.num_rows < MANY or not _can_be_asked_for(schema.names):
            return from_arrow(names.table, _checked(pq.read_table(path)), origin=origin)
        return _in_pieces(path, metadata, schema, names, origin)
    except (pa.ArrowException, OSError, UnicodeDecodeError):  # whose words may quote a cell
        message = f"{name} is no sound Parquet file.\n    Write it again."
        raise TableError(message) from None


def _checked(table: pa.Table) -> pa.Table:
    table.validate(full=True)  # a broken byte in a text would end in a traceback far from here
    return table


def _in_pieces(
    path: Path, metadata: pq.FileMetaData, schema: pa.Schema, names: Names, origin: Origin
) -> RawTable:
    log = _Log(path, metadata)
    for column in schema.names:
        kind = schema.field(column).type
        if names.may_be_packed(column) and is_packable(kind):
            log.add_texts(column)
        elif names.table == "visits" and names.means_a_time(column) and _is_local(kind):
            log.add_times(column)
    log.read()
    rest = [column for column in schema.names if column not in log.taken]
    table = _checked(pq.read_table(path, columns=rest)) if rest else pa.table({})
    raw = from_arrow(names.table, table, origin=origin, rows=metadata.num_rows)
    return with_columns(raw, schema.names, *log.texts(), log.times())


def _can_be_asked_for(names: list[str]) -> bool:
    """Whether each name means one column; one with a point may mean a part of another."""
    return len({*names}) == len(names) and not any("." in name for name in names)


def _is_local(kind: pa.DataType) -> bool:
    return pa.types.is_timestamp(kind) and kind.tz is None


@dataclass(slots=True)
class _Texts:
    """A column of texts on its way to codes."""

    lexicon: Lexicon
    codes: Codes

    def put(self, begin: int, piece: pa.Array) -> None:
        self.lexicon.encode(piece, self.codes[begin : begin + len(piece)])


@dataclass(slots=True)
class _Times:
    """A column of local times on its way to seconds, as long as none needs a closer look."""

    plain: PlainTimes
    is_plain: bool = True

    def put(self, begin: int, piece: pa.Array) -> None:
        self.is_plain = (
            self.is_plain
            and not piece.null_count
            and self.plain.put(begin, piece.to_numpy(zero_copy_only=False))
        )


@dataclass(slots=True)
class _Log:
    """Columns of a file that are read piece by piece, each piece by one thread."""

    path: Path
    metadata: pq.FileMetaData
    columns: dict[str, Any] = field(default_factory=dict)
    mine: local = field(default_factory=local)

    def add_texts(self, column: str) -> None:
        rows = self.metadata.num_rows
        self.columns[column] = _Texts(Lexicon(rows), np.empty(rows, np.int32))

    def add_times(self, column: str) -> None:
        self.columns[column] = _Times(PlainTimes(self.metadata.num_rows, NAIVE))

    def read(self) -> None:
        """Read every piece of every column; columns that cannot be taken so are given up."""
        size = [self.metadata.row_group(i).num_rows for i in range(self.metadata.num_row_groups)]
        begin = np.cumsum([0, *size]).tolist()
        if min(size, default=0) < 0 or begin[-1] != self.metadata.num_rows:
            raise pa.ArrowInvalid(_ROWS)
        with ThreadPoolExecutor(_THREADS) as pool:
            done = pool.map(
                lambda job: self._read(job[0], begin[job[0]], job[1]),
                product(range(len(size)), self.columns),
            )
            for _ in done:
                pass

    def _read(self, group: int, begin: int, column: str) -> None:
        taken, end = self.columns[column], begin + self.metadata.row_group(group).num_rows
        for piece in self._pieces(group, column):
            if len(piece) > end - begin:
                raise pa.ArrowInvalid(_ROWS)
            taken.put(begin, piece)
            begin += len(piece)
        if begin != end:
            raise pa.ArrowInvalid(_ROWS)

    def _pieces(self, group: int, column: str) -> Iterator[pa.Array]:
        if not hasattr(self.mine, "file"):
            self.mine.file = pq.ParquetFile(self.path, metadata=self.metadata)
        batches = self.mine.file.iter_batches(
            _PIECE, row_groups=[group], columns=[column], use_threads=False
        )
        return (batch.column(0) for batch in batches)

    @property
    def taken(self) -> dict[str, Any]:
        """Columns that were taken."""
        return {
            name: column
            for name, column in self.columns.items()
            if not isinstance(column, _Times) or column.is_plain
        }

    def texts(self) -> tuple[dict[str, Any], dict[str, Codes]]:
        """Columns of texts, and their codes."""
        columns = {n: c for n, c in self.columns.items() if isinstance(c, _Texts)}
        with ThreadPoolExecutor(_THREADS) as pool:
            made = pool.map(lambda c: as_categorical(c.lexicon, c.codes), columns.values())
            texts = dict(zip(columns, made, strict=True))
        return texts, {name: column.codes for name, column in columns.items()}

    def times(self) -> dict[str, RawTimes]:
        """Columns of times."""
        return {n: c.plain.told() for n, c in self.taken.items() if isinstance(c, _Times)}
