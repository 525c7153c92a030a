"""When a zone may end: its clocks, its screening, and what follows it.

All clauses of a release must hold. (a) days since the last case that counts for the area, or
since somebody who lives there was found positive, (b) *more* than some days since the last
exposure of its last close contact, and that contact found negative since, (c) a clean
screening: within some days everybody inside tested negative, nobody positive, nobody recalled
because of a positive pool. The day of the last case or exposure is day 0: of 14 days without
a case the 14th ends (a), more than 14 days past an exposure is the 15th. A new case or
exposure moves the clocks, and a zone that had ended stands again. Each past day is judged with
the people who were inside then.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tracegraph.protocols.protocol import Release, Zone, Zones
from tracegraph.zones.criteria import BY_HAND, LABELS
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
TINY = 1e-9
"""Shares of people are decimals: 0.9 of 10 people are 9."""


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
        self.untested = evidence["contacts_untested"].to_numpy(np.int64)
        self.contacts_cleared = ground.day(ground.seconds(evidence["contacts_cleared"]))
        self.has_tests = bool(len(rounds.rows))
        self._ground, self._rounds = ground, rounds
        self._population = evidence["population"].to_numpy(np.int64)
        found = ground.home_area[rounds.found]
        self.last_positive_day = ground.day(ground.tree.latest(found, rounds.found_at))
        self._clean: dict[tuple[int, Release], Flags] = {}
        self._short: dict[Release, Whole] = {}

    def text(self, day: int) -> str:
        """Date of a day, as text."""
        return (self.calendar.origin + dt.timedelta(days=day)).isoformat()

    def first_clean(self, area: int, first: int, release: Release) -> int | None:
        """First day from `first` to today on which the area was clean; None if none was."""
        for day in range(first, self.today + 1):
            if self.clean_areas(day, release)[area]:
                return day
        return None

    def clean_areas(self, day: int, release: Release) -> Flags:
        """Whether each area was clean in the days that end with a day, or now."""
        if (day, release) not in self._clean:
            until = min(int(self.calendar.midnight(day + 1)) - 1, self._ground.now)
            self._clean[day, release] = self._are_clean(until, release)
        return self._clean[day, release]

    def _are_clean(self, until: int, release: Release) -> Flags:
        tree, home = self._ground.tree, self._ground.home_area
        since = int(self.calendar.add_days(until, -(release.screening_days or 0)))
        inside = residents_inside(self._ground, until)
        negative = np.intersect1d(self._rounds.negative(since, until), inside)
        spoilt = np.concatenate([self._rounds.positive(since, until), self._rounds.recalled(until)])
        is_tested = tree.add_up(home[negative]) >= self._enough(inside, release)
        return np.asarray(is_tested & (tree.add_up(home[spoilt]) == 0), dtype=bool)

    def _enough(self, inside: Whole, release: Release) -> npt.NDArray[np.float64]:
        """People of each area whose negative results make a round clean."""
        people = to_be_tested(self._ground, self._ground.tree, self._population, inside)
        return np.ceil(release.screening_share * people - TINY)

    def why_not(self, area: int, release: Release) -> str:
        """Why no round that the tables could tell of would be clean."""
        if not self.has_tests:
            return f", no test is known: {BY_HAND}"
        if release not in self._short:
            inside = residents_inside(self._ground)
            listed = self._ground.tree.add_up(self._ground.home_area[inside])
            self._short[release] = (self._enough(inside, release) - listed).astype(np.int64)
        short = int(self._short[release][area])
        return (
            f", {short:,} more must be tested whom no table lists: {BY_HAND}" if short > 0 else ""
        )


def stand(demand: Demand, zones: Zones, record: Record) -> Standing:
    """Judge whether a demanded zone still stands, and until when."""
    release = zones.release_of(demand.label)
    held = Standing(label=LABELS.index(demand.label), clause=demand.clause, reason=demand.reason)
    if release is None:
        return replace(held, waits_for="an order: the protocol has no release clause")
    held = _dated(held, release, demand.area, record)
    due, waits = _clocks(release, held, demand.area, record)
    ended_on = due
    if release.screening_days is not None:
        wanted = _round(release, demand.area, record)
        if due is None or due > record.today:
            waits.append(wanted)
        else:
            ended_on = record.first_clean(demand.area, due, release)
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
        contact_day=_after(record.last_exposure[area], _past(release) if is_over else None),
        screening_day=_first_round(release.screening_days, area, record),
    )


def _after(last: int, days: int | None) -> int:
    return UNDATED if days is None or last == UNDATED else int(last) + days


def _past(release: Release) -> int | None:
    """Day after the last exposure that is more than `contact_days` past it."""
    return None if release.contact_days is None else release.contact_days + 1


def _first_round(days: int | None, area: int, record: Record) -> int:
    """Today, or later where a positive specimen lies within the days before."""
    if days is None:
        return UNDATED
    return max(record.today, int(record.last_positive_day[area]) + days)


def _clocks(
    release: Release, held: Standing, area: int, record: Record
) -> tuple[int | None, list[str]]:
    """Day on which all clocks have run out (None: no telling), and those that still run."""
    if release.contact_days is not None and record.is_ongoing[area]:
        return None, ["the end of an exposure that is still going on"]
    past = f"more than {release.contact_days} days past the last close contact's exposure"
    without = f"{release.days_without_case} days without a case"
    days = {without: held.case_day, past: held.contact_day}
    waits = [f"{what} ({record.text(d)})" for what, d in days.items() if d > record.today]
    last = max(days.values())
    if last == UNDATED:
        return None, ["a date: the tables have no dated case or contact of this area"]
    if release.contact_negative:
        last = max(last, int(record.contacts_cleared[area]))
        waits += _untested(int(record.untested[area]))
    return last, waits


def _untested(contacts: int) -> list[str]:
    if not contacts:
        return []
    who = "the close contact" if contacts == 1 else f"{contacts} close contacts"
    return [f"a negative specimen of {who} exposed last, taken after that"]


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
        return Standing(
            label=then,
            clause=release.clause,
            reason=reason,
            earliest=until,
            case_day=until,
            waits_for=f"{release.then_days} days without a case as {release.then} "
            f"({record.text(until)}){_recalled(demand.area, record)}",
        )
    if release.then == "precaution":  # the rest of the county: it lasts while that does
        return over
    return stand(replace(demand, label=release.then, reason=reason), zones, record)


def _round(release: Release, area: int, record: Record) -> str:
    days, least = release.screening_days, release.screening_share
    when = "the last day" if days == 1 else f"the last {days} days"
    whom = "everybody" if least == 1 else f"{least:.1%} of everybody"
    share, positives = record.screened[area], int(record.positives[area])
    tested = "nobody lives inside" if np.isnan(share) else f"now {int(share * 100)} % negative"
    found = f", {positives} positive" if positives else ""
    found += _recalled(area, record) + record.why_not(area, release)
    return f"a clean screening of {whom} inside in {when} ({tested}{found})"


def _recalled(area: int, record: Record) -> str:
    return f", {record.recalled[area]} recalled" if record.recalled[area] else ""


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
