"""Times that contradict one another, or the calendar on the wall.

Each rule speaks only of what is certain within the bounds of both times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tracegraph.model.calendar import NEVER
from tracegraph.model.checks.checked import Moments
from tracegraph.model.checks.repeats import anchors
from tracegraph.model.reading.findings import counted
from tracegraph.model.reading.moments import DAY
from tracegraph.model.schemas import TABLES

if TYPE_CHECKING:
    from tracegraph.model.checks.checked import Checked
    from tracegraph.model.checks.diary import Diary
    from tracegraph.model.facts import Codes, Flags

LATE_ONSET = 30
"""Days from confirmation to onset that no infection takes."""

EARLY_ISOLATION = 60
"""Days from an isolation to the first case that no outbreak explains."""


def warn_of_times(checked: Checked, diary: Diary) -> None:
    """Every warning about times that cannot both be true."""
    _warn_future(checked)
    _warn_late_onset(checked)
    _warn_early_isolations(checked)
    _warn_reported(checked)
    _warn_recorded(checked)
    _warn_late_infectors(checked)
    _warn_onset_outside_stays(checked, diary)


def _warn_future(checked: Checked) -> None:
    for name, rule, columns in (
        ("cases", "date-in-the-future", TABLES["cases"].one_of),
        ("tests", "test-in-the-future", ("sampled",)),
    ):
        for column in columns:
            times = Moments.of(checked.tables[name], column)
            ahead = times.given & (times.lo > checked.now)
            if ahead.any():
                said = counted(int(ahead.sum()), "row has", "rows have")
                checked.findings.warn(
                    name,
                    column=column,
                    rule=rule,
                    value=checked.persons_in(name, ahead),
                    message=f"{said} {column} after the moment of reading; used as it stands",
                    mend="Correct the date: day and month, or the year, may be wrong.",
                )


def _warn_late_onset(checked: Checked) -> None:
    cases = checked.tables["cases"]
    onset, late = Moments.of(cases, "onset"), np.zeros(len(cases), bool)
    for column in ("confirmed", "sampled"):
        late |= Moments.of(cases, column).certainly_before(onset, LATE_ONSET * DAY)
    if late.any():
        said = counted(int(late.sum()), "row has", "rows have")
        checked.findings.warn(
            "cases",
            column="onset",
            rule="onset-after-confirmation",
            value=checked.persons_in("cases", late),
            message=f"{said} onset more than {LATE_ONSET} days after confirmed or sampled; the "
            "earliest date decides",
            mend="Correct the year or month; give a second infection a row of its own.",
        )


def _warn_early_isolations(checked: Checked) -> None:
    first = anchors(checked.tables["cases"]).lo.min(initial=NEVER)
    for name, column in (("isolations", "start"), ("cases", "isolated")):
        times = Moments.of(checked.tables[name], column)
        early = times.given & (times.last + EARLY_ISOLATION * DAY < first)
        if early.any():
            said = counted(int(early.sum()), "row has", "rows have")
            checked.findings.warn(
                name,
                column=column,
                rule="isolation-before-outbreak",
                value=checked.persons_in(name, early),
                message=f"{said} {column} more than {EARLY_ISOLATION} days before the first case",
                mend="Correct the date; delete isolations of another outbreak.",
            )


def _warn_reported(checked: Checked) -> None:
    tests = checked.tables["tests"]
    early = Moments.of(tests, "reported").certainly_before(Moments.of(tests, "sampled"))
    if early.any():
        said = counted(int(early.sum()), "row has", "rows have")
        checked.findings.warn(
            "tests",
            column="reported",
            rule="reported-before-sampled",
            value=checked.persons_in("tests", early),
            message=f"{said} reported before sampled; the result counts as known from reported",
            mend="Swap them, or correct the date.",
        )


_EVENTS = (
    ("cases", "onset"),
    ("cases", "sampled"),
    ("visits", "arrive"),
    ("contacts", "start"),
    ("isolations", "start"),
    ("tests", "sampled"),
    ("disinfections", "done"),
)


def _warn_recorded(checked: Checked) -> None:
    for name, column in _EVENTS:
        table = checked.tables[name]
        if "recorded" not in table.lo or column not in table.lo:
            continue
        recorded, event = Moments.of(table, "recorded"), Moments.of(table, column)
        early = recorded.certainly_before(event)
        if name == "visits":
            early &= ~_are_tickets(checked)
        if early.any():
            said = counted(int(early.sum()), "row was", "rows were")
            checked.findings.warn(
                name,
                column="recorded",
                rule="recorded-before-event",
                value=checked.named("location", table.code("location_id")[early])
                if name == "disinfections"
                else checked.persons_in(name, early),
                message=f"{said} recorded before {column}; known from recorded all the same",
                mend=f"Correct recorded or {column}, unless the row tells of a plan.",
            )


def _are_tickets(checked: Checked) -> Flags:
    """Visits that are known before they begin (RULE 30)."""
    record = checked.tables["visits"].word("record")
    tickets: Flags = record.mapped({"ticket": 1}, unknown=0) == 1
    return tickets


def _warn_late_infectors(checked: Checked) -> None:
    cases = checked.tables["cases"]
    infector, ill = cases.code("infected_by"), anchors(cases)
    first = np.full(len(checked.ids["person"]) + 1, NEVER, np.int64)  # the last: nobody, or no case
    np.minimum.at(first, cases.code("person_id"), ill.lo)
    began = np.where(infector >= 0, first[infector], NEVER)
    later = (began != NEVER) & ill.given & (began > ill.last)
    if later.any():
        said = counted(int(later.sum()), "row names", "rows name")
        checked.findings.warn(
            "cases",
            column="infected_by",
            rule="infector-falls-ill-later",
            value=checked.persons_in("cases", later),
            message=f"{said} a source that fell ill after the case did; possible, but rare",
            mend="Check who infected whom, and both onsets.",
        )


def _warn_onset_outside_stays(checked: Checked, diary: Diary) -> None:
    """Where people *live* is on record, an onset elsewhere is odd; a shop says nothing of it."""
    cases = checked.tables["cases"]
    onset, person = Moments.of(cases, "onset"), cases.code("person_id")
    at_home = onset.given & diary.lives[person]
    if not at_home.any():
        return
    outside = at_home & ~_inside_stays(diary, person, onset)
    if outside.any():
        said = counted(int(outside.sum()), "case has", "cases have")
        checked.findings.warn(
            "cases",
            column="onset",
            rule="onset-outside-stays",
            value=checked.persons_in("cases", outside),
            message=f"{said} an onset outside every stay on record; where they fell ill is unknown",
            mend="Correct onset or the dates of the stays, or add the stay that is missing.",
        )


def _inside_stays(diary: Diary, person: Codes, times: Moments) -> Flags:
    """Whether each time may lie in a placed stay of its person."""
    asked = np.zeros(diary.seen.size, bool)
    asked[person] = True
    stays = np.flatnonzero(asked[diary.person])
    stays = stays[diary.location[stays] >= 0]
    base = diary.person[stays].astype(np.int64) << 32  # sums of a person exceed all before
    order = np.argsort(base + diary.arrive_lo[stays])
    begin = (base + diary.arrive_lo[stays])[order]
    latest_end = np.maximum.accumulate((base + diary.depart_hi[stays])[order])
    base = person.astype(np.int64) << 32
    begun = np.searchsorted(begin, base + times.last, side="right")
    inside: Flags = np.append(latest_end, -1)[begun - 1] > base + times.lo
    return inside
