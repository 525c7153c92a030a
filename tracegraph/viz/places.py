"""The places of a page and the areas that hold them, in an order that no id decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tracegraph.viz.identities import names
from tracegraph.viz.kinds import said_kind
from tracegraph.viz.pseudonyms import codes
from tracegraph.viz.visible import display_text

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.tracing.trace import Trace


def places(
    trace: Trace, homes: npt.NDArray[np.int64], *tables: pd.DataFrame, key: bytes
) -> pd.DataFrame:
    """One row a place that any of the tables names, by first use and code.

    Parameters
    ----------
    trace : Trace
    homes : array of int64
        Where persons live, the graph's codes; -1 none.
    *tables : DataFrame
        `place`, a code of the graph or -1, and `start`.
    key : bytes

    Returns
    -------
    DataFrame
        `where` (the graph's code), `code`, `kind` (position in the graph's kinds), `home`,
        `area` (the graph's code; -1 none).
    """
    used = pd.concat([table[["place", "start"]] for table in tables], ignore_index=True)
    first = used[used["place"] >= 0].groupby("place")["start"].min()
    where = np.union1d(first.index.to_numpy(np.int64), np.unique(homes[homes >= 0]))
    located, graph = trace.graph.facts.locations, trace.graph
    kind = located.kind[where].astype(np.int64)
    rows = pd.DataFrame({
        "where": where,
        "code": codes("location", graph.location_ids[where], key),
        "first": first.reindex(where).to_numpy(),
        "kind": kind,
        "home": np.isin(kind, [k for k, word in enumerate(graph.kinds) if word == "home"]),
        "area": located.nearest_area()[where].astype(np.int64),
    })  # fmt: skip
    return rows.sort_values(["first", "code"], ignore_index=True).drop(columns="first")


def said_kinds(
    trace: Trace, kind: npt.NDArray[np.int64], *, identities: bool
) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Kinds as they may be said, and the position among them of each of `kind`."""
    words = [w if identities else said_kind(w) for w in trace.graph.kinds]
    at, used = np.unique(kind[kind >= 0]), list[str]()
    position = np.full(len(words) + 1, -1)
    for k in at.tolist():
        if words[k] not in used:
            used.append(words[k])
        position[k] = used.index(words[k])
    return [display_text(word) for word in used], position[kind]


def areas(
    trace: Trace, area: npt.NDArray[np.int64], key: bytes, *, identities: bool
) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Labels of areas as they come, and the position among them of each of `area`."""
    used = pd.unique(area[area >= 0])
    position = np.full(len(trace.graph.area_ids) + 1, -1)
    position[used] = np.arange(len(used))
    if identities:
        return names(trace, "areas", used), position[area]
    code = codes("area", trace.graph.area_ids[used], key)
    return [f"area {c}" for c in code], position[area]
