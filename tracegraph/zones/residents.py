"""Who lives in each area: people, households, the vulnerable, and who should be inside now."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.zones.ground import codes, column

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.zones.ground import Ground
    from tracegraph.zones.tree import AreaTree

    Whole: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]


def people_of(ground: Ground, tree: AreaTree) -> pd.DataFrame:
    """Count people, households and the vulnerable, one row an area code.

    People and households are as `areas` gives them, else those listed and those of the parts.
    A negative number counts as none given, and so does 0 where people are listed.
    """
    homes = np.unique(ground.home[ground.home >= 0])
    table = {
        "population": _given_or_sum(ground, tree, "population", ground.home_area),
        "households": _given_or_sum(ground, tree, "households", ground.area[homes]),
        "vulnerable": tree.add_up(ground.home_area[ground.vulnerable]),
    }
    return pd.DataFrame(table).astype(np.int64)


def _given_or_sum(ground: Ground, tree: AreaTree, name: str, at: Whole) -> Floats:
    areas = ground.trace.graph.areas
    given = np.full(len(tree), np.nan)
    at_area = codes(ground.trace.graph.area_ids, areas["area_id"])
    given[at_area] = pd.to_numeric(column(areas, name)).to_numpy(np.float64, na_value=np.nan)
    given[(given < 0) | ((given == 0) & (tree.add_up(at) > 0))] = np.nan
    total = np.bincount(at[at >= 0], minlength=len(tree)).astype(np.float64)
    depth = tree.depth()
    for level in range(int(depth.max(initial=0)), -1, -1):
        here = depth == level
        total[here] = np.where(np.isnan(given[here]), total[here], given[here])
        total += tree.of_parts(np.where(here, total, 0))
    return total


def residents_inside(ground: Ground, second: int | None = None) -> Whole:
    """Codes of residents who are not in isolation elsewhere at that second, by default now."""
    persons = np.flatnonzero(ground.home_area >= 0)
    at = np.full(len(persons), ground.now if second is None else second)
    return persons[~ground.is_away(persons, at)]


def to_be_tested(ground: Ground, tree: AreaTree, people: Whole, inside: Whole) -> Floats:
    """People to be tested in each area: listed ones inside, or more if more live there."""
    listed = tree.add_up(ground.home_area[ground.home >= 0])
    here = tree.add_up(ground.home_area[inside])
    return np.maximum(here, people - (listed - here))
