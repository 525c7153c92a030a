"""The best labels within a budget of people or of checkpoints: a mixed-integer program.

A budget ties all areas together, so that no cut finds the answer. HiGHS (Huangfu and Hall,
2018, doi 10.1007/s12532-017-0130-5) does, and says how far from the best it may be.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack, vstack

from tracegraph.zones.labels import RESTRICTED

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.zones.redraw.cut import Problem

    Whole: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]
    Flags: TypeAlias = npt.NDArray[np.bool_]

CALLED = {"people": "max_people", "checkpoints": "max_checkpoints", "seconds": "seconds"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a plan may use.

    Parameters
    ----------
    people : float, optional
        Most persons under control or lockdown.
    checkpoints : float, optional
        Most borders to guard.
    seconds : float
        After which the best plan found so far is taken.

    Raises
    ------
    ValueError
        If a number is negative or none.
    """

    people: float | None = None
    checkpoints: float | None = None
    seconds: float = 60.0

    def __post_init__(self) -> None:
        for name in (field.name for field in fields(self)):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, (int, float)) and value >= 0):
                msg = f"{CALLED[name]} = {value!r} is no number from 0 upwards."
                raise ValueError(msg)

    def is_kept(self, problem: Problem, people: Floats, label: Whole) -> bool:
        """Whether a labelling uses no more than this."""
        guarded = is_guarded(label, problem.one, problem.other).sum()
        used = {"people": people[label >= RESTRICTED].sum(), "checkpoints": guarded}
        limits = {name: getattr(self, name) for name in used}
        return all(most is None or used[name] <= most for name, most in limits.items())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solved:
    """Labels within a budget.

    Parameters
    ----------
    label : array of int64
    gap : float
        The labelling costs at most so much more than the best one within the budget, in
        person-days of lockdown.
    """

    label: Whole
    gap: float


def is_guarded(label: Whole, one: Whole, other: Whole) -> Flags:
    """Borders between a restricted area and one under another label."""
    differ: Flags = label[one] != label[other]
    return differ & (np.maximum(label[one], label[other]) >= RESTRICTED)


def within_budget(problem: Problem, people: Floats, budget: Budget) -> Solved:
    """Find the labels of least cost that keep to the budget.

    Raises
    ------
    ValueError
        If no labelling within the bounds keeps to it, or none was found in time.
    """
    finite = np.where(np.isfinite(problem.cost), problem.cost, 0.0)  # barred by `_ordered`
    steps, pairs = np.diff(finite, axis=1).T, problem.one.size
    cost = np.concatenate([steps.ravel(), np.tile(problem.border, 3), np.zeros(pairs)])
    level = np.arange(1, 4)[:, None]
    least, most = (level <= problem.floor).ravel(), (level <= problem.ceiling).ravel()
    result = milp(
        cost,
        integrality=np.repeat([1, 0], [steps.size, 4 * pairs]),
        bounds=Bounds(
            np.concatenate([least.astype(float), np.zeros(4 * pairs)]),
            np.concatenate([most.astype(float), np.ones(4 * pairs)]),
        ),
        constraints=[*_ordered(problem), *_borders(problem), *_limits(problem, people, budget)],
        options={"time_limit": budget.seconds, "mip_rel_gap": 1e-4},
    )
    if result.x is None:
        raise ValueError(_cannot(problem, people, budget, result))
    label = np.rint(result.x[: steps.size]).astype(np.int64).reshape(3, -1).sum(axis=0)
    gap = round(max(float(result.fun - result.mip_dual_bound), 0.0), 6)  # no dust, no minus
    return Solved(label=label, gap=gap)


def _ordered(problem: Problem) -> list[LinearConstraint]:
    """At least 3 only where at least 2, and so on; a barred label only with the next one."""
    areas, pairs = len(problem.cost), problem.one.size
    row = np.arange(2 * areas)
    value = np.repeat([1.0, -1.0], row.size)
    size = (row.size, 3 * areas + 4 * pairs)
    higher = csr_array((value, (np.tile(row, 2), np.concatenate([row + areas, row]))), shape=size)
    barred = ~np.isfinite(problem.cost[:, 1:3].T.ravel())
    return [LinearConstraint(higher, lb=np.where(barred, 0, -1), ub=0)]


def _borders(problem: Problem) -> list[LinearConstraint]:
    """Each step over a border counts at least as much as the answers differ.

    A fourth count is that of borders to guard: as much as the answers to "at least control?"
    and to "lockdown?" differ.
    """
    areas, pairs = len(problem.cost), problem.one.size
    if not pairs:
        return []
    question = np.repeat([0, 1, 2, 1, 2], pairs)
    count = np.repeat([0, 1, 2, 3, 3], pairs) * pairs + np.tile(np.arange(pairs), 5)
    row, ones = np.arange(5 * pairs), np.ones(5 * pairs)
    one, other = np.tile(problem.one, 5), np.tile(problem.other, 5)
    size = (row.size, 3 * areas)
    nodes = np.concatenate([one + question * areas, other + question * areas])
    signs = np.repeat([1.0, -1.0], row.size)
    differs = csr_array((signs, (np.tile(row, 2), nodes)), size)
    counted = csr_array((ones, (row, count)), (row.size, 4 * pairs))
    both = vstack([hstack([differs, -counted]), hstack([-differs, -counted])])
    return [LinearConstraint(csr_array(both), ub=0)]


def _limits(problem: Problem, people: Floats, budget: Budget) -> list[LinearConstraint]:
    areas, pairs = len(problem.cost), problem.one.size
    restricted, guarded = np.zeros((2, 3 * areas + 4 * pairs))
    restricted[(RESTRICTED - 1) * areas : RESTRICTED * areas] = people
    guarded[3 * areas + 3 * pairs :] = 1
    wanted = ((restricted, budget.people), (guarded, budget.checkpoints))
    return [LinearConstraint(row[None, :], ub=most) for row, most in wanted if most is not None]


def _cannot(problem: Problem, people: Floats, budget: Budget, result: Any) -> str:  # noqa: ANN401
    asked = " and ".join(
        f"{CALLED[name]} = {most:g}"
        for name in ("people", "checkpoints")
        if (most := getattr(budget, name)) is not None
    )
    if result.status == 1:  # out of time
        return f"no plan with {asked} was found in {budget.seconds:g} seconds.\n    Raise seconds."
    demanded = math.ceil(people[problem.floor >= RESTRICTED].sum())
    return (
        f"no plan keeps to {asked}: the floors alone restrict {demanded:,} people.\n"
        "    Raise the budget, or lower floors with clauses=False."
    )
