"""Ordered labels that cost least: exactly, by a minimum cut.

A label from 0 to 3 is three yes-or-no questions: at least 1, at least 2, at least 3. Each
question of each area is a node. A node on the side of the source answers yes. What a step
up costs, or saves, is an edge to the sink, or from the source; "at least 3" without "at
least 2" costs too much to happen; neighbours with different answers cost the strength of
their border. So every labelling is a cut, of the same cost (Ishikawa, IEEE TPAMI 2003,
doi 10.1109/TPAMI.2003.1233908, for costs that are linear over the border).

Many labellings may cost the least. Of all least cuts, the one with the fewest nodes on the
side of the source is unique, whatever flow was found (Picard and Queyranne, 1980, doi
10.1007/BFb0120902): it has the lowest label in every area at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

if TYPE_CHECKING:
    import numpy.typing as npt

    Whole: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]
    Edges: TypeAlias = tuple[Whole, Whole, Whole]

LIMIT = 2**30
"""Most that all capacities may sum to. SciPy's flow is int32 and overflows in silence; an
edge both ways may hold twice its capacity."""

ROOM = 2**29
"""What capacities are scaled to, so that rounding cannot reach `LIMIT`."""

FINEST = 60
"""Costs below 2 to the minus this are nothing: a scale must stay a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Costs of labels and borders, and bounds that nothing may break.

    Parameters
    ----------
    cost : array of float64, shape (areas, labels)
        Of each label in each area.
    one, other : array of int64
        Neighbours, as rows of `cost`.
    border : array of float64
        Cost of one label step between them, from 0 upwards.
    floor, ceiling : array of int64
        Least and greatest label of each area.
    """

    cost: Floats
    one: Whole
    other: Whole
    border: Floats
    floor: Whole
    ceiling: Whole

    def cost_of(self, label: Whole) -> float:
        """What a labelling costs, summed without rounding."""
        own = self.cost[np.arange(len(label)), label]
        steps = np.abs(label[self.one] - label[self.other])
        return math.fsum(np.concatenate([own, self.border * steps]).tolist())


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The lowest labels of least cost.

    Parameters
    ----------
    label : array of int64
    rounding : float
        The labelling costs at most so much more than the best one: costs were rounded to
        whole numbers.
    """

    label: Whole
    rounding: float


def least_cut(problem: Problem) -> Cut:
    """Find the labels of least cost within their bounds; of equal ones the lowest.

    Examples
    --------
    >>> import numpy as np
    >>> from tracegraph.zones.redraw.cut import Problem, least_cut
    >>> alone = np.array([[9.0, 8, 5, 6], [0, 1, 2, 3]])
    >>> pair = {"one": np.array([0]), "other": np.array([1])}
    >>> bounds = {"floor": np.array([0, 0]), "ceiling": np.array([3, 3])}
    >>> least_cut(Problem(cost=alone, border=np.array([0.5]), **pair, **bounds)).label
    array([2, 0])
    >>> least_cut(Problem(cost=alone, border=np.array([2.5]), **pair, **bounds)).label
    array([2, 2])
    """
    steps = np.diff(problem.cost, axis=1)
    scale = _scale(steps, problem.border)
    step, border = _whole(steps * scale), _whole(problem.border * scale)
    off_steps, off_borders = step / scale - steps, border / scale - problem.border
    wrong = 2 * np.abs(off_steps).sum() + 2 * steps.shape[1] * np.abs(off_borders).sum()
    label = _lowest_labels(step, problem.one, problem.other, border, problem.floor, problem.ceiling)
    return Cut(label=label, rounding=float(wrong))


def _scale(steps: Floats, border: Floats) -> float:
    """Power of two that brings the sum of all capacities to `ROOM`; the same in any order."""
    levels = steps.shape[1]
    total = math.fsum(np.abs(steps).ravel().tolist()) + 2 * levels * math.fsum(border.tolist())
    return 2.0 ** min(FINEST, math.floor(math.log2(ROOM) - math.log2(total))) if total > 0 else 1.0


def _whole(values: Floats) -> Whole:
    return np.rint(values).astype(np.int64)


def _lowest_labels(  # noqa: PLR0913  # a problem in whole numbers
    step: Whole, one: Whole, other: Whole, border: Whole, floor: Whole, ceiling: Whole
) -> Whole:
    areas, levels = step.shape
    capacity = int(np.abs(step).sum() + 2 * levels * border.sum())
    if capacity >= LIMIT:
        message = f"capacities sum to {capacity:,}, which int32 cannot hold safely"
        raise OverflowError(message)
    node = np.arange(areas * levels).reshape(levels, areas)
    source, sink = areas * levels, areas * levels + 1
    edges = [
        *_terminals(step.T, node, (source, sink), floor, ceiling),
        *_borders(node, one, other, border),
        (node[1:].ravel(), node[:-1].ravel(), np.full(node[1:].size, LIMIT)),
    ]
    reached = _side_of_source(edges, source, sink)
    label: Whole = reached[: areas * levels].reshape(levels, areas).sum(axis=0)
    return label


def _terminals(
    step: Whole, node: Whole, ends: tuple[int, int], floor: Whole, ceiling: Whole
) -> list[Edges]:
    """Edges from the source, and to the sink: what a step saves or costs, and bounds."""
    level = np.arange(1, len(step) + 1)[:, None]
    saves = np.where(level <= floor, LIMIT, np.maximum(-step, 0))
    costs = np.where(level > ceiling, LIMIT, np.maximum(step, 0))
    up, down = saves > 0, costs > 0
    return [
        (np.full(up.sum(), ends[0]), node[up], saves[up]),
        (node[down], np.full(down.sum(), ends[1]), costs[down]),
    ]


def _borders(node: Whole, one: Whole, other: Whole, border: Whole) -> list[Edges]:
    a, b = node[:, one].ravel(), node[:, other].ravel()
    strength = np.tile(border, len(node))
    kept = strength > 0
    return [(a[kept], b[kept], strength[kept]), (b[kept], a[kept], strength[kept])]


def _side_of_source(edges: list[Edges], source: int, sink: int) -> npt.NDArray[np.bool_]:
    """Nodes that the source still reaches once the flow is greatest: the smallest such side."""
    tail, head, capacity = (np.concatenate(column) for column in zip(*edges, strict=True))
    graph = csr_array((capacity.astype(np.int32), (tail, head)), shape=(sink + 1, sink + 1))
    residual = csr_array(graph - maximum_flow(graph, source, sink).flow)
    residual.data[residual.data < 0] = 0  # no edge has less than nothing left; guards a bad flow
    residual.eliminate_zeros()
    reached = np.zeros(sink + 1, dtype=bool)
    reached[breadth_first_order(residual, source, return_predecessors=False)] = True
    return reached
