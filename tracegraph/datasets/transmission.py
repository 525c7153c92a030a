"""Onward infection in the synthetic county: chance, minute by minute, where people really met."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tracegraph.datasets.stays import DAY, END, LAST, MINUTE

if TYPE_CHECKING:
    from tracegraph.datasets.imported import Imported, Isolated
    from tracegraph.datasets.settlement import Floats, Ints, Settlement
    from tracegraph.datasets.stays import Stays
    from tracegraph.datasets.venues import Places

# Chance of infection by minute at the peak of infectiousness. 0.4 % an hour near a case is
# about 35 % for a housemate until the case recovers, as people here are at home 20 hours a day.
_NEAR = 0.004 / 60
_OTHER_ROOM = 1 / 3  # of it in class rooms, offices and coaches: about 2 % in three days
_OPEN = 1 / 20  # of it in markets, shops and buses: most of the others are far away
_NEAR_KINDS = ("home", "restaurant_table", "taxi", "isolation_room")
_ROOM_KINDS = ("office", "workshop", "class", "coach")
_FROM, _PEAK, _UNTIL = -2.5, 0.5, 8.0  # days from onset: infectiousness, a triangle


Event: TypeAlias = tuple[int, int, int, int]
"""A possible infection: the second, who is infected, by whom, and the place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Infection:
    """One onward infection: who, by whom, when, where, and when symptoms begin."""

    infector: int
    infected: int
    time: int
    place: int
    onset: float


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Where infection may happen.

    `isolated_from` may be written on: people go into isolation as the days pass.
    """

    settlement: Settlement
    by_place: Stays  # sorted by place
    by_person: Stays  # sorted by person
    closeness: Floats  # by place: share of the rate near a case
    isolated_from: Ints  # by person


def make_world(settlement: Settlement, stays: Stays, places: Places, isolated: Isolated) -> World:
    """Index the stays up to 12 May by place and by person."""
    until = np.full(settlement.n_people, END)
    until[isolated.person] = isolated.start
    return index(settlement, stays, places, until)


def index(settlement: Settlement, stays: Stays, places: Places, until: Ints) -> World:
    """Index the stays by place and by person; each is at home up to `until` at the latest."""
    return World(
        settlement=settlement,
        by_place=stays.take(np.argsort(stays.place, kind="stable")),
        by_person=stays.take(np.argsort(stays.person, kind="stable")),
        closeness=closeness(places),
        isolated_from=until,
    )


def spread(world: World, imported: Imported, rng: np.random.Generator) -> list[Infection]:
    """Infect people by chance along the stays, starting from the imported cases."""
    heap: list[Event] = []
    done = set(imported.person.tolist())
    for who, onset in zip(imported.person.tolist(), imported.symptomatic_at, strict=True):
        heap += meet(world, who, float(onset), 0, rng)
    heapq.heapify(heap)
    return advance(world, heap, done, rng)


def advance(
    world: World,
    heap: list[Event],
    done: set[int],
    rng: np.random.Generator,
    *,
    until: int = LAST,
) -> list[Infection]:
    """Let the events up to an instant happen, those that they bring about included.

    Who has meanwhile gone into isolation by `world.isolated_from` neither infects nor is infected.
    """
    away, found = world.isolated_from, []
    while heap and heap[0][0] < until:
        time, infected, infector, place = heapq.heappop(heap)
        if infected in done or time >= min(away[infected], away[infector]):
            continue
        done.add(infected)
        onset = time + float(np.exp(rng.normal(np.log(3.0), 0.4))) * DAY
        found.append(
            Infection(infector=infector, infected=infected, time=time, place=place, onset=onset)
        )
        for event in meet(world, infected, onset, time, rng):
            heapq.heappush(heap, event)
    return found


def closeness(places: Places) -> Floats:
    """Share of the rate near a case, for each place."""
    by_kind = dict.fromkeys(_NEAR_KINDS, 1.0) | dict.fromkeys(_ROOM_KINDS, _OTHER_ROOM)
    return np.repeat([by_kind.get(kind, _OPEN) for kind in places.kind], places.count)


def infectious_minutes(time: Ints, onset: float) -> Floats:
    """Infectiousness summed up to `time`, as minutes at its peak: the area of a triangle."""
    day = np.clip((time - onset) / DAY, _FROM, _UNTIL)
    rising = np.minimum(day, _PEAK) - _FROM
    falling = _UNTIL - np.maximum(day, _PEAK)
    before = rising**2 / (2 * (_PEAK - _FROM))
    after = (_UNTIL - _PEAK) / 2 - falling**2 / (2 * (_UNTIL - _PEAK))
    return (before + after) * (DAY / MINUTE)


def meet(world: World, who: int, onset: float, since: int, rng: np.random.Generator) -> list[Event]:
    """Whom `who` infects: the moment, the person infected, `who`, and the place."""
    people, places, begin, end = _meetings(world, who, since)
    minutes = infectious_minutes(end, onset) - infectious_minutes(begin, onset)
    force = _NEAR * world.closeness[places] * minutes
    hit = np.flatnonzero(rng.random(force.size) < -np.expm1(-force))
    moment = begin[hit] + (rng.random(hit.size) * (end - begin)[hit]).astype(np.int64)
    columns = moment.tolist(), people[hit].tolist(), places[hit].tolist()
    return [(when, person, who, place) for when, person, place in zip(*columns, strict=True)]


def _meetings(world: World, who: int, since: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Others who shared a place with `who`: person, place, begin, end; by days at home too."""
    mine = world.by_person.take(np.arange(*np.searchsorted(world.by_person.person, [who, who + 1])))
    parts = [_at_home(world, who, mine, since)]
    for place, arrive, depart in zip(mine.place, mine.arrive, mine.depart, strict=True):
        rows = world.by_place.take(
            np.arange(*np.searchsorted(world.by_place.place, [place, place + 1]))
        )
        begin = np.maximum(np.maximum(rows.arrive, arrive), since)
        end = np.minimum(rows.depart, depart)
        met = (begin < end) & (rows.person != who)
        parts.append((rows.person[met], rows.place[met], begin[met], end[met]))
    people, places, begin, end = (np.concatenate(column) for column in zip(*parts, strict=True))
    return people, places, begin, end


def _at_home(world: World, who: int, mine: Stays, since: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Pieces at home with each housemate: the gaps between the stays of both elsewhere."""
    home = int(world.settlement.household[who])
    first = int(world.settlement.first_member[home])
    mates = [
        m for m in range(first, first + int(world.settlement.household_size[home])) if m != who
    ]
    rows: list[tuple[int, int, int, int]] = []
    for mate in mates:
        theirs = world.by_person.take(
            np.arange(*np.searchsorted(world.by_person.person, [mate, mate + 1]))
        )
        until = int(min(world.isolated_from[who], world.isolated_from[mate]))
        out = np.concatenate([mine.arrive, theirs.arrive])
        back = np.concatenate([mine.depart, theirs.depart])
        order = np.argsort(out, kind="stable")
        starts = np.concatenate([[since], np.maximum.accumulate(back[order])]).clip(min=since)
        ends = np.concatenate([out[order], [until]]).clip(max=until)
        rows += [(mate, home, int(s), int(e)) for s, e in zip(starts, ends, strict=True) if s < e]
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3]
