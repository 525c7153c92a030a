"""The changes of a plan as a page lists them: what there is to do first."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.viz.visible import display_text
from tracegraph.viz.zone_map.disclosure import FEWEST, reason_told, waiting_told
from tracegraph.viz.zone_map.parts import dates, told_name, written
from tracegraph.viz.zone_map.patches import SPLIT, STAYS

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.viz.zone_map.hierarchy import Hierarchy
    from tracegraph.viz.zone_map.parts import Parts
    from tracegraph.zones.redraw.plan import Plan


def changes(plan: Plan, known: Hierarchy, told: Parts, *, public: bool) -> list[dict[str, Any]]:
    """Rows of `plan.changes`, each with the finest areas (their numbers in the page) it is about.

    Rows about few households are not named: they keep no more than from what to what they
    change. An area that is split then keeps no sum to take the others off.
    """
    frame = plan.changes
    if frame.empty:
        return []
    inside, code = known.members(), known.ids.get_indexer(pd.Index(frame["area_id"])).tolist()
    texts = {name: written(frame[name]) for name in _TEXTS}
    until = dates(frame["release_earliest"])
    found = []
    for k, at in enumerate(code):
        row = _row(frame.iloc[k], {name: text[k] for name, text in texts.items()}, told)
        row |= {"release": until[k], "level": str(known.level[at]), "area": at}
        row |= {"id": display_text(known.ids[at]), "name": row["name"] or told_name(known, at)}
        row["members"] = told.place[_members(told, inside[at], row)].tolist()
        found.append(_in_public(row, known, told) if public else row)
    if public:
        _hide_sums(found)
    for row in found:
        del row["area"]
    return sorted(found, key=_weight(told))


_TEXTS = ("reason", "clause", "evidence", "name", "release_waits_for", "part", "part_of")
_COUNTS = ("people", "households", "vulnerable")


def _row(given: pd.Series[Any], text: dict[str, str], told: Parts) -> dict[str, Any]:
    return {
        "number": 0,  # until the maps are drawn
        "small": False,
        "rest": text["part"] == "rest",
        "name": text["name"],
        "from": _number(told, given["from_zone"]),
        "to": _number(told, given["to_zone"]),
        "action": str(given["action"]),
        "part_of": text["part_of"],
        "reason": text["reason"],
        "clause": text["clause"],
        "waits": text["release_waits_for"],
        "evidence": text["evidence"],
        **{name: int(given[name]) for name in _COUNTS},
    }


def _in_public(row: dict[str, Any], known: Hierarchy, told: Parts) -> dict[str, Any]:
    """Row as the public may read it."""
    row = {name: value for name, value in row.items() if name not in ("evidence", "vulnerable")}
    row["reason"] = reason_told(row["reason"], told.unsaid)
    row["waits"] = waiting_told(row["waits"], told.unsaid)
    if row["households"] >= FEWEST and not known.is_small[row["area"]]:
        return row
    blank = dict.fromkeys(("id", "level", "reason", "clause", "waits"), "")
    counts = {"people": None, "households": None}
    name = told_name(known, row["area"])
    return {**row, **blank, **counts, "name": name, "small": True, "rest": False}


def _hide_sums(rows: list[dict[str, Any]]) -> None:
    """Leave out the sums over areas that are split, where a part of them is not counted."""
    hidden = {row["part_of"] for row in rows if row["small"]}
    for row in rows:
        if row["action"] == SPLIT and row["id"] in hidden:
            row |= {"people": None, "households": None, "reason": ""}
        if row["small"]:
            row["part_of"] = ""


def by_number(row: dict[str, Any]) -> tuple[bool, float, bool]:
    """Sort by the patch on the map; what has none comes last, and of that what is kept."""
    return row["action"] == STAYS, row["number"] or math.inf, row["action"] != SPLIT


def _weight(told: Parts) -> Any:  # noqa: ANN401  # a key to sort by
    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        people = -1 if row["people"] is None else row["people"]
        return told.actions.index(row["action"]), -row["to"], -people, row["name"]

    return key


def _number(told: Parts, label: object) -> int:
    return told.labels.index(str(label)) if str(label) in told.labels else 0


def _members(
    told: Parts, rows: npt.NDArray[np.int64], row: dict[str, Any]
) -> npt.NDArray[np.int64]:
    """Finest areas inside that go this way; all of an area that is split."""
    if row["action"] == SPLIT:
        return rows
    goes = (told.now[rows] == row["from"]) & (told.planned[rows] == row["to"])
    return np.asarray(rows[goes])
