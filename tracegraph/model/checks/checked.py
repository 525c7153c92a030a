"""What the checks look at: the tables in use, who passed them, and the moment of reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.model.calendar import NEVER
from tracegraph.model.reading.findings import examples

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.facts import Flags
    from tracegraph.model.reading.findings import Findings
    from tracegraph.model.reading.moments import Seconds
    from tracegraph.model.reading.tables import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the checks look at.

    Parameters
    ----------
    tables : dict of str to Table
        Every table; those that the caller did not pass have no row.
    given : frozenset of str
        Names of the tables that the caller passed.
    ids : dict of str to Index
        Sorted ids of each kind: person, location, area.
    findings : Findings
        Where warnings go.
    now : int
        Second of the reading since the origin of the graph.
    """

    tables: dict[str, Table]
    given: frozenset[str]
    ids: dict[str, pd.Index[Any]]
    findings: Findings
    now: int

    def named(self, kind: str, codes: npt.NDArray[Any]) -> str:
        """Up to three ids, each once, for the value of a warning."""
        return examples(self.ids[kind][pd.unique(codes)[:4]].tolist())

    def persons_in(self, table: str, rows: npt.NDArray[Any]) -> str:
        """Up to three persons of these rows of a table, for the value of a warning."""
        return self.named("person", self.tables[table].code("person_id")[rows])

    def declares(self, kind: str, table: str) -> Flags:
        """Whether a row of `table` declares each id of a kind."""
        declared = np.zeros(len(self.ids[kind]), bool)
        declared[self.tables[table].code(f"{kind}_id")] = True
        return declared

    def are_cases(self) -> Flags:
        """Whether each person is a case; a last entry, for code -1, is False."""
        found = np.zeros(len(self.ids["person"]) + 1, bool)
        found[self.tables["cases"].code("person_id")] = True
        return found


@dataclass(frozen=True, slots=True)
class Moments:
    """Times of a column within bounds, as int64, so that sums cannot run over."""

    lo: Seconds
    hi: Seconds

    @classmethod
    def of(cls, table: Table, column: str) -> Moments:
        """Times of a column; none where the table lacks it."""
        return cls(table.early(column).astype(np.int64), table.late(column).astype(np.int64))

    @property
    def given(self) -> Flags:
        """Whether there is a time."""
        given: Flags = self.lo != NEVER
        return given

    @property
    def last(self) -> Seconds:
        """Latest second that may be meant: of a date the last one of its day."""
        return np.where(self.lo < self.hi, self.hi - 1, self.lo)

    def certainly_before(self, other: Moments, seconds: int = 0) -> Flags:
        """Whether each time lies before the other one by more than so many seconds."""
        before = self.last + seconds < other.lo
        certain: Flags = self.given & other.given & before
        return certain

    def otherwise(self, other: Moments) -> Moments:
        """These times, and where there are none the other ones."""
        return Moments(
            np.where(self.given, self.lo, other.lo), np.where(self.given, self.hi, other.hi)
        )
