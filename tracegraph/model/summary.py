"""A graph in a few lines: counts, window, warnings; never a row or an id."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracegraph.model.graph import TraceGraph


def _lines(graph: TraceGraph) -> list[tuple[str, str]]:
    """Labels and values."""
    counts = [
        f"{table} {used:,}" + (f" ({rejected:,} rejected)" if rejected else "")
        for table, used, rejected in zip(
            graph.counts["table"].tolist(),
            graph.counts["used"].tolist(),
            graph.counts["rejected"].tolist(),
            strict=True,
        )
    ]
    start = graph.calendar.origin.isoformat()
    stop, as_of = graph.calendar.timestamps([graph.default_as_of_second, graph.as_of_second or 0])
    lines = [
        ("tables", ", ".join(counts)),
        ("persons", f"{graph.n_persons:,}{_merged(graph)}"),
        ("locations", f"{len(graph.location_ids):,}"),
        ("window", f"{start} to {stop:%Y-%m-%d %H:%M} ({graph.tz})"),
        ("cases without any visit", f"{graph.cases_without_visit:,}"),
    ]
    if graph.as_of_second is not None:
        lines.append(("as of", f"{as_of:%Y-%m-%d %H:%M}; {len(graph.facts.cases):,} cases known"))
    rules = graph.warnings["rule"].value_counts()
    if len(rules):
        lines.append(("warnings", ", ".join(sorted(rules.index))))
    return lines


def _merged(graph: TraceGraph) -> str:
    number = len(graph.aliases)
    return f" ({number:,} id{'' if number == 1 else 's'} merged)" if number else ""


def as_text(graph: TraceGraph) -> str:
    """Text for a terminal."""
    return "\n".join(["TraceGraph", *(f"  {label}: {value}" for label, value in _lines(graph))])


def as_html(graph: TraceGraph) -> str:
    """Table for a notebook."""
    cases = {int(code) for code in graph.facts.cases.person.tolist()}
    is_alarming = bool(cases) and graph.cases_without_visit == len(cases)
    rows = []
    for label, value in _lines(graph):
        red = ' style="color:#b00020"' if label.startswith("cases without") and is_alarming else ""
        rows.append(f"<tr><th>{escape(label)}</th><td{red}>{escape(value)}</td></tr>")
    return f"<table><caption>TraceGraph</caption>{''.join(rows)}</table>"
