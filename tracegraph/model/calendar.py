"""Seconds since the graph's origin, and the local calendar they stand for (RULE 1, 2)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.facts import Ticks

NEVER = np.int32(2**31 - 1)
"""Later than every instant: an open end, a window without cap, nobody reached."""

BEFORE = np.int32(-(2**31))
"""Earlier than every instant: known from the start."""

PAD_DAYS = 8000
"""Days kept on either side of the origin: the 20 years that a graph may span, and what windows
and quarantines add. Day arithmetic beyond them is refused."""


@lru_cache(maxsize=16)
def _midnights(tz: str, origin: dt.date) -> tuple[int, npt.NDArray[np.int64]]:
    """Epoch second of the origin, and seconds from there to each local midnight."""
    zone = ZoneInfo(tz)
    days = [origin + dt.timedelta(days=n) for n in range(-PAD_DAYS, PAD_DAYS + 1)]
    stamps = np.array(
        [round(dt.datetime(d.year, d.month, d.day, tzinfo=zone).timestamp()) for d in days]
    )
    midnights = stamps - stamps[PAD_DAYS]
    midnights.flags.writeable = False
    return int(stamps[PAD_DAYS]), midnights


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Local midnights around an origin, so that day arithmetic survives a clock change.

    Parameters
    ----------
    tz : str
        IANA name of the graph's time zone.
    origin : datetime.date
        The local date whose midnight is second 0.

    Examples
    --------
    >>> import datetime as dt
    >>> berlin = Calendar(tz="Europe/Berlin", origin=dt.date(2022, 3, 26))
    >>> int(berlin.midnight(2) - berlin.midnight(1)) // 3600    # the clocks go forward
    23
    """

    tz: str
    origin: dt.date
    midnights: npt.NDArray[np.int64] = field(init=False, repr=False, compare=False)
    _epoch: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        epoch, midnights = _midnights(self.tz, self.origin)
        object.__setattr__(self, "_epoch", epoch)
        object.__setattr__(self, "midnights", midnights)

    @property
    def epoch(self) -> int:
        """Second 0, as a second since 1970-01-01 UTC."""
        return self._epoch

    def midnight(self, day: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Second at which local day `day` (0 is the origin's date) begins."""
        position = np.asarray(day) + PAD_DAYS
        if (position < 0).any():  # a negative index would count from the other end
            message = f"a day more than {PAD_DAYS} days before {self.origin}"
            raise IndexError(message)
        return np.asarray(self.midnights[position])

    def day(self, second: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Local day of an instant, counted from the origin's date."""
        found = np.searchsorted(self.midnights, np.asarray(second), side="right")
        return found.astype(np.int64) - 1 - PAD_DAYS

    def add_days(self, second: npt.ArrayLike, days: int) -> npt.NDArray[np.int64]:
        """Move the same local time of day, `days` calendar days on."""
        day = self.day(second)
        time_of_day = np.asarray(second, dtype=np.int64) - self.midnight(day)
        return self.midnight(day + days) + time_of_day

    def ceil(self, second: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """First local midnight at or after an instant."""
        return self.midnight(self.day(np.asarray(second) - 1) + 1)

    def floor(self, second: npt.ArrayLike) -> npt.NDArray[np.int64]:
        """Last local midnight at or before an instant."""
        return self.midnight(self.day(second))

    def date(self, second: int) -> dt.date:
        """Local date of an instant."""
        return self.origin + dt.timedelta(days=int(self.day(second)))

    def second(self, moment: pd.Timestamp) -> int:
        """Second of a moment; naive moments are local."""
        aware = moment.tz_localize(self.tz) if moment.tzinfo is None else moment
        return int(np.floor(aware.timestamp())) - self._epoch

    def timestamps(self, seconds: Ticks | npt.ArrayLike) -> pd.DatetimeIndex:
        """Aware timestamps in the graph's zone; `NEVER` and `BEFORE` become NaT."""
        ticks = np.asarray(seconds, dtype=np.int64)
        known = (ticks != NEVER) & (ticks != BEFORE)
        epoch = np.where(known, ticks + self._epoch, 0).astype("datetime64[s]")
        index = pd.DatetimeIndex(np.where(known, epoch, np.datetime64("NaT", "s")))
        return index.tz_localize("UTC").tz_convert(self.tz)
