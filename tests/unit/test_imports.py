"""`import tracegraph` costs next to nothing, and every public name resolves."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

HEAVY = (
    "pandas", "numpy", "numba", "pyarrow", "narwhals", "networkx", "rustworkx", "pyvis",
    "jinja2", "msgspec", "typer", "rich", "tqdm", "neo4j", "duckdb", "scipy", "matplotlib",
)  # fmt: skip


def in_fresh_python(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_import_loads_nothing_heavy():
    loaded = in_fresh_python("import sys, tracegraph; print(*sys.modules)").split()
    assert not {name.split(".")[0] for name in loaded} & set(HEAVY)


def test_every_public_name_resolves_when_eager():
    names = in_fresh_python(
        "import tracegraph as tg; [getattr(tg, n) for n in tg.__all__]; print(*tg.__all__)",
        EAGER_IMPORT="1",
    ).split()
    assert {"TraceGraph", "Trace", "Protocol", "read", "schemas", "datasets"} <= set(names)


@pytest.mark.parametrize("name", ["Trace", "TraceGraph", "Protocol", "read"])
def test_public_names_are_documented(name):
    import tracegraph as tg

    assert "Parameters" in getattr(tg, name).__doc__
