"""Zones on simulated outbreaks with known truth: how many of the later infected they hold.

    python benchmarks/zone_truth.py --seeds 11 110 --cache outbreaks --out zone_truth.json

Each seed makes an outbreak (`outbreaks.py`) and traces it with china-8 on the evening on which ten
cases have been found. Every strategy then labels the finest areas, and is judged by the infections
of the seven days that follow. Weights are fixed on seeds 1 to 10, results are those of 11 to 110.

Measures, each a share of a seed's later infections:
    resident   the infected person lives inside the restricted areas (control or lockdown)
    place      the infection happens inside; a bus lies in no area
    touched    it happens inside, or the infected or the infector lives inside
    outside    as resident, of infections outside the infected person's home alone

Seeds without a later infection are in the amounts, but in no share.

The redraw has a price, and each price is a set of zones. Beside a rival stands the redraw that
restricts as many people on the same seed, interpolated between prices; where no price restricts
as few or as many, the seed is left out of that difference and counted. At price 0 the redraw is
the clauses, so only the redraw without floors can cover more than they do at equal people. The
ratio is what the redraw restricts to reach the rival's coverage, over what the rival restricts,
both summed over seeds; a seed on which no price reaches it counts as restricting everybody.
Intervals: 95 %, percentiles of 10,000 resamples of seeds.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

import outbreaks
import tracegraph as tg
from tracegraph.zones.redraw.frontier import at_price
from tracegraph.zones.redraw.weights import ZoneWeights

if TYPE_CHECKING:
    from collections.abc import Callable

    from outbreaks import Outbreak
    from tracegraph.tracing.trace import Trace
    from tracegraph.zones.redraw.plan import Plan

    Labels: TypeAlias = pd.Series[int]  # by id of the finest areas: 0 none, … 3 lockdown
    Floats: TypeAlias = np.ndarray

PRECAUTION, CONTROL, LOCKDOWN = 1, 2, 3
BURDEN = np.array([0.0, 0.0, 0.5, 1.0])  # of a person's day
DAYS = 7
PRICES = (0.0, *(12.5 * 2.0**k for k in range(19)))
MEASURES = ("resident", "place", "touched", "outside")
AMOUNTS = {"people": "people restricted", "weighted": "weighted person-days"}
RESAMPLES = 10_000
PLANS = ("redraw", "redraw, no floors")


# ---- strategies: from a trace to labels


def clauses_alone(ground: Ground, trace: Trace) -> Labels:
    """Label what the clauses demand."""
    required = trace.zones().set_index("area_id")["required"]
    return pd.Series(required.cat.codes, index=required.index).reindex(ground.finest).astype(int)


def compound_of_each_case(ground: Ground, trace: Trace) -> Labels:
    """Lock down the compound of each case."""
    return ground.inside("compound", ground.cases_in("compound", trace)) * LOCKDOWN


def ring(ground: Ground, trace: Trace) -> Labels:
    """Lock down the compound of each case, control the compounds that border on it."""
    inner = ground.cases_in("compound", trace)
    around = ground.inside("compound", ground.bordering(inner)) * CONTROL
    return np.maximum(compound_of_each_case(ground, trace), around)


def township_of_each_case(ground: Ground, trace: Trace) -> Labels:
    """Lock down the township of each case."""
    return ground.inside("township", ground.cases_in("township", trace)) * LOCKDOWN


def redraw(
    ground: Ground, trace: Trace, *, weights: ZoneWeights, clauses: bool
) -> tuple[Labels, list[Labels]]:
    """Plan at its own price, and at each of `PRICES`."""
    plan = trace.redraw_zones(weights=weights, clauses=clauses)
    objective = plan.setting.objective
    again = _named(ground, plan, at_price(objective, weights.infection))
    planned = plan.areas.set_index("area_id")["planned"].cat.codes.reindex(ground.finest)
    if not (again == planned).all():
        message = "a plan is not the same at its own price"
        raise AssertionError(message)
    return again, [_named(ground, plan, at_price(objective, price)) for price in PRICES]


RIVALS: dict[str, Callable[[Ground, Trace], Labels]] = {
    "clauses alone": clauses_alone,
    "compound of each case": compound_of_each_case,
    "ring": ring,
    "township": township_of_each_case,
}


def _named(ground: Ground, plan: Plan, label: Floats) -> Labels:
    return pd.Series(label, index=plan.areas["area_id"]).reindex(ground.finest).astype(int)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Areas of an outbreak, read from the tables alone.

    Parameters
    ----------
    finest : Index
        Ids of the areas that hold no other.
    people : array
        Who lives in each of them.
    around : DataFrame
        Of every area, the one of each level that is or holds it.
    box : DataFrame
        West, south, east and north of every area.
    home : Series
        Finest area of each person's home.
    """

    finest: pd.Index
    people: np.ndarray
    around: pd.DataFrame
    box: pd.DataFrame
    home: pd.Series

    @classmethod
    def of(cls, tables: dict[str, pd.DataFrame]) -> Ground:
        """Read the tables."""
        areas = tables["areas"].set_index("area_id")
        finest = areas.index[~areas.index.isin(areas["parent_id"])]
        area = tables["locations"].set_index("location_id")["area_id"]
        corners = [np.ravel(json.loads(g)["coordinates"][0])[[0, 1, 4, 5]] for g in areas.geometry]
        return cls(
            finest=finest,
            people=areas.loc[finest, "population"].to_numpy(),
            around=_around(areas),
            box=pd.DataFrame(corners, areas.index, ["west", "south", "east", "north"]),
            home=tables["persons"].set_index("person_id")["home_id"].map(area),
        )

    def cases_in(self, level: str, trace: Trace) -> pd.Index:
        """Areas of a level in which a case has its home."""
        cases = trace.tiers.loc[trace.tiers["tier"] == 0, "person_id"]
        return pd.Index(self.around.loc[self.home.loc[cases], level].unique())

    def inside(self, level: str, chosen: pd.Index) -> Labels:
        """1 for the finest areas in these areas of a level."""
        return self.around.loc[self.finest, level].isin(chosen).astype(int)

    def bordering(self, inner: pd.Index) -> pd.Index:
        """Compounds that share a piece of border with one of these."""
        box = self.box.loc[self.around["compound"].dropna().unique()]
        found = [
            box.index[_shares_border(box, self.box.loc[compound])].difference(inner)
            for compound in inner
        ]
        return pd.Index(np.unique(np.concatenate(found)))


def _around(areas: pd.DataFrame) -> pd.DataFrame:
    found = pd.DataFrame(index=areas.index, columns=areas["level"].unique(), dtype="str")
    at = pd.Series(areas.index, index=areas.index)
    while at.notna().any():
        level = at.map(areas["level"])
        for name in found.columns:
            found.loc[level == name, name] = at[level == name]
        at = at.map(areas["parent_id"])
    return found


def _shares_border(box: pd.DataFrame, one: pd.Series) -> np.ndarray:
    """Whether rectangles touch this one along a line."""
    across = np.minimum(box.east, one.east) - np.maximum(box.west, one.west)
    up = np.minimum(box.north, one.north) - np.maximum(box.south, one.south)
    near = 2e-6  # corners are rounded to 1e-6 degrees
    touches = (across > -near) & (up > -near) & ((across > near) | (up > near))
    return touches.to_numpy()


# ---- one seed


def judge(
    seed: int,
    *,
    cache: Path | None,
    n_people: int,
    weights: ZoneWeights,
    rivals_only: bool,
) -> dict[str, Any] | None:
    """Measure every strategy on one seed; None without an outbreak."""
    outbreak = outbreaks.load(seed, cache, n_people)
    if outbreak is None:
        return None
    ground = Ground.of(outbreak.tables)
    graph = tg.TraceGraph(tz="Asia/Shanghai", **outbreak.tables)
    trace = graph.trace("china-8", as_of=outbreak.as_of)
    measured = {
        name: measure(ground, outbreak, label(ground, trace)) for name, label in RIVALS.items()
    }
    curves = {}
    for name in () if rivals_only else PLANS:
        own, others = redraw(ground, trace, weights=weights, clauses=name == PLANS[0])
        measured[name] = measure(ground, outbreak, own)
        curves[name] = [measure(ground, outbreak, labels) for labels in others]
    return {
        "seed": seed,
        "as_of": outbreak.as_of,
        **outbreak.facts,
        "strategies": measured,
        "curves": curves,
    }


def measure(ground: Ground, outbreak: Outbreak, labels: Labels) -> dict[str, float]:
    """What zones restrict, and which shares of the later infections they hold."""
    label = labels.to_numpy()
    later = outbreak.later
    restricted = ground.finest[label >= CONTROL]
    infected = later["infected_area"].isin(restricted)
    place = later["area_id"].isin(restricted)
    touched = place | infected | later["infector_area"].isin(restricted)
    return {
        "people": float(ground.people[label >= CONTROL].sum()),
        "weighted": float((ground.people * BURDEN[label]).sum() * DAYS),
        "resident": _share(infected),
        "place": _share(place),
        "touched": _share(touched),
        "outside": _share(infected[~later["at_home"]]),
    }


def _share(inside: pd.Series[bool]) -> float:
    return float(inside.mean()) if len(inside) else float("nan")


# ---- many seeds


def at_equal(curve: list[dict[str, float]], amount: str, target: str, value: float) -> float:
    """Coverage of the redraw that restricts `value`; nan where no price does."""
    x, y = path(curve, amount, target)
    return float(np.interp(value, x, y)) if x[0] <= value <= x[-1] else float("nan")


def least_for(curve: list[dict[str, float]], amount: str, target: str, value: float) -> float:
    """Least that the redraw restricts to reach a coverage; infinite where no price reaches it."""
    x, y = path(curve, amount, target)
    reached = np.flatnonzero(y >= value - 1e-12)
    if not reached.size:
        return float("inf")
    at = int(reached[0])
    if at == 0 or y[at] == y[at - 1]:
        return float(x[at])
    share = (value - y[at - 1]) / (y[at] - y[at - 1])
    return float(x[at - 1] + share * (x[at] - x[at - 1]))


def path(curve: list[dict[str, float]], amount: str, target: str) -> tuple[Floats, Floats]:
    """Coverage by what is restricted, from least to most; means where equal much is."""
    points = pd.DataFrame(curve).groupby(amount)[target].mean()
    return points.index.to_numpy(float), points.to_numpy(float)


def interval(values: Floats, statistic: Callable[[Floats], Floats]) -> list[float]:
    """Statistic of the seeds, and its 95 % interval by resampling them."""
    rng = np.random.default_rng(2022)
    rows = rng.integers(len(values), size=(RESAMPLES, len(values)))
    low, high = np.percentile(statistic(values[rows]), [2.5, 97.5])
    return [float(statistic(values[None])[0]), float(low), float(high)]


def mean(values: Floats) -> Floats:
    """Mean over seeds."""
    return values.mean(axis=1)


def ratio(values: Floats) -> Floats:
    """Sum of the first column over the sum of the second."""
    total = values.sum(axis=1)
    return total[:, 0] / total[:, 1]


def strategies_table(seeds: list[dict[str, Any]]) -> pd.DataFrame:
    """Means over seeds of what each strategy restricts and holds."""
    rows = []
    for name in seeds[0]["strategies"]:
        values = pd.DataFrame([seed["strategies"][name] for seed in seeds])
        row: dict[str, Any] = {"strategy": name}
        row |= {amount: interval(values[amount].to_numpy(), mean) for amount in AMOUNTS}
        row |= {m: interval(values[m].dropna().to_numpy(), mean) for m in MEASURES}
        rows.append(row)
    return pd.DataFrame(rows)


def comparisons(seeds: list[dict[str, Any]]) -> pd.DataFrame:
    """Every plan beside every rival, by each measure and amount."""
    return pd.DataFrame([
        {
            "amount": amount, "measure": target, "plan": plan, "rival": rival,
            **compare(seeds, plan, rival, amount, target),
        }
        for amount in AMOUNTS for target in MEASURES
        for plan in seeds[0]["curves"] for rival in RIVALS
    ])  # fmt: skip


def compare(
    seeds: list[dict[str, Any]], plan: str, rival: str, amount: str, target: str
) -> dict[str, Any]:
    """Coverage at equal restriction, and restriction at equal coverage, paired by seed."""
    with_any = [s for s in seeds if not np.isnan(s["strategies"][rival][target])]
    theirs = np.array(
        [[s["strategies"][rival][amount], s["strategies"][rival][target]] for s in with_any]
    )
    curves = [s["curves"][plan] for s in with_any]
    ours = np.array(
        [at_equal(c, amount, target, x) for c, (x, _) in zip(curves, theirs, strict=True)]
    )
    equal = ~np.isnan(ours)
    least = np.array(
        [least_for(c, amount, target, y) for c, (_, y) in zip(curves, theirs, strict=True)]
    )
    reached = np.isfinite(least)
    # a seed on which no price reaches the coverage counts as restricting everybody
    most = np.array([s["people"] * (DAYS if amount == "weighted" else 1) for s in with_any])
    least = np.where(reached, least, most)
    found: dict[str, Any] = {"seeds": len(with_any), "equal": int(equal.sum())}
    if equal.any():
        found |= {
            "rival_covers": float(theirs[equal, 1].mean()),
            "plan_covers": float(ours[equal].mean()),
            "difference": interval(ours[equal] - theirs[equal, 1], mean),
            "better": int((ours[equal] > theirs[equal, 1]).sum()),
            "worse": int((ours[equal] < theirs[equal, 1]).sum()),
        }
    return found | {
        "reached": int(reached.sum()),
        "ratio": interval(np.column_stack([least, theirs[:, 0]]), ratio),
    }


# ---- words


def as_markdown(seeds: list[dict[str, Any]], none: int) -> str:
    """All tables."""
    later = np.array([seed["later"] for seed in seeds])
    spread = ", ".join(f"{q:.0f}" for q in np.percentile(later, [0, 10, 25, 50, 75, 90, 100]))
    at_home = sum(seed["later_at_home"] for seed in seeds) / max(1, later.sum())
    lines = [
        f"{len(seeds)} seeds with an outbreak, {none} without; {seeds[0]['people']:,} people. "
        f"Later infections: mean {later.mean():.0f}; least, 10, 25, 50, 75, 90 %, most: {spread}; "
        f"{(later >= 10).sum()} seeds have ten or more, {(later == 0).sum()} none; "
        f"{at_home:.0%} at home.",
        "",
        "| strategy | people restricted | weighted person-days | " + " | ".join(MEASURES) + " |",
        "| --- |" + " --- |" * (2 + len(MEASURES)),
    ]
    for row in strategies_table(seeds).to_dict("records"):
        amounts = [f"{row[amount][0]:,.0f}" for amount in AMOUNTS]
        shares = [_span(row[target], "{:.0%}") for target in MEASURES]
        lines.append(f"| {row['strategy']} | " + " | ".join(amounts + shares) + " |")
    if seeds[0]["curves"]:
        table = comparisons(seeds)
        for (amount, target), rows in table.groupby(["amount", "measure"], sort=False):
            lines += ["", *_comparison_lines(str(amount), str(target), rows)]
    return "\n".join(lines)


def _comparison_lines(amount: str, target: str, rows: pd.DataFrame) -> list[str]:
    lines = [
        f"**{target}**, at equal {AMOUNTS[amount]}:",
        "",
        "| plan | rival | seeds | rival covers | plan covers | difference, points | "
        f"better, worse | {AMOUNTS[amount]} for the rival's coverage, ratio | reached |",
        "| --- |" + " --- |" * 8,
    ]
    for row in rows.to_dict("records"):
        some = row["equal"] > 0
        points = [100 * v for v in row["difference"]] if some else []
        covers = [f"{row[name]:.0%}" if some else "" for name in ("rival_covers", "plan_covers")]
        lines.append(
            f"| {row['plan']} | {row['rival']} | {row['equal']} of {row['seeds']} | "
            + " | ".join(covers)
            + f" | {_span(points, '{:+.1f}') if some else ''} | "
            + (f"{row['better']:.0f}, {row['worse']:.0f}" if some else "")
            + f" | {_span(row['ratio'], '{:.2f}')} | {row['reached']} |"
        )
    return lines


def _span(values: list[float], shown: str) -> str:
    value, low, high = (shown.format(v) for v in values)
    return f"{value} ({low} to {high})"


def main() -> None:
    """Judge the seeds, print the tables and, if asked, write everything down."""
    given = _arguments()
    weights = ZoneWeights(**given.weights)
    began = time.perf_counter()
    run = partial(
        judge,
        cache=given.cache,
        n_people=given.people,
        weights=weights,
        rivals_only=given.rivals_only,
    )
    first, last = given.seeds
    with ProcessPoolExecutor(given.workers) as pool:
        found = list(pool.map(run, range(first, last + 1)))
    seeds = [seed for seed in found if seed is not None]
    text = as_markdown(seeds, len(found) - len(seeds))
    seconds = time.perf_counter() - began
    print(text)
    print(f"\n{seconds:.0f} s, {given.workers} processes, Python {platform.python_version()}")
    if given.out:
        told = {
            "seeds": [first, last],
            "weights": asdict(weights),
            "prices": PRICES,
            "without_outbreak": len(found) - len(seeds),
            "strategies": strategies_table(seeds).to_dict("records"),
            "comparisons": [] if given.rivals_only else comparisons(seeds).to_dict("records"),
            "by_seed": seeds,
        }
        given.out.write_text(json.dumps(told, indent=1), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs=2, default=(11, 110), metavar=("FIRST", "LAST"))
    parser.add_argument("--people", type=int, default=outbreaks.N_PEOPLE)
    parser.add_argument("--cache", type=Path, help="folder for outbreaks, 23 MB each")
    parser.add_argument("--out", type=Path, help="JSON of all numbers, by seed too")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--weights", type=json.loads, default={}, help='such as {"border": 2}')
    parser.add_argument("--rivals-only", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
