"""The changes of a plan as a page lists them: the strongest zones first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.viz.zone_map.disclosure import rounded
from tracegraph.viz.zone_map.hierarchy import short
from tracegraph.viz.zone_map.parts import dates, fate, told_name, written
from tracegraph.viz.zone_map.patches import SPLIT

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.viz.zone_map.hierarchy import Hierarchy
    from tracegraph.viz.zone_map.parts import Parts
    from tracegraph.zones.redraw.plan import Plan

COUNTS = ("people", "households", "vulnerable")


def changes(plan: Plan, known: Hierarchy, told: Parts, *, public: bool) -> list[dict[str, Any]]:
    """Rows of `plan.changes`, each with the finest areas (their numbers in the page) it is about.

    Counts are exact, for `told_to_all` to round once patches are summed. Parts of an area that
    is split stand beneath it.
    """
    frame = plan.changes
    if frame.empty:
        return []
    inside, code = known.members(), known.ids.get_indexer(pd.Index(frame["area_id"])).tolist()
    whole = known.ids.get_indexer(pd.Index(frame["part_of"])).tolist()
    texts = {name: written(frame[name]) for name in ("reason", "evidence", "part")}
    until = dates(frame["release_earliest"])
    population = plan.areas["population"].to_numpy(np.int64)
    found = []
    for k, at in enumerate(code):
        row = _row(frame.iloc[k], known, told, at)
        rows = _members(told, inside[at], row)
        row |= {"rest": texts["part"][k] == "rest" and not row["small"], "release": until[k]}
        row |= {"reason": texts["reason"][k], "evidence": texts["evidence"][k]}
        row |= {"within": told_name(known, whole[k]) if whole[k] >= 0 else ""}
        row |= _said(told, rows, row)
        row["by"] = "" if row["by"] == row["level"] else row["by"]  # it was demanded for the row
        if row["action"] == SPLIT:
            row |= {"to": None, "reason": "", "becomes": _becomes(told, rows, population)}
        row["members"] = told.place[rows].tolist()
        found.append((whole[k] if whole[k] >= 0 else at, _in_public(row) if public else row))
    return _in_order(found, told)


def _row(given: pd.Series[Any], known: Hierarchy, told: Parts, at: int) -> dict[str, Any]:
    to = told.labels.index(str(given["to_zone"]))
    return {
        "number": 0,  # until the maps are drawn
        "becomes": None,
        "id": short(known.ids[at]),
        "name": told_name(known, at),
        "level": str(known.level[at]),
        "small": bool(known.is_small[at]),
        "from": told.labels.index(str(given["from_zone"])),
        "to": to,
        "action": fate(str(given["action"]), to),
        **{name: int(given[name]) for name in COUNTS},
    }


def _members(
    told: Parts, rows: npt.NDArray[np.int64], row: dict[str, Any]
) -> npt.NDArray[np.int64]:
    """Finest areas inside that go this way; all of an area that is split."""
    if row["action"] == SPLIT:
        return rows
    goes = (told.now[rows] == row["from"]) & (told.planned[rows] == row["to"])
    return np.asarray(rows[goes])


def _said(told: Parts, rows: npt.NDArray[np.int64], row: dict[str, Any]) -> dict[str, str]:
    """What the first of its areas says for all."""
    is_silent = row["action"] == SPLIT or not rows.size
    return {name: "" if is_silent else texts[rows[0]] for name, texts in told.said.items()}


def _becomes(
    told: Parts, rows: npt.NDArray[np.int64], population: npt.NDArray[np.int64]
) -> list[list[int]]:
    """Labels that an area is split into, the strongest first, each with its people."""
    labels = np.unique(told.planned[rows])[::-1].tolist()
    return [[k, int(population[rows[told.planned[rows] == k]].sum())] for k in labels]


def _in_public(row: dict[str, Any]) -> dict[str, Any]:
    """Row as the public may read it, its counts aside."""
    row = {name: row[name] for name in row if name not in ("reason", "evidence", "vulnerable")}
    if not row["small"]:
        return row
    blank = dict.fromkeys(("id", "level", "clause", "waits", "by"), "")
    return {**row, **blank, "release": None}


def told_to_all(one: dict[str, Any]) -> None:
    """Round the counts of a row or a patch; of few households there is none."""
    for name in COUNTS[:2]:
        if name in one:
            one[name] = None if one["small"] else rounded(one[name])
    if one.get("becomes"):
        one["becomes"] = [[label, rounded(people)] for label, people in one["becomes"]]


def _in_order(found: list[tuple[int, dict[str, Any]]], told: Parts) -> list[dict[str, Any]]:
    """Strongest label of both sides first, precaution last; parts beneath what is split."""

    def weight(row: dict[str, Any]) -> tuple[Any, ...]:
        people = 0 if row["small"] else -row["people"]  # the order of few tells nothing
        strength = max(row["from"], row["to"] or 0)
        return -strength, told.actions.index(row["action"]), people, row["name"]

    first: dict[int, tuple[Any, ...]] = {}
    for group, row in found:
        if row["action"] != SPLIT:
            first[group] = min(first.get(group, weight(row)), weight(row))

    def place(one: tuple[int, dict[str, Any]]) -> tuple[Any, ...]:
        group, row = one
        return first.get(group, ()), group, row["action"] != SPLIT, weight(row)

    return [row for _, row in sorted(found, key=place)]
