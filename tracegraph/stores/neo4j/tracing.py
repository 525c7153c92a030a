"""Tracing inside Neo4j: the rule as Cypher, for the part of it that Cypher says well.

The part: one encounter is enough and lasts a number of minutes for each kind of place and tier;
places are close or venues; stays have an end; isolation; at most two tiers. Times may have bounds:
the answer is who may have been exposed, and not whether that is certain. Whatever else a
protocol or a graph asks for is refused with its name, never passed over. `cypher_part` takes it
out of a protocol, and the protocol that it gives says what was taken out.

The texts are the files of `tracegraph/stores/neo4j/cypher`, constants but for their parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd

from tracegraph.errors import TableError
from tracegraph.model.reading.times import place, read_times
from tracegraph.protocols.protocol import Protocol
from tracegraph.stores.neo4j.subset import (
    outside_parameters,
    refuse_graph,
    refuse_protocol,
)

if TYPE_CHECKING:
    import datetime as dt

    from neo4j import Driver, ManagedTransaction

_PARTS = ("cases", "exposures", "contacts", "exposures", "answer")
"""Files of the whole text in their order: both hops are the same text."""

_COLUMNS = ("person_id", "tier", "contact_tier", "first_exposure", "last_exposure")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadInNeo4j:
    """One graph in a Neo4j database.

    Parameters
    ----------
    driver : neo4j.Driver
    load : str
        Its id: the property `load` of its nodes and relationships.
    tz : str
        Time zone of the graph.
    database : str
        Name of the database.
    """

    driver: Driver
    load: str
    tz: str
    database: str = "neo4j"

    def rows(self, text: str, given: dict[str, Any]) -> list[dict[str, Any]]:
        """Rows of a query that writes nothing."""
        from neo4j import READ_ACCESS, NotificationMinimumSeverity

        def read(transaction: ManagedTransaction) -> list[dict[str, Any]]:
            return transaction.run(text, {**given, "load": self.load}).data()

        with self.driver.session(
            database=self.database,
            default_access_mode=READ_ACCESS,
            # Neo4j warns of each property that no node happens to have
            notifications_min_severity=NotificationMinimumSeverity.OFF,
        ) as session:
            return session.execute_read(read)


def trace_in_neo4j(
    graph: LoadInNeo4j, protocol: str | Protocol, *, as_of: str | dt.date
) -> pd.DataFrame:
    """Tiers of a graph that is in Neo4j, traced there.

    Parameters
    ----------
    graph : LoadInNeo4j
    protocol : str or Protocol
        Name of a preset, or a protocol.
    as_of : str, date, datetime or Timestamp
        A bare date means the end of that local day; naive times are local.

    Returns
    -------
    DataFrame, one row a traced person
        `person_id`, `tier`, `contact_tier`, `first_exposure` and `last_exposure` as in
        ``trace.tiers``, in the order of tier and id.

    Raises
    ------
    ProtocolError
        If the protocol asks for what Cypher does not say here; the message names it.
    TableError
        If the graph holds what it does not read, such as visits without an end.
    """
    rule = Protocol.named(protocol) if isinstance(protocol, str) else protocol
    given = tracing_parameters(rule, as_of=as_of, tz=graph.tz)
    refuse_graph(graph.rows(outside_cypher(), outside_parameters(rule)), rule)
    return _tiers(graph.rows(tracing_cypher(), given), graph.tz)


def tracing_cypher() -> str:
    """Text of the query, to copy; `tracing_parameters` gives what it is run with.

    Examples
    --------
    >>> print(tracing_cypher()[:62])
    // Contacts and contacts of contacts of the cases of one load
    """
    return "\n".join(_text(part) for part in _PARTS)


def outside_cypher() -> str:
    """Text of the query for what a load holds that the Cypher does not read."""
    return _text("outside")


def tracing_parameters(protocol: Protocol, *, as_of: str | dt.date, tz: str) -> dict[str, Any]:
    """Parameters of the query but `load`.

    Raises
    ------
    ProtocolError
        If the protocol asks for what Cypher does not say here.

    Examples
    --------
    >>> import tracegraph as tg
    >>> rule = tg.Protocol.named("china-8")
    >>> given = tracing_parameters(rule, as_of="2022-05-12", tz="Asia/Shanghai")
    >>> given["look_back_days"], given["follow_up_days"], given["now"]
    (2, 14, 1652371200)
    >>> given["seconds"]["office"], given["seconds"]["market"]
    ([900, 900], [])
    """
    refuse_protocol(protocol)
    window = protocol.window
    days = [window.max_days] if window.after_days is None else [window.max_days, window.after_days]
    return {
        "now": _moment(as_of, tz),
        "tz": tz,
        "statuses": list(window.statuses),
        "anchor": window.anchor,
        "look_back_days": window.look_back_days,
        "look_back_hours": window.look_back_hours,
        "days_after": min(days),
        "isolation_kind": window.isolation_kind,
        "seconds": {kind: _seconds(protocol, kind) for kind in (*protocol.kind, "other")},
        "gap": round(protocol.exposure.merge_gap_minutes * 60),
        "tiers": len(protocol.tier),
        "follow_up_days": protocol.tier[0].follow_up_days,
    }


def _text(name: str) -> str:
    return (files(__package__) / "cypher" / f"{name}.cypher").read_text(encoding="utf-8")


def _seconds(protocol: Protocol, kind: str) -> list[int]:
    """Seconds together that make an exposure, one number a tier; none for venues."""
    if protocol.kind_of(kind).place != "close":
        return []
    hops = range(1, len(protocol.tier) + 1)
    return [max(1, round(60 * protocol.minutes_at(kind, hop))) for hop in hops]


def _moment(as_of: str | dt.date, tz: str) -> int:
    placed = place(read_times(pd.Series([as_of], dtype="object")), tz)
    if not placed.is_given[0]:
        message = (
            f"as_of = {as_of!r} is no time.\n"
            '    Pass "2022-05-12 18:00", or "2022-05-12" for the end of that day.'
        )
        raise TableError(message)
    return int(placed.hi[0])


def _tiers(rows: list[dict[str, Any]], tz: str) -> pd.DataFrame:
    """Rows of the answer, with the types of ``trace.tiers``."""
    found = pd.DataFrame(rows, columns=list(_COLUMNS))
    for name in ("first_exposure", "last_exposure"):
        seconds = found[name].astype("Int64").astype("float64")
        found[name] = pd.to_datetime(seconds, unit="s", utc=True).dt.as_unit("s").dt.tz_convert(tz)
    return found.astype({"tier": "Int8", "contact_tier": "Int8"})
