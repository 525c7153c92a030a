"""World part, for now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import tracegraph as tg

if TYPE_CHECKING:
    import numpy.typing as npt

TZ = "Asia/Shanghai"
MONDAY = pd.Timestamp("2022-05-02")
AS_OF = "2022-05-12"
DAY = 1440
PERSONS_A_CASE = 500
OFFICE_SHARE = 0.6  # of the secondary contacts
HOUSEMATES = 3
SOURCES_AN_OFFICE = 3


def world(n_persons: int, seed: int) -> tg.TraceGraph:
    """Cases (1 in 500, three at least), a tenth close contacts, the rest secondary contacts.

    On Monday the cases meet housemates, colleagues and classmates. On Tuesday and Wednesday
    these meet those at their own homes, and those of offices that a few of them share.
    """
    rng = np.random.default_rng(seed)
    n_cases, n_close = max(3, n_persons // PERSONS_A_CASE), n_persons // 10
    case = np.arange(n_close) % n_cases  # of each close contact
    turn = np.arange(n_close) // n_cases
    close = n_cases + np.arange(n_close)
    other = np.arange(n_cases + n_close, n_persons)
    at_case = np.where(turn < HOUSEMATES, case, n_cases * (1 + turn % 2) + case)
    # colleagues of one case share an office now and then with those of another
    near = np.argsort(case + rng.normal(0, 0.4, n_close), kind="stable")
    own_office = np.empty(n_close, dtype=np.int64)
    own_office[near] = np.arange(n_close) // SOURCES_AN_OFFICE
    homes, offices = 3 * n_cases, 3 * n_cases + n_close
    works = rng.random(len(other)) < OFFICE_SHARE
    away = np.flatnonzero(turn >= HOUSEMATES)  # housemates of a case have no other home
    host = np.where(works, rng.integers(0, n_close, len(other)), rng.choice(away, len(other)))
    at_host = np.where(works, offices + own_office[host], homes + host)
    own_home = np.where(turn < HOUSEMATES, case, homes + np.arange(n_close))
    meetings = [(np.tile(np.arange(n_cases), 3), np.arange(3 * n_cases), [0]), (close, at_case, [0])]
    meetings += [(close, own_home, [1, 2]), (close, offices + own_office, [1, 2])]
    meetings += [(other, at_host, [1, 2])]
    # homes at night, offices and classes by day
    is_home = np.arange(offices + own_office.max() + 1) < offices
    is_home[n_cases : 3 * n_cases] = False
    visits = pd.concat([_stays(rng, *m, is_home=is_home) for m in meetings], ignore_index=True)
    kind = np.where(is_home, "home", "office").astype(object)
    kind[2 * n_cases : 3 * n_cases] = "class"
    places = pd.DataFrame({"location_id": _ids("L", np.arange(len(kind))), "kind": kind})
    onset = MONDAY + pd.to_timedelta(rng.integers(1, 3, n_cases), unit="D")
    cases = pd.DataFrame({"person_id": _ids("P", np.arange(n_cases)), "onset": onset})
    return tg.TraceGraph(cases=cases, visits=visits, locations=places, tz=TZ)


def _stays(
    rng: np.random.Generator,
    person: npt.NDArray[np.int64],
    place: npt.NDArray[np.int64],
    days: list[int],
    *,
    is_home: npt.NDArray[np.bool_],
) -> pd.DataFrame:
    person, place = np.tile(person, len(days)), np.tile(place, len(days))
    day = np.repeat(days, len(person) // len(days)) * DAY
    home = is_home[place]
    arrive = day + np.where(home, 19 * 60, 9 * 60) + rng.integers(0, 60, len(person))
    # a case is in its office in the morning and in a class in the afternoon
    stay = np.where(home, 180, 120) + rng.integers(0, 60, len(person))
    return pd.DataFrame({
        "person_id": _ids("P", person),
        "location_id": _ids("L", place),
        "arrive": MONDAY + pd.to_timedelta(arrive, unit="min"),
        "depart": MONDAY + pd.to_timedelta(arrive + stay, unit="min"),
    })  # fmt: skip


def _ids(letter: str, codes: npt.NDArray[np.int64]) -> pd.Series[str]:
    return letter + pd.Series(codes).astype(str).str.zfill(6)
