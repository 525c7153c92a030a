"""What is wrong with the tables: rows that were rejected, and warnings about the rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.errors import TableError
from tracegraph.model.constant import is_false

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracegraph.model.facts import Flags
    from tracegraph.model.reading.frames import RawTable

COLUMNS = ("table", "file", "row", "column", "value", "rule", "message", "mend")
LISTED = 10
"""Rejected rows that the error of a strict reading lists."""

_WITHHELD = "…"


@dataclass(slots=True)
class Findings:
    """Collects rejects and warnings while tables are read.

    A reject has one more text than `COLUMNS` names: `own`, its message with no cell but the
    one that is wrong, as errors tell it.
    """

    rejects: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def reject(  # noqa: PLR0913  # one argument a column
        self,
        table: RawTable,
        rows: Flags,
        kept: Flags,
        *,
        column: str,
        rule: str,
        message: str,
        mend: str,
    ) -> None:
        """Reject rows that are still kept; `message` may name cells as ``{column}``.

        `kept` is changed: a row is rejected once, by the first rule that it breaks.
        """
        if is_false(rows):
            return
        positions = np.flatnonzero(rows & kept)
        if not positions.size:
            return
        kept[positions] = False
        cells = table.cells(positions)
        texts = {name: [as_text(v) for v in cells[name]] for name in cells.columns}
        for i, position in enumerate(positions.tolist()):
            row = {name: values[i] for name, values in texts.items()}
            value = row.get(column, "")
            self.rejects.append(
                {
                    "table": table.name,
                    "file": table.files[table.part[position]],
                    "row": int(table.rows[position]),
                    "column": column,
                    "value": value,
                    "rule": rule,
                    "message": message.format_map(row),
                    "mend": mend,
                    "own": message.format_map(_Withheld({column: value})),
                }
            )

    def reject_torn(self, table: RawTable) -> None:
        """Reject the lines of a file whose cells cannot be told apart."""
        for torn in table.torn:
            self.rejects.append(
                {
                    "table": table.name,
                    "file": torn.file,
                    "row": torn.row,
                    "column": "",
                    "value": torn.text,
                    "rule": "torn-row",
                    "message": torn.message,
                    "mend": torn.mend,
                    "own": torn.message,
                }
            )

    def warn(  # noqa: PLR0913  # one argument a column
        self,
        table: str,
        *,
        rule: str,
        message: str,
        mend: str,
        column: str = "",
        file: str = "",
        value: str = "",
        row: int | None = None,
    ) -> None:
        """Note something that does not cost a row; `message` holds no id and no cell."""
        self.warnings.append(
            {
                "table": table,
                "file": file,
                "row": row,
                "column": column,
                "value": value,
                "rule": rule,
                "message": message,
                "mend": mend,
            }
        )

    def raise_rejected(self) -> None:
        """Raise if any row was rejected, as a strict reading wants it.

        Raises
        ------
        TableError
            With the first rejected rows, how many there are, and how many of each rule.
        """
        if not self.rejects:
            return
        found = in_order(self.rejects)
        told = [f"    {where(r)}: {r['own']}. {r['mend']}" for r in found[:LISTED]]
        if len(found) > LISTED:
            told.append(f"    and {counted(len(found) - LISTED, 'row')} more")
        rules = Counter(r["rule"] for r in found)
        by_rule = ", ".join(f"{rule} {number:,}" for rule, number in rules.most_common())
        message = f"{counted(len(found), 'row')} cannot be used: {by_rule}."
        raise TableError("\n".join([message, *told]))


class _Withheld(dict[str, str]):
    """Cells of a message, of which those that are not given stay unsaid."""

    def __missing__(self, column: str) -> str:
        return _WITHHELD


def in_order(rejects: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rejects by file, table and row, as one works through a file."""
    tables: dict[str, int] = {}
    for found in rejects:
        tables.setdefault(found["table"], len(tables))
    return sorted(rejects, key=lambda r: (r["file"], tables[r["table"]], r["row"]))


def where(found: dict[str, Any]) -> str:
    """File, or table without one, and row."""
    return f"{found['file'] or found['table']} row {found['row']}"


def as_frame(findings: list[dict[str, Any]]) -> pd.DataFrame:
    """Give findings as a frame; rows that have no number are missing there."""
    frame = pd.DataFrame(findings, columns=list(COLUMNS), dtype="object")
    for column in COLUMNS:
        frame[column] = frame[column].astype("Int64") if column == "row" else _texts(frame[column])
    return frame


def _texts(column: pd.Series[Any]) -> pd.Series[str]:
    """Column as text; half a surrogate pair, as broken names of files have, is written out."""
    sound = [str(text).encode("utf-8", "backslashreplace").decode() for text in column]
    return pd.Series(sound, index=column.index, dtype="str")


def as_text(value: Any) -> str:  # noqa: ANN401  # whatever a cell may hold
    """Text of a cell, half a character written out; "" where it is missing."""
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ""
    return str(value).encode("utf-8", "backslashreplace").decode()


def no_row_left(table: RawTable, findings: Findings) -> TableError:
    """Error for a table whose every row was rejected."""
    first = next(r for r in in_order(findings.rejects) if r["table"] == table.name)
    total = len(table.frame) + len(table.torn)
    none = "its only row cannot" if total == 1 else f"none of {total:,} rows can"
    return TableError(
        f"{table.name}: {none} be used. First: {where(first)}, {first['own']}.\n    {first['mend']}"
    )


def counted(number: int, one: str, many: str | None = None) -> str:
    """Number and what is counted, in its right form.

    Examples
    --------
    >>> counted(1, "row"), counted(2000, "row"), counted(2, "row names", "rows name")
    ('1 row', '2,000 rows', '2 rows name')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def examples(values: list[Any]) -> str:
    """Up to three values, for the `value` of a warning."""
    shown = ", ".join(str(value) for value in values[:3])
    return shown + (", …" if len(values) > 3 else "")
