"""The question that is put to tracegraph and to every rival, and the answer all have to give.

Two hops. A case is a source in its windows, whoever was exposed is one from the first exposure
until `follow_up` seconds after the last. Somebody else who shares a close place with a source for
`least` seconds is exposed. Wanted: who is traced, in which tier, from when to when.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.graph import TraceGraph
    from tracegraph.tracing.trace import Trace

    Ints = npt.NDArray[np.int32]

NEVER = 2**31 - 1
"""First exposure of nobody: later than every instant."""

BEFORE = -(2**31)
"""Last exposure of nobody: earlier than every instant."""

DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Who was where, in seconds from the origin; one row a visit, in no order."""

    person: Ints
    location: Ints
    arrive: Ints
    depart: Ints

    def __len__(self) -> int:
        return len(self.person)

    def columns(self) -> dict[str, Ints]:
        """All four, by name."""
        return {n: getattr(self, n) for n in ("person", "location", "arrive", "depart")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the protocol says, handed to every side ready made.

    `case` are the codes of all cases. Window i says that `source[i]` is infectious from `start[i]`
    until `end[i]`. Nobody in `isolated` is a source from `away` on. The other arrays are by
    location code: whether it is a close place, the seconds together that are an exposure on each
    hop, the seconds that the air of a case lingers.
    """

    case: Ints
    source: Ints
    start: Ints
    end: Ints
    isolated: Ints
    away: Ints
    close: npt.NDArray[np.bool_]
    least_1: Ints
    least_2: Ints
    linger: Ints
    follow_up: int
    as_of: int
    n_persons: int

    def places(self) -> dict[str, Ints]:
        """Close places with their code, one row each."""
        at = np.flatnonzero(self.close).astype(np.int32)
        named = {"least_1": self.least_1, "least_2": self.least_2, "linger": self.linger}
        return {"location": at, **{name: values[at] for name, values in named.items()}}

    def windows(self) -> dict[str, Ints]:
        """Windows of the cases, one row each."""
        return {"owner": self.source, "since": self.start, "until": self.end}

    def isolations(self) -> dict[str, Ints]:
        """Who is isolated, and from when, one row a person."""
        return {"person": self.isolated, "away": self.away}


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTerms:
    """The same terms with ids as texts, each a table; local time `origin` is second 0."""

    cases: pa.Table  # person
    windows: pa.Table  # owner, since, until
    isolations: pa.Table  # person, away
    places: pa.Table  # location, least_1, least_2, linger
    origin: np.datetime64
    follow_up: int
    as_of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Everybody traced: tier, first and last exposure (`NEVER`, `BEFORE` for a case without one).

    `person` are codes, or ids as an Arrow array where the question came with text ids.
    """

    person: Ints | pa.Array
    tier: Ints
    first: Ints
    last: Ints

    @classmethod
    def among(cls, tier: npt.NDArray[np.integer], first: Ints, last: Ints) -> Answer:
        """Answer from arrays by person code; tier -1 is nobody."""
        person = np.flatnonzero(tier >= 0).astype(np.int32)
        return cls(person=person, tier=tier[person], first=first[person], last=last[person])

    def digest(self) -> str:
        """SHA-256 of the rows, ordered by person."""
        names = ("tier", "first", "last")
        table = pa.table({
            "person": self.person,
            **{n: np.asarray(getattr(self, n), dtype=np.int32) for n in names},
        })  # fmt: skip
        table = table.sort_by("person")
        found = hashlib.sha256()
        if pa.types.is_integer(table["person"].type):
            found.update(table["person"].to_numpy().astype(np.int32).tobytes())
        else:
            found.update("\n".join(table["person"].to_pylist()).encode())
        for name in names:
            found.update(table[name].to_numpy().tobytes())
        return found.hexdigest()

    def __len__(self) -> int:
        return len(self.tier)


def visits_of(graph: TraceGraph) -> Visits:
    """Visits of a graph as of its moment, as four bare columns."""
    v, now = graph.facts.visits, graph.now
    known = v.arrive_lo < now
    columns = (v.person, v.location, v.arrive_lo, np.minimum(v.depart_hi, np.int32(now)))
    names = ("person", "location", "arrive", "depart")
    kept = {n: c if known.all() else c[known] for n, c in zip(names, columns, strict=True)}
    return Visits(**kept)


def terms_of(trace: Trace) -> Terms:
    """Terms of a trace of two hops. What the rivals cannot do is refused."""
    from tracegraph.exposure.pack import CLOSE, NO_CAP, pack

    graph, protocol = trace.graph, trace.protocol
    rule, sources, n = pack(graph, protocol), trace.outer.hops[0].sources, len(graph.person_ids)
    capped = (rule.linger_up_to != NO_CAP).any()
    if capped or len(graph.facts.isolations) or len(protocol.tier) != 2:
        message = "the rivals know no capped linger, no isolation but a case's, and two hops only"
        raise ValueError(message)
    begin = sources.begin[: n + 1]
    noted = graph.facts.cases.take(graph.facts.cases.isolated_lo != NEVER)
    isolated = np.unique(noted.person)
    away = np.full(n, NEVER, dtype=np.int32)
    np.minimum.at(away, noted.person, noted.isolated_lo)
    return Terms(
        case=np.flatnonzero(trace.outer.is_case).astype(np.int32),
        source=np.repeat(np.arange(n, dtype=np.int32), np.diff(begin)),
        start=sources.start[: begin[-1]],
        end=sources.end[: begin[-1]],
        isolated=isolated,
        away=away[isolated],
        close=rule.place == CLOSE,
        least_1=rule.least[0],
        least_2=rule.least[1],
        linger=rule.linger,
        follow_up=(protocol.tier[0].follow_up_days or 10_000) * DAY,
        as_of=graph.now,
        n_persons=n,
    )


def text_terms_of(trace: Trace, persons: list[str], locations: list[str]) -> TextTerms:
    """Terms with a text for each code of a person and of a location."""
    terms, graph = terms_of(trace), trace.graph
    person_ids, location_ids = pa.array(persons), pa.array(locations)

    def table(columns: dict[str, Ints], ids: pa.Array) -> pa.Table:
        name, *_ = columns
        return pa.table({**columns, name: ids.take(pa.array(columns[name]))})

    return TextTerms(
        cases=table({"person": terms.case}, person_ids),
        windows=table(terms.windows(), person_ids),
        isolations=table(terms.isolations(), person_ids),
        places=table(terms.places(), location_ids),
        origin=np.datetime64(graph.calendar.origin, "s"),
        follow_up=terms.follow_up,
        as_of=terms.as_of,
    )


def answer_of(trace: Trace) -> Answer:
    """Answer that tracegraph gives, with the ids of its graph."""
    hop = trace.outer.hops[-1]
    answer = Answer.among(trace.outer.tier, hop.first, hop.last)
    ids = np.asarray(trace.graph.person_ids)[answer.person]
    return replace(answer, person=pa.array(ids))
