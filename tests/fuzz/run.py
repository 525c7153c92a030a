"""Read many mutants of the corpus.

    PYTHONPATH=tests python -m fuzz.run --inputs 200000 --seed 1

Prints how many were refused, read with rejects, and read whole. The first input that breaks a
law is kept beside this file, as `broken-SEED-NUMBER`, and ends the run.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from fuzz.mutants import mutate, outcome, parents

CHUNK = 500


def run(seed: int, first: int, number: int) -> Counter[str]:
    """Outcomes of the mutants numbered from `first`; each has a chance of its own."""
    others, told = parents(), Counter()
    with tempfile.TemporaryDirectory() as name:
        for i in range(first, first + number):
            chance = random.Random(f"{seed} {i}")
            mutant = mutate(chance.choice(others), others, chance)
            try:
                told[outcome(mutant, Path(name))] += 1
            except BaseException as error:
                kept = Path(__file__).parent / f"broken-{seed}-{i}-{mutant.name}"
                kept.write_bytes(mutant.data)
                message = f"{kept.name}: {error!r}"
                raise RuntimeError(message) from error
    return told


def main() -> None:
    """Run in as many processes as are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    began, told = time.monotonic(), Counter()
    chunks = range(0, chosen.inputs, CHUNK)
    sizes = [min(CHUNK, chosen.inputs - first) for first in chunks]
    with ProcessPoolExecutor(chosen.processes) as pool:
        for counts in pool.map(run, [chosen.seed] * len(sizes), chunks, sizes):
            told += counts
    minutes = (time.monotonic() - began) / 60
    shares = ", ".join(f"{outcome} {number:,}" for outcome, number in told.most_common())
    print(f"seed {chosen.seed}: {told.total():,} inputs in {minutes:.1f} minutes: {shares}")


if __name__ == "__main__":
    main()
