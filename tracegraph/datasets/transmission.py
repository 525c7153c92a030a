"""Onward infection in the synthetic county: chance, minute by minute, where people really met."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.datasets.stays import DAY, END, MINUTE

if TYPE_CHECKING:
    from tracegraph.datasets.imported import Imported, Isolated
    from tracegraph.datasets.settlement import Floats, Ints, Settlement
    from tracegraph.datasets.stays import Stays
    from tracegraph.datasets.venues import Places

# Chance of infection by minute at the peak of infectiousness. 0.6 % an hour near a case is
# about 35 % for a housemate who spends 14 hours a day at home until the case recovers.
_NEAR = 0.006 / 60
_OTHER_ROOM = 1 / 3  # of it in class rooms, offices and coaches: about 3 % in three days
_OPEN = 1 / 20  # of it in markets, shops and buses: most of the others are far away
_NEAR_KINDS = ("home", "restaurant_table", "taxi", "isolation_room")
_ROOM_KINDS = ("office", "workshop", "class", "coach")
_FROM, _PEAK, _UNTIL = -2.5, 0.5, 8.0  # days from onset: infectiousness, a triangle


@dataclass(frozen=True, slots=True, kw_only=True)
class Infection:
    """One onward infection: who, by whom, when, where, and when symptoms begin."""

    infector: int
    infected: int
    time: int
    place: int
    onset: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _World:
    settlement: Settlement
    by_place: Stays  # sorted by place
    by_person: Stays  # sorted by person
    closeness: Floats  # by place: share of the rate near a case
    isolated_from: Ints  # by person


def spread(
    settlement: Settlement,
    stays: Stays,
    closeness: Floats,
    isolated: Isolated,
    imported: Imported,
    rng: np.random.Generator,
) -> list[Infection]:
    """Infect people by chance along the stays, starting from the imported cases."""
    stays = stays.take(stays.depart > imported.infected.min())
    until = np.full(settlement.n_people, END)
    until[isolated.person] = isolated.start
    world = _World(
        settlement=settlement,
        by_place=stays.take(np.argsort(stays.place, kind="stable")),
        by_person=stays.take(np.argsort(stays.person, kind="stable")),
        closeness=closeness,
        isolated_from=until,
    )
    heap: list[tuple[int, int, int, int]] = []
    done = set(imported.person.tolist())
    for who, onset in zip(imported.person.tolist(), imported.symptomatic_at, strict=True):
        _expose(world, heap, who, float(onset), 0, rng)
    found = []
    while heap:
        time, infected, infector, place = heapq.heappop(heap)
        if infected in done:
            continue
        done.add(infected)
        onset = time + float(np.exp(rng.normal(np.log(3.0), 0.4))) * DAY
        found.append(
            Infection(infector=infector, infected=infected, time=time, place=place, onset=onset)
        )
        _expose(world, heap, infected, onset, time, rng)
    return found


def closeness(places: Places) -> Floats:
    """Share of the rate near a case, for each place."""
    by_kind = dict.fromkeys(_NEAR_KINDS, 1.0) | dict.fromkeys(_ROOM_KINDS, _OTHER_ROOM)
    return np.repeat([by_kind.get(kind, _OPEN) for kind in places.kind], places.count)


def infectiousness(time: Floats | Ints, onset: float) -> Floats:
    """Share of the peak infectiousness at `time`, seconds."""
    day = (np.asarray(time) - onset) / DAY
    return np.interp(day, [_FROM, _PEAK, _UNTIL], [0.0, 1.0, 0.0], left=0.0, right=0.0)


def _expose(
    world: _World,
    heap: list[tuple[int, int, int, int]],
    who: int,
    onset: float,
    since: int,
    rng: np.random.Generator,
) -> None:
    """Queue those whom `who` infects, each with the first moment of it."""
    people, places, begin, end = _meetings(world, who, since)
    minutes = (end - begin) / MINUTE
    force = _NEAR * world.closeness[places] * minutes * infectiousness((begin + end) / 2, onset)
    hit = np.flatnonzero(rng.random(force.size) < -np.expm1(-force))
    for i in hit.tolist():
        moment = int(begin[i] + rng.random() * (end[i] - begin[i]))
        heapq.heappush(heap, (moment, int(people[i]), who, int(places[i])))


def _meetings(world: _World, who: int, since: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Others who shared a place with `who`: person, place, begin, end; by days at home too."""
    mine = world.by_person.take(
        np.arange(*np.searchsorted(world.by_person.person, [who, who + 1]))
    )
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


def _at_home(world: _World, who: int, mine: Stays, since: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Pieces at home with each housemate: the gaps between the stays of both elsewhere."""
    home = int(world.settlement.household[who])
    first = int(world.settlement.first_member[home])
    mates = [m for m in range(first, first + int(world.settlement.household_size[home])) if m != who]
    rows: list[tuple[int, int, int, int]] = []
    for mate in mates:
        theirs = world.by_person.take(
            np.arange(*np.searchsorted(world.by_person.person, [mate, mate + 1]))
        )
        until = int(min(world.isolated_from[who], world.isolated_from[mate], END))
        out = np.concatenate([mine.arrive, theirs.arrive])
        back = np.concatenate([mine.depart, theirs.depart])
        order = np.argsort(out, kind="stable")
        starts = np.concatenate([[since], np.maximum.accumulate(back[order])]).clip(min=since)
        ends = np.concatenate([out[order], [until]]).clip(max=until)
        rows += [(mate, home, int(s), int(e)) for s, e in zip(starts, ends, strict=True) if s < e]
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3]
