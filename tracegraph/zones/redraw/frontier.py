"""People restricted against risk covered: this plan, its rivals, and other prices."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.errors import MissingExtraError
from tracegraph.zones.labels import CONTROL, LOCKDOWN, RESTRICTED
from tracegraph.zones.redraw.cut import least_cut
from tracegraph.zones.tree import NOWHERE

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.zones.redraw.objective import Objective
    from tracegraph.zones.redraw.plan import Plan
    from tracegraph.zones.redraw.setting import Setting

    Whole: TypeAlias = npt.NDArray[np.int64]

PRICES = (0.0, 50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600)
"""Person-days for one infection at which other plans are drawn."""


def frontier_table(plan: Plan) -> pd.DataFrame:
    """Every set of zones with what it restricts and covers; see `Plan.frontier`."""
    setting, objective = plan.setting, plan.setting.objective
    rows = [(name, np.nan, label) for name, label in rivals(setting).items()]
    rows.append(("this plan", objective.weights.infection, plan.label))
    rows += [(f"price {price:g}", price, at_price(objective, price)) for price in PRICES]
    return pd.DataFrame([
        {"zones": name, "infection": price, **_measured(objective, label)}
        for name, price, label in rows
    ]).astype({"zones": "str"})  # fmt: skip


def at_price(objective: Objective, price: float) -> Whole:
    """Labels of the plan that would spend so many person-days on an infection."""
    dearer = replace(objective, weights=replace(objective.weights, infection=price))
    return least_cut(dearer.problem()).label


def _measured(objective: Objective, label: Whole) -> dict[str, Any]:
    restricted = label >= RESTRICTED
    weights, risk = objective.weights, objective.risk
    total = float(risk.sum())
    covered, left = float(risk[restricted].sum()), float(objective.residual_risk(label).sum())
    burden = np.array(weights.burden)[label]
    return {
        "people": round(float(objective.people[restricted].sum())),
        "person_days": float((objective.people * burden).sum() * weights.days),
        "risk_covered": covered / total if total else np.nan,
        "risk_averted": 1 - left / total if total else np.nan,
        "keeps_clauses": bool((label >= objective.demanded).all()),
    }


def rivals(setting: Setting) -> dict[str, Whole]:
    """What teams do without a plan, as labels of finest areas."""
    homes = _homes_of_cases(setting)
    compound = _around(setting, homes, _compounds(setting))
    township = _around(setting, homes, _townships(setting))
    locked = np.where(compound, LOCKDOWN, 0)
    return {
        "today": setting.objective.now,
        "clauses alone": setting.objective.demanded,
        "compound of each case": locked,
        "ring around them": np.where(_ring(setting, compound), CONTROL, locked),
        "township of each case": np.where(township, LOCKDOWN, 0),
    }


def _homes_of_cases(setting: Setting) -> Whole:
    ground = setting.ground
    area = ground.home_area[ground.cases]
    homes: Whole = np.unique(area[area != NOWHERE])
    return homes


def _compounds(setting: Setting) -> Whole:
    """Area around each area in which the first lockdown clause would seal a home."""
    zones = setting.ground.trace.protocol.zones
    lockdown = zones.lockdown.criteria if zones and zones.lockdown else ()
    levels = lockdown[0].levels if lockdown else ()
    return _nearest_of(setting, levels)


def _townships(setting: Setting) -> Whole:
    """Township around each area; where no level is called so, the area around the compound."""
    tree = setting.tree
    found = _nearest_of(setting, ("township", "town", "subdistrict"))
    has_level = np.isin(_levels(setting)[found], ("township", "town", "subdistrict"))
    compound = _compounds(setting)
    above = np.where(tree.parent[compound] == NOWHERE, compound, tree.parent[compound])
    return np.where(has_level, found, above)


def _levels(setting: Setting) -> npt.NDArray[np.object_]:
    return np.asarray(setting.ground.trace.graph.area_level, dtype=object)


def _nearest_of(setting: Setting, levels: tuple[str, ...]) -> Whole:
    nearest = setting.tree.nearest(np.isin(_levels(setting), list(levels)))
    return np.where(nearest == NOWHERE, np.arange(len(nearest)), nearest)


def _around(setting: Setting, area: Whole, holder: Whole) -> npt.NDArray[np.bool_]:
    """Rows that lie in the holder of one of these areas."""
    chosen = np.zeros(len(setting.tree), dtype=bool)
    chosen[holder[area]] = True
    inside = setting.tree.nearest(chosen) != NOWHERE
    rows: npt.NDArray[np.bool_] = inside[setting.finest]
    return rows


def _ring(setting: Setting, inner: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Rows of compounds that touch the inner ones."""
    objective = setting.objective
    touched = np.zeros(len(inner), dtype=bool)
    touched[objective.one[inner[objective.other]]] = True
    touched[objective.other[inner[objective.one]]] = True
    return _around(setting, setting.finest[touched], _compounds(setting)) & ~inner


def plot(plan: Plan, ax: Any = None) -> Any:  # noqa: ANN401  # axes of matplotlib
    """Draw people restricted against risk covered."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        msg = 'plot_frontier needs matplotlib.\n    Install it: pip install "tracegraph[plot]"'
        raise MissingExtraError(msg) from error
    axes = ax if ax is not None else plt.subplots(figsize=(8, 4.5))[1]
    table = frontier_table(plan)
    is_price = table["zones"].str.startswith("price").to_numpy(bool)
    prices = table[is_price].sort_values("people")
    axes.plot(prices["people"], prices["risk_covered"], "-", color="0.6", marker=".")
    named = table.loc[~is_price, ["zones", "people", "risk_covered"]].to_numpy(object).tolist()
    for zones, people, covered in named:
        axes.plot(people, covered, "o", color="C3" if zones == "this plan" else "C0")
        is_far = people > table["people"].max() / 2  # to the left of it, or it leaves the axes
        beside = {"xytext": (-7, 5), "ha": "right"} if is_far else {"xytext": (7, -11)}
        axes.annotate(zones, (people, covered), textcoords="offset points", **beside)
    axes.set_xscale("symlog", linthresh=100)
    axes.set(xlabel="people under control or lockdown", ylabel="share of the risk inside")
    axes.set_ylim(-0.05, 1.05)
    axes.set_title("Grey: plans at other prices of an infection", fontsize=9)
    return axes
