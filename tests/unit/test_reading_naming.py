"""Columns under our names: what `columns=` may say, what is refused, what is told."""

import pandas as pd
import pytest

import tracegraph as tg
from folders import written


def graph_of(cases=None, *, columns=None, **tables):
    cases = {"person_id": ["C1"], "onset": ["2022-05-09"]} if cases is None else cases
    frames = {name: pd.DataFrame(rows) for name, rows in {"cases": cases, **tables}.items()}
    return tg.TraceGraph(**frames, tz="Asia/Shanghai", columns=columns)


def told(graph, rule):
    found = graph.warnings[graph.warnings["rule"] == rule]
    assert len(found) == 1
    return found.iloc[0]


# ---- names that the user gives


@pytest.mark.parametrize(
    "columns",
    [
        {"who": "person_id", "ill": "onset"},
        {"who": "person_id", "cases": {"ill": "onset"}},
        {"cases": {"who": "person_id", "ill": "onset"}},
        {"ill": "sampled", "cases": {"who": "person_id", "ill": "onset"}},
    ],
)
def test_columns_are_renamed_for_all_tables_or_one(columns):
    graph = graph_of({"who": ["C1"], "ill": ["2022-05-09"]}, columns=columns)
    assert graph.cases["onset"].notna().tolist() == [True]


def test_column_kept_as_an_extra_one_is_read_no_more():
    cases = {"person_id": ["C1"], "onset": ["2022-05-01"], "sampled": ["2022-05-09"]}
    graph = graph_of(cases, columns={"onset": None})
    assert graph.cases["onset (2)"].tolist() == ["2022-05-01"]
    assert "onset" not in graph.cases
    assert graph.origins.loc[graph.origins["header"] == "onset", "column"].tolist() == [""]


@pytest.mark.parametrize("order", [["onset", "truth"], ["truth", "onset"]])
def test_another_column_may_take_the_name_of_one_that_is_extra(order):
    cases = pd.DataFrame({"person_id": ["C1"], "onset": ["2022-05-01"], "truth": ["2022-05-09"]})
    cases = cases[["person_id", *order]]
    graph = graph_of(cases, columns={"onset": None, "truth": "onset"})
    assert graph.cases["onset"].dt.day.tolist() == [9]
    assert graph.cases["onset (2)"].tolist() == ["2022-05-01"]


def test_extra_column_called_like_a_lent_one_lends_nothing():
    cases = {"person_id": ["C1"], "onset": ["2022-05-09"], "persons.name": ["x"], "name": ["Kim"]}
    graph = graph_of(cases)
    assert graph.persons["name"].tolist() == ["Kim"]
    assert graph.cases["persons.name (2)"].tolist() == ["x"]


def test_extra_columns_of_one_name_are_numbered_and_kept():
    cases = pd.DataFrame(
        [["C1", "2022-05-09", "a", "b", "c"]],
        columns=["person_id", "onset", "note", "note (2)", "note"],
    )
    graph = graph_of(cases)
    assert graph.cases.columns.tolist()[:5] == [
        "person_id", "onset", "note", "note (2)", "note (3)",
    ]  # fmt: skip
    assert graph.cases.iloc[0, 2:5].tolist() == ["a", "b", "c"]


def test_names_of_columns_that_are_numbers_are_texts():
    frame = pd.DataFrame({0: ["C1"], 1: ["2022-05-09"]})
    for columns in ({0: "person_id", 1: "onset"}, {"cases": {"0": "person_id", 1: "onset"}}):
        assert len(graph_of(frame, columns=columns).cases) == 1


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"ill": "onset"}, r"columns= names a header 'ill' that no table has"),
        ({"onse": "sampled"}, r"a header 'onse' that no table has.*\n.*Write 'onset'"),
        ({"onset": "onst"}, r"columns= makes 'onset' 'onst', not a column of ours\.\n.*'onset'"),
        ({"visits": {"onset": "arrive"}}, r"columns= names a header 'onset' that visits has not"),
        ({"cases": {"onset": "arrive"}}, r"makes 'onset' 'arrive', not a column of cases"),
        ({"visit": {"a": "arrive"}}, r"columns= names 'visit', which is no table\.\n.*'visits'"),
        ({7: "onset"}, r"columns= names a header '7' that no table has"),
        ({"cases": {7: "onset"}}, r"columns= names a header '7' that cases has not"),
        ({"onset": 7}, r"columns= makes 'onset' 7"),
    ],
)
def test_choice_that_means_nothing_is_an_error(columns, message):
    with pytest.raises(tg.TableError, match=f"(?s){message}"):
        graph_of(columns=columns)


def test_two_columns_of_one_name_are_an_error():
    cases = {"person_id": ["C1"], "onset": ["2022-05-09"], "ill": ["2022-05-09"]}
    with pytest.raises(tg.TableError, match="two columns 'onset' after renaming"):
        graph_of(cases, columns={"ill": "onset"})


# ---- columns that are missing


def test_missing_column_is_named_with_what_may_be_meant():
    with pytest.raises(tg.TableError, match=r"visits has no column 'arrive'; it has .*arive") as e:
        graph_of(visits={"person_id": ["C1"], "location_id": ["L"], "arive": ["2022-05-08"]})
    assert """Rename 'arive', or pass columns={"arive": "arrive"}.""" in str(e.value)


def test_name_of_a_person_is_proposed_with_a_warning():
    with pytest.raises(tg.TableError, match="But names are no ids: two people may share one"):
        graph_of({"姓名": ["Kim"], "onset": ["2022-05-09"]})


def test_case_without_a_column_of_times_is_an_error():
    with pytest.raises(tg.TableError, match=r"one of onset, sampled and confirmed.*it has person"):
        graph_of({"person_id": ["C1"], "日期": ["2022-05-09"]})


def test_header_of_two_lines_is_told_in_one(tmp_path):
    text = '"first\nsecond",onset\nC1,2022-05-09\n'
    with pytest.raises(tg.TableError, match=r"it has first\\nsecond, onset\.\n"):
        tg.read(written(tmp_path, {"cases.csv": text}))


def test_long_header_is_cut():
    frame = pd.DataFrame({f"x{i}": ["a"] for i in range(30)})
    with pytest.raises(tg.TableError, match=r"x11, …\.\n") as error:
        graph_of(frame)
    assert "x12" not in str(error.value)


# ---- what is told


def test_second_header_of_one_meaning_is_told():
    cases = {"person_id": ["C1"], "发病日期": ["2022-05-09"], "发病时间": ["8:30"]}
    found = told(graph_of(cases), "second-header")
    assert (found["column"], "发病日期 is taken" in found["message"]) == ("发病时间", True)


@pytest.mark.parametrize("words", [["是", "否"], ["yes", "No "], ["1", "0"], [True, False]])
def test_column_of_yes_and_no_makes_no_home(words):
    graph = graph_of({"person_id": ["A", "B"], "onset": ["2022-05-09"] * 2, "同住": words})
    assert told(graph, "no-ids")["column"] == "同住"
    assert graph.cases["同住"].tolist() == words


def test_column_of_homes_by_a_name_of_ours_is_taken():
    graph = graph_of({"person_id": ["A"], "onset": ["2022-05-09"], "现住址": ["人民路3号"]})
    assert graph.persons["home_id"].tolist() == ["人民路3号"]


def test_origins_say_what_each_header_was_taken_for(tmp_path):
    text = "身份证号;发病日期;note\n007;2022-05-09;x\n"
    origins = tg.read(written(tmp_path, {"cases.csv": text})).origins
    columns = ["file", "separator", "header", "column", "how"]
    assert origins[columns].to_numpy().tolist() == [
        ["cases.csv", ";", "身份证号", "person_id", "built-in name"],
        ["cases.csv", ";", "发病日期", "onset", "built-in name"],
        ["cases.csv", ";", "note", "", "extra"],
    ]


def test_frame_of_a_user_is_not_changed():
    frame = pd.DataFrame({"身份证号": ["007"], "发病日期": ["2022-05-09"], "note": [" x "]})
    before = frame.copy(deep=True)
    graph_of(frame)
    pd.testing.assert_frame_equal(frame, before)
