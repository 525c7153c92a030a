"""The one place that decides how kernels are compiled, and what Numba has to be taught."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from numba import njit, types
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")


def kernel(function: F) -> F:
    """Compile without the interpreter lock and keep the machine code on disk.

    Numba keeps it beside the module, or in the user's cache where that folder is read-only.
    Where neither can be written, the code is compiled anew in each process.
    """
    compiled: F
    try:
        compiled = njit(cache=True, nogil=True)(function)  # type: ignore[assignment]  # typed as itself
    except RuntimeError:  # "no locator available"
        compiled = njit(nogil=True)(function)  # type: ignore[assignment]  # typed as itself
    return compiled


@intrinsic
def _eight_bytes(_context: Any, letters: Any, _at: Any) -> Any:  # noqa: ANN401  # types of Numba
    """Load eight bytes from a position on as one number, the first one least.

    Eight loads of a byte each would take five times as long. The position is not checked.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ANN401
        array = context.make_array(signature.args[0])(context, builder, args[0])
        whole = context.get_value_type(types.uint64)
        place = builder.add(builder.ptrtoint(array.data, whole), args[1])
        return builder.load(builder.inttoptr(place, whole.as_pointer()), align=1)

    return types.uint64(letters, types.uint64), generate


eight_bytes: Any = _eight_bytes
