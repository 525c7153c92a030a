"""What a labelling costs: risk left, people restricted, borders kept, zones changed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tracegraph.errors import TableError
from tracegraph.zones.redraw.cut import Problem

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.zones.geography.neighbours import Neighbours
    from tracegraph.zones.redraw.weights import ZoneWeights

    Whole: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]

PARTS = ("risk", "people", "borders", "change")
_EVERY = np.arange(4)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Objective:
    """The finest areas of a plan, row by row, and what labels cost there.

    Parameters
    ----------
    risk : array of float64
        Expected further infections of each area, all of them.
    home : array of float64
        Those of them at home, which go on under every label.
    people : array of float64
        Persons living there.
    now : array of int64
        Label in force.
    demanded : array of int64
        Label that the clauses require.
    floor, ceiling : array of int64
        Least and greatest label.
    barred : tuple of int
        Labels that the protocol does not have.
    one, other : array of int64
        Neighbours, as rows.
    strength : array of float64
        Of each border; 1 is a middling one.
    weights : ZoneWeights
    """

    risk: Floats
    home: Floats
    people: Floats
    now: Whole
    demanded: Whole
    floor: Whole
    ceiling: Whole
    barred: tuple[int, ...]
    one: Whole
    other: Whole
    strength: Floats
    weights: ZoneWeights

    def of_labels(self) -> dict[str, Floats]:
        """Cost of every label in every area, without borders; shape (areas, 4) each."""
        w = self.weights
        steps = np.abs(_EVERY - self.now[:, None])
        left = self.home[:, None] + (self.risk - self.home)[:, None] * np.array(w.residual)
        return {
            "risk": w.infection * left,
            "people": w.days * self.people[:, None] * np.array(w.burden),
            "change": w.change * self.people[:, None] * steps,
        }

    def problem(self) -> Problem:
        """The same for the solver.

        Raises
        ------
        TableError
            If a cost is too large for a number.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            cost = np.add.reduce(list(self.of_labels().values()))
        if not np.isfinite(cost).all():
            msg = "risk, people and weights multiply to more than a number holds.\n    Lower them."
            raise TableError(msg)
        cost[:, list(self.barred)] = np.inf
        return Problem(
            cost=cost,
            one=self.one,
            other=self.other,
            border=self.weights.border * self.strength,
            floor=self.floor,
            ceiling=self.ceiling,
        )

    def parts(self, label: Whole) -> dict[str, float]:
        """What a labelling costs, by what it is for, in person-days of lockdown."""
        row = np.arange(len(label))
        own = {name: math.fsum(cost[row, label]) for name, cost in self.of_labels().items()}
        crossed = self.strength * np.abs(label[self.one] - label[self.other])
        own["borders"] = self.weights.border * math.fsum(crossed)
        return {name: own[name] for name in PARTS}

    def residual_risk(self, label: Whole) -> Floats:
        """Expected infections that go on in each area under its label."""
        left: Floats = self.home + (self.risk - self.home) * np.array(self.weights.residual)[label]
        return left


def relative(neighbours: Neighbours) -> Floats:
    """Strength of borders beside the median one."""
    middling = np.median(neighbours.strength) if neighbours.strength.size else 1.0
    compared: Floats = neighbours.strength / middling
    return compared
