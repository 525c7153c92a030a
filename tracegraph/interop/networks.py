"""A trace as a networkx graph: persons and places, one edge an exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from tracegraph.errors import TooLargeError

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable

    import networkx as nx

    from tracegraph.tracing.trace import Trace

_TIER_COLUMNS = (
    "tier",
    "certainty",
    "contact_tier",
    "class",
    "first_exposure",
    "last_exposure",
    "n_sources",
    "minutes",
    "clause",
    "quarantine_until",
    "ongoing",
)
_EVIDENCE_COLUMNS = ("start", "end", "minutes", "minutes_together", "class", "channel", "certainty")


def to_networkx(
    trace: Trace, *, max_edges: int = 1_000_000, extras: bool = False, visits: bool = False
) -> nx.MultiDiGraph[Any]:
    """Traced persons and the places of their exposures, one edge an exposure.

    Parameters
    ----------
    trace : Trace
    max_edges : int, optional
        Counted before anything is built.
    extras : bool, optional
        Every column of `graph.persons` and `graph.locations` as node attributes: names, homes,
        coordinates and columns that no rule reads. By default none of them is taken over.
    visits : bool, optional
        Add an edge from each traced person to the place of each of their stays.

    Returns
    -------
    networkx.MultiDiGraph
        - Nodes ``("person", id)`` with `tier`, `certainty`, `first_exposure`, … and
          ``("location", id)`` with `kind`; each has `node_type`.
        - Edges from source to contact with `edge_type` "exposure", `location` (a node, or None),
          `start`, `end`, `minutes`, `minutes_together`, `class`, `channel`, `certainty`; with
          `visits`, edges from person to place with `edge_type` "visit", `start`, `end`.
        Missing values are None.

    Raises
    ------
    TooLargeError
        If there would be more than `max_edges` edges.
    """
    import networkx as nx

    stays = _stays(trace) if visits else None
    _check_size(trace.n_exposures, 0 if stays is None else len(stays), max_edges)
    rows = trace.exposures()

    out: nx.MultiDiGraph[Any] = nx.MultiDiGraph(
        protocol=trace.protocol.name, as_of=_value(trace.as_of)
    )
    tiers = trace.tiers
    for person, row in _records(tiers, "person_id", _TIER_COLUMNS):
        out.add_node(("person", person), node_type="person", **row)
    places = _places(trace, rows, stays)
    for place, row in _records(places, "location_id", ("kind",)):
        out.add_node(("location", place), node_type="location", **row)
    for (source, contact, place), row in _exposure_records(rows):
        at = None if place is None else ("location", place)
        out.add_edge(
            ("person", source), ("person", contact), edge_type="exposure", location=at, **row
        )
    if stays is not None:
        for row in _records_of(stays):
            ends = ("person", row.pop("person_id")), ("location", row.pop("location_id"))
            out.add_edge(*ends, edge_type="visit", **row)
    if extras:
        _add_extras(out, trace)
    return out


def _check_size(n_exposures: int, n_visits: int, max_edges: int) -> None:
    if n_exposures + n_visits <= max_edges:
        return
    parts = f"{n_exposures:,} exposures" + (f" and {n_visits:,} visits" if n_visits else "")
    message = (
        f"the graph would have {n_exposures + n_visits:,} edges ({parts}), "
        f"more than max_edges={max_edges:,}. Pass max_edges={n_exposures + n_visits} if the "
        "memory is there (about 1 kB an edge), or work with trace.exposures(), a frame."
    )
    raise TooLargeError(message)


def _stays(trace: Trace) -> pd.DataFrame:
    """Visits of traced persons to a known place, with the columns of an edge."""
    visits, aliases = trace.graph.visits, trace.graph.aliases
    if len(aliases):
        person = visits["person_id"].replace(dict(aliases.itertuples(index=False)))
        visits = visits.assign(person_id=person)
    traced = visits["person_id"].isin(trace.tiers["person_id"]) & visits["location_id"].notna()
    columns = {"arrive": "start", "depart": "end"}
    kept: pd.DataFrame = visits.loc[traced, ["person_id", "location_id", *columns]]
    return kept.rename(columns=columns)


def _places(trace: Trace, rows: pd.DataFrame, stays: pd.DataFrame | None) -> pd.DataFrame:
    used = [rows["location_id"].dropna()]
    if stays is not None:
        used.append(stays["location_id"])
    ids = pd.Index(pd.concat(used).unique(), name="location_id").sort_values()
    table = trace.graph.locations.drop_duplicates("location_id").set_index("location_id")
    kinds: pd.DataFrame = table.reindex(columns=["kind"]).reindex(ids).reset_index()
    return kinds


def _records(
    frame: pd.DataFrame, key: str, columns: Collection[str]
) -> list[tuple[Hashable, dict[str, Any]]]:
    """Key and attributes of each row, those of `columns` that the frame has."""
    kept = frame[[key, *(c for c in columns if c in frame)]]
    return [(row.pop(key), row) for row in _records_of(kept)]


def _exposure_records(rows: pd.DataFrame) -> list[tuple[tuple[Any, Any, Any], dict[str, Any]]]:
    ends = ["source_id", "contact_id", "location_id"]
    kept = rows[[*ends, *(c for c in _EVIDENCE_COLUMNS if c in rows)]]
    return [
        ((row.pop("source_id"), row.pop("contact_id"), row.pop("location_id")), row)
        for row in _records_of(kept)
    ]


def _records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts of plain values."""
    columns = [str(c) for c in frame.columns]
    values = [[_value(v) for v in frame[c].astype(object)] for c in frame.columns]
    return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]


def _value(value: Any) -> Any:  # noqa: ANN401  # one cell
    """Cell as a plain value: missing is None, numpy scalars are Python's own."""
    if not isinstance(value, list | dict | tuple) and pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value


def _add_extras(out: nx.MultiDiGraph[Any], trace: Trace) -> None:
    tables = (
        ("person", "person_id", trace.graph.persons),
        ("location", "location_id", trace.graph.locations),
    )
    for what, key, table in tables:
        for row in _records_of(table):
            node = (what, row.pop(key))
            if node in out:  # what the trace says of a node wins over a column of that name
                out.nodes[node].update({**row, **out.nodes[node]})
