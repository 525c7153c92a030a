"""Homes of an area: who is inside, who needs help, whose delivery is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.errors import TableError
from tracegraph.tracing.tables import ids
from tracegraph.zones.ground import code_of, pick
from tracegraph.zones.labels import LOCKDOWN, in_numbers, in_words
from tracegraph.zones.redraw.setting import row_of
from tracegraph.zones.residents import residents_inside
from tracegraph.zones.tree import NOWHERE, UNDATED

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.zones.redraw.plan import Plan

    Whole: TypeAlias = npt.NDArray[np.int64]

DELIVERY_DAYS = 2
"""Days from one delivery to the next under lockdown: every second day in the published account
of a county in western China, May 2022; a working value of tracegraph."""


def households_table(plan: Plan, area: object) -> pd.DataFrame:
    """One row a home; see `Plan.households`."""
    setting, graph = plan.setting, plan.trace.graph
    code = code_of(graph.area_ids, area)
    if code == NOWHERE:
        msg = f"no area is called {area!r}.\n    trace.zones() lists every area."
        raise TableError(msg)
    ground = setting.ground
    inside = np.append(setting.tree.inside(code), False)  # nowhere is not inside
    people = _people(plan)
    people = people[inside[ground.home_area[people["person"].to_numpy(np.int64)]]]
    table = people.groupby("home", sort=True).agg(
        persons=("person", "size"),
        inside=("inside", "sum"),
        vulnerable=("vulnerable", "sum"),
        lives_alone=("person", lambda persons: len(persons) == 1),
        close_contacts=("close", "sum"),
        secondary_contacts=("secondary", "sum"),
    )
    home = table.index.to_numpy(np.int64)
    label = pick(plan.label, row_of(setting.tree, setting.finest)[ground.area[home]])
    table.insert(0, "home_id", ids(graph.location_ids, home))
    table.insert(1, "area_id", ids(graph.area_ids, ground.area[home]))
    table.insert(2, "planned", in_words(label))
    table["delivery_due"] = _is_due(plan, ground.area[home], label) & (table["inside"] > 0)
    homes: pd.DataFrame = table.reset_index(drop=True)
    return homes


def _people(plan: Plan) -> pd.DataFrame:
    """Residents with a home: who is inside, vulnerable, a contact."""
    ground, graph = plan.setting.ground, plan.trace.graph
    persons = np.flatnonzero((ground.home >= 0) & (graph.canonical == np.arange(len(ground.home))))
    tiers = plan.trace.tiers
    tier = np.full(len(ground.home), NOWHERE)
    tier[ground.person(tiers["person_id"])] = tiers["tier"].to_numpy(np.int64)
    return pd.DataFrame({
        "person": persons,
        "home": ground.home[persons],
        "inside": np.isin(persons, residents_inside(ground)),
        "vulnerable": ground.vulnerable[persons],
        "close": tier[persons] == 1,
        "secondary": tier[persons] == 2,
    })  # fmt: skip


def _is_due(plan: Plan, area: Whole, label: Whole) -> npt.NDArray[np.bool_]:
    """Every second day from the day the lockdown began; where it begins now, today."""
    ground, required = plan.setting.ground, plan.setting.required
    since = ground.day(ground.seconds(required["zone_since"]))[area]
    locked_now = in_numbers(required["zone_now"])[area] == LOCKDOWN
    is_known = locked_now & (since != UNDATED) & (since <= ground.today)
    began = np.where(is_known, since, ground.today)
    due = (ground.today - began) % DELIVERY_DAYS == 0
    both: npt.NDArray[np.bool_] = (label == LOCKDOWN) & due
    return both
