"""What stands twice: rows equal to an earlier one, ids declared again, episodes close together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from tracegraph.model.checks.checked import Moments
from tracegraph.model.checks.diary import in_runs
from tracegraph.model.reading.findings import as_text, counted, examples
from tracegraph.model.reading.moments import DAY
from tracegraph.model.reading.spelling import spelled
from tracegraph.model.schemas import TABLES

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.model.checks.checked import Checked
    from tracegraph.model.checks.diary import Diary
    from tracegraph.model.facts import Flags
    from tracegraph.model.reading.tables import Table

EPISODES_APART = 14
"""Days between two episodes of one person that need no second look."""

_EFFECT = {
    "visits": "they count as one stay",
    "cases": "each counts as an episode of its own",
    "contacts": "each is listed as an exposure, and changes nobody's tier",
    "persons": "the first holds",
    "locations": "the first holds",
    "areas": "the first holds",
}


def warn_repeats(checked: Checked, diary: Diary) -> None:
    """Warn of rows that say what an earlier row has said."""
    _warn_repeated_stays(checked, diary)
    for name in (name for name in TABLES if name != "visits"):
        table = checked.tables[name]
        again = repeated_rows(table)
        if again.any():
            said = counted(int(again.sum()), "row repeats", "rows repeat")
            _warn_repeated(checked, name, again, said)
        _warn_declared_twice(checked, table, again)


def repeated_rows(table: Table) -> Flags:
    """Rows equal to an earlier one in every column, save `case_id`, which may have been made."""
    again = np.zeros(len(table), bool)
    owner = next((c for c in TABLES[table.name].required if c in table.codes), None)
    if owner is None or not len(table):
        return again
    when = next((c for c in TABLES[table.name].required if c in table.lo), None)
    key = table.code(owner).astype(np.int64) << 32
    if when is not None:
        key += table.early(when)
    order = np.argsort(key, kind="stable")
    near = np.sort(in_runs(key, order))  # only rows of one owner and time can be equal
    again[near] = _equal_cells(table, near)
    return again


def _equal_cells(table: Table, rows: npt.NDArray[Any]) -> Flags:
    """Which of some rows equal an earlier one of them; cells of any type compare as text."""
    if not rows.size:
        return np.zeros(0, bool)
    frame = table.frame.iloc[rows].reset_index(drop=True)
    cells: dict[Any, Any] = {c: frame[c] for c in frame.columns if c != "case_id"}
    cells |= {c: cell.map(as_text) for c, cell in cells.items() if _is_odd(cell.dtype)}
    # a date and its first second have one stamp
    cells |= {("until", c): hi[rows] for c, hi in table.hi.items()}
    return pd.DataFrame(cells).duplicated().to_numpy(bool)


def _is_odd(dtype: Any) -> bool:  # noqa: ANN401  # pandas has no name for all of them
    """Whether cells may be lists and the like, which cannot be told apart as they are."""
    is_nested = isinstance(dtype, pd.ArrowDtype) and pa.types.is_nested(dtype.pyarrow_dtype)
    return bool(dtype == "object") or is_nested


def _warn_repeated(
    checked: Checked, name: str, rows: npt.NDArray[Any], said: str, more: str = ""
) -> None:
    owner = next(c for c in TABLES[name].columns if c.required)  # an id in every table
    checked.findings.warn(
        name,
        rule="duplicate-row",
        value=checked.named(owner.role, checked.tables[name].code(owner.name)[rows]),
        message=f"{said} an earlier row{more}; {_EFFECT.get(name, 'they change no answer')}",
        mend="Delete them, if the same thing was typed twice.",
    )


def _warn_repeated_stays(checked: Checked, diary: Diary) -> None:
    """Visits of one person at one place at the same times, whatever the other columns say."""
    again, first_too = diary.repeated()
    if not again.size:
        return
    number = int(_equal_cells(checked.tables["visits"], first_too).sum())
    same = "" if number == again.size else f" ({number:,} of them in every column)"
    said = counted(again.size, "row repeats", "rows repeat")
    _warn_repeated(checked, "visits", again, f"{said} the person, place and times of", same)


_OWNERS = {"persons": "person", "locations": "location", "areas": "area"}


def _warn_declared_twice(checked: Checked, table: Table, again: Flags) -> None:
    if table.name not in _OWNERS:
        return
    kind = _OWNERS[table.name]
    column = f"{kind}_id"
    rows = np.bincount(table.code(column)[~again], minlength=len(checked.ids[kind]))
    twice = np.flatnonzero(rows > 1)
    twice = twice[_contradict(table, column, twice)]
    if twice.size:
        ids = counted(twice.size, f"{kind} id stands", f"{kind} ids stand")
        checked.findings.warn(
            table.name,
            column=column,
            rule="declared-twice",
            value=checked.named(kind, twice),
            message=f"{ids} in several rows that contradict one another; the first value of each "
            "column holds",
            mend="Keep one row of each.",
        )


def _contradict(table: Table, column: str, owners: npt.NDArray[Any]) -> Flags:
    """Whether rows of each owner give some column two values; one may tell what another lacks."""
    rows = np.flatnonzero(np.isin(table.code(column), owners))
    cells = table.frame.iloc[rows].drop(columns=[column, "recorded"], errors="ignore")
    texts = pd.DataFrame({c: spelled(cells[c]).to_pandas() for c in cells}, index=range(len(rows)))
    values = texts.groupby(table.code(column)[rows]).nunique()
    return np.asarray((values > 1).any(axis=1).reindex(owners, fill_value=False), np.bool_)


def warn_episodes(checked: Checked) -> None:
    """Warn of episodes that bear one key, or lie so close that they may be one."""
    case_ids = checked.tables["cases"].frame["case_id"]
    twice = case_ids[case_ids.duplicated()].unique().tolist()
    if twice:
        checked.findings.warn(
            "cases",
            column="case_id",
            rule="case-id-twice",
            value=examples(twice),
            message=f"{counted(len(twice), 'case_id stands', 'case_id stand')} in several rows; "
            "each row counts as an episode of its own",
            mend="Give each episode its own case_id; delete rows that tell of one episode again.",
        )
    close = _people_with_close_episodes(checked.tables["cases"])
    if close.size:
        said = counted(close.size, "person has", "persons have")
        checked.findings.warn(
            "cases",
            column="person_id",
            rule="episodes-close-together",
            value=checked.named("person", close),
            message=f"{said} several rows that begin within {EPISODES_APART} days; their "
            "infectious periods are joined",
            mend="Keep one row of each episode, with all its dates.",
        )


def anchors(cases: Table) -> Moments:
    """Onset of each episode, else its specimen, else its confirmation."""
    onset, sampled, confirmed = (Moments.of(cases, c) for c in TABLES["cases"].one_of)
    return onset.otherwise(sampled).otherwise(confirmed)


def _people_with_close_episodes(cases: Table) -> npt.NDArray[Any]:
    person, start = cases.code("person_id"), anchors(cases).lo
    order = np.lexsort((start, person))
    person, start = person[order], start[order]
    close = (person[1:] == person[:-1]) & (start[1:] - start[:-1] <= EPISODES_APART * DAY)
    return np.unique(person[1:][close])
