"""Words for zones that nobody knows: told with file and row, as a zone misread is a zone lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tracegraph.model.reading.findings import counted
from tracegraph.model.schemas import ZONE_WORDS, ZONES

if TYPE_CHECKING:
    from tracegraph.model.reading.findings import Findings
    from tracegraph.model.reading.tables import Draft

_TABLES = ("areas", "zone_history")


def warn_zone_words(table: Draft, findings: Findings) -> None:
    """Warn of each word in a column of zones that names none, at the first row that has it.

    A protocol may give its zones names of its own; at reading none is known.
    """
    if table.name not in _TABLES or "zone" not in table.words:
        return
    words = table.words["zone"]
    used = np.where(table.kept, words.codes, -1)
    for code in np.unique(used[used >= 0]).tolist():
        word = words.values[code]
        if word in ZONE_WORDS:
            continue
        rows = np.flatnonzero(used == code)
        row, more = int(table.raw.rows[rows[0]]), rows.size - 1
        others = f" and {counted(more, 'other row')}" if more else ""
        findings.warn(
            table.name,
            file=table.raw.files[table.raw.part[rows[0]]],
            row=row,
            column="zone",
            rule="unknown-zone",
            value=word,
            message=f"zone of row {row}{others} is no word for a zone; unless the protocol "
            "calls a zone so, it says nothing of the area",
            mend=f"Write {', '.join(ZONES)}; or low, medium, high; or 封控区, 管控区, 防范区.",
        )
