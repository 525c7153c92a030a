"""How the outbreak reaches the synthetic county: returnees, the data check, four cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.datasets.stays import DAY, END, HOUR, MINUTE

if TYPE_CHECKING:
    from tracegraph.datasets.journeys import Travellers
    from tracegraph.datasets.settlement import Floats, Ints
    from tracegraph.datasets.stays import Stays

CHECK_BEGINS = 11 * DAY + 8 * HOUR  # 6 May, 08:00: returnees are looked up and called
_CHECKED_BACK_TO = 4 * DAY  # returned on 29 April or later
_FIRST_ROUND = 14 * DAY + 7 * HOUR + 30 * MINUTE  # 9 May, 07:30
_THIRD_ROUND = 16 * DAY + 7 * HOUR + 30 * MINUTE
N_CASES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolated:
    """Returnees in central isolation: person, from when, and the room."""

    person: Ints
    start: Ints
    room: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The four cases, in the order of their finding; seconds, onset -1 where there is none."""

    person: Ints
    infected: Ints
    onset: Ints
    sampled: Ints
    confirmed: Ints
    symptomatic_at: Floats  # the time of onset that infectiousness is counted from


def isolate_returnees(travellers: Travellers, rooms: Ints, rng: np.random.Generator) -> Isolated:
    """Call those back from the affected city into single rooms, within some days."""
    mine = np.flatnonzero((travellers.route == 0) & (travellers.back >= _CHECKED_BACK_TO))
    earliest = np.maximum(travellers.back[mine], CHECK_BEGINS)
    delay = 4 * HOUR + rng.gamma(2.0, 0.6 * DAY, size=mine.size)
    start = (earliest + np.minimum(delay, 4 * DAY)).astype(np.int64) // MINUTE * MINUTE
    called = np.flatnonzero(start < END - DAY)[: rooms.size]
    return Isolated(
        person=travellers.person[mine][called],
        start=start[called],
        room=rooms[: called.size],
    )


def import_cases(travellers: Travellers, isolated: Isolated, rng: np.random.Generator) -> Imported:
    """Draw four of the isolated who came back on 4 to 6 May: one found on 9, three on 11 May."""
    back = dict(zip(travellers.person.tolist(), travellers.back.tolist(), strict=True))
    came = np.array([back[p] for p in isolated.person.tolist()])
    recent = (came >= 9 * DAY) & (came < 12 * DAY)
    inside_on_9 = np.flatnonzero(recent & (isolated.start < _FIRST_ROUND))
    inside_on_11 = np.flatnonzero(recent & (isolated.start < _THIRD_ROUND))
    first = rng.choice(inside_on_9)
    others = rng.choice(inside_on_11[inside_on_11 != first], size=N_CASES - 1, replace=False)
    chosen = np.concatenate([[first], others])
    # infected in the city, in the three days before the coach left
    infected = came[chosen] - 5 * HOUR - rng.uniform(0, 3 * DAY, size=N_CASES)
    onset = infected + np.exp(rng.normal(np.log(3.0), 0.4, size=N_CASES)) * DAY
    sampled = np.array([_FIRST_ROUND, *[_THIRD_ROUND] * (N_CASES - 1)])
    sampled = sampled + rng.integers(0, 90, size=N_CASES) * MINUTE
    noticed = (onset < sampled) & (rng.random(N_CASES) < 0.65)
    return Imported(
        person=isolated.person[chosen],
        infected=infected.astype(np.int64),
        onset=np.where(noticed, onset, -1).astype(np.int64),
        sampled=sampled,
        confirmed=sampled + rng.integers(6 * 60, 10 * 60, size=N_CASES) * MINUTE,
        symptomatic_at=onset,
    )


def confine(stays: Stays, person: Ints, start: Ints) -> Stays:
    """End the stays of these persons when their isolation starts."""
    until = np.full(stays.person.max() + 1, 2 * END)
    known = person < until.size
    until[person[known]] = start[known]
    return stays.cut(arrive=stays.arrive, depart=until[stays.person])
