"""Measures for whole areas: which are in force, and where."""

import pandas as pd

import tracegraph as tg
from tracegraph.zones.ground import survey
from tracegraph.zones.measures import is_under

AREAS = pd.DataFrame({"area_id": ["C", "T1", "T2", "D"], "parent_id": [None, "C", "C", None]})
ROWS = [
    ("C", "static_management", "2022-05-10 20:00", "2022-05-14 20:00"),
    ("T1", "suspended_events", "2022-05-09", None),
    ("T2", "suspended_events", "2022-05-09", "2022-05-10"),
    ("D", None, "2022-05-09", None),
]


def traced(as_of):
    rows = pd.DataFrame(ROWS, columns=["area_id", "kind", "start", "end"])
    cases = pd.DataFrame({"person_id": ["C1"], "sampled": ["2022-05-09 08:00"]})
    graph = tg.TraceGraph(cases=cases, areas=AREAS, measures=rows, tz="Asia/Shanghai")
    return graph.trace("china-8", as_of=as_of)


def test_measures_hold_for_all_that_lies_inside():
    told = traced("2022-05-12 12:00").zones().set_index("area_id")["measures"]
    assert told.to_dict() == {
        "C": "static_management",
        "T1": "static_management; suspended_events",
        "T2": "static_management",
        "D": "unnamed",
    }


def test_measures_have_a_beginning_and_an_end():
    first = traced("2022-05-10 12:00").zones().set_index("area_id")["measures"]
    assert first[["C", "T1", "T2"]].tolist() == ["", "suspended_events", "suspended_events"]
    assert traced("2022-05-14 20:00").zones()["measures"].tolist()[0] == ""


def test_areas_under_a_measure():
    ground = survey(traced("2022-05-12 12:00"))
    areas = ground.trace.graph.area_ids
    assert areas[is_under(ground, "static_management")].tolist() == ["C", "T1", "T2"]
    assert areas[is_under(ground, "suspended_events")].tolist() == ["T1"]
    assert not is_under(ground, "curfew").any()
