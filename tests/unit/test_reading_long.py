"""Long logs: a quick look at each column tells what a closer one would have told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

import tracegraph as tg
from tracegraph.model import assembly
from tracegraph.model.calendar import BEFORE
from tracegraph.model.checks import diary
from tracegraph.model.constant import is_constant
from tracegraph.model.reading import moments
from tracegraph.model.reading.lexicon import Lexicon, positions_in

TZ = "Europe/Berlin"
CASES = pd.DataFrame({"person_id": ["P001"], "onset": ["2022-05-09"], "recorded": ["2022-05-11"]})


def visits(rows: int = 40, **columns: object) -> pd.DataFrame:
    """Log in order of arrival: eight people go round five places."""
    arrive = pd.Timestamp("2022-05-08 07:00") + pd.to_timedelta(np.arange(rows) * 1800, "s")
    frame = pd.DataFrame({
        "person_id": [f"P{i % 8:03d}" for i in range(rows)],
        "location_id": [f"L{i % 5:02d}" for i in range(rows)],
        "arrive": arrive,
        "depart": arrive + pd.Timedelta("20min"),
    })  # fmt: skip
    return frame.assign(**columns)


def graph_of(log: object, *, is_long: bool = True) -> tg.TraceGraph | str:
    """Graph of a log that counts as long or not, or the words of the error."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (moments, diary):
            patch.setattr(module, "MANY", 0 if is_long else 10**9)
        try:
            return tg.TraceGraph(cases=CASES, visits=log, tz=TZ)
        except (tg.TableError, tg.TimeZoneError) as error:
            return str(error)


def assert_same(one: tg.TraceGraph | str, other: tg.TraceGraph | str) -> None:
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    for name in ("rejects", "warnings", "counts", "visits"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert one.equals(other)
    for name in type(one.facts.visits).__slots__:
        column, twin = (getattr(g.facts.visits, name) for g in (one, other))
        assert column.dtype == twin.dtype, name
        np.testing.assert_array_equal(column, twin, err_msg=name)
    assert one.default_as_of_second == other.default_as_of_second


# ---- the quick look and the closer one

MOMENTS = st.one_of(
    st.datetimes(pd.Timestamp("2022-05-01"), pd.Timestamp("2022-05-04")),
    st.datetimes(pd.Timestamp("2022-10-30"), pd.Timestamp("2022-10-31")),  # the clocks go back
    st.dates(pd.Timestamp("2022-05-01").date(), pd.Timestamp("2022-05-04").date()).map(
        pd.Timestamp
    ),
    st.sampled_from([
        pd.NaT, pd.Timestamp("1969-12-31 23:00"), pd.Timestamp("2037-01-01 12:00"),
        pd.Timestamp("2050-01-01 12:00"), pd.Timestamp("2022-05-02 08:00:00.5"),
    ]),
)  # fmt: skip
WHOLE = st.datetimes(pd.Timestamp("2022-05-01"), pd.Timestamp("2022-05-06")).map(
    lambda t: pd.Timestamp(t).floor("h")
)


@st.composite
def logs(draw: st.DrawFn) -> pd.DataFrame:
    """Logs in any order, with what needs no explanation or with anything."""
    when = draw(st.sampled_from([WHOLE, WHOLE, MOMENTS]))
    rows = draw(st.lists(
        st.tuples(
            st.sampled_from(["P001", "P002", "P3"]),
            st.sampled_from(["L1", "L2", "L3", None]),
            when,
            when,
        ),
        min_size=1,
        max_size=12,
    ))  # fmt: skip
    log = pd.DataFrame(rows, columns=["person_id", "location_id", "arrive", "depart"])
    unit = draw(st.sampled_from(["s", "ms", "us", "ns"]))
    log = log.astype({"arrive": f"datetime64[{unit}]", "depart": f"datetime64[{unit}]"})
    if draw(st.booleans()):
        log = log.sort_values("arrive", kind="stable", ignore_index=True)
    if draw(st.booleans()):
        log = log.drop(columns="depart")
    if draw(st.booleans()):
        log["arrive"] = log["arrive"].dt.tz_localize("UTC")
    return log


@settings(max_examples=100, deadline=None)
@given(log=logs())
def test_quick_look_tells_what_a_closer_one_does(log):
    assert_same(graph_of(log), graph_of(log, is_long=False))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("arrive", pd.NaT),
        ("arrive", pd.Timestamp("2022-05-09 07:00:00.25")),
        ("depart", pd.Timestamp("1940-01-01 10:00")),
        ("depart", pd.Timestamp("2022-05-01 10:00")),
        ("depart", pd.Timestamp("2060-01-01 10:00")),
        ("location_id", None),
        ("person_id", None),
    ],
)
def test_one_odd_cell_is_explained(column, value):
    log = visits()
    log.loc[17, column] = value
    long = graph_of(log)
    assert_same(long, graph_of(log, is_long=False))
    told = long.counts.set_index("table").loc["visits"]
    assert told["rows"] == len(log) == told["used"] + told["rejected"]


def test_plain_column_is_not_copied_into_wider_ones():
    read = moments.PlainTimes(3, moments.NAIVE)
    assert read.put(0, np.array(["2022-05-01T10", "2022-05-02", "2022-05-03"], "datetime64[ms]"))
    told = read.told()
    assert (told.seconds.dtype, told.form, told.midnights) == (np.int32, moments.NAIVE, 2)
    assert told.span == (1_651_399_200, 1_651_536_000)


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(st.tuples(*[st.integers(0, 3)] * 2, *[st.integers(0, 200)] * 2), max_size=30))
def test_walk_of_a_log_tells_what_a_sort_does(rows):
    rows = sorted(rows, key=lambda row: row[2])
    person, place, arrive, stay = np.array(rows, np.int32).reshape(-1, 4).T.copy()
    columns = {
        "person": person,
        "location": place - 1,
        "arrive_hi": arrive * 1000,
        "depart_lo": (arrive + stay - 5) * 1000,
    }
    walked, in_order = diary._walked(columns, 4), diary._sorted(columns, 4)
    assert walked.keys() == in_order.keys()
    for name, found in in_order.items():
        np.testing.assert_array_equal(walked[name], found, err_msg=name)


def test_log_that_goes_back_in_time_is_not_walked():
    columns = {
        "person": np.array([0, 1, 0], np.int32),
        "location": np.zeros(3, np.int32),
        "arrive_hi": np.array([10, 5, 9], np.int32),
        "depart_lo": np.array([11, 6, 10], np.int32),
    }
    assert diary._walked(columns, 2) is None


# ---- ids as codes


def encoded(log: pd.DataFrame, how: str) -> object:
    ids = ["person_id", "location_id"]
    if how == "pandas":
        return log.astype(dict.fromkeys(ids, "category"))
    if how == "polars":
        return pl.from_pandas(log).with_columns(pl.col(ids).cast(pl.Categorical))
    table = pa.Table.from_pandas(log, preserve_index=False)
    for name in ids:
        at = table.schema.get_field_index(name)
        chunks = [table[name].slice(i, 9).dictionary_encode() for i in range(0, len(log), 9)]
        column = pa.chunked_array([chunk for part in chunks for chunk in part.chunks])
        table = table.set_column(at, name, column)
    return table


@pytest.mark.parametrize("is_long", [True, False])
@pytest.mark.parametrize("how", ["pandas", "polars", "pyarrow"])
def test_dictionary_of_ids_gives_the_graph_of_texts(how, is_long):
    log = visits()
    assert graph_of(encoded(log, how), is_long=is_long).equals(graph_of(log))


def test_word_of_a_dictionary_that_no_row_has_is_nobody():
    log = visits().astype({"person_id": "category"})
    log["person_id"] = log["person_id"].cat.add_categories(["nobody"])
    assert "nobody" not in graph_of(log).person_ids


TEXTS = st.one_of(
    st.none(),
    st.integers(0, 10**8).map("P{:07d}".format),
    st.integers(0, 30).map("P{:02d}".format),
    st.integers(0, 10**20).map(str),
    st.text(max_size=20),
)


@settings(max_examples=200, deadline=None)
@given(texts=st.lists(TEXTS, max_size=40), cut=st.integers(0, 40), by_dictionary=st.booleans())
def test_lexicon_ranks_texts(texts, cut, by_dictionary):
    array = pa.array(texts, pa.string())
    array = array.dictionary_encode() if by_dictionary else array
    lexicon, codes = Lexicon(len(texts)), np.empty(len(texts), np.int32)
    for part in (slice(None, cut), slice(cut, None)):
        lexicon.encode(array[part], codes[part])
    words = lexicon.ranked(codes).to_pylist()
    assert words == sorted({text for text in texts if text is not None}, key=str.encode)
    assert [words[code] if code >= 0 else None for code in codes] == texts


@settings(max_examples=200, deadline=None)
@given(texts=st.lists(TEXTS, max_size=40), known=st.lists(TEXTS, max_size=40, unique=True))
def test_texts_are_found_among_known_ones(texts, known):
    known = [text for text in known if text is not None]
    at = {text: place for place, text in enumerate(known)}
    found = positions_in(pa.array(texts, pa.string()), pa.array(known, pa.string()))
    assert found.tolist() == [at.get(text, -1) for text in texts]


# ---- what a graph holds


def test_as_of_shares_all_where_nothing_is_masked():
    graph = graph_of(visits())
    later = graph.as_of("2023-01-01")
    assert later.facts is graph.facts
    assert later.unplaced is graph.unplaced
    assert later.area_parent is graph.area_parent
    assert later.as_of_second == graph.second("2023-01-01")
    assert graph.as_of_second is None
    assert len(later.cases) == 1


def test_as_of_shares_the_log_where_only_cases_are_masked():
    graph = graph_of(visits())
    early = graph.as_of("2022-05-10")
    assert not len(early.facts.cases)
    assert early.facts.visits is graph.facts.visits


def test_as_of_masks_visits_that_were_recorded_later():
    graph = graph_of(visits(recorded=["2022-05-09"] * 30 + ["2022-05-12"] * 10))
    assert len(graph.as_of("2022-05-11").facts.visits) == 30
    assert len(graph.as_of("2022-05-12").facts.visits) == 40


def test_columns_that_say_one_thing_take_no_memory():
    held = graph_of(visits()).facts.visits
    for name in ("weak", "carriage", "seat", "known"):
        assert is_constant(getattr(held, name)), name
        assert not getattr(held, name).flags.writeable
    assert held.arrive_hi is held.arrive_lo
    assert held.depart_hi is held.depart_lo
    assert (held.known == BEFORE).all()


def test_log_without_departures_has_constant_ones():
    held = graph_of(visits().drop(columns="depart")).facts.visits
    assert is_constant(held.depart_lo)
    assert is_constant(held.depart_hi)
    assert assembly._latest(held.depart_hi) is None


def test_frame_of_visits_has_its_columns_in_order():
    graph = graph_of(visits(weather="fair"))
    assert list(graph.visits) == ["person_id", "location_id", "arrive", "depart", "weather"]
    assert str(graph.visits["arrive"].dtype) == f"datetime64[s, {TZ}]"
    assert graph.visits["arrive"].iloc[3] == pd.Timestamp("2022-05-08 08:30", tz=TZ)
