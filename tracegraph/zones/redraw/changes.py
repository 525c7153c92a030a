"""What changes, in the largest areas that change as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.tracing.tables import ids
from tracegraph.zones.criteria import LABELS
from tracegraph.zones.ground import codes
from tracegraph.zones.labels import ORDERED, PRECAUTION, RESTRICTED
from tracegraph.zones.redraw.zone_parts import connected, range_inside
from tracegraph.zones.tree import NOWHERE

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.zones.redraw.setting import Setting

    Whole: TypeAlias = npt.NDArray[np.int64]
    Flags: TypeAlias = npt.NDArray[np.bool_]

MOST = 3
"""Reasons that a row of changes quotes."""


def actions(setting: Setting, planned: Whole) -> npt.NDArray[np.object_]:
    """What happens in each finest area: keep, tighten, extend, ease or release.

    *Extend* is a rise into a zone that stands today already, of the same label, and grows;
    *ease* a fall to control, which still restricts.
    """
    now = setting.objective.now
    zone = connected(setting, planned)
    stood = np.unique(zone[(zone != NOWHERE) & (now == planned)])
    grows = (planned > now) & np.isin(zone, stood) & (zone != NOWHERE)
    falls = planned < now
    return np.select(
        [grows, planned > now, falls & (planned >= RESTRICTED), falls],
        ["extend", "tighten", "ease", "release"],
        "keep",
    ).astype(object)


def groups(setting: Setting, planned: Whole, split: Whole) -> tuple[Whole, Flags]:
    """Area in which each row changes as one, and whether it is a rest.

    The largest area all of whose parts go from one label to one other, for one demand of one
    area, or beyond all demands. Rows that end under no
    more than precaution are a rest: of the area that is split, or, where they were under no
    more before, of their outermost area.
    """
    tree, now = setting.tree, setting.objective.now
    demand = np.where(planned == setting.objective.demanded, demander(setting), NOWHERE)
    step = (now * len(LABELS) + planned) * (len(tree) + 1) + demand + 1
    least, most = range_inside(tree, setting.finest, step)
    area = setting.finest.copy()
    for position, at in tree.upwards(setting.finest):
        whole = least[at] == most[at]
        area[position[whole]] = at[whole]
    is_rest = (planned <= PRECAUTION) & ((now <= PRECAUTION) | (split != NOWHERE))
    whole = np.where(split == NOWHERE, tree.top()[setting.finest], split)
    return np.where(is_rest, whole, area), is_rest


def changes_table(setting: Setting, areas: pd.DataFrame, planned: Whole) -> pd.DataFrame:
    """One row a change, and one a restricted area that stays as it is; see `Plan.changes`."""
    split = _split(setting, planned)
    area, rest = groups(setting, planned, split)
    rows = areas.assign(
        area=area, rest=rest, part_of=split, is_dated=areas["release_earliest"].notna()
    )
    told = (setting.objective.now != planned) | (planned >= RESTRICTED)
    keys = ["area", "rest", "zone_now", "planned"]
    grouped = rows[told].groupby(keys, sort=False, observed=True)
    table = grouped.agg(
        action=("action", "first"),
        part_of=("part_of", "first"),
        areas=("area", "size"),
        people=("population", "sum"),
        households=("households", "sum"),
        vulnerable=("vulnerable", "sum"),
        risk=("risk", "sum"),
        clause=("clause", "first"),
        reason=("reason", _joined),
        dated=("is_dated", "all"),
        release_earliest=("release_earliest", "max"),
        release_waits_for=("release_waits_for", _joined),
    ).reset_index()
    table.loc[~table["dated"], "release_earliest"] = pd.NaT
    whole = _split_rows(setting, areas, split)
    return _in_words(setting, pd.concat([whole, table], ignore_index=True))


def demander(setting: Setting) -> Whole:
    """Area that demanded what the clauses require, by row; -1 none."""
    graph = setting.ground.trace.graph
    return codes(graph.area_ids, setting.required["required_by"].iloc[setting.finest])


def _joined(texts: pd.Series[str]) -> str:
    """Different texts of a group, at most three."""
    different = texts[texts != ""].unique()
    more = f"; and {len(different) - MOST} more" if len(different) > MOST else ""
    return "; ".join(different[:MOST]) + more


def _split(setting: Setting, planned: Whole) -> Whole:
    """Area around each row that is one zone today and several as planned; -1 none.

    The largest area that is under one label today, control or lockdown.
    """
    tree, now = setting.tree, setting.objective.now
    before, after = (range_inside(tree, setting.finest, label) for label in (now, planned))
    found = np.full(len(now), NOWHERE)
    for position, at in tree.upwards(setting.finest):
        parted = (before[0][at] == before[1][at]) & (before[0][at] >= RESTRICTED)
        parted &= after[0][at] != after[1][at]
        found[position[parted]] = at[parted]
    return found


def _split_rows(setting: Setting, areas: pd.DataFrame, split: Whole) -> pd.DataFrame:
    """One row an area that is split, ahead of its parts; it repeats what they sum to."""
    rows = areas.assign(area=split)[split != NOWHERE]
    grouped = rows.groupby("area", sort=True)
    table = grouped.agg(
        zone_now=("zone_now", "first"),
        planned=("planned", "max"),
        areas=("area", "size"),
        people=("population", "sum"),
        households=("households", "sum"),
        vulnerable=("vulnerable", "sum"),
        risk=("risk", "sum"),
    ).reset_index()
    told = {area: _what_becomes(parts) for area, parts in grouped}
    split_rows: pd.DataFrame = table.assign(
        rest=False,
        action="split",
        part_of=NOWHERE,
        clause="",
        reason=[told[area] for area in table["area"]],
        release_earliest=pd.NaT,
        release_waits_for="",
    )
    return split_rows


def _what_becomes(rows: pd.DataFrame) -> str:
    people = rows.groupby("planned", observed=True)["population"].sum()
    return "of its people, " + ", ".join(f"{n:,} {label}" for label, n in people[::-1].items())


def _in_words(setting: Setting, table: pd.DataFrame) -> pd.DataFrame:
    """Ids and names instead of codes, in the order of a notice: the strongest first."""
    required = setting.required
    area = table["area"].to_numpy(np.int64)
    rest = table["rest"].to_numpy(bool)
    index = setting.ground.trace.graph.area_ids
    words = pd.DataFrame(
        {
            "area_id": ids(index, area),
            "part": np.where(rest, "rest", "whole"),
            "level": required["level"].array[area],
            "name": required["name"].array[area],
            "from_zone": table["zone_now"].astype(ORDERED),
            "to_zone": table["planned"].astype(ORDERED),
            "action": table["action"].astype("str"),
            "part_of": ids(index, table["part_of"].to_numpy(np.int64)),
            "reason": table["reason"].astype("str"),
            "clause": table["clause"].astype("str"),
            "evidence": [
                "" if is_rest else evidence_in_words(setting, code)
                for code, is_rest in zip(area.tolist(), rest.tolist(), strict=True)
            ],
        }
    ).astype({"part": "str", "evidence": "str"})
    numbers = table[["areas", "people", "households", "vulnerable"]].astype(np.int64)
    dates = table["release_earliest"].astype("datetime64[s]")
    rest_of = table[["risk"]].assign(
        release_earliest=dates, release_waits_for=table["release_waits_for"].astype("str")
    )
    whole = pd.concat([words, numbers, rest_of], axis=1)
    whole["_group"] = np.where(table["part_of"] == NOWHERE, area, table["part_of"])
    return _in_order(whole)


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Strongest label first; the parts of a split area stand beneath it."""
    codes = [table[name].cat.codes for name in ("from_zone", "to_zone")]
    strength = pd.concat(codes, axis=1).max(axis=1)
    top = strength.groupby(table["_group"]).transform("max")
    order = pd.DataFrame(
        {
            "strength": -top,
            "group": table["_group"],
            "part": (table["action"] != "split").astype(int),
            "to": -table["to_zone"].cat.codes,
            "rest": table["part"],
            "area": table["area_id"],
        }
    ).sort_values(["strength", "group", "part", "to", "rest", "area"], kind="stable")
    return table.loc[order.index].drop(columns="_group").reset_index(drop=True)


_COUNTED = {
    "cases_resident_infectious": ("case lived", "cases lived"),
    "cases_stayed": ("case stayed", "cases stayed"),
    "exposures": ("exposure", "exposures"),
    "close_contacts_resident": ("close contact lives", "close contacts live"),
    "secondary_contacts_resident": ("secondary contact lives", "secondary contacts live"),
    "venue_contacts": ("venue contact", "venue contacts"),
}


def evidence_in_words(setting: Setting, area: int) -> str:
    """Counts of an area, in words."""
    row = setting.required.iloc[area]
    found = [
        f"{int(row[column]):,} {one if row[column] == 1 else many} here"
        for column, (one, many) in _COUNTED.items()
        if row[column]
    ]
    return "; ".join(found)
