"""tracegraph and its rivals behind one face, so that every stage starts and stops alike."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from benchmarks.rivals.question import answer_of
from benchmarks.speed.worlds import PROTOCOL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

    from benchmarks.rivals.question import Answer
    from benchmarks.speed.worlds import World

OURS = "tracegraph"


@dataclass(frozen=True, kw_only=True)
class InMemory:
    """What a side does with columns that stand in memory.

    `index` returns its seconds; it is None where a side keeps nothing.
    """

    one_shot: Callable[[], Answer]
    index: Callable[[], float] | None = None
    again: Callable[[], Answer] | None = None


@dataclass(frozen=True, kw_only=True)
class FromFile:
    """What a side does with a folder of Parquet with text ids: first read, then answer."""

    ingest: Callable[[], Any]
    finish: Callable[[Any], Answer]


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Exposures of a side that has traced: `listed` to be compared, `streamed` to be timed.

    A table has the codes and seconds (contact, source, location, start, end); a stream is read to
    its end.
    """

    listed: Callable[[], pa.Table]
    streamed: Callable[[], Iterable[pa.RecordBatch]]


def in_memory(side: str, world: World) -> InMemory:
    """Load the columns of a world for one side."""
    return _IN_MEMORY[side](world)


def from_file(side: str, world: World) -> FromFile:
    """Say how one side reads and answers."""
    return _FROM_FILE[side](world)


def pairs(side: str, world: World) -> Pairs:
    """Trace, then say how the exposures are listed."""
    return _PAIRS[side](world)


# ---- tracegraph


def _tracegraph(world: World) -> InMemory:
    from tracegraph.exposure.stays import stay_index

    graph = world.graph()

    def one_shot() -> Answer:
        graph.cache.clear()
        return again()

    def index() -> float:
        known = graph.trace(PROTOCOL)  # as of which moment the index is
        graph.cache.clear()
        began = time.perf_counter()
        stay_index(known.graph, known.protocol, "outer")
        return time.perf_counter() - began

    def again() -> Answer:
        return answer_of(graph.trace(PROTOCOL))

    return InMemory(one_shot=one_shot, index=index, again=again)


def _tracegraph_file(world: World) -> FromFile:
    import tracegraph as tg

    return FromFile(
        ingest=lambda: tg.read(world.text),
        finish=lambda graph: answer_of(graph.trace(PROTOCOL)),
    )


def _tracegraph_pairs(world: World) -> Pairs:
    import pyarrow as pa

    trace = world.graph().trace(PROTOCOL)

    def streamed() -> Iterator[pa.RecordBatch]:
        fresh = replace(trace, _made={})  # or what a former stream has counted would be known
        return fresh.exposures(batches=True)

    def listed() -> pa.Table:
        epoch = trace.graph.calendar.epoch
        return pa.concat_tables(
            pa.Table.from_batches([_in_codes(batch, epoch)]) for batch in streamed()
        )

    return Pairs(listed=listed, streamed=streamed)


def _in_codes(batch: pa.RecordBatch, epoch: int) -> pa.RecordBatch:
    """Five columns of a batch in codes and seconds; the dictionaries are the graph's ids."""
    import pyarrow as pa

    ids = {n: batch[f"{n}_id"].indices for n in ("contact", "source", "location")}
    times = {n: batch[n].cast(pa.int64()).to_numpy() - epoch for n in ("start", "end")}
    return pa.record_batch({**ids, **times})


# ---- the rivals


def _numpy(world: World) -> InMemory:
    from benchmarks.rivals import numpy_search

    return _keeping(numpy_search, world.visits(), world.terms())


def _polars(world: World) -> InMemory:
    from benchmarks.rivals import polars_asof

    return _keeping(polars_asof, polars_asof.load(world.visits()), world.terms())


def _keeping(rival: Any, visits: Any, terms: Any) -> InMemory:
    """Side that keeps its index as a value of its own, and is handed it again."""
    kept: list[Any] = [None]

    def index() -> float:
        began = time.perf_counter()
        kept[0] = rival.keep(visits, terms)
        return time.perf_counter() - began

    return InMemory(
        one_shot=lambda: rival.trace(visits, terms),
        index=index,
        again=lambda: rival.again(kept[0], terms),
    )


def _duckdb(world: World) -> InMemory:
    from benchmarks.rivals import duckdb_asof

    terms = world.terms()
    base = duckdb_asof.load(world.visits(), terms)

    def trace() -> Answer:
        return duckdb_asof.trace(base, terms)

    def index() -> float:
        began = time.perf_counter()
        duckdb_asof.keep(base)
        return time.perf_counter() - began

    return InMemory(one_shot=trace, index=index, again=trace)


def _self_join(world: World) -> InMemory:
    from benchmarks.rivals import sql_self_join

    terms = world.terms()
    base = sql_self_join.load(world.visits(), terms)
    return InMemory(one_shot=lambda: sql_self_join.trace(base, terms))


def _numpy_file(world: World) -> FromFile:
    from benchmarks.rivals import codes, numpy_search

    terms = world.text_terms()
    return FromFile(
        ingest=lambda: codes.read_texts(world.text / "visits.parquet"),
        finish=lambda visits: numpy_search.finish(visits, terms),
    )


def _polars_file(world: World) -> FromFile:
    from benchmarks.rivals import codes, polars_asof

    terms = world.text_terms()
    return FromFile(
        ingest=lambda: codes.read_texts(world.text / "visits.parquet"),
        finish=lambda visits: polars_asof.finish(visits, terms),
    )


def _duckdb_file(world: World) -> FromFile:
    from benchmarks.rivals import duckdb_asof

    terms = world.text_terms()
    return FromFile(
        ingest=lambda: duckdb_asof.read(world.text / "visits.parquet", terms),
        finish=lambda base: duckdb_asof.finish(base, terms),
    )


def _duckdb_pairs(world: World) -> Pairs:
    from benchmarks.rivals import duckdb_asof, duckdb_pairs

    terms = world.terms()
    base = duckdb_asof.load(world.visits(), terms)
    duckdb_pairs.prepare(base, terms)
    return Pairs(
        listed=lambda: duckdb_pairs.pairs(base).to_arrow_table(),
        streamed=lambda: duckdb_pairs.stream(base),
    )


DUCKDB, POLARS, NUMPY, SELF_JOIN, JOIN = (
    "DuckDB ASOF", "Polars ASOF", "NumPy search", "SQL self-join", "DuckDB join"
)  # fmt: skip
SIDES = (OURS, DUCKDB, POLARS, NUMPY)
ASOF = (DUCKDB, POLARS)

_IN_MEMORY = {
    OURS: _tracegraph, DUCKDB: _duckdb, POLARS: _polars, NUMPY: _numpy, SELF_JOIN: _self_join
}  # fmt: skip
_FROM_FILE = {
    OURS: _tracegraph_file, DUCKDB: _duckdb_file, POLARS: _polars_file, NUMPY: _numpy_file
}  # fmt: skip
_PAIRS = {OURS: _tracegraph_pairs, JOIN: _duckdb_pairs}
