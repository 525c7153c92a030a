"""The tiers: earliest arrival bounded by hops, one sweep a hop (RULE 22, 25).

Every engine keeps this contract: map over a set of locations to encounters (or to first
and last exposure), then reduce by person. Households and reported contacts are further
maps into the same reduction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tracegraph.exposure.accumulation import accumulated
from tracegraph.exposure.encounters import (
    Encounters,
    Meeters,
    meetings,
    pairs_of,
    seat_meetings,
)
from tracegraph.exposure.gathering import stays_of_sources, stays_with, will_trace
from tracegraph.exposure.households import household_exposures
from tracegraph.exposure.isolation import IsolationBook, isolation_book
from tracegraph.exposure.pack import CLOSE, SEAT, Rule, pack, seconds
from tracegraph.exposure.pieces import (
    Here,
    Pieces,
    Sources,
    Stretch,
    places_with_source,
    source_pieces,
)
from tracegraph.exposure.reports import reported_exposures
from tracegraph.exposure.stays import StayIndex, stay_index
from tracegraph.exposure.sweep import Reach, counts_of, sweep
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

    from tracegraph.exposure.presence import World
    from tracegraph.model.facts import Codes, Flags, Ticks
    from tracegraph.model.graph import TraceGraph
    from tracegraph.protocols.protocol import Protocol, Tier

NO_TIER = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """What the hops up to this one reached, from where, and the stays at places of sources."""

    number: int
    sources: Windows
    index: StayIndex
    first: Ticks
    last: Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldView:
    """One world, outer or inner: its isolations and its hops."""

    graph: TraceGraph
    protocol: Protocol
    world: World
    rule: Rule
    book: IsolationBook
    hops: tuple[Hop, ...]

    @property
    def index(self) -> StayIndex:
        """All stays: built when first asked for."""
        return stay_index(self.graph, self.protocol, self.world)

    def stays_at(self, places: Flags) -> StayIndex:
        """Index that holds at least the stays at some places, told by location code."""
        return self._stays_with(self.graph.facts.visits.location, places)

    def stays_of(self, persons: Flags) -> StayIndex:
        """Index that holds at least the stays of some persons, told by person code."""
        return self._stays_with(self.graph.facts.visits.person, persons)

    def _stays_with(self, column: Codes, wanted: Flags) -> StayIndex:
        return stays_with(self.graph, self.protocol, self.world, column, wanted)

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
    will_trace(graph, protocol, world)
    book = isolation_book(graph, protocol)
    rule = pack(graph, protocol)
    start = WorldView(graph=graph, protocol=protocol, world=world, rule=rule, book=book, hops=())
    for number in range(1, len(protocol.tier) + 1):
        start = replace(start, hops=(*start.hops, _next_hop(start, number)))
    return start


def _next_hop(so_far: WorldView, number: int) -> Hop:
    """Sources of a hop, the stays where they were, and whom they reached."""
    sources = _sources(so_far, number)
    world = (so_far.graph, so_far.protocol, so_far.world)
    index = stays_of_sources(*world, sources, so_far.rule.meets)
    before = so_far.hops[-1] if so_far.hops else Reach.nobody(len(so_far.graph.person_ids))
    hop = Hop(number=number, sources=sources, index=index, first=before.first, last=before.last)
    reach = _reach(so_far, hop)
    return replace(hop, first=reach.first, last=reach.last)


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


def _reach(view: WorldView, hop: Hop) -> Reach:
    """Reduce a hop by person: the sweep where that is enough, else the meetings."""
    everybody = np.ones(len(view.graph.person_ids), dtype=bool)
    so_far = Reach(first=hop.first, last=hop.last)
    if _accumulates(view, hop.number):
        met = exposures(view, hop, everybody)
        return so_far.and_also(met.target, met.start, met.end)
    reach = _swept(view, hop, so_far)
    least = view.rule.least[hop.number - 1]
    met = Encounters.joined(_seated(view, hop, least, everybody), *_untied(view, hop.sources))
    return reach.and_also(met.target, met.start, met.end)


def _swept(view: WorldView, hop: Hop, so_far: Reach) -> Reach:
    """Walk the close places; sources as they were on the hop before say nothing new."""
    least = view.rule.least[hop.number - 1]
    sources = replace(hop.sources, is_source=hop.sources.is_source & _is_news(view, hop.number))
    places = places_with_source(hop.index, sources, view.rule.place == CLOSE)
    return sweep(
        Here.of(hop.index), places, Sources.of(sources, view.book), _stretch(view, hop.number),
        least, so_far,
    )  # fmt: skip


def _is_news(view: WorldView, number: int) -> Flags | np.bool_:
    """Whose exposures the hop before has not swept with the same window and thresholds."""
    if number < 3:
        return np.True_
    (one, two), tiers = view.hops[-2:], view.protocol.tier
    if not np.array_equal(view.rule.least[number - 2], view.rule.least[number - 1]):
        return np.True_
    if tiers[number - 3].follow_up_days != tiers[number - 2].follow_up_days:
        return np.True_
    if _accumulates(view, number - 1):
        return np.True_
    changed: Flags = (one.first != two.first) | (one.last != two.last)
    return changed


def exposures(view: WorldView, hop: Hop, targets: Flags) -> Encounters:
    """List the exposures of `targets` on a hop, one row each."""
    return Listing.of(view, hop).exposures(targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What lists the exposures of a hop, person by person: made once, asked many times."""

    view: WorldView
    hop: Hop
    shortest: Ticks  # by location code: time together that is listed
    pieces: Pieces
    meeters: Meeters
    untied: Encounters  # by target

    @classmethod
    def of(cls, view: WorldView, hop: Hop) -> Listing:
        """Lay out the sources of a hop."""
        least = view.rule.least[hop.number - 1]
        shortest = np.ones_like(least) if _accumulates(view, hop.number) else least
        pieces = _pieces(view, hop, CLOSE, shortest)
        untied = Encounters.joined(*_untied(view, hop.sources))
        return cls(
            view=view, hop=hop, shortest=shortest, pieces=pieces,
            meeters=Meeters.of(pieces, len(least)), untied=untied,
        )  # fmt: skip

    def exposures(self, targets: Flags) -> Encounters:
        """List those of some persons."""
        met = Encounters.joined(
            self._met(targets), _seated(self.view, self.hop, self.shortest, targets)
        )
        if _accumulates(self.view, self.hop.number):
            tier = self.view.protocol.tier[self.hop.number - 1]
            met = met.take(_enough(met, tier, self.view.rule.least[self.hop.number - 1]))
        return Encounters.joined(met, self.untied.take(targets[self.untied.target]))

    def number(self, targets: Flags) -> npt.NDArray[np.int64]:
        """Count those of each of some persons; no meeting is listed where the sweep is enough."""
        if _accumulates(self.view, self.hop.number):
            return np.bincount(self.exposures(targets).target, minlength=len(targets))
        seated = _seated(self.view, self.hop, self.shortest, targets)
        met = np.concatenate([seated.target, self.untied.target[targets[self.untied.target]]])
        swept = counts_of(self.hop.index, self.meeters, self.shortest, targets)
        return swept + np.bincount(met, minlength=len(targets))

    def _met(self, targets: Flags) -> Encounters:
        index = self.hop.index
        asked = index.of_persons(targets)
        return meetings(index, self.pieces, *pairs_of(index, self.meeters, self.shortest, asked))


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


def _pieces(view: WorldView, hop: Hop, place: int, least: Ticks) -> Pieces:
    """Where sources were for `least` or longer, at places of class `place`."""
    at = view.rule.place == place
    stretch = _stretch(view, hop.number)
    return source_pieces(hop.index, view.book, hop.sources, at, least, stretch)


def _stretch(view: WorldView, number: int) -> Stretch:
    """What sources leave behind lingers on hop 1 only (RULE 13)."""
    if number > 1:
        return Stretch.nothing(len(view.rule.place))
    cleaned = view.graph.facts.disinfections
    return Stretch.of(view.rule.linger, view.rule.linger_up_to, cleaned, view.world)


def _seated(view: WorldView, hop: Hop, least: Ticks, targets: Flags) -> Encounters:
    if not (view.rule.place == SEAT).any():
        return Encounters.none()
    pieces = _pieces(view, hop, SEAT, least)
    return seat_meetings(hop.index, pieces, least, view.rule.seat_rows, targets)


def _untied(view: WorldView, sources: Windows) -> tuple[Encounters, Encounters]:
    """Exposures that no visit ties to a place and time: living together, reported."""
    common = (view.graph, view.protocol, view.book, sources, view.world)
    return household_exposures(*common), reported_exposures(*common)
