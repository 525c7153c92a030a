"""Labels that a caller or a table gives to areas, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.errors import TableError
from tracegraph.zones.criteria import LABELS
from tracegraph.zones.ground import codes
from tracegraph.zones.in_force import labels_called
from tracegraph.zones.tree import NOWHERE

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.protocols.protocol import ZoneLabel
    from tracegraph.tracing.trace import Trace
    from tracegraph.zones.tree import AreaTree

    Whole: TypeAlias = npt.NDArray[np.int64]
    Flags: TypeAlias = npt.NDArray[np.bool_]


def labels_given(
    trace: Trace, tree: AreaTree, zones: Mapping[Any, str] | pd.DataFrame | None, name: str
) -> Whole:
    """Label of each area by code, handed down to all that it holds; -1 where none is given.

    Of an area and those around it, `at_least` takes the strongest, `at_most` the weakest.

    Raises
    ------
    TableError
        If an area or a zone is unknown.
    """
    frame = _as_frame(zones, name)
    area = codes(trace.graph.area_ids, frame["area_id"])
    _refuse(frame["area_id"], area == NOWHERE, f"{name}: no area is called", "areas.area_id")
    label = labels_called(frame["zone"], trace.protocol.zones)
    named = [label for label in LABELS if label == "none" or _has(trace, label)]
    unknown = ~np.isin(label, [LABELS.index(word) for word in named])
    what = f"{name}: {trace.protocol.name} has no zone called"
    _refuse(frame["zone"], unknown, what, ", ".join(named))
    sign, nothing = (1, NOWHERE) if name == "at_least" else (-1, len(LABELS))
    own = np.full(len(tree), sign * nothing)
    np.maximum.at(own, area, sign * label)  # the weakest is the strongest, signs turned
    found = sign * tree.handed_down(own, sign * nothing)
    return np.where(found == nothing, NOWHERE, found)


def refuse_contradiction(trace: Trace, floor: Whole, ceiling: Whole, finest: Whole) -> None:
    """Refuse floors above ceilings, naming one such area."""
    wrong = finest[floor[finest] > ceiling[finest]]
    if wrong.size:
        area = int(wrong[0])
        msg = (
            f"area {trace.graph.area_ids[area]!r} must be at least {LABELS[floor[area]]} and at "
            f"most {LABELS[ceiling[area]]} ({wrong.size:,} such areas).\n"
            "    Change at_least or at_most there; clauses=False lifts what the clauses require."
        )
        raise TableError(msg)


def _as_frame(zones: Mapping[Any, str] | pd.DataFrame | None, name: str) -> pd.DataFrame:
    if isinstance(zones, pd.DataFrame) and {"area_id", "zone"} <= set(zones.columns):
        return zones
    if isinstance(zones, Mapping) or zones is None:
        given = dict(zones or {})
        return pd.DataFrame({"area_id": list(given), "zone": list(given.values())}, dtype="object")
    msg = f"{name} is neither a dict nor a frame with the columns area_id and zone.\n    Pass one."
    raise TableError(msg)


def _has(trace: Trace, label: ZoneLabel) -> bool:
    zones = trace.protocol.zones
    return zones is not None and zones.zone_of(label) is not None


def _refuse(values: pd.Series[Any], wrong: Flags, what: str, instead: str) -> None:
    unknown = values[wrong]
    if len(unknown):
        msg = f"{what} {unknown.iloc[0]!r} ({len(unknown):,} such).\n    Use one of {instead}."
        raise TableError(msg)
