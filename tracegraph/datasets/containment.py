"""After 12 May, 18:00: the county's own team tests on, finds cases and isolates their contacts.

Simple on purpose: the household and the reported contacts of each case go to single rooms of a
site within a day, while there are rooms.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tracegraph.datasets import screening, transmission
from tracegraph.datasets.imported import Isolated, confine
from tracegraph.datasets.screening import LATER_ROUND_DAYS, Found, Reports, Rounds
from tracegraph.datasets.stays import DAY, END, HOUR, LAST, MINUTE, Stays

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.datasets.screening import Outbreak
    from tracegraph.datasets.settlement import Ints
    from tracegraph.datasets.transmission import Event, Infection, World

_HOURS_TO_SITE = (2.0, 24.0)  # from the interview of the case to the isolation of the contact

Rows = TypeVar("Rows", Found, Isolated, Reports, Rounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What the county's team has on file."""

    rounds: Rounds
    found: Found
    isolated: Isolated
    reports: Reports


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How it went on: files and infections from the beginning, stays of the later days."""

    files: Files
    infections: list[Infection]
    stays: Stays

    def until(self, end: int) -> Course:
        """Forget what happened after an instant; an earlier end makes a beginning of a later."""
        files = self.files
        found = take(files.found, files.found.confirmed < end)
        return Course(
            files=Files(
                rounds=take(files.rounds, files.rounds.sampled < end),
                found=found,
                isolated=take(files.isolated, files.isolated.start < end),
                reports=take(files.reports, np.isin(files.reports.person, found.person)),
            ),
            infections=[i for i in self.infections if i.time < end],
            stays=self.stays.take(self.stays.depart <= end),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """Who finds cases and isolates contacts, and what that takes.

    `away` is written on: when each person went into isolation.
    """

    outbreak: Outbreak
    rooms: Ints
    early: Stays  # up to 12 May: what a case tells of
    talking: dict[int, str]
    away: Ints
    rng: np.random.Generator

    def find(self, files: Files, rounds: Rounds, outbreak: Outbreak) -> Files:
        """Make cases of who is positive in these specimens and isolate their contacts."""
        found = screening.find_cases(outbreak, rounds, self.rng, before=LAST)
        found = take(found, ~np.isin(found.person, files.found.person))
        reports = screening.interviews(
            outbreak.settlement, self.early, self.talking, found, self.rng
        )
        self.away[found.person] = np.minimum(self.away[found.person], found.moved)
        files = replace(
            files,
            found=chain(files.found, found),
            reports=chain(files.reports, reports),
        )
        return self.isolate(files, reports)

    def isolate(self, files: Files, reports: Reports) -> Files:
        """Bring contacts who are not yet isolated to free rooms; first told, first brought."""
        order = np.argsort(reports.recorded, kind="stable")
        _, first = np.unique(reports.contact[order], return_index=True)
        rows = order[np.sort(first)]
        known = np.concatenate([files.isolated.person, files.found.person])
        rows = rows[~np.isin(reports.contact[rows], known)]
        free = self.rooms[~np.isin(self.rooms, files.isolated.room)]
        rows = rows[: free.size]
        delay = self.rng.uniform(*_HOURS_TO_SITE, size=rows.size) * HOUR
        start = np.maximum(reports.recorded[rows], END) + delay
        brought = Isolated(
            person=reports.contact[rows],
            start=start.astype(np.int64) // MINUTE * MINUTE,
            room=free[: rows.size],
        )
        self.away[brought.person] = np.minimum(self.away[brought.person], brought.start)
        return replace(files, isolated=chain(files.isolated, brought))


def contain(team: Team, files: Files, world: World) -> Course:
    """Go on from 12 May, 18:00, day by day, in the `world` of the later days."""
    outbreak, rng = team.outbreak, team.rng
    heap = _still_infectious(world, outbreak, rng)
    done = {i.infected for i in outbreak.infections} | set(outbreak.imported.person.tolist())
    infections = list(outbreak.infections)
    files = team.isolate(files, files.reports)
    files = team.find(files, files.rounds, outbreak)  # results of 12 May that came in the evening
    for day in LATER_ROUND_DAYS:
        # who is infected on the day of the specimen is not positive yet
        infections += transmission.advance(world, heap, done, rng, until=day * DAY + 7 * HOUR)
        inside = take(files.isolated, files.isolated.start < day * DAY)
        now = replace(outbreak, infections=infections, isolated=inside)
        rounds = screening.run_rounds(now, rng, days=(day,))
        rounds = take(rounds, ~np.isin(rounds.person, files.found.person))
        files = team.find(replace(files, rounds=chain(files.rounds, rounds)), rounds, now)
    infections += transmission.advance(world, heap, done, rng)
    stays = confine(_stays(world), np.arange(team.away.size), team.away)
    return Course(files=_without_overtaken(files), infections=infections, stays=stays)


def away(n_people: int, isolated: Isolated, found: Found) -> Ints:
    """When each person went into isolation or hospital; the end of all records if never."""
    since = np.full(n_people, LAST)
    since[isolated.person] = isolated.start
    since[found.person] = np.minimum(since[found.person], found.moved)
    return since


def _still_infectious(world: World, outbreak: Outbreak, rng: np.random.Generator) -> list[Event]:
    brought = zip(outbreak.imported.person.tolist(), outbreak.imported.symptomatic_at, strict=True)
    sick = [(who, float(onset)) for who, onset in brought]
    sick += [(i.infected, i.onset) for i in outbreak.infections]
    heap = [
        event for who, onset in sick for event in transmission.meet(world, who, onset, END, rng)
    ]
    heapq.heapify(heap)
    return heap


def _stays(world: World) -> Stays:
    order = np.argsort(world.by_person.arrive, kind="stable")
    return world.by_person.take(order)


def _without_overtaken(files: Files) -> Files:
    """Drop isolations that hospital came before."""
    moved = np.full(int(files.isolated.person.max()) + 1, LAST)
    known = files.found.person < moved.size
    moved[files.found.person[known]] = files.found.moved[known]
    kept = files.isolated.start < moved[files.isolated.person]
    return replace(files, isolated=take(files.isolated, kept))


def take(rows: Rows, which: npt.NDArray[np.bool_]) -> Rows:
    """Keep these rows."""
    kept = np.flatnonzero(which)
    return replace(rows, **{name: _pick(column, kept) for name, column in _columns(rows)})


def chain(one: Rows, other: Rows) -> Rows:
    """Rows of one, then of the other."""
    pairs = zip(_columns(one), _columns(other), strict=True)
    return replace(one, **{name: _glue(first, second) for (name, first), (_, second) in pairs})


def _columns(rows: Rows) -> list[tuple[str, Any]]:
    return [(f.name, getattr(rows, f.name)) for f in fields(rows)]


def _pick(column: Any, kept: Ints) -> Any:  # noqa: ANN401  # an array or a list of texts
    return [column[i] for i in kept] if isinstance(column, list) else column[kept]


def _glue(first: Any, second: Any) -> Any:  # noqa: ANN401  # as `_pick`
    return first + second if isinstance(first, list) else np.concatenate([first, second])
