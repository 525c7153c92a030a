"""Reading visits with every check, beside readers that check nothing.

    python benchmarks/reading.py --visits 10000000 --runs 3

Each reader runs in a process of its own, on the same file, the readers in turn. It starts at the
file and stops when ids and times stand in columns. Before any figure is printed, all have to
agree on the number of rows, the distinct persons and places, and the sums of arrivals and
departures. Seconds are the median of the runs; memory is the peak of the process over what it
held before (Linux).
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

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Callable

TZ = "Asia/Shanghai"
OFFSET = 8 * 3600
DAYS = 14
VISITS_A_PERSON = 43
COLUMNS = ("person_id", "location_id", "arrive", "depart")

# ---- the world


def write_world(folder: Path, n_visits: int, seed: int) -> None:
    """Folders `csv` and `parquet` with the same visits and a hundred cases."""
    rng = np.random.default_rng(seed)
    people, places = n_visits // VISITS_A_PERSON + 1, max(50, n_visits // 170)
    person, turn = np.divmod(np.arange(n_visits), VISITS_A_PERSON)
    slot = DAYS * 1440 // VISITS_A_PERSON  # minutes; nobody is in two places at once
    arrive = (turn * slot + rng.integers(0, 120, n_visits)) * 60
    stay = rng.integers(5, slot - 120, n_visits) * 60
    first = np.datetime64("2022-05-01T00:00:00", "s").astype(np.int64)
    times = [pa.array((first + t).astype("datetime64[s]")) for t in (arrive, arrive + stay)]
    table = pa.table({
        "person_id": _ids("P", people).take(pa.array(person)),
        "location_id": _ids("L", places).take(pa.array(rng.integers(0, places, n_visits))),
        "arrive": times[0],
        "depart": times[1],
    })  # fmt: skip
    cases = "person_id,onset\n" + "".join(
        f"P{i:07d},2022-05-09\n" for i in range(0, people, max(1, people // 100))
    )
    for name in ("csv", "parquet"):
        (folder / name).mkdir()
        (folder / name / "cases.csv").write_text(cases, encoding="utf-8")
        (folder / name / "tracegraph.toml").write_text(f'tz = "{TZ}"\n', encoding="utf-8")
    plain = pa_csv.WriteOptions(quoting_style="none", quoting_header="none")
    pa_csv.write_csv(table, folder / "csv" / "visits.csv", plain)
    pq.write_table(table, folder / "parquet" / "visits.parquet")


def _ids(letter: str, number: int) -> pa.Array:
    return pa.array([f"{letter}{i:07d}" for i in range(number)])


# ---- the readers: each returns ids as codes or texts, and seconds of the wall clock


def by_tracegraph(file: Path) -> Any:
    import tracegraph as tg

    return tg.read(file.parent)


def by_pandas(file: Path) -> Any:
    import pandas as pd

    if file.suffix == ".parquet":
        return pd.read_parquet(file)
    return pd.read_csv(file, parse_dates=["arrive", "depart"])


def by_pandas_arrow(file: Path) -> Any:
    import pandas as pd

    return pd.read_csv(file, parse_dates=["arrive", "depart"], engine="pyarrow")


def by_polars(file: Path) -> Any:
    import polars as pl

    if file.suffix == ".parquet":
        return pl.read_parquet(file)
    return pl.read_csv(file, try_parse_dates=True)


def by_duckdb(file: Path) -> Any:
    import duckdb

    return duckdb.sql(f"select * from '{file}'").to_arrow_table()  # noqa: S608  # a file of ours


READERS: dict[str, Callable[[Path], Any]] = {
    "tracegraph, every check": by_tracegraph,
    "pandas": by_pandas,
    "pandas, engine pyarrow": by_pandas_arrow,
    "polars": by_polars,
    "duckdb": by_duckdb,
}


def answer(read: Any) -> list[int]:
    """Rows, distinct persons and places, sums of arrivals and departures."""
    if hasattr(read, "facts"):
        visits, shift = read.facts.visits, read.calendar.epoch + OFFSET
        times = [int(t.astype(np.int64).sum()) + shift * len(visits)
                 for t in (visits.arrive_lo, visits.depart_hi)]  # fmt: skip
        ids = [len(np.unique(codes)) for codes in (visits.person, visits.location)]
        return [len(visits), *ids, *times]
    table = read if isinstance(read, pa.Table) else pa.table({c: _column(read[c]) for c in COLUMNS})
    ids = [len(table[c].combine_chunks().unique()) for c in COLUMNS[:2]]
    seconds = [table[c].cast(pa.timestamp("s")).cast(pa.int64()).to_numpy() for c in COLUMNS[2:]]
    return [len(table), *ids, *(int(s.sum()) for s in seconds)]


def _column(values: Any) -> pa.Array:
    return values.to_arrow() if hasattr(values, "to_arrow") else pa.array(values)


# ---- one reader, one process


def worker(name: str, file: Path, warm: Path) -> None:
    """Read once and print seconds, peak memory in MB and the answer."""
    read = READERS[name]
    read(warm)  # imports, and whatever is compiled on the first call
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    began = time.perf_counter()
    result = read(file)
    seconds = time.perf_counter() - began
    peak = memory("VmHWM")
    print(json.dumps({"s": seconds, "mb": (peak - before) / 1024, "answer": answer(result)}))


def memory(name: str) -> int:
    """Kilobytes that this process holds, or has held at most (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


def measure(name: str, file: Path, warm: Path) -> dict[str, Any]:
    command = [sys.executable, __file__, "--worker", name, "--file", str(file), "--warm", str(warm)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(file: Path, warm: Path, runs: int) -> list[dict[str, Any]]:
    """Median seconds and largest peak of every reader, after all of them agreed."""
    names = [n for n in READERS if file.suffix == ".csv" or "pyarrow" not in n]
    taken: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(runs):
        for name in names:
            taken[name].append(measure(name, file, warm))
    answers = {name: found[0]["answer"] for name, found in taken.items()}
    if len({tuple(a) for a in answers.values()}) > 1:
        message = f"the readers disagree: {answers}"
        raise AssertionError(message)
    return [
        {
            "reader": name,
            "seconds": statistics.median(run["s"] for run in found),
            "mb": max(run["mb"] for run in found),
        }
        for name, found in taken.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visits", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="where to keep the figures")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--warm", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.worker:
        worker(chosen.worker, chosen.file, chosen.warm)
        return
    results: dict[str, Any] = {
        "visits": chosen.visits,
        "runs": chosen.runs,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {n: version(n) for n in ("pandas", "polars", "duckdb", "pyarrow", "numpy")},
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size, at in ((chosen.visits, folder / "large"), (1_000, folder / "small")):
            at.mkdir()
            write_world(at, size, chosen.seed)
        for kind, file in (("csv", "visits.csv"), ("parquet", "visits.parquet")):
            large, small = (folder / size / kind / file for size in ("large", "small"))
            results[kind] = compare(large, small, chosen.runs)
            print_table(kind, large.stat().st_size, chosen.visits, results[kind])
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def print_table(kind: str, size: int, visits: int, rows: list[dict[str, Any]]) -> None:
    best = min(row["seconds"] for row in rows if "tracegraph" not in row["reader"])
    print(f"\n{visits:,} visits, {kind}, {size / 1e6:,.0f} MB; equal rows in all readers\n")
    print("| reader | seconds | rows a second | times the best plain reader | peak MB |")
    print("| --- | --- | --- | --- | --- |")
    for row in rows:
        print(
            f"| {row['reader']} | {row['seconds']:.2f} | {visits / row['seconds']:,.0f} "
            f"| {row['seconds'] / best:.2f} | {row['mb']:,.0f} |"
        )


if __name__ == "__main__":
    main()
