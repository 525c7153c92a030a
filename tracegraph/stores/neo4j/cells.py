"""Cells of Arrow columns as values that Neo4j keeps, and back to the letter.

Neo4j keeps texts, floats, integers of 64 bits, booleans, bytes and moments. A moment of ours goes
as seconds since 1970 and is made a date with its zone by the server: with dates of Python the same
rows took four times as long to write. An integer beyond 64 bits and a time in a column of others
become texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST = 2**63 - 1


def is_moment(kind: pa.DataType) -> bool:
    """Whether values of a type become moments of Neo4j: whole seconds."""
    return bool(pa.types.is_timestamp(kind) and kind.unit == "s")


def values_of(column: pa.ChunkedArray, *, as_moment: bool) -> list[Any]:
    """Values of a column for the driver.

    Examples
    --------
    >>> values_of(pa.chunked_array([pa.array([1, 2**64 - 1], pa.uint64())]), as_moment=False)
    [1, '18446744073709551615']
    """
    kind = column.type
    if as_moment:
        column = column.cast(pa.int64())
    elif pa.types.is_timestamp(kind):
        return _texts_of_times(column)
    values: list[Any] = column.to_pylist()
    if kind == pa.uint64():
        return [str(v) if v is not None and v > _MOST else v for v in values]
    return values


def _texts_of_times(column: pa.ChunkedArray) -> list[Any]:
    """Texts such as "2022-05-09 08:30:00.5"; numbers where a year does not fit into four digits."""
    texts = column.cast(pa.string())
    if pc.all(pc.less_equal(pc.utf8_length(texts), len("2022-05-09 08:30:00.123456789Z"))).as_py():
        try:
            if texts.cast(column.type).equals(column):
                return list(texts.to_pylist())
        except pa.ArrowInvalid:
            pass
    return list(column.cast(pa.int64()).to_pylist())


def column_of(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Column of a type, of values that the driver gave.

    Raises
    ------
    pyarrow.ArrowException
        If the values were changed into others that the type cannot have.

    Examples
    --------
    >>> column_of([1, "18446744073709551615", None], pa.uint64()).to_pylist()
    [1, 18446744073709551615, None]
    """
    if kind == pa.uint64():
        return pa.array([None if v is None else int(v) for v in values], kind)
    if pa.types.is_timestamp(kind):
        is_text = any(isinstance(v, str) for v in values)
        return pa.array(values, pa.string() if is_text else pa.int64()).cast(kind)
    if pa.types.is_floating(kind):
        return pa.array(values, pa.float64(), from_pandas=False).cast(kind)
    return pa.array(values, kind)
