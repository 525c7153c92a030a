"""Traces side by side in a DuckDB file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from tracegraph.protocols.toml import parse, to_toml
from tracegraph.stores.duckdb.layout import as_saved, drop_trace, get, put, rows
from tracegraph.stores.saved import saved_by
from tracegraph.stores.saved_trace import FRAMES, SavedTrace, frames_of, no_such_trace

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from tracegraph.tracing.trace import Trace

_LISTED = "name, protocol, as_of, created, saved_by, tiers, exposures, venue_contacts"
_TYPES = {
    **dict.fromkeys(("name", "protocol", "saved_by"), "str"),
    **dict.fromkeys(("as_of", "created"), "datetime64[s, UTC]"),
    **dict.fromkeys(FRAMES, "int64"),
}


def names_of(con: DuckDBPyConnection) -> list[str]:
    """Names of the traces, in the order in which they were saved."""
    return [name for (name,) in rows(con, "SELECT name FROM tracegraph.traces")]


def listed(con: DuckDBPyConnection) -> pd.DataFrame:
    """As `Store.traces`."""
    query = f"SELECT {_LISTED} FROM tracegraph.traces"  # noqa: S608  # names of ours
    return in_types(con.sql(query).to_arrow_table().to_pandas())


def in_types(frame: pd.DataFrame) -> pd.DataFrame:
    """List of traces in the types that `Store.traces` promises."""
    return frame.astype(_TYPES)[list(_TYPES)]


def put_trace(con: DuckDBPyConnection, trace: Trace, name: str) -> None:
    """Write a trace under a name that is free."""
    frames = frames_of(trace)
    for frame, table in frames.items():
        put(con, frame, table, trace=name)
    values = [
        name,
        trace.protocol.name,
        trace.as_of.tz_convert("UTC").to_pydatetime(),
        pd.Timestamp.now("UTC").floor("s").to_pydatetime(),
        saved_by(),
        *(frames[frame].num_rows for frame in FRAMES),
        trace.graph.tz,
        to_toml(trace.protocol),
    ]
    con.execute("INSERT INTO tracegraph.traces VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)


def get_trace(con: DuckDBPyConnection, name: str) -> SavedTrace:
    """Read a trace.

    Raises
    ------
    StoreError
        If there is none of that name.
    """
    if name not in (names := names_of(con)):
        raise no_such_trace(name, names)
    found = rows(
        con,
        "SELECT epoch(as_of)::BIGINT, epoch(created)::BIGINT, saved_by, zone, toml "
        "FROM tracegraph.traces WHERE name = ?",
        name,
    )
    with as_saved(f"trace {name!r}"):
        as_of, created, by, zone, toml = found[0]
        return SavedTrace(
            name=name,
            protocol=parse(toml, where=f"the protocol of trace {name!r}"),
            as_of=_moment(as_of).tz_convert(zone),
            created=_moment(created),
            saved_by=by,
            **{frame: get(con, frame, trace=name).to_pandas() for frame in FRAMES},
        )


def _moment(second: int) -> pd.Timestamp:
    return pd.Timestamp(int(second), unit="s", tz="UTC")


def delete_trace(con: DuckDBPyConnection, name: str) -> None:
    """Forget a trace.

    Raises
    ------
    StoreError
        If there is none of that name.
    """
    if name not in (names := names_of(con)):
        raise no_such_trace(name, names)
    for frame in FRAMES:
        drop_trace(con, frame, name)
    con.execute("DELETE FROM tracegraph.traces WHERE name = ?", [name])
