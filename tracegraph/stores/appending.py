"""New rows for a graph that is stored: judged together with the old ones, written alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from tracegraph.errors import StoreError, TableError
from tracegraph.model.graph import TraceGraph
from tracegraph.model.options import Options
from tracegraph.model.reading.findings import Findings
from tracegraph.model.reading.frames import from_native
from tracegraph.model.schemas import TABLES
from tracegraph.stores.saved import check_account, parts_of, summed

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from tracegraph.stores.saved import Saved


def appended(saved: Saved, tables: Mapping[str, Any], *, file: str, format: str) -> TraceGraph:
    """Graph of what is stored and of new rows.

    Parameters
    ----------
    saved : Saved
    tables : mapping of str to DataFrame
        New rows, by table.
    file, format : str
        As of `graph_of`; `file` is not empty, for by it old rows are told from new ones.

    Raises
    ------
    StoreError
        If the stored graph is as of a moment.
    TableError
        If a table is unknown or cannot be used, or stored rows could no longer be.
    """
    _check(saved, tables)
    check_account(saved, file)
    parts = parts_of(saved, file=file, format=format)
    parts += [from_native(name, frame) for name, frame in tables.items()]
    graph = TraceGraph.from_parts(parts, Options(tz=saved.settings.tz), Findings())
    is_old = graph.counts["file"] == file
    _check_all_used(graph.counts[is_old], file)
    return graph.with_findings(
        rejects=pd.concat([saved.rejects, graph.rejects], ignore_index=True),
        counts=_in_order(pd.concat([saved.counts, graph.counts[~is_old]]), graph.counts),
    )


def _check(saved: Saved, tables: Mapping[str, Any]) -> None:
    if saved.settings.as_of is not None:
        message = (
            "the stored graph is as of a moment, and rows learnt later have no place in it.\n"
            "    Save the whole graph first: graph.save(target)."
        )
        raise StoreError(message)
    for name in tables:
        if name not in TABLES:
            message = f"no table is called {name!r}.\n    There are {', '.join(TABLES)}."
            raise TableError(message)


def _check_all_used(old: pd.DataFrame, file: str) -> None:
    """Raise if new times lie so far off that old rows seem to be the outliers."""
    if len(lost := old[old["rejected"] > 0]):
        first = lost.iloc[0]
        message = (
            f"beside the new rows, {first['rejected']:,} of {first['rows']:,} {first['table']} in "
            f"{file} could not be used.\n    Look at the years of the new rows; nothing was added."
        )
        raise TableError(message)


def _in_order(counts: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    order = {table: position for position, table in enumerate(TABLES)}
    return summed(counts.sort_values("table", key=lambda t: t.map(order), kind="stable"), like)


def new_rows(before: pa.Table | None, after: pa.Table) -> pa.Table | None:
    """Rows of a table that are not stored yet; None if more than rows has changed.

    What was stored is the beginning of what shall be, and columns that are new are empty there.
    """
    if before is None or not set(before.schema) <= set(after.schema):
        return None
    rows = before.num_rows
    old = after.slice(0, rows)
    added = [name for name in after.column_names if name not in before.column_names]
    is_same = old.select(before.column_names).equals(before)
    if not is_same or not all(old[name].null_count == rows for name in added):
        return None
    return after.slice(rows)
