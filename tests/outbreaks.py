"""A small outbreak, drawn by hand: what a page shows of it can be told by reading this file.

C1 fell ill on 9 May; C2, infected by C1 on record, on the 11th. Mate and C1 shared an office,
mate and next a canteen, next and C2 a shop. Kin lives with C1, friend was reported without a place.
Guest was at C1's market and is a venue contact; guest's own home is nobody's business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

import tracegraph as tg

if TYPE_CHECKING:
    from collections.abc import Callable

PERSONS = ("C1", "C2", "mate", "next", "kin", "friend", "guest")
PLACES = ("office", "canteen", "market", "home", "guest's home")
AS_OF = "2022-05-12 18:00"

_STAYS = [
    ("C1", "office", "09 10:00", "09 11:00"),
    ("mate", "office", "09 10:30", "09 12:00"),
    ("C1", "office", "09 13:00", "09 14:00"),
    ("mate", "office", "09 13:00", "09 13:45"),
    ("mate", "canteen", "09 18:00", "09 19:00"),
    ("next", "canteen", "09 18:15", "09 19:00"),
    ("C1", "market", "08 09:00", "08 10:00"),
    ("guest", "market", "08 09:15", "08 09:45"),
    ("guest", "guest's home", "08 20:00", "09 07:00"),
    ("C2", "home", "09 20:00", "09 21:00"),
    ("C1", "home", "09 19:30", "09 22:00"),
]


def tables(
    person: Callable[[str], Any] = str, place: Callable[[str], Any] = str, **extra: str
) -> dict[str, pd.DataFrame]:
    """Tables of the outbreak, ids renamed; `extra` are columns of persons with one text."""
    kinds = ["office", "office", "market", "home", "home"]
    visits = pd.DataFrame({
        "person_id": [person(who) for who, *_ in _STAYS],
        "location_id": [place(where) for _, where, *_ in _STAYS],
        "arrive": [f"2022-05-{start}" for *_, start, _ in _STAYS],
        "depart": [f"2022-05-{end}" for *_, end in _STAYS],
    })  # fmt: skip
    cases = pd.DataFrame({
        "person_id": [person("C1"), person("C2")],
        "onset": ["2022-05-09 08:00", "2022-05-11 08:00"],
        "infected_by": [None, person("C1")],
    })  # fmt: skip
    persons = pd.DataFrame({
        "person_id": [person(who) for who in PERSONS],
        "name": [f"name of {who}" for who in PERSONS],
        "home_id": [place("home") if who in {"C1", "C2", "kin"} else None for who in PERSONS],
    }).assign(**extra)  # fmt: skip
    persons.loc[persons["name"] == "name of guest", "home_id"] = place("guest's home")
    locations = pd.DataFrame({
        "location_id": [place(where) for where in PLACES],
        "name": [f"name of {where}" for where in PLACES],
        "kind": kinds,
        "area_id": ["A1"] * len(PLACES),
    })  # fmt: skip
    contacts = pd.DataFrame({
        "person_id": [person("C1")], "contact_id": [person("friend")],
        "start": ["2022-05-09 18:00"], "end": ["2022-05-09 19:00"],
    })  # fmt: skip
    areas = pd.DataFrame({"area_id": ["A1"], "name": ["name of A1"], "level": ["township"]})
    return {
        "cases": cases, "visits": visits, "persons": persons, "locations": locations,
        "contacts": contacts, "areas": areas,
    }  # fmt: skip


def trace_of(made: dict[str, pd.DataFrame], as_of: str = AS_OF) -> tg.Trace:
    """Trace of tables by `china-8`."""
    return tg.TraceGraph(**made, tz="Asia/Shanghai").trace("china-8", as_of=as_of)
