"""What is wrong with the tables: rows that were rejected, and warnings about the rest."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.errors import TableError

if TYPE_CHECKING:
    from tracegraph.model.facts import Flags
    from tracegraph.model.frames import RawTable

COLUMNS = ("table", "file", "row", "column", "value", "rule", "message", "mend")


@dataclass(slots=True)
class Findings:
    """Collects rejects and warnings while tables are read."""

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
        positions = np.flatnonzero(rows & kept)
        if not positions.size:
            return
        kept[positions] = False
        cells = table.frame.iloc[positions]
        texts = {name: [as_text(v) for v in cells[name]] for name in cells.columns}
        for i, position in enumerate(positions.tolist()):
            row = {name: values[i] for name, values in texts.items()}
            self.rejects.append(
                {
                    "table": table.name,
                    "file": table.files[table.part[position]],
                    "row": int(table.rows[position]),
                    "column": column,
                    "value": row.get(column, ""),
                    "rule": rule,
                    "message": message.format_map(row),
                    "mend": mend,
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
                    "message": "the line has too many or too few cells",
                    "mend": "Quote cells that contain a comma.",
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
        """Note something that does not cost a row."""
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


def as_frame(findings: list[dict[str, Any]]) -> pd.DataFrame:
    """Give findings as a frame; rows that have no number are missing there."""
    frame = pd.DataFrame(findings, columns=list(COLUMNS))
    texts = [column for column in COLUMNS if column != "row"]
    return frame.astype({**dict.fromkeys(texts, "str"), "row": "Int64"})


def as_text(value: Any) -> str:  # noqa: ANN401  # whatever a cell may hold
    """Text of a cell; "" where it is missing."""
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ""
    return str(value)


def no_row_left(table: RawTable, findings: Findings) -> TableError:
    """Error for a table whose every row was rejected."""
    first = next(r for r in findings.rejects if r["table"] == table.name)
    total = len(table.frame) + len(table.torn)
    where = f"{first['file'] or table.name} row {first['row']}"
    return TableError(
        f"{table.name}: none of {total:,} rows can be used. First: {where}, {first['message']}.\n"
        f"    {first['mend']}"
    )


def examples(values: list[Any]) -> str:
    """Up to three values, for a message."""
    shown = ", ".join(str(value) for value in values[:3])
    return shown + (", …" if len(values) > 3 else "")
