"""Kill saves at random moments: what is there afterwards is the old state or the new one.

    PYTHONPATH=tests python -m fuzz.kills --store duckdb --points 100 --seed 1

With `--store neo4j` what is at NEO4J_URI is overwritten; without it, a server is started.
Prints how often each was found. A state that is neither ends the run with an error.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import pickle
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

import pandas as pd

import tracegraph as tg
from tracegraph.stores.saved_trace import FRAMES, frames_of

STORES = {
    "duckdb": lambda folder: str(folder / "county.duckdb"),
    "neo4j": lambda _: os.environ["NEO4J_URI"],
}
"""Where the store of each kind is, given an empty folder."""

ACTS = ("save", "append", "save_trace")
_PRELOADED = [
    "tracegraph.stores.duckdb.store",
    "tracegraph.stores.neo4j.store",
    "tracegraph.tracing.trace",
]
PROTOCOL = "china-8"


def act(what: str, target: str, graph_file: Path, ready, done) -> None:
    """Do one thing to a store; in a process that may be killed meanwhile."""
    graph = pickle.loads(graph_file.read_bytes())
    store, rows = tg.store(target), graph.visits.head(1000)
    trace = _traced(graph) if what == "save_trace" else None
    ready.set()
    began = time.monotonic()
    if what == "save":
        store.save(graph)
    elif what == "append":
        store.append({"visits": rows})
    else:
        store.save_trace(trace)
    done.put(time.monotonic() - began)


def _traced(graph: tg.TraceGraph) -> tg.Trace:
    """Trace whose tables are made already, before the clock starts."""
    trace = graph.trace(PROTOCOL)
    frames_of(trace)
    return trace


def kill_saves(kind: str, points: int, seed: int, *, n_people: int = 1_500) -> Counter[str]:
    """Count what was found after each kill.

    Raises
    ------
    AssertionError
        If it was neither the old state nor the new one.
    """
    chance, found = random.Random(seed), Counter()
    graphs = [tg.TraceGraph(**tg.datasets.county(seed=s, n_people=n_people).tables,
                            tz="Asia/Shanghai") for s in (2, 7)]  # fmt: skip
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [folder / f"{i}.pickle" for i in range(2)]
        for file, graph in zip(files, graphs, strict=True):
            file.write_bytes(pickle.dumps(graph))
        target = STORES[kind](folder)
        tg.store(target).save(graphs[0])
        seconds = {}
        for point in range(points + len(ACTS)):
            what, which = ACTS[point % len(ACTS)], chance.randrange(2)
            before = state(target)
            limit = None if point < len(ACTS) else chance.uniform(0, 1.2 * seconds[what])
            took = _run(context, what, target, files[which], limit)
            if took is not None:
                seconds[what] = max(took, seconds.get(what, 0))
            found[f"{what}: {_judged(what, before, state(target), graphs[which])}"] += 1
    return found


def _run(context, what: str, target: str, file: Path, limit: float | None) -> float | None:
    """Seconds that the act took; None if it was killed."""
    ready, done = context.Event(), context.Queue()
    process = context.Process(target=act, args=(what, target, file, ready, done))
    process.start()
    if not ready.wait(300):
        message = f"{what} did not begin"
        raise RuntimeError(message)
    if limit is None:
        process.join(300)
        return done.get(timeout=10)
    time.sleep(limit)
    process.kill()
    process.join()
    return None


def state(target: str) -> tuple[tg.TraceGraph, list[str]]:
    """Graph and names of traces of a store, all of which can be read whole."""
    store = tg.store(target)
    listed = store.traces()
    for name, *rows in listed[["name", *FRAMES]].itertuples(index=False):
        trace = store.read_trace(name)
        assert [len(getattr(trace, frame)) for frame in FRAMES] == rows
    return store.read(), listed["name"].tolist()


def _judged(what: str, before, after, graph: tg.TraceGraph) -> str:
    """Whether a store is in its old state or in its new one."""
    if what == "save_trace":
        assert after[0].equals(before[0])
        assert after[1][: len(before[1])] == before[1]
        assert len(after[1]) - len(before[1]) in (0, 1)
        return "old" if after[1] == before[1] else "new"
    assert after[1] == before[1]
    if after[0].equals(before[0]):
        return "old"
    if what == "save":
        assert after[0].equals(graph)
    else:
        more = pd.concat([before[0].visits, graph.visits.head(1000)], ignore_index=True)
        pd.testing.assert_frame_equal(after[0].visits, more, check_dtype=False)
    return "new"


@contextlib.contextmanager
def _server():
    """Address of a server in the environment."""
    if "NEO4J_URI" in os.environ:
        yield
        return
    from tracegraph.stores.neo4j.server import Server

    with Server() as server:
        os.environ["NEO4J_URI"] = server.uri
        yield


def main() -> None:
    """Kill as often as is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", choices=sorted(STORES), default="duckdb")
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--people", type=int, default=1_500)
    chosen = parser.parse_args()
    began = time.monotonic()
    with _server() if chosen.store == "neo4j" else contextlib.nullcontext():
        found = kill_saves(chosen.store, chosen.points, chosen.seed, n_people=chosen.people)
    told = ", ".join(f"{state} {number}" for state, number in sorted(found.items()))
    print(f"{chosen.store}, seed {chosen.seed}: {time.monotonic() - began:.0f} s, then {told}")


if __name__ == "__main__":
    main()
