"""One stage of one side in a process of its own: seconds, peak memory, digest of the answer.

Before anything is timed the stage runs on a small world: imports are done, kernels compiled.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.speed import sides
from benchmarks.speed.worlds import PROTOCOL, World, make, save

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

ROOT = Path(__file__).parents[2]

apart = True
"""Whether each stage gets a process of its own; all in one is quick, to try the suite out."""


# ---- the parent's part


def run(
    stage: str, *, cap: float | None = None, under: list[str] | None = None, **asked: Any
) -> dict[str, Any]:
    """Run a stage and return what it found; see `apart`.

    Parameters
    ----------
    stage : str
        One of `STAGES`.
    cap : float, optional
        Seconds after which the process is stopped, with `subprocess.TimeoutExpired`.
    under : list of str, optional
        Command that runs the process; what it writes to standard error is kept as `told`.
    **asked
        Arguments of the stage.
    """
    given = json.dumps({name: _plain(value) for name, value in asked.items()})
    if not apart:
        found: dict[str, Any] = STAGES[stage](**json.loads(given))
        return {**found, "told": ""}
    command = [*(under or []), sys.executable, "-m", "benchmarks.speed.worker", stage, given]
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(  # noqa: S603  # ourselves
        command, capture_output=True, text=True, timeout=cap, check=False,
        cwd=ROOT, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    if done.returncode:
        message = f"{stage} of {asked.get('side', 'tracegraph')} failed:\n{done.stderr}"
        raise RuntimeError(message)
    found = json.loads(done.stdout.splitlines()[-1])
    return {**found, "told": done.stderr} if under else found


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


# ---- the child's part


def clock(function: Callable[..., Any], *given: Any) -> tuple[float, Any]:
    """Seconds of one call, and what it returned."""
    began = time.perf_counter()
    result = function(*given)
    return time.perf_counter() - began, result


def save_world(folder: str, kind: str, n_visits: int, seed: int) -> dict[str, Any]:
    """Make a world and save it."""
    return save(Path(folder), kind, n_visits, seed).facts


def in_memory(side: str, world: str, warm: str, runs: int) -> dict[str, Any]:
    """One-shot, index and repeated trace from integer columns; memory of the first one-shot."""
    _through(sides.in_memory(side, World(Path(warm))))
    before = forget_peak()
    does = sides.in_memory(side, World(Path(world)))
    seconds, first = clock(does.one_shot)
    found: dict[str, Any] = {"peak": peak() - before, "digests": [first.digest()]}
    one_shot = [seconds, *(clock(does.one_shot)[0] for _ in range(runs - 1))]
    found["seconds"] = {"one_shot": min(one_shot)}
    if does.index and does.again:
        found["seconds"]["index"] = does.index()
        again = [clock(does.again) for _ in range(runs)]
        found["seconds"]["repeated"] = min(seconds for seconds, _ in again)
        found["digests"].append(again[0][1].digest())
    return found


def _through(does: sides.InMemory) -> None:
    does.one_shot()
    if does.index and does.again:
        does.index()
        does.again()


def from_file(side: str, world: str, warm: str) -> dict[str, Any]:
    """Parquet with text ids to the answer, and memory."""
    small = sides.from_file(side, World(Path(warm)))
    small.finish(small.ingest())
    does = sides.from_file(side, World(Path(world)))
    before = forget_peak()
    ingest, read = clock(does.ingest)
    rest, answer = clock(does.finish, read)
    return {
        "seconds": {"ingest": ingest, "headline": ingest + rest},
        "peak": peak() - before,
        "digests": [answer.digest()],
    }


def pairs(side: str, world: str, warm: str, runs: int) -> dict[str, Any]:
    """List the exposures once to compare them, then stream them; nothing is kept of a batch."""
    _count(sides.pairs(side, World(Path(warm))))
    does = sides.pairs(side, World(Path(world)))
    digest = _digest(does.listed())
    timed = [clock(_count, does) for _ in range(runs)]
    return {
        "seconds": {"pairs": min(seconds for seconds, _ in timed)},
        "rows": timed[0][1],
        "digests": [digest],
    }


def _count(does: sides.Pairs) -> int:
    return sum(batch.num_rows for batch in does.streamed())


def _digest(table: pa.Table) -> str:
    names = ("contact", "source", "location", "start", "end")
    columns = [table[name].to_numpy().astype(np.int32) for name in names]
    order = np.lexsort(columns[::-1])
    return hashlib.sha256(b"".join(c[order].tobytes() for c in columns)).hexdigest()


def passes(world: str) -> dict[str, Any]:
    """One NumPy pass over the four columns, and what a copy says of the memory."""
    columns = World(Path(world)).visits().columns().values()
    one = min(clock(lambda: [column.sum() for column in columns])[0] for _ in range(5))
    block = np.zeros(2**27, dtype=np.int8)
    target = np.empty_like(block)
    copy = min(clock(np.copyto, target, block)[0] for _ in range(7))
    return {"seconds": {"pass": one}, "copied": 2 * block.nbytes / copy}


def ours(kind: str, n_visits: int, seed: int, warm: str, runs: int) -> dict[str, Any]:
    """Tracegraph alone, in a world made on the spot."""
    import tracegraph as tg
    from tracegraph.exposure.stays import stay_index

    _through(sides.in_memory(sides.OURS, World(Path(warm))))
    graph = tg.TraceGraph(tz="Asia/Shanghai", **make(kind, n_visits, seed).tables)
    trace = graph.trace(PROTOCOL)

    def one_shot() -> object:
        graph.cache.clear()
        return sides.answer_of(graph.trace(PROTOCOL))

    def index() -> object:
        graph.cache.clear()
        return stay_index(trace.graph, trace.protocol, "outer")

    seconds = {
        "one_shot": min(clock(one_shot)[0] for _ in range(runs)),
        "index": min(clock(index)[0] for _ in range(runs)),
    }
    seconds["repeated"] = min(
        clock(lambda: sides.answer_of(graph.trace(PROTOCOL)))[0] for _ in range(runs)
    )
    traced = int((trace.outer.tier >= 0).sum())
    facts = {"visits": len(graph.facts.visits), "people": len(graph.person_ids)}
    return {"seconds": seconds, **facts, "traced": traced / facts["people"]}


def traces(world: str, warm: str, times: int, indexed: bool) -> dict[str, Any]:  # JSON
    """So many traces after everything is loaded: what perf counts, less the run with none."""
    _through(sides.in_memory(sides.OURS, World(Path(warm))))
    does = sides.in_memory(sides.OURS, World(Path(world)))
    if indexed and does.index:
        does.index()
    for _ in range(times):
        (does.again if indexed and does.again else does.one_shot)()
    return {}


def forget_peak() -> int:
    """Forget the peak of memory so far (Linux); return the bytes held now."""
    Path("/proc/self/clear_refs").write_text("5")
    return memory("VmRSS")


def peak() -> int:
    """Most bytes held since."""
    return memory("VmHWM")


def memory(name: str) -> int:
    """Bytes that the system counts under a name of /proc/self/status."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(name)).split()[1])


STAGES = {
    "save": save_world, "in_memory": in_memory, "from_file": from_file, "pairs": pairs,
    "passes": passes, "ours": ours, "traces": traces,
}  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(STAGES[sys.argv[1]](**json.loads(sys.argv[2]))))
