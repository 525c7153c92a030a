"""The saved form of a graph, which every database keeps: typed tables, and what they do not say.

A column of times is two columns of instants: the earliest moment that is meant and the latest,
equal where the moment is known to the second. Other columns have the types that Parquet
would give them, texts where a database could not give them back to the letter.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

import tracegraph
from tracegraph.errors import StoreError, TableError
from tracegraph.model.calendar import NEVER
from tracegraph.model.equality import ids_of, named, written
from tracegraph.model.graph import TraceGraph
from tracegraph.model.options import Options
from tracegraph.model.reading.findings import Findings
from tracegraph.model.reading.frames import Origin, from_arrow
from tracegraph.model.reading.moments import AWARE, MISSING, RawTimes
from tracegraph.model.reading.spelling import spelled
from tracegraph.model.schemas import TABLES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tracegraph.model.facts import Ticks
    from tracegraph.model.reading.frames import RawTable
    from tracegraph.model.reading.tables import Table

LATE = b"late bound of"
"""Key of a field's metadata: it holds the late bounds of the column that is named there."""

MANY = 100_000
"""Rows from which ids are kept as codes and words."""

_KEPT = (
    pa.types.is_boolean,
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_timestamp,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_binary,
)
"""Tests of the types that come back from Parquet as they went in."""

_PACKED = {
    name: {c for role in ("person", "location", "area") for c in schema.named(role)}
    for name, schema in TABLES.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the tables of a saved graph do not say.

    Parameters
    ----------
    tz : str
        Zone of the graph.
    as_of : int, optional
        Second since 1970 as of which the graph was saved; None = it is of all that is known.
    ids : mapping of str to str
        ``"integer"`` or ``"text"``, of each kind of id: person, location, area.
    rows : mapping of str to int
        Rows of each table.
    saved_by : str
        Version of tracegraph.
    """

    tz: str
    as_of: int | None
    ids: Mapping[str, str]
    rows: Mapping[str, int]
    saved_by: str

    def to_json(self) -> str:
        """Settings as a text, for a database to keep."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Settings of such a text; a key of a later version is passed over."""
        told = json.loads(text)
        return cls(**{name: told[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A graph as databases keep it.

    Parameters
    ----------
    tables : mapping of str to pyarrow.Table
        Tables that the graph has, with a row for each that is used. Ids are int64 or
        large_string. A column of times is timestamp[s, tz] with the early bounds, beside one
        with the late bounds, whose metadata names it under `LATE`. Everything a store needs
        to give a table back to the letter stands in its schema.
    rejects, counts : DataFrame
        As of `TraceGraph`.
    settings : Settings
    """

    tables: Mapping[str, pa.Table]
    rejects: pd.DataFrame
    counts: pd.DataFrame
    settings: Settings


def saved_by() -> str:
    """Name and version that stand on whatever is saved."""
    return f"tracegraph {tracegraph.__version__}"


def check_has_cases(graph: TraceGraph) -> None:
    """Raise for a graph as of a moment before the first case: it would not be read back."""
    if not len(graph.tables["cases"]):
        message = (
            "no case was known as of that moment; such a graph is not read.\n    Save a later one."
        )
        raise TableError(message)


# ---- a graph becomes tables


def saved_form(graph: TraceGraph) -> Saved:
    """Tables of a graph in their saved form.

    Raises
    ------
    TableError
        If the graph is as of a moment at which no case was known.

    Examples
    --------
    >>> import tracegraph as tg
    >>> cases = pd.DataFrame({"person_id": ["C1"], "onset": ["2022-05-09"]})
    >>> saved = saved_form(tg.TraceGraph(cases=cases, tz="Asia/Shanghai"))
    >>> saved.tables["cases"].column_names
    ['person_id', 'onset', 'onset_until', 'case_id']
    >>> bounds = saved.tables["cases"].select(["onset", "onset_until"]).to_pandas()
    >>> bounds.loc[0].map(str).tolist()
    ['2022-05-09 00:00:00+08:00', '2022-05-10 00:00:00+08:00']
    >>> graph_of(saved).cases["case_id"].tolist()
    ['C1@2022-05-09']
    """
    check_has_cases(graph)
    return Saved(
        tables={name: _arrow(graph, table) for name, table in written(graph).items()},
        rejects=graph.rejects,
        counts=graph.counts,
        settings=_settings(graph),
    )


def _settings(graph: TraceGraph) -> Settings:
    ids = ids_of(graph)
    second = graph.as_of_second
    return Settings(
        tz=graph.tz,
        as_of=None if second is None else second + graph.calendar.epoch,
        ids={k: "integer" if i.dtype.kind in "iu" else "text" for k, i in ids.items() if len(i)},
        rows={name: len(table) for name, table in graph.tables.items()},
        saved_by=saved_by(),
    )


def _arrow(graph: TraceGraph, table: Table) -> pa.Table:
    fields, arrays = [], []
    for column in map(str, table.frame.columns):
        if column in table.lo:
            late = late_name(column, table.frame.columns)
            for name, bound in ((column, table.early(column)), (late, table.late(column))):
                arrays.append(_instants(bound, graph))
                fields.append(pa.field(name, arrays[-1].type))
            fields[-1] = fields[-1].with_metadata({LATE: column.encode()})
        else:
            is_id = column in table.codes
            array = named(graph, table.name, column) if is_id else kept(table.frame[column])
            arrays.append(array)
            fields.append(pa.field(column, array.type))
    return pa.table(arrays, schema=pa.schema(fields))


def late_name(column: str, columns: Collection[str]) -> str:
    """Name for the late bounds of a column; underlined until no other column has it.

    Examples
    --------
    >>> late_name("arrive", ["arrive", "depart"])
    'arrive_until'
    >>> late_name("arrive", ["arrive", "Arrive_Until"])    # databases do not tell these apart
    'arrive_until_'
    """
    taken = {str(name).casefold() for name in columns}
    name = f"{column}_until"
    while name.casefold() in taken:
        name += "_"
    return name


def _instants(ticks: Ticks, graph: TraceGraph) -> pa.Array:
    seconds = ticks.astype(np.int64) + graph.calendar.epoch
    return pa.array(seconds, mask=ticks == NEVER).cast(pa.timestamp("s", graph.tz))


def typed(column: pd.Series[Any]) -> pa.Array:
    """Values of a column in their own type where Parquet keeps it to the letter, else texts."""
    is_mixed = column.dtype == "object" and pd.api.types.infer_dtype(column) != "bytes"
    # pandas spells a nullable single as 0.1, a plain one as 0.10000000149011612
    if is_mixed or isinstance(column.dtype, pd.CategoricalDtype | pd.Float32Dtype):
        return spelled(column)
    try:
        values = pa.array(column, from_pandas=True)
    except (pa.ArrowTypeError, pa.ArrowNotImplementedError):  # complex, sparse
        return spelled(column)
    is_rounded = values.type == pa.uint64() and values.null_count  # pandas reads it as decimals
    is_kept = any(kept(values.type) for kept in _KEPT) and not is_rounded
    return values if is_kept else spelled(column)


def kept(column: pd.Series[Any]) -> pa.Array:
    """Values in their own type where databases keep it too: no halves, whole microseconds."""
    values = typed(column)
    if pa.types.is_float16(values.type):
        return spelled(column)
    if pa.types.is_timestamp(values.type):
        try:
            values.cast(pa.timestamp("us", values.type.tz))
        except pa.ArrowInvalid:
            return spelled(column)
    return values


# ---- tables become a graph


def graph_of(saved: Saved, *, file: str = "", format: str = "") -> TraceGraph:
    """Graph of its saved form.

    Parameters
    ----------
    saved : Saved
    file, format : str
        Where the rows stand and what that is, as `TraceGraph.origins` tells it:
        ``"county.duckdb"``, ``"duckdb"``.

    Raises
    ------
    StoreError
        If rejects and counts do not agree.
    """
    parts = parts_of(saved, file=file, format=format)
    graph = TraceGraph.from_parts(parts, Options(tz=saved.settings.tz), Findings())
    check_account(saved, file)
    rejects = pd.concat([saved.rejects, graph.rejects], ignore_index=True)
    counts = accounted(saved.counts, graph.counts, saved.settings.rows)
    found = graph.with_findings(rejects=rejects, counts=counts)
    if saved.settings.as_of is None:
        return found
    return found.as_of(pd.Timestamp(saved.settings.as_of, unit="s", tz="UTC"))


def check_account(saved: Saved, file: str) -> None:
    """Raise unless there is a row of rejects for each that was rejected."""
    rejected = int(saved.counts["rejected"].sum())
    if len(saved.rejects) != rejected:
        message = (
            f"rejects and counts of {file or 'the graph'} tell of {len(saved.rejects):,} and "
            f"{rejected:,} rows.\n    Save the graph again from its tables."
        )
        raise StoreError(message)


def parts_of(saved: Saved, *, file: str = "", format: str = "") -> list[RawTable]:
    """Tables for `TraceGraph.from_parts`, to the letter; bounds of times are not read again."""
    origin = Origin(file=file, format=format, is_saved=True)
    return [
        _raw(name, saved.tables[name], origin, saved.settings.tz)
        for name in TABLES
        if name in saved.tables
    ]


def _raw(name: str, table: pa.Table, origin: Origin, tz: str) -> RawTable:
    late = {
        field.metadata[LATE].decode(): field.name
        for field in table.schema
        if field.metadata and LATE in field.metadata
    }
    times = {early: _times(table[early], table[until]) for early, until in late.items()}
    plain = table.drop_columns([*late, *late.values()])
    if table.num_rows >= MANY and origin.file:  # frames without a file are not unpacked
        plain = _packed(plain, _PACKED[name])
    raw = from_arrow(name, plain, origin=origin)
    frame = raw.frame if plain.num_columns else pd.DataFrame(index=range(table.num_rows))
    for early in late:
        frame[early] = _stamps(times[early], tz)
    order = [field.name for field in table.schema if field.name in frame]
    rows = np.arange(table.num_rows)
    return replace(
        raw, frame=frame[order], rows=rows, part=np.zeros(rows.size, np.int16), times=times
    )


def _packed(table: pa.Table, columns: Collection[str]) -> pa.Table:
    for i, field in enumerate(table.schema):
        if field.name in columns and field.type in (pa.string(), pa.large_string()):
            codes = table.column(i).combine_chunks().dictionary_encode()
            table = table.set_column(i, field.name, codes)
    return table


def _times(early: pa.ChunkedArray, late: pa.ChunkedArray) -> RawTimes:
    lo, hi = _seconds(early), _seconds(late)
    missing = pc.is_null(early).to_numpy().astype(bool)
    is_instant = np.array_equal(lo, hi)
    return RawTimes(
        seconds=lo,
        until=None if is_instant else hi,
        forms=np.where(missing, MISSING, AWARE).astype(np.uint8),
    )


def _seconds(bounds: pa.ChunkedArray) -> Any:  # noqa: ANN401  # an array of int64
    return pc.fill_null(bounds.cast(pa.int64()), 0).to_numpy()


def _stamps(times: RawTimes, tz: str) -> pd.DatetimeIndex:
    seconds = np.where(times.forms == MISSING, np.iinfo(np.int64).min, times.seconds)
    return pd.DatetimeIndex(seconds, dtype=pd.DatetimeTZDtype("s", tz), copy=False)


def accounted(saved: pd.DataFrame, read: pd.DataFrame, written: Mapping[str, int]) -> pd.DataFrame:
    """Rows of the files of before; of a table edited since, those of its saved file.

    What was rejected before stays counted under the file in which it stood.
    """
    parts = []
    for table in TABLES:
        old, new = saved[saved["table"] == table], read[read["table"] == table]
        as_saved = [written.get(table)] * 2 == new[["rows", "used"]].sum().tolist()
        if as_saved and len(new):
            parts.append(old)
        else:
            parts += [old[old["rejected"] > 0].assign(rows=old["rejected"], used=0), new]
    return summed(pd.concat(parts), read)


def summed(counts: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """One row a table and file, in the types of other counts."""
    sums = counts.groupby(["table", "file"], sort=False, as_index=False).sum()
    typed: pd.DataFrame = sums.astype(like.dtypes.to_dict())
    return typed
