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
from tracegraph.zones.labels import in_numbers
from tracegraph.zones.redraw.bounds import labels_given, refuse_contradiction
from tracegraph.zones.redraw.notes import (
    Notes,
    note_geography,
    note_hand_work,
    note_people,
    note_risk,
)
from tracegraph.zones.redraw.objective import Objective, relative
from tracegraph.zones.redraw.risk import RiskAssumptions, area_risk, given_risk
from tracegraph.zones.requirements import required_by_clauses, zones_of
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
"""Days before as-of whose trips and visitors are counted; a working value of tracegraph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the caller asked for beyond the trace; see `Trace.redraw_zones`."""

    weights: ZoneWeights
    risk: Mapping[Any, float] | pd.Series[float] | pd.DataFrame | None = None
    at_least: Zones | None = None
    at_most: Zones | None = None
    clauses: bool = True
    neighbours: str | pd.DataFrame = "auto"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
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
    zones, notes = zones_of(trace), Notes()
    ground = survey(trace)
    held = zones_in_force(ground, zones)
    required = required_by_clauses(ground, held)
    finest = np.flatnonzero(ground.tree.are_finest())
    population = required["population"].to_numpy(np.float64)
    shapes = read_shapes(trace.graph)
    neighbours = _neighbours(ground, wishes, shapes, finest)
    barred = _barred(trace)
    floor, ceiling = _bounds(ground, required, wishes, finest, barred)
    people = shared_out(ground, population)
    risk, home = _risk(ground, wishes, finest, notes)
    unknown = note_people(notes, ground, required, people)[finest]
    row = row_of(ground.tree, finest)
    objective = Objective(
        risk=risk,
        home=home,
        people=people[finest],
        now=in_numbers(required["zone_now"])[finest],
        demanded=in_numbers(required["required"])[finest],
        floor=floor,
        ceiling=np.where(unknown, floor, ceiling),  # else to restrict nobody-knows-whom is free
        barred=barred,
        one=row[neighbours.one],
        other=row[neighbours.other],
        strength=relative(neighbours),
        weights=wishes.weights,
    )
    note_geography(notes, ground, shapes, neighbours)
    note_hand_work(notes, ground, required)
    return Setting(
        ground=ground,
        required=required,
        finest=finest,
        shapes=shapes,
        neighbours=neighbours,
        objective=objective,
        order=held.order[finest],
        notes=notes.table(),
    )


def row_of(tree: AreaTree, finest: Whole) -> Whole:
    """Row of each area code among the finest areas; -1 of larger ones."""
    row = np.full(len(tree), NOWHERE)
    row[finest] = np.arange(finest.size)
    return row


def shared_out(ground: Ground, population: Floats) -> Floats:
    """People of each area, those whom no part counts shared out among its parts.

    First among parts of which nothing is known, equally; else by the population of the parts.
    """
    tree, known = ground.tree, ground.has_population
    people, depth = population.copy(), tree.depth()
    empty = ~known & (population == 0)
    below, equally, parts = tree.of_parts(population), tree.of_parts(empty), tree.of_parts(1)
    for level in range(1, int(depth.max(initial=0)) + 1):
        part = np.flatnonzero(depth == level)
        up = tree.parent[part]
        more = np.maximum(people[up] - below[up], 0)
        share = np.divide(population[part], below[up], out=1 / parts[up], where=below[up] > 0)
        share = np.where(equally[up] > 0, empty[part] / np.maximum(equally[up], 1), share)
        people[part] = population[part] + more * share
    return _in_whole_persons(tree, people)


def _in_whole_persons(tree: AreaTree, people: Floats) -> Floats:
    """Round so that the parts of an area still sum up to it."""
    order = np.argsort(tree.parent, kind="stable")
    whole = np.diff(np.rint(np.cumsum(people[order])), prepend=0)
    rounded = people.copy()
    rounded[order] = whole
    return rounded


def last_trips(ground: Ground) -> pd.DataFrame:
    """Trips between finest areas in the last days: `one`, `other` (codes), `trips`."""
    moved: pd.DataFrame = trips(ground, ground.days_ago(MOVEMENT_DAYS), ground.now)
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


def _barred(trace: Trace) -> tuple[int, ...]:
    """Labels that the protocol has no zone for."""
    zones = trace.protocol.zones
    return tuple(n for n, label in enumerate(LABELS) if n and zones and not zones.zone_of(label))


def _bounds(
    ground: Ground, required: pd.DataFrame, wishes: Wishes, finest: Whole, barred: tuple[int, ...]
) -> tuple[Whole, Whole]:
    """Least and greatest label of each finest area: of those that the protocol has."""
    floor = np.zeros(len(ground.tree), dtype=np.int64)
    if wishes.clauses:
        floor = in_numbers(required["required"])
    asked = labels_given(ground.trace, ground.tree, wishes.at_least, "at_least")
    floor = np.maximum(floor, np.where(asked == NOWHERE, 0, asked))
    most = labels_given(ground.trace, ground.tree, wishes.at_most, "at_most")
    ceiling = np.where(most == NOWHERE, len(LABELS) - 1, most)
    had = np.setdiff1d(np.arange(len(LABELS)), barred)
    floor = had[np.minimum(np.searchsorted(had, floor), had.size - 1)]
    ceiling = had[np.searchsorted(had, ceiling, side="right") - 1]
    refuse_contradiction(ground.trace, floor, ceiling, finest)
    return floor[finest], ceiling[finest]


def _risk(ground: Ground, wishes: Wishes, finest: Whole, notes: Notes) -> tuple[Floats, Floats]:
    """Expected infections of each finest area, and those of them at home."""
    if wishes.risk is not None:
        given: Floats = given_risk(ground, wishes.risk)[finest]
        return given, np.zeros(finest.size)
    table = area_risk(ground, RiskAssumptions(days=wishes.weights.days))
    note_risk(notes, ground, table)
    of_area = table.iloc[finest]
    risk = (of_area["risk"] + of_area["risk_carried"]).to_numpy(np.float64)
    return risk, of_area["risk_home"].to_numpy(np.float64)
