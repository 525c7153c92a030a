"""Ids become codes: one dtype for each kind of id over all tables (DESIGN 2).

An integer 7 here and a text "7" there would join to nothing and find no contact without
a word, so a kind of id that is text in one table and integer in another is an error.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tracegraph.errors import TableError
from tracegraph.model.reading import moments
from tracegraph.model.reading.frames import is_packed
from tracegraph.model.reading.lexicon import encoded, is_text, letters_of, positions_in
from tracegraph.model.reading.spelling import NOTHING, spelled, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from tracegraph.model.facts import Codes, Flags

EXACT = 2**53
"""Whole numbers up to here a decimal holds to the last digit."""

_BLANK_ENDS = r"^[\s\p{Z}\p{Cf}]+|[\s\p{Z}\p{Cf}]+$"

_IS_PLAIN = np.isin(
    np.arange(256), [*b"-_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"]
)
"""Which bytes are letters of ASCII, digits, - or _."""

_ROUNDED = r"^[0-9](\.[0-9]+)?[eE]\+[0-9]{2,3}$"
_ZEROED = r"^[1-9][0-9]{5}(19|20)[0-9]{9}0$"

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
    pointed : int
        How many of `values` were written as decimals, 7.0 for 7.
    void : dict of str to int
        Words for a missing id, such as NA, and how many rows had them.
    lost : array of int32
        Positions of values that a spreadsheet has spoiled: digits dropped, or read as a date.
    as_given : bool
        Whether every id stands in its column as it does in `values`.
    has_gaps : bool
        Whether any is missing.
    index : Index, optional
        `values` as pandas holds them, if a reader of long files has made them: then each stands in
        some row, and the memory of `codes` is nobody else's.
    """

    table: str
    column: str
    type: IdType
    codes: Codes
    values: pa.Array
    trimmed: int = 0
    pointed: int = 0
    void: dict[str, int] = field(default_factory=dict)
    lost: Codes = field(default_factory=lambda: np.zeros(0, np.int32))
    as_given: bool = False
    has_gaps: bool = True
    index: pd.Index[Any] | None = None

    def used(self, rows: Flags) -> pa.Array:
        """Distinct ids of these rows."""
        if self.index is not None and rows.all():
            return self.values
        seen = np.zeros(len(self.values) + 1, bool)
        seen[self.codes if rows.all() else self.codes[rows]] = True
        return self.values.filter(pa.array(seen[:-1]))

    def coded(self, index: pd.Index[Any]) -> Codes:
        """Codes of the rows in a common index, in place of `codes` if these are nobody else's.

        -1 where an id is missing or not there.
        """
        if self.type == "empty" or not len(index):
            return np.full(self.codes.size, -1, np.int32)
        if self.index is index:
            return self.codes
        known = _whole(pa.array(index, type=self.values.type))
        table = _positions(self.values, known)
        return _recoded(self.codes, table, in_place=self.index is not None)


def _positions(values: pa.Array, known: pa.Array) -> Codes:
    """Position of each id among known ones; -1 where it is not there."""
    if len(known) >= moments.MANY and is_text(known.type):
        return positions_in(values, known)
    found: Codes = pc.fill_null(pc.index_in(values, value_set=known), -1).to_numpy()
    return found


def _whole(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _recoded(codes: npt.NDArray[Any], table: npt.NDArray[Any], *, in_place: bool = False) -> Codes:
    """Codes by a table of others; -1 stays. Over the same memory, if the table changes none."""
    if (table == np.arange(table.size)).all():
        same: Codes = codes.astype(np.int32, copy=False)
        return same
    if codes.size < moments.MANY:
        other: Codes = np.append(table, -1).astype(np.int32)[codes]
        return other
    from tracegraph.model.kernels import through

    ours: Codes = codes.astype(np.int32, copy=not in_place)
    through(ours, table.astype(np.int32), np.zeros(0, np.int32), ours)
    return ours


def read_ids(
    column: pd.Series[Any],
    table: str,
    *,
    as_text: bool = False,
    to_the_letter: bool = False,
    packed: Codes | None = None,
) -> RawIds:
    """Factorise a column of ids.

    Parameters
    ----------
    column : Series
    table : str
    as_text : bool
        Whether numbers are texts too, as in files where nothing says which of them is meant.
    to_the_letter : bool
        Whether 7.0 is an id of its own, and no 7.
    packed : array of int32, optional
        Codes of a column of categories, each of which stands in some row; see `RawTable.packed`.

    Raises
    ------
    TableError
        If the ids are neither texts nor integers, or are decimals.
    """
    name = str(column.name)
    dates: list[str] = []
    if as_text and not (isinstance(column.dtype, pd.StringDtype) or is_packed(column)):
        dates = [str(cell) for cell in column if isinstance(cell, dt.date | dt.time | dt.timedelta)]
        column = pd.Series([_spelled(cell) for cell in column], dtype="str", name=name)
    is_quick = not as_text and len(column) >= moments.MANY
    where = f"{table}.{name}"
    codes, values = _factorise(column, where, is_quick=is_quick, packed=packed)
    if len(values) == 0:
        return RawIds(table=table, column=name, type="empty", codes=codes, values=values)
    if pa.types.is_integer(values.type):
        gaps = bool(codes.min(initial=0) < 0)
        return RawIds(
            table=table, column=name, type="integer", codes=codes, values=values, has_gaps=gaps
        )
    is_plain = _are_plain(values)
    stripped = values if is_plain else strip(values)
    whole = stripped if is_plain or to_the_letter else _without_points(stripped)
    trimmed, pointed = _unlike(stripped, values), _unlike(whole, stripped)
    void: dict[str, int] = {}
    if as_text:  # a place called NA would be one where all meet who were nowhere
        nothing = pc.is_in(whole, value_set=pa.array(NOTHING, whole.type))
        at = np.flatnonzero(nothing.to_numpy(zero_copy_only=False))
        void = {whole[i].as_py(): int((codes == i).sum()) for i in at.tolist()}
        whole = pc.if_else(nothing, None, whole)
    as_given = not (trimmed or pointed or whole.null_count)
    if not as_given:
        values = pc.unique(whole).drop_null()
        codes = _recoded(codes, _positions(whole, values))
    turned = pc.is_in(values, value_set=pa.array(dates, values.type))
    turned = turned.to_numpy(zero_copy_only=False)
    return RawIds(
        table=table,
        column=name,
        type="text" if len(values) else "empty",
        codes=codes,
        values=values,
        trimmed=trimmed,
        pointed=pointed,
        void=void,
        lost=np.append(lost_digits(values), np.flatnonzero(turned)).astype(np.int32),
        as_given=as_given,
        has_gaps=bool(codes.min(initial=0) < 0),
        index=column.cat.categories if packed is not None and as_given else None,
    )


def _are_plain(texts: pa.Array) -> bool:
    """Whether texts are letters of ASCII, digits, - and _ throughout: no blank and no point."""
    is_plain: Any = _IS_PLAIN[letters_of(texts)].all()
    return bool(is_plain) and pc.min(pc.binary_length(texts)).as_py() > 0


def _unlike(texts: pa.Array, others: pa.Array) -> int:
    return 0 if texts is others else pc.sum(pc.not_equal(texts, others)).as_py() or 0


def _spelled(cell: Any) -> str | None:  # noqa: ANN401  # whatever a cell may hold
    """Text of an id; of a number that a decimal cannot hold whole, in the form 6.3e+17."""
    is_rounded = isinstance(cell, float) and abs(cell) >= EXACT
    return f"{cell:.15e}" if is_rounded else text_of(cell)


def _without_points(values: pa.Array) -> pa.Array:
    """Whole numbers of which some end in .0, as gaps make them in one of several files."""
    if not pc.any(pc.ends_with(values, ".0")).as_py():
        return values
    if not pc.all(pc.match_substring_regex(values, r"^-?[0-9]+(\.0)?$")).as_py():
        return values
    return pc.replace_substring_regex(values, r"\.0$", "")


def lost_digits(values: pa.Array) -> Codes:
    """Positions of ids of which a spreadsheet has kept 15 digits only.

    It shows 632123199001011234 as 6.32123E+17, or writes zeros for the last three digits. A
    resident identity number that really ends so is known by its check digit.

    References
    ----------
    GB 11643-1999, Citizen identification number; check digit by ISO 7064 MOD 11-2.
    """
    rounded = _matching(values, pc.match_substring(values, "+"), _ROUNDED)
    at = _matching(values, pc.ends_with(values, "000"), _ZEROED)
    if all(_has_check_digit(values[int(i)].as_py()) for i in at):
        at = at[:0]
    return np.append(rounded, at).astype(np.int32)


def _matching(values: pa.Array, likely: pa.Array, pattern: str) -> npt.NDArray[np.int64]:
    """Positions of texts of a pattern among those that a cheap look calls likely."""
    at = np.flatnonzero(likely.to_numpy(zero_copy_only=False))
    found = pc.match_substring_regex(values.take(pa.array(at)), pattern)
    matching: npt.NDArray[np.int64] = at[found.to_numpy(zero_copy_only=False)]
    return matching


def _has_check_digit(number: str) -> bool:
    weighted = sum(int(digit) * 2 ** (17 - i) for i, digit in enumerate(number[:17]))
    return "10X98765432"[weighted % 11] == number[17]


def strip(values: pa.Array) -> pa.Array:
    """Texts without blanks around them; null if nothing is left."""
    stripped = pc.utf8_trim_whitespace(values)
    if not pc.all(pc.string_is_ascii(stripped)).as_py():  # what nobody sees is a blank too
        stripped = pc.replace_substring_regex(stripped, _BLANK_ENDS, "")
    return pc.if_else(pc.equal(stripped, ""), None, stripped)


def factorise_text(texts: pa.Array) -> tuple[Codes, pa.Array]:
    """Codes and distinct values of texts, as Arrow's large strings."""
    encoded = texts if pa.types.is_dictionary(texts.type) else texts.dictionary_encode()
    if not isinstance(encoded, pa.ChunkedArray):
        encoded = pa.chunked_array([encoded])
    if not _share_a_dictionary(encoded):
        encoded = encoded.unify_dictionaries()
    if not encoded.num_chunks:
        return np.zeros(0, np.int32), pa.array([], pa.large_string())
    codes = pa.chunked_array([chunk.indices.cast(pa.int32()) for chunk in encoded.chunks])
    values = encoded.chunk(0).dictionary.cast(pa.large_string())
    return pc.fill_null(codes, -1).to_numpy().astype(np.int32, copy=False), values


def _share_a_dictionary(encoded: pa.ChunkedArray) -> bool:
    """Whether the words of all chunks are one array: to compare them by letter takes long."""
    addresses = {
        tuple(b.address if b else 0 for b in chunk.dictionary.buffers()) for chunk in encoded.chunks
    }
    return len(addresses) <= 1


def _factorise(
    column: pd.Series[Any], where: str, *, is_quick: bool = False, packed: Codes | None = None
) -> tuple[Codes, pa.Array]:
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        if is_packed(column):  # no word stands there twice
            words = _whole(pa.array(dtype.categories, type=pa.large_string()))
            if packed is not None:
                return packed, words
            return column.cat.codes.to_numpy().astype(np.int32, copy=False), words
        inner, values = _factorise(dtype.categories.to_series(name=column.name), where)
        return _recoded(column.cat.codes.to_numpy(), inner), values
    if isinstance(dtype, pd.ArrowDtype) and pa.types.is_dictionary(dtype.pyarrow_dtype):
        return factorise_text(pa.array(column))
    if pd.api.types.is_bool_dtype(dtype):
        raise _not_an_id(where, "true and false", column.dropna().iloc[:1])
    if pd.api.types.is_integer_dtype(dtype):
        return _factorise_integers(column, where)
    if pd.api.types.is_float_dtype(dtype):
        return _factorise_integers(_gaps_closed(column, where), where)
    if dtype == "object":
        column = _uniform(column, where)
        if pd.api.types.is_integer_dtype(column.dtype):
            return _factorise_integers(column, where)
    if column.dtype == "object" or pd.api.types.is_string_dtype(column.dtype):
        try:
            texts = pa.array(column, type=pa.large_string(), from_pandas=True)
            return encoded(texts) if is_quick else factorise_text(texts)
        except UnicodeEncodeError:  # half a character
            return factorise_text(spelled(column))
    raise _not_an_id(where, f"values of dtype {dtype}", column.dropna().iloc[:1])


def _factorise_integers(column: pd.Series[Any], where: str) -> tuple[Codes, pa.Array]:
    codes, values = pd.factorize(column)
    if len(values) and values.max() > np.iinfo(np.int64).max:
        raise _too_large(where)
    return codes.astype(np.int32), pa.array(np.asarray(values, dtype=np.int64))


def _gaps_closed(column: pd.Series[Any], where: str) -> pd.Series[Any]:
    """Integers that became decimals because some are missing, as integers again."""
    given = column.dropna()
    if (given.abs() >= EXACT).any():
        raise _rounded(where)
    if len(given) == len(column) and len(given):
        raise _not_an_id(where, "decimals", given.iloc[:1])
    if not (given == np.floor(given)).all():
        raise _not_an_id(where, "decimals", given[given != np.floor(given)].iloc[:1])
    return column.astype("Int64")


def _uniform(column: pd.Series[Any], where: str) -> pd.Series[Any]:
    """Texts, or integers with gaps; any mixture of the two is an error."""
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind in {"string", "empty"}:
        return column
    if kind == "integer":
        try:
            return column.astype("Int64")
        except OverflowError as error:
            raise _too_large(where) from error
    if kind in {"floating", "integer-na"}:
        return _gaps_closed(pd.to_numeric(column).astype("float64"), where)
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


def _too_large(where: str) -> TableError:
    table, _, column = where.partition(".")
    return TableError(
        f"{where} holds integers of 19 digits and more, larger than any that are kept.\n"
        f'    Make the ids text: {table}["{column}"] = {table}["{column}"].astype("string"), and '
        "the same for this kind of id elsewhere."
    )


def _rounded(where: str) -> TableError:
    table, _, column = where.partition(".")
    return TableError(
        f"{where} holds decimals of more than 15 digits: their last digits are lost already.\n"
        f"    Read the ids as text where {table} is made, such as "
        f'pd.read_excel(…, dtype={{"{column}": str}}); in a spreadsheet format the column as text '
        "before the ids are typed."
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
    found = [(ids.used(rows[ids.table]), ids.index) for ids in columns if ids.type != "empty"]
    if not found:
        return pd.Index([], dtype="str")
    most, index = found.pop(int(np.argmax([len(values) for values, _ in found])))
    ordered = _with_more(most, [values for values, _ in found])
    if ordered is most and index is not None and len(most) == len(index):
        return index
    if pa.types.is_integer(ordered.type):
        return pd.Index(np.asarray(ordered.to_numpy(), dtype=np.int64))
    texts: pd.Index[Any] = pd.Index(pd.array(ordered, dtype="str"))
    return texts


def _with_more(most: pa.Array, others: list[pa.Array]) -> pa.Array:
    """Distinct ids with those of others, in order; itself, if it has all of them in order."""
    more = [v.filter(pa.array(_positions(v, most) < 0)) for v in others]
    together = pa.concat_arrays([most, pc.unique(pa.chunked_array([most[:0], *more]))])
    if len(together) == len(most) and pc.all(pc.less(most[:-1], most[1:])).as_py() is not False:
        return most
    return together.take(pc.array_sort_indices(together))


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
