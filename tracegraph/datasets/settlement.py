"""Where the people of the synthetic county live: areas, households, homes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]

LEVELS = ("county", "township", "community", "village", "compound", "building")
HOUSEHOLD_SIZES = np.array([0.10, 0.15, 0.20, 0.23, 0.16, 0.09, 0.04, 0.02, 0.01])
"""Share of households of 1 to 9 persons: 3.8 persons on average."""

_SEAT_SHARE = 0.30  # of the households live in the county seat
_PER_TOWNSHIP = 11_000  # persons
# households in one community, compound and building of the seat; and in the country
_TOWN = (1_000, 100, 24)
_COUNTRY = (240, 40, 6)
_SOUTH, _WEST, _NORTH, _EAST = 34.8, 100.8, 35.4, 101.6  # degrees


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """Areas (parents before children) and the household of each person.

    Codes count areas, households and persons from 0; households and persons are in the order
    of the buildings, so that the persons of a household, building or community stand together.
    """

    level: npt.NDArray[np.str_]
    parent: Ints
    rectangle: Floats  # west, south, east, north of each area
    households: Ints  # living in each area
    population: Ints
    home_area: Ints  # building of each household
    household_size: Ints
    household: Ints  # of each person
    community: Ints  # 0, 1, … of each household
    community_area: Ints  # area of each community
    community_township: Ints  # 0, 1, … of each community; 0 is the county seat

    @property
    def n_people(self) -> int:
        """Number of persons."""
        return self.household.size

    @property
    def first_member(self) -> Ints:
        """First person of each household."""
        return np.cumsum(self.household_size) - self.household_size

    @property
    def person_community(self) -> Ints:
        """Community of each person."""
        return self.community[self.household]

    @property
    def town_centre(self) -> Ints:
        """First community of each township."""
        return np.searchsorted(self.community_township, np.arange(self.n_townships))

    @property
    def n_townships(self) -> int:
        """Number of townships, the county seat included."""
        return int(self.community_township[-1]) + 1

    def is_town(self, community: Ints) -> npt.NDArray[np.bool_]:
        """Whether a community belongs to the county seat."""
        return np.equal(self.community_township[community], 0)


def settle(
    n_people: int, rng: np.random.Generator, *, per_township: int = _PER_TOWNSHIP
) -> Settlement:
    """Settle `n_people` in households, buildings, compounds, communities and townships."""
    size = _household_sizes(n_people, rng)
    town_hh = _township_households(size.size, n_people / per_township, rng)
    town_of_community, community_hh = _split(town_hh, _per(np.arange(town_hh.size) == 0, 0), rng)
    in_seat = town_of_community == 0
    community_of_compound, compound_hh = _split(community_hh, _per(in_seat, 1), rng)
    in_seat = in_seat[community_of_compound]
    compound_of_building, building_hh = _split(compound_hh, _per(in_seat, 2), rng)

    n_towns, n_comms, n_comps = town_hh.size, community_hh.size, compound_hh.size
    first_comm, first_comp = 1 + n_towns, 1 + n_towns + n_comms
    first_building = first_comp + n_comps
    parent = np.concatenate(
        [
            [-1],
            np.zeros(n_towns, dtype=np.int64),
            1 + town_of_community,
            first_comm + community_of_compound,
            first_comp + compound_of_building,
        ]
    )
    building = np.repeat(np.arange(building_hh.size), building_hh)
    home_area = first_building + building
    return Settlement(
        level=_levels(n_towns, town_of_community, n_comps, building_hh.size),
        parent=parent,
        rectangle=_rectangles(parent),
        households=_sum_up(parent, home_area, np.ones_like(size)),
        population=_sum_up(parent, home_area, size),
        home_area=home_area,
        household_size=size,
        household=np.repeat(np.arange(size.size), size),
        community=community_of_compound[compound_of_building[building]],
        community_area=first_comm + np.arange(n_comms),
        community_township=town_of_community,
    )


def _household_sizes(n_people: int, rng: np.random.Generator) -> Ints:
    share = HOUSEHOLD_SIZES / HOUSEHOLD_SIZES.sum()
    size = 1 + rng.choice(share.size, size=n_people, p=share).astype(np.int64)
    total = np.cumsum(size)
    last = int(np.searchsorted(total, n_people))
    size = size[: last + 1]
    size[-1] -= total[last] - n_people
    return size


def _township_households(n_households: int, wanted: float, rng: np.random.Generator) -> Ints:
    n_towns = int(np.clip(round(wanted), 2, 12))
    rest = rng.dirichlet(np.full(n_towns - 1, 8.0)) * (1 - _SEAT_SHARE)
    upto: Ints = np.rint(np.cumsum([0.0, _SEAT_SHARE, *rest]) * n_households).astype(np.int64)
    return upto[1:] - upto[:-1]


def _per(in_seat: npt.NDArray[np.bool_], depth: int) -> Ints:
    """Households a child area should have, by parent."""
    return np.where(in_seat, _TOWN[depth], _COUNTRY[depth])


def _split(households: Ints, per: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Parent of each child area and its households: about `per`, unequal, none empty."""
    count = np.maximum(1, np.rint(households / per)).astype(np.int64)
    parent = np.repeat(np.arange(count.size), count)
    weight = rng.gamma(8.0, size=parent.size)
    upto = np.cumsum(weight)
    last = np.cumsum(count) - 1
    before = np.concatenate([[0.0], upto[last]])
    share = (upto - before[parent]) / (upto[last] - before[:-1])[parent]
    rank = np.arange(parent.size) - (last - count + 1)[parent]
    # one household for each child, the others by weight
    bound = 1 + rank + np.floor((households - count)[parent] * share + 1e-9).astype(np.int64)
    size = np.diff(bound, prepend=0)
    first = last - count + 1
    size[first] = bound[first]
    return parent, size


def _levels(
    n_towns: int, town_of_community: Ints, n_compounds: int, n_buildings: int
) -> npt.NDArray[np.str_]:
    return np.concatenate(
        [
            ["county"],
            np.full(n_towns, "township"),
            np.where(town_of_community == 0, "community", "village"),
            np.full(n_compounds, "compound"),
            np.full(n_buildings, "building"),
        ]
    )


def _sum_up(parent: Ints, home_area: Ints, amount: Ints) -> Ints:
    """Sum an amount of each household over the areas that hold it."""
    total = np.bincount(home_area, weights=amount, minlength=parent.size).astype(np.int64)
    for area in range(parent.size - 1, 0, -1):  # children stand after their parents
        total[parent[area]] += total[area]
    return total


def _rectangles(parent: Ints) -> Floats:
    """Tile each area by its children, in rows of about equal cells."""
    box = np.empty((parent.size, 4))
    box[0] = (_WEST, _SOUTH, _EAST, _NORTH)
    children = np.argsort(parent[1:], kind="stable") + 1
    starts = np.searchsorted(parent[children], np.arange(parent.size + 1))
    for area in range(parent.size):
        mine = children[starts[area] : starts[area + 1]]
        if mine.size:
            box[mine] = _tiles(box[area], mine.size)
    return box


def _tiles(box: Floats, count: int) -> Floats:
    west, south, east, north = box
    rows = max(1, round(count**0.5))
    i = np.arange(count)
    row = i * rows // count
    first = -(-row * count // rows)  # the first i of this row
    width = -(-(row + 1) * count // rows) - first
    left, right = (i - first) / width, (i - first + 1) / width
    return np.column_stack(
        [
            west + (east - west) * left,
            south + (north - south) * row / rows,
            west + (east - west) * right,
            south + (north - south) * (row + 1) / rows,
        ]
    )
