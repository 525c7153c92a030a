"""When a zone may end: its clocks, its screening, and what follows it.

All clauses of a release must hold. (a) days since the last case that counts for the area,
(b) days since the last exposure of its last close contact, (c) a clean screening: within
some days everybody inside tested negative, nobody positive, nobody recalled because of a
positive pool. The day of the last case or exposure is day 0. A new case or exposure moves
the clocks, and a zone that had ended stands again.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tracegraph.protocols.protocol import Release, Zone, Zones
from tracegraph.zones.criteria import LABELS
from tracegraph.zones.residents import residents_inside, to_be_tested
from tracegraph.zones.tree import UNDATED

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from tracegraph.zones.criteria import Demand
    from tracegraph.zones.ground import Ground
    from tracegraph.zones.screening import Screening

    Whole: TypeAlias = npt.NDArray[np.int64]
    Flags: TypeAlias = npt.NDArray[np.bool_]

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
    case_day, contact_day, screening_day : int
        First day on which clause (a), (b) and (c) may be met; `UNDATED` where the protocol
        has no such clause, or it cannot be told.
    """

    label: int
    clause: str
    reason: str
    earliest: int = UNDATED
    waits_for: str = ""
    case_day: int = UNDATED
    contact_day: int = UNDATED
    screening_day: int = UNDATED


class Record:
    """What releases ask of areas: last dates, and rounds of tests."""

    def __init__(self, ground: Ground, evidence: pd.DataFrame, rounds: Screening) -> None:
        self.calendar, self.today = ground.trace.graph.calendar, ground.today
        self.last_case = ground.day(ground.seconds(evidence["last_case"]))
        end = ground.seconds(evidence["last_exposure"])
        self.last_exposure = ground.day(np.where(end == UNDATED, UNDATED, end - 1))
        self.is_ongoing = evidence["ongoing"].to_numpy(bool)
        self.screened = evidence["screened"].to_numpy(np.float64)
        self.positives = evidence["positives"].to_numpy(np.int64)
        self.recalled = evidence["recalled"].to_numpy(np.int64)
        self._ground, self._rounds = ground, rounds
        inside = residents_inside(ground)
        self._is_inside = np.zeros(len(ground.home), dtype=bool)
        self._is_inside[inside] = True
        population = evidence["population"].to_numpy(np.int64)
        self._expected = to_be_tested(ground, ground.tree, population, inside)
        found = ground.home_area[rounds.found]
        self.last_positive_day = ground.day(ground.tree.latest(found, rounds.found_at))
        self._clean: dict[tuple[int, int], Flags] = {}

    def text(self, day: int) -> str:
        """Date of a day, as text."""
        return (self.calendar.origin + dt.timedelta(days=day)).isoformat()

    def first_clean(self, area: int, first: int, days: int) -> int | None:
        """First day from `first` to today on which the area was clean; None if none was."""
        for day in range(first, self.today + 1):
            if self.clean_areas(day, days)[area]:
                return day
        return None

    def clean_areas(self, day: int, days: int) -> Flags:
        """Whether each area was clean within the `days` days up to the end of a day, or to now."""
        if (day, days) not in self._clean:
            until = min(int(self.calendar.midnight(day + 1)) - 1, self._ground.now)
            since = int(self.calendar.add_days(until, -days))
            self._clean[day, days] = self._are_clean(since, until)
        return self._clean[day, days]

    def _are_clean(self, since: int, until: int) -> Flags:
        tree, home = self._ground.tree, self._ground.home_area
        negative = self._rounds.negative(since, until)
        negative = negative[self._is_inside[negative]]
        spoilt = np.concatenate([self._rounds.positive(since, until), self._rounds.recalled(until)])
        is_tested = tree.add_up(home[negative]) >= self._expected
        return np.asarray(is_tested & (tree.add_up(home[spoilt]) == 0), dtype=bool)


def stand(demand: Demand, zones: Zones, record: Record) -> Standing:
    """Judge whether a demanded zone still stands, and until when."""
    release = zones.release_of(demand.label)
    held = Standing(label=LABELS.index(demand.label), clause=demand.clause, reason=demand.reason)
    if release is None:
        return replace(held, waits_for="an order: the protocol has no release clause")
    held = _dated(held, release, demand.area, record)
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
        earliest = UNDATED if due is None else max(due, record.today, held.screening_day)
        return replace(held, earliest=earliest, waits_for="; ".join(waits))
    return _afterwards(demand, zones, record, ended_on)


def _dated(held: Standing, release: Release, area: int, record: Record) -> Standing:
    """Add the first day on which each clause may be met."""
    is_over = not record.is_ongoing[area]
    return replace(
        held,
        case_day=_after(record.last_case[area], release.days_without_case),
        contact_day=_after(record.last_exposure[area], release.contact_days if is_over else None),
        screening_day=_first_round(release.screening_days, area, record),
    )


def _after(last: int, days: int | None) -> int:
    return UNDATED if days is None or last == UNDATED else int(last) + days


def _first_round(days: int | None, area: int, record: Record) -> int:
    """Today, or later where a positive specimen lies within the days before."""
    if days is None:
        return UNDATED
    return max(record.today, int(record.last_positive_day[area]) + days)


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
    if record.recalled[area]:
        found += f", {int(record.recalled[area])} recalled"
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
