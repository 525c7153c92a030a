"""The columns of each file under our names, and what is said of that."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping
from dataclasses import astuple, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from tracegraph.errors import TableError
from tracegraph.model.reading.headers import columns_of, known, name_headers, proposals
from tracegraph.model.schemas import TABLES

if TYPE_CHECKING:
    from collections.abc import Collection

    from tracegraph.model.reading.findings import Findings
    from tracegraph.model.reading.frames import RawTable
    from tracegraph.model.reading.headers import Named

ORIGIN_COLUMNS = ("table", "file", "format", "encoding", "separator", "header", "column", "how")
YES_OR_NO = frozenset({"是", "否", "有", "无", "yes", "no", "y", "n", "true", "false"})


def rename(
    tables: list[RawTable], columns: Mapping[str, Any], findings: Findings
) -> list[RawTable]:
    """Give columns our names: those of `columns=`, our own, then the built-in ones.

    Parameters
    ----------
    tables : list of RawTable
    columns : mapping
        ``{"arrival": "arrive"}``, or the same by table; None keeps a column as an extra one.
    findings : Findings
        Told where two headers may mean one column.

    Raises
    ------
    TableError
        If `columns` speaks of what is not there, two columns of a table get one name, or
        a required column is missing.
    """
    columns = _by_text(columns)
    _check_chosen(tables, columns)
    renamed = [_renamed(table, _chosen(table.name, columns), findings) for table in tables]
    for table in renamed:
        check_columns(table)
    return renamed


def _by_text(columns: Mapping[Any, Any]) -> dict[str, Any]:
    """Names as texts, as headers are: a frame may have 0 for one."""
    return {
        str(old): _by_text(new) if isinstance(new, Mapping) else new for old, new in columns.items()
    }


def _renamed(table: RawTable, chosen: dict[str, str | None], findings: Findings) -> RawTable:
    headers = list(table.frame.columns)
    named = name_headers(table.name, headers, chosen, to_the_letter=table.is_saved)
    named = [_unless_yes_or_no(table, i, name, findings) for i, name in enumerate(named)]
    ours = Counter(name.column for name in named if name.column)
    if twice := [column for column, number in ours.items() if number > 1]:
        message = (
            f"{table.name} has two columns {twice[0]!r}{' after renaming' if chosen else ''}.\n"
            "    Drop or rename one of them."
        )
        raise TableError(message)
    _warn_second_headers(table, named, findings)
    new = _names_of(named, table.name)
    frame = table.frame.set_axis(pd.Index(new), axis="columns") if new != headers else table.frame
    dates = frozenset(new[i] for i, header in enumerate(headers) if header in table.dates)
    plain = {new[i]: table.plain[h] for i, h in enumerate(headers) if h in table.plain}
    packed = {new[i]: table.packed[h] for i, h in enumerate(headers) if h in table.packed}
    table = replace(table, frame=frame, dates=dates, named=tuple(named), plain=plain, packed=packed)
    return table.spelled_out(*(c for c in plain if c not in TABLES[table.name].named("time")))


def _names_of(named: list[Named], table: str) -> list[str]:
    """Names of columns; extra ones that are called like ours or another are numbered."""
    taken = {*columns_of(table), *(name.header for name in named)}
    seen = set(columns_of(table))
    names = []
    for name in named:
        new, number = name.column or name.header, 1
        while not name.column and new in (taken if number > 1 else seen):
            number += 1
            new = f"{name.header} ({number})"
        seen.add(new)
        taken.add(new)
        names.append(new)
    return names


def _unless_yes_or_no(table: RawTable, i: int, name: Named, findings: Findings) -> Named:
    """Take no column of yes and no for the homes: all who live with somebody would be one home."""
    if name.how != "built-in name" or name.column.removeprefix("persons.") != "home_id":
        return name
    words = {str(word).strip().casefold() for word in table.frame.iloc[:, i].dropna().unique()[:9]}
    if not words or not (words <= YES_OR_NO or words == {"0", "1"}):
        return name
    findings.warn(
        table.name,
        file=table.file,
        column=name.header,
        rule="no-ids",
        message=f"{name.header} could be home_id by its name, but says only yes or no; not used",
        mend=f'If it names homes, pass columns={{"{name.header}": "home_id"}}.',
    )
    return replace(name, column="", how="extra")


def _warn_second_headers(table: RawTable, named: list[Named], findings: Findings) -> None:
    for second in named:
        if not second.meant:
            continue
        taken = next(name.header for name in named if name.column == second.meant)
        ours = second.meant.removeprefix("persons.")
        findings.warn(
            table.name,
            file=table.file,
            column=second.header,
            rule="second-header",
            message=f"{second.header} could be {ours} too; {taken} is taken",
            mend=f'If {second.header} is the right one, pass columns={{"{second.header}": '
            f'"{ours}"}}.',
        )


def _chosen(table: str, columns: Mapping[str, Any]) -> dict[str, str | None]:
    """What `columns=` says of a table; what it says of this table alone goes before."""
    ours = _targets(table)
    flat = {old: new for old, new in columns.items() if new is None or _names_one(new, ours)}
    own = columns.get(table)
    return {**flat, **own} if isinstance(own, Mapping) else flat


def _names_one(new: object, ours: Mapping[str, str]) -> bool:
    return isinstance(new, str) and new in ours


def _targets(table: str) -> dict[str, str]:
    """Names that a column of a table may be given, and their full names."""
    return {ours.removeprefix("persons."): ours for ours in columns_of(table)}


def _check_chosen(tables: list[RawTable], columns: Mapping[str, Any]) -> None:
    """Raise if `columns=` names a header or a column that is not there."""
    headers: dict[str, set[str]] = {name: set() for name in TABLES}
    for table in tables:
        headers[table.name].update(table.frame.columns)
    for old, new in columns.items():
        if not isinstance(new, Mapping):
            _check_choice(old, new, headers)
        elif old in TABLES:
            for header, ours in new.items():
                _check_choice(header, ours, {old: headers[old]})
        else:
            what = f"names {old!r}, which is no table"
            raise _not_there(what, old, TABLES)


def _check_choice(header: str, ours: object, headers: Mapping[str, set[str]]) -> None:
    """Raise unless some of these tables has the header, and some may have the column."""
    targets = {target for table in headers for target in _targets(table)}
    table = next(iter(headers)) if len(headers) == 1 else ""
    if ours is not None and ours not in targets:
        what = f"makes {header!r} {ours!r}, not a column of {table or 'ours'}"
        raise _not_there(what, str(ours), targets)
    seen = set().union(*headers.values())
    if header not in seen:
        what = (
            f"names a header {header!r} that {table or 'no table'} {'has not' if table else 'has'}"
        )
        raise _not_there(what, header, seen)


def _not_there(what: str, name: str, names: Collection[str]) -> TableError:
    near = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    mend = f"Write {near[0]!r}, or leave it out." if near else "Correct the name, or leave it out."
    return TableError(f"columns= {what}.\n    {mend}")


def origins_of(parts: list[RawTable]) -> pd.DataFrame:
    """One row a column of each file: how the file was read, and what its headers mean."""
    rows = [
        (part.name, *astuple(part.origins[0])[:4], name.header, name.column, name.how)
        for part in parts
        for name in part.named
    ]
    return pd.DataFrame(rows, columns=list(ORIGIN_COLUMNS), dtype="str")


def check_columns(table: RawTable) -> None:
    """Raise if a required column is missing; say which one may be meant."""
    schema, has = TABLES[table.name], list(table.frame.columns)
    for column in schema.required:
        if column not in has:
            raise _no_column(table, f"column {column!r}", column)
    if schema.one_of and not set(schema.one_of) & set(has):
        words = ", ".join(schema.one_of[:-1]) + f" and {schema.one_of[-1]}"
        raise _no_column(table, f"time column (one of {words})", schema.one_of[0])


def _no_column(table: RawTable, what: str, wanted: str) -> TableError:
    has = [name.header for name in table.named] or list(table.frame.columns)
    sure = {name.header for name in table.named if name.column in TABLES[table.name].required}
    near = proposals(wanted, [header for header in has if header not in sure], table.name)
    listed = ", ".join(has[:12]) + (", …" if len(has) > 12 else "") if has else "none"
    mend = (
        f'Rename {near[0]!r}, or pass columns={{"{near[0]}": "{wanted}"}}.'
        if near
        else f'Add it, or pass columns={{"your name": "{wanted}"}}.'
    )
    if near and known("persons", near[0]) == "name":
        mend += " But names are no ids: two people may share one."
    listed, mend = (text.replace("\r", r"\r").replace("\n", r"\n") for text in (listed, mend))
    return TableError(f"{_told(table)} has no {what}; it has {listed}.\n    {mend}")


def _told(table: RawTable) -> str:
    """Name of a table, with the file where that does not say it."""
    stem = table.file.rpartition(".")[0] or table.file
    return table.name if stem in {"", table.name} else f"{table.name} ({table.file})"
