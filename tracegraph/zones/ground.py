"""What the zones read of a trace: codes instead of ids, seconds instead of timestamps.

Seconds count from the graph's origin, days from the origin's date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.errors import TableError
from tracegraph.model.calendar import NEVER
from tracegraph.model.facts import ISOLATION_KINDS
from tracegraph.zones.tree import NOWHERE, UNDATED, AreaTree

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.facts import Codes
    from tracegraph.tracing.trace import Trace

    Whole: TypeAlias = npt.NDArray[np.int64]
    Flags: TypeAlias = npt.NDArray[np.bool_]

HOME = ISOLATION_KINDS.index("home")
YES = ("true", "yes", "y", "1", "1.0", "是", "有")


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
        `person`, `site` (codes); `start`, `end`: isolation in a hospital, at a site or of
        no kind, while it is certain; `noted`: its earliest start.
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

    @property
    def cases(self) -> Whole:
        """Codes of the persons whom the trace counts as cases."""
        tiers = self.trace.tiers
        return self.person(tiers.loc[(tiers["tier"] == 0).to_numpy(bool), "person_id"])

    @property
    def vulnerable(self) -> Flags:
        """Whether `persons.vulnerable` says yes of each person code."""
        persons = self.trace.graph.persons
        flags = np.zeros(len(self.home), dtype=bool)
        flags[self.person(persons["person_id"])[says(column(persons, "vulnerable"))]] = True
        return flags

    @property
    def has_population(self) -> Flags:
        """Whether `areas.population` says anything of each area code."""
        areas = self.trace.graph.areas
        given = pd.to_numeric(column(areas, "population"), errors="coerce").notna().to_numpy(bool)
        flags = np.zeros(len(self.tree), dtype=bool)
        flags[codes(self.trace.graph.area_ids, areas["area_id"])[given]] = True
        return flags

    @property
    def today(self) -> int:
        """Local day of the as-of moment."""
        return int(self.trace.graph.calendar.day(self.now))

    def days_ago(self, days: int) -> int:
        """Second at which the clock showed the same, days before now."""
        return int(self.trace.graph.calendar.add_days(self.now, -days))

    def person(self, ids: pd.Series[Any]) -> Whole:
        """Codes of persons; -1 for ids that are missing."""
        return pick(_whole(self.trace.graph.canonical), codes(self.trace.graph.person_ids, ids))

    def place(self, ids: pd.Series[Any]) -> Whole:
        """Finest area of each location id; -1 none."""
        return pick(self.area, codes(self.trace.graph.location_ids, ids))

    def seconds(self, moments: pd.Series[Any]) -> Whole:
        """Seconds of aware timestamps; `UNDATED` where missing."""
        stamps = pd.DatetimeIndex(moments)
        since_1970 = np.asarray(stamps.as_unit("s").asi8, dtype=np.int64)
        begin = self.trace.graph.calendar.second(pd.Timestamp(0, tz="UTC"))
        return np.where(stamps.isna(), UNDATED, since_1970 + begin)

    def stamps(self, second: Whole) -> pd.DatetimeIndex:
        """Timestamps in the graph's zone; `UNDATED` becomes NaT."""
        return self.trace.graph.calendar.timestamps(second)

    def day(self, second: Whole) -> Whole:
        """Local days; `UNDATED` stays."""
        dated = second != UNDATED
        return np.where(dated, self.trace.graph.calendar.day(np.where(dated, second, 0)), UNDATED)

    def is_away(self, person: Whole, second: Whole) -> Flags:
        """Whether each person certainly was in isolation away from home at that second."""
        both = self._with_isolations(person, second)
        inside = (both["start"] <= both["second"]) & (both["second"] < both["end"])
        found = np.zeros(len(person), dtype=bool)
        found[both.loc[inside, "row"].to_numpy(np.int64)] = True
        return found

    def next_away(self, person: Whole, second: Whole) -> Whole:
        """Start of each person's first isolation away that begins later; `NEVER` if none."""
        both = self._with_isolations(person, second)
        first = both[both["start"] > both["second"]].groupby("row")["start"].min()
        out = np.full(len(person), int(NEVER), dtype=np.int64)
        out[first.index.to_numpy(np.int64)] = first.to_numpy(np.int64)
        return out

    def _with_isolations(self, person: Whole, second: Whole) -> pd.DataFrame:
        """Every row asked about beside every isolation of its person."""
        row = np.flatnonzero(np.isin(person, self.away["person"].to_numpy()))
        asked = pd.DataFrame({"person": person[row], "second": second[row], "row": row})
        return asked.merge(self.away, on="person")


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
    places = graph.facts.locations
    buildings = AreaTree(parent=_whole(places.parent))
    return Ground(
        trace=trace,
        tree=AreaTree(parent=_whole(graph.area_parent)),
        buildings=buildings,
        area=_whole(places.nearest_area()),
        home=_whole(graph.facts.persons.home),
        away=_isolations_away(trace),
        now=trace.as_of_second,
    )


def _isolations_away(trace: Trace) -> pd.DataFrame:
    facts = trace.graph.facts
    table = facts.isolations.take(facts.isolations.kind != HOME)
    away = pd.DataFrame({
        "person": _whole(table.person),
        "site": _whole(table.site),
        "noted": _whole(table.start_lo),
        "start": _whole(table.start_hi),
        "end": _whole(table.end_lo),
    })  # fmt: skip
    if trace.protocol.window.isolation_kind == "home":
        return away
    cases = facts.cases.take(facts.cases.isolated_lo != NEVER)
    noted = pd.DataFrame({
        "person": _whole(cases.person),
        "site": NOWHERE,
        "noted": _whole(cases.isolated_lo),
        "start": _whole(cases.isolated_hi),
        "end": int(NEVER),
    })  # fmt: skip
    return pd.concat([away, noted], ignore_index=True)


def _whole(values: Codes) -> Whole:
    return values.astype(np.int64)


def column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Return a column, or missing values where the table lacks it."""
    if name in frame.columns:
        return frame[name]
    return pd.Series(pd.NA, index=frame.index, dtype="object")


def says(cells: pd.Series[Any], words: tuple[str, ...] = YES) -> Flags:
    """Whether each cell is one of these words, by default one for yes."""
    which, distinct = pd.factorize(cells.astype("object"))
    told = [str(cell).strip().lower() in words for cell in distinct]
    return np.array([*told, False], dtype=bool)[which]


def codes(index: pd.Index[Any], ids: pd.Series[Any]) -> Whole:
    """Positions of ids in `index`; -1 for ids that are missing."""
    given = ids.notna().to_numpy()
    found = np.full(len(ids), NOWHERE)
    if given.any():
        which, distinct = pd.factorize(ids[given])
        found[given] = _positions(index, pd.Index(distinct))[which]
    return found


def code_of(index: pd.Index[Any], value: object) -> int:
    """Position of one id in `index`; -1 if it is unknown."""
    return int(codes(index, pd.Series([value], dtype="object"))[0])


def _positions(index: pd.Index[Any], wanted: pd.Index[Any]) -> Whole:
    """Positions of ids; of another type than the index none."""
    try:
        return index.get_indexer(wanted.astype(index.dtype)).astype(np.int64)
    except (ValueError, TypeError):
        return index.astype("object").get_indexer(wanted.astype("object")).astype(np.int64)


def pick(values: Whole, at: Whole) -> Whole:
    """`values[at]`, and -1 where `at` is -1."""
    return np.append(values, NOWHERE)[at]
