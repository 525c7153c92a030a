"""How graph and traces stand in a DuckDB file.

Each table of the graph is a table of that name, each table of a trace one for all traces:
`trace_tiers`, `trace_exposures` and `trace_venue_contacts`, whose column `trace` names it. The
schema `tracegraph` holds what they do not say: `about` (format and settings), `tables` (the
names and types of their columns), `traces`, `rejects` and `counts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from tracegraph.errors import StoreError
from tracegraph.model.schemas import TABLES
from tracegraph.stores.saved import Saved, Settings
from tracegraph.stores.saved_trace import FRAMES, as_arrow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

MIGRATIONS: tuple[Callable[[DuckDBPyConnection], None], ...] = ()
"""The first leads from format 1 to format 2, and so on; each runs once in the life of a file."""

_ARRIVING = "tracegraph_arriving"
_LAYOUT = (
    "CREATE SCHEMA tracegraph",
    "CREATE TABLE tracegraph.about (key VARCHAR, value VARCHAR)",
    "CREATE TABLE tracegraph.tables (trace VARCHAR, name VARCHAR, columns VARCHAR[], types BLOB)",
    "CREATE TABLE tracegraph.traces (name VARCHAR, protocol VARCHAR, as_of TIMESTAMPTZ, "
    "created TIMESTAMPTZ, saved_by VARCHAR, tiers BIGINT, exposures BIGINT, "
    "venue_contacts BIGINT, zone VARCHAR, toml VARCHAR)",
)
_ACCOUNT = ("rejects", "counts")


def newest() -> int:
    """Format that this version writes."""
    return 1 + len(MIGRATIONS)


# ---- whose file it is, and of which format


def lay_out(con: DuckDBPyConnection) -> None:
    """Make the tables that every file has."""
    for statement in _LAYOUT:
        con.execute(statement)
    set_about(con, "format", "1")
    _migrate(con, 1)


def prepare(con: DuckDBPyConnection, path: Path) -> None:
    """Bring a file to the newest format, or lay out an empty one.

    Raises
    ------
    StoreError
        As `format_of`.
    """
    number = format_of(con, path)
    if number == 0:
        lay_out(con)
    else:
        _migrate(con, number)


def _migrate(con: DuckDBPyConnection, number: int) -> None:
    for step in MIGRATIONS[number - 1 :]:
        step(con)
    if number < newest():
        set_about(con, "format", str(newest()))


def format_of(con: DuckDBPyConnection, path: Path) -> int:
    """Number of the format of a file; 0 where nothing stands in it.

    Raises
    ------
    StoreError
        If others made the file, or a later version of tracegraph.
    """
    found = rows(con, "SELECT schema_name, table_name FROM duckdb_tables()")
    if ("tracegraph", "about") not in found:
        if found or rows(con, "SELECT 1 FROM duckdb_views() WHERE NOT internal"):
            message = (
                f"{path.name} holds tables that tracegraph did not save; it is left as it is.\n"
                "    Pass another path."
            )
            raise StoreError(message)
        return 0
    number = int(about(con, "format") or 0)
    if number > newest():
        message = (
            f"{path.name} is of format {number}; this version reads up to {newest()}. It is left "
            "as it is.\n    Update it: pip install --upgrade tracegraph."
        )
        raise StoreError(message)
    return number


def rows(con: DuckDBPyConnection, query: str, *values: object) -> list[Any]:
    """All rows of a query."""
    return con.sql(query, params=list(values)).fetchall()


def about(con: DuckDBPyConnection, key: str) -> str | None:
    """Value of a setting; None if there is none."""
    found = rows(con, "SELECT value FROM tracegraph.about WHERE key = ?", key)
    return found[0][0] if found else None


def set_about(con: DuckDBPyConnection, key: str, value: str) -> None:
    """Put a setting in the place of the one that is there."""
    con.execute("DELETE FROM tracegraph.about WHERE key = ?", [key])
    con.execute("INSERT INTO tracegraph.about VALUES (?, ?)", [key, value])


# ---- names


def quoted(name: str) -> str:
    """Name of a column for a statement.

    Examples
    --------
    >>> print(quoted('a" FROM persons; DROP TABLE persons; --'))
    "a"" FROM persons; DROP TABLE persons; --"
    """
    return '"' + name.replace('"', '""') + '"'


def stored_names(names: Iterable[str], known: Mapping[str, str] | None = None) -> list[str]:
    r"""Names of columns as DuckDB can have them: printable, and unlike in more than case.

    Examples
    --------
    >>> stored_names(["Note", "note", "a\0b", ""])
    ['Note', 'note_2', 'a_b', 'column']
    """
    known = known or {}
    taken = {name.casefold() for name in known.values()}
    stored = []
    for name in names:
        new = known.get(name) or _free(name, taken)
        taken.add(new.casefold())
        stored.append(new)
    return stored


def _free(name: str, taken: set[str]) -> str:
    plain = "".join(sign if sign.isprintable() else "_" for sign in name) or "column"
    new, number = plain, 2
    while new.casefold() in taken:
        new, number = f"{plain}_{number}", number + 1
    return new


def _place(name: str) -> str:
    """Where a table stands: all are names of ours."""
    if name in FRAMES:
        return f"main.trace_{name}"
    return f"tracegraph.{name}" if name in _ACCOUNT else f"main.{name}"


# ---- one table


def put(con: DuckDBPyConnection, name: str, table: pa.Table, trace: str | None = None) -> None:
    """Make a table of the graph; or put that of a trace beside those of others.

    Raises
    ------
    StoreError
        If there is a table of that name which is none of ours.
    """
    whole = table if trace is None else _of_trace(table, trace)
    if trace is not None and is_listed(con, name):
        names = add(con, name, whole)
    else:
        names = _create(con, name, whole)
    _list(con, name, table, names[-table.num_columns :], trace)


def _of_trace(table: pa.Table, trace: str) -> pa.Table:
    return table.add_column(0, "trace", pa.repeat(pa.scalar(trace), table.num_rows))


def _create(con: DuckDBPyConnection, name: str, table: pa.Table) -> list[str]:
    names = stored_names(table.column_names)
    con.register(_ARRIVING, table.rename_columns(names))
    try:
        con.execute(f"CREATE TABLE {_place(name)} AS SELECT * FROM {_ARRIVING}")  # noqa: S608
    except duckdb.CatalogException as error:
        table_name = _place(name).removeprefix("main.")
        message = (
            f"the file holds a table {table_name} that tracegraph did not save; nothing was "
            f"changed.\n    Rename it: ALTER TABLE {table_name} RENAME TO another_name."
        )
        raise StoreError(message) from error
    con.unregister(_ARRIVING)
    return names


def _list(
    con: DuckDBPyConnection, name: str, table: pa.Table, names: list[str], trace: str | None = None
) -> None:
    """Note how the columns of a table are called, and their types, for whoever reads it."""
    con.execute(
        "DELETE FROM tracegraph.tables WHERE name = ? AND trace IS NOT DISTINCT FROM ?",
        [name, trace],
    )
    types = table.schema.serialize().to_pybytes()
    con.execute("INSERT INTO tracegraph.tables VALUES (?, ?, ?, ?)", [trace, name, names, types])


def drop(con: DuckDBPyConnection, name: str) -> None:
    """Forget a table of the graph."""
    con.execute(f"DROP TABLE IF EXISTS {_place(name)}")
    con.execute("DELETE FROM tracegraph.tables WHERE name = ? AND trace IS NULL", [name])


def drop_trace(con: DuckDBPyConnection, name: str, trace: str) -> None:
    """Forget the rows of a trace; the table too, if no other trace has any."""
    con.execute(f"DELETE FROM {_place(name)} WHERE trace = ?", [trace])  # noqa: S608  # a name of ours
    con.execute("DELETE FROM tracegraph.tables WHERE name = ? AND trace = ?", [name, trace])
    if not is_listed(con, name):
        con.execute(f"DROP TABLE {_place(name)}")


def is_listed(con: DuckDBPyConnection, name: str) -> bool:
    """Whether a table of the graph, or of any trace, is in the file."""
    return bool(rows(con, "SELECT 1 FROM tracegraph.tables WHERE name = ?", name))


def add(
    con: DuckDBPyConnection, name: str, table: pa.Table, known: Mapping[str, str] | None = None
) -> list[str]:
    """Add rows to a table, which gets the columns that it lacks; the names of the columns.

    A column of integers into which texts come becomes one of texts.
    """
    names = stored_names(table.column_names, known)
    con.register(_ARRIVING, table.rename_columns(names))
    place = _place(name)
    here, new = _types(con, place), _types(con, _ARRIVING)
    for column, kind in new.items():
        if column not in here:
            con.execute(f"ALTER TABLE {place} ADD COLUMN {quoted(column)} {kind}")
        elif here[column] != kind:
            con.execute(f"ALTER TABLE {place} ALTER {quoted(column)} TYPE VARCHAR")
    con.execute(f"INSERT INTO {place} BY NAME SELECT * FROM {_ARRIVING}")  # noqa: S608  # names of ours
    con.unregister(_ARRIVING)
    return names


def _types(con: DuckDBPyConnection, place: str) -> dict[str, str]:
    none = con.sql(f"SELECT * FROM {place} LIMIT 0")  # noqa: S608  # a name of ours
    return dict(zip(none.columns, map(str, none.types), strict=True))


def get(con: DuckDBPyConnection, name: str, trace: str | None = None) -> pa.Table:
    """Table of the graph or of a trace, with the types that it had."""
    columns, types = rows(
        con,
        "SELECT columns, types FROM tracegraph.tables "
        "WHERE name = ? AND trace IS NOT DISTINCT FROM ?",
        name,
        trace,
    )[0]
    which = "" if trace is None else " WHERE trace = ?"
    query = f"SELECT {', '.join(map(quoted, columns))} FROM {_place(name)}{which}"  # noqa: S608  # quoted
    found = con.sql(query, params=[] if trace is None else [trace]).to_arrow_table()
    schema = pa.ipc.read_schema(pa.py_buffer(types))
    try:
        cast = [found.column(i).cast(field.type) for i, field in enumerate(schema)]
    except pa.ArrowInvalid as error:
        message = (
            f"{name} was changed by hand into what its columns never held.\n"
            "    Undo that, or save the graph again."
        )
        raise StoreError(message) from error
    return pa.table(cast, schema=schema)


# ---- the graph


def put_graph(con: DuckDBPyConnection, saved: Saved) -> None:
    """Put a graph in the place of the one that is there."""
    for name in _listed(con):
        drop(con, name)
    for name, table in saved.tables.items():
        put(con, name, table)
    _put_account(con, saved)


def _listed(con: DuckDBPyConnection) -> list[str]:
    """Tables of the graph that stand in the file."""
    found = rows(con, "SELECT name FROM tracegraph.tables WHERE trace IS NULL")
    return [name for (name,) in found]


def _put_account(con: DuckDBPyConnection, saved: Saved) -> None:
    for name, frame in (("rejects", saved.rejects), ("counts", saved.counts)):
        drop(con, name)
        put(con, name, as_arrow(frame))
    set_about(con, "settings", saved.settings.to_json())


def put_rows(con: DuckDBPyConnection, saved: Saved, new: Mapping[str, pa.Table | None]) -> None:
    """Make the graph that is there into another, of which it holds all but some new rows.

    Parameters
    ----------
    con : DuckDBPyConnection
    saved : Saved
        The graph that shall be.
    new : mapping of str to pyarrow.Table
        New rows of each table; None where the table has to be made anew.
    """
    for name, added in new.items():
        if added is None:
            drop(con, name)
            put(con, name, saved.tables[name])
        elif added.num_rows or added.num_columns:
            names = add(con, name, added, _stored(con, name))
            _list(con, name, added, names)
    _put_account(con, saved)


def _stored(con: DuckDBPyConnection, name: str) -> dict[str, str]:
    """Names of the columns of a table in the file, by those that they have in the graph."""
    columns, types = rows(
        con, "SELECT columns, types FROM tracegraph.tables WHERE name = ? AND trace IS NULL", name
    )[0]
    return dict(zip(pa.ipc.read_schema(pa.py_buffer(types)).names, columns, strict=True))


def get_graph(con: DuckDBPyConnection, path: Path) -> Saved:
    """Graph that stands in a file.

    Raises
    ------
    StoreError
        If there is none.
    """
    settings = about(con, "settings")
    if settings is None:
        raise no_graph(path)
    listed = set(_listed(con))
    return Saved(
        tables={name: get(con, name) for name in TABLES if name in listed},
        rejects=get(con, "rejects").to_pandas(),
        counts=get(con, "counts").to_pandas(),
        settings=Settings.from_json(settings),
    )


def no_graph(path: Path) -> StoreError:
    """Error for a file into which no graph was saved."""
    return StoreError(
        f"{path.name} holds no graph.\n    Save one first: graph.save({path.name!r})."
    )


def holds_graph(con: DuckDBPyConnection) -> bool:
    """Whether a graph was saved."""
    return about(con, "settings") is not None
