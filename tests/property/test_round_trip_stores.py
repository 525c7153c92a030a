"""What goes into a store comes back: the same graph, the same traces, whatever stands in them.

`TRACEGRAPH_EXAMPLES` sets how many graphs are drawn.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, assume, given, settings, strategies as st

import strategies
import tracegraph as tg
from kept import check_equal, check_trace
from tracegraph.stores.saved import Settings, graph_of, saved_form

EXAMPLES = int(os.environ.get("TRACEGRAPH_EXAMPLES", "300"))
patient = settings(
    deadline=None,
    max_examples=max(10, EXAMPLES // 6),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
graphs = strategies.kept_graphs(strategies.HOSTILE_NAMES)


@patient
@given(graph=graphs)
def test_saved_form_of_a_graph_is_the_graph(graph):
    saved = saved_form(graph)
    check_equal(graph, graph_of(saved))
    assert Settings.from_json(saved.settings.to_json()) == saved.settings


@patient
@given(
    graph=graphs,
    other=graphs,
    name=st.sampled_from([None, *filter(str.strip, strategies.HOSTILE_NAMES)]),
)
def test_duckdb_gives_back_graphs_and_traces(graph, other, name):
    with tempfile.TemporaryDirectory() as folder:
        store = tg.store(Path(folder) / "county.duckdb")
        store.save(other)
        theirs, ours = other.trace("china-8"), graph.trace("china-8")
        first = store.save_trace(theirs, name)
        graph.save(Path(folder) / "county.duckdb")
        second = ours.save(Path(folder) / "county.duckdb")
        check_equal(graph, tg.read(Path(folder) / "county.duckdb"))
        check_trace(theirs, store.read_trace(first))
        check_trace(ours, store.read_trace(second))
        assert store.traces()["name"].tolist() == [first, second]


@patient
@given(drawn=strategies.cut_tables())
def test_appended_rows_are_as_if_they_had_always_been_there(drawn):
    desk, first, later, tables = drawn
    assume(first["cases"])
    before = strategies.graph_if_any(strategies.as_frames(first, desk), tz=desk.tz)
    whole = strategies.graph_if_any(strategies.as_frames(tables, desk), tz=desk.tz)
    far = [graph.rejects["rule"].eq("time-out-of-range").any() for graph in (before, whole)]
    assume(not any(far))  # of few rows others lie far off than of many
    with tempfile.TemporaryDirectory() as folder:
        store = tg.store(Path(folder) / "county.duckdb")
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
