"""Outlines of areas as small whole numbers, simplified together so that borders stay shared.

x grows to the east, y to the south. A unit is a quarter of the tolerance, and the tolerance a
pixel of a map that shows everything, or less where the usual area is so small that a reader
will zoom in to see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    Geometries: TypeAlias = npt.NDArray[np.object_]
    Rings: TypeAlias = list[list[int]]

PIXELS = 1_000
"""Of the longer side of a map that shows everything; a working value of tracegraph."""
FINENESS = 40
"""Tolerances across an area of usual size; a working value of tracegraph."""
UNITS = 4
"""Units of a tolerance."""
MOST_CORNERS = 60_000
"""Corners that a page may draw; beyond, the tolerance is doubled. A working value of tracegraph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Outlines on a grid of whole numbers.

    Parameters
    ----------
    outline : array of shapely geometries
        By position as given; None where there was none.
    width, height : int
        Of the grid.
    usual : float
        Side of an area of usual size, units.
    """

    outline: Geometries
    width: int
    height: int
    usual: float


def is_drawn(shape: Any) -> bool:  # noqa: ANN401  # a shapely geometry
    """Whether an area has an outline."""
    return shape is not None and not bool(shape.is_empty)


def lay_out(outline: Geometries) -> Sheet | None:
    """Lay outlines in degrees on one grid; None if there is none.

    Examples
    --------
    >>> import shapely
    >>> field = np.array([shapely.box(101, 35, 101.02, 35.01), None], dtype=object)
    >>> sheet = lay_out(field)
    >>> sheet.width, sheet.height, sheet.outline[0].area, sheet.outline[1]
    (4000, 2442, 9768000.0, None)
    """
    known = np.array([is_drawn(shape) for shape in outline], dtype=bool)
    if not known.any():
        return None
    import shapely

    flat = _flat(outline[known])
    west, south, east, north = shapely.total_bounds(flat)
    span = max(east - west, north - south) or 1e-6
    usual = float(np.median(_sides(flat))) or span
    tolerance = min(span / PIXELS, usual / FINENESS)
    simple = _simplified(flat, tolerance)
    while shapely.get_num_coordinates(simple).sum() > MOST_CORNERS and tolerance < span / PIXELS:
        tolerance = min(2 * tolerance, span / PIXELS)
        simple = _simplified(flat, tolerance)
    scale = UNITS / tolerance
    on_grid = shapely.transform(simple, lambda at: (at - (west, north)) * (scale, -scale))
    drawn = np.full(len(outline), None, dtype=object)
    drawn[known] = [_whole(shape) for shape in on_grid]
    return Sheet(
        outline=drawn,
        width=max(1, round((east - west) * scale)),
        height=max(1, round((north - south) * scale)),
        usual=usual * scale,
    )


def _flat(shapes: Geometries) -> Geometries:
    """Degrees of longitude shortened to those of latitude; on both sides of 180 degrees, joined."""
    import shapely

    west, south, east, north = shapely.total_bounds(shapes)
    if east - west > 180:
        shapes = shapely.transform(shapes, lambda at: np.column_stack([at[:, 0] % 360, at[:, 1]]))
    shrink = max(float(np.cos(np.radians((south + north) / 2))), 0.01)
    flat: Geometries = shapely.transform(shapes, lambda at: at * (shrink, 1.0))
    return flat


def _sides(shapes: Geometries) -> npt.NDArray[np.float64]:
    import shapely

    west, south, east, north = shapely.bounds(shapes).T
    sides: npt.NDArray[np.float64] = np.sqrt((east - west) * (north - south))
    return sides


def _simplified(shapes: Geometries, tolerance: float) -> Geometries:
    import shapely

    if hasattr(shapely, "coverage_simplify"):  # shapely 2.1: neighbours keep one border
        simple: Geometries = shapely.coverage_simplify(shapes, tolerance)
    else:
        simple = shapely.simplify(shapes, tolerance)
    lost = shapely.is_empty(simple)
    simple[lost] = shapes[lost]
    return simple


def _whole(shape: Any) -> Any:  # noqa: ANN401  # a shapely geometry
    """Corners on whole numbers; what would vanish is drawn as a square of two units."""
    import shapely

    snapped = shapely.set_precision(shape, 1.0)
    if snapped.area > 0:
        return snapped
    x, y = np.rint(np.array(shape.bounds).reshape(2, 2).mean(axis=0))
    return shapely.box(x - 1, y - 1, x + 1, y + 1)


def union(shapes: Iterable[Any]) -> Any:  # noqa: ANN401  # a shapely geometry
    """One geometry of all that is drawn, on the same grid."""
    import shapely

    drawn = [shape for shape in shapes if shape is not None]
    return shapely.union_all(drawn, grid_size=1.0)


def inner_point(shape: Any) -> list[int]:  # noqa: ANN401  # a shapely geometry
    """A point inside the largest part of a geometry."""
    parts = getattr(shape, "geoms", [shape])
    largest = max(parts, key=lambda part: part.area)
    at = largest.representative_point()
    return [round(at.x), round(at.y)]


def rings(shape: Any) -> Rings:  # noqa: ANN401  # a shapely geometry
    """Rings of a geometry, holes after their outside: a corner, then the steps to the next."""
    if shape is None:
        return []
    parts = [part for part in getattr(shape, "geoms", [shape]) if part.geom_type == "Polygon"]
    found = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return [_steps(np.asarray(ring.coords)) for ring in found if not ring.is_empty]


def _steps(corners: npt.NDArray[np.float64]) -> list[int]:
    whole = np.rint(corners[:-1, :2]).astype(np.int64)  # a ring ends where it began
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    kept: list[int] = steps.ravel().tolist()
    return kept


def by_label(sheet: Sheet, label: npt.NDArray[np.int64], number: int) -> list[Rings]:
    """Borders of all areas with each label together; of the weakest none is drawn."""
    zones: list[Rings] = [[]]
    for strength in range(1, number):
        members: Sequence[Any] = sheet.outline[label == strength]
        zones.append(rings(union(members)))
    return zones
