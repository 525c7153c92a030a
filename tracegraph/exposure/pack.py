"""A protocol as arrays by location code: classes, thresholds and lingers in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.exposure.remembered import remembered
from tracegraph.model.facts import ticks

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.facts import Ticks
    from tracegraph.model.graph import TraceGraph
    from tracegraph.protocols.protocol import Kind, Protocol

VENUE, CLOSE, SEAT = 0, 1, 2
_CLASS = {"venue": VENUE, "close": CLOSE, "seat": SEAT}
NO_CAP = np.int32(-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a protocol says of each location. Arrays are by location code, times in seconds."""

    place: npt.NDArray[np.int8]  # VENUE, CLOSE or SEAT
    least: tuple[Ticks, ...]  # one array a hop: shortest time together that is an exposure
    linger: Ticks
    linger_up_to: Ticks  # linger = min(stay, this) where it is not NO_CAP
    seat_rows: int
    by_day: bool

    @property
    def meets(self) -> npt.NDArray[np.bool_]:
        """Places where co-presence can be a close exposure."""
        return np.not_equal(self.place, VENUE)


def seconds(minutes: float | None) -> int:
    """Whole seconds in `minutes`; None is `NO_CAP`."""
    return int(NO_CAP) if minutes is None else round(minutes * 60)


def pack(graph: TraceGraph, protocol: Protocol) -> Rule:
    """Lay out what `protocol` says of every location of `graph`."""
    asked = (graph.as_of_second, protocol)
    return remembered(graph, "rule", asked, lambda: _laid_out(graph, protocol))


def _laid_out(graph: TraceGraph, protocol: Protocol) -> Rule:
    by_day = protocol.exposure.resolution == "day"
    kinds = [*graph.kinds, None]  # code -1, no kind, reads the last entry
    entries = [protocol.kind_of(k) for k in kinds]
    code = graph.facts.locations.kind

    def least(hop: int) -> Ticks:
        return ticks([max(1, seconds(protocol.minutes_at(k, hop))) for k in kinds])[code]

    hops = range(1, len(protocol.tier) + 1)
    one = np.ones(len(code), dtype=np.int32)
    return Rule(
        place=np.array([_CLASS[e.place] for e in entries], dtype=np.int8)[code],
        least=tuple(one if by_day else least(hop) for hop in hops),
        linger=ticks([0 if by_day else seconds(e.linger_minutes) for e in entries])[code],
        linger_up_to=ticks([_cap(e, by_day) for e in entries])[code],
        seat_rows=protocol.exposure.seat_rows,
        by_day=by_day,
    )


def _cap(entry: Kind, by_day: bool) -> int:
    return int(NO_CAP) if by_day else seconds(entry.linger_up_to_minutes)


def longest_stay(graph: TraceGraph, protocol: Protocol) -> Ticks:
    """Seconds that an open stay lasts at most, by location code; `NO_CAP` for no limit."""
    hours = [protocol.kind_of(k).max_stay_hours for k in (*graph.kinds, None)]
    limits = ticks([int(NO_CAP) if h is None else seconds(h * 60) for h in hours])
    return limits[graph.facts.locations.kind]
