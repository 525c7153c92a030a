"""What happened in each area at every level, rolled up from the finest to the county."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.exposure.windows import source_cases
from tracegraph.model.calendar import NEVER
from tracegraph.zones.ground import codes, column
from tracegraph.zones.tree import NOWHERE, UNDATED

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.zones.ground import Ground
    from tracegraph.zones.presence import Presence
    from tracegraph.zones.tree import AreaTree

    Whole: TypeAlias = npt.NDArray[np.int64]
    Pairs: TypeAlias = tuple[Whole, Whole]

SCREENING_DAYS = 2
"""Days that `screened` and `positives` look back where the protocol names none."""


def area_evidence(ground: Ground, presence: Presence, tree: AreaTree) -> pd.DataFrame:
    """Evidence of each area and all that it holds, one row an area code.

    `tree` is the ground's, or one without parents for what lies in each area directly.
    """
    people = _people(ground, tree)
    cases = _cases(ground, presence, tree)
    contacts = _contacts(ground, tree)
    tests = screening(ground, tree, people["population"].to_numpy())
    return pd.concat([people, cases, contacts, tests], axis=1)


def _people(ground: Ground, tree: AreaTree) -> pd.DataFrame:
    """Count people and households: as `areas` gives them, else their own and their parts'."""
    areas = ground.trace.graph.areas
    homes = np.unique(ground.home[ground.home >= 0])
    counted = {
        "population": ground.home_area,
        "households": ground.area[homes],
    }
    code = codes(ground.trace.graph.area_ids, areas["area_id"])
    table = {}
    for name, at in counted.items():
        given = np.full(len(tree), np.nan)
        given[code] = pd.to_numeric(column(areas, name)).to_numpy(np.float64, na_value=np.nan)
        own = np.bincount(at[at >= 0], minlength=len(tree)).astype(np.float64)
        table[name] = _given_or_sum(tree, given, own).astype(np.int64)
    return pd.DataFrame(table)


def _given_or_sum(
    tree: AreaTree, given: npt.NDArray[np.float64], own: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    total, depth = own.copy(), tree.depth()
    for level in range(int(depth.max(initial=0)), -1, -1):
        here = depth == level
        total[here] = np.where(np.isnan(given[here]), total[here], given[here])
        up = here & (tree.parent >= 0)
        np.add.at(total, tree.parent[up], total[up])
    return total


def _cases(ground: Ground, presence: Presence, tree: AreaTree) -> pd.DataFrame:
    tiers, stays = ground.trace.tiers, presence.stays
    cases = ground.person(tiers.loc[(tiers["tier"] == 0).to_numpy(bool), "person_id"])
    resident = tree.pairs(ground.home_area[cases], cases)
    at_home = np.intersect1d(presence.at_home, cases)
    lived = tree.pairs(ground.home_area[at_home], at_home)
    area, who = stays["area"].to_numpy(np.int64), stays["person"].to_numpy(np.int64)
    stayed = tree.pairs(area, who)
    infectious = _either(lived, _both(resident, stayed))
    counting = _either(infectious, stayed)
    minutes = (stays["end"] - stays["start"]).to_numpy(np.float64) / 60
    size = len(tree)
    return pd.DataFrame({
        "cases_resident": np.bincount(resident[0], minlength=size),
        "cases_resident_infectious": np.bincount(infectious[0], minlength=size),
        "cases_stayed": np.bincount(stayed[0], minlength=size),
        "case_minutes": tree.add_up(area, minutes),
        "found_in": _found_in(ground, _either(resident, counting), size),
        "last_case": ground.stamps(_last_case(ground, counting, size)),
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


def _contacts(ground: Ground, tree: AreaTree) -> pd.DataFrame:
    trace = ground.trace
    tiers = trace.tiers
    home = ground.home_area[ground.person(tiers["person_id"])]
    tier = tiers["tier"].to_numpy(np.int64, na_value=NOWHERE)
    rows = trace.exposures()
    rows = rows[(rows["class"] != "inside_isolation").to_numpy(bool)]
    hop = rows["tier"].to_numpy(np.int64, na_value=NOWHERE)
    place, contact = ground.place(rows["location_id"]), ground.person(rows["contact_id"])
    end = _ends(ground, rows, contact)
    close = hop == 1
    where = np.concatenate([place[close], ground.home_area[contact[close]]])
    last = tree.latest(where, np.concatenate([end[close], end[close]]))
    met = _venue_contacts(ground)
    return pd.DataFrame({
        "exposures": tree.add_up(place[close]).astype(np.int64),
        "exposures_secondary": tree.add_up(place[hop > 1]).astype(np.int64),
        "close_contacts_resident": tree.add_up(home[tier == 1]).astype(np.int64),
        "secondary_contacts_resident": tree.add_up(home[tier == 2]).astype(np.int64),
        "close_contacts_exposed": tree.count_distinct(place[close], contact[close]),
        "venue_contacts": tree.count_distinct(
            ground.place(met["location_id"]), ground.person(met["person_id"])
        ),
        "last_exposure": ground.stamps(last),
        "ongoing": last >= ground.now,
    })  # fmt: skip


def _venue_contacts(ground: Ground) -> pd.DataFrame:
    """Venue contacts of sources who were not in isolation."""
    met = ground.trace.venue_contacts
    away = ground.is_away(ground.person(met["source_id"]), ground.seconds(met["start"]))
    return met[~away]


def _ends(ground: Ground, rows: pd.DataFrame, contact: Whole) -> Whole:
    """End of each exposure: cut at as-of and at the contact's own isolation away."""
    start, end = ground.seconds(rows["start"]), ground.seconds(rows["end"])
    return np.minimum(np.minimum(end, ground.now), ground.next_away(contact, start))


def screening(ground: Ground, tree: AreaTree, population: Whole) -> pd.DataFrame:
    """Sum up the tests of people inside: the last one, share tested lately, positives.

    The share is of the population less those in isolation elsewhere, so that people whom
    no table lists count as not tested.
    """
    zones = ground.trace.protocol.zones
    releases = [zones.release_of(label) for label in ("lockdown", "control")] if zones else []
    days = [r.screening_days for r in releases if r and r.screening_days is not None]
    back = days[0] if days else SCREENING_DAYS
    since = int(ground.trace.graph.calendar.add_days(ground.now, -back))
    inside, tests = residents_inside(ground), tests_inside(ground)
    area = ground.home_area[tests["person"].to_numpy(np.int64)]
    second = tests["second"].to_numpy(np.int64)
    recent = tests[tests["second"] > since]
    negative = np.unique(recent.loc[recent["result"] == 0, "person"].to_numpy(np.int64))
    tested = np.intersect1d(negative, inside)
    positive = recent.loc[recent["result"] == 1, "person"].to_numpy(np.int64)
    people = expected_inside(ground, tree, population)
    share = np.full(len(tree), np.nan)
    some = people > 0
    share[some] = tree.add_up(ground.home_area[tested])[some] / people[some]
    return pd.DataFrame({
        "last_screening": ground.stamps(tree.latest(area, second)),
        "screened": share,
        "positives": tree.count_distinct(ground.home_area[positive], positive),
    })  # fmt: skip


def expected_inside(ground: Ground, tree: AreaTree, population: Whole) -> npt.NDArray[np.float64]:
    """People to be screened in each area: listed ones inside, or more if more live there."""
    listed = tree.add_up(ground.home_area[ground.home >= 0])
    inside = tree.add_up(ground.home_area[residents_inside(ground)])
    return np.maximum(inside, population - (listed - inside))


def residents_inside(ground: Ground) -> Whole:
    """Codes of residents who are not in isolation elsewhere as of now."""
    persons = np.flatnonzero(ground.home_area >= 0)
    return persons[~ground.is_away(persons, np.full(len(persons), ground.now))]


def tests_inside(ground: Ground) -> pd.DataFrame:
    """Tests of residents, taken by now and not in isolation elsewhere.

    `person` (code), `second`, `result` (1 positive, 0 negative, -1 neither).
    """
    tests = ground.trace.graph.facts.tests
    tests = tests.take((tests.sampled_lo <= ground.now) & (ground.home_area[tests.person] >= 0))
    second, person = tests.sampled_lo.astype(np.int64), tests.person.astype(np.int64)
    kept = ~ground.is_away(person, second)
    return pd.DataFrame(
        {"person": person[kept], "second": second[kept], "result": tests.positive[kept]}
    )
