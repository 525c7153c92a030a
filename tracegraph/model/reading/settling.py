"""What a cell of a time alone does not settle, its table does.

Which of the two numbers of 9/5/2022 is the day, the file tells; which year 5月9日 has, the
other times; which day 8:30 belongs to, the row; where serial numbers count from, the caller.
All that is settled so is told in one warning a column; what cannot be is a reject.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tracegraph.model.constant import is_constant
from tracegraph.model.reading.findings import as_text, counted, examples
from tracegraph.model.reading.moments import (
    AMBIGUOUS,
    AWARE,
    BLANK,
    DATE,
    DAY,
    DAY_FIRST,
    EITHER_ORDER,
    EMPTY,
    EPOCH,
    HOUR,
    MISSING,
    MONTH_DAY,
    MONTH_DAY_HOUR,
    MONTH_FIRST,
    NAIVE,
    SERIAL,
    UNREADABLE,
    VOID,
    days_of,
)

if TYPE_CHECKING:
    from tracegraph.model.options import Options
    from tracegraph.model.reading.findings import Findings
    from tracegraph.model.reading.moments import Flags, Forms, Orders, RawTimes, Seconds
    from tracegraph.model.reading.tables import Draft

ZERO_DAY = {1900: -25_569, 1904: -24_107}
"""Day 0 of a spreadsheet's serial numbers, in days since 1970-01-01."""

MANY_MIDNIGHTS = 0.1
"""Share of midnights among times of day that chance does not make."""

_STATE_THE_ORDER = (
    "Write {iso}; or say which it is: day_first=True or day_first=False "
    "(a folder: day_first = true in tracegraph.toml)."
)


def settle(tables: list[Draft], options: Options, findings: Findings) -> None:
    """Give every time of every table a form that can be placed, or reject its row."""
    for table in tables:
        for column in table.times:
            _settle_blanks(table, column, findings)
            _settle_numbers(table, column, options, findings)
        _settle_orders(table, options, findings)
    middle = _middle(tables, options)
    for table in tables:
        for column in table.times:
            _settle_years(table, column, middle, findings)
        _settle_hours(table, findings)


def _say(  # noqa: PLR0913  # the columns of a finding
    table: Draft, column: str, rows: Flags, findings: Findings, *, rule: str, what: str, mend: str
) -> None:
    """Warn of some rows of a column; `what` tells what is in the cells, and what is made of it."""
    at = np.flatnonzero(rows)
    cells = table.raw.cells(at[:4])[column]
    findings.warn(
        table.name,
        file=table.raw.files_of(rows),
        column=column,
        rule=rule,
        value=examples([as_text(cell) for cell in cells]),
        message=f"{column}: {counted(at.size, 'cell')} {what}",
        mend=mend,
    )


# ---- cells that are empty, or numbers


def _settle_blanks(table: Draft, column: str, findings: Findings) -> None:
    times = table.times[column]
    for form, rule, what in (
        (BLANK, "blank-time", "with nothing but blanks, read as empty"),
        (VOID, "words-for-nothing", "with a word for nothing, such as NA, read as empty"),
        (EMPTY, "zero-time", "with 0, which spreadsheets make of an empty one, read as empty"),
    ):
        if times.has(form):
            rows = times.where(form)
            times = times.changed(rows, MISSING)
            mend = "Clear the cells, or fill in the times."
            _say(table, column, rows, findings, rule=rule, what=what, mend=mend)
    table.times[column] = times


def _settle_numbers(table: Draft, column: str, options: Options, findings: Findings) -> None:
    times = table.times[column]
    if times.has(SERIAL):
        rows, epoch = times.where(SERIAL), options.excel_epoch
        seconds = times.seconds[rows]
        forms = np.where(seconds % DAY == 0, DATE, NAIVE)
        table.times[column] = times.changed(rows, forms, seconds + ZERO_DAY[epoch] * DAY)
        what = f"with a number of a spreadsheet, read as days since {epoch}, whole ones as dates"
        other = 1904 if epoch == 1900 else 1900
        mend = f"If they are four years off, state excel_epoch = {other}."
        _say(table, column, rows, findings, rule="serial-numbers", what=what, mend=mend)
    times = table.times[column] = _without_strays(table.times[column], table)
    if times.has(EPOCH):
        rows = times.where(EPOCH)
        table.times[column] = times.changed(rows, AWARE)
        what = "with a large number, read as seconds (or milliseconds) since 1970 in UTC"
        mend = "Give them as times with an offset, such as 2022-05-12T18:00:00+08:00."
        _say(table, column, rows, findings, rule="epoch-seconds", what=what, mend=mend)


def _without_strays(times: RawTimes, table: Draft) -> RawTimes:
    """Take no number for a second since 1970 where most times of the file are local ones."""
    for here in table.raw.by_file() if times.has(EPOCH) else ():
        numbers = times.where(EPOCH) & here
        local = times.where(NAIVE, HOUR, MONTH_DAY_HOUR) & here
        if numbers.sum() < local.sum():
            times = times.changed(numbers, UNREADABLE)
    return times


# ---- whether the day or the month comes first


def _settle_orders(table: Draft, options: Options, findings: Findings) -> None:
    """Each file has one order: it is stated, or proved by a date that has only one reading."""
    ordered = [(c, t.orders) for c, t in table.times.items() if t.orders is not None]
    for column, orders in ordered:
        for here in table.raw.by_file():
            stated = _stated(options)
            told = stated or _proved(orders, here) or _proved_by_any(ordered, here)
            if told in (DAY_FIRST, MONTH_FIRST):
                why = "as is stated" if stated else "as other dates of the file prove"
                _read_in_order(table, column, here, told, why, findings)
            _refuse_other_orders(table, column, here, told, findings)


def _stated(options: Options) -> int | None:
    if options.day_first is None:
        return None
    return DAY_FIRST if options.day_first else MONTH_FIRST


def _proved(orders: Orders, rows: Flags) -> int | None:
    """The one order that dates of these rows prove; `EITHER_ORDER` where they prove both."""
    found = [o for o in (DAY_FIRST, MONTH_FIRST) if (orders.order[rows] == o).any()]
    return None if not found else found[0] if len(found) == 1 else EITHER_ORDER


def _proved_by_any(ordered: list[tuple[str, Orders]], rows: Flags) -> int | None:
    """The order that all columns of a file agree on."""
    proofs = {proof for _, orders in ordered if (proof := _proved(orders, rows)) is not None}
    return proofs.pop() if len(proofs) == 1 else None


def _read_in_order(  # noqa: PLR0913  # what is read, how, and why so
    table: Draft, column: str, here: Flags, order: int, why: str, findings: Findings
) -> None:
    times = table.times[column]
    orders, rows = times.orders, times.where(AMBIGUOUS) & here
    if orders is None or not rows.any():
        return
    seconds = orders.swapped[rows] if order == MONTH_FIRST else times.seconds[rows]
    table.times[column] = times.changed(rows, orders.form[rows], seconds)
    first, other = ("day", "month") if order == DAY_FIRST else ("month", "day")
    what = f"with a date of two readings, read with the {first} first, {why}"
    mend = (
        f"If the {other} comes first, pass day_first={order != DAY_FIRST} (a folder: day_first = "
        f"{str(order != DAY_FIRST).lower()} in tracegraph.toml)."
    )
    _say(table, column, rows, findings, rule="order-of-day-and-month", what=what, mend=mend)


def _refuse_other_orders(
    table: Draft, column: str, here: Flags, told: int | None, findings: Findings
) -> None:
    """Reject dates that may be two days, and those that contradict the order stated."""
    times = table.times[column]
    findings.reject(
        table.raw,
        times.where(AMBIGUOUS) & here,
        table.kept,
        column=column,
        rule="ambiguous-date",
        message=f"{column} = {{{column}}} may be two different days, and nothing in the file says "
        "whether the day or the month comes first"
        if told is None
        else f"{column} = {{{column}}} may be two different days, and dates of the file prove both "
        "orders of day and month",
        mend=_STATE_THE_ORDER.format(iso="2022-05-09"),
    )
    if times.orders is None or told not in (DAY_FIRST, MONTH_FIRST):
        return
    wrong = MONTH_FIRST if told == DAY_FIRST else DAY_FIRST
    findings.reject(
        table.raw,
        (times.orders.order == wrong) & here,
        table.kept,
        column=column,
        rule="date-in-other-order",
        message=f"{column} = {{{column}}} is no date with the "
        f"{'day' if told == DAY_FIRST else 'month'} first",
        mend="Correct the date, or write it as 2022-05-09.",
    )


# ---- years


def _middle(tables: list[Draft], options: Options) -> int:
    """Median of the times that have a year; the moment of reading where none has."""
    if not any(t.has(MONTH_DAY, MONTH_DAY_HOUR) for d in tables for t in d.times.values()):
        return 0
    dated = [t.seconds[t.where(DATE, NAIVE, AWARE)] for d in tables for t in d.times.values()]
    every = np.concatenate(dated) if dated else np.zeros(0, np.int64)
    return int(np.median(every)) if every.size else options.moment()


def _settle_years(table: Draft, column: str, middle: int, findings: Findings) -> None:
    times = table.times[column]
    if not times.has(MONTH_DAY, MONTH_DAY_HOUR):
        return
    rows = times.where(MONTH_DAY, MONTH_DAY_HOUR)
    seconds, exists = _in_nearest_year(times.seconds[rows], middle)
    forms = np.where(times.forms[rows] == MONTH_DAY, DATE, NAIVE)
    table.times[column] = times.changed(rows, np.where(exists, forms, UNREADABLE), seconds)
    what = "without a year, read as the day nearest to the other times"
    mend = "Write the year, if it is another one."
    _say(table, column, rows, findings, rule="year-not-given", what=what, mend=mend)


def _in_nearest_year(seconds: Seconds, middle: int) -> tuple[Seconds, Flags]:
    """Move times kept in one leap year to the year that brings them next to `middle`."""
    stamps = seconds.astype("datetime64[s]")
    month = stamps.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (stamps.astype("datetime64[D]") - stamps.astype("datetime64[M]")).astype(np.int64) + 1
    year = int(np.datetime64(middle, "s").astype("datetime64[Y]").astype(np.int64)) + 1970
    best, exists = seconds.copy(), np.zeros(seconds.size, bool)
    nearest = np.full(seconds.size, np.iinfo(np.int64).max)
    for candidate in (year - 1, year, year + 1):
        days, lawful = days_of(np.full(seconds.size, candidate), month, day)
        found = days * DAY + seconds % DAY
        distance = np.abs(found - middle)
        better = lawful & (distance < nearest)
        best[better], nearest[better] = found[better], distance[better]
        exists |= lawful
    return best, exists


# ---- hours


def _settle_hours(table: Draft, findings: Findings) -> None:
    """Put hours of visits on their days: of the row's date, or of the arrival."""
    if table.name != "visits":
        return
    table.days = table.times.pop("date", None)  # no moment of the stay
    if table.days is not None:
        _fill_arrivals(table, table.days, findings)
    if "depart" in table.times:
        _put_departures_on_days(table, findings)


def _fill_arrivals(table: Draft, days: RawTimes, findings: Findings) -> None:
    """Arrivals that are hours get their date; those that are missing are the date."""
    arrive = table.times["arrive"]
    dated = days.where(DATE, NAIVE)
    midnight = days.seconds - days.seconds % DAY
    other = arrive.where(DATE, NAIVE) & dated & (arrive.seconds - arrive.seconds % DAY != midnight)
    if other.any():
        what = "with another day than arrive has, which holds"
        mend = "Correct the one that is wrong."
        _say(table, "date", other, findings, rule="date-unlike-arrive", what=what, mend=mend)
    hours = arrive.where(HOUR) & dated
    arrive = arrive.changed(hours, NAIVE, (midnight + arrive.seconds)[hours])
    bare = arrive.where(MISSING) & dated
    forms = np.where(days.seconds[bare] % DAY == 0, DATE, NAIVE)  # a day is what `date` is for
    table.times["arrive"] = arrive.changed(bare, forms, days.seconds[bare])


def _put_departures_on_days(table: Draft, findings: Findings) -> None:
    """Departures that are hours are of the day of arrival, or of the next if they are earlier."""
    arrive, depart = table.times["arrive"], table.times["depart"]
    if not depart.has(HOUR):
        return
    hours = depart.where(HOUR) & arrive.where(DATE, NAIVE)
    if not hours.any():
        return
    leaves = arrive.seconds - arrive.seconds % DAY + depart.seconds
    overnight = hours & (leaves < arrive.seconds)
    leaves = np.where(overnight, leaves + DAY, leaves)
    table.times["depart"] = depart.changed(hours, NAIVE, leaves[hours])
    if overnight.any():
        what = "with an hour before that of arrival, read as the next day"
        mend = "Write the date of the departure, if it is another one."
        _say(table, "depart", overnight, findings, rule="overnight-stay", what=what, mend=mend)


# ---- midnights that may be dates


def settle_midnights(table: Draft, tz: str, findings: Findings) -> None:
    """Take a datetime column of nothing but midnights for dates; warn where many are."""
    for column, times in table.times.items():
        for here, origin in zip(table.raw.by_file(), table.raw.origins, strict=True):
            is_typed = times.is_typed and not origin.is_saved  # what we saved is to the letter
            if is_typed and are_midnights(times, here, tz):
                table.times[column] = as_dates(table.times[column], here, tz)
                findings.warn(
                    table.name,
                    file=table.raw.files_of(here),
                    column=column,
                    rule="midnights-read-as-dates",
                    message=f"{column} holds midnights only: read as dates",
                    mend="Pass dates; or texts with a time of day, where midnight is meant.",
                )
        _warn_of_midnights(table, column, findings)


def _warn_of_midnights(table: Draft, column: str, findings: Findings) -> None:
    times = table.times[column]
    if times.midnights is not None and times.midnights <= MANY_MIDNIGHTS * times.forms.size:
        return
    local = times.where(NAIVE)
    midnights = local & (times.seconds % DAY == 0)
    if midnights.sum() > MANY_MIDNIGHTS * local.sum():
        what = "with midnight among times of day, read as 00:00 sharp"
        mend = "Where only the day is known, give the date without a time."
        _say(table, column, midnights, findings, rule="midnights-among-times", what=what, mend=mend)


def are_midnights(times: RawTimes, here: Flags, tz: str) -> bool:
    """Whether a file gives a datetime64 column nothing but exact local midnights."""
    if times.form == NAIVE and times.midnights is not None:
        every = times.midnights == times.forms.size
        if every or not times.midnights or is_constant(here):
            return every
    given = times.where(NAIVE, AWARE) & here
    if not given.any():
        return False
    seconds, forms = times.seconds[given], times.forms[given]
    return all(  # most columns are told by their first rows
        bool((_wall(seconds[some], forms[some], tz) % DAY == 0).all())
        for some in (slice(None, 1000), slice(None))
    )


def as_dates(times: RawTimes, here: Flags, tz: str) -> RawTimes:
    """Read midnights of a file as the dates that they stand for."""
    given = times.where(NAIVE, AWARE) & here
    return times.changed(given, DATE, _wall(times.seconds[given], times.forms[given], tz))


def _wall(seconds: Seconds, forms: Forms, tz: str) -> Seconds:
    if not (forms == AWARE).any():
        return seconds
    stamps = pd.DatetimeIndex(seconds.astype("datetime64[s]")).tz_localize("UTC")
    wall = stamps.tz_convert(tz).tz_localize(None)
    return wall.to_numpy().astype("datetime64[s]").astype(np.int64)
