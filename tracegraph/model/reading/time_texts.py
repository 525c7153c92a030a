"""Times as people write them, in English and Chinese, by digits and by words.

`_plain` gives all spellings one alphabet; one pattern cuts a text into its date, its clock
and its offset; a few patterns read the date. All of it runs on distinct texts, by columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracegraph.model.reading.moments import (
    ABSURD,
    AMBIGUOUS,
    AWARE,
    DATE,
    DAY,
    DAY_FIRST,
    EITHER_ORDER,
    HOUR,
    MISSING,
    MONTH_DAY,
    MONTH_DAY_HOUR,
    MONTH_FIRST,
    NAIVE,
    NO_ORDER,
    SOME_LEAP_YEAR,
    UNREADABLE,
    Orders,
    RawTimes,
    days_of,
    from_datetimes,
    gathered,
    in_calendar,
)
from tracegraph.model.reading.time_numbers import is_clock, read_numbers

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.reading.moments import Flags, Seconds

    Fields = dict[str, Any]

_DATE = r"^\d{4}-\d{2}-\d{2}$"
_INSTANT = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?"
_PLACED = (
    r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}|[ T]\d{2}:\d{2}:\d{2}(\.\d+)?)(Z| ?[+-]\d{2}(:?\d{2})?)$"
)
_ISO = ((_DATE, DATE), (_INSTANT + "$", NAIVE), (_PLACED, AWARE))
_INTERVAL = r"^(?P<first>\d{4}-[^/]+)/(?P<last>\d{4}-[^/]+)$"
_NUMBER = r"^(0|[1-9]\d{0,17})?(\.\d+)?$"

_SPELLINGS = (
    (r"[\s\p{Z}]+", " "),
    (r"\(?(星期|礼拜|禮拜|周|週)[一二三四五六日天]\)?", " "),
    (r" ?([年月]) ?", r"\1"),
    (r" ?[日号號] ?", "日 "),
    (r" ?(点钟|點鐘|点|點|時|时) ?", "时"),
    (r"时半", "时30分"),
    (r"(时|分)[整正]", r"\1"),
    (r" ?分钟? ?", "分"),
    (r" ?秒 ?", ""),
    (r"\b([ap])\.? ?m\b\.?", r"\1m"),
    (r"^(\d{8})[ t]?(\d{2})(\d{2})(\d{2})(z|[+-].*)$", r"\1 \2:\3:\4\5"),
    (r"^(\d{8})[ t](\d{2})(\d{2})(\d{2})$", r"\1 \2:\3:\4"),
    (r"^(\d{8})[ t]?(\d{2})(\d{2})(z|[+-].*)$", r"\1 \2:\3\4"),
    (r"^(\d{8})[ t](\d{2})(\d{2})$", r"\1 \2:\3"),
    (r"^ +| +$", ""),
)

_BEFORE_NOON = "上午|早上|早晨|清晨|凌晨|am"
_AFTER_NOON = "下午|午后|傍晚|pm"
_EVENING = "晚上|夜里|夜间|晚间|晚"
_NOON = "中午|正午"
_NOON_OR_MIDNIGHT = ("上午", "早上", "早晨", "清晨")  # with 12点: nobody knows which
_HALVES = f"{_BEFORE_NOON}|{_AFTER_NOON}|{_EVENING}|{_NOON}"
_CLOCK = (
    rf"(?:(?P<before>{_HALVES}) ?)?"
    r"(?:(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?"
    r"|(?P<ch>\d{1,2})时(?:(?P<cm>\d{1,2})分?(?:(?P<cs>\d{1,2}))?)?"
    r"|(?P<bh>\d{1,2}) ?(?P<bare>am|pm))"
    r"(?: ?(?P<after>am|pm))?"
    r"(?: ?(?P<zone>z|utc|gmt|(?:utc|gmt)?[+-]\d{2}(?::?\d{2})?|(?:utc|gmt)[+-]\d))?"
)
_TEXT = rf"^(?P<date>.*?)(?:(?:^|,? (?:at )?|t){_CLOCK})?$"
_OFFSET = r"(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?$"

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTH = {name[:length]: i for i, name in enumerate(_MONTHS, 1) for length in (3, len(name))}
_MONTH["sept"] = 9
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? )?"
_NTH = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
_NAME = r"(?P<name>[a-z]{3,9})\.?"
_DATES = (
    *(rf"^(?P<y>\d{{4}})[{s}](?P<m>\d{{1,2}})[{s}](?P<d>\d{{1,2}})$" for s in "-/."),
    r"^(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日?$",
    r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})$",
    r"^(?P<m>\d{1,2})月(?P<d>\d{1,2})日?$",
    rf"^{_WEEKDAY}{_NTH}[- ]?{_NAME}(?:,?[- ](?P<y>\d{{4}}))?$",
    rf"^{_WEEKDAY}{_NAME}[- ]{_NTH}(?:, ?|[- ])(?P<y>\d{{4}})$",
    rf"^(?P<y>\d{{4}})[- ]{_NAME}[- ]{_NTH}$",
)
_TWO_NUMBERS = tuple(rf"^(?P<p>\d{{1,2}})[{s}](?P<q>\d{{1,2}})[{s}](?P<y>\d{{4}})$" for s in "-/.")


def read_texts(text: pa.Array) -> RawTimes:
    """Tell what each of some distinct texts is; none is missing, none has blanks around it."""
    rest = np.arange(len(text))
    parts = []
    for reader in (_iso, _intervals, _numbers):
        if not rest.size:
            break
        rows, read = reader(text.take(pa.array(rest)))
        parts.append((rest[rows], read))
        rest = rest[~rows]
    if rest.size:
        parts.append((rest, _free(text.take(pa.array(rest)))))
    return gathered(len(text), parts)


def _found(text: pa.Array, pattern: str) -> Flags:
    rows = pc.match_substring_regex(text, pattern).to_numpy(zero_copy_only=False)
    return np.asarray(rows, np.bool_)


def _iso(text: pa.Array) -> tuple[Flags, RawTimes]:
    """ISO 8601 by pandas, which is fast; what it cannot read is left to the others."""
    rows, parts = np.zeros(len(text), np.bool_), []
    for pattern, form in _ISO:
        found = np.flatnonzero(_found(text, pattern))
        if not found.size:
            continue
        some = text.take(pa.array(found))
        if form == AWARE:  # no parser knows a blank before the offset
            some = pc.replace_substring_regex(some, " ([+-])", r"\1")
        read = pd.to_datetime(
            some.to_pandas(), format="ISO8601", errors="coerce", utc=form == AWARE
        )
        naive = read.dt.tz_localize(None) if form == AWARE else read
        values = from_datetimes(naive.to_numpy(), form)
        lawful = values.forms != MISSING
        rows[found[lawful]] = True
        parts.append((found[lawful], values.take(np.flatnonzero(lawful))))
    return rows, gathered(len(text), parts).take(np.flatnonzero(rows))


def _intervals(text: pa.Array) -> tuple[Flags, RawTimes]:
    """ISO 8601 intervals: two dates, or two instants alike."""
    sides = pc.extract_regex(text, _INTERVAL)
    rows = np.asarray(sides.is_valid().to_numpy(zero_copy_only=False), np.bool_)
    first, last = (read_texts(sides.field(i).filter(pa.array(rows))) for i in (0, 1))
    lawful = np.isin(first.forms, (DATE, NAIVE, AWARE))
    lawful &= (first.forms == last.forms) & (first.seconds <= last.seconds)
    forms = np.where(lawful, first.forms, UNREADABLE).astype(np.uint8)
    until = last.seconds if rows.any() else None
    return rows, RawTimes(seconds=first.seconds, forms=forms, until=until)


def _numbers(text: pa.Array) -> tuple[Flags, RawTimes]:
    rows = _found(text, _NUMBER)
    values = pc.cast(text.filter(pa.array(rows)), pa.float64())
    return rows, read_numbers(values.to_numpy(zero_copy_only=False))


def _plain(text: pa.Array) -> pa.Array:
    text = pc.replace_substring_regex(text, r"\p{No}", "?")  # the mark of a note is no digit
    plain = pc.utf8_lower(pc.utf8_normalize(text, "NFKC"))
    for spelling, ours in _SPELLINGS:
        plain = pc.replace_substring_regex(plain, spelling, ours)
    return plain


def _free(text: pa.Array) -> RawTimes:
    fields = _groups(_plain(text), _TEXT)[1]
    clock, has_clock, lawful_clock = _clocks(fields)
    offset, has_offset, lawful_offset = _offsets(fields["zone"])
    lawful_offset &= ~_are_hours(fields, clock, offset)
    dates = _dates(fields["date"])
    has_date = ~np.equal(_array(fields["date"]), "")
    form = np.where(has_clock, np.where(has_offset, AWARE, NAIVE), DATE)
    yearless = np.where(has_clock, MONTH_DAY_HOUR, MONTH_DAY)
    seconds = dates.days * DAY + clock - offset
    forms = np.select(
        [
            ~(lawful_clock & lawful_offset) | (has_date & ~dates.lawful),
            ~has_date & has_clock & ~has_offset,
            ~has_date | (dates.lacks_year & has_offset),
            dates.lacks_year,
            ~in_calendar(seconds),
            dates.order == EITHER_ORDER,
        ],
        [UNREADABLE, HOUR, UNREADABLE, yearless, ABSURD, AMBIGUOUS],
        form,
    ).astype(np.uint8)
    orders = None
    if dates.order.any():
        swapped = dates.swapped * DAY + clock - offset
        orders = Orders(
            order=np.where(forms == UNREADABLE, NO_ORDER, dates.order).astype(np.uint8),
            swapped=swapped,
            form=form.astype(np.uint8),
        )
    seconds = np.where(forms == HOUR, clock, seconds)
    return RawTimes(seconds=seconds, forms=forms, orders=orders)


def _groups(text: pa.Array, pattern: str) -> tuple[Flags, Fields]:
    """Where a pattern matches, and its groups: "" where a group has no part."""
    cut = pc.extract_regex(text, pattern)
    rows = np.asarray(cut.is_valid().to_numpy(zero_copy_only=False), np.bool_)
    return rows, {cut.type.field(i).name: cut.field(i) for i in range(cut.type.num_fields)}


def _array(text: pa.Array) -> npt.NDArray[Any]:
    return np.asarray(text.to_numpy(zero_copy_only=False), object)


def _whole(digits: pa.Array, *, missing: int = 0) -> Seconds:
    """Integers of texts of digits."""
    given = pc.if_else(pc.equal(digits, ""), str(missing), digits)
    return np.asarray(pc.cast(given, pa.int64()).to_numpy(zero_copy_only=False), np.int64)


def _clocks(fields: Fields) -> tuple[Seconds, Flags, Flags]:
    """Seconds of the day, whether there is a clock at all, whether it can show this."""
    hour = np.maximum.reduce([_whole(fields[name], missing=-1) for name in ("h", "ch", "bh")])
    minute = np.maximum(_whole(fields["m"]), _whole(fields["cm"]))
    second = np.maximum(_whole(fields["s"]), _whole(fields["cs"]))
    has_clock = hour >= 0
    said = [_array(fields[name]) for name in ("before", "after", "bare")]
    halves = sum(np.not_equal(words, "").astype(np.int64) for words in said)
    hour = _hours(hour, said[0] + said[1] + said[2])
    lawful = ~has_clock | (is_clock(hour, minute, second) & (halves <= 1))
    lawful &= (_whole(fields["ch"]) != 12) | ~np.isin(said[0], _NOON_OR_MIDNIGHT)
    return np.where(has_clock, hour * 3600 + minute * 60 + second, 0), has_clock, lawful


def _hours(hour: Seconds, half: npt.NDArray[Any]) -> Seconds:
    """Hours of 24 from hours of a named half of the day; -1 where the two disagree."""
    codes = np.array([_HALF_OF.get(word, len(_HOURS) - 1) for word in half], np.int64)
    return _HOURS[codes, np.minimum(hour, 25)]


def _half(**hours: int) -> list[int]:
    table = [-1] * 27
    for name, shift in hours.items():
        first, last = (int(part) for part in name[1:].split("to"))
        for hour in range(first, last + 1):
            table[hour] = hour + shift
    return table


_HOURS = np.array(
    [
        _half(h0to11=0, h12to12=-12),
        _half(h1to11=12, h12to23=0),
        _half(h5to11=12, h12to12=12, h17to24=0),  # twelve at night is the end of the day
        _half(h11to12=0, h1to2=12, h13to14=0),
        _half(h0to24=0),
    ]
)
_HALF_OF = {
    word: code
    for code, words in enumerate((_BEFORE_NOON, _AFTER_NOON, _EVENING, _NOON))
    for word in words.split("|")
}


def _offsets(zone: pa.Array) -> tuple[Seconds, Flags, Flags]:
    """Seconds to the east of Greenwich, whether they are given, whether they can be."""
    has_offset = np.not_equal(_array(zone), "")
    rows, fields = _groups(zone, _OFFSET)
    hours, minutes = (_whole(pc.fill_null(fields[n], "")) for n in ("hours", "minutes"))
    sign = np.where(_array(fields["sign"]) == "-", -1, 1)
    lawful = (hours <= 15) & (minutes < 60)
    return np.where(rows, sign * (hours * 3600 + minutes * 60), 0), has_offset, lawful


def _are_hours(fields: Fields, clock: Seconds, offset: Seconds) -> Flags:
    """Whether what looks like an offset may be the end of a stay: 2022-05-09 08:30-09:30."""
    is_minus = np.asarray(pc.starts_with(fields["zone"], "-").to_numpy(zero_copy_only=False))
    has_seconds = np.not_equal(_array(fields["s"]), "")
    return np.asarray(is_minus & ~has_seconds & (-offset > clock), np.bool_)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Days:
    """Days of texts: in the other order too where both are possible."""

    days: Seconds
    lawful: Flags
    lacks_year: Flags
    order: npt.NDArray[np.uint8]
    swapped: Seconds


def _dates(text: pa.Array) -> _Days:
    year, month, day = np.zeros((3, len(text)), np.int64)
    for pattern in _DATES:
        rows, got = _numbers_of(text, pattern)
        month[rows], day[rows] = got["m"], got["d"]
        year[rows] = got.get("y", 0)
    lacks_year = (year == 0) & (month > 0)
    year[lacks_year] = SOME_LEAP_YEAR
    days, lawful = days_of(year, month, day)
    order, swapped = np.full(len(text), NO_ORDER, np.uint8), np.zeros(len(text), np.int64)
    for pattern in _TWO_NUMBERS:
        rows, got = _numbers_of(text, pattern)
        first, is_first = days_of(got["y"], got["q"], got["p"])
        other, is_other = days_of(got["y"], got["p"], got["q"])
        days[rows], swapped[rows] = np.where(is_first, first, other), other
        lawful[rows] = is_first | is_other
        told = np.where(is_first, np.where(is_other, EITHER_ORDER, DAY_FIRST), MONTH_FIRST)
        order[rows] = np.where(got["p"] == got["q"], NO_ORDER, told)
    return _Days(days=days, lawful=lawful, lacks_year=lacks_year, order=order, swapped=swapped)


def _numbers_of(text: pa.Array, pattern: str) -> tuple[Flags, dict[str, Seconds]]:
    """Where a pattern matches, and the numbers that it finds there; months by their names."""
    rows, fields = _groups(text, pattern)
    kept = pa.array(rows)
    got = {n: _whole(f.filter(kept)) for n, f in fields.items() if n != "name"}
    if "name" in fields:
        names = fields["name"].filter(kept).to_pylist()
        got["m"] = np.array([_MONTH.get(name, 0) for name in names], np.int64)
    return rows, got
