"""Isolation, and the places that it leaves within reach (RULE 10 to 12).

A *window id* names the isolations that count for a person at a place. The default id of
a person is the person's own code: all their isolations. Where some isolation leaves the
place (home isolation leaves home, an isolation site leaves the site), the pair gets an id
of its own, with the other isolations only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.exposure.homes import household_of, live_together
from tracegraph.exposure.ordering import rows_with
from tracegraph.model.calendar import NEVER
from tracegraph.model.facts import ISOLATION_KINDS
from tracegraph.model.runs import begins, runs

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.facts import Codes, Flags, Ticks
    from tracegraph.model.graph import TraceGraph
    from tracegraph.protocols.protocol import Protocol

HOME = ISOLATION_KINDS.index("home")
CENTRAL = ISOLATION_KINDS.index("central")
NOWHERE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationBook:
    """All isolations, and which of them count under each window id.

    `cuts[cut_begin[w]:cut_begin[w + 1]]` are the isolations that count under window id w.
    `keys` are the sorted special (person, location, co-resident) keys; the id of `keys[i]`
    is `n_persons + i`.
    """

    person: Codes
    kind: Codes
    site: Codes
    start_lo: Ticks
    start_hi: Ticks
    end_lo: Ticks
    end_hi: Ticks
    cut_begin: npt.NDArray[np.int64]
    cuts: Codes
    keys: npt.NDArray[np.int64]
    has_key: Flags  # by person code: some special key exists
    owner: Codes  # person of each window id
    n_locations: int

    def key(
        self, person: npt.ArrayLike, location: npt.ArrayLike, together: npt.ArrayLike = 0
    ) -> npt.NDArray[np.int64]:
        """One number for a person at a location (-1 none), as co-residents or not."""
        return window_key(person, location, together, self.n_locations)

    def window_id(
        self, person: Codes, location: npt.ArrayLike, together: npt.ArrayLike = 0
    ) -> Codes:
        """Window id that counts for each person at each location."""
        if not self.keys.size:
            return person
        wanted = self.key(person, location, together)
        at = np.minimum(np.searchsorted(self.keys, wanted), self.keys.size - 1)
        special = self.keys[at] == wanted
        return np.where(special, len(self.has_key) + at, person).astype(np.int32)


def window_key(
    person: npt.ArrayLike, location: npt.ArrayLike, together: npt.ArrayLike, n_locations: int
) -> npt.NDArray[np.int64]:
    """One number for a person at a location (-1 none), as co-residents or not."""
    place = np.asarray(person, dtype=np.int64) * (n_locations + 1) + np.asarray(location) + 1
    key: npt.NDArray[np.int64] = place * 2 + np.asarray(together)
    return key


def isolation_book(graph: TraceGraph, protocol: Protocol) -> IsolationBook:
    """Collect the isolations of `graph` and where each leaves people within reach."""
    rows = _isolations(graph, protocol)
    n_persons, n_locations = len(graph.person_ids), len(graph.location_ids)
    asked = _keys_that_may_matter(graph, protocol, rows)
    key_row, iso_row, leaves = _pairs(graph, rows, asked)
    special = np.zeros(len(asked[0]), dtype=bool)
    np.logical_or.at(special, key_row, leaves)
    owner = np.concatenate([np.arange(n_persons, dtype=np.int32), asked[0][special]])
    has_key = np.zeros(n_persons, dtype=bool)
    has_key[asked[0][special]] = True
    number = n_persons + np.cumsum(special) - 1
    counts = special[key_row] & ~leaves
    window = np.concatenate([rows["person"], number[key_row[counts]]])
    isolation = np.concatenate([np.arange(len(rows["person"])), iso_row[counts]])
    order = np.lexsort((isolation, window))
    return IsolationBook(
        **rows,
        cut_begin=begins(window, len(owner)),
        cuts=isolation[order].astype(np.int32),
        keys=window_key(*asked, n_locations)[special],
        has_key=has_key,
        owner=owner,
        n_locations=n_locations,
    )


def _isolations(graph: TraceGraph, protocol: Protocol) -> dict[str, npt.NDArray[np.int32]]:
    """Rows of `isolations`, then `cases.isolated`, which has no end and no site."""
    table, cases = graph.facts.isolations, graph.facts.cases
    noted = cases.take(cases.isolated_lo != NEVER)
    forever = np.full(len(noted), NEVER, dtype=np.int32)
    kind = ISOLATION_KINDS.index(protocol.window.isolation_kind)
    return {
        "person": np.concatenate([table.person, noted.person]),
        "kind": np.concatenate([table.kind, np.full(len(noted), kind, dtype=np.int32)]),
        "site": np.concatenate([table.site, np.full(len(noted), NOWHERE, dtype=np.int32)]),
        "start_lo": np.concatenate([table.start_lo, noted.isolated_lo]),
        "start_hi": np.concatenate([table.start_hi, noted.isolated_hi]),
        "end_lo": np.concatenate([table.end_lo, forever]),
        "end_hi": np.concatenate([table.end_hi, forever]),
    }


def _keys_that_may_matter(
    graph: TraceGraph, protocol: Protocol, rows: dict[str, npt.NDArray[np.int32]]
) -> tuple[Codes, Codes, Codes]:
    """Distinct (person, location, co-resident) whom an isolation may leave within reach.

    Visits, homes and reports of those who were isolated at home or at a known site: nothing
    is left within reach of the others.
    """
    n_locations = len(graph.location_ids)
    leaves = (rows["kind"] == HOME) | (rows["site"] != NOWHERE)
    is_isolated = np.zeros(len(graph.person_ids), dtype=bool)
    is_isolated[rows["person"][leaves]] = True
    visits, people = graph.facts.visits, np.flatnonzero(is_isolated)
    here = rows_with(visits.person, is_isolated) if len(people) else people
    homes = graph.facts.persons.home[people]
    one, _, place, together = reported_pairs(graph, protocol)
    told = is_isolated[one]
    person = np.concatenate([visits.person[here], people, one[told]])
    location = np.concatenate([visits.location[here], homes, place[told]])
    flag = np.concatenate([np.zeros(len(here) + len(people), dtype=np.int64), together[told]])
    keys = np.unique(window_key(person, location, flag, n_locations))
    return (
        (keys // 2 // (n_locations + 1)).astype(np.int32),
        (keys // 2 % (n_locations + 1) - 1).astype(np.int32),
        (keys % 2).astype(np.int32),
    )


def reported_pairs(graph: TraceGraph, protocol: Protocol) -> tuple[Codes, Codes, Codes, Codes]:
    """Reported contacts in both directions: one, other, location, whether co-residents."""
    told = graph.facts.contacts
    one = np.concatenate([told.person, told.contact])
    other = np.concatenate([told.contact, told.person])
    together = live_together(household_of(graph, protocol), one, other)
    return one, other, np.tile(told.location, 2), together


def _pairs(
    graph: TraceGraph, rows: dict[str, npt.NDArray[np.int32]], asked: tuple[Codes, Codes, Codes]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Flags]:
    """Each asked key with each isolation of its person, and whether that leaves the place."""
    person, location, together = asked
    by_person = np.argsort(rows["person"], kind="stable")
    left = np.searchsorted(rows["person"][by_person], person, side="left")
    right = np.searchsorted(rows["person"][by_person], person, side="right")
    key_row, nth = runs(right - left)
    iso_row = by_person[left[key_row] + nth]
    place, home = location[key_row], graph.facts.persons.home[person[key_row]]
    at_home = (home != NOWHERE) & (place == home)
    is_home = rows["kind"][iso_row] == HOME
    site = rows["site"][iso_row]
    leaves = np.where(
        is_home,
        at_home | (together[key_row] == 1),
        (site != NOWHERE) & is_within(graph.facts.locations.parent, place, site),
    )
    return key_row, iso_row, leaves


def is_within(parent: Codes, inner: Codes, outer: Codes) -> Flags:
    """Whether each `inner` location is `outer` or lies in it, by `parent_id`."""
    at = inner.copy()
    found: Flags = (at == outer) & (outer != NOWHERE)
    while (at != NOWHERE).any():
        at = np.where(at == NOWHERE, NOWHERE, parent[at])
        found |= (at == outer) & (outer != NOWHERE)
    return found
