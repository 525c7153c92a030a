"""Paths as people write them: homes, slashes, bytes; and what the system refuses is told."""

import os
import sys
from pathlib import Path

import pytest

import tracegraph as tg
from told import graph_of


@pytest.mark.parametrize("name", ["x.duckdb", "x"])
def test_home_is_meant_by_its_sign(name, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    graph = graph_of()
    assert graph.save(f"~/{name}") == tmp_path / name
    assert tg.read(f"~/{name}").equals(graph)
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_home_of_nobody_is_told():
    for use in (tg.store, tg.read, graph_of().save):
        with pytest.raises(tg.StoreError, match=r"home is not known\.\n    Write it in full"):
            use("~nobody-of-that-name/x.duckdb")


def test_store_stays_where_it_was_opened(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = tg.store("x.duckdb")
    store.save(graph_of())
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert store.read().equals(graph_of())


@pytest.mark.parametrize("end", ["", "/", "//"])
@pytest.mark.parametrize("spelled", [str, os.fsencode])
def test_slash_at_the_end_and_bytes_name_the_same_file(tmp_path, end, spelled):
    target = spelled(f"{tmp_path}/Y.duckdb{end}")
    assert graph_of().save(target) == tmp_path / "Y.duckdb"
    assert (tmp_path / "Y.duckdb").is_file()
    assert tg.read(target).equals(graph_of())


def test_folder_is_named_by_bytes_too(tmp_path):
    assert graph_of().save(os.fsencode(tmp_path / "y")) == tmp_path / "y"
    assert tg.read(os.fsencode(tmp_path / "y")).equals(graph_of())


def loop(folder):
    (folder / "loop").symlink_to(folder / "loop")
    return folder / "loop"


def under_a_file(folder):
    (folder / "file").write_text("x")
    return folder / "file"


@pytest.mark.parametrize("end", [".duckdb", ""])
@pytest.mark.parametrize(
    "place",
    [
        lambda folder: under_a_file(folder) / "x",
        lambda folder: folder / ("x" * 300),
        lambda folder: folder / ("x" * 250),
        lambda folder: loop(folder) / "x",
        lambda folder: str(folder / "a\0b"),
        pytest.param(
            lambda folder: Path("/proc/x/x"),
            marks=pytest.mark.skipif(sys.platform != "linux", reason="no /proc"),
        ),
    ],
)
def test_what_the_system_refuses_is_told_in_two_lines(tmp_path, place, end):
    target = f"{place(tmp_path)}{end}"
    graph = graph_of()
    uses = [graph.save]
    if end:
        uses.append(graph.trace("china-8").save)
    for use in uses:
        with pytest.raises(tg.StoreError) as told:
            use(target)
        assert str(told.value).count("\n    ") == 1
        assert len(str(told.value)) < 250
    with pytest.raises((tg.StoreError, tg.TableError)):
        tg.read(target)
