"""A synthetic county with an imported outbreak, shaped after a published account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tracegraph.datasets import (
    county_tables,
    imported,
    journeys,
    residents as people,
    routine,
    screening,
    transmission,
)
from tracegraph.datasets.dataset import Dataset
from tracegraph.datasets.settlement import settle
from tracegraph.datasets.stays import DAY, END, HOUR, STILL, Stays, join, untangle
from tracegraph.datasets.venues import build

if TYPE_CHECKING:
    from tracegraph.datasets.journeys import Travellers
    from tracegraph.datasets.residents import Residents
    from tracegraph.datasets.settlement import Floats, Ints, Settlement
    from tracegraph.datasets.venues import Venues

LEAST_PEOPLE = 1_500
# Who has been away catches up for four days: times the usual rate.
_CATCHING_UP = {"errands": 2.0, "meals": 5.0, "visits": 15.0}


def county(*, seed: int, n_people: int = 80_000) -> Dataset:
    """Make a synthetic county: 18 days of movements, four imported cases, rounds of tests.

    The setting follows the published account of an outbreak in a county in western China in May
    2022: four returnees, found in central isolation on 9 and 11 May. Persons, places and
    movements are made up; habits were chosen beforehand, and no count was tuned towards the
    account. See the explanation "The county".

    Parameters
    ----------
    seed : int
        The same seed makes the same tables.
    n_people : int
        From 1,500; 2,000 are made in less than a second.

    Returns
    -------
    Dataset
        Tables ``persons``, ``areas``, ``locations``, ``visits``, ``cases``, ``contacts``,
        ``isolations`` and ``tests``. `truth` holds simulated onward infections: ``infector``,
        ``infected``, ``time``, ``location_id``.

    Examples
    --------
    >>> import tracegraph as tg
    >>> small = tg.datasets.county(seed=1, n_people=2_000)
    >>> small.tables["cases"][["person_id", "found_in", "imported"]].shape[1]
    3
    >>> len(small.tables["persons"])
    2000
    """
    if n_people < LEAST_PEOPLE:
        message = (
            f"n_people = {n_people:,} is too small for a county with schools, coaches and "
            f"isolation sites. Use {LEAST_PEOPLE:,} or more."
        )
        raise ValueError(message)
    rng = np.random.default_rng(seed)
    settlement = settle(n_people, rng)
    residents = people.populate(settlement, rng)
    venues = build(settlement, residents, rng)
    travellers = journeys.travel(settlement, residents, venues, rng)
    daily = _daily_life(settlement, residents, venues, travellers, rng)
    isolated = imported.isolate_returnees(travellers, venues.rooms, rng)
    brought = imported.import_cases(travellers, isolated, rng)
    daily = imported.confine(daily, isolated.person, isolated.start)
    # from a week before the cases came: nobody infects earlier
    recent = daily.take(daily.depart > brought.infected.min())
    met = join([recent, travellers.stays, _away(travellers, venues.places.size)])
    world = transmission.make_world(settlement, met, venues.places, isolated)
    infections = transmission.spread(world, brought, rng)
    outbreak = screening.Outbreak(
        settlement=settlement,
        travellers=travellers,
        isolated=isolated,
        imported=brought,
        infections=infections,
    )
    rounds = screening.run_rounds(outbreak, rng)
    found = screening.find_cases(outbreak, rounds, rng)
    stays = join([imported.confine(daily, found.person, found.moved), travellers.stays])
    kinds = _talking_places(venues, settlement)
    reports = screening.interviews(settlement, stays, kinds, found, rng)
    no_check_out = routine.drop_check_outs(stays, _of_kinds(venues, ("shop", "market")), rng)
    tables = county_tables.Parts(
        settlement=settlement,
        residents=residents,
        venues=venues,
        stays=stays,
        seat=np.concatenate([np.full(len(stays) - travellers.seat.size, ""), travellers.seat]),
        no_check_out=no_check_out,
        isolated=isolated,
        found=found,
        rounds=rounds,
        reports=reports,
        infections=infections,
    )
    return Dataset(
        name="county",
        title=f"A synthetic county of {n_people:,} people with four imported cases (seed {seed})",
        tz="Asia/Shanghai",
        tables=county_tables.tabulate(tables, rng),
        truth=county_tables.truth(tables),
        synthetic=True,
        licence="Apache-2.0, as tracegraph",
        citation="tracegraph, synthetic county",
        note=(
            "Synthetic: persons, names, places and movements were made by a program. The "
            "setting follows the published account of Zeku county, Qinghai, May 2022; the "
            "counts of contacts are not fitted to it."
        ),
    )


def _daily_life(
    settlement: Settlement,
    residents: Residents,
    venues: Venues,
    travellers: Travellers,
    rng: np.random.Generator,
) -> Stays:
    """Everything but coaches and isolation, without being in two places at once."""

    def rate(habit: str) -> Floats:
        return _rates(settlement.n_people, travellers, _CATCHING_UP[habit])

    errands = routine.errands(settlement, residents, venues, rate("errands"), rng)
    parts = [
        routine.work(residents, venues, rng),
        errands,
        routine.meals(settlement, residents, venues, rate("meals"), rng),
        routine.home_visits(settlement, residents, rate("visits"), rng),
        journeys.rides(settlement, residents, venues.places, errands, rng),
    ]
    stays = join(parts)
    stays = stays.take((stays.arrive >= 0) & (stays.depart <= END) & (stays.arrive < stays.depart))
    return untangle(_without_travellers(stays, travellers, settlement.n_people))


def _rates(n_people: int, travellers: Travellers, factor: float) -> Floats:
    rate = np.ones((n_people, END // DAY + 1))
    first = travellers.back // DAY
    for later in range(4):
        day = first + later
        inside = day < STILL
        rate[travellers.person[inside], day[inside]] = factor
    return rate


def _without_travellers(stays: Stays, travellers: Travellers, n_people: int) -> Stays:
    left, back = np.full(n_people, 2 * END), np.full(n_people, -1)
    left[travellers.person] = travellers.left
    back[travellers.person] = travellers.back + HOUR
    away = (stays.depart > left[stays.person]) & (stays.arrive < back[stays.person])
    return stays.take(~away)


def _away(travellers: Travellers, n_places: int) -> Stays:
    """Absence as a stay at a place of one's own: away from home, meeting nobody here."""
    place = n_places + np.arange(travellers.person.size)
    return Stays.of(travellers.person, place, travellers.left, travellers.back)


def _of_kinds(venues: Venues, kinds: tuple[str, ...]) -> Ints:
    places = venues.places
    marked = [np.full(n, k in kinds) for k, n in zip(places.kind, places.count, strict=True)]
    return np.concatenate(marked).astype(np.int64)


def _talking_places(venues: Venues, settlement: Settlement) -> dict[int, str]:
    homes = settlement.household_size.size
    named = dict.fromkeys(range(homes), "visit")
    return named | dict.fromkeys(venues.tables.codes.tolist(), "meal")
