"""What must not matter: the order of rows, the names of ids, the date, how a stay is cut."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings, strategies as st

import strategies
import worlds
from drawn import EXAMPLES
from reference_rule import judge

IDS = {"person_id", "contact_id", "location_id", "home_id", "parent_id", "site_id"}


def by_reference(world, rule):
    return worlds.told_by_reference(judge(world, rule))


def by_package(world, rule):
    return worlds.told_by_package(worlds.to_graph(world), world, rule)


both = pytest.mark.parametrize(
    ("told", "share"), [(by_reference, 3), (by_package, 6)], ids=["reference", "package"]
)


def hold(share, claim, *drawn):
    """Check a claim on drawn values."""
    patient = settings(
        deadline=None,
        max_examples=max(10, EXAMPLES // share),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    patient(given(*drawn)(claim))()


def each_cell(world, change):
    """Return the world with `change(column, value)` in every cell that holds something."""
    return replace(
        world,
        **{
            name: [
                {c: v if v is None else change(c, v) for c, v in row.items()}
                for row in getattr(world, name)
            ]
            for name in worlds.TABLES
        },
    )


def everywhere(told, change):
    """Apply `change` to every value of an answer, keys too."""
    if isinstance(told, dict):
        return {everywhere(k, change): everywhere(v, change) for k, v in told.items()}
    if isinstance(told, tuple | list):
        return type(told)(everywhere(v, change) for v in told)
    return change(told)


@both
def test_order_of_rows_does_not_matter(told, share):
    def claim(world, rule, random):
        mixed = {name: list(getattr(world, name)) for name in worlds.TABLES}
        for rows in mixed.values():
            random.shuffle(rows)
        assert told(world, rule) == told(replace(world, **mixed), rule)

    hold(share, claim, strategies.worlds(), strategies.rules(), st.randoms(use_true_random=False))


@both
def test_a_later_date_does_not_matter(told, share):
    def claim(world, rule, days):
        later = dt.timedelta(days=days)
        moved = each_cell(world, lambda _, v: v + later if isinstance(v, dt.date) else v)
        moved = replace(moved, as_of=world.as_of + later)

        def shift(value):
            if isinstance(value, dt.date):
                return value + later
            return value + days * 86_400 if isinstance(value, int) and value > 10**9 else value

        assert everywhere(told(world, rule), shift) == told(moved, rule)

    in_shanghai = strategies.stages().filter(lambda stage: stage.tz == "Asia/Shanghai")
    hold(
        share, claim, in_shanghai.flatmap(strategies.worlds), strategies.rules(),
        st.integers(1, 400),
    )  # fmt: skip


@both
def test_names_of_ids_do_not_matter_but_for_their_order(told, share):
    def rename(value):
        return value * 7 + 2 if isinstance(value, int) else "née <" + value

    def claim(world, rule):
        renamed = each_cell(world, lambda c, v: rename(v) if c in IDS else v)
        first, then = told(world, rule), told(renamed, rule)
        for part in ("persons", "venue contacts"):
            assert {rename(p) for p in first[part]} == then[part].keys()
            for person, row in first[part].items():
                expected = dict(row)
                for column in ("source_id", "location_id"):
                    if row[column] is not None:
                        expected[column] = rename(row[column])
                assert expected == then[part][rename(person)]

    hold(share, claim, strategies.worlds(), strategies.rules())


@both
def test_cutting_a_stay_into_touching_rows_changes_nothing(told, share):
    def claim(drawn, rule):
        whole, cut = drawn
        first, then = told(whole, rule), told(cut, rule)
        del first["expected"], then["expected"]  # a row that starts after as-of is listed there
        assert first == then

    hold(share, claim, with_a_stay_cut(), strategies.rules())


def is_shown(moment, tz):
    """Whether the clock of a zone ever shows a time: not where the clocks go forward."""
    zone = ZoneInfo(tz)
    there_and_back = moment.replace(tzinfo=zone).astimezone(dt.UTC).astimezone(zone)
    return there_and_back.replace(tzinfo=None) == moment


@st.composite
def with_a_stay_cut(draw):
    stage = draw(strategies.stages())
    world, row = draw(strategies.worlds(stage)), draw(strategies.visit_rows(stage))
    start = draw(stage.instants())
    middle = start + dt.timedelta(seconds=draw(st.integers(1, 40)) * stage.unit)
    assume(is_shown(middle, stage.tz))  # a cut that no clock shows would move
    stop = middle + dt.timedelta(seconds=draw(st.integers(1, 40)) * stage.unit)
    # An arrival within a stay may end another open stay of the same person (RULE 4).
    others = [
        {**v, "depart": v["depart"] or v["arrive"]} if v["person_id"] == row["person_id"] else v
        for v in world.visits
    ]
    whole = {**row, "arrive": start, "depart": stop}
    parts = [{**row, "arrive": start, "depart": middle}, {**row, "arrive": middle, "depart": stop}]
    return replace(world, visits=[*others, whole]), replace(world, visits=[*others, *parts])


@both
def test_rows_recorded_later_change_nothing(told, share):
    def claim(drawn, rule):
        before, after = drawn
        assert told(before, rule) == told(after, rule)

    hold(share, claim, with_later_rows(), strategies.rules())


@st.composite
def with_later_rows(draw):
    stage = draw(strategies.stages())
    world = draw(strategies.worlds(stage))
    later = {"recorded": world.as_of + dt.timedelta(seconds=1)}
    drawn = {
        "cases": strategies.case_rows(stage),
        "visits": strategies.visit_rows(stage),
        "contacts": strategies.contact_rows(stage),
        "isolations": strategies.isolation_rows(stage),
        "tests": strategies.specimen_rows(stage),
        "disinfections": strategies.disinfection_rows(stage),
    }
    more = {}
    for name, rows in drawn.items():
        added = [{**row, **later} for row in draw(st.lists(rows, max_size=2))]
        more[name] = [*getattr(world, name), *added]
    return world, replace(world, **more)
