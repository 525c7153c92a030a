"""Which outlines run along one another, and for how many metres.

An edge is a straight piece of an outline. 1. An edge that two areas have, one on either side,
is their border. 2. Other edges of two areas are a border where they run alongside: at most 45
degrees apart and no further than `gap_metres`, counted along each of them and averaged. So
borders that were drawn twice count, with other corners or a slight gap or overlap; edges that
meet in a corner do not. 3. Less than `gap_metres` in all is a corner, not a border.

Two outlines that rule 2 sees along a sliver narrower than the gap, with a third area inside it,
are counted too; where the sliver's edges are those of its neighbours exactly, they are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import shapely

from tracegraph.zones.geography.coordinates import metres_per_degree

if TYPE_CHECKING:
    import numpy.typing as npt

    Whole: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]
    Flags: TypeAlias = npt.NDArray[np.bool_]
    Objects: TypeAlias = npt.NDArray[np.object_]
    Pairs: TypeAlias = tuple[Whole, Whole, Floats]

LEAST_GAP_M = 0.001
"""Gaps below a millimetre are rounding: of coordinates, and of these computations."""
ALONGSIDE = np.cos(np.radians(45))
_AT_ONCE = 200_000  # edges looked up together, so that memory stays bounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Straight pieces of outlines, outer rings counterclockwise.

    Parameters
    ----------
    area : array of int64
        Code of the area.
    start, end : arrays of float64, n x 2
        Longitude and latitude, degrees.
    """

    area: Whole
    start: Floats
    end: Floats

    def __len__(self) -> int:
        return self.area.size

    def take(self, at: Whole | Flags) -> Edges:
        """Keep these edges."""
        return Edges(area=self.area[at], start=self.start[at], end=self.end[at])

    def metres(self) -> Floats:
        """Length of each edge."""
        step = (self.end - self.start) * _scale(self.start[:, 1] + self.end[:, 1], 2)
        return np.asarray(np.hypot(*step.T))


def edges_of(outline: Objects, area: Whole) -> Edges:
    """Edges of the outlines of these areas (codes); holes and islands have edges too."""
    parts, at = shapely.get_parts(outline[area], return_index=True)
    rings, ring_of = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    point, ring = shapely.get_coordinates(rings, return_index=True)
    follows = (ring[1:] == ring[:-1]) & (point[1:] != point[:-1]).any(axis=1)
    return Edges(
        area=area[at[ring_of[ring[1:][follows]]]],
        start=point[:-1][follows],
        end=point[1:][follows],
    )


def borders(edges: Edges, gap_metres: float) -> Pairs:
    """Pairs of areas that share a border, and its metres: `one < other`, sorted."""
    gap_metres = max(gap_metres, LEAST_GAP_M)
    one, other, metres, taken = _same_edges(edges)
    loose = edges.take(~taken)
    near_one, near_other, near_metres = _alongside(loose, gap_metres)
    one, other, metres = summed(
        np.concatenate([one, near_one]),
        np.concatenate([other, near_other]),
        np.concatenate([metres, near_metres]),
    )
    long = metres > gap_metres
    return one[long], other[long], metres[long]


def summed(one: Whole, other: Whole, value: Floats) -> Pairs:
    """Sum the values of each pair, whichever way round: `one < other`, sorted."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    base = int(high.max(initial=0)) + 1
    pair, where = np.unique(low * base + high, return_inverse=True)
    total = np.bincount(where, weights=value, minlength=pair.size).astype(np.float64)
    return pair // base, pair % base, total


def _same_edges(edges: Edges) -> tuple[Whole, Whole, Floats, Flags]:
    """Edges that two areas have in opposite directions: the areas, metres, and which edges."""
    point = np.concatenate([edges.start, edges.end])
    code = np.unique(point[:, 0] + 1j * point[:, 1], return_inverse=True)[1].astype(np.int64)
    start, end = code[: len(edges)], code[len(edges) :]
    base = int(code.max(initial=0)) + 1
    forth, back = start * base + end, end * base + start
    order = np.argsort(forth, kind="stable")
    first = np.searchsorted(forth[order], back, side="left")
    count = np.searchsorted(forth[order], back, side="right") - first
    edge = np.repeat(np.arange(len(edges)), count)
    twin = order[np.repeat(first - np.cumsum(count) + count, count) + np.arange(edge.size)]
    once = edges.area[edge] < edges.area[twin]  # an area does not border itself
    edge, twin = edge[once], twin[once]
    taken = np.zeros(len(edges), dtype=bool)
    taken[edge] = taken[twin] = True
    return edges.area[edge], edges.area[twin], edges.metres()[edge], taken


def _alongside(edges: Edges, gap_metres: float) -> Pairs:
    """Metres that edges of different areas run along one another, pair by pair of edges."""
    low, high = np.minimum(edges.start, edges.end), np.maximum(edges.start, edges.end)
    margin = gap_metres / _scale(np.abs(low[:, 1]) + np.abs(high[:, 1]) + 0.01, 2)
    tree = shapely.STRtree(boxes(low, high))
    found = []
    for begin in range(0, len(edges), _AT_ONCE):
        some = np.arange(begin, min(begin + _AT_ONCE, len(edges)))
        wider = 1.01 * margin[some]
        asked, near = tree.query(boxes(low[some] - wider, high[some] + wider))
        asked = some[asked]
        once = edges.area[asked] < edges.area[near]
        asked, near = asked[once], near[once]
        metres = _metres_alongside(edges.take(asked), edges.take(near), gap_metres)
        runs = metres > 0
        found += [(edges.area[asked[runs]], edges.area[near[runs]], metres[runs])]
    none = np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    columns = list(zip(none, *found, strict=True))
    return np.concatenate(columns[0]), np.concatenate(columns[1]), np.concatenate(columns[2])


def _metres_alongside(one: Edges, other: Edges, gap_metres: float) -> Floats:
    """Rule 2 of pairs of edges, in metres around the first point of each pair."""
    lat = one.start[:, 1] + one.end[:, 1] + other.start[:, 1] + other.end[:, 1]
    scale, origin = _scale(lat, 4), one.start
    a, b, c, d = ((p - origin) * scale for p in (one.start, one.end, other.start, other.end))
    return (_covered(a, b, c, d, gap_metres) + _covered(c, d, a, b, gap_metres)) / 2


def _covered(a: Floats, b: Floats, c: Floats, d: Floats, gap_metres: float) -> Floats:
    """Metres of the edges a-b that have c-d beside them, no further away than the gap."""
    length = np.hypot(*(b - a).T)
    along = (b - a) / length[:, None]
    across = along[:, ::-1] * (-1, 1)
    at_c, at_d = _dot(c - a, along), _dot(d - a, along)
    off_c, off_d = _dot(c - a, across), _dot(d - a, across)
    turned = np.abs(at_d - at_c) < ALONGSIDE * np.hypot(*(d - c).T) * (1 - 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = (off_d - off_c) / (at_d - at_c)  # at most 1 where they run alongside
        ends = at_c + (np.array([[-1], [1]]) * gap_metres - off_c) / slope
    level = (slope == 0) | turned
    near = np.where(np.abs(off_c) <= gap_metres, np.inf, -np.inf)  # all of it, or none
    begin = np.where(level, -near, ends.min(axis=0))
    stop = np.where(level, near, ends.max(axis=0))
    begin = np.maximum.reduce([begin, np.minimum(at_c, at_d), np.zeros(length.size)])
    stop = np.minimum.reduce([stop, np.maximum(at_c, at_d), length])
    return np.where(turned, 0.0, np.maximum(stop - begin, 0.0))


def boxes(low: Floats, high: Floats) -> Objects:
    """Rectangles from their south-western and north-eastern corners."""
    return np.asarray(shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]), dtype=object)


def _dot(vectors: Floats, units: Floats) -> Floats:
    return np.asarray((vectors * units).sum(axis=1))


def _scale(sum_of_lat: Floats, count: int) -> Floats:
    """Metres of a degree east and north, at the mean of `count` latitudes."""
    return np.column_stack(metres_per_degree(sum_of_lat / count))
