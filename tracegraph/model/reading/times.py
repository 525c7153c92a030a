"""Columns of times, read into bounds: an instant has `lo == hi`, a date a local day (RULE 2, 25).

Reading has two stages, because the zone is known only when every table has been seen:
`read_times` tells what each value is (a date, a naive or an aware instant, or something that
its table must settle), `place` turns it into seconds of the epoch.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracegraph.model.constant import everywhere
from tracegraph.model.reading.moments import (
    AWARE,
    BLANK,
    DATE,
    DAY,
    HOUR,
    MISSING,
    NAIVE,
    UNREADABLE,
    VOID,
    RawTimes,
    from_datetimes,
    gathered,
)
from tracegraph.model.reading.spelling import NOTHING
from tracegraph.model.reading.time_numbers import read_numbers
from tracegraph.model.reading.time_texts import read_texts

if TYPE_CHECKING:
    from tracegraph.model.reading.moments import Flags, Seconds

ABSENT = np.int64(np.iinfo(np.int64).min)
"""Where no time is given."""

_DATE_LENGTH = 10
_NAIVE_LENGTHS = {_DATE_LENGTH, 16, 19}  # date, minutes, seconds
_AWARE_LENGTHS = {20, 24, 25}  # seconds and Z, +0800, +08:00; Arrow takes hours 08-09 for one
_MANY_DAYS = 4_000  # of which each is asked whether the clocks change
_MANY = 10**18  # no number as large is a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Earliest and latest second of the epoch; `ABSENT` in both where none is given.

    `skipped`: where the clock of the zone never showed that time; None: nowhere.
    `shift`: of a plain column, seconds to be added to both, which stay those of the wall clock:
    nothing is copied for it. `span`: the earliest and the latest, in the same measure.
    """

    lo: Seconds
    hi: Seconds
    skipped: Flags | None = None
    shift: int = 0
    span: tuple[int, int] | None = None

    def shifted(self) -> Bounds:
        """Give bounds that nothing has to be added to."""
        if not self.shift:
            return self
        lo = self.lo.astype(np.int64) + self.shift
        return Bounds(lo=lo, hi=lo, skipped=self.skipped)

    @property
    def is_given(self) -> Flags:
        """Where there is a time."""
        if self.lo.dtype != np.int64:  # of a plain column none is missing
            return everywhere(np.True_, self.lo.size)
        return np.not_equal(self.lo, ABSENT)


def read_times(column: pd.Series[Any], *, is_date: bool = False) -> RawTimes:
    """Tell what each value of a column is.

    Parameters
    ----------
    column : Series
        Datetimes, dates, hours, texts, numbers, or a mixture of them as objects.
    is_date : bool
        The caller's frame said "date", although pandas has none.
    """
    dtype = column.dtype
    if isinstance(dtype, pd.DatetimeTZDtype):
        naive = column.dt.tz_convert("UTC").dt.tz_localize(None)
        return from_datetimes(naive.to_numpy(), AWARE, zone=_zone_name(dtype.tz))
    if dtype.kind == "M" and isinstance(dtype, np.dtype):
        return from_datetimes(column.to_numpy(), DATE if is_date else NAIVE)
    if isinstance(dtype, pd.CategoricalDtype):
        return read_times(column.cat.categories.to_series()).take(column.cat.codes.to_numpy())
    if isinstance(dtype, pd.ArrowDtype) and dtype.kind == "M":
        return _from_arrow(pa.array(column))
    if dtype != "object" and pd.api.types.is_string_dtype(dtype):
        return _from_text(pa.array(column))
    if dtype.kind in "iuf":
        return read_numbers(column.to_numpy(np.float64, na_value=np.nan))
    return _from_objects(column.astype("object"))


def _zone_name(zone: dt.tzinfo) -> str | None:
    name = str(zone)
    return name if name in {"UTC", getattr(zone, "key", None)} else None


def _from_arrow(values: pa.Array) -> RawTimes:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    form = DATE if pa.types.is_date(values.type) else AWARE if values.type.tz else NAIVE
    zone = values.type.tz if form == AWARE and "/" in values.type.tz else None
    plain = values if form == DATE else pc.cast(values, pa.timestamp(values.type.unit))
    return from_datetimes(plain.to_numpy(zero_copy_only=False), form, zone=zone)


def _from_text(text: pa.Array) -> RawTimes:
    read = _from_iso(text)
    if read is not None:
        return read
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    trimmed = pc.utf8_trim_whitespace(text)
    trimmed = pc.if_else(pc.equal(pc.binary_length(trimmed), 0), None, trimmed)
    read = _from_iso(trimmed)
    if read is None:
        encoded = trimmed.dictionary_encode()
        codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
        words = encoded.dictionary
        void = pc.is_in(words, value_set=pa.array(NOTHING, words.type))
        read = read_texts(words).changed(void.to_numpy(zero_copy_only=False), VOID).take(codes)
    return _with_blanks(read, text)


def _from_iso(text: pa.Array) -> RawTimes | None:
    """All at once, if all are ISO 8601: many times faster than one by one."""
    lengths = pc.fill_null(pc.binary_length(text), _DATE_LENGTH).to_numpy(zero_copy_only=False)
    found = {int(length) for length in np.flatnonzero(np.bincount(lengths, minlength=1))}
    is_naive = found <= _NAIVE_LENGTHS
    if not is_naive and not found <= _AWARE_LENGTHS:
        return None
    try:
        seconds = pc.cast(text, pa.timestamp("s", None if is_naive else "UTC"))
    except pa.ArrowInvalid:
        return None  # some value needs a closer look
    read = from_datetimes(seconds.to_numpy(zero_copy_only=False), NAIVE if is_naive else AWARE)
    if is_naive and _DATE_LENGTH in found:
        read = read.changed(read.where(NAIVE) & (lengths == _DATE_LENGTH), DATE)
    return replace(read, is_typed=False)


def _with_blanks(read: RawTimes, text: pa.Array) -> RawTimes:
    """Tell cells of nothing but blanks from empty ones."""
    if not read.has(MISSING):
        return read
    blank = pc.fill_null(pc.greater(pc.binary_length(text), 0), fill_value=False)
    blank = blank.to_numpy(zero_copy_only=False).astype(bool) & read.where(MISSING)
    return read.changed(blank, BLANK) if blank.any() else read


def _from_objects(column: pd.Series[Any]) -> RawTimes:
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind == "string":
        return _from_text(_text_array([v if isinstance(v, str) else None for v in column]))
    # to pandas a datetime is a date too: a column of both is "date", and would lose its times
    if kind == "date" and not any(isinstance(value, dt.datetime) for value in column):
        days = pa.array(column, type=pa.date32(), from_pandas=True)
        return _from_arrow(days)
    if kind == "datetime" and not any(type(value) is dt.date for value in column):
        alike = column.infer_objects()
        if alike.dtype.kind == "M":
            return replace(read_times(alike), is_typed=False)
    return _one_by_one(list(column))


def _text_array(values: list[str | None]) -> pa.Array:
    try:
        return pa.array(values, type=pa.large_string())
    except UnicodeEncodeError:  # half a character
        whole = [v if v is None else v.encode(errors="replace").decode() for v in values]
        return pa.array(whole, type=pa.large_string())


def _one_by_one(values: list[Any]) -> RawTimes:
    texts = [i for i, value in enumerate(values) if isinstance(value, str)]
    numbers = [i for i, value in enumerate(values) if _is_number(value)]
    others = sorted({*range(len(values))} - {*texts, *numbers})
    told = [_from_object(values[i]) for i in others]
    parts = (
        (texts, _from_text(_text_array([values[i] for i in texts]))),
        (numbers, read_numbers(np.array([float(values[i]) for i in numbers], np.float64))),
        (
            others,
            RawTimes(
                seconds=np.array([second for _, second in told], np.int64),
                forms=np.array([form for form, _ in told], np.uint8),
            ),
        ),
    )
    return gathered(len(values), ((np.array(rows, np.int64), part) for rows, part in parts))


def _is_number(value: Any) -> bool:  # noqa: ANN401  # whatever a cell may hold
    is_number = isinstance(value, (int, float, np.integer, np.floating, Decimal))
    if not is_number or isinstance(value, (bool, np.timedelta64)):  # which to NumPy is an integer
        return False
    if pd.isna(value):  # Decimal("NaN") < 1 raises
        return False
    return bool(abs(value) < _MANY)


def _from_object(value: Any) -> tuple[int, int]:  # noqa: ANN401  # whatever a cell may hold
    """Form and second of a cell that is neither text nor number."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return MISSING, 0
    try:
        return _from_moment(value)
    except (ArithmeticError, ValueError, TypeError):  # years that no type of Python holds
        return UNREADABLE, 0


def _from_moment(value: Any) -> tuple[int, int]:  # noqa: ANN401  # whatever a cell may hold
    if isinstance(value, np.datetime64):
        is_day = np.datetime_data(value.dtype)[0] == "D"
        return _only(from_datetimes(np.array([value]), DATE if is_day else NAIVE))
    if isinstance(value, dt.datetime):
        return _only(read_times(pd.Series([pd.Timestamp(value)])))
    if isinstance(value, dt.date):
        return _only(from_datetimes(np.array([value], "datetime64[D]"), DATE))
    if isinstance(value, (dt.timedelta, np.timedelta64)):  # hours, to some readers of sheets
        second = math.floor(pd.Timedelta(value).total_seconds())
        return (HOUR if 0 <= second < DAY else UNREADABLE), second
    if isinstance(value, dt.time) and value.tzinfo is None:
        return HOUR, value.hour * 3600 + value.minute * 60 + value.second
    return UNREADABLE, 0


def _only(read: RawTimes) -> tuple[int, int]:
    return int(read.forms[0]), int(read.seconds[0])


def place(raw: RawTimes, tz: str) -> Bounds:
    """Bounds of each value in seconds of the epoch; dates are local days of `tz`.

    A wall-clock time that occurs twice, as the clocks go back, has both as its bounds;
    one that never occurs is read as the moment when the clocks went forward.
    """
    if raw.until is not None:
        begin = place(replace(raw, until=None), tz)
        end = place(replace(raw, seconds=raw.until, until=None), tz)
        return Bounds(lo=begin.lo, hi=end.hi, skipped=begin.skipped)
    if raw.form == AWARE:
        return Bounds(lo=raw.seconds, hi=raw.seconds, span=raw.span)
    is_local = raw.form == NAIVE or (raw.forms == NAIVE).all()
    if is_local and (shift := _constant_shift(raw, tz)) is not None:
        if raw.span is not None:
            return Bounds(lo=raw.seconds, hi=raw.seconds, shift=shift, span=raw.span)
        instants = raw.seconds + shift
        return Bounds(lo=instants, hi=instants)
    lo = np.full(raw.seconds.size, ABSENT)
    hi = lo.copy()
    aware = raw.forms == AWARE
    lo[aware] = hi[aware] = raw.seconds[aware]
    local = raw.where(DATE, NAIVE)
    if not local.any():
        return Bounds(lo=lo, hi=hi)
    lo[local], hi[local], never = _localise(raw.seconds[local], raw.forms[local] == DATE, tz)
    skipped = None
    if never.size:
        skipped = np.zeros(lo.size, np.bool_)
        skipped[np.flatnonzero(local)[never]] = True
    return Bounds(lo=lo, hi=hi, skipped=skipped)


def _constant_shift(raw: RawTimes, tz: str) -> int | None:
    """Seconds from the wall clock to the epoch, where no clock changes between first and last."""
    if not raw.seconds.size:
        return None
    earliest, latest = raw.span or (int(raw.seconds.min()), int(raw.seconds.max()))
    first, last = earliest // DAY, latest // DAY
    if last - first > _MANY_DAYS:
        return None
    begins = np.array([midnight(day, tz) for day in range(first, last + 2)])
    return int(begins[0]) - first * DAY if (np.diff(begins) == DAY).all() else None


def _localise(wall: Seconds, is_date: Flags, tz: str) -> tuple[Seconds, Seconds, Seconds]:
    """Bounds of local times, and the positions of those that the clock never showed."""
    day = wall // DAY
    first = int(day.min())
    begins = np.zeros(int(day.max()) - first + 2, np.int64)
    for d in pd.unique(day).tolist():
        begins[d - first], begins[d - first + 1] = midnight(d, tz), midnight(d + 1, tz)
    start, stop = begins[day - first], begins[day - first + 1]
    shifted = np.flatnonzero((stop - start != DAY) & ~is_date)
    instant = start + (wall - day * DAY)
    lo, hi = np.where(is_date, start, instant), np.where(is_date, stop, instant)
    if not shifted.size:
        return lo, hi, shifted
    stamps = pd.DatetimeIndex(wall[shifted].astype("datetime64[s]"))  # the clocks change that day
    for bound, is_first in ((lo, True), (hi, False)):
        placed = stamps.tz_localize(
            tz, ambiguous=np.full(shifted.size, is_first), nonexistent="shift_forward"
        )
        bound[shifted] = placed.tz_convert("UTC").tz_localize(None).astype("datetime64[s]")
    return lo, hi, shifted[placed.tz_localize(None) != stamps]


def midnight(day: int, tz: str) -> int:
    """Second of the epoch at which a local day begins, counted from 1970-01-01."""
    date = dt.date(1970, 1, 1) + dt.timedelta(days=day)
    zone = ZoneInfo(tz)
    return round(dt.datetime(date.year, date.month, date.day, tzinfo=zone).timestamp())
