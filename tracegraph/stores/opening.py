"""Which database an address leads to, and what every one of them can do."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable
from urllib.parse import urlsplit

from tracegraph.errors import MissingExtraError, StoreError, TableError
from tracegraph.stores.paths import path_of, text_of

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    import pandas as pd

    from tracegraph.model.graph import TraceGraph
    from tracegraph.stores.saved_trace import SavedTrace
    from tracegraph.tracing.trace import Trace

SCHEMES = ("neo4j://", "neo4j+s://", "neo4j+ssc://", "bolt://", "bolt+s://", "bolt+ssc://")
"""How addresses of Neo4j begin."""

_LIKE_AN_ADDRESS = re.compile(r"\s*(?:neo4j|bolt|https?)[\w+]*:", re.IGNORECASE)
_HOST_AND_PORT = re.compile(r"[\w+]+://(?:[\w.-]+|\[[\w.:%]+\])(?::[0-9]{1,5})?/?")


@runtime_checkable
class Store(Protocol):
    """A database that keeps one graph, and traces side by side. Made by `tracegraph.store`.

    Every method is one transaction: whoever stops it finds the old state or the new one.
    """

    def save(self, graph: TraceGraph) -> None:
        """Put a graph in the place of the one that is there; traces stay."""

    def append(self, tables: Mapping[str, Any]) -> TraceGraph:
        """Add rows to the graph that is there, and return the whole.

        Parameters
        ----------
        tables : mapping of str to DataFrame
            New rows, by table. They are judged together with those that are there.

        Raises
        ------
        StoreError
            If the store holds no graph, or one as of a moment: later rows have no place there.
        TableError
            If a table cannot be used, or rows that are there could no longer be.
        """

    def read(self) -> TraceGraph:
        """Return the graph."""

    def save_trace(self, trace: Trace, name: str | None = None) -> str:
        """Keep the verdicts of a trace, and its graph if the store holds none.

        That graph is kept as a whole, and takes later rows.

        Parameters
        ----------
        trace : Trace
        name : str, optional
            By default protocol and moment, such as ``"china-8 as of 2022-05-12 18:00"``; with
            a number if there is one of that name.

        Returns
        -------
        str
            The name.

        Raises
        ------
        StoreError
            If a trace of the name that was asked for is there; or if the store holds no graph,
            and rows were learnt after the moment of the trace, whose graph is without them.
        """

    def traces(self) -> pd.DataFrame:
        """List the traces, in the order in which they were saved.

        Returns
        -------
        DataFrame
            `name`, `protocol` (str), `as_of`, `created` (datetime64[s, UTC]), `saved_by` (str),
            `tiers`, `exposures`, `venue_contacts` (int64; rows of each).
        """

    def read_trace(self, name: str) -> SavedTrace:
        """Return the verdicts of a trace.

        Raises
        ------
        StoreError
            If no trace has that name.
        """

    def delete_trace(self, name: str) -> None:
        """Forget a trace.

        Raises
        ------
        StoreError
            If no trace has that name.
        """


def store(
    target: str | os.PathLike[str],
    *,
    auth: tuple[str, str] | None = None,
    database: str | None = None,
) -> Store:
    """Open a store: the embedded DuckDB in one file, or a Neo4j server.

    Parameters
    ----------
    target : path or address
        A path that ends in `.duckdb`; or an address such as ``neo4j://host:7687``, without
        name and password.
    auth : tuple of str, optional
        Name and password for Neo4j; by default `NEO4J_USERNAME` and `NEO4J_PASSWORD` of the
        environment.
    database : str, optional
        Name of the database in Neo4j; its default one.

    Returns
    -------
    Store
        A file is opened for each transaction, and closed after it.

    Raises
    ------
    StoreError
        If the target is neither, or the address holds more than a host and a port.
    MissingExtraError
        If the driver for Neo4j is not installed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import pandas as pd
    >>> import tracegraph as tg
    >>> cases = pd.DataFrame({"person_id": ["C1"], "onset": ["2022-05-09"]})
    >>> graph = tg.TraceGraph(cases=cases, tz="Asia/Shanghai")
    >>> county = tg.store(pathlib.Path(tempfile.mkdtemp(), "county.duckdb"))
    >>> county.save(graph)
    >>> county.save_trace(graph.trace("china-8", as_of="2022-05-12 18:00"))
    'china-8 as of 2022-05-12 18:00'
    >>> whole = county.append({"cases": cases.assign(person_id="C2")})
    >>> county.read().equals(whole)
    True
    >>> county.traces()[["name", "tiers", "exposures"]]
                                 name  tiers  exposures
    0  china-8 as of 2022-05-12 18:00      1          0
    """
    place = checked(target)
    if isinstance(place, str):
        return _neo4j(place, auth, database)
    if not is_database(place):
        message = f"{_told(place)} is no store.\n    Pass county.duckdb, or neo4j://host:7687."
        raise StoreError(message)
    refuse(place, "tg.store", "Neo4j", auth=auth, database=database)
    from tracegraph.stores.duckdb.store import DuckDBStore

    return DuckDBStore(place)


def _neo4j(url: str, auth: tuple[str, str] | None, database: str | None) -> Store:
    try:  # by name: the extra may not be installed
        module = importlib.import_module("tracegraph.stores.neo4j.store")
    except ModuleNotFoundError as error:
        message = 'a store in Neo4j needs its driver: pip install "tracegraph[neo4j]"'
        raise MissingExtraError(message) from error
    opened: Store = module.Neo4jStore(url, auth=auth, database=database)
    return opened


def checked(target: str | os.PathLike[str]) -> Path | str:
    """Target as a path, in which ~ is a home, or as the address of a server: fit to be told.

    Raises
    ------
    StoreError
        If it is an address of something else, or one that may hold a password; never with it.
    """
    text = text_of(target)
    if is_neo4j(text):
        if not _is_host_and_port(text):
            message = (
                "the address holds more than a host and a port, which would end up in logs.\n"
                '    Pass neo4j://host:7687, and beside it auth=("name", "password"), database=.'
            )
            raise StoreError(message)
        return text
    if "://" in text or _LIKE_AN_ADDRESS.match(text):
        message = (
            "an address of that kind is no store.\n"
            "    Pass county.duckdb, or neo4j://host:7687 without name and password."
        )
        raise StoreError(message)
    return path_of(text)


def _is_host_and_port(url: str) -> bool:
    """Whether nothing else stands in an address: no @, no parameter, no path."""
    if not _HOST_AND_PORT.fullmatch(url):
        return False
    try:
        port = urlsplit(url).port  # raises for one over 65,535, and for half an IPv6 address
    except ValueError:
        return False
    return port != 0


def _told(place: Path) -> str:
    """Path for a message, unless it may hold a password."""
    return "the target" if "@" in str(place) else str(place)


def is_neo4j(target: str | os.PathLike[str]) -> bool:
    """Whether a target is the address of a server."""
    return text_of(target).lower().startswith(SCHEMES)


def is_database(target: str | os.PathLike[str]) -> bool:
    """Whether a target is a database, and no folder or file of tables."""
    return is_neo4j(target) or text_of(target).lower().rstrip("/").endswith(".duckdb")


def address(target: str | os.PathLike[str]) -> Path | str:
    """Where something was saved: a path, or the address of a server without its credentials."""
    text = text_of(target)
    return re.sub(r"//.*@", "//", text) if "://" in text else Path(text)


def refuse(target: str | os.PathLike[str], door: str, used_for: str, **options: Any) -> None:  # noqa: ANN401  # any option
    """Raise if options are given that the target has no use for; never with their values.

    Raises
    ------
    TableError
        With the first of them.
    """
    for name, value in options.items():
        if value is not None:
            message = (
                f"{door} takes {name}= for {used_for} only, and {address(target)} is none.\n"
                f"    Leave {name}= out."
            )
            raise TableError(message)


def save_trace(
    trace: Trace,
    target: str | os.PathLike[str],
    *,
    name: str | None,
    auth: tuple[str, str] | None,
    database: str | None,
) -> str:
    """Keep a trace in a store; see `Trace.save`."""
    place = checked(target)
    if not is_database(place):
        message = (
            f"{_told(Path(place))} is no database: a folder holds a graph and no traces.\n"
            "    Pass a path that ends in .duckdb, or neo4j://…; tables of a trace are frames, "
            "such as trace.tiers.to_csv(…)."
        )
        raise StoreError(message)
    return store(place, auth=auth, database=database).save_trace(trace, name)
