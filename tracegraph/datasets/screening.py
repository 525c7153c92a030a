"""Tests in the synthetic county: daily rounds, whom they find, and what the cases report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.datasets.stays import DAY, END, HOUR, LAST, MINUTE

if TYPE_CHECKING:
    from tracegraph.datasets.imported import Imported, Isolated
    from tracegraph.datasets.journeys import Travellers
    from tracegraph.datasets.settlement import Ints, Settlement
    from tracegraph.datasets.stays import Stays
    from tracegraph.datasets.transmission import Infection

ROUND_DAYS = (14, 15, 16, 17)  # 9 to 12 May
LATER_ROUND_DAYS = (18, 19, 20, 21, 22, 23)  # 13 to 18 May
_SAMPLED_SHARE = 0.2  # of the county stands in the table; a whole round would be everybody
_POOL = 10
_KNOWN_FOR = 4 * DAY  # an interview goes back so far before the specimen
_REMEMBERED = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbreak:
    """What really happened, before anybody is tested."""

    settlement: Settlement
    travellers: Travellers
    isolated: Isolated
    imported: Imported
    infections: list[Infection]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """Specimens; pool -1 for single ones."""

    person: Ints
    round: Ints
    sampled: Ints
    reported: Ints
    pool: Ints
    positive: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Cases in the order of their specimens; onset -1 where nobody noticed one."""

    person: Ints
    onset: Ints
    sampled: Ints
    confirmed: Ints
    moved: Ints  # into hospital
    is_imported: Ints
    is_isolated: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Contacts that cases reported; `by_date` rows are remembered by their date alone."""

    person: Ints
    contact: Ints
    start: Ints
    end: Ints
    kind: list[str]
    place: Ints  # -1 none
    by_date: Ints
    recorded: Ints


def opening(day: int) -> tuple[float, float]:
    """Hours in which the county is tested on a day; on the first one, after the first case."""
    return (17, 21) if day == ROUND_DAYS[0] else (7, 12)


def run_rounds(
    outbreak: Outbreak, rng: np.random.Generator, *, days: tuple[int, ...] = ROUND_DAYS
) -> Rounds:
    """Test the isolated and their households singly, and a share of the county in pools.

    The first round begins with the isolated; the county follows in the evening, after the
    first case.
    """
    settlement, imported = outbreak.settlement, outbreak.imported
    person, number, sampled, pool = _specimens(settlement, outbreak.isolated, days, rng)
    until = np.full(settlement.n_people, -1)
    until[outbreak.travellers.person] = outbreak.travellers.back
    here = np.flatnonzero(sampled > until[person])
    person, number, sampled, pool = person[here], number[here], sampled[here], pool[here]
    infected = {i.infected: i.time for i in outbreak.infections}
    positive = np.zeros(person.size, dtype=np.int64)
    for row in np.flatnonzero(np.isin(person, list(infected))):
        since = (sampled[row] - infected[int(person[row])]) / DAY
        positive[row] = rng.random() < sensitivity(since)
    for who, when in zip(imported.person, imported.sampled, strict=True):
        # the account fixes when these four were found: negative until then, positive on the day
        rows = np.flatnonzero(person == who)
        found = rows[sampled[rows] // DAY == when // DAY]
        sampled[found], positive[found] = when, 1
    kept = _before_found(person, sampled, positive)
    reported = sampled + rng.integers(5 * 60, 9 * 60, person.size) * MINUTE
    for who, when in zip(imported.person, imported.confirmed, strict=True):
        reported[(person == who) & (positive == 1)] = when
    return Rounds(
        person=person[kept],
        round=number[kept],
        sampled=sampled[kept],
        reported=reported[kept],
        pool=pool[kept],
        positive=positive[kept],
    )


def _specimens(
    settlement: Settlement, isolated: Isolated, days: tuple[int, ...], rng: np.random.Generator
) -> tuple[Ints, Ints, Ints, Ints]:
    homes = np.isin(settlement.household, settlement.household[isolated.person])
    inside = np.isin(np.arange(settlement.n_people), isolated.person)
    isolated_from = np.full(settlement.n_people, LAST)
    isolated_from[isolated.person] = isolated.start
    parts = []
    for day in days:
        county_opens, county_closes = opening(day)
        chosen = homes | (rng.random(settlement.n_people) < _SAMPLED_SHARE)
        person = np.flatnonzero(chosen)
        early = inside[person] & (isolated_from[person] < day * DAY)
        opens = np.where(early, 7.5, county_opens)
        closes = np.where(early, 9, county_closes)
        hour = rng.uniform(opens, closes)
        sampled = ((day * DAY + hour * HOUR) // MINUTE * MINUTE).astype(np.int64)
        pool = np.where(homes[person], -1, np.cumsum(~homes[person]) // _POOL)
        parts.append((person, np.full(person.size, day - ROUND_DAYS[0]), sampled, pool))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return columns[0], columns[1], columns[2], columns[3]


def find_cases(
    outbreak: Outbreak, rounds: Rounds, rng: np.random.Generator, *, before: int = END
) -> Found:
    """Make a case of each person whose positive result is there before an instant."""
    rows = np.flatnonzero((rounds.positive == 1) & (rounds.reported < before))
    rows = rows[np.argsort(rounds.sampled[rows], kind="stable")]
    person, sampled = rounds.person[rows], rounds.sampled[rows]
    onset_of = {
        i.infected: int(i.onset) if rng.random() < 0.65 else -1 for i in outbreak.infections
    }
    onset_of |= dict(
        zip(outbreak.imported.person.tolist(), outbreak.imported.onset.tolist(), strict=True)
    )
    onset = np.array([onset_of[p] for p in person.tolist()], dtype=np.int64)
    confirmed = rounds.reported[rows]
    return Found(
        person=person,
        onset=np.where(onset < sampled, onset, -1),
        sampled=sampled,
        confirmed=confirmed,
        moved=confirmed + rng.integers(60, 240, rows.size) * MINUTE,
        is_imported=np.isin(person, outbreak.imported.person).astype(np.int64),
        is_isolated=np.isin(person, outbreak.isolated.person).astype(np.int64),
    )


def interviews(
    settlement: Settlement,
    stays: Stays,
    kind: dict[int, str],
    found: Found,
    rng: np.random.Generator,
) -> Reports:
    """Contacts that the cases remember: at table, as guests, in the household, and elsewhere.

    `kind` names the contact by place, for places where people talk to one another.
    """
    rows: list[tuple[int, int, int, int, str, int, int, int]] = []
    talk = stays.take(np.isin(stays.place, list(kind)))
    for case in range(found.person.size):
        who, since = int(found.person[case]), int(found.sampled[case]) - _KNOWN_FOR
        told = int(found.confirmed[case]) + int(rng.integers(60, 300)) * MINUTE
        mine = talk.take((talk.person == who) & (talk.depart > since) & (talk.arrive < told))
        for place, arrive, depart in zip(mine.place, mine.arrive, mine.depart, strict=True):
            with_them = talk.take((talk.place == place) & (talk.person != who))
            begin, end = np.maximum(with_them.arrive, arrive), np.minimum(with_them.depart, depart)
            for i in np.flatnonzero((begin < end) & (rng.random(end.size) < _REMEMBERED)).tolist():
                other = int(with_them.person[i])
                span = int(begin[i]), int(end[i])
                rows.append((who, other, *span, kind[int(place)], int(place), 0, told))
        rows += _household(settlement, who, since, int(found.sampled[case]), told)
        for _ in range(rng.poisson(1.5)):
            other = int(np.clip(who + rng.integers(20, 400), 0, settlement.n_people - 1))
            day = int(rng.integers(since // DAY, found.sampled[case] // DAY)) * DAY
            if other != who:
                rows.append((who, other, day, day, "talk", -1, 1, told))
    columns = list(zip(*rows, strict=True)) if rows else [()] * 8
    number = [np.array(c, dtype=np.int64) if i != 4 else c for i, c in enumerate(columns)]
    person, contact, start, end, _, place, by_date, recorded = number
    return Reports(
        person=np.asarray(person),
        contact=np.asarray(contact),
        start=np.asarray(start),
        end=np.asarray(end),
        kind=[str(k) for k in columns[4]],
        place=np.asarray(place),
        by_date=np.asarray(by_date),
        recorded=np.asarray(recorded),
    )


def _household(
    settlement: Settlement, who: int, since: int, until: int, told: int
) -> list[tuple[int, int, int, int, str, int, int, int]]:
    home = int(settlement.household[who])
    first = int(settlement.first_member[home])
    mates = range(first, first + int(settlement.household_size[home]))
    days = since // DAY * DAY, until // DAY * DAY
    return [(who, m, *days, "household", home, 1, told) for m in mates if m != who]


def sensitivity(days: float) -> float:
    """Chance that a specimen is positive so many days after infection."""
    return float(np.interp(days, [1, 3, 4, 5, 8, 15], [0, 0.35, 0.65, 0.8, 0.8, 0.6], left=0.0))


def _before_found(person: Ints, sampled: Ints, positive: Ints) -> Ints:
    """Rows up to the first positive specimen of each person."""
    first = {
        int(p): int(sampled[(person == p) & (positive == 1)].min())
        for p in np.unique(person[positive == 1])
    }
    kept = np.ones(person.size, dtype=bool)
    for who, when in first.items():
        kept &= (person != who) | (sampled <= when)
    return np.flatnonzero(kept)
