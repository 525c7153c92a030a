"""Who was where when, in the order of person and arrival: what a sort of the visits tells.

Two places at once both count (RULE 6), rows that tell of one stay again are one stay (RULE 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.model.calendar import NEVER
from tracegraph.model.checks.repeats import in_runs
from tracegraph.model.reading.findings import counted

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.checks.checked import Checked
    from tracegraph.model.facts import Codes, Facts, Flags, Ticks
    from tracegraph.model.reading.tables import Table

    Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diary:
    """Visits with their order by person and arrival: one sort serves every check."""

    person: Codes
    location: Codes
    arrive_lo: Ticks
    arrive_hi: Ticks
    depart_lo: Ticks
    depart_hi: Ticks
    key: Rows
    order: Rows

    @classmethod
    def of(cls, visits: Table) -> Diary:
        """Diary of a table of visits."""
        person, arrive = visits.code("person_id"), visits.late("arrive")
        key = (person.astype(np.int64) << 32) + arrive
        return cls(
            person=person,
            location=visits.code("location_id"),
            arrive_lo=visits.early("arrive"),
            arrive_hi=arrive,
            depart_lo=visits.early("depart"),
            depart_hi=visits.late("depart"),
            key=key,
            order=np.argsort(key, kind="stable"),
        )

    def repeated(self) -> tuple[Rows, Rows]:
        """Rows that tell of an earlier row's stay again; these with the earlier ones."""
        near = np.sort(in_runs(self.key, self.order))
        columns = ("person", "location", "arrive_lo", "arrive_hi", "depart_lo", "depart_hi")
        cells = pd.DataFrame({c: getattr(self, c)[near] for c in columns})
        return near[cells.duplicated()], near[cells.duplicated(keep=False)]

    def two_places(self, parent: Codes) -> tuple[Rows, Rows]:
        """Pairs of placed visits of one person that certainly overlap, elsewhere, not nested.

        Of each person at least one pair is found if there is any.
        """
        timed = (self.depart_lo != NEVER) & (self.depart_lo > self.arrive_hi) & (self.location >= 0)
        order = self.order if timed.all() else self.order[timed[self.order]]
        person = self.person[order].astype(np.int64)
        # of one person the latest departure so far; a person's sums exceed all before
        reach = (person << 32) + self.depart_lo[order]
        ahead = np.maximum.accumulate(reach)
        holds = np.maximum.accumulate(np.where(reach == ahead, np.arange(order.size), 0))
        other = order[np.append(0, holds[:-1])] if order.size else order
        meets = (
            (self.person[other] == person)
            & (self.depart_lo[other] > self.arrive_hi[order])
            & (self.location[other] != self.location[order])
        )
        here, there = order[meets], other[meets]
        apart = ~_nested(parent, self.location[here], self.location[there])
        return here[apart], there[apart]


def _nested(parent: Codes, one: Codes, other: Codes) -> Flags:
    """Whether either place holds the other."""
    holds = np.zeros(one.size, bool)
    up, down = one.copy(), other.copy()
    while (up >= 0).any() or (down >= 0).any():
        holds |= (up >= 0) & (up == other)
        holds |= (down >= 0) & (down == one)
        up = np.where(up >= 0, parent[up], -1)
        down = np.where(down >= 0, parent[down], -1)
    return holds


def warn_two_places(checked: Checked, diary: Diary, facts: Facts) -> None:
    """RULE 6, for stays that certainly overlap; the later of two is named with the one it meets."""
    here, there = diary.two_places(facts.locations.parent)
    if not here.size:
        return
    person, place = checked.ids["person"], checked.ids["location"]
    shown = [
        f"{person[diary.person[i]]} at {place[diary.location[j]]} and {place[diary.location[i]]}"
        for i, j in zip(here[:3], there[:3], strict=True)
    ]
    checked.findings.warn(
        "visits",
        column="location_id",
        rule="two-places-at-once",
        value="; ".join(shown),
        message=f"{counted(here.size, 'visit overlaps', 'visits overlap')} a visit of the same "
        f"person elsewhere, the first in row {here[0]} of graph.visits; both count",
        mend="Correct arrive or depart of one of them, if they cannot both be true.",
    )


def warn_unplaced(checked: Checked) -> None:
    """Warn of visits without a location (RULE 20)."""
    nowhere = int((checked.tables["visits"].code("location_id") < 0).sum())
    if nowhere:
        it_meets = "it meets" if nowhere == 1 else "they meet"
        checked.findings.warn(
            "visits",
            column="location_id",
            rule="unplaced-visit",
            message=f"{counted(nowhere, 'row has', 'rows have')} no location; kept, but {it_meets} "
            "nobody",
            mend="Fill in location_id where the place is known.",
        )


def cases_without_visit(tables: dict[str, Table], persons: int) -> int:
    """How many cases no visit tells of."""
    return int((~_seen(tables["visits"], persons)[_cases(tables)]).sum())


def _seen(visits: Table, persons: int) -> Flags:
    """Whether a placed visit tells of each person."""
    seen = np.zeros(persons, bool)
    person, location = visits.code("person_id"), visits.code("location_id")
    seen[person if (location >= 0).all() else person[location >= 0]] = True
    return seen


def _cases(tables: dict[str, Table]) -> npt.NDArray[Any]:
    return np.unique(tables["cases"].code("person_id"))


def warn_cases_without_visit(checked: Checked) -> None:
    """Warn of cases that no visit tells of."""
    number = cases_without_visit(checked.tables, len(checked.ids["person"]))
    total = _cases(checked.tables).size
    if number and "visits" in checked.given:
        every = "; do the ids of both tables agree?" if number == total else ""
        checked.findings.warn(
            "cases",
            column="person_id",
            rule="case-without-visit",
            message=f"{number:,} of {counted(total, 'case has', 'cases have')} no visit{every}",
            mend="Ask them where they were, or correct the ids.",
        )
