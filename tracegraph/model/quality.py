"""How complete the tables are: counts of what is missing, out of how many."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.model.calendar import NEVER
from tracegraph.model.schemas import VEHICLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracegraph.model.facts import Flags
    from tracegraph.model.graph import TraceGraph

    Measure: TypeAlias = tuple[str, str, int, int]  # table, what is missing, how often, of how many

COLUMNS = ("table", "measure", "count", "of", "share")


def as_frame(measures: Iterator[Measure]) -> pd.DataFrame:
    """One row a measure; the share is missing where there is nothing to count."""
    frame = pd.DataFrame(list(measures), columns=list(COLUMNS[:-1]))
    frame["share"] = frame["count"] / frame["of"].where(frame["of"] > 0)
    return frame.astype({"table": "str", "measure": "str", "count": "int64", "of": "int64"})


def measures(graph: TraceGraph) -> Iterator[Measure]:
    """Every measure that the tables alone tell."""
    yield from _of_rows(graph)
    yield from _of_cases(graph)
    yield from _of_visits(graph)
    yield from _of_people(graph)
    yield from _of_places(graph)


def _of_rows(graph: TraceGraph) -> Iterator[Measure]:
    counts = graph.counts.groupby("table", sort=False)[["rejected", "rows"]].sum()
    for table, rejected, rows in counts.itertuples():
        yield (str(table), "rows rejected", rejected, rows)


def _of_cases(graph: TraceGraph) -> Iterator[Measure]:
    cases = graph.facts.cases
    people = np.unique(cases.person).size
    yield ("cases", "cases without any visit", graph.cases_without_visit, people)
    yield ("cases", "episodes without onset", _missing(cases.onset_lo), len(cases))


def _missing(ticks: np.ndarray[tuple[int], np.dtype[np.int32]]) -> int:
    return int((ticks == NEVER).sum())


def _of_visits(graph: TraceGraph) -> Iterator[Measure]:
    placed, lost = graph.facts.visits, graph.unplaced
    every = len(placed) + len(lost)
    dated = sum(int((v.arrive_lo < v.arrive_hi).sum()) for v in (placed, lost))
    open_ended = _missing(placed.depart_hi) + _missing(lost.depart_hi)
    yield ("visits", "visits without a place", len(lost), every)
    yield ("visits", "visits without a departure", open_ended, every)
    yield ("visits", "visits known by the day only", dated, every)
    yield ("visits", "visits known from phone or wifi", int(placed.weak.sum()), every)


def _of_people(graph: TraceGraph) -> Iterator[Measure]:
    declared = declared_persons(graph)
    seen = np.zeros(declared.size, bool)
    visits, contacts = graph.facts.visits, graph.facts.contacts
    seen[visits.person] = seen[graph.unplaced.person] = True
    yield ("persons", "people with visits and no row", *_share(~declared, seen))
    reported = np.zeros(declared.size, bool)
    reported[contacts.person] = reported[contacts.contact] = True
    yield ("persons", "reported contacts with no row", *_share(~declared, reported))
    homeless = graph.facts.persons.home < 0
    yield ("persons", "people without a home", *_share(homeless, declared))


def declared_persons(graph: TraceGraph) -> Flags:
    """Whether a row of `persons` declares each person, by code."""
    declared = np.zeros(len(graph.person_ids), bool)
    table = graph.tables.get("persons")
    if table is not None:
        declared[table.code("person_id")] = True
    return declared


def _share(lacks: Flags, among: Flags) -> tuple[int, int]:
    return int((lacks & among).sum()), int(among.sum())


def _of_places(graph: TraceGraph) -> Iterator[Measure]:
    visited = np.zeros(len(graph.location_ids), bool)
    visited[graph.facts.visits.location] = True
    places = graph.facts.locations
    moves = np.array([*(kind in VEHICLES for kind in graph.kinds), False])[places.kind]
    yield ("locations", "visited places without a kind", *_share(places.kind < 0, visited))
    nowhere = places.nearest_area() < 0
    yield ("locations", "visited places without an area", *_share(nowhere, visited & ~moves))
