"""Cells of a geometry column as polygons: GeoJSON, WKB (bytes or hex) and WKT.

Whole columns are read at once. What that leaves unread is tried again cell by cell: rings that
are not closed, numbers written as text, a fourth coordinate.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
import shapely

from tracegraph.zones.geography.notes import LEFT_OUT, note

if TYPE_CHECKING:
    import numpy.typing as npt

    Whole: TypeAlias = npt.NDArray[np.int64]
    Objects: TypeAlias = npt.NDArray[np.object_]

POLYGON, MULTIPOLYGON, COLLECTION = 3, 6, 7
"""Codes of shapely's `get_type_id`."""
IRREGULAR = "a ring is not closed, numbers are text, or points have more than three coordinates"
_HEX = re.compile(r"(?:\\x)?((?:0[01])[0-9a-fA-F]+)")
_SRID = re.compile(r"SRID=(\d+);(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlines:
    """Geometries of cells, in the coordinates of the table.

    Parameters
    ----------
    shape : array of shapely geometries
        Polygon or MultiPolygon without z; None where a cell holds none.
    declared : array of str
        Coordinate system that the cell itself names (SRID of EWKB and EWKT, `crs` of older
        GeoJSON); "" where it names none.
    notes : DataFrame
        `code` (position of the cell), `problem`, `done`.
    """

    shape: Objects
    declared: Objects
    notes: pd.DataFrame


def read_outlines(cells: Objects) -> Outlines:
    """Read the cells of a geometry column; an empty cell gives None and no note.

    Examples
    --------
    >>> cells = np.array(["POLYGON ((0 0, 2 0, 2 1, 0 0))", "POINT (1 2)", None], dtype=object)
    >>> found = read_outlines(cells)
    >>> [shape is not None for shape in found.shape], found.notes["problem"].tolist()
    ([True, False, False], ['a Point is no outline'])
    """
    form, text, declared = _sorted_by_form(cells)
    shape, mended = _read(form, text)
    unread = np.flatnonzero((form != "") & shapely.is_missing(shape))
    notes = [
        note(unread, "the geometry cannot be read as GeoJSON, WKB or WKT", LEFT_OUT),
        note(mended, IRREGULAR, "read all the same, rings closed"),
    ]
    _take_srids(shape, declared)
    shape, told = _only_polygons(shape)
    return Outlines(shape=shape, declared=declared, notes=pd.concat([*notes, told]))


def _sorted_by_form(cells: Objects) -> tuple[Objects, Objects, Objects]:
    """Form of each cell ("" for an empty one), its content, and the system that it names."""
    found = [_form(cell) for cell in cells.tolist()]
    table = np.empty((len(found), 3), dtype=object)
    if found:
        table[:] = found
    return table[:, 0], table[:, 1], table[:, 2]


def _form(cell: Any) -> tuple[str, Any, str]:  # noqa: ANN401  # a cell may hold anything
    if isinstance(cell, shapely.Geometry):
        return "shape", cell, ""
    if isinstance(cell, (bytes, bytearray, memoryview)):
        return "wkb", bytes(cell), ""
    if isinstance(cell, dict):
        cell = json.dumps(cell, default=str)
    if not isinstance(cell, str):
        return ("", None, "") if pd.isna(cell) else ("unknown", None, "")
    text = cell.strip()
    if text.startswith("{"):
        return "geojson", text, _crs_member(text)
    if hexed := _HEX.fullmatch(text):
        return "wkb", hexed[1], ""
    if named := _SRID.fullmatch(text):
        return "wkt", named[2], named[1] if int(named[1]) else ""
    return ("wkt", text, "") if text else ("", None, "")


def _crs_member(text: str) -> str:
    """Name of the system in GeoJSON of 2008; RFC 7946 has none."""
    if '"crs"' not in text:
        return ""
    try:
        crs = json.loads(text).get("crs") or {}
        return str(crs.get("properties", {}).get("name", ""))
    except (ValueError, AttributeError):
        return ""


def _read(form: Objects, text: Objects) -> tuple[Objects, Whole]:
    """Geometries of the cells, and the positions that needed a lenient reader."""
    shape = np.full(form.size, None, dtype=object)
    shape[form == "shape"] = text[form == "shape"]
    fast: dict[str, Any] = {
        "geojson": shapely.from_geojson,
        "wkb": shapely.from_wkb,
        "wkt": shapely.from_wkt,
    }
    slow = {"geojson": _lenient_geojson, "wkb": _closing(shapely.from_wkb),
            "wkt": _closing(shapely.from_wkt)}  # fmt: skip
    mended = []
    for name, reader in fast.items():
        here = np.flatnonzero(form == name)
        with np.errstate(all="ignore"):  # 1e999 becomes infinite, which is told later
            shape[here] = reader(text[here], on_invalid="ignore")
        for i in here[shapely.is_missing(shape[here])].tolist():
            shape[i] = slow[name](text[i])
            mended += [i] if shape[i] is not None else []
    return shape, np.array(mended, dtype=np.int64)


def _closing(reader: Any) -> Any:  # noqa: ANN401  # shapely has no type of its readers
    """Read one cell and close its rings; None if even that does not help."""

    def read(text: str | bytes) -> Any:  # noqa: ANN401
        try:
            return reader(text, on_invalid="fix")
        except (shapely.errors.GEOSException, TypeError, ValueError):
            return None

    return read


def _lenient_geojson(text: str) -> Any:  # noqa: ANN401
    """Polygons of one GeoJSON text, rings closed, numbers read from text; None if none."""
    try:
        shells = list(_polygons_of(json.loads(text)))
        return shapely.multipolygons(shells) if shells else None
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError,
            shapely.errors.GEOSException):  # fmt: skip
        return None


def _polygons_of(value: Any) -> Any:  # noqa: ANN401  # JSON
    kind = value["type"]
    if kind == "Feature":
        yield from _polygons_of(value["geometry"])
    elif kind in ("FeatureCollection", "GeometryCollection"):
        for part in value.get("features", value.get("geometries", [])):
            yield from _polygons_of(part)
    elif kind in ("Polygon", "MultiPolygon"):
        rings = [value["coordinates"]] if kind == "Polygon" else value["coordinates"]
        for shell, *holes in rings:
            yield shapely.Polygon(_ring(shell), [_ring(hole) for hole in holes])


def _ring(points: Any) -> npt.NDArray[np.float64]:  # noqa: ANN401  # JSON
    ring = np.array([point[:2] for point in points]).astype(np.float64)
    if not np.isfinite(ring).all():
        msg = "a coordinate is no number"
        raise ValueError(msg)
    return ring


def _take_srids(shape: Objects, declared: Objects) -> None:
    """Note the system that EWKB names."""
    srid = shapely.get_srid(shape)  # -1 for None, 0 for none
    named = srid > 0
    declared[named] = srid[named].astype(str)


def _only_polygons(shape: Objects) -> tuple[Objects, pd.DataFrame]:
    """Polygons of each geometry; lines and points fall away."""
    kind = shapely.get_type_id(shape)
    other = np.flatnonzero((kind >= 0) & ~np.isin(kind, (POLYGON, MULTIPOLYGON, COLLECTION)))
    names = [f"a {found.geom_type} is no outline" for found in shape[other]]
    out = shape.copy()
    out[other] = out[kind == COLLECTION] = None
    out = shapely.force_2d(out)
    mixed = np.flatnonzero(kind == COLLECTION)
    out[mixed], count = _gathered(shape[mixed])
    parts = shapely.get_num_geometries(shape[mixed])
    several = (parts > 1) & (count > 0)
    hollow = np.flatnonzero((kind == COLLECTION) & shapely.is_missing(out))
    return out, pd.concat([
        note(other, names, LEFT_OUT),
        note(hollow, "a collection without polygons", LEFT_OUT),
        note(mixed[several], "a collection of several geometries", "its polygons taken together"),
    ])  # fmt: skip


def _gathered(collections: Objects) -> tuple[Objects, Whole]:
    """Polygons of each collection as one geometry, and their number."""
    parts, owner = collections, np.arange(collections.size)
    while np.isin(kind := shapely.get_type_id(parts), (MULTIPOLYGON, COLLECTION)).any():
        parts, at = shapely.get_parts(parts, return_index=True)  # one level deeper
        owner = owner[at]
    parts, owner = shapely.force_2d(parts[kind == POLYGON]), owner[kind == POLYGON]
    count = np.bincount(owner, minlength=collections.size)
    out = np.full(collections.size, None, dtype=object)
    out[count > 0] = shapely.multipolygons(parts, indices=np.searchsorted(np.unique(owner), owner))
    out[count == 1] = shapely.get_geometry(out[count == 1], 0)
    return out, count
