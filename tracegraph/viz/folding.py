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
        without places that only one drawn person touches; then the same one tier further in, where
        whoever met a person in a bubble is counted beside it. If even that is too much, without
        those; at the end the cases that met somebody, or the first `max_nodes` cases.
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
        # everybody counted is worth more than every place drawn
        for spare_places, farther in ((False, True), (True, True), (True, False)):
            folded = _fold_from(
                least, tier, source, place, links, n_places,
                spare_places=spare_places, farther=farther,
            )  # fmt: skip
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
    farther: bool,
) -> Folded:
    drawn = tier < least
    touched = np.bincount(links["place"][drawn[links["person"]]], minlength=n_places)
    places = touched >= (2 if spare_places else 1)
    anchor, at_place = _anchors(least, tier, source, place, drawn, places, farther=farther)
    members = np.flatnonzero(anchor >= 0)
    rows = pd.DataFrame(
        {"tier": tier[members], "at_place": at_place[members], "anchor": anchor[members]}
    )
    groups = rows.groupby(["tier", "at_place", "anchor"], sort=True)
    bubble_of = np.full(len(tier), -1)
    bubble_of[members] = groups.ngroup()
    bubbles = groups.size().rename("members").reset_index()
    return Folded(persons=drawn, places=places, bubble_of=bubble_of, bubbles=bubbles)


def _anchors(  # noqa: PLR0913  # the parts of one step
    least: int,
    tier: Ints,
    source: Ints,
    place: Ints,
    drawn: Bools,
    places: Bools,
    *,
    farther: bool,
) -> tuple[Ints, Bools]:
    """Node that counts each person who is not drawn, or -1, and whether it is a place.

    That of the decisive exposure: the place, else the source; if the source is in a bubble, with
    `farther`, the node that counts the source.
    """
    anchor, at_place = np.full(len(tier), -1), np.zeros(len(tier), dtype=bool)
    for ring in range(least, int(tier.max(initial=0)) + 1):  # outwards: sources come first
        who = np.flatnonzero((tier == ring) & (source >= 0))
        by, here = source[who], place[who]
        spot = np.append(places, np.False_)[here] & (drawn[by] | farther)
        near = np.where(drawn[by], by, anchor[by] if farther else -1)
        anchor[who] = np.where(spot, here, near)
        at_place[who] = spot | (~drawn[by] & at_place[by])
    return anchor, at_place & (anchor >= 0)


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
