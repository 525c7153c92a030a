"""What the Cypher of tracegraph traces, and what it refuses by name.

A trace that left something out without a word would miss people; so whatever a protocol or a
graph asks for beyond the part that Cypher says is an error that says how to go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracegraph.errors import ProtocolError, TableError
from tracegraph.model.schemas import RESULTS
from tracegraph.protocols.protocol import Kind, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

_TIERS = 2

_GRAPH = {
    "seat": "{n:,} visits to vehicles where seats decide",
    "open": "{n:,} visits without an end",
    "seated": "{n:,} visits with a seat to places without a seat rule",
    "contact": "{n:,} reported contacts of kind {kind}",
    "household": "{n:,} homes that several people share",
    "alias": "{n:,} persons with two ids",
    "tested": "{n:,} cases whose specimen stands in tests alone",
    "bare": "{n:,} homes that are in no row of locations",
}
"""How a message names what a graph holds; `{kind}` is a kind or the name of a table."""


def cypher_part(protocol: str | Protocol) -> Protocol:
    """Protocol without what Cypher does not say here: fewer people may be traced by it.

    Raises
    ------
    ProtocolError
        If nothing would be left, because the protocol counts dates.

    Examples
    --------
    >>> print(cypher_part("cdc-2020"))
    cdc-2020+ differs from cdc-2020:
    - exposure.max_household = 15
    + exposure.max_household = 1
    - tier.0.accumulate = 'same_source'
    + tier.0.accumulate = 'none'
    ...
    """
    rule = Protocol.named(protocol) if isinstance(protocol, str) else protocol
    if rule.exposure.resolution == "day":
        raise ProtocolError(_counts_dates(rule))
    changes = dict(_changes(rule))
    return rule.derive(**changes) if changes else rule


def _changes(rule: Protocol) -> Iterator[tuple[str, Any]]:
    """Leaves to change, and to what."""
    for i in reversed(range(_TIERS, len(rule.tier))):
        yield f"tier.{i}", None
    for i, tier in enumerate(rule.tier[:_TIERS]):
        if tier.accumulate != "none":
            yield f"tier.{i}.accumulate", "none"
    if rule.window.from_last_negative:
        yield "window.from_last_negative", False
    if rule.exposure.max_household > 1:
        yield "exposure.max_household", 1
    for name, kind in rule.kind.items():
        for leaf, value in _changes_of_kind(kind):
            yield f"kind.{name}.{leaf}", value
    for name in dict.fromkeys((*rule.contact, "other")):
        if rule.contact_of(name).place == "close":
            yield f"contact.{name}.place", "venue"


def _changes_of_kind(kind: Kind) -> Iterator[tuple[str, Any]]:
    if kind.place == "seat":
        yield "place", "venue"
    if kind.linger_minutes:
        yield "linger_minutes", 0.0
    if kind.linger_up_to_minutes is not None:
        yield "linger_up_to_minutes", None


def refuse_protocol(protocol: Protocol) -> None:
    """Raise for what no graph could make the Cypher say."""
    if protocol.exposure.resolution == "day":
        raise ProtocolError(_counts_dates(protocol))
    asked = list(_asked(protocol))
    if asked:
        message = (
            f"{protocol.name} asks for what the Cypher of tracegraph does not say: "
            f"{'; '.join(asked)}.\n"
            "    Trace with graph.trace(protocol), or leave it out: cypher_part(protocol)."
        )
        raise ProtocolError(message)


def _asked(protocol: Protocol) -> Iterator[str]:
    if len(protocol.tier) > _TIERS:
        yield f"{len(protocol.tier)} tiers"
    for tier in protocol.tier:
        if tier.accumulate != "none":
            yield f"minutes of several encounters ({tier.name}: accumulate)"
    if protocol.window.from_last_negative:
        yield "windows from the last negative specimen (from_last_negative)"
    lingering = [
        name
        for name, kind in protocol.kind.items()
        if kind.place != "venue" and (kind.linger_minutes or kind.linger_up_to_minutes is not None)
    ]
    if lingering:
        yield f"what lingers in the air (linger of {', '.join(lingering)})"


def _counts_dates(protocol: Protocol) -> str:
    return (
        f"{protocol.name} counts dates, not minutes; the Cypher of tracegraph counts minutes.\n"
        "    Trace with graph.trace(protocol)."
    )


def outside_parameters(protocol: Protocol) -> dict[str, Any]:
    """Parameters of the query for what a load holds beyond the part."""
    kinds = dict.fromkeys((*protocol.kind, "other"))
    return {
        "classes": {kind: protocol.kind_of(kind).place for kind in kinds},
        "max_household": protocol.exposure.max_household,
        "positive": [word for word, result in RESULTS.items() if result == 1],
    }


def refuse_graph(found: list[dict[str, Any]], protocol: Protocol) -> None:
    """Raise for what a load holds and the protocol reads, but the Cypher does not.

    Parameters
    ----------
    found : list of dict
        Rows `what`, `kind`, `n` of the query.
    """
    told = [
        _GRAPH[row["what"]].format(n=row["n"], kind=row["kind"] or "other")
        for row in found
        if row["what"] != "contact" or protocol.contact_of(row["kind"]).place == "close"
    ]
    if told:
        message = (
            f"This graph holds what the Cypher of tracegraph does not read: {'; '.join(told)}.\n"
            "    Trace with graph.trace(protocol). Contacts, seats and homes can be left out: "
            "cypher_part(protocol)."
        )
        raise TableError(message)
