"""Who is drawn alone and who in a counted bubble, when a trace is larger than a picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """What is drawn.

    Parameters
    ----------
    persons, places : array of bool
        Drawn by themselves.
    bubble_of : array of int64
        For each person the number of the bubble that counts them, or -1.
    bubbles : DataFrame, one row a bubble
        `tier`, `anchor` (a place's number if `at_place`, else a person's), `at_place`, `members`.
    """

    persons: Bools
    places: Bools
    bubble_of: Ints
    bubbles: pd.DataFrame


def fold(  # noqa: PLR0913  # arrays of one table
    tier: Ints, source: Ints, place: Ints, links: pd.DataFrame, n_places: int, *, max_nodes: int
) -> Folded:
    """Gather the outermost tiers into bubbles until at most `max_nodes` nodes are left.

    Parameters
    ----------
    tier : array of int64, one a person
        0 for a case.
    source, place : array of int64, one a person
        Of the decisive exposure, as numbers; -1 where there is none.
    links : DataFrame
        `person`, `place`: who was where in an exposure, as numbers, each pair once.
    n_places : int
        Number of places.
    max_nodes : int
        At least one.

    Returns
    -------
    Folded
        First every tier but the outermost by itself, the rest in bubbles at their places; then
        without places that only one drawn person touches; then the same one tier further in;
        at the end the cases that met somebody, or the first `max_nodes` cases.
    """
    everyone = Folded(
        persons=np.ones(len(tier), dtype=bool),
        places=np.isin(np.arange(n_places), links["place"]),
        bubble_of=np.full(len(tier), -1),
        bubbles=_no_bubbles(),
    )
    if _size(everyone) <= max_nodes:
        return everyone
    for least in range(int(tier.max(initial=0)), 0, -1):
        for spare_places in (False, True):
            folded = _fold_from(
                least, tier, source, place, links, n_places, spare_places=spare_places
            )
            if _size(folded) <= max_nodes:
                return folded
    met = replace(everyone, persons=(tier == 0) & np.isin(np.arange(len(tier)), links["person"]))
    if _size(met) <= max_nodes:
        return met
    return replace(
        everyone,
        persons=(tier == 0) & (np.cumsum(tier == 0) <= max_nodes),
        places=np.zeros(n_places, dtype=bool),
    )


def _fold_from(  # noqa: PLR0913  # the parts of one step
    least: int,
    tier: Ints,
    source: Ints,
    place: Ints,
    links: pd.DataFrame,
    n_places: int,
    *,
    spare_places: bool,
) -> Folded:
    drawn = tier < least
    touched = np.bincount(links["place"][drawn[links["person"]]], minlength=n_places)
    places = touched >= (2 if spare_places else 1)
    near = (source >= 0) & drawn[source]  # farther out, even the source is in a bubble
    members = np.flatnonzero(~drawn & near)
    at_place = (place[members] >= 0) & places[place[members]]
    rows = pd.DataFrame(
        {
            "tier": tier[members],
            "at_place": at_place,
            "anchor": np.where(at_place, place[members], source[members]),
        }
    )
    groups = rows.groupby(["tier", "at_place", "anchor"], sort=True)
    bubble_of = np.full(len(tier), -1)
    bubble_of[members] = groups.ngroup()
    bubbles = groups.size().rename("members").reset_index()
    return Folded(persons=drawn, places=places, bubble_of=bubble_of, bubbles=bubbles)


def _size(folded: Folded) -> int:
    return int(folded.persons.sum() + folded.places.sum()) + len(folded.bubbles)


def _no_bubbles() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "tier": np.array([], dtype=np.int64),
            "at_place": np.array([], dtype=bool),
            "anchor": np.array([], dtype=np.int64),
            "members": np.array([], dtype=np.int64),
        }
    )
