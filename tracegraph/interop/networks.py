"""A trace as a networkx graph, and as a pyvis network whose nodes already stand in place."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import pandas as pd

from tracegraph.errors import TooLargeError
from tracegraph.viz import picture as pictures

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable

    import networkx as nx
    import numpy as np
    from pyvis.network import Network

    from tracegraph.viz.picture import Picture, Traced

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
    trace: Traced, *, max_edges: int = 1_000_000, extras: bool = False, visits: bool = False
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

    n_exposures = getattr(trace, "n_exposures", None)  # known before the rows are built
    stays = _stays(trace) if visits else None
    rows = None
    if n_exposures is None:
        rows = trace.exposures()
        n_exposures = len(rows)
    _check_size(n_exposures, 0 if stays is None else len(stays), max_edges)
    rows = trace.exposures() if rows is None else rows

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


def to_pyvis(
    trace: Traced,
    *,
    reveal: Collection[str] = (),
    max_nodes: int = pictures.MAX_NODES,
    rng: np.random.Generator | int | None = None,
    **options: Any,  # noqa: ANN401  # of pyvis.network.Network
) -> Network:
    """Picture of `to_html` as a pyvis network: same nodes, places and names, physics off.

    Parameters
    ----------
    trace : Trace
    reveal : collection of str, optional
        "ids", "names"; by default everyone is a pseudonym.
    max_nodes : int, optional
        More nodes than this are gathered in counted bubbles.
    rng : numpy.random.Generator or int, optional
        Order of pseudonyms among equal first exposures.
    **options
        Handed to `pyvis.network.Network`, such as ``height="800px"``. Mind that no setting of
        pyvis's `cdn_resources` gives a page that asks for nothing: `to_html` does.

    Returns
    -------
    pyvis.network.Network
        Titles are escaped, so that an id is never read as HTML.
    """
    from pyvis.network import Network

    picture = pictures.draw(trace, reveal=reveal, max_nodes=max_nodes, rng=rng)
    out = Network(**{"height": "750px", "cdn_resources": "in_line", **options})
    out.toggle_physics(status=False)
    out.set_edge_smooth("continuous")
    for name, look in _looks(picture, trace):
        out.add_node(name, **look)
    names = [node["id"] for node in out.nodes]
    for a, b in picture.edges:
        out.add_edge(names[a], names[b], color=pictures.EDGE_COLOUR, physics=False)
    return out


# ---- networkx


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


def _stays(trace: Traced) -> pd.DataFrame:
    """Visits of traced persons to a known place, with the columns of an edge."""
    visits, aliases = trace.graph.visits, trace.graph.aliases
    if len(aliases):
        person = visits["person_id"].replace(dict(aliases.itertuples(index=False)))
        visits = visits.assign(person_id=person)
    traced = visits["person_id"].isin(trace.tiers["person_id"]) & visits["location_id"].notna()
    columns = {"arrive": "start", "depart": "end"}
    kept: pd.DataFrame = visits.loc[traced, ["person_id", "location_id", *columns]]
    return kept.rename(columns=columns)


def _places(trace: Traced, rows: pd.DataFrame, stays: pd.DataFrame | None) -> pd.DataFrame:
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


def _add_extras(out: nx.MultiDiGraph[Any], trace: Traced) -> None:
    tables = (
        ("person", "person_id", trace.graph.persons),
        ("location", "location_id", trace.graph.locations),
    )
    for what, key, table in tables:
        for row in _records_of(table):
            node = (what, row.pop(key))
            if node in out:  # what the trace says of a node wins over a column of that name
                out.nodes[node].update({**row, **out.nodes[node]})


# ---- pyvis


def _looks(picture: Picture, trace: Traced) -> list[tuple[str, dict[str, Any]]]:
    """Name and options of each node, in the order of `picture.nodes`."""
    looks = []
    for what, number, radius, x, y in picture.nodes.itertuples(index=False):
        if what == "person":
            person = picture.persons.iloc[number]
            style = pictures.tier_style(int(person["tier"]))
            name, label, title = person["pseudonym"], person["label"], _title(person, trace)
        elif what == "place":
            place = picture.places.iloc[number]
            style = pictures.HOME_STYLE if place["is_home"] else pictures.PLACE_STYLE
            name, label = place["pseudonym"], place["label"]
            title = f"{label}\n{place['n_exposures']:,} exposures"
        else:
            bubble = picture.folded.bubbles.iloc[number]
            style = pictures.tier_style(int(bubble["tier"]))
            name, label = f"bubble {number + 1}", f"{bubble['members']:,}"
            title = f"{bubble['members']:,} {_tier_name(int(bubble['tier']), trace)}s"
        look: dict[str, Any] = {"label": label, "title": html.escape(title), "shape": style.shape}
        look |= {"color": style.colour, "size": radius, "x": x, "y": y, "physics": False}
        looks.append((name, look))
    return looks


def _title(person: pd.Series[Any], trace: Traced) -> str:
    lines = [
        person["label"],
        f"{_tier_name(int(person['tier']), trace)}, {person['certainty']}",
    ]
    if not pd.isna(person["first_exposure"]):
        lines.append(f"first exposure {person['first_exposure']:%Y-%m-%d %H:%M}")
    if not pd.isna(person["quarantine_until"]):
        lines.append(f"quarantine until {person['quarantine_until']:%Y-%m-%d}")
    return "\n".join(lines)


def _tier_name(tier: int, trace: Traced) -> str:
    named = trace.protocol.tier
    return "case" if tier == 0 else named[tier - 1].name if tier <= len(named) else f"tier {tier}"
