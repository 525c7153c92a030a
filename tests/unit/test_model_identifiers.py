"""Ids: one dtype for each kind over all tables, codes in the order of the ids."""

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

import tracegraph as tg
from folders import written
from tracegraph import TableError, TimeZoneError, TraceGraph
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


# ---- what spreadsheets, gaps and large numbers make of ids


@pytest.mark.parametrize(
    ("ids", "kept", "pointed"),
    [
        (["7.0", "8.0"], ["7", "8"], 2),
        (["7.0", "8"], ["7", "8"], 1),
        (["7.0", "7", "008"], ["7", "7", "008"], 1),
        ([" 7.0", "-1.0"], ["7", "-1"], 2),
        (["3.0", "3.1"], ["3.0", "3.1"], 0),
        (["7.0", "A"], ["7.0", "A"], 0),
        (["7.00", "8"], ["7.00", "8"], 0),
    ],
)
def test_decimals_that_gaps_made_of_whole_numbers_lose_their_point(ids, kept, pointed):
    read = read_ids(pd.Series(ids, dtype="str", name="person_id"), "cases")
    values = read.values.to_pylist()
    assert [values[code] for code in read.codes] == kept
    assert len(values) == len(set(values))
    assert read.pointed == pointed


def test_file_of_decimals_joins_one_of_whole_numbers():
    frame = visits(["7.0", "8"], ["L", "L"])
    graph = TraceGraph(cases=cases(["7"]), visits=frame, tz=TZ)
    assert graph.person_ids.tolist() == ["7", "8"]
    assert "ids-with-point" in graph.warnings["rule"].tolist()


def test_contact_with_oneself_is_seen_through_a_point():
    contacts = pd.DataFrame({"person_id": ["7.0", "7"], "contact_id": ["7", "8"],
                             "start": ["2022-05-09"] * 2})  # fmt: skip
    graph = TraceGraph(cases=cases(["7"]), contacts=contacts, tz=TZ)
    assert graph.rejects["rule"].tolist() == ["contact-with-oneself"]


@pytest.mark.parametrize(
    "ids",
    [
        pd.Series([2**63, 7], dtype="uint64"),
        pd.Series([2**63, None], dtype="UInt64"),
        pd.Series([2**63, 7], dtype=pd.ArrowDtype(pa.uint64())),
        pd.Series([2**63, 7], dtype="object"),
        pd.Series([2**70, 7], dtype="object"),
        pd.Series([-(2**70), 7], dtype="object"),
    ],
)
def test_integer_that_is_too_large_is_refused_and_not_wrapped(ids):
    with pytest.raises(TableError, match=r"cases\.person_id holds integers of 19 digits and more"):
        TraceGraph(cases=cases(ids), tz=TZ)


@pytest.mark.parametrize("dtype", [pl.UInt64, pl.Int64, pl.UInt32, pl.Int32, pl.UInt8, pl.Int16])
def test_integers_of_every_width_keep_their_gaps(dtype):
    frame = pl.DataFrame({"person_id": [7, 8], "infected_by": [None, 7]}).cast(dtype)
    graph = TraceGraph(cases=frame.with_columns(onset=pl.lit("2022-05-09")), tz=TZ)
    assert graph.cases["infected_by"].tolist() == [pd.NA, 7]


def test_half_a_character_is_written_out():
    ids = pd.Series(["\ud800", "\ud801"], dtype="object")
    keys = pd.Series(["\ud800", None], dtype="object")
    graph = TraceGraph(cases=cases(ids, case_id=keys), tz=TZ)
    assert graph.person_ids.tolist() == ["\\ud800", "\\ud801"]
    assert graph.cases["case_id"].tolist() == ["\\ud800", "\\ud801@2022-05-09"]


def test_keys_of_episodes_may_be_numbers_with_gaps():
    graph = TraceGraph(cases=cases(["A", "B"], case_id=[7.0, None]), tz=TZ)
    assert graph.cases["case_id"].tolist() == ["7", "B@2022-05-09"]


@pytest.mark.parametrize(
    "cell", [["x"], {"a": 1}, {1}, np.array([1]), np.timedelta64(3, "h"), 1j, "\ud800", object()]
)
@pytest.mark.parametrize(
    "column", ["case_id", "sampled", "status", "found_in", "imported", "name", "birth_year", "note"]
)
def test_cell_of_any_type_is_read_or_rejected(cell, column):
    column = {column: pd.Series([cell, cell, None], dtype="object")}
    graph = TraceGraph(cases=cases(["A", "A", "B"], **column), tz=TZ)
    assert graph.counts["rows"][0] == 3
    assert graph.counts["rejected"][0] == len(graph.rejects)


def test_cell_of_a_list_in_arrow_is_a_word():
    status = pd.array([["x"], None], dtype=pd.ArrowDtype(pa.list_(pa.string())))
    assert TraceGraph(cases=cases(["A", "B"], status=status), tz=TZ).statuses == ("['x']",)


def test_numbers_that_are_no_ids_are_refused_beside_missing_ones():
    infector = pd.Series([pd.NA, -np.inf], dtype="object")
    with pytest.raises(TableError, match=r"cases\.infected_by holds decimals"):
        TraceGraph(cases=cases([1, 2], infected_by=infector), tz=TZ)


def test_words_of_booleans_and_numbers_are_told_apart():
    frame = cases(["A", "B", "C"], status=pd.Series([True, 1, 1.5], dtype="object"))
    assert TraceGraph(cases=frame, tz=TZ).statuses == ("1", "1.5", "true")


def test_arrow_table_with_two_columns_of_one_name_is_an_error_of_ours():
    table = pa.table([["A"], ["2022-05-09"], ["x"]], names=["person_id", "onset", "onset"])
    with pytest.raises(TableError, match="cases has two columns 'onset'"):
        TraceGraph(cases=table, tz=TZ)


@pytest.mark.parametrize("tz", [ZoneInfo("Asia/Shanghai"), 8, b"UTC"])
def test_zone_that_is_no_name_is_an_error_of_ours(tz):
    with pytest.raises(TimeZoneError, match="is no time zone"):
        TraceGraph(cases=cases(["A"]), tz=tz)


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        (["31.2", "x"], [31.2, None]),
        (["1e400", "-inf"], [None, None]),
        ([np.inf, 31.2], [None, 31.2]),
        ([["31.2"], 31.2], [None, 31.2]),
        (pd.to_datetime(["2022-05-09", "2022-05-10"]), [None, None]),
        ([31, None], [31, None]),
        (["  ", "31"], [None, 31]),
    ],
)
def test_number_that_is_none_is_left_empty_and_told(cells, kept):
    places = pd.DataFrame({"location_id": ["L", "M"], "kind": "market", "lat": cells})
    graph = TraceGraph(cases=cases(["A"]), locations=places, tz=TZ)
    found = graph.locations["lat"].astype("float64")
    assert [None if np.isnan(number) else number for number in found] == kept
    lost = sum(
        k is None and not (c is None or (isinstance(c, str) and not c.strip()))
        for k, c in zip(kept, cells, strict=True)
    )
    told = graph.warnings.loc[graph.warnings["rule"] == "unreadable-number", "message"].tolist()
    assert [message.partition(" ")[0] for message in told] == [str(lost)] * bool(lost)


# ---- words for nothing, and what nobody sees

STAYS = "person_id,location_id,arrive,depart\n"


def test_place_called_na_is_none_where_people_meet(tmp_path):
    """R writes NA for a missing value: all who were nowhere known would have met there."""
    text = STAYS + "A,NA,2022-05-08 09:00,NA\nB,NA,2022-05-08 09:00,NA\nC,不详,2022-05-08 09:00,\n"
    graph = tg.read(written(tmp_path, {"visits.csv": text}))
    assert graph.location_ids.empty
    assert len(graph.unplaced.person) == 3
    told = graph.warnings[graph.warnings["rule"] == "words-for-nothing"]
    assert told[["column", "value", "message"]].to_numpy().tolist() == [
        ["depart", "NA, NA", "depart: 2 cells with a word for nothing, such as NA, read as empty"],
        [
            "location_id",
            "NA, 不详",
            "location_id: 3 cells with a word for nothing, such as NA, read as empty",
        ],
    ]


def test_row_of_a_person_called_null_is_rejected(tmp_path):
    text = STAYS + "NULL,L,2022-05-08 09:00,\nNadia,L,2022-05-08 09:00,\n"
    graph = tg.read(written(tmp_path, {"visits.csv": text}))
    assert graph.rejects[["column", "value", "rule"]].to_numpy().tolist() == [
        ["person_id", "NULL", "missing-value"]
    ]


@pytest.mark.parametrize("place", ["NAN", "Na", "na", "0", "No", "N", "none of these", "无锡"])
def test_id_that_begins_like_a_word_for_nothing_is_an_id(tmp_path, place):
    graph = tg.read(written(tmp_path, {"visits.csv": STAYS + f"A,{place},2022-05-08,\n"}))
    assert graph.location_ids.tolist() == [place]


def test_ids_of_a_frame_are_what_the_caller_says():
    graph = TraceGraph(cases=cases(["A"]), visits=visits(["A"], ["NA"]), tz=TZ)
    assert graph.location_ids.tolist() == ["NA"]


@pytest.mark.parametrize("onset", ["NA", "unknown", "不详", " - "])
def test_word_for_no_time_is_no_time_and_costs_no_case(onset):
    frame = cases(["A"], sampled="2022-05-10").assign(onset=onset)
    graph = TraceGraph(cases=frame, tz=TZ)
    assert graph.cases["onset"].isna().all()
    assert "words-for-nothing" in graph.warnings["rule"].tolist()


@pytest.mark.parametrize("sign", ["\u200b", "\ufeff", "\u200e", "\u00ad", "\u3000", "\u2028"])
def test_signs_that_nobody_sees_around_an_id_are_blanks(sign):
    frame = visits([f"A{sign}", f" {sign} A", f"{sign}B{sign}C"], ["L"] * 3)
    graph = TraceGraph(cases=cases(["A"]), visits=frame, tz=TZ)
    assert graph.person_ids.tolist() == ["A", f"B{sign}C"]
    assert "blanks-around-ids" in graph.warnings["rule"].tolist()
