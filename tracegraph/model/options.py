"""What a reader has to be told because no file says it: zone, names of columns, order of days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How tables are read.

    Parameters
    ----------
    tz : str, optional
        Zone of local times.
    columns : dict, optional
        Other names of columns: ``{"arrival": "arrive"}``, or the same by table.
    day_first : bool, optional
        Whether ``9/5/2022`` is the ninth of May; None = it must follow from the column.
    excel_epoch : {1900, 1904}
        Where the serial numbers of spreadsheets count from.
    strict : bool
        Whether a rejected row is an error.
    now : datetime, optional
        Moment of the reading, with its offset; times after it are warned of. None = the clock.
    """

    tz: str | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)
    day_first: bool | None = None
    excel_epoch: Literal[1900, 1904] = 1900
    strict: bool = False
    now: dt.datetime | None = None

    def moment(self) -> int:
        """Second of the reading since 1970 in UTC."""
        return int((self.now or dt.datetime.now(dt.UTC)).timestamp())
