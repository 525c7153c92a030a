"""Footprints that do not touch: how near they are, and how broadly they face one another.

Outlines that hang together by borders are one block. Areas of different blocks face one
another where they come nearer than `within_metres`. The strength is the breadth that both show
one another, across the line between their middles, in metres, times 1 - distance / within: it
falls as they move apart and is nought at the limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tracegraph.zones.geography.borders import boxes
from tracegraph.zones.geography.coordinates import metres_per_degree

if TYPE_CHECKING:
    import numpy.typing as npt

    Whole: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]
    Objects: TypeAlias = npt.NDArray[np.object_]
    Pairs: TypeAlias = tuple[Whole, Whole, Floats]

_AT_ONCE = 100_000  # pairs measured together, so that memory stays bounded


def facing(
    outline: Objects, area: Whole, bordering: Pairs, gap_metres: float, within_metres: float
) -> Pairs:
    """Pairs of areas (codes) of different blocks that face one another, and how strongly.

    Those that touch in a point, or are no further apart than the gap, are left out: they meet
    in a corner.
    """
    if not within_metres > gap_metres:
        return bordering[0][:0], bordering[1][:0], bordering[2][:0]
    shape = outline[area]
    block = _blocks(area, bordering, outline.size)
    one, other = _nearby(shape, within_metres)
    apart = block[one] != block[other]
    one, other = one[apart], other[apart]
    strength = np.zeros(one.size)
    for begin in range(0, one.size, _AT_ONCE):
        some = slice(begin, begin + _AT_ONCE)
        strength[some] = _strength(shape[one[some]], shape[other[some]], gap_metres, within_metres)
    faces = strength > 0
    return area[one[faces]], area[other[faces]], strength[faces]


def _blocks(area: Whole, bordering: Pairs, size: int) -> Whole:
    one, other, metres = bordering
    links = coo_array((np.ones(metres.size), (one, other)), shape=(size, size))
    return np.asarray(connected_components(links, directed=False)[1])[area].astype(np.int64)


def _nearby(shape: Objects, within_metres: float) -> tuple[Whole, Whole]:
    """Pairs of positions whose boxes are near enough, each once."""
    box = shapely.bounds(shape)
    margin = 1.01 * within_metres / np.column_stack(
        metres_per_degree(np.minimum(np.abs(box[:, [1, 3]]).max(axis=1) + 0.01, 89.0))
    )  # fmt: skip
    wide = boxes(box[:, :2] - margin, box[:, 2:] + margin)
    one, other = shapely.STRtree(boxes(box[:, :2], box[:, 2:])).query(wide)
    once = one < other
    return one[once], other[once]


def _strength(one: Objects, other: Objects, gap_metres: float, within_metres: float) -> Floats:
    """Breadth that each pair shows one another, less the nearer to the limit they are."""
    box = np.hstack([shapely.bounds(one), shapely.bounds(other)])
    scale = np.column_stack(metres_per_degree(box[:, [1, 3, 5, 7]].mean(axis=1)))
    one, other = _in_metres(one, box[:, :2], scale), _in_metres(other, box[:, :2], scale)
    distance = shapely.distance(one, other)
    line = shapely.get_coordinates(shapely.centroid(other))
    line = line - shapely.get_coordinates(shapely.centroid(one))
    line[np.hypot(*line.T) == 0] = (1.0, 0.0)  # an island in the middle of a ring
    across = line[:, ::-1] * (-1, 1) / np.hypot(*line.T)[:, None]
    (low, high), (low_other, high_other) = _extent(one, across), _extent(other, across)
    breadth = np.minimum(high, high_other) - np.maximum(low, low_other)
    far = (distance > gap_metres) & (distance < within_metres)
    return np.where(far, np.maximum(breadth, 0) * (1 - distance / within_metres), 0.0)


def _in_metres(shape: Objects, origin: Floats, scale: Floats) -> Objects:
    """Copies of outlines, each in metres from its own origin."""
    point, owner = shapely.get_coordinates(shape, return_index=True)
    moved = (point - origin[owner]) * scale[owner]
    return np.asarray(shapely.set_coordinates(shape.copy(), moved))


def _extent(shape: Objects, across: Floats) -> tuple[Floats, Floats]:
    """From where to where each outline reaches along its own axis."""
    point, owner = shapely.get_coordinates(shape, return_index=True)
    at = (point * across[owner]).sum(axis=1)
    first = np.searchsorted(owner, np.arange(shape.size))
    if not first.size:
        return np.empty(0), np.empty(0)
    return np.minimum.reduceat(at, first), np.maximum.reduceat(at, first)
