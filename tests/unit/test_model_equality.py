"""Whether two graphs say the same: each difference is found, and named without a value."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import tracegraph as tg
from told import graph_of

BASE = {
    "cases": [
        {"person_id": "Ann", "onset": "2022-05-09", "status": "confirmed", "note": "x"},
        {"person_id": "Ben", "onset": "2022-05-10 08:00", "status": None, "note": None},
    ],
    "visits": [
        {"person_id": "Ann", "location_id": "Mall", "arrive": "2022-05-08 09:00", "seat": "12A"},
        {"person_id": "Cleo", "location_id": None, "arrive": "2022-05-08 09:30", "seat": None},
    ],
    "persons": [
        {"person_id": "Cleo", "same_as": "Ben", "recorded": "2022-05-12"},
        {"person_id": "Dan", "same_as": None, "recorded": None},
    ],
}


def changed(table, row, **cells):
    rows = [dict(r) for r in BASE[table]]
    rows[row] |= cells
    return {**BASE, table: rows}


def differences(one, other):
    found = one.differences(other)
    assert one.equals(other) is found.empty
    assert other.differences(one).equals(found)
    return [tuple(row) for row in found.to_numpy().tolist()]


@pytest.fixture(scope="module")
def base():
    return graph_of(**BASE)


def test_graph_equals_itself_and_one_of_the_same_tables(base):
    assert differences(base, base) == []
    assert differences(base, graph_of(**BASE)) == []


@pytest.mark.parametrize(
    ("tables", "found"),
    [
        (changed("cases", 0, onset="2022-05-08"), ("cases", "onset", "times", 1)),
        (changed("cases", 0, onset="2022-05-09 00:00"), ("cases", "onset", "times", 1)),
        (changed("cases", 0, onset="2022-05-09/2022-05-10"), ("cases", "onset", "times", 1)),
        (changed("cases", 1, status="probable"), ("cases", "status", "words", 1)),
        (changed("cases", 0, note="y"), ("cases", "note", "values", 1)),
        (changed("cases", 1, note="x"), ("cases", "note", "values", 1)),
        (changed("visits", 1, location_id="Mall"), ("visits", "location_id", "ids", 1)),
        (changed("visits", 0, person_id="ann"), ("visits", "person_id", "ids", 1)),
        (changed("visits", 1, seat="1"), ("visits", "seat", "words", 1)),
        (changed("persons", 0, same_as="Dan"), ("persons", "same_as", "ids", 1)),
        ({**BASE, "tests": []}, None),
        ({**BASE, "visits": BASE["visits"][:1]}, ("visits", "", "rows", 1)),
    ],
)
def test_each_difference_is_told_with_its_table_and_column(base, tables, found):
    tables = {name: rows for name, rows in tables.items() if rows}
    told = differences(base, graph_of(**tables))
    assert told == [] if found is None else found in told


def test_row_known_since_another_moment_is_another(base):
    told = differences(base, graph_of(**changed("persons", 0, recorded="2022-05-11")))
    assert told == [("persons", "recorded", "times", 1), ("persons", "", "known", 1)]


def test_made_keys_count_too(base):
    told = differences(base, graph_of(**changed("cases", 0, case_id="K")))
    assert told == [("cases", "case_id", "values", 1)]


def test_zone_and_moment_are_told(base):
    assert ("", "", "time zone", 1) in differences(base, graph_of(**BASE, tz="Asia/Tokyo"))
    assert differences(base.as_of("2022-05-12"), base.as_of("2022-05-13")) == [
        ("", "", "as of", 1),
    ]  # fmt: skip
    late = graph_of(**changed("cases", 0, onset="2022-05-07"))  # another origin
    assert ("", "", "as of", 1) not in differences(
        base.as_of("2022-05-12"), late.as_of("2022-05-12")
    )


def test_table_without_a_row_is_not_no_table(base):
    tests = pd.DataFrame(columns=["person_id", "sampled", "result"])
    told = differences(base, graph_of(**BASE, tests=tests))
    assert told == [("tests", "", "table", 1)]


def test_order_of_rows_counts(base):
    told = differences(base, graph_of(**{**BASE, "cases": BASE["cases"][::-1]}))
    assert ("cases", "person_id", "ids", 2) in told


def test_order_of_columns_and_columns_without_a_value_do_not_count(base):
    cases = [{**dict(reversed(row.items())), "empty": None, "blank": ""} for row in BASE["cases"]]
    assert differences(base, graph_of(**{**BASE, "cases": cases})) == []


def test_rejected_rows_count_but_not_the_files_they_stand_in(base):
    bad = {"person_id": "Eve", "onset": "soon"}
    one, other = (
        graph_of(**{**BASE, "cases": [*BASE["cases"], {**bad, "note": note}]}) for note in "ab"
    )
    assert ("cases", "", "rejects", 1) in differences(base, one)
    assert ("cases", "", "counts", 1) in differences(base, one)
    assert differences(one, other) == []
    worse = graph_of(**{**BASE, "cases": [*BASE["cases"], {**bad, "onset": "never"}]})
    assert differences(one, worse) == [("cases", "", "rejects", 1)]


def test_names_of_files_do_not_count(tmp_path):
    def read(file):
        (tmp_path / file).mkdir()
        (tmp_path / file / file).write_text("person_id,onset\nAnn,2022-05-09\nBen,soon\n")
        return tg.read(tmp_path / file, tz="Asia/Shanghai")

    one, other = read("cases.csv"), read("cases_app2.csv")
    assert one.rejects["file"].tolist() != other.rejects["file"].tolist()
    assert differences(one, other) == []


def test_other_id_of_a_person_is_another_row_although_they_are_one():
    """Nobody knew on 11 May that Cleo is Ben: then the two graphs answer differently."""
    one = graph_of(**changed("visits", 1, person_id="Cleo", location_id="Mall"))
    other = graph_of(**changed("visits", 1, person_id="Ben", location_id="Mall"))
    assert differences(one, other) == [("visits", "person_id", "ids", 1)]


def test_text_and_integer_ids_are_not_equal():
    cases = [{"person_id": p, "onset": "2022-05-09"} for p in ("7", "8")]
    whole = [{**row, "person_id": int(row["person_id"])} for row in cases]
    told = differences(graph_of(cases=cases), graph_of(cases=whole))
    assert ("cases", "person_id", "ids", 2) in told


@pytest.mark.parametrize(
    ("one", "other", "are_equal"),
    [
        ([1, None], [1.0, None], True),
        ([1, 2], ["1", "2"], True),
        ([True, False], ["True", "False"], True),
        ([True, False], [1, 0], False),
        (np.array([1.5, 2], "float32"), [1.5, 2.0], True),
        ([0.1 + 0.2, 1], [0.3, 1], False),
        (pd.Categorical(["a", None]), ["a", None], True),
        ([b"\x01", b"\x02"], ["01", "02"], True),
        ([dt.date(2022, 5, 9), None], ["2022-05-09", None], True),
        (["a ", "b"], ["a", "b"], False),
        (["é", "b"], ["e\u0301", "b"], False),
    ],
)
def test_other_columns_are_compared_as_text(one, other, are_equal):
    def graph(cells):
        return graph_of(cases=pd.DataFrame(BASE["cases"]).assign(extra=cells))

    told = differences(graph(one), graph(other))
    assert (told == []) is are_equal


def test_differences_hold_no_value(base):
    other = graph_of(**changed("cases", 0, onset="2022-05-08", note="secret", status="dead"))
    text = base.differences(other).to_string()
    assert not any(word in text for word in ("secret", "dead", "Ann", "2022", "confirmed"))
