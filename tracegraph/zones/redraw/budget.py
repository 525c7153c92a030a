"""The best labels within a budget of people or of checkpoints: a mixed-integer program.

A budget ties all areas together, so that no cut finds the answer. HiGHS (Huangfu and Hall,
2018, doi 10.1007/s12532-017-0130-5) does, and says how far from the best it may be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack, vstack

from tracegraph.zones.redraw.labels import RESTRICTED

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.zones.redraw.cut import Problem

    Whole: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a plan may use.

    Parameters
    ----------
    people : float, optional
        Most persons under control or lockdown.
    checkpoints : float, optional
        Most borders between a restricted area and one that is not.
    seconds : float
        After which the best plan found so far is taken.
    """

    people: float | None = None
    checkpoints: float | None = None
    seconds: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """Labels within a budget.

    Parameters
    ----------
    label : array of int64
    gap : float
        The labelling costs at most this share more than the best one within the budget.
    """

    label: Whole
    gap: float


def within_budget(problem: Problem, people: Floats, budget: Budget) -> Solved:
    """Find the labels of least cost that keep to the budget.

    Raises
    ------
    ValueError
        If no labelling within the bounds keeps to it.
    """
    n_steps, n_borders = problem.cost[:, 1:].size, 3 * problem.one.size
    cost = np.concatenate([np.diff(problem.cost, axis=1).T.ravel(), np.tile(problem.border, 3)])
    level = np.arange(1, 4)[:, None]
    least, most = (level <= problem.floor).ravel(), (level <= problem.ceiling).ravel()
    result = milp(
        cost,
        integrality=np.repeat([1, 0], [n_steps, n_borders]),
        bounds=Bounds(
            np.concatenate([least.astype(float), np.zeros(n_borders)]),
            np.concatenate([most.astype(float), np.ones(n_borders)]),
        ),
        constraints=[_ordered(problem), *_borders(problem), *_limits(problem, people, budget)],
        options={"time_limit": budget.seconds},
    )
    if result.x is None:
        raise ValueError(_cannot(problem, people, budget, str(result.message)))
    label = np.rint(result.x[:n_steps]).astype(np.int64).reshape(3, -1).sum(axis=0)
    return Solved(label=label, gap=float(result.mip_gap))


def _ordered(problem: Problem) -> LinearConstraint:
    """At least 3 only where at least 2, and so on."""
    areas, borders = len(problem.cost), 3 * problem.one.size
    row = np.arange(2 * areas)
    value = np.repeat([1.0, -1.0], row.size)
    shape = (row.size, 3 * areas + borders)
    higher = csr_array((value, (np.tile(row, 2), np.concatenate([row + areas, row]))), shape=shape)
    return LinearConstraint(higher, ub=0)


def _borders(problem: Problem) -> list[LinearConstraint]:
    """Each step over a border counts at least as much as the answers differ."""
    areas, pairs = len(problem.cost), problem.one.size
    if not pairs:
        return []
    row = np.arange(3 * pairs)
    shift = np.repeat(np.arange(3) * areas, pairs)
    one, other = np.tile(problem.one, 3) + shift, np.tile(problem.other, 3) + shift
    ones = np.ones(row.size)
    size = (row.size, 3 * areas)
    differs = csr_array((ones, (row, one)), size) - csr_array((ones, (row, other)), size)
    counted = csr_array((ones, (row, row)), (row.size, row.size))
    both = vstack([hstack([differs, -counted]), hstack([-differs, -counted])])
    return [LinearConstraint(csr_array(both), ub=0)]


def _limits(problem: Problem, people: Floats, budget: Budget) -> list[LinearConstraint]:
    areas, pairs = len(problem.cost), problem.one.size
    restricted, crossed = np.zeros((2, 3 * areas + 3 * pairs))
    restricted[(RESTRICTED - 1) * areas : RESTRICTED * areas] = people
    start = 3 * areas + (RESTRICTED - 1) * pairs
    crossed[start : start + pairs] = 1
    wanted = ((restricted, budget.people), (crossed, budget.checkpoints))
    return [LinearConstraint(row[None, :], ub=most) for row, most in wanted if most is not None]


def _cannot(problem: Problem, people: Floats, budget: Budget, told: str) -> str:
    demanded = people[problem.floor >= RESTRICTED].sum()
    asked = [
        f"{name} = {most:g}"
        for name, most in (("max_people", budget.people), ("max_checkpoints", budget.checkpoints))
        if most is not None
    ]
    return (
        f"no plan keeps to {' and '.join(asked)}: the floors alone restrict {demanded:,.0f} people "
        f"({told}).\n    Raise the budget, or lower floors with clauses=False."
    )
