"""Ids: one dtype for each kind over all tables, codes in the order of the ids."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from tracegraph import TableError, TraceGraph
from tracegraph.model.reading.identifiers import read_ids

TZ = "Asia/Shanghai"


def cases(ids, **more):
    return pd.DataFrame({"person_id": ids, "onset": "2022-05-09", **more})


def visits(persons, places):
    return pd.DataFrame({"person_id": persons, "location_id": places, "arrive": "2022-05-08 09:00"})


@settings(deadline=None)
@given(ids=st.lists(st.text(st.sampled_from("aB0é中 "), max_size=4), min_size=1, max_size=8))
def test_codes_compare_as_the_ids_do(ids):
    kept = [i.strip() for i in ids if i.strip()]
    if not kept:
        return
    graph = TraceGraph(cases=cases(pd.Series(ids, dtype="str")), tz=TZ)
    assert graph.person_ids.tolist() == sorted(set(kept))
    codes = graph.facts.cases.person
    assert graph.person_ids[codes].tolist() == kept
    assert graph.cases["person_id"].tolist() == kept


def test_integers_sort_as_numbers():
    graph = TraceGraph(cases=cases([10, 9, -1]), tz=TZ)
    assert graph.person_ids.tolist() == [-1, 9, 10]
    assert graph.facts.cases.person.tolist() == [2, 1, 0]
    assert graph.cases["person_id"].dtype == np.int64


def test_text_here_and_integer_there_is_an_error_that_names_both():
    with pytest.raises(
        TableError,
        match=r"person ids are text in cases\.person_id and integers"
        r" in visits\.person_id.*\n.*astype\(str\)",
    ):
        TraceGraph(cases=cases(["7"]), visits=visits([7], ["L"]), tz=TZ)


@pytest.mark.parametrize(
    "tables",
    [
        {"persons": pd.DataFrame({"person_id": ["A"], "home_id": [1]})},
        {"locations": pd.DataFrame({"location_id": ["L"], "parent_id": [1]})},
        {"contacts": pd.DataFrame({"person_id": ["A"], "contact_id": [1], "start": "2022-05-09"})},
        {"isolations": pd.DataFrame({"person_id": ["A"], "start": "2022-05-09", "site_id": [3]})},
        {"cases": cases(["A"], infected_by=[7])},
    ],
)
def test_every_column_of_a_kind_is_compared(tables):
    given_tables = {"cases": cases(["A"]), "visits": visits(["A"], ["L"]), **tables}
    with pytest.raises(TableError, match="they would join to nothing"):
        TraceGraph(**given_tables, tz=TZ)


def test_persons_may_be_text_and_places_integers():
    graph = TraceGraph(cases=cases(["A"]), visits=visits(["A"], [3]), tz=TZ)
    assert graph.location_ids.tolist() == [3]


def test_integers_that_gaps_made_decimals_are_integers_again():
    graph = TraceGraph(cases=cases([7, 8], infected_by=[np.nan, 7.0]), tz=TZ)
    assert graph.person_ids.tolist() == [7, 8]
    assert graph.cases["infected_by"].tolist() == [pd.NA, 7]


@pytest.mark.parametrize("ids", [[7.0, 8.0], [7.5, None], [True, False]])
def test_decimals_and_booleans_are_no_ids(ids):
    with pytest.raises(TableError, match=r"cases\.person_id holds"):
        TraceGraph(cases=cases(ids), tz=TZ)


def test_mixture_in_one_column_is_an_error():
    with pytest.raises(TableError, match=r"cases\.person_id holds texts and numbers mixed"):
        TraceGraph(cases=cases(pd.Series(["7", 7], dtype="object")), tz=TZ)


def test_blanks_around_ids_are_removed_with_a_warning():
    graph = TraceGraph(cases=cases(["A "]), visits=visits(["A", " A"], ["L"] * 2), tz=TZ)
    assert graph.person_ids.tolist() == ["A"]
    assert graph.visits["person_id"].tolist() == ["A", "A"]
    trimmed = graph.warnings[graph.warnings["rule"] == "blanks-around-ids"]
    assert trimmed["table"].tolist() == ["cases", "visits"]


def test_leading_zeros_are_kept():
    assert TraceGraph(cases=cases(["007", "7"]), tz=TZ).person_ids.tolist() == ["007", "7"]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(["b", "a", None, "b"], dtype="str"),
        pd.Series(["b", "a", None, "b"], dtype="object"),
        pd.Series(["b", "a", None, "b"], dtype="category"),
        pd.Series(["b", "a", None, "b"], dtype=pd.ArrowDtype(pa.string())),
        pd.Series(["b", "a", None, "b"], dtype=pd.StringDtype("python")),
        pd.Series(pd.array(["b", "a", None, "b"], dtype=pd.ArrowDtype(pa.string()))).astype(
            pd.ArrowDtype(pa.dictionary(pa.int32(), pa.string()))
        ),
        pd.Series([2, 1, None, 2], dtype="Int64"),
        pd.Series([2, 1, None, 2], dtype="float64"),
        pd.Series([2, 1, None, 2], dtype="object"),
        pd.Series([2, 1, None, 2], dtype="category"),
        pd.Series([2, 1, None, 2], dtype=pd.ArrowDtype(pa.int64())),
    ],
)
def test_every_dtype_of_ids_is_factorised(column):
    ids = read_ids(column.rename("person_id"), "cases")
    values = ids.values.to_pylist()
    expected = ["b", "a", None, "b"] if ids.type == "text" else [2, 1, None, 2]
    assert [values[code] if code >= 0 else None for code in ids.codes] == expected


@pytest.mark.parametrize("library", [pl.DataFrame, pl.LazyFrame, pa.table])
def test_large_integers_with_gaps_keep_every_digit(library):
    national = 110101199003070011
    frame = library({"person_id": [national, 5], "infected_by": [None, national],
                     "onset": ["2022-05-09"] * 2})  # fmt: skip
    graph = TraceGraph(cases=frame, tz=TZ)
    assert graph.person_ids.tolist() == [5, national]
    assert graph.cases["infected_by"].tolist() == [pd.NA, national]


def test_ids_of_rejected_rows_are_not_known():
    frame = visits(["A", "B"], ["L1", "L2"]).assign(arrive=["2022-05-08 09:00", "never"])
    graph = TraceGraph(cases=cases(["A"]), visits=frame, tz=TZ)
    assert graph.person_ids.tolist() == ["A"]
    assert graph.location_ids.tolist() == ["L1"]
