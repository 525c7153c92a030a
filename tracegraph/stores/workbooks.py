"""Tables in workbooks: each sheet a table by its name, merged cells filled, rows as shown."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.errors import TableError
from tracegraph.model.reading.findings import counted
from tracegraph.model.reading.frames import Origin, RawTable, one_file
from tracegraph.stores.heading import (
    LOOKED_AT,
    Names,
    check_header,
    header_row,
    named,
    no_header,
    warn_of_title,
)
from tracegraph.stores.naming import near, table_of_file

if TYPE_CHECKING:
    from pathlib import Path

    from python_calamine import CalamineSheet, CalamineWorkbook

    from tracegraph.model.reading.findings import Findings
    from tracegraph.stores.settings import Manner

    Rows = list[list[Any]]

_EMPTIED = re.compile(
    rb'<c\b[^>]*\bt="e"|'
    rb'<c\b(?![^>]*\bt="str")[^>]*>\s*<f[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>|</c>)'
)
"""Cells of XLSX that hold an error, or a formula without its result."""

_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


def read_workbook(
    path: Path, file: str, table: str | None, how: Manner, findings: Findings
) -> list[RawTable]:
    """Read the sheets of a workbook that are tables.

    A sheet is the table that it is named after; the only one with cells may be named
    anything, if the file is named after a table.

    Raises
    ------
    TableError
        If the file or one of its sheets is broken, or it is locked with a password.
    """
    book = _opened(path, file)
    _warn_of_emptied(path, file, findings)
    sheets = [(name, _rows(book, name, file)) for name in _worksheets(book)]
    filled = [(name, rows) for name, rows in sheets if rows]
    parts = []
    for name, rows in filled:
        full = f"{file} [{name}]"
        own = how.tables.get(full) or table_of_file(name) or (table if len(filled) == 1 else None)
        if own is None:
            _warn_of_sheet(full, name, findings)
            continue
        _warn_of_merged(book.get_sheet_by_name(name), own, full, findings)
        names = Names(table=own, columns=how.options.columns)
        parts.append(_part(rows, names, full, findings))
    return parts


def _opened(path: Path, file: str) -> CalamineWorkbook:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return CalamineWorkbook.from_path(path)
    except (CalamineError, OSError, ValueError) as error:
        raise _unsound(file) from error


def _unsound(file: str) -> TableError:
    return TableError(
        f"{file} is no sound workbook, or is locked with a password.\n"
        "    Open it in a spreadsheet and save it as XLSX, without a password; or as CSV."
    )


def _worksheets(book: CalamineWorkbook) -> list[str]:
    """Names of the sheets that are no charts, macros or dialogues."""
    from python_calamine import SheetTypeEnum

    return [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]


def _rows(book: CalamineWorkbook, name: str, file: str) -> Rows:
    """Cells of a sheet from its first row, None where empty; [] without any."""
    from python_calamine import CalamineError

    try:
        sheet = book.get_sheet_by_name(name)
    except CalamineError as error:
        message = (
            f"{file} [{name}] cannot be read: the sheet is broken.\n"
            "    Open the workbook in a spreadsheet and save it as XLSX again."
        )
        raise TableError(message) from error
    rows = [[_cell(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        for row in range(top + 1, min(bottom + 1, len(rows))):
            rows[row][left] = rows[top][left]
    return rows if any(cell is not None for row in rows for cell in row) else []


def _cell(cell: Any) -> Any:  # noqa: ANN401  # whatever a cell may hold
    return None if isinstance(cell, str) and cell == "" else cell


def _part(rows: Rows, names: Names, file: str, findings: Findings) -> RawTable:
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows[:LOOKED_AT]]
    place = header_row(texts, names)
    if place is None:
        raise no_header(file)
    check_header(texts[place], names, file)
    warn_of_title(names, file, place, findings)
    header = named(texts[place])
    body = [(n, row) for n, row in enumerate(rows[place + 1 :], place + 2) if _is_written(row)]
    frame = pd.DataFrame([row for _, row in body], columns=pd.RangeIndex(len(header)), dtype=object)
    kept = [i for i, cell in enumerate(texts[place]) if cell.strip() or frame[i].notna().any()]
    return one_file(
        names.table,
        frame[kept].set_axis([header[i] for i in kept], axis="columns"),
        rows=np.array([number for number, _ in body], np.int64),
        origin=Origin(file=file, format="xlsx"),
    )


def _is_written(row: list[Any]) -> bool:
    return any(cell is not None for cell in row)


def _warn_of_sheet(file: str, name: str, findings: Findings) -> None:
    guess = near(name)
    findings.warn(
        "",
        file=file,
        rule="unknown-sheet",
        message=f"{file} is named after no table; not read",
        mend=f"Name the sheet after a table{f', such as {guess}' if guess else ''}; or say which "
        f'it is: tables={{"{file}": "{guess or "visits"}"}}.',
    )


def _warn_of_emptied(path: Path, file: str, findings: Findings) -> None:
    """Tell of cells that show something to nobody, or an error: readers give them as empty."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as book:
            sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
            cells = sum(len(_EMPTIED.findall(book.read(name))) for name in sheets)
    except _BROKEN_ZIP as error:
        raise _unsound(file) from error
    if cells:
        findings.warn(
            "",
            file=file,
            rule="cells-without-value",
            message=f"{counted(cells, 'cell')} "
            f"{'holds an error' if cells == 1 else 'hold errors'} such as #N/A, or a formula that "
            "was never computed: read as empty",
            mend="Open the workbook in a spreadsheet, correct such cells and save it again.",
        )


def _warn_of_merged(sheet: CalamineSheet, table: str, file: str, findings: Findings) -> None:
    tall = [1 for (top, _), (bottom, _) in sheet.merged_cell_ranges or () if bottom > top]
    if tall:
        findings.warn(
            table,
            file=file,
            rule="merged-cells",
            message=f"{counted(len(tall), 'merged cell reaches', 'merged cells reach')} over "
            "several rows: each of them has the value",
            mend="Check that every row is meant; unmerge the cells and fill them.",
        )
