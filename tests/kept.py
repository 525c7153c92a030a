"""Whether what a store gives back is what went in."""

from __future__ import annotations

import pandas as pd

from tracegraph.stores.saved_trace import FRAMES


def check_equal(graph, again):
    """Compare two graphs to the letter, with what was rejected."""
    assert graph.differences(again).to_dict("records") == []
    pd.testing.assert_frame_equal(graph.rejects, again.rejects)
    pd.testing.assert_frame_equal(graph.counts, again.counts)
    pd.testing.assert_frame_equal(graph.aliases, again.aliases)


def check_trace(trace, kept):
    """Compare a trace with its saved verdicts, type for type."""
    assert (kept.protocol, kept.as_of) == (trace.protocol, trace.as_of)
    for name in FRAMES:
        there = getattr(trace, name)
        pd.testing.assert_frame_equal(
            there() if callable(there) else there, getattr(kept, name), obj=name
        )
