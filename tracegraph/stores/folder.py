"""A folder of tables: CSV or Parquet files named after them, and `tracegraph.toml`.

CSV ids are always text, so that 007 stays 007; cells are read as text altogether and
judged column by column, as in a frame. A line with too many or too few cells is
rejected and counted like any other row.
"""

from __future__ import annotations

import codecs
import csv
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from tracegraph.errors import TableError
from tracegraph.model.calendar import NEVER
from tracegraph.model.findings import Findings
from tracegraph.model.frames import FIRST_ROW, Origin, RawTable, from_arrow, one_file
from tracegraph.model.graph import TraceGraph
from tracegraph.model.options import Options
from tracegraph.model.schemas import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from tracegraph.model.calendar import Calendar
    from tracegraph.model.tables import Table

SETTINGS = "tracegraph.toml"
FORMAT = 1
"""Number of the format that this version writes and reads."""

_SUFFIXES = (".csv", ".parquet")
_NOT_YET = ("neo4j://", "neo4j+s://", "bolt://")


def read(
    source: str | os.PathLike[str],
    *,
    tz: str | None = None,
    columns: Mapping[str, Any] | None = None,
) -> TraceGraph:
    """Read a graph from a folder.

    Parameters
    ----------
    source : path
        Folder of CSV (UTF-8) or Parquet files named after the tables: `cases.csv`,
        `visits.parquet`, … Other files are left alone, with a warning. A file
        `tracegraph.toml` may say ``format = 1`` and ``tz = "Asia/Shanghai"``.
    tz : str, optional
        Zone of the graph; goes before the one in `tracegraph.toml`.
    columns : dict, optional
        Other names of columns, as in `TraceGraph`.

    Returns
    -------
    TraceGraph

    Raises
    ------
    TableError
        If there is no such folder, no table `cases`, or a table cannot be used.
    TimeZoneError
        If times are naive and no zone is given.
    """
    folder = _folder(source)
    findings = Findings()
    settings = _settings(folder)
    files = _files(folder, findings)
    parts = [_read_file(name, path) for name, path in files.items()]
    options = Options(tz=tz or settings.get("tz"), columns=columns or {})
    return TraceGraph.from_parts(parts, options, findings)


def _folder(source: str | os.PathLike[str]) -> Path:
    text = os.fspath(source)
    if text.startswith(_NOT_YET) or text.endswith(".duckdb"):
        message = (
            f"tg.read cannot read {'Neo4j' if '://' in text else 'DuckDB'} yet.\n"
            "    Pass a folder of CSV or Parquet files, or frames to tg.TraceGraph(cases=…)."
        )
        raise TableError(message)
    folder = Path(text)
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        message = f"{text} {what}.\n    Pass the folder that holds cases.csv or cases.parquet."
        raise TableError(message)
    return folder


def _settings(folder: Path) -> dict[str, Any]:
    path = folder / SETTINGS
    if not path.exists():
        return {}
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        message = f"{SETTINGS} cannot be read: {error}.\n    Correct it; it is TOML, in UTF-8."
        raise TableError(message) from error
    if settings.get("format", FORMAT) != FORMAT:
        message = (
            f"{SETTINGS} says format = {settings['format']!r}; this version reads {FORMAT}.\n"
            "    Update tracegraph."
        )
        raise TableError(message)
    tz = settings.get("tz")
    if tz is not None and not isinstance(tz, str):
        message = f'{SETTINGS} says tz = {tz!r}.\n    Write tz = "Asia/Shanghai".'
        raise TableError(message)
    return settings


def _files(folder: Path, findings: Findings) -> dict[str, Path]:
    """File of each table; warn of files that are none."""
    files: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        name, suffix = path.stem.lower(), path.suffix.lower()
        if path.is_dir() or path.name.startswith(".") or path.name == SETTINGS:
            continue
        if name not in TABLES or suffix not in _SUFFIXES:
            findings.warn(
                "",
                file=path.name,
                rule="unknown-file",
                message=f"{path.name} is no table; not read",
                mend=f"Tables are {', '.join(TABLES)}, each .csv or .parquet.",
            )
        elif name in files:
            message = (
                f"{folder.name} has two tables {name}: {files[name].name} and {path.name}.\n"
                "    Keep one of them."
            )
            raise TableError(message)
        else:
            files[name] = path
    if "cases" not in files:
        message = (
            f"{folder.name} has no table cases.\n"
            "    Add cases.csv with person_id and one of onset, sampled, confirmed."
        )
        raise TableError(message)
    return {name: files[name] for name in TABLES if name in files}


def _read_file(name: str, path: Path) -> RawTable:
    if path.suffix.lower() == ".parquet":
        return _read_parquet(name, path)
    return _read_csv(name, path)


def _read_parquet(name: str, path: Path) -> RawTable:
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        message = f"{path.name} is no Parquet file: {error}.\n    Write it again."
        raise TableError(message) from error
    return from_arrow(name, table, origin=Origin(file=path.name, format="parquet"))


@dataclass(slots=True)
class _Torn:
    """Lines that have too many or too few cells."""

    lines: list[tuple[int, str]]

    def __call__(self, line: Any) -> str:  # noqa: ANN401  # pyarrow.csv.InvalidRow
        self.lines.append((line.number, line.text))
        return "skip"


def _read_csv(name: str, path: Path) -> RawTable:
    header = _header(path)
    if len(header) == 1 and (other := next((c for c in ";\t|" if c in header[0]), None)):
        mend = "Save it with commas between the cells."
        message = f"{path.name} separates its cells with {other!r}.\n    {mend}"
        raise TableError(message)
    if not header:
        frame = pd.DataFrame()
        return one_file(name, frame, origin=Origin(file=path.name, format="csv"))
    torn = _Torn([])
    try:
        table = _parse(path, header)
    except UnicodeDecodeError as error:
        raise _not_utf8(path) from error
    except pa.ArrowInvalid as error:
        if "UTF8" in str(error):
            raise _not_utf8(path) from error
        table = _parse(path, header, torn)
    rows = np.arange(len(table) + len(torn.lines)) + FIRST_ROW
    if torn.lines:
        rows = np.setdiff1d(rows, [number for number, _ in torn.lines])
    written = ~_blank(table)
    if not written.all():
        table, rows = table.filter(pa.array(written)), rows[written]
    return one_file(
        name,
        table.to_pandas(),
        rows=rows,
        origin=Origin(file=path.name, format="csv"),
        torn=tuple((number, text) for number, text in torn.lines if text.strip()),
    )


def _blank(table: pa.Table) -> npt.NDArray[np.bool_]:
    """Lines without any cell, as spreadsheets leave them at the end: no rows at all."""
    blank = np.ones(len(table), bool)
    for column in table.columns:
        if column.null_count == 0:
            return np.zeros(len(table), bool)
        blank &= pc.is_null(column).to_numpy()
    return blank


def _header(path: Path) -> list[str]:
    """Names of the columns, without a byte order mark and blanks."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return [cell.strip() for cell in next(csv.reader(lines), [])]
    except UnicodeDecodeError as error:
        raise _not_utf8(path) from error


def _not_utf8(path: Path) -> TableError:
    return TableError(
        f"{path.name} is not in UTF-8.\n"
        '    Save it as "CSV UTF-8", or convert it: iconv -f GB18030 -t UTF-8.'
    )


def _parse(path: Path, header: list[str], torn: _Torn | None = None) -> pa.Table:
    """Cells as text, empty ones missing; threads cannot number lines, so torn ones cost them."""
    names = [name or f"column {i + 1}" for i, name in enumerate(header)]
    return pa_csv.read_csv(
        path,
        read_options=pa_csv.ReadOptions(
            column_names=names, skip_rows_after_names=1, use_threads=torn is None
        ),
        parse_options=pa_csv.ParseOptions(
            newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=torn
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()),
            strings_can_be_null=True,
            null_values=[""],
            quoted_strings_can_be_null=True,
        ),
    )


def write_folder(graph: TraceGraph, folder: str | os.PathLike[str]) -> None:
    """Write the rows that a graph uses as a folder of CSV files, which `read` reads back.

    Parameters
    ----------
    graph : TraceGraph
    folder : path
        Made if it is not there; tables in it are replaced.

    Notes
    -----
    Dates stay dates; instants are written with their offset. Rejected rows are left out.
    """
    target = Path(os.fspath(folder))
    target.mkdir(parents=True, exist_ok=True)
    settings = f'format = {FORMAT}\ntz = "{graph.tz}"\n'
    (target / SETTINGS).write_text(settings, encoding="utf-8")
    for name, table in graph.tables.items():
        frame = table.frame.copy(deep=False)
        for column in TABLES[name].named("time"):
            if column in table.lo and column in frame:
                frame[column] = _time_texts(table, column, graph.calendar)
        with (target / f"{name}.csv").open("wb") as out:
            out.write(codecs.BOM_UTF8)  # Excel reads UTF-8 by it
            frame.to_csv(out, index=False, encoding="utf-8")


def _time_texts(table: Table, column: str, calendar: Calendar) -> npt.NDArray[np.object_]:
    """Dates as dates, instants with their offset; missing times as None."""
    lo, hi = table.early(column), table.late(column)
    stamps = calendar.timestamps(lo)
    texts = np.array([stamp.isoformat() for stamp in stamps], dtype=object)
    is_date = (calendar.floor(np.where(lo == NEVER, 0, lo)) == lo) & (
        calendar.ceil(np.where(lo == NEVER, 0, lo) + 1) == hi
    )
    texts[is_date] = [stamp.date().isoformat() for stamp in stamps[is_date]]
    texts[lo == NEVER] = None
    return texts
