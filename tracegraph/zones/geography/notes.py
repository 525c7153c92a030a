"""What is told about areas: one row a problem, and what was done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    Whole: TypeAlias = npt.NDArray[np.int64]

LEFT_OUT = "left without outline"


def note(code: Whole, problem: str | Sequence[str], done: str | Sequence[str]) -> pd.DataFrame:
    """Say of areas (codes) what is wrong and what was done; one text for all or one for each."""
    table = pd.DataFrame({"code": np.asarray(code, dtype=np.int64)})
    return table.assign(problem=_texts(problem, len(code)), done=_texts(done, len(code)))


def gather(notes: Iterable[pd.DataFrame], area_ids: pd.Index[Any]) -> pd.DataFrame:
    """All notes in the order of the areas: `area_id`, `problem`, `done`."""
    none = note(np.empty(0, dtype=np.int64), "", "")
    found = pd.concat([none, *notes], ignore_index=True).sort_values("code", kind="stable")
    ids = area_ids.take(found["code"].to_numpy(np.int64))
    return pd.DataFrame(
        {"area_id": ids, "problem": found["problem"].array, "done": found["done"].array}
    )


def _texts(text: str | Sequence[str], count: int) -> pd.Series[str]:
    return pd.Series([text] * count if isinstance(text, str) else list(text), dtype="str")
