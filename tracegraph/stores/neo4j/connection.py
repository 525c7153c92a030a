"""The connection to a Neo4j server, and what is said if it fails: never a value that it holds."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from neo4j import (
    READ_ACCESS,
    Driver,
    GraphDatabase,
    ManagedTransaction,
    NotificationMinimumSeverity,
    Session,
    Transaction,
)
from neo4j.exceptions import (
    AuthError,
    ConfigurationError,
    DriverError,
    Neo4jError,
    UnsupportedServerProduct,
)

from tracegraph.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

OLDEST = (5, 0)
"""Neo4j 4 has other constraints. Tested with 5.26."""

RETRY_S = 15.0
"""Seconds for which the driver tries again what a server refused for a moment, or lost."""

_FETCH = 5_000
_TIMEOUTS = (
    "Neo.ClientError.Transaction.TransactionTimedOut",
    "Neo.ClientError.Transaction.LockClientStopped",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """One database of a server that answers."""

    driver: Driver
    name: str | None

    def session(self, **options: Any) -> Session:  # noqa: ANN401  # of the driver
        """Open a session."""
        return self.driver.session(database=self.name, fetch_size=_FETCH, **options)

    def read(self, work: Callable[[ManagedTransaction], T]) -> T:
        """Do what only reads, again if the server asks for it."""
        with self.session(default_access_mode=READ_ACCESS) as session:
            return session.execute_read(work)

    def write(self, work: Callable[[ManagedTransaction], T]) -> T:
        """Do what writes, as a whole. It is done again only if it was undone.

        The driver does not try again if the answer to a commit was lost, so that plain CREATE
        writes nothing twice.
        """
        with self.session() as session:
            return session.execute_write(work)


def rows(
    transaction: ManagedTransaction | Transaction,
    text: str,
    **given: Any,  # noqa: ANN401  # parameters
) -> list[list[Any]]:
    """Rows of a query."""
    return transaction.run(text, given).values()


def one(
    transaction: ManagedTransaction | Transaction,
    text: str,
    **given: Any,  # noqa: ANN401  # parameters
) -> list[Any] | None:
    """First row of a query; None if there is none."""
    found = rows(transaction, text, **given)
    return found[0] if found else None


@contextlib.contextmanager
def connected(url: str, auth: tuple[str, str] | None, database: str | None) -> Iterator[Database]:
    """Give a database of a server that answers and is new enough.

    Raises
    ------
    StoreError
        With what is the matter and how to mend it.
    """
    is_reached = False
    try:
        with _driver(url, auth) as driver:
            _check_version(_agent(driver, url), url)
            is_reached = True
            yield Database(driver=driver, name=database)
    except Neo4jError as error:
        raise _refused(error, url, database) from _harmless(error)
    except DriverError as error:
        raise _lost(error, url, is_reached=is_reached) from error


def _driver(url: str, auth: tuple[str, str] | None) -> Driver:
    try:
        return GraphDatabase.driver(
            url,
            auth=auth or _auth_of_environment(),
            connection_timeout=10,
            connection_acquisition_timeout=20,
            max_transaction_retry_time=RETRY_S,
            notifications_min_severity=NotificationMinimumSeverity.OFF,  # they quote queries
        )
    except (ConfigurationError, ValueError):
        raise _no_address(url) from None  # the words of the driver repeat the address


def _agent(driver: Driver, url: str) -> str:
    """How a server calls itself."""
    try:
        return str(driver.get_server_info().agent)
    except ValueError:  # of the resolver
        raise _no_address(url) from None


def _no_address(url: str) -> StoreError:
    return StoreError(f"{url} is no address of a server.\n    Pass neo4j://host:7687.")


def _auth_of_environment() -> tuple[str, str] | None:
    user, password = os.environ.get("NEO4J_USERNAME"), os.environ.get("NEO4J_PASSWORD")
    return (user or "neo4j", password) if password else None


def _check_version(agent: str, url: str) -> None:
    if server_version(agent) < OLDEST:
        message = (
            f"{agent} answers at {url}; tracegraph needs Neo4j 5 or later.\n"
            "    Update the server, or start one of your own: tracegraph neo4j."
        )
        raise StoreError(message)


def server_version(agent: str) -> tuple[int, int]:
    """Version of a server, by how it calls itself.

    Examples
    --------
    >>> server_version("Neo4j/5.26.28"), server_version("Neo4j/4.4.40"), server_version("?")
    ((5, 26), (4, 4), (0, 0))
    """
    found = re.match(r"Neo4j/(\d+)\.(\d+)", agent)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _harmless(error: Neo4jError) -> Neo4jError | None:
    """An error as the cause of ours, unless its words may quote a value."""
    return error if isinstance(error, AuthError) else None


def _refused(error: Neo4jError, url: str, database: str | None) -> StoreError:
    code = error.code or ""
    if "RateLimit" in code:
        what = "was told a wrong password too often, and waits.\n    Try again in some seconds."
    elif ".Security.Forbidden" in code:
        what = (
            "does not let this user do so.\n"
            "    Ask for the rights to read, write and make constraints (role publisher and up)."
        )
    elif ".Security." in code:
        what = (
            "does not take this name and password.\n"
            '    Pass auth=("name", "password"), or set NEO4J_USERNAME and NEO4J_PASSWORD.'
        )
    elif "DatabaseNotFound" in code:
        what = f"has no database {database!r}.\n    Pass another one, or leave database= out."
    elif "OutOfMemory" in code:
        what = "ran out of memory; nothing was changed.\n    Give it more: server.memory.heap."
    elif ".Statement.SyntaxError" in code:
        what = "does not understand our Cypher.\n    Update the server: 5.26 or later is tested."
    else:
        what = (
            f"refused a step ({code or type(error).__name__}).\n"
            "    Look into its log; or undo what was changed in its data by hand and save again."
        )
    return StoreError(f"The server at {url} {what}")


def _lost(error: DriverError, url: str, *, is_reached: bool) -> StoreError:
    if isinstance(error, UnsupportedServerProduct):
        what = "is none that the driver knows.\n    Update it: tracegraph needs Neo4j 5 or later."
    elif is_reached:
        what = (
            "went away before all was done; what it holds is whole.\n"
            "    Start it, look whether what you did is there (tg.read), else do it again."
        )
    else:
        what = (
            f"does not answer ({type(error).__name__}).\n"
            "    Is it running, and is the address right? One to try: tracegraph neo4j."
        )
    return StoreError(f"The server at {url} {what}")


def is_timeout(error: Neo4jError) -> bool:
    """Whether a transaction ended because it had waited for too long."""
    return (error.code or "").startswith(_TIMEOUTS)
