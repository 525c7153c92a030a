"""Exposures and venue meetings as a page holds them: numbers for ids, a bounded number a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.tracing.evidence import CLASSES
from tracegraph.tracing.tables import clause
from tracegraph.viz.clock import elapsed_minutes, is_midnight
from tracegraph.viz.kinds import said_kind
from tracegraph.viz.people import numbers

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.tracing.trace import Trace
    from tracegraph.viz.clock import Floats

ROWS_PER_CONTACT = 40
"""Exposures of one contact that a page holds; the card counts the rest."""

_DATED = ("reported", "same_day")  # classes of which a table may give the dates alone


def evidence(trace: Trace, person: npt.NDArray[np.int64]) -> pd.DataFrame:
    """One row an exposure in the order of `trace.exposures()`, the decisive one of each first.

    Parameters
    ----------
    trace : Trace
    person : array of int64
        Number of each of the graph's person codes; -1 of those not in the page.

    Returns
    -------
    DataFrame
        `contact`, `source` (numbers), `place` (a code of the graph; -1 none), `start`, `end`,
        `minutes`, `class` (position in `CLASSES`), `certain`, `is_days` (only the days are
        known), `tier`.
    """
    graph, rows = trace.graph, trace.exposures()
    start, end = elapsed_minutes(rows["start"]), elapsed_minutes(rows["end"])
    return pd.DataFrame({
        "contact": person[numbers(graph.person_ids, rows["contact_id"])],
        "source": person[numbers(graph.person_ids, rows["source_id"])],
        "place": numbers(graph.location_ids, rows["location_id"]),
        "start": start,
        "end": end,
        "minutes": rows["minutes"].to_numpy(np.float64),
        "class": pd.Index(CLASSES).get_indexer(pd.Index(rows["class"].astype(object))),
        "certain": (rows["certainty"] == "certain").to_numpy(bool),
        "is_days": _is_days(trace, rows["class"].isin(_DATED).to_numpy(bool), start, end),
        "tier": rows["tier"].to_numpy(np.int64),
    })  # fmt: skip


def _is_days(
    trace: Trace, dated: npt.NDArray[np.bool_], start: Floats, end: Floats
) -> npt.NDArray[np.bool_]:
    """Whether an exposure lasts from a midnight to a midnight, or to the moment of the trace."""
    calendar, now = trace.graph.calendar, elapsed_minutes([trace.as_of])
    ends = is_midnight(end, calendar) | (end == now)
    return np.asarray(dated & is_midnight(start, calendar) & ends)


def with_clauses(
    rows: pd.DataFrame, trace: Trace, *, identities: bool
) -> tuple[pd.DataFrame, list[str]]:
    """Rows with `clause`, a position in the list of texts.

    A clause quotes the kind of its place, and so may only quote a kind that may be said; its
    minutes are those of the kind itself.
    """
    kind = _kinds(trace, rows["place"].to_numpy())
    keys = np.column_stack([rows["tier"], rows["class"], kind]).reshape(-1, 3)
    met, group = np.unique(keys, axis=0, return_inverse=True)
    texts = [
        clause(trace.protocol, tier, CLASSES[how], *_said(trace, kind, identities=identities))
        for tier, how, kind in met.tolist()
    ]
    known = list(dict.fromkeys(texts))
    position = np.array([known.index(text) for text in texts], dtype=np.int64)
    return rows.assign(clause=position[group.reshape(-1)]), known


def _kinds(trace: Trace, place: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    kind = trace.graph.facts.locations.kind
    return np.where(place < 0, -1, kind[place]) if len(kind) else np.full_like(place, -1)


def _said(trace: Trace, kind: int, *, identities: bool) -> tuple[str | None, str | None]:
    """Word of a kind, and what may be said instead."""
    if kind < 0:
        return None, None
    word = trace.graph.kinds[kind]
    return word, word if identities else said_kind(word)


def kept(rows: pd.DataFrame, links: npt.NDArray[np.int64]) -> pd.DataFrame:
    """At most `ROWS_PER_CONTACT` rows a contact: `links`, then one of each source and place.

    The order of the result tells nothing of ids: by contact, decisive first, then by time.
    `was` is the position before.
    """
    priority = np.where(rows.duplicated(["contact", "source", "place"]), 2, 1)
    priority[links[links >= 0]] = 0
    ranked = _by_time(rows, priority)
    ranked = ranked[ranked.groupby("contact").cumcount() < ROWS_PER_CONTACT]
    is_decisive = ranked["was"] == ranked.groupby("contact")["was"].transform("min")
    return _by_time(ranked, np.where(is_decisive, 0, 1)).reset_index(drop=True)


def _by_time(rows: pd.DataFrame, rank: npt.NDArray[np.int64]) -> pd.DataFrame:
    """Rows by contact and rank, then by time; ties are broken by numbers, not by ids."""
    order = np.lexsort((
        rows["place"], rows["source"], -rows["minutes"].fillna(0.0), rows["start"],
        rank, rows["contact"],
    ))  # fmt: skip
    return rows.assign(was=rows.get("was", np.arange(len(rows)))).iloc[order]


def venue_meetings(trace: Trace, person: npt.NDArray[np.int64]) -> pd.DataFrame:
    """One row a venue contact, by number: the first meeting, and how many there were."""
    graph, met = trace.graph, trace.venue_contacts
    rows: pd.DataFrame = pd.DataFrame({
        "person": person[numbers(graph.person_ids, met["person_id"])],
        "source": person[numbers(graph.person_ids, met["source_id"])],
        "place": numbers(graph.location_ids, met["location_id"]),
        "start": elapsed_minutes(met["start"]),
        "end": elapsed_minutes(met["end"]),
        "minutes": met["minutes"].to_numpy(np.float64),
        "certain": (met["certainty"] == "certain").to_numpy(bool),
        "times": met["n_exposures"].to_numpy(np.int64),
    })  # fmt: skip
    return rows.sort_values("person", ignore_index=True)


def counts(codes: pd.Series[Any], n: int) -> npt.NDArray[np.int64]:
    """How often each number from 0 to n - 1 occurs; -1 counts for nothing."""
    known = codes.to_numpy(np.int64)
    return np.bincount(known[known >= 0], minlength=n)
