"""Ids become codes: one dtype for each kind of id over all tables (DESIGN 2).

An integer 7 here and a text "7" there would join to nothing and find no contact without
a word, so a kind of id that is text in one table and integer in another is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracegraph.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracegraph.model.facts import Codes, Flags

IdType: TypeAlias = Literal["text", "integer", "empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawIds:
    """A column of ids as codes of its own distinct values.

    Parameters
    ----------
    table, column : str
        Where the ids stand.
    type : {"text", "integer", "empty"}
        What they are; "empty" where all are missing.
    codes : array of int32
        Position in `values`; -1 = missing.
    values : pyarrow.Array
        Distinct ids, not sorted: strings or int64.
    trimmed : int
        How many of `values` had blanks around them.
    """

    table: str
    column: str
    type: IdType
    codes: Codes
    values: pa.Array
    trimmed: int = 0

    def used(self, rows: Flags) -> pa.Array:
        """Distinct ids of these rows."""
        seen = np.zeros(len(self.values) + 1, bool)
        seen[self.codes[rows]] = True
        return self.values.filter(pa.array(seen[:-1]))

    def coded(self, index: pd.Index[Any]) -> Codes:
        """Codes of the rows in a common index; -1 where missing or not there."""
        if self.type == "empty" or not len(index):
            return np.full(self.codes.size, -1, np.int32)
        known = pa.array(index, type=self.values.type)
        found = pc.fill_null(pc.index_in(self.values, value_set=known), -1)
        return np.append(found.to_numpy(zero_copy_only=False), -1).astype(np.int32)[self.codes]


def read_ids(column: pd.Series[Any], table: str) -> RawIds:
    """Factorise a column of ids.

    Raises
    ------
    TableError
        If the ids are neither texts nor integers, or are decimals.
    """
    name = str(column.name)
    codes, values = _factorise(column, f"{table}.{name}")
    if len(values) == 0:
        return RawIds(table=table, column=name, type="empty", codes=codes, values=values)
    if pa.types.is_integer(values.type):
        return RawIds(table=table, column=name, type="integer", codes=codes, values=values)
    stripped, distinct = strip(values)
    trimmed = pc.sum(pc.not_equal(stripped, values)).as_py() or 0
    if trimmed or stripped.null_count:
        recode = pc.fill_null(pc.index_in(stripped, value_set=distinct), -1)
        recode = np.append(recode.to_numpy(zero_copy_only=False), -1).astype(np.int32)
        codes, values = recode[codes], distinct
    kind: IdType = "text" if len(values) else "empty"
    return RawIds(table=table, column=name, type=kind, codes=codes, values=values, trimmed=trimmed)


def strip(values: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Texts without blanks around them (null if nothing is left), and the distinct ones."""
    stripped = pc.utf8_trim_whitespace(values)
    stripped = pc.if_else(pc.equal(stripped, ""), None, stripped)
    return stripped, pc.unique(stripped).drop_null()


def factorise_text(texts: pa.Array) -> tuple[Codes, pa.Array]:
    """Codes and distinct values of texts, as Arrow's large strings."""
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    encoded = texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()
    codes = pc.fill_null(encoded.indices.cast(pa.int32()), -1).to_numpy(zero_copy_only=False)
    return codes.astype(np.int32), encoded.dictionary.cast(pa.large_string())


def _factorise(column: pd.Series[Any], where: str) -> tuple[Codes, pa.Array]:
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        inner, values = _factorise(dtype.categories.to_series(name=column.name), where)
        return np.append(inner, -1).astype(np.int32)[column.cat.codes.to_numpy()], values
    if isinstance(dtype, pd.ArrowDtype) and pa.types.is_dictionary(dtype.pyarrow_dtype):
        return factorise_text(pa.array(column))
    if pd.api.types.is_bool_dtype(dtype):
        raise _not_an_id(where, "true and false", column.dropna().iloc[:1])
    if pd.api.types.is_integer_dtype(dtype):
        return _factorise_integers(column)
    if pd.api.types.is_float_dtype(dtype):
        return _factorise_integers(_gaps_closed(column, where))
    if dtype == "object":
        column = _uniform(column, where)
        if pd.api.types.is_integer_dtype(column.dtype):
            return _factorise_integers(column)
    if column.dtype == "object" or pd.api.types.is_string_dtype(column.dtype):
        return factorise_text(pa.array(column, type=pa.large_string(), from_pandas=True))
    raise _not_an_id(where, f"values of dtype {dtype}", column.dropna().iloc[:1])


def _factorise_integers(column: pd.Series[Any]) -> tuple[Codes, pa.Array]:
    codes, values = pd.factorize(column)
    return codes.astype(np.int32), pa.array(np.asarray(values, dtype=np.int64))


def _gaps_closed(column: pd.Series[Any], where: str) -> pd.Series[Any]:
    """Integers that became decimals because some are missing, as integers again."""
    given = column.dropna()
    if len(given) == len(column) and len(given):
        raise _not_an_id(where, "decimals", given.iloc[:1])
    if not (given == np.floor(given)).all() or (given.abs() > 2**53).any():
        raise _not_an_id(where, "decimals", given[given != np.floor(given)].iloc[:1])
    return column.astype("Int64")


def _uniform(column: pd.Series[Any], where: str) -> pd.Series[Any]:
    """Texts, or integers with gaps; any mixture of the two is an error."""
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind in {"string", "empty"}:
        return column
    if kind == "integer":
        return column.astype("Int64")
    if kind in {"floating", "integer-na"}:
        return _gaps_closed(column.astype("float64"), where)
    words = "texts and numbers mixed" if kind.startswith("mixed") else f"values of type {kind}"
    raise _not_an_id(where, words, column.dropna().iloc[:1])


def _not_an_id(where: str, what: str, example: pd.Series[Any]) -> TableError:
    shown = f", such as {example.iloc[0]!r}" if len(example) else ""
    table, _, column = where.partition(".")
    return TableError(
        f"{where} holds {what}{shown}; ids are texts or integers.\n"
        f'    Read the ids as text where the table is made: {table}["{column}"] = '
        f'{table}["{column}"].astype("string"), and the same for this kind of id elsewhere.'
    )


def unify(columns: Sequence[RawIds], rows: dict[str, Flags], kind: str) -> pd.Index[Any]:
    """Sorted ids of one kind over all tables, of the rows that are used.

    Parameters
    ----------
    columns : sequence of RawIds
        Every column that holds ids of this kind.
    rows : dict of str to array of bool
        By table, the rows that are used.
    kind : str
        ``"person"``, ``"location"`` or ``"area"``, for the message.

    Raises
    ------
    TableError
        If the ids are text in one column and integers in another.
    """
    check_one_type(columns, kind)
    found = [ids.used(rows[ids.table]) for ids in columns if ids.type != "empty"]
    if not found:
        return pd.Index([], dtype="str")
    together = pc.unique(pa.chunked_array(found))
    ordered = together.take(pc.array_sort_indices(together))
    if pa.types.is_integer(ordered.type):
        return pd.Index(np.asarray(ordered.to_numpy(), dtype=np.int64))
    texts: list[str] = ordered.to_pylist()
    return pd.Index(texts, dtype="str")


def check_one_type(columns: Sequence[RawIds], kind: str) -> None:
    """Raise unless all ids of a kind are of one type."""
    first = {ids.type: ids for ids in reversed(columns)}
    text, integer = first.get("text"), first.get("integer")
    if text is None or integer is None:
        return
    where, mend = (f"{i.table}.{i.column}" for i in (text, integer))
    message = (
        f"{kind} ids are text in {where} and integers in {mend}; they would join to nothing.\n"
        f'    Make them text: {integer.table}["{integer.column}"] = '
        f'{integer.table}["{integer.column}"].astype(str). Mind leading zeros.'
    )
    raise TableError(message)
