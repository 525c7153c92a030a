"""What a graph warns of: one rule at a time, and never an id in its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from tracegraph.model.graph import TraceGraph

if TYPE_CHECKING:
    from collections.abc import Iterable

ILL = [{"person_id": "Ann", "onset": "2022-05-09 08:00"}]


def graph_of(*, tz: str = "Asia/Shanghai", cases=ILL, **tables) -> TraceGraph:
    """Graph of tables given as lists of rows, or as frames."""
    given = {"cases": cases, **tables}
    frames = {
        name: rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows)
        for name, rows in given.items()
    }
    return TraceGraph(**frames, tz=tz)


def rules(graph: TraceGraph) -> list[str]:
    return graph.warnings["rule"].tolist()


def warned(graph: TraceGraph, rule: str) -> pd.Series:
    """The only warning of a rule; its words tell no id, and how to mend it."""
    found = graph.warnings[graph.warnings["rule"] == rule]
    assert len(found) == 1, f"{len(found)} of {rule}: {rules(graph)}"
    one = found.iloc[0]
    assert one["mend"].endswith(".")
    for text in _ids(graph):
        assert text not in one["message"] + one["mend"], text
    return one


def _ids(graph: TraceGraph) -> Iterable[str]:
    for index in (graph.person_ids, graph.location_ids, graph.area_ids):
        yield from map(str, index)
