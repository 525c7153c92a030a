"""Whether what a store gives back is what went in."""

from __future__ import annotations

import pandas as pd
from hypothesis import HealthCheck, Phase, assume, settings

import strategies
import tracegraph as tg
from tracegraph.stores.saved_trace import FRAMES


def patient(max_examples):
    """Settings for graphs, of which each takes a while."""
    return settings(
        deadline=None,
        max_examples=max_examples,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink takes minutes
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


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


def check_appended(store, drawn):
    """Save the first rows of tables, append the others: as if they had always been there."""
    desk, first, later, tables = drawn
    assume(first["cases"])
    before = strategies.graph_if_any(strategies.as_frames(first, desk), tz=desk.tz)
    whole = strategies.graph_if_any(strategies.as_frames(tables, desk), tz=desk.tz)
    far = [graph.rejects["rule"].eq("time-out-of-range").any() for graph in (before, whole)]
    assume(not any(far))  # of few rows others lie far off than of many
    store.save(before)
    try:
        added = store.append(strategies.as_frames(later, desk))
    except tg.TableError as error:
        assume("be used" not in str(error))
        raise
    check_equal(added, store.read())
    apart = added.differences(whole)
    assert apart[apart["kind"] != "rejects"].to_dict("records") == []  # rows count from 0 again
    assert len(added.rejects) == len(whole.rejects)
