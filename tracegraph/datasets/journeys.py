"""Rides of the synthetic county: buses and taxis to errands, coaches out of the county and back.

A trip is a place of its own (RULE 19): who took another bus met nobody on this one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.datasets import residents as people
from tracegraph.datasets.stays import (
    DAY,
    HOUR,
    MINUTE,
    START,
    STILL,
    TICKET,
    USUAL,
    Calendar,
    Stays,
    join,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.datasets.residents import Residents
    from tracegraph.datasets.settlement import Ints, Settlement
    from tracegraph.datasets.venues import Places, Venues

_BY_BUS, _BY_TAXI = 0.30, 0.06  # of the errands in another community
_HEADWAY = 40 * MINUTE
_RIDE = 24 * MINUTE
_TRAVELLERS = 2_600  # persons of the county for one returning traveller a day and route
_PARTY = (0.65, 0.25, 0.10)  # one, two or three of a household together
_ROWS, _LETTERS = 12, "ABCD"
_COACH_HOURS = 5
ROUTES = ("Westport", "Northfield")
"""Cities with a daily coach; the outbreak comes from the first. Both are made up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Travellers:
    """People who were away: seconds of their departure and return, and the route."""

    person: Ints
    left: Ints
    back: Ints
    route: Ints
    stays: Stays
    seat: npt.NDArray[np.str_]  # of each stay; "" where there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class _Legs:
    """Journeys by coach in one direction: who, on which day and hour, on which route."""

    person: Ints
    day: Ints
    hour: Ints
    route: Ints
    label: str


def rides(  # noqa: PLR0913  # who rides where to what, by which chance and calendar
    settlement: Settlement,
    residents: Residents,
    places: Places,
    errands: Stays,
    rng: np.random.Generator,
    calendar: Calendar = USUAL,
) -> Stays:
    """Bus and taxi rides to and from some errands in other communities."""
    community = np.concatenate(places.community)
    far = np.flatnonzero(
        (community[errands.place] != settlement.person_community[errands.person])
        & (errands.arrive < calendar.still * DAY)
    )
    draw = rng.random(far.size)
    by_bus = errands.take(far[draw < _BY_BUS])
    by_taxi = errands.take(far[(draw >= _BY_BUS) & (draw < _BY_BUS + _BY_TAXI)])
    parts = [
        _bus(settlement, places, by_bus.person, by_bus.arrive - _RIDE - 5 * MINUTE, "in"),
        _bus(settlement, places, by_bus.person, by_bus.depart + 4 * MINUTE + _HEADWAY, "out"),
        _taxi(residents, places, by_taxi, rng),
    ]
    return join(parts)


def _bus(settlement: Settlement, places: Places, person: Ints, when: Ints, direction: str) -> Stays:
    """Ride the last bus of one's community's line that leaves before `when`."""
    slot = when // _HEADWAY
    line = settlement.person_community[person]
    keys, trip = np.unique(line * 100_000 + slot, return_inverse=True)
    names = [
        f"Bus {key // 100_000 + 1} {direction}, {_clock(int(key % 100_000) * _HEADWAY)}"
        for key in keys
    ]
    codes = places.add("bus", np.full(keys.size, -1), name=names)
    leaves = slot * _HEADWAY
    return Stays.of(person, codes[trip], leaves, leaves + _RIDE, record=TICKET)


def _taxi(residents: Residents, places: Places, errands: Stays, rng: np.random.Generator) -> Stays:
    """Ride with a driver, each trip a place; a driver who is busy takes no one."""
    drivers = np.flatnonzero(residents.occupation == people.DRIVER)
    if drivers.size == 0:
        return errands.take(np.arange(0))
    driver = drivers[rng.integers(drivers.size, size=len(errands))]
    minutes = rng.integers(8, 30, size=len(errands))
    begin = errands.arrive - (minutes + 2) * MINUTE
    end = errands.arrive - 2 * MINUTE
    order = np.lexsort((begin, driver))
    busy = (driver[order][1:] == driver[order][:-1]) & (begin[order][1:] < end[order][:-1])
    free = order[np.concatenate([[True], ~busy])[: order.size]]
    trips = places.add("taxi", np.full(free.size, -1))
    person = np.concatenate([errands.person[free], driver[free]])
    return Stays.of(person, np.tile(trips, 2), np.tile(begin[free], 2), np.tile(end[free], 2))


def travel(
    settlement: Settlement, residents: Residents, venues: Venues, rng: np.random.Generator
) -> Travellers:
    """Send parties of households out of the county and bring them back by coach."""
    person, party, back_day, route = _parties(settlement, residents, rng)
    away = np.ceil(rng.gamma(3.0, 2.5, size=party.max() + 1)).astype(np.int64)[party]
    left_day = back_day - away
    hour = np.array([13, 8])[route]  # the coach back leaves the city
    inward = _Legs(person=person, day=back_day, hour=hour, route=route, label="to the county")
    returns = _coaches(venues.places, inward, rng)
    out = np.flatnonzero(left_day >= 0)
    outward = _Legs(
        person=person[out],
        day=left_day[out],
        hour=np.full(out.size, 7),
        route=route[out],
        label="from the county",
    )
    leaves = _coaches(venues.places, outward, rng)
    back = returns[0].depart
    station = Stays.of(
        person,
        np.full(person.size, venues.station),
        back,
        back + rng.integers(5, 25, person.size) * MINUTE,
    )
    seats = np.concatenate([returns[1], leaves[1], np.full(person.size, "")])
    return Travellers(
        person=person,
        left=left_day * DAY + 7 * HOUR,
        back=back,
        route=route,
        stays=join([returns[0], leaves[0], station]),
        seat=seats,
    )


def _parties(
    settlement: Settlement, residents: Residents, rng: np.random.Generator
) -> tuple[Ints, Ints, Ints, Ints]:
    """Persons, and the party, day of return and route of each; nobody travels twice."""
    daily = max(6, round(settlement.n_people / _TRAVELLERS))
    n_parties = daily * STILL * len(ROUTES)
    n_households = settlement.household_size.size
    n_parties = min(n_parties, n_households // 3)
    homes = rng.choice(n_households, size=n_parties, replace=False)
    wanted = 1 + rng.choice(3, size=n_parties, p=_PARTY)
    size = np.minimum(wanted, settlement.household_size[homes])
    party = np.repeat(np.arange(n_parties), size)
    rank = np.arange(party.size) - (np.cumsum(size) - size)[party]
    person = settlement.first_member[homes][party] + rank
    day, route = rng.integers(STILL, size=n_parties), rng.integers(len(ROUTES), size=n_parties)
    grown_up = residents.age[person] >= 18  # children stay at home
    person, party = person[grown_up], party[grown_up]
    return person, party, day[party], route[party]


def _coaches(
    places: Places, legs: _Legs, rng: np.random.Generator
) -> tuple[Stays, npt.NDArray[np.str_]]:
    """One trip a day and route, a second one when it is full; parties sit side by side."""
    capacity = _ROWS * len(_LETTERS)
    order = np.argsort(legs.day * len(ROUTES) + legs.route, kind="stable")
    key = (legs.day * len(ROUTES) + legs.route)[order]
    rank = np.arange(key.size) - np.searchsorted(key, key)
    trip_key = key * 100 + rank // (capacity - 8)
    trips, trip = np.unique(trip_key, return_inverse=True)
    names = [
        f"Coach {ROUTES[int(t) // 100 % 2]} {legs.label}, {_date(int(t) // 200)}, no. {t % 100 + 1}"
        for t in trips
    ]
    codes = places.add("coach", np.full(trips.size, -1), name=names)
    chair = np.empty(legs.person.size, dtype=np.int64)
    for i in range(trips.size):
        mine = np.flatnonzero(trip == i)
        chair[order[mine]] = np.sort(rng.choice(capacity, size=mine.size, replace=False))
    coach = np.empty(legs.person.size, dtype=np.int64)
    coach[order] = codes[trip]
    begin = legs.day * DAY + legs.hour * HOUR
    stays = Stays.of(legs.person, coach, begin, begin + _COACH_HOURS * HOUR, record=TICKET)
    letters = np.array(list(_LETTERS))[chair % len(_LETTERS)]
    return stays, np.char.add((chair // len(_LETTERS) + 1).astype(str), letters)


def _date(day: int) -> str:
    return str(START + np.timedelta64(day, "D"))[:10]


def _clock(second: int) -> str:
    return str(START + np.timedelta64(second, "s"))[:16].replace("T", " ")
