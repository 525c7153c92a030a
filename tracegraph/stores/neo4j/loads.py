"""Loads: what one save wrote, of which readers see the one that is complete; and who may write.

A save writes under an id of its own. Its last transaction marks it complete and takes the mark
from the load of before, whose nodes go afterwards; what a save that was stopped left behind, the
next one removes.

Who writes holds a lock on the node `:Writer` by a transaction that stays open: the server lets go
of it as soon as the writer's connection ends, however its process ends. And each transaction that
writes first finds its token on the `:Load`: whoever comes next puts another one there, so that
a writer whose lock was lost with its connection can change nothing any more.

Both bear the label `:Tracegraph`: a `:Load` of somebody else in the same database is none of ours.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neo4j.exceptions import ClientError, DriverError, Neo4jError
from tqdm import tqdm

from tracegraph.errors import StoreError
from tracegraph.stores.neo4j.connection import is_timeout, one, rows
from tracegraph.stores.neo4j.layout import FORMAT, KEYS, TIES, UNPLACED, constraints
from tracegraph.stores.saved import Settings, saved_by
from tracegraph.stores.saved_trace import FRAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from neo4j import ManagedTransaction

    from tracegraph.stores.neo4j.connection import Database
    from tracegraph.stores.neo4j.writing import Batch

PATIENCE_S = 5.0
"""Seconds for which another writer is waited for."""

_AT_ONCE = {"Person": 500}  # with all their stays
_MANY = 5_000
_LOCK = "MERGE (w:Tracegraph {id: 'writer'}) SET w:Writer, w.since = timestamp()"
_CURRENT = (
    "MATCH (l:Load:Tracegraph {complete: true}) "
    "RETURN l.id AS id, l.format AS format, l.version AS version, l.settings AS settings, "
    "l.saved_by AS saved_by, l.zone AS zone"
)
_FENCE = (
    "MATCH (l:Load:Tracegraph {id: $load, token: $token}) SET l.touched = timestamp() RETURN l.id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The load that readers see.

    Parameters
    ----------
    id : str
    version : int
        Counts what was written to it since it became complete.
    settings : str
        As `Settings.to_json` makes it.
    zone : str
        Zone in which the server keeps its moments.
    """

    id: str
    version: int
    settings: str
    zone: str

    @property
    def tz(self) -> str:
        """Zone of the graph."""
        return Settings.from_json(self.settings).tz


def current(transaction: ManagedTransaction) -> Load | None:
    """Load that readers see; None where nothing was saved.

    Raises
    ------
    StoreError
        If a later version of tracegraph wrote it.
    """
    found = transaction.run(_CURRENT).data()
    if not found:
        return None
    told = found[0]
    if told["format"] > FORMAT:
        message = (
            f"what is stored there is of format {told['format']}; this version reads up to "
            f"{FORMAT}. It is left as it is.\n"
            "    Update it: pip install --upgrade tracegraph."
        )
        raise StoreError(message)
    return Load(**{name: told[name] for name in Load.__dataclass_fields__})


# ---- who may write


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The place of the one who writes.

    Parameters
    ----------
    database : Database
    token : str
        Stands on the load to which it writes.
    current : Load or None
        As it was when the desk was taken.
    """

    database: Database
    token: str
    current: Load | None

    def write(self, load: str, work: Callable[[ManagedTransaction], None]) -> None:
        """Do something to a load in one transaction.

        Raises
        ------
        StoreError
            If somebody else writes meanwhile.
        """

        def fenced(transaction: ManagedTransaction) -> None:
            if one(transaction, _FENCE, load=load, token=self.token) is None:
                message = (
                    "somebody else began to write there, after the connection was lost for a "
                    "while; nothing was changed.\n    Try again."
                )
                raise StoreError(message)
            work(transaction)

        self.database.write(fenced)

    def put(self, load: str, zone: str, batches: Iterable[Batch]) -> None:
        """Write batches, each in a transaction of its own."""
        with tqdm(desc="writing to Neo4j", unit=" rows", leave=False, disable=None) as bar:
            for batch in batches:
                self.write(load, lambda tx, b=batch: b.run(tx, load=load, zone=zone))  # type: ignore[misc]  # bound now
                bar.update(len(batch.rows))


@contextlib.contextmanager
def writing(database: Database) -> Iterator[Desk]:
    """Give the one desk at which may be written, with what stopped writers left removed.

    Raises
    ------
    StoreError
        If another one sits at it.
    """
    _constrain(database)
    with _lock(database):
        database.read(current)  # of a newer format: before anything is changed
        token = secrets.token_hex(8)
        _take(database, token)
        try:
            desk = Desk(database=database, token=token, current=database.read(current))
            clear(desk)
            yield desk
        finally:
            with contextlib.suppress(DriverError, Neo4jError):
                _leave(database, token)


def _take(database: Database, token: str) -> None:
    """Put a token on the load that is current, and so wait for what a killed writer began."""
    text = (
        "MATCH (l:Load:Tracegraph {complete: true}) "
        "SET l.token = $token, l.by = $by, l.touched = timestamp()"
    )
    database.write(lambda tx: rows(tx, text, token=token, by=_writer()))


def _leave(database: Database, token: str) -> None:
    text = "MATCH (l:Load:Tracegraph {complete: true, token: $token}) REMOVE l.token, l.by"
    database.write(lambda tx: rows(tx, text, token=token))


def _constrain(database: Database) -> None:
    """Make the constraints that are not there."""
    with database.session() as session:
        there = {row["name"] for row in session.run("SHOW CONSTRAINTS YIELD name")}
        for name, statement in constraints().items():
            if name not in there:
                session.run(statement).consume()


@contextlib.contextmanager
def _lock(database: Database) -> Iterator[None]:
    _wait(database)
    with database.session() as session:
        held = session.begin_transaction()
        try:
            held.run(_LOCK).consume()
            yield
        finally:
            with contextlib.suppress(DriverError, Neo4jError):  # with its connection it ends too
                held.rollback()


def _wait(database: Database) -> None:
    """Return when nobody else holds the lock, or raise.

    A limit of time holds for a whole transaction, so that this is one of its own. Who comes first
    between the two is waited for.
    """
    with database.session() as session:
        try:
            with session.begin_transaction(timeout=PATIENCE_S) as probe:
                probe.run(_LOCK).consume()
                probe.commit()
        except Neo4jError as error:
            if not is_timeout(error):
                raise
            raise _in_use(database) from None


def _in_use(database: Database) -> StoreError:
    text = (
        "MATCH (l:Load:Tracegraph) WHERE l.token IS NOT NULL "
        "RETURN l.by ORDER BY l.touched DESC LIMIT 1"
    )
    found = database.read(lambda tx: one(tx, text))
    who = found[0] if found else "another program"
    return StoreError(
        f"the store is in use: {who} is writing to it; nothing was changed.\n"
        "    Wait until that is done, and try again."
    )


def _writer() -> str:
    return f"{saved_by()} on {socket.gethostname()} (process {os.getpid()})"


# ---- a load begins, becomes the current one, and goes


def begin(desk: Desk, settings: Settings) -> tuple[str, str]:
    """Make a load that nobody sees yet; its id, and the zone for its moments."""
    load, zone = secrets.token_hex(8), known_zone(desk.database, settings.tz)
    text = (
        "CREATE (l:Load:Tracegraph {id: $load, format: $format, settings: $settings, tz: $tz, "
        "zone: $zone, saved_by: $saved_by, complete: false, version: 0, token: $token, by: $by, "
        "touched: timestamp(), created: datetime({timezone: 'Z'})}) "
        "SET l.as_of = CASE WHEN $as_of IS NULL THEN null "
        "ELSE datetime({epochSeconds: $as_of, timezone: $zone}) END "
        f"CREATE (:{UNPLACED} {{load: $load, name: '{UNPLACED}'}})"
    )
    given = {
        "load": load,
        "format": FORMAT,
        "settings": settings.to_json(),
        "tz": settings.tz,
        "zone": zone,
        "saved_by": settings.saved_by,
        "as_of": settings.as_of,
        "token": desk.token,
        "by": _writer(),
    }
    desk.database.write(lambda tx: rows(tx, text, **given))
    return load, zone


def known_zone(database: Database, tz: str) -> str:
    """Zone of a graph if the server has it, else UTC: the instants are the same."""
    try:
        text = "RETURN datetime({epochSeconds: 0, timezone: $tz})"
        database.read(lambda tx: tx.run(text, tz=tz).consume())
    except ClientError:
        return "UTC"
    return tz


def complete(transaction: ManagedTransaction, load: str) -> None:
    """Show a load to readers, in the place of the one of before."""
    rows(transaction, "MATCH (l:Load:Tracegraph {complete: true}) SET l.complete = false")
    text = "MATCH (l:Load:Tracegraph {id: $load}) SET l.complete = true REMOVE l.token, l.by"
    rows(transaction, text, load=load)


def touched(transaction: ManagedTransaction, load: str) -> None:
    """Tell readers that a load has changed."""
    rows(
        transaction,
        "MATCH (l:Load:Tracegraph {id: $load}) SET l.version = l.version + 1",
        load=load,
    )


def clear(desk: Desk) -> None:
    """Remove loads that no reader sees, and traces that were not finished."""
    text = "MATCH (l:Load:Tracegraph) WHERE NOT l.complete SET l.token = $token RETURN l.id"
    found = desk.database.write(lambda tx: rows(tx, text, token=desk.token))
    for (load,) in found:
        _remove(desk.database, load)
    text = "MATCH (t:Trace {complete: false}) RETURN t.load, t.name"
    for load, name in desk.database.read(lambda tx: rows(tx, text)):
        remove_trace(desk.database, load, name)


def _remove(database: Database, load: str) -> None:
    for label, key in KEYS.items():
        text = (
            f"MATCH (n:{label}) WHERE n.load = $load AND n.{key} IS NOT NULL "
            "WITH n LIMIT $many DETACH DELETE n RETURN count(*)"
        )
        _repeat(database, text, load=load, many=_AT_ONCE.get(label, _MANY))
    database.write(lambda tx: rows(tx, "MATCH (l:Load:Tracegraph {id: $load}) DELETE l", load=load))


def remove_trace(database: Database, load: str, name: str) -> None:
    """Remove a trace that readers do not see any more."""
    for frame in FRAMES:
        text = (
            f"MATCH ()-[x:{TIES[frame].type}]->() WHERE x.load = $load AND x.trace = $name "
            "WITH x LIMIT $many DELETE x RETURN count(*)"
        )
        _repeat(database, text, load=load, name=name, many=_MANY)
    text = "MATCH (t:Trace {load: $load, name: $name}) DETACH DELETE t"
    database.write(lambda tx: rows(tx, text, load=load, name=name))


def _repeat(database: Database, text: str, **given: Any) -> None:  # noqa: ANN401  # parameters
    """Remove some at a time until none is left: one transaction of all would fill the heap."""

    def some(transaction: ManagedTransaction) -> int:
        return int(rows(transaction, text, **given)[0][0])

    while database.write(some):
        pass
