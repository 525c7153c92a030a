"""The tiers: earliest arrival bounded by hops, one sweep a hop (RULE 22, 25).

Every engine keeps this contract: map over a set of locations to encounters (or to first
and last exposure), then reduce by person. Households and reported contacts are further
maps into the same reduction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.exposure.accumulation import accumulated
from tracegraph.exposure.encounters import (
    Encounters,
    enumerate_meetings,
    seat_meetings,
)
from tracegraph.exposure.households import household_exposures
from tracegraph.exposure.isolation import IsolationBook, isolation_book
from tracegraph.exposure.pack import CLOSE, SEAT, Rule, pack, seconds
from tracegraph.exposure.pieces import Pieces, lengthen, long_enough, source_pieces
from tracegraph.exposure.reports import reported_exposures
from tracegraph.exposure.stays import StayIndex, World, stay_index
from tracegraph.exposure.sweep import Reach, sweep
from tracegraph.exposure.windows import (
    Windows,
    contact_episodes,
    infectious_episodes,
    source_cases,
    windows,
)
from tracegraph.model.calendar import NEVER

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.facts import Flags, Ticks
    from tracegraph.model.graph import TraceGraph
    from tracegraph.protocols.protocol import Protocol, Tier

NO_TIER = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """What one hop reached, and from where.

    `first` and `last` are over all hops so far; `reach` is this hop's alone.
    """

    number: int
    sources: Windows
    reach: Reach
    first: Ticks
    last: Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldView:
    """One world, outer or inner: its stays, its isolations and its hops."""

    graph: TraceGraph
    protocol: Protocol
    world: World
    rule: Rule
    index: StayIndex
    book: IsolationBook
    hops: tuple[Hop, ...]

    @property
    def contact_tier(self) -> npt.NDArray[np.int8]:
        """Least hop by which each person was exposed; `NO_TIER` for nobody's contact."""
        tier = np.full(len(self.graph.person_ids), NO_TIER, dtype=np.int8)
        for hop in reversed(self.hops):
            tier[hop.first != NEVER] = hop.number
        return tier

    @property
    def is_case(self) -> Flags:
        """Who is a case, by person code."""
        found = np.zeros(len(self.graph.person_ids), dtype=bool)
        found[source_cases(self.graph, self.protocol).person] = True
        return found

    @property
    def tier(self) -> npt.NDArray[np.int8]:
        """0 for a case, else `contact_tier`."""
        return np.where(self.is_case, np.int8(0), self.contact_tier)


def view(graph: TraceGraph, protocol: Protocol, world: World) -> WorldView:
    """Run all hops of `protocol` in one world.

    Examples
    --------
    >>> import tracegraph as tg
    >>> graph = tg.datasets.county(seed=1, n_people=2_000).graph()
    >>> outer = view(graph.as_of("2022-05-12"), tg.Protocol.named("china-8"), "outer")
    >>> len(outer.hops)
    2
    """
    index = stay_index(graph, protocol, world)
    book = isolation_book(graph, protocol, index.stays)
    start = WorldView(
        graph=graph, protocol=protocol, world=world, rule=pack(graph, protocol),
        index=index, book=book, hops=(),
    )  # fmt: skip
    for number in range(1, len(protocol.tier) + 1):
        start = _with_hop(start, number)
    return start


def _with_hop(so_far: WorldView, number: int) -> WorldView:
    sources = _sources(so_far, number)
    reach = _reach(so_far, sources, number)
    first, last = reach.first, reach.last
    if so_far.hops:
        first = np.minimum(first, so_far.hops[-1].first)
        last = np.maximum(last, so_far.hops[-1].last)
    hop = Hop(number=number, sources=sources, reach=reach, first=first, last=last)
    return WorldView(
        graph=so_far.graph, protocol=so_far.protocol, world=so_far.world, rule=so_far.rule,
        index=so_far.index, book=so_far.book, hops=(*so_far.hops, hop),
    )  # fmt: skip


def _sources(so_far: WorldView, number: int) -> Windows:
    """Windows of the cases on hop 1, of everybody exposed so far on later ones."""
    graph, protocol = so_far.graph, so_far.protocol
    if number == 1:
        episodes = infectious_episodes(graph, protocol, so_far.world)
    else:
        before = so_far.hops[-1]
        follow_up = protocol.tier[number - 2].follow_up_days
        episodes = contact_episodes(graph, before.first, before.last, follow_up)
    return windows(graph, so_far.book, episodes, so_far.world, by_day=so_far.rule.by_day)


def _reach(view: WorldView, sources: Windows, number: int) -> Reach:
    """Reduce a hop by person: the sweep where that is enough, else the meetings."""
    everybody = np.ones(len(view.graph.person_ids), dtype=bool)
    if _accumulates(view, number):
        met = exposures(view, sources, number, everybody)
        return Reach.nobody(len(everybody)).and_also(met.target, met.start, met.end)
    least = view.rule.least[number - 1]
    pieces = long_enough(_pieces(view, sources, number, CLOSE), least)
    reach = sweep(view.index, pieces, least, n_persons=len(everybody))
    met = Encounters.joined(
        _seated(view, sources, number, least, everybody), *_untied(view, sources)
    )
    return reach.and_also(met.target, met.start, met.end)


def exposures(view: WorldView, sources: Windows, number: int, targets: Flags) -> Encounters:
    """List the exposures of `targets` on hop `number`, one row each."""
    tier, least = view.protocol.tier[number - 1], view.rule.least[number - 1]
    accumulates = _accumulates(view, number)
    shortest = np.ones_like(least) if accumulates else least
    pieces = long_enough(_pieces(view, sources, number, CLOSE), shortest)
    met = Encounters.joined(
        enumerate_meetings(view.index, pieces, shortest, targets),
        _seated(view, sources, number, shortest, targets),
    )
    if accumulates:
        met = met.take(_enough(met, tier, least))
    others = Encounters.joined(*_untied(view, sources))
    return Encounters.joined(met, others.take(targets[others.target]))


def _accumulates(view: WorldView, number: int) -> bool:
    """Whether minutes add up on this hop; whole days have no minutes to add (RULE 26)."""
    return view.protocol.tier[number - 1].accumulate != "none" and not view.rule.by_day


def _enough(met: Encounters, tier: Tier, least: Ticks) -> Flags:
    """Meetings long enough by themselves, or in a run that adds up."""
    adds_up = accumulated(
        met,
        least=max(1, seconds(tier.minutes)),
        span=seconds(tier.accumulate_hours * 60),
        by_source=tier.accumulate == "same_source",
    )
    return adds_up | (met.seconds >= least[met.location])


def _pieces(view: WorldView, sources: Windows, number: int, place: int) -> Pieces:
    """Where sources were, at places of class `place`; lengthened on hop 1 only."""
    rule = view.rule
    pieces = source_pieces(view.index, view.book, sources, rule.place == place)
    if number > 1:
        return pieces
    cleaned = view.graph.facts.disinfections
    return lengthen(pieces, rule.linger, rule.linger_up_to, cleaned, view.world)


def _seated(
    view: WorldView, sources: Windows, number: int, least: Ticks, targets: Flags
) -> Encounters:
    pieces = long_enough(_pieces(view, sources, number, SEAT), least)
    return seat_meetings(view.index, pieces, least, view.rule.seat_rows, targets)


def _untied(view: WorldView, sources: Windows) -> tuple[Encounters, Encounters]:
    """Exposures that no visit ties to a place and time: living together, reported."""
    common = (view.graph, view.protocol, view.book, sources, view.world)
    return household_exposures(*common), reported_exposures(*common)


def own_tier_exposures(view: WorldView, tier_of: npt.NDArray[np.int8]) -> Encounters:
    """List the exposures that made each person a contact: those on hop `tier_of`.

    Parameters
    ----------
    view : WorldView
    tier_of : int8 array by person code
        Contact tier of each person; `NO_TIER` for those who are none.
    """
    return Encounters.joined(
        Encounters.none(),
        *(exposures(view, h.sources, h.number, tier_of == h.number) for h in view.hops),
    )


def counts(view: WorldView) -> npt.NDArray[np.int64]:
    """Number of own-tier exposures of each person, without listing them."""
    tier = view.contact_tier
    total = np.zeros(len(tier), dtype=np.int64)
    for hop in view.hops:
        own = tier == hop.number
        total[own] = hop.reach.count[own]
    return total
