"""How kernels are compiled: once each, kept on disk where a disk can be written, and in parts."""

from __future__ import annotations

import os
import pkgutil
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import tracegraph as tg
from tracegraph import exposure
from tracegraph.exposure import _jit, gathering

HOT = ("sweep._walk", "stays._join", "stays._lay", "ordering._lay", "gathering._mark_places")
SCRIPT = """
import numpy as np
from tracegraph.exposure import hops, ordering
order = ordering.order_by(np.array([1, 0, 1], dtype=np.int32), 2)
hits = sum(ordering._lay.stats.cache_hits.values())
print(ordering.__file__, order.rows.tolist(), hits, sep="\\n")
"""


def kernels():
    for part in pkgutil.iter_modules(exposure.__path__):
        for name, value in vars(import_module(f"{exposure.__name__}.{part.name}")).items():
            if hasattr(value, "py_func") and value.py_func.__module__.endswith(part.name):
                yield f"{part.name}.{name}", value


def test_hot_kernels_are_compiled_for_one_kind_of_arrays():
    graph = tg.datasets.county(seed=1, n_people=1_500).graph()
    graph.trace("china-8").tiers.head(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathering, "FEW_VISITS", -1)
        graph.cache.clear()
        graph.trace("china-8").tiers.head(0)
    compiled = {name: len(kernel.signatures) for name, kernel in kernels()}
    assert {name: compiled[name] for name in HOT} == dict.fromkeys(HOT, 1)


@pytest.fixture
def installed(tmp_path):
    """Copy of the package whose own folders cannot keep machine code."""
    package = tmp_path / "site-packages" / "tracegraph"
    shutil.copytree(Path(tg.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in [package, *(f for f in package.rglob("*") if f.is_dir())]:
        (folder / "__pycache__").write_text("")  # even root makes no folder of a file
    return package.parent


def run(site: Path, home: Path) -> list[str]:
    """Answer of that copy, and how often its machine code came from disk."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("NUMBA", "XDG"))}
    env = {**kept, "PYTHONPATH": str(site), "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(  # our own interpreter
        [sys.executable, "-c", SCRIPT],
        cwd=site,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    file, *told = done.stdout.splitlines()
    assert Path(file).is_relative_to(site)
    return told


def test_machine_code_is_kept_in_the_users_cache_where_packages_are_read_only(installed, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    assert run(installed, home) == ["[1, 0, 2]", "0"]
    assert run(installed, home) == ["[1, 0, 2]", "1"]


def test_nothing_can_be_written_at_all(installed, tmp_path):
    nowhere = tmp_path / "a file"
    nowhere.write_text("")
    assert run(installed, nowhere) == ["[1, 0, 2]", "0"]


def test_parts_cover_all_rows_and_errors_come_out(monkeypatch):
    monkeypatch.setattr(_jit, "MANY", 0)
    assert _jit.even_parts(7)[[0, -1]].tolist() == [0, 7]
    assert sum(_jit.in_parts(_jit.even_parts(7), lambda lo, hi, _: hi - lo)) == 7
    with pytest.raises(ZeroDivisionError):
        _jit.in_parts(np.array([0, 1, 2]), lambda lo, _hi, _part: 1 // lo)
