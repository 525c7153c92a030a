"""Who lives with whom: households, told from places that only look like one (RULE 17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tracegraph.exposure.remembered import remembered

if TYPE_CHECKING:
    from tracegraph.model.facts import Codes
    from tracegraph.model.graph import TraceGraph
    from tracegraph.protocols.protocol import Protocol

ALONE = -1
NO_KIND = -1


def household_of(graph: TraceGraph, protocol: Protocol) -> Codes:
    """Home of each person who lives with others, by person code; `ALONE` for the rest.

    A household is a location of kind home, or of none, with 2 to `max_household` residents.
    """
    most = protocol.exposure.max_household
    asked = (graph.as_of_second, most)
    return remembered(graph, "households", asked, lambda: _households(graph, most))


def _households(graph: TraceGraph, max_household: int) -> Codes:
    home = graph.facts.persons.home
    residents = np.bincount(home[home != ALONE], minlength=len(graph.location_ids))
    kind = graph.facts.locations.kind
    is_home = (kind == _code(graph.kinds, "home")) | (kind == NO_KIND)  # where people live
    shared = is_home & (residents >= 2) & (residents <= max_household)
    return np.where((home != ALONE) & np.append(shared, False)[home], home, ALONE)


def _code(names: tuple[str, ...], name: str) -> int:
    return names.index(name) if name in names else -2  # -1 is "no kind" and is no home


def live_together(household: Codes, one: Codes, other: Codes) -> Codes:
    """1 where two persons share a household, else 0."""
    together = (household[one] != ALONE) & (household[one] == household[other])
    return np.asarray(together, dtype=np.int32)
