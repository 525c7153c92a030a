"""What stands twice: equal rows, ids declared again, episodes close together."""

import datetime as dt

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from told import ILL, graph_of, rules, warned
from tracegraph.model.checks.repeats import repeated_rows

DAY = "2022-05-09"


def visit(person="Ann", place="Mall", arrive="2022-05-08 09:00", depart="2022-05-08 10:00", **more):
    return {"person_id": person, "location_id": place, "arrive": arrive, "depart": depart, **more}


# ---- equal rows

ROWS = {
    "cases": {"person_id": "Ben", "onset": DAY},
    "persons": {"person_id": "Ben", "name": "x"},
    "locations": {"location_id": "Ben", "kind": "office"},
    "contacts": {"person_id": "Ben", "contact_id": "Dan", "start": DAY},
    "isolations": {"person_id": "Ben", "start": DAY},
    "tests": {"person_id": "Ben", "sampled": DAY, "result": "+"},
    "areas": {"area_id": "Ben", "level": "county"},
    "disinfections": {"location_id": "Ben", "done": DAY},
    "zone_history": {"area_id": "Ben", "zone": "lockdown", "start": DAY},
    "measures": {"area_id": "Ben", "kind": "static_management", "start": DAY},
}


@pytest.mark.parametrize(("table", "row"), ROWS.items())
def test_equal_rows_are_told_with_what_becomes_of_them(table, row):
    other = {k: "Zoe" if v == "Ben" else v for k, v in row.items()}
    found = warned(graph_of(**{table: [row, other, row, row]}), "duplicate-row")
    effect = {
        "cases": "each counts as an episode of its own",
        "contacts": "each is listed as an exposure, and changes nobody's tier",
        **dict.fromkeys(("persons", "locations", "areas"), "the first holds"),
    }.get(table, "they change no answer")
    assert found["message"] == f"2 rows repeat an earlier row; {effect}"
    assert (found["table"], found["value"]) == (table, "Ben")


@pytest.mark.parametrize(("table", "row"), ROWS.items())
def test_rows_that_differ_in_any_cell_are_not_told(table, row):
    rows = [{**row, "note": note} for note in ("a", "b")]
    assert "duplicate-row" not in rules(graph_of(**{table: rows}))


def test_made_key_of_a_case_does_not_make_it_another():
    found = warned(graph_of(cases=ILL * 2), "duplicate-row")
    assert found["message"].startswith("1 row repeats an earlier row; each counts")


@pytest.mark.parametrize("later", ["2022-05-09 00:00", "2022-05-09/2022-05-10"])
def test_date_and_its_midnight_are_not_equal(later):
    cases = [{"person_id": "Ann", "onset": onset} for onset in (DAY, later)]
    assert "duplicate-row" not in rules(graph_of(cases=cases))


ODD = [
    ([[1, 2], [1, 2]], True),
    ([{"a": 1}, {"a": 1}], True),
    ([1, True], False),
    (pd.array([[1], [1]], dtype=pd.ArrowDtype(pa.list_(pa.int64()))), True),
    ([dt.date(2022, 5, 9), dt.date(2022, 5, 9)], True),
]


@pytest.mark.parametrize(("cells", "are_equal"), ODD, ids=["list", "dict", "1", "arrow", "date"])
@pytest.mark.parametrize("name", ["note", "self"])
def test_cells_of_any_type_are_compared(cells, are_equal, name):
    cases = pd.DataFrame({"person_id": "Ann", "onset": [DAY] * 2, name: cells})
    visits = pd.DataFrame([visit(), visit()]).assign(note=cells)
    told = rules(graph_of(cases=cases, visits=visits))
    assert told.count("duplicate-row") == 1 + are_equal


cells = st.sampled_from(["x", "y", None])
stamps = st.sampled_from(["2022-05-09", "2022-05-09 00:00", "2022-05-10", "2022-05-09 08:00"])
frames = st.lists(
    st.tuples(st.sampled_from(["Ann", "Ben"]), stamps, st.one_of(st.none(), stamps), cells),
    min_size=1,
    max_size=8,
)


@settings(deadline=None)
@given(rows=frames)
def test_repeated_rows_are_those_with_an_equal_one_before(rows):
    cases = pd.DataFrame(rows, columns=["person_id", "onset", "sampled", "note"])
    again = repeated_rows(graph_of(cases=cases).tables["cases"])
    assert again.tolist() == [row in rows[:i] for i, row in enumerate(rows)]


# ---- visits: one stay told again


def test_visits_of_the_same_times_are_told_whatever_the_other_columns_say():
    visits = [visit(note="a"), visit(note="a"), visit(note="b"), visit("Ben"), visit("Ben")]
    found = warned(graph_of(visits=visits), "duplicate-row")
    assert found["message"] == (
        "3 rows repeat the person, place and times of an earlier row (2 of them in every column); "
        "they count as one stay"
    )
    assert found["value"] == "Ann, Ben"
    found = warned(graph_of(visits=visits[3:]), "duplicate-row")
    assert found["message"] == (
        "1 row repeats the person, place and times of an earlier row; they count as one stay"
    )


@pytest.mark.parametrize(
    "other",
    [
        visit("Ben"),
        visit(place="Bank"),
        visit(place=None),
        visit(arrive="2022-05-08 09:01"),
        visit(depart=None),
        visit(arrive="2022-05-08", depart="2022-05-08 10:00"),
    ],
)
def test_visit_of_other_times_is_not_told(other):
    assert "duplicate-row" not in rules(graph_of(visits=[visit(), other]))


def test_dates_and_midnights_are_counted_apart():
    """A date and its midnight have one stamp, and are two things."""
    times = [("2022-05-08", "2022-05-08"), ("2022-05-08 00:00", "2022-05-08 00:00")] * 2
    visits = [visit(arrive=arrive, depart=depart) for arrive, depart in times]
    found = warned(graph_of(visits=visits), "duplicate-row")
    assert found["message"].startswith(
        "2 rows repeat the person, place and times of an earlier row;"
    )


# ---- declared twice


@pytest.mark.parametrize("table", ["persons", "locations", "areas"])
def test_id_in_rows_that_differ_is_told(table):
    owner = f"{table[:-1]}_id"
    rows = [{owner: name, "name": note} for name, note in zip("XXYYZ", "abccd", strict=True)]
    rows = [{**row, owner: f"{row[owner]}-1"} for row in rows]
    found = warned(graph_of(**{table: rows}), "declared-twice")
    assert found["message"] == (
        f"1 {table[:-1]} id stands in several rows that contradict one another; the first value "
        "of each column holds"
    )
    assert found["value"] == "X-1"


def test_equal_rows_are_not_declared_twice():
    rows = [{"person_id": "Ann", "name": "x"}] * 2
    told = rules(graph_of(persons=rows))
    assert "declared-twice" not in told
    assert "duplicate-row" in told


# ---- episodes


def test_key_of_two_episodes_is_told():
    cases = [{"person_id": p, "onset": d, "case_id": k} for p, d, k in (
        ("Ann", "2022-05-09", "K7"), ("Ben", "2022-05-10", "K7"), ("Cleo", "2022-05-11", "K7"),
        ("Dan", "2022-05-11", "K8"),
    )]  # fmt: skip
    found = warned(graph_of(cases=cases), "case-id-twice")
    assert found["message"] == (
        "1 case_id stands in several rows; each row counts as an episode of its own"
    )
    assert found["value"] == "K7"
    assert "K7" not in found["message"] + found["mend"]


def test_made_keys_are_never_twice():
    assert "case-id-twice" not in rules(graph_of(cases=ILL * 3))


def test_episodes_of_a_person_within_two_weeks_are_told():
    onsets = [("Ann", "2022-05-09"), ("Ann", "2022-05-23"), ("Ben", "2022-05-09")]
    found = warned(graph_of(cases=[{"person_id": p, "onset": o} for p, o in onsets]),
                   "episodes-close-together")  # fmt: skip
    assert found["message"] == (
        "1 person has several rows that begin within 14 days; their infectious periods are joined"
    )
    assert found["value"] == "Ann"


def test_episodes_of_two_ids_of_one_person_are_told():
    cases = [{"person_id": "Ann", "onset": DAY}, {"person_id": "Ben", "onset": DAY}]
    graph = graph_of(cases=cases, persons=[{"person_id": "Ben", "same_as": "Ann"}])
    assert warned(graph, "episodes-close-together")["value"] == "Ann"


def test_episodes_that_are_far_apart_are_not_told():
    cases = [{"person_id": "Ann", "onset": onset} for onset in ("2022-05-09", "2022-05-24")]
    assert "episodes-close-together" not in rules(graph_of(cases=cases))
