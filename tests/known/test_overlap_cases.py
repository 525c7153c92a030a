"""Minutes together and linger, as the Corona-Warn-App's tests state them.

Source: corona-warn-app/cwa-app-android, `OverlapTest` of its presence tracing: one infectious
check-in, several own check-ins, the minutes that they share. Our answers must be the same to the
second. The linger cases are ours: a source of 50 minutes under `min(stay, 30)`.
"""

from __future__ import annotations

import datetime as dt

import pytest

import worlds
from reference_rule import Rule, World, judge

DAY = dt.date(2021, 3, 4)
SECOND = 1 / 60  # of a minute

OVERLAPS = [
    # arrive, depart, place, minutes together; the source is at "here" from 10:00 to 11:00
    ("09:30", "09:45", "here", None),
    ("11:15", "11:20", "here", None),
    ("09:30", "10:00", "here", None),
    ("11:00", "11:10", "here", None),
    ("09:30", "10:12", "here", 12),
    ("10:45", "11:12", "here", 15),
    ("10:00", "10:13", "here", 13),
    ("10:15", "10:17", "here", 2),
    ("10:30", "11:00", "here", 30),
    ("10:00", "11:00", "here", 60),
    ("10:00", "11:00", "elsewhere", None),
]
LINGERS = [
    # arrive, depart, minutes with linger, end; the source is there from 10:22 to 11:12
    ("11:12", "11:50", 30, "11:42"),
    ("11:00", "11:50", 42, "11:42"),
    ("11:41", "11:50", 1, "11:42"),
    ("11:42", "11:50", None, None),
]


def at(clock: str) -> dt.datetime:
    return dt.datetime.combine(DAY, dt.time.fromisoformat(clock))


def visit(person, place, arrive, depart):
    return {
        "person_id": person, "location_id": place, "arrive": at(arrive), "depart": at(depart)
    }  # fmt: skip


def world_of(*visits) -> World:
    return World(
        tz="Europe/Berlin",
        as_of=at("18:00"),
        cases=[{"person_id": "source", "onset": at("12:00")}],
        visits=list(visits),
    )


def rule_of(**kind) -> Rule:
    return Rule(look_back_days=2, tiers=({"minutes": SECOND},), kinds={"other": kind})


def by_reference(world, rule):
    return worlds.told_by_reference(judge(world, rule))


def by_package(world, rule):
    return worlds.told_by_package(worlds.to_graph(world), world, rule)


both = pytest.mark.parametrize("told", [by_reference, by_package], ids=["reference", "package"])


@both
@pytest.mark.parametrize(("arrive", "depart", "place", "minutes"), OVERLAPS)
def test_minutes_together_are_those_of_the_overlap(told, arrive, depart, place, minutes):
    world = world_of(
        visit("source", "here", "10:00", "11:00"), visit("me", place, arrive, depart)
    )  # fmt: skip
    persons = told(world, rule_of())["persons"]
    if minutes is None:
        assert "me" not in persons
    else:
        assert persons["me"]["seconds"] == minutes * 60


@both
def test_own_stay_is_no_exposure(told):
    world = world_of(
        visit("source", "here", "10:00", "11:00"), visit("source", "here", "10:30", "11:30")
    )
    answer = told(world, rule_of())
    assert answer["exposures"] == {}
    assert answer["persons"]["source"]["contact_tier"] is None


@both
@pytest.mark.parametrize(("arrive", "depart", "minutes", "end"), LINGERS)
def test_linger_is_as_long_as_the_stay_up_to_its_cap(told, arrive, depart, minutes, end):
    world = world_of(visit("source", "here", "10:22", "11:12"), visit("me", "here", arrive, depart))
    persons = told(world, rule_of(linger_up_to_minutes=30))["persons"]
    if minutes is None:
        assert "me" not in persons
        return
    assert persons["me"]["seconds"] == minutes * 60
    left = dt.datetime.fromtimestamp(persons["me"]["last_exposure"], dt.UTC)
    assert f"{left + dt.timedelta(hours=1):%H:%M}" == end  # Berlin in March, winter time
