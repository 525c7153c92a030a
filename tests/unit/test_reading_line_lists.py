"""Persons whom a line list tells of: each row of a case may give one, and is told."""

import pandas as pd
import pytest

import tracegraph as tg
from folders import written


def graph_of(persons=None, **cases):
    cases = {"onset": "2022-05-09", **cases}
    frames = {"cases": pd.DataFrame(cases)}
    if persons is not None:
        frames["persons"] = pd.DataFrame(persons)
    return tg.TraceGraph(**frames, tz="Asia/Shanghai")


def told(graph):
    return graph.warnings.loc[graph.warnings["rule"] == "persons-from-cases", "message"].tolist()


def test_line_list_gives_persons_and_keeps_its_cases():
    graph = graph_of(person_id=["A", "B"], name=["Ann", "Bo"], phone=["1", None])
    assert graph.persons[["person_id", "name"]].to_numpy().tolist() == [["A", "Ann"], ["B", "Bo"]]
    assert "name" not in graph.cases
    assert told(graph) == ["cases carries name, phone: 2 rows of persons made of it"]


def test_home_of_a_line_list_is_a_place():
    graph = graph_of(person_id=["A"], home_id=["H"])
    assert graph.location_ids.tolist() == ["H"]
    assert graph.facts.persons.home.tolist() == [0]


def test_row_that_says_nothing_of_a_person_gives_none():
    graph = graph_of(person_id=["A", "B", "C"], name=["Ann", None, "  "])
    assert graph.persons["person_id"].tolist() == ["A"]


def test_episodes_of_one_person_give_one_row_where_they_agree():
    graph = graph_of(person_id=["A", "A", "A"], name=["Ann", "Ann", "Anne"])
    assert graph.counts.loc[1, ["table", "rows"]].tolist() == ["persons", 2]
    assert graph.persons["name"].tolist() == ["Ann"]


def test_row_that_is_no_use_as_a_case_still_gives_its_person():
    graph = graph_of(person_id=["A", "B"], name=["Ann", "Bo"], onset=["2022-05-09", "soon"])
    assert graph.cases["person_id"].tolist() == ["A"]
    assert graph.persons["person_id"].tolist() == ["A", "B"]
    assert (graph.counts["rows"] == graph.counts["used"] + graph.counts["rejected"]).all()


def test_row_without_a_person_is_rejected_once():
    graph = graph_of(person_id=["A", None], name=["Ann", "Bo"])
    assert graph.rejects[["table", "row"]].to_numpy().tolist() == [["cases", 1]]


def test_table_of_persons_goes_before():
    persons = {"person_id": ["A"], "name": ["Anna"], "home_id": ["H"]}
    graph = graph_of(persons, person_id=["A"], name=["Ann"], home_id=["G"])
    home = graph.location_ids[graph.facts.persons.home[0]]
    assert (graph.persons["name"].tolist(), home) == (["Anna"], "H")


def test_persons_of_several_files_keep_file_and_row(tmp_path):
    files = {
        "cases_a.csv": "person_id,onset,姓名\nA,2022-05-09,Ann\n",
        "cases_b.csv": "person_id,onset\nB,2022-05-09\n",
        "cases_c.csv": "person_id,onset,home_id\n,2022-05-09,H\nC,2022-05-09,H\n",
        "persons.csv": "person_id,sex\nA,f\n",
    }
    graph = tg.read(written(tmp_path, files))
    assert graph.counts[["table", "file", "rows"]].to_numpy().tolist() == [
        ["cases", "cases_a.csv", 1],
        ["cases", "cases_b.csv", 1],
        ["cases", "cases_c.csv", 2],
        ["persons", "persons.csv", 1],
        ["persons", "cases_a.csv", 1],
        ["persons", "cases_c.csv", 1],
    ]
    assert told(graph) == ["cases carry home_id, name: 2 rows of persons made of them"]


def test_line_list_of_torn_lines_only_is_an_error_of_the_cases(tmp_path):
    text = "person_id,onset,name\nA,B\nC\n"
    with pytest.raises(tg.TableError, match="cases: none of 2 rows can be used"):
        tg.read(written(tmp_path, {"cases.csv": text}))


def test_cells_that_are_lists_are_compared_as_texts():
    graph = graph_of(person_id=["A", "A"], name=[["Ann"], ["Ann"]])
    assert len(graph.persons) == 1


def test_other_tables_lend_no_persons():
    visits = pd.DataFrame({"person_id": ["A"], "location_id": ["L"], "arrive": ["2022-05-08"],
                           "name": ["Ann"]})  # fmt: skip
    cases = pd.DataFrame({"person_id": ["A"], "onset": ["2022-05-09"]})
    graph = tg.TraceGraph(cases=cases, visits=visits, tz="Asia/Shanghai")
    assert graph.visits["name"].tolist() == ["Ann"]
    assert "persons" not in graph.tables
