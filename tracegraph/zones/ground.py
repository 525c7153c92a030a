"""What the zones read of a trace: codes instead of ids, seconds instead of timestamps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.errors import TableError
from tracegraph.zones.tree import NOWHERE, UNDATED, AreaTree

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.tracing.trace import Trace

    Whole: TypeAlias = npt.NDArray[np.int64]
    Flags: TypeAlias = npt.NDArray[np.bool_]

DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Who lives where, and when people were in isolation away from home.

    Parameters
    ----------
    trace : Trace
    tree : AreaTree
    buildings : AreaTree
        The places that hold each location.
    area : array
        Finest area of each location code; -1 none.
    home : array
        Home of each person code; -1 none.
    away : DataFrame
        `person`, `start`, `end`, `site`: isolations in a hospital or at a site, or of no
        kind, ordered by person and start. Without an end they last.
    now : int
        Second of the as-of moment.
    """

    trace: Trace
    tree: AreaTree
    buildings: AreaTree
    area: Whole
    home: Whole
    away: pd.DataFrame
    now: int

    @property
    def home_area(self) -> Whole:
        """Finest area in which each person lives; -1 none."""
        return pick(self.area, self.home)

    def person(self, ids: pd.Series[Any]) -> Whole:
        """Codes of persons; -1 for ids that are missing."""
        return codes(self.trace.graph.person_ids, ids)

    def location(self, ids: pd.Series[Any]) -> Whole:
        """Codes of locations; -1 for ids that are missing."""
        return codes(self.trace.graph.location_ids, ids)

    def place(self, ids: pd.Series[Any]) -> Whole:
        """Finest area of each location id; -1 none."""
        return pick(self.area, self.location(ids))

    def is_away(self, person: Whole, second: Whole) -> Flags:
        """Whether each person was in isolation away from home at that second."""
        asked = pd.DataFrame({"person": person, "second": second, "row": range(len(person))})
        both = asked.merge(self.away, on="person")
        inside = (both["start"] <= both["second"]) & (both["second"] < both["end"])
        found = np.zeros(len(person), dtype=bool)
        found[both.loc[inside, "row"].to_numpy(np.int64)] = True
        return found

    def next_away(self, person: Whole, second: Whole) -> Whole:
        """Start of each person's first isolation away that begins later; far off if none."""
        asked = pd.DataFrame({"person": person, "second": second, "row": range(len(person))})
        both = asked.merge(self.away, on="person")
        first = both[both["start"] > both["second"]].groupby("row")["start"].min()
        out = np.full(len(person), np.iinfo(np.int64).max)
        out[first.index.to_numpy(np.int64)] = first.to_numpy(np.int64)
        return out


def survey(trace: Trace) -> Ground:
    """Read the ground of a trace.

    Raises
    ------
    TableError
        If the graph has no areas.
    """
    graph = trace.graph
    if not len(graph.area_ids):
        msg = (
            "zones need the table 'areas', and this graph has none.\n"
            "    Pass areas= (area_id, parent_id, level) and give locations an area_id."
        )
        raise TableError(msg)
    persons = graph.persons
    home = np.full(len(graph.person_ids), NOWHERE)
    who = codes(graph.person_ids, column(persons, "person_id"))
    where = codes(graph.location_ids, column(persons, "home_id"))
    known = np.flatnonzero((who >= 0) & (where >= 0))
    home[who[known]] = where[known]
    buildings = _buildings(trace)
    return Ground(
        trace=trace,
        buildings=buildings,
        tree=AreaTree(parent=np.asarray(graph.area_parent, dtype=np.int64)),
        area=_areas_of_locations(trace, buildings),
        home=home,
        away=_isolations_away(trace),
        now=int(seconds(pd.Series([trace.as_of]), trace)[0]),
    )


def _buildings(trace: Trace) -> AreaTree:
    return AreaTree(parent=_without_circles(_of_locations(trace, "parent_id")))


def _areas_of_locations(trace: Trace, buildings: AreaTree) -> Whole:
    """Area of each location; a room without one lies in its building's."""
    area = _of_locations(trace, "area_id")
    for position, at in buildings.upwards(np.arange(len(buildings))):
        lacks = area[position] == NOWHERE
        area[position[lacks]] = area[at[lacks]]
    return area


def _of_locations(trace: Trace, name: str) -> Whole:
    """Codes that `locations` gives for each location; -1 where it gives none."""
    graph = trace.graph
    row = codes(graph.location_ids, column(graph.locations, "location_id"))
    index = graph.area_ids if name == "area_id" else graph.location_ids
    found = codes(index, column(graph.locations, name))
    known = np.flatnonzero((row >= 0) & (found >= 0))
    out = np.full(len(graph.location_ids), NOWHERE)
    out[row[known]] = found[known]
    return out


def _without_circles(parent: Whole) -> Whole:
    """Cut the places that are their own ancestors loose."""
    jump = np.append(parent, NOWHERE)  # -1 points at the last entry, which is nowhere
    for _ in range(max(1, int(parent.size).bit_length())):
        jump = jump[jump]
    parent = parent.copy()
    parent[np.unique(jump[:-1][jump[:-1] >= 0])] = NOWHERE
    return parent


def _isolations_away(trace: Trace) -> pd.DataFrame:
    graph = trace.graph
    table, cases = graph.isolations, graph.cases
    kind = column(table, "kind").fillna("central").astype(str)
    rows = table[kind.to_numpy() != "home"]
    parts = [(rows, "start", "end", "site_id")]
    if trace.protocol.window.isolation_kind != "home":
        parts.append((cases, "isolated", "no end", "no site"))
    away = pd.concat([
        pd.DataFrame({
            "person": codes(graph.person_ids, column(frame, "person_id")),
            "start": seconds(column(frame, start), trace),
            "end": seconds(column(frame, end), trace),
            "site": codes(graph.location_ids, column(frame, site)),
        })
        for frame, start, end, site in parts
    ])  # fmt: skip
    away = away[away["start"] != UNDATED]
    away["end"] = away["end"].where(away["end"] != UNDATED, np.iinfo(np.int64).max)
    return away.sort_values(["person", "start"], ignore_index=True)


def column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Return a column, or missing values where the table lacks it."""
    if name in frame.columns:
        return frame[name]
    return pd.Series(pd.NA, index=frame.index, dtype="object")


def codes(index: pd.Index[Any], ids: pd.Series[Any]) -> Whole:
    """Positions of ids in `index`; -1 for ids that are missing."""
    given = ids.notna().to_numpy()
    found = np.full(len(ids), NOWHERE)
    if given.any():
        known = ids[given].astype(index.dtype)
        found[given] = index.get_indexer(pd.Index(known))
    return found


def pick(values: Whole, at: Whole) -> Whole:
    """`values[at]`, and -1 where `at` is -1."""
    return np.append(values, NOWHERE)[at]


def seconds(times: pd.Series[Any], trace: Trace) -> Whole:
    """Seconds of the epoch; `UNDATED` where missing. Naive times are local."""
    if times.isna().all():
        return np.full(len(times), UNDATED)
    stamps = pd.DatetimeIndex(pd.to_datetime(times))
    if stamps.tz is None:
        stamps = stamps.tz_localize(trace.as_of.tz)
    return np.asarray(stamps.as_unit("s").asi8, dtype=np.int64)


def stamps(second: Whole, trace: Trace) -> pd.DatetimeIndex:
    """Aware timestamps of seconds of the epoch, as the trace writes them."""
    plain = pd.DatetimeIndex(second.view("datetime64[s]"))
    return plain.tz_localize("UTC").tz_convert(trace.as_of.tz)


def wall(second: Whole, trace: Trace) -> Whole:
    """Seconds of the local clock since 1970-01-01 00:00; `UNDATED` stays."""
    local = stamps(second, trace).tz_localize(None)
    return np.asarray(local.as_unit("s").asi8, dtype=np.int64)


def day_of(second: Whole, trace: Trace) -> Whole:
    """Local dates as days since 1970-01-01; `UNDATED` stays."""
    local = wall(second, trace)
    return np.where(local == UNDATED, UNDATED, local // DAY)
