"""How many trips people made between areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.model.calendar import NEVER
from tracegraph.model.schemas import VEHICLES
from tracegraph.zones.geography.borders import summed
from tracegraph.zones.ground import pick
from tracegraph.zones.tree import NOWHERE

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.zones.ground import Ground

    Whole: TypeAlias = npt.NDArray[np.int64]

HOME_AFTER_S = 30 * 60
"""Time that no stay fills and after which a person was at home. A working value of tracegraph."""


def trips(ground: Ground, since: int, until: int) -> pd.DataFrame:
    """Count trips between areas: changes of area from one stay of a person to the next.

    Time of more than 30 minutes between stays is time at home, if the person has a home: the
    person goes home when the stay before ends, and comes out when the next one begins. Rides
    and places without area fill time and are no end of a trip. A stay without end lasts until
    the next one; before the first and after the last stay nothing is assumed. A trip is made
    at the second in which the person comes in.

    Parameters
    ----------
    ground : Ground
    since, until : int
        Seconds from the graph's origin; trips of [since, until) count.

    Returns
    -------
    DataFrame
        `one`, `other` (int64, codes of the areas in which places lie, `one < other`),
        `trips` (float64), both directions together.

    Examples
    --------
    >>> import pandas as pd, tracegraph as tg
    >>> from tracegraph.zones.ground import survey
    >>> visits = pd.DataFrame({
    ...     "person_id": ["P", "P"], "location_id": ["shop", "school"],
    ...     "arrive": ["2022-05-09 08:00", "2022-05-09 09:00"],
    ...     "depart": ["2022-05-09 08:50", "2022-05-09 12:00"],
    ... })
    >>> graph = tg.TraceGraph(
    ...     cases=pd.DataFrame({"person_id": ["P"], "onset": ["2022-05-09"]}), visits=visits,
    ...     locations=pd.DataFrame({"location_id": ["shop", "school"], "area_id": ["A", "B"]}),
    ...     areas=pd.DataFrame({"area_id": ["A", "B"]}), tz="Asia/Shanghai",
    ... )
    >>> ground = survey(graph.trace("china-8", as_of="2022-05-10"))
    >>> trips(ground, 0, 86_400).to_dict("records")
    [{'one': 0, 'other': 1, 'trips': 1.0}]
    """
    person, arrive, area = _arrivals(ground)
    moves = (person[1:] == person[:-1]) & (area[1:] != area[:-1])
    moves &= (arrive[1:] >= since) & (arrive[1:] < until)
    one, other, count = summed(area[:-1][moves], area[1:][moves], np.ones(int(moves.sum())))
    return pd.DataFrame({"one": one, "other": other, "trips": count})


def _arrivals(ground: Ground) -> tuple[Whole, Whole, Whole]:
    """Person, second and area of each arrival, home in between; by person and time."""
    person, arrive, end, area = _stays(ground)
    first = np.append(True, person[1:] != person[:-1])[: person.size]
    base = 2**33  # more than seconds span: persons stay apart under one running maximum
    until = np.maximum.accumulate(person * base + end) - person * base
    free_since = np.append(0, until)[: person.size]  # when all earlier stays were over
    home = ground.home_area[person]
    went = ~first & (arrive - free_since > HOME_AFTER_S) & (home >= 0)
    at = np.flatnonzero(went)
    person = np.insert(person, at, person[at])
    arrive = np.insert(arrive, at, free_since[at])
    area = np.insert(area, at, home[at])
    inside = area >= 0
    return person[inside], arrive[inside], area[inside]


def _stays(ground: Ground) -> tuple[Whole, Whole, Whole, Whole]:
    """Person, arrival, end and area of each stay, by person and time; -1 is no area."""
    visits = ground.trace.graph.facts.visits
    ends = visits.depart_hi
    # by content, not by row, so that the order of rows changes nothing
    order = np.lexsort((visits.location, ends, visits.arrive_lo, visits.person))
    person, arrive, end, place = (
        column[order].astype(np.int64)
        for column in (visits.person, visits.arrive_lo, ends, visits.location)
    )
    following = np.append(arrive[1:], int(NEVER))[: arrive.size]
    following[:-1][person[1:] != person[:-1]] = int(NEVER)
    end = np.where(end == int(NEVER), following, end)
    area = np.where(_rides(ground)[place], NOWHERE, pick(ground.area, place))
    return person, arrive, end, area


def _rides(ground: Ground) -> npt.NDArray[np.bool_]:
    """Whether each location is a vehicle."""
    graph = ground.trace.graph
    moving = np.array([*(kind in VEHICLES for kind in graph.kinds), False], dtype=bool)
    return np.asarray(moving[graph.facts.locations.kind])
