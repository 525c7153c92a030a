"""Whether two graphs say the same: what differs, by table and column, never with a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracegraph.model.calendar import BEFORE, NEVER
from tracegraph.model.reading.spelling import spelled
from tracegraph.model.schemas import TABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from tracegraph.model.facts import Ticks
    from tracegraph.model.graph import TraceGraph
    from tracegraph.model.reading.tables import Table
    from tracegraph.model.reading.words import Words

COLUMNS = ("table", "column", "kind", "count")


def differences(one: TraceGraph, other: TraceGraph) -> pd.DataFrame:
    """List what two graphs do not have in common, one row a table, column and kind."""
    found = [*_settings(one, other), *_findings(one, other)]
    for name in TABLES:
        found += [(name, *row) for row in _of_table(one, other, name)]
    frame = pd.DataFrame(found, columns=list(COLUMNS))
    return frame.astype(dict.fromkeys(COLUMNS[:3], "str") | {"count": "int64"})


def _settings(one: TraceGraph, other: TraceGraph) -> Iterator[tuple[str, str, str, int]]:
    if one.tz != other.tz:
        yield "", "", "time zone", 1
    if _as_of(one) != _as_of(other):
        yield "", "", "as of", 1


def _as_of(graph: TraceGraph) -> int | None:
    return None if graph.as_of_second is None else graph.as_of_second + graph.calendar.epoch


def _findings(one: TraceGraph, other: TraceGraph) -> Iterator[tuple[str, str, str, int]]:
    for name in TABLES:
        counts = [_counted(graph, name) for graph in (one, other)]
        if counts[0] != counts[1]:
            yield name, "", "counts", 1
        rejects = [graph.rejects[graph.rejects["table"] == name] for graph in (one, other)]
        if number := _rows_apart(*rejects):
            yield name, "", "rejects", number


def _counted(graph: TraceGraph, table: str) -> list[int]:
    """Rows, used and rejected of a table over all its files."""
    counts = graph.counts[graph.counts["table"] == table]
    return counts[["rows", "used", "rejected"]].sum().tolist()


def _rows_apart(one: pd.DataFrame, other: pd.DataFrame) -> int:
    if len(one) != len(other):
        return abs(len(one) - len(other))
    apart = np.zeros(len(one), bool)
    for column in one.columns.drop("file"):
        apart |= _apart(spelled(one[column]), spelled(other[column]))
    return int(apart.sum())


def _of_table(one: TraceGraph, other: TraceGraph, name: str) -> Iterator[tuple[str, str, int]]:
    """Column, kind of difference and number of rows; a column without a value is no column."""
    if (name in one.tables) != (name in other.tables):
        yield "", "table", 1
        return
    if name not in one.tables:
        return
    tables = written(one)[name], written(other)[name]
    if len(tables[0]) != len(tables[1]):
        yield "", "rows", abs(len(tables[0]) - len(tables[1]))
        return
    for column in dict.fromkeys([*tables[0].frame.columns, *tables[1].frame.columns]):
        kind = _kind(*tables, column)
        values = [_values(graph, name, column, kind) for graph in (one, other)]
        if number := int(_apart(*values).sum()):
            yield column, kind, number
    known = [_seconds(graph, written(graph)[name].known) for graph in (one, other)]
    if number := int(_apart(*known).sum()):
        yield "", "known", number


def _kind(one: Table, other: Table, column: str) -> str:
    if column in one.codes or column in other.codes:
        return "ids"
    if column in one.lo or column in other.lo:
        return "times"
    return "words" if column in one.words or column in other.words else "values"


def _values(graph: TraceGraph, name: str, column: str, kind: str) -> pa.Array:
    """Values of a column that mean the same in every graph: ids, seconds of the epoch, words."""
    table = written(graph)[name]
    if kind == "ids":
        return named(graph, name, column)
    if kind == "times":
        bounds = _seconds(graph, table.early(column)), _seconds(graph, table.late(column))
        return pa.StructArray.from_arrays(bounds, ["lo", "hi"])
    if kind == "words":
        return worded(table.word(column))
    if column not in table.frame:
        return pa.nulls(len(table), pa.large_string())
    return spelled(table.frame[column])


def written(graph: TraceGraph) -> dict[str, Table]:
    """Tables that were passed, each id as written: who is whom, a later row may tell."""
    return graph.written


def ids_of(graph: TraceGraph) -> dict[str, pd.Index[Any]]:
    """Ids of each kind, in the order of their codes."""
    return {"person": graph.person_ids, "location": graph.location_ids, "area": graph.area_ids}


def named(graph: TraceGraph, name: str, column: str) -> pa.Array:
    """Ids in a column of a table: texts or integers, null for none."""
    ids = ids_of(graph)[next(c.role for c in TABLES[name].columns if c.name == column)]
    codes = written(graph)[name].code(column)
    kind = pa.int64() if pd.api.types.is_integer_dtype(ids.dtype) else pa.large_string()
    return pa.array(ids, type=kind).take(pa.array(codes, mask=codes < 0))


def worded(words: Words) -> pa.Array:
    """Words of the rows; null for none."""
    values = pa.array(words.values, type=pa.large_string())
    return values.take(pa.array(words.codes, mask=words.codes < 0))


def _seconds(graph: TraceGraph, ticks: Ticks) -> pa.Array:
    """Seconds of the epoch; missing where there is no time, least where always known."""
    seconds = ticks.astype(np.int64) + graph.calendar.epoch
    return pa.array(np.where(ticks == BEFORE, np.iinfo(np.int64).min, seconds), mask=ticks == NEVER)


def _apart(one: pa.Array, other: pa.Array) -> npt.NDArray[Any]:
    """Rows that differ; two missing values are equal, a text and a number are not."""
    if pa.types.is_struct(one.type) and pa.types.is_struct(other.type):
        return np.asarray(
            _apart(one.field(0), other.field(0)) | _apart(one.field(1), other.field(1))
        )
    given, also = one.is_valid(), other.is_valid()
    if one.type != other.type:
        return _flags(pc.or_(given, also))
    unequal = pc.fill_null(pc.not_equal(one, other), fill_value=False)
    return _flags(pc.or_(pc.xor(given, also), unequal))


def _flags(values: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(values.to_numpy(zero_copy_only=False), np.bool_)
