"""Why a person is in the trace, or what came nearest to bringing them in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.exposure.hops import Hop, WorldView, exposures
from tracegraph.exposure.pack import VENUE
from tracegraph.exposure.presence import is_precise
from tracegraph.model.calendar import NEVER
from tracegraph.tracing.evidence import certain, classes, in_order, until_isolated
from tracegraph.tracing.tables import exposures_table

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from tracegraph.model.facts import Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Answer of `Trace.why`: the evidence path from a case to a person, or the nearest miss.

    Parameters
    ----------
    person_id : str or int
    verdict : str
        One sentence.
    path : DataFrame
        One row a step, columns as `Trace.exposures`; empty for someone outside.
    miss : str
        For someone outside the trace, what came nearest; else empty.
    """

    person_id: object
    verdict: str
    path: pd.DataFrame
    miss: str = ""

    def __str__(self) -> str:
        """Tell it in lines."""
        steps = [f"  {step}" for step in map(_step, self.path.to_dict("records"))]
        return "\n".join([self.verdict, *steps, *([self.miss] if self.miss else [])])

    __repr__ = __str__


def _step(row: dict[Hashable, Any]) -> str:
    place = "" if pd.isna(row["location_id"]) else f" at {row['location_id']}"
    length = "" if pd.isna(row["minutes"]) else f", {row['minutes']:.4g} min"
    span = f"{row['start']:%Y-%m-%d %H:%M} to {row['end']:%Y-%m-%d %H:%M}"
    return (
        f"{row['source_id']} -> {row['contact_id']}: {span}{length}{place}"
        f" ({row['certainty']}; {row['clause']})"
    )


def evidence_path(outer: WorldView, inner: WorldView, person: int) -> pd.DataFrame:
    """Decisive exposure of a person, that of its source, and so on back to a case."""
    steps = []
    hop = next((h for h in outer.hops if h.first[person] != NEVER), None)  # the person's own tier
    while hop is not None:
        step = _decisive(outer, inner, person, hop)
        steps.append(step)
        person = int(step["source"].iloc[0])
        hop = _reached_by(outer, person, hop.number - 1)
    if not steps:
        nobody = np.zeros(len(outer.graph.person_ids), dtype=bool)
        return exposures_table(outer, _rows(outer, inner, outer.hops[0], nobody))
    return exposures_table(outer, pd.concat(steps[::-1], ignore_index=True))


def _reached_by(view: WorldView, person: int, at_most: int) -> Hop | None:
    """Hop that gave a person's first exposure within `at_most` hops."""
    hops = view.hops[:at_most]
    if not hops or hops[-1].first[person] == NEVER:
        return None
    return next(h for h in hops if h.first[person] == hops[-1].first[person])


def _decisive(outer: WorldView, inner: WorldView, person: int, hop: Hop) -> pd.DataFrame:
    only = np.zeros(len(outer.graph.person_ids), dtype=bool)
    only[person] = True
    return _rows(outer, inner, hop, only).head(1)


def _rows(outer: WorldView, inner: WorldView, hop: Hop, who: Flags) -> pd.DataFrame:
    """Exposures of some persons on a hop, whatever their own tier, decisive evidence first."""
    met = exposures(outer, hop, who)
    rows = pd.DataFrame({n: getattr(met, n) for n in met.__dataclass_fields__})
    rows["tier"] = np.int8(hop.number)
    rows["class"] = classes(outer, met)
    sure = exposures(inner, inner.hops[hop.number - 1], who)
    rows["certain"] = is_precise(outer.graph) | certain(rows, sure)
    rows["until"] = until_isolated(outer, met)
    return in_order(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Miss:
    """A meeting that makes no exposure. Seconds."""

    hop: int
    source: int
    location: int
    start: int
    together: int
    inside: int  # of them within the source's window
    least: int
    is_venue: bool

    @property
    def rank(self) -> tuple[float, ...]:
        """Larger is nearer: inside the window, at a place that counts, how much of the time."""
        enough = min(1.0, self.inside / self.least)
        return (self.inside > 0, not self.is_venue, -self.hop, enough, self.together)


def nearest_miss(view: WorldView, person: int, venue: pd.DataFrame) -> str:
    """Say which meeting came nearest to an exposure and what it lacked.

    `venue` are the person's rows of `Trace.venue_contacts`: a place that two people shared
    only as rooms of one building is told from there.
    """
    found = max(_misses(view, person), key=lambda miss: miss.rank, default=None)
    if len(venue) and (found is None or not found.inside):
        row = venue.iloc[0]
        when, length = f"{row['start']:%Y-%m-%d %H:%M}", f"{row['minutes']:.4g} min"
        return (
            f"Nearest miss: {length} at {row['location_id']} with {row['source_id']}, a case, "
            f"{when}; co-presence at such a place is a venue contact (rules 15, 16, 19)."
        )
    if found is None:
        return "No recorded stay shares a place and time with a case or a contact (rule 13)."
    graph = view.graph
    what = "a case" if found.hop == 1 else "a contact"
    kind = graph.facts.locations.kind[found.location]
    place = graph.location_ids[found.location]
    named = f"{place} ({graph.kinds[kind] if kind >= 0 else 'no kind'})"
    when = f"{graph.calendar.timestamps([found.start])[0]:%Y-%m-%d %H:%M}"
    source = graph.person_ids[found.source]
    start = f"Nearest miss: {found.together / 60:.4g} min at {named} with {source}, {what}, {when}"
    if not found.inside:
        return (
            f"{start}; outside the time in which {source} counts as a source (rules 8 to 11, 22)."
        )
    if found.is_venue:
        return f"{start}; co-presence at such a place is a venue contact (rules 15, 16)."
    asked = f"{found.inside / 60:.4g} min count, the protocol asks {found.least / 60:.4g}"
    return f"{start}; {asked} (rule 13)."


def _misses(view: WorldView, person: int) -> Iterator[_Miss]:
    stays, begin = view.index.stays, view.index.begin
    for hop in view.hops:
        sources = view.is_case if hop.number == 1 else view.hops[hop.number - 2].first != NEVER
        for i in np.flatnonzero(stays.person == person):
            place = int(stays.location[i])
            here = np.arange(begin[place], begin[place + 1])
            others = here[sources[stays.person[here]] & (stays.person[here] != person)]
            lo = np.maximum(stays.arrive[others], stays.arrive[i])
            hi = np.minimum(stays.depart[others], stays.depart[i])
            for j, a, b in zip(others[lo < hi], lo[lo < hi], hi[lo < hi], strict=True):
                yield _Miss(
                    hop=hop.number,
                    source=int(stays.person[j]),
                    location=place,
                    start=int(a),
                    together=int(b - a),
                    inside=_inside(view, hop, int(stays.person[j]), place, (int(a), int(b))),
                    least=int(view.rule.least[hop.number - 1][place]),
                    is_venue=_is_venue(view, int(i), int(j)),
                )


def _inside(view: WorldView, hop: Hop, source: int, place: int, span: tuple[int, int]) -> int:
    """Longest part of `span` within one piece of the source's window."""
    window = int(view.book.window_id(np.array([source], dtype=np.int32), [place])[0])
    pieces = slice(hop.sources.begin[window], hop.sources.begin[window + 1])
    lo = np.maximum(hop.sources.start[pieces], span[0])
    hi = np.minimum(hop.sources.end[pieces], span[1])
    return int((hi - lo).max(initial=0))


def _is_venue(view: WorldView, i: int, j: int) -> bool:
    stays = view.index.stays
    weak = bool(stays.weak[i] or stays.weak[j])
    return weak or bool(view.rule.place[stays.location[i]] == VENUE)
