"""What was found while reading, in the order in which one works through it: text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracegraph.model.reading.findings import counted, where

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from tracegraph.model.graph import TraceGraph

LISTED = 5
"""Rejected rows of one rule, file and column that are listed."""


def report(graph: TraceGraph) -> str:
    """Files and what they were taken for, rejected rows, warnings; ids and cells included."""
    lines = [*_files(graph), "", *_rejects(graph.rejects), "", *_warnings(graph.warnings)]
    return "\n".join(map(printable, lines))


def printable(text: str) -> str:
    r"""Text that no terminal takes for a command: signs of control are written out.

    Examples
    --------
    >>> print(printable("red \x1b[31m, two\nlines, \u202eturned, 王"))
    red \x1b[31m, two\nlines, \u202eturned, 王
    """
    return "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
    )


def _files(graph: TraceGraph) -> Iterator[str]:
    for table, file, rows, used, rejected in graph.counts.itertuples(index=False):
        name = f"{file} is {table}" if file else table
        yield f"{name}: {counted(rows, 'row')} = {used:,} used + {rejected:,} rejected"
        origins = graph.origins
        yield from _origin(origins[(origins["table"] == table) & (origins["file"] == file)])


def _origin(headers: pd.DataFrame) -> Iterator[str]:
    """How one file was read, and what its headers were taken for."""
    if headers.empty:
        return
    first = headers.iloc[0]
    if first["encoding"]:
        cells = f", cells separated by {first['separator']!r}" if first["separator"] else ""
        yield f"    read as {first['encoding']}{cells}"
    renamed = headers[(headers["how"] != "as named") & (headers["column"] != "")]
    named = [f"{h} is {c}" for h, c in zip(renamed["header"], renamed["column"], strict=True)]
    if named:
        yield f"    {'; '.join(named)}"
    extra = headers.loc[headers["column"] == "", "header"]
    if len(extra):
        yield f"    kept, and read by no rule: {', '.join(extra)}"


def _rejects(rejects: pd.DataFrame) -> Iterator[str]:
    if rejects.empty:
        yield "No row was rejected."
        return
    yield f"{counted(len(rejects), 'row was', 'rows were')} rejected:"
    for _, alike in rejects.groupby(["table", "file", "rule", "column"], sort=False):
        rows = records(alike.sort_values("row"))
        for found in rows[:LISTED]:
            yield f"  {where(found)}: {found['message']}{_line(found)}."
        if len(rows) > LISTED:
            yield f"  and {counted(len(rows) - LISTED, 'row')} more like them"
        yield f"    {rows[0]['mend']}"


def _warnings(warnings: pd.DataFrame) -> Iterator[str]:
    if warnings.empty:
        yield "No warnings."
        return
    yield f"{counted(len(warnings), 'warning')}:"
    for found in records(warnings):
        yield f"  {_place(found)}{found['message']}{_examples(found)}."
        yield f"    {found['mend']}"


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of a frame as dictionaries."""
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


def _line(found: dict[str, Any]) -> str:
    """The line that is no row, cut short; cells stand in the message already."""
    return "" if found["column"] or not found["value"] else f": {found['value']:.60}"


def _place(found: dict[str, Any]) -> str:
    told = found["file"] or found["table"]
    return "" if not told or found["message"].startswith(told) else f"{told}: "


def _examples(found: dict[str, Any]) -> str:
    return f" ({found['value']})" if found["value"] else ""
