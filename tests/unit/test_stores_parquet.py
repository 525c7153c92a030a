"""Long Parquet files, read piece by piece: whatever wrote them, and however broken they are."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings, strategies as st

import tracegraph as tg
from tracegraph.model.reading import moments
from tracegraph.stores import parquet_files
from tracegraph.stores.heading import Names

NAMES = Names(table="visits", columns={})
NUMBERED = st.integers(0, 10**7 - 1).map("P{:07d}".format)
FEW = st.sampled_from(["", "P1", "ü12", "x" * 40, "P0000007"])
ANY = st.one_of(NUMBERED, FEW, st.text(max_size=12))


@pytest.fixture
def long(monkeypatch):
    """Let every file be long."""
    for module in (parquet_files, moments):
        monkeypatch.setattr(module, "MANY", 0)


def log_of(texts: list[str | None]) -> pa.Table:
    arrive = np.datetime64("2022-05-08T07:00:01") + np.arange(len(texts)).astype("timedelta64[s]")
    return pa.table({
        "person_id": pa.array(texts, pa.string()),
        "weather": pa.array([["fair"]] * len(texts)),
        "location_id": pa.array(["L1"] * len(texts)),
        "arrive": arrive,
    })  # fmt: skip


def read(path):
    return parquet_files.read_parquet(path, "visits.parquet", NAMES)


def cells(raw, column):
    return [None if pd.isna(cell) else cell for cell in raw.frame[column].astype("object")]


@settings(max_examples=120, deadline=None)
@given(
    texts=st.one_of(*(st.lists(ids, min_size=1, max_size=60) for ids in (NUMBERED, FEW, ANY))),
    gaps=st.booleans(),
    is_category=st.booleans(),
    options=st.fixed_dictionaries({
        "row_group_size": st.sampled_from([1, 7, 1000]),
        "compression": st.sampled_from(["snappy", "zstd", "gzip", "brotli", "lz4", "none"]),
        "use_dictionary": st.booleans(),
        "data_page_version": st.sampled_from(["1.0", "2.0"]),
        "data_page_size": st.sampled_from([10, 1 << 20]),
        "dictionary_pagesize_limit": st.sampled_from([10, 1 << 20]),
        "write_statistics": st.booleans(),
    }),
)  # fmt: skip
def test_texts_are_read_however_they_are_kept(tmp_path_factory, texts, gaps, is_category, options):
    texts = [None if gaps and i % 3 == 0 else text for i, text in enumerate(texts)]
    log = log_of(texts)
    if is_category:
        log = log.set_column(0, "person_id", log["person_id"].dictionary_encode())
    path = tmp_path_factory.mktemp("outbreak") / "visits.parquet"
    pq.write_table(log, path, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet_files, "MANY", 0)
        raw = read(path)
    assert list(raw.frame) == log.column_names
    assert cells(raw, "person_id") == texts
    assert list(raw.frame["person_id"].cat.categories) == sorted(
        {text for text in texts if text is not None}, key=str.encode
    )
    assert raw.cells(slice(None))["arrive"].tolist() == log["arrive"].to_pandas().tolist()


def test_word_that_no_row_has_is_no_person(tmp_path, long):
    column = pd.Categorical(["P1", "P2", "P1"], categories=["nobody", "P1", "P2", "P9"])
    log = log_of(["P1"] * 3).set_column(0, "person_id", pa.array(column))
    pq.write_table(log, tmp_path / "visits.parquet")
    assert list(read(tmp_path / "visits.parquet").frame["person_id"].cat.categories) == ["P1", "P2"]


@pytest.mark.parametrize("use_dictionary", [True, False])
def test_broken_file_is_an_error_or_read(tmp_path, long, use_dictionary):
    path, draw = tmp_path / "visits.parquet", random.Random(7)  # noqa: S311  # no secret
    pq.write_table(
        log_of([f"P{i % 50:07d}" for i in range(500)]).drop_columns(["weather"]),
        path,
        use_dictionary=use_dictionary,
        data_page_size=200,
    )
    sound, told = path.read_bytes(), []
    for _ in range(300):
        broken = bytearray(sound)
        for _ in range(draw.randint(1, 4)):
            broken[draw.randrange(len(broken))] = draw.randrange(256)
        path.write_bytes(broken)
        try:
            read(path)
        except tg.TableError as error:
            told.append(str(error).partition("\n")[0])
    assert set(told) == {"visits.parquet is no sound Parquet file."}
    assert len(told) < 300


def test_rejects_of_a_long_file_show_its_cells(tmp_path, long):
    log = pd.DataFrame({
        "人员编号": ["P1", "P2", None],
        "location_id": ["L1", "L1", "L2"],
        "arrive": pd.to_datetime(["2022-05-08 09:00", "2022-05-08 09:30", "2022-05-08 10:00"]),
        "depart": pd.to_datetime(["2022-05-08 10:00", "2022-05-08 08:30", "2022-05-08 11:00"]),
        "seen_at": pd.to_datetime(["2022-05-08 10:00", "2022-05-08 08:30", "2022-05-08 11:00"]),
    })  # fmt: skip
    log.to_parquet(tmp_path / "visits.parquet")
    (tmp_path / "cases.csv").write_text("person_id,onset\nP1,2022-05-09\n", encoding="utf-8")
    graph = tg.read(tmp_path, tz="Asia/Shanghai")
    rejects = graph.rejects.set_index("rule")
    wrong = rejects.loc["depart-before-arrive"]
    assert (wrong["row"], wrong["value"]) == (3, "2022-05-08 08:30:00")
    assert "arrive (2022-05-08 09:30:00)" in wrong["message"]
    assert rejects.loc["missing-value", "row"] == 4
    assert graph.counts.set_index("table").loc["visits"].tolist()[1:] == [3, 1, 2]
    assert graph.visits["seen_at"].tolist() == [pd.Timestamp("2022-05-08 10:00")]
    assert list(graph.visits) == ["person_id", "location_id", "arrive", "depart", "seen_at"]


PLACES = st.lists(st.sampled_from(["L1", "L2", "L3", "X", " L2", "L9.0"]), min_size=1, max_size=9)


@settings(max_examples=40, deadline=None)
@given(here=PLACES, listed=st.lists(st.sampled_from(["A", "L2", "L3", "Z"]), unique=True))
def test_ids_that_other_tables_know_too_are_those_of_a_short_file(tmp_path_factory, here, listed):
    folder = tmp_path_factory.mktemp("outbreak")
    log_of(["P1", "P2", "P3"] * len(here)).set_column(
        2, "location_id", pa.array([place for place in here for _ in range(3)])
    ).drop_columns("weather").to_pandas().to_parquet(folder / "visits.parquet")
    pd.DataFrame({"location_id": listed}, dtype="str").to_parquet(folder / "locations.parquet")
    (folder / "cases.csv").write_text("person_id,onset\nP2,2022-05-09\nP4,2022-05-09\n")
    short = graph_in(folder)
    with pytest.MonkeyPatch.context() as patch:
        for module in (parquet_files, moments):
            patch.setattr(module, "MANY", 0)
        long = graph_in(folder)
    if isinstance(short, str):
        assert short == long
        return
    pd.testing.assert_frame_equal(short.visits, long.visits)
    pd.testing.assert_frame_equal(short.locations, long.locations)
    assert short.equals(long)


def graph_in(folder):
    """Graph of a folder, or the words of the error."""
    try:
        return tg.read(folder, tz="Asia/Shanghai")
    except tg.TableError as error:
        return str(error)
