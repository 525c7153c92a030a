"""All that a page knows, as columns of plain values: what its script reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracegraph.tracing.evidence import CLASSES
from tracegraph.viz import evidence as shown, identities as told
from tracegraph.viz.clock import date_text, first_midnight, stamp, wall_minutes
from tracegraph.viz.drawing import MAX_NODES, draw
from tracegraph.viz.infectors import infectors
from tracegraph.viz.journeys import stays, windows
from tracegraph.viz.page_text import own
from tracegraph.viz.people import people, venue_tier
from tracegraph.viz.places import areas, places, said_kinds
from tracegraph.viz.pseudonyms import key_bytes
from tracegraph.viz.visible import display_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from tracegraph.tracing.trace import Trace

FORMAT = 1
"""Number of the format; one more whenever a page of before could not read it."""

LANGUAGES = ("en", "zh")

_TIMES = {
    "persons": ("first", "last", "until", "date"),
    "exposures": ("start", "end"),
    "venue": ("start", "end"),
    "stays": ("start", "end"),
    "windows": ("start", "end"),
}


def payload(  # noqa: PLR0913  # each is an option of the page
    trace: Trace,
    *,
    identities: bool = False,
    key: bytes | str | None = None,
    lang: str = "en",
    title: str | None = None,
    max_nodes: int = MAX_NODES,
) -> dict[str, Any]:
    """Columns that the page draws, plain values throughout; see `write_page` for the options.

    Examples
    --------
    >>> import tracegraph as tg
    >>> trace = tg.datasets.mers_korea().graph().trace("china-8")
    >>> data = payload(trace, key="a key of the team")
    >>> data["persons"]["code"][0], data["origin"]
    ('A', 'B')
    """
    tables, facts = _tables(trace, key_bytes(key), identities=identities, max_nodes=max_nodes)
    as_of = wall_minutes([trace.as_of])
    first = first_midnight([as_of, *(tables[t][c].to_numpy(np.float64) for t, c in _started())])
    for table, times in _TIMES.items():
        tables[table] = tables[table].assign(**{c: tables[table][c] - first for c in times})
    return {
        "format": FORMAT,
        "origin": date_text(first),
        "as_of": column(as_of - first)[0],
        "title": display_text(title) if title else words(lang)["page-title"],
        "protocol": {"name": trace.protocol.name, "title": trace.protocol.title},
        "as_of_text": stamp(trace.as_of),
        "version": _version(),
        "lang": lang,
        "words": words(lang),
        "identities": identities,
        "keyed": key is not None,
        **facts,
        **{name: columns(frame) for name, frame in tables.items()},
    }


def words(lang: str) -> dict[str, str]:
    """Words of a page in one of `LANGUAGES`.

    Raises
    ------
    ValueError
        If there is no such language.
    """
    if lang not in LANGUAGES:
        message = f"lang is {lang!r}; a page speaks {' or '.join(LANGUAGES)}."
        raise ValueError(message)
    found: dict[str, str] = json.loads(own(f"words.{lang}.json"))
    return found


def columns(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Columns of a frame as lists that JSON knows."""
    return {str(name): column(frame[name].to_numpy()) for name in frame}


def column(values: npt.NDArray[Any]) -> list[Any]:
    """Values as JSON knows them: 0 and 1 for claims, two decimals, whole where whole, None for NaN.

    Examples
    --------
    >>> column(np.array([1.0, 2.005, np.nan])), column(np.array([True]))
    ([1, 2.0, None], [1])
    """
    if values.dtype == bool:
        return values.astype(np.int8).tolist()
    if values.dtype.kind != "f":
        return values.tolist()
    known = np.isfinite(values)
    rounded = np.where(known, values, 0).round(2)
    whole = rounded == np.trunc(rounded)
    if known.all() and whole.all():
        return rounded.astype(np.int64).tolist()
    mixed = rounded.astype(object)
    mixed[whole] = rounded[whole].astype(np.int64)
    mixed[~known] = None
    return mixed.tolist()


def _started() -> list[tuple[str, str]]:
    """Columns that tell when something begins."""
    return [("persons", "first"), ("persons", "date"), *(
        (table, "start") for table in ("exposures", "venue", "stays", "windows")
    )]  # fmt: skip


def _tables(
    trace: Trace, key: bytes, *, identities: bool, max_nodes: int
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    persons = people(trace, key)
    number = _inverse(persons["who"].to_numpy(), len(trace.graph.person_ids))
    everything, clauses = shown.with_clauses(
        shown.evidence(trace, number), trace, identities=identities
    )
    met = shown.venue_meetings(trace, number)
    persons = persons.join(infectors(trace, persons, everything, met))
    rows = shown.kept(everything, persons["link"].to_numpy())
    diary, has_diary = stays(trace, number, len(persons))
    home = trace.graph.facts.persons.home[persons["who"]].astype(np.int64)
    spots = places(trace, home, rows, met, diary, key=key)
    where = _inverse(spots["where"].to_numpy(), len(trace.graph.location_ids))
    for table in (rows, met, diary, everything):
        table["place"] = where[table["place"]]
    persons = _with_evidence(persons.assign(home=where[home]), rows, everything, met)
    drawing = draw(
        persons, spots["home"].to_numpy(bool), rows, met,
        venue=venue_tier(trace), max_nodes=max_nodes,
    )  # fmt: skip
    kinds, kind = said_kinds(trace, spots["kind"].to_numpy(), identities=identities)
    labels, area = areas(trace, spots["area"].to_numpy(), key, identities=identities)
    persons["area"] = np.append(area, -1)[persons["home"]]
    persons["bubble"] = drawing.bubble_of
    persons = persons.join(drawing.persons)
    spots = spots.assign(kind=kind, area=area).join(drawing.places)
    spots["exposures"] = shown.counts(everything["place"], len(spots))
    if identities:
        persons = _identified(persons, trace, "persons", "who", ("persons", "cases"))
        spots = _identified(spots, trace, "locations", "where", ("locations",))
    tables = {
        "persons": persons.drop(columns="who"),
        "places": spots.drop(columns="where"),
        "bubbles": drawing.bubbles,
        "exposures": rows.drop(columns=["tier", "was"]),
        "venue": met,
        "stays": diary,
        "windows": windows(trace, number),
    }
    return tables, {
        "tiers": _tiers(trace, has_venue=bool(len(met))),
        "classes": list(CLASSES),
        "clauses": [display_text(text) for text in clauses],
        "kinds": kinds,
        "areas": labels,
        "stays_of": column(has_diary),
        "dropped": len(everything) - len(rows),
        "missing": {"persons": 0, "stays_of": int((~has_diary).sum())},
    }


def _with_evidence(
    persons: pd.DataFrame, rows: pd.DataFrame, everything: pd.DataFrame, met: pd.DataFrame
) -> pd.DataFrame:
    """Persons with what their exposures say; `link` leads to the rows that are kept."""
    n = len(persons)
    now_at = _inverse(rows["was"].to_numpy(), len(everything))
    first = everything.drop_duplicates("contact").set_index("contact").reindex(range(n))
    times = np.zeros(n, dtype=np.int64)
    times[met["person"]] = met["times"]
    only_venue = (persons["parent_how"] == 1) & (persons["link"] < 0)
    return persons.assign(
        link=now_at[persons["link"]],
        **{"class": first["class"].fillna(-1).to_numpy(np.int64)},
        clause=first["clause"].fillna(-1).to_numpy(np.int64),
        exposures=np.where(only_venue, times, shown.counts(everything["contact"], n)),
    )


def _identified(
    frame: pd.DataFrame, trace: Trace, table: str, code: str, tables: tuple[str, ...]
) -> pd.DataFrame:
    codes = frame[code].to_numpy(np.int64)
    return frame.assign(
        id=told.ids(trace, table, codes),
        name=told.names(trace, table, codes),
        extra=told.extras(trace, tables, codes),
    )


def _tiers(trace: Trace, *, has_venue: bool) -> list[dict[str, Any]]:
    named = ["case", *(tier.name for tier in trace.protocol.tier)]
    tiers: list[dict[str, Any]] = [{"name": display_text(name), "venue": False} for name in named]
    return [*tiers, {"name": "venue contact", "venue": True}] if has_venue else tiers


def _inverse(codes: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    """Position of each code; -1 of those that are not there, and of -1."""
    out = np.full(size + 1, -1)
    out[codes] = np.arange(len(codes))
    return out


def counted(data: Mapping[str, Any]) -> list[str]:
    """Persons of each tier in words, such as "5 cases"."""
    number = np.bincount(np.array(data["persons"]["tier"], dtype=np.int64))
    return [
        _count(int(n), data["tiers"][k]["name"], data["words"]) for k, n in enumerate(number)
    ]


def _count(n: int, name: str, known: Mapping[str, str]) -> str:
    forms = known.get(f"tier:{name}", f"{name}|{_plural(name)}").split("|")
    return f"{n:,} {forms[0] if n == 1 else forms[-1]}"


def _plural(word: str) -> str:
    return word + "s" if word.isascii() and word[-1:].isalpha() and word[-1:] != "s" else word


def _version() -> str:
    from tracegraph import __version__

    return __version__
