"""What is told about areas: one row a problem, and what was done about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    Whole: TypeAlias = npt.NDArray[np.int64]

LEFT_OUT = "left without outline"
NO_AREA = np.array([-1])
"""Code of what is told of no area, but of a whole table."""
_VARIES = re.compile(r"('[^']*')|\d[\d.,]*|: .*")
"""Numbers, and names after a colon; what stands in quotes does not vary."""


def note(code: Whole, problem: str | Sequence[str], done: str | Sequence[str]) -> pd.DataFrame:
    """Say of areas (codes) what is wrong and what was done; one text for all or one for each."""
    table = pd.DataFrame({"code": np.asarray(code, dtype=np.int64)})
    return table.assign(problem=_texts(problem, len(code)), done=_texts(done, len(code)))


def gather(notes: Iterable[pd.DataFrame], area_ids: pd.Index[Any]) -> pd.DataFrame:
    """All notes in the order of the areas: `area_id` (missing: of none), `problem`, `done`."""
    none = note(np.empty(0, dtype=np.int64), "", "")
    found = pd.concat([none, *notes], ignore_index=True).sort_values("code", kind="stable")
    code = found["code"].to_numpy(np.int64)
    ids = area_ids.to_series()
    if (code < 0).any() and pd.api.types.is_integer_dtype(ids):
        ids = ids.astype("Int64")  # which has missing values
    return pd.DataFrame({
        "area_id": ids.reset_index(drop=True).reindex(code).array,
        "problem": found["problem"].array,
        "done": found["done"].array,
    })  # fmt: skip


def gathered(notes: pd.DataFrame) -> pd.DataFrame:
    """Notes that differ in numbers and names only, as one: for reading.

    Parameters
    ----------
    notes : DataFrame
        `area_id`, `problem`, `done`, as `Shapes.notes` and `Neighbours.notes`.

    Returns
    -------
    DataFrame
        In the order of `notes`: `problem`, `done` (text of the first area), `areas` (int64,
        how many; 0 of what is told of no area), `first` (text, the first three ids).

    Examples
    --------
    >>> notes = pd.DataFrame({
    ...     "area_id": ["A", "C"],
    ...     "problem": ["overlaps a sibling by 10% of the smaller one: B",
    ...                 "overlaps a sibling by 9% of the smaller one: D"],
    ...     "done": "nothing changed",
    ... })
    >>> gathered(notes)[["problem", "areas", "first"]].to_numpy().tolist()
    [['overlaps a sibling by 10% of the smaller one: B', 2, 'A, C']]
    """
    alike = [[_VARIES.sub(r"\1#", text) for text in notes[name]] for name in ("problem", "done")]
    groups = notes.groupby(alike, sort=False)
    return groups.agg(
        problem=("problem", "first"),
        done=("done", "first"),
        areas=("area_id", "nunique"),
        first=("area_id", lambda ids: ", ".join(map(str, ids.dropna().unique()[:3]))),
    ).reset_index(drop=True).astype({"areas": "int64", "first": "str"})  # fmt: skip


def _texts(text: str | Sequence[str], count: int) -> pd.Series[str]:
    return pd.Series([text] * count if isinstance(text, str) else list(text), dtype="str")
