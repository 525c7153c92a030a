"""Wall-clock minutes: the times of a page, as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

Floats: TypeAlias = npt.NDArray[np.float64]

DAY = 1440


def wall_minutes(times: Any) -> Floats:  # noqa: ANN401  # a Series, an index, an array of times
    """Minutes since 1970 by the clock on the wall; NaN where no time is given.

    Examples
    --------
    >>> wall_minutes(pd.DatetimeIndex(["1970-01-02 00:30", None], tz="Asia/Shanghai")).tolist()
    [1470.0, nan]
    """
    index = pd.DatetimeIndex(times)
    local = index if index.tz is None else index.tz_localize(None)
    seconds = local.to_numpy("datetime64[s]")
    known = ~np.isnat(seconds)
    return np.where(known, seconds.astype(np.int64) / 60, np.nan)


def first_midnight(columns: Iterable[Floats]) -> float:
    """Midnight of the first day that any of the columns tells of."""
    least = min((float(np.nanmin(c)) for c in columns if np.isfinite(c).any()), default=0.0)
    return float(np.floor(least / DAY) * DAY)


def date_text(minute: float) -> str:
    """Date of a minute since 1970, such as "2022-05-01"."""
    return str(np.datetime64(round(minute), "m").astype("datetime64[D]"))


def stamp(moment: pd.Timestamp) -> str:
    """Moment with its zone, such as "2022-05-12 18:00 (UTC+08:00)"."""
    text, offset = moment.strftime("%Y-%m-%d %H:%M"), moment.strftime("%z")
    return f"{text} (UTC{offset[:3]}:{offset[3:5]})" if offset else text
