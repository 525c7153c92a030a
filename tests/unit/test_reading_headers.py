"""Headers: which column of ours each is taken for, and what is only proposed."""

import pytest
from hypothesis import given, settings, strategies as st

from tracegraph.model.reading.headers import (
    _data,
    _names,
    columns_of,
    known,
    name_headers,
    normal,
    proposals,
)
from tracegraph.model.schemas import TABLES


def named(table, *headers, **chosen):
    return [(n.column, n.how) for n in name_headers(table, headers, chosen)]


@pytest.mark.parametrize(
    ("header", "word"),
    [
        ("Person ID", "personid"),
        ("person_id", "personid"),
        ("PERSON-ID", "personid"),
        (" *Person.ID: ", "personid"),
        ("Ｐｅｒｓｏｎ　ＩＤ", "personid"),
        ("\ufeffperson_id", "personid"),
        ("person\u200b_id", "personid"),
        ("onset (dd/mm/yyyy)", "onset"),
        ("onset [YYYY-MM-DD hh:mm]", "onset"),
        ("发病日期（年/月/日）", "发病日期"),
        ("發病日期【必填】", "发病日期"),
        ("onset\n(required)", "onset"),
        ("onset (first)", "onsetfirst"),
        ("", ""),
    ],
)
def test_spelling_of_a_header_does_not_count(header, word):
    assert normal(header) == word


@pytest.mark.parametrize(
    ("table", "header", "column"),
    [
        ("cases", "身份证号", "person_id"),
        ("cases", "发病日期", "onset"),
        ("cases", "發病日期", "onset"),
        ("cases", "采样时间", "sampled"),
        ("cases", "姓名", "name"),
        ("cases", "现住址", "home_id"),
        ("cases", "Date of symptom onset", "onset"),
        ("visits", "到达时间", "arrive"),
        ("visits", "离开时间", "depart"),
        ("visits", "地点", "location_id"),
        ("visits", "到达日期", "arrive"),
        ("visits", "姓名", None),
        ("contacts", "接触者身份证号", "contact_id"),
        ("contacts", "身份证号", None),
        ("tests", "检测结果", "result"),
        ("visits", "type", None),
        ("visits", "", None),
    ],
)
def test_header_means_a_column_of_its_table(table, header, column):
    assert known(table, header) == column


def test_own_name_goes_before_built_in_ones():
    assert named("cases", "身份证号", "person_id") == [("", "extra"), ("person_id", "as named")]
    assert named("visits", "到达日期", "arrive") == [
        ("date", "built-in name"),
        ("arrive", "as named"),
    ]


def test_better_name_goes_before_the_first_one():
    assert named("visits", "start_time", "arrival time") == [
        ("", "extra"),
        ("arrive", "built-in name"),
    ]


def test_first_of_two_equal_headers_is_taken_and_the_second_is_told():
    first, second = name_headers("cases", ["发病日期", "发病日期"], {})
    assert (first.column, second.column, second.meant) == ("onset", "", "onset")


def test_number_of_the_case_is_the_person_where_nothing_else_is():
    assert named("cases", "病例编号", "发病日期")[0] == ("person_id", "built-in name")
    assert named("cases", "病例编号", "身份证号") == [
        ("case_id", "built-in name"),
        ("person_id", "built-in name"),
    ]


def test_choice_of_the_user_goes_before_all():
    assert named("cases", "onset", "x", onset=None, x="onset") == [
        ("", "columns="),
        ("onset", "columns="),
    ]
    assert named("cases", "姓名", 姓名="person_id") == [("person_id", "columns=")]
    assert named("cases", "x", x="name") == [("persons.name", "columns=")]


def test_columns_of_persons_are_lent_to_cases_alone():
    assert named("cases", "name", "phone") == [
        ("persons.name", "as named"),
        ("persons.phone", "as named"),
    ]
    assert named("visits", "name", "phone") == [("", "extra")] * 2


@pytest.mark.parametrize(
    ("table", "column", "headers", "first"),
    [
        ("cases", "person_id", ["姓名", "id"], "id"),
        ("cases", "person_id", ["personid2", "x"], "personid2"),
        ("visits", "arrive", ["date", "arrival"], "arrival"),
        ("visits", "arrive", ["arive"], "arive"),
        ("contacts", "contact_id", ["id_number", "to"], "to"),
        ("cases", "onset", ["报告日期", "症状日期"], "症状日期"),
    ],
)
def test_likeliest_header_is_proposed_first(table, column, headers, first):
    assert proposals(column, headers, table)[0] == first


def test_nothing_is_proposed_that_is_unlike():
    assert proposals("arrive", ["colour", "数量"], "visits") == []


# ---- the list of names itself


@pytest.mark.parametrize("table", TABLES)
def test_list_names_columns_that_there_are(table):
    assert set(_data()[table]) <= set(TABLES[table].names)
    every = {c for schema in TABLES.values() for c in schema.names}
    assert set(_data()["every"]) | set(_data()["loose"]) <= every


@pytest.mark.parametrize("table", TABLES)
def test_no_name_is_listed_twice_for_a_column(table):
    for column, names in _data()[table].items():
        assert len(names) == len(set(names)), column


@pytest.mark.parametrize("table", TABLES)
def test_name_that_two_columns_share_has_one_where_it_stands_alone(table):
    """A shared name is the first column's that has no better one; so each must have a better."""
    names = _names(table)
    for column, words in names.items():
        assert any(
            all(word not in other for ours, other in names.items() if ours != column)
            for word in words
        ), column


HEADERS = st.lists(
    st.sampled_from(
        [*sorted({n for names in _data().values() for ns in names.values() for n in ns})]
    )
    | st.sampled_from([c for table in TABLES for c in columns_of(table)])
    | st.text(max_size=3),
    max_size=8,
)


@settings(deadline=None)
@given(headers=HEADERS, table=st.sampled_from(sorted(TABLES)))
def test_every_header_has_one_meaning_and_every_column_one_guess(headers, table):
    found = name_headers(table, headers, {})
    assert [name.header for name in found] == headers
    guessed = [name.column for name in found if name.how == "built-in name"]
    assert len(guessed) == len(set(guessed))
    exact = {name.column for name in found if name.how == "as named"}
    assert not exact & set(guessed)
    for name in found:
        assert name.column in {"", *columns_of(table)}
        assert (name.column == "") == (name.how == "extra")


@settings(deadline=None)
@given(headers=HEADERS, table=st.sampled_from(sorted(TABLES)), data=st.data())
def test_order_of_distinct_headers_does_not_count(headers, table, data):
    words = {normal(header): header for header in headers}
    distinct = sorted(words.values())
    mixed = data.draw(st.permutations(distinct))
    one = {n.header: n.column for n in name_headers(table, distinct, {})}
    other = {n.header: n.column for n in name_headers(table, mixed, {})}
    assert one == other
