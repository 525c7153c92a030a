"""What only a page with identities holds: ids, names, and every other cell of a person or place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tracegraph.viz.visible import cell_text, display_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    import pandas as pd

    from tracegraph.model.reading.tables import Table
    from tracegraph.tracing.trace import Trace

_KEYS = {
    "persons": "person_id",
    "cases": "person_id",
    "locations": "location_id",
    "areas": "area_id",
}
_SHOWN_APART = {"persons": {"name"}, "locations": {"name"}}


def ids(trace: Trace, table: str, codes: npt.NDArray[np.int64]) -> list[str]:
    """Ids of persons, locations or areas by the graph's codes, as text."""
    return [display_text(value) for value in _ids(trace, table)[codes]]


def names(trace: Trace, table: str, codes: npt.NDArray[np.int64]) -> list[str]:
    """Name of each code in a table, else its id."""
    found = ids(trace, table, codes)
    for row, column, text in _cells(trace, table, codes):
        if column == "name":
            found[row] = text
    return found


def extras(
    trace: Trace, tables: tuple[str, ...], codes: npt.NDArray[np.int64]
) -> list[dict[str, str]]:
    """Every other cell that is not missing, by column; several of one person joined by "; "."""
    found: list[dict[str, list[str]]] = [{} for _ in codes]
    taken: set[str] = set()
    for table in tables:
        own = set()
        for row, column, text in _cells(trace, table, codes):
            if column in _SHOWN_APART.get(table, ()):
                continue
            own.add(column)
            told = found[row].setdefault(f"{table}.{column}" if column in taken else column, [])
            if text not in told:
                told.append(text)
        taken |= own
    return [{column: "; ".join(told) for column, told in cells.items()} for cells in found]


def _ids(trace: Trace, table: str) -> pd.Index[Any]:
    graph = trace.graph
    whose = {"locations": graph.location_ids, "areas": graph.area_ids}
    return whose.get(table, graph.person_ids)


def _cells(trace: Trace, name: str, codes: npt.NDArray[np.int64]) -> Iterator[tuple[int, str, str]]:
    """Position in `codes`, column and text of each cell of their rows, but for the id itself."""
    table = trace.graph.tables.get(name)
    if table is None:
        return
    position = np.full(len(_ids(trace, name)) + 1, -1)
    position[codes] = np.arange(len(codes))
    at = position[table.code(_KEYS[name])]
    rows = np.flatnonzero(at >= 0)
    for column in table.frame.columns:
        for row, value in _values(table, str(column), rows):
            text = cell_text(value)
            is_own_id = column == _KEYS[name] and value == _ids(trace, name)[codes[at[row]]]
            if text.strip() and not is_own_id:
                yield int(at[row]), display_text(column), text


def _values(table: Table, column: str, rows: npt.NDArray[np.int64]) -> Iterator[tuple[int, object]]:
    """Row and value of the cells that are not missing."""
    cells = table.frame[column].iloc[rows]
    given = cells.notna().to_numpy(bool)
    yield from zip(rows[given].tolist(), cells[given].astype(object), strict=True)
