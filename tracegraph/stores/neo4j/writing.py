"""Tables into Neo4j: batches of rows, each a statement whose text holds names of ours only.

A statement creates and never merges: each batch is a transaction that its writer knows to be its
own (`loads`), and that is done again only after it was undone. MERGE by key under a
constraint took 1.3 to 1.8 times as long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tracegraph.errors import StoreError
from tracegraph.stores.neo4j.cells import is_moment, values_of
from tracegraph.stores.neo4j.layout import (
    LONGEST,
    MORE,
    NODES,
    THINGS,
    TIES,
    UNPLACED,
    Link,
    Nodes,
    Things,
    Ties,
    columns_of,
    keys_of,
    own,
    times_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from neo4j import ManagedTransaction

BATCH = 10_000
"""Rows of a transaction: some megabytes of the server's heap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows for one statement.

    Parameters
    ----------
    text : str
        Begins after ``UNWIND $rows AS r``; `$load` and `$zone` are given too.
    rows : list
    makes : str, optional
        Counter of the driver that must then be the number of rows: a row that found no node
        would else vanish without a word.
    given : dict, optional
        Further parameters.
    """

    text: str
    rows: list[Any]
    makes: str | None = None
    given: dict[str, Any] | None = None

    def run(self, transaction: ManagedTransaction, **given: Any) -> None:  # noqa: ANN401
        """Write the rows.

        Raises
        ------
        StoreError
            If not all could be written.
        """
        text = f"UNWIND $rows AS r {self.text}"
        summary = transaction.run(
            text, {**(self.given or {}), **given, "rows": self.rows}
        ).consume()
        if self.makes and getattr(summary.counters, self.makes) != len(self.rows):
            message = (
                "nodes of this save were removed by somebody else; nothing was changed.\n"
                "    Save again."
            )
            raise StoreError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of a table on their way: where they stand in it, and what each column is called."""

    table: str
    data: pa.Table
    at: pa.Array
    keys: Mapping[str, str]

    def where(self, mask: pa.Array | pa.ChunkedArray) -> Rows:
        """Some of them."""
        mask = pc.fill_null(mask, fill_value=False)
        return self._with(self.data.filter(mask), self.at.filter(_combined(mask)))

    def slices(self) -> Iterator[Rows]:
        """All of them, as many at a time as a batch holds."""
        for i in range(0, self.data.num_rows, BATCH):
            yield self._with(self.data.slice(i, BATCH), self.at.slice(i, BATCH))

    def _with(self, data: pa.Table, at: pa.Array) -> Rows:
        return Rows(table=self.table, data=data, at=at, keys=self.keys)


def _combined(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def batches(
    tables: Mapping[str, pa.Table],
    *,
    before: Mapping[str, int] | None = None,
    known: Mapping[str, Mapping[str, str]] | None = None,
    is_new: bool = True,
    trace: str | None = None,
) -> Iterator[Batch]:
    """Everything that writes tables: nodes first, then what stands between them.

    Parameters
    ----------
    tables : mapping of str to pyarrow.Table
    before : mapping of str to int, optional
        Rows of each table that are there already.
    known : mapping of str to mapping, optional
        Properties for columns of tables that are there already.
    is_new : bool
        Whether nothing can be there; else nodes are merged by their ids.
    trace : str, optional
        Name of the trace whose tables they are.
    """
    before, known = before or {}, known or {}
    verb = "CREATE" if is_new else "MERGE"
    given = {
        name: Rows(
            table=name,
            data=data,
            at=pa.array(np.arange(data.num_rows) + before.get(name, 0)),
            keys=keys_of(name, data.schema, known.get(name)),
        )
        for name, data in tables.items()
    }
    told = {name: _told(given[name]) for name in THINGS if name in given}
    for name, things in THINGS.items():
        yield from _things(things, told.get(name), verb)
        yield from _bare(things, name, tables, verb)
    for name, rows in told.items():
        yield from _links_of_things(THINGS[name], rows)
        yield from _several(THINGS[name], given[name])
    for name, rows in given.items():
        if name in NODES:
            yield from _nodes(NODES[name], rows)
        elif name in TIES:
            yield from _ties(TIES[name], rows, trace)


# ---- persons, places, areas


def _told(rows: Rows) -> Rows:
    """One row a person, place or area: without position where several tell of it."""
    column = THINGS[rows.table].column
    several = _told_of_severally(rows.data[column])
    once, more = rows.where(pc.invert(several)), rows.where(several)
    if not more.data.num_rows:
        return rows
    first = _first_values(more.data, column)
    at = pa.concat_arrays([once.at, pa.nulls(first.num_rows, once.at.type)])
    return Rows(table=rows.table, data=pa.concat_tables([once.data, first]), at=at, keys=rows.keys)


def _told_of_severally(ids: pa.ChunkedArray) -> pa.Array:
    counted = ids.value_counts()
    often = counted.field("values").filter(pc.greater(counted.field("counts"), 1))
    return _combined(pc.is_in(ids, value_set=often))


def _first_values(data: pa.Table, column: str) -> pa.Table:
    """First value of each column for each id, as graphs read these tables."""
    frame = data.select([column]).to_pandas()
    groups = frame.groupby(column, sort=False).indices
    picked = {}
    for field in data.schema:
        given = _combined(data[field.name]).is_valid().to_numpy(zero_copy_only=False)
        at = [next((int(i) for i in rows if given[i]), None) for rows in groups.values()]
        picked[field.name] = _combined(data[field.name]).take(pa.array(at, pa.int64()))
    return pa.table(picked, schema=data.schema)


def _things(things: Things, rows: Rows | None, verb: str) -> Iterator[Batch]:
    if rows is None:
        return
    cells = Cells.of(rows, first=2, without=(things.column,))
    node = f"(n:{things.label} {{load: $load, id: r[1]}})"
    text = f"{verb} {node} SET n.row = r[0]{cells.set('n')}{cells.add('n')}"
    for part in rows.slices():
        yield Batch(text=text, rows=cells.rows(part, [part.data[things.column]]))


def _bare(things: Things, name: str, tables: Mapping[str, pa.Table], verb: str) -> Iterator[Batch]:
    """Nodes for ids that other tables name."""
    named = _named(things.label, tables)
    _check_length(named, things.label)
    if name in tables and named is not None:
        told = tables[name][things.column]
        named = named.filter(pc.invert(pc.is_in(named, value_set=_combined(told))))
    ids = [] if named is None else named.to_pylist()
    text = f"{verb} (n:{things.label} {{load: $load, id: r}})"
    for i in range(0, len(ids), BATCH):
        yield Batch(text=text, rows=ids[i : i + BATCH])


def _check_length(ids: pa.Array | None, label: str) -> None:
    if ids is None or pa.types.is_integer(ids.type):
        return
    longest = pc.max(pc.binary_length(ids)).as_py() or 0
    if longest > LONGEST:
        message = (
            f"an id of a {label.lower()} has {longest:,} bytes; Neo4j finds {LONGEST:,} at most."
            "\n    Shorten it, or save to a file: county.duckdb."
        )
        raise StoreError(message)


def _named(label: str, tables: Mapping[str, pa.Table]) -> pa.Array | None:
    columns = [
        _combined(pc.unique(data[column]))
        for name, data in tables.items()
        for column in columns_of(label, name)
        if column in data.column_names
    ]
    columns = [column for column in columns if len(column) > column.null_count]
    return pc.unique(pa.concat_arrays(columns)).drop_null() if columns else None


def _links_of_things(things: Things, rows: Rows) -> Iterator[Batch]:
    for link in things.links:
        if link.column not in rows.data.column_names:
            continue
        linked = rows.where(pc.is_valid(rows.data[link.column]))
        text = (
            f"MATCH (n:{things.label} {{load: $load, id: r[0]}}), "
            f"(m:{link.label} {{load: $load, id: r[1]}}) "
            f"CREATE (n)-[:{link.type} {{load: $load}}]->(m)"
        )
        for part in linked.slices():
            pairs = zip(
                *(part.data[c].to_pylist() for c in (things.column, link.column)), strict=True
            )
            yield Batch(text=text, rows=list(map(list, pairs)), makes="relationships_created")


def _several(things: Things, rows: Rows) -> Iterator[Batch]:
    """Rows of which several tell of one: nodes of their own."""
    more = rows.where(_told_of_severally(rows.data[things.column]))
    cells = Cells.of(more, first=2, without=(things.column,))
    text = (
        f"MATCH (m:{things.label} {{load: $load, id: r[1]}}) "
        f"CREATE (m)-[:{MORE} {{load: $load}}]->(n:{things.record} "
        f"{{load: $load, row: r[0], id: r[1]{cells.inside}}}){cells.add('n')}"
    )
    for part in more.slices():
        named = [part.data[things.column]]
        yield Batch(text=text, rows=cells.rows(part, named), makes="nodes_created")


# ---- rows that are nodes


def _nodes(nodes: Nodes, rows: Rows) -> Iterator[Batch]:
    cells = Cells.of(rows, first=1)
    links = [link for link in nodes.links if link.column in rows.data.column_names]
    text = f"CREATE (n:{nodes.label} {{load: $load, row: r[0]{cells.inside}}}){cells.add('n')}"
    text += "".join(_link(link, cells.after + i) for i, link in enumerate(links))
    for part in rows.slices():
        named = [part.data[link.column] for link in links]
        yield Batch(text=text, rows=cells.rows(part, after=named), makes="nodes_created")


def _link(link: Link, at: int) -> str:
    """Clauses that link a row's node `n` to whom or what it names, if it does."""
    ends = ("m", "n") if link.is_inward else ("n", "m")
    case = " SET m:Case" if link.type == "HAS_RECORD" else ""
    return (
        f" WITH n, r OPTIONAL MATCH (o:{link.label} {{load: $load, id: r[{at}]}})"
        f" FOREACH (m IN CASE WHEN o IS NULL THEN [] ELSE [o] END |"
        f" CREATE ({ends[0]})-[:{link.type} {{load: $load}}]->({ends[1]}){case})"
    )


# ---- rows that are relationships


def _ties(ties: Ties, rows: Rows, trace: str | None) -> Iterator[Batch]:
    ends = [end for end in (ties.start, ties.end) if end[1]]
    columns = [column for _, column in ends]
    cells = Cells.of(rows, first=1 + len(ends), without=columns)
    given = {} if trace is None else {"trace": trace}
    own_key = "load: $load, row: r[0]" + (", trace: $trace" if given else "")
    for part, present in _by_presence(rows, columns):
        text = (
            f"MATCH {_ends(ties, present)} "
            f"CREATE (a)-[x:{ties.type} {{{own_key}{cells.inside}}}]->(b){cells.add('x')}"
        )
        for piece in part.slices():
            named = [_ids(piece, column) for column in columns]
            yield Batch(
                text=text, rows=cells.rows(piece, named), makes="relationships_created", given=given
            )


def _by_presence(rows: Rows, columns: list[str]) -> Iterator[tuple[Rows, dict[str, bool]]]:
    """Rows that name both ends, and rows that lack one or both."""
    given = {column: _combined(pc.is_valid(_ids(rows, column))) for column in columns}
    for number in range(2 ** len(columns)):
        present = {column: not number >> i & 1 for i, column in enumerate(columns)}
        mask = pa.array(np.ones(rows.data.num_rows, bool))
        for column, is_given in present.items():
            mask = pc.and_(mask, given[column] if is_given else pc.invert(given[column]))
        part = rows.where(mask)
        if part.data.num_rows:
            yield part, present


def _ids(rows: Rows, column: str) -> pa.ChunkedArray:
    if column in rows.data.column_names:
        return rows.data[column]
    return pa.chunked_array([pa.nulls(rows.data.num_rows)])


def _ends(ties: Ties, present: Mapping[str, bool]) -> str:
    found, at = [], 1
    for sign, (label, column) in zip("ab", (ties.start, ties.end), strict=True):
        if not column:
            found.append(f"({sign}:{label} {{load: $load, name: $trace}})")
            continue
        match = f"({sign}:{label} {{load: $load, id: r[{at}]}})"
        lone = f"({sign}:{UNPLACED} {{load: $load, name: '{UNPLACED}'}})"
        found.append(match if present[column] else lone)
        at += 1
    return ", ".join(found)


# ---- properties of rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """How the cells of a row become properties.

    Parameters
    ----------
    fields : dict of str to pyarrow.Field
        Columns whose properties stand in the text by name, by that name.
    odd : dict of str to str
        Columns of others, by the name of the property, which may be anything: they go as a
        map in the cell after the named ones.
    moments : frozenset of str
        Properties that are moments.
    first : int
        Place of the first named cell.
    """

    fields: dict[str, pa.Field]
    odd: dict[str, str]
    moments: frozenset[str]
    first: int

    @classmethod
    def of(cls, rows: Rows, *, first: int, without: Iterable[str] = ()) -> Cells:
        """Cells of a table but for columns that nodes stand for."""
        ours, times = own(rows.table), times_of(rows.table)
        kept = {rows.keys[f.name]: f for f in rows.data.schema if f.name not in without}
        fields = {key: field for key, field in kept.items() if key in ours}
        return cls(
            fields=fields,
            odd={key: field.name for key, field in kept.items() if key not in ours},
            moments=frozenset(k for k, f in fields.items() if k in times and is_moment(f.type)),
            first=first,
        )

    @property
    def inside(self) -> str:
        """Properties for the braces of a pattern."""
        return "".join(f", `{key}`: {cell}" for key, cell in self._expressions())

    def set(self, sign: str) -> str:
        """Properties for a SET."""
        return "".join(f", {sign}.`{key}` = {cell}" for key, cell in self._expressions())

    def add(self, sign: str) -> str:
        """A SET for the properties of others."""
        return f" SET {sign} += r[{self.first + len(self.fields)}]" if self.odd else ""

    @property
    def after(self) -> int:
        """Place of the first cell behind those of the row."""
        return self.first + len(self.fields) + 1

    def _expressions(self) -> Iterator[tuple[str, str]]:
        for at, (key, field) in enumerate(self.fields.items(), self.first):
            if key not in self.moments:
                yield key, f"r[{at}]"
                continue
            moment = f"datetime({{epochSeconds: r[{at}], timezone: $zone}})"
            if field.type.tz is None:
                moment = f"localdatetime(datetime({{epochSeconds: r[{at}]}}))"
            yield key, f"CASE WHEN r[{at}] IS NULL THEN null ELSE {moment} END"

    def rows(
        self,
        part: Rows,
        before: Iterable[pa.ChunkedArray] = (),
        after: Iterable[pa.ChunkedArray] = (),
    ) -> list[list[Any]]:
        """Rows for the driver: position, ids, named cells, a map, more ids."""
        cells = [
            values_of(part.data[field.name], as_moment=key in self.moments)
            for key, field in self.fields.items()
        ]
        leading = [part.at.to_pylist(), *(column.to_pylist() for column in before)]
        trailing = [column.to_pylist() for column in after]
        columns = (*leading, *cells, self._maps(part), *trailing)
        return list(map(list, zip(*columns, strict=True)))

    def _maps(self, part: Rows) -> list[dict[str, Any] | None]:
        if not self.odd:
            return [None] * part.data.num_rows
        cells = (values_of(part.data[column], as_moment=False) for column in self.odd.values())
        return [dict(zip(self.odd, row, strict=True)) for row in zip(*cells, strict=True)]
