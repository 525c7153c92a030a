"""Where the persons of a page were: the stays that matter, as many as a file can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.model.calendar import NEVER
from tracegraph.viz.clock import elapsed_minutes
from tracegraph.viz.people import numbers, venue_tier

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.tracing.trace import Trace

StaysKept: TypeAlias = Literal["needed", "all"]

MAX_STAYS = 200_000
"""Stays that a page holds."""


def stays(
    trace: Trace, person: npt.NDArray[np.int64], persons: pd.DataFrame, *, kept: StaysKept
) -> tuple[pd.DataFrame, npt.NDArray[np.bool_]]:
    """Stays of the first traced persons, as many as fit, and whose stays they are.

    Where venue contacts were else is no matter of the trace: none of their stays is here.

    Parameters
    ----------
    trace : Trace
    person : array of int64
        Number of each of the graph's person codes; -1 of those not in the page.
    persons : DataFrame, one row a person of the page
        `tier`, `first`, `last`.
    kept : {"needed", "all"}
        Which stays of a contact; "needed" leaves out those that nobody could catch it at.

    Returns
    -------
    DataFrame
        `person`, `place` (the graph's code; -1 without a place), `start`, `end`, `imputed`.
    array of bool, one a person
        Whether all stays of a person that `kept` asks for are in the frame.
    """
    traced = (persons["tier"] < venue_tier(trace)).to_numpy(bool)
    person = np.where(np.append(traced, False)[person], person, -1)  # -1: nobody
    rows = pd.concat([_placed(trace, person), _unplaced(trace, person)], ignore_index=True)
    for name in ("start", "end"):
        rows[name] = elapsed_minutes(trace.graph.calendar.timestamps(rows[name]))
    if kept == "needed":
        rows = rows[_is_needed(rows, persons, outermost=venue_tier(trace) - 1)]
    size = np.bincount(rows["person"], minlength=len(traced))
    whole = (np.cumsum(size) <= MAX_STAYS) & traced
    rows = rows[whole[rows["person"]]]
    return rows.sort_values(["person", "start", "end"], ignore_index=True), whole


def _is_needed(
    rows: pd.DataFrame, persons: pd.DataFrame, *, outermost: int
) -> npt.NDArray[np.bool_]:
    """Whether a stay tells of an exposure, given or taken.

    A contact gives nobody anything before the first exposure; one of the outermost tier, whose
    contacts nobody seeks, gives nothing at all.
    """
    tier = persons["tier"].to_numpy()
    since = np.where(tier == 0, -np.inf, persons["first"])
    until = np.where(tier < outermost, np.inf, persons["last"])
    until[tier == 0] = np.inf  # where there is no tier but the cases', they are the outermost
    found = (rows["end"] > since[rows["person"]]) & (rows["start"] < until[rows["person"]])
    return found.to_numpy(bool)


def _placed(trace: Trace, person: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Coalesced stays of the wider world; imputed where the end of a row in them was missing."""
    view = trace.outer
    index = view.stays_of(person >= 0)
    at = index.of_persons(person >= 0)
    return pd.DataFrame({
        "person": person[index.stays.person[at]],
        "place": index.stays.location[at].astype(np.int64),
        "start": index.stays.arrive[at].astype(np.int64),
        "end": index.stays.depart[at].astype(np.int64),
        "imputed": index.imputed[at],
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
        "start": elapsed_minutes(told["start"]),
        "end": elapsed_minutes(told["end"]),
    })  # fmt: skip
    return rows[rows["person"] >= 0].sort_values(["person", "start"], ignore_index=True)
