"""A graph as a folder, and what of it `tg.read` cannot see in the tables.

The folder holds a file for each table, and besides the tables: `rejects.csv` and
`counts.csv`, so that the rows which were left out stay accounted for, and
`tracegraph.toml`.
"""

from __future__ import annotations

import codecs
import json
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from tracegraph.errors import TableError
from tracegraph.model.calendar import NEVER
from tracegraph.model.equality import ids_of, named, written
from tracegraph.model.reading.frames import is_packed
from tracegraph.model.reading.identifiers import read_ids
from tracegraph.model.reading.spelling import spelled
from tracegraph.model.schemas import TABLES
from tracegraph.stores import opening
from tracegraph.stores.exchange import bring_back, check_exchangeable, in_place_of
from tracegraph.stores.paths import told_of
from tracegraph.stores.saved import accounted, check_has_cases, saved_by, typed
from tracegraph.stores.settings import FORMAT, SETTINGS

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy.typing as npt

    from tracegraph.model.calendar import Calendar
    from tracegraph.model.facts import Ticks
    from tracegraph.model.graph import TraceGraph
    from tracegraph.model.reading.frames import RawTable
    from tracegraph.model.reading.tables import Table

REJECTS, COUNTS = "rejects.csv", "counts.csv"


# ---- writing


def save(
    graph: TraceGraph,
    target: str | os.PathLike[str],
    *,
    files: Literal["csv", "parquet"] | None = None,
    auth: tuple[str, str] | None = None,
    database: str | None = None,
) -> Path | str:
    """Write a graph as a folder or into a database; see `TraceGraph.save`."""
    place = opening.checked(target)
    if isinstance(place, str) or opening.is_database(place):
        opening.refuse(place, "graph.save", "folders", files=files)
        opening.store(place, auth=auth, database=database).save(graph)
        return place
    opening.refuse(place, "graph.save", "Neo4j", auth=auth, database=database)
    return _save_folder(graph, place, "csv" if files is None else files)


def _save_folder(graph: TraceGraph, target: Path, files: str) -> Path:
    with told_of(target):
        folder = target.resolve()
        is_file = folder.exists() and not folder.is_dir()
    if is_file:
        message = f"{target} is a file.\n    Pass a folder."
        raise TableError(message)
    _check_place(folder, str(target))
    if files not in ("csv", "parquet"):
        message = f'files = {files!r} is no format.\n    Pass files="csv" or files="parquet".'
        raise TableError(message)
    check_has_cases(graph)
    with in_place_of(folder) as new:
        _write(graph, new, files)
    return target


def _check_place(folder: Path, text: str) -> None:
    """Raise unless the folder to write is absent, empty or saved before."""
    bring_back(folder)
    if folder.exists():
        check_exchangeable(folder, text)
    if folder.exists() and (foreign := _foreign(folder)):
        more = f" and {len(foreign) - 1:,} more" if len(foreign) > 1 else ""
        message = (
            f"{text} holds {foreign[0]}{more}, which graph.save did not write.\n"
            "    Pass another folder, or move what is in the way."
        )
        raise TableError(message)


def _foreign(folder: Path) -> list[str]:
    """Names in a folder that `save` did not write there."""
    try:
        settings = tomllib.loads((folder / SETTINGS).read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        settings = {}
    ours = {SETTINGS, REJECTS, COUNTS} if "saved_by" in settings else set()
    rows = settings.get("rows")
    for table in TABLES.keys() & rows if isinstance(rows, dict) else ():
        ours |= {f"{table}.csv", f"{table}.parquet"}
    return sorted(path.name for path in folder.iterdir() if path.name not in ours)


def _write(graph: TraceGraph, folder: Path, files: str) -> None:
    for name, table in written(graph).items():
        other = spelled if files == "csv" else typed
        columns = {c: _saved(graph, table, c, other) for c in table.frame.columns}
        if files == "csv":
            _write_csv(pa.table(columns), folder / f"{name}.csv")
        else:
            pq.write_table(pa.table(columns), folder / f"{name}.parquet")
    for file, frame in ((REJECTS, graph.rejects), (COUNTS, graph.counts)):
        _write_csv(pa.table({c: spelled(frame[c]) for c in frame.columns}), folder / file)
    (folder / SETTINGS).write_text(_settings(graph), encoding="utf-8")


def _settings(graph: TraceGraph) -> str:
    lines = [
        "# Written by graph.save. Tables may be edited; this file, counts and rejects may not.",
        f"format = {FORMAT}",
        f"tz = {json.dumps(graph.tz)}",
        f'saved_by = "{saved_by()}"',
    ]
    if graph.as_of_second is not None:
        moment = _instants(np.array([graph.as_of_second]), graph.calendar)[0]
        lines.append(f'as_of = "{moment}"')
    kinds = {kind: _kind_of_ids(index) for kind, index in ids_of(graph).items()}
    told = [f'{kind} = "{word}"' for kind, word in kinds.items() if word]
    lines += ["", "[ids]", *told] if told else []
    lines += ["", "[rows]", *(f"{name} = {len(table)}" for name, table in graph.tables.items())]
    return "\n".join([*lines, ""])


def _kind_of_ids(ids: pd.Index[Any]) -> str:
    """What a CSV file does not say of ids: that they are integers, or texts such as "NA"."""
    if pd.api.types.is_integer_dtype(ids.dtype):
        return "integer"
    read = read_ids(ids.to_series(name="ids"), "", as_text=True)
    is_read = read.values.equals(pa.array(ids, type=pa.large_string()))
    return "" if is_read or not len(ids) else "text"


def _saved(
    graph: TraceGraph, table: Table, column: str, other: Callable[[pd.Series[Any]], pa.Array]
) -> pa.Array:
    """One column as it is saved: ids, times as text, and `other` columns."""
    if column in table.codes:
        return named(graph, table.name, column)
    if column in table.lo:
        return time_texts(table.early(column), table.late(column), graph.calendar)
    return other(table.frame[column])


# ---- times


def time_texts(lo: Ticks, hi: Ticks, calendar: Calendar) -> pa.Array:
    """Dates as dates, instants with their offset, all else as the interval of its bounds.

    Examples
    --------
    >>> import datetime as dt
    >>> from tracegraph.model.calendar import Calendar
    >>> berlin = Calendar(tz="Europe/Berlin", origin=dt.date(2022, 10, 30))
    >>> ends = np.array([90_000, 9000, 9000], np.int32)
    >>> time_texts(np.array([0, 9000, 5400], np.int32), ends, berlin).to_pylist()
    ['2022-10-30', '2022-10-30T02:30:00+02:00',
     '2022-10-30T01:30:00+02:00/2022-10-30T02:30:00+02:00']
    """
    codes, pairs = pd.factorize((lo.astype(np.int64) << 32) + hi)  # few of many rows differ
    first = np.empty(len(pairs), np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return pa.array(_distinct_texts(lo[first], hi[first], calendar)).take(pa.array(codes))


def _distinct_texts(lo: Ticks, hi: Ticks, calendar: Calendar) -> list[str | None]:
    given = lo != NEVER
    begin, end = np.where(given, lo, 0), np.where(given, hi, 0)
    instants = _instants(begin, calendar)
    is_date = (calendar.floor(begin) == begin) & (calendar.ceil(begin + 1) == end)
    texts = np.where(
        begin == end,
        instants,
        np.strings.add(np.strings.add(instants, "/"), _instants(end, calendar)),
    )
    dates = np.datetime64(calendar.origin) + calendar.day(begin)
    texts = np.where(is_date, np.datetime_as_string(dates), texts)
    return [text if is_given else None for text, is_given in zip(texts, given, strict=True)]


def _instants(seconds: npt.NDArray[Any], calendar: Calendar) -> npt.NDArray[np.str_]:
    """Local time and offset; whole minutes of it, as long ago they had seconds too."""
    utc = seconds.astype(np.int64) + calendar.epoch
    stamps = pd.DatetimeIndex(utc.astype("datetime64[s]")).tz_localize("UTC")
    wall = stamps.tz_convert(calendar.tz).tz_localize(None).to_numpy().astype("datetime64[s]")
    offset = (wall.astype(np.int64) - utc) // 60
    local = np.datetime_as_string((utc + offset * 60).astype("datetime64[s]"))
    minutes, which = np.unique(offset, return_inverse=True)
    return np.strings.add(local, np.array([_offset(m) for m in minutes.tolist()], "U6")[which])


def _offset(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def _write_csv(table: pa.Table, path: Path) -> None:
    with path.open("wb") as out:
        out.write(codecs.BOM_UTF8)  # by it Excel knows UTF-8
        pa_csv.write_csv(table, out)


# ---- reading back


def as_saved(parts: list[RawTable], settings: Mapping[str, Any]) -> list[RawTable]:
    """Parts of a saved folder: to the letter, but for ids that `[ids]` declares as integers.

    A kind of id with any cell that is no integer stays text in all tables, where it joins.
    """
    if "saved_by" not in settings:
        return parts
    parts = [
        replace(part, origins=tuple(replace(origin, is_saved=True) for origin in part.origins))
        for part in parts
    ]
    declared = settings.get("ids", {})
    for kind in declared if isinstance(declared, dict) else ():
        if declared[kind] == "integer":
            parts = _integers(parts, kind)
    return parts


def _ids_in(part: RawTable, kind: str) -> list[str]:
    """Columns of texts that hold ids of a kind."""
    names = [c.name for c in TABLES[part.name].columns if c.role == kind]
    return [name for name in names if name in part.frame and _is_text(part.frame[name])]


def _integers(parts: list[RawTable], kind: str) -> list[RawTable]:
    changed = []
    for part in parts:
        read = {name: _as_integers(part.frame[name]) for name in _ids_in(part, kind)}
        if any(column is None for column in read.values()):
            return parts
        changed.append(replace(part, frame=part.frame.assign(**read)) if read else part)
    return changed


def _is_text(column: pd.Series[Any]) -> bool:
    return is_packed(column) or isinstance(column.dtype, pd.StringDtype) or column.dtype == "object"


def _as_integers(column: pd.Series[Any]) -> pd.Series[Any] | None:
    """Integers of a column; None if they would be spelled differently, as 007."""
    try:
        cells = column.astype("str") if is_packed(column) else column
        texts = pa.array(cells, type=pa.large_string(), from_pandas=True)
        numbers = pc.cast(texts, pa.int64())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return None
    if not pc.all(pc.equal(pc.cast(numbers, pa.large_string()), texts), min_count=0).as_py():
        return None
    return pd.Series(numbers.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get))


def restored(graph: TraceGraph, folder: Path, settings: Mapping[str, Any]) -> TraceGraph:
    """Graph of a saved folder, with the rejects and counts of before and its moment."""
    if "saved_by" not in settings:
        return graph
    try:
        rejects = _read_csv(folder / REJECTS, graph.rejects)
        counts = _read_csv(folder / COUNTS, graph.counts)
    except (OSError, pa.ArrowException, ValueError, KeyError):  # whose words may quote a cell
        raise _changed(folder, "cannot be read") from None
    if len(rejects) != counts["rejected"].sum():
        raise _changed(folder, f"tell of {len(rejects)} and {counts['rejected'].sum()} rows")
    findings = {
        "rejects": pd.concat([rejects, graph.rejects], ignore_index=True),
        "counts": accounted(counts, graph.counts, settings.get("rows", {})),
    }
    found = graph.with_findings(**findings)
    return found.as_of(settings["as_of"]) if "as_of" in settings else found


def _changed(folder: Path, what: str) -> TableError:
    return TableError(
        f"{REJECTS} and {COUNTS} of {folder.name} {what}.\n"
        f"    Put back the files as they were saved, or delete the line saved_by in {SETTINGS} "
        "to forget the rejected rows."
    )


def _read_csv(path: Path, like: pd.DataFrame) -> pd.DataFrame:
    """Read a frame with the columns and types of another."""
    table = pa_csv.read_csv(
        path,
        read_options=pa_csv.ReadOptions(block_size=max(1 << 20, path.stat().st_size)),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(like.columns, pa.large_string()),
            include_columns=list(like.columns),
        ),
    )
    frame: pd.DataFrame = table.to_pandas()
    numbers = [column for column in like.columns if like[column].dtype.kind in "iu"]
    frame[numbers] = frame[numbers].where(frame[numbers] != "")
    return frame.astype(like.dtypes.to_dict())
