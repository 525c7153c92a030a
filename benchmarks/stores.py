"""Saving and loading a graph: a DuckDB file and our folder beside plain Parquet by pandas.

    python benchmarks/stores.py --people 20000 --runs 5

The rival writes the same tables with `DataFrame.to_parquet`, and nothing of what was rejected or
since when it was known. It loads them with `read_parquet`; a graph is there only after
`TraceGraph(...)` has read them, so that both are timed: alone, and until the graph stands.
Each step runs in a process of its own, the ways in turn. Before any figure is printed, every
graph that was loaded has to be equal to the one that was saved. Seconds are the median of the
runs; memory is the peak of the process over what it held before (Linux). "Bare DuckDB" makes
tables of the same columns and reads them, without rejects, settings, names of others, checks.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
from reading import TZ, VISITS_A_PERSON, memory, write_world

import tracegraph as tg
from tracegraph.stores.saved import saved_form

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    Step = Callable[[Any, Path], Any]

# ---- the ways: each saves a graph in a folder, and makes a graph of what is there


def save_duckdb(graph: tg.TraceGraph, folder: Path) -> None:
    graph.save(folder / "county.duckdb")


def load_duckdb(_: object, folder: Path) -> tg.TraceGraph:
    return tg.read(folder / "county.duckdb")


def save_folder(graph: tg.TraceGraph, folder: Path) -> None:
    graph.save(folder / "county", files="parquet")


def load_folder(_: object, folder: Path) -> tg.TraceGraph:
    return tg.read(folder / "county")


def save_pandas(graph: tg.TraceGraph, folder: Path) -> None:
    for name, table in graph.tables.items():
        table.frame.to_parquet(folder / f"{name}.parquet", index=False)


def load_pandas(_: object, folder: Path) -> tg.TraceGraph:
    return tg.TraceGraph(**_frames(folder), tz=TZ)


def read_pandas(_: object, folder: Path) -> dict[str, pd.DataFrame]:
    return _frames(folder)


def _frames(folder: Path) -> dict[str, pd.DataFrame]:
    return {file.stem: pd.read_parquet(file) for file in sorted(folder.glob("*.parquet"))}


def save_bare(graph: tg.TraceGraph, folder: Path) -> None:
    with duckdb.connect(folder / "bare.duckdb") as con:
        for name, table in saved_form(graph).tables.items():
            con.register("given", table)
            con.execute(f"CREATE TABLE {name} AS FROM given")


def read_bare(_: object, folder: Path) -> list[pa.Table]:
    with duckdb.connect(folder / "bare.duckdb", read_only=True) as con:
        names = [name for (name,) in con.sql("SELECT table_name FROM duckdb_tables()").fetchall()]
        return [con.sql(f"FROM {name}").to_arrow_table() for name in names]


STEPS: dict[str, dict[str, Step]] = {
    "DuckDB file": {"save": save_duckdb, "load": load_duckdb},
    "bare DuckDB": {"save": save_bare, "read": read_bare},
    "folder of Parquet": {"save": save_folder, "load": load_folder},
    "pandas, Parquet": {"save": save_pandas, "load": load_pandas, "read": read_pandas},
}
RIVAL = "pandas, Parquet"


# ---- one step, one process


def worker(way: str, step: str, world: Path, folder: Path) -> None:
    """Take one step and print seconds, peak memory in MB, and whether the graph is equal."""
    graph = tg.read(world)
    run = STEPS[way][step]
    _warm(way, step)
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    began = time.perf_counter()
    result = run(graph if step == "save" else None, folder)
    seconds = time.perf_counter() - began
    peak = memory("VmHWM")
    is_equal = graph.equals(result) if step == "load" else True
    print(json.dumps({"s": seconds, "mb": (peak - before) / 1024, "equal": is_equal}))


def _warm(way: str, step: str) -> None:
    """Import, and compile, what the first call would."""
    with tempfile.TemporaryDirectory() as name:
        cases = pd.DataFrame({"person_id": ["P1"], "onset": ["2022-05-09"]})
        STEPS[way]["save"](tg.TraceGraph(cases=cases, tz=TZ), Path(name))
        if step != "save":
            STEPS[way][step](None, Path(name))


def measure(way: str, step: str, world: Path, folder: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--worker", way, step, str(world), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(world: Path, runs: int) -> list[dict[str, Any]]:
    taken: dict[tuple[str, str], list[dict[str, Any]]] = {}
    size: dict[str, int] = {}
    for _ in range(runs):
        for way, steps in STEPS.items():
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                for step in steps:
                    taken.setdefault((way, step), []).append(measure(way, step, world, folder))
                size[way] = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    unequal = [way for (way, _), found in taken.items() if not all(run["equal"] for run in found)]
    if unequal:
        message = f"another graph came back from {unequal}"
        raise AssertionError(message)
    return [
        {
            "way": way,
            "step": step,
            "seconds": statistics.median(run["s"] for run in found),
            "mb": max(run["mb"] for run in found),
            "size_mb": size[way] / 1e6,
        }
        for (way, step), found in taken.items()
    ]


def print_table(rows: list[dict[str, Any]]) -> None:
    rival = {row["step"]: row["seconds"] for row in rows if row["way"] == RIVAL}
    print("\n| way | step | seconds | times pandas | peak MB | on disk, MB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row in rows:
        ratio = row["seconds"] / rival[row["step"]]
        print(
            f"| {row['way']} | {row['step']} | {row['seconds']:.2f} | {ratio:.2f} "
            f"| {row['mb']:,.0f} | {row['size_mb']:.0f} |"
        )


def main() -> None:
    if sys.argv[1:2] == ["--worker"]:
        way, step, *places = sys.argv[2:]
        worker(way, step, *map(Path, places))
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="where to keep the figures")
    chosen = parser.parse_args()
    visits = chosen.people * VISITS_A_PERSON
    with tempfile.TemporaryDirectory() as name:
        write_world(Path(name), visits, chosen.seed)
        rows = compare(Path(name) / "parquet", chosen.runs)
    names = ("pandas", "duckdb", "pyarrow", "numpy")
    versions = {n: version(n) for n in names} | {"python": platform.python_version()}
    print(f"{visits:,} visits of {chosen.people:,} people; {os.cpu_count()} cores; {versions}")
    print_table(rows)
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
