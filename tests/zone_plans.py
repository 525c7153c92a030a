"""Plans of zones to draw: the county on an evening, and seven areas by hand."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

import tracegraph as tg

LABELS = ("none", "precaution", "control", "lockdown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    outline: Any
    notes: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a page reads of a plan."""

    trace: Any
    areas: pd.DataFrame
    changes: pd.DataFrame
    shapes: Shapes
    notes: pd.DataFrame
    beyond_rule: pd.DataFrame


def ordered(labels) -> pd.Categorical:
    return pd.Categorical(labels, categories=LABELS, ordered=True)


def notes(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Notes about one area each: id, topic, note."""
    frame = pd.DataFrame(list(rows), columns=["first", "topic", "note"], dtype="str")
    return frame.assign(areas=1)[["topic", "note", "areas", "first"]]


def outlines(graph) -> np.ndarray:
    """Geometries of the table by area code, as they stand there."""
    found = np.full(len(graph.area_ids), None, dtype=object)
    if "geometry" in graph.areas:
        code = pd.Index(graph.area_ids).get_indexer(graph.areas["area_id"])
        texts = graph.areas["geometry"].astype("object")
        found[code] = [shapely.from_geojson(t) if isinstance(t, str) else None for t in texts]
    return found


def action(now: pd.Series, planned: pd.Series) -> np.ndarray:
    return np.where(planned > now, "tighten", np.where(planned < now, "release", "keep"))


def merged(graph, areas: pd.DataFrame) -> pd.DataFrame:
    """The largest areas of which all parts change in one way."""
    known = pd.Index(graph.area_ids)
    parent = np.asarray(graph.area_parent)
    names = graph.areas.set_index("area_id")["name"]
    way = list(zip(areas["zone_now"], areas["planned"], strict=True))
    ways: dict[int, set] = {}
    inside: dict[int, list[int]] = {}
    for row, area in enumerate(known.get_indexer(areas["area_id"]).tolist()):
        at = area
        while at >= 0:
            ways.setdefault(at, set()).add(way[row])
            inside.setdefault(at, []).append(row)
            at = int(parent[at])
    rows = []
    for area in sorted(ways):
        up = int(parent[area])
        if len(ways[area]) > 1 or (up >= 0 and len(ways[up]) == 1):
            continue
        part = areas.iloc[inside[area]]
        one = part.iloc[0]
        if one["action"] == "keep":
            continue
        rows.append(
            {
                "area_id": known[area],
                "part": "whole",
                "part_of": None,
                "level": graph.area_level[area],
                "name": names.get(known[area], ""),
                "from_zone": one["zone_now"],
                "to_zone": one["planned"],
                "action": one["action"],
                "reason": one["reason"],
                "clause": one["clause"],
                "evidence": "exposures: 37; cases_stayed: 2",
                "people": int(part["population"].sum()),
                "households": int(part["households"].sum()),
                "vulnerable": int(part["vulnerable"].sum()),
                "release_earliest": one["release_earliest"],
                "release_waits_for": one["release_waits_for"],
            }
        )
    frame = pd.DataFrame(rows)
    for name in ("from_zone", "to_zone"):
        frame[name] = ordered(frame[name])
    return frame


@functools.cache
def county(n_people: int = 8_000, evening: str = "2022-05-12 18:00") -> Plan:
    """The county: zones of the evening before, and those that the clauses demand now."""
    graph = tg.datasets.county(seed=1, n_people=n_people).graph()
    moment = pd.Timestamp(evening)
    trace = graph.trace("china-8", as_of=evening)
    now = graph.trace("china-8", as_of=str(moment - pd.Timedelta(days=1))).zones()["required"]
    zones = trace.zones().assign(zone_now=now)
    finest = ~zones["area_id"].isin(zones["parent_id"])
    areas = zones[finest].copy()
    areas["planned"] = ordered(areas["required"].astype("object"))
    around = areas["parent_id"].map(areas.groupby("parent_id")["planned"].max())
    beside = (areas["planned"] == "precaution") & (around == "lockdown")
    areas.loc[beside, "planned"] = "control"
    areas.loc[beside, "reason"] = "adjoins a lockdown; 12 close contacts with their homes here"
    areas["action"] = action(areas["zone_now"], areas["planned"])
    late = (areas["action"] == "keep") & (areas["planned"] == "lockdown")
    areas.loc[late, "action"] = "extend"
    areas["vulnerable"] = areas["population"] // 9
    areas["risk"] = areas["exposures"] * 0.02
    areas["residual_risk"] = areas["risk"] / 2
    areas = areas.reset_index(drop=True)
    return Plan(
        trace=trace,
        areas=areas,
        changes=merged(graph, areas),
        shapes=Shapes(outline=outlines(graph), notes=notes()),
        notes=notes(("A00001", "geometry", "coordinates in 'GCJ-02': converted to WGS-84")),
        beyond_rule=areas[["area_id"]].assign(
            people=areas["population"], person_days_now=areas["population"] * 0.3,
            person_days_planned=areas["population"] * 0.1,
        ),
    )  # fmt: skip


ISLE = "MULTIPOLYGON (((20 0, 30 0, 30 10, 20 10, 20 0)), ((34 4, 36 4, 36 6, 34 6, 34 4)))"
RING = "(10 10, 30 10, 30 20, 10 20, 10 10), (18 13, 22 13, 22 17, 18 17, 18 13)"
HAND_DRAWN = {  # C lies in a hole of B, F has an island, G has no outline
    "T1": (None, "township", "North <b>", None),
    "T2": (None, "township", "South", None),
    "A": ("T1", "compound", "Old town", "POLYGON ((0 10, 10 10, 10 20, 0 20, 0 10))"),
    "B": ("T1", "compound", "Ring", f"POLYGON ({RING})"),
    "C": ("T1", "building", "Tower", "POLYGON ((18 13, 22 13, 22 17, 18 17, 18 13))"),
    "D": ("T2", "compound", "Mill", "POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))"),
    "E": ("T2", "compound", "Ford", "POLYGON ((10 0, 20 0, 20 10, 10 10, 10 0))"),
    "F": ("T2", "compound", "Isle", ISLE),
    "G": ("T2", "compound", "Unmapped", None),
}  # fmt: skip
FATE = {  # now, planned, people, households
    "A": ("none", "control", 400, 110, "7 close contacts with their homes here"),
    "B": ("control", "control", 900, 240, "12 exposures to cases here (control from 5)"),
    "C": ("control", "lockdown", 9, 3, "1 case lived here while infectious (lockdown from 1)"),
    "D": ("lockdown", "none", 300, 80, ""),
    "E": ("precaution", "precaution", 500, 130, "rest of the county"),
    "F": ("none", "lockdown", 60, 14, "3 cases stayed here while infectious (lockdown from 1)"),
    "G": ("none", "control", 80, 20, "8 exposures to cases here"),
}  # fmt: skip


def hand_drawn(
    *, scale: float = 0.01, shapes: bool = True, extra: dict | None = None, prefix: str = ""
) -> Plan:
    """Seven areas of two townships; `extra` columns of `areas`, ids with a prefix."""
    ids = {name: f"{prefix}{name}" for name in HAND_DRAWN}
    table = pd.DataFrame(
        {
            "area_id": list(ids.values()),
            "parent_id": [ids.get(up) for up, *_ in HAND_DRAWN.values()],
            "level": [level for _, level, *_ in HAND_DRAWN.values()],
            "name": [name for *_, name, _ in HAND_DRAWN.values()],
        }
    ).assign(**extra or {})
    graph = tg.TraceGraph(
        cases=pd.DataFrame({"person_id": ["P1"], "onset": ["2022-05-09"]}), areas=table,
        tz="Asia/Shanghai",
    )  # fmt: skip
    trace = graph.trace("china-8", as_of="2022-05-12 18:00")
    areas = table[table["area_id"].isin([ids[name] for name in FATE])].reset_index(drop=True)
    told = pd.DataFrame(
        list(FATE.values()), columns=["zone_now", "planned", "population", "households", "reason"]
    )
    areas = areas.join(told)
    for name in ("zone_now", "planned"):
        areas[name] = ordered(areas[name])
    areas["required"] = areas["planned"]
    areas["action"] = action(areas["zone_now"], areas["planned"])
    areas["vulnerable"] = areas["population"] // 9
    areas["risk"], areas["residual_risk"] = 0.5, 0.1
    areas["clause"] = "zone rules, paragraph 3"
    areas["required_by"] = areas["area_id"]
    areas["release_earliest"] = pd.to_datetime(["2022-05-26"] * 6 + [None]).astype("datetime64[s]")
    areas["release_waits_for"] = (
        "14 days without a case (2022-05-26); a clean screening (now 3 % negative, 2 positive)"
    )
    outline = np.full(len(graph.area_ids), None, dtype=object)
    if shapes:
        for name, (*_, text) in HAND_DRAWN.items():
            if text:
                at = list(graph.area_ids).index(ids[name])
                moved = shapely.transform(shapely.from_wkt(text), lambda c: c * scale + (101, 35))
                outline[at] = moved
    return Plan(
        trace=trace,
        areas=areas,
        changes=merged(graph, areas),
        shapes=Shapes(outline=outline, notes=notes()),
        notes=notes((ids["G"], "geometry", "no geometry: left without outline")),
        beyond_rule=areas[["area_id"]].assign(
            people=areas["population"], person_days_now=100.0, person_days_planned=25.0
        ),
    )
