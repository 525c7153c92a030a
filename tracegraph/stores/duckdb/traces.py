"""Traces side by side in a DuckDB file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from tracegraph.protocols.toml import to_toml
from tracegraph.stores.duckdb.layout import as_saved, drop_trace, get, put, rows
from tracegraph.stores.saved import saved_by
from tracegraph.stores.saved_trace import FRAMES, LISTED, check_there, frames_of, verdicts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from tracegraph.stores.saved_trace import SavedTrace
    from tracegraph.tracing.trace import Trace


def names_of(con: DuckDBPyConnection) -> list[str]:
    """Names of the traces, in the order in which they were saved."""
    return [name for (name,) in rows(con, "SELECT name FROM tracegraph.traces")]


def listed(con: DuckDBPyConnection) -> pd.DataFrame:
    """As `Store.traces`."""
    query = f"SELECT {', '.join(LISTED)} FROM tracegraph.traces"  # noqa: S608  # names of ours
    frame: pd.DataFrame = con.sql(query).to_arrow_table().to_pandas()
    return frame.astype(LISTED)


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
    check_there(name, names_of(con))
    found = rows(
        con,
        "SELECT epoch(as_of)::BIGINT, epoch(created)::BIGINT, saved_by, zone, toml "
        "FROM tracegraph.traces WHERE name = ?",
        name,
    )
    with as_saved(f"trace {name!r}"):
        as_of, created, by, zone, toml = found[0]
        frames = {frame: get(con, frame, trace=name) for frame in FRAMES}
        return verdicts(
            name, frames, toml=toml, as_of=as_of, zone=zone, created=created, saved_by=by
        )


def delete_trace(con: DuckDBPyConnection, name: str) -> None:
    """Forget a trace.

    Raises
    ------
    StoreError
        If there is none of that name.
    """
    check_there(name, names_of(con))
    for frame in FRAMES:
        drop_trace(con, frame, name)
    con.execute("DELETE FROM tracegraph.traces WHERE name = ?", [name])
