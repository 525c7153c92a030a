"""What `tracegraph.toml` and the arguments of `tg.read` say about a source."""

from __future__ import annotations

import codecs
import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tracegraph.errors import TableError
from tracegraph.model.options import Options
from tracegraph.model.schemas import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from tracegraph.model.reading.findings import Findings

SETTINGS = "tracegraph.toml"
FORMAT = 1
"""Number of the format that this version writes and reads."""

_READING = ("tz", "day_first", "excel_epoch", "encoding", "columns", "tables")
_OF_SAVED = ("format", "saved_by", "as_of", "ids", "rows")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the files of a source are read.

    Parameters
    ----------
    options : Options
        What goes on to the model.
    encoding : str, optional
        Of all its text files; None = each file is looked at.
    tables : mapping of str to str
        Tables of files that are not named after theirs.
    is_saved : bool
        Whether `graph.save` wrote the source, so that its quotation marks are sound.
    """

    options: Options
    encoding: str | None = None
    tables: Mapping[str, str] = field(default_factory=dict)
    is_saved: bool = False


def manner(arguments: Mapping[str, Any], settings: Mapping[str, Any], *, strict: bool) -> Manner:
    """Put arguments before settings.

    Raises
    ------
    TableError
        If a value is none that its key may have.
    """
    for key in _READING:
        _check(key, settings.get(key), SETTINGS)
        _check(key, arguments[key], "tg.read")
    value = {
        key: settings.get(key) if arguments[key] is None else arguments[key] for key in _READING
    }
    columns = _over(settings.get("columns") or {}, arguments["columns"] or {})
    return Manner(
        options=Options(
            tz=value["tz"],
            columns=columns,
            day_first=value["day_first"],
            excel_epoch=value["excel_epoch"] or 1900,
            strict=strict,
        ),
        encoding=value["encoding"],
        tables={**(settings.get("tables") or {}), **(arguments["tables"] or {})},
        is_saved="saved_by" in settings,
    )


def read_settings(folder: Path, findings: Findings) -> dict[str, Any]:
    """Read `tracegraph.toml` of a folder; {} if there is none.

    Raises
    ------
    TableError
        If it is no TOML, or of another format.
    """
    path = folder / SETTINGS
    if not path.exists():
        return {}
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
        message = f"{SETTINGS} cannot be read: {error}.\n    Correct it; it is TOML, in UTF-8."
        raise TableError(message) from error
    if settings.get("format", FORMAT) != FORMAT:
        message = (
            f"{SETTINGS} says format = {settings['format']!r}; this version reads {FORMAT}.\n"
            "    Update tracegraph."
        )
        raise TableError(message)
    _warn_of_unknown(settings, findings)
    return settings


def _warn_of_unknown(settings: Mapping[str, Any], findings: Findings) -> None:
    keys = (*_READING, *_OF_SAVED)
    for key in settings.keys() - set(keys):
        near = difflib.get_close_matches(key, keys, n=1)
        findings.warn(
            "",
            file=SETTINGS,
            rule="unknown-setting",
            message=f"{SETTINGS} says {key}, which is no setting; not used",
            mend=f"Write {near[0]}." if near else f"Settings are {', '.join(_READING)}.",
        )


def _over(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    """Names of columns by two hands; what both name, the second names."""
    merged = {**low, **high}
    for table in TABLES:
        if isinstance(low.get(table), Mapping) and isinstance(high.get(table), Mapping):
            merged[table] = {**low[table], **high[table]}
    return merged


def _check(key: str, value: Any, place: str) -> None:  # noqa: ANN401  # anything may be typed
    if value is None or _MAY_BE[key](value):
        return
    shown = repr(value).lower() if isinstance(value, bool) else repr(value)
    message = f"{place} says {key} = {shown}.\n    {_MENDS[key]}"
    raise TableError(message)


def _is_encoding(value: object) -> bool:
    try:
        return isinstance(value, str) and codecs.lookup(value)._is_text_encoding
    except (LookupError, ValueError):  # a name with a sign of control
        return False


def _are_columns(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        all(map(_is_name, word.values()))
        if theirs in TABLES and isinstance(word, Mapping)
        else _is_name(word)
        for theirs, word in value.items()
    )


def _are_tables(value: object) -> bool:
    return isinstance(value, Mapping) and all(table in (*TABLES, "") for table in value.values())


def _is_name(value: object) -> bool:
    return value is None or isinstance(value, str)


_MAY_BE = {
    "tz": lambda value: isinstance(value, str),
    "day_first": lambda value: isinstance(value, bool),
    "excel_epoch": lambda value: value in (1900, 1904) and isinstance(value, int),
    "encoding": _is_encoding,
    "columns": _are_columns,
    "tables": _are_tables,
}
_MENDS = {
    "tz": 'Write tz = "Asia/Shanghai", the zone in which the team counts days.',
    "day_first": "Write day_first = true if 9/5/2022 is the ninth of May, else false.",
    "excel_epoch": "Write excel_epoch = 1900, or 1904 for workbooks of an old Excel for the Mac.",
    "encoding": 'Write the name of an encoding, such as encoding = "gb18030".',
    "columns": 'Write your name and ours, such as "arrival" = "arrive"; or the same by table.',
    "tables": f"Write the name of the file and its table: one of {', '.join(TABLES)}.",
}
