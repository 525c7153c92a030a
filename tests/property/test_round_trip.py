"""What `save` writes, `tg.read` reads back: the same graph, and the same trace of it.

`TRACEGRAPH_EXAMPLES` sets how many graphs are drawn.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given

import strategies
import tracegraph as tg
import worlds
from drawn import EXAMPLES
from kept import patient

few = patient(max(10, EXAMPLES // 8))


def answers(graph):
    trace = graph.trace("china-8")
    tables = trace.tiers, trace.exposures(), trace.windows, trace.venue_contacts
    return [worlds.rows_of(table) for table in tables]


@pytest.mark.parametrize("files", ["csv", "parquet"])
def test_saved_graph_is_read_back(files):
    @few
    @given(graph=strategies.kept_graphs())
    def claim(graph):
        with tempfile.TemporaryDirectory() as folder:
            again = tg.read(graph.save(Path(folder) / "county", files=files))
        assert graph.differences(again).to_dict("records") == []
        pd.testing.assert_frame_equal(graph.rejects, again.rejects)
        pd.testing.assert_frame_equal(graph.counts, again.counts)
        pd.testing.assert_frame_equal(graph.aliases, again.aliases)
        assert answers(graph) == answers(again)

    claim()
