"""The four laws: more facts never take anybody out of the trace.

Adding a visit, adding a case, widening a window or dropping an isolation never moves anyone to a
higher tier number, out of the trace, or to a later first exposure. They hold on every hop (F of
RULE 22), in both worlds; `first_exposure` is that of the person's own tier, so it is compared
where the tier stays the same. Each law is checked on the reference and on the package.

Two additions are no mere additions, and are left out by construction: a visit that ends an
earlier stay whose `depart` was missing (RULE 4), and a second episode of somebody whose specimen
is known from the tests alone (it can then belong to either episode).
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

import strategies
import worlds
from drawn import EXAMPLES
from reference_rule import judge

SUPPRESSED = [HealthCheck.too_slow, HealthCheck.data_too_large]
NOBODY = 99


def patient(examples):
    return settings(
        deadline=None,
        max_examples=max(10, examples),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=SUPPRESSED,
    )


def by_reference(world, rule):
    return worlds.told_by_reference(judge(world, rule))


def by_package(world, rule):
    return worlds.told_by_package(worlds.to_graph(world), world, rule)


def assert_nobody_moves_out(told, before, after):
    first, then = told(*before), told(*after)
    for person, row in first["persons"].items():
        now = then["persons"].get(person)
        assert now is not None, f"{person} left the trace"
        for column in ("tier", "tier_certain", "contact_tier"):
            was = NOBODY if row[column] is None else row[column]
            assert (NOBODY if now[column] is None else now[column]) <= was, (person, column)
        if row["contact_tier"] is not None and row["contact_tier"] == now["contact_tier"]:
            assert now["first_exposure"] <= row["first_exposure"], person
    for key, (earliest, latest) in first["first and last"].items():
        assert key in then["first and last"], f"{key} is no longer reached"
        earlier, later = then["first and last"][key]
        assert earlier <= earliest, f"{key} is exposed later"
        assert later >= latest, f"{key}: the last exposure is earlier"


both = pytest.mark.parametrize(
    ("told", "share"), [(by_reference, 3), (by_package, 6)], ids=["reference", "package"]
)


def assert_law_holds(told, share, before_and_after):
    """Draw `before_and_after` and hold the law to it."""

    @patient(EXAMPLES // share)
    @given(before_and_after)
    def law(drawn):
        assert_nobody_moves_out(told, *drawn)

    law()


@st.composite
def with_a_visit_more(draw):
    stage = draw(strategies.stages())
    world, rule = draw(strategies.worlds(stage)), draw(strategies.rules())
    added = draw(strategies.visit_rows(stage))
    visits = [
        {**row, "depart": row["depart"] or row["arrive"]}
        if row["person_id"] == added["person_id"]
        else row
        for row in world.visits
    ]
    before = replace(world, visits=visits)
    return (before, rule), (replace(before, visits=[*visits, added]), rule)


@st.composite
def with_a_case_more(draw):
    stage = draw(strategies.stages())
    world, rule = draw(strategies.worlds(stage)), draw(strategies.rules())
    added = {**draw(strategies.case_rows(stage)), "isolated": None}  # else an isolation more
    if any(row["person_id"] == added["person_id"] for row in world.cases):
        world = replace(world, tests=[t for t in world.tests if t["result"] != "positive"])
    return (world, rule), (replace(world, cases=[*world.cases, added]), rule)


@st.composite
def with_a_wider_window(draw):
    world, rule = draw(strategies.worlds()), draw(strategies.rules())
    settable = ("look_back_days", "look_back_hours", "after_days", "max_days")
    name = draw(st.sampled_from([n for n in settable if getattr(rule, n) is not None]))
    return (world, rule), (world, replace(rule, **{name: getattr(rule, name) + 1}))


@st.composite
def with_an_isolation_less(draw):
    stage = draw(strategies.stages())
    world, rule = draw(strategies.worlds(stage)), draw(strategies.rules())
    if draw(st.booleans()):
        cases = [*world.cases[1:], {**world.cases[0], "isolated": draw(stage.times())}]
        after = replace(world, cases=[*world.cases[1:], {**world.cases[0], "isolated": None}])
        return (replace(world, cases=cases), rule), (after, rule)
    dropped = draw(strategies.isolation_rows(stage))
    return (replace(world, isolations=[*world.isolations, dropped]), rule), (world, rule)


@both
def test_adding_a_visit_moves_nobody_out(told, share):
    assert_law_holds(told, share, with_a_visit_more())


@both
def test_adding_a_case_moves_nobody_out(told, share):
    assert_law_holds(told, share, with_a_case_more())


@both
def test_widening_a_window_moves_nobody_out(told, share):
    assert_law_holds(told, share, with_a_wider_window())


@both
def test_dropping_an_isolation_moves_nobody_out(told, share):
    assert_law_holds(told, share, with_an_isolation_less())


@patient(EXAMPLES)
@given(world=strategies.worlds(), rule=strategies.rules())
def test_inner_world_reaches_nobody_whom_the_outer_does_not(world, rule):
    reached = judge(world, rule).hops
    for (name, hop), inner in reached.items():
        if name == worlds.INNER:
            assert inner.keys() <= reached[worlds.OUTER, hop].keys()
