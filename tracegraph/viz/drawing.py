"""Where the nodes of a page stand and how large they are; who is counted in a bubble."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.viz.evidence import counts
from tracegraph.viz.folding import fold
from tracegraph.viz.layout import positions

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

MAX_NODES = 2_000
"""Nodes that are drawn one by one, unless a caller says otherwise."""

_CASE, _CLOSE, _FURTHER, _PLACE, _HOME = 17.0, 9.5, 7.0, 7.0, 6.5  # radii at scale one


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Positions of persons, places and bubbles; NaN of those not drawn by themselves.

    Parameters
    ----------
    persons, places : DataFrame
        `x`, `y`, `r`, one row a person or place.
    bubble_of : array of int64
        For each person the number of the bubble that counts them, or -1.
    bubbles : DataFrame
        `tier`, `at_place`, `anchor`, `x`, `y`, `radius`.
    """

    persons: pd.DataFrame
    places: pd.DataFrame
    bubble_of: Ints
    bubbles: pd.DataFrame


def draw(  # noqa: PLR0913  # the tables of a page
    persons: pd.DataFrame,
    home: npt.NDArray[np.bool_],
    rows: pd.DataFrame,
    met: pd.DataFrame,
    *,
    venue: int,
    max_nodes: int = MAX_NODES,
) -> Drawing:
    """Fold what is too much, and place the rest.

    Parameters
    ----------
    persons : DataFrame
        `tier`, `parent`, `link`; those of tier `venue` come last.
    home : array of bool
        One a place.
    rows, met : DataFrame
        Exposures and venue meetings, all by number.
    venue : int
        Tier of the venue contacts, who stand in bubbles whatever their number.
    max_nodes : int
        More nodes than this are gathered in bubbles; venue contacts come on top.

    Raises
    ------
    ValueError
        If `max_nodes` is less than one.
    """
    if max_nodes < 1:
        message = f"max_nodes is {max_nodes}; at least one node must be drawn."
        raise ValueError(message)
    tier = persons["tier"].to_numpy(np.int64)
    n_traced, n_places = int((tier != venue).sum()), len(home)
    links = _links(rows)
    at = np.append(rows["place"].to_numpy(np.int64), -1)  # a link of -1 is at no place
    folded = fold(
        tier[:n_traced],
        persons["parent"].to_numpy(np.int64)[:n_traced],
        at[persons["link"].to_numpy(np.int64)[:n_traced]],
        links,
        n_places,
        max_nodes=max_nodes,
    )
    crowds, crowd_of = _venue_bubbles(met, tier == venue, folded.persons, venue)
    bubbles = pd.concat([folded.bubbles.drop(columns="members"), crowds], ignore_index=True).astype(
        {"tier": np.int64, "anchor": np.int64, "at_place": bool}
    )
    bubble_of = np.where(crowd_of < 0, -1, crowd_of + len(folded.bubbles))
    bubble_of[:n_traced] = folded.bubble_of
    drawn = np.append(folded.persons, np.zeros(len(tier) - n_traced, dtype=bool))
    seen = folded.places.copy()
    seen[bubbles["anchor"][bubbles["at_place"]]] = True
    return _place(tier, drawn, seen, home, rows, links, met, bubbles, bubble_of)


def _links(rows: pd.DataFrame) -> pd.DataFrame:
    """Who was where: each pair of a person and a place once."""
    at = rows[rows["place"] >= 0]
    pairs = [at[[role, "place"]].set_axis(["person", "place"], axis=1) for role in _ROLES]
    return pd.concat(pairs).drop_duplicates().sort_values(["person", "place"], ignore_index=True)


_ROLES = ("contact", "source")


def _venue_bubbles(
    met: pd.DataFrame,
    is_venue: npt.NDArray[np.bool_],
    drawn: npt.NDArray[np.bool_],
    venue: int,
) -> tuple[pd.DataFrame, Ints]:
    """One bubble a place; where nobody wrote the place down, one a case that is drawn."""
    only = met[is_venue[met["person"]]]
    at_place = (only["place"] >= 0).to_numpy(bool)
    anchor = np.where(at_place, only["place"], only["source"])
    hangs = at_place | np.append(drawn, np.zeros(len(is_venue) - len(drawn), bool))[only["source"]]
    rows = pd.DataFrame({"at_place": at_place, "anchor": anchor})[hangs]
    groups = rows.groupby(["at_place", "anchor"], sort=True)
    found = np.full(len(is_venue), -1)
    found[only["person"].to_numpy()[hangs]] = groups.ngroup()
    bubbles = groups.size().reset_index()[["at_place", "anchor"]]
    return bubbles.assign(tier=venue), found


def _place(  # noqa: PLR0913  # the parts of one picture
    tier: Ints,
    drawn: npt.NDArray[np.bool_],
    seen: npt.NDArray[np.bool_],
    home: npt.NDArray[np.bool_],
    rows: pd.DataFrame,
    links: pd.DataFrame,
    met: pd.DataFrame,
    bubbles: pd.DataFrame,
    bubble_of: Ints,
) -> Drawing:
    who, where = np.flatnonzero(drawn), np.flatnonzero(seen)
    members = counts(pd.Series(bubble_of), len(bubbles))
    radii = np.concatenate([
        *_radii(tier[who], home[where], counts(links["place"], len(seen))[where]),
        np.minimum(10.0 + 2.0 * np.sqrt(members), 30.0),
    ])  # fmt: skip
    node_of = _Nodes(who, len(drawn), where, len(seen))
    edges = node_of.edges(rows, links, met, bubbles)
    xy = positions(edges, radii)
    nodes = pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "r": radii}).round(1)
    parts = np.split(np.arange(len(nodes)), [len(who), len(who) + len(where)])
    at_bubbles = nodes.iloc[parts[2]].rename(columns={"r": "radius"})
    return Drawing(
        persons=nodes.iloc[parts[0]].set_axis(who).reindex(range(len(drawn))),
        places=nodes.iloc[parts[1]].set_axis(where).reindex(range(len(seen))),
        bubble_of=bubble_of,
        bubbles=bubbles.join(at_bubbles.reset_index(drop=True)),
    )


def _radii(tier: Ints, home: npt.NDArray[np.bool_], crowd: Ints) -> tuple[Any, Any]:
    """Radii of persons and of places; places grow with the crowd."""
    # what to look for first must not vanish when a large picture is shown whole
    loud = min(2.5, max(1.0, ((len(tier) + len(home)) / 350) ** 0.5))
    persons = np.array([_CASE * loud, _CLOSE, _FURTHER])[np.minimum(tier, 2)]
    grown = np.where(home, _HOME, _PLACE) + 1.1 * loud * np.sqrt(np.maximum(crowd - 3, 0))
    return persons, np.minimum(grown, 16.0 * loud)


class _Nodes:
    """Numbers of the nodes: persons that are drawn, then places, then bubbles."""

    def __init__(self, who: Ints, n_persons: int, where: Ints, n_places: int) -> None:
        self.of_person = _inverse(who, n_persons, start=0)
        self.of_place = _inverse(where, n_places, start=len(who))
        self.first_bubble = len(who) + len(where)

    def edges(
        self, rows: pd.DataFrame, links: pd.DataFrame, met: pd.DataFrame, bubbles: pd.DataFrame
    ) -> Ints:
        """Lines between nodes, each pair once."""
        bare = rows[rows["place"] < 0]
        anchor, at_place = bubbles["anchor"], bubbles["at_place"]
        anchors = np.where(
            at_place, self.of_place[anchor.where(at_place, -1)],
            self.of_person[anchor.where(~at_place, -1)],
        )  # fmt: skip
        pairs = [
            (self.of_person[links["person"]], self.of_place[links["place"]]),
            (self.of_person[bare["source"]], self.of_person[bare["contact"]]),
            (self.of_person[met["source"]], self.of_place[met["place"]]),
            (anchors, self.first_bubble + np.arange(len(bubbles))),
        ]
        both = np.concatenate([np.column_stack(pair) for pair in pairs]).astype(np.int64)
        both = both[(both >= 0).all(axis=1)]
        return np.unique(np.sort(both, axis=1), axis=0).reshape(-1, 2)


def _inverse(rows: Ints, size: int, *, start: int) -> Ints:
    """Where each of `size` numbers stands in `rows`, or -1; one more -1 for "no number"."""
    out = np.full(size + 1, -1)
    out[rows] = start + np.arange(len(rows))
    return out
