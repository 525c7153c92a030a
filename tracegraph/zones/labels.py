"""Labels as numbers for the solver and as ordered words for tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.zones.criteria import LABELS

if TYPE_CHECKING:
    import numpy.typing as npt

    Whole: TypeAlias = npt.NDArray[np.int64]

RESTRICTED = LABELS.index("control")
"""Labels from here on restrict people: control and lockdown."""


def in_words(label: npt.ArrayLike) -> pd.Categorical[str]:
    """Ordered category none < precaution < control < lockdown of label numbers; -1 missing."""
    words = np.array([*LABELS, None], dtype=object)[np.asarray(label, dtype=np.int64)]
    return pd.Categorical(words, categories=list(LABELS), ordered=True)


def in_numbers(words: pd.Series[Any]) -> Whole:
    """Label numbers of such a category."""
    return np.asarray(words.cat.codes, dtype=np.int64)
