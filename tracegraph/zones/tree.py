"""Areas within areas: what happens in a building happens in its county too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tracegraph.errors import TableError
from tracegraph.model.calendar import BEFORE

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    Whole: TypeAlias = npt.NDArray[np.int64]
    Flags: TypeAlias = npt.NDArray[np.bool_]

NOWHERE = -1
MOST_LEVELS = 50
UNDATED = int(BEFORE)
"""Where no time is known; earlier than every second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaTree:
    """Parents of areas by code, and what is rolled up along them.

    Parameters
    ----------
    parent : array of int64
        Area that holds each area; -1 at the top.
    """

    parent: Whole

    def __len__(self) -> int:
        return self.parent.size

    def upwards(self, area: Whole) -> Iterator[tuple[Whole, Whole]]:
        """Walk up from each area: positions still on the way, and the areas they are in.

        The first step is the areas themselves; -1 is nowhere and takes no step.

        Raises
        ------
        TableError
            If areas hold one another in a circle.
        """
        position = np.flatnonzero(area >= 0)
        at = area[position]
        for _ in range(MOST_LEVELS):
            if not position.size:
                return
            yield position, at
            at = self.parent[at]
            position, at = position[at >= 0], at[at >= 0]
        if position.size:
            msg = (
                f"areas nest more than {MOST_LEVELS} deep, or hold one another in a circle.\n"
                "    Correct areas.parent_id."
            )
            raise TableError(msg)

    def depth(self) -> Whole:
        """Levels above each area; 0 at the top."""
        depth = np.full(len(self), -1, dtype=np.int64)
        for position, _ in self.upwards(np.arange(len(self))):
            depth[position] += 1
        return depth

    def top(self) -> Whole:
        """Outermost area around each area."""
        top = np.arange(len(self))
        for position, at in self.upwards(top.copy()):
            top[position] = at
        return top

    def nearest(self, wanted: Flags) -> Whole:
        """Smallest area with the flag that is, or holds, each area; -1 where none does."""
        found = np.full(len(self), NOWHERE, dtype=np.int64)
        for position, at in self.upwards(np.arange(len(self))):
            first = wanted[at] & (found[position] == NOWHERE)
            found[position[first]] = at[first]
        return found

    def handed_down(self, own: Whole, weakest: int) -> Whole:
        """Strongest of `own` among each area and all around it."""
        found = np.full(len(self), weakest, dtype=np.int64)
        for position, at in self.upwards(np.arange(len(self))):
            found[position] = np.maximum(found[position], own[at])
        return found

    def inside(self, area: int) -> Flags:
        """Whether each area is, or lies in, this one."""
        only = np.zeros(len(self), dtype=bool)
        only[area] = True
        return np.asarray(self.nearest(only) == area)

    def holds(self, wanted: Flags) -> Flags:
        """Whether each area is, or holds, an area with the flag."""
        found = np.zeros(len(self), dtype=bool)
        for _, at in self.upwards(np.flatnonzero(wanted)):
            found[at] = True
        return found

    def are_finest(self) -> Flags:
        """Whether each area holds no other."""
        finest = np.ones(len(self), dtype=bool)
        finest[self.parent[self.parent >= 0]] = False
        return finest

    def of_parts(self, values: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Sum of `values` of the areas that lie right inside each area."""
        held = self.parent >= 0
        weight = np.broadcast_to(np.asarray(values, dtype=np.float64), self.parent.shape)[held]
        return np.bincount(self.parent[held], weight, minlength=len(self)).astype(np.float64)

    def around(self, area: int) -> list[int]:
        """List an area and those around it, the smallest first."""
        return [int(at[0]) for _, at in self.upwards(np.array([area]))]

    def add_up(self, area: Whole, values: npt.ArrayLike = 1.0) -> npt.NDArray[np.float64]:
        """Sum of `values` in each area and all that it holds."""
        weight = np.broadcast_to(np.asarray(values, dtype=np.float64), area.shape)
        inside = area >= 0
        own = np.bincount(area[inside], weights=weight[inside], minlength=len(self))
        total = np.zeros(len(self))
        some = np.flatnonzero(own)
        for position, at in self.upwards(some):
            total += np.bincount(at, weights=own[some[position]], minlength=len(self))
        return total

    def count_distinct(self, area: Whole, who: Whole) -> Whole:
        """How many different `who` (codes from 0) each area and all that it holds have."""
        pairs = self.pairs(area, who)
        return np.bincount(pairs[0], minlength=len(self))

    def pairs(self, area: Whole, who: Whole) -> tuple[Whole, Whole]:
        """Every different pair of an area and somebody in it, at every level."""
        base = int(who.max(initial=0)) + 1
        keys = [np.unique(at * base + who[position]) for position, at in self.upwards(area)]
        every = np.unique(np.concatenate(keys)) if keys else np.empty(0, dtype=np.int64)
        return every // base, every % base

    def latest(self, area: Whole, second: Whole) -> Whole:
        """Latest second in each area and all that it holds; `UNDATED` where none is."""
        last = np.full(len(self), UNDATED, dtype=np.int64)
        for position, at in self.upwards(area):
            np.maximum.at(last, at, second[position])
        return last
