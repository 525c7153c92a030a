"""The outline of each area in WGS-84: read, converted, repaired, doubted, and all of it told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
import shapely

from tracegraph.zones.geography.coordinates import (
    MERCATOR,
    WGS84,
    in_china,
    known_system,
    metres_per_degree,
    to_wgs84,
)
from tracegraph.zones.geography.doubts import doubts, read_as_wgs84, swapped
from tracegraph.zones.geography.notes import LEFT_OUT, NO_AREA, gather, note
from tracegraph.zones.geography.outlines import read_outlines
from tracegraph.zones.ground import codes, column
from tracegraph.zones.tree import AreaTree

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.graph import TraceGraph

    Whole: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]
    Objects: TypeAlias = npt.NDArray[np.object_]

LEAST_AREA_M2 = 0.01
"""An outline smaller than this is a line or a point. A working value of tracegraph."""
MERCATOR_END_M = 20_037_508.35
_NONE = np.empty(0, dtype=np.int64)
_MEND_SYSTEM = "convert it to WGS-84, or declare CGCS2000, GCJ-02, BD-09 or EPSG:3857"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shapes:
    """Outlines of areas.

    Parameters
    ----------
    outline : array of shapely geometries, by area code
        Polygon or MultiPolygon in WGS-84, longitude and latitude in degrees, valid and not
        empty; None where an area has none.
    notes : DataFrame
        `area_id`, `problem` and `done` (text), in the order of the areas: what was repaired,
        converted, doubted, or left without outline. An area without outline has a row, unless
        its parts are drawn; without any geometry there is one row, of no area.
    """

    outline: Objects
    notes: pd.DataFrame


def read_shapes(graph: TraceGraph) -> Shapes:
    """Read the outlines that the table `areas` gives.

    `geometry` holds GeoJSON (geometry, Feature or FeatureCollection), WKB (bytes or hex) or
    WKT, `crs` its system, row by row; where `crs` is missing, the system that the geometry
    names itself, else WGS-84; a system not known here is told, and leaves its rows without
    outline. Holes and islands are kept. `lat` and `lon` are points and make
    no outline.

    Parameters
    ----------
    graph : TraceGraph

    Returns
    -------
    Shapes

    Examples
    --------
    >>> import pandas as pd, tracegraph as tg
    >>> areas = pd.DataFrame({
    ...     "area_id": ["A", "B"],
    ...     "geometry": ["POLYGON ((100 35, 100.01 35, 100.01 35.01, 100 35))", None],
    ... })
    >>> cases = pd.DataFrame({"person_id": ["P"], "onset": ["2022-05-09"]})
    >>> shapes = read_shapes(tg.TraceGraph(cases=cases, areas=areas, tz="Asia/Shanghai"))
    >>> [outline is not None for outline in shapes.outline]
    [True, False]
    >>> shapes.notes.to_dict("records")
    [{'area_id': 'B', 'problem': 'no geometry', 'done': 'left without outline'}]
    """
    shape, system, told = _as_written(graph)
    steps = [_off_the_globe, _around_the_globe, _converted, _repaired, _without_extent]
    for step in steps:
        shape, more = step(shape, system)
        told = [*told, more]
    more = swapped(graph, shape)
    shape = _without(shape, more["code"].to_numpy(np.int64))
    told = [*told, more, *doubts(graph, shape), read_as_wgs84(graph)]
    return Shapes(outline=shape, notes=gather(told, graph.area_ids))


def area_m2(shape: Objects) -> Floats:
    """Square metres of outlines in degrees, each by the scale at its own middle; NaN of None."""
    bounds = shapely.bounds(shape)
    east, north = metres_per_degree((bounds[:, 1] + bounds[:, 3]) / 2)
    return np.asarray(shapely.area(shape) * east * north)


def _as_written(graph: TraceGraph) -> tuple[Objects, Objects, list[pd.DataFrame]]:
    """Shape and system of each area as its row gives them, and what there is to tell."""
    rows = graph.areas
    code = codes(graph.area_ids, rows["area_id"])
    read = read_outlines(column(rows, "geometry").to_numpy(object))
    shape = np.full(len(graph.area_ids), None, dtype=object)
    shape[code] = read.shape
    system = np.full(shape.size, WGS84, dtype=object)
    system[code], of_systems = _systems(rows, read.shape, read.declared)
    told = pd.concat([read.notes, of_systems])
    told["code"] = code[told["code"].to_numpy(np.int64)]
    missing = _missing(graph, rows, code, told["code"].to_numpy(np.int64), shape)
    return _without(shape, np.flatnonzero(system == None)), system, [told, missing]  # noqa: E711


def _systems(rows: pd.DataFrame, shape: Objects, declared: Objects) -> tuple[Objects, pd.DataFrame]:
    """System of each row with a shape, None if it is not known here, and what there is to tell."""
    cells = column(rows, "crs").astype("object")
    given = ["" if pd.isna(value) else str(value).strip() for value in cells.tolist()]
    drawn = ~shapely.is_missing(shape)
    rows_of: dict[tuple[str, str], list[int]] = {}
    for row in np.flatnonzero(drawn).tolist():
        rows_of.setdefault((given[row], declared[row]), []).append(row)
    system, told = np.full(drawn.size, WGS84, dtype=object), [note(_NONE, "", "")]
    for (crs, own), at in rows_of.items():
        system[at] = found = known_system(crs or own)
        if found is None:
            told.append(note(np.array(at), f"no coordinate system is called {crs or own!r} here",
                             f"{LEFT_OUT}; {_MEND_SYSTEM}"))  # fmt: skip
        elif crs and own and known_system(own) != found:
            told.append(note(np.array(at), "crs is not the system that the geometry names",
                             "crs was taken"))  # fmt: skip
    return system, pd.concat(told)


def _missing(
    graph: TraceGraph, rows: pd.DataFrame, code: Whole, told: Whole, shape: Objects
) -> pd.DataFrame:
    """Areas of which nothing was drawn and nothing told yet; not those whose parts are drawn."""
    drawn = ~shapely.is_missing(shape)
    if shape.size and column(rows, "geometry").isna().all():
        return note(NO_AREA, "areas has no geometry", "all areas left without outline")
    tree = AreaTree(parent=graph.area_parent.astype(np.int64))
    without = np.setdiff1d(np.flatnonzero(~tree.holds(drawn)), told)
    has_point = column(rows, "lat").notna() & column(rows, "lon").notna()
    problem = np.full(shape.size, "no row in areas", dtype=object)
    problem[code] = np.where(has_point, "only a point (lat, lon), no geometry", "no geometry")
    return note(without, problem[without].tolist(), LEFT_OUT)


def _off_the_globe(shape: Objects, system: Objects) -> tuple[Objects, pd.DataFrame]:
    """Leave out what lies nowhere on the globe, or is empty."""
    drawn = np.flatnonzero(~shapely.is_missing(shape))
    there = shape[drawn]
    xy, owner = shapely.get_coordinates(there, return_index=True)
    size = np.abs(np.where(np.isfinite(xy), xy, np.inf))
    far = np.zeros((drawn.size, 2))
    np.maximum.at(far, owner, size)
    x, y = far.T
    metric = system[drawn] == MERCATOR
    most_x, most_y = np.where(metric, MERCATOR_END_M, 180.0), np.where(metric, MERCATOR_END_M, 90.0)
    reasons = {
        "an empty geometry": shapely.is_empty(there),
        "a coordinate is not a number": np.isinf(x) | np.isinf(y),
        "lat and lon look swapped: latitude up to {y:.6g}": ~metric & (y > 90) & (y <= 180)
        & (x <= 90),
        "coordinates up to {x:.6g}, {y:.6g} are no degrees; metres need crs EPSG:3857": ~metric
        & ((x > most_x) | (y > most_y)),
        "coordinates up to {x:.6g}, {y:.6g} lie beyond EPSG:3857": (x > most_x) | (y > most_y),
        "coordinates up to {x:.6g}, {y:.6g} look like degrees, and crs says metres": metric
        & (x <= 180) & (y <= 90),
    }  # fmt: skip
    why = np.select(list(reasons.values()), list(reasons), default="")
    out = np.flatnonzero(why != "")
    texts = [str(why[i]).format(x=x[i], y=y[i]) for i in out.tolist()]
    return _without(shape, drawn[out]), note(drawn[out], texts, LEFT_OUT)


def _around_the_globe(shape: Objects, system: Objects) -> tuple[Objects, pd.DataFrame]:
    """Leave out rings that run around the globe: they cross the antimeridian uncut."""
    drawn = np.flatnonzero(~shapely.is_missing(shape) & (system != MERCATOR))
    parts, owner = shapely.get_parts(shape[drawn], return_index=True)
    box = shapely.bounds(parts)
    wide = np.unique(owner[box[:, 2] - box[:, 0] > 180])
    ends = np.setdiff1d(np.unique(owner[(box[:, 0] == -180) | (box[:, 2] == 180)]), wide)
    told = [
        note(
            drawn[wide],
            "a ring is wider than 180 degrees: it crosses the antimeridian and is not cut there",
            f"{LEFT_OUT}; cut it at 180 degrees (RFC 7946, 3.1.9)",
        ),
        note(drawn[ends], "reaches the antimeridian", "borders across it are not seen"),
    ]
    return _without(shape, drawn[wide]), pd.concat(told)


def _converted(shape: Objects, system: Objects) -> tuple[Objects, pd.DataFrame]:
    """Turn every outline into WGS-84, each by its own system."""
    drawn = ~shapely.is_missing(shape)
    names = pd.unique(system[drawn]).tolist()
    out, told = shape.copy(), [note(_NONE, "", "")]
    for name in sorted(set(names) - {WGS84}):
        here = np.flatnonzero(drawn & (system == name))
        out[here], more = _into_wgs84(shape[here], name)
        others = ", ".join(sorted(set(names) - {name}))
        mixed = f", where other areas have {others}" if others else ""
        told += [note(here, f"coordinates in {name}{mixed}", "converted to WGS-84")]
        told += [more.assign(code=here[more["code"].to_numpy(np.int64)])]
    return out, pd.concat(told)


def _into_wgs84(shape: Objects, system: str) -> tuple[Objects, pd.DataFrame]:
    """Outlines of one system in WGS-84; those outside of the box where it shifts are told."""
    xy, owner = shapely.get_coordinates(shape, return_index=True)
    lon, lat = to_wgs84(xy[:, 0], xy[:, 1], system)
    out = shapely.set_coordinates(shape.copy(), np.column_stack([lon, lat]))
    away = np.unique(owner[~in_china(xy[:, 0], xy[:, 1]) & (system != MERCATOR)])
    text = f"lies outside the box in which {system} shifts"
    return np.asarray(out, dtype=object), note(away, text, "taken as WGS-84 there")


def _repaired(shape: Objects, _: Objects) -> tuple[Objects, pd.DataFrame]:
    """Repair what crosses or touches itself, and say how much area that moved."""
    broken = np.flatnonzero(~shapely.is_missing(shape) & ~shapely.is_valid(shape))
    # "structure": overlapping parts are one area, not a hole; a hole outside is an island
    mended = shapely.make_valid(shape[broken], method="structure", keep_collapsed=False)
    texts = [
        f"{reason}; {_change(reason, was, now)}"
        for reason, was, now in zip(
            shapely.is_valid_reason(shape[broken]).tolist(), area_m2(shape[broken]),
            area_m2(mended), strict=True,
        )
    ]  # fmt: skip
    out = shape.copy()
    out[broken] = mended
    return out, note(broken, texts, "repaired")


def _change(reason: str, was: float, now: float) -> str:
    if reason.startswith("Self-intersection"):
        return f"its area is {now:,.0f} m²"  # wings of a bow tie have opposite signs before
    share = abs(now - was) / max(was, now, 1e-9)
    return f"{was:,.0f} m² became {now:,.0f} m², {share:.1%} changed"


def _without_extent(shape: Objects, _: Objects) -> tuple[Objects, pd.DataFrame]:
    flat = np.flatnonzero(~shapely.is_missing(shape) & ~(area_m2(shape) >= LEAST_AREA_M2))
    return _without(shape, flat), note(flat, "an outline without area", LEFT_OUT)


def _without(shape: Objects, at: Whole) -> Objects:
    out = shape.copy()
    out[at] = None
    return out
