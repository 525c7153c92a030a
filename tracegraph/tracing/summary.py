"""What a tired person reads first: counts, the window of the data, and what is missing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from tracegraph.model.graph import TraceGraph


FALLBACKS = {
    "cases": "cases count as known from `confirmed`, else from the start",
    "tests": "tests count as known from `reported`, else 24 h after the specimen",
    "visits": "visits count as known from the start",
    "contacts": "reported contacts count as known from the start",
    "isolations": "isolations count as known from the start",
}


def fallbacks(graph: TraceGraph) -> tuple[str, ...]:
    """What stands in where a table says not when the team learnt a row (RULE 29)."""
    tables = {name: graph.table(name) for name in FALLBACKS}
    return tuple(
        f"without `recorded`, {FALLBACKS[name]}"
        for name, table in tables.items()
        if len(table) and ("recorded" not in table or table["recorded"].isna().any())
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Counts of a trace; never a row or an id.

    Parameters
    ----------
    protocol : str
    as_of : Timestamp
    tiers : tuple of (str, int, int)
        Name, persons, of them certain; cases first.
    venue_contacts, exposures, persons, visits, rejected : int
    cases_without_visit : int
        Cases of whom no place is known: their contacts cannot be computed.
    unplaced_visits : int
        Visits of which no place is known.
    contacts_without_row : int
        Contacts of whom `persons` says nothing: nobody knows how to reach them.
    unknown_hours, infectious_hours : float
        Hours of infectious periods without a known place, and all of them, over all cases.
    cases_half_unknown : int
        Cases of whom less than half of these hours is on record.
    expected : int
        Visits that start after as-of.
    notes : tuple of str
        Fallbacks used and warnings, in words.
    """

    protocol: str
    as_of: pd.Timestamp
    tiers: tuple[tuple[str, int, int], ...]
    venue_contacts: int
    exposures: int
    persons: int
    visits: int
    rejected: int
    cases_without_visit: int
    unplaced_visits: int
    contacts_without_row: int
    unknown_hours: float
    infectious_hours: float
    cases_half_unknown: int
    expected: int
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Tell it in lines."""
        width, cases = max(len(name) for name, _, _ in self.tiers), self.tiers[0][1]
        lines = [f"{self.protocol}, as of {moment(self.as_of)}"]
        lines += [
            f"  {name:<{width}}  {n:>7,}" + (f"  ({n - sure:,} possible only)" if n - sure else "")
            for name, n, sure in self.tiers
        ]
        lines.append(f"  {self.exposures:,} exposures; {self.venue_contacts:,} venue contacts")
        lines.append(
            f"  from {self.visits:,} visits of {self.persons:,} persons;"
            f" {self.rejected:,} rows rejected"
        )
        lines.append(f"  Cases without any visit: {self.cases_without_visit:,}{self._alarm()}")
        if self.unplaced_visits:
            share = self.unplaced_visits / self.visits
            lines.append(f"  Visits without a place: {self.unplaced_visits:,} ({share:.0%})")
        if self.infectious_hours:
            share = self.unknown_hours / self.infectious_hours
            lines.append(f"  Infectious hours without a recorded place, home included: {share:.0%}")
            half = f"{self.cases_half_unknown:,} of {cases:,}"
            lines.append(f"  Cases of whom less than half of these hours is on record: {half}")
        if self.contacts_without_row:
            lines.append(f"  Contacts without a row in persons: {self.contacts_without_row:,}")
        if self.expected:
            lines.append(f"  {self.expected:,} visits lie after as-of: expected, no exposure")
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])

    def _alarm(self) -> str:
        cases = self.tiers[0][1]
        return "  <- ALL OF THEM" if cases and self.cases_without_visit == cases else ""

    __repr__ = __str__


def moment(at: pd.Timestamp) -> str:
    """A moment in words: midnight is the end of the day before."""
    zone = f"(UTC{at:%z})"
    if at == at.normalize():
        return f"the end of {at - dt.timedelta(seconds=1):%Y-%m-%d} {zone}"
    return f"{at:%Y-%m-%d %H:%M} {zone}"
