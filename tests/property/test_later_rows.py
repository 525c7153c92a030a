"""RULE 29 over tables as people keep them: what is recorded later changes no earlier answer.

`test_invariance.py` has the law for clean tables, and asks the reference too. Here the rows
that come later may tell who is whom, where places lie, repeat a row, or be rejected.
`TRACEGRAPH_EXAMPLES` sets how many are drawn.
"""

from __future__ import annotations

import pprint

from hypothesis import HealthCheck, Phase, given, note, settings, strategies as st

import strategies
import worlds
from drawn import EXAMPLES

patient = settings(
    deadline=None,
    max_examples=max(10, EXAMPLES // 3),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@st.composite
def before_and_after(draw):
    desk = draw(strategies.desks())
    before, after, moment = draw(strategies.with_later_rows(desk))
    note(f"{desk.tz}, as of {moment}\n{pprint.pformat([before, after], width=140)}")
    graphs = [
        strategies.graph_if_any(strategies.as_frames(tables, desk), tz=desk.tz)
        for tables in (before, after)
    ]
    return *graphs, moment


@patient
@given(drawn=before_and_after())
def test_rows_recorded_later_change_no_earlier_answer(drawn):
    before, after, moment = drawn
    one, other = (graph.trace("china-8", as_of=moment) for graph in (before, after))
    assert answers(one) == answers(other)


def answers(trace):
    expected = trace.expected[["person_id", "arrive"]]  # the rest as tables have it
    tables = trace.tiers, trace.windows, trace.home_windows, trace.venue_contacts
    every = trace.exposures(), *tables, trace.completeness, expected
    return [worlds.rows_of(table) for table in every]
