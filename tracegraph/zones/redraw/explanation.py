"""Why an area gets its label: the clause, the evidence, and what every label would cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tracegraph.errors import TableError
from tracegraph.zones.criteria import LABELS
from tracegraph.zones.ground import code_of
from tracegraph.zones.redraw.changes import evidence_in_words
from tracegraph.zones.redraw.objective import PARTS

if TYPE_CHECKING:
    from tracegraph.zones.redraw.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Explanation:
    """Answer of `Plan.explain`.

    Parameters
    ----------
    area_id : id
    verdict : str
        One sentence.
    evidence : str
        What was found in the area and in those around it, one line each.
    costs : DataFrame
        One row a label, in person-days of lockdown, while every other area keeps its planned
        label: `risk`, `people`, `borders`, `change`, `total`; `allowed` by floor and ceiling.
    """

    area_id: object
    verdict: str
    evidence: str
    costs: pd.DataFrame

    def __str__(self) -> str:
        """Tell it in lines."""
        return f"{self.verdict}\n{self.evidence}\n{self.costs.round(1).to_string()}"

    __repr__ = __str__


def explain(plan: Plan, area: object) -> Explanation:
    """Explain one finest area of a plan."""
    setting = plan.setting
    code = code_of(plan.trace.graph.area_ids, area)
    row = np.flatnonzero(setting.finest == code)
    if not row.size:
        msg = (
            f"no finest area is called {area!r}.\n"
            "    plan.areas lists them; labels stand on areas that hold no other."
        )
        raise TableError(msg)
    at = int(row[0])
    told = plan.areas.iloc[at]
    verdict = (
        f"{told['level']} {area}: {told['zone_now']} -> {told['planned']} ({told['action']}). "
        f"{told['reason'] or 'no clause demands more'}"
    )
    return Explanation(
        area_id=area,
        verdict=f"{verdict}.",
        evidence=_evidence(plan, code),
        costs=_costs(plan, at),
    )


def _evidence(plan: Plan, code: int) -> str:
    """What was found in the area, then in each area around it."""
    setting, lines = plan.setting, []
    required = setting.required
    for _, at in setting.tree.upwards(np.array([code])):
        around = int(at[0])
        words = evidence_in_words(setting, around) or "nothing found"
        lines.append(
            f"  {required['level'].iloc[around]} {required['area_id'].iloc[around]}: {words}"
        )
    return "\n".join(lines)


def _costs(plan: Plan, row: int) -> pd.DataFrame:
    objective = plan.setting.objective
    own = {name: cost[row] for name, cost in objective.of_labels().items()}
    every = np.arange(len(LABELS))
    beside = np.concatenate([
        objective.other[objective.one == row], objective.one[objective.other == row]
    ])  # fmt: skip
    strength = np.concatenate([
        objective.strength[objective.one == row], objective.strength[objective.other == row]
    ])  # fmt: skip
    steps = np.abs(every[:, None] - plan.label[beside])
    own["borders"] = objective.weights.border * (steps * strength).sum(axis=1)
    table = pd.DataFrame({name: own[name] for name in PARTS}, index=list(LABELS))
    table["total"] = table.sum(axis=1)
    table["allowed"] = (every >= objective.floor[row]) & (every <= objective.ceiling[row])
    return table
