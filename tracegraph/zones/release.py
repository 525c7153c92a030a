"""When a zone may end: its clocks, its screening, and what follows it.

All clauses of a release must hold. (a) days since the last case that counts for the area,
(b) days since the last exposure of its last close contact, (c) a clean screening: within
some days everybody inside tested negative, nobody positive. The day of the last case or
exposure is day 0. A new case or exposure moves the clocks, and a zone that had ended
stands again.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tracegraph.protocols.protocol import Release, Zone, Zones
from tracegraph.zones.criteria import LABELS
from tracegraph.zones.evidence import expected_inside, residents_inside, tests_inside
from tracegraph.zones.tree import UNDATED

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from tracegraph.zones.criteria import Demand
    from tracegraph.zones.ground import Ground

    Whole: TypeAlias = npt.NDArray[np.int64]

ENDED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is left of a demand today.

    Parameters
    ----------
    label : int
        Position in `LABELS`; 0 where the zone may end.
    clause, reason : str
    earliest : int
        Day from which the label may end, counted from the origin's date; `UNDATED` if unknown.
    waits_for : str
        Conditions that are not met.
    """

    label: int
    clause: str
    reason: str
    earliest: int = UNDATED
    waits_for: str = ""


class Record:
    """What releases ask of areas: last dates, and rounds of tests."""

    def __init__(self, ground: Ground, evidence: pd.DataFrame) -> None:
        tree = ground.tree
        self.calendar, self.today = ground.trace.graph.calendar, ground.today
        self.last_case = ground.day(ground.seconds(evidence["last_case"]))
        end = ground.seconds(evidence["last_exposure"])
        self.last_exposure = ground.day(np.where(end == UNDATED, UNDATED, end - 1))
        self.is_ongoing = evidence["ongoing"].to_numpy(bool)
        self.screened = evidence["screened"].to_numpy(np.float64)
        self.positives = evidence["positives"].to_numpy(np.int64)
        self._now = ground.now
        self._expected = expected_inside(ground, tree, evidence["population"].to_numpy(np.int64))
        tests = tests_inside(ground)
        self._tree, self._home_area = tree, ground.home_area
        self._residents = residents_inside(ground)
        self._person = tests["person"].to_numpy(np.int64)
        self._at = tests["second"].to_numpy(np.int64)
        self._result = tests["result"].to_numpy(np.int64)

    def text(self, day: int) -> str:
        """Date of a day, as text."""
        return (self.calendar.origin + dt.timedelta(days=day)).isoformat()

    def first_clean(self, area: int, first: int, days: int) -> int | None:
        """First day from `first` to today on which the area was clean; None if none was."""
        lives_here = self._tree.inside(area)[self._home_area]
        inside = self._residents[lives_here[self._residents]]
        rows = np.flatnonzero(lives_here[self._person])
        for day in range(first, self.today + 1):
            until = min(int(self.calendar.midnight(day + 1)) - 1, self._now)
            since = int(self.calendar.add_days(until, -days))
            if self._is_clean(area, inside, rows, (since, until)):
                return day
        return None

    def _is_clean(self, area: int, inside: Whole, rows: Whole, span: tuple[int, int]) -> bool:
        rows = rows[(self._at[rows] > span[0]) & (self._at[rows] <= span[1])]
        if (self._result[rows] == 1).any():
            return False
        negative = np.unique(self._person[rows[self._result[rows] == 0]])
        return bool(np.isin(inside, negative).all() and inside.size >= self._expected[area])


def stand(demand: Demand, zones: Zones, record: Record) -> Standing:
    """Judge whether a demanded zone still stands, and until when."""
    release = zones.release_of(demand.label)
    held = Standing(label=LABELS.index(demand.label), clause=demand.clause, reason=demand.reason)
    if release is None:
        return replace(held, waits_for="an order: the protocol has no release clause")
    due, waits = _clocks(release, demand.area, record)
    ended_on = due
    if release.screening_days is not None:
        wanted = _round(release.screening_days, demand.area, record)
        if due is None or due > record.today:
            waits.append(wanted)
        else:
            ended_on = record.first_clean(demand.area, due, release.screening_days)
            if ended_on is None:
                waits.append(f"{wanted}; the days ran out on {record.text(due)}")
    if waits or ended_on is None:
        earliest = UNDATED if due is None else max(due, record.today)
        return replace(held, earliest=earliest, waits_for="; ".join(waits))
    return _afterwards(demand, zones, record, ended_on)


def _clocks(release: Release, area: int, record: Record) -> tuple[int | None, list[str]]:
    """Day on which all clocks have run out (None: no telling), and those that still run."""
    ends: list[int] = []
    waits: list[str] = []
    case, exposure = record.last_case[area], record.last_exposure[area]
    for days, last, what in (
        (release.days_without_case, case, "days without a case"),
        (release.contact_days, exposure, "days past the last close contact's exposure"),
    ):
        if days is not None and last != UNDATED:
            ends.append(int(last) + days)
            if ends[-1] > record.today:
                waits.append(f"{days} {what} ({record.text(ends[-1])})")
    if release.contact_days is not None and record.is_ongoing[area]:
        return None, ["the end of an exposure that is still going on"]
    if not ends:
        return None, ["a date: the tables have no dated case or contact of this area"]
    return max(ends), waits


def _afterwards(demand: Demand, zones: Zones, record: Record, ended_on: int) -> Standing:
    """Label that follows a zone which ended: `release.then`, then a step further down."""
    release = zones.release_of(demand.label) or Release()
    was, then = LABELS.index(demand.label), LABELS.index(release.then)
    reason = f"{demand.reason}; {demand.label} may end since {record.text(ended_on)}"
    over = Standing(label=ENDED, clause=demand.clause, reason=reason)
    if not ENDED < then < was:
        return over
    if release.then_days is not None:
        until = ended_on + release.then_days
        if record.today >= until:
            return over
        reason += f", then {release.then} for {release.then_days} days"
        return Standing(label=then, clause=release.clause, reason=reason, earliest=until)
    if release.then == "precaution":  # the rest of the county: it lasts while that does
        return over
    return stand(replace(demand, label=release.then, reason=reason), zones, record)


def _round(days: int, area: int, record: Record) -> str:
    when = "the last day" if days == 1 else f"the last {days} days"
    share, positives = record.screened[area], int(record.positives[area])
    tested = "nobody lives inside" if np.isnan(share) else f"now {int(share * 100)} % negative"
    found = f", {positives} positive" if positives else ""
    return f"a clean screening of everybody inside in {when} ({tested}{found})"


def strongest(standings: list[Standing]) -> Standing:
    """Strongest label; of equal ones the one that lasts longer."""

    def weight(standing: Standing) -> tuple[int, float]:
        last = np.inf if standing.earliest == UNDATED else float(standing.earliest)
        return standing.label, last

    return max(standings, key=weight)


def by_dates_alone(zones: Zones) -> Zones:
    """Zones whose precaution ends with its dates: nobody screens a county for that."""
    zone, release = zones.precaution, zones.release_of("precaution")
    if zone is None or release is None:
        return zones
    alone = Release(
        clause=release.clause,
        days_without_case=release.days_without_case,
        contact_days=release.contact_days,
    )
    return Zones(precaution=Zone(name=zone.name, criteria=zone.criteria, release=alone))
