"""Zones as people speak of them: connected areas under one label, today and as planned.

Areas of one label hang together where they are neighbours, and where an area around both
is under that label or a stronger one throughout: the other buildings of a compound are one
control zone, though one of them is locked down. What different orders drew are different
zones of today, though they adjoin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from tracegraph.tracing.tables import ids
from tracegraph.zones.criteria import LABELS
from tracegraph.zones.labels import RESTRICTED, in_words
from tracegraph.zones.tree import NOWHERE

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.zones.redraw.setting import Setting
    from tracegraph.zones.tree import AreaTree

    Whole: TypeAlias = npt.NDArray[np.int64]


def connected(setting: Setting, label: Whole, order: Whole | None = None) -> Whole:
    """Zone of each row, numbered from 0 by their first row; -1 where label < control.

    Areas that different orders drew are different zones.
    """
    rows, objective = len(label), setting.objective
    inside = label >= RESTRICTED
    drawn = label if order is None else (order + 1) * len(LABELS) + label
    joined = inside[objective.one] & (drawn[objective.one] == drawn[objective.other])
    anchor, row = _whole_areas(setting, label)
    kinds = int(drawn.max(initial=0)) + 1
    hubs, hub = np.unique(anchor * kinds + drawn[row], return_inverse=True)
    tail = np.concatenate([objective.one[joined], row])
    head = np.concatenate([objective.other[joined], rows + hub])
    size = rows + hubs.size
    graph = csr_array((np.ones(tail.size, dtype=np.int8), (tail, head)), shape=(size, size))
    part = connected_components(graph, directed=False)[1][:rows]
    zone = np.full(rows, NOWHERE)
    _, first, which = np.unique(part[inside], return_index=True, return_inverse=True)
    zone[inside] = np.argsort(np.argsort(first))[which]
    return zone


def _whole_areas(setting: Setting, label: Whole) -> tuple[Whole, Whole]:
    """Largest area around each restricted row whose every part has at least its label."""
    tree = setting.tree
    weakest, _ = range_inside(tree, setting.finest, label)
    own, outermost = np.zeros(len(tree), dtype=np.int64), setting.finest.copy()
    own[setting.finest] = label
    for position, at in tree.upwards(setting.finest):
        whole = weakest[at] >= label[position]
        outermost[position[whole]] = at[whole]
    row = np.flatnonzero(label >= RESTRICTED)
    return outermost[row], row


def range_inside(tree: AreaTree, finest: Whole, value: Whole) -> tuple[Whole, Whole]:
    """Least and greatest value of the finest areas in each area."""
    least = np.full(len(tree), value.max(initial=0) + 1)
    most = np.full(len(tree), value.min(initial=0) - 1)
    for position, at in tree.upwards(finest):
        np.minimum.at(least, at, value[position])
        np.maximum.at(most, at, value[position])
    return least, most


def zones_table(setting: Setting, planned: Whole) -> pd.DataFrame:
    """One row a zone, today's and the planned ones, with what becomes of it."""
    now = setting.objective.now
    rows = pd.DataFrame({
        "area": setting.finest,
        "people": setting.objective.people,
        "label_now": now,
        "label_planned": planned,
        "now": connected(setting, now, setting.order),
        "planned": connected(setting, planned),
    })  # fmt: skip
    # not one zone turned into another, but areas that keep their label
    rows["kept"] = (now == planned) & (now >= RESTRICTED)
    rows = rows.join(_names(rows, "now")).join(_names(rows, "planned"))
    sides = [_one_side(rows, "now", "planned"), _one_side(rows, "planned", "now")]
    table = pd.concat(sides, ignore_index=True)
    holder = [_smallest_around(setting.tree, area) for area in table.pop("inside")]
    area_ids = ids(setting.ground.trace.graph.area_ids, np.array(holder, dtype=np.int64))
    table.insert(3, "area_id", pd.Series(area_ids))
    return table


def _names(rows: pd.DataFrame, when: str) -> pd.Series[str]:
    """Name of each row's zone, such as "lockdown 2", numbered by the first area of each."""
    zones = rows.loc[rows[when] != NOWHERE, [when, f"label_{when}"]].drop_duplicates(when)
    number = zones.groupby(f"label_{when}").cumcount() + 1
    label = np.array(LABELS, dtype=object)[zones[f"label_{when}"].to_numpy(np.int64)]
    named = dict(zip(zones[when], label + " " + number.astype(str).to_numpy(object), strict=True))
    return rows[when].map(named).rename(f"name_{when}")


def _one_side(rows: pd.DataFrame, when: str, other: str) -> pd.DataFrame:
    kept_in = rows[other].where(rows["kept"])
    size = rows.groupby(other).size()
    partners = rows[rows["kept"]].groupby(other)[when].nunique()
    facts = {"met": kept_in, "theirs": kept_in.map(size), "sharing": kept_in.map(partners)}
    mine = rows.assign(**facts)[rows[when] != NOWHERE]
    table = mine.groupby(when, sort=True).agg(
        zone=(f"name_{when}", "first"),
        label=(f"label_{when}", "first"),
        areas=("area", "size"),
        people=("people", "sum"),
        others=(f"name_{other}", lambda names: ", ".join(names.dropna().unique())),
        inside=("area", list),
        least=(f"label_{other}", "min"),
        most=(f"label_{other}", "max"),
        kept=("kept", "sum"),
        counterparts=("met", "nunique"),
        theirs=("theirs", "max"),
        sharing=("sharing", "max"),
    )
    judge = _became if when == "now" else _came
    action = [judge(row) for row in table.itertuples(index=False)]
    return pd.DataFrame({
        "when": pd.array([when] * len(table), dtype="str"),
        "zone": table["zone"].astype("str"),
        "label": in_words(table["label"]),
        "areas": table["areas"].astype(np.int64),
        "people": table["people"].round().astype(np.int64),
        "action": pd.array(action, dtype="str"),
        "others": table["others"].astype("str"),
        "inside": table["inside"],
    })  # fmt: skip


def _became(zone: Any) -> str:  # noqa: ANN401  # a named tuple of pandas
    """What becomes of a zone of today."""
    if not zone.kept:
        if zone.least != zone.most:
            return "split"
        if zone.least > zone.label:
            return "tighten"
        return "ease" if zone.least >= RESTRICTED else "release"
    if zone.counterparts > 1 or zone.kept < zone.areas:
        return "split"
    if zone.sharing > 1:
        return "merge"
    return "extend" if zone.theirs > zone.areas else "keep"


def _came(zone: Any) -> str:  # noqa: ANN401
    """How a planned zone comes about."""
    if not zone.kept:
        return "new"
    if zone.counterparts > 1:
        return "merge"
    if zone.theirs > zone.kept:
        return "split"
    return "extend" if zone.kept < zone.areas else "keep"


def _smallest_around(tree: AreaTree, area: list[int]) -> int:
    """Smallest area that holds all of these; -1 where none does."""
    around = tree.around(area[0])
    for other in area[1:]:
        above = set(tree.around(other))
        around = [at for at in around if at in above]
    return around[0] if around else NOWHERE
