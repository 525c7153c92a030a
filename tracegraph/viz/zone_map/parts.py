"""The finest areas of a plan as a page tells of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.viz.visible import display_text
from tracegraph.viz.zone_map.disclosure import conditions, rounded
from tracegraph.viz.zone_map.hierarchy import short
from tracegraph.viz.zone_map.outlines import is_drawn
from tracegraph.zones.labels import RESTRICTED, in_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from tracegraph.viz.zone_map.hierarchy import Hierarchy
    from tracegraph.zones.redraw.plan import Plan

ACTIONS = ("tighten", "extend", "split", "stay", "ease", "release", "keep")
"""What happens to an area, what a reader has to do something about first: of those that a plan
keeps, the restricted ones *stay* closed; of those it releases, some are only *eased*."""

_LONG_WORD = re.compile(r"(\S{60})\S{20,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Finest areas in the order in which the page holds them.

    Parameters
    ----------
    labels, actions : list of str
    order : array
        Row of `plan.areas` of each part.
    place : array
        Part of each row of `plan.areas`.
    now, planned : array
        Number of the label, by row of `plan.areas`.
    action : list of str
        By row of `plan.areas`.
    said : dict of str to list of str
        By row of `plan.areas`: `clause`, `by` (level that it was demanded for, where that is not
        the area itself) and `waits`, also of areas that facts are silent about.
    texts : list of str
        Reasons, clauses and the like; each once.
    facts : dict of str to list
        What is told of each part, by column.
    """

    labels: list[str]
    actions: list[str]
    order: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]
    now: npt.NDArray[np.int64]
    planned: npt.NDArray[np.int64]
    action: list[str]
    said: dict[str, list[str]] = field(repr=False)
    texts: list[str]
    facts: dict[str, list[Any]] = field(repr=False)


def fate(action: str, label: int) -> str:
    """Action in the words of a notice.

    Examples
    --------
    >>> fate("release", 1), fate("release", 2), fate("keep", 3)
    ('release', 'ease', 'stay')
    """
    closed = {"release": "ease", "keep": "stay"}
    return closed.get(action, action) if label >= RESTRICTED else action


def parts(plan: Plan, known: Hierarchy, words: Mapping[str, str], *, public: bool) -> Parts:
    """Tell of each finest area what this version may."""
    areas = plan.areas
    labels = [str(name) for name in areas["zone_now"].cat.categories]
    now, planned = (in_numbers(areas[name]) for name in ("zone_now", "planned"))
    action = [fate(str(one), to) for one, to in zip(areas["action"], planned, strict=True)]
    order = _order(plan, known)
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    said = {
        "clause": _clauses(areas, words) if public else written(areas["clause"]),
        "by": _demanded_for(areas, known),
        "waits": _conditions(plan, words) if public else written(areas["release_waits_for"]),
    }
    facts, texts = _facts(plan, known, said, public=public)
    facts |= {"from": now.tolist(), "to": planned.tolist(), "action": action}
    return Parts(
        labels=labels,
        actions=list(dict.fromkeys([*ACTIONS, *action, *map(str, plan.changes["action"])])),
        order=order, place=place, now=now, planned=planned, action=action, said=said, texts=texts,
        facts={
            name: [values[row] for row in order.tolist()] for name, values in facts.items()
        },
    )  # fmt: skip


def _clauses(areas: pd.DataFrame, words: Mapping[str, str]) -> list[str]:
    """Clause of each area; where the plan draws more or less than it, that."""
    more = (areas["planned"] > areas["required"]).to_numpy()
    less = (areas["planned"] < areas["required"]).to_numpy()
    own = written(areas["clause"])
    told = np.select([more, less], [words["no-clause"], words["below-clause"]], own)
    return [str(text) for text in told]


def _demanded_for(areas: pd.DataFrame, known: Hierarchy) -> list[str]:
    code = known.ids.get_indexer(pd.Index(areas["required_by"]))
    is_told = (code >= 0) & (code != known.finest) & (areas["clause"] != "").to_numpy()
    return [str(level) for level in np.where(is_told, known.level[code], "")]


def _conditions(plan: Plan, words: Mapping[str, str]) -> list[str]:
    """Kinds of conditions that the release of each planned label asks for, where one is open."""
    areas, zones = plan.areas, plan.trace.protocol.zones
    labels = areas["planned"].cat.categories
    if zones is None:  # then nothing was demanded either
        return [""] * len(areas)
    asked = {k: conditions(zones, label, words) if k else "" for k, label in enumerate(labels)}
    more = (areas["planned"] > areas["required"]).to_numpy()
    is_open = np.array([bool(text) for text in written(areas["release_waits_for"])])
    planned = in_numbers(areas["planned"]).tolist()
    found = np.array([asked[k] for k in planned], dtype=object)
    return [str(text) for text in np.select([more, is_open], [words["until-plan"], found], "")]


def _order(plan: Plan, known: Hierarchy) -> npt.NDArray[np.int64]:
    """Order by id; areas that are not named come last, in an order that tells no id."""
    code = known.finest
    outline = plan.shapes.outline[code]
    way = [in_numbers(plan.areas[name]) for name in ("zone_now", "planned")]

    def place(row: int) -> tuple[float, ...]:
        if not known.is_small[code[row]]:
            return ()
        where = outline[row].bounds if is_drawn(outline[row]) else ()
        return (float(known.told_as[code[row]]), *where, *(float(each[row]) for each in way))

    rows = sorted(range(code.size), key=lambda row: (bool(place(row)), place(row)))
    return np.array(rows, dtype=np.int64)


def _facts(
    plan: Plan, known: Hierarchy, said: Mapping[str, list[str]], *, public: bool
) -> tuple[dict[str, list[Any]], list[str]]:
    """Facts by row of `plan.areas`, and the texts that they number; of few there is none."""
    areas, code = plan.areas, known.finest
    small = known.is_small[code].tolist()
    numbers: dict[str, int] = {"": -1}

    def told(values: list[Any], nothing: Any = "") -> list[Any]:  # noqa: ANN401  # any value
        return [nothing if few else value for value, few in zip(values, small, strict=True)]

    def numbered(texts: list[str]) -> list[int]:
        return [numbers.setdefault(text, len(numbers) - 1) for text in told(texts)]

    def counts(name: str) -> list[int | None]:
        values = areas[name].to_numpy(np.int64).tolist()
        return told([rounded(value) for value in values] if public else values, None)

    facts = {
        "id": told([short(known.ids[at]) for at in code]),
        "name": [told_name(known, int(at)) for at in code],
        "small": [int(few) for few in small],
        "level": told(known.level[code].tolist()),
        "release": told(dates(areas["release_earliest"]), None),
        "people": counts("population"),
        "households": counts("households"),
        **{name: numbered(texts) for name, texts in said.items()},
    }
    if not public:
        facts |= {"reason": numbered(written(areas["reason"])), "vulnerable": counts("vulnerable")}
    return facts, list(numbers)[1:]


def told_name(known: Hierarchy, code: int) -> str:
    """Name of an area, or of the area that it is told as a part of."""
    at = int(known.told_as[code])
    return "" if at < 0 else str(known.name[at])


def written(texts: pd.Series[Any]) -> list[str]:
    """Texts of a column, endless words cut short; nothing where it is missing."""
    found = ["" if pd.isna(text) else display_text(text) for text in texts.astype("object")]
    return [_LONG_WORD.sub(r"\1…", text) for text in found]


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
        way = (up, int(told.now[row]), int(told.planned[row]), told.action[row])
        group = groups.setdefault(way, {
            "within": told_name(known, up) if up >= 0 else "", "from": way[1], "to": way[2],
            "action": way[3], "names": [], "small": 0,
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
