"""One process writes at a time: who comes second waits a little, and is told who holds the file."""

import subprocess
import sys
import threading

import duckdb
import pytest

import tracegraph as tg
from told import graph_of
from tracegraph.stores.duckdb import connection

HOLD = """
import sys, duckdb
con = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.readline()
con.close()
print("free", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def county(tmp_path):
    return graph_of().save(tmp_path / "county.duckdb")


@pytest.fixture
def holder(county):
    """Another process that has the file open until a line is written to it."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, county],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(connection, "PATIENCE_S", 0.2)


def test_program_and_process_that_hold_the_file_are_named(county, holder, impatient):
    for use in (graph_of().save, tg.read):
        with pytest.raises(tg.StoreError) as told:
            use(county)
        first, mend = str(told.value).split("\n")
        assert first.startswith("county.duckdb is in use: ")
        assert "python" in first
        assert f"(process {holder.pid}) holds it." in first
        assert mend == "    Wait for that process, or end it."


def test_file_that_is_free_again_in_a_moment_is_waited_for(county, holder):
    waiting = threading.Timer(0.3, lambda: print(file=holder.stdin, flush=True))
    waiting.start()
    assert tg.read(county).equals(graph_of())
    assert holder.stdout.readline() == "free\n"


def test_own_connection_is_told_from_that_of_others(county, impatient):
    with duckdb.connect(str(county)), pytest.raises(tg.StoreError, match=r"duckdb\.connect holds"):
        tg.read(county)
    assert tg.read(county).equals(graph_of())


def test_threads_of_one_process_take_turns(county):
    store, failed = tg.store(county), []

    def use(number):
        try:
            store.save_trace(store.read().trace("china-8"), f"trace {number}")
        except Exception as error:  # noqa: BLE001  # told by the test itself
            failed.append(error)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(store.traces()["name"]) == [f"trace {number}" for number in range(6)]


def test_two_processes_that_append_lose_no_row(county):
    code = """
import sys, pandas as pd, tracegraph as tg
store = tg.store(sys.argv[1])
for i in range(5):
    visits = pd.DataFrame({"person_id": [f"{sys.argv[2]}{i}"], "arrive": ["2022-05-09 09:00"]})
    store.append({"visits": visits.assign(location_id="L")})
"""
    both = [subprocess.Popen([sys.executable, "-c", code, county, letter]) for letter in ("A", "B")]
    assert [process.wait() for process in both] == [0, 0]
    expected = {f"{letter}{i}" for letter in "AB" for i in range(5)}
    assert set(tg.read(county).visits["person_id"]) == expected


def test_nothing_is_held_between_two_calls(county):
    store = tg.store(county)
    store.read()
    store.traces()
    with duckdb.connect(str(county)) as con:  # with another configuration
        assert con.sql("SELECT count(*) FROM cases").fetchall() == [(1,)]
