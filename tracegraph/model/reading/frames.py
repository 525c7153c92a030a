"""The caller's frames, whatever library they come from, as pandas frames with our columns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa

from tracegraph.errors import TableError
from tracegraph.model.constant import everywhere
from tracegraph.model.reading.moments import MISSING, RawTimes, gathered
from tracegraph.model.reading.times import read_times

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    import numpy.typing as npt

    from tracegraph.model.facts import Codes, Flags
    from tracegraph.model.reading.headers import Named

UNTYPED = frozenset({"csv", "xlsx", "jsonl"})

FIRST_ROW = 2
"""Number of a file's first row of data: the header is row 1."""

_NOT_READ = (pa.ArrowException, KeyError)
"""What pyarrow raises for a type of no use; `KeyError` for an unknown zone, if pytz is there."""


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
    is_saved : bool
        Whether `graph.save` wrote it: ids and headers are meant to the letter.
    """

    file: str = ""
    format: str = ""
    encoding: str = ""
    separator: str = ""
    is_saved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Torn:
    """A line of a file that is no row: too many or too few cells, or a mark left open."""

    file: str
    row: int
    text: str
    message: str = "the line has too many or too few cells"
    mend: str = "Quote cells that hold the separator; give short rows the cells that they lack."


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
    named : tuple of Named
        Headers as written and what they were taken for; () before that is decided.
    times : mapping of str to RawTimes
        Columns of times that a database gave as bounds: their cells are not looked at.
    plain : mapping of str to RawTimes
        Columns of local times of a long file, already read: `frame` has but a place for each,
        and `cells` gives what stands there.
    packed : mapping of str to array of int32
        Codes of the columns of categories each of which some row has, over the same memory, which
        is nobody else's.
    """

    name: str
    frame: pd.DataFrame
    rows: npt.NDArray[np.int64] | range
    origins: tuple[Origin, ...] = (Origin(),)
    part: npt.NDArray[np.int16]
    dates: frozenset[str] = frozenset()
    torn: tuple[Torn, ...] = ()
    named: tuple[Named, ...] = ()
    times: Mapping[str, RawTimes] = field(default_factory=dict)
    plain: Mapping[str, RawTimes] = field(default_factory=dict)
    packed: Mapping[str, Codes] = field(default_factory=dict)

    @property
    def is_untyped(self) -> bool:
        """Whether the rows come from files that do not say what is text and what a number."""
        return any(origin.format in UNTYPED and not origin.is_saved for origin in self.origins)

    @property
    def is_saved(self) -> bool:
        """Whether `graph.save` wrote all the files."""
        return all(origin.is_saved for origin in self.origins)

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files that the rows come from; ("",) for a frame."""
        return tuple(origin.file for origin in self.origins)

    @property
    def file(self) -> str:
        """Names of the files, for a message about the whole table."""
        return ", ".join(self.files)

    def cells(self, rows: npt.NDArray[Any] | slice) -> pd.DataFrame:
        """Cells of some rows."""
        shown = {c: _stamps(times.seconds[rows]) for c, times in self.plain.items()}
        cells = self.frame.iloc[rows]
        return cells.assign(**{c: s.set_axis(cells.index) for c, s in shown.items()})

    def spelled_out(self, *columns: str) -> RawTable:
        """Put the cells of these columns of `plain` into the frame, as any other's."""
        shown = {c: _stamps(self.plain[c].seconds) for c in columns}
        plain = {c: times for c, times in self.plain.items() if c not in shown}
        return replace(self, frame=self.frame.assign(**shown), plain=plain) if shown else self

    def by_file(self) -> Iterator[Flags]:
        """Rows of each file."""
        if len(self.origins) == 1:
            return iter([everywhere(np.True_, self.part.size)])
        return (self.part == part for part in range(len(self.origins)))

    def files_of(self, rows: Flags) -> str:
        """Names of the files that hold some of these rows."""
        if len(self.origins) == 1:
            return self.file
        return ", ".join(self.files[part] for part in np.unique(self.part[rows]))


def one_file(  # noqa: PLR0913  # the fields of a RawTable
    name: str,
    frame: pd.DataFrame,
    *,
    origin: Origin = Origin(),
    rows: npt.NDArray[np.int64] | range | None = None,
    dates: frozenset[str] = frozenset(),
    torn: tuple[Torn, ...] = (),
) -> RawTable:
    """Take a frame that came from one file, or from none."""
    if rows is None:
        first = FIRST_ROW if origin.file else 0
        rows = range(first, first + len(frame))
    return RawTable(
        name=name,
        frame=frame,
        rows=rows,
        origins=(origin,),
        part=everywhere(np.int16(0), len(frame)),
        dates=dates,
        torn=torn,
    )


def joined(parts: list[RawTable]) -> RawTable:
    """Put the parts of one table under one another, each row knowing its file."""
    if len(parts) == 1:
        return parts[0]
    parts = [part.spelled_out(*part.plain) for part in parts]
    dates = frozenset.intersection(*(part.dates for part in parts))
    frames = _packed_alike([_with_days(_without_told(part), part.dates - dates) for part in parts])
    return RawTable(
        name=parts[0].name,
        frame=pd.concat(frames, ignore_index=True),
        rows=np.concatenate([np.asarray(part.rows) for part in parts]),
        origins=tuple(origin for part in parts for origin in part.origins),
        part=np.repeat(np.arange(len(parts), dtype=np.int16), [len(part.rows) for part in parts]),
        dates=dates,
        torn=tuple(torn for part in parts for torn in part.torn),
        times=_joined_times(parts),
    )


def _without_told(part: RawTable) -> pd.DataFrame:
    """Frame without cells that nobody looks at: beside texts each would become an object."""
    if not part.times:
        return part.frame
    nothing = pd.Series(None, index=part.frame.index, dtype="object")
    return part.frame.assign(**dict.fromkeys(part.times, nothing))


def _joined_times(parts: list[RawTable]) -> dict[str, RawTimes]:
    """Columns of which one part has bounds; in the others their cells are read now."""
    ends = np.cumsum([len(part.rows) for part in parts])
    at = [np.arange(end - len(part.rows), end) for end, part in zip(ends, parts, strict=True)]
    joined = {}
    for column in dict.fromkeys(c for part in parts for c in part.times):
        read = [_times_of(part, column) for part in parts]
        whole = gathered(int(ends[-1]), zip(at, read, strict=True))
        joined[column] = replace(whole, is_typed=any(times.is_typed for times in read))
    return joined


def _times_of(part: RawTable, column: str) -> RawTimes:
    if column in part.times:
        return part.times[column]
    if column in part.frame:
        return read_times(part.frame[column], is_date=column in part.dates)
    size = len(part.rows)
    return RawTimes(seconds=np.zeros(size, np.int64), forms=np.full(size, MISSING, np.uint8))


def _packed_alike(frames: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Frames whose packed texts share their words, so that they stay packed together."""
    packed = dict.fromkeys(c for frame in frames for c in frame if is_packed(frame[c]))
    for column in map(str, packed):
        having = [frame[column] for frame in frames if column in frame]
        if len(having) == len(frames) and all(map(is_packed, having)):
            dtype: Any = pd.api.types.union_categoricals(having).dtype
        else:
            dtype = "str"
        frames = [f.astype({column: dtype}) if column in f else f for f in frames]
    return frames


def is_packed(column: pd.Series[Any]) -> bool:
    """Whether texts stand there as codes and words, as those of large files do."""
    dtype = column.dtype
    return isinstance(dtype, pd.CategoricalDtype) and isinstance(
        dtype.categories.dtype, pd.StringDtype
    )


def _with_days(frame: pd.DataFrame, dates: Collection[str]) -> pd.DataFrame:
    """Dates that shall stand beside times, which would make midnights of them."""
    return frame.assign(**{c: frame[c].dt.date.astype("object") for c in dates})


def from_native(name: str, native: Any) -> RawTable:  # noqa: ANN401  # any data frame
    """Take a caller's frame: pandas without a copy, polars and pyarrow converted."""
    if isinstance(native, pa.Table):
        return from_arrow(name, native)
    if not isinstance(native, pd.DataFrame):
        return from_arrow(name, _arrow(name, native))
    frame = native.reset_index(drop=True)
    frame.columns = pd.Index([str(column) for column in frame.columns])
    return one_file(name, frame)


def with_columns(
    raw: RawTable,
    names: list[str],
    texts: Mapping[str, pd.Categorical],
    codes: Mapping[str, Codes],
    plain: Mapping[str, RawTimes],
) -> RawTable:
    """Take more columns of the same rows, and put all in the order of `names`.

    `codes` are those of `texts`, over the same memory.
    """
    size = len(raw.rows)
    nowhere = everywhere(np.datetime64("NaT", "s"), size)
    columns: dict[str, Any] = {**texts, **dict.fromkeys(plain, nowhere)}
    if not columns:
        return raw
    more = pd.DataFrame(columns, index=raw.frame.index, copy=False)
    if len(columns) < len(names):
        rest = iter(raw.frame.items())
        pairs = [(c, more[c]) if c in columns else next(rest) for c in names]
        more = pd.concat([cells for _, cells in pairs], axis=1, keys=[c for c, _ in pairs])
    else:
        more = more[names]
    return replace(raw, frame=more, plain=plain, packed=codes)


def _stamps(seconds: npt.NDArray[Any]) -> pd.Series[pd.Timestamp]:
    """Times of a wall clock."""
    return pd.Series(seconds.astype(np.int64).view("datetime64[s]"))


def from_arrow(
    name: str, table: pa.Table, *, origin: Origin = Origin(), rows: int | None = None
) -> RawTable:
    """Take an Arrow table; integers with gaps stay integers, dates are remembered.

    Of how many rows it is has to be said where it may have no column.
    """
    dates = frozenset(f.name for f in table.schema if pa.types.is_date(f.type))
    has_gaps = any(
        pa.types.is_integer(column.type) and column.null_count for column in table.columns
    )
    whole = {
        pa.int64(): pd.Int64Dtype(),
        pa.int32(): pd.Int32Dtype(),
        pa.uint64(): pd.UInt64Dtype(),
        pa.uint32(): pd.UInt32Dtype(),
    }
    try:
        frame = table.to_pandas(
            date_as_object=False, ignore_metadata=True, types_mapper=whole.get if has_gaps else None
        )
    except _NOT_READ as error:
        raise _strange(name, table, origin) from error
    if rows is not None and not len(frame.columns):
        frame = pd.DataFrame(index=pd.RangeIndex(rows))
    return one_file(name, frame, origin=origin, dates=dates)


def _strange(name: str, table: pa.Table, origin: Origin) -> TableError:
    """Error for a column of a type that pandas has not."""
    of_file = f" ({origin.file})" if origin.file else ""
    for i, column in enumerate(table.schema):
        try:
            table.select([i]).to_pandas()
        except _NOT_READ:
            return TableError(
                f"{name}.{column.name}{of_file} is of type {column.type}, which is not read.\n"
                "    Make it text, or leave it out, where the table is made."
            )
    return TableError(f"{name}{of_file} cannot be read.\n    Write it again as CSV.")


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
