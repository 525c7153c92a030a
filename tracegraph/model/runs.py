"""Runs: positions that are repeated, with a running number in each."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Whole: TypeAlias = npt.NDArray[np.int64]


def runs(size: npt.NDArray[np.integer]) -> tuple[Whole, Whole]:
    """Repeat each position `size` times; return the positions and the numbers in each run.

    Examples
    --------
    >>> [run.tolist() for run in runs(np.array([2, 0, 3]))]
    [[0, 0, 2, 2, 2], [0, 1, 0, 1, 2]]
    """
    position = np.repeat(np.arange(size.size), size)
    begins = np.cumsum(size) - size
    return position, np.arange(position.size) - begins[position]


def begins(code: npt.NDArray[np.integer], n_codes: int) -> Whole:
    """Where the rows of each code begin, among rows in the order of their codes; and the end.

    Examples
    --------
    >>> begins(np.array([0, 0, 2]), 3).tolist()
    [0, 2, 2, 3]
    """
    found = np.zeros(n_codes + 1, dtype=np.int64)
    np.cumsum(np.bincount(code, minlength=n_codes), out=found[1:])
    return found
