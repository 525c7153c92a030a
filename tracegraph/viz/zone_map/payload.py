"""All that a page of zones knows, as plain values: what its template and its script read."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from tracegraph.viz.clock import stamp
from tracegraph.viz.language import words
from tracegraph.viz.visible import display_text
from tracegraph.viz.zone_map.changes import changes, told_to_all
from tracegraph.viz.zone_map.disclosure import FEWEST, FEWEST_HOUSEHOLDS, rounded
from tracegraph.viz.zone_map.hierarchy import hierarchy, short
from tracegraph.viz.zone_map.maps import maps
from tracegraph.viz.zone_map.parts import parts, unmapped, written

if TYPE_CHECKING:
    import pandas as pd

    from tracegraph.viz.zone_map.parts import Parts
    from tracegraph.zones.redraw.plan import Plan

FORMAT = 1
"""Number of the format; one more whenever a page of before could not read it."""


def payload(
    plan: Plan, *, public: bool = True, lang: str = "en", title: str | None = None
) -> dict[str, Any]:
    """Values that the page shows, plain throughout; see `write_zone_map` for the options."""
    dictionary = words(lang, "zones")
    known = hierarchy(plan, public=public)
    told = parts(plan, known, dictionary, public=public)
    rows = changes(plan, known, told, public=public)
    drawn = maps(plan, known, told, rows)
    if public:
        for one in [*rows, *(drawn["patches"] if drawn else ())]:
            told_to_all(one)
    trace = plan.trace
    return {
        "format": FORMAT,
        "lang": lang,
        "words": dictionary,
        "public": public,
        "fewest": FEWEST,
        "fewest_households": FEWEST_HOUSEHOLDS,
        "title": display_text(title or dictionary["page-title"]),
        "protocol": {
            "name": display_text(trace.protocol.name),
            "title": display_text(trace.protocol.title),
        },
        "as_of": stamp(trace.as_of),
        "version": _version(),
        "labels": told.labels,
        "areas": told.facts,
        "texts": told.texts,
        "changes": rows,
        "map": drawn,
        "summary": _summary(plan, told, rows, public=public),
        "unmapped": unmapped(plan, known, told),
        "notes": _notes(plan.notes, public=public),
    }


def _summary(
    plan: Plan, told: Parts, rows: list[dict[str, Any]], *, public: bool
) -> dict[str, Any]:
    return {
        "actions": _actions(told, rows),
        "labels": [_people(plan, told, k, public=public) for k in range(len(told.labels))],
        "beyond": _beyond(plan.beyond_rule, public=public),
    }


def _actions(told: Parts, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many rows of the plan, and finest areas, each action has.

    Each finest area counts once, so that all of them sum up to `plan.areas`. Those of areas that
    are split count by what becomes of them.
    """
    listed, alone = Counter(row["action"] for row in rows), Counter(told.action)
    return [
        {"action": action, "rows": listed[action], "areas": alone[action]}
        for action in told.actions if alone[action]
    ]  # fmt: skip


def _people(plan: Plan, told: Parts, label: int, *, public: bool) -> dict[str, Any]:
    """People of a label before and after."""
    population = plan.areas["population"].to_numpy(np.int64)
    found: dict[str, Any] = {"label": told.labels[label]}
    for when, labels in (("before", told.now), ("after", told.planned)):
        mine = labels == label
        people = int(population[mine].sum())
        found[when] = rounded(people) if public and mine.any() else people
    return found


def _beyond(frame: pd.DataFrame, *, public: bool) -> dict[str, int]:
    """Person-days beyond what the clauses demand, of all areas."""
    columns = {"before": "person_days_now", "after": "person_days_planned"}
    sums = {when: float(frame[name].sum()) for when, name in columns.items()}
    return {when: int(round(days, -2 if public else 0)) for when, days in sums.items()}


def _notes(frame: pd.DataFrame, *, public: bool) -> list[dict[str, Any]]:
    """Notes on the data; in public their topics and how many areas they are about."""
    topics = [short(topic) for topic in frame["topic"]]
    if public:
        told = frame["areas"].groupby(topics, sort=False).sum()
        return [{"topic": topic, "areas": int(n)} for topic, n in told.items()]
    texts = (written(frame["note"]), frame["areas"].tolist(), written(frame["first"]))
    return [
        {"topic": topic, "note": note, "areas": int(n), "first": first}
        for topic, note, n, first in zip(topics, *texts, strict=True)
    ]


def _version() -> str:
    from tracegraph import __version__

    return __version__
