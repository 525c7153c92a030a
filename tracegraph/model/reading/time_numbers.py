"""Times written as bare numbers: 20220509, days of a spreadsheet, seconds of the epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tracegraph.model.reading.moments import (
    ABSURD,
    DATE,
    DAY,
    EMPTY,
    EPOCH,
    HOUR,
    MISSING,
    NAIVE,
    SERIAL,
    UNREADABLE,
    RawTimes,
    days_of,
    in_calendar,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.reading.moments import Flags, Forms, Seconds

SERIALS = (20_000, 80_001)
"""Days that a spreadsheet counts from 1954 to 2119; in its other epoch from 1958 to 2123."""

_EPOCHS = ((1e9, 2e9, 1), (1e12, 2e12, 1000))  # from 2001 to 2033, in seconds and milliseconds
_DIGITS = ((8, 1, DATE), (12, 100, NAIVE), (14, 10_000, NAIVE))  # yyyymmdd, with hhmm, hhmmss


def read_numbers(values: npt.NDArray[np.float64]) -> RawTimes:
    """Tell by its size what each number is; NaN is missing."""
    values = np.asarray(values, np.float64)
    values = np.where(np.isinf(values), -1.0, values)  # no more a time than -1 is
    seconds = np.zeros(values.size, np.int64)
    forms = np.where(np.isnan(values), MISSING, UNREADABLE).astype(np.uint8)

    fraction = (values > 0) & (values < 1)
    _put(fraction, _day_seconds(values[fraction]), HOUR, seconds, forms)
    # where hours are told as fractions of a day, 0 is midnight; elsewhere an empty cell
    forms[values == 0] = HOUR if fraction.any() else EMPTY

    serial = (values >= SERIALS[0]) & (values < SERIALS[1])
    _put(serial, _day_seconds(values[serial]), SERIAL, seconds, forms)
    for low, high, unit in _EPOCHS:
        epoch = (values >= low) & (values < high)
        _put(epoch, np.floor(values[epoch] / unit), EPOCH, seconds, forms)
    for digits, unit, form in _DIGITS:
        rows = (values >= 10 ** (digits - 1)) & (values < 10**digits) & (values % 1 == 0)
        if rows.any():
            seconds[rows], forms[rows] = _digits(values[rows].astype(np.int64), digits, unit, form)
    return RawTimes(seconds=seconds, forms=forms)


def _day_seconds(days: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Seconds of days and fractions; the last half second of a day stays in it."""
    ends = (np.floor(days) + 1) * DAY - 1
    return np.asarray(np.minimum(np.rint(days * DAY), ends), np.float64)


def _put(
    rows: Flags, values: npt.NDArray[np.float64], form: int, seconds: Seconds, forms: Forms
) -> None:
    seconds[rows] = np.rint(values)
    forms[rows] = form


def _digits(numbers: Seconds, digits: int, unit: int, form: int) -> tuple[Seconds, Forms]:
    """Cut 20220509, 202205090830 or 20220509083000 into its fields."""
    clock = numbers % 10 ** (digits - 8) * (100 if unit == 100 else 1)
    date = numbers // 10 ** (digits - 8)
    days, lawful = days_of(date // 10_000, date // 100 % 100, date % 100)
    hour, minute, second = clock // 10_000, clock // 100 % 100, clock % 100
    lawful &= is_clock(hour, minute, second)
    found = days * DAY + hour * 3600 + minute * 60 + second
    forms = np.where(lawful, form, UNREADABLE).astype(np.uint8)
    forms[lawful & ~in_calendar(found)] = ABSURD
    return found, forms


def is_clock(
    hour: npt.NDArray[np.int64], minute: npt.NDArray[np.int64], second: npt.NDArray[np.int64]
) -> Flags:
    """Whether a clock shows this; 24:00 is the end of the day."""
    shown = (hour >= 0) & (hour < 24) & (minute < 60) & (second < 60)
    ends_day = (hour == 24) & (minute == 0) & (second == 0)
    return np.asarray(shown | ends_day, np.bool_)
