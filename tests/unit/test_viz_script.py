"""The page's script: its own tests, and that the bundle in the wheel is made of these sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node", path=PATH)
    assert found, "`make test` installs Node with the test extra"
    return found


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=WEB, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_the_scripts_own_tests_pass(node):
    files = map(str, sorted((WEB / "test").glob("*.test.js")))
    told = run(node, "--test", "--test-reporter=tap", *files)
    assert told.returncode == 0, told.stdout[-4_000:]
    assert "\n# fail 0" in told.stdout


@pytest.mark.parametrize("name", ["page", "zones"])
def test_the_bundle_is_made_of_these_sources(node, tmp_path, name):
    fresh = tmp_path / f"{name}.js"
    npm = shutil.which("npm", path=PATH)
    assert npm
    told = run(npm, "run", "--silent", "build", "--", str(fresh), name)
    assert told.returncode == 0, told.stderr
    shipped = ROOT / f"tracegraph/viz/templates/{name}.js"
    assert fresh.read_text(encoding="utf-8") == shipped.read_text(encoding="utf-8"), (
        "run `make page`"
    )


def test_the_licence_of_what_is_bundled_is_told():
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    lock = (WEB / "package-lock.json").read_text(encoding="utf-8")
    bundled = [found.name for found in (WEB / "node_modules").glob("d3-*")]
    assert bundled
    assert all(name in notice and name in lock for name in bundled)
    assert "://" not in lock, "the lock file names no host of packages"
