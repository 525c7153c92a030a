"""The first trace of all, when the kernels are compiled, and the first of a later process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from benchmarks.speed.worker import ROOT

SCRIPT = """
import sys, time
import tracegraph as tg
graph = tg.datasets.county(seed=1, n_people=int(sys.argv[1])).graph()
for _ in range(2):
    began = time.perf_counter()
    graph.trace("china-8").tiers
    print(time.perf_counter() - began)
"""


def first_calls(people: int) -> dict[str, float]:
    """Seconds of `graph.trace` and `tiers` on a county: first ever, later first, and once more."""
    with tempfile.TemporaryDirectory() as cache:
        ever, _ = _in_a_process(people, cache)
        later, again = _in_a_process(people, cache)
    return {"people": people, "ever": ever, "later": later, "again": again}


def _in_a_process(people: int, cache: str) -> list[float]:
    env = {**os.environ, "NUMBA_CACHE_DIR": cache, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SCRIPT, str(people)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)  # noqa: S603  # ours
    return [float(line) for line in done.stdout.splitlines()]
