"""Outbreaks with known truth in which ordinary life goes on: what a plan of zones is judged by.

The county of `tg.datasets.county` stands still from 10 May, so that hardly anybody is infected
later. Here the same kinds of people, places and habits go on for 26 days. Whoever is found goes to
hospital, the household to single rooms of a site. On the evening on which ten have been found the
question is asked. What follows it is what would come if nobody else were isolated: the infections
of the next seven days are those that zones could have been drawn around.

Numbers here that are not the county's are working values of tracegraph. They were chosen by two
things alone: most seeds have tens of later infections, and the townships of the cases are not
nearly the whole county (seven small ones instead of two to four).
"""

from __future__ import annotations

import heapq
import pickle
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tracegraph.datasets import county_tables, journeys, residents as people, routine, transmission
from tracegraph.datasets.imported import Isolated, confine
from tracegraph.datasets.screening import Found, Reports, Rounds, sensitivity
from tracegraph.datasets.settlement import settle
from tracegraph.datasets.stays import DAY, HOUR, MINUTE, START, Calendar, Stays, join, untangle
from tracegraph.datasets.venues import build

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from tracegraph.datasets.residents import Residents
    from tracegraph.datasets.settlement import Settlement
    from tracegraph.datasets.transmission import Infection, World
    from tracegraph.datasets.venues import Venues

FORMAT = 1  # of what is kept in a cache; a change of this module raises it
N_PEOPLE, N_TOWNSHIPS = 20_000, 7  # as many townships as the account's county
N_DAYS = 26
END = N_DAYS * DAY
# Monday 25 April to Friday 20 May: a holiday from 30 April to 4 May, Saturday 7 May worked
WORKING_DAYS = np.array([0, 1, 2, 3, 4, 10, 11, 12, 14, 15, 16, 17, 18, 21, 22, 23, 24, 25])
N_FIRST = 6  # persons infected from outside, on days 3 to 5
FIRST_DAYS = (3, 6)
# Times the county's chances of infection. With those a person infects 1.0 to 1.3 others while life
# goes on, and few outbreaks survive the finding of cases; with these 2.9, and 66 % of a household.
FASTER = 2.5
NOTICED = 0.65  # of the infected fall ill and report it, as in the county
DELAY_DAYS = 1.5  # from onset to confirmation, on average; gamma, shape 2
TRANSFER_HOURS = (1, 4)  # from confirmation to hospital
HOUSEHOLD_HOURS = (4, 24)  # from confirmation to the household's isolation
TEST_DAYS = (1, 4, 7)  # of isolation
AS_OF_CASES = 10  # the evening on which so many have been found
EVENING = 20 * HOUR
LOOK_AHEAD = 7 * DAY
STEP = 4 * HOUR
NEVER = 10 * END


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbreak:
    """What the team knows on an evening, and what came after.

    Parameters
    ----------
    seed : int
    as_of : str
        Local time, such as "2022-05-08 20:00".
    tables : dict of str to DataFrame
        As the team has them that evening.
    later : DataFrame
        One row an infection within seven days from then: `time`, `location_id`, `area_id` (finest
        one of the place; missing on the road), `infector`, `infected`, and `infector_area` and
        `infected_area`, the finest areas of their homes.
    facts : dict
        Numbers to report.
    """

    seed: int
    as_of: str
    tables: dict[str, pd.DataFrame]
    later: pd.DataFrame
    facts: dict[str, Any]


def make(seed: int, n_people: int = N_PEOPLE) -> Outbreak | None:
    """Make the outbreak of a seed; None where too few cases are found in time."""
    rng = np.random.default_rng(seed)
    settlement = settle(n_people, rng, per_township=n_people // N_TOWNSHIPS)
    residents = people.populate(settlement, rng)
    venues = build(settlement, residents, rng)
    stays = _ordinary_life(settlement, residents, venues, rng)
    world = transmission.index(settlement, stays, venues.places, np.full(n_people, END))
    epidemic = Epidemic(world=replace(world, closeness=FASTER * world.closeness), rng=rng)
    as_of = epidemic.run()
    if as_of is None:
        return None
    parts = _parts(settlement, residents, venues, stays, epidemic, as_of)
    tables = county_tables.tabulate(parts, rng)
    infections = [i for i in epidemic.infections if as_of <= i.time < as_of + LOOK_AHEAD]
    later = _with_areas(county_tables.truth(replace(parts, infections=infections)), tables)
    return Outbreak(
        seed=seed,
        as_of=str(START + np.timedelta64(as_of, "s"))[:16].replace("T", " "),
        tables={name: tables[name] for name in _KNOWN},
        later=later,
        facts=_facts(epidemic, as_of, later, n_people),
    )


_KNOWN = ("cases", "visits", "locations", "persons", "isolations", "areas")


def load(seed: int, cache: Path | None, n_people: int = N_PEOPLE) -> Outbreak | None:
    """Outbreak of a seed, from the cache where it is there."""
    if cache is None:
        return make(seed, n_people)
    file = cache / f"outbreak-{FORMAT}-{n_people}-{seed}.pickle"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.write_bytes(pickle.dumps(make(seed, n_people), protocol=5))
        part.rename(file)
    return pickle.loads(file.read_bytes())  # noqa: S301  # our own file


def _ordinary_life(
    settlement: Settlement, residents: Residents, venues: Venues, rng: np.random.Generator
) -> Stays:
    """Stays of all days; nobody is in two places at once."""
    calendar = Calendar(still=N_DAYS, working_days=WORKING_DAYS)
    rate = routine.usual_rate(settlement.n_people, N_DAYS)
    errands = routine.errands(settlement, residents, venues, rate, rng, calendar)
    parts = [
        routine.work(residents, venues, rng, calendar),
        errands,
        routine.meals(settlement, residents, venues, rate, rng, calendar),
        routine.home_visits(settlement, residents, rate, rng, calendar),
        journeys.rides(settlement, residents, venues.places, errands, rng, calendar),
    ]
    stays = join(parts)
    inside = (stays.arrive >= 0) & (stays.depart <= END) & (stays.arrive < stays.depart)
    return untangle(stays.take(inside))


@dataclass(slots=True, kw_only=True)
class Epidemic:
    """Who is infected, found and isolated, and when; seconds by person, `NEVER` if not."""

    world: World
    rng: np.random.Generator
    infections: list[Infection] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    infected: dict[int, tuple[int, float]] = field(default_factory=dict)  # moment, onset
    noticed: set[int] = field(default_factory=set)
    sampled: dict[int, int] = field(default_factory=dict)
    confirmed: dict[int, int] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    site: dict[int, int] = field(default_factory=dict)
    because: dict[int, int] = field(default_factory=dict)  # confirmation that led to the site
    is_over: bool = False  # nobody else is found

    def run(self) -> int | None:
        """Infect the first, go on to the evening with enough cases, and a week beyond it.

        Returns the evening; None if none comes, or less than a week is left.
        """
        heap, done, as_of = self._bring_in(), set(self.first), None
        for now in range(STEP, END - LOOK_AHEAD + 1, STEP):
            # nobody is found within a step of being infected
            self._advance(heap, done, now)
            found = sum(when <= now for when in self.confirmed.values())
            if now % DAY == EVENING and found >= AS_OF_CASES:
                as_of = now
                self._let_go(now)
                self._advance(heap, done, now + LOOK_AHEAD)
                break
        return as_of

    def _advance(self, heap: list[transmission.Event], done: set[int], until: int) -> None:
        new = transmission.advance(self.world, heap, done, self.rng, until=until)
        self.infections += new
        for infection in new:
            self._falls_ill(infection.infected, infection.time, infection.onset)

    def _let_go(self, now: int) -> None:
        """Forget whom the team would have found later, and their households."""
        self.is_over = True
        self.confirmed = {p: when for p, when in self.confirmed.items() if when <= now}
        self.site = {p: when for p, when in self.site.items() if self.because[p] <= now}
        self.world.isolated_from[:] = END
        for p in self.confirmed:
            self._goes_away(p, self.moved[p])
        for p, when in self.site.items():
            self._goes_away(p, when)

    def _bring_in(self) -> list[transmission.Event]:
        n_people = self.world.isolated_from.size
        self.first = self.rng.choice(n_people, size=N_FIRST, replace=False).tolist()
        heap: list[transmission.Event] = []
        for who in self.first:
            moment = int(self.rng.uniform(*FIRST_DAYS) * DAY)
            onset = moment + float(np.exp(self.rng.normal(np.log(3.0), 0.4))) * DAY
            self._falls_ill(who, moment, onset)
            heap += transmission.meet(self.world, who, onset, moment, self.rng)
        heapq.heapify(heap)
        return heap

    def _falls_ill(self, who: int, moment: int, onset: float) -> None:
        self.infected[who] = moment, onset
        if self.is_over:
            return
        if self.rng.random() < NOTICED:
            self.noticed.add(who)
            known = int(onset + self.rng.gamma(2.0, DELAY_DAYS / 2) * DAY)
            self._is_confirmed(who, known - int(self.rng.integers(5, 9)) * HOUR, known)
        if who in self.site:
            self._is_tested(who)

    def _is_confirmed(self, who: int, sampled: int, known: int) -> None:
        if known >= self.confirmed.get(who, NEVER):
            return
        self.sampled[who], self.confirmed[who] = sampled, known
        self.moved[who] = known + int(self.rng.uniform(*TRANSFER_HOURS) * HOUR)
        self._goes_away(who, self.moved[who])
        for mate in self._household(who):
            since = known + int(self.rng.uniform(*HOUSEHOLD_HOURS) * HOUR)
            if mate != who and since < self.site.get(mate, NEVER):
                self.site[mate], self.because[mate] = since, known
                self._goes_away(mate, since)
                if mate in self.infected:
                    self._is_tested(mate)

    def _is_tested(self, who: int) -> None:
        """Test on days of isolation, until positive."""
        for day in TEST_DAYS:
            sampled = self.site[who] + day * DAY
            since = (sampled - self.infected[who][0]) / DAY
            if self.rng.random() < sensitivity(since):
                known = sampled + int(self.rng.integers(5, 9)) * HOUR
                self._is_confirmed(who, sampled, known)
                return

    def _goes_away(self, who: int, when: int) -> None:
        away = self.world.isolated_from
        away[who] = min(away[who], when)

    def _household(self, who: int) -> range:
        settlement = self.world.settlement
        home = int(settlement.household[who])
        first = int(settlement.first_member[home])
        return range(first, first + int(settlement.household_size[home]))


def _parts(  # noqa: PLR0913  # all that the tables are made of
    settlement: Settlement,
    residents: Residents,
    venues: Venues,
    stays: Stays,
    epidemic: Epidemic,
    as_of: int,
) -> county_tables.Parts:
    """What the team knows at `as_of`, as the county's tables are made of it."""
    away = epidemic.world.isolated_from
    begun = stays.take(stays.arrive < as_of)
    known = confine(begun, np.arange(away.size), away)
    going_on = np.flatnonzero(known.depart > as_of)
    unended = routine.drop_check_outs(known, _of_kinds(venues, ("shop", "market")), epidemic.rng)
    return county_tables.Parts(
        settlement=settlement,
        residents=residents,
        venues=venues,
        stays=known,
        seat=np.full(len(known), ""),
        no_check_out=np.union1d(going_on, unended),
        isolated=_isolated(epidemic, venues, as_of),
        found=_found(epidemic, as_of),
        rounds=Rounds(**dict.fromkeys(Rounds.__slots__, _NO_ROWS)),
        reports=Reports(**(dict.fromkeys(Reports.__slots__, _NO_ROWS) | {"kind": []})),
        infections=[],
        end=as_of,
    )


_NO_ROWS = np.empty(0, dtype=np.int64)


def _of_kinds(venues: Venues, kinds: tuple[str, ...]) -> np.ndarray:
    places = venues.places
    return np.repeat([int(kind in kinds) for kind in places.kind], places.count)


def _found(epidemic: Epidemic, as_of: int) -> Found:
    who = sorted((when, p) for p, when in epidemic.confirmed.items() if when <= as_of)
    person = np.array([p for _, p in who], dtype=np.int64)

    def column(values: dict[int, int]) -> np.ndarray:
        return np.array([values[p] for p in person.tolist()], dtype=np.int64)

    onset = np.array([int(epidemic.infected[p][1]) for p in person.tolist()], dtype=np.int64)
    confirmed = column(epidemic.confirmed)
    is_ill = np.isin(person, list(epidemic.noticed)) & (onset < confirmed)
    site = np.array([epidemic.site.get(p, NEVER) for p in person.tolist()])
    return Found(
        person=person,
        onset=np.where(is_ill, onset, -1),
        sampled=column(epidemic.sampled),
        confirmed=confirmed,
        moved=column(epidemic.moved),
        is_imported=np.zeros_like(person),
        is_isolated=(site < column(epidemic.sampled)).astype(np.int64),
    )


def _isolated(epidemic: Epidemic, venues: Venues, as_of: int) -> Isolated:
    """Households in single rooms, without those who went to hospital before."""
    rows = sorted(
        (since // MINUTE * MINUTE, p)
        for p, since in epidemic.site.items()
        if since < min(as_of, epidemic.moved.get(p, NEVER))
    )
    if len(rows) > venues.rooms.size:
        message = f"{len(rows)} persons in isolation, {venues.rooms.size} rooms"
        raise ValueError(message)
    return Isolated(
        person=np.array([p for _, p in rows], dtype=np.int64),
        start=np.array([since for since, _ in rows], dtype=np.int64),
        room=venues.rooms[: len(rows)],
    )


def _with_areas(truth: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    area = tables["locations"].set_index("location_id")["area_id"]
    home = tables["persons"].set_index("person_id")["home_id"].map(area)
    return truth.assign(
        area_id=truth["location_id"].map(area),
        infector_area=truth["infector"].map(home),
        infected_area=truth["infected"].map(home),
        at_home=truth["location_id"].str.startswith("H"),
    )


def _facts(epidemic: Epidemic, as_of: int, later: pd.DataFrame, n_people: int) -> dict[str, Any]:
    infected = [moment for moment, _ in epidemic.infected.values()]
    infectors = later["infector"].nunique()
    return {
        "people": n_people,
        "day": as_of // DAY,
        "infected": sum(moment < as_of for moment in infected),
        "found": sum(when <= as_of for when in epidemic.confirmed.values()),
        "isolated": sum(since < as_of for since in epidemic.site.values()),
        "later": len(later),
        "later_at_home": int(later["at_home"].sum()),
        "infectors": infectors,
    }
