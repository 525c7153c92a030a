"""Who was where when, in the order of person and arrival: what a sort of the visits tells.

Two places at once both count (RULE 6), rows that tell of one stay again are one stay (RULE 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.model.calendar import BEFORE, NEVER
from tracegraph.model.checks.overlaps import Stays, overlaps_elsewhere
from tracegraph.model.reading.findings import counted
from tracegraph.model.reading.moments import DAY, MANY

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.checks.checked import Checked
    from tracegraph.model.facts import Codes, Facts, Flags, Ticks
    from tracegraph.model.reading.tables import Table

    Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diary:
    """Visits, and what one look at all of them tells: most of them need no second one.

    Parameters
    ----------
    at_once : array of int64
        Rows whose person arrives at the same time by another row too.
    busy : array of bool
        By person, whether any two stays certainly overlap, wherever they are.
    seen : array of bool
        By person, whether a placed visit tells of them.
    lives : array of bool
        By person, whether some placed stay certainly lasts a day.
    """

    person: Codes
    location: Codes
    arrive_lo: Ticks
    arrive_hi: Ticks
    depart_lo: Ticks
    depart_hi: Ticks
    at_once: Rows
    busy: Flags
    seen: Flags
    lives: Flags

    @classmethod
    def of(cls, visits: Table, persons: int) -> Diary:
        """Diary of a table of visits, of people of so many codes."""
        columns: dict[str, Any] = {
            "person": visits.code("person_id"),
            "location": visits.code("location_id"),
            "arrive_lo": visits.early("arrive"),
            "arrive_hi": visits.late("arrive"),
            "depart_lo": visits.early("depart"),
            "depart_hi": visits.late("depart"),
        }
        return cls.looked_at(columns, persons)

    @classmethod
    def looked_at(cls, columns: dict[str, Any], persons: int) -> Diary:
        """Diary of columns, after one look at all of them."""
        told = _walked(columns, persons) if columns["person"].size >= MANY else None
        return cls(**columns, **(told or _sorted(columns, persons)))

    def repeated(self) -> tuple[Rows, Rows]:
        """Rows that tell of an earlier row's stay again; these with the earlier ones."""
        near = self.at_once
        columns = ("person", "location", "arrive_lo", "arrive_hi", "depart_lo", "depart_hi")
        cells = pd.DataFrame({c: getattr(self, c)[near] for c in columns})
        return near[cells.duplicated()], near[cells.duplicated(keep=False)]

    def two_places(self, parent: Codes) -> tuple[Rows, Rows]:
        """Visits that certainly overlap an earlier one of their person elsewhere, and that one."""
        if not self.busy.any():
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        rows = np.flatnonzero(self.busy[self.person])
        rows = rows[_are_timed(self.location[rows], self.arrive_hi[rows], self.depart_lo[rows])]
        order = rows[np.argsort(_keys(self.person[rows], self.arrive_hi[rows]), kind="stable")]
        columns = (self.person, self.location, self.arrive_hi, self.depart_lo)
        person, place, arrive, depart = (column[order] for column in columns)
        stays = Stays(person=person, place=place, arrive=arrive, depart=depart)
        here, there = overlaps_elsewhere(stays, parent)
        return order[here], order[there]


def _are_timed(location: Codes, arrive: Ticks, depart: Ticks) -> Flags:
    """Whether it is known where a stay was, and that it lasted."""
    timed: Flags = (depart != NEVER) & (depart > arrive) & (location >= 0)
    return timed


def _keys(person: Codes, arrive: Ticks) -> Rows:
    """Numbers that sort by person and arrival."""
    keys: Rows = (person.astype(np.int64) << 32) + arrive
    return keys


def _walked(columns: dict[str, Codes], persons: int) -> dict[str, npt.NDArray[Any]] | None:
    """Walk the log in its own order; None if that is not the order of arrival of each person."""
    from tracegraph.model.kernels import find_at_once, walk_diary

    found = {name: np.zeros(persons, np.bool_) for name in ("busy", "seen", "lives")}
    person, arrive = columns["person"], columns["arrive_hi"]
    last, leaves = (np.full(persons, BEFORE, np.int32) for _ in range(2))
    in_order, again = walk_diary(
        person, columns["location"], arrive, columns["depart_lo"], last, leaves, *found.values()
    )
    if not in_order:
        return None
    at_once = np.zeros(0, np.int64)
    if again:
        marks = np.zeros(person.size, np.bool_)
        find_at_once(person, arrive, np.full(persons, -1, np.int64), marks)
        at_once = np.flatnonzero(marks)
    return {**found, "at_once": at_once}


def _sorted(columns: dict[str, Codes], persons: int) -> dict[str, npt.NDArray[Any]]:
    """Tell the same of a log in any order, by a sort."""
    person, location = columns["person"], columns["location"]
    arrive, depart = columns["arrive_hi"], columns["depart_lo"]
    key = _keys(person, arrive)
    order = np.argsort(key, kind="stable")
    at_once = np.sort(in_runs(key, order))
    timed = _are_timed(location, arrive, depart)
    order = order if timed.all() else order[timed[order]]
    of, starts, ends = person[order], arrive[order], depart[order]
    # whoever overlaps a later stay overlaps the next one too, as the stays come by arrival
    meets_next = (ends[:-1] > starts[1:]) & (of[:-1] == of[1:])
    lasts = ends.astype(np.int64) - starts >= DAY
    busy, seen, lives = (np.zeros(persons, np.bool_) for _ in range(3))
    busy[of[1:][meets_next]] = True
    seen[person[location >= 0]] = True
    lives[of[lasts]] = True
    return {"at_once": at_once, "busy": busy, "seen": seen, "lives": lives}


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
    cases = _cases(tables)
    return int((~_seen(tables["visits"], persons)[cases]).sum())


def _seen(visits: Table, persons: int) -> Flags:
    """Whether a placed visit tells of each person."""
    seen = np.zeros(persons, bool)
    person, location = visits.code("person_id"), visits.code("location_id")
    seen[person if (location >= 0).all() else person[location >= 0]] = True
    return seen


def _cases(tables: dict[str, Table]) -> npt.NDArray[Any]:
    return np.unique(tables["cases"].code("person_id"))


def warn_cases_without_visit(checked: Checked, diary: Diary) -> None:
    """Warn of cases that no visit tells of."""
    cases = _cases(checked.tables)
    unseen = cases[~diary.seen[cases]]
    number, total = unseen.size, cases.size
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
