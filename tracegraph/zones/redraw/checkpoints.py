"""Borders that need guarding, ranked by who crosses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.tracing.tables import ids
from tracegraph.zones.labels import in_words
from tracegraph.zones.redraw.budget import is_guarded
from tracegraph.zones.redraw.setting import last_trips

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.zones.redraw.plan import Plan
    from tracegraph.zones.redraw.setting import Setting

    Whole: TypeAlias = npt.NDArray[np.int64]

KIND = "checkpoint"


def checkpoints_table(plan: Plan) -> pd.DataFrame:
    """One row a guarded border; see `Plan.checkpoints`."""
    setting, label = plan.setting, plan.label
    one, other = setting.objective.one, setting.objective.other
    guarded = is_guarded(label, one, other)
    inner = np.where(label[one] >= label[other], one, other)[guarded]
    outer = (one + other)[guarded] - inner
    now = setting.objective.now
    area = setting.finest
    index = plan.trace.graph.area_ids
    existing = _existing(setting)
    table = pd.DataFrame({
        "area_id": ids(index, area[inner]),
        "planned": in_words(label[inner]),
        "neighbour_id": ids(index, area[outer]),
        "neighbour_planned": in_words(label[outer]),
        "strength": setting.neighbours.strength[guarded],
        "trips": _trips_over(setting, area[inner], area[outer]),
        "today": is_guarded(now, inner, outer),
        "existing": [
            ", ".join(existing.get(a, []) + existing.get(b, []))
            for a, b in zip(area[inner].tolist(), area[outer].tolist(), strict=True)
        ],
    }).astype({"existing": "str"})  # fmt: skip
    order = ["trips", "strength", "area_id", "neighbour_id"]
    return table.sort_values(order, ascending=[False, False, True, True], ignore_index=True)


def _trips_over(setting: Setting, a: Whole, b: Whole) -> npt.NDArray[np.float64]:
    size = len(setting.tree)
    moved = last_trips(setting.ground)
    counted = pd.Series(
        moved["trips"].to_numpy(np.float64),
        index=moved["one"].to_numpy(np.int64) * size + moved["other"].to_numpy(np.int64),
    )
    return counted.reindex(np.minimum(a, b) * size + np.maximum(a, b)).fillna(0).to_numpy()


def _existing(setting: Setting) -> dict[int, list[str]]:
    """Places of kind checkpoint, by finest area."""
    graph = setting.ground.trace.graph
    if KIND not in graph.kinds:
        return {}
    places = np.flatnonzero(graph.facts.locations.kind == graph.kinds.index(KIND))
    found: dict[int, list[str]] = {}
    for place in places.tolist():
        found.setdefault(int(setting.ground.area[place]), []).append(str(graph.location_ids[place]))
    return found
