"""What `save` writes, `tg.read` reads back: the same graph, and the same trace of it.

`TRACEGRAPH_EXAMPLES` sets how many graphs are drawn.
"""

from __future__ import annotations

import os
import pprint
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, given, note, settings, strategies as st

import strategies
import tracegraph as tg
import worlds

EXAMPLES = int(os.environ.get("TRACEGRAPH_EXAMPLES", "300"))
patient = settings(
    deadline=None,
    max_examples=max(10, EXAMPLES // 6),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@st.composite
def graphs(draw):
    """A graph of drawn tables, and of what was known of them at a drawn moment."""
    desk = draw(strategies.desks())
    tables = draw(strategies.dirty_tables(desk))
    frames = strategies.as_frames(tables, desk)
    for frame in frames.values():
        if draw(st.integers(0, 2)) == 0:
            frame["extra"] = draw(strategies.extra_columns(len(frame)))
    moment = draw(st.one_of(st.none(), desk.moment()))
    note(f"{desk.tz}, as of {moment}\n{pprint.pformat(tables, width=140)}")
    graph = strategies.graph_if_any(frames, tz=desk.tz)
    assume(moment is None or graph.calendar.origin.year > 2000)  # all years but one misread
    graph = graph if moment is None else graph.as_of(moment)
    assume(len(graph.tables["cases"]))
    return graph


def answers(graph):
    trace = graph.trace("china-8")
    tables = trace.tiers, trace.exposures(), trace.windows, trace.venue_contacts
    return [worlds.rows_of(table) for table in tables]


@pytest.mark.parametrize("files", ["csv", "parquet"])
def test_saved_graph_is_read_back(files):
    @patient
    @given(graph=graphs())
    def claim(graph):
        with tempfile.TemporaryDirectory() as folder:
            again = tg.read(graph.save(Path(folder) / "county", files=files))
        assert graph.differences(again).to_dict("records") == []
        pd.testing.assert_frame_equal(graph.rejects, again.rejects)
        pd.testing.assert_frame_equal(graph.counts, again.counts)
        pd.testing.assert_frame_equal(graph.aliases, again.aliases)
        assert answers(graph) == answers(again)

    claim()
