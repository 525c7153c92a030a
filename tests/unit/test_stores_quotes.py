"""Quotation marks that are never closed: which records may be several."""

import csv
import io

import pytest
from hypothesis import given, settings, strategies as st

from tracegraph import TableError
from tracegraph.stores.quotes import swallowed


def found(text, *, cells=3, above=1, is_sound=False, separator=","):
    lines = io.StringIO(text, newline="")
    records = swallowed(
        lines, separator, cells=cells, above=above, file="cases.csv", is_sound=is_sound
    )
    return [(record.row, record.first, record.lines) for record in records]


HEADER = "person_id,onset,note\n"


def test_row_of_one_line_is_never_suspicious():
    assert found(HEADER + 'A,1,"x"\nB,2,5" pipe\nC,"3"x,y\n') == []


def test_text_of_several_lines_is_no_fault():
    assert found(HEADER + 'A,1,"x\ny\nz, and more, and more, and more"\nB,2,\n') == []


def test_line_that_could_be_a_row_makes_its_record_suspicious():
    lines = ('A,1,"x\n', "B,2,y\n", 'C,3,z"\n')
    assert found(HEADER + "".join(lines) + "D,4,\n") == [(2, 1, lines)]


@pytest.mark.parametrize(
    "lines",
    [
        ('A,"1,x\n', 'B,2",y\n'),
        ('"A,1,x\n', 'B",2,y\n'),
        ('"A,1,x\n', "B,2,y\n", 'C",3,z\n'),
        ('A,"1,x\n', "torn\n", 'B,2",y\n'),
        ('A,1,"x\r\n', 'B,2,"\r\n'),
    ],
)
def test_mark_that_closes_in_its_own_column_below_makes_its_record_suspicious(lines):
    assert found(HEADER + "".join(lines) + "D,4,\n") == [(2, 1, lines)]


@pytest.mark.parametrize("text", ['"No\n编号",onset,note\nA,1,x\n', HEADER + '"A\nB",1,x\n'])
def test_line_break_in_the_first_cell_is_no_fault(text):
    assert found(text) == []


def test_line_that_could_be_a_row_is_text_in_a_file_that_quotes_rightly():
    assert found(HEADER + 'A,1,"x\nB,2,y"\nD,4,\n', is_sound=True) == []


def test_mark_that_closes_before_a_letter_makes_its_record_suspicious():
    text = HEADER + 'A,1,"x\nshort\nC,"3",z\nD,4,\n'
    assert found(text, is_sound=True) == [(2, 1, ('A,1,"x\n', "short\n", 'C,"3",z\n'))]


def test_rows_after_a_fault_are_counted_on():
    text = HEADER + 'A,1,"x\nB,"2",z\nD,4,\nE,5,"u\nF,6,v"\n'
    assert [(row, first) for row, first, _ in found(text)] == [(2, 1), (4, 4)]


def test_mark_open_in_the_last_line_makes_that_line_suspicious():
    assert found(HEADER + 'A,1,"x') == [(2, 1, ('A,1,"x',))]


def test_mark_open_to_the_end_is_an_error_that_names_its_row():
    with pytest.raises(TableError, match=r"cases\.csv row 3 opens a quotation mark that is never"):
        found(HEADER + 'A,1,x\nB,2,"y\nC,3,z\n')


@pytest.mark.parametrize("is_sound", [True, False])
def test_mark_open_in_the_header_is_an_error_without_a_cell(is_sound):
    with pytest.raises(TableError, match=r"row 1 opens a quotation mark that is not closed"):
        found('person_id,onset,"note\nA,1,"x"\nB,2,y\n', is_sound=is_sound)


def test_cell_of_any_size_is_read_and_the_limit_put_back():
    limit = csv.field_size_limit()
    assert found(HEADER + f'A,1,"{"x" * (limit + 1)}\ny"\n') == []
    with pytest.raises(TableError):
        found(HEADER + 'A,1,"\n\n')
    assert csv.field_size_limit() == limit


@settings(deadline=None)
@given(
    rows=st.lists(
        st.lists(st.text(st.sampled_from('a",\n\r '), max_size=5), min_size=2, max_size=2),
        max_size=6,
    ),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_file_that_quotes_rightly_has_no_fault(rows, end):
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    assert found(out.getvalue(), cells=2, is_sound=True) == []
