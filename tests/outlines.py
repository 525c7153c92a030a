"""Graphs whose areas have outlines, for tests of geography."""

import math

import pandas as pd

import tracegraph as tg

LON, LAT = 101.0, 35.0
METRES_NORTH = math.radians(6_371_008.8)
METRES_EAST = METRES_NORTH * math.cos(math.radians(LAT))


def at(x, y):
    """Degrees of a point x metres east and y metres north of a place in Qinghai."""
    return LON + x / METRES_EAST, LAT + y / METRES_NORTH


def ring(points):
    return [at(*point) for point in points]


def box(west, south, east, north):
    """Ring of a rectangle in metres, closed."""
    return ring([(west, south), (east, south), (east, north), (west, north), (west, south)])


def wkt(*rings):
    return "POLYGON (" + ", ".join(
        "(" + ", ".join(f"{x!r} {y!r}" for x, y in points) + ")" for points in rings
    ) + ")"  # fmt: skip


def graph_of(geometry, **columns):
    """Graph with an area for each cell, ids A, B, C; `locations` and columns of areas by name."""
    locations = columns.pop("locations", None)
    ids = columns.pop("ids", [chr(65 + i) for i in range(len(geometry))])
    areas = pd.DataFrame({"area_id": ids, **columns})
    areas["geometry"] = pd.Series(list(geometry), dtype="object")
    cases = pd.DataFrame({"person_id": ["P"], "onset": ["2022-05-09"]})
    return tg.TraceGraph(cases=cases, areas=areas, locations=locations, tz="Asia/Shanghai")
