"""From the reference's words to the package's and back: frames, protocols, and what differs.

`assert_same(world, rule)` asks both and fails with all that differs and the world that shows it.
"""

from __future__ import annotations

import datetime as dt
import pprint
from collections import Counter
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from reference_rule import INNER, OUTER, Rule, Verdict, World, judge
from tracegraph.errors import TableError
from tracegraph.model.graph import TraceGraph
from tracegraph.protocols.protocol import Exposure, Kind, Protocol, ReportedContact, Tier, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracegraph.tracing.trace import Trace

TABLES = (
    "cases", "visits", "locations", "persons", "contacts", "isolations", "tests", "disinfections"
)  # fmt: skip
OPTIONAL = (
    "recorded", "reported", "onset", "confirmed", "isolated", "status", "found_in", "depart",
    "record", "seat", "carriage", "end", "kind", "site_id", "parent_id", "home_id",
)  # fmt: skip
ANCHORS = ("onset", "sampled", "confirmed")  # a case has one of them
TIMES = {
    "onset", "sampled", "confirmed", "isolated", "recorded", "arrive", "depart", "start", "end",
    "reported", "done",
}  # fmt: skip


def frame(rows: list[dict]) -> pd.DataFrame:
    """Frame of rows. Times stay objects, so that a date stays a date."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name) for row in rows] for name in names}
    ids = {"person_id", "location_id", "contact_id", "home_id", "parent_id", "site_id"}
    found = {}
    for name, values in columns.items():
        if all(v is None for v in values):
            continue  # an empty column has no dtype to agree with the other ids
        if name in ids and any(isinstance(v, int) for v in values):
            found[name] = pd.array(values, dtype="Int64")
        else:
            found[name] = pd.Series(values, dtype=object if name in TIMES else None)
    return pd.DataFrame(found)


def to_graph(world: World) -> TraceGraph:
    """Graph of a world's tables; tables without rows are left out."""
    given = {name: frame(getattr(world, name)) for name in TABLES if getattr(world, name)}
    return TraceGraph(**given, tz=world.tz)


def to_protocol(rule: Rule) -> Protocol:
    """Protocol with the settings of a rule."""
    return Protocol(
        name="drawn",
        title="Drawn by a test",
        window=Window(
            anchor=rule.anchor,
            look_back_days=rule.look_back_days,
            look_back_hours=rule.look_back_hours,
            after_days=rule.after_days,
            max_days=rule.max_days,
            from_last_negative=rule.from_last_negative,
            statuses=rule.statuses,
            isolation_kind=rule.isolation_kind,
        ),
        exposure=Exposure(
            resolution=rule.resolution,
            merge_gap_minutes=rule.merge_gap_minutes,
            max_household=rule.max_household,
            venue_after_minutes=rule.venue_after_minutes,
            seat_rows=rule.seat_rows,
        ),
        tier=tuple(Tier(name=f"tier {k}", clause=str(k), **t) for k, t in enumerate(rule.tiers, 1)),
        kind={name: Kind(**settings) for name, settings in rule.kinds.items()},
        contact={name: ReportedContact(place=place) for name, place in rule.contacts.items()},
    )


def plain(value: Any) -> Any:
    """Bring a cell to plain Python: missing is None, a time is its Unix second."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float) and value != value:
        return None
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return int(value.timestamp())
    return value.item() if hasattr(value, "item") else value


def rows_of(table: pd.DataFrame) -> list[dict]:
    """Plain dicts of a frame's rows."""
    return [
        {str(name): plain(value) for name, value in zip(table.columns, row, strict=True)}
        for row in table.itertuples(index=False, name=None)
    ]


def whole(minutes: float | None) -> int | None:
    return None if minutes is None else round(minutes * 60)


PERSON_COLUMNS = (
    "tier", "tier_certain", "certainty", "contact_tier", "class", "first_exposure",
    "last_exposure", "n_sources", "source_id", "location_id", "ongoing",
)  # fmt: skip


def told_by_package(graph: TraceGraph, world: World, rule: Rule) -> dict[str, dict]:
    """Answers of the package, in the shape of `told_by_reference`."""
    trace = graph.trace(to_protocol(rule), as_of=pd.Timestamp(world.as_of))
    persons: dict = {}
    for row in rows_of(trace.tiers):
        kept = {name: row[name] for name in PERSON_COLUMNS}
        until = row["quarantine_until"]
        kept["quarantine_until"] = until.date() if until is not None else None
        kept["seconds"] = whole(row["minutes"])
        persons[row["person_id"]] = kept
    exposures = Counter(
        (r["tier"], r["contact_id"], r["source_id"], r["location_id"], r["start"], r["end"],
         whole(r["minutes"]), whole(r["minutes_together"]), r["class"], r["channel"])
        for r in rows_of(trace.exposures())
    )  # fmt: skip
    venue = {
        r["person_id"]: {
            **{n: r[n] for n in ("source_id", "location_id", "start", "end", "n_exposures")},
            "certainty": r["certainty"],
            "seconds": whole(r["minutes"]),
        }
        for r in rows_of(trace.venue_contacts)
    }
    windows: dict = {}
    for r in rows_of(trace.windows):
        windows.setdefault(r["person_id"], []).append((r["start"], r["end"]))
    return {
        "persons": persons,
        "exposures": dict(exposures),
        "venue contacts": venue,
        "windows": {person: sorted(pieces) for person, pieces in windows.items()},
        "expected": {"rows": len(trace.expected)},
        "first and last": reached_by_package(trace),
    }


def reached_by_package(trace: Trace) -> dict:
    """First and last exposure on every hop of both worlds: RULE 22's F and L."""
    found = {}
    for name, world in ((OUTER, trace.outer), (INNER, trace.inner)):
        for hop in world.hops:
            clock = world.graph.calendar
            first, last = clock.timestamps(hop.first), clock.timestamps(hop.last)
            for person, f, l_ in zip(world.graph.person_ids, first, last, strict=True):
                if f is not pd.NaT:
                    found[name, hop.number, plain(person)] = (plain(f), plain(l_))
    return found


def told_by_reference(verdict: Verdict) -> dict[str, dict]:
    """Answers of the reference, in plain dicts."""
    persons = {}
    for person, row in verdict.persons.items():
        kept = {name: row[name] for name in PERSON_COLUMNS}
        kept["quarantine_until"] = row["quarantine_until"]
        kept["seconds"] = whole(row["minutes"])
        persons[person] = kept
    return {
        "persons": persons,
        "exposures": dict(Counter((k, *row) for k, row in verdict.own_tier)),
        "venue contacts": verdict.venue_contacts,
        "windows": {p: pieces for p, pieces in verdict.windows[OUTER].items() if pieces},
        "expected": {"rows": len(verdict.expected)},
        "first and last": {
            (w, k, person): times
            for (w, k), reached in verdict.hops.items()
            for person, times in reached.items()
        },
    }


def differences(ours: dict[str, dict], theirs: dict[str, dict], tz: str) -> list[str]:
    """Say what differs: a line each, times as local clock times."""

    def local(value: Any) -> Any:
        if isinstance(value, tuple | list):
            return type(value)(local(v) for v in value)
        if isinstance(value, int) and value > 10**9:
            return f"{dt.datetime.fromtimestamp(value, ZoneInfo(tz)):%m-%d %H:%M:%S}"
        return value

    lines = []
    for part, expected in theirs.items():
        got = ours[part]
        for key in {**expected, **got}:
            a, b = got.get(key), expected.get(key)
            if a == b:
                continue
            if isinstance(a, dict) and isinstance(b, dict):
                for name in b:
                    if a[name] != b[name]:
                        told = f"package {local(a[name])!r}, reference {local(b[name])!r}"
                        lines.append(f"{part} {key!r} {name}: {told}")
            else:
                a, b = (x if not isinstance(x, dict) else local(list(x.items())) for x in (a, b))
                lines.append(f"{part} {local(key)!r}: package {local(a)}, reference {local(b)}")
    return lines


def compact(world: World) -> str:
    """Spell out a world without its empty cells."""
    tables = {
        name: [{k: v for k, v in row.items() if v is not None} for row in getattr(world, name)]
        for name in TABLES
        if getattr(world, name)
    }
    return f"as of {world.as_of} in {world.tz}\n{pprint.pformat(tables, width=140)}"


def disagreements(world: World, rule: Rule) -> list[str]:
    """Say what package and reference answer differently."""
    theirs = told_by_reference(judge(world, rule))
    ours = told_by_package(to_graph(world), world, rule)
    return differences(ours, theirs, world.tz)


def assert_same(world: World, rule: Rule) -> None:
    """Fail if package and reference differ, with the smallest world that shows it."""
    if not disagreements(world, rule):
        return

    def is_wrong(w: World, r: Rule) -> bool:
        try:
            return bool(disagreements(w, r))
        except TableError:
            return False  # smaller than a graph can be

    world, rule = smallest(world, rule, is_wrong)
    lines = "\n".join(disagreements(world, rule))
    pytest.fail(f"{lines}\n{compact(world)}\n{settings_that_differ(rule)}", pytrace=False)


def smallest(world: World, rule: Rule, is_wrong: Callable[[World, Rule], bool]) -> tuple:
    """Drop rows, cells and settings as long as it stays wrong: faster than Hypothesis here."""
    shrunk = True
    while shrunk:
        shrunk = False
        for smaller in smaller_worlds(world):
            if is_wrong(smaller, rule):
                world, shrunk = smaller, True
                break
        for simpler in simpler_rules(rule):
            if is_wrong(world, simpler):
                rule, shrunk = simpler, True
                break
    return world, rule


def smaller_worlds(world: World) -> Iterator[World]:
    for name in TABLES:
        rows = getattr(world, name)
        for i, row in enumerate(rows):
            if name != "cases" or len(rows) > 1:  # a graph has cases
                yield replace(world, **{name: rows[:i] + rows[i + 1 :]})
            for column in OPTIONAL:
                if row.get(column) is not None:
                    less = {k: v for k, v in row.items() if k != column}
                    if name != "cases" or any(less.get(c) for c in ANCHORS):
                        yield replace(world, **{name: [*rows[:i], less, *rows[i + 1 :]]})


def simpler_rules(rule: Rule) -> Iterator[Rule]:
    usual = Rule()
    for part in fields(Rule):
        name, value = part.name, getattr(rule, part.name)
        if name == "tiers":
            if len(value) > 1:
                yield replace(rule, tiers=value[:-1])
            for i, tier in enumerate(value):
                for key in tier:
                    less = {k: v for k, v in tier.items() if k != key}
                    if key != "minutes":
                        yield replace(rule, tiers=(*value[:i], less, *value[i + 1 :]))
        elif name == "kinds":
            for kind, settings in value.items():
                yield replace(rule, kinds={k: v for k, v in value.items() if k != kind})
                for key in settings:
                    less = {k: v for k, v in settings.items() if k != key}
                    yield replace(rule, kinds={**value, kind: less})
        elif name == "look_back_hours" and value is not None:
            yield replace(rule, look_back_hours=None, look_back_days=2)
        elif name not in ("look_back_days", "look_back_hours") and value != getattr(usual, name):
            yield replace(rule, **{name: getattr(usual, name)})


def settings_that_differ(rule: Rule) -> str:
    usual = Rule()
    told = {p.name: getattr(rule, p.name) for p in fields(Rule)}
    return pprint.pformat({k: v for k, v in told.items() if v != getattr(usual, k)}, width=140)


def tier_rows(verdict: Verdict) -> dict:
    """Return tier and first exposure by person: what the laws speak of."""
    return {p: (row["contact_tier"], row["first_exposure"]) for p, row in verdict.persons.items()}


__all__ = ["INNER", "OUTER", "assert_same", "differences", "to_graph", "to_protocol"]
