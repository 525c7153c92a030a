"""Venue contacts: co-presence with a case that is no close exposure (RULE 16, 19)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tracegraph.exposure.encounters import Encounters, meeting_pairs, meetings
from tracegraph.exposure.isolation import NOWHERE
from tracegraph.exposure.pack import NO_CAP, seconds
from tracegraph.exposure.pieces import Pieces, Stretch, source_pieces
from tracegraph.exposure.reports import reported_exposures
from tracegraph.exposure.stays import StayIndex
from tracegraph.model.calendar import NEVER
from tracegraph.model.runs import begins

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.exposure.hops import WorldView
    from tracegraph.model.facts import Codes, Flags


def venue_meetings(view: WorldView) -> Encounters:
    """List meetings with a case at the same place or a common ancestor of two places.

    Only of persons without a close exposure on hop 1. Two stays that meet in a room also
    meet in its building; the meeting is told once, at the innermost place they share.
    """
    hop, graph = view.hops[0], view.graph
    targets = hop.first == NEVER
    pieces = case_presence(view, linger=True)
    lifted, piece_of = _lift_pieces(pieces, graph.facts.locations.parent)
    index, stay_of = _lift_stays(view, lifted)
    one = np.ones(len(graph.location_ids), dtype=np.int32)
    piece, stay = meeting_pairs(index, lifted, one, targets, weak=True)
    inner = _innermost(
        piece_of[piece], stay_of[stay], depth(graph.facts.locations.parent)[lifted.location[piece]]
    )
    told = reported_exposures(
        graph, view.protocol, view.book, hop.sources, view.world, place="venue"
    )
    return Encounters.joined(
        meetings(index, lifted, piece[inner], stay[inner]), told.take(targets[told.target])
    )


def case_presence(view: WorldView, *, linger: bool = False) -> Pieces:
    """Stays of cases inside their infectious windows, at places of every class."""
    size, sources = len(view.graph.location_ids), view.hops[0].sources
    stretch = Stretch.nothing(size)
    if linger and not view.rule.by_day:
        after = np.full(size, seconds(view.protocol.exposure.venue_after_minutes), dtype=np.int32)
        cleaned = view.graph.facts.disinfections
        stretch = Stretch.of(after, np.full_like(after, NO_CAP), cleaned, view.world)
    index = view.stays_of(sources.is_source)
    everywhere, one = np.ones(size, dtype=bool), np.ones(size, dtype=np.int32)
    return source_pieces(index, view.book, sources, everywhere, one, stretch, weak=True)


def chain(places: Codes, parent: Codes) -> tuple[Codes, Codes]:
    """Position and place of each of `places` and of all its ancestors."""
    positions, found = [np.arange(len(places))], [places]
    at = places
    while (up := np.where(at == NOWHERE, NOWHERE, parent[at]) != NOWHERE).any():
        at = np.where(up, parent[at], NOWHERE)
        positions.append(np.flatnonzero(up))
        found.append(at[up])
    return np.concatenate(positions).astype(np.int32), np.concatenate(found).astype(np.int32)


def depth(parent: Codes) -> npt.NDArray[np.int64]:
    """Number of ancestors of each location."""
    position, _ = chain(np.arange(len(parent), dtype=np.int32), parent)
    return np.bincount(position, minlength=len(parent)) - 1


def _lift_pieces(pieces: Pieces, parent: Codes) -> tuple[Pieces, Codes]:
    position, place = chain(pieces.location, parent)
    order = np.lexsort((pieces.start[position], place))
    position, place = position[order], place[order]
    rest = pieces.take(position)
    lifted = Pieces(
        location=place, owner=rest.owner, start=rest.start,
        end=rest.end, left=rest.left, stay=rest.stay,
    )  # fmt: skip
    return lifted, position


def _lift_stays(view: WorldView, lifted: Pieces) -> tuple[StayIndex, Codes]:
    """Stays at places with a case, or below one, as stays at each such place."""
    parent = view.graph.facts.locations.parent
    n = len(parent)
    hot = np.zeros(n, dtype=bool)
    hot[lifted.location] = True
    position, place = chain(np.arange(n, dtype=np.int32), parent)
    touches: Flags = np.zeros(n, dtype=bool)
    touches[position[hot[place]]] = True
    index = view.stays_at(touches)
    rows = np.flatnonzero(touches[index.stays.location]).astype(np.int32)
    position, place = chain(index.stays.location[rows], parent)
    position, place = rows[position[hot[place]]], place[hot[place]]
    order = np.lexsort((index.stays.arrive[position], place))
    position, place = position[order], place[order]
    marks = {name: getattr(index.stays, name)[position] for name in ("weak", "carriage", "seat")}
    return StayIndex.of(index.records[position], begins(place, n), marks), position


def _innermost(piece: Codes, stay: Codes, level: npt.NDArray[np.int64]) -> Flags:
    """Keep each pair of a piece and a stay at its deepest common place only."""
    pairs = pd.DataFrame({"piece": piece, "stay": stay, "level": level})
    deepest = pairs.groupby(["piece", "stay"])["level"].transform("max")
    kept: Flags = (pairs["level"] == deepest).to_numpy()
    return kept
