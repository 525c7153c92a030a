"""Stays of the synthetic county as arrays, and the calendar that they follow."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from tracegraph.datasets.settlement import Floats, Ints

START = np.datetime64("2022-04-25T00:00:00", "s")
"""Second 0 of the county."""

MINUTE, HOUR, DAY = 60, 3_600, 86_400
N_DAYS = 18
STILL = 15  # 10 May: from this day on the county stands still
END = 17 * DAY + 18 * HOUR  # 12 May, 18:00
# 30 April to 4 May were holidays; Saturday 7 May was worked instead
WORKING_DAYS = np.array([0, 1, 2, 3, 4, 10, 11, 12, 14])

LAST_DAY = 28  # 23 May: no record is later
LAST = LAST_DAY * DAY

NO_RECORD, INTERVIEW, TICKET, QR, PHONE = range(5)
RECORDS = (None, "interview", "ticket", "qr", "phone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Which days are worked, and the day from which the county stands still."""

    still: int = STILL
    working_days: Ints = field(default_factory=WORKING_DAYS.copy)


USUAL = Calendar()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays:
    """One entry a stay: seconds since `START`; record as a position in `RECORDS`."""

    person: Ints
    place: Ints
    arrive: Ints
    depart: Ints
    record: Ints

    @classmethod
    def of(
        cls,
        person: Ints,
        place: Ints,
        arrive: Ints | Floats,
        depart: Ints | Floats,
        *,
        record: int | Ints = NO_RECORD,
    ) -> Stays:
        """Stays with times rounded down to the minute."""
        return cls(
            person=person.astype(np.int64),
            place=place.astype(np.int64),
            arrive=(arrive // MINUTE * MINUTE).astype(np.int64),
            depart=(depart // MINUTE * MINUTE).astype(np.int64),
            record=np.broadcast_to(np.asarray(record, dtype=np.int64), person.shape),
        )

    def __len__(self) -> int:
        return self.person.size

    def take(self, rows: Ints | npt.NDArray[np.bool_]) -> Stays:
        """Keep these rows."""
        return Stays(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def cut(self, *, arrive: Ints, depart: Ints) -> Stays:
        """Keep what lies between two instants of each row."""
        begin, end = np.maximum(self.arrive, arrive), np.minimum(self.depart, depart)
        cut = Stays(
            person=self.person, place=self.place, arrive=begin, depart=end, record=self.record
        )
        return cut.take(begin < end)


def join(parts: Iterable[Stays]) -> Stays:
    """All rows of the parts."""
    listed = list(parts)
    return Stays(
        **{f.name: np.concatenate([getattr(p, f.name) for p in listed]) for f in fields(Stays)}
    )


def untangle(stays: Stays) -> Stays:
    """Sort by person and arrival; a stay that starts before the one before has ended is dropped."""
    # one key sorts much faster than two: arrivals are below 2**22 seconds
    stays = stays.take(np.argsort(stays.person << 22 | stays.arrive, kind="stable"))
    while True:
        clash = (stays.person[1:] == stays.person[:-1]) & (stays.arrive[1:] < stays.depart[:-1])
        # of a run of clashes only the first goes; the next pass judges the others anew
        clash[1:] &= ~clash[:-1]
        if not clash.any():
            return stays
        stays = stays.take(np.concatenate([[True], ~clash]))
