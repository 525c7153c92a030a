"""Text files: every line of them is a row, a reject, or blank; nothing is lost in a cell."""

import csv
import io

import pytest
from hypothesis import given, settings, strategies as st

import tracegraph as tg
from folders import CASES, written
from tracegraph.model.reading.findings import Findings
from tracegraph.stores.heading import Names
from tracegraph.stores.settings import Manner, manner
from tracegraph.stores.text_files import read_text_file

HEADER = "person_id,location_id,arrive,depart,note\n"
ASKED = dict.fromkeys(("tz", "columns", "tables", "day_first", "excel_epoch", "encoding"))
ALIKE = manner(ASKED, {}, strict=False)
SAVED = manner(ASKED, {"saved_by": "tracegraph 0"}, strict=False)


def stay(i, note=""):
    return f"P{i},L{i},2022-05-08 09:00,2022-05-08 10:00,{note}\n"


def stays(*numbers):
    return "".join(map(stay, numbers))


def visits(tmp_path, text):
    return tg.read(written(tmp_path, {"visits.csv": text}))


def rejected(graph):
    return graph.rejects[["row", "rule"]].to_numpy().tolist()


def told(graph, table="visits"):
    """Rules of the warnings about a table, but for places that are not declared."""
    return graph.warnings.loc[graph.warnings["table"] == table, "rule"].tolist()


def raw(tmp_path, text, *, how: Manner = ALIKE, table="cases"):
    path = tmp_path / "cases.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    findings = Findings()
    return read_text_file(path, path.name, Names(table=table, columns={}), how, findings)


# ---- encodings, separators and line ends


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encoding_separator_and_line_ends_are_found_together(tmp_path, separator, encoding, end):
    lines = ["身份证号,发病日期,姓名", "007,2022-05-09,王小明", '008,2022-05-10,"李, 大华"', ""]
    rows = [next(csv.reader([line]), []) for line in lines[:-1]]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator=end).writerows(rows)
    graph = tg.read(written(tmp_path, {"cases.csv": out.getvalue().encode(encoding)}))
    assert graph.cases["person_id"].tolist() == ["007", "008"]
    assert graph.persons["name"].tolist() == ["王小明", "李, 大华"]
    assert set(graph.origins["separator"]) == {separator}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_last_line_counts_with_and_without_its_break(tmp_path, end, last):
    text = (HEADER + stays(1, 2)).replace("\n", end)
    graph = visits(tmp_path, text if last else text.removesuffix(end))
    assert graph.visits["person_id"].tolist() == ["P1", "P2"]
    assert graph.rejects.empty


def test_doubled_carriage_returns_make_blank_lines(tmp_path):
    graph = visits(tmp_path, (HEADER + stays(1, 2)).replace("\n", "\r\r\n"))
    assert graph.visits["person_id"].tolist() == ["P1", "P2"]


def test_line_separators_of_unicode_end_no_line(tmp_path):
    graph = visits(tmp_path, HEADER + stay(1, "a\u2028b\x0bc\x85d") + stay(2))
    assert graph.visits["note"].tolist()[0] == "a\u2028b\x0bc\x85d"
    assert len(graph.visits) == 2


def test_letter_across_the_first_block_is_no_other_encoding(tmp_path):
    """The first 64 KiB, which tell the encoding, end within a letter of three bytes."""
    first = HEADER + "".join(stay(i) for i in range(1400))
    room = (1 << 16) - len(first.encode()) - len(stay(1)) + 1
    text = first + stay(1, "x" * (room - 1) + "王" * 3) + stay(2, "李")
    assert len((first + stay(1, "x" * (room - 1))).encode()) - 1 < 1 << 16
    graph = visits(tmp_path, text)
    assert graph.visits["note"].tolist()[-1] == "李"
    assert "encoding-guessed" not in told(graph)


def test_other_bytes_far_below_make_another_encoding(tmp_path):
    text = (HEADER + "".join(stay(i) for i in range(3000))).encode() + stay(7, "Müller").encode(
        "cp1252"
    )
    graph = visits(tmp_path, text)
    assert graph.visits["note"].tolist()[-1] == "Müller"
    assert "encoding-guessed" in told(graph)


def test_torn_line_of_other_bytes_is_rejected_as_text(tmp_path):
    torn = "P7,Café,2022-05-08,a,b,c,d\n".encode("cp1252")
    text = (HEADER + "".join(stay(i) for i in range(3000))).encode() + torn + stay(8).encode()
    graph = visits(tmp_path, text)
    assert rejected(graph) == [[3002, "torn-row"]]
    assert graph.rejects["value"].tolist() == ["P7,Café,2022-05-08,a,b,c,d"]


# ---- titles and headers


def test_titles_above_the_header_are_told_and_rows_keep_their_numbers(tmp_path):
    text = "Visits of May\n\nas of 12 May, 18:00\n" + HEADER + stay(1) + stay(2, "a,b") + ",,,,x\n"
    graph = visits(tmp_path, text)
    assert rejected(graph) == [[6, "torn-row"], [7, "missing-value"]]
    above = graph.warnings[graph.warnings["rule"] == "rows-above-header"]
    assert above["message"].tolist() == ["3 rows above the header hold no names of columns"
                                         "; not read"]  # fmt: skip


def test_title_of_two_lines_is_one_row(tmp_path):
    graph = visits(tmp_path, '"Visits,\nas typed"\n' + HEADER + stay(1) + stay(2, "a,b"))
    assert graph.visits["person_id"].tolist() == ["P1"]
    assert rejected(graph) == [[4, "torn-row"]]


def test_header_may_have_line_breaks(tmp_path):
    header = 'person_id,location_id,"到达时间\n(年/月/日 时:分)",depart,"note\n\nof the team"\n'
    graph = visits(tmp_path, header + stay(1) + stay(2, "a,b") + stay(3))
    assert graph.visits["person_id"].tolist() == ["P1", "P3"]
    assert rejected(graph) == [[3, "torn-row"]]


@pytest.mark.parametrize(
    "text",
    [
        'person_id,location_id,arrive,depart,"note\n' + stays(1, 2) + stay(3, 'x"') + stays(4, 5),
        'person_id,location_id,arrive,depart,"note\n' + stays(1, 2, 3),
        'person_id,location_id,arrive,depart,"note\n' + stay(1, '"x"') + stays(2, 3),
        '"Visits of May\n' + HEADER + stay(1, '"x"') + stays(2, 3),
        '"Visits of May\n' + HEADER + stays(1, 2),
    ],
)
def test_open_mark_in_the_header_hides_no_rows(tmp_path, text):
    with pytest.raises(tg.TableError, match=r"visits.csv row 1 opens a quotation mark") as error:
        visits(tmp_path, text)
    assert "P1" not in str(error.value)


def test_sound_text_of_two_lines_above_the_rows_stops_nothing(tmp_path):
    text = 'person_id,"onset\n(required)",x\nC1,2022-05-09,\nC2,2022-05-09,\n'
    assert len(tg.read(written(tmp_path, {"cases.csv": text})).cases) == 2


def test_columns_without_a_name_are_kept_as_extra_ones(tmp_path):
    graph = tg.read(written(tmp_path, {"cases.csv": "person_id,,onset,\nC1,a,2022-05-09,\n"}))
    assert graph.cases["column 2"].tolist() == ["a"]
    assert graph.cases["column 4"].isna().all()


@pytest.mark.parametrize(
    "text",
    [
        "Kim,2022-05-09,male\nLee,2022-05-10,female\n",
        "Kim,home,2022-05-09,male\nLee,home,2022-05-10,female\n",
        "C7;5;x\nC8;6;y\n",
        "110101199003070011,5\n",
    ],
)
def test_rows_without_a_header_are_refused_and_not_recited(tmp_path, text):
    with pytest.raises(tg.TableError, match="its first row holds values") as error:
        tg.read(written(tmp_path, {"cases.csv": text}))
    assert not any(word in str(error.value) for word in ("Kim", "C7", "110101199003070011"))


def test_numbers_in_names_of_columns_make_no_values_of_them(tmp_path):
    text = "person_id,onset,ct1,ct2,ct3\nC1,2022-05-09,,,\n"
    assert len(tg.read(written(tmp_path, {"cases.csv": text})).cases) == 1
    with pytest.raises(tg.TableError, match=r"has no column 'person_id'; it has name, sex, ct1"):
        tg.read(written(tmp_path, {"cases.csv": "name,sex,ct1\nKim,f,30\n"}))


@pytest.mark.parametrize("text", ["", "\n\n", ",\n", "\ufeff"])
def test_file_without_a_header_is_empty(tmp_path, text):
    with pytest.raises(tg.TableError, match=r"visits\.csv is empty: it has no header"):
        visits(tmp_path, text)


@pytest.mark.parametrize("text", [HEADER, HEADER.strip(), HEADER + "\n\n", HEADER + ",,,,\n"])
def test_header_alone_is_a_table_without_rows(tmp_path, text):
    graph = visits(tmp_path, text)
    assert graph.counts.loc[1, ["rows", "used", "rejected"]].tolist() == [0, 0, 0]


# ---- rows


def test_blank_lines_are_no_rows_and_count(tmp_path):
    text = HEADER + "\n" + stay(1) + "\n   \n,,,,\n" + stay(2, "a,b") + "\n\n"
    graph = visits(tmp_path, text)
    assert graph.visits["person_id"].tolist() == ["P1"]
    assert rejected(graph) == [[7, "torn-row"]]


def test_cells_may_hold_line_breaks_marks_and_separators(tmp_path):
    graph = visits(tmp_path, HEADER + stay(1, '"a, ""b""\nc\r\nd"') + stay(2, "a,b"))
    assert graph.visits["note"].tolist() == ['a, "b"\nc\r\nd']
    assert rejected(graph) == [[3, "torn-row"]]


@pytest.mark.parametrize("size", [1 << 20, 1 << 21])
def test_cell_larger_than_a_block_is_read(tmp_path, size):
    graph = visits(tmp_path, HEADER + stay(1) + stay(2, "x" * size) + stay(3))
    assert graph.visits["note"].str.len().fillna(0).tolist() == [0, size, 0]


def test_torn_lines_beside_a_large_cell_count_once(tmp_path):
    text = HEADER + stay(1, "a,b") + stay(2) + stay(3, "x" * (1 << 21)) + stay(4, "a,b") + stay(5)
    graph = visits(tmp_path, text)
    assert graph.visits["person_id"].tolist() == ["P2", "P3", "P5"]
    assert rejected(graph) == [[2, "torn-row"], [5, "torn-row"]]
    assert graph.counts.loc[1, ["rows", "used", "rejected"]].tolist() == [5, 3, 2]


def test_torn_line_in_a_later_block_has_its_number(tmp_path):
    text = HEADER + "".join(map(stay, range(40_000))) + stay(0, "a,b") + "P1,L,never,,\n"
    assert rejected(visits(tmp_path, text)) == [[40_002, "torn-row"], [40_003, "unreadable-time"]]


@pytest.mark.parametrize(
    "text", ["P1,L1\n", "P1,L1,2022-05-08,,,\n", "P1\n", "P1,L1,a,b,c,d,e,f\n"]
)
def test_line_of_another_number_of_cells_is_rejected(tmp_path, text):
    graph = visits(tmp_path, HEADER + stay(1) + text + stay(2))
    assert graph.visits["person_id"].tolist() == ["P1", "P2"]
    assert rejected(graph) == [[3, "torn-row"]]
    assert graph.rejects["value"].tolist() == [text.strip("\n")]


def test_table_of_torn_lines_only_is_an_error(tmp_path):
    with pytest.raises(tg.TableError, match=r"none of 2 rows can be used.*visits\.csv row 2"):
        visits(tmp_path, HEADER + "a\nb\n")


# ---- marks that are never closed


def test_mark_that_closes_in_a_later_line_costs_these_lines_only(tmp_path):
    text = HEADER + stay(1) + stay(2, '"went') + stay(3) + stay(4, 'home"') + stay(5)
    graph = visits(tmp_path, text)
    assert graph.visits["person_id"].tolist() == ["P1", "P5"]
    assert graph.rejects["value"].str.slice(0, 2).tolist() == ["P2", "P3", "P4"]
    assert graph.counts.loc[1, ["rows", "used", "rejected"]].tolist() == [5, 2, 3]


def test_mark_closed_by_the_next_quoted_cell_is_found(tmp_path):
    text = HEADER + stay(1, '"went') + stay(2) + stay(3, '"home, by bus"') + stay(4)
    graph = visits(tmp_path, text)
    assert graph.visits["person_id"].tolist() == ["P4"]
    assert graph.rejects["value"].str.slice(0, 2).tolist() == ["P1", "P2", "P3"]


def test_mark_open_to_the_end_is_an_error(tmp_path):
    with pytest.raises(tg.TableError, match=r"row 3 opens a quotation mark that is never closed"):
        visits(tmp_path, HEADER + stay(1) + stay(2, '"went') + stays(3, 4))


def test_mark_open_in_the_last_line_costs_that_line(tmp_path):
    graph = visits(tmp_path, HEADER + stay(1) + stay(2, '"went').strip())
    assert rejected(graph) == [[3, "torn-row"]]
    assert graph.visits["person_id"].tolist() == ["P1"]


@pytest.mark.parametrize("note", ['5" pipe', 'said "yes"', '"yes" he said', '""'])
def test_marks_within_a_line_cost_nothing(tmp_path, note):
    graph = visits(tmp_path, HEADER + stay(1, note) + stay(2))
    assert graph.visits["person_id"].tolist() == ["P1", "P2"]
    assert graph.rejects.empty


# ---- against slow and obvious twins

WELL_FORMED = st.lists(
    st.lists(st.text(st.sampled_from('ab,;"\n\r 王é\0'), max_size=4), min_size=3, max_size=3),
    max_size=6,
)


@settings(deadline=None)
@given(rows=WELL_FORMED, separator=st.sampled_from(",;\t|"), end=st.sampled_from(["\n", "\r\n"]))
def test_well_formed_file_reads_as_python_reads_it(tmp_path_factory, rows, separator, end):
    header = ["person_id", "onset", "note"]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([header, *rows])
    read = raw(tmp_path_factory.mktemp("csv"), out.getvalue(), how=SAVED)
    twin = list(csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=separator))[1:]
    expected = [(i, row) for i, row in enumerate(twin, 2) if any(row)]
    cells = read.frame.astype("object").where(read.frame.notna(), "").to_numpy().tolist()
    assert cells == [row for _, row in expected]
    assert read.rows.tolist() == [i for i, _ in expected]
    assert not read.torn


@settings(deadline=None)
@given(
    lines=st.lists(st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=5), max_size=8),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    is_ended=st.booleans(),
)
def test_each_line_is_a_row_a_torn_one_or_blank(tmp_path_factory, lines, end, is_ended):
    texts = [",".join(line) for line in lines]
    text = end.join(["person_id,onset,note", *texts]) + (end if is_ended else "")
    read = raw(tmp_path_factory.mktemp("csv"), text)
    rows = [i for i, line in enumerate(lines, 2) if len(line) == 3 and any(line)]
    torn = [i for i, line in enumerate(lines, 2) if len(line) != 3 and any(line)]
    assert read.rows.tolist() == rows
    assert sorted(t.row for t in read.torn) == torn
    assert {t.text for t in read.torn} == {texts[i - 2] for i in torn}


PIECES = st.lists(st.sampled_from(['"', '"', '""', ",", "a", " ", "\n", "\r\n"]), max_size=6)


@settings(deadline=None, max_examples=300)
@given(lines=st.lists(PIECES.map("".join), max_size=7), is_ended=st.booleans())
def test_no_line_is_lost_whatever_marks_it_has(tmp_path_factory, lines, is_ended):
    marked = [f"<{i}>,{line}" for i, line in enumerate(lines)]
    text = "\n".join(["person_id,onset,note", *marked]) + ("\n" if is_ended else "")
    try:
        read = raw(tmp_path_factory.mktemp("csv"), text)
    except tg.TableError as error:
        assert "quotation mark" in str(error)  # noqa: PT017  # it may, need not be raised
        return
    cells = "".join(read.frame.astype("object").fillna("").to_numpy().ravel().tolist())
    told = cells + "".join(torn.text for torn in read.torn)
    assert all(told.count(f"<{i}>") == 1 for i in range(len(lines)))


def test_file_may_be_read_alone_and_named_by_tables(tmp_path):
    folder = written(tmp_path, {"export.csv": CASES, "cases.csv": CASES})
    graph = tg.read(folder / "export.csv", tables={"export.csv": "cases"}, tz="Asia/Shanghai")
    assert graph.counts["file"].tolist() == ["export.csv"]
