"""Columns of times, read into bounds: an instant has `lo == hi`, a date a local day (RULE 2, 25).

Reading has two stages, because the zone is known only when every table has been seen:
`read_times` tells what each value is (a date, a naive or an aware instant), `place`
turns it into seconds of the epoch.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import numpy.typing as npt

    Seconds: TypeAlias = npt.NDArray[np.int64]
    Forms: TypeAlias = npt.NDArray[np.uint8]
    Flags: TypeAlias = npt.NDArray[np.bool_]

DAY = 86_400
ABSENT = np.int64(np.iinfo(np.int64).min)
"""Where no time is given."""

MISSING, DATE, NAIVE, AWARE, UNREADABLE, ABSURD = range(6)
"""Forms of a value. ABSURD: a year so far off that no calendar holds it."""

_FIRST_YEAR, _LAST_YEAR = 1000, 9000
_DATE = r"^\d{4}-\d{2}-\d{2}$"
_INSTANT = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?"
_NAIVE = _INSTANT + "$"
_AWARE = _INSTANT + r"(Z| ?[+-]\d{2}(:?\d{2})?)$"
_INTERVAL = r"^(?P<first>\d{4}-[^/]+)/(?P<last>\d{4}-[^/]+)$"
_ISO_LENGTHS = (10, 16, 19)  # date, minutes, seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTimes:
    """A column of times before the zone is known.

    Parameters
    ----------
    seconds : array of int64
        Since 1970-01-01: of the wall clock (DATE, NAIVE) or of the epoch (AWARE).
    forms : array of uint8
        What each value is.
    until : array of int64, optional
        Where a value is an interval, the second (DATE: the day) that it ends with; else
        `seconds`. None: no value is an interval.
    zone : str, optional
        Named zone of a column that has one.
    is_typed : bool
        A datetime64 column: it cannot hold dates, so midnights may stand for them.
    """

    seconds: Seconds
    forms: Forms
    until: Seconds | None = None
    zone: str | None = None
    is_typed: bool = False

    def has(self, *forms: int) -> bool:
        """Whether any value has one of these forms."""
        return bool(np.isin(self.forms, forms).any())


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Earliest and latest second of the epoch; `ABSENT` in both where none is given."""

    lo: Seconds
    hi: Seconds

    @property
    def is_given(self) -> Flags:
        """Where there is a time."""
        return np.not_equal(self.lo, ABSENT)


def read_times(column: pd.Series[Any], *, is_date: bool = False) -> RawTimes:
    """Tell what each value of a column is.

    Parameters
    ----------
    column : Series
        Datetimes, dates, ISO texts, or a mixture of them as objects.
    is_date : bool
        The caller's frame said "date", although pandas has none.
    """
    dtype = column.dtype
    if isinstance(dtype, pd.DatetimeTZDtype):
        naive = column.dt.tz_convert("UTC").dt.tz_localize(None)
        return _from_datetimes(naive.to_numpy(), AWARE, zone=_zone_name(dtype.tz))
    if dtype.kind == "M" and isinstance(dtype, np.dtype):
        return _from_datetimes(column.to_numpy(), DATE if is_date else NAIVE)
    if isinstance(dtype, pd.CategoricalDtype):
        return _spread(read_times(column.cat.categories.to_series()), column.cat.codes.to_numpy())
    if isinstance(dtype, pd.ArrowDtype) and dtype.kind == "M":
        return _from_arrow(pa.array(column))
    if isinstance(dtype, pd.StringDtype) or pd.api.types.is_string_dtype(dtype):
        return _from_objects(column) if dtype == "object" else _from_text(pa.array(column))
    if dtype == "object":
        return _from_objects(column)
    missing = column.isna().to_numpy()
    forms = np.where(missing, MISSING, UNREADABLE).astype(np.uint8)
    return RawTimes(seconds=np.zeros(len(column), np.int64), forms=forms)


def _zone_name(zone: dt.tzinfo) -> str | None:
    name = str(zone)
    return name if name in {"UTC", getattr(zone, "key", None)} else None


def _from_datetimes(values: npt.NDArray[Any], form: int, zone: str | None = None) -> RawTimes:
    seconds = values.astype("datetime64[s]").astype(np.int64)
    missing = np.isnat(values)
    forms = np.where(missing, MISSING, form).astype(np.uint8)
    years = _year_bounds()
    forms[~missing & ((seconds < years[0]) | (seconds >= years[1]))] = ABSURD
    seconds[missing] = 0
    return RawTimes(seconds=seconds, forms=forms, zone=zone, is_typed=form != DATE)


def _year_bounds() -> tuple[int, int]:
    days = np.array([f"{_FIRST_YEAR}-01-01", f"{_LAST_YEAR}-01-01"], dtype="datetime64[s]")
    return int(days[0].astype(np.int64)), int(days[1].astype(np.int64))


def _from_arrow(values: pa.Array) -> RawTimes:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    form = DATE if pa.types.is_date(values.type) else AWARE if values.type.tz else NAIVE
    zone = values.type.tz if form == AWARE and "/" in values.type.tz else None
    plain = values if form == DATE else pc.cast(values, pa.timestamp(values.type.unit))
    return _from_datetimes(plain.to_numpy(zero_copy_only=False), form, zone=zone)


def _from_text(text: pa.Array) -> RawTimes:
    if isinstance(text, pa.ChunkedArray):
        text = text.combine_chunks()
    trimmed = pc.utf8_trim_whitespace(text)
    trimmed = pc.if_else(pc.equal(pc.binary_length(trimmed), 0), None, trimmed)
    lengths = pc.fill_null(pc.binary_length(trimmed), 10).to_numpy(zero_copy_only=False)
    if np.isin(lengths, _ISO_LENGTHS).all():
        try:
            seconds = pc.cast(trimmed, pa.timestamp("s"))
        except pa.ArrowInvalid:
            pass  # some value needs a closer look
        else:
            read = _from_datetimes(seconds.to_numpy(zero_copy_only=False), NAIVE)
            forms = read.forms.copy()
            forms[(forms == NAIVE) & (lengths == 10)] = DATE
            return RawTimes(seconds=read.seconds, forms=forms)
    encoded = trimmed.dictionary_encode()
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    return _spread(_from_distinct_text(encoded.dictionary), codes)


def _from_distinct_text(text: pa.Array) -> RawTimes:
    """Read ISO texts and ISO intervals."""
    read = _from_moments(text)
    sides = pc.extract_regex(text, _INTERVAL)
    found = sides.is_valid().to_numpy(zero_copy_only=False)
    if not found.any():
        return read
    first, last = (_from_moments(sides.field(i).filter(pa.array(found))) for i in (0, 1))
    lawful = (first.forms == last.forms) & (first.seconds <= last.seconds)
    seconds, forms, until = read.seconds.copy(), read.forms.copy(), read.seconds.copy()
    seconds[found], until[found] = first.seconds, last.seconds
    forms[found] = np.where(lawful, first.forms, UNREADABLE)
    return RawTimes(seconds=seconds, forms=forms, until=until)


def _from_moments(text: pa.Array) -> RawTimes:
    seconds = np.zeros(len(text), np.int64)
    forms = np.full(len(text), UNREADABLE, np.uint8)
    for pattern, form in ((_DATE, DATE), (_NAIVE, NAIVE), (_AWARE, AWARE)):
        found = pc.match_substring_regex(text, pattern).to_numpy(zero_copy_only=False)
        found = found.astype(bool)
        if not found.any():
            continue
        some = text.filter(pa.array(found))
        if form == AWARE:  # no parser knows a blank before the offset
            some = pc.replace_substring_regex(some, " ([+-])", r"\1")
        read = pd.to_datetime(
            some.to_pandas(), format="ISO8601", errors="coerce", utc=form == AWARE
        )
        naive = read.dt.tz_localize(None) if form == AWARE else read
        values = _from_datetimes(naive.to_numpy(), form)
        seconds[found] = values.seconds
        forms[found] = np.where(values.forms == MISSING, UNREADABLE, values.forms)
    return RawTimes(seconds=seconds, forms=forms)


def _spread(distinct: RawTimes, codes: npt.NDArray[Any]) -> RawTimes:
    seconds = np.append(distinct.seconds, 0)[codes]
    forms = np.append(distinct.forms, MISSING).astype(np.uint8)[codes]
    until = None if distinct.until is None else np.append(distinct.until, 0)[codes]
    return replace(distinct, seconds=seconds, forms=forms, until=until)


def _from_objects(column: pd.Series[Any]) -> RawTimes:
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind == "string":
        return _from_text(pa.array(column, type=pa.large_string(), from_pandas=True))
    # to pandas a datetime is a date too: a column of both is "date", and would lose its times
    if kind == "date" and not any(isinstance(value, dt.datetime) for value in column):
        days = pa.array(column, type=pa.date32(), from_pandas=True)
        return _from_arrow(days)
    if kind == "datetime" and not any(type(value) is dt.date for value in column):
        alike = column.infer_objects()
        if alike.dtype.kind == "M":
            return replace(read_times(alike), is_typed=False)
    seconds = np.zeros(len(column), np.int64)
    forms = np.full(len(column), UNREADABLE, np.uint8)
    texts: list[int] = []
    for i, value in enumerate(column):
        if isinstance(value, str):
            texts.append(i)
        else:
            forms[i], seconds[i] = _from_object(value)
    if texts:
        read = _from_text(pa.array([column.iloc[i] for i in texts], type=pa.large_string()))
        seconds[texts], forms[texts] = read.seconds, read.forms
    until = None
    if texts and read.until is not None:
        until = seconds.copy()
        until[texts] = read.until
    return RawTimes(seconds=seconds, forms=forms, until=until)


def _from_object(value: Any) -> tuple[int, int]:  # noqa: ANN401  # whatever a cell may hold
    if isinstance(value, np.datetime64):
        is_day = np.datetime_data(value.dtype)[0] == "D"
        read = _from_datetimes(np.array([value]), DATE if is_day else NAIVE)
        return int(read.forms[0]), int(read.seconds[0])
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return MISSING, 0
    if isinstance(value, dt.datetime):
        form = NAIVE if value.tzinfo is None else AWARE
        wall = value.replace(tzinfo=dt.UTC) if form == NAIVE else value
        second = int(np.floor((wall - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)).total_seconds()))
    elif isinstance(value, dt.date):
        form, second = DATE, (value - dt.date(1970, 1, 1)).days * DAY
    else:
        return UNREADABLE, 0
    return (form if _FIRST_YEAR <= value.year < _LAST_YEAR else ABSURD), second


def place(raw: RawTimes, tz: str) -> Bounds:
    """Bounds of each value in seconds of the epoch; dates are local days of `tz`.

    A wall-clock time that occurs twice, as the clocks go back, has both as its bounds;
    one that never occurs is read as the moment when the clocks went forward.
    """
    if raw.until is not None:
        begin, end = replace(raw, until=None), replace(raw, seconds=raw.until, until=None)
        return Bounds(lo=place(begin, tz).lo, hi=place(end, tz).hi)
    lo = np.full(raw.seconds.size, ABSENT)
    hi = lo.copy()
    aware = raw.forms == AWARE
    lo[aware] = hi[aware] = raw.seconds[aware]
    local = (raw.forms == DATE) | (raw.forms == NAIVE)
    if local.any():
        start, stop = _localise(raw.seconds[local], raw.forms[local] == DATE, tz)
        lo[local], hi[local] = start, stop
    return Bounds(lo=lo, hi=hi)


def _localise(wall: Seconds, is_date: Flags, tz: str) -> tuple[Seconds, Seconds]:
    day = wall // DAY
    first = int(day.min())
    begins = np.zeros(int(day.max()) - first + 2, np.int64)
    for d in pd.unique(day).tolist():
        begins[d - first], begins[d - first + 1] = midnight(d, tz), midnight(d + 1, tz)
    start, stop = begins[day - first], begins[day - first + 1]
    shifted = np.flatnonzero((stop - start != DAY) & ~is_date)
    instant = start + (wall - day * DAY)
    lo, hi = np.where(is_date, start, instant), np.where(is_date, stop, instant)
    if shifted.size:  # the clocks change on these days
        stamps = pd.DatetimeIndex(wall[shifted].astype("datetime64[s]"))
        for bound, is_first in ((lo, True), (hi, False)):
            placed = stamps.tz_localize(
                tz, ambiguous=np.full(shifted.size, is_first), nonexistent="shift_forward"
            )
            bound[shifted] = placed.tz_convert("UTC").tz_localize(None).astype("datetime64[s]")
    return lo, hi


def midnight(day: int, tz: str) -> int:
    """Second of the epoch at which a local day begins, counted from 1970-01-01."""
    date = dt.date(1970, 1, 1) + dt.timedelta(days=day)
    zone = ZoneInfo(tz)
    return round(dt.datetime(date.year, date.month, date.day, tzinfo=zone).timestamp())


def are_midnights(raw: RawTimes, tz: str) -> bool:
    """Whether a datetime64 column holds nothing but exact local midnights."""
    given = (raw.forms == NAIVE) | (raw.forms == AWARE)
    if not raw.is_typed or not given.any():
        return False
    seconds, forms = raw.seconds[given], raw.forms[given]
    for some in (slice(None, 1000), slice(None)):  # most columns are told by their first rows
        if not (_wall(seconds[some], forms[some], tz) % DAY == 0).all():
            return False
    return True


def _wall(seconds: Seconds, forms: Forms, tz: str) -> Seconds:
    if not (forms == AWARE).any():
        return seconds
    stamps = pd.DatetimeIndex(seconds.astype("datetime64[s]")).tz_localize("UTC")
    wall = stamps.tz_convert(tz).tz_localize(None)
    return wall.to_numpy().astype("datetime64[s]").astype(np.int64)


def as_dates(raw: RawTimes, tz: str) -> RawTimes:
    """Read midnights as the dates that they stand for."""
    given = (raw.forms == NAIVE) | (raw.forms == AWARE)
    seconds, forms = raw.seconds.copy(), raw.forms.copy()
    seconds[given] = _wall(seconds[given], forms[given], tz)
    forms[given] = DATE
    return RawTimes(seconds=seconds, forms=forms, zone=raw.zone)
