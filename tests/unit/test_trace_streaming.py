"""Exposures in batches: the rows of the frame, counted first, refused where they are too many."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

import strategies
import tracegraph as tg
import worlds
from tracegraph.tracing import streaming, trace as trace_module
from tracegraph.tracing.streaming import chunks, exposure_batches


@pytest.fixture(scope="module")
def trace():
    return tg.datasets.county(seed=1, n_people=2_000).graph().trace("china-8")


def same_rows(batches, frame):
    """Whether batches hold the rows of a frame, in whatever order."""
    table = pa.Table.from_batches(batches)
    return sorted(map(told, table.to_pylist())) == sorted(map(told, worlds.rows_of(frame)))


def told(row):
    """Cells of a row as text, times in seconds of the epoch."""
    return [
        str(int(cell.timestamp()) if hasattr(cell, "timestamp") else cell) for cell in row.values()
    ]


@settings(
    deadline=None, max_examples=60, phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(world=strategies.worlds(), rule=strategies.rules(), rows=st.integers(1, 5))
def test_batches_hold_the_rows_of_the_frame(world, rule, rows):
    graph = worlds.to_graph(world)
    found = graph.trace(worlds.to_protocol(rule), as_of=pd.Timestamp(world.as_of))
    batches = list(exposure_batches(found._evidence, found._counts, rows))
    assert sum(batch.num_rows for batch in batches) == found.n_exposures
    if batches:
        assert same_rows(batches, found.exposures())
    people = [set(batch["contact_id"].to_pylist()) for batch in batches]
    assert all(
        batch.num_rows <= rows or len(own) == 1 for batch, own in zip(batches, people, strict=True)
    )
    assert len(set().union(*people)) == sum(map(len, people)), "a contact in two batches"


def test_columns_are_those_of_the_frame_and_ids_are_not_written_out(trace):
    batch = next(trace.exposures(batches=True))
    assert batch.schema.names == list(trace.exposures().columns)
    coded = ("contact_id", "source_id", "location_id", "class", "clause")
    assert all(pa.types.is_dictionary(batch.schema.field(name).type) for name in coded)
    assert batch.schema.field("start").type == pa.timestamp("s", "Asia/Shanghai")


def test_batches_of_a_tier(trace):
    found = list(trace.exposures(tier=2, batches=True))
    assert same_rows(found, trace.exposures(tier=2))


def test_batches_are_not_picked_by_person(trace):
    with pytest.raises(ValueError, match="Filter each batch"):
        trace.exposures(person="P1", batches=True)


def test_a_frame_of_too_many_rows_is_refused(monkeypatch, trace):
    monkeypatch.setattr(streaming, "MAX_ROWS", 10)
    again = trace.graph.trace("china-8")
    with pytest.raises(tg.TooLargeError, match=rf"{again.n_exposures} exposures"):
        again.exposures()


def test_tiers_are_the_same_from_parts(monkeypatch, trace):
    wanted = trace.tiers
    monkeypatch.setattr(trace_module, "BATCH_ROWS", 7)
    found = trace.graph.trace("china-8").tiers
    pd.testing.assert_frame_equal(found, wanted)


@given(number=st.lists(st.integers(0, 6), max_size=20), at_most=st.integers(1, 9))
def test_chunks_hold_everybody_once(number, at_most):
    number = np.array(number, dtype=np.int64)
    parts = list(chunks(number, at_most))
    times = np.sum([np.zeros(len(number), dtype=int), *parts], axis=0)
    assert times.tolist() == (number > 0).astype(int).tolist()
    for part in parts:
        assert number[part].sum() <= at_most or part.sum() == 1
    for one, other in pairwise(parts):
        following = number[np.flatnonzero(other)[0]]
        assert number[one].sum() + following > at_most, "the next person had room"
