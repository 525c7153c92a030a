"""JSON lines: an object a line, ids as text, what is no object rejected with its line."""

import json

import pytest
from hypothesis import given, settings, strategies as st

import tracegraph as tg
from folders import written


def read(tmp_path, text, **files):
    return tg.read(written(tmp_path, {"cases.jsonl": text, **files}))


def line(**cells):
    return json.dumps(cells, ensure_ascii=False) + "\n"


def test_lines_count_from_one_and_blank_ones_count(tmp_path):
    text = line(person_id="A", onset="2022-05-09") + "\n" + line(person_id="B", onset="soon")
    graph = read(tmp_path, text)
    assert graph.rejects[["row", "rule"]].to_numpy().tolist() == [[3, "unreadable-time"]]
    assert graph.counts.loc[0, ["rows", "used", "rejected"]].tolist() == [2, 1, 1]


@pytest.mark.parametrize(
    "torn",
    [
        "[1, 2]",
        '"text"',
        "7",
        "null",
        '{"person_id": "B"',
        "person_id=B",
        '{"a": "\\ud800"}',
        "{}}",
    ],
)
def test_line_that_is_no_object_is_rejected(tmp_path, torn):
    graph = read(tmp_path, line(person_id="A", onset="2022-05-09") + torn + "\n")
    assert graph.rejects[["row", "rule", "value"]].to_numpy().tolist() == [[2, "torn-row", torn]]
    assert graph.rejects["message"].tolist() == ["the line is no JSON object"]


def test_deep_nest_is_rejected(tmp_path):
    graph = read(tmp_path, line(person_id="A", onset="2022-05-09") + "[" * 100_000 + "\n")
    assert graph.rejects["rule"].tolist() == ["torn-row"]


def test_array_over_many_lines_loses_its_brackets_only(tmp_path):
    graph = read(tmp_path, "[\n" + line(person_id="A", onset="2022-05-09") + "]\n")
    assert graph.cases["person_id"].tolist() == ["A"]
    assert graph.rejects["row"].tolist() == [1, 3]


def test_file_without_an_object_says_so(tmp_path):
    with pytest.raises(tg.TableError, match=r"cases\.jsonl is no file of JSON lines") as error:
        read(tmp_path, '[{"person_id": "A7", "onset": "2022-05-09"}]\n')
    assert "A7" not in str(error.value)


@pytest.mark.parametrize("text", ["", "\n\n", "{}\n", '{"person_id": null}\n', "\ufeff"])
def test_file_without_a_value_is_empty(tmp_path, text):
    with pytest.raises(tg.TableError, match=r"cases\.jsonl is empty"):
        read(tmp_path, text)


def test_ids_are_texts_however_they_are_typed(tmp_path):
    text = "".join(
        line(person_id=i, onset="2022-05-09") for i in (7, "007", 8.0, "x", 632123199001011234)
    )
    ids = ["7", "007", "8", "x", "632123199001011234"]
    assert read(tmp_path, text).cases["person_id"].tolist() == ids


@pytest.mark.parametrize("number", ["6.32123199001011234e17", "632123199001011000", "1e25"])
def test_id_that_a_decimal_has_rounded_is_refused(tmp_path, number):
    good = line(person_id="A", onset="2022-05-09")
    graph = read(tmp_path, good + f'{{"person_id": {number}, "onset": "2022-05-09"}}\n')
    assert graph.rejects[["row", "rule"]].to_numpy().tolist() == [[2, "spoiled-id"]]


def test_integer_of_any_length_keeps_its_digits(tmp_path):
    good = '{"person_id": 123456789012345678901234567890, "onset": "2022-05-09"}\n'
    assert read(tmp_path, good).person_ids.tolist() == ["123456789012345678901234567890"]


def test_times_may_be_texts_and_numbers_in_one_column(tmp_path):
    text = line(person_id="A", onset="2022-05-09") + line(person_id="B", onset=44690)
    graph = read(tmp_path, text)
    assert graph.facts.cases.onset_lo.tolist() == [0, 0]
    assert "serial-numbers" in graph.warnings["rule"].tolist()


def test_keys_may_differ_from_line_to_line(tmp_path):
    text = line(person_id="A", onset="2022-05-09") + line(sampled="2022-05-10", person_id="B")
    graph = read(tmp_path, text)
    assert graph.cases["onset"].notna().tolist() == [True, False]
    assert graph.cases["sampled"].notna().tolist() == [False, True]


def test_objects_and_lists_in_a_cell_are_kept_as_text(tmp_path):
    graph = read(tmp_path, line(person_id="A", onset="2022-05-09", more={"a": [1]}, status=["x"]))
    assert graph.cases["more"].tolist() == ['{"a":[1]}']
    assert graph.statuses == ('["x"]',)


def test_chinese_keys_and_another_encoding_are_read(tmp_path):
    text = line(身份证号="007", 发病日期="2022-05-09", 姓名="王小明").encode("gb18030")
    graph = read(tmp_path, text)
    assert graph.person_ids.tolist() == ["007"]
    assert graph.origins["encoding"].tolist() == ["gb18030"] * 3


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_other_systems_are_read(tmp_path, end):
    lines = line(person_id="A", onset="2022-05-09") + line(person_id="B", onset="2022-05-09")
    assert len(read(tmp_path, lines.replace("\n", end)).cases) == 2


def test_two_keys_that_differ_by_blanks_are_two_columns_of_one_name(tmp_path):
    text = '{"person_id": "A", "person_id ": "B", "onset": "2022-05-09"}\n'
    with pytest.raises(tg.TableError, match="cases has two columns 'person_id'"):
        read(tmp_path, text)


CELLS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
OBJECTS = st.dictionaries(
    st.sampled_from(["onset", "person_id", "x", ""]), CELLS | st.lists(CELLS), max_size=4
)


@settings(deadline=None)
@given(rows=st.lists(OBJECTS | CELLS, max_size=5))
def test_every_line_is_used_rejected_or_without_a_value(tmp_path_factory, rows):
    good = {"person_id": "good", "onset": "2022-05-09"}
    text = "".join(json.dumps(row) + "\n" for row in [good, *rows])
    try:
        graph = read(tmp_path_factory.mktemp("jsonl"), text)
    except (tg.TableError, tg.TimeZoneError) as error:
        assert "cases" in str(error)  # noqa: PT017  # it may, need not be raised
        return
    empty = sum(
        isinstance(row, dict) and all(v is None or v == "" for v in row.values()) for row in rows
    )
    assert graph.counts["rows"][0] == 1 + len(rows) - empty
    assert graph.counts["rejected"][0] == len(graph.rejects)
