"""Where the persons of a page were: their stays, as many as a file can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tracegraph.model.calendar import NEVER
from tracegraph.viz.clock import wall_minutes
from tracegraph.viz.people import numbers

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.tracing.trace import Trace

MAX_STAYS = 200_000
"""Stays that a page holds."""


def stays(
    trace: Trace, person: npt.NDArray[np.int64], traced: npt.NDArray[np.bool_]
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """Stays of the first traced persons, as many as fit, and whose stays they are.

    Parameters
    ----------
    trace : Trace
    person : array of int64
        Number of each of the graph's person codes; -1 of those not in the page.
    traced : array of bool, one a person of the page
        False of venue contacts: where they were else is no matter of the trace.

    Returns
    -------
    DataFrame
        `person`, `place` (the graph's code; -1 without a place), `start`, `end`, `imputed`.
    array of bool, one a person
        Whether all stays of a person are in the frame.
    """
    person = np.where(np.append(traced, False)[person], person, -1)  # -1: nobody
    rows = pd.concat([_placed(trace, person), _unplaced(trace, person)], ignore_index=True)
    size = np.bincount(rows["person"], minlength=len(traced))
    whole = (np.cumsum(size) <= MAX_STAYS) & traced
    rows = rows[whole[rows["person"]]].sort_values(["person", "start", "end"], ignore_index=True)
    for name in ("start", "end"):
        rows[name] = wall_minutes(trace.graph.calendar.timestamps(rows[name]))
    return rows, whole


def _placed(trace: Trace, person: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Coalesced stays of the wider world; imputed where the end of a row in them was missing."""
    visits, index = trace.graph.facts.visits, trace.outer.index
    at = np.flatnonzero(person[index.stays.person] >= 0)
    imputed = np.zeros(len(index.stays) + 1, dtype=bool)  # one more: a row of no stay
    imputed[index.stay_of_row[visits.depart_hi == NEVER]] = True
    return pd.DataFrame({
        "person": person[index.stays.person[at]],
        "place": index.stays.location[at].astype(np.int64),
        "start": index.stays.arrive[at].astype(np.int64),
        "end": index.stays.depart[at].astype(np.int64),
        "imputed": imputed[at],
    })  # fmt: skip


def _unplaced(trace: Trace, person: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Visits whose place nobody wrote down; an open one lasts to the end of its first minute."""
    lost, now = trace.graph.unplaced, trace.graph.now
    rows = lost.take((person[lost.person] >= 0) & (lost.arrive_lo < now))
    is_open = rows.depart_hi == NEVER
    start = rows.arrive_lo.astype(np.int64)
    end = np.where(is_open, start + 60, rows.depart_hi.astype(np.int64))
    return pd.DataFrame({
        "person": person[rows.person],
        "place": np.full(len(rows), -1),
        "start": start,
        "end": np.maximum(np.minimum(end, now), start),
        "imputed": is_open,
    })  # fmt: skip


def windows(trace: Trace, person: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Pieces of the infectious periods of cases, by number."""
    told = trace.windows
    rows = pd.DataFrame({
        "person": person[numbers(trace.graph.person_ids, told["person_id"])],
        "start": wall_minutes(told["start"]),
        "end": wall_minutes(told["end"]),
    })  # fmt: skip
    return rows[rows["person"] >= 0].sort_values(["person", "start"], ignore_index=True)
