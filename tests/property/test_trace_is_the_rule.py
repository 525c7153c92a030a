"""The package's trace is the reference rule's, on small hostile worlds.

`TRACEGRAPH_EXAMPLES` sets how many worlds are drawn.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, given, settings

import strategies
import worlds

EXAMPLES = int(os.environ.get("TRACEGRAPH_EXAMPLES", "300"))
patient = settings(
    deadline=None,  # a first call compiles
    max_examples=EXAMPLES,
    # `worlds.check` drops rows itself, in seconds where Hypothesis takes minutes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@patient
@given(world=strategies.worlds(), rule=strategies.rules())
def test_trace_is_what_the_reference_finds(world, rule):
    worlds.assert_same(world, rule)


@patient
@given(world=strategies.worlds(), rule=strategies.rules(resolution="day"))
def test_trace_by_day_is_what_the_reference_finds(world, rule):
    worlds.assert_same(world, rule)


@patient
@given(
    world=strategies.stages(dates_too=False).flatmap(strategies.worlds),
    rule=strategies.rules(plain=True, resolution="exact"),
)
def test_trace_of_instants_is_what_the_reference_finds(world, rule):
    worlds.assert_same(world, rule)


@patient
@given(world=strategies.crowds(), rule=strategies.crowd_rules())
def test_minutes_add_up_and_seats_count_as_the_reference_says(world, rule):
    worlds.assert_same(world, rule)
