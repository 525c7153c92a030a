"""Neo4j: the store beside a bare loop of the driver which writes and reads the same rows.

    python benchmarks/neo4j_stores.py --people 10000 --runs 3

Both write the visits of the county between nodes for persons and places: the same properties,
batches and constraints. Each run is a process of its own, the sides take turns, and the database
is emptied between them. Of the bare loop there are two: one hands times to the driver as Python
has them, the other has the server make them of seconds, as the store does. Before a figure is
printed, all have to leave the same relationships, and to read the same rows. Seconds are the
median of the runs; memory is the peak of the process over what it held before (Linux).

NEO4J_URI names a server, which is emptied; without it, one is started.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import platform
import resource
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from neo4j import GraphDatabase
from tqdm import tqdm

import tracegraph as tg
from tracegraph.stores.neo4j.server import Server
from tracegraph.stores.neo4j.writing import BATCH

if TYPE_CHECKING:
    from collections.abc import Iterator

TZ = "Asia/Shanghai"
TIMES = ("arrive", "depart")
SIDES = ("store", "seconds", "datetimes")
CHECK = (
    "MATCH (a:Person)-[v:VISITED]->(b) WITH a.id + '|' + coalesce(b.id, '') AS pair, v "
    "RETURN count(*), sum(v.row), sum(size(pair)), sum(v.arrive.epochSeconds), "
    "sum(v.depart_until.epochSeconds), count(v.seat), count(v.record), count(DISTINCT pair)"
)


def drivers(uri: str) -> Any:
    return GraphDatabase.driver(uri, notifications_min_severity="OFF")


# ---- the bare loop

TIME = "datetime({epochSeconds: r.%s, timezone: 'Asia/Shanghai'})"
PLAIN = "load: 'bare', row: r.row, record: r.record, seat: r.seat"


def bare_write(uri: str, visits: pd.DataFrame, *, as_seconds: bool) -> None:
    frame = visits.assign(row=range(len(visits)))
    for time_ in TIMES:  # the twenty lines begin here
        frame[time_] = frame[time_].dt.as_unit("s")
        if as_seconds:
            frame[time_] = frame[time_].astype("int64")
        frame[f"{time_}_until"] = frame[time_]
    keys = [key for time_ in TIMES for key in (time_, f"{time_}_until")]
    times = ", ".join(f"{key}: {TIME % key if as_seconds else f'r.{key}'}" for key in keys)
    text = (
        "UNWIND $rows AS r MATCH (a:Person {load: 'bare', id: r.person_id}), "
        "(b:Location {load: 'bare', id: r.location_id}) "
        f"CREATE (a)-[:VISITED {{{PLAIN}, {times}}}]->(b)"
    )
    with drivers(uri) as driver, driver.session() as session:
        for label, column in (("Person", "person_id"), ("Location", "location_id")):
            session.run(
                f"CREATE CONSTRAINT bare_{label} IF NOT EXISTS FOR (n:{label}) "
                "REQUIRE (n.load, n.id) IS UNIQUE"
            ).consume()
            nodes = f"UNWIND $ids AS id CREATE (:{label} {{load: 'bare', id: id}})"
            ids = frame[column].unique().tolist()
            session.execute_write(lambda tx, q=nodes, i=ids: tx.run(q, ids=i).consume())
        for i in tqdm(range(0, len(frame), BATCH), disable=None, leave=False):
            part = frame.iloc[i : i + BATCH].astype(object)
            rows = part.where(part.notna(), None).to_dict("records")
            session.execute_write(lambda tx, r=rows: tx.run(text, rows=r).consume())


def bare_read(uri: str, *, as_seconds: bool) -> pd.DataFrame:
    of = ".epochSeconds" if as_seconds else ""
    text = (
        "MATCH (a:Person)-[v:VISITED]->(b:Location) RETURN a.id AS person_id, "
        f"b.id AS location_id, v.arrive{of} AS arrive, v.depart{of} AS depart, "
        "v.record AS record, v.seat AS seat ORDER BY v.row"
    )
    with drivers(uri) as driver, driver.session(fetch_size=5_000) as session:
        rows = session.execute_read(lambda tx: tx.run(text).data())
    frame = pd.DataFrame(rows)
    for time_ in TIMES:
        if as_seconds:
            stamps = pd.to_datetime(frame[time_], unit="s", utc=True)
        else:
            stamps = pd.to_datetime([v and v.to_native() for v in frame[time_]], utc=True)
        frame[time_] = pd.Series(stamps, index=frame.index).dt.as_unit("s").dt.tz_convert(TZ)
    return frame


# ---- one run, in a process of its own


def run(job: tuple[str, str, str, str]) -> tuple[float, float, Any]:
    """Seconds, megabytes, and what was read."""
    act, side, uri, folder = job
    graph = tg.read(folder)
    graph.visits, graph.origins  # noqa: B018  # made before the clock starts
    visits = plain(graph)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, found = time.perf_counter(), None
    if act == "write" and side == "store":
        graph.save(uri)
    elif act == "write":
        bare_write(uri, visits, as_seconds=side == "seconds")
    elif side == "store":
        found = tg.read(uri)
    else:
        found = bare_read(uri, as_seconds=side == "seconds")
    seconds = time.perf_counter() - began
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    if isinstance(found, tg.TraceGraph):
        found = plain(found)
    if found is not None:
        pd.testing.assert_frame_equal(found.astype(visits.dtypes.to_dict()), visits)
    return seconds, peak, None if found is None else len(found)


def plain(graph: tg.TraceGraph) -> pd.DataFrame:
    """Visits with whole columns."""
    frame = graph.visits[["person_id", "location_id", *TIMES, "record", "seat"]].copy()
    for column in ("person_id", "location_id", "record", "seat"):
        frame[column] = frame[column].astype("str")
    return frame.reset_index(drop=True)


def wipe(uri: str) -> None:
    with drivers(uri) as driver:
        text = "MATCH (n) WITH n LIMIT 500 DETACH DELETE n RETURN count(*)"
        while driver.execute_query(text).records[0][0]:
            pass
        for row in driver.execute_query("SHOW CONSTRAINTS YIELD name").records:
            driver.execute_query(f"DROP CONSTRAINT {row['name']}")


def left(uri: str) -> list[Any]:
    with drivers(uri) as driver:
        return list(driver.execute_query(CHECK).records[0])


@contextlib.contextmanager
def server() -> Iterator[str]:
    if uri := os.environ.get("NEO4J_URI"):
        yield uri
        return
    with Server(heap_mb=1024) as own:
        yield own.uri


def measure(
    uri: str, folder: Path, runs: int, sides: list[str]
) -> dict[tuple[str, str], list[tuple[float, float]]]:
    taken: dict[tuple[str, str], list[tuple[float, float]]] = {}
    states = []
    context = multiprocessing.get_context("spawn")
    for number in range(runs + 1):  # the first warms the server
        for side in sides:
            wipe(uri)
            for act in ("write", "read"):
                with ProcessPoolExecutor(1, mp_context=context) as alone:
                    seconds, peak, _ = alone.submit(run, (act, side, uri, str(folder))).result()
                if number:
                    taken.setdefault((act, side), []).append((seconds, peak))
            states.append(left(uri))
    if any(state != states[0] for state in states):
        message = f"the sides left unequal graphs: {states}"
        raise AssertionError(message)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES))
    chosen = parser.parse_args()
    tables = tg.datasets.county(seed=1, n_people=chosen.people).tables
    visits = tables["visits"].dropna(subset=["location_id", "depart"])
    graph = tg.TraceGraph(cases=tables["cases"], visits=visits, tz=TZ)
    with tempfile.TemporaryDirectory() as name, server() as uri:
        folder = Path(graph.save(Path(name) / "county", files="parquet"))
        taken = measure(uri, folder, chosen.runs, chosen.sides)
    rows = len(graph.visits)
    print(f"{rows:,} visits, batches of {BATCH:,}, {chosen.runs} runs; {platform.machine()}")
    print(", ".join(f"{p} {version(p)}" for p in ("neo4j", "pandas", "pyarrow")))
    for (act, side), figures in taken.items():
        seconds, peak = (statistics.median(column) for column in zip(*figures, strict=True))
        base = statistics.median(s for s, _ in taken[act, chosen.sides[-1]])
        print(
            f"{act:5} {side:9} {seconds:7.1f} s {rows / seconds:9,.0f} rows/s "
            f"{seconds / base:5.2f} of {chosen.sides[-1]} {peak:6,.0f} MB"
        )


if __name__ == "__main__":
    main()
