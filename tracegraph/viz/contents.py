"""The tables of a page: numbers for ids, positions for what is drawn, labels for what is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.viz import evidence, identities as told
from tracegraph.viz.drawing import draw
from tracegraph.viz.infectors import infectors
from tracegraph.viz.journeys import StaysKept, stays, windows
from tracegraph.viz.people import EXPOSED, people, venue_tier
from tracegraph.viz.places import areas, places, said_kinds

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.tracing.trace import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a page holds; times are minutes that passed since 1970.

    Parameters
    ----------
    persons, places, bubbles, exposures, venue, stays, windows : DataFrame
        Rows refer to each other by number.
    clauses, kinds, areas : list of str
        What `clause`, `kind` and `area` number.
    stays_of : array of bool, one a person
    dropped : int
        Exposures that the page leaves out.
    """

    persons: pd.DataFrame
    places: pd.DataFrame
    bubbles: pd.DataFrame
    exposures: pd.DataFrame
    venue: pd.DataFrame
    stays: pd.DataFrame
    windows: pd.DataFrame
    clauses: list[str]
    kinds: list[str]
    areas: list[str]
    stays_of: npt.NDArray[np.bool_]
    dropped: int


def contents(
    trace: Trace, key: bytes, *, identities: bool, stays_kept: StaysKept, max_nodes: int
) -> Contents:
    """Tables of a page; `identities` adds columns `id`, `name` and `extra`."""
    persons = people(trace, key)
    number = _positions(persons["who"], len(trace.graph.person_ids))
    rows, met = evidence.evidence(trace, number), evidence.venue_meetings(trace, number)
    rows, clauses = evidence.with_clauses(rows, trace, identities=identities)
    persons = persons.join(infectors(trace, persons, rows, met))
    diary, stays_of = stays(trace, number, persons, kept=stays_kept)
    homes = _homes(trace, persons)
    spots = places(trace, homes["place"].to_numpy(), rows, met, diary, key=key)
    where = _positions(spots["where"], len(trace.graph.location_ids))
    rows, met, diary, homes = (t.assign(place=where[t["place"]]) for t in (rows, met, diary, homes))
    spots["exposures"] = evidence.counts(rows["place"], len(spots))
    kept = evidence.kept(rows, persons["link"].to_numpy())
    spots, (kept, met, diary, homes) = _named(spots, kept, met, diary, homes)
    persons = _with_evidence(persons.assign(home=homes["place"]), rows, kept, met)
    drawing = draw(
        persons, spots["home"].to_numpy(bool), kept, met,
        venue=venue_tier(trace), max_nodes=max_nodes,
    )  # fmt: skip
    kinds, spots["kind"] = said_kinds(trace, spots["kind"].to_numpy(), identities=identities)
    labels, area = areas(trace, spots["area"].to_numpy(), key, identities=identities)
    spots["area"], persons["area"] = area, np.append(area, -1)[persons["home"]]
    persons = persons.assign(bubble=drawing.bubble_of).join(drawing.persons)
    spots = spots.join(drawing.places)
    if identities:
        persons = _identified(persons, trace, "persons", "who", ("persons", "cases"))
        spots = _identified(spots, trace, "locations", "where", ("locations",))
    return Contents(
        persons=persons.drop(columns="who"), places=spots.drop(columns="where"),
        bubbles=drawing.bubbles, exposures=kept.drop(columns=["tier", "was"]),
        venue=met, stays=diary, windows=windows(trace, number),
        clauses=clauses, kinds=kinds, areas=labels,
        stays_of=stays_of, dropped=len(rows) - len(kept),
    )  # fmt: skip


def _homes(trace: Trace, persons: pd.DataFrame) -> pd.DataFrame:
    """Where persons live, as codes of the graph; of venue contacts only the meeting is told."""
    home = trace.graph.facts.persons.home[persons["who"]].astype(np.int64)
    return pd.DataFrame({"place": np.where(persons["tier"] < venue_tier(trace), home, -1)})


def _named(
    spots: pd.DataFrame, *tables: pd.DataFrame
) -> tuple[pd.DataFrame, tuple[pd.DataFrame, ...]]:
    """Places that a table names, and the tables with the numbers these have then."""
    named = np.isin(np.arange(len(spots)), pd.concat([table["place"] for table in tables]))
    number = np.append(np.where(named, np.cumsum(named) - 1, -1), -1)
    told = tuple(table.assign(place=number[table["place"]]) for table in tables)
    return spots[named].reset_index(drop=True), told


def _with_evidence(
    persons: pd.DataFrame, rows: pd.DataFrame, kept: pd.DataFrame, met: pd.DataFrame
) -> pd.DataFrame:
    """Persons with what their exposures say; `link` leads to the rows that are kept."""
    n = len(persons)
    now_at = _positions(kept["was"], len(rows))
    first = rows.drop_duplicates("contact").set_index("contact").reindex(range(n))
    exposed, times = evidence.counts(rows["contact"], n), np.zeros(n, dtype=np.int64)
    times[met["person"]] = met["times"]
    is_venue = first["class"].isna()  # and to a case without exposures
    by_day = _by_day(rows, "start", persons["first"]), _by_day(rows, "end", persons["last"])
    return persons.assign(
        link=now_at[persons["link"]],
        **{"class": first["class"].fillna(-1).to_numpy(np.int64)},
        clause=first["clause"].fillna(-1).to_numpy(np.int64),
        exposures=np.where(is_venue, times, exposed),
        given=evidence.counts(rows["source"], n),
        first_is_day=by_day[0],
        last_is_day=by_day[1],
        date_is_day=persons["date_is_day"] | (persons["date_kind"].eq(EXPOSED) & by_day[0]),
    )


def _by_day(rows: pd.DataFrame, side: str, moments: pd.Series[float]) -> npt.NDArray[np.bool_]:
    """Whether only rows that tell days begin or end at the moment of each person."""
    at = rows[rows[side].to_numpy() == moments.to_numpy()[rows["contact"]]]
    found = np.zeros(len(moments), dtype=bool)
    found[at["contact"]] = True
    found[at.loc[~at["is_days"], "contact"]] = False
    return found


def _identified(
    frame: pd.DataFrame, trace: Trace, table: str, code: str, tables: tuple[str, ...]
) -> pd.DataFrame:
    codes = frame[code].to_numpy(np.int64)
    extra: Any = pd.Series(told.extras(trace, tables, codes), index=frame.index, dtype=object)
    ids, names = told.ids(trace, table, codes), told.names(trace, table, codes)
    return frame.assign(id=ids, name=names, extra=extra)


def _positions(codes: pd.Series[Any], size: int) -> npt.NDArray[np.int64]:
    """Position of each code; -1 of those that are not there, and of -1."""
    out = np.full(size + 1, -1)
    out[codes.to_numpy(np.int64)] = np.arange(len(codes))
    return out
