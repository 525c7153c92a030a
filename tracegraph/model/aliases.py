"""Several ids of one person: rows of an alias become rows of the person it stands for.

Only codes change; frames keep the ids as written. It is done for each moment anew, as a
merge that the team learnt later must not change an earlier answer (RULE 29).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.model.assembly import first_given, on_cycle
from tracegraph.model.reading.findings import examples
from tracegraph.model.schemas import TABLES

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.facts import Codes, Contacts
    from tracegraph.model.reading.findings import Findings
    from tracegraph.model.reading.tables import Table

SAME_AS, INFECTOR = "same_as", "infected_by"


def canonical_codes(persons: Table, size: int) -> Codes:
    """Person for whom each code stands, itself where it is no alias; circles are cut.

    Chains lead to their end: where P3 is P2 and P2 is P1, both are P1.
    """
    target = first_given(persons.code("person_id"), _targets(persons), size)
    target[on_cycle(target)] = -1
    found = np.where(target < 0, np.arange(size, dtype=np.int32), target)
    while (found[found] != found).any():
        found = found[found]
    return found.astype(np.int32)


def _targets(persons: Table) -> Codes:
    """Who each row says its person is; -1 where it says nothing, or names the person itself."""
    same = persons.code(SAME_AS)
    return np.where(same == persons.code("person_id"), np.int32(-1), same)


def merge(tables: dict[str, Table], canonical: Codes) -> dict[str, Table]:
    """Tables in which every code of an alias is that of the person it stands for."""
    if (canonical == np.arange(canonical.size)).all():
        return tables
    return {name: _merged(table, canonical) for name, table in tables.items()}


def _merged(table: Table, canonical: Codes) -> Table:
    columns = [c for c in TABLES[table.name].named("person") if c in table.codes and c != SAME_AS]
    if not columns:
        return table
    codes = {
        c: np.where(table.codes[c] < 0, table.codes[c], canonical[table.codes[c]]) for c in columns
    }
    if INFECTOR in codes:
        own = codes[INFECTOR] == codes["person_id"]  # by another id: as good as none
        codes[INFECTOR] = np.where(own, np.int32(-1), codes[INFECTOR])
    return replace(table, codes={**table.codes, **codes})


def between_two(contacts: Contacts) -> Contacts:
    """Reported contacts of two persons: those between two ids of one person are none."""
    apart = contacts.person != contacts.contact
    return contacts if apart.all() else contacts.take(apart)


def aliases_frame(canonical: Codes, ids: pd.Index[Any]) -> pd.DataFrame:
    """One row an alias: `person_id`, and in `same_as` the person whom it stands for."""
    alias = np.flatnonzero(canonical != np.arange(canonical.size))
    return pd.DataFrame({"person_id": ids[alias], SAME_AS: ids[canonical[alias]]})


def warn_of_aliases(
    tables: dict[str, Table], merged: dict[str, Table], ids: pd.Index[Any], findings: Findings
) -> None:
    """Say which merges cannot be, and which rows they leave without two persons."""
    persons = tables["persons"]
    if SAME_AS not in persons.codes:
        return
    owner = persons.code("person_id")
    own = np.flatnonzero(persons.code(SAME_AS) == owner)
    if own.size:
        findings.warn(
            "persons",
            column=SAME_AS,
            rule="same-as-oneself",
            value=_named(ids, owner[own]),
            message=f"{_rows(own.size, 'names the person itself', 'name the person itself')} "
            "in same_as; ignored",
            mend="Name the other id, or leave same_as empty.",
        )
    circling = np.flatnonzero(on_cycle(first_given(owner, _targets(persons), len(ids))))
    if circling.size:
        findings.warn(
            "persons",
            column=SAME_AS,
            rule="circular-same-as",
            value=_named(ids, circling),
            message=f"same_as runs in a circle through {circling.size:,} persons; they stay apart",
            mend="Let every id of a person name the one id that shall stay.",
        )
    _warn_of_contacts(merged["contacts"], ids, findings)
    _warn_of_infectors(tables["cases"], merged["cases"], ids, findings)


def _warn_of_infectors(cases: Table, merged: Table, ids: pd.Index[Any], findings: Findings) -> None:
    own = (cases.code(INFECTOR) >= 0) & (merged.code(INFECTOR) < 0)
    if own.any():
        findings.warn(
            "cases",
            column=INFECTOR,
            rule="infected-by-alias",
            value=_named(ids, merged.code("person_id")[own]),
            message=f"{_rows(int(own.sum()), 'names', 'name')} another id of the case itself as "
            "its source; counts as none",
            mend="Correct infected_by, or same_as.",
        )


def _warn_of_contacts(merged: Table, ids: pd.Index[Any], findings: Findings) -> None:
    inside = merged.code("person_id") == merged.code("contact_id")
    if inside.any():
        findings.warn(
            "contacts",
            column="contact_id",
            rule="contact-with-alias",
            value=_named(ids, merged.code("person_id")[inside]),
            message=f"{_rows(int(inside.sum()), 'is a contact', 'are contacts')} between two ids "
            "of one person; no exposure",
            mend="Correct one of the two ids, or same_as.",
        )


def _named(ids: pd.Index[Any], codes: npt.NDArray[Any]) -> str:
    return examples(ids[pd.unique(codes)[:4]].tolist())


def _rows(number: int, one: str, many: str) -> str:
    return f"1 row {one}" if number == 1 else f"{number:,} rows {many}"
