"""Visits to stays: touching rows of a person at a place joined, by place and arrival (RULE 5, 6).

The stays of one world are ordered by location and arrival: the index every sweep walks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.exposure._jit import fixed, in_parts, kernel, weighed_parts
from tracegraph.exposure.ordering import Order, ascend, layout, order_by
from tracegraph.exposure.pack import seconds
from tracegraph.exposure.presence import Presence, World, presence, visits_are_precise
from tracegraph.model.calendar import NEVER
from tracegraph.model.constant import is_constant
from tracegraph.model.facts import Columns

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.exposure._jit import Int
    from tracegraph.model.facts import Codes, Flags, Ticks, Visits
    from tracegraph.model.graph import TraceGraph
    from tracegraph.protocols.protocol import Protocol

KEPT = 4
"""Indexes that a graph remembers, oldest forgotten first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stays(Columns):
    """Stays ordered by location, then arrival; [arrive, depart) in seconds."""

    person: Codes
    location: Codes
    arrive: Ticks
    depart: Ticks
    weak: Flags
    carriage: Codes
    seat: Codes


ARRIVE, PERSON, DEPART, ROW = range(4)
"""Columns of a record: what a stay needs, side by side, so that it is fetched only once.

ROW is a visit in it, by its position in `facts.visits`; -1 less that where the end of one was
missing. While stays are joined, PERSON holds the code of the person and marks.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StayIndex:
    """The stays of one world at some places or all, with where each place's begin."""

    stays: Stays  # its columns are those of the records
    records: npt.NDArray[np.int32]
    begin: npt.NDArray[np.int64]  # n_locations + 1
    by_person: Order | None = None  # of a whole index

    @classmethod
    def of(
        cls, records: npt.NDArray[np.int32], begin: npt.NDArray[np.int64],
        marks: dict[str, Any], n_people: int = 0,
    ) -> StayIndex:  # fmt: skip
        """Index of records in the order of place and arrival; of each person's too, if asked."""
        stays = Stays(
            person=records[:, PERSON],
            location=np.repeat(np.arange(len(begin) - 1, dtype=np.int32), np.diff(begin)),
            arrive=records[:, ARRIVE],
            depart=records[:, DEPART],
            **marks,
        )
        by_person = order_by(stays.person, n_people) if n_people else None
        begin.flags.writeable = records.flags.writeable = False
        return cls(stays=stays, records=records, begin=begin, by_person=by_person)

    @property
    def imputed(self) -> Flags:
        """Whether the end of some visit in each stay was missing."""
        return np.less(self.records[:, ROW], 0)

    def of_persons(self, wanted: Flags) -> Codes:
        """Positions of the stays of some persons, ascending."""
        people = np.flatnonzero(wanted).astype(np.int32)
        if self.by_person is None or len(people) * 4 > len(wanted):
            return np.flatnonzero(wanted[self.stays.person]).astype(np.int32)
        return self.by_person.of(people)


def stay_index(graph: TraceGraph, protocol: Protocol, world: World) -> StayIndex:
    """Index of all stays of `world`, from the graph's cache where it has been built before."""
    key = index_key(graph, protocol, world)
    if key not in graph.cache:
        kept = [k for k in graph.cache if k[0] == "stays"]
        for oldest in kept[: len(kept) + 1 - KEPT]:
            graph.cache.pop(oldest)
        graph.cache[key] = build(graph, protocol, world, with_persons=True)
    found: StayIndex = graph.cache[key]
    return found


def index_key(graph: TraceGraph, protocol: Protocol, world: World) -> tuple[object, ...]:
    """What an index depends on; both worlds share theirs where visits are precise."""
    kinds = tuple(protocol.kind_of(k).max_stay_hours for k in (*graph.kinds, None))
    exposure = protocol.exposure
    told = "outer" if visits_are_precise(graph) else world
    return ("stays", told, graph.now, exposure.merge_gap_minutes, exposure.resolution, kinds)


def build(
    graph: TraceGraph,
    protocol: Protocol,
    world: World,
    row: Codes | None = None,
    *,
    with_persons: bool = False,
) -> StayIndex:
    """Index the stays that the visits at positions `row` are; None indexes all."""
    found = presence(graph, protocol, world, row)
    gap = seconds(protocol.exposure.merge_gap_minutes)
    n_people = len(graph.person_ids) if with_persons else 0
    return coalesce(
        graph.facts.visits, found, gap=gap, n_locations=len(graph.location_ids), n_people=n_people
    )


def coalesce(
    visits: Visits, found: Presence, *, gap: int, n_locations: int, n_people: int = 0
) -> StayIndex:
    """Join visits of one person at one place that overlap, touch or lie within `gap` seconds.

    `n_people` other than 0: also tell the stays of each person.
    """
    who = _who(visits, found)
    records, first = _records(found, who, found.of_visits(visits.depart_hi), n_locations)
    parts = weighed_parts(first)
    n_who = int(who.max(initial=-1)) + 1
    begin = np.zeros(n_locations + 1, dtype=np.int64)
    joined = in_parts(
        parts,
        lambda lo, hi, _: _join(
            first, records, lo, hi, gap, np.full(n_who, -1, dtype=np.int32), begin
        ),
    )
    records = _closed_up(records, begin, parts, first, joined)
    if who is not found.person:
        records[:, PERSON] = _person_of(who, found.person)[records[:, PERSON]]
    return StayIndex.of(records, begin, _marks(visits, found, records), n_people)


def _records(
    found: Presence, who: Codes, depart_hi: Ticks, n_locations: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Visits as records by place, and where those of each place begin."""
    location = fixed(found.location)
    plan, records = layout(location, n_locations), np.empty((len(found), 4), dtype=np.int32)
    columns = (
        location, fixed(found.arrive), fixed(who), fixed(found.depart), fixed(depart_hi),
    )  # fmt: skip
    in_parts(plan.bounds, lambda lo, hi, part: _lay(*columns, lo, hi, plan.at[part], records))
    return records, plan.begin


@kernel
def _lay(
    location: Codes, arrive: Ticks, who: Codes, depart: Ticks, depart_hi: Ticks, lo: Int, hi: Int,
    at: npt.NDArray[np.int64], records: npt.NDArray[np.int32],
) -> None:  # fmt: skip
    for i in range(lo, hi):
        k = at[location[i]]
        at[location[i]] += 1
        records[k, ARRIVE], records[k, PERSON], records[k, DEPART] = arrive[i], who[i], depart[i]
        records[k, ROW] = -1 - i if depart_hi[i] == NEVER else i


def _person_of(who: Codes, person: Codes) -> Codes:
    found = np.empty(int(who.max(initial=-1)) + 1, dtype=np.int32)
    found[who] = person
    return found


def _who(visits: Visits, found: Presence) -> Codes:
    """Code of each visit's person and marks: only visits alike in all of them are one stay."""
    if not _marked(visits):
        return found.person
    carriage, seat = (found.of_visits(mark) for mark in (visits.carriage, visits.seat))
    marks = found.of_visits(visits.weak) | (carriage + np.int64(1)) << 1
    number, distinct = pd.factorize(marks | (seat + np.int64(1)) << 32)
    who, _ = pd.factorize(found.person.astype(np.int64) * len(distinct) + number)
    return np.asarray(who, dtype=np.int32)


def _marked(visits: Visits) -> bool:
    return any(_varies(mark) for mark in (visits.weak, visits.carriage, visits.seat))


def _varies(mark: npt.NDArray[np.generic]) -> bool:
    return mark.size > 0 and not is_constant(mark) and bool((mark != mark[0]).any())


@kernel
def _join(
    first: npt.NDArray[np.int64], records: npt.NDArray[np.int32], lo: Int, hi: Int, gap: Int,
    opened: Codes, begin: npt.NDArray[np.int64],
) -> int:  # fmt: skip
    """Let stays take the place of the visits at places lo to hi, close together.

    `opened` tells the last stay of each person and marks; one from an earlier place does not
    count. Returns how many stays there are.
    """
    start = first[lo]
    n: Int = start
    for place in range(lo, hi):
        begin[place] = n - start
        _by_arrival(records[first[place] : first[place + 1]])
        here = n
        for k in range(first[place], first[place + 1]):
            arrive, who = records[k, ARRIVE], records[k, PERSON]
            depart, row = records[k, DEPART], records[k, ROW]
            at: Int = opened[who]
            if at >= here and arrive - records[at, DEPART] <= gap:
                records[at, DEPART] = max(records[at, DEPART], depart)
                records[at, ROW] = min(records[at, ROW], row)
            else:
                opened[who] = n
                records[n, ARRIVE], records[n, PERSON] = arrive, who
                records[n, DEPART], records[n, ROW] = depart, row
                n += 1
    return int(n - start)


@kernel
def _by_arrival(records: npt.NDArray[np.int32]) -> None:
    """Order the records of one place by arrival; equal ones as they stand."""
    size = len(records)
    for k in range(1, size):
        if records[k, ARRIVE] < records[k - 1, ARRIVE]:
            break
    else:
        return  # as in a log that was written as people came
    keys = np.empty(size, dtype=np.int64)
    for k in range(size):
        keys[k] = np.int64(records[k, ARRIVE]) << 32 | k
    ascend(keys)
    as_found = records.copy()
    for k in range(size):
        for c in range(4):
            records[k, c] = as_found[keys[k] & 0x7FFFFFFF, c]


def _closed_up(
    records: npt.NDArray[np.int32], begin: npt.NDArray[np.int64],
    parts: npt.NDArray[np.int64], first: npt.NDArray[np.int64], joined: list[int],
) -> npt.NDArray[np.int32]:  # fmt: skip
    """Records without the room that joined visits left at the end of each part."""
    total = 0
    for i, size in enumerate(joined):
        begin[parts[i] : parts[i + 1]] += total
        if total < first[parts[i]]:
            _move_up(records, total, first[parts[i]], size)
        total += size
    begin[-1] = total
    return records[:total]


@kernel
def _move_up(records: npt.NDArray[np.int32], to: Int, start: Int, size: Int) -> None:
    for k in range(size):
        for c in range(4):
            records[to + k, c] = records[start + k, c]


def _marks(visits: Visits, found: Presence, records: npt.NDArray[np.int32]) -> dict[str, Any]:
    """Marks of each stay: those of any visit in it."""
    columns = {name: getattr(visits, name) for name in ("weak", "carriage", "seat")}
    if not _marked(visits):  # all alike: nothing is looked up, and nothing is kept
        size = len(records)
        return {n: np.broadcast_to(c[: min(1, size)], size) for n, c in columns.items()}
    row = records[:, ROW]
    one = np.where(row < 0, -1 - row, row)
    return {n: found.of_visits(c)[one] for n, c in columns.items()}
