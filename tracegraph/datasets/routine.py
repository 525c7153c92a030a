"""What people of the synthetic county do on a usual day: work, school, errands, meals, guests.

Every number here is a plausible habit, chosen before any trace was computed and not changed
to bring a count of contacts nearer to the published account.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tracegraph.datasets import residents as people
from tracegraph.datasets.stays import (
    DAY,
    HOUR,
    MINUTE,
    N_DAYS,
    NO_RECORD,
    PHONE,
    QR,
    USUAL,
    Calendar,
    Stays,
)

if TYPE_CHECKING:
    from tracegraph.datasets.residents import Residents
    from tracegraph.datasets.settlement import Floats, Ints, Settlement
    from tracegraph.datasets.venues import Venues

ERRANDS = ("shop", "market", "street", "clinic")
_ERRAND_SHARE = np.array([0.55, 0.22, 0.19, 0.04])
_ERRAND_MINUTES = np.array([10, 30, 45, 40])  # medians
_MEETS_FRIEND = 0.5  # of those who share a meal; the others are of the household
_COMES_ALONG = 0.25  # a second one of the household
_OWN, _CENTRE = 0.62, 0.28  # where an errand leads; else to the county seat
_NO_CHECK_OUT = 0.15  # of QR check-ins at shops and markets are without a departure


def work(
    residents: Residents, venues: Venues, rng: np.random.Generator, calendar: Calendar = USUAL
) -> Stays:
    """Stays at work and in class rooms on working days; shops, clinics and sites on all days."""
    daily = np.flatnonzero(venues.daily >= 0)
    person, day = (a.ravel() for a in np.meshgrid(daily, np.arange(calendar.still), indexing="ij"))
    job = residents.occupation[person]
    trades = np.isin(job, [people.SHOP, people.RESTAURANT, people.MARKET, people.CLINIC])
    always = job == people.SITE
    usual = np.isin(day, calendar.working_days)
    present = rng.random(person.size) < np.select([always, trades, usual], [1, 0.8, 0.94], 0)
    person, day, job = person[present], day[present], job[present]
    pupil = (job == people.PUPIL) | (job == people.TEACHER)
    opens = np.where(pupil, 8.1, 8.8) * HOUR
    length = np.where(pupil, 8.3, 8.9) * HOUR
    arrive = day * DAY + opens + rng.normal(0, 12, person.size) * MINUTE
    depart = arrive + length + rng.normal(0, 15, person.size) * MINUTE
    return Stays.of(person, venues.daily[person], arrive, depart)


def errands(  # noqa: PLR0913  # who, where, how often, by which chance and calendar
    settlement: Settlement,
    residents: Residents,
    venues: Venues,
    rate: Floats,
    rng: np.random.Generator,
    calendar: Calendar = USUAL,
) -> Stays:
    """Errands by person and day at `rate`, some with another of the household."""
    per_day = rate * _eagerness(residents.age)[:, None]
    person, day = np.nonzero(number := rng.poisson(per_day))
    times = number[person, day]
    person, day = np.repeat(person, times), np.repeat(day, times)
    person, day = person[free := _may_go(day, calendar.still, rng)], day[free]
    errand = rng.choice(len(ERRANDS), p=_ERRAND_SHARE, size=person.size)
    community = _destination(settlement, settlement.person_community[person], rng)
    place = np.empty_like(person)
    for code, kind in enumerate(ERRANDS):
        mine = errand == code
        place[mine] = venues.choice[kind].pick(community[mine], rng)
    arrive = _moment(venues, person, day, calendar.working_days, rng)
    stay = _ERRAND_MINUTES[errand] * np.exp(rng.normal(0, 0.6, person.size))
    depart = arrive + np.clip(stay, 2, 240) * MINUTE
    record = np.where(errand == 2, NO_RECORD, QR)
    record = np.where(rng.random(person.size) < 0.05, PHONE, record)
    alone = Stays.of(person, place, arrive, depart, record=record)
    return _with_company(settlement, alone, rng)


def drop_check_outs(stays: Stays, is_open: Ints, rng: np.random.Generator) -> Ints:
    """Rows whose departure nobody recorded: some QR check-ins at the places marked open."""
    checked_in = (stays.record == QR) & (is_open[stays.place] > 0)
    return np.flatnonzero(checked_in & (rng.random(len(stays)) < _NO_CHECK_OUT))


def meals(  # noqa: PLR0913  # as `errands`
    settlement: Settlement,
    residents: Residents,
    venues: Venues,
    rate: Floats,
    rng: np.random.Generator,
    calendar: Calendar = USUAL,
) -> Stays:
    """Meals at restaurant tables: a host with household members and friends."""
    adult = (residents.age >= 18) & (residents.age < 80)
    town = settlement.is_town(settlement.person_community)
    per_day = rate * np.where(adult, np.where(town, 0.05, 0.015), 0)[:, None]
    host, day = np.nonzero(rng.random(per_day.shape) < per_day)
    host, day = host[open_ := day < calendar.still], day[open_]
    community = _destination(settlement, settlement.person_community[host], rng)
    restaurants = venues.choice["restaurant"]
    restaurant = np.searchsorted(restaurants.codes, restaurants.pick(community, rng))
    table = venues.tables.pick(restaurant, rng)
    noon = rng.random(host.size) < 0.4
    hour = np.where(noon, 12.0, 18.2) + rng.normal(0.3, 0.5, host.size)
    arrive = day * DAY + hour * HOUR
    depart = arrive + np.clip(rng.normal(65, 20, host.size), 20, 180) * MINUTE
    kept = _first_come(table, arrive, depart)
    host, table, arrive, depart = host[kept], table[kept], arrive[kept], depart[kept]
    guests = 1 + rng.poisson(1.3, host.size)
    event = np.repeat(np.arange(host.size), guests)
    guest = _companion(settlement, host[event], rng)
    event = np.concatenate([np.arange(host.size), event])
    person = np.concatenate([host, guest])
    return Stays.of(person, table[event], arrive[event], depart[event], record=QR)


def home_visits(  # as `errands`
    settlement: Settlement,
    residents: Residents,
    rate: Floats,
    rng: np.random.Generator,
    calendar: Calendar = USUAL,
) -> Stays:
    """Guests at the home of relatives, and those of the household who were in."""
    adult = residents.age >= 16
    per_day = rate * np.where(adult, 0.02, 0)[:, None]
    guest, day = np.nonzero(rng.random(per_day.shape) < per_day)
    guest, day = guest[may := day < calendar.still], day[may]
    host = _friend(settlement, guest, rng)
    home = settlement.household[host]
    hour = np.clip(rng.normal(17.5, 2.5, guest.size), 9, 21)
    arrive = day * DAY + hour * HOUR
    depart = arrive + np.clip(np.exp(rng.normal(np.log(80), 0.6, guest.size)), 10, 360) * MINUTE
    company = np.flatnonzero(rng.random(guest.size) < 0.4)
    second = _housemate(settlement, guest[company], rng)
    event = np.repeat(np.arange(guest.size), settlement.household_size[home])
    rank = np.arange(event.size) - np.searchsorted(event, event)
    member = settlement.first_member[home[event]] + rank
    is_in = rng.random(event.size) < 0.7
    event = np.concatenate([np.arange(guest.size), company, event[is_in]])
    person = np.concatenate([guest, second, member[is_in]])
    away = np.concatenate([settlement.household[guest[event]] != home[event]])
    stays = Stays.of(person, home[event], arrive[event], depart[event])
    return stays.take(away)


def _eagerness(age: Ints) -> Floats:
    return np.select([age < 6, age < 16, age < 60, age < 75], [0.15, 0.45, 0.8, 0.75], 0.35)


def _may_go(day: Ints, still: int, rng: np.random.Generator) -> Ints:
    """Who goes out: all before the county stands still, then one errand in fifty."""
    return np.flatnonzero((day < still) | (rng.random(day.size) < 0.02))


def _destination(settlement: Settlement, home: Ints, rng: np.random.Generator) -> Ints:
    draw = rng.random(home.size)
    centre = settlement.town_centre[settlement.community_township[home]]
    n_seat = np.count_nonzero(settlement.community_township == 0)
    seat = rng.integers(n_seat, size=home.size)
    return np.select([draw < _OWN, draw < _OWN + _CENTRE], [home, centre], seat)


def _moment(
    venues: Venues, person: Ints, day: Ints, working_days: Ints, rng: np.random.Generator
) -> Floats:
    """Free time: after work on working days, any time of day else."""
    busy = (venues.daily[person] >= 0) & np.isin(day, working_days)
    hour: Floats = np.where(
        busy,
        rng.triangular(17.8, 18.3, 21.0, person.size),
        rng.triangular(8, 10.5, 20, person.size),
    )
    return day * DAY + hour * HOUR


def _housemate(settlement: Settlement, person: Ints, rng: np.random.Generator) -> Ints:
    """Another of the household; the person itself if it lives alone."""
    home = settlement.household[person]
    size, first = settlement.household_size[home], settlement.first_member[home]
    shift = 1 + (rng.random(person.size) * (size - 1)).astype(np.int64)
    return first + (person - first + shift) % size


def _friend(settlement: Settlement, person: Ints, rng: np.random.Generator) -> Ints:
    """One of six friends or relatives; four of them live near, two anywhere."""
    which = rng.integers(6, size=person.size)
    mixed = (person * 6 + which) * 2_654_435_761 % 2**32 / 2**32  # fixed for each friendship
    near = person + np.rint((mixed - 0.5) * 600).astype(np.int64)
    near = np.abs(near)
    last = settlement.n_people - 1
    near = np.where(near > last, 2 * last - near, near)
    anywhere = (mixed * settlement.n_people).astype(np.int64)
    return np.where(which < 4, near, anywhere)


def _companion(settlement: Settlement, person: Ints, rng: np.random.Generator) -> Ints:
    friend = rng.random(person.size) < _MEETS_FRIEND
    return np.where(friend, _friend(settlement, person, rng), _housemate(settlement, person, rng))


def _with_company(settlement: Settlement, stays: Stays, rng: np.random.Generator) -> Stays:
    rows = np.flatnonzero(rng.random(len(stays)) < _COMES_ALONG)
    other = _housemate(settlement, stays.person[rows], rng)
    rows, other = rows[differs := other != stays.person[rows]], other[differs]
    everybody = np.concatenate([np.arange(len(stays)), rows])
    person = np.concatenate([stays.person, other])
    both = stays.take(everybody)
    return Stays(
        person=person, place=both.place, arrive=both.arrive, depart=both.depart, record=both.record
    )


def _first_come(table: Ints, arrive: Floats, depart: Floats) -> Ints:
    """Parties whose table is free when they come."""
    order = np.lexsort((arrive, table))
    same = table[order][1:] == table[order][:-1]
    taken = same & (arrive[order][1:] < depart[order][:-1])
    return np.sort(order[np.concatenate([[True], ~taken])[: order.size]])


def usual_rate(n_people: int, n_days: int = N_DAYS) -> Floats:
    """Rate 1 for each person and day of the county."""
    return np.ones((n_people, n_days))
