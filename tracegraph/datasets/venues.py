"""The places of the synthetic county other than homes, and who works or learns where."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.datasets import residents as people

if TYPE_CHECKING:
    from tracegraph.datasets.residents import Residents
    from tracegraph.datasets.settlement import Ints, Settlement

PREFIX = {
    "home": "H",
    "office": "O",
    "workshop": "W",
    "school": "S",
    "class": "K",
    "market": "M",
    "shop": "B",
    "restaurant": "R",
    "restaurant_table": "T",
    "clinic": "L",
    "street": "Q",
    "station": "N",
    "bus": "U",
    "taxi": "X",
    "coach": "F",
    "isolation_site": "I",
    "isolation_room": "J",
    "hospital": "D",
    "checkpoint": "G",
}
"""First letter of the ids of each kind of place."""

# persons of a township or community (see `_establish`) for one place of the kind
_PERSONS_PER = {"shop": 300, "clinic": 2_500, "market": 12_000, "restaurant": 450, "street": 4_000}
_IN_CENTRE = ("market", "restaurant", "street")  # of the township; the others in each community
_TABLES = (4, 13)
_OFFICE, _WORKSHOP, _CLASS = 12, 9, 38  # persons in one
_PERSONS_PER_SITE = 9_000
_SITE_ROOMS = 80


@dataclass
class Places:
    """Places as they are added: kind, community (-1 = on the road), parent, home's building."""

    kind: list[str] = field(default_factory=list)
    count: list[int] = field(default_factory=list)
    community: list[Ints] = field(default_factory=list)
    parent: list[Ints] = field(default_factory=list)
    name: list[list[str]] = field(default_factory=list)
    size: int = 0

    def add(
        self,
        kind: str,
        community: Ints,
        *,
        parent: Ints | None = None,
        name: list[str] | None = None,
    ) -> Ints:
        """Add places of one kind; return their codes."""
        n = community.size
        codes = self.size + np.arange(n)
        self.kind.append(kind)
        self.count.append(n)
        self.community.append(community.astype(np.int64))
        self.parent.append(np.full(n, -1) if parent is None else parent.astype(np.int64))
        self.name.append(
            name or [f"{kind.replace('_', ' ').capitalize()} {i + 1}" for i in range(n)]
        )
        self.size += n
        return codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The places of a kind from which the people of each community choose."""

    codes: Ints  # in the order of the communities
    first: Ints  # by community
    count: Ints

    def pick(self, community: Ints, rng: np.random.Generator) -> Ints:
        """Pick one place for each entry."""
        ahead = (rng.random(community.size) * self.count[community]).astype(np.int64)
        return np.take(self.codes, self.first[community] + ahead)


@dataclass(frozen=True, slots=True, kw_only=True)
class Venues:
    """All places, where to choose each kind, and the daily place of each person."""

    places: Places
    choice: dict[str, Choice]
    tables: Choice  # tables by restaurant
    daily: Ints  # work or class room of each person; -1 none
    station: int
    hospital: int
    rooms: Ints


def build(settlement: Settlement, residents: Residents, rng: np.random.Generator) -> Venues:
    """Put shops, schools, offices, … into the settlement and people to work in them."""
    places = Places()
    homes = settlement.community.size
    places.add("home", settlement.community, name=[f"Home {i + 1}" for i in range(homes)])
    choice = {kind: _establish(places, settlement, kind) for kind in _PERSONS_PER}
    tables = _set_tables(places, choice["restaurant"], rng)
    daily = np.maximum(
        _send_to_school(places, settlement, residents, rng),
        _send_to_work(places, settlement, residents, choice, rng),
    )
    station = places.add("station", np.array([0]), name=["Coach station"])
    hospital = places.add("hospital", np.array([0]), name=["County hospital"])
    sites, rooms = _open_sites(places, settlement)
    staff = np.flatnonzero(residents.occupation == people.SITE)
    daily[staff] = sites[rng.integers(sites.size, size=staff.size)]
    return Venues(
        places=places,
        choice=choice,
        tables=tables,
        daily=daily,
        station=int(station[0]),
        hospital=int(hospital[0]),
        rooms=rooms,
    )


def _establish(places: Places, settlement: Settlement, kind: str) -> Choice:
    """Places of one kind by population; who has none near goes to the centre of the township."""
    residents = np.bincount(settlement.person_community, minlength=settlement.community_area.size)
    centre = settlement.town_centre[settlement.community_township]
    if kind in _IN_CENTRE:
        in_town = np.bincount(settlement.community_township, weights=residents)
        # the seat's places stand in all its communities, a country town's in its centre
        seat = settlement.is_town(np.arange(residents.size))
        residents = np.where(seat, residents, 0)
        country = settlement.town_centre[1:]
        residents[country] = in_town[1:]
    per = _PERSONS_PER[kind]
    count = np.rint(residents / per).astype(np.int64)
    count[centre] = np.maximum(count[centre], 1)
    if kind in ("shop", "clinic"):
        count = np.maximum(count, 1)
    community = np.repeat(np.arange(count.size), count)
    codes = places.add(kind, community)
    used = np.where(count > 0, np.arange(count.size), centre)
    first = np.cumsum(count) - count
    return Choice(codes=codes, first=first[used], count=count[used])


def _set_tables(places: Places, restaurants: Choice, rng: np.random.Generator) -> Choice:
    n = restaurants.codes.size
    count = rng.integers(*_TABLES, size=n)
    restaurant = np.repeat(np.arange(n), count)
    community = np.concatenate(places.community)[restaurants.codes][restaurant]
    first = np.cumsum(count) - count
    seat = np.arange(restaurant.size) - first[restaurant]
    names = [f"Restaurant {r + 1}, table {s + 1}" for r, s in zip(restaurant, seat, strict=True)]
    codes = places.add(
        "restaurant_table", community, parent=restaurants.codes[restaurant], name=names
    )
    return Choice(codes=codes, first=first, count=count)


def _send_to_school(
    places: Places, settlement: Settlement, residents: Residents, rng: np.random.Generator
) -> Ints:
    """One school a stage and township (upper school in the seat), class rooms by age."""
    pupil = np.flatnonzero(residents.occupation == people.PUPIL)
    age = residents.age[pupil]
    stage = np.searchsorted([6, 12, 15], age, side="right")
    town = settlement.community_township[settlement.person_community[pupil]]
    town = np.where(stage == 3, 0, town)
    schools, school = np.unique(stage * 100 + town, return_inverse=True)
    where = settlement.town_centre[schools % 100]
    stages = ("Kindergarten", "Primary school", "Middle school", "Upper school")
    names = [f"{stages[key // 100]} of township {key % 100 + 1}" for key in schools]
    school_codes = places.add("school", where, name=names)

    years, year = np.unique(school * 100 + age, return_inverse=True)
    n_rooms = np.maximum(1, np.rint(np.bincount(year) / _CLASS)).astype(np.int64)
    first = np.cumsum(n_rooms) - n_rooms
    owner = np.repeat(years // 100, n_rooms)
    labels = [
        f"{names[o]}, age {y % 100}, class {i + 1}"
        for o, y, k in zip(years // 100, years, n_rooms, strict=True)
        for i in range(k)
    ]
    rooms = places.add("class", where[owner], parent=school_codes[owner], name=labels)
    daily = np.full(settlement.n_people, -1)
    daily[pupil] = rooms[first[year] + (rng.random(pupil.size) * n_rooms[year]).astype(np.int64)]
    teacher = np.flatnonzero(residents.occupation == people.TEACHER)
    daily[teacher] = rooms[rng.integers(rooms.size, size=teacher.size)]
    return daily


def _send_to_work(
    places: Places,
    settlement: Settlement,
    residents: Residents,
    choice: dict[str, Choice],
    rng: np.random.Generator,
) -> Ints:
    """Work in one's own community, in the centre of the township, or in the county seat."""
    home = settlement.person_community
    draw = rng.random(home.size)
    seat = rng.integers(np.count_nonzero(settlement.community_township == 0), size=home.size)
    centre = settlement.town_centre[settlement.community_township[home]]
    work = np.select([draw < 0.5, draw < 0.9], [home, centre], seat)
    daily = np.full(home.size, -1)
    for occupation, kind, size in (
        (people.OFFICE, "office", _OFFICE),
        (people.WORKSHOP, "workshop", _WORKSHOP),
    ):
        who = np.flatnonzero(residents.occupation == occupation)
        staff = np.bincount(work[who], minlength=settlement.community_area.size)
        count = np.where(staff > 0, np.maximum(1, np.rint(staff / size)), 0).astype(np.int64)
        codes = places.add(kind, np.repeat(np.arange(count.size), count))
        places_here = Choice(codes=codes, first=np.cumsum(count) - count, count=count)
        daily[who] = places_here.pick(work[who], rng)
    for occupation, kind in (
        (people.SHOP, "shop"),
        (people.RESTAURANT, "restaurant"),
        (people.MARKET, "market"),
        (people.CLINIC, "clinic"),
    ):
        who = np.flatnonzero(residents.occupation == occupation)
        daily[who] = choice[kind].pick(work[who], rng)
    return daily


def _open_sites(places: Places, settlement: Settlement) -> tuple[Ints, Ints]:
    """Hotels of the county seat as isolation sites, with single rooms."""
    n_sites = max(2, round(settlement.n_people / _PERSONS_PER_SITE))
    in_seat = np.flatnonzero(settlement.community_township == 0)
    community = in_seat[np.arange(n_sites) % in_seat.size]
    sites = places.add(
        "isolation_site", community, name=[f"Isolation site {i + 1}" for i in range(n_sites)]
    )
    site = np.tile(np.arange(n_sites), _SITE_ROOMS)
    names = [f"Site {s + 1}, room {100 + i // n_sites + 1}" for i, s in enumerate(site)]
    return sites, places.add("isolation_room", community[site], parent=sites[site], name=names)
