"""The redraw of zones from 100 to 100,000 areas, beside other solvers of the same problem.

    pip install PyMaxflow ortools
    python benchmarks/zones.py --sizes 100 1000 10000 40000 100000 --runs 3

A made-up county of quadrilaterals that tile the plane, in compounds of 10, townships of 1,000:
people by chance, risk in clusters, zones of today, floors. Timed apart: *geometry* (reading
outlines from GeoJSON, finding shared borders), *solver* (costs to labels, scaling included), and
*plan* (`trace.redraw_zones()` whole, with evidence, trips and geometry, of a graph that is read).

Rivals of the solver get the same numbers: PyMaxflow (Boykov and Kolmogorov) and OR-tools (push
and relabel, int64), each with its graph built from the same arrays, and HiGHS on the same
problem as a linear program, up to 10,000 areas. Every side has to find labels of equal cost, to
a millionth, before a figure is printed. Times are the least of the runs; `x` is a rival's time
over ours.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import tracegraph as tg
from tracegraph.zones.geography.neighbours import shared_borders
from tracegraph.zones.geography.shapes import read_shapes
from tracegraph.zones.redraw.budget import Budget, within_budget
from tracegraph.zones.redraw.cut import Problem, least_cut
from tracegraph.zones.redraw.objective import Objective, relative

if TYPE_CHECKING:
    from collections.abc import Callable

CELL = 0.001  # degrees, about a hundred metres
SMALL_ENOUGH_FOR_HIGHS = 10_000
SIZES = [100, 1_000, 10_000, 40_000, 100_000]


# ---- the county


def tables(areas: int, seed: int = 1) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(areas)))
    corners = np.stack(np.meshgrid(np.arange(side + 1), np.arange(side + 1)), axis=-1) * 1.0
    corners += rng.uniform(-0.3, 0.3, corners.shape)
    corners = (np.array([100.8, 34.8]) + corners * CELL).round(7)
    number = np.arange(areas)
    row, column = number // side, number % side
    turn = ((0, 0), (0, 1), (1, 1), (1, 0), (0, 0))
    rings = np.stack([corners[row + up, column + right] for up, right in turn], axis=1)
    building = [f"B{n:06}" for n in number]
    compound = [f"K{n:06}" for n in number // 10]
    township = [f"T{n:06}" for n in np.arange(number[-1] // 10 + 1) // 100]
    outlines = [json.dumps({"type": "Polygon", "coordinates": [r]}) for r in rings.tolist()]
    tops = sorted(set(township))
    frame = pd.DataFrame({
        "area_id": [*building, *sorted(set(compound)), *tops, "C"],
        "parent_id": [*compound, *township, *(["C"] * len(tops)), None],
        "level": ["building"] * areas
        + ["compound"] * len(township)
        + ["township"] * len(tops)
        + ["county"],
        "geometry": pd.array([*outlines, *([None] * (len(township) + len(tops) + 1))], dtype="str"),
        "population": [*rng.poisson(25, areas), *([None] * (len(township) + len(tops) + 1))],
    })  # fmt: skip
    homes = pd.DataFrame({
        "location_id": [f"H{n:06}" for n in number], "kind": "home", "area_id": building
    })  # fmt: skip
    return {
        "areas": frame,
        "locations": homes,
        "persons": pd.DataFrame({
            "person_id": [f"P{n:06}" for n in number], "home_id": homes["location_id"]
        }),
        "cases": pd.DataFrame({"person_id": ["P000005"], "confirmed": ["2022-05-10 09:00"]}),
        "visits": visits(areas, rng),
    }  # fmt: skip


def visits(areas: int, rng: np.random.Generator) -> pd.DataFrame:
    """Ten calls a home, in other homes, on one day."""
    size = 10 * areas
    arrive = pd.Timestamp("2022-05-09 08:00") + pd.to_timedelta(rng.integers(0, 600, size), "min")
    return pd.DataFrame({
        "person_id": [f"P{n:06}" for n in rng.integers(0, areas, size)],
        "location_id": [f"H{n:06}" for n in rng.integers(0, areas, size)],
        "arrive": arrive,
        "depart": arrive + pd.Timedelta("20min"),
    })  # fmt: skip


def objective(areas: int, one: Any, other: Any, strength: Any, seed: int = 1) -> Objective:
    rng = np.random.default_rng(seed)
    clusters = rng.random(areas) < 0.01
    risk = np.where(clusters, rng.gamma(0.5, 1.0, areas), rng.gamma(0.05, 0.02, areas))
    now = np.repeat(rng.choice(4, size=areas // 50 + 1, p=(0.6, 0.2, 0.15, 0.05)), 50)[:areas]
    floor = np.where(rng.random(areas) < 0.005, 3, np.where(rng.random(areas) < 0.01, 2, 0))
    return Objective(
        risk=risk,
        home=np.zeros(areas),
        people=rng.poisson(25, areas).astype(float),
        now=now,
        demanded=floor,
        floor=floor,
        ceiling=np.full(areas, 3),
        barred=(),
        one=one,
        other=other,
        strength=strength,
        weights=tg.ZoneWeights(),
    )


# ---- rivals of the solver


def graph_of(problem: Problem) -> tuple[Any, ...]:
    """Nodes and capacities as floats: what a step saves, costs, and what borders cost."""
    step = np.diff(problem.cost, axis=1).T
    level = np.arange(1, 4)[:, None]
    huge = np.abs(step).sum() + 6 * problem.border.sum()
    saves = np.where(level <= problem.floor, huge, np.maximum(-step, 0))
    costs = np.where(level > problem.ceiling, huge, np.maximum(step, 0))
    node = np.arange(step.size).reshape(step.shape)
    one, other = node[:, problem.one].ravel(), node[:, problem.other].ravel()
    return saves, costs, node, one, other, np.tile(problem.border, 3), huge


def by_pymaxflow(problem: Problem) -> Any:
    import maxflow

    saves, costs, node, one, other, border, huge = graph_of(problem)
    graph = maxflow.GraphFloat(node.size, one.size + node.size)
    nodes = graph.add_grid_nodes(node.shape)
    graph.add_grid_tedges(nodes, saves, costs)
    graph.add_edges(one, other, border, border)
    inner = node[1:].ravel()
    graph.add_edges(inner, node[:-1].ravel(), np.full(inner.size, huge), np.zeros(inner.size))
    graph.maxflow()
    return (~graph.get_grid_segments(nodes)).sum(axis=0)


def by_ortools(problem: Problem) -> Any:
    from ortools.graph.python import max_flow

    saves, costs, node, one, other, border, huge = graph_of(problem)
    scale = 2.0 ** np.floor(np.log2(2**50 / huge))
    source, sink = node.size, node.size + 1
    flow = max_flow.SimpleMaxFlow()
    whole = [np.rint(values * scale).astype(np.int64) for values in (saves, costs, border)]
    every = node.ravel()
    flow.add_arcs_with_capacity(np.full(every.size, source), every, whole[0].ravel())
    flow.add_arcs_with_capacity(every, np.full(every.size, sink), whole[1].ravel())
    for tail, head in ((one, other), (other, one)):
        flow.add_arcs_with_capacity(tail, head, whole[2])
    inner = node[1:].ravel()
    flow.add_arcs_with_capacity(inner, node[:-1].ravel(), np.full(inner.size, 2**52))
    flow.solve(source, sink)
    reached = np.zeros(node.size + 2, dtype=np.int64)
    reached[flow.get_source_side_min_cut()] = 1
    return reached[: node.size].reshape(node.shape).sum(axis=0)


def by_highs(problem: Problem) -> Any:
    people = np.zeros(len(problem.cost))
    return within_budget(problem, people, Budget(people=1.0, seconds=600)).label


# ---- timing


def least(run: Callable[[], Any], runs: int) -> tuple[float, Any]:
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        result = run()
        found.append(time.perf_counter() - start)
    return min(found), result


def measure(areas: int, runs: int) -> dict[str, float]:
    graph = tg.TraceGraph(**tables(areas), tz="Asia/Shanghai")
    finest = np.flatnonzero([i.startswith("B") for i in graph.area_ids])
    shapes_s, shapes = least(lambda: read_shapes(graph), runs)
    borders_s, borders = least(lambda: shared_borders(shapes, finest), runs)
    row = np.full(len(graph.area_ids), -1)
    row[finest] = np.arange(areas)
    made = objective(areas, row[borders.one], row[borders.other], relative(borders))
    ours_s, label = least(lambda: least_cut(made.problem()).label, runs)
    problem = made.problem()
    figures = {"areas": areas, "borders": borders.one.size, "read": shapes_s, "border": borders_s}
    figures |= {"solver": ours_s, "cost": problem.cost_of(label)}
    rivals: dict[str, Any] = {"PyMaxflow": by_pymaxflow, "OR-tools": by_ortools}
    if areas <= SMALL_ENOUGH_FOR_HIGHS:
        rivals["HiGHS"] = by_highs
    for name, solve in rivals.items():
        seconds, theirs = least(lambda solve=solve: solve(problem), runs)  # type: ignore[misc]
        gap = abs(problem.cost_of(theirs) - figures["cost"]) / figures["cost"]
        if gap > 1e-6:
            message = f"{name} finds another cost at {areas:,} areas: {gap:.2e} off"
            raise AssertionError(message)
        figures[name] = seconds
    figures["plan"] = seconds_of_plan(graph)
    bare = tables(areas)
    bare["areas"] = bare["areas"].drop(columns="geometry")
    adjoin = pd.DataFrame({
        "area_id": graph.area_ids[borders.one],
        "neighbour_id": graph.area_ids[borders.other],
        "strength": borders.strength,
    })  # fmt: skip
    figures["bare"] = seconds_of_plan(tg.TraceGraph(**bare, tz="Asia/Shanghai"), neighbours=adjoin)
    return figures


def seconds_of_plan(graph: tg.TraceGraph, **wishes: Any) -> float:
    trace = graph.trace("china-8", as_of="2022-05-10 20:00")
    trace.tiers  # noqa: B018  # traced before; a plan reads it
    return least(lambda: trace.redraw_zones(**wishes), 2)[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    measure(100, 1)  # compile and import outside the figures
    print(platform.python_version(), *(f"{n} {_version(n)}" for n in _PACKAGES), sep=", ")
    columns = ["areas", "borders", "read outlines s", "shared borders s", "solver s"]
    columns += ["PyMaxflow", "OR-tools", "HiGHS", "plan s", "plan without geometry s"]
    print(f"| {' | '.join(columns)} |\n{'| ---: ' * len(columns)}|")
    for size in options.sizes:
        found = measure(size, options.runs)
        ratios = [
            f"{found[name]:.2f} s, {found[name] / found['solver']:.1f} x" if name in found else "-"
            for name in ("PyMaxflow", "OR-tools", "HiGHS")
        ]
        times = [f"{found[name]:.3f}" for name in ("read", "border", "solver")]
        plans = [f"{found[name]:.2f}" for name in ("plan", "bare")]
        cells = [f"{size:,}", f"{found['borders']:,}", *times, *ratios, *plans]
        print(f"| {' | '.join(cells)} |", flush=True)


_PACKAGES = ("numpy", "scipy", "shapely", "PyMaxflow", "ortools")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


if __name__ == "__main__":
    main()
