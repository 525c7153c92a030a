"""Which outlines fit their surroundings only in a system that nobody declared.

Witnesses of an outline are its own `lat` and `lon`, its places, its parent and its siblings.
Misfit is the share of its points outside of it, plus the share of it outside of its parent, plus
the shares that siblings overlap. Level by level from the top, outlines are tried in the system:
siblings together first, then one by one, those that gain most going first. Thresholds are
working values of tracegraph.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import shapely

from tracegraph.zones.geography.coordinates import (
    WGS84,
    from_wgs84,
    metres,
    to_wgs84,
)
from tracegraph.zones.tree import AreaTree

if TYPE_CHECKING:
    import numpy.typing as npt

    Whole: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]
    Flags: TypeAlias = npt.NDArray[np.bool_]
    Objects: TypeAlias = npt.NDArray[np.object_]

OUTSIDE_M = 30.0
"""Distance outside from which a point counts as outside: nearer ones are imprecise."""
SLITHER = 0.01
"""Share of the smaller outline up to which overlaps are imprecise drawing."""
FAINT = 0.001
"""Misfit from which an outline is tried elsewhere, once its family is in trouble."""
CURED = 0.25
"""Share of the misfit that may be left where a system is said to fit."""
NEAR_DEGREES = 1e-5
"""Outlines nearer than this, about a metre, meet."""
_ROUNDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Points that should lie in outlines: places, and areas' own.

    Parameters
    ----------
    area : array of int64
        Code of an area that has an outline.
    lon, lat : arrays of float64, degrees
    own : array of bool
        Whether it is the area's own `lat` and `lon`.
    """

    area: Whole
    lon: Floats
    lat: Floats
    own: Flags

    def take(self, at: Flags) -> Points:
        """Keep these points."""
        return Points(area=self.area[at], lon=self.lon[at], lat=self.lat[at], own=self.own[at])

    def outside(self, shape: Objects, system: str = WGS84) -> Flags:
        """Whether each lies outside of its area, were the outlines in this system."""
        lon, lat = from_wgs84(self.lon, self.lat, system)
        away = ~shapely.intersects_xy(shape[self.area], lon, lat)
        away[away] = _metres_off(shape[self.area[away]], lon[away], lat[away]) > OUTSIDE_M
        return np.asarray(away)

    def heard(self, astray: Flags, size: int) -> Flags:
        """Which points tell of their area: its own if that is astray or alone, else its places.

        A point that was drawn with the outline is shifted with it, and says nothing.
        """
        places = np.bincount(self.area[~self.own], minlength=size)
        by_own = np.bincount(self.area[self.own & astray], minlength=size) > 0
        by_own |= places == 0
        return np.asarray(by_own[self.area] == self.own)


def many(gone: Whole, count: Whole) -> Flags:
    """Whether half of an area's points are gone, or three."""
    return np.asarray((gone > 0) & ((2 * gone >= count) | (gone >= 3)))


def fitting(
    shape: Objects, parent: Whole, points: Points, system: str, troubled: Flags | None
) -> Flags:
    """Outlines that fit their surroundings if they are in this system, by area code.

    Parameters
    ----------
    shape : array of shapely geometries, by area code
    parent : array of int64, by area code
    points : Points
    system : str
    troubled : array of bool, by area code, or None
        Outlines that do not fit as they stand: only these, their siblings, and the children of
        those that fit in the system, are tried. None begins with all outlines in the system,
        if that brings more points inside than it leaves outside.
    """
    drawn = ~shapely.is_missing(shape)
    misfit = _by_points(shape, points, system)
    everyone = int(troubled is None)
    if everyone and misfit[1].sum() >= misfit[0].sum():
        return np.zeros(shape.size, dtype=bool)
    found = drawn & bool(everyone)
    now, depth = shape.copy(), AreaTree(parent=parent).depth()
    now[found] = moved(shape[found], system)
    for level in range(int(depth.max(initial=-1)) + 1):
        here = np.flatnonzero(drawn & (depth == level))
        up = parent[here]
        stirred = found[here] | (found[up] & (up >= 0))
        stirred |= troubled[here] if troubled is not None else False
        here = here[np.isin(up, up[stirred])]
        up = parent[here]
        if here.size:
            tried = np.stack([shape[here], moved(shape[here], system)])
            around = now[up]
            around[up < 0] = None
            cost = misfit[:, here] + np.stack([beyond(some, around) for some in tried])
            at = _one_by_one(tried, cost, up, _together(cost, up, everyone))
            found[here] = at == 1
            now[here] = tried[at, np.arange(here.size)]
    return found


def moved(shape: Objects, system: str) -> Objects:
    """Outlines in WGS-84, had they been in this system."""
    x, y = shapely.get_coordinates(shape).T
    lon, lat = to_wgs84(x, y, system)
    there = shapely.set_coordinates(shape.copy(), np.column_stack([lon, lat]))
    return np.asarray(there, dtype=object)


def beyond(shape: Objects, around: Objects) -> Floats:
    """Share of each outline outside of the one around it; 0 where there is none."""
    share = np.zeros(shape.size)
    shapely.prepare(around)
    at = np.flatnonzero(~shapely.is_missing(around) & ~shapely.covers(around, shape))
    outside = shapely.area(shapely.difference(shape[at], around[at]))
    share[at] = outside / shapely.area(shape[at])
    return share


def meeting(
    shape: Objects, family: Whole, asked: Objects | None = None, at: Whole | None = None
) -> tuple[Whole, Whole, Floats]:
    """Siblings that come near: positions in `asked` and `shape`, share of the smaller in both.

    `at` is where each that is asked stands in `shape`. Without them each pair of `shape` is
    given once.
    """
    one, other = shapely.STRtree(shape).query(_wider(shape if asked is None else asked))
    here = one if at is None else at[one]
    siblings = (family[here] == family[other]) & ((here < other) if at is None else here != other)
    one, other = one[siblings], other[siblings]
    here, there = (shape if asked is None else asked)[one], shape[other]
    over = np.flatnonzero(~shapely.touches(here, there))  # most that meet only touch
    share = np.zeros(one.size)
    shared = shapely.area(shapely.intersection(here[over], there[over]))
    share[over] = shared / np.minimum(shapely.area(here[over]), shapely.area(there[over]))
    return one, other, share


def _by_points(shape: Objects, points: Points, system: str) -> Floats:
    """Share of points outside by area, as it stands and in the system."""
    out = [points.outside(shape, name) for name in (WGS84, system)]
    heard = points.heard(out[0], shape.size)
    gone = np.stack([np.bincount(points.area[heard & some], minlength=shape.size) for some in out])
    count = np.bincount(points.area[heard], minlength=shape.size)
    gone[0, ~many(gone[0], count)] = 0
    return np.asarray(gone / np.maximum(count, 1))


def _together(cost: Floats, parent: Whole, first: int) -> Whole:
    """What suits all siblings as one, where a quarter of them or more are amiss."""
    family = np.unique(parent, return_inverse=True)[1]
    as_first, as_other = (np.bincount(family, weights=cost[k]) for k in (first, 1 - first))
    amiss = np.bincount(family, weights=cost[first] > SLITHER)
    suits = (as_other <= CURED * as_first) & (amiss > 1) & (4 * amiss >= np.bincount(family))
    return np.where(suits, 1 - first, first)[family]


def _one_by_one(tried: Objects, cost: Floats, family: Whole, at: Whole) -> Whole:
    """Where each outline lies, once none fits better in its other place."""
    everyone, at = np.arange(at.size), at.copy()
    for _ in range(_ROUNDS):
        now = tried[at, everyone]
        one, other, share = meeting(now, family)
        both = np.concatenate([one, other]), np.concatenate([share, share])
        own = cost[at, everyone] + np.bincount(both[0], weights=both[1], minlength=at.size)
        asked = np.flatnonzero(own > FAINT)
        to = 1 - at[asked]
        near, _, lap = meeting(now, family, tried[to, asked], asked)
        there = cost[to, asked] + np.bincount(near, weights=lap, minlength=asked.size)
        # an overlap is gone wherever an outline goes: it must come to lie beside a sibling
        shown = cost[1 - to, asked] - cost[to, asked] > SLITHER
        shown[near[lap <= SLITHER]] = True
        gain = np.zeros(at.size)
        gain[asked] = own[asked] - there
        better = shown & (there <= CURED * own[asked])
        gain[asked[~better]] = 0
        # of two that overlap, the one that gains more goes first
        rivals = (share > SLITHER) & (gain[one] > 0) & (gain[other] > 0)
        gain[np.where(gain[one] < gain[other], one, other)[rivals]] = 0
        if not gain.any():
            break
        at[gain > 0] = 1 - at[gain > 0]
    return at


def _wider(shape: Objects) -> Objects:
    west, south, east, north = shapely.bounds(shape).T
    by = NEAR_DEGREES
    return np.asarray(shapely.box(west - by, south - by, east + by, north + by), dtype=object)


def _metres_off(shape: Objects, lon: Floats, lat: Floats) -> Floats:
    """About how far points lie from outlines."""
    line = shapely.get_coordinates(shapely.shortest_line(shape, shapely.points(lon, lat)))
    step = line[1::2] - line[::2]
    return metres(step[:, 0], step[:, 1], lat)
