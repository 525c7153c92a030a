"""tracegraph alone: growth with the number of visits, hostile sets, what the machine does."""

from __future__ import annotations

import platform
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.speed.compare import VOID_FROM
from benchmarks.speed.worker import run

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.speed.worlds import World

HOSTILE = ("one_place", "long_stays", "one_person", "equal_starts", "date_only", "everybody")
STAGES = ("one_shot", "index", "repeated")
COUNTERS = ("instructions", "cycles", "cache-misses")
TIMES = 5
"""Traces that perf counts, to divide by."""


def growth(least: int, most: int, points: int, warm: World, runs: int) -> dict[str, Any]:
    """Seconds from `least` to `most` visits, and the exponents fitted to them."""
    sizes = np.geomspace(least, most, points).round().astype(int)
    taken = [
        run("ours", kind="city", n_visits=int(size), seed=1, warm=warm.folder, runs=runs)
        for size in sizes
    ]
    fitted = [one for one in taken if one["traced"] < VOID_FROM]
    return {"points": taken, "exponent": {stage: _exponent(fitted, stage) for stage in STAGES}}


def _exponent(points: list[dict[str, Any]], stage: str) -> float | None:
    """Slope of log seconds over log visits."""
    if len(points) < 2:
        return None
    visits = np.log([point["visits"] for point in points])
    seconds = np.log([point["seconds"][stage] for point in points])
    return float(np.polyfit(visits, seconds, 1)[0])


def hostile(n_visits: int, warm: World, runs: int) -> dict[str, Any]:
    """Cost a visit of every hostile set over that of the city of the same size."""
    taken = {
        kind: run("ours", kind=kind, n_visits=n_visits, seed=1, warm=warm.folder, runs=runs)
        for kind in ("city", *HOSTILE)
    }
    plain = _a_visit(taken["city"])
    for found in taken.values():
        cost = _a_visit(found)
        found["times"] = {stage: cost[stage] / plain[stage] for stage in STAGES}
    return taken


def _a_visit(found: dict[str, Any]) -> dict[str, float]:
    return {stage: found["seconds"][stage] / found["visits"] for stage in STAGES}


def machine(world: World, warm: World, copied: float) -> dict[str, Any]:
    """Instructions, cycles and cache misses a visit, of a one-shot and of a repeated trace."""
    found: dict[str, Any] = {"copied": copied}
    for stage, indexed in (("one_shot", False), ("repeated", True)):
        none, some = (
            _counted(world, warm, times, indexed=indexed) for times in (0, TIMES)
        )  # fmt: skip
        if isinstance(none, str) or isinstance(some, str):
            return {**found, "reason": none if isinstance(none, str) else some}
        n = TIMES * world.facts["visits"]
        found[stage] = {name: (some[name] - none[name]) / n for name in COUNTERS}
    return found


def _counted(world: World, warm: World, times: int, *, indexed: bool) -> dict[str, float] | str:
    """Counts of a process, or why there are none."""
    perf = shutil.which("perf")
    if perf is None:
        return "perf is not installed"
    under = [perf, "stat", "-x", ",", "-e", ",".join(COUNTERS)]
    asked = {"world": world.folder, "warm": warm.folder, "times": times, "indexed": indexed}
    try:
        told = run("traces", under=under, **asked)["told"]
    except RuntimeError as error:
        return f"perf stat failed: {str(error).strip().splitlines()[-1]}"
    return counts(told)


def counts(told: str) -> dict[str, float] | str:
    """Counts in what `perf stat -x ,` wrote."""
    fields = [line.split(",") for line in told.splitlines()]
    rows = {row[2].split(":")[0]: row[0] for row in fields if len(row) > 2}
    if set(COUNTERS) - set(rows) or not all(rows[name].isdigit() for name in COUNTERS):
        kept = ", ".join(f"{name} {rows.get(name, 'missing')}" for name in COUNTERS)
        return f"the machine does not count for us ({kept})"
    return {name: float(rows[name]) for name in COUNTERS}


def described() -> dict[str, Any]:
    """The machine, without its name."""
    import os
    from importlib.metadata import version
    from pathlib import Path

    cpu = Path("/proc/cpuinfo")
    models = [line.split(":")[1].strip() for line in _lines(cpu) if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    packages = ("numpy", "numba", "pandas", "pyarrow", "polars", "duckdb")
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "memory": memory,
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in packages},
    }


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []
