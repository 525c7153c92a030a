"""Tables out of Neo4j, to the letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tracegraph.errors import StoreError
from tracegraph.stores.neo4j.cells import column_of, is_moment
from tracegraph.stores.neo4j.layout import NODES, THINGS, TIES, Ties, own, times_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy.typing as npt
    from neo4j import ManagedTransaction


_HELD = 50_000
_MANY = 10_000
"""Rows from which they are read person by person, which was 1.3 to 1.7 times as fast."""


class ChangedMeanwhileError(Exception):
    """The load was replaced, or got more rows, while it was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What is told of a table that stands in Neo4j.

    Parameters
    ----------
    name : str
    schema : pyarrow.Schema
    keys : dict of str to str
        Properties for its columns.
    rows : int
    """

    name: str
    schema: pa.Schema
    keys: dict[str, str]
    rows: int

    @classmethod
    def of(cls, name: str, schema: bytes, keys: list[str], rows: int) -> Stored:
        """As properties of a node tell it."""
        read = pa.ipc.read_schema(pa.py_buffer(schema))
        return cls(name=name, schema=read, keys=dict(zip(read.names, keys, strict=True)), rows=rows)


def table(
    transaction: ManagedTransaction, load: str, stored: Stored, trace: str | None = None
) -> pa.Table:
    """One table of a load, or of a trace of it.

    Raises
    ------
    ChangedMeanwhileError
        If it lacks rows.
    StoreError
        If it was changed by hand into what its columns never held.
    """
    columns = _Columns(stored)
    given = {"load": load, "trace": trace, "odd": columns.odd}
    positions, parts = [], []
    for text in columns.texts(of_trace=trace is not None):
        for rows in _some_at_a_time(transaction.run(text, given)):
            positions.append(np.array([row[0] for row in rows], np.int64))
            parts.append(columns.table(rows))
    return pa.concat_tables([columns.table([]), *parts]).take(_order(positions, stored))


def _some_at_a_time(result: Iterable[Any]) -> Iterator[list[list[Any]]]:
    """Rows of a query, as many as are held as objects of Python."""
    rows: list[list[Any]] = []
    for (found,) in result:
        rows += found
        if len(rows) >= _HELD:
            yield rows
            rows = []
    if rows:
        yield rows


def _order(positions: list[npt.NDArray[np.int64]], stored: Stored) -> npt.NDArray[np.int64]:
    """Places at which the rows were read, in the order of their positions."""
    at = np.concatenate([np.empty(0, np.int64), *positions])
    order = np.argsort(at, kind="stable")
    if not np.array_equal(at[order], np.arange(stored.rows)):
        raise ChangedMeanwhileError
    return order


class _Columns:
    """Where each column of a table is found in the rows of a query."""

    def __init__(self, stored: Stored) -> None:
        self.stored = stored
        self.ends = _ends(stored.name)
        ours = own(stored.name)
        plain = {f.name: stored.keys[f.name] for f in stored.schema if f.name not in self.ends}
        self.named = {column: key for column, key in plain.items() if key in ours}
        odd = {column: key for column, key in plain.items() if key not in ours}
        self.odd = list(odd.values())
        self.places = {column: i for i, column in enumerate((*self.ends, *self.named), 1)}
        self.odd_places = {column: i for i, column in enumerate(odd)}

    def texts(self, *, of_trace: bool) -> Iterator[str]:
        """Queries whose rows together are the table."""
        name = self.stored.name
        if name in TIES:
            yield self._ties(TIES[name], of_trace=of_trace)
            return
        labels = [NODES[name].label] if name in NODES else _labels(name)
        for label in labels:
            yield (
                f"MATCH (x:{label}) WHERE x.load = $load AND x.row IS NOT NULL "
                f"RETURN [[x.row{self._cells()}]]"
            )

    def _ties(self, ties: Ties, *, of_trace: bool) -> str:
        row = f"[x.row{self._cells()}]"
        if self.stored.rows >= _MANY and not of_trace:  # a record a person, not one a row
            return (
                f"MATCH (a:{ties.start[0]}) WHERE a.load = $load AND a.id IS NOT NULL "
                f"RETURN [(a)-[x:{ties.type}]->(b) WHERE x.load = $load | {row}]"
            )
        mark = " AND x.trace = $trace" if of_trace else ""
        return f"MATCH (a)-[x:{ties.type}]->(b) WHERE x.load = $load{mark} RETURN [{row}]"

    def _cells(self) -> str:
        cells = [f"{sign}.id" for sign in self.ends.values()]
        cells += [self._cell(column, key) for column, key in self.named.items()]
        if self.odd:
            cells.append("[k IN $odd | x[k]]")
        return "".join(f", {cell}" for cell in cells)

    def _cell(self, column: str, key: str) -> str:
        kind = self.stored.schema.field(column).type
        if key not in times_of(self.stored.name) or not is_moment(kind):
            return f"x.`{key}`"
        if kind.tz is not None:
            return f"x.`{key}`.epochSeconds"
        moment = f"datetime({{datetime: x.`{key}`, timezone: 'Z'}}).epochSeconds"
        return f"CASE WHEN x.`{key}` IS NULL THEN null ELSE {moment} END"

    def table(self, rows: list[list[Any]]) -> pa.Table:
        """Table of some rows of the queries."""
        cells: list[Any] = list(zip(*rows, strict=True))
        odd: list[Any] = list(zip(*cells[-1], strict=True)) if rows and self.odd else []
        columns = []
        for field in self.stored.schema:
            values: Any = ()
            if rows and field.name in self.places:
                values = cells[self.places[field.name]]
            elif rows:
                values = odd[self.odd_places[field.name]]
            columns.append(self._column(values, field))
        return pa.table(columns, schema=self.stored.schema)

    def _column(self, values: Any, field: pa.Field) -> pa.Array:  # noqa: ANN401  # a sequence
        try:
            return column_of(values, field.type)
        except (pa.ArrowException, TypeError, ValueError):
            message = (
                f"{self.stored.name} was changed by hand into what its columns never held.\n"
                "    Undo that, or save the graph again."
            )
            raise StoreError(message) from None  # words of others quote the value


def _ends(name: str) -> dict[str, str]:
    """Columns for which nodes stand, and the signs of these nodes in the query."""
    if name in TIES:
        ends = {TIES[name].start[1]: "a", TIES[name].end[1]: "b"}
        return {column: sign for column, sign in ends.items() if column}
    return {THINGS[name].column: "x"} if name in THINGS else {}


def _labels(name: str) -> list[str]:
    return [THINGS[name].label, THINGS[name].record]
