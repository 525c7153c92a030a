"""What ids point at: links that cannot be followed, and ids that no row declares.

An unknown id costs no row: it is declared (RULE 20).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.model.assembly import first_given, on_cycle, tests_of, undeclared_homes
from tracegraph.model.reading.findings import counted, examples
from tracegraph.model.schemas import FOUND_IN, ISOLATION_KINDS, RECORDS

if TYPE_CHECKING:
    from tracegraph.model.checks.checked import Checked
    from tracegraph.model.facts import Flags
    from tracegraph.model.reading.tables import Table


def blank_wrong_links(checked: Checked) -> dict[str, Table]:
    """Tables without the links that cannot be: infected by oneself.

    Parents in a circle stay in the tables: at another moment there may be none (RULE 29), so
    the facts of each moment cut their own.
    """
    _warn_of_circles(checked, "locations", "location")
    _warn_of_circles(checked, "areas", "area")
    return {**checked.tables, "cases": _without_own_infector(checked)}


def _without_own_infector(checked: Checked) -> Table:
    cases = checked.tables["cases"]
    own = (cases.code("infected_by") == cases.code("person_id")) & (cases.code("person_id") >= 0)
    if not own.any():
        return cases
    said = counted(int(own.sum()), "row names", "rows name")
    checked.findings.warn(
        "cases",
        column="infected_by",
        rule="infected-by-oneself",
        value=checked.named("person", np.unique(cases.code("person_id")[own])),
        message=f"{said} the case itself as its source; left empty",
        mend="Correct infected_by.",
    )
    return _blanked(cases, "infected_by", own)


def _warn_of_circles(checked: Checked, name: str, kind: str) -> None:
    table, owner = checked.tables[name], f"{kind}_id"
    parent = first_given(table.code(owner), table.code("parent_id"), len(checked.ids[kind]))
    circling = on_cycle(parent)
    if not circling.any():
        return
    checked.findings.warn(
        name,
        column="parent_id",
        rule="circular-parents",
        value=checked.named(kind, np.flatnonzero(circling)),
        message=f"parent_id runs in a circle through {counted(int(circling.sum()), kind)}; "
        "not followed",
        mend="Let parent_id point from the inner to the outer only.",
    )


def _blanked(table: Table, column: str, rows: Flags) -> Table:
    codes = np.where(rows, np.int32(-1), table.codes[column])
    blanked = table.with_column(column, table.cells[column].mask(rows))
    return replace(blanked, codes={**table.codes, column: codes})


_UNDECLARED = (
    ("person", "persons", "undeclared-person"),
    ("location", "locations", "undeclared-location"),
    ("area", "areas", "undeclared-area"),
)


def warn_undeclared(checked: Checked) -> None:
    """Warn of ids that other tables use and no row declares."""
    for kind, table, rule in _UNDECLARED:
        if kind == "person" and table not in checked.given:
            continue  # a list of persons is not needed
        undeclared = ~checked.declares(kind, table)
        if kind == "location" and table in checked.given:  # homes have a rule of their own
            tables = checked.tables
            undeclared &= ~undeclared_homes(tables[table], tables["persons"], undeclared.size)
        lost = np.flatnonzero(undeclared)
        if not lost.size:
            continue
        is_bare = kind == "location" and table not in checked.given
        ids = counted(lost.size, f"{kind} id stands", f"{kind} ids stand")
        checked.findings.warn(
            table,
            column=f"{kind}_id",
            rule=rule,
            value=checked.named(kind, lost),
            message=f"{ids} in no row of {table}; declared",
            mend="Add locations with a kind for each: without it the protocol's 'other' holds."
            if is_bare
            else f"Add {'it' if lost.size == 1 else 'them'} to {table}, or correct the ids.",
        )


def warn_infectors(checked: Checked) -> None:
    """Warn of sources that are no case."""
    infector = checked.tables["cases"].code("infected_by")
    strange = (infector >= 0) & ~checked.are_cases()[infector]
    if not strange.any():
        return
    said = counted(int(strange.sum()), "row names", "rows name")
    checked.findings.warn(
        "cases",
        column="infected_by",
        rule="infector-is-no-case",
        value=checked.named("person", np.unique(infector[strange])),
        message=f"{said} a source that is no case",
        mend="Add the source to cases, or correct infected_by.",
    )


def warn_positive_tests(checked: Checked) -> None:
    """Warn of people who tested positive and are no case."""
    tests = tests_of(checked.tables["tests"], ())
    alone = tests.pool < 0  # a positive pool makes nobody positive: its members are recalled
    positive = np.unique(tests.person[(tests.positive == 1) & alone])
    missed = positive[~checked.are_cases()[positive]]
    if not missed.size:
        return
    said = counted(missed.size, "person tested positive and is", "persons tested positive and are")
    checked.findings.warn(
        "tests",
        column="person_id",
        rule="positive-test-of-no-case",
        value=checked.named("person", missed),
        message=f"{said} in no row of cases; a test alone makes no case",
        mend="Add them to cases, or correct the ids.",
    )


_VOCABULARIES = (
    ("isolations", "kind", ISOLATION_KINDS, "read as central: it ends every exposure"),
    ("visits", "record", RECORDS, "counted as known for certain"),
    ("cases", "found_in", FOUND_IN, "no rule reads it"),
)


def warn_unknown_words(checked: Checked) -> None:
    """Warn of words outside a closed list."""
    for name, column, values, effect in _VOCABULARIES:
        words = checked.tables[name].word(column)
        used = np.zeros(len(words.values) + 1, bool)  # and one for rows without a word
        if words.values:
            used[words.codes] = True
        told = zip(words.values, used[:-1], strict=True)
        unknown = [word for word, is_used in told if is_used and word not in values]
        if unknown:
            said = counted(len(unknown), "word that is not known", "words that are not known")
            checked.findings.warn(
                name,
                column=column,
                rule="unknown-word",
                value=examples(unknown),
                message=f"{column} has {said}; {effect}",
                mend=f"Use one of {', '.join(values)}.",
            )
