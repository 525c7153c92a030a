"""What the tables say of one another: warnings, and links that cannot be followed.

Nothing here costs a row: an unknown id is declared (RULE 20), two places at once both
count (RULE 6). Each warning stands for all its rows: a count and up to three examples.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tracegraph.model.assembly import first_given, on_cycle, undeclared_homes
from tracegraph.model.facts import ISOLATION_KINDS
from tracegraph.model.findings import examples
from tracegraph.model.schemas import FOUND_IN, RECORDS, ZONES

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from tracegraph.model.facts import Codes, Facts, Flags
    from tracegraph.model.findings import Findings
    from tracegraph.model.tables import Table

MAX_HOUSEHOLD = 15  # residents; a larger "home" is an institution (RULE 17)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the checks look at."""

    tables: dict[str, Table]
    given: frozenset[str]  # names of the tables that the caller passed
    ids: dict[str, pd.Index[Any]]  # by kind: person, location, area
    findings: Findings

    def named(self, kind: str, codes: npt.NDArray[Any]) -> str:
        """Up to three ids, for a message."""
        return examples(self.ids[kind][codes[:4]].tolist())


def blank_wrong_links(checked: Checked) -> dict[str, Table]:
    """Tables without the links that cannot be: infected by oneself, parents in a circle."""
    tables = dict(checked.tables)
    cases = tables["cases"]
    if "infected_by" in cases.codes:
        own = cases.code("infected_by") == cases.code("person_id")
        if own.any():
            checked.findings.warn(
                "cases",
                column="infected_by",
                rule="infected-by-oneself",
                message=f"{_count(own)} name the case itself as its source; left empty",
                mend="Correct infected_by.",
            )
            tables["cases"] = _blanked(cases, "infected_by", own)
    for name, owner, kind in (
        ("locations", "location_id", "location"),
        ("areas", "area_id", "area"),
    ):
        table = tables[name]
        parent = first_given(table.code(owner), table.code("parent_id"), len(checked.ids[kind]))
        circling = on_cycle(parent)
        if circling.any():
            checked.findings.warn(
                name,
                column="parent_id",
                rule="circular-parents",
                message=f"parent_id runs in a circle through {circling.sum():,} {name} "
                f"({checked.named(kind, np.flatnonzero(circling))}); left empty",
                mend="Let parent_id point from the inner to the outer only.",
            )
            tables[name] = _blanked(table, "parent_id", circling[table.code(owner)])
    return tables


def _blanked(table: Table, column: str, rows: Flags) -> Table:
    codes = np.where(rows, np.int32(-1), table.codes[column])
    frame = table.frame.copy(deep=False)
    frame[column] = frame[column].mask(rows)
    return replace(table, frame=frame, codes={**table.codes, column: codes})


def _count(rows: Flags) -> str:
    number = int(rows.sum())
    return f"{number:,} row" + ("" if number == 1 else "s")


def warn_of_all(checked: Checked, facts: Facts) -> None:
    """Every warning about the rows in use."""
    _warn_undeclared(checked)
    _warn_unknown_words(checked)
    _warn_homes(checked, facts)
    _warn_kinds(checked, facts)
    _warn_infectors(checked)
    _warn_isolations(checked, facts)
    _warn_duplicates(checked)
    _warn_unplaced(checked)
    _warn_cases_without_visit(checked)
    _warn_two_places(checked, facts)


def _warn_undeclared(checked: Checked) -> None:
    owners = {"person": "persons", "location": "locations", "area": "areas"}
    for kind, table in owners.items():
        if kind == "person" and table not in checked.given:
            continue  # a list of persons is not needed
        known = np.zeros(len(checked.ids[kind]), bool)
        known[checked.tables[table].code(f"{kind}_id")] = True
        if kind == "location" and table not in checked.given:
            mend = "Pass locations= with a kind for each: without it the protocol's 'other' holds."
        else:
            mend = f"Add them to {table}, or correct the ids."
        if not known.all():
            lost = np.flatnonzero(~known)
            checked.findings.warn(
                table,
                column=f"{kind}_id",
                rule=f"undeclared-{kind}",
                value=checked.named(kind, lost),
                message=f"{lost.size:,} {kind} ids stand in no row of {table}, "
                f"such as {checked.named(kind, lost)}; declared",
                mend=mend,
            )


def _warn_unknown_words(checked: Checked) -> None:
    closed = (
        ("isolations", "kind", ISOLATION_KINDS, "read as central: it ends every exposure"),
        ("visits", "record", RECORDS, "counted as known for certain"),
        ("cases", "found_in", FOUND_IN, "no rule reads it"),
        ("areas", "zone", ZONES, "no rule reads it"),
    )
    for name, column, values, effect in closed:
        words = checked.tables[name].word(column)
        used = np.unique(words.codes[words.codes >= 0])
        unknown = [words.values[code] for code in used if words.values[code] not in values]
        if unknown:
            checked.findings.warn(
                name,
                column=column,
                rule="unknown-word",
                value=examples(unknown),
                message=f"{column} has words that are not known: {examples(unknown)}; {effect}",
                mend=f"Use one of {', '.join(values)}.",
            )


def _warn_homes(checked: Checked, facts: Facts) -> None:
    home = facts.persons.home
    residents = np.bincount(home[home >= 0], minlength=len(facts.locations))
    is_home = facts.locations.kind == _home_code(checked)
    crowded = np.flatnonzero(is_home & (residents > MAX_HOUSEHOLD))
    if crowded.size:
        checked.findings.warn(
            "persons",
            column="home_id",
            rule="crowded-home",
            value=checked.named("location", crowded),
            message=f"{crowded.size:,} homes have more than {MAX_HOUSEHOLD} residents, such as "
            f"{checked.named('location', crowded)} ({residents[crowded].max():,} at most)",
            mend="Give each household its own home_id, or the place another kind.",
        )
    implied = np.flatnonzero(
        undeclared_homes(checked.tables["locations"], checked.tables["persons"], residents.size)
    )
    if implied.size and "locations" in checked.given:
        checked.findings.warn(
            "persons",
            column="home_id",
            rule="undeclared-home",
            value=checked.named("location", implied),
            message=f"{implied.size:,} homes stand in no row of locations, such as "
            f"{checked.named('location', implied)}; declared with kind home",
            mend="Add them to locations, or correct home_id.",
        )


def _home_code(checked: Checked) -> int:
    values = checked.tables["locations"].word("kind").values
    return values.index("home") if "home" in values else -2


def _warn_kinds(checked: Checked, facts: Facts) -> None:
    table = checked.tables["locations"]
    declared = np.zeros(len(facts.locations), bool)
    declared[table.code("location_id")] = True
    bare = np.flatnonzero(declared & (facts.locations.kind < 0))
    if bare.size:
        checked.findings.warn(
            "locations",
            column="kind",
            rule="location-without-kind",
            value=checked.named("location", bare),
            message=f"{bare.size:,} locations have no kind, such as "
            f"{checked.named('location', bare)}; the protocol's 'other' holds",
            mend="Fill in kind; homes need kind home to make co-residents.",
        )


def _warn_infectors(checked: Checked) -> None:
    cases = checked.tables["cases"]
    infector = cases.code("infected_by")
    is_case = np.zeros(len(checked.ids["person"]) + 1, bool)
    is_case[cases.code("person_id")] = True
    strange = (infector >= 0) & ~is_case[infector]
    if strange.any():
        named = checked.named("person", np.unique(infector[strange]))
        checked.findings.warn(
            "cases",
            column="infected_by",
            rule="infector-is-no-case",
            value=named,
            message=f"{_count(strange)} name a source that is no case, such as {named}",
            mend="Add the source to cases, or correct infected_by.",
        )


def _warn_isolations(checked: Checked, facts: Facts) -> None:
    isolations = facts.isolations
    home, site = facts.persons.home[isolations.person], isolations.site
    homeless = (isolations.kind == ISOLATION_KINDS.index("home")) & (home < 0)
    nowhere = (isolations.kind > 0) & (site < 0)
    if homeless.any():
        checked.findings.warn(
            "isolations",
            column="kind",
            rule="isolation-without-home",
            message=f"{_count(homeless)} isolate at home a person without home_id; "
            "nothing stays reachable",
            mend="Fill in persons.home_id.",
        )
    if nowhere.any():
        checked.findings.warn(
            "isolations",
            column="site_id",
            rule="isolation-without-site",
            message=f"{_count(nowhere)} in central or hospital isolation have no site_id; "
            "meetings inside the site are not found",
            mend="Fill in site_id.",
        )


def _warn_duplicates(checked: Checked) -> None:
    for name, column, kind in (
        ("persons", "person_id", "person"),
        ("locations", "location_id", "location"),
        ("areas", "area_id", "area"),
    ):
        rows = np.bincount(checked.tables[name].code(column), minlength=len(checked.ids[kind]))
        twice = np.flatnonzero(rows > 1)
        if twice.size:
            checked.findings.warn(
                name,
                column=column,
                rule="declared-twice",
                value=checked.named(kind, twice),
                message=f"{twice.size:,} {column} stand in several rows, such as "
                f"{checked.named(kind, twice)}; the first value of each column holds",
                mend="Keep one row of each.",
            )
    case_ids = checked.tables["cases"].frame["case_id"]
    twice_ids = case_ids[case_ids.duplicated()].unique().tolist()
    if twice_ids:
        checked.findings.warn(
            "cases",
            column="case_id",
            rule="declared-twice",
            value=examples(twice_ids),
            message=f"{len(twice_ids):,} case_id stand in several rows",
            mend="Give each episode its own case_id.",
        )


def _warn_unplaced(checked: Checked) -> None:
    nowhere = checked.tables["visits"].code("location_id") < 0
    if nowhere.any():
        checked.findings.warn(
            "visits",
            column="location_id",
            rule="unplaced-visit",
            message=f"{_count(nowhere)} have no location; kept, but they meet nobody",
            mend="Fill in location_id where the place is known.",
        )


def cases_without_visit(tables: dict[str, Table], persons: int) -> int:
    """How many cases no visit tells of."""
    seen = np.zeros(persons, bool)
    visits = tables["visits"]
    seen[visits.code("person_id")[visits.code("location_id") >= 0]] = True
    return int((~seen[np.unique(tables["cases"].code("person_id"))]).sum())


def _warn_cases_without_visit(checked: Checked) -> None:
    number = cases_without_visit(checked.tables, len(checked.ids["person"]))
    total = np.unique(checked.tables["cases"].code("person_id")).size
    if number and "visits" in checked.given:
        every = "; do the ids of both tables agree?" if number == total else ""
        checked.findings.warn(
            "cases",
            column="person_id",
            rule="case-without-visit",
            message=f"{number:,} of {total:,} cases have no visit{every}",
            mend="Ask them where they were, or correct the ids.",
        )


def _warn_two_places(checked: Checked, facts: Facts) -> None:
    """RULE 6, for stays that certainly overlap; the later of two is named with the one it meets."""
    here, there = two_places(facts)
    if not here.size:
        return
    visits = facts.visits
    row = int(visits.row[here[0]])
    shown = [
        f"{checked.ids['person'][visits.person[i]]} at "
        f"{checked.ids['location'][visits.location[j]]} and "
        f"{checked.ids['location'][visits.location[i]]}"
        for i, j in zip(here[:3], there[:3], strict=True)
    ]
    checked.findings.warn(
        "visits",
        column="location_id",
        rule="two-places-at-once",
        value="; ".join(shown),
        message=f"{here.size:,} visits overlap a visit elsewhere, the first "
        f"(row {row} of graph.visits): {shown[0]}; both count",
        mend="Correct arrive or depart of one of them, if they cannot both be true.",
    )


def two_places(facts: Facts) -> tuple[Codes, Codes]:
    """Pairs of placed visits of one person that certainly overlap, elsewhere, not nested.

    Of each person at least one pair is found if there is any.
    """
    visits = facts.visits
    timed = np.flatnonzero(visits.depart_lo > visits.arrive_hi)
    person, start = visits.person[timed].astype(np.int64), visits.arrive_hi[timed].astype(np.int64)
    order = timed[np.argsort((person << 32) + start, kind="stable")]
    person = visits.person[order].astype(np.int64)
    # of one person the latest departure so far; a person's sums exceed all before
    reach = (person << 32) + visits.depart_lo[order]
    ahead = np.maximum.accumulate(reach)
    holds = np.maximum.accumulate(np.where(reach == ahead, np.arange(order.size), 0))
    other = order[np.append(0, holds[:-1])] if order.size else order
    meets = (
        (visits.person[other] == person)
        & (visits.depart_lo[other] > visits.arrive_hi[order])
        & (visits.location[other] != visits.location[order])
    )
    here, there = order[meets], other[meets]
    apart = ~_nested(facts.locations.parent, visits.location[here], visits.location[there])
    return here[apart], there[apart]


def _nested(parent: Codes, one: Codes, other: Codes) -> Flags:
    """Whether either place holds the other."""
    holds = np.zeros(one.size, bool)
    up, down = one.copy(), other.copy()
    while (up >= 0).any() or (down >= 0).any():
        holds |= (up >= 0) & (up == other)
        holds |= (down >= 0) & (down == one)
        up = np.where(up >= 0, parent[up], -1)
        down = np.where(down >= 0, parent[down], -1)
    return holds
