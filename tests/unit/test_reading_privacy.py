"""Logs and errors hand on no cell but the one that is wrong: a marked token in every column."""

from __future__ import annotations

import logging
import re

import pandas as pd
import pytest

import tracegraph as tg
from tracegraph.model.schemas import TABLES

TOKEN = re.compile(r"tok-[a-z]+-[a-z_]+-\d")
WORDS = {"result": "positive", "zone": "lockdown", "found_in": "clinic", "record": "qr"}


def cell(table: str, column, row: int) -> object:
    """A token wherever a column may hold one; lawful values elsewhere."""
    if column.role == "time":
        return "2022-05-09"
    if column.name in WORDS:
        return WORDS[column.name]
    if column.role == "number":
        return 30.0
    return f"tok-{table}-{column.name}-{row}"


def marked(table: str) -> pd.DataFrame:
    """Two rows with a token in every column, and in a column of no rule."""
    rows = [
        {
            column.name: cell(table, column, row)
            for column in TABLES[table].columns
            if column.name != "date"  # it would mend an arrival
        }
        for row in range(2)
    ]
    return pd.DataFrame(rows).assign(remark=[f"tok-{table}-remark-{row}" for row in range(2)])


def tables(**changed: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {**{name: marked(name) for name in TABLES}, **changed}


FAULTS = [
    *(
        (name, column.name, "tok-wrong-time-9")
        for name, schema in TABLES.items()
        for column in schema.columns
        if column.role == "time" and (name, column.name) != ("visits", "date")
    ),
    *((name, c, None) for name, schema in TABLES.items() for c in schema.required),
    ("tests", "result", "tok-wrong-result-9"),
    ("visits", "depart", "1922-05-09"),
    ("visits", "depart", "2022-05-08"),
    ("isolations", "end", "2022-05-08"),
    ("contacts", "end", "2022-05-08"),
    ("visits", "arrive", "8:30"),
    ("visits", "arrive", "9/5/2022"),
    ("cases", "person_id", "6.32123E+17"),
]


@pytest.mark.parametrize(("table", "column", "value"), FAULTS)
def test_error_quotes_the_wrong_cell_and_no_other(table, column, value, caplog):
    caplog.set_level(logging.DEBUG)
    frame = marked(table).astype("object")
    frame.loc[1, column] = value
    with pytest.raises((tg.TableError, tg.TimeZoneError)) as error:
        tg.TraceGraph(**tables(**{table: frame}), tz="Asia/Shanghai", strict=True)
    told = set(TOKEN.findall(str(error.value)))
    assert told <= {value}
    assert not TOKEN.search(caplog.text)


def test_warnings_say_no_cell_but_in_their_value(caplog):
    caplog.set_level(logging.DEBUG)
    graph = tg.TraceGraph(**tables(), tz="Asia/Shanghai")
    assert len(graph.warnings) > 5
    for column in ("message", "mend", "file", "rule"):
        assert not graph.warnings[column].str.contains(TOKEN).any()
    trace = graph.trace("china-8")
    assert not TOKEN.search(f"{graph!r}{graph._repr_html_()}{trace!r}{graph.quality()}")
    assert not TOKEN.search(caplog.text)


def test_page_of_check_quotes_cells_only_when_asked(tmp_path):
    from tracegraph.viz.check_page import write_check_page

    frame = marked("visits").astype("object")
    frame.loc[1, "arrive"] = "tok-wrong-time-9<script>alert(1)</script>"
    graph = tg.TraceGraph(**tables(visits=frame), tz="Asia/Shanghai")
    silent = write_check_page(graph, tmp_path / "silent.html").read_text("utf-8")
    assert not TOKEN.search(silent)
    told = write_check_page(graph, tmp_path / "told.html", values=True).read_text("utf-8")
    assert "tok-wrong-time-9&lt;script&gt;" in told
    assert "tok-contacts-location_id-0" in told
    for page in (silent, told):
        assert "<script" not in page
        assert "default-src &#39;none&#39;" in page
