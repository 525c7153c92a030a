"""Where the table of a file begins: the row that names its columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tracegraph.errors import TableError
from tracegraph.model.reading.headers import known
from tracegraph.model.schemas import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracegraph.model.reading.findings import Findings

LOOKED_AT = 20
"""Rows at the top of a file among which the header is sought."""

_PACKED = {
    name: {c for role in ("person", "location", "area", "time") for c in schema.named(role)}
    for name, schema in TABLES.items()
}

_A_VALUE = re.compile(r"\s*[A-Za-z]{0,3}[-_]?\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Names that columns of one table may have.

    Parameters
    ----------
    table : str
    columns : mapping
        Other names, as in `tg.read`.
    """

    table: str
    columns: Mapping[str, Any]

    def column(self, header: str) -> str | None:
        """Our column that a header means; None for any other."""
        own = self.columns.get(self.table)
        stated = own.get(header) if isinstance(own, Mapping) else None
        stated = stated or self.columns.get(header)
        return stated if isinstance(stated, str) else known(self.table, header)

    def may_be_packed(self, header: str) -> bool:
        """Whether a header means a column of ids or times."""
        column = (self.column(header.strip()) or "").removeprefix("persons.")
        return column in _PACKED[self.table]

    def means_a_time(self, header: str) -> bool:
        """Whether a header means a column of times."""
        return self.column(header.strip()) in TABLES[self.table].named("time")

    def columns_of(self, cells: Sequence[str]) -> set[str]:
        """Columns of ours that these cells name."""
        return {column for cell in cells if (column := self.column(cell.strip()))}

    def recognised(self, cells: Sequence[str]) -> int:
        """How many of our columns these cells name."""
        return len(self.columns_of(cells))


def header_row(rows: Sequence[Sequence[str]], names: Names) -> int | None:
    """Position of the header: the first row of two known names, else the first with a cell."""
    written = [i for i, row in enumerate(rows) if any(cell.strip() for cell in row)]
    return next((i for i in written if names.recognised(rows[i]) > 1), next(iter(written), None))


def check_header(header: Sequence[str], names: Names, file: str) -> None:
    """Raise if what stands where the header should be are values.

    Raises
    ------
    TableError
        Without any of the cells: they may be of a person.
    """
    values, ours = sum(map(bool, map(_A_VALUE.match, header))), names.columns_of(header)
    schema = TABLES[names.table]
    if len(ours) > values or not values or ours & {*schema.required, *schema.one_of}:
        return  # "ct1" may be a name; "home" may be a value
    message = (
        f"{file} has no header: its first row holds values, not names of columns.\n"
        "    Write the names of the columns into the first row."
    )
    raise TableError(message)


def no_header(file: str) -> TableError:
    """Error for a file without a single cell where its header should be."""
    return TableError(
        f"{file} is empty: it has no header.\n"
        "    Write the names of the columns into its first row, or remove it."
    )


def named(header: Sequence[str]) -> list[str]:
    """Names of the columns without blanks around them; a place for each that has none."""
    return [cell.strip() or unnamed(i) for i, cell in enumerate(header)]


def unnamed(position: int) -> str:
    """Name of a column whose header is blank."""
    return f"column {position + 1}"


def warn_of_title(names: Names, file: str, rows: int, findings: Findings) -> None:
    """Tell that rows above the header were not read."""
    if rows:
        what = "1 row above the header holds" if rows == 1 else f"{rows} rows above the header hold"
        findings.warn(
            names.table,
            file=file,
            row=1,
            rule="rows-above-header",
            message=f"{what} no names of columns; not read",
            mend="Begin with the row that names the columns.",
        )
