"""Encodings: stated, marked, plain UTF-8, or guessed and told."""

import codecs

import pytest
from hypothesis import given, settings, strategies as st

from tracegraph import TableError
from tracegraph.model.reading.findings import Findings
from tracegraph.stores.encodings import decode, warn_of_guess

CHINESE = "身份证号,发病日期,姓名\n007,2022-05-09,王小明\n008,2022-05-10,李娜\n"
LATIN = "person_id,onset,note\nA,2022-05-09,Müller aus Köln\nB,2022-05-10,Café\n"
RUSSIAN = (
    "person_id,onset,note\n"
    "A,2022-05-09,Иванов приехал из города\nB,2022-05-10,Больница на улице Ленина\n"
    "C,2022-05-10,Петрова живет рядом\nD,2022-05-10,не работает; дома\n"
)


def known(text):
    return sum(word in text.partition("\n")[0] for word in ("person_id", "onset", "身份证号"))


def read(data, stated=None):
    return decode(data, "cases.csv", stated=stated, recognised=known)


@pytest.mark.parametrize(
    ("text", "encoding", "is_guess"),
    [
        (CHINESE, "utf-8", False),
        (CHINESE, "utf-8-sig", False),
        (CHINESE, "utf-16", False),
        (CHINESE, "utf-32", False),
        (CHINESE, "utf-16-le", True),
        (CHINESE, "utf-16-be", True),
        (CHINESE, "gb18030", True),
        (CHINESE, "gbk", True),
        (LATIN, "cp1252", True),
        (RUSSIAN, "cp1251", True),
    ],
)
def test_text_comes_back_whole_and_guesses_are_told(text, encoding, is_guess):
    found = read(text.encode(encoding))
    assert found.text == text
    assert found.is_guess is is_guess


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("rows", [1, 200])
def test_letters_of_ascii_in_two_bytes_are_no_utf8(encoding, rows):
    text = "person_id,onset\n" + "A,2022-05-09\n" * rows
    assert read(text.encode(encoding)).text == text


def test_single_null_makes_no_wide_text():
    assert read(b"person_id,onset\nA\0,2022-05-09\n").text == "person_id,onset\nA\0,2022-05-09\n"


def test_encoding_stated_goes_before_all_others():
    assert read(CHINESE.encode("big5", "replace"), stated="big5").encoding == "big5"
    assert read("é".encode("cp1252"), stated="cp1250").text == "é"


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"person_id,onset\n\xff,2022-05-09\n", 2),
        (b"person_id\xff,onset\n", 1),
        (b"a\r\nb\r\nc\xff", 3),
        (b"a\rb\r\xff", 3),
        (b"a\n\n\n\xff\n", 4),
    ],
)
def test_bytes_that_contradict_the_encoding_stated_are_found_by_line(data, line):
    with pytest.raises(TableError, match=rf"cases\.csv is not in utf-8: line {line} has other"):
        read(data, stated="utf-8")


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_damaged_utf8_is_refused_before_a_guess_garbles_all_of_it(mark):
    data = CHINESE.encode().replace("李".encode(), b"\xe6\x9d")
    with pytest.raises(TableError, match="not in utf-8: line 3 has other bytes"):
        read(mark + data)


def test_text_that_says_it_is_utf8_is_held_to_it():
    with pytest.raises(TableError, match="not in utf-8: line 2 has other bytes"):
        read(codecs.BOM_UTF8 + b"person_id,onset\nM\xfcller,2022-05-09\n")


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "idna", "undefined", "punycode"])
def test_no_encoding_stated_brings_another_error(encoding):
    data = b"\x81\xff\x00\xd8\xff" * 3
    with pytest.raises(TableError, match=rf"cases\.csv is not in {encoding}"):
        read(data, stated=encoding)


def test_what_is_no_text_is_refused():
    with pytest.raises(TableError, match=r"is in no encoding that is known, or is no text"):
        read(bytes(range(256)) * 4)


def test_guess_is_told_without_a_cell():
    findings = Findings()
    warn_of_guess("cases", "cases.csv", read(CHINESE.encode("gb18030")), findings)
    (told,) = findings.warnings
    assert told["message"] == "cases.csv does not say its encoding: read as gb18030"
    assert 'encoding = "gb18030"' in told["mend"]
    warn_of_guess("cases", "cases.csv", read(CHINESE.encode()), findings)
    assert len(findings.warnings) == 1


def test_letters_far_below_a_long_start_of_ascii_decide():
    data = b"person_id,onset,note\n" + b"A,2022-05-09,\n" * 20_000 + CHINESE.encode("gb18030")
    assert read(data).encoding == "gb18030"


@settings(deadline=None, max_examples=200)
@given(data=st.binary(max_size=60))
def test_any_bytes_are_text_or_refused(data):
    try:
        found = read(data)
    except TableError as error:
        assert "cases.csv" in str(error)  # noqa: PT017  # it may, need not be raised
    else:
        assert "\ufeff" not in found.text[:1]


@settings(deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_utf8_is_read_as_it_is(text):
    if "\0" not in text:
        assert read(text.encode()).text == text.removeprefix("\ufeff")
