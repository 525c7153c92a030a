"""The zones in force: what `zone_history`, else `areas.zone`, says as of the trace's moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.model.schemas import ZONE_WORDS, ZONES
from tracegraph.zones.ground import codes, column
from tracegraph.zones.tree import NOWHERE, UNDATED

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from tracegraph.model.facts import ZoneHistory
    from tracegraph.protocols.protocol import Zones
    from tracegraph.zones.ground import Ground

    Whole: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """Zone of each area code as of now.

    Parameters
    ----------
    label : array of int64
        Position in `LABELS`; -1 where nothing is said of the area or of one around it.
    since : array of int64
        Second from which it is in force; `UNDATED` where that is not known.
    order : array of int64
        Which order of `zone_history` drew it, numbered by text; -1 where none is named.
    """

    label: Whole
    since: Whole
    order: Whole


def zone_words(zones: Zones | None) -> dict[str, int]:
    """Words for zones, folded, and the position of their label.

    Labels, the names of the three-zone rules, low, medium and high, and the names that the
    protocol gives its own zones.

    Examples
    --------
    >>> words = zone_words(None)
    >>> [words[word] for word in ("封控区", "medium", "低风险区", "none")]
    [3, 2, 1, 0]
    """
    words = {word: ZONES.index(label) for word, label in ZONE_WORDS.items()}
    for number, label in enumerate(ZONES):
        zone = zones.zone_of(label) if zones else None  # type: ignore[arg-type]  # a ZoneLabel
        if zone is not None:
            words[zone.name.strip().lower()] = number
    return words


def labels_called(cells: Iterable[Any], zones: Zones | None) -> Whole:
    """Position of the label that each cell names; -1 where it names none."""
    words = zone_words(zones)
    texts = (cell.strip().lower() if isinstance(cell, str) else "" for cell in cells)
    found = [words.get(text, NOWHERE) for text in texts]
    return np.array(found, dtype=np.int64)


def zones_in_force(ground: Ground, zones: Zones | None) -> InForce:
    """Zone of each area: of `zone_history`, else of `areas`, else of the nearest area around.

    Of several rows in force the one that began last holds, of equal ones the stronger, of
    these the one whose order comes last by its text. Rows that have not begun, and words that
    are none for a zone, tell nothing. A row that has ended tells of its area that it has no
    zone of its own, unless `areas.zone_since` is later than its start. `areas.zone` says
    nothing before its `zone_since`; beside a history that has begun, "none" there leaves an
    area to the area around it.
    """
    rows, named = _begun(ground, zones)
    label, since, order = _of_history(ground, rows, named)
    stated, dated = _of_areas(ground, zones)
    if len(rows):
        told = rows.start_lo >= dated[rows.area]
        stated[rows.area[told]] = NOWHERE
        stated[stated == 0] = NOWHERE
    silent = label == NOWHERE
    label[silent], since[silent] = stated[silent], dated[silent]
    near = ground.tree.nearest(label != NOWHERE)
    none = near == NOWHERE
    return InForce(
        label=np.where(none, NOWHERE, label[near]),
        since=np.where(none, UNDATED, since[near]),
        order=np.where(none, NOWHERE, order[near]),
    )


def _begun(ground: Ground, zones: Zones | None) -> tuple[ZoneHistory, Whole]:
    """Rows of `zone_history` that have begun and name a zone, and their labels."""
    rows = ground.trace.graph.facts.zone_history
    named = np.append(labels_called(ground.trace.graph.zone_names, zones), NOWHERE)[rows.zone]
    begun = (rows.start_lo <= ground.now) & (named != NOWHERE)
    return rows.take(begun), named[begun]


def _of_history(ground: Ground, rows: ZoneHistory, named: Whole) -> tuple[Whole, Whole, Whole]:
    """Label, start and order of the row in force in each area."""
    holds = rows.end_hi > ground.now
    rows, named = rows.take(holds), named[holds]
    orders = _orders(ground)[rows.row]
    last = np.lexsort((orders, named, rows.start_lo))  # the last one written stays
    at = rows.area[last]
    label = np.full(len(ground.tree), NOWHERE)
    since = np.full(len(ground.tree), UNDATED)
    order = np.full(len(ground.tree), NOWHERE)
    label[at], since[at], order[at] = named[last], rows.start_lo[last], orders[last]
    return label, since, order


def _orders(ground: Ground) -> Whole:
    """Number of the order of each row of `zone_history`, by its text; -1 where none is named."""
    cells = column(ground.trace.graph.table("zone_history"), "order")
    texts = cells.where(cells.isna(), cells.astype("str")).astype("object")
    return pd.factorize(texts, sort=True)[0].astype(np.int64)


def _of_areas(ground: Ground, zones: Zones | None) -> tuple[Whole, Whole]:
    """Label that `areas.zone` states, and since when; not where that is still to come."""
    areas = ground.trace.graph.areas
    label = np.full(len(ground.tree), NOWHERE)
    since = np.full(len(ground.tree), UNDATED)
    at = codes(ground.trace.graph.area_ids, areas["area_id"])
    label[at] = labels_called(column(areas, "zone"), zones)
    if "zone_since" in areas.columns:
        since[at] = ground.seconds(areas["zone_since"])
    label[since > ground.now] = NOWHERE
    since[label == NOWHERE] = UNDATED
    return label, since
