"""Discs pushed apart until none covers another."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from tracegraph.model.runs import runs

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

_LOOK_AGAIN = 8  # rounds for which a list of near pairs holds
_PACE = 0.5  # of what would part a pair at once, for each of the two
_DRIFT = 1.02
_LAST_ROUNDS = 2_000  # of drift, enough to grow a hundredfold: no layout comes near
_DENSEST = 0.8  # share of the plane that discs may fill before they are pushed
_TINY = 1e-9
_TOUCH = 0.01  # pixels that do not matter


def near_pairs(xy: Floats, reach: Floats) -> tuple[Ints, Ints]:
    """Pairs of discs of radius `reach` whose squares meet.

    Examples
    --------
    >>> left, right = near_pairs(np.array([[0.0, 0.0], [9.0, 0.0], [50.0, 0.0]]), np.full(3, 5.0))
    >>> left.tolist(), right.tolist()
    ([0], [1])
    """
    start = xy[:, 0] - reach
    order = np.argsort(start, kind="stable")
    start, end = start[order], (xy[:, 0] + reach)[order]
    # a sweep: whoever starts before this one ends; right however unequal the discs are
    ahead = np.searchsorted(start, end, side="left") - np.arange(len(xy)) - 1
    ahead = np.maximum(ahead, 0)
    one, further = runs(ahead)
    other = one + 1 + further
    one, other = order[one], order[other]
    meet = np.abs(xy[one, 1] - xy[other, 1]) < reach[one] + reach[other]
    return one[meet], other[meet]


def push_apart(
    hubs: Floats, offsets: Floats, groups: Ints, sizes: Floats, *, rounds: int
) -> Floats:
    """Move rigid groups of discs until no disc covers one of another group.

    Parameters
    ----------
    hubs : array of float64, (g, 2)
        Where the groups stand.
    offsets : array of float64, (n, 2)
        Discs, seen from the hub of their group.
    groups : array of int64, (n,)
        Of each disc.
    sizes : array of float64, (n,)
        Radius of each disc with the air around it.
    rounds : int
        Patience; after it the groups also drift from one another, until there is room.

    Returns
    -------
    array of float64, (g, 2)

    Examples
    --------
    >>> hubs, alone = np.array([[0.0, 0.0], [1.0, 0.0]]), np.array([0, 1])
    >>> apart = push_apart(hubs, np.zeros((2, 2)), alone, np.full(2, 5.0), rounds=50)
    >>> bool(np.hypot(*(apart[1] - apart[0])) > 9.99)
    True
    """
    hubs = _roomy(hubs, sizes)
    for turn in range(rounds + _LAST_ROUNDS):
        xy = offsets + hubs[groups]
        if turn % _LOOK_AGAIN == 0:
            one, other = near_pairs(xy, 1.25 * sizes)
            foreign = groups[one] != groups[other]
            one, other = one[foreign], other[foreign]
        lap = sizes[one] + sizes[other] - _length(xy[one] - xy[other])
        meet = lap > _TOUCH
        if meet.any():
            here, there = one[meet], other[meet]
            way = _unit(xy[here] - xy[there])
            hubs += _moves(way, lap[meet], hubs, groups[here], groups[there])
        elif turn % _LOOK_AGAIN == 0:
            break
        if turn >= rounds and (turn + 1) % _LOOK_AGAIN == 0:
            hubs *= _DRIFT
    return hubs


def _moves(way: Floats, lap: Floats, hubs: Floats, one: Ints, other: Ints) -> Floats:
    """What parts each group from those that it meets, but no more than its deepest lap asks.

    A group whose many discs are all pushed one way would fly off otherwise.
    """
    # two groups that mesh like combs push each other both ways: the hubs decide
    pushes = lap[:, None] * _unit(way + 0.5 * _unit(hubs[one] - hubs[other]))
    n = len(hubs)
    total = np.column_stack([
        np.bincount(one, pushes[:, k], n) - np.bincount(other, pushes[:, k], n) for k in (0, 1)
    ])  # fmt: skip
    most = np.zeros(n)
    for group in (one, other):
        np.maximum.at(most, group, lap)
    most = np.minimum(1.0, most / np.maximum(_length(total), _TINY))
    return np.asarray(_PACE * total * most[:, None])


def _roomy(hubs: Floats, sizes: Floats) -> Floats:
    """Same shape, as large as all discs together need: growing is quicker than pushing."""
    if len(hubs) < 3:
        return hubs.copy()
    axes = np.sqrt(np.maximum(np.linalg.eigvalsh(np.cov(hubs.T)), 0.0))
    room = 4.0 * math.pi * float(np.maximum(axes, sizes.mean()).prod())  # of an even cloud
    density = math.pi * float(np.square(sizes).sum()) / room
    return np.asarray(hubs * max(1.0, math.sqrt(density / _DENSEST)))


def _length(way: Floats) -> Floats:
    return np.asarray(np.sqrt(np.square(way[:, 0]) + np.square(way[:, 1])))


def _unit(way: Floats) -> Floats:
    """Directions; where there is none, one for each row."""
    far = _length(way)
    lost = np.flatnonzero(far < _TINY)
    way = way / np.maximum(far, _TINY)[:, None]
    way[lost] = np.column_stack([np.cos(2.4 * (lost + 1)), np.sin(2.4 * (lost + 1))])
    return way
