"""The one place that decides how kernels are compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")


def kernel(function: F) -> F:
    """Compile without the interpreter lock and keep the machine code on disk."""
    compiled: F = njit(cache=True, nogil=True)(function)  # type: ignore[assignment]  # typed as itself
    return compiled
