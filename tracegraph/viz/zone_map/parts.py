"""The finest areas of a plan as a page tells of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.viz.visible import display_text
from tracegraph.viz.zone_map.disclosure import beside_small, reason_told, waiting_told
from tracegraph.viz.zone_map.outlines import is_drawn

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.viz.zone_map.hierarchy import Hierarchy
    from tracegraph.zones.redraw.plan import Plan

ACTIONS = ("tighten", "extend", "split", "merge", "release", "keep")
"""Actions, what a reader has to do something about first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Finest areas in the order in which the page holds them.

    Parameters
    ----------
    labels, actions : list of str
    unsaid : set of str
        Ids and levels that no text may hold.
    order : array
        Row of `plan.areas` of each part.
    place : array
        Part of each row of `plan.areas`.
    now, planned : array
        Number of the label, by row of `plan.areas`.
    action : list of str
        By row of `plan.areas`.
    texts : list of str
        Reasons, clauses and the like; each once.
    facts : dict of str to list
        What is told of each part, by column.
    """

    labels: list[str]
    actions: list[str]
    unsaid: frozenset[str]
    order: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]
    now: npt.NDArray[np.int64]
    planned: npt.NDArray[np.int64]
    action: list[str]
    texts: list[str]
    facts: dict[str, list[Any]] = field(repr=False)


class Texts:
    """Texts by number, so that each stands in the page once."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Give the number of a text; -1 of none."""
        return self._number.setdefault(text, len(self._number)) if text else -1

    def all(self) -> list[str]:
        """List the texts by number."""
        return list(self._number)


def parts(plan: Plan, known: Hierarchy, *, public: bool) -> Parts:
    """Tell of each finest area what this version may."""
    areas = plan.areas
    labels = [str(name) for name in areas["zone_now"].cat.categories]
    now, planned = (_numbers(areas[name]) for name in ("zone_now", "planned"))
    action = [str(one) for one in areas["action"]]
    unsaid = _unsaid(plan, known) if public else frozenset()
    order = _order(plan, known)
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    texts = Texts()
    facts = _facts(plan, known, texts, unsaid, public=public)
    return Parts(
        labels=labels,
        actions=list(dict.fromkeys([*ACTIONS, *action, *map(str, plan.changes["action"])])),
        unsaid=unsaid, order=order, place=place, now=now, planned=planned, action=action,
        texts=texts.all(),
        facts={
            name: [values[row] for row in order.tolist()]
            for name, values in {
                **facts, "from": now.tolist(), "to": planned.tolist(), "action": action
            }.items()
        },
    )  # fmt: skip


def _numbers(label: pd.Series[Any]) -> npt.NDArray[np.int64]:
    return np.asarray(label.cat.codes, dtype=np.int64)


def _unsaid(plan: Plan, known: Hierarchy) -> frozenset[str]:
    """Ids of areas that are not named, and words for levels that are the team's own."""
    ids = {str(area) for area in known.ids[known.is_small]}
    told = zip(plan.trace.graph.area_level, known.level, strict=True)
    return frozenset(ids | {str(given) for given, said in told if given and not said})


def _order(plan: Plan, known: Hierarchy) -> npt.NDArray[np.int64]:
    """Order by id; areas that are not named come last, in an order that tells no id."""
    code = known.finest
    outline = plan.shapes.outline[code]
    fate = [_numbers(plan.areas[name]) for name in ("zone_now", "planned")]

    def place(row: int) -> tuple[float, ...]:
        if not known.is_small[code[row]]:
            return ()
        where = outline[row].bounds if is_drawn(outline[row]) else ()
        return (float(known.told_as[code[row]]), *where, *(float(each[row]) for each in fate))

    rows = sorted(range(code.size), key=lambda row: (bool(place(row)), place(row)))
    return np.array(rows, dtype=np.int64)


def _facts(
    plan: Plan, known: Hierarchy, texts: Texts, unsaid: frozenset[str], *, public: bool
) -> dict[str, list[Any]]:
    areas, code = plan.areas, known.finest
    small = known.is_small[code].tolist()
    uncounted = beside_small(known.parent, code, known.is_small)

    def said(name: str, tell: Any = None) -> list[int]:  # noqa: ANN401  # a function of two
        given = written(areas[name])
        shown = {text: tell(text, unsaid) if tell and public else text for text in set(given)}
        return [
            -1 if few else texts.number(shown[text]) for text, few in zip(given, small, strict=True)
        ]

    def number(name: str) -> list[int | None]:
        values = areas[name].to_numpy(np.int64).tolist()
        return [None if few else value for value, few in zip(values, uncounted, strict=True)]

    facts: dict[str, list[Any]] = {
        "id": _unless(small, [display_text(known.ids[at]) for at in code]),
        "name": [told_name(known, int(at)) for at in code],
        "small": [int(few) for few in small],
        "level": _unless(small, known.level[code].tolist()),
        "reason": said("reason", reason_told),
        "clause": said("clause"),
        "waits": said("release_waits_for", waiting_told),
        "release": dates(areas["release_earliest"]),
        "people": number("population"),
        "households": number("households"),
    }
    return facts if public else {**facts, "vulnerable": number("vulnerable")}


def _unless(few: list[bool], texts: list[str]) -> list[str]:
    """Texts, of few households none."""
    return ["" if left_out else text for text, left_out in zip(texts, few, strict=True)]


def told_name(known: Hierarchy, code: int) -> str:
    """Name of an area, or of the area that it is told as a part of."""
    at = int(known.told_as[code])
    return "" if at < 0 else str(known.name[at])


def written(texts: pd.Series[Any]) -> list[str]:
    """Texts of a column; nothing where it is missing."""
    return ["" if pd.isna(text) else display_text(text) for text in texts.astype("object")]


def dates(moments: pd.Series[Any]) -> list[str]:
    """Dates of a column as text; nothing where there is none."""
    days = pd.to_datetime(moments).dt.strftime("%Y-%m-%d").astype("object")
    return ["" if pd.isna(day) else str(day) for day in days]


def unmapped(plan: Plan, known: Hierarchy, told: Parts) -> list[dict[str, Any]]:
    """Finest areas without an outline, those of one fate in one area together."""
    outline = plan.shapes.outline[known.finest]
    groups: dict[tuple[int, int, int, str], dict[str, Any]] = {}
    for row in told.order.tolist():
        if is_drawn(outline[row]):
            continue
        code = int(known.finest[row])
        at = int(known.told_as[code])
        up = int(known.parent[code]) if at == code else at
        fate = (up, int(told.now[row]), int(told.planned[row]), told.action[row])
        group = groups.setdefault(fate, {
            "within": told_name(known, up) if up >= 0 else "", "from": fate[1], "to": fate[2],
            "action": fate[3], "names": [], "small": 0,
        })  # fmt: skip
        if at == code:
            group["names"].append(told_name(known, code))
        else:
            group["small"] += 1
    return sorted(groups.values(), key=_by_weight(told))


def _by_weight(told: Parts) -> Any:  # noqa: ANN401  # a key to sort by
    def key(row: dict[str, Any]) -> tuple[int, int, str]:
        return told.actions.index(row["action"]), -row["to"], row["within"]

    return key
