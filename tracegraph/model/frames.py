"""The caller's frames, whatever library they come from, as pandas frames with our columns."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa

from tracegraph.errors import TableError
from tracegraph.model.schemas import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

FIRST_ROW = 2
"""Number of a file's first row of data: the header is row 1."""

_ALSO_CALLED = {
    "arrive": ("arrival", "arrived", "start", "begin", "from", "check_in", "time", "timestamp"),
    "depart": ("departure", "departed", "end", "to", "check_out", "leave"),
    "person_id": ("person", "patient_id", "patient", "id", "user_id", "uid", "case_id"),
    "location_id": ("location", "place_id", "place", "venue_id", "venue", "site_id", "poi"),
    "sampled": ("sample_date", "specimen_date", "collected"),
    "result": ("test_result", "outcome"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """How a file was read.

    Parameters
    ----------
    file : str
        Name of the file, with the sheet: ``"list.xlsx [cases]"``; "" for a frame.
    format : str
        ``"csv"``, ``"xlsx"``, ``"parquet"``, ``"jsonl"``, or "" for a frame.
    encoding, separator : str
        Of a text file; "" otherwise.
    """

    file: str = ""
    format: str = ""
    encoding: str = ""
    separator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Torn:
    """A line of a file that has too many or too few cells."""

    file: str
    row: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """One table before anything was judged.

    Parameters
    ----------
    name : str
    frame : DataFrame
        With our column names and positions as its index.
    rows : array of int64
        Number of each row as a user counts them: from 0 in a frame; in a file the
        header is row 1, so the first row of data is row 2.
    origins : tuple of Origin
        Files that the rows come from.
    part : array of int16
        File of each row: a position in `origins`.
    dates : frozenset of str
        Columns that the caller's library calls dates, which pandas has not.
    torn : tuple of Torn
        Lines of a file that have too many or too few cells.
    """

    name: str
    frame: pd.DataFrame
    rows: npt.NDArray[np.int64]
    origins: tuple[Origin, ...] = (Origin(),)
    part: npt.NDArray[np.int16]
    dates: frozenset[str] = frozenset()
    torn: tuple[Torn, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files that the rows come from; ("",) for a frame."""
        return tuple(origin.file for origin in self.origins)

    @property
    def file(self) -> str:
        """Names of the files, for a message about the whole table."""
        return ", ".join(self.files)


def one_file(  # noqa: PLR0913  # the fields of a RawTable
    name: str,
    frame: pd.DataFrame,
    *,
    origin: Origin = Origin(),
    rows: npt.NDArray[np.int64] | None = None,
    dates: frozenset[str] = frozenset(),
    torn: tuple[tuple[int, str], ...] = (),
) -> RawTable:
    """Take a frame that came from one file, or from none."""
    if rows is None:
        rows = np.arange(len(frame)) + (FIRST_ROW if origin.file else 0)
    return RawTable(
        name=name,
        frame=frame,
        rows=rows,
        origins=(origin,),
        part=np.zeros(len(frame), np.int16),
        dates=dates,
        torn=tuple(Torn(file=origin.file, row=row, text=text) for row, text in torn),
    )


def joined(parts: list[RawTable]) -> RawTable:
    """Put the parts of one table under one another, each row knowing its file."""
    if len(parts) == 1:
        return parts[0]
    return RawTable(
        name=parts[0].name,
        frame=pd.concat([part.frame for part in parts], ignore_index=True),
        rows=np.concatenate([part.rows for part in parts]),
        origins=tuple(origin for part in parts for origin in part.origins),
        part=np.repeat(np.arange(len(parts), dtype=np.int16), [len(part.rows) for part in parts]),
        dates=frozenset.intersection(*(part.dates for part in parts)),
        torn=tuple(torn for part in parts for torn in part.torn),
    )


def from_native(name: str, native: Any) -> RawTable:  # noqa: ANN401  # any data frame
    """Take a caller's frame: pandas without a copy, polars and pyarrow converted."""
    if not isinstance(native, pd.DataFrame):
        return from_arrow(name, _arrow(name, native))
    frame = native.reset_index(drop=True)
    frame.columns = pd.Index([str(column) for column in frame.columns])
    return one_file(name, frame)


def from_arrow(name: str, table: pa.Table, *, origin: Origin = Origin()) -> RawTable:
    """Take an Arrow table; integers with gaps stay integers, dates are remembered."""
    dates = frozenset(f.name for f in table.schema if pa.types.is_date(f.type))
    has_gaps = any(
        pa.types.is_integer(column.type) and column.null_count for column in table.columns
    )
    whole = {
        pa.int64(): pd.Int64Dtype(),
        pa.int32(): pd.Int32Dtype(),
        pa.uint32(): pd.UInt32Dtype(),
    }
    frame = table.to_pandas(
        date_as_object=False, ignore_metadata=True, types_mapper=whole.get if has_gaps else None
    )
    return one_file(name, frame, origin=origin, dates=dates)


def _arrow(name: str, native: Any) -> pa.Table:  # noqa: ANN401  # any data frame
    try:
        lazy_or_eager = nw.from_native(native)
    except TypeError as error:
        message = (
            f"{name} is a {type(native).__name__}, not a data frame.\n"
            "    Pass a pandas, polars or pyarrow frame; tg.read takes a folder."
        )
        raise TableError(message) from error
    if isinstance(lazy_or_eager, nw.LazyFrame):
        return lazy_or_eager.collect().to_arrow()
    return lazy_or_eager.to_arrow()


def rename(tables: list[RawTable], columns: Mapping[str, Any]) -> list[RawTable]:
    """Give columns our names: ``{"arrival": "arrive"}``, or the same by table.

    Raises
    ------
    TableError
        If a name is in no table, or two columns of a table get one name.
    """
    renamed = []
    unseen = {theirs for theirs, ours in columns.items() if isinstance(ours, str)}
    for table in tables:
        name = table.name
        mapping = _mapping_of(name, columns)
        mapping = {old: new for old, new in mapping.items() if old in table.frame.columns}
        unseen -= set(mapping)
        frame = table.frame.rename(columns=mapping) if mapping else table.frame
        twice = frame.columns[frame.columns.duplicated()]
        if len(twice):
            message = (
                f"{name} has two columns {twice[0]!r}{' after renaming' if mapping else ''}.\n"
                "    Drop or rename one of them."
            )
            raise TableError(message)
        dates = frozenset(mapping.get(column, column) for column in table.dates)
        renamed.append(replace(table, frame=frame, dates=dates))
    if unseen:
        message = (
            f"columns= names {', '.join(map(repr, sorted(unseen)))}, in no table.\n"
            "    Correct the name, or leave it out."
        )
        raise TableError(message)
    return renamed


def _mapping_of(table: str, columns: Mapping[str, Any]) -> dict[str, str]:
    ours = set(TABLES[table].names)
    flat = {old: new for old, new in columns.items() if isinstance(new, str) and new in ours}
    own = columns.get(table)
    return {**flat, **own} if isinstance(own, dict) else flat


def check_columns(table: RawTable) -> None:
    """Raise if a required column is missing; say which one may be meant."""
    schema, has = TABLES[table.name], list(table.frame.columns)
    for column in schema.required:
        if column not in has:
            raise _no_column(table, f"column {column!r}", column)
    if schema.one_of and not set(schema.one_of) & set(has):
        words = ", ".join(schema.one_of[:-1]) + f" and {schema.one_of[-1]}"
        raise _no_column(table, f"time column (one of {words})", schema.one_of[0])


def _no_column(table: RawTable, what: str, wanted: str) -> TableError:
    has = list(table.frame.columns)
    spare = [column for column in has if column not in TABLES[table.name].names]
    near = [c for c in spare if c.strip().lower() in (wanted, *_ALSO_CALLED.get(wanted, ()))]
    near = near or difflib.get_close_matches(wanted, spare, n=1, cutoff=0.6)
    listed = ", ".join(has[:12]) + (", …" if len(has) > 12 else "") if has else "none"
    mend = (
        f'Rename {near[0]!r}, or pass columns={{"{near[0]}": "{wanted}"}}.'
        if near
        else f'Add it, or pass columns={{"your name": "{wanted}"}}.'
    )
    return TableError(f"{table.name} has no {what}; it has {listed}.\n    {mend}")
