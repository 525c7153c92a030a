"""What a plan repaired, guessed or left out, said once for all areas that it is true of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.model.schemas import VEHICLES
from tracegraph.zones.criteria import BY_HAND
from tracegraph.zones.geography.notes import gathered
from tracegraph.zones.tree import NOWHERE

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.zones.geography.neighbours import Neighbours
    from tracegraph.zones.geography.shapes import Shapes
    from tracegraph.zones.ground import Ground

    Whole: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]
    Flags: TypeAlias = npt.NDArray[np.bool_]

TOLD_TABLES = ("areas", "zone_history", "rounds", "measures", "locations")


@dataclass(frozen=True, slots=True)
class Notes:
    """Notes on their way to a table."""

    rows: list[tuple[str, str, object]] = field(default_factory=list)

    def say(self, topic: str, note: str, area_id: object = None) -> None:
        """Take down a note, about one area or about all."""
        self.rows.append((topic, note, area_id))

    def table(self) -> pd.DataFrame:
        """One row a note: `topic`, `note`, `areas` (how many), `first` (ids of three)."""
        frame = pd.DataFrame(self.rows, columns=["done", "problem", "area_id"], dtype="object")
        table = gathered(frame).rename(columns={"done": "topic", "problem": "note"})
        table = table[["topic", "note", "areas", "first"]]
        return table.astype({"topic": "str", "note": "str", "areas": "int64", "first": "str"})


def note_people(notes: Notes, ground: Ground, required: pd.DataFrame, people: Floats) -> Flags:
    """Tell of people whom only a larger area counts; return areas of which nobody knows any."""
    tree = ground.tree
    for name, thing in (("population", "people"), ("households", "households")):
        total = required[name].to_numpy(np.float64)
        beyond = total - tree.of_parts(total)
        has_parts = ~tree.are_finest()
        mended = "shared out among them" if thing == "people" else "in no row of the plan"
        for area in np.flatnonzero(has_parts & (beyond > 0.5)).tolist():
            note = f"has {beyond[area]:,.0f} more {thing} than its parts: {mended}"
            notes.say("population", note, _id(ground, area))
        for area in np.flatnonzero(has_parts & (beyond < -0.5)).tolist():
            note = f"has {-beyond[area]:,.0f} fewer {thing} than its parts: theirs are taken"
            notes.say("population", note, _id(ground, area))
    finest = tree.are_finest()
    silent = finest & (tree.nearest(ground.has_population) == NOWHERE)
    unknown: Flags = silent & (people == 0)
    for area in np.flatnonzero(silent & ~unknown).tolist():
        notes.say("population", "no population: listed residents alone count", _id(ground, area))
    for area in np.flatnonzero(unknown).tolist():
        note = "no population and nobody listed: not restricted beyond the clauses"
        notes.say("population", note, _id(ground, area))
    return unknown


def note_risk(notes: Notes, ground: Ground, risk: pd.DataFrame) -> None:
    """Risk that no label of a finest area reaches."""
    own, tree = risk["risk"].to_numpy(np.float64), ground.tree
    below = tree.of_parts(own)
    for area in np.flatnonzero(~tree.are_finest() & (own - below > 5e-3)).tolist():
        amount = own[area] - below[area]
        note = (
            f"{amount:.2g} expected infections start at places of which only this area is known:"
            " no label reaches them; give those places a smaller area"
        )
        notes.say("risk", note, _id(ground, area))
    if outside := risk.attrs["outside"]:
        people = risk.attrs["people_outside"]
        note = f"{outside:.2g} expected infections, by {_of(people, 'person')}, start in no area"
        notes.say("risk", f"{note}: no label reaches them")


def note_geography(notes: Notes, ground: Ground, shapes: Shapes, neighbours: Neighbours) -> None:
    """What was mended or doubted of outlines, and areas without a border."""
    for told in (shapes.notes, neighbours.notes):
        for area, problem, done in told.to_numpy(object).tolist():
            notes.say("geometry", f"{problem}: {done}", area)
    if neighbours.measure == "trips":
        drawn = sum(outline is not None for outline in shapes.outline[ground.tree.are_finest()])
        finest = int(ground.tree.are_finest().sum())
        notes.say("borders", f"by trips: {drawn:,} of {_of(finest, 'finest area')} are drawn")
    for area in neighbours.without.tolist():
        notes.say("borders", "has no neighbour: no border of it is weighed", _id(ground, area))


def note_hand_work(notes: Notes, ground: Ground, required: pd.DataFrame) -> None:
    """Evidence that no criterion can judge, what lies in no area, what reading warned of."""
    by_hand = required["reason"].str.contains(BY_HAND)
    for area, reason in required.loc[by_hand, ["area_id", "reason"]].to_numpy(object).tolist():
        notes.say("clauses", reason[reason.index(BY_HAND) :], area)
    outside = int(((ground.area == NOWHERE) & ~_moves(ground)).sum())
    if outside:
        notes.say("places", f"{_of(outside, 'place')} in no area (vehicles not counted)")
    own = ground.trace.graph.canonical == np.arange(len(ground.home))
    homeless = int((ground.home_area[own] == NOWHERE).sum())
    if homeless:
        notes.say("places", f"{_of(homeless, 'person')} with a home in no area")
    warned = int(ground.trace.graph.warnings["table"].isin(TOLD_TABLES).sum())
    if warned:
        notes.say("tables", f"graph.warnings has {_of(warned, 'row')} about areas and places")


def _of(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _id(ground: Ground, area: int) -> object:
    return ground.trace.graph.area_ids[area]


def _moves(ground: Ground) -> Flags:
    """Places that move through areas and lie in none."""
    graph = ground.trace.graph
    kind = [number for number, name in enumerate(graph.kinds) if name in VEHICLES]
    moves: Flags = np.isin(graph.facts.locations.kind, kind)
    return moves
