"""Rows that are rejected, what is warned of, and that every row is accounted for."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from tracegraph import TableError, TraceGraph
from tracegraph.model.assembly import on_cycle

TZ = "Asia/Shanghai"
CASES = pd.DataFrame({"person_id": ["A"], "onset": ["2022-05-09"]})
FINDING = ["table", "file", "row", "column", "value", "rule", "message", "mend"]


def graph_of(**tables):
    return TraceGraph(**{"cases": CASES, "tz": TZ, **tables})


def visits(*rows):
    return pd.DataFrame(rows, columns=["person_id", "location_id", "arrive", "depart"])


def rules(graph):
    return graph.warnings["rule"].tolist()


def warning(graph, rule):
    found = graph.warnings[graph.warnings["rule"] == rule]
    assert len(found) == 1
    return found.iloc[0]


GOOD = ("A", "L", "2022-05-08 09:00", "2022-05-08 10:00")


@pytest.mark.parametrize(
    ("row", "rule", "column", "value"),
    [
        ((None, "L", "2022-05-08 09:00", None), "missing-value", "person_id", ""),
        (("  ", "L", "2022-05-08 09:00", None), "missing-value", "person_id", "  "),
        (("A", "L", None, "2022-05-08 09:00"), "missing-value", "arrive", ""),
        (("A", "L", "May", None), "unreadable-time", "arrive", "May"),
        (("A", "L", "2022-05-08 09:00", "x"), "unreadable-time", "depart", "x"),
        (("A", "L", "1922-05-08 09:00", None), "time-out-of-range", "arrive", "1922-05-08 09:00"),
        (
            ("A", "L", "2022-05-08 09:00", "2022-05-08 08:59"),
            "depart-before-arrive",
            "depart",
            "2022-05-08 08:59",
        ),
        (
            ("A", "L", "2022-05-08 00:01", "2022-05-07"),
            "depart-before-arrive",
            "depart",
            "2022-05-07",
        ),
    ],
)
def test_bad_visit_is_rejected_with_its_reason(row, rule, column, value):
    graph = graph_of(visits=visits(GOOD, row, GOOD))
    assert graph.rejects.columns.tolist() == FINDING
    found = graph.rejects.iloc[0]
    assert (found["table"], found["file"], found["row"]) == ("visits", "", 1)
    assert (found["rule"], found["column"], found["value"]) == (rule, column, value)
    assert found["message"]
    assert found["mend"]
    assert len(graph.rejects) == 1
    assert graph.counts.set_index("table").loc["visits", ["rows", "used", "rejected"]].tolist() == [
        3,
        2,
        1,
    ]


@pytest.mark.parametrize(
    "row",
    [
        ("A", "L", "2022-05-08 09:00", "2022-05-08 09:00"),  # a checkpoint
        ("A", "L", "2022-05-08", "2022-05-08"),
        ("A", "L", "2022-05-08", "2022-05-08 00:00"),
        ("A", "L", "2022-05-08 23:00", "2022-05-08"),
        ("A", "L", "2022-05-09 00:00", "2022-05-08"),  # the date ends as the visit starts
        ("A", None, "2022-05-08 23:00", None),
    ],
)
def test_visit_that_may_be_true_is_used(row):
    assert graph_of(visits=visits(row)).rejects.empty


def test_message_names_both_times():
    graph = graph_of(visits=visits(GOOD, ("A", "L", "2022-05-08 09:00", "2022-05-08 08:00")))
    message = graph.rejects["message"][0]
    assert message == "depart = 2022-05-08 08:00 is before arrive (2022-05-08 09:00)"


def test_braces_in_cells_are_only_text():
    graph = graph_of(visits=visits(GOOD, ("A", "L", "{person_id} {0}", None)))
    assert graph.rejects["message"][0] == "arrive = {person_id} {0} is no time"


def test_row_is_rejected_once():
    graph = graph_of(visits=visits(GOOD, (None, "L", "x", "y")))
    assert graph.rejects["rule"].tolist() == ["missing-value"]


@pytest.mark.parametrize(
    ("table", "columns", "good", "bad", "rule"),
    [
        (
            "cases",
            ["person_id", "onset", "confirmed"],
            ["A", "2022-05-09", None],
            ["A", None, " "],
            "case-without-date",
        ),
        (
            "contacts",
            ["person_id", "contact_id", "start", "end"],
            ["A", "B", "2022-05-09", None],
            ["A", "A", "2022-05-09", None],
            "contact-with-oneself",
        ),
        (
            "contacts",
            ["person_id", "contact_id", "start", "end"],
            ["A", "B", "2022-05-09", None],
            ["A", "B", "2022-05-09", "2022-05-07"],
            "end-before-start",
        ),
        (
            "isolations",
            ["person_id", "start", "end"],
            ["A", "2022-05-09", None],
            ["A", "2022-05-09 10:00", "2022-05-09 09:00"],
            "end-before-start",
        ),
        (
            "tests",
            ["person_id", "sampled", "result"],
            ["A", "2022-05-09", "NEGATIVE "],
            ["A", "2022-05-09", "maybe"],
            "unreadable-result",
        ),
        (
            "tests",
            ["person_id", "sampled", "result"],
            ["A", "2022-05-09", "+"],
            ["A", "2022-05-09", None],
            "missing-value",
        ),
    ],
)
def test_rows_of_the_other_tables_are_judged(table, columns, good, bad, rule):
    frame = pd.DataFrame([good, bad], columns=columns)
    graph = graph_of(**{table: frame})
    assert graph.rejects[["table", "row", "rule"]].to_numpy().tolist() == [[table, 1, rule]]
    with pytest.raises(TableError, match=f"{table}: its only row cannot be used. First: {table} "):
        graph_of(**{table: frame[1:]})


@pytest.mark.parametrize("result", [[1, 0], [1.0, 0.0], [True, False], ["1", "0"]])
def test_results_may_be_numbers_or_booleans(result):
    tests = pd.DataFrame({"person_id": "A", "sampled": "2022-05-09", "result": result})
    assert graph_of(tests=tests).facts.tests.positive.tolist() == [1, 0]


def test_table_without_rows_is_no_error():
    graph = graph_of(visits=visits())
    assert graph.counts["rows"].tolist() == [1, 0]
    assert graph.visits.empty


# --- warnings


def test_undeclared_ids_are_declared_with_one_warning_a_kind():
    graph = graph_of(
        visits=visits(*[(f"P{i}", f"L{i}", "2022-05-08 09:00", None) for i in range(5)]),
        persons=pd.DataFrame({"person_id": ["A", "P0"]}),
        locations=pd.DataFrame({"location_id": ["L0"], "kind": "ward", "area_id": ["g"]}),
    )
    assert warning(graph, "undeclared-person")["value"] == "P1, P2, P3, …"
    assert warning(graph, "undeclared-location")["message"].startswith("4 location ids")
    assert warning(graph, "undeclared-area")["value"] == "g"
    assert len(graph.facts.visits) == 5


def test_persons_need_no_table():
    assert "undeclared-person" not in rules(graph_of())


def test_sixteen_residents_make_a_warning_fifteen_do_not():
    for residents, is_crowded in ((15, False), (16, True)):
        persons = pd.DataFrame({"person_id": [f"P{i}" for i in range(residents)], "home_id": "H"})
        assert ("crowded-home" in rules(graph_of(persons=persons))) is is_crowded


def test_home_that_no_row_declares_is_warned_of():
    graph = graph_of(
        persons=pd.DataFrame({"person_id": ["A"], "home_id": ["H"]}),
        locations=pd.DataFrame({"location_id": ["L"], "kind": ["ward"]}),
    )
    assert warning(graph, "undeclared-home")["value"] == "H"
    assert graph.kinds[graph.facts.locations.kind[0]] == "home"


def test_infected_by_oneself_is_blanked_and_by_a_stranger_warned_of():
    cases = pd.DataFrame(
        {"person_id": ["A", "B"], "onset": "2022-05-09", "infected_by": ["A", "Z"]}
    )
    graph = graph_of(cases=cases)
    assert graph.cases["infected_by"].isna().tolist() == [True, False]
    assert rules(graph)[:2] == ["infected-by-oneself", "infector-is-no-case"]
    assert warning(graph, "infector-is-no-case")["value"] == "Z"
    assert graph.rejects.empty
    assert cases["infected_by"].tolist() == ["A", "Z"]


def test_isolation_that_leaves_nothing_is_warned_of():
    isolations = pd.DataFrame(
        {"person_id": "A", "start": "2022-05-09", "kind": ["home", "central", "ship"]}
    )
    graph = graph_of(isolations=isolations)
    for rule in ("isolation-without-home", "isolation-without-site", "unknown-word"):
        assert warning(graph, rule)["table"] == "isolations"
    assert warning(graph, "unknown-word")["value"] == "ship"
    assert graph.facts.isolations.kind.tolist() == [0, 1, -1]


def test_location_without_kind_and_declared_twice():
    locations = pd.DataFrame(
        {"location_id": ["L", "L", "L", "M", "N"], "kind": [None, "ward", "bus", None, "bus"]}
    )
    graph = graph_of(locations=locations)
    assert warning(graph, "location-without-kind")["value"] == "M"
    assert warning(graph, "declared-twice")["value"] == "L"
    assert graph.kinds[graph.facts.locations.kind[0]] == "ward"
    assert graph.locations["location_id"].tolist() == ["L", "M", "N"]
    assert graph.counts.set_index("table").loc["locations", "used"] == 5


def test_circle_of_parents_is_cut():
    locations = pd.DataFrame(
        {
            "location_id": ["a", "b", "c", "d", "e"],
            "parent_id": ["b", "c", "b", "a", "e"],
            "kind": "x",
        }
    )
    graph = graph_of(locations=locations)
    assert warning(graph, "circular-parents")["message"].startswith("parent_id runs in a circle")
    assert graph.facts.locations.parent.tolist() == [1, -1, -1, 0, -1]
    areas = locations.rename(columns={"location_id": "area_id"}).drop(columns="kind")
    assert graph_of(areas=areas).area_ancestors(3) == [0, 1]


@given(parent=st.lists(st.integers(-1, 5), min_size=6, max_size=6))
def test_cycles_are_the_nodes_that_reach_themselves(parent):
    def reaches_itself(node):
        up = parent[node]
        for _ in parent:
            if up in (node, -1):
                break
            up = parent[up]
        return up == node

    found = on_cycle(np.array(parent, np.int32))
    assert found.tolist() == [reaches_itself(node) for node in range(6)]


def test_two_places_at_once_are_named_and_both_count():
    graph = graph_of(
        visits=visits(
            ("A", "L", "2022-05-08 09:00", "2022-05-08 11:00"),
            ("B", "M", "2022-05-08 09:00", "2022-05-08 11:00"),
            ("A", "M", "2022-05-08 10:00", "2022-05-08 12:00"),
        )
    )
    found = warning(graph, "two-places-at-once")
    assert found["value"] == "A at L and M"
    assert found["message"].startswith("1 visit overlaps a visit of the same person elsewhere")
    assert len(graph.facts.visits) == 3


@pytest.mark.parametrize(
    "second",
    [
        ("A", "M", "2022-05-08 11:00", "2022-05-08 12:00"),  # touching
        ("A", "L", "2022-05-08 10:00", "2022-05-08 12:00"),  # the same place
        ("A", "building", "2022-05-08 10:00", "2022-05-08 12:00"),  # the building of L
        ("A", "M", "2022-05-08", "2022-05-08 12:00"),  # perhaps after
        ("B", "M", "2022-05-08 10:00", "2022-05-08 12:00"),
        ("A", "M", "2022-05-08 10:00", None),
    ],
)
def test_what_need_not_be_two_places_is_not_warned_of(second):
    locations = pd.DataFrame(
        {"location_id": ["L", "building"], "kind": "x", "parent_id": ["building", None]}
    )
    first = ("A", "L", "2022-05-08 09:00", "2022-05-08 11:00")
    graph = graph_of(visits=visits(first, second), locations=locations)
    assert "two-places-at-once" not in rules(graph)


stays = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from("KLM"), st.integers(0, 8), st.integers(0, 4)),
    min_size=1,
    max_size=8,
)


@settings(deadline=None)
@given(rows=stays)
def test_two_places_are_found_when_some_pair_overlaps(rows):
    start = dt.datetime(2022, 5, 8, 9)  # noqa: DTZ001  # local
    table = visits(
        *[
            (p, at, str(start + dt.timedelta(minutes=a)), str(start + dt.timedelta(minutes=a + n)))
            for p, at, a, n in rows
        ]
    )
    overlap = any(
        p == q and x != y and max(a, b) < min(a + m, b + n)
        for i, (p, x, a, m) in enumerate(rows)
        for q, y, b, n in rows[:i]
    )
    assert ("two-places-at-once" in rules(graph_of(visits=table))) is overlap


def test_cases_that_nobody_saw_are_counted():
    graph = graph_of(visits=visits(("a", "L", "2022-05-08 09:00", None)))
    assert "whom they met is unknown" in warning(graph, "case-without-visit")["message"]
    assert graph.cases_without_visit == 1


# --- every row is accounted for

times = st.sampled_from(
    ["2022-05-08", "2022-05-08 09:00", "2022-05-09 10:00", "1990-01-01", "?", "", None]
)
people = st.sampled_from(["A", "B", " A", "", None])


def table_of(**columns):
    row = st.tuples(*columns.values())
    return st.lists(row, max_size=6).map(lambda rows: pd.DataFrame(rows, columns=list(columns)))


@settings(deadline=None)
@given(
    tables=st.fixed_dictionaries(
        {
            "cases": table_of(person_id=people, onset=times, confirmed=times, infected_by=people),
            "visits": table_of(
                person_id=people, location_id=people, arrive=times, depart=times, recorded=times
            ),
            "contacts": table_of(person_id=people, contact_id=people, start=times, end=times),
            "isolations": table_of(person_id=people, start=times, end=times),
            "tests": table_of(
                person_id=people, sampled=times, result=st.sampled_from(["+", "x", None])
            ),
        }
    )
)
def test_rows_are_used_or_rejected(tables):
    try:
        graph = graph_of(**tables)
    except TableError:  # a table of which no row can be used
        return
    counts = graph.counts.set_index("table")
    rejected = graph.rejects.groupby("table").size()
    for name, frame in tables.items():
        assert counts.loc[name, "rows"] == len(frame)
        assert counts.loc[name, "used"] == len(graph.table(name))
        assert counts.loc[name, "rejected"] == rejected.get(name, 0)
        assert len(frame) == counts.loc[name, "used"] + counts.loc[name, "rejected"]
    assert not graph.rejects.duplicated(["table", "row"]).any()
    assert len(graph.facts.visits) + len(graph.unplaced) == len(graph.visits)
