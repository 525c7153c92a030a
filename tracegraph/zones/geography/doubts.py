"""What looks wrong about outlines that can be read: told, never changed.

Thresholds are working values of tracegraph.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
import shapely

from tracegraph.zones.geography.coordinates import (
    BD09,
    GCJ02,
    WGS84,
    in_china,
    known_system,
    metres,
    to_wgs84,
)
from tracegraph.zones.geography.fit import (
    CURED,
    SLITHER,
    Points,
    beyond,
    fitting,
    many,
    meeting,
    moved,
)
from tracegraph.zones.geography.notes import LEFT_OUT, NO_AREA, note
from tracegraph.zones.ground import codes, column

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.graph import TraceGraph

    Whole: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]
    Flags: TypeAlias = npt.NDArray[np.bool_]
    Objects: TypeAlias = npt.NDArray[np.object_]

SHIFTS = (GCJ02, BD09)
FAR_DEGREES = 1.0
"""Distance from its siblings from which swapped coordinates are thought of."""
FAR_M = 1_000.0
"""Distance from its own point, beyond its own size, from which they are."""
LEAST_PATTERN = 2
"""One outline with one place, in the whole graph, is no pattern."""
EXPLAINED = 0.9
"""Share of an area's places that a shift of the places must bring inside."""
UNCHANGED = "nothing changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """Outlines as they lie, or would; which do not fit, and what there is to tell of them."""

    shape: Objects
    shifted: Flags
    system: str
    troubled: Flags
    told: list[pd.DataFrame]


def doubts(graph: TraceGraph, shape: Objects) -> list[pd.DataFrame]:
    """Notes on undeclared shifts, overlapping siblings, and children outside of their parent.

    What a shift explains is told as that shift; of the rest, what would be left after it.
    """
    points = points_of(graph, shape)
    view = _view(graph, points, shape, np.zeros(shape.size, dtype=bool), WGS84)
    patterns, left = [], list(SHIFTS)
    while left and view.troubled.any():
        tried = [_explained(graph, points, view, system) for system in left]
        if all(some.troubled.any() for some in tried):
            tried += [_explained(graph, points, view, system, everyone=True) for system in left]
        # those that change anything before those that do not; the first of equals
        view = min(tried, key=lambda some: (not some.shifted.any(), int(some.troubled.sum())))
        patterns.append(_fits(np.flatnonzero(view.shifted), view.system))
        left.remove(view.system)
    return [*patterns, *view.told]


def _fits(area: Whole, system: str) -> pd.DataFrame:
    mend = f"{UNCHANGED}; if so, declare it in areas.crs"
    return note(area, f"fits its surroundings if it is {system}", mend)


def _explained(
    graph: TraceGraph, points: Points, before: _View, system: str, *, everyone: bool = False
) -> _View:
    """Outlines as they would lie, if those that fit better in this system are in it."""
    parent, old = graph.area_parent.astype(np.int64), before.troubled
    found = fitting(before.shape, parent, points, system, None if everyone else old)
    after = _view(graph, points, before.shape, found, system) if found.any() else before
    if after.troubled.sum() > CURED * old.sum():
        # no pattern: their neighbours may be drawn badly, the word of their points is taken
        found &= _astray(before.shape, points) & ~_astray(after.shape, points)
    if max(found.sum(), found[points.area[~points.own]].sum()) < LEAST_PATTERN:
        return replace(before, shifted=np.zeros_like(found), system=system)
    if (found == after.shifted).all():
        return after
    return _view(graph, points, before.shape, found, system)


def _view(graph: TraceGraph, points: Points, shape: Objects, shifted: Flags, system: str) -> _View:
    shape, parent = shape.copy(), graph.area_parent.astype(np.int64)
    shape[shifted] = moved(shape[shifted], system)
    troubled = _astray(shape, points)
    told = [overlapping(graph, shape, parent), outside(graph, shape, parent)]
    told += [astray_places(shape, points)] if troubled.any() else []
    troubled[pd.concat(told)["code"].to_numpy(np.int64)] = True
    return _View(shape=shape, shifted=shifted, system=system, troubled=troubled, told=told)


def _astray(shape: Objects, points: Points) -> Flags:
    """Areas of whose points half, or three, lie outside."""
    out = points.outside(shape)
    heard = points.heard(out, shape.size)
    gone, count = (np.bincount(points.area[some], minlength=shape.size)
                   for some in (out & heard, heard))  # fmt: skip
    return many(gone, count)


def points_of(graph: TraceGraph, shape: Objects) -> Points:
    """Points with coordinates whose area has an outline: places, and areas' own."""
    place = codes(graph.location_ids, graph.locations["location_id"])
    tables = [
        (graph.locations, graph.facts.locations.nearest_area().astype(np.int64)[place]),
        (graph.areas, codes(graph.area_ids, graph.areas["area_id"])),
    ]
    lon, lat = (np.concatenate([_degrees(rows, name) for rows, _ in tables])
                for name in ("lon", "lat"))  # fmt: skip
    area = np.concatenate([at for _, at in tables])
    own = np.arange(area.size) >= place.size
    drawn = np.append(~shapely.is_missing(shape), [False])[area]  # -1 is nowhere
    kept = drawn & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    return Points(area=area[kept], lon=lon[kept], lat=lat[kept], own=own[kept])


def _degrees(rows: pd.DataFrame, name: str) -> Floats:
    return pd.to_numeric(column(rows, name)).to_numpy(np.float64, na_value=np.nan)


def astray_places(shape: Objects, points: Points) -> pd.DataFrame:
    """Areas whose places lie outside, and inside if the places are shifted or swapped.

    One place in the whole graph is no pattern.
    """
    places = points.take(~points.own)
    out = places.outside(shape)
    gone, count = (np.bincount(some, minlength=shape.size)
                   for some in (places.area[out], places.area))  # fmt: skip
    asked = many(gone, count) & bool(out.sum() >= LEAST_PATTERN)
    places = places.take(asked[places.area])
    told = [note(np.empty(0, np.int64), "", "")]
    for what, mend, (lon, lat) in _explanations(places):
        inside = places.area[shapely.intersects_xy(shape[places.area], lon, lat)]
        suits = asked & (np.bincount(inside, minlength=shape.size) >= EXPLAINED * count)
        asked &= ~suits  # the first of equals
        told.append(note(np.flatnonzero(suits), f"its places lie outside, and inside if {what}",
                         f"{UNCHANGED}; if so, {mend}"))  # fmt: skip
    return pd.concat(told)


def _explanations(places: Points) -> list[tuple[str, str, tuple[Floats, Floats]]]:
    """What may lie behind it, how to mend it, and where the places lie then."""
    lon, lat = places.lon, places.lat
    mend = "convert locations.lat and lon to WGS-84, or correct areas.crs"
    shifts = [(f"they are {name}", mend, to_wgs84(lon, lat, name)) for name in SHIFTS]
    return [*shifts, ("lat and lon are swapped in one of the tables", "swap them there",
                      (lat, lon))]  # fmt: skip


def swapped(graph: TraceGraph, shape: Objects) -> pd.DataFrame:
    """Outlines that lie far from where they belong, and there once lat and lon are swapped.

    They belong to their own `lat` and `lon`; without these, among their siblings; and if all
    lie outside of the box of China and all in it once swapped, in China.
    """
    drawn = np.flatnonzero(~shapely.is_missing(shape))
    x, y = shapely.get_coordinates(shapely.centroid(shape[drawn])).T
    near, by_own = _by_own_point(graph, shape, drawn, x, y)
    by_siblings = _by_siblings(graph.area_parent[drawn], x, y) & ~near
    abroad = ~near & bool((~in_china(x, y) & in_china(y, x)).all())
    why = np.select(
        [by_own, by_siblings, abroad],
        ["far from its own lat and lon, and there if lat and lon are swapped",
         "far from its siblings, and among them if lat and lon are swapped",
         "all outlines lie outside of China, and in it if lat and lon are swapped"],
        default="",
    )  # fmt: skip
    return note(drawn[why != ""], why[why != ""].tolist(), LEFT_OUT)


def _by_own_point(
    graph: TraceGraph, shape: Objects, drawn: Whole, x: Floats, y: Floats
) -> tuple[Flags, Flags]:
    """Which outlines lie at their own point, and which do once swapped."""
    lon, lat = np.full((2, shape.size), np.nan)
    code = codes(graph.area_ids, graph.areas["area_id"])
    lon[code], lat[code] = _degrees(graph.areas, "lon"), _degrees(graph.areas, "lat")
    lon, lat = lon[drawn], lat[drawn]
    west, south, east, north = shapely.bounds(shape[drawn]).T
    size = metres(east - west, north - south, lat)
    far, far_swapped = (metres(a - lon, b - lat, lat) > size + FAR_M for a, b in ((x, y), (y, x)))
    known = np.isfinite(lon + lat)
    return known & ~far, known & far & ~far_swapped


def _by_siblings(parent: npt.NDArray[np.int32], x: Floats, y: Floats) -> Flags:
    """Which lie far from two siblings or more, and ten times nearer once swapped."""
    family = pd.DataFrame({"x": x, "y": y}).groupby(parent)
    middle_x, middle_y = family[["x", "y"]].transform("median").to_numpy().T
    away = np.hypot(x - middle_x, y - middle_y)
    far = (family["x"].transform("size").to_numpy() >= 3) & (away > FAR_DEGREES)
    return np.asarray(far & (np.hypot(y - middle_x, x - middle_y) < away / 10))


def overlapping(graph: TraceGraph, shape: Objects, parent: Whole) -> pd.DataFrame:
    """Siblings that share more than a slither."""
    drawn = np.flatnonzero(~shapely.is_missing(shape))
    one, other, share = meeting(shape[drawn], parent[drawn])
    told = share > SLITHER
    texts = [
        f"overlaps a sibling by {part:.0%} of the smaller one: {name}"
        for name, part in zip(graph.area_ids.take(drawn[other[told]]), share[told], strict=True)
    ]
    return note(drawn[one[told]], texts, UNCHANGED)


def outside(graph: TraceGraph, shape: Objects, parent: Whole) -> pd.DataFrame:
    """Areas that lie outside of their parent by more than a slither."""
    child = np.flatnonzero(~shapely.is_missing(shape) & (parent >= 0))
    share = beyond(shape[child], shape[parent[child]])
    told = share > SLITHER
    texts = [
        f"{part:.0%} of it lies outside of its parent: {name}"
        for name, part in zip(graph.area_ids.take(parent[child[told]]), share[told], strict=True)
    ]
    return note(child[told], texts, UNCHANGED)


def read_as_wgs84(graph: TraceGraph) -> pd.DataFrame:
    """Say it if places name another system than the one that they are read in."""
    names = column(graph.locations, "crs").dropna().astype("str").unique().tolist()
    others = [name for name in names if known_system(name) != WGS84]
    if not others:
        return note(np.empty(0, np.int64), "", "")
    return note(NO_AREA, f"locations.crs says {', '.join(map(repr, others[:3]))}, and is not read",
                "places were taken as WGS-84; convert locations.lat and lon")  # fmt: skip
