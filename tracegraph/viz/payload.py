"""All that a page knows, as columns of plain values: what its script reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from tracegraph.tracing.evidence import CLASSES
from tracegraph.viz.clock import elapsed_minutes, first_midnight, shifts, stamp
from tracegraph.viz.contents import contents
from tracegraph.viz.drawing import MAX_NODES
from tracegraph.viz.journeys import StaysKept
from tracegraph.viz.language import words
from tracegraph.viz.pseudonyms import key_bytes
from tracegraph.viz.visible import display_text

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from tracegraph.tracing.trace import Trace
    from tracegraph.viz.contents import Contents

FORMAT = 1
"""Number of the format; one more whenever a page of before could not read it."""

_TABLES = ("persons", "places", "bubbles", "exposures", "venue", "stays", "windows")
_STARTS = ["first", "date", "start"]
_MOMENTS = [*_STARTS, "last", "until", "end"]


def payload(  # noqa: PLR0913  # each is an option of the page
    trace: Trace,
    *,
    identities: bool = False,
    key: bytes | str | None = None,
    lang: str = "en",
    title: str | None = None,
    max_nodes: int = MAX_NODES,
    stays: StaysKept | None = None,
) -> dict[str, Any]:
    """Columns that the page draws, plain values throughout; see `write_page` for the options.

    Examples
    --------
    >>> import tracegraph as tg
    >>> trace = tg.datasets.mers_korea().graph().trace("china-8")
    >>> data = payload(trace, key="a key of the team")
    >>> data["persons"]["code"][0], data["origin"]
    ('F742PM', '2015-05-09')
    """
    dictionary = words(lang)
    kept = _stays_kept(stays, identities=identities)
    held = contents(
        trace, key_bytes(key), identities=identities, stays_kept=kept, max_nodes=max_nodes
    )
    as_of = elapsed_minutes([trace.as_of])
    origin, first = first_midnight([as_of, *_times(held, _STARTS)], trace.graph.calendar)
    last = max(float(np.nanmax(times)) for times in [as_of, *_times(held, _MOMENTS)])
    return {
        "format": FORMAT,
        "origin": origin,
        "shifts": [column(np.array(s)) for s in shifts(trace.graph.tz, origin, first, last)],
        "as_of": column(as_of - first)[0],
        "title": display_text(title or dictionary["page-title"]),
        "protocol": {
            "name": display_text(trace.protocol.name),
            "title": display_text(trace.protocol.title),
        },
        "as_of_text": stamp(trace.as_of),
        "version": _version(),
        "lang": lang,
        "words": dictionary,
        "identities": identities,
        "keyed": key is not None,
        "tiers": _tiers(trace, has_venue=bool(len(held.venue))),
        "classes": list(CLASSES),
        "clauses": [display_text(text) for text in held.clauses],
        "kinds": held.kinds,
        "areas": held.areas,
        "stays_kept": kept,
        "stays_of": column(held.stays_of),
        "dropped": held.dropped,
        **{name: columns(getattr(held, name), first) for name in _TABLES},
    }


def _stays_kept(stays: StaysKept | None, *, identities: bool) -> StaysKept:
    if stays is None:  # a file that tells who everybody is stays with the team, which asks on
        return "all" if identities else "needed"
    if stays not in get_args(StaysKept):
        message = f"stays is {stays!r}; a page keeps 'needed' or 'all' of them."
        raise ValueError(message)
    return stays


def _times(held: Contents, names: list[str]) -> list[npt.NDArray[np.float64]]:
    """Columns of these names that tell of any moment."""
    tables = [getattr(held, table) for table in _TABLES]
    found = [t[name].to_numpy(np.float64) for t in tables for name in t.columns.intersection(names)]
    return [column for column in found if np.isfinite(column).any()]


def columns(frame: pd.DataFrame, first: float = 0.0) -> dict[str, list[Any]]:
    """Columns of a frame as lists that JSON knows; times as minutes since `first`."""
    times = frame.columns.intersection(_MOMENTS)
    shifted = frame.assign(**{name: frame[name] - first for name in times})
    return {str(name): column(shifted[name].to_numpy()) for name in shifted}


def column(values: npt.NDArray[Any]) -> list[Any]:
    """Values as JSON knows them: 0 and 1 for claims, two decimals, whole where whole, None for NaN.

    Examples
    --------
    >>> column(np.array([1.0, 2.346, np.nan])), column(np.array([True]))
    ([1, 2.35, None], [1])
    """
    if values.dtype.kind == "f":
        values = _rounded(values)
    found: list[Any] = (values.astype(np.int8) if values.dtype == bool else values).tolist()
    return found


def _rounded(values: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    known = np.isfinite(values)
    rounded = np.where(known, values, 0).round(2)
    whole = rounded == np.trunc(rounded)
    if known.all() and whole.all():
        return rounded.astype(np.int64)
    mixed = rounded.astype(object)
    mixed[whole] = rounded[whole].astype(np.int64)
    mixed[~known] = None
    return mixed


def _tiers(trace: Trace, *, has_venue: bool) -> list[dict[str, Any]]:
    named = ["case", *(tier.name for tier in trace.protocol.tier)]
    tiers: list[dict[str, Any]] = [{"name": display_text(name), "venue": False} for name in named]
    return [*tiers, {"name": "venue contact", "venue": True}] if has_venue else tiers


def _version() -> str:
    from tracegraph import __version__

    return __version__
