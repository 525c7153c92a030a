"""Files so large that ids and times are kept as codes and words: the same graph, to the letter."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

import tracegraph as tg
from test_dirty import DIRTY, ENTRIES, laid_out
from tracegraph.model.reading import moments
from tracegraph.stores import parquet_files, text_files

TABLES = ("cases", "visits", "locations", "persons", "contacts", "isolations", "tests", "areas")


@pytest.fixture
def packed(monkeypatch):
    """Let every file be large."""

    def read(folder):
        with monkeypatch.context() as patch:
            patch.setattr(text_files, "LARGE", 0)
            patch.setattr(parquet_files, "MANY", 0)
            patch.setattr(moments, "MANY", 0)
            return tg.read(folder)

    return read


def told(read, folder):
    """Graph, or the words of the error."""
    try:
        return read(folder)
    except (tg.TableError, tg.TimeZoneError) as error:
        return str(error)


def same(one, other):
    """Whether two readings say the same: errors, or graphs with all that a user sees of them."""
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    for name in ("rejects", "warnings", "counts", "origins"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    for name in TABLES:
        pd.testing.assert_frame_equal(one.table(name), other.table(name))
    return one.equals(other)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_large_file_is_read_as_a_small_one(entry, tmp_path, packed):
    folder = laid_out(entry, tmp_path / "outbreak")
    assert same(told(tg.read, folder), told(packed, folder))


@pytest.mark.parametrize("files", ["csv", "parquet"])
def test_large_saved_folder_comes_back(files, tmp_path, packed):
    county = tg.datasets.county(seed=3, n_people=1_500).graph()
    saved = county.save(tmp_path / "county", files=files)
    again = packed(saved)
    assert county.equals(again)
    assert again.visits["person_id"].dtype == tg.read(saved).visits["person_id"].dtype


def test_large_saved_integers_are_integers_again(tmp_path, packed):
    cases = pd.DataFrame({"person_id": [7, 12], "onset": "2022-05-09"})
    graph = tg.TraceGraph(cases=cases, tz="Asia/Shanghai")
    assert graph.equals(packed(graph.save(tmp_path / "county")))


def test_large_and_small_files_of_one_table_make_one(tmp_path, monkeypatch):
    folder = tmp_path / "outbreak"
    shutil.copytree(DIRTY / "folders" / "several-apps", folder)
    sizes = sorted(path.stat().st_size for path in (folder / "visits").iterdir())
    whole = tg.read(folder)
    for limit in (0, sizes[-1]):  # all packed, one of two packed
        monkeypatch.setattr(text_files, "LARGE", limit)
        assert same(whole, tg.read(folder))


def test_trace_of_packed_tables_is_the_same(tmp_path, packed):
    saved = tg.datasets.county(seed=3, n_people=1_500).graph().save(tmp_path / "county")
    one, other = (read(saved).trace("china-8") for read in (tg.read, packed))
    pd.testing.assert_frame_equal(one.tiers, other.tiers)
    pd.testing.assert_frame_equal(one.exposures(), other.exposures())
    pd.testing.assert_frame_equal(one.expected, other.expected)
