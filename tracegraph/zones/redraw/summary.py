"""A plan in a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracegraph.zones.criteria import LABELS
from tracegraph.zones.labels import RESTRICTED

if TYPE_CHECKING:
    from tracegraph.zones.redraw.plan import Plan


def as_text(plan: Plan) -> str:
    """Counts of areas, people and zones, and what goes beyond the clauses."""
    areas, cost = plan.areas, plan.cost["total"]
    lines = [f"Zones as of {plan.trace.as_of:%Y-%m-%d %H:%M} by {plan.trace.protocol.name}"]
    for label in LABELS[:0:-1]:
        counted = [_people(plan, when, label) for when in ("zone_now", "required", "planned")]
        zones = _zones(plan, label)
        lines.append(
            f"  {label:<10} {counted[0]:>9,} people now, {counted[1]:,} by the clauses,"
            f" {counted[2]:,} planned{zones}"
        )
    did = areas["action"].value_counts()
    lines.append("  finest areas: " + ", ".join(f"{n:,} {action}" for action, n in did.items()))
    beyond = plan.beyond_rule[["person_days_now", "person_days_planned"]].sum()
    objective = plan.setting.objective
    days = objective.weights.days
    demanded = objective.people[objective.demanded >= RESTRICTED].sum() * days
    lines += [
        f"  person-days in {days:g} days: {demanded:,.0f} demanded by"
        f" the clauses; beyond them {beyond.iloc[0]:,.0f} now, {beyond.iloc[1]:,.0f} planned",
        f"  cost in person-days of lockdown: {cost['now']:,.0f} now, {cost['clauses']:,.0f} by"
        f" the clauses, {cost['planned']:,.0f} planned",
        f"  {plan.solver}; borders by {plan.neighbours.measure}; {len(plan.notes)} notes",
    ]
    return "\n".join(lines)


def _people(plan: Plan, column: str, label: str) -> int:
    areas = plan.areas
    return int(areas.loc[(areas[column] == label).to_numpy(bool), "population"].sum())


def _zones(plan: Plan, label: str) -> str:
    zones = plan.zones
    mine = zones.loc[(zones["label"] == label).to_numpy(bool), "when"]
    if label == "precaution":
        return ""
    return f"; zones {(mine == 'now').sum()} -> {(mine == 'planned').sum()}"
