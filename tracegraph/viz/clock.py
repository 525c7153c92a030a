"""The times of a page: minutes that pass, and what the clock on the wall shows meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracegraph.model.calendar import Calendar

Floats: TypeAlias = npt.NDArray[np.float64]

DAY = 1440


def elapsed_minutes(times: Any) -> Floats:  # noqa: ANN401  # a Series, an index, an array of times
    """Minutes that passed since 1970 began in Greenwich; NaN where no time is given.

    An hour that the clocks show twice is two hours here, so that nothing ends before it starts.

    Examples
    --------
    >>> elapsed_minutes(pd.DatetimeIndex(["1970-01-02 08:30", None], tz="Asia/Shanghai")).tolist()
    [1470.0, nan]
    """
    index = pd.DatetimeIndex(times)
    utc = index if index.tz is None else index.tz_convert("UTC").tz_localize(None)
    seconds = utc.to_numpy("datetime64[s]")
    known = ~np.isnat(seconds)
    return np.where(known, seconds.astype(np.int64) / 60, np.nan)


def midnights(dates: Any, calendar: Calendar) -> Floats:  # noqa: ANN401  # as above
    """Elapsed minutes at which local dates begin; NaN where no date is given."""
    days = pd.DatetimeIndex(dates).to_numpy("datetime64[D]")
    known = ~np.isnat(days)
    number = (days - np.datetime64(calendar.origin, "D")).astype(np.int64)
    second = calendar.midnight(np.where(known, number, 0)) + calendar.epoch
    return np.where(known, second / 60, np.nan)


def is_midnight(minutes: Floats, calendar: Calendar) -> npt.NDArray[np.bool_]:
    """Whether a local day begins at each of these elapsed minutes."""
    second = np.round(minutes * 60).astype(np.int64) - calendar.epoch
    return np.asarray(calendar.floor(second) == second)


def first_midnight(columns: Iterable[Floats], calendar: Calendar) -> tuple[str, float]:
    """First local day that the columns tell of: its date, and the minute it begins."""
    least = min(float(np.nanmin(column)) for column in columns)
    second = round(least * 60) - calendar.epoch
    begins = int(calendar.floor(second)) + calendar.epoch
    return calendar.date(second).isoformat(), begins / 60


def shifts(tz: str, origin: str, first: float, last: float) -> list[tuple[float, float]]:
    """Minutes since `first` from which the clock is so many minutes ahead of those that passed.

    Parameters
    ----------
    tz : str
    origin : str
        Date that begins at `first`.
    first, last : float
        Elapsed minutes; clocks are looked at until a day after `last`.

    Examples
    --------
    >>> noon = elapsed_minutes([pd.Timestamp("2022-10-30 12:00", tz="Europe/Berlin")])[0]
    >>> shifts("Europe/Berlin", "2022-10-30", noon - 13 * 60, noon)
    [(180.0, -60.0)]
    """
    starts = np.datetime64(origin, "s").astype(np.int64) / 60 - first

    def ahead(minutes: Floats) -> Floats:
        return _wall(minutes, tz) - minutes - starts

    hours = np.arange(first, last + DAY, 60.0)
    told = ahead(hours)
    # midnight itself may be missing where clocks are turned at midnight
    found = [(0.0, float(told[0]))] if told[0] else []
    for k in np.flatnonzero(np.diff(told)):
        within = hours[k] + np.arange(1.0, 61.0)
        at = within[np.argmax(ahead(within) != told[k])]
        found.append((float(at - first), float(told[k + 1])))
    return found


def _wall(minutes: Floats, tz: str) -> Floats:
    """Minutes since 1970 that the clock on the wall shows."""
    seconds = np.round(minutes * 60).astype("datetime64[s]")
    local = pd.DatetimeIndex(seconds, tz="UTC").tz_convert(tz).tz_localize(None)
    return local.to_numpy("datetime64[s]").astype(np.int64) / 60


def stamp(moment: pd.Timestamp) -> str:
    """Moment with its zone, such as "2022-05-12 18:00 (UTC+08:00)"."""
    text, offset = moment.strftime("%Y-%m-%d %H:%M"), moment.strftime("%z")
    return f"{text} (UTC{offset[:3]}:{offset[3:5]})" if offset else text
