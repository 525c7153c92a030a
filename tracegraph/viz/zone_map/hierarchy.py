"""What a page tells of where areas lie: their titles, and how an area is called in public."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.viz.visible import display_text
from tracegraph.viz.zone_map.disclosure import (
    FEWEST,
    FEWEST_HOUSEHOLDS,
    level_told,
)
from tracegraph.zones.tree import AreaTree

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.graph import TraceGraph
    from tracegraph.zones.redraw.plan import Plan

    Whole: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hierarchy:
    """Areas at all levels by code.

    Parameters
    ----------
    ids : Index
    parent : array
        Code of the area around each area; -1 at the top.
    name : array of str
        Shown name; the id where there is none.
    level : array of str
        Empty where the page does not say it.
    finest : array
        Code of each row of `plan.areas`.
    told_as : array
        Area that an area is told of as: itself, or the area around it that it is "a part of";
        -1 where none is large enough.
    """

    ids: pd.Index[Any]
    parent: Whole
    name: npt.NDArray[np.object_]
    level: npt.NDArray[np.object_]
    finest: Whole
    told_as: Whole

    @property
    def is_small(self) -> npt.NDArray[np.bool_]:
        """Areas that the page does not name."""
        return np.asarray(self.told_as != np.arange(self.parent.size))

    def around(self, code: int) -> list[int]:
        """An area and those around it, the smallest first."""
        return AreaTree(parent=self.parent).around(code) if code >= 0 else []

    def members(self) -> list[npt.NDArray[np.int64]]:
        """Rows of `plan.areas` that lie in each area."""
        steps = list(AreaTree(parent=self.parent).upwards(self.finest))
        row, area = (np.concatenate(each) for each in zip(*steps, strict=True))
        order = np.lexsort((row, area))
        return np.split(row[order], np.searchsorted(area[order], np.arange(1, self.parent.size)))


def hierarchy(plan: Plan, *, public: bool) -> Hierarchy:
    """Read the areas of a plan; in public small ones are told as parts of others."""
    graph = plan.trace.graph
    ids = pd.Index(graph.area_ids)
    parent = np.asarray(graph.area_parent, dtype=np.int64)
    finest = ids.get_indexer(pd.Index(plan.areas["area_id"])).astype(np.int64)
    few = _inside(plan, "households", finest, parent) < FEWEST_HOUSEHOLDS
    few |= _inside(plan, "population", finest, parent) < FEWEST
    told_as = AreaTree(parent=parent).nearest(~few) if public else np.arange(len(ids))
    levels = [level_told(text) if public else short(text) for text in graph.area_level]
    return Hierarchy(
        ids=ids, parent=parent, finest=finest, told_as=told_as,
        name=_names(graph, ids), level=np.array(levels, dtype=object),
    )  # fmt: skip


def _inside(plan: Plan, column: str, finest: Whole, parent: Whole) -> Whole:
    return AreaTree(parent=parent).add_up(finest, plan.areas[column]).astype(np.int64)


def short(value: object, most: int = 80) -> str:
    """Text of an id or a name that leaves room for the rest of the page."""
    text = display_text(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _names(graph: TraceGraph, ids: pd.Index[Any]) -> npt.NDArray[np.object_]:
    given = dict(zip(graph.areas["area_id"], graph.areas.get("name", []), strict=False))
    names = [given.get(area) for area in ids]
    return np.array(
        [
            short(area if pd.isna(name) or not str(name).strip() else name)
            for area, name in zip(ids, names, strict=True)
        ],
        dtype=object,
    )
