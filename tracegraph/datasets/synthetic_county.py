"""A synthetic county with an imported outbreak, shaped after a published account."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.datasets import (
    containment,
    county_tables,
    imported,
    journeys,
    residents as people,
    routine,
    screening,
    transmission,
)
from tracegraph.datasets.checkpoints import place_checkpoints
from tracegraph.datasets.dataset import Dataset
from tracegraph.datasets.settlement import settle
from tracegraph.datasets.stays import DAY, END, HOUR, LAST, START, STILL, Stays, join, untangle
from tracegraph.datasets.venues import build
from tracegraph.datasets.zone_orders import draw_zones

if TYPE_CHECKING:
    import pandas as pd

    from tracegraph.datasets.journeys import Travellers
    from tracegraph.datasets.residents import Residents
    from tracegraph.datasets.settlement import Floats, Ints, Settlement
    from tracegraph.datasets.venues import Venues

LEAST_PEOPLE = 1_500
# Who has been away catches up for four days: times the usual rate.
_CATCHING_UP = {"errands": 2.0, "meals": 5.0, "visits": 15.0}


def county(*, seed: int, n_people: int = 80_000, until: str | date | None = None) -> Dataset:
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
    until : str or date, optional
        Day before which the records end, such as ``"2022-05-23"``, the latest; without it they end
        on 12 May, 18:00. The days up to then stay as they are; after them the county goes on
        testing (ten rounds in all) and isolates the contacts of the cases it finds.

    Returns
    -------
    Dataset
        Tables ``persons``, ``areas``, ``locations``, ``visits``, ``cases``, ``contacts``,
        ``isolations`` and ``tests``. With `until` also ``zone_history``, ``measures`` and
        ``rounds``, and checkpoints among the locations. `truth` holds simulated onward
        infections: ``infector``, ``infected``, ``time``, ``location_id``.

    Raises
    ------
    ValueError
        If there are too few people, or `until` is not a day from 13 to 23 May 2022.

    Examples
    --------
    >>> import tracegraph as tg
    >>> small = tg.datasets.county(seed=1, n_people=2_000)
    >>> small.tables["cases"][["person_id", "found_in", "imported"]].shape[1]
    3
    >>> len(small.tables["persons"])
    2000
    >>> whole = tg.datasets.county(seed=1, n_people=2_000, until="2022-05-23")
    >>> whole.tables["rounds"]["round_id"].tolist()
    ['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8', 'R9', 'R10']
    """
    end = END if until is None else _end_of_records(until)
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
    parts = county_tables.Parts(
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
    if until is not None:
        # a generator of its own: what the days up to 12 May draw stays as it is
        parts = _go_on(parts, outbreak, kinds, end, rng.spawn(1)[0])
    tables = county_tables.tabulate(parts, rng)
    if until is not None:
        tables |= _orders(parts, tables["locations"])
    return Dataset(
        name="county",
        title=f"A synthetic county of {n_people:,} people with four imported cases (seed {seed})",
        tz="Asia/Shanghai",
        tables=tables,
        truth=county_tables.truth(parts),
        synthetic=True,
        licence="Apache-2.0, as tracegraph",
        citation="tracegraph, synthetic county",
        note=(
            "Synthetic: persons, names, places and movements were made by a program. The "
            "setting follows the published account of Zeku county, Qinghai, May 2022; the "
            "counts of contacts are not fitted to it."
        ),
    )


def _end_of_records(until: str | date) -> int:
    """Second at which the day `until` begins."""
    try:
        day = date.fromisoformat(until) if isinstance(until, str) else until
        end = (np.datetime64(day, "s") - START).astype(np.int64)
    except (TypeError, ValueError):
        end = np.int64(0)
    if not END < end <= LAST:
        message = (
            f"until = {until!r} is no day from 13 to 23 May 2022, before which the county's "
            'records could end. Give one, such as "2022-05-23", or leave it out.'
        )
        raise ValueError(message)
    return int(end)


def _go_on(
    parts: county_tables.Parts,
    outbreak: screening.Outbreak,
    talking: dict[int, str],
    end: int,
    rng: np.random.Generator,
) -> county_tables.Parts:
    """Go on from 12 May, 18:00, to `end`."""
    settlement, venues = parts.settlement, parts.venues
    files = containment.Files(
        rounds=parts.rounds, found=parts.found, isolated=parts.isolated, reports=parts.reports
    )
    away = containment.away(settlement.n_people, parts.isolated, parts.found)
    errands = imported.confine(_later_errands(parts, rng), np.arange(away.size), away)
    team = containment.Team(
        outbreak=outbreak,
        rooms=venues.rooms,
        early=parts.stays,
        talking=talking,
        away=away,
        rng=rng,
    )
    world = transmission.index(settlement, errands, venues.places, away)
    course = containment.contain(team, files, world).until(end)
    open_places = _of_kinds(venues, ("shop", "market"))
    unended = routine.drop_check_outs(course.stays, open_places, rng)
    return replace(
        parts,
        stays=join([parts.stays, course.stays]),
        seat=np.concatenate([parts.seat, np.full(len(course.stays), "")]),
        no_check_out=np.concatenate([parts.no_check_out, len(parts.stays) + unended]),
        infections=course.infections,
        end=end,
        **{f.name: getattr(course.files, f.name) for f in fields(course.files)},
    )


def _later_errands(parts: county_tables.Parts, rng: np.random.Generator) -> Stays:
    """Errands after 12 May, 18:00, as few as on the days before."""
    rate = routine.usual_rate(parts.settlement.n_people, LAST // DAY)
    rate[:, : END // DAY] = 0
    errands = routine.errands(parts.settlement, parts.residents, parts.venues, rate, rng)
    inside = (errands.arrive >= END) & (errands.depart <= LAST) & (errands.arrive < errands.depart)
    return untangle(errands.take(inside))


def _orders(parts: county_tables.Parts, locations: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What the county ordered, and the locations with the checkpoints."""
    settlement = parts.settlement
    zones = draw_zones(settlement, parts.found, end=parts.end)
    placed = county_tables.add_checkpoints(locations, settlement, place_checkpoints(settlement))
    return {"locations": placed, **county_tables.tabulate_orders(parts, zones)}


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
