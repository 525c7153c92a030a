"""What a picture of a trace shows: persons, places and lines, named so that it may be handed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from tracegraph.viz.folding import Folded, fold
from tracegraph.viz.layout import positions
from tracegraph.viz.pseudonyms import (
    KNOWN_KINDS,
    check_reveal,
    display_text,
    numbered,
    tier_word,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy.typing as npt

    from tracegraph.protocols.protocol import Protocol as TracingProtocol

MAX_NODES = 2_000
"""Nodes that are drawn one by one, unless a caller says otherwise."""


class Facts(Protocol):
    """The tables that a picture reads of a graph."""

    @property
    def locations(self) -> pd.DataFrame:
        """One row a place: location_id, kind, name."""
        ...

    @property
    def persons(self) -> pd.DataFrame:
        """One row a person: person_id, name."""
        ...


class Traced(Protocol):
    """What a picture reads of a trace."""

    @property
    def tiers(self) -> pd.DataFrame:
        """One row a traced person."""
        ...

    @property
    def graph(self) -> Any:  # noqa: ANN401  # a TraceGraph, or whatever has its `Facts`
        """The facts."""
        ...

    @property
    def protocol(self) -> TracingProtocol:
        """The rule."""
        ...

    @property
    def as_of(self) -> pd.Timestamp:
        """The moment."""
        ...

    def exposures(self) -> pd.DataFrame:
        """One row an exposure."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How the nodes of one tier, or the places, look; no two share colour or shape."""

    colour: str
    shape: str  # as vis-network names it
    size: float  # radius in pixels at scale one


# Okabe and Ito's palette, told apart with any common colour blindness; shapes say the same again
TIER_STYLES = (
    Style(colour="#D55E00", shape="diamond", size=17),
    Style(colour="#0072B2", shape="dot", size=9.5),
    Style(colour="#009E73", shape="triangle", size=7),
    Style(colour="#CC79A7", shape="triangleDown", size=7),
    Style(colour="#E69F00", shape="star", size=7),
)
PLACE_STYLE = Style(colour="#4B5563", shape="square", size=7)
HOME_STYLE = Style(colour="#9CA3AF", shape="hexagon", size=6.5)
EDGE_COLOUR = "#C3C9D2"


def tier_style(tier: int) -> Style:
    """Look of a tier; tiers beyond the palette share the last one."""
    return TIER_STYLES[min(tier, len(TIER_STYLES) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Persons, places and lines of one picture; rows are numbered from 0.

    Parameters
    ----------
    persons : DataFrame
        The columns of `trace.tiers` that may be shown, without ids; `pseudonym`, `label`, and
        `shown_id`, `shown_name` (None unless revealed); `n_exposures`; in the order of the numbers.
    places : DataFrame
        `pseudonym`, `label`, `shown_id`, `shown_name`, `kind`, `is_home`, `n_exposures`.
    exposures : DataFrame
        `contact`, `source`, `place` (numbers; -1 without a place) and the columns of evidence.
    folded : Folded
    nodes : DataFrame, one row a drawn node
        `what` ("person", "place", "bubble"), `number`, `radius`, `x`, `y`.
    edges : array of int64, (m, 2)
        Rows of `nodes`, each pair once.
    """

    persons: pd.DataFrame
    places: pd.DataFrame
    exposures: pd.DataFrame
    folded: Folded
    nodes: pd.DataFrame
    edges: npt.NDArray[np.int64]
    reveal: frozenset[str]


def draw(
    trace: Traced,
    *,
    reveal: Collection[str] = (),
    max_nodes: int = MAX_NODES,
    rng: np.random.Generator | int | None = None,
) -> Picture:
    """Work out the picture of a trace.

    Parameters
    ----------
    trace : Trace
    reveal : collection of str, optional
        "ids", "names"; by default pseudonyms alone.
    max_nodes : int, optional
        Beyond this, the outermost tiers are gathered in counted bubbles.
    rng : numpy.random.Generator or int, optional
        Order of pseudonyms among persons of the same first exposure. The default is new with
        every picture; whoever knows the seed could undo the shuffle and learn the order of ids.

    Returns
    -------
    Picture
    """
    if max_nodes < 1:
        message = f"max_nodes is {max_nodes}; at least one node must be drawn."
        raise ValueError(message)
    words = check_reveal(reveal)
    chance = np.random.default_rng(rng)
    tiers, rows = trace.tiers, _own_tier(trace)
    persons = _persons(tiers, rows, trace.graph.persons, words, chance)
    places = _places(rows, trace, words, chance)
    exposures = _exposures(rows, persons, places)
    persons["n_exposures"] = _counts(exposures["contact"], len(persons))
    places["n_exposures"] = _counts(exposures["place"], len(places))
    links = _links(exposures)
    decisive = exposures.drop_duplicates("contact").set_index("contact")[["source", "place"]]
    decisive = decisive.reindex(range(len(persons)), fill_value=-1)
    folded = fold(
        persons["tier"].to_numpy(np.int64),
        decisive["source"].to_numpy(np.int64),
        decisive["place"].to_numpy(np.int64),
        links,
        len(places),
        max_nodes=max_nodes,
    )
    nodes, edges = _nodes_and_edges(persons, places, exposures, links, folded)
    xy = positions(edges, nodes["radius"].to_numpy(np.float64))
    nodes["x"], nodes["y"] = xy[:, 0].round(1), xy[:, 1].round(1)
    return Picture(
        persons=persons.drop(columns="person_id"),
        places=places.drop(columns="location_id"),
        exposures=exposures,
        folded=folded,
        nodes=nodes,
        edges=edges,
        reveal=words,
    )


def wall_clock(times: pd.Series[Any]) -> pd.Series[pd.Timestamp]:
    """Local times without their zone, as a page shows them."""
    parsed = pd.to_datetime(times)
    return parsed.dt.tz_localize(None)


# ---- tables


def _own_tier(trace: Traced) -> pd.DataFrame:
    """Exposures on the hop that gave a person their tier, between traced persons, in order."""
    rows = trace.exposures()
    own = trace.tiers.set_index("person_id")["contact_tier"]
    tier = own.reindex(rows["contact_id"]).array
    keep = np.asarray(rows["tier"].astype("Int64").array == tier)
    keep = pd.array(keep, dtype="boolean").fillna(value=False).to_numpy(bool)
    return rows[keep & rows["source_id"].isin(own.index).to_numpy()]


def _persons(
    tiers: pd.DataFrame,
    rows: pd.DataFrame,
    table: pd.DataFrame,
    reveal: frozenset[str],
    rng: np.random.Generator,
) -> pd.DataFrame:
    out = tiers.reset_index(drop=True).copy()
    out["first_exposure"] = wall_clock(out["first_exposure"])
    out["last_exposure"] = wall_clock(out["last_exposure"])
    # a case that nobody exposed is known by the first exposure that came from it
    gave = wall_clock(rows["start"]).groupby(rows["source_id"].to_numpy()).min()
    seen = out["first_exposure"].fillna(gave.reindex(out["person_id"]).set_axis(out.index))
    out["pseudonym"] = numbered(_words(out["tier"]), seen, rng)
    names = table.drop_duplicates("person_id").set_index("person_id")
    out = _with_labels(out, "person_id", names, reveal)
    number = out["pseudonym"].str.rsplit(" ", n=1).str[1].astype(int)
    order = pd.DataFrame({"tier": out["tier"].astype(int), "number": number})
    out = out.loc[order.sort_values(["tier", "number"]).index]
    return out.drop(columns=["source_id", "location_id"], errors="ignore").reset_index(drop=True)


def _words(tiers: pd.Series[Any]) -> pd.Series[Any]:
    return pd.Series([tier_word(int(k)) for k in tiers], index=tiers.index, dtype="object")


def _places(
    rows: pd.DataFrame, trace: Traced, reveal: frozenset[str], rng: np.random.Generator
) -> pd.DataFrame:
    first = wall_clock(rows["start"]).groupby(rows["location_id"].to_numpy()).min()
    out = pd.DataFrame({"location_id": first.index, "first": first.to_numpy()})
    table = trace.graph.locations.drop_duplicates("location_id").set_index("location_id")
    kind = table["kind"].reindex(out["location_id"]) if "kind" in table else None
    out["kind"] = None if kind is None else kind.astype(object).where(kind.notna(), None).array
    out["is_home"] = (out["kind"] == "home").to_numpy(bool)
    if "names" not in reveal:  # a kind in the team's own words may say whose place it is
        sayable = KNOWN_KINDS | set(trace.protocol.kind)
        out["kind"] = [k if k is None or k in sayable else "other" for k in out["kind"]]
    out["kind"] = [None if k is None else display_text(k).replace("_", " ") for k in out["kind"]]
    group = pd.Series(np.where(out["is_home"], "home", "place"), index=out.index)
    plain = numbered(group, out["first"], rng)
    named = ~out["is_home"] & out["kind"].notna()
    out["pseudonym"] = plain.where(~named, plain + " (" + out["kind"].fillna("") + ")")
    out = _with_labels(out, "location_id", table, reveal)
    order = plain.str.split(" ").str[1].astype(int)
    return out.loc[order.sort_values(kind="stable").index].reset_index(drop=True)


def _with_labels(
    out: pd.DataFrame, key: str, table: pd.DataFrame, reveal: frozenset[str]
) -> pd.DataFrame:
    """Columns `shown_id`, `shown_name` and `label`: what is revealed, else None and a pseudonym."""
    ids: list[str | None] = [None] * len(out)
    names: list[str | None] = [None] * len(out)
    if "ids" in reveal:
        ids = [display_text(value) for value in out[key]]
    if "names" in reveal and "name" in table:
        found = table["name"].reindex(out[key])
        names = [None if pd.isna(value) else display_text(value) for value in found]
    out["shown_id"] = pd.Series(ids, index=out.index, dtype=object)
    out["shown_name"] = pd.Series(names, index=out.index, dtype=object)
    out["label"] = [
        name or shown or pseudonym
        for name, shown, pseudonym in zip(names, ids, out["pseudonym"], strict=True)
    ]
    return out


def _exposures(rows: pd.DataFrame, persons: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Evidence with numbers for ids, the decisive row of each contact first."""
    people, spots = pd.Index(persons["person_id"]), pd.Index(places["location_id"])
    out = pd.DataFrame(
        {
            "contact": people.get_indexer(pd.Index(rows["contact_id"])),
            "source": people.get_indexer(pd.Index(rows["source_id"])),
            "place": spots.get_indexer(pd.Index(rows["location_id"])),
            "start": wall_clock(rows["start"]).to_numpy(),
            "end": wall_clock(rows["end"]).to_numpy(),
            "minutes": rows["minutes"].to_numpy(np.float64),
            "class": rows["class"].to_numpy(),
            "is_certain": (rows["certainty"] == "certain").to_numpy(),
        }
    )
    out.loc[rows["location_id"].isna().to_numpy(), "place"] = -1
    out["most"] = -out["minutes"].fillna(0.0)
    # numbers break ties, not ids: a page must not show which of two ids is smaller
    out = out.sort_values(["start", "most", "contact", "source", "place"], ignore_index=True)
    return out.drop(columns="most")


def _links(exposures: pd.DataFrame) -> pd.DataFrame:
    """Who was where: each pair of a person and a place once."""
    at = exposures[exposures["place"] >= 0]
    pairs = pd.concat(
        [
            at[[role, "place"]].set_axis(["person", "place"], axis="columns")
            for role in ("contact", "source")
        ]
    )
    return pairs.drop_duplicates().sort_values(["person", "place"], ignore_index=True)


def _counts(codes: pd.Series[int], n: int) -> npt.NDArray[np.int64]:
    known = codes.to_numpy(np.int64)
    return np.bincount(known[known >= 0], minlength=n)


# ---- nodes and edges


def _nodes_and_edges(
    persons: pd.DataFrame,
    places: pd.DataFrame,
    exposures: pd.DataFrame,
    links: pd.DataFrame,
    folded: Folded,
) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
    person_rows, place_rows = np.flatnonzero(folded.persons), np.flatnonzero(folded.places)
    crowd = _counts(links["place"], len(places))[place_rows]
    # what to look for first must not vanish when a large picture is shown whole
    loud = min(2.5, max(1.0, ((len(person_rows) + len(place_rows)) / 350) ** 0.5))
    tiers = persons["tier"].iloc[person_rows]
    plain = np.where(places["is_home"].to_numpy()[place_rows], HOME_STYLE.size, PLACE_STYLE.size)
    radius = [
        np.array([tier_style(int(t)).size * (loud if t == 0 else 1.0) for t in tiers]),
        np.minimum(plain + 1.1 * loud * np.sqrt(np.maximum(crowd - 3, 0)), 16.0 * loud),
        np.minimum(10.0 + 2.0 * np.sqrt(folded.bubbles["members"].to_numpy(np.float64)), 30.0),
    ]
    numbers = [person_rows, place_rows, np.arange(len(folded.bubbles))]
    nodes = pd.DataFrame(
        {
            "what": np.repeat(["person", "place", "bubble"], [len(part) for part in numbers]),
            "number": np.concatenate(numbers),
            "radius": np.concatenate(radius).astype(float),
        }
    )
    node_of_person = _inverse(person_rows, len(persons))
    node_of_place = _inverse(place_rows, len(places), start=len(person_rows))
    bubbles = folded.bubbles
    anchors = np.where(
        bubbles["at_place"],
        node_of_place[bubbles["anchor"].where(bubbles["at_place"], -1)],
        node_of_person[bubbles["anchor"].where(~bubbles["at_place"], -1)],
    )
    bare = exposures[exposures["place"] < 0]
    start = len(person_rows) + len(place_rows)
    pairs = [
        (node_of_person[links["person"]], node_of_place[links["place"]]),
        (node_of_person[bare["source"]], node_of_person[bare["contact"]]),
        (anchors, start + np.arange(len(bubbles))),
    ]
    edges = np.concatenate([np.column_stack(pair) for pair in pairs]).astype(np.int64)
    edges = edges[(edges >= 0).all(axis=1)]
    return nodes, np.unique(np.sort(edges, axis=1), axis=0).reshape(-1, 2)


def _inverse(rows: npt.NDArray[np.int64], size: int, *, start: int = 0) -> npt.NDArray[np.int64]:
    """Where each of `size` numbers stands in `rows`, or -1; one more -1 for "no number"."""
    out = np.full(size + 1, -1)
    out[rows] = start + np.arange(len(rows))
    return out
