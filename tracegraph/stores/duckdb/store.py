"""Graph and traces in one DuckDB file, without a server."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from tracegraph.errors import StoreError
from tracegraph.stores.appending import appended, new_rows
from tracegraph.stores.duckdb import layout, traces
from tracegraph.stores.duckdb.connection import create, transaction
from tracegraph.stores.paths import told_of
from tracegraph.stores.saved import graph_of, saved_form
from tracegraph.stores.saved_trace import free_name, whole_graph_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd
    from duckdb import DuckDBPyConnection

    from tracegraph.model.graph import TraceGraph
    from tracegraph.stores.saved_trace import SavedTrace
    from tracegraph.tracing.trace import Trace


class DuckDBStore:
    """A store in one file; see `tracegraph.stores.opening.Store` for what its methods do.

    The file is open for the time of one transaction only. One process may write at a time:
    another waits for some seconds, and is then told who holds the file.

    Parameters
    ----------
    path : Path
        Its name ends in `.duckdb`. The first save makes the file, and the folders above it.
    """

    def __init__(self, path: Path) -> None:
        with told_of(path):
            self.path = path.expanduser().absolute()  # the same file wherever Python works later

    def __repr__(self) -> str:
        return f"<DuckDBStore {self.path.name}>"

    def save(self, graph: TraceGraph) -> None:
        """Put a graph in the place of the one that is there; traces stay."""
        saved = saved_form(graph)
        with self._writing(create_it=True) as con:
            layout.put_graph(con, saved)

    def append(self, tables: Mapping[str, Any]) -> TraceGraph:
        """Add rows to the graph that is there, and return the whole."""
        with self._writing() as con:
            before = layout.get_graph(con, self.path)
            graph = appended(before, tables, file=self.path.name, format="duckdb")
            whole = saved_form(graph)
            new = {n: new_rows(before.tables.get(n), table) for n, table in whole.tables.items()}
            layout.put_rows(con, whole, new)
        return graph

    def read(self) -> TraceGraph:
        """Return the graph."""
        with self._reading() as con:
            saved = layout.get_graph(con, self.path)
        return graph_of(saved, file=self.path.name, format="duckdb")

    def save_trace(self, trace: Trace, name: str | None = None) -> str:
        """Keep the verdicts of a trace, and its graph if the store holds none."""
        free_name(trace, name, ())  # before a file is made: the name, and the graph if it lacks
        with told_of(self.path):
            is_there = self.path.exists()
        saved = None if is_there else saved_form(whole_graph_of(trace))
        with self._writing(create_it=True) as con:
            given = free_name(trace, name, traces.names_of(con))
            if not layout.holds_graph(con):
                layout.put_graph(con, saved or saved_form(whole_graph_of(trace)))
            traces.put_trace(con, trace, given)
        return given

    def traces(self) -> pd.DataFrame:
        """List the traces, in the order in which they were saved."""
        with self._reading() as con:
            return traces.listed(con)

    def read_trace(self, name: str) -> SavedTrace:
        """Return the verdicts of a trace."""
        with self._reading() as con:
            return traces.get_trace(con, name)

    def delete_trace(self, name: str) -> None:
        """Forget a trace."""
        with self._writing() as con:
            traces.delete_trace(con, name)

    @contextlib.contextmanager
    def _writing(self, *, create_it: bool = False) -> Iterator[DuckDBPyConnection]:
        """Connection to a file of the newest format, for one transaction."""
        with told_of(self.path):
            path = self._place(may_lack=create_it)
            if not path.exists():
                create(path, layout.lay_out)
        with transaction(path) as con:
            layout.prepare(con, path)
            yield con

    @contextlib.contextmanager
    def _reading(self) -> Iterator[DuckDBPyConnection]:
        """The same, for reading alone: others may read at that time."""
        with told_of(self.path):
            path = self._place()
        with transaction(path, read_only=True) as con:
            number = layout.format_of(con, path)
            if number == 0:
                raise layout.no_graph(path)
            if number == layout.newest():
                yield con
                return
        with self._writing() as con:  # of an older format
            yield con

    def _place(self, *, may_lack: bool = False) -> Path:
        if not self.path.exists() and not may_lack:
            message = f"{self.path} does not exist.\n    Save a graph first, or correct the path."
            raise StoreError(message)
        if self.path.is_dir():
            message = (
                f"{self.path} is a folder.\n    Rename it, if it holds tables; or pass a file."
            )
            raise StoreError(message)
        return self.path.resolve()
