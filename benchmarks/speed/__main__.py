"""How fast tracegraph is: every figure beside a rival that gave the same rows in the same run.

    make bench                                # all of it, at half a million people
    make bench BENCH="--people 50000 --most 2000000"
    python -m benchmarks.speed --write        # the page anew from the kept results

Each timed thing runs in a fresh process, one after the other, warm from a small world. Sides that
disagree, or an ordinary world with one person in five traced, end the run.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.speed import alone, compare
from benchmarks.speed.first_call import first_calls
from benchmarks.speed.page import write
from benchmarks.speed.plot import draw
from benchmarks.speed.worker import ROOT, run
from benchmarks.speed.worlds import VISITS_A_PERSON, World

RESULTS = ROOT / "benchmarks" / "results" / "performance.json"
PAGE = ROOT / "docs" / "explanation" / "performance.md"
PLOT = ROOT / "docs" / "images" / "performance-growth.png"
WARM_PEOPLE = 3_000
"""Enough for a log that is read as long ones are: those kernels are to be warm too."""


def measure(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Everything, as one dict that JSON can hold."""
    n = asked.people * VISITS_A_PERSON
    warm = _saved(folder / "warm", "city", WARM_PEOPLE * VISITS_A_PERSON)
    found: dict[str, Any] = {"machine": alone.described(), "runs": asked.runs}

    city = _saved(folder / "city", "city", n)
    found["city"] = _told("stages, city", compare.stages(city, warm, asked.runs))
    found["pairs"] = {"city": _told("pairs, city", compare.pairs(city, warm, asked.runs))}
    copied = found["city"]["pass"]["copied"]
    found["counted"] = _told("machine", alone.machine(city, warm, copied))

    joined = _saved(folder / "joined", "city", asked.join_people * VISITS_A_PERSON)
    crowd = _saved(folder / "crowd", "everybody", asked.join_people * VISITS_A_PERSON)
    found["self_join"] = {
        name: _told(
            f"self-join, {name}", compare.self_join(world, warm, asked.runs, asked.cap)
        )
        for name, world in (("city", joined), ("largest", city), ("everybody", crowd))
    }  # fmt: skip
    found["pairs"]["everybody"] = _told("pairs, everybody", compare.pairs(crowd, warm, asked.runs))

    everybody = _saved(folder / "everybody", "everybody", n)
    fewer = max(1, asked.runs - 1)
    found["everybody"] = _told("stages, everybody", compare.stages(everybody, warm, fewer))
    found["hostile"] = _told("hostile sets", alone.hostile(min(n, asked.hostile), warm, asked.runs))
    found["growth"] = _told(
        "growth", alone.growth(asked.least, asked.most, asked.points, warm, asked.runs)
    )
    if asked.county_people:
        found["first_call"] = _told("first calls", first_calls(asked.county_people))
    return found


def _saved(folder: Path, kind: str, n_visits: int) -> World:
    run("save", folder=folder, kind=kind, n_visits=n_visits, seed=1)
    return World(folder)


def _told(name: str, found: dict[str, Any]) -> dict[str, Any]:
    """Say how far the run has come."""
    print(f"{time.strftime('%H:%M:%S')}  {name}: done", flush=True)
    return found


def arguments() -> argparse.ArgumentParser:
    """All flags."""
    parser = argparse.ArgumentParser(prog="benchmarks.speed", description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=500_000)
    parser.add_argument("--join-people", type=int, default=50_000, help="for the self-join")
    parser.add_argument("--cap", type=float, default=120, help="seconds a self-join may take")
    parser.add_argument("--hostile", type=int, default=2_000_000, help="visits of a hostile set")
    parser.add_argument("--least", type=int, default=10_000, help="visits, growth from")
    parser.add_argument("--most", type=int, default=20_000_000, help="visits, growth to")
    parser.add_argument("--points", type=int, default=10, help="sizes between the two")
    parser.add_argument(
        "--county-people", type=int, default=10_000, help="for the first call; 0 leaves it out"
    )
    parser.add_argument("--runs", type=int, default=3, help="of which the least counts")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--plot", type=Path, default=PLOT)
    parser.add_argument("--write", action="store_true", help="the page only, from the results")
    return parser


def main(given: list[str] | None = None) -> None:
    """Measure, keep the results, write the page."""
    asked = arguments().parse_args(given)
    if not asked.write:
        with tempfile.TemporaryDirectory() as name:
            found = measure(asked, Path(name))
        asked.results.parent.mkdir(parents=True, exist_ok=True)
        asked.results.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    found = json.loads(asked.results.read_text(encoding="utf-8"))
    draw(found["growth"], asked.plot)
    asked.page.write_text(write(found), encoding="utf-8")
    print(write(found))


if __name__ == "__main__":
    main()
