"""What the people of the synthetic city do in a day, as a story of steps that all go through.

Each step is an array of who takes part, where and how long. A person's clock only moves on, with
a walk before each stay: nobody is in two places at once, and no two stays touch.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.datasets.city_places import (
    BUS_HEADWAY,
    FIRST_RIDE,
    LAST_RIDE,
    METRO_HEADWAY,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    import numpy.typing as npt

    from tracegraph.datasets.city_places import City, Codes, Minutes, Shares

    People: TypeAlias = npt.NDArray[np.int64]

DAY = 24 * 60  # the city counts in minutes

# Chances by role: pupil, worker, other.
_OUT_BY_VEHICLE = (0.30, 0.42, 0.28)
_BACK_BY_VEHICLE = (0.30, 0.40, 0.25)
_AT_WORK = (0.96, 0.95, 0.0)
_LUNCH_OUT = (0.0, 0.12, 0.0)  # of those at work
_MORNING_OUT = (0.30, 0.40, 0.45)  # of those not at work
_NOON_OUT = (0.05, 0.07, 0.05)
_HOME_AT_NOON = (0.15, 0.15, 0.20)
_AFTERNOON_OUT = (0.35, 0.35, 0.30)
_EVENING_OUT = (0.20, 0.28, 0.15)
_DINNER_OUT = (0.04, 0.07, 0.04)
_CENTRE = 0.03  # of the errands lead to a district of the city anywhere

# Minutes from and to; most are nearer to the first.
_WALK, _RIDE, _ERRAND, _EVENING = (2, 11), (8, 45), (10, 115), (10, 85)
_MEAL, _NOON = (20, 60), (60, 150)
_BUS, _METRO, _CAR = 0.45, 0.75, 0.90  # upper ends of the shares of vehicles; the rest are taxis

# Earliest and latest minute by role.
_LEAVES_TO_WORK = ((400, 450), (390, 520), (430, 600))
_LEAVES_ON_A_FREE_DAY = (430, 600)
_LUNCH, _CLOSING = (695, 750), (1_000, 1_110)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Visits: who, where, from and to which minute since the first midnight."""

    person: Codes
    place: Codes
    arrive: Minutes
    depart: Minutes

    def __len__(self) -> int:
        return int(self.person.size)

    def take(self, rows: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Rows:
        """Keep these rows."""
        return Rows(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def join(parts: list[Rows]) -> Rows:
    """All rows of the parts."""
    return Rows(
        **{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Rows)}
    )


def live(city: City, n_days: int, gone: Minutes, rng: np.random.Generator) -> Iterator[Rows]:
    """Rows of one day after the other, in the order of arrival.

    Parameters
    ----------
    city : City
        Persons and places.
    n_days : int
        The first is a Sunday.
    gone : array
        Minute from which a person is in isolation and seen nowhere.
    rng : Generator
        Chance.
    """
    leave = _leave(city, is_free(0), rng)
    for day in range(n_days):
        walk = _Walk(city=city, day=day, now=leave, rng=rng)
        leave = _leave(city, is_free(day + 1), rng)
        _live_a_day(walk, leave if day + 1 < n_days else np.zeros_like(leave))
        rows = join(walk.rows)
        order = _as_they_come(rows.arrive - np.int32(day * DAY), rng)
        yield seen(rows.take(order), gone)


def seen(rows: Rows, gone: Minutes) -> Rows:
    """Rows of persons until they are in isolation."""
    limit = gone[rows.person]
    late = np.flatnonzero(rows.depart > limit)
    if not late.size:
        return rows
    depart = rows.depart.copy()
    depart[late] = limit[late]
    return replace(rows, depart=depart).take(np.flatnonzero(rows.arrive < limit))


def is_free(day: int) -> bool:
    """Whether nobody works: on Saturdays and Sundays, of which day 0 is one."""
    return day % 7 in (0, 6)


def _leave(city: City, free: bool, rng: np.random.Generator) -> Minutes:
    """Minute of the day at which each person leaves home."""
    spans = [_LEAVES_ON_A_FREE_DAY] * 3 if free else _LEAVES_TO_WORK
    low, high = (np.array(ends, dtype=np.float32)[city.role] for ends in zip(*spans, strict=True))
    return (low + (high - low) * rng.random(city.n_people, dtype=np.float32)).astype(np.int32)


@dataclass(slots=True, kw_only=True)
class _Walk:
    """The day as far as it has been lived: each person's clock, and the rows so far."""

    city: City
    day: int
    now: Minutes
    rng: np.random.Generator
    rows: list[Rows] = field(default_factory=list)

    def uniform(self, n: int) -> Shares:
        return self.rng.random(n, dtype=np.float32)

    def some(self, chance: tuple[float, ...], among: People | None = None) -> People:
        """Who takes part, at the chance of their role."""
        role = self.city.role if among is None else self.city.role[among]
        chosen = np.flatnonzero(self.uniform(role.size) < np.array(chance, dtype=np.float32)[role])
        return chosen if among is None else among[chosen]

    def minutes(self, n: int, span: tuple[int, int]) -> Minutes:
        drawn = self.uniform(n)
        return (span[0] + (span[1] - span[0]) * drawn * drawn).astype(np.int32)

    def come(self, who: People) -> Minutes:
        return self.now[who] + self.minutes(who.size, _WALK)

    def add(self, who: People, place: Codes, arrive: Minutes, depart: Minutes) -> None:
        start = np.int32(self.day * DAY)
        person = who.astype(np.int32)
        self.rows.append(
            Rows(person=person, place=place, arrive=arrive + start, depart=depart + start)
        )
        self.now[who] = depart

    def stay(self, who: People, place: Codes, span: tuple[int, int]) -> None:
        arrive = self.come(who)
        self.add(who, place, arrive, arrive + self.minutes(who.size, span))

    def stay_until(self, who: People, place: Codes, span: tuple[int, int]) -> None:
        low, high = span
        until = low + ((high - low) * self.uniform(who.size)).astype(np.int32)
        self.add(who, place, self.come(who), until)


def _live_a_day(walk: _Walk, leave_again: Minutes) -> None:
    city = walk.city
    everybody = np.arange(city.n_people)
    _ride(walk, walk.some(_OUT_BY_VEHICLE))
    at_work = everybody[:0] if is_free(walk.day) else walk.some(_AT_WORK)
    busy = np.zeros(city.n_people, dtype=np.bool_)
    busy[at_work] = True
    _work(walk, at_work)
    _free_hours(walk, np.flatnonzero(~busy))
    _ride(walk, walk.some(_BACK_BY_VEHICLE))
    _visit_venues(walk, walk.some(_EVENING_OUT), _EVENING)
    _eat(walk, walk.some(_DINNER_OUT))
    walk.add(everybody, city.home, walk.come(everybody), leave_again + np.int32(DAY))


def _work(walk: _Walk, who: People) -> None:
    """A day in the room, or a morning, lunch at a restaurant and an afternoon."""
    room, lunch = walk.city.room, np.zeros(walk.city.n_people, dtype=np.bool_)
    lunch[out := walk.some(_LUNCH_OUT, who)] = True
    walk.stay_until(out, room[out], _LUNCH)
    _eat(walk, out)
    walk.stay_until(out, room[out], _CLOSING)
    in_all_day = who[~lunch[who]]
    walk.stay_until(in_all_day, room[in_all_day], _CLOSING)


def _free_hours(walk: _Walk, who: People) -> None:
    _visit_venues(walk, walk.some(_MORNING_OUT, who), _ERRAND)
    _eat(walk, walk.some(_NOON_OUT, who))
    home = walk.some(_HOME_AT_NOON, who)
    walk.stay(home, walk.city.home[home], _NOON)
    _visit_venues(walk, walk.some(_AFTERNOON_OUT, who), _ERRAND)


def _eat(walk: _Walk, who: People) -> None:
    """At a table of the own district, the loved ones first."""
    city, district = walk.city, walk.city.district[who]
    begin, end = city.tickets[district], city.tickets[district + 1]
    ticket = begin + ((end - begin) * walk.uniform(who.size)).astype(np.int32)
    walk.stay(who, city.lottery[ticket], _MEAL)


def _visit_venues(walk: _Walk, who: People, span: tuple[int, int]) -> None:
    """At a venue of the own district or, seldom, of any: the k-th of a district about 1/k times."""
    city, n = walk.city, walk.city.n_venues
    district = city.district[who]
    far = np.flatnonzero(walk.uniform(who.size) < _CENTRE)
    district[far] = walk.rng.integers(city.n_districts, size=far.size, dtype=np.int32)
    rank = np.exp(walk.uniform(who.size) * np.float32(np.log(n + 1))).astype(np.int32) - 1
    # rounding may reach n
    place = np.int32(city.first["venue"]) + district * np.int32(n) + np.minimum(rank, n - 1)
    walk.stay(who, place, span)


def _ride(walk: _Walk, who: People) -> None:
    """By bus, metro, the household's car or a taxi; of buses and metros the place is the trip."""
    city, arrive = walk.city, walk.come(who)
    drawn = walk.uniform(who.size)
    n_taxis = city.n_taxis
    place = np.int32(city.first["taxi"]) + (n_taxis * walk.uniform(who.size)).astype(np.int32)
    bus = np.flatnonzero(drawn < _BUS)
    place[bus] = _bus_trips(walk, who[bus], arrive[bus])
    metro = np.flatnonzero((drawn >= _BUS) & (drawn < _METRO))
    place[metro] = _metro_trips(walk, who[metro], arrive[metro])
    car = np.flatnonzero((drawn >= _METRO) & (drawn < _CAR))
    place[car] = city.car[who[car]]
    walk.add(who, place, arrive, arrive + walk.minutes(who.size, _RIDE))


def _bus_trips(walk: _Walk, who: People, minute: Minutes) -> Codes:
    city = walk.city
    line = (city.n_lines * walk.uniform(who.size)).astype(np.int32)
    line += city.district[who] * np.int32(city.n_lines)
    n_lines = city.n_districts * city.n_lines
    return city.first["bus"] + _trip(walk.day, line, n_lines, minute, BUS_HEADWAY)


def _metro_trips(walk: _Walk, who: People, minute: Minutes) -> Codes:
    city = walk.city
    line = city.district[who] * np.int32(city.n_metro) // np.int32(city.n_districts)
    return city.first["metro"] + _trip(walk.day, line, city.n_metro, minute, METRO_HEADWAY)


def _trip(day: int, line: Codes, n_lines: int, minute: Minutes, headway: int) -> Codes:
    """Number of the departure, day after day, line after line."""
    n_departures = (LAST_RIDE - FIRST_RIDE) // headway
    departure = (minute - np.int32(FIRST_RIDE)) // np.int32(headway)
    return np.int32(day * n_lines * n_departures) + line * np.int32(n_departures) + departure


def _as_they_come(minute: Minutes, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Order of arrival; by chance within a minute, else the order would tell persons apart."""
    # two sorts of 16 bits, which NumPy sorts by radix, cost less than a permutation
    shuffled = np.argsort(rng.integers(2**16, size=minute.size, dtype=np.uint16), kind="stable")
    return shuffled[np.argsort(minute[shuffled].astype(np.int16), kind="stable")]
