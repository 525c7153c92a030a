"""The one place that decides how kernels are compiled, and what Numba has to be taught."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")


def kernel(function: F) -> F:
    """Compile without the interpreter lock and keep the machine code on disk."""
    compiled: F = njit(cache=True, nogil=True)(function)  # type: ignore[assignment]  # typed as itself
    return compiled


@intrinsic  # type: ignore[untyped-decorator]
def eight_bytes(_context: Any, letters: Any, _at: Any) -> Any:  # noqa: ANN401  # types of Numba
    """Load eight bytes from a position on as one number, the first one least.

    Eight loads of a byte each would take five times as long. The position is not checked.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
        array = context.make_array(signature.args[0])(context, builder, args[0])
        first = cgutils.pointer_add(builder, array.data, args[1], ir.IntType(64).as_pointer())
        return builder.load(first, align=1)

    return types.uint64(letters, types.uint64), generate
