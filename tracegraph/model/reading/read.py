"""The story of reading: raw frames become tables, with every row accounted for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.errors import TableError, TimeZoneError
from tracegraph.model.calendar import Calendar
from tracegraph.model.checks.zone_words import warn_zone_words
from tracegraph.model.reading.findings import Findings, counted, examples, no_row_left
from tracegraph.model.reading.identifiers import unify
from tracegraph.model.reading.moments import AWARE, DATE, NAIVE
from tracegraph.model.reading.settling import settle, settle_midnights
from tracegraph.model.reading.spelling import spelled
from tracegraph.model.reading.tables import (
    ID_ROLES,
    Draft,
    Table,
    draft,
    earliest,
    finish,
    median_second,
    place_times,
    reject_far,
    reject_impossible,
    reject_unread,
)
from tracegraph.model.reading.times import midnight
from tracegraph.model.reading.words import Words
from tracegraph.model.schemas import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracegraph.model.options import Options
    from tracegraph.model.reading.frames import RawTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Tables as read, with what was found wrong and how many rows were used."""

    tables: dict[str, Table]
    ids: dict[str, pd.Index[Any]]
    calendar: Calendar
    counts: pd.DataFrame
    given: frozenset[str]
    findings: Findings


def read_tables(raw: dict[str, RawTable], options: Options, findings: Findings) -> Reading:
    """Judge every row of every table.

    Raises
    ------
    TableError
        If a table lacks a column, mixes ids, or has no row that can be used.
    TimeZoneError
        If times cannot be placed.
    """
    given = frozenset(raw)
    drafts = [draft(table) for table in raw.values()]
    raw.clear()  # a draft lets go of what it has done with
    for table in drafts:
        findings.reject_torn(table.raw)
    settle(drafts, options, findings)
    zone = _zone(drafts, options.tz, findings)
    for table in drafts:
        settle_midnights(table, zone, findings)
        reject_unread(table, findings)
        place_times(table, zone, findings)
    median = median_second(drafts)
    for table in drafts:
        reject_far(table, median, findings)
        reject_impossible(table, findings)
        _check_any_left(table, findings)
        _warn_respelled(table, findings)
        warn_zone_words(table, findings)
    ids = _identify(drafts)
    calendar, epoch = _calendar(drafts, zone)
    counts = _counts(drafts)
    tables = {}
    while drafts:
        done = drafts.pop(0)
        tables[done.name] = finish(done, ids, epoch, zone, findings)
    tables |= {name: _empty(name) for name in TABLES if name not in tables}
    tables["cases"] = _with_case_ids(tables["cases"])
    tables = _with_home_kind(tables)
    return Reading(
        tables=tables, ids=ids, calendar=calendar, counts=counts, given=given, findings=findings
    )


def _zone(drafts: Sequence[Draft], tz: str | None, findings: Findings) -> str:
    """Zone of the graph: `tz`, or the one that every column of times has."""
    zones: set[str | None] = set()
    for table in drafts:
        for column, times in table.times.items():
            where = f"{table.name}.{column}"
            if times.has(NAIVE) and times.has(AWARE):
                _check_each_file(table, column)
            if tz is None and times.has(NAIVE, DATE):
                message = (
                    f"{where} holds local times, of no known time zone.\n"
                    '    Pass tz=, such as tz="Asia/Shanghai" (a folder: tz = "…" in '
                    "tracegraph.toml)."
                )
                raise TimeZoneError(message)
            if times.has(AWARE):
                zones.add(times.zone)
    if tz is not None:
        return _known_zone(tz)
    if len(zones) == 1 and (zone := zones.pop()) is not None:
        return _known_zone(zone)
    findings.warn(
        "cases",
        rule="zone-not-given",
        message="times have offsets but no common zone: local days are those of UTC",
        mend="Pass tz=, the zone in which the team counts days.",
    )
    return "UTC"


def _check_each_file(table: Draft, column: str) -> None:
    """Raise if one file has times with and without an offset: nobody knows what they mean."""
    times = table.times[column]
    for here in table.raw.by_file():
        if (times.where(NAIVE) & here).any() and (times.where(AWARE) & here).any():
            file = f" ({table.raw.files_of(here)})" if table.raw.file else ""
            message = (
                f"{table.name}.{column}{file} mixes times with and without an offset.\n"
                "    Write all of them with one, or all of them without."
            )
            raise TimeZoneError(message)


def _known_zone(tz: str) -> str:
    try:
        midnight(0, tz)
    except (KeyError, ValueError, OSError, TypeError) as error:  # what zoneinfo raises
        message = f'{tz!r} is no time zone.\n    Pass an IANA name, such as tz="Asia/Shanghai".'
        raise TimeZoneError(message) from error
    return tz


def _check_any_left(table: Draft, findings: Findings) -> None:
    if (table.kept.size or table.raw.torn) and not table.kept.any():
        raise no_row_left(table.raw, findings)
    if table.name == "cases" and not table.kept.size:
        message = "cases has no row.\n    A trace starts from at least one case."
        raise TableError(message)


def _warn_respelled(table: Draft, findings: Findings) -> None:
    for column, ids in table.ids.items():
        if ids.trimmed:
            findings.warn(
                table.name,
                file=table.raw.file,
                column=column,
                rule="blanks-around-ids",
                message=f"{counted(ids.trimmed, 'id')} of {column} "
                f"{'has blanks around it' if ids.trimmed == 1 else 'have blanks around them'}; "
                "removed",
                mend=f"Strip {column} where the table is made.",
            )
        if ids.void:
            findings.warn(
                table.name,
                file=table.raw.file,
                column=column,
                rule="words-for-nothing",
                value=examples(list(ids.void)),
                message=f"{column}: {counted(sum(ids.void.values()), 'cell')} with a word for "
                "nothing, such as NA, read as empty",
                mend="Clear the cells, or fill in the ids.",
            )
        if ids.pointed:
            findings.warn(
                table.name,
                file=table.raw.file,
                column=column,
                rule="ids-with-point",
                message=f"{counted(ids.pointed, 'id')} of {column} "
                f"{'is written as a decimal' if ids.pointed == 1 else 'are written as decimals'}, "
                "7.0 for 7; the .0 is removed",
                mend=f"Read {column} as text where the table is made.",
            )


def _identify(drafts: Sequence[Draft]) -> dict[str, pd.Index[Any]]:
    rows = {table.name: table.kept for table in drafts}
    found: dict[str, pd.Index[Any]] = {}
    for role in ID_ROLES:
        columns = [
            table.ids[c.name]
            for table in drafts
            for c in TABLES[table.name].columns
            if c.role == role and c.name in table.ids
        ]
        found[role] = unify(columns, rows, role)
    return found


def _calendar(drafts: list[Draft], tz: str) -> tuple[Calendar, int]:
    """Calendar whose origin is the local midnight of the earliest time in use."""
    first = earliest(drafts)
    local = pd.Timestamp(first or 0, unit="s", tz="UTC").tz_convert(tz)
    origin = dt.date(local.year, local.month, local.day)
    return Calendar(tz=tz, origin=origin), midnight((origin - dt.date(1970, 1, 1)).days, tz)


def _counts(drafts: Sequence[Draft]) -> pd.DataFrame:
    counted = []
    for table in drafts:
        raw = table.raw
        for part, file in enumerate(raw.files):
            here = slice(None) if len(raw.files) == 1 else raw.part == part
            kept = table.kept[here]
            rows = kept.size + sum(torn.file == file for torn in raw.torn)
            counted.append((table.name, file, rows, int(kept.sum())))
    frame = pd.DataFrame(counted, columns=["table", "file", "rows", "used"])
    frame["rejected"] = frame["rows"] - frame["used"]
    return frame.astype({"table": "str", "file": "str"})


def _empty(name: str) -> Table:
    """Make a table that the caller did not pass."""
    none: np.ndarray[Any, np.dtype[np.int32]] = np.zeros(0, np.int32)
    times = TABLES[name].named("time")
    return Table(
        name=name,
        names=TABLES[name].names,
        cells=pd.DataFrame(columns=list(TABLES[name].names), dtype="object"),
        codes={},
        lo={column: none for column in times},
        hi={column: none for column in times},
        words={},
        known=none,
    )


def _with_case_ids(cases: Table) -> Table:
    """Give episodes without a key one made from their content: person, date, count."""
    frame = cases.frame
    given = frame["case_id"] if "case_id" in frame else pd.Series(None, index=frame.index)
    texts = pd.Series(spelled(given).to_pandas(), dtype="str")
    lacks = texts.isna()
    is_plain = isinstance(given.dtype, pd.StringDtype) or given.dtype.kind in "iu"
    if lacks.any() or not is_plain:
        dates = [frame[c] for c in TABLES["cases"].one_of if c in frame]
        first = pd.concat(dates, axis=1).min(axis=1).dt.strftime("%Y-%m-%d")
        made = frame["person_id"].astype("str") + "@" + first
        again = made.groupby(made).cumcount()
        made = made.where(again == 0, made + "/" + (again + 1).astype("str"))
        return cases.with_column("case_id", texts.where(~lacks, made))
    return cases


def _with_home_kind(tables: dict[str, Table]) -> dict[str, Table]:
    """Let the kinds of places include home, if homes may have to be declared."""
    locations = tables["locations"]
    word = locations.word("kind")
    if "home" in word.values or "home_id" not in tables["persons"].codes:
        return tables
    values = tuple(sorted((*word.values, "home")))
    recode = np.array([*(values.index(value) for value in word.values), -1], dtype=np.int32)
    kind = Words(codes=recode[word.codes], values=values)
    changed = replace(locations, words={**locations.words, "kind": kind})
    return {**tables, "locations": changed}
