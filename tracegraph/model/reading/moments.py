"""What a cell of a column of times may be: its form, and a second that stands for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tracegraph.model.constant import everywhere, is_constant

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    Seconds: TypeAlias = npt.NDArray[np.int64]
    Whole: TypeAlias = npt.NDArray[np.int32]
    Forms: TypeAlias = npt.NDArray[np.uint8]
    Flags: TypeAlias = npt.NDArray[np.bool_]

DAY = 86_400
MANY = 100_000
"""Values of a column from which a quick look at all of them pays."""

_UNITS = {("s", 1): 1, ("ms", 1): 1000, ("us", 1): 1_000_000, ("ns", 1): 1_000_000_000}

MISSING, DATE, NAIVE, AWARE, UNREADABLE, ABSURD = range(6)
"""Forms of a value. ABSURD: a year so far off that no calendar holds it."""

BLANK, HOUR, SERIAL, EPOCH, MONTH_DAY, MONTH_DAY_HOUR, AMBIGUOUS, EMPTY, VOID = range(6, 15)
"""Forms that the cell alone does not settle.

Nothing but blanks; an hour without a date; days of a spreadsheet; seconds of the epoch; a date
or an instant without its year; a day and a month of unknown order; a spreadsheet's date of an
empty cell; a word for an empty cell.
"""

NO_ORDER, DAY_FIRST, MONTH_FIRST, EITHER_ORDER = range(4)
"""What a date such as 9/5/2022 says of the order of day and month."""

SOME_LEAP_YEAR = 2000
"""Year in which a date without one is kept."""

FIRST_YEAR, LAST_YEAR = 1000, 9000


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Dates whose day and month are both numbers: what they would be in the other order.

    Parameters
    ----------
    order : array of uint8
        What each value says of the order.
    swapped : array of int64
        Where both orders are possible: the second with the month first.
    form : array of uint8
        Where both orders are possible: DATE, NAIVE or AWARE.
    """

    order: Forms
    swapped: Seconds
    form: Forms


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTimes:
    """A column of times before the zone is known.

    Parameters
    ----------
    seconds : array of int64
        Since 1970-01-01: of the wall clock (DATE, NAIVE) or of the epoch (AWARE, EPOCH); of
        the day (HOUR); of the day numbered 0 (SERIAL); with the day first (AMBIGUOUS).
        Of int32 where a quick look found nothing but instants of our time: see `plain`.
    forms : array of uint8
        What each value is.
    until : array of int64, optional
        Where a value is an interval, the second (DATE: the day) that it ends with; else
        `seconds`. None: no value is an interval.
    orders : Orders, optional
        None: no value has its day and its month as numbers of unknown order.
    zone : str, optional
        Named zone of a column that has one.
    is_typed : bool
        A datetime64 column: it cannot hold dates, so midnights may stand for them.
    midnights : int, optional
        How many values are midnights, where that was counted: of instants of one form.
    span : tuple of int, optional
        The earliest and the latest of them.
    """

    seconds: Seconds
    forms: Forms
    until: Seconds | None = None
    orders: Orders | None = None
    zone: str | None = None
    is_typed: bool = False
    midnights: int | None = None
    span: tuple[int, int] | None = None

    @property
    def form(self) -> int | None:
        """The one form of every value, where that is known without looking at each."""
        return int(self.forms[0]) if self.forms.size and is_constant(self.forms) else None

    def has(self, *forms: int) -> bool:
        """Whether any value has one of these forms."""
        if self.form is not None:
            return self.form in forms
        return any(bool((self.forms == form).any()) for form in forms)

    def where(self, *forms: int) -> Flags:
        """Values of these forms."""
        if self.form is not None:
            return everywhere(np.bool_(self.form in forms), self.forms.size)
        return np.asarray(np.logical_or.reduce([self.forms == form for form in forms]), np.bool_)

    def changed(self, rows: Flags, forms: Any, seconds: Any = None) -> RawTimes:  # noqa: ANN401
        """Give some rows another form, and other seconds; they are no intervals."""
        new, moved, until = self.forms.copy(), self.seconds, self.until
        new[rows] = forms
        if seconds is not None:
            moved = moved.astype(np.int64)
            moved[rows] = seconds
            if until is not None:
                until = until.copy()
                until[rows] = seconds
        return replace(self, forms=new, seconds=moved, until=until, midnights=None, span=None)

    def take(self, codes: npt.NDArray[Any]) -> RawTimes:
        """Values at these positions; missing where the position is -1."""
        orders = self.orders
        return replace(
            self,
            midnights=None,
            span=None,
            seconds=np.append(self.seconds, 0)[codes],
            forms=np.append(self.forms, MISSING).astype(np.uint8)[codes],
            until=None if self.until is None else np.append(self.until, 0)[codes],
            orders=orders
            and Orders(
                order=np.append(orders.order, NO_ORDER).astype(np.uint8)[codes],
                swapped=np.append(orders.swapped, 0)[codes],
                form=np.append(orders.form, MISSING).astype(np.uint8)[codes],
            ),
        )


def gathered(size: int, parts: Iterable[tuple[npt.NDArray[Any], RawTimes]]) -> RawTimes:
    """Put parts of a column together, each at its positions; the rest is unreadable."""
    parts = list(parts)
    seconds, until = np.zeros(size, np.int64), None
    forms, orders = np.full(size, UNREADABLE, np.uint8), None
    for rows, part in parts:
        seconds[rows], forms[rows] = part.seconds, part.forms
    if any(part.until is not None for _, part in parts):
        until = seconds.copy()
        for rows, part in parts:
            until[rows] = part.seconds if part.until is None else part.until
    if any(part.orders is not None for _, part in parts):
        orders = Orders(
            order=np.zeros(size, np.uint8),
            swapped=np.zeros(size, np.int64),
            form=np.zeros(size, np.uint8),
        )
        for rows, part in parts:
            if part.orders is not None:
                orders.order[rows] = part.orders.order
                orders.swapped[rows] = part.orders.swapped
                orders.form[rows] = part.orders.form
    return RawTimes(seconds=seconds, forms=forms, until=until, orders=orders)


def from_datetimes(values: npt.NDArray[Any], form: int, zone: str | None = None) -> RawTimes:
    """Read datetimes of NumPy: all of them of one form, or missing."""
    told = plain(values, form, zone) if form != DATE else None
    if told is not None:
        return told
    seconds = values.astype("datetime64[s]").astype(np.int64)
    missing = np.isnat(values)
    forms = np.where(missing, MISSING, form).astype(np.uint8)
    forms[~missing & ~in_calendar(seconds)] = ABSURD
    seconds[missing] = 0
    return RawTimes(seconds=seconds, forms=forms, zone=zone, is_typed=form != DATE)


def plain(values: npt.NDArray[Any], form: int, zone: str | None = None) -> RawTimes | None:
    """Read datetimes of NumPy that leave nothing to explain; None if a short column, or some do.

    These are whole seconds from 1971 to 2036, none missing: int32 holds them, and what is added
    to them while they are read.
    """
    parts = PlainTimes(values.size, form, zone)
    if values.size < max(MANY, 1) or not parts.put(0, values):
        return None
    return parts.told()


class PlainTimes:
    """A long column of instants that arrives in pieces, of one form and with none missing.

    Parameters
    ----------
    size : int
        Values of all pieces.
    form : int
    zone : str, optional
    """

    def __init__(self, size: int, form: int, zone: str | None = None) -> None:
        self.seconds: Whole = np.empty(size, np.int32)
        self.form, self.zone = form, zone
        self.looks: list[tuple[int, int, int]] = []

    def put(self, begin: int, values: npt.NDArray[Any]) -> bool:
        """Take a piece; False if one of its values needs a closer look."""
        from tracegraph.model.kernels import whole_seconds

        unit = _UNITS.get(np.datetime_data(values.dtype))
        if unit is None or not values.dtype.isnative:
            return False
        out = self.seconds[begin : begin + values.size]
        whole = np.ascontiguousarray(values).view(np.int64)
        self.looks.append(whole_seconds(whole, unit, _EARLY, _LATE, out))
        return self.looks[-1][0] >= 0

    def told(self) -> RawTimes:
        """Give the column, once it is there."""
        return RawTimes(
            seconds=self.seconds,  # type: ignore[arg-type]  # int32 where int64 is not needed
            forms=everywhere(np.uint8(self.form), self.seconds.size),
            zone=self.zone,
            is_typed=True,
            midnights=sum(number for number, _, _ in self.looks),
            span=(min(low for _, low, _ in self.looks), max(high for _, _, high in self.looks)),
        )


def in_calendar(seconds: Seconds) -> Flags:
    """Whether the year has four digits, and room around it."""
    return (seconds >= _FIRST) & (seconds < _LAST)


def days_of(
    year: npt.NDArray[Any], month: npt.NDArray[Any], day: npt.NDArray[Any]
) -> tuple[Seconds, Flags]:
    """Days since 1970-01-01, and whether the calendar has that day."""
    lawful = (month >= 1) & (month <= 12) & (year >= 1)
    months = (np.where(lawful, year, 1970) - 1970) * 12 + np.where(lawful, month, 1) - 1
    begins = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    ends = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return begins + day - 1, lawful & (day >= 1) & (day <= ends - begins)


def _second_of_year(year: int) -> int:
    days, _ = days_of(np.array([year]), np.array([1]), np.array([1]))
    return int(days[0]) * DAY


_FIRST, _LAST = _second_of_year(FIRST_YEAR), _second_of_year(LAST_YEAR)
_EARLY, _LATE = _second_of_year(1971), _second_of_year(2037)
