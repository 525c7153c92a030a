"""A store that is killed, or that runs out of room, is in its old state or in its new one."""

import os
import shutil
import subprocess
import sys
import textwrap

import pytest

import tracegraph as tg
from fuzz.kills import kill_saves
from told import graph_of

SAVE = """
    import resource, signal, sys
    import tracegraph as tg
    graph = tg.read(sys.argv[1])
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    if limit := int(sys.argv[3]):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        graph.save(sys.argv[2])
    except tg.StoreError as error:
        print(error)
"""


@pytest.mark.slow
def test_store_that_is_killed_is_in_its_old_state_or_its_new_one():
    assert kill_saves("duckdb", 6, seed=os.getpid()).total() == 9  # three ran to their end


def saved(graph_folder, target, *, limit=0):
    """What a process says that saves a graph."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SAVE), graph_folder, target, str(limit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A folder with a graph of some megabytes."""
    county = tg.datasets.county(seed=2, n_people=1_500)
    graph = tg.TraceGraph(**county.tables, tz="Asia/Shanghai")
    return graph.save(tmp_path_factory.mktemp("large") / "county", files="parquet")


@pytest.fixture
def full_disk(tmp_path):
    """A folder on a disk of two megabytes; None where nobody may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if (
        not shutil.which("mount")
        or subprocess.run(command, capture_output=True, check=False).returncode
    ):
        yield None
        return
    yield disk
    subprocess.run([shutil.which("umount"), str(disk)], check=True)


def test_full_disk_is_told_and_costs_nothing(large, full_disk, tmp_path):
    disk, limit = (full_disk, 0) if full_disk else (tmp_path, 600_000)  # or a quota for a file
    before, target = graph_of(), disk / "county.duckdb"
    for _ in range(2):  # the second meets what the first left behind
        before.save(target)
        said = saved(large, target, limit=limit)
        assert said.startswith("county.duckdb could not be written: the disk is full"), said
        assert "what was saved before is still there" in said
        assert tg.read(target).equals(before)


def test_quota_is_told_as_a_full_disk(large, tmp_path):
    before, target = graph_of(), tmp_path / "county.duckdb"
    before.save(target)
    said = saved(large, target, limit=600_000)
    assert said.startswith("county.duckdb could not be written: the disk is full"), said
    assert tg.read(target).equals(before)


def test_first_save_without_room_leaves_no_half_file(large, full_disk, tmp_path):
    disk, limit = (full_disk, 0) if full_disk else (tmp_path, 600_000)
    said = saved(large, disk / "county.duckdb", limit=limit)
    assert "the disk is full" in said
    with pytest.raises(tg.StoreError, match=r"county\.duckdb holds no graph"):
        tg.read(disk / "county.duckdb")
    graph_of().save(disk / "county.duckdb")
    assert tg.read(disk / "county.duckdb").equals(graph_of())
