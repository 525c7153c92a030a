"""Files with bytes changed: refused as documented, or every row used or rejected."""

from __future__ import annotations

import os
import random

import pytest

from fuzz.mutants import mutate, outcome, parents

NUMBER = int(os.environ.get("TRACEGRAPH_MUTANTS", "600"))
PARENTS = parents()


def test_corpus_itself_keeps_the_laws(tmp_path):
    told = {outcome(parent, tmp_path) for parent in PARENTS}
    assert told == {"error", "rejects", "read"}


@pytest.mark.parametrize("seed", range(0, NUMBER, 200))
def test_mutants_are_refused_or_accounted_for(seed, tmp_path):
    told = set()
    for i in range(seed, seed + 200):
        chance = random.Random(f"mutant {i}")  # noqa: S311  # no secret
        told.add(outcome(mutate(chance.choice(PARENTS), PARENTS, chance), tmp_path))
    assert told == {"error", "rejects", "read"}
