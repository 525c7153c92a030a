"""The benchmark suite runs, refuses what it must, and its page says what the results say."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.speed import alone, compare, worker
from benchmarks.speed.__main__ import main
from benchmarks.speed.worlds import VISITS_A_PERSON, save

pytestmark = pytest.mark.filterwarnings("ignore")  # of the rivals' libraries, not ours to mend


@pytest.fixture
def together(monkeypatch):
    """All stages in this process: starting some fifty takes minutes."""
    monkeypatch.setattr(worker, "apart", False)


@pytest.fixture
def small(tmp_path):
    return save(tmp_path / "small", "city", 1_000 * VISITS_A_PERSON, 1)


@pytest.mark.usefixtures("together")
def test_whole_suite_measures_and_writes_its_page(tmp_path, capsys):
    results, page, plot = (tmp_path / name for name in ("p.json", "p.md", "p.png"))
    main([
        "--people", "2000", "--join-people", "1000", "--hostile", "10000", "--least", "30000",
        "--most", "90000", "--points", "3", "--runs", "1", "--county-people", "0",
        "--results", str(results), "--page", str(page), "--plot", str(plot),
    ])  # fmt: skip
    found = json.loads(results.read_text())
    assert set(found["city"]["sides"]) == {
        "tracegraph", "DuckDB ASOF", "Polars ASOF", "NumPy search"
    }  # fmt: skip
    for one in (found["city"], found["everybody"]):
        for side in one["sides"].values():
            assert set(side["seconds"]) == {"one_shot", "index", "repeated", "ingest", "headline"}
            assert min(side["seconds"].values()) > 0
    assert found["pairs"]["city"]["rows"] == found["city"]["exposures"]
    assert plot.stat().st_size > 10_000
    text = page.read_text()
    assert f"{found['city']['visits']:,} visits" in text
    assert f"{found['city']['traced']:.1%} of persons traced" in text
    page.unlink()
    main(["--write", "--results", str(results), "--page", str(page), "--plot", str(plot)])
    assert page.read_text() == text
    assert "measured" in capsys.readouterr().out


@pytest.mark.usefixtures("together")
@pytest.mark.parametrize("compared", [compare.stages, compare.pairs])
def test_sides_that_disagree_end_the_run(small, compared):
    # The rivals read this file, tracegraph does not: to them nobody is ever infectious.
    file, terms = small.folder / "terms.pickle", small.terms()
    file.write_bytes(pickle.dumps(replace(terms, end=terms.start)))
    with pytest.raises(compare.DisagreementError, match="the sides disagree"):
        compared(small, small, 1)


@pytest.mark.parametrize(("kind", "traced", "void"), [
    ("city", 0.199, False), ("city", 0.2, True), ("everybody", 0.9, False),
])  # fmt: skip
def test_ordinary_world_with_one_in_five_traced_is_void(kind, traced, void):
    facts = {"kind": kind, "traced": traced}
    if void:
        with pytest.raises(compare.VoidError, match="20%"):
            compare.refuse_void(facts)
    else:
        compare.refuse_void(facts)


def test_file_to_start_from_holds_plain_texts(small):
    columns = pq.read_schema(small.text / "visits.parquet")
    assert columns.field("person_id").type == pa.string()
    assert columns.field("location_id").type == pa.string()
    assert len(pq.read_table(small.text / "visits.parquet")) == small.facts["visits"]


def test_stage_in_a_process_of_its_own_reports_back(small):
    found = worker.run("passes", world=small.folder)
    assert found["seconds"]["pass"] > 0


def test_failure_in_a_process_names_its_cause(tmp_path):
    with pytest.raises(RuntimeError, match="FileNotFoundError"):
        worker.run("passes", world=tmp_path / "nowhere")


def test_counts_are_read_from_what_perf_writes():
    told = "9000,,instructions:u,1,100.00,,\n3000,,cycles:u,1,100.00,,\n7,,cache-misses:u,1,1,,\n"
    assert alone.counts(told) == {"instructions": 9000, "cycles": 3000, "cache-misses": 7}


def test_machine_that_counts_nothing_is_said_so():
    told = "<not supported>,,instructions,0,100.00,,\n"
    assert "does not count" in alone.counts(told)
