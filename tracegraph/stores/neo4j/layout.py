"""How a graph and its traces stand in Neo4j: labels, types of relationships, and properties.

Everything bears `load`, the id of the save that wrote it, and rows bear `row`, their position in
their table. A node `:Table` for each table tells the names and types of its columns.
Names that stand in the text of a query come from this file and from the schemas of the tables,
never from a graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracegraph.model.schemas import TABLES
from tracegraph.stores.saved import LATE
from tracegraph.stores.saved_trace import FRAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

FORMAT = 1
"""Number that stands on each load; a later version that writes otherwise raises it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A relationship from a row's node to the node that a column names, or the other way."""

    type: str
    column: str
    label: str
    is_inward: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """A table whose rows are nodes of their own."""

    label: str
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Things:
    """A table whose rows tell of persons, places or areas: properties of these nodes.

    If several rows tell of one, its node has the first value of each, and the rows are nodes
    of the label `record`.
    """

    label: str
    record: str
    column: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """A table whose rows are relationships; a column of either end names the node there."""

    type: str
    start: tuple[str, str]
    end: tuple[str, str]


_ABOUT_AREA = (Link(type="OF", column="area_id", label="Area"),)
_IN_AREA = Link(type="IN", column="area_id", label="Area")

NODES = {
    "cases": Nodes(
        label="CaseRecord",
        links=(
            Link(type="HAS_RECORD", column="person_id", label="Person", is_inward=True),
            Link(type="INFECTED_BY", column="infected_by", label="Person"),
        ),
    ),
    "tests": Nodes(
        label="Test",
        links=(Link(type="TESTED", column="person_id", label="Person", is_inward=True),),
    ),
    "disinfections": Nodes(
        label="Disinfection", links=(Link(type="AT", column="location_id", label="Location"),)
    ),
    "zone_history": Nodes(label="ZoneSpan", links=_ABOUT_AREA),
    "rounds": Nodes(label="Round", links=_ABOUT_AREA),
    "measures": Nodes(label="Measure", links=_ABOUT_AREA),
    "rejects": Nodes(label="Reject"),
    "counts": Nodes(label="Count"),
}
THINGS = {
    "persons": Things(
        label="Person",
        record="PersonRecord",
        column="person_id",
        links=(
            Link(type="LIVES_AT", column="home_id", label="Location"),
            Link(type="SAME_AS", column="same_as", label="Person"),
        ),
    ),
    "locations": Things(
        label="Location",
        record="LocationRecord",
        column="location_id",
        links=(Link(type="IN", column="parent_id", label="Location"), _IN_AREA),
    ),
    "areas": Things(
        label="Area",
        record="AreaRecord",
        column="area_id",
        links=(Link(type="IN", column="parent_id", label="Area"),),
    ),
}
TIES = {
    "visits": Ties(type="VISITED", start=("Person", "person_id"), end=("Location", "location_id")),
    "contacts": Ties(type="CONTACT", start=("Person", "person_id"), end=("Person", "contact_id")),
    "isolations": Ties(type="ISOLATED", start=("Person", "person_id"), end=("Location", "site_id")),
    "tiers": Ties(type="TRACED", start=("Trace", ""), end=("Person", "person_id")),
    "exposures": Ties(type="EXPOSED", start=("Person", "source_id"), end=("Person", "contact_id")),
    "venue_contacts": Ties(
        type="VENUE_CONTACT", start=("Person", "source_id"), end=("Person", "person_id")
    ),
}

LONGEST = 7_000
"""Bytes of an id, or of the name of a trace: longer ones do not fit into the index of a key."""

MORE = "MORE"
"""Type of the relationship from a person, place or area to each of several rows that tell of it."""

UNPLACED = "Unplaced"
"""Label of the one node of a load that stands where a row names nobody or no place."""

KEYS = {
    **{things.label: "id" for things in THINGS.values()},
    **{things.record: "row" for things in THINGS.values()},
    **{nodes.label: "row" for nodes in NODES.values()},
    "Trace": "name",
    "Table": "name",
    UNPLACED: "name",
}
"""Property that tells the nodes of a label and a load apart. `Person` comes first: who goes takes
most relationships along."""

_ROLES = {"Person": "person", "Location": "location", "Area": "area"}
_RESERVED = frozenset({"load", "row", "id", "trace"})
_OF_PERSONS = frozenset({"tier"})  # of the newest trace
_TRACE_TIMES = ("first_exposure", "last_exposure", "quarantine_until", "start", "end")


def constraints() -> dict[str, str]:
    """Statements that let no two nodes have one key, by the names of the constraints."""
    keys = {"Tracegraph": "n.id"}  # loads, and the writer's lock
    keys |= {label: f"n.load, n.{key}" for label, key in KEYS.items()}
    names = {label: f"tracegraph_{label.lower()}" for label in keys}
    return {
        names[label]: f"CREATE CONSTRAINT {names[label]} IF NOT EXISTS "
        f"FOR (n:{label}) REQUIRE ({key}) IS UNIQUE"
        for label, key in keys.items()
    }


def times_of(table: str) -> frozenset[str]:
    """Properties of a table that are moments: of each column of times the early and late bound."""
    if table in FRAMES:
        return frozenset(_TRACE_TIMES)
    named = TABLES[table].named("time") if table in TABLES else ()
    return frozenset(name for time in named for name in (time, f"{time}_until"))


def own(table: str) -> frozenset[str]:
    """Properties of a table that a query may name."""
    names = TABLES[table].names if table in TABLES else ()
    return times_of(table) | frozenset(names)


def columns_of(label: str, table: str) -> tuple[str, ...]:
    """Columns of a table that name nodes of a label."""
    if table in TABLES:
        return TABLES[table].named(_ROLES[label])  # type: ignore[arg-type]  # one of the roles
    return ("person_id", "source_id", "contact_id") if label == "Person" else ()


def keys_of(
    table: str, schema: pa.Schema, known: Mapping[str, str] | None = None
) -> dict[str, str]:
    r"""Properties for the columns of a table; a stranger gives way to names of ours.

    Examples
    --------
    >>> import pyarrow as pa
    >>> schema = pa.schema([(name, pa.string()) for name in ("kind", "row", "a\0", "row_", "")])
    >>> list(keys_of("locations", schema).values())
    ['kind', 'row_', 'a_', 'row__', 'column']
    """
    keys = dict(known or {})
    taken = own(table) | _RESERVED | set(keys.values())
    taken |= _OF_PERSONS if table == "persons" else set()
    for field in schema:
        if field.name not in keys:
            keys[field.name] = key = _own_key(table, field) or _free(field.name, taken)
            taken = taken | {key}
    return {name: keys[name] for name in schema.names}


def _own_key(table: str, field: pa.Field) -> str | None:
    if field.metadata and LATE in field.metadata:
        return f"{field.metadata[LATE].decode()}_until"
    is_named = table in TABLES and field.name in TABLES[table].names
    return field.name if is_named or (table in FRAMES and field.name in _TRACE_TIMES) else None


def _free(name: str, taken: frozenset[str] | set[str]) -> str:
    key = name.replace("\0", "_") or "column"
    while key in taken:
        key += "_"
    return key
