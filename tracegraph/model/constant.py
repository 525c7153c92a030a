"""Columns that say one thing of every row, and take the memory of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


def everywhere(value: Any, size: int) -> npt.NDArray[Any]:  # noqa: ANN401  # a scalar of NumPy
    """Return `value` for every row, read-only.

    Examples
    --------
    >>> column = everywhere(np.int32(-1), 1_000_000_000)
    >>> column[123], column.base.nbytes
    (np.int32(-1), 4)
    """
    return np.broadcast_to(value, (size,))


def is_constant(column: npt.NDArray[Any]) -> bool:
    """Whether a column is known to say one thing only: by how it is kept, not by looking."""
    return column.strides == (0,)


def is_false(flags: npt.NDArray[Any]) -> bool:
    """Whether no row is meant, as far as that can be told without looking at each."""
    return not flags.size or (is_constant(flags) and not flags[0])
