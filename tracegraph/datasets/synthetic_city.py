"""A synthetic city of any size, to measure with: a fortnight of visits and clusters of cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from tracegraph.datasets import city_cases, city_days, city_places
from tracegraph.datasets.dataset import Dataset

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.datasets.city_cases import Cases
    from tracegraph.datasets.city_days import Rows
    from tracegraph.datasets.city_places import City, Codes, Minutes

LEAST_PEOPLE, LEAST_DAYS = 100, 3
START = np.datetime64("2022-05-01T00:00:00", "s")
"""Minute 0 of the city, a Sunday."""

TZ = "Asia/Shanghai"
_NEVER = np.int32(2**31 - 1)


def city(  # the signature is the description of the world
    n_people: int = 50_000,
    *,
    days: int = 14,
    seed: int = 1,
    n_cases: int | None = None,
    ids: Literal["integer", "text"] = "integer",
) -> Dataset:
    """Make a synthetic city: 43 visits a person in 14 days, and clusters of cases.

    The world that tracegraph is measured in. People sleep at home, work in rooms of 5 to 40, ride
    buses, metros, cars and taxis, eat at restaurant tables and visit venues of which few are very
    popular. Half a million people, 21.5 million visits, take seconds. See the explanation "The
    city".

    Visits stand in the order of arrival, as the log of an app would have them, and by chance
    within a minute; neither those of a person nor those of a place stand together, and the
    persons of a household have ids far apart.

    Parameters
    ----------
    n_people : int
        From 100.
    days : int
        From 3; the first is Sunday, 1 May 2022.
    seed : int
        The same seed makes the same tables.
    n_cases : int, optional
        Without it one person in a thousand, at least one.
    ids : {"integer", "text"}
        Numbers (int32), or texts such as ``"P0000001"`` and ``"L0000001"`` as categoricals: the
        same world, person 1 and place 1.

    Returns
    -------
    Dataset
        Tables ``cases``, ``visits`` and ``locations``. All times are local, to the minute.

    Raises
    ------
    ValueError
        If there are too few people or days, more cases than people, or `ids` is another word.

    Examples
    --------
    >>> import tracegraph as tg
    >>> small = tg.datasets.city(1_000, seed=1)
    >>> list(small.tables["visits"].columns)
    ['person_id', 'location_id', 'arrive', 'depart']
    >>> 42 < len(small.tables["visits"]) / 1_000 < 44
    True
    >>> tg.datasets.city(1_000, seed=1, ids="text").tables["cases"]["person_id"].str.len().max()
    np.int64(8)
    """
    number = max(1, n_people // 1_000) if n_cases is None else n_cases
    _check(n_people, days, number, ids)
    tables = simulate(n_people, days, number, np.random.default_rng(seed), scattered=False)
    return Dataset(
        name="city",
        title=f"A synthetic city of {n_people:,} people with {number:,} cases (seed {seed})",
        tz=TZ,
        tables=as_texts(tables) if ids == "text" else tables,
        synthetic=True,
        licence="Apache-2.0, as tracegraph",
        citation="tracegraph, synthetic city",
        note=(
            "Synthetic: persons, places and movements were made by a program, to measure with. "
            "Cases are drawn in clusters; nobody infects anybody."
        ),
    )


def _check(n_people: int, days: int, n_cases: int, ids: str) -> None:
    wrong = ""
    if n_people < LEAST_PEOPLE:
        wrong = f"n_people = {n_people:,} is too small for a city. Use {LEAST_PEOPLE} or more."
    elif days < LEAST_DAYS:
        wrong = f"days = {days} is too short to fall ill in. Use {LEAST_DAYS} or more."
    elif not 0 < n_cases <= n_people:
        wrong = f"n_cases = {n_cases:,} is no number from 1 to n_people = {n_people:,}."
    elif ids not in ("integer", "text"):
        wrong = f'ids = {ids!r} is not known. Use "integer" or "text".'
    if wrong:
        raise ValueError(wrong)


def simulate(
    n_people: int, days: int, n_cases: int, rng: np.random.Generator, *, scattered: bool
) -> dict[str, pd.DataFrame]:
    """Tables of a city; its cases in clusters, or scattered over all people."""
    world = city_places.build(n_people, days, rng)
    cases = city_cases.draw(world, n_cases, days, rng, scattered=scattered)
    gone = until_isolated(n_people, cases)
    return {
        "cases": case_table(cases),
        "visits": visit_table(list(city_days.live(world, days, gone, rng))),
        "locations": _location_table(world),
    }


def until_isolated(n_people: int, cases: Cases) -> Minutes:
    """Minute from which each person is in isolation."""
    gone = np.full(n_people, _NEVER)
    gone[cases.person] = cases.confirmed
    return gone


def instants(minutes: list[Minutes]) -> npt.NDArray[np.datetime64]:
    """Local times of minutes since the start, one array after the other."""
    # in place: at this size a copy costs more than the arithmetic
    seconds = np.concatenate(minutes, dtype=np.int64)
    seconds *= 60
    seconds += START.astype(np.int64)
    return seconds.view("datetime64[s]")


def numbers(codes: list[Codes]) -> Codes:
    """Ids of codes: they count from 1."""
    ids = np.concatenate(codes, dtype=np.int32)
    ids += np.int32(1)
    return ids


def visit_table(parts: list[Rows]) -> pd.DataFrame:
    """Table ``visits`` of parts that follow one another."""
    columns = {
        "person_id": numbers([rows.person for rows in parts]),
        "location_id": numbers([rows.place for rows in parts]),
        "arrive": instants([rows.arrive for rows in parts]),
        "depart": instants([rows.depart for rows in parts]),
    }
    return pd.DataFrame(columns, copy=False)


def case_table(cases: Cases) -> pd.DataFrame:
    """Table ``cases``."""
    return pd.DataFrame(
        {
            "person_id": numbers([cases.person.astype(np.int32)]),
            "onset": instants([cases.onset]),
            "confirmed": instants([cases.confirmed]),
            "isolated": instants([cases.confirmed]),
        }
    )


def _location_table(world: City) -> pd.DataFrame:
    kinds = pd.Categorical.from_codes(world.kind, categories=pd.Index(city_places.KINDS))
    number = np.arange(1, world.kind.size + 1, dtype=np.int32)
    return pd.DataFrame({"location_id": number, "kind": kinds})


def as_texts(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The same tables with texts for ids, as categoricals."""
    n_people = int(tables["visits"]["person_id"].max())
    last = max(n_people, int(tables["cases"]["person_id"].max()))
    words = {"person_id": _words("P", last), "location_id": _words("L", len(tables["locations"]))}
    return {
        name: table.assign(
            **{c: _as_words(table[c].to_numpy(), words[c]) for c in words if c in table}
        )
        for name, table in tables.items()
    }


def _words(letter: str, n: int) -> pd.CategoricalDtype:
    """``P0000001`` and so on: one text an id, however many rows there are."""
    import pyarrow as pa
    import pyarrow.compute as pc

    digits = pc.utf8_lpad(pa.array(np.arange(1, n + 1)).cast(pa.string()), 7, "0")
    texts = pc.binary_join_element_wise(letter, digits, "")
    return pd.CategoricalDtype(pd.Index(texts.to_pandas(), dtype="str"))


def _as_words(ids: Codes, words: pd.CategoricalDtype) -> Any:  # noqa: ANN401  # a Categorical
    return pd.Categorical.from_codes(ids - 1, dtype=words, validate=False)
