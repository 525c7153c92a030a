"""Where a person was, stay by stay, with the hours nobody can account for."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tracegraph.tracing.tables import ids, window_rows

if TYPE_CHECKING:
    from tracegraph.exposure.hops import WorldView

GAP = -2


def itinerary_table(view: WorldView, person: int) -> pd.DataFrame:
    """Stays of one person by arrival, and the gaps between them.

    The gaps lie between the first and last moment that is known or infectious. Time at
    home is a gap too, unless a visit says so: nobody wrote down that they were there.
    """
    stays = _stays(view, person)
    pieces = window_rows(view.hops[0].sources, *(np.array([person], dtype=np.int32),) * 2)
    spans = [(int(a), int(b)) for a, b in zip(stays["arrive"], stays["depart"], strict=True)]
    infectious = [(int(a), int(b)) for a, b in zip(pieces["start"], pieces["end"], strict=True)]
    gaps = _split(_gaps(spans, infectious), [t for span in infectious for t in span])
    rows = pd.concat(
        [
            stays,
            pd.DataFrame(gaps, columns=["arrive", "depart"]).assign(location=GAP, imputed=False),
        ],
        ignore_index=True,
    ).sort_values(["arrive", "location"], kind="stable", ignore_index=True)
    place = np.maximum(rows["location"].to_numpy(np.int64), -1)
    kind = view.graph.facts.locations.kind
    codes = np.where(place < 0, -1, kind[place]) if len(kind) else place
    return pd.DataFrame({
        "arrive": view.graph.calendar.timestamps(rows["arrive"]),
        "depart": view.graph.calendar.timestamps(rows["depart"]),
        "location_id": ids(view.graph.location_ids, place),
        "kind": pd.array([*view.graph.kinds], dtype="str").take(codes, allow_fill=True),
        "imputed": rows["imputed"].to_numpy(bool),
        "in_window": [
            any(a < e and s < d for s, e in infectious)
            for a, d in zip(rows["arrive"], rows["depart"], strict=True)
        ],
        "gap": (rows["location"] == GAP).to_numpy(),
    })  # fmt: skip


def _stays(view: WorldView, person: int) -> pd.DataFrame:
    """Stays of one person; imputed where the end of a row in them was missing."""
    index = view.stays_of(np.arange(len(view.is_case)) == person)
    at = np.flatnonzero(index.stays.person == person)
    imputed = index.imputed[at]
    return pd.DataFrame({
        "arrive": index.stays.arrive[at].astype(np.int64),
        "depart": index.stays.depart[at].astype(np.int64),
        "location": index.stays.location[at].astype(np.int64),
        "imputed": imputed,
    }).sort_values("arrive", ignore_index=True)  # fmt: skip


def _gaps(spans: list[tuple[int, int]], windows: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches without a stay, from the first to the last second of interest."""
    if not spans and not windows:
        return []
    at = min(a for a, _ in (*spans, *windows))
    end = max(b for _, b in (*spans, *windows))
    gaps = []
    for a, b in sorted(spans):
        if a > at:
            gaps.append((at, a))
        at = max(at, b)
    return [*gaps, (at, end)] if at < end else gaps


def _split(gaps: list[tuple[int, int]], edges: list[int]) -> list[tuple[int, int]]:
    """Gaps cut where an infectious period begins or ends."""
    cuts = [sorted({a, b, *(t for t in edges if a < t < b)}) for a, b in gaps]
    return [pair for times in cuts for pair in pairwise(times)]


def completeness_table(view: WorldView) -> pd.DataFrame:
    """Hours of each case's infectious period up to as-of, and those without a known place."""
    cases = np.flatnonzero(view.is_case).astype(np.int32)
    windows = window_rows(view.hops[0].sources, cases, cases)
    index = view.stays_of(view.is_case)
    at = index.of_persons(view.is_case)
    stays = pd.DataFrame({n: getattr(index.stays, n)[at] for n in ("person", "arrive", "depart")})
    pairs = windows.merge(stays, on="person")
    pairs["arrive"] = pairs[["arrive", "start"]].max(axis=1)
    pairs["depart"] = pairs[["depart", "end"]].min(axis=1)
    pairs = pairs[pairs["arrive"] < pairs["depart"]].sort_values(["person", "arrive"])
    before = pairs.groupby("person")["depart"].cummax().groupby(pairs["person"]).shift()
    fresh = pairs["depart"] - pairs[["arrive"]].assign(before=before).max(axis=1)
    placed = fresh.clip(lower=0).groupby(pairs["person"]).sum().reindex(cases, fill_value=0)
    whole = (windows["end"] - windows["start"]).groupby(windows["person"]).sum()
    whole = whole.reindex(cases, fill_value=0).astype("float64")
    return pd.DataFrame({
        "person_id": ids(view.graph.person_ids, cases),
        "infectious_hours": whole.to_numpy() / 3600,
        "unknown_hours": (whole - placed).to_numpy() / 3600,
        "unknown_share": ((whole - placed) / whole.where(whole > 0)).to_numpy(),
        "visits": np.bincount(view.graph.facts.visits.person, minlength=len(view.is_case))[cases],
    })  # fmt: skip
