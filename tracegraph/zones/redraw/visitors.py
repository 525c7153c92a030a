"""Who comes to an area without living there: a lockdown stops them too."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tracegraph.model.calendar import NEVER
from tracegraph.zones.ground import pick
from tracegraph.zones.redraw.setting import MOVEMENT_DAYS

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.zones.ground import Ground

    Whole: TypeAlias = npt.NDArray[np.int64]


def visitors(ground: Ground) -> Whole:
    """Persons with a stay in each area code in the last days who do not live there.

    Of areas that hold others, at places that lie in none of these.
    """
    visits, since = ground.trace.graph.facts.visits, ground.days_ago(MOVEMENT_DAYS)
    ended = np.where(visits.depart_hi == NEVER, visits.arrive_lo, visits.depart_hi)
    rows = np.flatnonzero((visits.arrive_lo < ground.now) & (ended >= since))
    person = visits.person[rows].astype(np.int64)
    area = pick(ground.area, visits.location[rows].astype(np.int64))
    outside = (area >= 0) & (area != ground.home_area[person])
    size = len(ground.home)
    pairs = np.unique(area[outside] * size + person[outside])
    return np.bincount(pairs // size, minlength=len(ground.tree))
