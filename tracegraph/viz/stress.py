"""Coordinates whose distances are as near as a plane allows to the paths between the nodes.

Every pair counts while nodes are few. Beyond that, pairs on an edge count, and those of a node
with one of `PIVOTS` nodes spread over the network, each for the region around it: Ortmann,
Klimenta and Brandes (2017), J Graph Algorithms Appl 21(5):791, doi:10.7155/jgaa.00440. So 2,000
nodes take a tenth of the pairs, and no matrix of their square is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import rustworkx as rx

if TYPE_CHECKING:
    from collections.abc import Callable

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

PIVOTS = 200
"""Nodes from which all paths are measured; networks of fewer are placed by every pair."""

_ROUNDS = 50
_SOLVER_STEPS = 6  # of conjugate gradients a round; each round starts where the last one ended
_TURNS = 40
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class _Pulls:
    """Pairs that are to be `span` apart, each as important as its `weight`.

    `left` and `right` are edges; the matrices hold a row a pivot, a column a node.
    """

    left: Ints
    right: Ints
    span: Floats
    weight: Floats
    pivots: Ints
    pivot_span: Floats
    pivot_weight: Floats


def place_by_paths(edges: Ints, lengths: Floats, n_nodes: int) -> Floats:
    """Coordinates of a connected network.

    Parameters
    ----------
    edges : array of int64, (m, 2)
        Each pair once.
    lengths : array of float64, (m,)
        How far apart the ends of each edge should be.
    n_nodes : int

    Returns
    -------
    array of float64, (n_nodes, 2)

    Examples
    --------
    >>> xy = place_by_paths(np.array([[0, 1], [1, 2]]), np.array([10.0, 20.0]), 3)
    >>> np.hypot(*(xy[0] - xy[2])).round(1).item()
    30.0
    """
    pulls = _pulls(edges, lengths, n_nodes)
    xy = _scaled(_first_guess(pulls), pulls)
    spread = _laplacian(pulls, pulls.weight, pulls.pivot_weight)
    diagonal = _degree(pulls, pulls.weight, pulls.pivot_weight)
    for _ in range(_ROUNDS):
        weight, pivot_weight = _stretched(pulls, xy)
        target = _laplacian(pulls, weight, pivot_weight)(xy)
        xy = _solve(spread, diagonal, target, xy)
    return np.asarray(xy - xy.mean(axis=0))


# ---- which pairs, how far


def _pulls(edges: Ints, lengths: Floats, n_nodes: int) -> _Pulls:
    graph: rx.PyGraph[int, float] = rx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(n_nodes))
    graph.add_edges_from(
        [(int(a), int(b), float(d)) for (a, b), d in zip(edges, lengths, strict=True)]
    )
    pivots, span = _pivots(graph, min(PIVOTS, n_nodes))
    share = _regions(pivots, span)
    with np.errstate(divide="ignore"):
        weight = np.where(span > 0, share / np.square(span), 0.0)
    return _Pulls(
        left=edges[:, 0],
        right=edges[:, 1],
        span=lengths,
        weight=1.0 / np.square(lengths),
        pivots=pivots,
        pivot_span=span,
        pivot_weight=weight,
    )


def _pivots(graph: rx.PyGraph[int, float], number: int) -> tuple[Ints, Floats]:
    """Nodes as far from one another as can be, and the paths from each to all nodes."""
    n = graph.num_nodes()
    span = np.zeros((number, n))
    chosen = np.zeros(number, dtype=np.int64)
    nearest = np.full(n, np.inf)
    for k in range(number):
        chosen[k] = int(nearest.argmax()) if k else 0
        reached: Any = rx.dijkstra_shortest_path_lengths(graph, int(chosen[k]), float)
        span[k, list(reached.keys())] = list(reached.values())
        span[k, chosen[k]] = 0.0
        nearest = np.minimum(nearest, span[k])
        nearest[chosen[: k + 1]] = -1.0
    return chosen, span


def _regions(pivots: Ints, span: Floats) -> Floats:
    """For how many nodes around the pivot (row) it speaks to a node (column).

    Those nearest to this pivot that are no farther from it than half the way to the node.
    """
    owner = span.argmin(axis=0)
    owner[pivots] = np.arange(len(pivots))
    share = np.empty_like(span)
    for k in range(len(pivots)):
        near = np.sort(span[k, owner == k])
        share[k] = np.searchsorted(near, span[k] / 2, side="right")
    return share


# ---- majorizing


def _first_guess(pulls: _Pulls) -> Floats:
    """Two leading axes of the paths from the pivots (Brandes and Pich 2007)."""
    square = np.square(pulls.pivot_span)
    centred = square - square.mean(axis=0)[None, :] - square.mean(axis=1)[:, None] + square.mean()
    gram = centred @ centred.T
    # a fixed, uneven start: an even one may be at right angles to what is sought
    turn = np.arange(len(gram))
    axes = np.column_stack([np.cos(turn * 1.7), np.sin(turn * 2.3 + 1.0)])
    for _ in range(_TURNS):  # of subspace iteration: two axes are wanted, not all
        axes, _triangle = np.linalg.qr(gram @ axes)
    xy = centred.T @ axes
    golden = np.arange(len(xy)) * 2.399963  # nodes with equal paths fall on one point: part them
    nudge = 0.01 * max(1.0, float(np.abs(xy).max()))
    return np.asarray(xy + nudge * np.column_stack([np.cos(golden), np.sin(golden)]))


def _scaled(xy: Floats, pulls: _Pulls) -> Floats:
    """As large as the paths ask for."""
    away, pivot_away = _distances(pulls, xy)
    wanted = (pulls.weight * pulls.span * away).sum()
    wanted += (pulls.pivot_weight * pulls.pivot_span * pivot_away).sum()
    found = (pulls.weight * away**2).sum() + (pulls.pivot_weight * pivot_away**2).sum()
    return np.asarray(xy * (wanted / max(_TINY, float(found))))


def _distances(pulls: _Pulls, xy: Floats) -> tuple[Floats, Floats]:
    step = xy[pulls.left] - xy[pulls.right]
    at = xy[pulls.pivots]
    across, down = at[:, :1] - xy[:, 0], at[:, 1:] - xy[:, 1]
    # not hypot: it is six times as slow, for ranges that no picture has
    return np.sqrt(np.square(step).sum(axis=1)), np.sqrt(across * across + down * down)


def _stretched(pulls: _Pulls, xy: Floats) -> tuple[Floats, Floats]:
    """Weights of the majorizing quadratic: more for pairs that stand too near."""
    away, pivot_away = _distances(pulls, xy)
    return (
        pulls.weight * pulls.span / np.maximum(away, _TINY),
        pulls.pivot_weight * pulls.pivot_span / np.maximum(pivot_away, _TINY),
    )


def _degree(pulls: _Pulls, weight: Floats, pivot_weight: Floats) -> Floats:
    n = pivot_weight.shape[1]
    out: Floats = pivot_weight.sum(axis=0)
    out += np.bincount(pulls.left, weight, n) + np.bincount(pulls.right, weight, n)
    out[pulls.pivots] += pivot_weight.sum(axis=1)
    return out


def _laplacian(pulls: _Pulls, weight: Floats, pivot_weight: Floats) -> Callable[[Floats], Floats]:
    """Product of the weighted Laplacian with coordinates, without the matrix."""
    degree = _degree(pulls, weight, pivot_weight)
    n = len(degree)

    def times(xy: Floats) -> Floats:
        out = degree[:, None] * xy - pivot_weight.T @ xy[pulls.pivots]
        out[pulls.pivots] -= pivot_weight @ xy
        for k in (0, 1):
            out[:, k] -= np.bincount(pulls.left, weight * xy[pulls.right, k], n)
            out[:, k] -= np.bincount(pulls.right, weight * xy[pulls.left, k], n)
        return np.asarray(out)

    return times


def _solve(
    times: Callable[[Floats], Floats], diagonal: Floats, target: Floats, xy: Floats
) -> Floats:
    """Some steps of conjugate gradients from `xy`, both axes at once."""
    rest = target - times(xy)
    step = ahead = rest / diagonal[:, None]
    gain = np.einsum("ij,ij->j", rest, ahead)
    for _ in range(_SOLVER_STEPS):
        turned = times(step)
        pace = gain / np.maximum(np.einsum("ij,ij->j", step, turned), _TINY**2)
        xy = xy + pace * step
        rest = rest - pace * turned
        ahead = rest / diagonal[:, None]
        before, gain = gain, np.einsum("ij,ij->j", rest, ahead)
        step = ahead + gain / np.maximum(before, _TINY**2) * step
    return xy
