"""Columns of words: statuses, kinds, results, seats. Compared without case and blanks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from tracegraph.model.reading.identifiers import factorise_text, strip
from tracegraph.model.reading.spelling import spelled

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.facts import Codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A column as codes of its distinct words, sorted; -1 = none."""

    codes: Codes
    values: tuple[str, ...]

    def take(self, rows: npt.NDArray[Any] | slice) -> Words:
        """Keep these rows; the vocabulary stays."""
        return Words(codes=self.codes[rows], values=self.values)

    def mapped(self, meanings: dict[str, int], *, unknown: int) -> npt.NDArray[np.int64]:
        """Meaning of each row's word; `unknown` for words not listed and for none."""
        table = [meanings.get(word, unknown) for word in self.values]
        return np.array([*table, unknown], dtype=np.int64)[self.codes]

    def column(self) -> pd.Series[Any]:
        """Give the words of the rows, as a column."""
        values = pd.array(list(self.values), dtype="str")
        return pd.Series(values.take(self.codes, allow_fill=True))


def read_words(column: pd.Series[Any], *, fold: bool = True) -> Words:
    """Factorise a column of words.

    Parameters
    ----------
    column : Series
        Texts, categories, numbers or booleans.
    fold : bool
        Whether "Market" and "market" are one word.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        inner = read_words(column.cat.categories.to_series(), fold=fold)
        codes = np.append(inner.codes, -1)[column.cat.codes.to_numpy()]
        return Words(codes=codes.astype(np.int32), values=inner.values)
    codes, values = factorise_text(spelled(column))
    stripped = strip(pc.utf8_lower(values) if fold else values)
    distinct = pc.unique(stripped).drop_null()
    distinct = distinct.take(pc.array_sort_indices(distinct))
    if not len(distinct):
        return Words(codes=np.full(len(column), -1, np.int32), values=())
    recode = pc.fill_null(pc.index_in(stripped, value_set=distinct), -1)
    recode = np.append(recode.to_numpy(zero_copy_only=False), -1).astype(np.int32)
    return Words(codes=recode[codes], values=tuple(distinct.to_pylist()))
