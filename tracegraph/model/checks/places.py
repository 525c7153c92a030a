"""Homes, kinds and areas that cannot do what they are there for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tracegraph.model.assembly import HOME, first_given, undeclared_homes
from tracegraph.model.facts import ISOLATION_KINDS
from tracegraph.model.reading.findings import counted
from tracegraph.model.schemas import VEHICLES

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.checks.checked import Checked
    from tracegraph.model.facts import Codes, Facts, Flags
    from tracegraph.model.reading.tables import Table

MAX_HOUSEHOLD = 15
"""Residents of a home; a larger one is an institution (RULE 17: the protocol's number, ours 15)."""


def warn_homes(checked: Checked, facts: Facts) -> None:
    """Warn of homes that make no co-residents, or too many."""
    home = facts.persons.home
    residents = np.bincount(home[home >= 0], minlength=len(facts.locations)).astype(np.int32)
    _warn_crowded(checked, facts, residents)
    _warn_undeclared(checked, residents.size)
    _warn_other_kinds(checked, facts, residents)


def _home_code(checked: Checked) -> int:
    values = checked.tables["locations"].word("kind").values
    return values.index(HOME) if HOME in values else -2


def _warn_crowded(checked: Checked, facts: Facts, residents: Codes) -> None:
    kind = facts.locations.kind
    is_home = (kind == _home_code(checked)) | (kind < 0)  # a home needs no kind (RULE 17)
    crowded = np.flatnonzero(is_home & (residents > MAX_HOUSEHOLD))
    if not crowded.size:
        return
    homes = counted(crowded.size, "home has", "homes have")
    checked.findings.warn(
        "persons",
        column="home_id",
        rule="crowded-home",
        value=checked.named("location", crowded),
        message=f"{homes} more than {MAX_HOUSEHOLD} residents ({residents[crowded].max():,} at "
        f"most); protocols take at most {MAX_HOUSEHOLD} for one household, so these make no "
        "co-residents",
        mend="Give each household its own home_id, or the place another kind.",
    )


def _warn_undeclared(checked: Checked, size: int) -> None:
    tables = checked.tables
    implied = np.flatnonzero(undeclared_homes(tables["locations"], tables["persons"], size))
    if not implied.size or "locations" not in checked.given:
        return
    homes = counted(implied.size, "home stands", "homes stand")
    checked.findings.warn(
        "persons",
        column="home_id",
        rule="undeclared-home",
        value=checked.named("location", implied),
        message=f"{homes} in no row of locations; declared with kind home",
        mend=f"Add {'it' if implied.size == 1 else 'them'} to locations, or correct home_id.",
    )


def _warn_other_kinds(checked: Checked, facts: Facts, residents: Codes) -> None:
    kind = facts.locations.kind
    other = np.flatnonzero((residents > 0) & (kind >= 0) & (kind != _home_code(checked)))
    if not other.size:
        return
    homes = counted(other.size, "place is the home", "places are the homes")
    people = counted(int(residents[other].sum()), "person", "persons")
    checked.findings.warn(
        "persons",
        column="home_id",
        rule="home-of-another-kind",
        value=checked.named("location", other),
        message=f"{homes} of {people} and of another kind than home; they make no co-residents",
        mend="Give the place kind home; or leave home_id empty, if nobody lives there.",
    )


def warn_kinds_and_areas(checked: Checked, facts: Facts) -> None:
    """Warn of declared places without a kind, and without an area where areas are known."""
    declared = checked.declares("location", "locations")
    bare = np.flatnonzero(declared & (facts.locations.kind < 0))
    if bare.size:
        checked.findings.warn(
            "locations",
            column="kind",
            rule="location-without-kind",
            value=checked.named("location", bare),
            message=f"{counted(bare.size, 'location has', 'locations have')} no kind; the "
            "protocol's 'other' holds",
            mend="Fill in kind, such as home, office or market.",
        )
    nowhere = np.flatnonzero(
        declared & (facts.locations.nearest_area() < 0) & ~_are_vehicles(checked, facts)
    )
    if nowhere.size and "areas" in checked.given:
        checked.findings.warn(
            "locations",
            column="area_id",
            rule="location-without-area",
            value=checked.named("location", nowhere),
            message=f"{counted(nowhere.size, 'location has', 'locations have')} no area; what "
            "happens there counts for no zone",
            mend="Fill in area_id: the finest area that holds the place.",
        )


def warn_sizes_of_areas(checked: Checked, facts: Facts) -> None:
    """Warn of areas whose population cannot be, or is missing where others have one."""
    areas = checked.tables["areas"]
    if not len(areas):
        return
    for column in ("population", "households"):
        _warn_negative(checked, column)
    if "population" in areas.frame.columns:
        _warn_populations(checked, facts)


def _warn_negative(checked: Checked, column: str) -> None:
    areas = checked.tables["areas"]
    below = _numbers(areas, column) < 0
    if below.any():
        said = counted(int(below.sum()), "row has", "rows have")
        checked.findings.warn(
            "areas",
            column=column,
            rule="area-of-negative-size",
            value=checked.named("area", areas.code("area_id")[below]),
            message=f"{said} {column} below zero; counted as if none were given",
            mend="Correct the number, or clear the cell.",
        )


def _warn_populations(checked: Checked, facts: Facts) -> None:
    areas, size = checked.tables["areas"], len(checked.ids["area"])
    given = np.full(size, np.nan)
    people = _numbers(areas, "population")
    stated = np.flatnonzero(~np.isnan(people))[::-1]
    given[areas.code("area_id")[stated]] = people[stated]  # reversed: the first row is the last
    parent = first_given(areas.code("area_id"), areas.code("parent_id"), size)
    finest = np.ones(size, bool)
    finest[parent[parent >= 0]] = False
    home = np.append(facts.locations.nearest_area(), -1)[facts.persons.home]
    lived_in = np.bincount(home[home >= 0], minlength=size) > 0
    empty = np.flatnonzero((given == 0) & lived_in)
    if empty.size:
        checked.findings.warn(
            "areas",
            column="population",
            rule="area-of-nobody",
            value=checked.named("area", empty),
            message=f"{counted(empty.size, 'area has', 'areas have')} a population of 0, though "
            "people who are listed live there; these are counted",
            mend="Correct the population, or the homes of these people.",
        )
    unknown = np.flatnonzero(np.isnan(given) & finest & ~lived_in)
    if unknown.size and stated.size:
        checked.findings.warn(
            "areas",
            column="population",
            rule="area-without-population",
            value=checked.named("area", unknown),
            message=f"{counted(unknown.size, 'area has', 'areas have')} no population though "
            "others have, and nobody listed lives there; counted as 0",
            mend="Fill in population; write 0 where nobody lives.",
        )


def _numbers(areas: Table, column: str) -> npt.NDArray[np.float64]:
    if column not in areas.frame.columns:
        return np.full(len(areas), np.nan)
    return pd.to_numeric(areas.frame[column]).to_numpy(np.float64, na_value=np.nan)


def _are_vehicles(checked: Checked, facts: Facts) -> Flags:
    """Places that move through areas and lie in none; a last entry, for no kind, is dropped."""
    kinds = checked.tables["locations"].word("kind").values
    moves = np.array([*(kind in VEHICLES for kind in kinds), False])
    return np.asarray(moves[facts.locations.kind], np.bool_)


def warn_isolations(checked: Checked, facts: Facts) -> None:
    """Warn of isolations that do not say where."""
    isolations = facts.isolations
    home, site = facts.persons.home[isolations.person], isolations.site
    homeless = (isolations.kind == ISOLATION_KINDS.index("home")) & (home < 0)
    nowhere = (isolations.kind > 0) & (site < 0)
    if homeless.any():
        said = counted(int(homeless.sum()), "row isolates", "rows isolate")
        checked.findings.warn(
            "isolations",
            column="kind",
            rule="isolation-without-home",
            value=checked.persons_in("isolations", homeless),
            message=f"{said} at home a person without home_id: counted as away from everybody",
            mend="Fill in persons.home_id.",
        )
    if nowhere.any():
        said = counted(int(nowhere.sum()), "row has", "rows have")
        checked.findings.warn(
            "isolations",
            column="site_id",
            rule="isolation-without-site",
            value=checked.persons_in("isolations", nowhere),
            message=f"{said} no site_id though in central or hospital isolation; meetings inside "
            "the site are not found",
            mend="Fill in site_id.",
        )
