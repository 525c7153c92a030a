"""Persons whom a line list tells of: columns of `persons` that stand in `cases`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tracegraph.model.reading.findings import counted
from tracegraph.model.reading.frames import RawTable
from tracegraph.model.reading.headers import LENT
from tracegraph.model.reading.spelling import spelled

if TYPE_CHECKING:
    from tracegraph.model.reading.findings import Findings

_COLUMNS = frozenset(f"persons.{name}" for name in LENT)


def lent_persons(
    cases: list[RawTable], findings: Findings
) -> tuple[list[RawTable], list[RawTable]]:
    """Cases without the columns of persons that they carry, and these as parts of `persons`.

    A row gives a person even if it is no use as a case. It keeps its file and its number.
    """
    kept, lent = [], []
    for part in cases:
        columns = [column for column in part.frame.columns if column in _COLUMNS]
        kept.append(replace(part, frame=part.frame.drop(columns=columns)) if columns else part)
        if columns and "person_id" in part.frame:
            lent.append(_persons_of(part, columns))
    lent = [part for part in lent if len(part.frame)]
    rows = sum(len(part.frame) for part in lent)
    if rows:
        columns = sorted(
            {c for part in lent for c in part.frame.columns} - {"person_id", "recorded"}
        )
        findings.warn(
            "persons",
            file=", ".join(part.file for part in lent),
            rule="persons-from-cases",
            message=f"cases {'carries' if len(lent) == 1 else 'carry'} {', '.join(columns)}: "
            f"{counted(rows, 'row')} of persons made of {'it' if len(lent) == 1 else 'them'}",
            mend="Nothing, if these are the persons of the cases; a table persons goes before.",
        )
    return kept, lent


def _persons_of(part: RawTable, columns: list[str]) -> RawTable:
    frame = part.frame[["person_id", *columns]]
    frame = frame.set_axis(["person_id", *(c.removeprefix("persons.") for c in columns)], axis=1)
    told = [part.frame[c] for c in ("recorded", "confirmed") if c in part.frame]
    if told:  # a person is known since the case is (RULE 29)
        frame = frame.assign(recorded=told[0].where(told[0].notna(), told[-1]))
    texts = {c: pd.Series(spelled(cells).to_pandas(), dtype="str") for c, cells in frame.items()}
    cells = pd.DataFrame({c: text.str.strip() for c, text in texts.items()})
    written = cells.notna() & (cells != "")
    own = written.drop(columns=["person_id", "recorded"], errors="ignore")
    rows = written["person_id"] & own.any(axis=1)
    rows &= ~cells.where(written).duplicated()
    keep = rows.to_numpy(bool)
    return RawTable(
        name="persons",
        frame=frame[keep].reset_index(drop=True),
        rows=np.asarray(part.rows)[keep],
        origins=part.origins,
        part=part.part[keep],
    )
