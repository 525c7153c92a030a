"""From exposures to what is said of each person: class, certainty, decisive evidence, clocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tracegraph.exposure._jit import kernel
from tracegraph.exposure.encounters import REPORTED, UNTIMED, VISIT, Encounters
from tracegraph.exposure.homes import household_of, live_together
from tracegraph.exposure.hops import Listing, WorldView
from tracegraph.exposure.isolation import HOME, NOWHERE, is_within
from tracegraph.exposure.presence import is_precise
from tracegraph.model.calendar import NEVER

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.facts import Codes, Flags, Ticks

CLASSES = ("close", "seat", "inside_isolation", "same_day", "household", "reported")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What lists the own-tier exposures of both worlds: made once, asked for many persons."""

    outer: WorldView
    outer_lists: tuple[Listing, ...]
    inner_lists: tuple[Listing, ...]  # none where both worlds are one
    tier: npt.NDArray[np.int8]  # contact tier by person code

    @classmethod
    def of(cls, outer: WorldView, inner: WorldView) -> Evidence:
        """Lay out the sources of every hop."""
        hops = () if is_precise(outer.graph) else inner.hops
        return cls(
            outer=outer,
            outer_lists=tuple(Listing.of(outer, hop) for hop in outer.hops),
            inner_lists=tuple(Listing.of(inner, hop) for hop in hops),
            tier=outer.contact_tier,
        )

    def number(self) -> npt.NDArray[np.int64]:
        """Count the own-tier exposures of each person, by code."""
        counts = (one.number(self.tier == one.hop.number) for one in self.outer_lists)
        total: npt.NDArray[np.int64] = np.sum([*counts], axis=0)
        return total

    def rows(self, who: Flags, *, until: bool = True) -> pd.DataFrame:
        """List own-tier exposures of some persons as codes and seconds, in no order.

        Columns: source, target, location, start, end, seconds, together, channel, seated,
        tier, class, certain, until (`end` cut at the target's own isolation).
        """
        met = self._own_tier(self.outer_lists, who)
        rows = pd.DataFrame({n: getattr(met, n) for n in Encounters.__dataclass_fields__})
        if self.outer.rule.by_day:
            rows["seconds"] = rows["together"] = UNTIMED
        rows["tier"] = self.tier[met.target]
        rows["class"] = classes(self.outer, met)
        rows["certain"] = self._certain(rows, who)
        return rows.assign(until=until_isolated(self.outer, met)) if until else rows

    def _own_tier(self, lists: tuple[Listing, ...], who: Flags) -> Encounters:
        own = (one.exposures(who & (self.tier == one.hop.number)) for one in lists)
        return Encounters.joined(Encounters.none(), *own)

    def _certain(self, rows: pd.DataFrame, who: Flags) -> Flags:
        if not self.inner_lists:
            return np.ones(len(rows), dtype=bool)
        return certain(rows, self._own_tier(self.inner_lists, who))


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Order by person, then as RULE 27 says: the first row of each person is decisive."""
    order = np.lexsort((
        -rows["end"],  # untimed rows may be equal in all that RULE 27 compares
        rows["channel"],
        np.where(rows["location"] == NOWHERE, NEVER, rows["location"]),
        rows["source"],
        -np.maximum(rows["seconds"], 0),
        rows["start"],
        rows["target"],
    ))  # fmt: skip
    return rows.iloc[order].reset_index(drop=True)


def classes(view: WorldView, met: Encounters) -> npt.NDArray[np.int8]:
    """Position in `CLASSES` of each exposure (RULE 11, 15, 26)."""
    by_channel = np.array([CLASSES.index(c) for c in ("close", "household", "reported")])
    found = by_channel[met.channel]
    visit = met.channel == VISIT
    if view.rule.by_day:
        found[visit] = CLASSES.index("same_day")
    else:
        found[visit & met.seated] = CLASSES.index("seat")
        found[visit & _inside_isolation(view, met)] = CLASSES.index("inside_isolation")
    return found.astype(np.int8)


def _inside_isolation(view: WorldView, met: Encounters) -> Flags:
    """Whether a meeting begins while its source is isolated at a site that holds the place."""
    book = view.book
    at_site = (book.kind != HOME) & (book.site != NOWHERE)
    stays = pd.DataFrame({"source": book.person[at_site], "isolation": np.flatnonzero(at_site)})
    told = pd.DataFrame({"source": met.source, "row": np.arange(len(met))})
    pairs = told.merge(stays, on="source")
    row, i = pairs["row"].to_numpy(), pairs["isolation"].to_numpy()
    start = met.start[row]
    inside = (book.start_lo[i] <= start) & (start < book.end_hi[i])
    inside &= is_within(view.graph.facts.locations.parent, met.location[row], book.site[i])
    found = np.zeros(len(met), dtype=bool)
    found[row[inside]] = True
    return found


def certain(rows: pd.DataFrame, met: Encounters) -> Flags:
    """Whether the inner world has the exposure too (`met`): same two people, place and time."""
    key, sure_key = _shared_keys(rows, met)
    order = np.lexsort((met.start, sure_key))
    starts = _key_and_time(sure_key[order], met.start[order])
    ends = np.maximum.accumulate(_key_and_time(sure_key[order], met.end[order]))
    # Of the certain meetings that began before this one ended, the one that lasted longest.
    at = np.searchsorted(starts, _key_and_time(key, rows["end"].to_numpy())) - 1
    meets = (at >= 0) & (_at(ends, at) > _key_and_time(key, rows["start"].to_numpy()))
    untimed = (rows["channel"] == REPORTED).to_numpy() & np.isin(key, sure_key)
    return np.asarray(meets | untimed, dtype=bool)


def _shared_keys(
    rows: pd.DataFrame, met: Encounters
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Equal numbers for equal source, target, location and channel, of rows and meetings."""
    names = ("source", "target", "location", "channel")
    both = pd.DataFrame({n: np.concatenate([rows[n], getattr(met, n)]) for n in names})
    groups = both.groupby(list(names), sort=False).ngroup()
    number = np.asarray(groups, dtype=np.int64)
    return number[: len(rows)], number[len(rows) :]


def _key_and_time(key: npt.NDArray[np.int64], time: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """One number that sorts by key, then by time."""
    return key << 32 | (time.astype(np.int64) + 2**31)


def _at(values: npt.NDArray[np.int64], at: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Values at positions; those at -1 mean nothing."""
    return values[np.maximum(at, 0)] if len(values) else np.zeros_like(at)


def until_isolated(view: WorldView, met: Encounters) -> Ticks:
    """End of each exposure, cut at as-of and at the target's own isolation (RULE 28).

    Isolation that leaves the place of the meeting does not cut it.
    """
    book, household = view.book, household_of(view.graph, view.protocol)
    together = live_together(household, met.source, met.target)
    flag = np.where(met.channel == REPORTED, together, 0)
    window = book.window_id(met.target, met.location, flag)
    ended = np.minimum(met.end, np.int32(view.graph.now))
    return _cut_at_isolation(
        window, met.start, ended, book.cut_begin, book.cuts, book.start_hi, book.end_lo
    )


@kernel
def _cut_at_isolation(  # noqa: PLR0913  # a kernel takes its arrays
    window: Codes, start: Ticks, end: Ticks,
    cut_begin: npt.NDArray[np.int64], cuts: Codes, isolated: Ticks, released: Ticks,
) -> Ticks:  # fmt: skip
    """Last instant of each exposure outside isolation; one that ended before does not cut."""
    out = end.copy()
    for i in range(window.size):
        own = cuts[cut_begin[window[i]] : cut_begin[window[i] + 1]]
        is_cut = True
        while is_cut:  # one isolation may begin during another
            is_cut = False
            for c in own:
                if start[i] < isolated[c] < out[i] <= released[c]:
                    out[i] = isolated[c]
                    is_cut = True
    return out


def by_person(rows: pd.DataFrame) -> pd.DataFrame:
    """One row an exposed person: the decisive exposure, with counts and the last end."""
    groups = rows.groupby("target", sort=True)
    found = groups.first()
    found["n_sources"] = groups["source"].nunique()
    timed = rows["seconds"].where(rows["seconds"] != UNTIMED)
    found["minutes"] = timed.groupby(rows["target"]).sum(min_count=1) / 60
    found["last"] = groups["until"].max()
    return found
