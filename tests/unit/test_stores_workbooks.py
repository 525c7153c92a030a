"""Workbooks: sheets by their names, cells as a spreadsheet keeps them, nothing lost in silence."""

import datetime as dt
import io
import re
import zipfile

import openpyxl
import pytest
from hypothesis import given, settings, strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

import tracegraph as tg
from folders import CASES, written

CASE_ROWS = [["person_id", "onset"], ["C1", "2022-05-09"]]
STAY = ["person_id", "location_id", "arrive", "depart"]
TEN = dt.datetime(2022, 5, 8, 10)  # noqa: DTZ001  # sheets know no zones
MINUTE = dt.timedelta(minutes=1)


def book(sheets, *, merge=(), epoch=None, charts=()):
    made = openpyxl.Workbook()
    made.remove(made.active)
    if epoch:
        made.epoch = epoch
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    for name, cells in merge:
        made[name].merge_cells(cells)
    for name in charts:
        made.create_chartsheet(name)
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


def changed(data, name, change):
    """A workbook of which one part is changed, or left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            text = old.read(part)
            if part == name:
                text = change(text)
            if text is not None:
                new.writestr(part, text)
    return out.getvalue()


def read(tmp_path, sheets, **how):
    data = sheets if isinstance(sheets, bytes) else book(sheets, **how)
    return tg.read(written(tmp_path, {"county.xlsx": data}))


def visits(tmp_path, *rows, **how):
    return read(tmp_path, {"cases": CASE_ROWS, "visits": [STAY, *rows]}, **how)


def rules(graph):
    return graph.warnings["rule"].tolist()


def hours(ticks, graph):
    return [graph.calendar.timestamps([tick])[0].strftime("%d %H:%M:%S") for tick in ticks]


# ---- sheets


@pytest.mark.parametrize(
    ("cases", "stays"),
    [("cases", "visits"), ("Line list", "Movements"), ("病例", "行程轨迹"), ("病例5月", "5月行程")],
)
def test_sheets_are_tables_by_their_names(tmp_path, cases, stays):
    graph = read(tmp_path, {cases: CASE_ROWS, stays: [STAY, ["C1", "L", TEN, TEN + MINUTE]]})
    assert graph.counts["table"].tolist() == ["cases", "visits"]
    assert graph.counts["file"].tolist() == [f"county.xlsx [{cases}]", f"county.xlsx [{stays}]"]


def test_sheet_without_a_name_of_ours_is_told_and_may_be_stated(tmp_path):
    sheets = {"cases": CASE_ROWS, "Sheet2": [STAY, ["C1", "L", TEN, None]]}
    graph = read(tmp_path, sheets)
    assert graph.counts["table"].tolist() == ["cases"]
    told = graph.warnings[graph.warnings["rule"] == "unknown-sheet"]
    assert told["file"].tolist() == ["county.xlsx [Sheet2]"]
    assert 'tables={"county.xlsx [Sheet2]": "visits"}' in told["mend"].tolist()[0]
    again = tg.read(tmp_path / "county", tables={"county.xlsx [Sheet2]": "visits"})
    assert again.counts["table"].tolist() == ["cases", "visits"]


def test_book_of_sheets_without_names_says_which_were_not_read(tmp_path):
    with pytest.raises(tg.TableError, match=r"(?s)no table cases.*\[Sheet1\] is named after no"):
        read(tmp_path, {"Sheet1": CASE_ROWS, "Sheet2": CASE_ROWS})


def test_empty_sheets_are_no_tables(tmp_path):
    graph = read(tmp_path, {"Sheet1": [], "cases": CASE_ROWS, "visits": [[None, ""]]})
    assert graph.counts["table"].tolist() == ["cases"]
    assert "unknown-sheet" not in rules(graph)


def test_charts_are_no_tables(tmp_path):
    assert len(read(tmp_path, {"cases": CASE_ROWS}, charts=["visits"]).cases) == 1


@pytest.mark.parametrize("change", [lambda text: text[: len(text) // 2], lambda _: None])
def test_broken_sheet_is_an_error_and_no_missing_table(tmp_path, change):
    data = book({"cases": CASE_ROWS, "visits": [STAY, ["C1", "L", TEN, None]]})
    data = changed(data, "xl/worksheets/sheet2.xml", change)
    with pytest.raises(tg.TableError, match=r"county\.xlsx \[visits\] cannot be read"):
        read(tmp_path, data)


@pytest.mark.parametrize("data", [b"", b"PK", b"person_id,onset\n", b"\xd0\xcf\x11\xe0" * 99])
def test_what_is_no_workbook_is_an_error(tmp_path, data):
    with pytest.raises(tg.TableError, match=r"county\.xlsx is no sound workbook"):
        read(tmp_path, data)


def test_workbook_may_be_read_alone(tmp_path):
    folder = written(tmp_path, {"county.xlsx": book({"cases": CASE_ROWS})})
    graph = tg.read(folder / "county.xlsx", tz="Asia/Shanghai")
    assert graph.counts["file"].tolist() == ["county.xlsx [cases]"]


# ---- rows


def test_rows_count_as_the_sheet_shows_them(tmp_path):
    rows = [["County list"], [], STAY, ["C1", "L", "never", None], [], ["C1", "L", "soon", None]]
    graph = read(tmp_path, {"cases": CASE_ROWS, "visits": [*rows, ["C1", "L", TEN, None]]})
    assert graph.rejects["row"].tolist() == [4, 6]
    assert graph.counts.loc[1, ["rows", "used", "rejected"]].tolist() == [3, 1, 2]
    assert "rows-above-header" in rules(graph)


def test_rows_and_columns_that_are_empty_all_the_way_are_none(tmp_path):
    graph = read(tmp_path, {"cases": [[None] * 3, ["person_id", None, "onset"], [None] * 3,
                                      ["C1", None, "2022-05-09"], [None] * 3]})  # fmt: skip
    assert graph.counts.loc[0, ["rows", "used"]].tolist() == [1, 1]
    assert graph.cases.columns.tolist() == ["person_id", "onset", "case_id"]


def test_merged_cells_give_every_row_their_value_and_are_told(tmp_path):
    rows = [["C1", "L", TEN, TEN + MINUTE], [None, "M", TEN, None], [None, "N", TEN, None]]
    graph = visits(tmp_path, *rows, merge=[("visits", "A2:A4")])
    assert graph.visits["person_id"].tolist() == ["C1"] * 3
    assert rules(graph).count("merged-cells") == 1
    assert graph.rejects.empty


def test_title_merged_over_the_columns_is_told(tmp_path):
    sheets = {"cases": [["Cases of the county", None], *CASE_ROWS]}
    graph = read(tmp_path, sheets, merge=[("cases", "A1:B1")])
    assert rules(graph).count("rows-above-header") == 1
    assert len(graph.cases) == 1


# ---- ids


def test_numbers_are_ids_as_text_and_join_texts(tmp_path):
    sheets = {
        "cases": [["person_id", "onset"], [7, "2022-05-09"], ["008", "2022-05-09"]],
        "visits": [STAY, ["7", 1, TEN, None], [7.0, "1", TEN, None], ["008", 1.0, TEN, None]],
    }
    graph = read(tmp_path, sheets)
    assert graph.person_ids.tolist() == ["008", "7"]
    assert graph.location_ids.tolist() == ["1"]


@pytest.mark.parametrize("number", [632123199001011234, 632123199001011000, 6.32123199001011e17])
def test_identity_number_kept_as_a_number_is_refused(tmp_path, number):
    sheets = {"cases": [*CASE_ROWS, [number, "2022-05-09"]]}
    graph = read(tmp_path, sheets)
    assert graph.rejects[["row", "rule"]].to_numpy().tolist() == [[3, "spoiled-id"]]
    assert "Format the column as text" in graph.rejects["mend"].tolist()[0]


def test_identity_number_kept_as_text_keeps_its_digits(tmp_path):
    sheets = {"cases": [*CASE_ROWS, ["632123199001011234", "2022-05-09"]]}
    assert "632123199001011234" in read(tmp_path, sheets).person_ids


@pytest.mark.parametrize("cell", [dt.date(2022, 3, 1), dt.time(1, 2), dt.timedelta(hours=30)])
def test_id_that_has_become_a_date_or_an_hour_is_refused(tmp_path, cell):
    graph = read(tmp_path, {"cases": [*CASE_ROWS, [cell, "2022-05-09"]]})
    assert graph.rejects["rule"].tolist() == ["spoiled-id"]


# ---- times


def test_dates_hours_and_instants_are_read_as_shown(tmp_path):
    graph = visits(
        tmp_path,
        ["C1", "L", TEN, TEN + MINUTE],
        ["C1", "L", dt.date(2022, 5, 8), None],
        ["C1", "L", TEN, dt.time(10, 30)],
        ["C1", "L", TEN, dt.timedelta(hours=10, minutes=45)],
        ["C1", "L", "2022/5/8 10:00", "11:00"],
    )
    facts = graph.facts.visits
    assert hours(facts.arrive_lo, graph) == ["08 10:00:00", "08 00:00:00"] + ["08 10:00:00"] * 3
    assert (facts.arrive_hi - facts.arrive_lo).tolist() == [0, 86_400, 0, 0, 0]
    leaves = hours(facts.depart_hi[[0, 2, 3, 4]], graph)
    assert leaves == ["08 10:01:00", "08 10:30:00", "08 10:45:00", "08 11:00:00"]


@pytest.mark.parametrize("epoch", [None, CALENDAR_MAC_1904])
def test_dates_of_both_epochs_are_the_days_shown(tmp_path, epoch):
    graph = visits(tmp_path, ["C1", "L", TEN, TEN + MINUTE], epoch=epoch)
    assert hours(graph.facts.visits.arrive_lo, graph) == ["08 10:00:00"]


def test_every_minute_of_a_day_is_read_to_the_second(tmp_path):
    moments = [TEN + i * MINUTE for i in range(1440)]
    graph = visits(tmp_path, *(["C1", f"L{i:04}", m, None] for i, m in enumerate(moments)))
    wall = [stamp.replace(tzinfo=None) for stamp in graph.visits["arrive"]]
    assert wall == moments


def test_duration_of_more_than_a_day_is_no_hour(tmp_path):
    graph = visits(tmp_path, ["C1", "L", TEN, dt.timedelta(hours=30)], ["C1", "L", TEN, None])
    assert graph.rejects["rule"].tolist() == ["unreadable-time"]


def test_midnight_in_a_cell_is_its_date(tmp_path):
    graph = visits(tmp_path, ["C1", "L", TEN.replace(hour=0), None], ["C1", "L", TEN, None])
    facts = graph.facts.visits
    assert (facts.arrive_hi - facts.arrive_lo).tolist() == [86_400, 0]


@pytest.mark.parametrize("cell", ["#N/A", "#REF!", "=C2+1/24"])
def test_cell_that_holds_an_error_or_no_result_is_told(tmp_path, cell):
    graph = visits(tmp_path, ["C1", "L", TEN, cell], ["C1", "M", TEN, TEN + MINUTE])
    told = graph.warnings[graph.warnings["rule"] == "cells-without-value"]
    assert told["message"].tolist()[0].startswith("1 cell holds an error")
    assert graph.visits["depart"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    "cell", [b't="str"><f>IF(1,"","x")</f><v></v></c>', b"><f>1+1</f><v>2</v></c>"]
)
def test_formula_with_a_result_is_no_fault(tmp_path, cell):
    def computed(text):
        new, found = re.subn(rb'<c r="D2".*?</c>', b'<c r="D2" ' + cell, text)
        assert found == 1
        return new

    data = book({"cases": CASE_ROWS, "visits": [[*STAY[:3], "x"], ["C1", "L", TEN, "y"]]})
    graph = read(tmp_path, changed(data, "xl/worksheets/sheet2.xml", computed))
    assert "cells-without-value" not in rules(graph)


# ---- any cell at all

CELLS = (
    st.none()
    | st.sampled_from(["C1", "2022-05-09", "", " ", "9/5/2022", "8:30", "#N/A", "=1", "是"])
    | st.integers(-1, 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.datetimes(dt.datetime(2018, 1, 1), dt.datetime(2026, 1, 1))  # noqa: DTZ001
    | st.times()
    | st.timedeltas(dt.timedelta(0), dt.timedelta(days=3))
)


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=5))
def test_every_written_row_is_used_or_rejected(tmp_path_factory, rows):
    good = ["C1", "L", TEN, None]
    sheets = {"cases": CASE_ROWS, "visits": [STAY, good, *rows]}
    try:
        graph = read(tmp_path_factory.mktemp("xlsx"), sheets)
    except tg.TimeZoneError as error:
        assert "mixes times" in str(error)  # noqa: PT017  # seconds since 1970 have a zone
        return
    blank = {None, "", " ", "#N/A", "=1"}  # of a cell of blanks a workbook keeps nothing
    count = 1 + sum(any(cell not in blank for cell in row) for row in rows)
    assert graph.counts["rows"].tolist() == [1, count]
    assert graph.counts["rejected"].tolist() == [0, len(graph.rejects)]


def test_books_and_text_files_of_one_folder_make_one_graph(tmp_path):
    files = {"cases.csv": CASES, "county.xlsx": book({"visits": [STAY, ["C1", "L", TEN, None]]})}
    graph = tg.read(written(tmp_path, files))
    assert graph.facts.visits.person.tolist() == graph.facts.cases.person.tolist()
