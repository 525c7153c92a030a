"""Reading a source: which of its files is which table, and what a saved graph says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tracegraph.errors import TableError
from tracegraph.model.graph import TraceGraph
from tracegraph.model.reading.findings import Findings
from tracegraph.model.schemas import TABLES
from tracegraph.stores import json_lines, opening, parquet_files, text_files, workbooks
from tracegraph.stores.exchange import left_behind
from tracegraph.stores.heading import Names
from tracegraph.stores.naming import near, table_called, table_of_file
from tracegraph.stores.paths import told_of
from tracegraph.stores.saving import COUNTS, REJECTS, as_saved, restored
from tracegraph.stores.settings import SETTINGS, Manner, manner, read_settings

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tracegraph.model.reading.frames import RawTable

_TEXTS = (".csv", ".tsv", ".txt")
_BOOKS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods")
_LINES = (".jsonl", ".ndjson")
_SUFFIXES = (*_TEXTS, *_BOOKS, *_LINES, ".parquet")

_UNREAD = ("unknown-file", "unknown-folder", "unknown-sheet")
_NO_INPUT = (".", "~$")
"""How names of files begin that programs hide or lay beside the ones they have open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file of a source, and the table that it is; None if its sheets tell, or nothing does."""

    path: Path
    name: str
    table: str | None


def read(  # noqa: PLR0913  # one argument for each thing that no file says
    source: str | os.PathLike[str],
    *,
    tz: str | None = None,
    columns: Mapping[str, Any] | None = None,
    tables: Mapping[str, str] | None = None,
    day_first: bool | None = None,
    excel_epoch: Literal[1900, 1904] | None = None,
    encoding: str | None = None,
    strict: bool = False,
    auth: tuple[str, str] | None = None,
    database: str | None = None,
) -> TraceGraph:
    r"""Read a graph from a folder of tables, one workbook, or a database it was saved in.

    Parameters
    ----------
    source : path or address
        Folder of CSV, XLSX, Parquet or JSON-lines files, or one such file. A file, or a
        sheet of a workbook, is named after its table: `cases.csv`, `visits_app2.csv`,
        `病例.xlsx`; or it stands in a folder of that name: `visits/app1.csv`. A table may
        have several files. What is no table is left alone, with a warning. A file
        `tracegraph.toml` may say what the arguments below say, for everybody.
        Or a file ``county.duckdb`` or an address ``neo4j://…`` in which a graph was saved: it
        says by itself what the arguments about files could say.
    tz : str, optional
        Zone of the graph; goes before the one in `tracegraph.toml`, as all arguments do.
    columns : dict, optional
        Other names of columns, as in `TraceGraph`.
    tables : dict, optional
        Tables of files that are named otherwise: ``{"export_0512.csv": "visits"}``, for a
        sheet ``{"export.xlsx [Sheet1]": "cases"}``; "" = leave the file alone.
    day_first : bool, optional
        Whether ``9/5/2022`` is the ninth of May. Without it each file must prove it.
    excel_epoch : {1900, 1904}, optional
        Where serial numbers of spreadsheets count from; 1900.
    encoding : str, optional
        Encoding of all text files, such as ``"gb18030"``. Without it each is looked at.
    strict : bool
        Whether a row that cannot be used is an error instead of a row of `rejects`.
    auth : tuple of str, optional
        Name and password for Neo4j; `tracegraph.store` says what holds without it.
    database : str, optional
        Name of the database in Neo4j; its default one.

    Returns
    -------
    TraceGraph
        `origins` says how each file was read and what each header was taken for.

    Raises
    ------
    TableError
        If there is no such source, no table `cases`, or a table cannot be used.
    StoreError
        If a database holds no graph, or cannot be read.
    TimeZoneError
        If times are naive and no zone is given.

    Examples
    --------
    >>> import tempfile, pathlib, tracegraph as tg
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "病例.csv").write_text("身份证号;发病日期\n007;2022/5/9\n", "gb18030")
    >>> graph = tg.read(folder, tz="Asia/Shanghai")
    >>> graph.cases[["person_id", "onset"]]
      person_id                     onset
    0       007 2022-05-09 00:00:00+08:00
    >>> graph.origins[["table", "encoding", "separator", "header", "column"]]
       table encoding separator header     column
    0  cases  gb18030         ;   身份证号  person_id
    1  cases  gb18030         ;   发病日期      onset
    """
    arguments = {
        "tz": tz,
        "columns": columns,
        "tables": tables,
        "day_first": day_first,
        "excel_epoch": excel_epoch,
        "encoding": encoding,
    }
    place = opening.checked(source)
    if isinstance(place, str) or opening.is_database(place):
        opening.refuse(place, "tg.read", "tables in files", **arguments)
        return opening.store(place, auth=auth, database=database).read()
    opening.refuse(place, "tg.read", "Neo4j", auth=auth, database=database)
    _check_is_there(place)
    return _read_files(place, arguments, strict=strict)


def _read_files(place: Path, arguments: Mapping[str, Any], *, strict: bool) -> TraceGraph:
    findings = Findings()
    settings = read_settings(place, findings) if place.is_dir() else {}
    how = manner(arguments, settings, strict=strict)
    parts = [
        part for found in _files(place, how, findings) for part in _parts(found, how, findings)
    ]
    _warn_of_stated(how.tables, parts, findings)
    _check_cases(place, parts, findings)
    parts = as_saved(sorted(parts, key=_by_table), settings)
    return restored(TraceGraph.from_parts(parts, how.options, findings), place, settings)


def _by_table(part: RawTable) -> int:
    return list(TABLES).index(part.name)


def _check_is_there(place: Path) -> None:
    with told_of(place):
        is_there = place.exists()
    if not is_there:
        raise _not_there(place)


def _not_there(place: Path) -> TableError:
    if left := left_behind(place):
        return TableError(
            f"{place.name} does not exist, but a save of it was stopped: {left[0].name} is there.\n"
            f"    Rename that folder to {place.name}; it holds what was saved before."
        )
    return TableError(
        f"{place} does not exist.\n    Pass the folder that holds cases.csv, or a file."
    )


# ---- which file is which table


def _files(place: Path, how: Manner, findings: Findings) -> list[Found]:
    """Files that are tables; those that are none are told."""
    beside = {SETTINGS, *((REJECTS, COUNTS) if how.is_saved else ())}
    beside |= {name for name, table in how.tables.items() if not table}
    paths = [place] if place.is_file() else list(_walked(place, findings))
    found = [
        Found(path=path, name=name, table=_table_of(path, place, name, how.tables))
        for path in paths
        if (name := _name(path, place)) not in beside
    ]
    kept = [file for file in found if _may_be_read(file, findings)]
    _check_twins(kept, place)
    return kept


def _walked(folder: Path, findings: Findings) -> Iterator[Path]:
    """Files of a folder, and of the folders in it that are named after a table."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(_NO_INPUT):
            continue
        if not path.is_dir():
            yield path
        elif table_called(path.name):
            yield from (p for p in sorted(path.iterdir()) if not p.name.startswith(_NO_INPUT))
        else:
            findings.warn(
                "",
                file=path.name,
                rule="unknown-folder",
                message=f"{path.name} is a folder that is named after no table; not read",
                mend=f"Move its files up, or name it after a table: {', '.join(TABLES)}.",
            )


def _name(path: Path, place: Path) -> str:
    return path.name if place.is_file() else path.relative_to(place).as_posix()


def _table_of(path: Path, place: Path, name: str, stated: Mapping[str, str]) -> str | None:
    if name in stated:
        return stated[name]
    own = table_of_file(path.stem)
    return own if own or path.parent == place else table_called(path.parent.name)


def _may_be_read(file: Found, findings: Findings) -> bool:
    suffix = file.path.suffix.lower()
    is_book = suffix in _BOOKS
    is_file = file.path.is_file()
    if suffix in _SUFFIXES and is_file and (file.table or is_book):
        return True
    if not is_file:
        what = f"{file.name} is no file, or leads to none; not read"
        mend = "Put the file itself there, or remove it."
    elif suffix in _SUFFIXES:
        guess = near(file.path.stem)
        what = f"{file.name} is named after no table; not read"
        mend = f"Name it after a table{f', such as {guess}' if guess else ''}; or say which it is: "
        mend += f'tables={{"{file.name}": "{guess or "visits"}"}}.'
    else:
        what = f"{file.name} is no table; not read"
        mend = f"Tables are CSV, XLSX, Parquet or JSON-lines files named {', '.join(TABLES)}."
    findings.warn("", file=file.name, rule="unknown-file", message=what, mend=mend)
    return False


def _check_twins(files: list[Found], place: Path) -> None:
    """Raise if a table stands there twice under one name: it may be the same rows again."""
    seen: dict[tuple[str, str], Found] = {}
    for file in files:
        twin = seen.setdefault((file.name.rpartition(".")[0].lower(), file.table or ""), file)
        if twin is not file:
            message = (
                f"{place.name} has two tables {file.table or 'of one name'}: {twin.name} and "
                f"{file.name}.\n    Keep one of them; or give them two names, if both count."
            )
            raise TableError(message)


def _warn_of_stated(stated: Mapping[str, str], parts: list[RawTable], findings: Findings) -> None:
    """Tell which files of `tables=` gave no table: their names may be misspelled."""
    read = {part.file for part in parts}
    for file in sorted(stated.keys() - read):
        findings.warn(
            stated[file],
            file=file,
            rule="unknown-file",
            message=f"tables= names {file}, of which nothing was read",
            mend="Write the name as it stands in the folder, a sheet as book.xlsx [sheet]; or "
            "leave it out.",
        )


def _check_cases(place: Path, parts: list[RawTable], findings: Findings) -> None:
    """Raise without cases, and tell which files were not read: cases may be among them."""
    if any(part.name == "cases" for part in parts):
        return
    unread = [w for w in findings.warnings if w["rule"] in _UNREAD][:3]
    message = (
        f"{place.name} has no table cases.\n"
        "    Add cases.csv with person_id and one of onset, sampled, confirmed."
    )
    raise TableError("\n    ".join([message, *(f"{w['message']}. {w['mend']}" for w in unread)]))


# ---- what is in a file


def _parts(file: Found, how: Manner, findings: Findings) -> list[RawTable]:
    """Tables of one file: one, but for a workbook."""
    suffix = file.path.suffix.lower()
    columns = how.options.columns
    if suffix in _BOOKS:
        return workbooks.read_workbook(file.path, file.name, file.table, how, findings)
    if file.table is None:  # only workbooks come here without one
        return []
    names = Names(table=file.table, columns=columns)
    if suffix == ".parquet":
        return [parquet_files.read_parquet(file.path, file.name, names)]
    if suffix in _LINES:
        return [json_lines.read_json_lines(file.path, file.name, names, how, findings)]
    return [text_files.read_text_file(file.path, file.name, names, how, findings)]
