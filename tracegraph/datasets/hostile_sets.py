"""Worlds that are lawful and yet hard on a program: each is one property driven to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tracegraph.datasets.city_cases import Cases
from tracegraph.datasets.city_days import DAY, Rows, seen
from tracegraph.datasets.dataset import Dataset
from tracegraph.datasets.synthetic_city import TZ, case_table, simulate, until_isolated, visit_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    import numpy.typing as npt

    Tables: TypeAlias = dict[str, pd.DataFrame]
    Ints: TypeAlias = npt.NDArray[np.int64]
    Make: TypeAlias = Callable[[int, np.random.Generator], Tables]

LEAST_VISITS = 5_000
_DAYS = 14
_VISITS_PER_PERSON = 43  # in 14 days, as in the city
_PEOPLE_PER_CASE = 1_000
_SCATTERED = 20  # people a case, where everybody is traced
_WARDS, _FEWEST_BEDS = 300, 10


def hostile(name: str, n_visits: int = 100_000, *, seed: int = 1) -> Dataset:
    """Make a set that drives one property of visits to its end.

    Parameters
    ----------
    name : str
        ``"one_place"``: all visits at one close place.
        ``"long_stays"``: stays of one to four months in a few hundred wards, most of them at the
        same time.
        ``"one_person"``: half of the visits are of one person, a case: an id that many tills
        share, and so seen at many places at once.
        ``"equal_starts"``: all visits start at the same second, one a person, at rooms of very
        different size.
        ``"date_only"``: a small city of which no visit has a time of day (Arrow dates).
        ``"everybody"``: a city with one case in twenty people, scattered, so that almost
        everybody is traced.
    n_visits : int
        Visits, about; from 5,000.
    seed : int
        The same seed makes the same tables.

    Returns
    -------
    Dataset
        Tables ``cases``, ``visits`` and ``locations``; ids are numbers.

    Raises
    ------
    ValueError
        If the name is not one of these, or there are too few visits.

    Examples
    --------
    >>> import tracegraph as tg
    >>> crowd = tg.datasets.hostile("one_place", 5_000)
    >>> crowd.tables["visits"]["location_id"].nunique()
    1
    """
    if name not in _SETS:
        message = f"There is no hostile set {name!r}. Use one of {', '.join(_SETS)}."
        raise ValueError(message)
    if n_visits < LEAST_VISITS:
        message = f"n_visits = {n_visits:,} is too few to be hostile. Use {LEAST_VISITS:,} or more."
        raise ValueError(message)
    title, make = _SETS[name]
    return Dataset(
        name=name,
        title=f"{title} (seed {seed})",
        tz=TZ,
        tables=make(n_visits, np.random.default_rng(seed)),
        synthetic=True,
        licence="Apache-2.0, as tracegraph",
        citation="tracegraph, hostile sets",
        note="Synthetic: made to be hard on a program, not to resemble anything.",
    )


def _one_place(n: int, rng: np.random.Generator) -> Tables:
    """One workshop; a person comes back after a pause, 43 times in 14 days."""
    n_people = n // _VISITS_PER_PERSON
    turn = _DAYS * DAY // _VISITS_PER_PERSON
    person, visit = np.divmod(np.arange(n_people * _VISITS_PER_PERSON), _VISITS_PER_PERSON)
    # within a turn, so that none touches the next
    arrive = visit * turn + rng.integers(turn // 2, size=person.size)
    depart = arrive + rng.integers(5, turn // 2 - 5, size=person.size)
    cases = _cases(n_people, max(1, n_people // _PEOPLE_PER_CASE), rng)
    return _tables(cases, person, np.zeros_like(person), arrive, depart, ["workshop"])


def _long_stays(n: int, rng: np.random.Generator) -> Tables:
    """Each person is admitted once, within four months, for one to four."""
    month = 30 * DAY
    wards = min(_WARDS, n // _FEWEST_BEDS)
    arrive = rng.integers(4 * month, size=n)
    depart = arrive + rng.integers(month, 4 * month, size=n)
    ward = rng.integers(wards, size=n)
    # in the third month: who is in the wards of cases is traced
    late = np.flatnonzero((arrive < 2 * month) & (depart > 3 * month))
    person = np.sort(rng.permutation(late)[: max(5, n // _PEOPLE_PER_CASE)])
    onset = rng.integers(2 * month, 3 * month - 2 * DAY, size=person.size)
    cases = _ill(person, onset, rng)
    return _tables(cases, np.arange(n), ward, arrive, depart, ["ward"] * wards)


def _one_person(n: int, rng: np.random.Generator) -> Tables:
    """Person 0 at many places at once; the others come once a day, at places of their own."""
    half = n // 2
    n_people = 1 + max(1, (n - half) // _DAYS)
    places = max(1, half // _DAYS)
    # each place has seen person 0 once a day: these visits do not touch
    turns = np.arange(half)
    day, place = turns // places, turns % places
    arrive = day % _DAYS * DAY + day // _DAYS * (DAY // 2) + rng.integers(600, size=half)
    others = np.repeat(np.arange(1, n_people), _DAYS)
    their_day = np.tile(np.arange(_DAYS), n_people - 1)
    theirs = their_day * DAY + rng.integers(360, 1_200, size=others.size)
    person = np.concatenate([np.zeros(half, dtype=np.int64), others])
    where = np.concatenate([place, rng.integers(places, size=others.size)])
    came = np.concatenate([arrive, theirs])
    left = came + rng.integers(15, 100, size=came.size)
    # late: a case in isolation is seen nowhere
    cases = _ill(np.array([0]), np.array([12 * DAY]), rng)
    kinds = ["shop", "restaurant_table"] * places
    return _tables(cases, person, where, came, left, kinds[:places])


def _equal_starts(n: int, rng: np.random.Generator) -> Tables:
    """One visit a person; the k-th room of all is about 1/k as large as the first."""
    rooms = max(2, n // 20)
    rank = np.exp(rng.random(n) * np.log(rooms + 1)).astype(np.int64) - 1
    arrive = np.full(n, 9 * 60)
    depart = arrive + rng.integers(1, 600, size=n)
    person = np.sort(rng.permutation(n)[: max(5, n // _PEOPLE_PER_CASE)])
    # ill on the next day, infectious two days before
    cases = _ill(person, rng.integers(DAY, 2 * DAY, size=person.size), rng)
    kinds = ["class"] * rooms
    return _tables(cases, np.arange(n), np.minimum(rank, rooms - 1), arrive, depart, kinds)


def _date_only(n: int, rng: np.random.Generator) -> Tables:
    """The city, as a log that keeps dates."""
    tables = _city(n, _PEOPLE_PER_CASE, rng, scattered=False)
    days = tables["visits"].assign(**{c: _days(tables["visits"][c]) for c in ("arrive", "depart")})
    tables["visits"] = days.drop_duplicates(ignore_index=True)
    for table in (tables["cases"], tables["visits"]):
        for column in table.columns.drop(["person_id", "location_id"], errors="ignore"):
            table[column] = _dates(table[column])
    return tables


def _everybody(n: int, rng: np.random.Generator) -> Tables:
    return _city(n, _SCATTERED, rng, scattered=True)


def _city(n: int, people_per_case: int, rng: np.random.Generator, *, scattered: bool) -> Tables:
    n_people = n // _VISITS_PER_PERSON
    n_cases = max(1, n_people // people_per_case)
    return simulate(n_people, _DAYS, n_cases, rng, scattered=scattered)


def _days(instants: pd.Series[pd.Timestamp]) -> npt.NDArray[np.datetime64]:
    return instants.to_numpy().astype("datetime64[D]").astype("datetime64[s]")


def _dates(instants: pd.Series[pd.Timestamp]) -> pd.arrays.ArrowExtensionArray:
    """Arrow dates stay dates: a midnight does not tell that it has no time of day."""
    import pyarrow as pa

    days = pa.array(instants.to_numpy().astype("datetime64[D]"))
    return pd.arrays.ArrowExtensionArray(days)


def _cases(n_people: int, n_cases: int, rng: np.random.Generator) -> Cases:
    person = np.sort(rng.permutation(n_people)[:n_cases])
    return _ill(person, rng.integers(5 * DAY, 11 * DAY, size=n_cases), rng)


def _ill(person: Ints, onset: Ints, rng: np.random.Generator) -> Cases:
    """Confirmed one to two days after onset."""
    confirmed = onset + rng.integers(DAY, 2 * DAY, size=person.size)
    # odd minutes: a midnight would be read as a date
    return Cases(
        person=person,
        onset=(onset | 1).astype(np.int32),
        confirmed=(confirmed | 1).astype(np.int32),
    )


def _tables(  # noqa: PLR0913  # columns
    cases: Cases, person: Ints, place: Ints, arrive: Ints, depart: Ints, kinds: list[str]
) -> Tables:
    """Tables of rows in the order of arrival."""
    order = np.argsort(arrive, kind="stable")
    columns = {"person": person, "place": place, "arrive": arrive, "depart": depart}
    rows = Rows(**{name: column[order].astype(np.int32) for name, column in columns.items()})
    rows = seen(rows, until_isolated(int(person.max()) + 1, cases))
    number = np.arange(1, len(kinds) + 1, dtype=np.int32)
    locations = pd.DataFrame({"location_id": number, "kind": pd.Categorical(kinds)})
    return {"cases": case_table(cases), "visits": visit_table([rows]), "locations": locations}


_SETS: dict[str, tuple[str, Make]] = {
    "one_place": ("Everybody at one place", _one_place),
    "long_stays": ("Stays of months in wards", _long_stays),
    "one_person": ("One person makes half of the visits", _one_person),
    "equal_starts": ("All visits start at the same second", _equal_starts),
    "date_only": ("A city of visits without a time of day", _date_only),
    "everybody": ("A city where almost everybody is traced", _everybody),
}
