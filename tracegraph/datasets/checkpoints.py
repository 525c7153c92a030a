"""Checkpoints on the roads into the county seat: one at the middle of each border it shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tracegraph.datasets.settlement import Floats, Ints, Settlement

_INWARD = 1e-3  # of the seat's size: it stands on the seat's side
_TOUCHING = 1e-9  # degrees
SEAT = 1  # area of the first township


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoints:
    """Where they stand: degrees, the finest area there, and the road's name."""

    lon: Floats
    lat: Floats
    area: Ints
    name: list[str]


def place_checkpoints(settlement: Settlement) -> Checkpoints:
    """One for each neighbouring township, one on the coach road from the west."""
    boxes = settlement.rectangle
    towns = 1 + np.arange(settlement.n_townships)
    borders = [
        (f"Checkpoint, road from township {town}", border)
        for town in towns[towns != SEAT].tolist()
        if (border := _shared(boxes[SEAT], boxes[town])) is not None
    ]
    west, south, _, north = boxes[SEAT].tolist()
    borders.append(("Checkpoint, coach road", (west, (south + north) / 2)))
    inside = np.array([_inward(boxes[SEAT], point) for _, point in borders])
    return Checkpoints(
        lon=np.round(inside[:, 0], 6),
        lat=np.round(inside[:, 1], 6),
        area=np.array([_finest(settlement, lon, lat) for lon, lat in inside.tolist()]),
        name=[name for name, _ in borders],
    )


def _shared(one: Floats, other: Floats) -> tuple[float, float] | None:
    """Middle of the border of two rectangles; None where they share none."""
    west, east = max(one[0], other[0]), min(one[2], other[2])
    south, north = max(one[1], other[1]), min(one[3], other[3])
    apart = west - east > _TOUCHING or south - north > _TOUCHING
    in_a_corner = east - west < _TOUCHING and north - south < _TOUCHING
    return None if apart or in_a_corner else ((west + east) / 2, (south + north) / 2)


def _inward(box: Floats, point: tuple[float, float]) -> tuple[float, float]:
    """Move a point a little towards the middle of a rectangle."""
    lon, lat = point
    middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return lon + (middle[0] - lon) * _INWARD, lat + (middle[1] - lat) * _INWARD


def _finest(settlement: Settlement, lon: float, lat: float) -> int:
    """Building whose ground holds a point: the last area that does, as children come later."""
    box = settlement.rectangle
    holds = (box[:, 0] <= lon) & (lon <= box[:, 2]) & (box[:, 1] <= lat) & (lat <= box[:, 3])
    return int(np.flatnonzero(holds)[-1])
