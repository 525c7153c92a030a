"""From whom each person of a page may have it: a forest, whose roots are cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tracegraph.model.assembly import first_given, on_cycle

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.tracing.trace import Trace

NOBODY, BY_EXPOSURE, BY_RECORD = 0, 1, 2


def infectors(
    trace: Trace, persons: pd.DataFrame, rows: pd.DataFrame, met: pd.DataFrame
) -> pd.DataFrame:
    """Columns `parent`, `parent_how` and `link`, one row a person.

    A contact's parent is the source of the decisive exposure. A case's is the recorded infector,
    else the other case with the earliest exposure that began before the own date.

    Parameters
    ----------
    trace : Trace
    persons : DataFrame
        As `people` makes it.
    rows, met : DataFrame
        Exposures as `evidence` orders them, and venue meetings.
    """
    out = pd.DataFrame({"parent": -1, "parent_how": NOBODY, "link": -1}, index=persons.index)
    decisive = rows.drop_duplicates("contact")
    out.loc[decisive["contact"], "link"] = decisive.index.to_numpy()
    _take(out, met.set_index("person"))
    contacts = decisive[persons["tier"].to_numpy()[decisive["contact"]] > 0]
    _take(out, contacts.set_index("contact"))
    is_case = (persons["tier"] == 0).to_numpy()
    out.loc[is_case, ["parent", "parent_how"]] = -1, NOBODY
    _take(out, _by_other_cases(persons, rows, is_case))
    _take(out, _recorded(trace, persons, is_case), how=BY_RECORD)
    _cut_circles(out, persons)
    _link_cases(out, rows, is_case)
    return out


def _take(out: pd.DataFrame, found: pd.DataFrame, how: int = BY_EXPOSURE) -> None:
    out.loc[found.index, "parent"] = found["source"].to_numpy()
    out.loc[found.index, "parent_how"] = how


def _by_other_cases(
    persons: pd.DataFrame, rows: pd.DataFrame, is_case: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    date = persons["date"].to_numpy()[rows["contact"]]
    before = rows["start"].to_numpy() < date
    between = is_case[rows["contact"]] & is_case[rows["source"]] & before
    return rows[between].drop_duplicates("contact").set_index("contact")


def _recorded(trace: Trace, persons: pd.DataFrame, is_case: npt.NDArray[np.bool_]) -> pd.DataFrame:
    table, size = trace.graph.tables["cases"], len(trace.graph.person_ids)
    by = first_given(table.code("person_id"), table.code("infected_by"), size)
    number = np.full(size + 1, -1)
    number[persons["who"]] = np.arange(len(persons))
    source = number[by[persons["who"]]]
    told = is_case & (source >= 0) & (source != np.arange(len(persons)))
    return pd.DataFrame({"source": source[told]}, index=np.flatnonzero(told))


def _cut_circles(out: pd.DataFrame, persons: pd.DataFrame) -> None:
    """Take from each circle its weakest link: an exposure before a record, the earliest date."""
    parent = out["parent"].to_numpy(copy=True).astype(np.int32)
    circling = np.flatnonzero(on_cycle(parent))
    rank = persons["date"].fillna(np.inf).to_numpy()
    tier, how = persons["tier"].to_numpy(), out["parent_how"].to_numpy(copy=True)
    left = set(circling.tolist())
    while left:
        circle = [left.pop()]
        while (up := int(parent[circle[-1]])) != circle[0]:
            circle.append(up)
            left.discard(up)
        cases = [p for p in circle if tier[p] == 0]  # at least one: contacts lead to cases
        weakest = min(cases, key=lambda p: (how[p], rank[p], p))
        out.loc[weakest, ["parent", "parent_how"]] = -1, NOBODY


def _link_cases(out: pd.DataFrame, rows: pd.DataFrame, is_case: npt.NDArray[np.bool_]) -> None:
    """Let a case's link be an exposure by its parent, where there is one."""
    by_parent = rows["source"].to_numpy() == out["parent"].to_numpy()[rows["contact"]]
    found = rows[by_parent & is_case[rows["contact"]]].drop_duplicates("contact")
    out.loc[found["contact"], "link"] = found.index.to_numpy()
