"""The package's trace is the reference rule's, on small hostile worlds.

`TRACEGRAPH_EXAMPLES` sets how many worlds are drawn.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, settings, strategies as st

import strategies
import worlds
from drawn import EXAMPLES
from tracegraph.exposure import _jit, gathering

patient = settings(
    deadline=None,  # a first call compiles
    max_examples=EXAMPLES,
    # `worlds.check` drops rows itself, in seconds where Hypothesis takes minutes.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@contextmanager
def gathered(many=_jit.MANY):
    """Collect the visits at places of sources as in a large graph; `many=0`: on all cores."""
    with (
        patch.object(gathering, "FEW_VISITS", -1),
        patch.object(gathering, "GATHERED_SHARE", 1.0),
        patch.object(_jit, "MANY", many),
    ):
        yield


def indexed():
    """Build the index of everything first, as in a small graph."""
    return nullcontext()


def on_all_cores():
    return gathered(many=0)


ways = st.sampled_from([indexed, gathered, on_all_cores])


@patient
@given(world=strategies.worlds(), rule=strategies.rules(), way=ways)
def test_trace_is_what_the_reference_finds(world, rule, way):
    with way():
        worlds.assert_same(world, rule)


@patient
@given(world=strategies.worlds(), rule=strategies.rules(resolution="day"), way=ways)
def test_trace_by_day_is_what_the_reference_finds(world, rule, way):
    with way():
        worlds.assert_same(world, rule)


@patient
@given(
    world=strategies.stages(dates_too=False).flatmap(strategies.worlds),
    rule=strategies.rules(plain=True, resolution="exact"),
    way=ways,
)
def test_trace_of_instants_is_what_the_reference_finds(world, rule, way):
    with way():
        worlds.assert_same(world, rule)


@patient
@given(world=strategies.crowds(), rule=strategies.crowd_rules(), way=ways)
def test_minutes_add_up_and_seats_count_as_the_reference_says(world, rule, way):
    with way():
        worlds.assert_same(world, rule)
