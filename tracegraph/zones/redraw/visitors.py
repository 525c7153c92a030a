"""Who comes to an area without living there: a lockdown stops them too."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tracegraph.model.calendar import NEVER
from tracegraph.zones.ground import pick

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.zones.ground import Ground

    Whole: TypeAlias = npt.NDArray[np.int64]

DAYS = 7
"""Days before as-of that are looked at; a working value of tracegraph."""


def visitors(ground: Ground) -> Whole:
    """Persons with a stay in each area code in the last days who live outside it."""
    visits, calendar = ground.trace.graph.facts.visits, ground.trace.graph.calendar
    since = int(calendar.add_days(ground.now, -DAYS))
    ended = np.where(visits.depart_hi == NEVER, visits.arrive_lo, visits.depart_hi)
    rows = np.flatnonzero((visits.arrive_lo < ground.now) & (ended >= since))
    person = visits.person[rows].astype(np.int64)
    area = pick(ground.area, visits.location[rows].astype(np.int64))
    here, who = ground.tree.pairs(area, person)
    lives = pick(ground.home_area, who)
    home, resident = ground.tree.pairs(lives, np.arange(who.size))
    at_home = np.zeros(who.size, dtype=bool)
    at_home[resident[home == here[resident]]] = True
    return np.bincount(here[~at_home], minlength=len(ground.tree))
