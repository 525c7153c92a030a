"""Graph and traces in a Neo4j database, as a property graph that people can query."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, TypeVar

from tracegraph.errors import StoreError
from tracegraph.stores.appending import appended
from tracegraph.stores.neo4j import graphs, loads, traces
from tracegraph.stores.neo4j.connection import connected, server_version
from tracegraph.stores.neo4j.reading import ChangedMeanwhileError
from tracegraph.stores.neo4j.tracing import LoadInNeo4j, trace_in_neo4j
from tracegraph.stores.saved import graph_of, saved_form
from tracegraph.stores.saved_trace import free_name, whole_graph_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd
    from neo4j import ManagedTransaction

    from tracegraph.model.graph import TraceGraph
    from tracegraph.protocols.protocol import Protocol
    from tracegraph.stores.neo4j.connection import Database
    from tracegraph.stores.neo4j.loads import Desk, Load
    from tracegraph.stores.neo4j.traces import KeptTrace
    from tracegraph.stores.saved import Saved
    from tracegraph.stores.saved_trace import SavedTrace
    from tracegraph.tracing.trace import Trace

T = TypeVar("T")

OLDEST_THAT_TRACES = (5, 23)
"""The Cypher of `trace_inside` has scopes, ``CALL (x) { … }``."""

_FORMAT = "neo4j"
_ATTEMPTS = 3
_BY_HAND = (
    "rows of what is stored were removed by hand, so that it cannot be carried over.\n"
    "    Delete the traces that cannot be read any more, and save the graph again; or pass "
    "another database=."
)


class Neo4jStore:
    """A store on a server; see `tracegraph.stores.opening.Store` for what its methods do.

    Connections are open for the time of one call only. One may write at a time: another waits
    for some seconds, and is then told who does. A save that is stopped leaves what was there.

    Parameters
    ----------
    url : str
        Without name and password.
    auth : tuple of str, optional
        Name and password; by default `NEO4J_USERNAME` and `NEO4J_PASSWORD` of the environment.
    database : str, optional
        By default the one that the server gives this user.
    """

    def __init__(
        self, url: str, *, auth: tuple[str, str] | None = None, database: str | None = None
    ) -> None:
        self.url = url
        self.database = database
        self._auth = auth

    def __repr__(self) -> str:
        return f"<Neo4jStore {self.url}>"

    def save(self, graph: TraceGraph) -> None:
        """Put a graph in the place of the one that is there; traces stay."""
        saved = saved_form(graph)
        with self._writing() as desk:
            _replace(desk, saved)

    def append(self, tables: Mapping[str, Any]) -> TraceGraph:
        """Add rows to the graph that is there, and return the whole.

        Up to 50,000 rows are one transaction; more make a new load of the whole.
        """
        with self._writing() as desk:
            load = self._current(desk)
            before = desk.database.read(lambda tx: graphs.read(tx, load))
            there = desk.database.read(lambda tx: graphs.stored(tx, load.id))
            graph = appended(before, tables, file=self.url, format=_FORMAT)
            after = saved_form(graph)
            added = graphs.more(before, after, there)
            if added is None:
                _replace(desk, after)
                return graph

            def add(transaction: ManagedTransaction) -> None:
                for batch in added:
                    batch.run(transaction, load=load.id, zone=load.zone)
                loads.touched(transaction, load.id)

            desk.write(load.id, add)
        return graph

    def read(self) -> TraceGraph:
        """Return the graph."""
        saved = self._read(graphs.read)
        return graph_of(saved, file=self.url, format=_FORMAT)

    def save_trace(self, trace: Trace, name: str | None = None) -> str:
        """Keep the verdicts of a trace, and its graph if the store holds none."""
        with self._writing() as desk:
            load = desk.current
            if load is None:
                kept = traces.kept(trace, free_name(trace, name, []))
                _replace(desk, saved_form(whole_graph_of(trace)), kept)
                return kept.name
            taken = desk.database.read(lambda tx: traces.names_of(tx, load.id))
            kept = traces.kept(trace, free_name(trace, name, taken))
            number = desk.database.read(lambda tx: traces.next_number(tx, load.id))
            desk.put(load.id, load.zone, traces.put(kept, number))
            desk.write(load.id, lambda tx: _show(tx, load.id, kept.name))
        return kept.name

    def traces(self) -> pd.DataFrame:
        """List the traces, in the order in which they were saved."""
        return self._read(lambda tx, load: traces.listed(tx, load.id))

    def read_trace(self, name: str) -> SavedTrace:
        """Return the verdicts of a trace."""
        return traces.found_by(self._read(lambda tx, load: traces.get(tx, load.id, name)))

    def delete_trace(self, name: str) -> None:
        """Forget a trace."""
        with self._writing() as desk:
            load = self._current(desk)
            desk.write(load.id, lambda tx: _hide(tx, load.id, name))
            loads.remove_trace(desk.database, load.id, name)

    def trace_inside(self, protocol: str | Protocol, *, as_of: str | dt.date) -> pd.DataFrame:
        """Trace by Cypher on the server; see `trace_in_neo4j` for what it answers and refuses.

        Raises
        ------
        StoreError
            If the server is older than 5.23, or no graph was saved.
        """

        def tiers(database: Database) -> pd.DataFrame:
            _check_traces(database, self.url)
            load = self._there(database.read(loads.current))
            name = database.read(lambda tx: tx.run("CALL db.info() YIELD name").single(strict=True))
            place = LoadInNeo4j(
                driver=database.driver, load=load.id, tz=load.tz, database=str(name[0])
            )
            found = trace_in_neo4j(place, protocol, as_of=as_of)
            if database.read(loads.current) != load:
                raise ChangedMeanwhileError
            return found

        return self._again(tiers)

    # ---- one call, one connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Desk]:
        with connected(self.url, self._auth, self.database) as database:
            database.read(loads.current)  # of a newer format: before anything is written
            with loads.writing(database) as desk:
                try:
                    yield desk
                except ChangedMeanwhileError:  # nobody else writes now
                    raise StoreError(_BY_HAND) from None

    def _read(self, what: Callable[[ManagedTransaction, Load], T]) -> T:
        """Something of the load that is current, before and after it was read."""

        def work(transaction: ManagedTransaction) -> T:
            load = self._there(loads.current(transaction))
            found = what(transaction, load)
            if loads.current(transaction) != load:
                raise ChangedMeanwhileError
            return found

        return self._again(lambda database: database.read(work))

    def _again(self, work: Callable[[Database], T]) -> T:
        """Read, and read again if somebody wrote meanwhile."""
        with connected(self.url, self._auth, self.database) as database:
            for _ in range(_ATTEMPTS):
                with contextlib.suppress(ChangedMeanwhileError):
                    return work(database)
        message = (
            "the store changed while it was read, several times; or rows were removed by hand.\n"
            "    Try again; if that does not help, save the graph again."
        )
        raise StoreError(message)

    def _current(self, desk: Desk) -> Load:
        return self._there(desk.current)

    def _there(self, load: Load | None) -> Load:
        if load is None:
            message = (
                f"the database at {self.url} holds no graph of tracegraph.\n"
                f"    Save one first: graph.save({self.url!r}), or pass another database=."
            )
            raise StoreError(message)
        return load


def _replace(desk: Desk, saved: Saved, *more: KeptTrace) -> None:
    """Write a new load with the traces that are there, show it, and remove the one of before."""
    old = desk.current
    load, zone = loads.begin(desk, saved.settings)
    desk.put(load, zone, graphs.whole(saved))
    names = desk.database.read(lambda tx: traces.names_of(tx, old.id)) if old else []
    for number, name in enumerate(names, 1):
        kept = desk.database.read(lambda tx, name=name: traces.get(tx, old.id, name))  # type: ignore[misc, union-attr]
        _put_trace(desk, load, zone, kept, number)
    for number, kept in enumerate(more, len(names) + 1):
        _put_trace(desk, load, zone, kept, number)

    def show(transaction: ManagedTransaction) -> None:
        traces.mark_persons(transaction, load)
        loads.complete(transaction, load)

    desk.write(load, show)
    loads.clear(desk)


def _put_trace(desk: Desk, load: str, zone: str, kept: KeptTrace, number: int) -> None:
    desk.put(load, zone, traces.put(kept, number))
    desk.write(load, lambda tx: traces.show(tx, load, kept.name))


def _show(transaction: ManagedTransaction, load: str, name: str) -> None:
    traces.show(transaction, load, name)
    traces.mark_persons(transaction, load)
    loads.touched(transaction, load)


def _hide(transaction: ManagedTransaction, load: str, name: str) -> None:
    traces.hide(transaction, load, name)
    traces.mark_persons(transaction, load)
    loads.touched(transaction, load)


def _check_traces(database: Database, url: str) -> None:
    agent = database.driver.get_server_info().agent
    if server_version(agent) < OLDEST_THAT_TRACES:
        message = (
            f"{agent} answers at {url}; to trace inside needs Neo4j 5.23 or later.\n"
            "    Update the server, or trace here: tg.read(...).trace(protocol)."
        )
        raise StoreError(message)
