"""One spelling of any cell as text, so that a column written as text is still the same column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable

NOTHING = (
    "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NaT", "NULL", "Null", "null", "None", "none",
    "unknown", "Unknown", "UNKNOWN", "不详", "未知", "不明", "无", "-", "--", "—", "/", "?", "？",
)  # fmt: skip
"""What R, SQL, Python and people write where there is no value."""


def spelled(column: pd.Series[Any]) -> pa.Array:
    """Texts of a column; missing and empty cells are null.

    Bytes, such as the outlines of areas in WKB, are spelled in hexadecimal digits.
    """
    dtype = column.dtype
    if isinstance(dtype, pd.StringDtype):
        texts = pa.array(column, type=pa.large_string(), from_pandas=True)
    elif isinstance(dtype, pd.CategoricalDtype):
        words = spelled(column.cat.categories.to_series())
        texts = words.take(pa.array(column.cat.codes, mask=(column.cat.codes < 0).to_numpy()))
    elif dtype == "object" or _is_nested(dtype):  # a dictionary would take 1 and True for the same
        texts = _texts(column)
    else:
        codes, distinct = pd.factorize(column)
        texts = _texts(distinct).take(pa.array(codes, mask=codes < 0))
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    return pc.if_else(pc.equal(texts, ""), pa.scalar(None, texts.type), texts)


def _is_nested(dtype: Any) -> bool:  # noqa: ANN401  # any dtype of pandas
    return isinstance(dtype, pd.ArrowDtype) and pa.types.is_nested(dtype.pyarrow_dtype)


def _texts(values: Iterable[Any]) -> pa.Array:
    return pa.array([text_of(value) for value in values], type=pa.large_string())


def text_of(value: Any) -> str | None:  # noqa: ANN401  # whatever a cell may hold
    r"""Text of one cell; 12.0, as gaps make of 12, is spelled 12.

    Examples
    --------
    >>> [text_of(value) for value in (12.0, 12.5, True, b"\x01\xff", None)]
    ['12', '12.5', 'True', '01ff', None]
    """
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    return str(value).encode("utf-8", "backslashreplace").decode()  # half a surrogate is no text
