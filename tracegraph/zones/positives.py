"""People who were found positive and are in no row of `cases` yet.

A result is there before the line list is written: to their homes they are cases, from the
specimen on. Those count who were at home when it was taken, or when the look-back of the
protocol begins. Where else they had been only their row in `cases` tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from tracegraph.zones.ground import Ground


def positives_without_case(ground: Ground, specimens: pd.DataFrame) -> pd.DataFrame:
    """First such specimen of each resident: `person` (code), `second`.

    A pool makes nobody positive, and a case with a row that the protocol leaves out has one.
    """
    own = specimens[(specimens["result"] == 1) & (specimens["pool"] < 0)]
    listed = ground.trace.graph.facts.cases.person
    person, second = own["person"].to_numpy(np.int64), own["second"].to_numpy(np.int64)
    was_home = ~ground.is_away(person, second - _look_back(ground))
    at_home = (ground.home_area[person] >= 0) & (own["is_inside"] | was_home)
    found = own.loc[at_home & ~own["person"].isin(listed), ["person", "second"]]
    first: pd.DataFrame = found.groupby("person", as_index=False)["second"].min()
    return first


def _look_back(ground: Ground) -> int:
    window = ground.trace.protocol.window
    return (window.look_back_days or 0) * 86_400 + (window.look_back_hours or 0) * 3600
