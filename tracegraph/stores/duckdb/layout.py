"""How graph and traces stand in a DuckDB file.

Each table of the graph is a table of that name, each table of a trace one for all traces:
`trace_tiers`, `trace_exposures` and `trace_venue_contacts`, whose column `trace` names it. The
schema `tracegraph` holds what they do not say: `about` (format and settings), `tables` (the
names and types of their columns), `traces`, `rejects` and `counts`.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from tracegraph.errors import StoreError, TracegraphError
from tracegraph.model.schemas import TABLES
from tracegraph.stores.saved import Saved, Settings
from tracegraph.stores.saved_trace import FRAMES, as_arrow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
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
    with as_saved(path.name):
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
    except duckdb.CatalogException:
        table_name = _place(name).removeprefix("main.")
        message = (
            f"the file holds a table {table_name} that tracegraph did not save; nothing was "
            f"changed.\n    Rename it: ALTER TABLE {table_name} RENAME TO another_name."
        )
        raise StoreError(message) from None
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
    """Forget a table of the graph.

    Raises
    ------
    StoreError
        If a column of another hand would be lost.
    """
    if foreign := _foreign(con, name):
        raise _in_the_way(name, foreign[0])
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

    Raises
    ------
    StoreError
        If there is a column of that name of another hand.
    """
    names = stored_names(table.column_names, known)
    new_names = {column.casefold() for column in names}
    for column in _foreign(con, name):
        if column.casefold() in new_names:
            raise _in_the_way(name, column)
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


def _foreign(con: DuckDBPyConnection, name: str) -> list[str]:
    """Columns of a table that tracegraph did not make; bookkeeping has none that matter."""
    if name in _ACCOUNT:
        return []
    noted = rows(con, "SELECT unnest(columns) FROM tracegraph.tables WHERE name = ?", name)
    ours = {column.casefold() for (column,) in noted} | ({"trace"} if name in FRAMES else set())
    schema, table = _place(name).split(".")
    found = rows(
        con,
        "SELECT column_name FROM duckdb_columns() WHERE database_name = current_database() "
        "AND schema_name = ? AND table_name = ? ORDER BY column_index",
        schema,
        table,
    )
    return [column for (column,) in found if column.casefold() not in ours]


def _in_the_way(name: str, column: str) -> StoreError:
    table = _place(name).removeprefix("main.")
    return StoreError(
        f"table {table} has a column {column!r} that tracegraph did not make, and which this save "
        "would lose or mix up; nothing was changed.\n"
        f"    Copy it to a table of your own, then: ALTER TABLE {table} DROP COLUMN "
        f"{quoted(column)}."
    )


def _types(con: DuckDBPyConnection, place: str) -> dict[str, str]:
    none = con.sql(f"SELECT * FROM {place} LIMIT 0")  # noqa: S608  # a name of ours
    return dict(zip(none.columns, map(str, none.types), strict=True))


def get(con: DuckDBPyConnection, name: str, trace: str | None = None) -> pa.Table:
    """Table of the graph or of a trace, with the types that it had."""
    with as_saved(name):
        schema, names = _columns(con, name, trace)
        which = "" if trace is None else " WHERE trace = ?"
        query = f"SELECT {', '.join(map(quoted, names))} FROM {_place(name)}{which}"  # noqa: S608  # quoted
        found = con.sql(query, params=[] if trace is None else [trace]).to_arrow_table()
        cast = [found.column(i).cast(field.type) for i, field in enumerate(schema)]
        return pa.table(cast, schema=schema)


@contextlib.contextmanager
def as_saved(what: str) -> Iterator[None]:
    """Read what tracegraph saved; say so if it is not that any more, never what it is.

    Raises
    ------
    StoreError
        If it was changed by hand, so that it cannot be read.
    """
    try:
        yield
    except (TracegraphError, duckdb.Error):  # told already, or by the transaction
        raise
    except (LookupError, TypeError, ValueError, OSError, OverflowError, pa.ArrowException):
        message = (
            f"{what} was changed by hand into what tracegraph did not save.\n"
            "    Undo that, or save the graph to a new file."
        )
        raise StoreError(message) from None  # the words of others may quote a cell


def _columns(
    con: DuckDBPyConnection, name: str, trace: str | None = None
) -> tuple[pa.Schema, list[str]]:
    """Columns of a table as it was saved, and their names in the file."""
    columns, types = rows(
        con,
        "SELECT columns, types FROM tracegraph.tables "
        "WHERE name = ? AND trace IS NOT DISTINCT FROM ?",
        name,
        trace,
    )[0]
    return pa.ipc.read_schema(pa.py_buffer(types)), columns


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
            schema, stored = _columns(con, name)
            names = add(con, name, added, dict(zip(schema.names, stored, strict=True)))
            _list(con, name, added, names)
    _put_account(con, saved)


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
    with as_saved(path.name):
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
