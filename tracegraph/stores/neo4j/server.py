"""A Neo4j server of one's own on this machine, without containers or administrator.

>>> from tracegraph.stores.neo4j.server import Server
>>> with Server() as server:                                        # doctest: +SKIP
...     graph.save(server.uri)
"""

from __future__ import annotations

import atexit
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tracegraph.errors import MissingExtraError, ServerError
from tracegraph.stores.neo4j import keeper
from tracegraph.stores.neo4j.distribution import VERSION, neo4j_jars
from tracegraph.stores.neo4j.java import find_java

if TYPE_CHECKING:
    from types import TracebackType

    from neo4j import Driver

LOOPBACK = "127.0.0.1"
USER = "neo4j"
"""The only user of a fresh home."""

PASSWORD_FILE = "password"  # noqa: S105  # in a home, where nobody chose one

_FIRST_PASSWORD = "neo4j"  # noqa: S105  # everybody's, and Neo4j lets one do no more than change it
_GRACE = 30  # seconds from SIGTERM to SIGKILL
_PAUSE = 0.2  # seconds between two looks
_TOLD = 15  # lines of the log in a message
_OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
"""Packages of Java that Neo4j reaches into."""


@dataclass(kw_only=True)
class Server:
    """Neo4j on the loopback interface, for as long as its `with` block or its owner lives.

    Parameters
    ----------
    home : Path, optional
        Folder for its data, which is kept. Without it, a temporary folder that goes with the
        server.
    port : int, optional
        Port for Bolt; a free one where none is given.
    password : str, optional
        Password of the user ``neo4j``, eight characters or more; a fresh home takes it. Without
        it nobody is asked for one: every program of this machine may read and write.
    heap_mb : int
        Most memory that Java takes for its objects.
    patience : float
        Seconds until it must answer.
    java : Path, optional
        Java 17 or 21; see `find_java`.
    jvm_options : sequence of str
        More words for Java.

    Raises
    ------
    ServerError
        On entering, if there is no such Java, if Neo4j cannot be fetched, or if the server does
        not answer; the message ends with the end of its log.
    MissingExtraError
        If the driver, or what fetches Neo4j, is not installed.
    """

    home: Path | None = None
    port: int | None = None
    password: str | None = field(default=None, repr=False)
    heap_mb: int = 512
    patience: float = 180
    java: Path | None = None
    jvm_options: tuple[str, ...] = ()
    _folder: Path | None = field(default=None, init=False, repr=False)
    _keeper: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    @property
    def uri(self) -> str:
        """Address for the driver; it holds no password."""
        return f"bolt://{LOOPBACK}:{self.port}"

    @property
    def auth(self) -> tuple[str, str] | None:
        """User and password, as the driver takes them."""
        return None if self.password is None else (USER, self.password)

    def driver(self) -> Driver:
        """Connect to it, as its user."""
        return _connect(self.uri, self.auth)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Start it, and return when it answers."""
        _import_driver()
        java, jars = find_java(self.java), neo4j_jars()
        self.port = _free_port(self.port)
        self._folder = _prepared(self.home, self._settings())
        atexit.register(self.stop)  # the keeper sees to owners who die without it
        try:
            self._keeper = self._launch(self._command(java, jars))
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> int | None:
        """End it, and return its exit code; None if it was not running."""
        atexit.unregister(self.stop)
        code, self._keeper = _let_go(self._keeper), None
        if self.home is None and self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        return code

    def wait(self) -> None:
        """Return never, but for an error when the server ends by itself."""
        if self._keeper is not None:
            self._keeper.wait()
        raise ServerError(self._told("ended by itself"))

    def _settings(self) -> dict[str, object]:
        return {
            "server.bolt.listen_address": f"{LOOPBACK}:{self.port}",
            "server.bolt.advertised_address": f"{LOOPBACK}:{self.port}",
            "server.http.enabled": "false",
            "server.memory.pagecache.size": "64m",
            "dbms.security.auth_enabled": str(self.password is not None).lower(),
            "dbms.usage_report.enabled": "false",
            # or an empty home is half a gigabyte
            "db.tx_log.preallocate": "false",
            "db.tx_log.rotation.size": "16m",
            # or it takes ten seconds to end: it listens twice five to silent connections
            "internal.dbms.bolt.netty_server_shutdown_quiet_period": 0,
        }

    def _command(self, java: Path, jars: Path) -> list[str]:
        home = self._folder
        return [
            str(java),
            "-Xms128m",
            f"-Xmx{self.heap_mb}m",
            "-XX:+UseSerialGC",
            *self.jvm_options,
            *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED),
            "-cp",
            str(jars / "*"),
            "org.neo4j.server.CommunityEntryPoint",
            f"--home-dir={home}",
            f"--config-dir={home}/conf",
            "--console-mode",  # else it closes its output
        ]

    def _launch(self, command: list[str]) -> subprocess.Popen[bytes]:
        remove = "" if self.home else str(self._folder)
        return subprocess.Popen(  # noqa: S603  # words of our own; a folder of the user's
            [sys.executable, "-I", keeper.__file__, str(_GRACE), str(self._log), remove, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the owner, who then ends the server in order
        )

    @property
    def _log(self) -> Path:
        return Path(str(self._folder), "console.log")

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + self.patience
        while not self._is_answering():
            if self._keeper is None or self._keeper.poll() is not None:
                raise ServerError(self._told("did not start"))
            if time.monotonic() > deadline:
                raise ServerError(self._told(f"does not answer after {self.patience:g} s"))
            time.sleep(_PAUSE)

    def _is_answering(self) -> bool:
        from neo4j.exceptions import AuthError, DriverError, Neo4jError

        if not _is_open(self.port):
            return False
        try:
            with self.driver() as driver, driver.session(database="neo4j") as session:
                session.run("RETURN 1").consume()
        except AuthError:
            self._set_password()
            return False
        except (DriverError, Neo4jError, OSError):
            return False
        return True

    def _set_password(self) -> None:
        """Give a fresh home its password."""
        from neo4j.exceptions import AuthError, DriverError, Neo4jError

        query = "ALTER CURRENT USER SET PASSWORD FROM $first TO $password"
        try:
            with (
                _connect(self.uri, (USER, _FIRST_PASSWORD)) as driver,
                driver.session(database="system") as session,
            ):
                session.run(query, first=_FIRST_PASSWORD, password=self.password).consume()
        except AuthError as error:
            message = (
                f"The home {self.home} has another password than the one given.\n"
                "    Give the one that it was made with, or another home."
            )
            raise ServerError(message) from error
        except (DriverError, Neo4jError) as error:
            message = (
                f"Neo4j does not take this password: {error.__class__.__name__}.\n"
                "    Give eight characters or more, other than 'neo4j'."
            )
            raise ServerError(message) from error

    def _told(self, what: str) -> str:
        lines = "\n    ".join(_last_lines(self._log))
        return (
            f"Neo4j {VERSION} {what}. The end of its log:\n    {lines}\n"
            "    Look for the first line with ERROR: another server on the port (take another), "
            "or on the home (end it)? Too little memory (heap_mb)?"
        )


def _import_driver() -> None:
    try:
        import neo4j  # noqa: F401
    except ImportError as error:
        message = 'A Neo4j server needs the driver too: pip install "tracegraph[neo4j-server]"'
        raise MissingExtraError(message) from error


def _connect(uri: str, auth: tuple[str, str] | None) -> Driver:
    from neo4j import GraphDatabase

    return GraphDatabase.driver(uri, auth=auth, connection_timeout=10)


def _free_port(wanted: int | None) -> int:
    """Port that was free a moment ago."""
    try:
        with socket.create_server((LOOPBACK, wanted or 0)) as probe:
            return int(probe.getsockname()[1])
    except OSError as error:
        message = f"Port {wanted} of this machine is taken.\n    Give another one, or 0."
        raise ServerError(message) from error


def _is_open(port: int | None) -> bool:
    try:
        socket.create_connection((LOOPBACK, port or 0), timeout=5).close()
    except OSError:
        return False
    return True


def _prepared(home: Path | None, settings: dict[str, object]) -> Path:
    """Home folder with its configuration; private, as people are in it."""
    folder = Path(tempfile.mkdtemp(prefix="tracegraph-neo4j-")) if home is None else home.resolve()
    _refuse_foreign(folder)
    (folder / "conf").mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    lines = [f"{key}={value}\n" for key, value in settings.items()]
    (folder / "conf" / "neo4j.conf").write_text("".join(lines), encoding="utf-8")
    return folder


def _refuse_foreign(folder: Path) -> None:
    held = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    if held - {PASSWORD_FILE} and not (folder / "conf" / "neo4j.conf").is_file():
        message = (
            f"{folder} holds other things than a home of Neo4j.\n    Give an empty or a new folder."
        )
        raise ServerError(message)


def _let_go(kept: subprocess.Popen[bytes] | None) -> int | None:
    if kept is None or kept.stdin is None:
        return None
    kept.stdin.close()
    return kept.wait()


def _last_lines(log: Path) -> list[str]:
    if not log.is_file():
        return ["(it wrote none)"]
    with log.open(encoding="utf-8", errors="replace") as lines:
        return [line.rstrip() for line in deque(lines, _TOLD)]
