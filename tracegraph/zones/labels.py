"""Labels as numbers to compute with and as ordered words for tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.zones.criteria import LABELS

if TYPE_CHECKING:
    import numpy.typing as npt

    Whole: TypeAlias = npt.NDArray[np.int64]

NONE, PRECAUTION, CONTROL, LOCKDOWN = range(len(LABELS))

RESTRICTED = CONTROL
"""Labels from here on restrict people: control and lockdown."""

ORDERED = pd.CategoricalDtype(list(LABELS), ordered=True)
"""Words of labels in a table: none < precaution < control < lockdown."""


def in_words(label: npt.ArrayLike) -> pd.Categorical[str]:
    """Ordered words of label numbers; -1 is missing."""
    words = np.array([*LABELS, None], dtype=object)[np.asarray(label, dtype=np.int64)]
    return pd.Categorical(words, dtype=ORDERED)


def in_numbers(words: pd.Series[Any]) -> Whole:
    """Label numbers of such words."""
    return np.asarray(words.cat.codes, dtype=np.int64)
