"""Who stands in a page: everybody traced, then venue contacts, in an order that no id decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.exposure.windows import anchors
from tracegraph.model.calendar import NEVER
from tracegraph.viz.clock import elapsed_minutes, midnights
from tracegraph.viz.pseudonyms import codes

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.tracing.trace import Trace

ONSET, SPECIMEN, CONFIRMED, EXPOSED, NO_DATE = 0, 1, 2, 3, -1


def numbers(index: pd.Index[Any], values: pd.Series[Any]) -> npt.NDArray[np.int64]:
    """Positions of ids in an index; -1 where an id is missing."""
    out = np.full(len(values), -1, dtype=np.int64)
    known = values.notna().to_numpy(bool)
    out[known] = index.get_indexer(pd.Index(values[known].astype(index.dtype)))
    return out


def people(trace: Trace, key: bytes) -> pd.DataFrame:
    """One row a person by tier, date and code, with times as elapsed minutes.

    Columns: `who` (the graph's code), `code`, `tier`, `certain`, `first`, `last`, `minutes`,
    `sources`, `until`, `ongoing`, `date`, `date_kind`, `date_is_day` (of a case).
    """
    rows = pd.concat([_traced(trace), _venue_only(trace)], ignore_index=True)
    rows = rows.join(_dates(trace, rows))
    rows["code"] = codes("person", trace.graph.person_ids[rows["who"]], key)
    return rows.sort_values(["tier", "date", "code"], ignore_index=True)


def venue_tier(trace: Trace) -> int:
    """Number of the tier that venue contacts have in a page: one more than the last."""
    return len(trace.protocol.tier) + 1


def _traced(trace: Trace) -> pd.DataFrame:
    tiers = trace.tiers
    return pd.DataFrame({
        "who": numbers(trace.graph.person_ids, tiers["person_id"]),
        "tier": tiers["tier"].to_numpy(np.int64),
        "certain": (tiers["certainty"] == "certain").to_numpy(bool),
        "first": elapsed_minutes(tiers["first_exposure"]),
        "last": elapsed_minutes(tiers["last_exposure"]),
        "minutes": tiers["minutes"].to_numpy(np.float64),
        "sources": tiers["n_sources"].to_numpy(np.int64),
        "until": midnights(tiers["quarantine_until"], trace.graph.calendar),
        "ongoing": tiers["ongoing"].to_numpy(bool),
    })  # fmt: skip


def _venue_only(trace: Trace) -> pd.DataFrame:
    """Venue contacts who are nothing else; of several meetings only the first is known whole."""
    met = trace.venue_contacts
    met = met[~met["person_id"].isin(trace.tiers["person_id"])]
    once = (met["n_exposures"] == 1).to_numpy(bool)
    return pd.DataFrame({
        "who": numbers(trace.graph.person_ids, met["person_id"]),
        "tier": np.full(len(met), venue_tier(trace)),
        "certain": (met["certainty"] == "certain").to_numpy(bool),
        "first": elapsed_minutes(met["start"]),
        "last": np.where(once, elapsed_minutes(met["end"]), np.nan),
        "minutes": np.where(once, met["minutes"].to_numpy(np.float64), np.nan),
        "sources": np.ones(len(met), dtype=np.int64),
        "until": np.full(len(met), np.nan),
        "ongoing": np.zeros(len(met), dtype=bool),
    })  # fmt: skip


def _dates(trace: Trace, rows: pd.DataFrame) -> pd.DataFrame:
    """Date of each person and what it is: onset, specimen, confirmation, or first exposure."""
    told = _episodes(trace).set_index("who").reindex(rows["who"]).set_axis(rows.index)
    exposed = np.where(rows["first"].notna(), EXPOSED, NO_DATE)
    is_case = told["date_kind"].notna()
    return pd.DataFrame({
        "date": told["date"].where(is_case, rows["first"]),
        "date_kind": told["date_kind"].fillna(pd.Series(exposed)).astype(np.int64),
        "date_is_day": told["date_is_day"].eq(other=True),
    })  # fmt: skip


def _episodes(trace: Trace) -> pd.DataFrame:
    """First episode of each case: `who`, `date`, `date_kind`, `date_is_day`."""
    found = anchors(trace.graph, trace.protocol)
    cases = found.cases
    tested = (cases.sampled_lo != NEVER) | (found.lo != cases.confirmed_lo)
    has_onset = cases.onset_lo != NEVER
    earliest = np.where(has_onset, cases.onset_lo, found.lo)
    told = pd.DataFrame({
        "who": cases.person,
        "date": elapsed_minutes(trace.graph.calendar.timestamps(earliest)),
        "date_kind": np.select([has_onset, tested], [ONSET, SPECIMEN], CONFIRMED),
        "date_is_day": earliest != np.where(has_onset, cases.onset_hi, found.hi),
    })  # fmt: skip
    return told.sort_values("date", kind="stable").drop_duplicates("who")
