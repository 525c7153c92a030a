"""What identifies a person, folded so that two spellings of one thing compare."""

import numpy as np
import pandas as pd
import pytest

from tracegraph.model.signs import fold_name, fold_phone, is_eastern, read_signs


def signs(rows, person=None, home=None):
    frame = pd.DataFrame(rows)
    codes = np.arange(len(frame), dtype=np.int32) if person is None else np.array(person, np.int32)
    homes = np.full(len(frame), -1, np.int32) if home is None else np.array(home, np.int32)
    return read_signs(frame, codes, homes)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Schmidt, Anna", "ANNA SCHMIDT"),
        ("O'Neil  Sean", "sean o neil"),
        ("王 小明", "王小明"),
        ("Ａｎｎａ", "anna"),  # full width
        ("Straße", "STRASSE"),
        ("van_der-Berg", "berg der van"),
    ],
)
def test_names_that_are_one(one, other):
    assert fold_name(one) == fold_name(other) != ""


@pytest.mark.parametrize(
    "one", ["", " ", "A", "12345", "不详", "Unknown", "N/A", "n. n.", "1 2 3", "-", "\ud800"]
)
def test_names_that_name_nobody(one):
    assert fold_name(one) == ""


def test_names_that_stay_two():
    assert fold_name("王小明") != fold_name("王晓明")
    assert fold_name("Anna Schmidt") != fold_name("Anne Schmidt")


@pytest.mark.parametrize(
    ("name", "is_so"),
    [
        ("王小明", True),
        ("김철수", True),
        ("さくら", True),
        ("anna", False),
        ("王 anna", False),
        ("", False),
    ],
)
def test_names_in_eastern_characters(name, is_so):
    assert is_eastern(name) is is_so


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+86 138-1234-5678", "13812345678"),
        ("0049 (151) 2345678", "0151/2345678"),
        ("13812345678.0", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
    ],
)
def test_phones_that_are_one(one, other):
    assert fold_phone(one) == fold_phone(other) != ""


@pytest.mark.parametrize("one", ["", "123456", "0000000000", "none", "99999999"])
def test_phones_that_are_none(one):
    assert fold_phone(one) == ""


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1990-03-12", 19900312),
        ("1990/3/2", 19900302),
        ("1990年3月2日", 19900302),
        ("19900312", 19900312),
        (19900312, 19900312),
        (19900312.0, 19900312),
        (pd.Timestamp("1990-03-12"), 19900312),
        ("12.3.1990", -1),
        ("1990-13-01", -1),
        ("1990-12-32", -1),
        ("1990", -1),
        ([1990, 3, 12], -1),
        (None, -1),
        (float("nan"), -1),
    ],
)
def test_birth_dates(cell, number):
    assert signs({"birth_date": pd.Series([cell], dtype="object")}).birth.tolist() == [number]


@pytest.mark.parametrize(
    ("cell", "year"),
    [(1990, 1990), ("1990", 1990), (1990.0, 1990), ("?", -1), (None, -1), (np.inf, -1),
     (1e300, -1), (0, -1), (-5, -1)],
)  # fmt: skip
def test_birth_years(cell, year):
    assert signs({"birth_year": pd.Series([cell], dtype="object")}).year.tolist() == [year]


def test_year_of_the_date_goes_before_the_year():
    found = signs({"birth_date": ["1990-03-12", None], "birth_year": [1950, 1950]})
    assert found.year.tolist() == [1990, 1950]


def test_of_several_rows_of_a_person_the_first_that_tells_counts():
    rows = {
        "name": [None, "Ann Lee", "Other"],
        "phone": ["1381234567", "", None],
        "sex": [" ", "F", "M"],
    }
    found = signs(rows, person=[4, 4, 4], home=[-1, 9, 8])
    assert found.person.tolist() == [4]
    assert found.names == ["ann lee"]
    assert (found.phone >= 0).tolist() == [True]
    assert found.home.tolist() == [9]


def test_equal_signs_have_equal_keys_and_none_have_minus_one():
    found = signs({"name": ["Lee Ann", "ann LEE", None, "?"], "sex": ["男", "Male", "f", "x"]})
    assert found.name[0] == found.name[1] >= 0
    assert found.name[2:].tolist() == [-1, -1]
    assert found.sex.tolist() == [0, 0, 1, -1]


def test_table_without_a_row_has_no_sign():
    found = signs({"name": pd.Series([], dtype="str")})
    assert found.person.size == found.name.size == found.home.size == len(found.names) == 0
