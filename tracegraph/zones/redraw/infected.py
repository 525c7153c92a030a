"""Who may be infected, since when, and how likely: exposures as chances of infection.

Infections come in generations: by cases, by those whom cases infected, and so on for as
many tiers as the protocol has. An exposure is cut at fixed quarters of a day; within one
the moment does not matter. So a longer exposure never counts less than a shorter one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.exposure.encounters import UNTIMED, VISIT
from tracegraph.exposure.hops import exposures
from tracegraph.exposure.isolation import NOWHERE
from tracegraph.exposure.venues import venue_meetings
from tracegraph.exposure.windows import anchors, infectious_episodes
from tracegraph.model.calendar import NEVER
from tracegraph.model.runs import runs
from tracegraph.tracing.evidence import CLASSES, classes

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.exposure.encounters import Encounters
    from tracegraph.exposure.hops import WorldView
    from tracegraph.model.facts import Tests
    from tracegraph.tracing.infectiousness import Profile
    from tracegraph.tracing.trace import Trace
    from tracegraph.zones.redraw.assumptions import RiskAssumptions

    Whole: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]

DAY = 86_400
QUARTER = DAY // 4
SURE = 1 - 2**-53
"""Largest chance: an exposure never makes an infection certain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Infections:
    """Possible infections, by person and moment; one person may have many.

    Parameters
    ----------
    person : array of int64
    moment : array of int64
        Second of the infection, to a quarter of a day.
    chance : array of float64
    """

    person: Whole
    moment: Whole
    chance: Floats

    def __len__(self) -> int:
        return self.person.size

    @classmethod
    def of(cls, person: Whole, moment: Whole, chance: Floats) -> Infections:
        """Keep what is possible at all, in an order that no input order changes."""
        kept = np.flatnonzero(chance > 0)
        order = kept[np.lexsort((chance[kept], moment[kept], person[kept]))]
        return cls(person=person[order], moment=moment[order], chance=chance[order])


@dataclass(frozen=True, slots=True, kw_only=True)
class Courses:
    """Infectiousness of cases: the onset of each episode, else its anchor, by person.

    Of a time that is known by its date, the middle of the day.
    """

    person: Whole
    onset: Floats
    profile: Profile

    def share(self, who: Whole, start: Whole, end: Whole) -> Floats:
        """Share of each case's infections that lies in [start, end); the largest episode's."""
        row, episode = matches(who, self.person)
        onset = self.onset[episode]
        part = between(self.profile, start[row] - onset, end[row] - onset)
        largest = np.zeros(len(who))
        np.maximum.at(largest, row, part)
        return largest


@dataclass(frozen=True, slots=True, kw_only=True)
class Meetings:
    """Exposures with how much infection each can carry.

    `at_peak` is the hazard a day at the peak of the source's infectiousness, `in_all` the
    hazard over its whole course: of one the other is 0.
    """

    source: Whole
    target: Whole
    start: Whole
    end: Whole
    at_peak: Floats
    in_all: Floats

    def take(self, rows: Whole | npt.NDArray[np.bool_]) -> Meetings:
        """Keep these rows."""
        return Meetings(**{n: getattr(self, n)[rows] for n in self.__dataclass_fields__})

    def hazard(self, share: Floats, peak: float) -> Floats:
        """Hazard of meetings in which this share of the source's infections lies."""
        return share * (self.at_peak / peak + self.in_all)


def possible_infections(trace: Trace, assumed: RiskAssumptions) -> Infections:
    """List every possible infection of somebody by an exposure that the trace knows.

    Not only exposures of a person's own tier: a close contact may also be infected by
    another contact, and a venue contact by both.
    """
    view, found = trace.outer, [_by_cases(trace.outer, assumed)]
    for hop in view.hops[1:]:
        met = _meetings(view, exposures(view, hop, _everybody(view)), assumed)
        by_contacts = _by_infected(met, found[-1], view, assumed)
        by_cases = _by_known_cases(met, hop.number, view, assumed)
        found.append(after_tests(_joined(by_contacts, by_cases), view.graph.facts.tests, assumed))
    return _joined(*found)


def courses(view: WorldView, assumed: RiskAssumptions) -> Courses:
    """Read the courses of all source cases."""
    found = anchors(view.graph, view.protocol)
    cases = found.cases
    known = cases.onset_lo != NEVER
    lo = np.where(known, cases.onset_lo, found.lo).astype(np.float64)
    hi = np.where(known, cases.onset_hi, found.hi).astype(np.float64)
    order = np.lexsort((lo + hi, cases.person))
    return Courses(
        person=cases.person[order].astype(np.int64),
        onset=((lo + hi) / 2)[order],
        profile=assumed.around_onset,
    )


def between(profile: Profile, start: Floats | Whole, end: Floats | Whole) -> Floats:
    """Share of infections from `start` to `end`, in seconds on the profile's clock."""
    return np.asarray(profile.before(end / DAY) - profile.before(start / DAY))


def matches(asked: Whole, by_key: Whole) -> tuple[Whole, Whole]:
    """Every pair of positions with equal keys; `by_key` is sorted."""
    left = np.searchsorted(by_key, asked, side="left")
    row, nth = runs(np.searchsorted(by_key, asked, side="right") - left)
    return row, left[row] + nth


def at_least_one(chance: Floats, row: Whole, size: int) -> Floats:
    """Chance that at least one of the independent events of each row happens."""
    none = np.log1p(-np.minimum(chance, SURE))
    return -np.expm1(np.bincount(row, weights=none, minlength=size))


def after_tests(found: Infections, tests: Tests, assumed: RiskAssumptions) -> Infections:
    """Multiply the odds of each infection by how likely the negative tests since miss it.

    Specimens of one person at one moment count once. Each infection is judged by itself.
    """
    negative = tests.positive == 0
    taken = np.stack([tests.person[negative], tests.sampled_lo[negative]]).astype(np.int64)
    person, second = np.unique(taken, axis=1)
    row, test = matches(found.person, person)
    day = (second[test] - found.moment[row]) / DAY
    missed = np.ones(len(found))
    np.multiply.at(missed, row, assumed.false_negatives.at(day))
    odds = found.chance * missed
    return Infections.of(found.person, found.moment, odds / (1 - found.chance + odds))


def _everybody(view: WorldView) -> npt.NDArray[np.bool_]:
    return np.ones(len(view.graph.person_ids), dtype=bool)


def _joined(*parts: Infections) -> Infections:
    person, moment, chance = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("person", "moment", "chance")
    )
    return Infections.of(person, moment, chance)


def _by_cases(view: WorldView, assumed: RiskAssumptions) -> Infections:
    """Infections by close exposures and venue contacts of cases."""
    hop = view.hops[0]
    close = exposures(view, hop, _everybody(view))
    met = _together(_meetings(view, close, assumed), _passing_meetings(view, close, assumed))
    return after_tests(_by_course(met, view, assumed), view.graph.facts.tests, assumed)


def _by_known_cases(
    met: Meetings, hop: int, view: WorldView, assumed: RiskAssumptions
) -> Infections:
    """Infections by cases who were contacts first, before they count as infectious.

    What lies in their infectious period is an exposure to a case, and counts as such.
    """
    begins = _first_infectious_second(view)[met.source]
    is_case = (begins != int(NEVER)) & (view.contact_tier[met.source] == hop - 1)
    rows = np.flatnonzero(is_case & (met.start < begins))
    cut = replace(met.take(rows), end=np.minimum(met.end, begins)[rows])
    return _by_course(cut, view, assumed)


def _first_infectious_second(view: WorldView) -> Whole:
    """Start of each person's first episode before isolation; `NEVER` for no case."""
    episodes = infectious_episodes(view.graph, view.protocol, view.world)
    first = np.full(len(view.graph.person_ids), int(NEVER), dtype=np.int64)
    np.minimum.at(first, episodes.person, episodes.start.astype(np.int64))
    return first


def _by_course(met: Meetings, view: WorldView, assumed: RiskAssumptions) -> Infections:
    parts, moment = _quarters(met, view.graph.now)
    share = courses(view, assumed).share(parts.source, parts.start, parts.end)
    chance = -np.expm1(-parts.hazard(share, assumed.around_onset.peak))
    return Infections.of(parts.target, moment, chance)


def _by_infected(
    met: Meetings, sources: Infections, view: WorldView, assumed: RiskAssumptions
) -> Infections:
    """Infections by persons who may be infected themselves, and are no known cases."""
    silent = met.take(np.flatnonzero(~view.is_case[met.source]))
    parts, moment = _quarters(silent, view.graph.now)
    row, by = matches(parts.source, sources.person)
    since = sources.moment[by]
    share = between(assumed.generation, parts.start[row] - since, parts.end[row] - since)
    hazard = parts.take(row).hazard(share, assumed.generation.peak)
    chance = at_least_one(sources.chance[by] * -np.expm1(-hazard), row, parts.source.size)
    return Infections.of(parts.target, moment, chance)


def _quarters(met: Meetings, now: int) -> tuple[Meetings, Whole]:
    """Cut meetings at fixed quarters of a day; the middle of each, or now, is its moment."""
    ended = np.minimum(met.end, now)
    first, last = met.start // QUARTER, (ended - 1) // QUARTER
    row, nth = runs(np.maximum(last - first + 1, 0))
    quarter = first[row] + nth
    start = np.maximum(met.start[row], quarter * QUARTER)
    end = np.minimum(ended[row], (quarter + 1) * QUARTER)
    moment = np.minimum(quarter * QUARTER + QUARTER // 2, now)
    return replace(met.take(row), start=start, end=end), moment


def _meetings(view: WorldView, met: Encounters, assumed: RiskAssumptions) -> Meetings:
    """Weigh exposures: by minutes, by day or report, or by living together."""
    kind = classes(view, met)
    factor = _by_class(
        close=assumed.close_factor,
        seat=assumed.seat_factor,
        inside_isolation=assumed.inside_factor,
    )
    attack = _by_class(reported=assumed.reported_attack, same_day=assumed.passing_attack)
    together = _by_class(household=assumed.household_attack)
    timed = 24 * assumed.hourly_rate * factor[kind]
    untimed = -np.log1p(-attack[kind]) / _days(met)
    return _weighed(met, timed + untimed, -np.log1p(-together[kind]))


def _by_class(**named: float) -> Floats:
    """Number of each class by its code; 0 for classes that are not named."""
    return np.array([named.get(name, 0.0) for name in CLASSES])


def _days(met: Encounters) -> Floats:
    """Days over which an untimed contact is spread: one at most, a second at least."""
    seconds = met.end.astype(np.float64) - met.start
    return np.clip(seconds, 1, DAY) / DAY


def _passing(view: WorldView, close: Encounters) -> Encounters:
    """Venue contacts of everybody, without the meetings that are close exposures."""
    first = replace(view.hops[0], first=np.full_like(view.hops[0].first, NEVER))
    met = venue_meetings(replace(view, hops=(first, *view.hops[1:])))
    keys = ["source", "target", "location", "start"]
    by_visit = close.take(close.channel == VISIT)
    known = pd.MultiIndex.from_arrays([getattr(by_visit, key) for key in keys])
    asked = pd.MultiIndex.from_arrays([getattr(met, key) for key in keys])
    return met.take(~asked.isin(known))


def _passing_meetings(view: WorldView, close: Encounters, assumed: RiskAssumptions) -> Meetings:
    met = _passing(view, close)
    is_untimed = (met.seconds == UNTIMED) | view.rule.by_day
    parent = view.graph.facts.locations.parent
    holds_others = np.isin(met.location, parent[parent != NOWHERE])
    factor = np.where(holds_others, assumed.building_factor, assumed.venue_factor)
    timed = 24 * assumed.hourly_rate * factor
    untimed = -np.log1p(-assumed.passing_attack) / _days(met)
    return _weighed(met, np.where(is_untimed, untimed, timed), np.zeros(len(met)))


def _weighed(met: Encounters, at_peak: Floats, in_all: Floats) -> Meetings:
    return Meetings(
        source=met.source.astype(np.int64), target=met.target.astype(np.int64),
        start=met.start.astype(np.int64), end=met.end.astype(np.int64),
        at_peak=at_peak, in_all=in_all,
    )  # fmt: skip


def _together(one: Meetings, other: Meetings) -> Meetings:
    return Meetings(**{
        n: np.concatenate([getattr(one, n), getattr(other, n)])
        for n in one.__dataclass_fields__
    })  # fmt: skip
