"""All that a plan is made from: areas, people, bounds, borders, and what could not be used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.errors import TableError
from tracegraph.zones.criteria import LABELS
from tracegraph.zones.geography.movement import trips
from tracegraph.zones.geography.neighbours import (
    listed_neighbours,
    neighbours_by_movement,
    shared_borders,
)
from tracegraph.zones.geography.shapes import read_shapes
from tracegraph.zones.ground import survey
from tracegraph.zones.in_force import zones_in_force
from tracegraph.zones.redraw.bounds import labels_given
from tracegraph.zones.redraw.labels import in_numbers
from tracegraph.zones.redraw.notes import (
    Notes,
    note_geography,
    note_hand_work,
    note_people,
    note_risk,
)
from tracegraph.zones.redraw.objective import Objective, relative
from tracegraph.zones.redraw.risk import RiskAssumptions, area_risk, given_risk
from tracegraph.zones.requirements import required_zones
from tracegraph.zones.tree import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from tracegraph.tracing.trace import Trace
    from tracegraph.zones.geography.neighbours import Neighbours
    from tracegraph.zones.geography.shapes import Shapes
    from tracegraph.zones.ground import Ground
    from tracegraph.zones.redraw.weights import ZoneWeights
    from tracegraph.zones.tree import AreaTree

    Whole: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]
    Zones: TypeAlias = Mapping[Any, str] | pd.DataFrame

MOVEMENT_DAYS = 7
"""Days of trips before as-of by which movement between areas is counted (working value)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the caller asked for beyond the trace; see `Trace.redraw_zones`."""

    weights: ZoneWeights
    risk: pd.Series[float] | pd.DataFrame | None = None
    at_least: Zones | None = None
    at_most: Zones | None = None
    clauses: bool = True
    neighbours: str | pd.DataFrame = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The areas of a plan before it is made.

    Parameters
    ----------
    ground : Ground
    required : DataFrame
        As of `required_zones`, one row an area code.
    finest : array of int64
        Codes of the areas that get labels; rows of everything below.
    shapes : Shapes
    neighbours : Neighbours
    objective : Objective
    order : array of int64
        Which order drew the zone in force; -1 none.
    notes : DataFrame
        `topic`, `note`, `areas`, `first`: what was repaired, guessed or left out.
    """

    ground: Ground
    required: pd.DataFrame
    finest: Whole
    shapes: Shapes
    neighbours: Neighbours
    objective: Objective
    order: Whole
    notes: pd.DataFrame

    @property
    def tree(self) -> AreaTree:
        """Areas within areas."""
        return self.ground.tree


def survey_setting(trace: Trace, wishes: Wishes) -> Setting:
    """Gather what a plan needs.

    Raises
    ------
    TableError
        If a wish names an unknown area or zone, or bounds contradict each other.
    ProtocolError
        If the protocol has no zones.
    """
    required = required_zones(trace)
    ground, notes = survey(trace), Notes()
    finest = np.flatnonzero(ground.tree.are_finest())
    population = required["population"].to_numpy(np.float64)
    shapes = read_shapes(trace.graph)
    neighbours = _neighbours(ground, wishes, shapes, finest)
    floor, ceiling = _bounds(ground, required, wishes, finest)
    now = in_numbers(required["zone_now"])[finest]
    row = np.full(len(ground.tree), NOWHERE)
    row[finest] = np.arange(finest.size)
    objective = Objective(
        risk=_risk(ground, wishes, finest, notes),
        people=shared_out(ground.tree, population)[finest],
        now=now,
        floor=floor,
        ceiling=ceiling,
        one=row[neighbours.one],
        other=row[neighbours.other],
        strength=relative(neighbours),
        weights=wishes.weights,
    )
    note_people(notes, ground, population)
    note_geography(notes, ground, shapes, neighbours)
    note_hand_work(notes, ground, required)
    return Setting(
        ground=ground,
        required=required,
        finest=finest,
        shapes=shapes,
        neighbours=neighbours,
        objective=objective,
        order=zones_in_force(ground, trace.protocol.zones).order[finest],
        notes=notes.table(),
    )


def shared_out(tree: AreaTree, population: Floats) -> Floats:
    """People of each area, those whom no part counts shared out among its parts.

    By the population of the parts, equally where they have none.
    """
    people, depth, held = population.copy(), tree.depth(), tree.parent >= 0
    parts = np.bincount(tree.parent[held], minlength=len(tree))
    below = np.bincount(tree.parent[held], weights=population[held], minlength=len(tree))
    for level in range(1, int(depth.max(initial=0)) + 1):
        at_level = np.flatnonzero(depth == level)
        up = tree.parent[at_level]
        equal = 1 / np.maximum(parts[up], 1)
        share = np.divide(population[at_level], below[up], out=equal, where=below[up] > 0)
        people[at_level] = np.maximum(population[at_level], people[up] * share)
    return people


def last_trips(ground: Ground) -> pd.DataFrame:
    """Trips between finest areas in the last days: `one`, `other` (codes), `trips`."""
    since = int(ground.trace.graph.calendar.add_days(ground.now, -MOVEMENT_DAYS))
    moved: pd.DataFrame = trips(ground, since, ground.now)
    return moved


def _neighbours(ground: Ground, wishes: Wishes, shapes: Shapes, finest: Whole) -> Neighbours:
    """Borders as asked for; "auto": by outlines where half of the finest areas have one."""
    if isinstance(wishes.neighbours, pd.DataFrame):
        return listed_neighbours(ground.trace.graph, wishes.neighbours, finest)
    drawn = sum(shapes.outline[area] is not None for area in finest.tolist())
    ways = {"auto": 2 * drawn >= finest.size, "geometry": True, "movement": False}
    if wishes.neighbours not in ways:
        msg = (
            f"neighbours={wishes.neighbours!r} is unknown.\n"
            '    Pass "auto", "geometry", "movement", or a frame (area_id, neighbour_id, strength).'
        )
        raise TableError(msg)
    if ways[wishes.neighbours]:
        return shared_borders(shapes, finest)
    return neighbours_by_movement(last_trips(ground), finest)


def _bounds(
    ground: Ground, required: pd.DataFrame, wishes: Wishes, finest: Whole
) -> tuple[Whole, Whole]:
    graph = ground.trace.graph
    floor = np.zeros(len(ground.tree), dtype=np.int64)
    if wishes.clauses:
        floor = in_numbers(required["required"])
    asked = labels_given(ground.trace, ground.tree, wishes.at_least, "at_least")
    floor = np.maximum(floor, np.where(asked == NOWHERE, 0, asked))
    most = labels_given(ground.trace, ground.tree, wishes.at_most, "at_most")
    ceiling = np.where(most == NOWHERE, len(LABELS) - 1, most)
    wrong = finest[floor[finest] > ceiling[finest]]
    if wrong.size:
        area = int(wrong[0])
        msg = (
            f"area {graph.area_ids[area]!r} must be at least {LABELS[floor[area]]} and at most "
            f"{LABELS[ceiling[area]]} ({wrong.size:,} such areas).\n"
            "    Raise at_most there, or leave the clauses out by clauses=False."
        )
        raise TableError(msg)
    return floor[finest], ceiling[finest]


def _risk(ground: Ground, wishes: Wishes, finest: Whole, notes: Notes) -> Floats:
    if wishes.risk is not None:
        given: Floats = given_risk(ground, wishes.risk)[finest]
        return given
    table = area_risk(ground, RiskAssumptions(days=wishes.weights.days))
    note_risk(notes, ground, table)
    return table["risk"].to_numpy(np.float64)[finest]
