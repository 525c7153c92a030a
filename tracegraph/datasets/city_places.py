"""Who lives, works and learns where in the synthetic city, and the places that all may visit.

Every number here is a plausible habit or a size. The city is a row of districts that are alike:
most of a life happens in one's own, so that the shares do not depend on how large the city is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Codes: TypeAlias = npt.NDArray[np.int32]
    Minutes: TypeAlias = npt.NDArray[np.int32]
    Shares: TypeAlias = npt.NDArray[np.float32]

KINDS = (
    "home",
    "office",
    "workshop",
    "class",
    "restaurant_table",
    "market",
    "mall",
    "street",
    "shop",
    "park",
    "bus",
    "metro",
    "taxi",
    "private_car",
)
"""Kinds of location, in the order of their codes."""

PUPIL, WORKER, OTHER = range(3)
_ROLES = (0.17, 0.58)  # shares of pupils and of workers

_HOUSEHOLDS = (0.25, 0.30, 0.22, 0.15, 0.08)  # shares of households of 1 to 5
_LEAST_ROOM, _LARGEST_ROOM = 5, 40
_ROOM, _CLASS = (12, 0.55), (28, 0.25)  # median and spread of a lognormal size
_OFFICES = 0.6  # of the rooms where people work; the others are workshops
_WORKS_NEARBY = 0.85  # in one's own district

_MOST_DISTRICTS, _LEAST_DISTRICT = 40, 250  # districts; people in one
_PER_TABLE, _PER_VENUE, _PER_LINE, _PER_TAXI = 15, 100, 3_000, 250
_DISTRICTS_PER_METRO = 4
_MOST_TICKETS = 12  # a loved table is drawn so much oftener than the least loved
# kinds of the venues of a district from the most visited on; then again from the first shop
_VENUES = ("market", "mall", "street", "shop", "park", "shop", "shop", "street", "shop", "shop")

FIRST_RIDE = 6 * 60  # minute of the day at which the first bus leaves
LAST_RIDE = 24 * 60
BUS_HEADWAY, METRO_HEADWAY = 15, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """Persons and places; a place is a position in `kind`.

    Parameters
    ----------
    kind : array of int8
        Position in `KINDS`, for each place.
    role, district, home, room, car : array
        Of each person; `room` is -1 for who neither works nor learns.
    n_districts : int
        Districts, numbered along the row.
    first : dict of str to int
        First place of ``"table"``, ``"venue"``, ``"bus"``, ``"metro"`` and ``"taxi"``.
    lottery, tickets : array
        Tables as often as they are drawn, by district; where each district begins.
    n_venues, n_lines : int
        Venues and bus lines of a district.
    n_metro, n_taxis : int
        Metro lines and taxis of the city.
    """

    kind: npt.NDArray[np.int8]
    role: npt.NDArray[np.int8]
    district: Codes
    home: Codes
    room: Codes
    car: Codes
    n_districts: int
    first: dict[str, int]
    lottery: Codes
    tickets: Codes
    n_venues: int
    n_lines: int
    n_metro: int
    n_taxis: int

    @property
    def n_people(self) -> int:
        """Persons of the city."""
        return int(self.role.size)


def build(n_people: int, n_days: int, rng: np.random.Generator) -> City:
    """Draw persons, households, rooms and places."""
    n_districts = int(np.clip(n_people // _LEAST_DISTRICT, 1, _MOST_DISTRICTS))
    household = _households(n_people, rng)
    n_homes = int(household.max()) + 1
    district = (household.astype(np.int64) * n_districts // n_homes).astype(np.int32)
    role = np.searchsorted(np.cumsum(_ROLES), rng.random(n_people), side="right").astype(np.int8)
    room, room_kinds = _rooms(role, district, n_districts, rng)
    each = n_people // n_districts
    n_tables, n_venues = max(3, each // _PER_TABLE), max(10, each // _PER_VENUE)
    n_lines, n_taxis = max(1, each // _PER_LINE), max(2, n_people // _PER_TAXI)
    n_metro = max(1, n_districts // _DISTRICTS_PER_METRO)
    blocks = {
        "home": _of_kind("home", n_homes),
        "room": room_kinds,
        "table": _of_kind("restaurant_table", n_tables * n_districts),
        "venue": np.tile(_venue_kinds(n_venues), n_districts),
        "bus": _of_kind("bus", n_districts * n_lines * n_days * _departures(BUS_HEADWAY)),
        "metro": _of_kind("metro", n_metro * n_days * _departures(METRO_HEADWAY)),
        "taxi": _of_kind("taxi", n_taxis),
        "car": _of_kind("private_car", n_homes),
    }
    ends = np.cumsum([block.size for block in blocks.values()])
    first = dict(zip(blocks, [0, *ends[:-1].tolist()], strict=True))
    lottery, tickets = _lottery(n_tables, n_districts, rng)
    return City(
        kind=np.concatenate(list(blocks.values())),
        role=role,
        district=district,
        home=household,
        room=np.where(room < 0, -1, room + first["room"]).astype(np.int32),
        car=household + np.int32(first["car"]),
        n_districts=n_districts,
        first=first,
        lottery=lottery + np.int32(first["table"]),
        tickets=tickets,
        n_venues=n_venues,
        n_lines=n_lines,
        n_metro=n_metro,
        n_taxis=n_taxis,
    )


def _departures(headway: int) -> int:
    return (LAST_RIDE - FIRST_RIDE) // headway


def _of_kind(kind: str, n: int) -> npt.NDArray[np.int8]:
    return np.full(n, KINDS.index(kind), dtype=np.int8)


def _venue_kinds(n_venues: int) -> npt.NDArray[np.int8]:
    codes = np.array([KINDS.index(kind) for kind in _VENUES], dtype=np.int8)
    return np.resize(codes, n_venues)


def _households(n_people: int, rng: np.random.Generator) -> Codes:
    """Household of each person; persons of one household have ids far apart."""
    sizes = 1 + rng.choice(len(_HOUSEHOLDS), p=_HOUSEHOLDS, size=n_people)
    return _scatter(_seats(sizes, n_people), rng.permutation(n_people))


def _seats(sizes: npt.NDArray[np.int64], n: int) -> Codes:
    """Group of each of `n` seats, group after group."""
    groups = int(np.searchsorted(np.cumsum(sizes), n)) + 1
    return np.repeat(np.arange(groups, dtype=np.int32), sizes[:groups])[:n]


def _scatter(values: Codes, to: npt.NDArray[np.int64]) -> Codes:
    out = np.empty_like(values)
    out[to] = values
    return out


def _rooms(
    role: npt.NDArray[np.int8], district: Codes, n_districts: int, rng: np.random.Generator
) -> tuple[Codes, npt.NDArray[np.int8]]:
    """Room of each person (-1: none), and the kinds of the rooms."""
    elsewhere = rng.random(role.size) > np.where(role == WORKER, _WORKS_NEARBY, 1)
    goes_to = np.where(elsewhere, rng.integers(n_districts, size=role.size), district)
    room = np.full(role.size, -1, dtype=np.int32)
    n_rooms = 0
    for who, size in ((PUPIL, _CLASS), (WORKER, _ROOM)):
        persons = np.flatnonzero(role == who)
        # neighbours in this order share a room: by district, otherwise by chance
        persons = persons[np.argsort(goes_to[persons] + rng.random(persons.size))]
        room[persons] = n_rooms + _seats(_room_sizes(persons.size, *size, rng), persons.size)
        n_rooms = int(room.max()) + 1
        if who == PUPIL:
            classes = n_rooms
    office = rng.random(n_rooms - classes) < _OFFICES
    works = np.where(office, KINDS.index("office"), KINDS.index("workshop")).astype(np.int8)
    return room, np.concatenate([_of_kind("class", classes), works])


def _room_sizes(
    n: int, median: float, spread: float, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Enough rooms for `n` persons."""
    drawn = rng.lognormal(np.log(median), spread, n // _LEAST_ROOM + 1)
    return np.clip(drawn, _LEAST_ROOM, _LARGEST_ROOM).astype(np.int64)


def _lottery(n_tables: int, n_districts: int, rng: np.random.Generator) -> tuple[Codes, Codes]:
    """Tables as often as they have tickets, district after district, and where each begins."""
    n = n_tables * n_districts
    tickets = np.clip(rng.lognormal(0.7, 0.9, n), 1, _MOST_TICKETS).astype(np.int64)
    begin = np.concatenate([[0], np.cumsum(tickets)])[::n_tables]
    return np.repeat(np.arange(n, dtype=np.int32), tickets), begin.astype(np.int32)
