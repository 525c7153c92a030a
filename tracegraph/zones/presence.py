"""Where cases were while infectious, and whether they were at home at all.

A case locks down its home only if it lived there while infectious. *At home* is every
piece of its window at home (isolation away from home taken out) that no recorded stay
elsewhere fills. An imported case may never have arrived: it was at home if a stay at
home is recorded, or if such a piece, after its first recorded stay, holds a night
(03:00 local time; a working value of tracegraph: shorter gaps are the way from the train
to the isolation site). Without any recorded stay, an imported case found at a checkpoint
or an isolation site was not at home, any other was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from tracegraph.zones.ground import YES, codes, column, pick, says

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.zones.ground import Ground

    Whole: TypeAlias = npt.NDArray[np.int64]
    Flags: TypeAlias = npt.NDArray[np.bool_]

NIGHT_HOUR = 3
ON_ARRIVAL = ("checkpoint", "isolation site")
IMPORTED = (*YES, "imported", "输入", "境外输入")


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Stays of cases outside isolation, and cases that lived at home while infectious.

    Parameters
    ----------
    stays : DataFrame
        `person`, `location`, `area` (codes), `start`, `end` (seconds of the epoch).
    at_home : array of int64
        Codes of cases that were at home while infectious.
    """

    stays: pd.DataFrame
    at_home: Whole


def find_presence(ground: Ground) -> Presence:
    """Find the stays that count for areas, and who was at home."""
    rows = ground.trace.case_presence()
    every = _pieces(ground, rows)
    every["location"] = codes(ground.trace.graph.location_ids, rows["location_id"])
    windows = _pieces(ground, ground.trace.windows)
    stays = _clip(_before_isolation(ground, every), windows)
    stays["area"] = pick(ground.area, stays["location"].to_numpy())
    home = ground.home[stays["person"].to_numpy()]
    elsewhere = every[every["location"].to_numpy() != ground.home[every["person"].to_numpy()]]
    free = _subtract(_pieces(ground, ground.trace.home_windows), elsewhere)
    seen = stays.loc[stays["location"].to_numpy() == home, "person"].to_numpy()
    at_home = np.union1d(_who_was_home(ground, free), seen)
    return Presence(stays=stays, at_home=at_home.astype(np.int64))


def _pieces(ground: Ground, frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "person": ground.person(frame["person_id"]),
        "start": ground.seconds(frame["start"]),
        "end": ground.seconds(frame["end"]),
    })  # fmt: skip


def _before_isolation(ground: Ground, stays: pd.DataFrame) -> pd.DataFrame:
    """Drop stays at the case's own isolation site from the day of its isolation on."""
    at = stays["location"].to_numpy()
    place, row = ground.buildings.pairs(at, np.arange(len(stays)))
    inside = pd.DataFrame({"site": place, "row": row})
    inside = inside.join(stays[["person", "start"]], on="row")
    both = inside.merge(ground.away, on=["person", "site"], suffixes=("", "_away"))
    begun = ground.day(both["start"].to_numpy(np.int64)) >= ground.day(
        both["noted"].to_numpy(np.int64)
    )
    return stays[~stays.index.isin(both.loc[begun, "row"])]


def _clip(stays: pd.DataFrame, windows: pd.DataFrame) -> pd.DataFrame:
    """Parts of stays inside a window of the person."""
    both = stays.merge(windows, on="person", suffixes=("", "_window"))
    both["start"] = both[["start", "start_window"]].max(axis=1)
    both["end"] = both[["end", "end_window"]].min(axis=1)
    kept = both[both["start"] < both["end"]]
    return kept[["person", "location", "start", "end"]].reset_index(drop=True)


def _subtract(pieces: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Parts of each person's pieces that none of the person's others covers."""
    edges = pd.concat([
        pd.DataFrame({"person": f["person"], "at": f[at], "piece": p * sign, "other": o * sign})
        for f, p, o in ((pieces, 1, 0), (others, 0, 1))
        for at, sign in (("start", 1), ("end", -1))
    ])  # fmt: skip
    edges = edges.sort_values(["person", "at"], ignore_index=True)
    open_now = (edges["piece"].cumsum() > 0) & (edges["other"].cumsum() == 0)
    until = edges["at"].shift(-1, fill_value=0)
    kept = open_now & (until > edges["at"])  # after a person's last edge nothing is open
    return pd.DataFrame({
        "person": edges.loc[kept, "person"],
        "start": edges.loc[kept, "at"],
        "end": until[kept],
    })  # fmt: skip


def _who_was_home(ground: Ground, free: pd.DataFrame) -> Whole:
    """Cases for whom the free time at home speaks; see the module's first lines."""
    imported, on_arrival = _imported(ground)
    comes_in = np.isin(free["person"].to_numpy(), imported)
    settled = free.loc[~comes_in, "person"].to_numpy()
    newcomers = free[comes_in]
    first = _first_stay(ground, imported)
    arrival = newcomers["person"].map(first)
    unseen = newcomers.loc[arrival.isna(), "person"].to_numpy()
    unseen = np.setdiff1d(unseen, on_arrival)
    seen = newcomers[arrival.notna()]
    begin = np.maximum(seen["start"].to_numpy(np.int64), arrival.dropna().to_numpy(np.int64))
    nights = _holds_a_night(ground, begin, seen["end"].to_numpy(np.int64))
    return np.unique(np.concatenate([settled, unseen, seen["person"].to_numpy()[nights]]))


def _imported(ground: Ground) -> tuple[Whole, Whole]:
    """Find imported cases, and those of them that were found on arrival."""
    cases = ground.trace.graph.cases
    person = ground.person(cases["person_id"])
    imported = says(column(cases, "imported"), IMPORTED)
    found = column(cases, "found_in").isin(ON_ARRIVAL).to_numpy()
    return np.unique(person[imported]), np.unique(person[imported & found])


def _first_stay(ground: Ground, persons: Whole) -> pd.Series[int]:
    """Second of the first recorded stay of these persons, by person."""
    graph = ground.trace.graph
    rows = [
        visits.take(np.isin(visits.person, persons))
        for visits in (graph.facts.visits, graph.unplaced)
    ]
    arrive = np.concatenate([visits.arrive_lo.astype(np.int64) for visits in rows])
    return pd.Series(arrive).groupby(np.concatenate([visits.person for visits in rows])).min()


def _holds_a_night(ground: Ground, start: Whole, end: Whole) -> Flags:
    """Whether some 03:00 of the local clock lies in [start, end)."""
    calendar = ground.trace.graph.calendar
    night = calendar.midnight(calendar.day(start)) + NIGHT_HOUR * 3600
    tomorrow = calendar.midnight(calendar.day(start) + 1) + NIGHT_HOUR * 3600
    return np.where(night >= start, night, tomorrow) < end
