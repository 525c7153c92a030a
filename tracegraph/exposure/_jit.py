"""How kernels of the exposure run: on arrays of one type, and on all cores."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np

from tracegraph.model._jit import kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

T = TypeVar("T")
D = TypeVar("D", bound=np.generic)

Int: TypeAlias = "int | np.signedinteger[Any]"
"""A whole number in a kernel: Python's where it is read, NumPy's where it was computed."""

__all__ = ["Int", "cores", "even_parts", "fixed", "in_parts", "kernel", "weighed_parts"]

MANY = 200_000
"""Rows from which a second core is worth its while."""


def fixed(array: npt.NDArray[D]) -> npt.NDArray[D]:
    """Read-only view: to Numba another type, so that each kernel is compiled for one only."""
    view: npt.NDArray[D] = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


def cores() -> int:
    """Number of threads that kernels use."""
    return min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)


def in_parts(bounds: npt.NDArray[np.int64], work: Callable[[int, int, int], T]) -> list[T]:
    """Do `work(lo, hi, part)` for each part between two bounds, a thread each."""
    parts = [(int(bounds[i]), int(bounds[i + 1]), i) for i in range(len(bounds) - 1)]
    if len(parts) == 1:
        return [work(*parts[0])]
    others = [_pool(os.getpid()).submit(work, *part) for part in parts[1:]]
    return [work(*parts[0]), *(other.result() for other in others)]


@lru_cache(maxsize=1)
def _pool(_process: int) -> ThreadPoolExecutor:
    """Threads of this process; a child that was forked has none of its parent's."""
    return ThreadPoolExecutor(cores(), thread_name_prefix="tracegraph")


def even_parts(size: int) -> npt.NDArray[np.int64]:
    """Bounds of equal parts of `size` rows, one a core; a single part where there are few."""
    return np.linspace(0, size, 1 + (cores() if size >= MANY else 1)).astype(np.int64)


def weighed_parts(before: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Bounds of parts that hold about equally many rows, one a core.

    `before` are the rows before each of the things that are shared out, and all of them.
    """
    bounds = np.searchsorted(before, even_parts(int(before[-1]))).astype(np.int64)
    bounds[0], bounds[-1] = 0, len(before) - 1
    return bounds
