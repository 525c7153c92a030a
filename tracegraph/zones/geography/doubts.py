"""What looks wrong about outlines that can be read: told, never changed.

Thresholds are working values of tracegraph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
import shapely

from tracegraph.zones.geography.coordinates import (
    BD09,
    GCJ02,
    from_wgs84,
    metres_per_degree,
    to_wgs84,
)
from tracegraph.zones.geography.notes import note
from tracegraph.zones.ground import codes, column

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.graph import TraceGraph

    Whole: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]
    Flags: TypeAlias = npt.NDArray[np.bool_]
    Objects: TypeAlias = npt.NDArray[np.object_]

FAR_DEGREES = 1.0
"""Distance from its siblings from which swapped coordinates are thought of."""
LEAST_SHIFT_M = 100.0
"""Distance outside from which a place counts as shifted: nearer ones are imprecise."""
EXPLAINED = 0.9
"""Share of an area's places that a shift must bring inside."""
SLITHER = 0.01
"""Share of the smaller outline up to which overlaps are imprecise drawing."""
UNCHANGED = "nothing changed"


def doubts(graph: TraceGraph, shape: Objects) -> list[pd.DataFrame]:
    """Notes on shifted outlines, overlapping siblings, and children outside of their parent."""
    parent = graph.area_parent.astype(np.int64)
    return [shifted(graph, shape), overlapping(graph, shape, parent), outside(graph, shape, parent)]


def swapped_areas(shape: Objects, parent: Whole) -> Whole:
    """Areas far from their siblings that lie among them once lat and lon are swapped."""
    drawn = np.flatnonzero(~shapely.is_missing(shape))
    x, y = shapely.get_coordinates(shapely.centroid(shape[drawn])).T
    table = pd.DataFrame({"x": x, "y": y})
    middle = table.groupby(parent[drawn])[["x", "y"]].transform("median").to_numpy()
    siblings = pd.Series(parent[drawn]).groupby(parent[drawn]).transform("size").to_numpy()
    away = np.hypot(x - middle[:, 0], y - middle[:, 1])
    if_swapped = np.hypot(y - middle[:, 0], x - middle[:, 1])
    found = (siblings >= 3) & (away > FAR_DEGREES) & (if_swapped < away / 10)
    return np.asarray(drawn[found])


def shifted(graph: TraceGraph, shape: Objects) -> pd.DataFrame:
    """Areas whose places lie outside of them, and inside by a shift that maps of China have.

    A place counts as outside from `LEAST_SHIFT_M` on. An area is told if that holds for half of
    its places or for three, and one explanation brings in nearly all of them. One place in the
    whole graph is no pattern.
    """
    places = _places(graph, shape)
    area, lon, lat = (places[name].to_numpy() for name in ("area", "lon", "lat"))
    shapely.prepare(shape)
    astray = ~shapely.intersects_xy(shape[area], lon, lat)
    far = np.zeros(len(area), dtype=bool)
    far[astray] = _metres_outside(shape[area[astray]], lon[astray], lat[astray]) > LEAST_SHIFT_M
    count, gone = _per_area(shape, area), _per_area(shape, area[far])
    asked = (gone > 0) & ((2 * gone >= count) | (gone >= 3))
    if far.sum() < 2 or not asked.any():
        return note(np.empty(0, np.int64), "", "")
    mine = asked[area]
    area, lon, lat = area[mine], lon[mine], lat[mine]
    points = [moved(lon, lat) for _, _, moved in _EXPLANATIONS]
    inside = np.array([_per_area(shape, area[_holds(shape[area], x, y)]) for x, y in points])
    best = inside.argmax(axis=0)  # the first of equals
    told = np.flatnonzero(asked & (inside.max(axis=0) >= EXPLAINED * count))
    texts = [
        f"{gone[a]:,} of {count[a]:,} places lie outside by over {LEAST_SHIFT_M:.0f} m, "
        f"and {inside[best[a], a]:,} inside if {_EXPLANATIONS[best[a]][0]}"
        for a in told.tolist()
    ]
    mend = [f"{UNCHANGED}; {_EXPLANATIONS[best[a]][1]}" for a in told.tolist()]
    return note(told, texts, mend)


def _places(graph: TraceGraph, shape: Objects) -> pd.DataFrame:
    """Places with coordinates whose area has an outline: `area`, `lon`, `lat`."""
    rows = graph.locations
    at = codes(graph.location_ids, rows["location_id"])
    area = graph.facts.locations.nearest_area().astype(np.int64)[at]
    lon, lat = (
        pd.to_numeric(column(rows, name)).to_numpy(np.float64, na_value=np.nan)
        for name in ("lon", "lat")
    )
    drawn = np.append(~shapely.is_missing(shape), [False])[area]  # -1 is nowhere
    kept = drawn & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    return pd.DataFrame({"area": area[kept], "lon": lon[kept], "lat": lat[kept]})


def _per_area(shape: Objects, area: Whole) -> Whole:
    return np.bincount(area, minlength=shape.size)


def _holds(shape: Objects, lon: Floats, lat: Floats) -> Flags:
    return np.asarray(shapely.intersects_xy(shape, lon, lat))


def _metres_outside(shape: Objects, lon: Floats, lat: Floats) -> Floats:
    """About how far points lie from outlines."""
    line = shapely.get_coordinates(shapely.shortest_line(shape, shapely.points(lon, lat)))
    step = line[1::2] - line[::2]
    east, north = metres_per_degree(lat)
    return np.hypot(step[:, 0] * east, step[:, 1] * north)


_MEND_PLACES = "if so, convert locations.lat and lon to WGS-84, or correct areas.crs"
_EXPLANATIONS = (
    (f"the outline is {GCJ02}", f"if so, declare crs {GCJ02}",
     lambda lon, lat: from_wgs84(lon, lat, GCJ02)),
    (f"the outline is {BD09}", f"if so, declare crs {BD09}",
     lambda lon, lat: from_wgs84(lon, lat, BD09)),
    (f"the places are {GCJ02}", _MEND_PLACES,
     lambda lon, lat: to_wgs84(lon, lat, GCJ02)),
    (f"the places are {BD09}", _MEND_PLACES,
     lambda lon, lat: to_wgs84(lon, lat, BD09)),
    ("lat and lon are swapped in one of the tables", "if so, swap them there",
     lambda lon, lat: (lat, lon)),
)  # fmt: skip
"""What may lie behind it, how to mend it, and where the places lie on the outline then."""


def overlapping(graph: TraceGraph, shape: Objects, parent: Whole) -> pd.DataFrame:
    """Siblings that share more than a slither."""
    drawn = np.flatnonzero(~shapely.is_missing(shape))
    one, other = drawn[shapely.STRtree(shape[drawn]).query(shape[drawn])]
    siblings = (one < other) & (parent[one] == parent[other])
    one, other = one[siblings], other[siblings]
    apart = shapely.touches(shape[one], shape[other])  # most that meet only touch
    one, other = one[~apart], other[~apart]
    shared = shapely.area(shapely.intersection(shape[one], shape[other]))
    share = shared / np.minimum(shapely.area(shape[one]), shapely.area(shape[other]))
    told = share > SLITHER
    texts = [
        f"overlaps {name}, its sibling, by {part:.0%} of the smaller one"
        for name, part in zip(graph.area_ids.take(other[told]), share[told], strict=True)
    ]
    return note(one[told], texts, UNCHANGED)


def outside(graph: TraceGraph, shape: Objects, parent: Whole) -> pd.DataFrame:
    """Areas that lie outside of their parent by more than a slither."""
    drawn = ~shapely.is_missing(shape)
    child = np.flatnonzero(drawn & (parent >= 0))
    child = child[drawn[parent[child]]]
    shapely.prepare(shape[parent[child]])
    child = child[~shapely.covers(shape[parent[child]], shape[child])]
    beyond = shapely.area(shapely.difference(shape[child], shape[parent[child]]))
    share = beyond / shapely.area(shape[child])
    told = share > SLITHER
    names = graph.area_ids.take(parent[child[told]])
    texts = [
        f"{part:.0%} of it lies outside of {name}, its parent"
        for name, part in zip(names, share[told], strict=True)
    ]
    return note(child[told], texts, UNCHANGED)
