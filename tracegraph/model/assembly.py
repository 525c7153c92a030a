"""Tables become facts: the arrays that the kernel reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.model.calendar import BEFORE, NEVER
from tracegraph.model.constant import everywhere, is_constant
from tracegraph.model.facts import (
    ISOLATION_KINDS,
    Cases,
    Contacts,
    Disinfections,
    Facts,
    Isolations,
    Locations,
    Measures,
    Persons,
    Rounds,
    Tests,
    Visits,
    ZoneHistory,
)
from tracegraph.model.schemas import RESULTS

if TYPE_CHECKING:
    from tracegraph.model.facts import Codes, Flags, Ticks
    from tracegraph.model.reading.tables import Table

WEAK_RECORDS = {"phone": 1, "wifi": 1}
HOME = "home"


def visits_of(table: Table) -> Visits:
    """Every visit; the unplaced ones have location -1."""
    leaves, latest = table.early("depart"), table.late("depart")
    if is_constant(leaves) and len(table):  # a log without departures
        leaves = everywhere(BEFORE, len(table))
    elif leaves.max(initial=BEFORE) == NEVER:
        leaves = np.where(leaves == NEVER, BEFORE, leaves)
    return Visits(
        person=table.code("person_id"),
        location=table.code("location_id"),
        arrive_lo=table.early("arrive"),
        arrive_hi=table.late("arrive"),
        depart_lo=leaves,
        depart_hi=latest,
        weak=_are_weak(table),
        carriage=table.word("carriage").codes,
        seat=_seat_rows(table),
        known=table.known,
    )


def placed_and_unplaced(table: Table) -> tuple[Visits, Visits]:
    """Visits with a location, and those without; nothing is copied where all have one."""
    visits = visits_of(table)
    if visits.location.min(initial=0) >= 0:
        return visits, visits.take(np.zeros(0, np.int32))
    placed = visits.location >= 0
    return visits.take(placed), visits.take(~placed)


def _are_weak(table: Table) -> Flags:
    words = table.word("record")
    if not WEAK_RECORDS.keys() & words.values:
        return everywhere(np.False_, len(table))
    weak: Flags = words.mapped(WEAK_RECORDS, unknown=0) == 1
    return weak


def _rows(table: Table) -> Codes:
    return np.arange(len(table), dtype=np.int32)


def _seat_rows(table: Table) -> Codes:
    """Leading digits of each seat; -1 without any."""
    seats = table.word("seat")
    if not seats.values:
        return seats.codes
    numbers = {}
    for seat in seats.values:
        digits = re.match(r"\d{1,9}", seat, flags=re.ASCII)
        numbers[seat] = int(digits[0]) if digits else -1
    return seats.mapped(numbers, unknown=-1).astype(np.int32)


def cases_of(table: Table) -> Cases:
    """Episodes."""
    return Cases(
        row=_rows(table),
        person=table.code("person_id"),
        onset_lo=table.early("onset"),
        onset_hi=table.late("onset"),
        sampled_lo=table.early("sampled"),
        sampled_hi=table.late("sampled"),
        confirmed_lo=table.early("confirmed"),
        confirmed_hi=table.late("confirmed"),
        isolated_lo=table.early("isolated"),
        isolated_hi=table.late("isolated"),
        status=table.word("status").codes,
        found_in=table.word("found_in").codes,
        known=table.known,
    )


def contacts_of(table: Table) -> Contacts:
    """List reported contacts, from the earliest start to the latest end."""
    lo, start_hi, end_hi = table.early("start"), table.late("start"), table.late("end")
    last = np.where(end_hi == NEVER, start_hi, end_hi)
    return Contacts(
        row=_rows(table),
        person=table.code("person_id"),
        contact=table.code("contact_id"),
        lo=lo,
        hi=np.maximum(last, lo + np.int32(1)),
        kind=table.word("kind").codes,
        location=table.code("location_id"),
        known=table.known,
    )


def isolations_of(table: Table) -> Isolations:
    """Isolation intervals."""
    kinds = {kind: code for code, kind in enumerate(ISOLATION_KINDS)}
    return Isolations(
        row=_rows(table),
        person=table.code("person_id"),
        start_lo=table.early("start"),
        start_hi=table.late("start"),
        end_lo=table.early("end"),
        end_hi=table.late("end"),
        kind=table.word("kind").mapped(kinds, unknown=-1).astype(np.int32),
        site=table.code("site_id"),
        known=table.known,
    )


def tests_of(table: Table, round_ids: tuple[str, ...]) -> Tests:
    """Test results."""
    return Tests(
        row=_rows(table),
        person=table.code("person_id"),
        sampled_lo=table.early("sampled"),
        sampled_hi=table.late("sampled"),
        positive=table.word("result").mapped(RESULTS, unknown=-1).astype(np.int8),
        round=_round(table, round_ids),
        pool=table.word("pool_id").codes,
        known=table.known,
    )


def disinfections_of(table: Table) -> Disinfections:
    """When places were disinfected."""
    return Disinfections(
        row=_rows(table),
        location=table.code("location_id"),
        done_lo=table.early("done"),
        done_hi=table.late("done"),
        known=table.known,
    )


def round_ids(tests: Table, rounds: Table) -> tuple[str, ...]:
    """Every round that either table names, sorted."""
    return tuple(sorted({*tests.word("round_id").values, *rounds.word("round_id").values}))


def _round(table: Table, round_ids: tuple[str, ...]) -> Codes:
    at = {name: code for code, name in enumerate(round_ids)}
    return table.word("round_id").mapped(at, unknown=-1).astype(np.int32)


def zone_history_of(table: Table) -> ZoneHistory:
    """Zones that were in force."""
    zone = table.word("zone").codes
    return ZoneHistory(row=_rows(table), area=table.code("area_id"), zone=zone, **_span(table))


def rounds_of(table: Table, round_ids: tuple[str, ...]) -> Rounds:
    """Rounds of tests."""
    number = _round(table, round_ids)
    return Rounds(row=_rows(table), round=number, area=table.code("area_id"), **_span(table))


def measures_of(table: Table) -> Measures:
    """Measures for whole areas."""
    kind = table.word("kind").codes
    return Measures(row=_rows(table), area=table.code("area_id"), kind=kind, **_span(table))


def _span(table: Table) -> dict[str, Ticks]:
    """Bounds of start and end, and since when the row is known."""
    return {
        "start_lo": table.early("start"),
        "start_hi": table.late("start"),
        "end_lo": table.early("end"),
        "end_hi": table.late("end"),
        "known": table.known,
    }


def locations_of(table: Table, persons: Table, size: int) -> Locations:
    """One entry a location; a home that no row declares is of kind home."""
    kinds = table.word("kind").values
    owner = table.code("location_id")
    kind = first_given(owner, table.word("kind").codes, size)
    kind[undeclared_homes(table, persons, size)] = kinds.index(HOME) if HOME in kinds else -1
    parent = first_given(owner, table.code("parent_id"), size)
    parent[on_cycle(parent)] = -1
    return Locations(kind=kind, parent=parent, area=first_given(owner, table.code("area_id"), size))


def undeclared_homes(locations: Table, persons: Table, size: int) -> Flags:
    """Locations where somebody lives and that no row of `locations` declares."""
    homes = np.zeros(size, bool)
    lived_in = persons.code("home_id")
    homes[lived_in[lived_in >= 0]] = True
    homes[locations.code("location_id")] = False
    return homes


def persons_of(table: Table, size: int) -> Persons:
    """One entry a person."""
    return Persons(home=first_given(table.code("person_id"), table.code("home_id"), size))


def area_parents(table: Table, size: int) -> Codes:
    """Area that holds each area; -1 none. Circles are cut."""
    parent = first_given(table.code("area_id"), table.code("parent_id"), size)
    parent[on_cycle(parent)] = -1
    return parent


def first_given(owner: Codes, values: Codes, size: int) -> Codes:
    """First value that some row of each owner gives; -1 where none does."""
    out = np.full(size, -1, np.int32)
    given = np.flatnonzero(values >= 0)[::-1]
    out[owner[given]] = values[given]  # reversed: the first row is written last
    return out


def on_cycle(parent: Codes) -> Flags:
    """Whether each node is its own ancestor."""
    jump = np.append(parent, -1).astype(np.int64)  # -1 points at the last entry: none
    for _ in range(max(1, int(parent.size).bit_length())):
        jump = jump[jump]
        if (jump < 0).all():  # most places have no parent, or one
            break
    circling = np.zeros(parent.size + 1, bool)
    circling[jump[:-1]] = True
    return circling[:-1]


def latest_second(facts: Facts, unplaced: Visits, tables: dict[str, Table]) -> int:
    """Latest second that any table speaks of, other than plans.

    Ends of isolations and zones, rounds of tests and measures are plans. A visit lasts a
    second at least (RULE 3), so the last arrival lies before it.
    """
    found = [facts.contacts.hi]
    for visits in (facts.visits, unplaced):
        last = visits.arrive_lo.max(initial=BEFORE)  # never missing
        found += [visits.arrive_hi, visits.depart_hi, last[None][: len(visits)] + np.int32(1)]
    columns = {
        "cases": ("onset", "sampled", "confirmed", "isolated"),
        "isolations": ("start",),
        "tests": ("sampled", "reported"),
        "disinfections": ("done",),
        "areas": ("zone_since",),
        "zone_history": ("start",),
    }
    for name, table in tables.items():
        wanted = (*columns.get(name, ()), "recorded")
        found += [table.hi[column] for column in wanted if column in table.hi]
    highs = [_latest(ticks) for ticks in found]
    return max((high for high in highs if high is not None), default=0)


def _latest(ticks: Ticks) -> int | None:
    """Latest of some seconds; None without any."""
    if not ticks.size:
        return None
    if (latest := ticks.max()) != NEVER:
        return int(latest)
    given = ticks[ticks != NEVER]
    return int(given.max()) if given.size else None
