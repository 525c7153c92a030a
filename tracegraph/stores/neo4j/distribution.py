"""Neo4j Community, fetched once from Maven into the user's cache.

Neo4j is under the GPL-3. tracegraph does not ship it and shares no process with it: it is fetched
when somebody asks for a server, and runs as a program of its own.

Fetching honours the settings of jgo: a mirror in its configuration file, proxies in the
environment. What the user's own Maven cache holds is not fetched again.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tracegraph.errors import MissingExtraError, ServerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from jgo.maven import Artifact, MavenContext
    from tqdm import tqdm

VERSION = "5.26.28"
"""Long-term support, and the release that the tests run against."""

COORDINATE = f"org.neo4j:neo4j:{VERSION}"

_AT_ONCE = 4  # downloads
_PATIENCE = 60  # seconds that a registry may be silent

_log = logging.getLogger(__name__)


def neo4j_jars() -> Path:
    """Folder of the jars of Neo4j; the first call fetches 135 MB.

    Raises
    ------
    MissingExtraError
        If they must be fetched and jgo is not installed.
    ServerError
        If they cannot be fetched.
    """
    folder = cache_folder() / f"neo4j-{VERSION}"
    if not folder.is_dir():
        _fetch(folder)
    return folder


def cache_folder() -> Path:
    """Folder for what can be fetched again: TRACEGRAPH_CACHE, or where the system keeps such."""
    if named := os.environ.get("TRACEGRAPH_CACHE"):
        return Path(named)
    return _cache_of_the_system() / "tracegraph"


def _cache_of_the_system() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))


def _fetch(folder: Path) -> None:
    """All or nothing: jgo takes a file that was cut off for a whole one, so work beside it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetching-") as beside:
        found = Path(beside, folder.name)
        found.mkdir()
        try:
            _download(Path(beside, "maven"), found)
        except (OSError, RuntimeError, ValueError) as error:
            raise ServerError(_not_fetched(error)) from error
        _settle(found, folder)


def _settle(found: Path, folder: Path) -> None:
    try:
        found.rename(folder)
    except OSError:
        if not folder.is_dir():  # else somebody else fetched it meanwhile
            raise


def _download(maven: Path, into: Path) -> None:
    from tqdm import tqdm

    _log.info("fetching %s", COORDINATE)
    with tqdm(desc=f"fetching Neo4j {VERSION} (GPL-3)", unit=" files", disable=None) as bar:
        context = _maven(maven, bar)
        jars = _resolve(context)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for jar in pool.map(_fetched, jars):
                shutil.copyfile(jar, into / jar.name)


def _maven(cache: Path, bar: tqdm[None]) -> MavenContext:
    """Set Maven up as the user set up jgo, with a cache of our own."""
    try:
        from jgo.config import GlobalSettings
        from jgo.constants import MAVEN_CENTRAL_URL
        from jgo.maven import MavenContext, PythonResolver
    except ImportError as error:
        message = 'Fetching Neo4j needs jgo: pip install "tracegraph[neo4j-server]"'
        raise MissingExtraError(message) from error
    settings = GlobalSettings.load()
    return MavenContext(
        resolver=PythonResolver(progress_callback=_count(bar)),
        repo_cache=cache,
        local_repos=[settings.repo_cache],
        remote_repos={"central": MAVEN_CENTRAL_URL} | settings.repositories,
        timeout=_PATIENCE,
    )


def _count(bar: tqdm[None]) -> Callable[[str, int], AbstractContextManager[Callable[[int], None]]]:
    @contextmanager
    def one_file(_name: str, _size: int) -> Iterator[Callable[[int], None]]:
        yield lambda _n_bytes: None
        bar.update()

    return one_file


def _resolve(context: MavenContext) -> list[Artifact]:
    wanted = context.create_dependency(COORDINATE)
    itself, others = context.resolver.resolve([wanted])
    return [dependency.artifact for dependency in (*itself, *others)]


def _fetched(artifact: Artifact) -> Path:
    return Path(artifact.resolve())


def _not_fetched(error: Exception) -> str:
    return (
        f"Neo4j {VERSION} could not be fetched from Maven: {error}\n"
        "    Look to the network. A proxy goes into HTTPS_PROXY, a mirror into the section "
        "[repositories] of jgo's configuration file (~/.config/jgo.conf)."
    )
