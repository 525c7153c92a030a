"""Where people go, who stays at home, and which areas stand still, as of now."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.model.calendar import NEVER
from tracegraph.model.schemas import VEHICLES
from tracegraph.zones.ground import HOME
from tracegraph.zones.measures import is_under

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.zones.ground import Ground

    Whole: TypeAlias = npt.NDArray[np.int64]
    Flags: TypeAlias = npt.NDArray[np.bool_]

NO_PLACE_OF_HABIT = VEHICLES | {"isolation_site", "isolation_room"}
"""Kinds of places that say nothing about where somebody goes; see `habits`."""
STATIC = "static_management"


def habits(ground: Ground, persons: Whole, days: float) -> pd.DataFrame:
    """Where each of `persons` spent the last days outside home.

    By minutes of recorded stays. Left out are rides, isolation sites, and stays during the
    person's own isolation. Who has no stay is taken to go about near home.

    Returns
    -------
    DataFrame
        `person` (code), `area` (the place's; -1 none), `share` (of the person's minutes).
        One row a person and area; the shares of a person add up to 1.
    """
    stays = _recent_stays(ground, persons, days)
    where = stays.groupby(["person", "area"])["seconds"].sum().reset_index()
    where["share"] = where["seconds"] / where.groupby("person")["seconds"].transform("sum")
    unseen = np.setdiff1d(persons, where["person"].to_numpy())
    near_home = pd.DataFrame({"person": unseen, "area": ground.home_area[unseen], "share": 1.0})
    return pd.concat([where.drop(columns="seconds"), near_home], ignore_index=True)


def _recent_stays(ground: Ground, persons: Whole, days: float) -> pd.DataFrame:
    """Stays outside home in the last days: `person`, `area`, `seconds`."""
    view, since = ground.trace.outer, ground.now - round(days * 86_400)
    asked = np.zeros(len(ground.home), dtype=bool)
    asked[persons] = True
    index = view.stays_of(asked)
    every, rows = index.stays, index.of_persons(asked)
    person, place = every.person[rows].astype(np.int64), every.location[rows].astype(np.int64)
    arrive = np.maximum(every.arrive[rows].astype(np.int64), since)
    seconds = np.minimum(every.depart[rows].astype(np.int64), ground.now) - arrive
    counts = (seconds > 0) & (place != ground.home[person]) & _are_places_of_habit(ground)[place]
    kept = np.flatnonzero(counts)
    kept = kept[~ground.is_away(person[kept], arrive[kept])]
    stays = {"person": person, "area": ground.area[place], "seconds": seconds}
    return pd.DataFrame({name: values[kept] for name, values in stays.items()})


def _are_places_of_habit(ground: Ground) -> Flags:
    graph = ground.trace.graph
    named = [kind not in NO_PLACE_OF_HABIT for kind in graph.kinds]
    return np.array([*named, True])[graph.facts.locations.kind]


def in_home_isolation(ground: Ground, persons: Whole) -> Flags:
    """Whether each of `persons` certainly is in home isolation as of now."""
    graph = ground.trace.graph
    table = graph.facts.isolations.take(graph.facts.isolations.kind == HOME)
    now = (table.start_hi <= ground.now) & (ground.now < table.end_lo)
    inside = table.person[now]
    if ground.trace.protocol.window.isolation_kind == "home":
        cases = graph.facts.cases
        isolated = (cases.isolated_lo != NEVER) & (cases.isolated_hi <= ground.now)
        inside = np.concatenate([inside, cases.person[isolated]])
    return np.isin(persons, inside)


def stand_still(ground: Ground, areas: Whole) -> Flags:
    """Whether static management is in force over each area, or over one around it."""
    return np.append(is_under(ground, STATIC), False)[areas]  # nowhere is under nothing
