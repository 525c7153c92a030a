"""Tables in JSON lines: an object a line, its keys the names of the columns."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pandas as pd

from tracegraph.errors import TableError
from tracegraph.model.reading.frames import Origin, RawTable, Torn, one_file
from tracegraph.stores.encodings import decode, warn_of_guess
from tracegraph.stores.heading import no_header

if TYPE_CHECKING:
    from pathlib import Path

    from tracegraph.model.reading.findings import Findings
    from tracegraph.stores.heading import Names
    from tracegraph.stores.settings import Manner

_MEND = 'Write one object a line: {"person_id": "C1", "onset": "2022-05-09"}.'


def read_json_lines(
    path: Path, file: str, names: Names, how: Manner, findings: Findings
) -> RawTable:
    """Read a file of JSON lines; lines that are no object are rejected.

    Raises
    ------
    TableError
        If no line is an object with a value.
    """
    found = decode(
        path.read_bytes(), file, stated=how.encoding, recognised=lambda text: _known(text, names)
    )
    warn_of_guess(names.table, file, found, findings)
    objects, numbers, torn = [], [], []
    for number, line in enumerate(io.StringIO(found.text, newline=None), 1):
        if not line.strip():
            continue
        cells = _object(line)
        if cells is None:
            torn.append(_torn(file, number, line))
        elif any(cell is not None for cell in cells.values()):
            objects.append(cells)
            numbers.append(number)
    if not objects:
        raise _no_object(file) if torn else no_header(file)
    columns = list(dict.fromkeys(key for cells in objects for key in cells))
    frame = pd.DataFrame(
        {c: pd.Series([cells.get(c) for cells in objects], dtype=object) for c in columns}
    )
    return one_file(
        names.table,
        frame.rename(columns=str.strip),
        rows=np.array(numbers, np.int64),
        origin=Origin(file=file, format="jsonl", encoding=found.encoding),
        torn=tuple(torn),
    )


def _no_object(file: str) -> TableError:
    return TableError(
        f"{file} is no file of JSON lines: none of its lines is an object.\n    {_MEND}"
    )


def _object(line: str) -> dict[str, Any] | None:
    """Cells of a line; objects and lists inside it as their text."""
    try:
        read = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    if not isinstance(read, dict):
        return None
    return {key: _cell(value) for key, value in read.items()}


def _cell(value: Any) -> Any:  # noqa: ANN401  # whatever JSON may hold
    if isinstance(value, list | dict):
        return msgspec.json.encode(value).decode()
    return None if value == "" else value


def _torn(file: str, number: int, line: str) -> Torn:
    return Torn(
        file=file,
        row=number,
        text=line.rstrip("\n"),
        message="the line is no JSON object",
        mend=_MEND,
    )


def _known(text: str, names: Names) -> int:
    """How many keys of the first line are names of columns."""
    return names.recognised(list(_object(text.partition("\n")[0]) or ()))
