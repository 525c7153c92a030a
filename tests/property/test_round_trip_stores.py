"""What goes into a store comes back: the same graph, the same traces, whatever stands in them.

`TRACEGRAPH_EXAMPLES` sets how many graphs are drawn.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, strategies as st

import strategies
import tracegraph as tg
from drawn import EXAMPLES
from kept import check_appended, check_equal, check_trace, patient
from tracegraph.stores.saved import Settings, graph_of, saved_form

few = patient(max(10, EXAMPLES // 8))
graphs = strategies.kept_graphs(strategies.HOSTILE_NAMES)


@few
@given(graph=graphs)
def test_saved_form_of_a_graph_is_the_graph(graph):
    saved = saved_form(graph)
    check_equal(graph, graph_of(saved))
    assert Settings.from_json(saved.settings.to_json()) == saved.settings


@few
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


@few
@given(drawn=strategies.cut_tables())
def test_appended_rows_are_as_if_they_had_always_been_there(drawn):
    with tempfile.TemporaryDirectory() as folder:
        check_appended(tg.store(Path(folder) / "county.duckdb"), drawn)
