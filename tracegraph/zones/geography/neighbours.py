"""Which finest areas are neighbours: by outlines, by a table, or by movement between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd
import shapely

from tracegraph.errors import TableError
from tracegraph.zones.geography.blocks import facing
from tracegraph.zones.geography.borders import borders, edges_of, summed
from tracegraph.zones.geography.notes import gather, note

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.graph import TraceGraph
    from tracegraph.zones.geography.shapes import Shapes

    Whole: TypeAlias = npt.NDArray[np.int64]
    Floats: TypeAlias = npt.NDArray[np.float64]
    Flags: TypeAlias = npt.NDArray[np.bool_]

GAP_METRES = 1.0
"""How far apart a border may be drawn twice. A working value of tracegraph."""
WITHIN_METRES = 50.0
"""How near footprints that do not touch must be: buildings of one compound stand 10 to 40 m
apart. A working value of tracegraph."""


def _nobody() -> Whole:
    return np.empty(0, dtype=np.int64)


def _nothing() -> pd.DataFrame:
    return gather([], pd.Index([], dtype="str"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Neighbours:
    """Pairs of neighbouring finest areas.

    Parameters
    ----------
    one, other : arrays of int64
        Codes; each pair once, `one < other`, sorted.
    strength : array of float64
        Above 0; what it counts is `measure`.
    measure : str
        "metres of shared border", "given" or "trips".
    without : array of int64
        Finest areas in no pair: without outline, far from all others, or not listed.
    notes : DataFrame
        `area_id`, `problem`, `done`: what was left out.
    """

    one: Whole
    other: Whole
    strength: Floats
    measure: str
    without: Whole = field(default_factory=_nobody)
    notes: pd.DataFrame = field(default_factory=_nothing)

    def __len__(self) -> int:
        return self.one.size


def shared_borders(
    shapes: Shapes,
    finest: Whole,
    *,
    gap_metres: float = GAP_METRES,
    within_metres: float = WITHIN_METRES,
) -> Neighbours:
    """Neighbours by their outlines: metres of border, or of footprints that face one another.

    What is a border stands in `borders`, what faces one another in `blocks`; touching in a
    point is neither. Lengths are those on a sphere of the mean radius of WGS-84, by the scale
    at each border's own latitude: within 0.6 % of the ellipsoid. Borders across the
    antimeridian are not seen.

    Parameters
    ----------
    shapes : Shapes
    finest : array of int64
        Codes of the areas to compare, those that hold no other.
    gap_metres : float, default 1
        How far apart a border may be drawn twice; a millimetre at least.
    within_metres : float, default 50
        How near areas must be that no chain of borders joins; 0 asks for borders only.

    Returns
    -------
    Neighbours

    Raises
    ------
    TableError
        If a distance is negative or not a number.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> west = shapely.box(100, 35, 100.01, 35.01)
    >>> east = shapely.box(100.01, 35, 100.02, 35.02)
    >>> shapes = SimpleNamespace(outline=np.array([west, east, None], dtype=object))
    >>> found = shared_borders(shapes, np.arange(3))
    >>> found.one.tolist(), found.other.tolist(), found.strength.round().tolist()
    ([0], [1], [1112.0])
    >>> found.without.tolist()
    [2]
    """
    for name, value in (("gap_metres", gap_metres), ("within_metres", within_metres)):
        if not 0 <= value < np.inf:
            msg = f"{name} is {value}.\n    Give metres, 0 or more."
            raise TableError(msg)
    finest = np.unique(np.asarray(finest, dtype=np.int64))
    drawn = finest[~shapely.is_missing(shapes.outline[finest])]
    found = borders(edges_of(shapes.outline, drawn), gap_metres)
    near = facing(shapes.outline, drawn, found, gap_metres, within_metres)
    one, other, metres = summed(*(np.concatenate(pair) for pair in zip(found, near, strict=True)))
    return Neighbours(one=one, other=other, strength=metres, measure="metres of shared border",
                      without=_alone(finest, one, other))  # fmt: skip


def listed_neighbours(graph: TraceGraph, frame: pd.DataFrame, finest: Whole) -> Neighbours:
    """Neighbours that a table lists.

    A pair may stand either way round. Of a pair that stands more than once, the largest
    strength counts: two rows of one pair are the same border seen from both sides.

    Parameters
    ----------
    graph : TraceGraph
    frame : DataFrame
        `area_id`, `neighbour_id`; optional `strength` (a number; missing is 1).
    finest : array of int64
        Codes of areas that may be neighbours. Areas that hold others are refused: which of
        their parts touch is not said.

    Returns
    -------
    Neighbours
        Pairs of an area with itself, and those of strength 0, are left out; see `notes`.

    Raises
    ------
    TableError
        If a column is missing, an id is unknown or missing, an area holds others, or a
        strength is negative or no number.

    Examples
    --------
    >>> import tracegraph as tg
    >>> cases = pd.DataFrame({"person_id": ["P"], "onset": ["2022-05-09"]})
    >>> areas = pd.DataFrame({"area_id": ["A", "B"]})
    >>> graph = tg.TraceGraph(cases=cases, areas=areas, tz="UTC")
    >>> listed = pd.DataFrame({"area_id": ["B", "A"], "neighbour_id": ["A", "B"]})
    >>> found = listed_neighbours(graph, listed, np.arange(2))
    >>> found.one.tolist(), found.other.tolist(), found.strength.tolist()
    ([0], [1], [1.0])
    """
    _needs(frame, "neighbours", ("area_id", "neighbour_id"))
    one, other = (_finest_codes(graph, frame[name], finest) for name in ("area_id", "neighbour_id"))
    strength = _strengths(frame)
    itself = one == other
    nought = ~itself & (strength == 0)
    kept = ~itself & ~nought
    pair = pd.DataFrame({
        "one": np.minimum(one, other)[kept],
        "other": np.maximum(one, other)[kept],
        "strength": strength[kept],
    }).groupby(["one", "other"], as_index=False)["strength"].max()  # fmt: skip
    told = [
        note(one[itself], "listed as its own neighbour", "left out"),
        note(one[nought], "listed as neighbour with strength 0", "left out"),
    ]
    return Neighbours(
        one=pair["one"].to_numpy(np.int64),
        other=pair["other"].to_numpy(np.int64),
        strength=pair["strength"].to_numpy(np.float64),
        measure="given",
        without=_alone(finest, pair["one"], pair["other"]),
        notes=gather(told, graph.area_ids),
    )


def neighbours_by_movement(trips: pd.DataFrame, finest: Whole) -> Neighbours:
    """Neighbours by the trips between areas.

    Parameters
    ----------
    trips : DataFrame
        As `movement.trips` makes it: `one`, `other` (codes), `trips`.
    finest : array of int64
        Codes of areas that may be neighbours. Trips that start or end at places of an area
        that holds others are left out; `notes` counts them.

    Returns
    -------
    Neighbours

    Raises
    ------
    TableError
        If a column is missing, or trips are negative or no number.

    Examples
    --------
    >>> trips = pd.DataFrame({"one": [0, 1], "other": [2, 0], "trips": [3.0, 1.0]})
    >>> found = neighbours_by_movement(trips, np.array([0, 2]))
    >>> found.one.tolist(), found.other.tolist(), found.strength.tolist()
    ([0], [2], [3.0])
    >>> found.notes["problem"].tolist()
    ['1 trip starts or ends in areas that hold others']
    """
    _needs(trips, "trips", ("one", "other", "trips"))
    one, other = trips["one"].to_numpy(np.int64), trips["other"].to_numpy(np.int64)
    count = _numbers(trips["trips"], "trips.trips")
    both = np.isin(one, finest) & np.isin(other, finest)
    kept = both & (one != other) & (count > 0)
    low, high, strength = summed(one[kept], other[kept], count[kept])
    lost = count[~both].sum()
    verb = "trip starts or ends" if lost == 1 else "trips start or end"
    notes = pd.DataFrame({
        "area_id": pd.Series([None], dtype="object"),
        "problem": f"{lost:,.0f} {verb} in areas that hold others",
        "done": "left out",
    }) if lost else _nothing()  # fmt: skip
    return Neighbours(one=low, other=high, strength=strength, measure="trips",
                      without=_alone(finest, low, high), notes=notes)  # fmt: skip


def _alone(finest: Whole, one: npt.ArrayLike, other: npt.ArrayLike) -> Whole:
    """Areas in no pair."""
    return np.setdiff1d(finest, np.union1d(one, other)).astype(np.int64)


def _needs(frame: pd.DataFrame, table: str, names: tuple[str, ...]) -> None:
    absent = [name for name in names if name not in frame.columns]
    if absent:
        msg = (
            f"{table} has no column {absent[0]!r}; it has {', '.join(map(str, frame.columns))}.\n"
            f"    Give {', '.join(names)}."
        )
        raise TableError(msg)


def _finest_codes(graph: TraceGraph, ids: pd.Series[Any], finest: Whole) -> Whole:
    """Codes of ids, all of them known and finest."""
    name = f"neighbours.{ids.name}"
    same_kind = pd.api.types.is_numeric_dtype(ids) == pd.api.types.is_numeric_dtype(graph.area_ids)
    at = graph.area_ids.get_indexer(pd.Index(ids)) if same_kind else np.full(len(ids), -1)
    _refuse(ids, at < 0, f"{name} is no area of this graph", "Name areas as areas.area_id does.")
    held = "Give pairs of the finest areas, those that hold no other."
    _refuse(ids, ~np.isin(at, finest), f"{name} holds other areas", held)
    return at.astype(np.int64)


def _strengths(frame: pd.DataFrame) -> Floats:
    if "strength" not in frame.columns:
        return np.ones(len(frame))
    return _numbers(frame["strength"].where(frame["strength"].notna(), 1.0), "neighbours.strength")


def _numbers(values: pd.Series[Any], name: str) -> Floats:
    """Numbers that are 0 or more."""
    number = pd.to_numeric(values, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    bad = ~((number >= 0) & (number < np.inf))
    _refuse(values, bad, f"{name} is no number of 0 or more", "Correct it, or leave it empty.")
    return number


def _refuse(values: pd.Series[Any], bad: Flags, what: str, mend: str) -> None:
    if bad.any():
        some = ", ".join(repr(value) for value in values[bad].drop_duplicates().tolist()[:3])
        msg = f"{what}: {some} ({int(bad.sum()):,} of {len(values):,} rows).\n    {mend}"
        raise TableError(msg)
