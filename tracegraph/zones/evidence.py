"""What happened in each area at every level, rolled up from the finest to the county."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.exposure.windows import source_cases
from tracegraph.model.calendar import NEVER
from tracegraph.model.quality import declared_persons
from tracegraph.protocols.protocol import PASSAGE
from tracegraph.tracing.evidence import CLASSES
from tracegraph.zones.ground import codes, pick
from tracegraph.zones.positives import positives_without_case
from tracegraph.zones.residents import people_of, residents_inside, to_be_tested
from tracegraph.zones.screening import shares
from tracegraph.zones.tree import NOWHERE, UNDATED

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.zones.ground import Ground
    from tracegraph.zones.presence import Presence
    from tracegraph.zones.screening import Screening
    from tracegraph.zones.tree import AreaTree

    Whole: TypeAlias = npt.NDArray[np.int64]
    Flags: TypeAlias = npt.NDArray[np.bool_]
    Pairs: TypeAlias = tuple[Whole, Whole]

SCREENING_DAYS = 2
"""Days that `screened` and `positives` look back where the protocol names none."""

REGULAR_DAYS = 3
"""On so many days at a place, pupils, staff and stallholders are on its roll; a working value."""

LIVED_IN = ("home", "dormitory", "isolation_room", "isolation_site")
"""Kinds of places where people live, or are in isolation: no places of work or activity."""


def area_evidence(
    ground: Ground, presence: Presence, tree: AreaTree, rounds: Screening
) -> pd.DataFrame:
    """Evidence of each area and all that it holds, one row an area code.

    `tree` is the ground's, or one without parents for what lies in each area directly.
    """
    people = people_of(ground, tree)
    cases = _cases(ground, presence, tree, rounds)
    contacts = _contacts(ground, tree, rounds)
    tests = _screening(ground, tree, people["population"].to_numpy(), rounds)
    return pd.concat([people, cases, contacts, tests], axis=1)


def _cases(ground: Ground, presence: Presence, tree: AreaTree, rounds: Screening) -> pd.DataFrame:
    cases, stays = ground.cases, presence.stays
    resident = tree.pairs(ground.home_area[cases], cases)
    at_home = np.intersect1d(presence.at_home, cases)
    lived = tree.pairs(ground.home_area[at_home], at_home)
    area, who = stays["area"].to_numpy(np.int64), stays["person"].to_numpy(np.int64)
    stayed = tree.pairs(area, who)
    infectious = _either(lived, _both(resident, stayed))
    counting = _either(infectious, stayed)
    minutes = (stays["end"] - stays["start"]).to_numpy(np.float64) / 60
    active = np.append(places_of_activity(ground), False)[stays["location"].to_numpy(np.int64)]
    size = len(tree)
    found = positives_without_case(ground, rounds.rows)
    where = ground.home_area[found["person"]]
    positive = tree.latest(where, found["second"].to_numpy(np.int64))
    return pd.DataFrame({
        "cases_resident": np.bincount(resident[0], minlength=size),
        "cases_resident_infectious": np.bincount(infectious[0], minlength=size),
        "cases_stayed": np.bincount(stayed[0], minlength=size),
        "case_minutes": tree.add_up(area, minutes),
        "activity_minutes": tree.add_up(area[active], minutes[active]),
        "positives_resident": tree.add_up(where).astype(np.int64),
        "found_in": _found_in(ground, _either(resident, counting), size),
        "last_case": ground.stamps(np.maximum(_last_case(ground, counting, size), positive)),
    })  # fmt: skip


def _keys(pairs: Pairs) -> Whole:
    return pairs[0] * 2**32 + pairs[1]


def _both(one: Pairs, other: Pairs) -> Pairs:
    return _unkeyed(np.intersect1d(_keys(one), _keys(other)))


def _either(one: Pairs, other: Pairs) -> Pairs:
    return _unkeyed(np.union1d(_keys(one), _keys(other)))


def _unkeyed(keys: Whole) -> Pairs:
    return keys // 2**32, keys % 2**32


def _last_case(ground: Ground, counting: Pairs, size: int) -> Whole:
    """When the last counting case of each area was confirmed; else its specimen or onset."""
    trace = ground.trace
    episodes = source_cases(trace.graph, trace.protocol)
    anchor = np.minimum(episodes.sampled_lo, episodes.onset_lo)
    found = np.where(episodes.confirmed_lo != NEVER, episodes.confirmed_lo, anchor)
    latest = np.full(len(trace.graph.person_ids), UNDATED, dtype=np.int64)
    np.maximum.at(latest, episodes.person, found)
    last = np.full(size, UNDATED, dtype=np.int64)
    np.maximum.at(last, counting[0], latest[counting[1]])
    return last


def _found_in(ground: Ground, counting: Pairs, size: int) -> Any:  # noqa: ANN401  # an array of str
    """Cases of each area by where they were found, as text."""
    graph = ground.trace.graph
    episodes = source_cases(graph, ground.trace.protocol)
    names = np.array([*graph.found_in, "not stated"], dtype=object)
    first = pd.DataFrame({"who": episodes.person, "found": names[episodes.found_in]})
    first = first.drop_duplicates("who")
    rows = pd.DataFrame({"area": counting[0], "who": counting[1]}).merge(first, on="who")
    counts = rows.groupby(["area", "found"]).size().reset_index(name="n")
    counts = counts.sort_values(["area", "n", "found"], ascending=[True, False, True])
    texts = counts["found"] + ": " + counts["n"].astype(str)
    joined = texts.groupby(counts["area"]).agg("; ".join)
    return joined.reindex(range(size), fill_value="").astype("str").array


def _contacts(ground: Ground, tree: AreaTree, rounds: Screening) -> pd.DataFrame:
    trace = ground.trace
    tiers = trace.tiers
    home = ground.home_area[ground.person(tiers["person_id"])]
    tier = tiers["tier"].to_numpy(np.int64, na_value=NOWHERE)
    met = _exposures(ground)
    close = met[met["tier"] == 1]
    place, contact = close["area"].to_numpy(np.int64), close["target"].to_numpy(np.int64)
    last = tree.latest(*_here_or_at_home(ground, close))
    venue = _venue_contacts(ground)
    at_venue = pick(ground.area, venue["location"].to_numpy(np.int64))
    return pd.DataFrame({
        "exposures": tree.add_up(place).astype(np.int64),
        "exposures_secondary": tree.add_up(met["area"].to_numpy()[met["tier"] > 1]).astype(
            np.int64
        ),
        "close_contacts_resident": tree.add_up(home[tier == 1]).astype(np.int64),
        "secondary_contacts_resident": tree.add_up(home[tier == 2]).astype(np.int64),
        "close_contacts_exposed": tree.count_distinct(place, contact),
        "venue_contacts": tree.count_distinct(at_venue, venue["person"].to_numpy(np.int64)),
        **_of_activity(ground, tree, close, venue),
        "last_exposure": ground.stamps(last),
        "ongoing": last >= ground.now,
        **_found_negative(ground, tree, close, rounds),
    })  # fmt: skip


def _here_or_at_home(ground: Ground, close: pd.DataFrame) -> Pairs:
    """Area and end of exposures: each stands where it happened and where the contact lives."""
    where = np.concatenate([close["area"], ground.home_area[close["target"]]])
    return where.astype(np.int64), np.tile(close["until"].to_numpy(np.int64), 2)


def _found_negative(
    ground: Ground, tree: AreaTree, close: pd.DataFrame, rounds: Screening
) -> dict[str, Any]:
    """Contacts of each area's last day of exposure: who has no negative since, when all had one.

    Those who became cases are left out: nobody waits for a negative of theirs.
    """
    close = close[~close["target"].isin(ground.cases)]
    where, until = _here_or_at_home(ground, close)
    contact = np.tile(close["target"].to_numpy(np.int64), 2)
    negative = rounds.first_negative(contact, until)
    day, last_day = ground.day(until - 1), ground.day(tree.latest(where, until) - 1)
    at, row = tree.pairs(where, np.arange(len(where)))
    is_last = day[row] == last_day[at]
    at, row = at[is_last], row[is_last]
    cleared = np.full(len(tree), UNDATED, dtype=np.int64)
    np.maximum.at(cleared, at, negative[row])
    waiting = negative[row] == NEVER
    pairs = np.unique(_keys((at[waiting], contact[row[waiting]])))
    return {
        "contacts_untested": np.bincount(_unkeyed(pairs)[0], minlength=len(tree)),
        "contacts_cleared": ground.stamps(cleared),
    }


def _exposures(ground: Ground) -> pd.DataFrame:
    """Exposures outside isolation sites: `target`, `location`, `area` (codes), `tier`, `until`."""
    rows = ground.trace._rows  # the rows of `exposures()` as codes, with the end that counts
    rows = rows[rows["class"] != CLASSES.index("inside_isolation")]
    met = rows[["target", "location", "tier", "until"]].astype(np.int64)
    return met.assign(area=pick(ground.area, met["location"].to_numpy()))


def _venue_contacts(ground: Ground) -> pd.DataFrame:
    """Venue contacts of sources who were not in isolation: `person`, `location` (codes)."""
    met = ground.trace.venue_contacts
    away = ground.is_away(ground.person(met["source_id"]), ground.seconds(met["start"]))
    met = met[~away]
    return pd.DataFrame({
        "person": ground.person(met["person_id"]),
        "location": codes(ground.trace.graph.location_ids, met["location_id"]),
    })  # fmt: skip


def _of_activity(
    ground: Ground, tree: AreaTree, close: pd.DataFrame, venue: pd.DataFrame
) -> dict[str, Whole]:
    """Contacts at places of work or activity, and those of them who are hard to trace."""
    active = np.append(places_of_activity(ground), False)
    close = close[active[close["location"].to_numpy()]]
    venue = venue[active[venue["location"].to_numpy(np.int64)]]
    place, contact = close["area"].to_numpy(np.int64), close["target"].to_numpy(np.int64)
    lost = ~_have_a_row(ground)[contact]
    person = venue["person"].to_numpy(np.int64)
    strange = ~np.isin(person, _named_by_anybody(ground)) & ~_are_regulars(ground, venue)
    area = pick(ground.area, venue["location"].to_numpy(np.int64))
    return {
        "activity_contacts": tree.count_distinct(place, contact),
        "hard_to_trace": tree.count_distinct(
            np.concatenate([place[lost], area[strange]]),
            np.concatenate([contact[lost], person[strange]]),
        ),
    }


def _are_regulars(ground: Ground, venue: pd.DataFrame) -> Flags:
    """Whether each person came to that place on `REGULAR_DAYS` days by now: a roll lists them.

    Who came to a classroom came to the school.
    """
    visits = ground.trace.graph.facts.visits
    of_theirs = np.isin(visits.person, venue["person"])
    visits = visits.take(of_theirs & (visits.arrive_lo <= ground.now))
    location, row = ground.buildings.pairs(visits.location.astype(np.int64), np.arange(len(visits)))
    came = pd.DataFrame({"person": visits.person[row].astype(np.int64), "location": location})
    came["day"] = ground.day(visits.arrive_lo[row].astype(np.int64))
    days = came.drop_duplicates().groupby(["person", "location"]).size()
    asked = pd.MultiIndex.from_frame(venue[["person", "location"]])
    return days.reindex(asked, fill_value=0).to_numpy() >= REGULAR_DAYS


def places_of_activity(ground: Ground) -> Flags:
    """Whether each location is a place of work or activity: no home, no site, no passage."""
    graph, zones = ground.trace.graph, ground.trace.protocol.zones
    other = {*LIVED_IN, *(zones.passage if zones else PASSAGE)}
    of_kind = np.array([*(kind not in other for kind in graph.kinds), True])
    active: Flags = of_kind[graph.facts.locations.kind]
    homes = np.zeros(active.size, dtype=bool)
    homes[ground.home[ground.home >= 0]] = True
    return active & ~(homes & (graph.facts.locations.kind < 0))  # a home needs no kind


def _have_a_row(ground: Ground) -> Flags:
    """Whether `persons` tells of each person; of all of them, where there is no such table."""
    if "persons" not in ground.trace.graph.tables:
        return np.ones(len(ground.home), dtype=bool)
    return declared_persons(ground.trace.graph)


def _named_by_anybody(ground: Ground) -> Whole:
    """Persons in reported contacts, on either side."""
    contacts = ground.trace.graph.facts.contacts
    return np.union1d(contacts.person, contacts.contact).astype(np.int64)


def _screening(
    ground: Ground, tree: AreaTree, population: Whole, rounds: Screening
) -> pd.DataFrame:
    """Sum up the tests of people inside: the last one, share tested lately, positives, recalls.

    The share is of the population less those in isolation elsewhere, so that people whom
    no table lists count as not tested.
    """
    since = ground.days_ago(_days_back(ground))
    home, inside = ground.home_area, residents_inside(ground)
    clean = np.intersect1d(rounds.negative(since, ground.now), inside)
    positive = rounds.positive(since, ground.now)
    people = to_be_tested(ground, tree, population, inside)
    last = tree.latest(home[rounds.everybody], rounds.everybody_at)
    return pd.DataFrame({
        "last_screening": ground.stamps(last),
        "screened": shares(tree.add_up(home[clean]), people),
        "positives": tree.count_distinct(home[positive], positive),
        "recalled": tree.add_up(home[rounds.recalled(ground.now)]).astype(np.int64),
    })  # fmt: skip


def _days_back(ground: Ground) -> int:
    """Days of the release clause within which a round must be clean."""
    zones = ground.trace.protocol.zones
    releases = [zones.release_of(label) for label in ("lockdown", "control")] if zones else []
    days = [r.screening_days for r in releases if r and r.screening_days is not None]
    return days[0] if days else SCREENING_DAYS
