"""Who falls ill in the synthetic city and when: clusters of rooms and homes, or anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.datasets.city_days import DAY

if TYPE_CHECKING:
    from tracegraph.datasets.city_days import People
    from tracegraph.datasets.city_places import City, Minutes

_IN_ROOM, _AT_HOME = 0.6, 0.4  # of the persons of a struck room; of those who live with them
_FIRST_ONSET, _LAST_ONSET = 5, 11  # of 14 days
_CLUSTER_DAYS = 3  # within which a cluster falls ill
_NIGHT = (1, 390)  # minutes of the day at which everybody is at home and falls ill
_LABORATORY = (8 * 60, 20 * 60)  # at which results come


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Persons, and minutes since the first midnight; isolated as soon as confirmed."""

    person: People
    onset: Minutes
    confirmed: Minutes


def draw(
    city: City, n_cases: int, n_days: int, rng: np.random.Generator, *, scattered: bool
) -> Cases:
    """Draw the cases, in the order of their persons."""
    person, cluster = (_anybody if scattered else _clustered)(city, n_cases, rng)
    first, last = (day * n_days // 14 for day in (_FIRST_ONSET, _LAST_ONSET))
    within = min(_CLUSTER_DAYS, last - first + 1)
    begins = rng.integers(first, last - within + 2, size=int(cluster.max()) + 1)
    day = begins[cluster] + rng.integers(within, size=n_cases)
    onset = day * DAY + rng.integers(*_NIGHT, size=n_cases)
    found = day + rng.integers(1, 3, size=n_cases)
    confirmed = found * DAY + rng.integers(*_LABORATORY, size=n_cases)
    order = np.argsort(person)
    return Cases(
        person=person[order],
        onset=onset[order].astype(np.int32),
        confirmed=confirmed[order].astype(np.int32),
    )


def _anybody(city: City, n_cases: int, rng: np.random.Generator) -> tuple[People, People]:
    """Persons by chance, each a cluster."""
    return rng.permutation(city.n_people)[:n_cases], np.arange(n_cases)


def _clustered(city: City, n_cases: int, rng: np.random.Generator) -> tuple[People, People]:
    """Persons of struck rooms and those who live with them, from one district on."""
    turn = _turns(city, rng)
    in_room = np.flatnonzero(rng.random(city.n_people) < _IN_ROOM * (city.room >= 0))
    # a home is struck as early as the first of its persons
    struck = np.full(int(city.home.max()) + 1, np.inf)
    np.minimum.at(struck, city.home[in_room], turn[in_room])
    reached = struck[city.home]
    at_home = np.flatnonzero(rng.random(city.n_people) < _AT_HOME * np.isfinite(reached))
    when = np.full(city.n_people, np.inf)
    when[at_home] = reached[at_home]
    when[in_room] = np.minimum(when[in_room], turn[in_room])
    # ties by chance: all of a cluster have the same turn
    person = np.lexsort((rng.random(city.n_people), when))[:n_cases]
    cluster = np.unique(when[person], return_inverse=True)[1]
    return person, cluster


def _turns(city: City, rng: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """When the room of each person is struck: by chance within a district, one after the other."""
    n_rooms = int(city.room.max()) + 1
    chance = rng.random(n_rooms + 1)  # the last is for who has no room
    start = int(rng.integers(city.n_districts))
    district = np.zeros(n_rooms + 1, dtype=np.int64)
    district[city.room] = (city.district - start) % city.n_districts
    return (district + chance)[city.room]
