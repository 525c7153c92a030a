"""Names of files, sheets and folders: which table they mean, and what is left alone."""

import openpyxl
import pytest
from hypothesis import given, settings, strategies as st

import tracegraph as tg
from folders import CASES, written
from tracegraph.model.schemas import TABLES
from tracegraph.stores.naming import near, table_called, table_of_file

VISITS = "person_id,location_id,arrive\nC1,L,2022-05-08 09:00\n"


@pytest.mark.parametrize(
    ("stem", "table"),
    [
        ("cases", "cases"),
        ("Cases", "cases"),
        ("CASES 2022-05-12", "cases"),
        ("linelist", "cases"),
        ("Line List (final)", "cases"),
        ("2022_05_12-cases", "cases"),
        ("visits-app1", "visits"),
        ("app 1 visits", "visits"),
        ("close contacts", "contacts"),
        ("county test results", "tests"),
        ("病例", "cases"),
        ("病例5月9日", "cases"),
        ("阳性感染者名单", "cases"),
        ("5月行程轨迹", "visits"),
        ("密接人员", "contacts"),
        ("密接人员信息", "contacts"),
        ("核酸检测结果", "tests"),
        ("隔离人员", "isolations"),
        ("重点场所", "locations"),
        ("notes", None),
        ("export", None),
        ("", None),
        ("showcases", None),
    ],
)
def test_name_means_a_table(stem, table):
    assert table_of_file(stem) == table


@pytest.mark.parametrize(
    "stem",
    ["cases and visits", "visits of cases", "病例行程", "密接行程轨迹", "病例密接", "tests cases"],
)
def test_name_that_means_two_tables_means_none(stem):
    assert table_of_file(stem) is None


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_called_by_its_own_name(table):
    assert table_called(table) == table_of_file(table) == table
    assert table_of_file(f"{table}_0512") == table_of_file(f"0512 {table}") == table


@pytest.mark.parametrize(("name", "table"), [("visist", "visits"), ("x", None)])
def test_misspelled_name_is_proposed(name, table):
    assert near(name) == table


@settings(deadline=None)
@given(stem=st.text(max_size=12))
def test_any_name_is_a_table_or_none(stem):
    assert table_of_file(stem) in {None, *TABLES}
    assert near(stem) in {None, *TABLES}


# ---- files of a folder


def unread(graph):
    rules = ["unknown-file", "unknown-folder", "unknown-sheet"]
    return graph.warnings.loc[graph.warnings["rule"].isin(rules), "file"].tolist()


def test_file_named_after_two_tables_is_left_alone_and_told(tmp_path):
    graph = tg.read(written(tmp_path, {"病例行程.csv": VISITS, "visits.csv": VISITS}))
    assert unread(graph) == ["病例行程.csv"]
    assert graph.counts["table"].tolist() == ["cases", "visits"]


@pytest.mark.parametrize("name", ["export.csv", "cases.dat", "cases", "cases.json"])
def test_error_for_missing_cases_names_the_files_that_were_not_read(tmp_path, name):
    folder = written(tmp_path, {"visits.csv": VISITS, name: CASES})
    (folder / "cases.csv").unlink(missing_ok=True)
    with pytest.raises(tg.TableError, match=rf"(?s)has no table cases\..*{name} is .*not read"):
        tg.read(folder)


def test_files_of_one_table_may_stand_in_its_folder(tmp_path):
    files = {"visits/app1.csv": VISITS, "visits/app2.csv": VISITS, "行程/app3.csv": VISITS}
    graph = tg.read(written(tmp_path, files))
    assert graph.counts["file"].tolist() == [
        "cases.csv", "visits/app1.csv", "visits/app2.csv", "行程/app3.csv",
    ]  # fmt: skip


def test_hidden_files_and_those_of_open_programs_are_no_input(tmp_path):
    files = {".cases.csv": "x", "~$cases.xlsx": b"x", ".git/config": "x"}
    assert unread(tg.read(written(tmp_path, files))) == []


def test_other_folders_are_told(tmp_path):
    graph = tg.read(written(tmp_path, {"old/cases.csv": CASES, "visits/deep/a.csv": VISITS}))
    assert unread(graph) == ["old", "visits/deep"]


def test_link_that_leads_nowhere_is_told_for_what_it_is(tmp_path):
    folder = written(tmp_path, {})
    (folder / "visits.csv").symlink_to(folder / "gone.csv")
    told = tg.read(folder).warnings
    assert told["message"].tolist()[0] == "visits.csv is no file, or leads to none; not read"


@pytest.mark.parametrize("other", ["cases.xlsx", "Cases.csv", "cases.jsonl", "CASES.TSV"])
def test_table_that_stands_there_twice_is_an_error(tmp_path, other):
    with pytest.raises(tg.TableError, match="has two tables cases: "):
        tg.read(written(tmp_path, {"cases.csv": CASES, other: b"x"}))


def test_only_sheet_of_a_book_may_have_any_name(tmp_path):
    folder = written(tmp_path, {"cases.csv": CASES})
    book = openpyxl.Workbook()
    for row in (["person_id", "location_id", "arrive"], ["C1", "L", "2022-05-08 09:00"]):
        book.active.append(row)
    book.save(folder / "visits.xlsx")
    assert tg.read(folder).counts["file"].tolist() == ["cases.csv", "visits.xlsx [Sheet]"]
