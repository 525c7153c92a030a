"""The tables as read-only arrays: codes int32, times int32 seconds with their bounds.

Every time is known within bounds: an instant has `lo == hi`; a date has `lo` at its
local midnight and `hi` at the next (RULE 2, 25). A code is the position of an id among
the graph's sorted ids, so that comparing codes compares ids (RULE 27). -1 is "none".
`known` is the second from which the team knew the row (RULE 29).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Self, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Codes: TypeAlias = npt.NDArray[np.int32]
    Ticks: TypeAlias = npt.NDArray[np.int32]
    Flags: TypeAlias = npt.NDArray[np.bool_]


class Columns:
    """A table of equally long arrays; `take` keeps some of its rows."""

    __slots__ = ()

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))  # type: ignore[arg-type]  # dataclasses

    def take(self, rows: Flags | Codes) -> Self:
        """Keep these rows of every column."""
        kept = {f.name: getattr(self, f.name)[rows] for f in fields(self)}  # type: ignore[arg-type]
        return type(self)(**kept)

    def __post_init__(self) -> None:
        for f in fields(self):  # type: ignore[arg-type]  # each subclass is a dataclass
            getattr(self, f.name).flags.writeable = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits(Columns):
    """`visits` with a place; unplaced ones stay in the frame alone (RULE 20)."""

    person: Codes
    location: Codes
    arrive_lo: Ticks
    arrive_hi: Ticks
    depart_lo: Ticks  # BEFORE where depart is missing
    depart_hi: Ticks  # NEVER where depart is missing
    weak: Flags  # record is phone or wifi: a venue contact at most (RULE 15)
    carriage: Codes
    seat: Codes  # number of the seat's row
    known: Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases(Columns):
    """Episodes. A missing time has `lo = NEVER, hi = NEVER`."""

    row: Codes
    person: Codes
    onset_lo: Ticks
    onset_hi: Ticks
    sampled_lo: Ticks
    sampled_hi: Ticks
    confirmed_lo: Ticks
    confirmed_hi: Ticks
    isolated_lo: Ticks
    isolated_hi: Ticks
    status: Codes  # position in graph.statuses; -1 none
    found_in: Codes  # position in graph.found_in; -1 none
    known: Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts(Columns):
    """Reported contacts. Without an end: `end = start + 1` for an instant, the date's end else."""

    row: Codes
    person: Codes
    contact: Codes
    lo: Ticks  # earliest start
    hi: Ticks  # latest end
    kind: Codes  # position in graph.contact_kinds; -1 none
    location: Codes
    known: Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolations(Columns):
    """Isolation intervals; a missing end is `NEVER` in both bounds."""

    row: Codes
    person: Codes
    start_lo: Ticks
    start_hi: Ticks
    end_lo: Ticks
    end_hi: Ticks
    kind: Codes  # position in ISOLATION_KINDS; -1 none
    site: Codes
    known: Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Tests(Columns):
    """Test results."""

    row: Codes
    person: Codes
    sampled_lo: Ticks
    sampled_hi: Ticks
    positive: npt.NDArray[np.int8]  # 1 positive, 0 negative, -1 neither
    round: Codes  # position in graph.round_ids; -1 none
    pool: Codes  # equal for specimens that were mixed; -1 none
    known: Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Disinfections(Columns):
    """When a place was disinfected: what lingered there is gone (RULE 13)."""

    row: Codes
    location: Codes
    done_lo: Ticks
    done_hi: Ticks
    known: Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneHistory(Columns):
    """Zones that were in force; a missing end is `NEVER` in both bounds."""

    row: Codes
    area: Codes
    zone: Codes  # position in graph.zone_names
    start_lo: Ticks
    start_hi: Ticks
    end_lo: Ticks
    end_hi: Ticks
    known: Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds(Columns):
    """Rounds of tests; a missing end is `NEVER` in both bounds."""

    row: Codes
    round: Codes  # position in graph.round_ids
    area: Codes  # -1 everywhere
    start_lo: Ticks
    start_hi: Ticks
    end_lo: Ticks
    end_hi: Ticks
    known: Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures(Columns):
    """Measures for whole areas; a missing end is `NEVER` in both bounds."""

    row: Codes
    area: Codes
    kind: Codes  # position in graph.measure_kinds; -1 none
    start_lo: Ticks
    start_hi: Ticks
    end_lo: Ticks
    end_hi: Ticks
    known: Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class Locations(Columns):
    """One entry a location code."""

    kind: Codes  # position in graph.kinds; -1 none
    parent: Codes
    area: Codes

    def nearest_area(self) -> Codes:
        """Area of each place: its own, or that of the nearest place that holds it; -1 none."""
        area, up = self.area, self.parent
        while (looks := (area < 0) & (up >= 0)).any():
            area = np.where(looks, area[up], area)
            up = np.where(looks, up[up], -1)  # by doubling steps: a chain may be long
        return area


@dataclass(frozen=True, slots=True, kw_only=True)
class Persons(Columns):
    """One entry a person code."""

    home: Codes


ISOLATION_KINDS = ("home", "central", "hospital")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the kernel may know, as arrays."""

    visits: Visits
    cases: Cases
    contacts: Contacts
    isolations: Isolations
    tests: Tests
    disinfections: Disinfections
    zone_history: ZoneHistory
    rounds: Rounds
    measures: Measures
    locations: Locations
    persons: Persons


def ticks(values: npt.ArrayLike) -> Ticks:
    """Return `values` as int32 seconds."""
    return np.ascontiguousarray(values, dtype=np.int32)
