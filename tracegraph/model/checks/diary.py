"""Who was where when, in the order of person and arrival: what a sort of the visits tells.

Two places at once both count (RULE 6), rows that tell of one stay again are one stay (RULE 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.model.calendar import NEVER
from tracegraph.model.checks.overlaps import Stays, overlaps_elsewhere
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
        """Visits that certainly overlap an earlier one of their person elsewhere, and that one."""
        timed = (self.depart_lo != NEVER) & (self.depart_lo > self.arrive_hi) & (self.location >= 0)
        order = self.order if timed.all() else self.order[timed[self.order]]
        columns = (self.person, self.location, self.arrive_hi, self.depart_lo)
        person, place, arrive, depart = (column[order] for column in columns)
        stays = Stays(person=person, place=place, arrive=arrive, depart=depart)
        here, there = overlaps_elsewhere(stays, parent)
        return order[here], order[there]


def in_runs(key: npt.NDArray[Any], order: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Positions whose key another one shares; `order` sorts the keys."""
    along = key[order]
    same = along[1:] == along[:-1]
    return order[np.append(same, False) | np.append(False, same)] if order.size else order


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
        "person elsewhere; both count",
        mend="Correct arrive or depart of one of them, if they cannot both be true.",
    )


def warn_unplaced(checked: Checked) -> None:
    """Warn of visits without a location (RULE 20)."""
    nowhere = checked.tables["visits"].code("location_id") < 0
    if nowhere.any():
        number = int(nowhere.sum())
        it_meets = "it meets" if number == 1 else "they meet"
        checked.findings.warn(
            "visits",
            column="location_id",
            rule="unplaced-visit",
            value=checked.persons_in("visits", nowhere),
            message=f"{counted(number, 'row has', 'rows have')} no location; kept, but {it_meets} "
            "nobody",
            mend="Fill in location_id where the place is known.",
        )


def cases_without_visit(tables: dict[str, Table], persons: int) -> int:
    """How many cases no visit tells of."""
    return _unseen_cases(tables, persons).size


def _unseen_cases(tables: dict[str, Table], persons: int) -> npt.NDArray[Any]:
    cases = _cases(tables)
    unseen: npt.NDArray[Any] = cases[~_seen(tables["visits"], persons)[cases]]
    return unseen


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
    unseen = _unseen_cases(checked.tables, len(checked.ids["person"]))
    number, total = unseen.size, _cases(checked.tables).size
    if number and "visits" in checked.given:
        has = "has" if number == 1 else "have"
        every = ": whom they met is unknown" if number == total else ""
        checked.findings.warn(
            "cases",
            column="person_id",
            rule="case-without-visit",
            value=checked.named("person", unseen),
            message=f"{number:,} of {counted(total, 'case')} {has} no visit{every}",
            mend="Ask them where they were; or see that both tables write their ids alike.",
        )
