"""All that a page of zones knows, as plain values: what its template and its script read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.viz.clock import stamp
from tracegraph.viz.language import LANGUAGES
from tracegraph.viz.page_text import own
from tracegraph.viz.visible import display_text
from tracegraph.viz.zone_map.changes import by_number, changes
from tracegraph.viz.zone_map.disclosure import FEWEST, note_told
from tracegraph.viz.zone_map.hierarchy import hierarchy
from tracegraph.viz.zone_map.maps import maps
from tracegraph.viz.zone_map.parts import parts, unmapped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracegraph.viz.zone_map.hierarchy import Hierarchy
    from tracegraph.viz.zone_map.parts import Parts
    from tracegraph.zones.redraw.plan import Plan

FORMAT = 1
"""Number of the format; one more whenever a page of before could not read it."""


def payload(
    plan: Plan, *, public: bool = True, lang: str = "en", title: str | None = None
) -> dict[str, Any]:
    """Values that the page shows, plain throughout; see `write_zone_map` for the options."""
    dictionary = zone_words(lang)
    known = hierarchy(plan, public=public)
    told = parts(plan, known, public=public)
    rows = changes(plan, known, told, public=public)
    drawn = maps(plan, known, told, rows)
    trace = plan.trace
    return {
        "format": FORMAT,
        "lang": lang,
        "words": dictionary,
        "public": public,
        "fewest": FEWEST,
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
        "changes": sorted(rows, key=by_number),
        "map": drawn,
        "summary": _summary(plan, told, rows, public=public),
        "unmapped": unmapped(plan, known, told),
        "notes": _notes(plan, known, told, public=public),
    }


def zone_words(lang: str) -> dict[str, str]:
    """Words of a page of zones.

    Raises
    ------
    ValueError
        If there is no such language.
    """
    if lang not in LANGUAGES:
        message = f"lang is {lang!r}; a page speaks {' or '.join(LANGUAGES)}."
        raise ValueError(message)
    found: dict[str, str] = json.loads(own(f"zones.{lang}.json"))
    return found


def _summary(
    plan: Plan, told: Parts, rows: list[dict[str, Any]], *, public: bool
) -> dict[str, Any]:
    return {
        "actions": _actions(told, rows),
        "labels": [_people(plan, told, k, public=public) for k in range(len(told.labels))],
        "beyond": _beyond(plan.beyond_rule),
    }


def _actions(told: Parts, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many rows of the plan, and finest areas, each action has; what stays comes last."""
    found = []
    for action in told.actions:
        listed = [row for row in rows if row["action"] == action]
        areas = {part for row in listed for part in row["members"]}
        alone = sum(1 for other in told.action if other == action)
        found.append(
            {"action": action, "rows": len(listed), "areas": max(len(areas), alone)}
        )  # fmt: skip
    return [one for one in found if one["areas"]]


def _people(plan: Plan, told: Parts, label: int, *, public: bool) -> dict[str, Any]:
    """People of a label before and after; None where so few households have it."""
    population = plan.areas["population"].to_numpy(np.int64)
    households = plan.areas["households"].to_numpy(np.int64)
    found: dict[str, Any] = {"label": told.labels[label]}
    for when, labels in (("before", told.now), ("after", told.planned)):
        mine = labels == label
        few = public and 0 < households[mine].sum() < FEWEST
        found[when] = None if few else int(population[mine].sum())
        found[f"areas_{when}"] = int(mine.sum())
    return found


def _beyond(frame: pd.DataFrame) -> dict[str, int]:
    """Person-days beyond what the clauses demand, of all areas."""
    columns = {"before": "person_days_now", "after": "person_days_planned"}
    return {when: round(float(frame[name].sum())) for when, name in columns.items()}


def _notes(plan: Plan, known: Hierarchy, told: Parts, *, public: bool) -> list[Mapping[str, Any]]:
    """Notes on the data, those that say one thing together."""
    frame = plan.notes
    code = known.ids.get_indexer(pd.Index(frame["area_id"])).tolist()
    found: dict[tuple[str, str], list[str]] = {}
    for at, topic, text in zip(code, frame["topic"], frame["note"], strict=True):
        shown = display_text(text)
        shown = note_told(shown, told.unsaid) if public else shown
        areas = found.setdefault((display_text(topic), shown), [])
        if at >= 0 and not known.is_small[at]:
            areas.append(str(known.name[at]))
    return [
        {"topic": topic, "note": text, "areas": areas}
        for (topic, text), areas in found.items() if text
    ]  # fmt: skip


def _version() -> str:
    from tracegraph import __version__

    return __version__
