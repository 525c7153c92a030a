"""One HTML page that says what is wrong with the tables; by default it quotes no cell of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracegraph.model.report import records
from tracegraph.model.rules import rules
from tracegraph.viz.page_text import rendered

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from tracegraph.model.graph import TraceGraph

LISTED = 200
"""Rows of one rule, file and column that the page lists."""


def write_check_page(graph: TraceGraph, path: Path, *, values: bool = False) -> Path:
    """Write files, completeness, rejects and warnings as a page that opens offline.

    Parameters
    ----------
    graph : TraceGraph
    path : Path
        The file; one that exists is replaced.
    values : bool
        Whether cells and ids are quoted. Without them the page may be handed on.
    """
    html = rendered(
        "check",
        values=values,
        counts=records(graph.counts),
        headers=records(graph.origins),
        quality=records(graph.quality()),
        rejects=_grouped(graph.rejects, rules("rejects")),
        warnings=_told(graph.warnings, rules("warnings")),
        n_rejects=len(graph.rejects),
    )
    path.write_text(html, encoding="utf-8", errors="replace", newline="\n")
    return path


def _grouped(rejects: pd.DataFrame, meanings: dict[str, str]) -> list[dict[str, Any]]:
    """Rejected rows by file, rule and column."""
    groups = []
    for (table, file, rule, column), alike in rejects.groupby(
        ["table", "file", "rule", "column"], sort=False
    ):
        rows = records(alike.sort_values("row"))
        groups.append({
            "file": f"{file} ({table})" if file else table, "rule": rule, "column": column,
            "meaning": meanings[str(rule)], "mend": rows[0]["mend"], "number": len(rows),
            "rows": rows[:LISTED],
        })  # fmt: skip
    return groups


def _told(warnings: pd.DataFrame, meanings: dict[str, str]) -> list[dict[str, Any]]:
    return [{**found, "meaning": meanings[found["rule"]]} for found in records(warnings)]
