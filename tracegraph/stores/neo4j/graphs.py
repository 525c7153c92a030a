"""A graph into a load, and out of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracegraph.model.schemas import TABLES
from tracegraph.stores.appending import new_rows
from tracegraph.stores.neo4j.connection import rows
from tracegraph.stores.neo4j.layout import NODES, THINGS, keys_of
from tracegraph.stores.neo4j.reading import Stored, table
from tracegraph.stores.neo4j.writing import Batch, batches
from tracegraph.stores.saved import Saved, Settings
from tracegraph.stores.saved_trace import as_arrow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa
    from neo4j import ManagedTransaction

    from tracegraph.stores.neo4j.loads import Load

MOST_AT_ONCE = 50_000
"""New rows that are appended in one transaction: more would fill the heap of a small server."""

_TOLD = (
    "MERGE (t:Table {load: $load, name: r[0]}) SET t.schema = r[1], t.keys = r[2], t.rows = r[3]"
)


def whole(saved: Saved) -> Iterator[Batch]:
    """Everything that writes a graph into a load that is new."""
    tables = {**saved.tables, **_account(saved)}
    keys = {name: keys_of(name, data.schema) for name, data in tables.items()}
    yield from batches(tables)
    yield _told(tables, keys)


def _account(saved: Saved) -> dict[str, pa.Table]:
    return {"rejects": as_arrow(saved.rejects), "counts": as_arrow(saved.counts)}


def _told(tables: Mapping[str, pa.Table], keys: Mapping[str, Mapping[str, str]]) -> Batch:
    """Names, types and numbers of rows of tables."""
    told = [
        [name, data.schema.serialize().to_pybytes(), list(keys[name].values()), data.num_rows]
        for name, data in tables.items()
    ]
    return Batch(text=_TOLD, rows=told)


def stored(transaction: ManagedTransaction, load: str) -> dict[str, Stored]:
    """Tables that stand in a load."""
    text = "MATCH (t:Table {load: $load}) RETURN t.name, t.schema, t.keys, t.rows"
    return {row[0]: Stored.of(*row) for row in rows(transaction, text, load=load)}


def read(transaction: ManagedTransaction, load: Load) -> Saved:
    """Graph of a load."""
    there = stored(transaction, load.id)
    tables = {name: table(transaction, load.id, of) for name, of in there.items()}
    return Saved(
        tables={name: tables[name] for name in TABLES if name in tables},
        rejects=tables["rejects"].to_pandas(),
        counts=tables["counts"].to_pandas(),
        settings=Settings.from_json(load.settings),
    )


def more(before: Saved, after: Saved, there: Mapping[str, Stored]) -> list[Batch] | None:
    """Everything that makes one graph of a load into another; None if it is too much.

    It is too much if it is many rows, or if more than rows has changed.
    """
    old = {**before.tables, "rejects": as_arrow(before.rejects)}
    new = {**after.tables, "rejects": as_arrow(after.rejects)}
    added = {
        name: data if name not in old else new_rows(old[name], data) for name, data in new.items()
    }
    rows_of = {name: data for name, data in added.items() if data is not None}
    number = sum(data.num_rows for data in rows_of.values())
    if len(rows_of) < len(added) or number > MOST_AT_ONCE or _tell_again(after.tables):
        return None
    counts = {"counts": as_arrow(after.counts)}
    known = {name: there[name].keys for name in old}
    before_rows = {name: there[name].rows for name in old}
    return [
        Batch(text=f"MATCH (n:{NODES['counts'].label} {{load: $load}}) DELETE n", rows=[None]),
        *batches({**rows_of, **counts}, before=before_rows, known=known, is_new=False),
        _told({**new, **counts}, _keys({**new, **counts}, known)),
        Batch(
            text="MATCH (l:Load:Tracegraph {id: $load}) SET l.settings = r",
            rows=[after.settings.to_json()],
        ),
    ]


def _keys(
    tables: Mapping[str, pa.Table], known: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    return {name: keys_of(name, data.schema, known.get(name)) for name, data in tables.items()}


def _tell_again(tables: Mapping[str, pa.Table]) -> bool:
    """Whether several rows tell of one person, place or area: nodes would have to change."""
    return any(
        len(tables[name][things.column].unique()) < tables[name].num_rows
        for name, things in THINGS.items()
        if name in tables
    )
