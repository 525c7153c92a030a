"""Verdicts as data frames with documented columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tracegraph.exposure.encounters import CHANNELS, UNTIMED
from tracegraph.exposure.hops import NO_TIER
from tracegraph.exposure.isolation import NOWHERE
from tracegraph.model.calendar import BEFORE, NEVER
from tracegraph.model.runs import runs
from tracegraph.tracing.evidence import CLASSES, in_order

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.exposure.encounters import Encounters
    from tracegraph.exposure.hops import WorldView
    from tracegraph.exposure.pieces import Pieces
    from tracegraph.exposure.windows import Windows
    from tracegraph.model.facts import Codes
    from tracegraph.protocols.protocol import Protocol

CERTAINTY = np.array(["possible", "certain"])


def ids(index: pd.Index, codes: npt.ArrayLike) -> pd.api.extensions.ExtensionArray:
    """Ids of codes; -1 becomes missing."""
    values = index.astype("Int64" if pd.api.types.is_integer_dtype(index.dtype) else "str").array
    found: pd.api.extensions.ExtensionArray = values.take(
        np.asarray(codes, dtype=np.int64), allow_fill=True
    )
    return found


def minutes(seconds: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Minutes; `UNTIMED` becomes NaN."""
    given = np.asarray(seconds, dtype=np.float64)
    return np.where(given == UNTIMED, np.nan, given / 60)


def tiers_table(outer: WorldView, inner: WorldView, people: pd.DataFrame) -> pd.DataFrame:
    """One row a traced person, from `by_person`; the columns are those of `Trace.tiers`."""
    graph = outer.graph
    traced = np.flatnonzero(outer.tier != NO_TIER)
    found = people.reindex(traced)
    contact = outer.contact_tier[traced]
    tier, sure = outer.tier[traced], inner.tier[traced]
    first = np.full(len(traced), NEVER, dtype=np.int64)
    for hop in outer.hops:
        first = np.where(contact == hop.number, hop.first[traced], first)
    last = found["last"].fillna(int(BEFORE)).to_numpy(np.int64)
    ongoing = last == graph.now
    table = pd.DataFrame({
        "person_id": ids(graph.person_ids, traced),
        "tier": tier_array(tier),
        "certainty": CERTAINTY[(tier == sure).astype(int)],
        "tier_certain": tier_array(sure),
        "contact_tier": tier_array(contact),
        "class": class_names(found["class"]),
        "first_exposure": graph.calendar.timestamps(first),
        "last_exposure": graph.calendar.timestamps(last),
        "n_sources": found["n_sources"].fillna(0).to_numpy(np.int32),
        "minutes": found["minutes"].to_numpy(np.float64),
        "source_id": ids(graph.person_ids, found["source"].fillna(NOWHERE)),
        "location_id": ids(graph.location_ids, found["location"].fillna(NOWHERE)),
        "clause": clauses(outer, found.assign(tier=contact)),
        "quarantine_until": quarantine_until(outer, tier, last, ongoing=ongoing),
        "ongoing": ongoing,
    })  # fmt: skip
    return table.sort_values(["tier", "person_id"], kind="stable", ignore_index=True)


def tier_array(tier: npt.NDArray[np.int8]) -> pd.arrays.IntegerArray:
    """Nullable tiers; `NO_TIER` becomes missing."""
    return pd.arrays.IntegerArray(tier.astype(np.int8), tier == NO_TIER)


def class_names(codes: pd.Series[float]) -> pd.Series[str]:
    """Names of classes; missing where there is no exposure."""
    names = pd.Series(CLASSES, dtype="str")
    return names.reindex(codes.to_numpy()).reset_index(drop=True)


def quarantine_until(
    view: WorldView,
    tier: npt.NDArray[np.int8],
    last: npt.NDArray[np.int64],
    *,
    ongoing: npt.NDArray[np.bool_],
) -> pd.DatetimeIndex:
    """Local date of release: the last exposure's date is day 0 (RULE 28)."""
    days = np.array([t.quarantine_days or 0 for t in view.protocol.tier])
    has = np.array([t.quarantine_days is not None for t in view.protocol.tier])
    quarantined = (tier > 0) & ~ongoing
    quarantined[quarantined] = has[tier[quarantined] - 1]
    day = view.graph.calendar.day(np.where(quarantined, last - 1, 0))
    release = day + np.where(quarantined, days[np.maximum(tier, 1) - 1], 0)
    origin = np.datetime64(view.graph.calendar.origin, "s")
    dates = origin + release.astype("timedelta64[D]")
    return pd.DatetimeIndex(np.where(quarantined, dates, np.datetime64("NaT", "s")))


def clauses(view: WorldView, rows: pd.DataFrame) -> pd.Series[str]:
    """By which clause of the protocol each row is an exposure; missing where none is."""
    kind = view.graph.facts.locations.kind
    place = rows["location"].fillna(NOWHERE).to_numpy(np.int64)
    parts = pd.DataFrame({
        "tier": rows["tier"].to_numpy(),
        "class": rows["class"].to_numpy(),
        "kind": np.where(place == NOWHERE, NOWHERE, kind[place] if len(kind) else NOWHERE),
    })  # fmt: skip
    known = parts.dropna().drop_duplicates()
    known["clause"] = [
        clause(view.protocol, int(t), CLASSES[int(c)], _name(view.graph.kinds, int(k)))
        for t, c, k in known.itertuples(index=False)
    ]
    found = parts.merge(known, how="left", on=["tier", "class", "kind"])
    return found["clause"].astype("str")


def _name(names: tuple[str, ...], code: int) -> str | None:
    return names[code] if code >= 0 else None


def clause(
    protocol: Protocol, tier: int, class_: str, kind: str | None, said: str | None = None
) -> str:
    """What the protocol says that makes this an exposure, in a line; `said` is the kind told."""
    least, said = protocol.minutes_at(kind, tier), said or kind or "other"
    how = {
        "household": "same household",
        "reported": "reported contact",
        "same_day": f"same place ({said}) and date",
    }.get(class_) or (
        f"{class_.replace('_', ' ')}, {said}: "
        + (f"{least:g} min or more" if least else "any time together")
    )
    return f"{protocol.tier[tier - 1].clause} — {how}"


def exposures_table(view: WorldView, rows: pd.DataFrame) -> pd.DataFrame:
    """One row an exposure; the columns are those of `Trace.exposures`."""
    graph = view.graph
    return pd.DataFrame({
        "contact_id": ids(graph.person_ids, rows["target"]),
        "tier": tier_array(rows["tier"].to_numpy(np.int8)),
        "source_id": ids(graph.person_ids, rows["source"]),
        "location_id": ids(graph.location_ids, rows["location"]),
        "start": graph.calendar.timestamps(rows["start"]),
        "end": graph.calendar.timestamps(rows["end"]),
        "minutes": minutes(rows["seconds"]),
        "minutes_together": minutes(rows["together"]),
        "class": class_names(rows["class"]),
        "channel": np.array(CHANNELS)[rows["channel"]],
        "certainty": CERTAINTY[rows["certain"].to_numpy(int)],
        "clause": clauses(view, rows),
    })  # fmt: skip


def venue_table(outer: WorldView, met: Encounters, sure: Encounters) -> pd.DataFrame:
    """One row a venue contact; the columns are those of `Trace.venue_contacts`."""
    graph = outer.graph
    rows = pd.DataFrame({n: getattr(met, n) for n in met.__dataclass_fields__})
    if outer.rule.by_day:
        rows["seconds"] = UNTIMED
    rows = in_order(rows)
    groups = rows.groupby("target", sort=True)
    found = groups.first().reset_index()
    certain = np.isin(found["target"], sure.target)
    return pd.DataFrame({
        "person_id": ids(graph.person_ids, found["target"]),
        "source_id": ids(graph.person_ids, found["source"]),
        "location_id": ids(graph.location_ids, found["location"]),
        "start": graph.calendar.timestamps(found["start"]),
        "end": graph.calendar.timestamps(found["end"]),
        "minutes": minutes(found["seconds"]),
        "n_exposures": groups.size().to_numpy(np.int64),
        "certainty": CERTAINTY[certain.astype(int)],
    })  # fmt: skip


def windows_table(outer: WorldView, inner: WorldView) -> pd.DataFrame:
    """One row a piece of a case's infectious period, with the part that is certain."""
    whole, sure = _pieces(outer), _pieces(inner)
    graph = outer.graph
    pairs = whole.reset_index().merge(sure, on="person", how="left", suffixes=("", "_sure"))
    meets = (pairs["start"] < pairs["end_sure"]) & (pairs["start_sure"] < pairs["end"])
    part = pairs[meets].groupby("index")[["start_sure", "end_sure"]].agg(
        {"start_sure": "min", "end_sure": "max"}
    )  # fmt: skip
    found = whole.join(part)
    return pd.DataFrame({
        "person_id": ids(graph.person_ids, found["person"]),
        "start": graph.calendar.timestamps(found["start"]),
        "end": graph.calendar.timestamps(found["end"]),
        "certain_start": graph.calendar.timestamps(found["start_sure"].fillna(int(NEVER))),
        "certain_end": graph.calendar.timestamps(found["end_sure"].fillna(int(NEVER))),
    })  # fmt: skip


def _pieces(view: WorldView) -> pd.DataFrame:
    n = len(view.graph.person_ids)
    return window_rows(view.hops[0].sources, np.arange(n, dtype=np.int32), np.arange(n))


def window_rows(
    sources: Windows, person: Codes, window: npt.NDArray[np.int64] | Codes
) -> pd.DataFrame:
    """Pieces (person, start, end) of a window id for each person."""
    left, right = sources.begin[:-1][window], sources.begin[1:][window]
    row, nth = runs(right - left)
    at = left[row] + nth
    return pd.DataFrame({
        "person": person[row], "start": sources.start[at], "end": sources.end[at]
    })  # fmt: skip


def presence_table(view: WorldView, pieces: Pieces) -> pd.DataFrame:
    """Where cases were while infectious: person_id, location_id, start, end."""
    graph = view.graph
    return pd.DataFrame({
        "person_id": ids(graph.person_ids, pieces.owner),
        "location_id": ids(graph.location_ids, pieces.location),
        "start": graph.calendar.timestamps(pieces.start),
        "end": graph.calendar.timestamps(pieces.left),
    })  # fmt: skip
