"""Measures for whole areas that are no zones: static management, suspended events."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.facts import Measures
    from tracegraph.zones.ground import Ground

    Flags: TypeAlias = npt.NDArray[np.bool_]

UNNAMED = "unnamed"


def measures_in_force(ground: Ground) -> Measures:
    """Rows of `measures` that have begun by now and have not ended."""
    rows = ground.trace.graph.facts.measures
    return rows.take((rows.start_lo <= ground.now) & (rows.end_hi > ground.now))


def is_under(ground: Ground, kind: str) -> Flags:
    """Whether a measure of this kind is in force in each area, or in an area around it."""
    named = np.array([*(word == kind for word in ground.trace.graph.measure_kinds), False])
    rows = measures_in_force(ground)
    own = np.zeros(len(ground.tree), dtype=bool)
    own[rows.area[named[rows.kind]]] = True
    return np.asarray(ground.tree.nearest(own) >= 0)


def measures_told(ground: Ground) -> npt.NDArray[np.object_]:
    """Kinds of the measures in force in each area or around it, as text, sorted."""
    told = np.full(len(ground.tree), "", dtype=object)
    held = measures_in_force(ground)
    if not len(held):
        return told
    names = np.array([*ground.trace.graph.measure_kinds, UNNAMED], dtype=object)
    for kind in np.unique(names[held.kind]).tolist():
        own = np.zeros(len(ground.tree), dtype=bool)
        own[held.area[names[held.kind] == kind]] = True
        under = ground.tree.nearest(own) >= 0
        told[under] = [f"{text}; {kind}" if text else kind for text in told[under]]
    return told
