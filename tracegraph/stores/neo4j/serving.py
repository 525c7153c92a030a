"""A server for somebody to try: say where it is, and end it on Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
from typing import TYPE_CHECKING

from rich.markup import escape

from tracegraph.stores.neo4j.distribution import VERSION
from tracegraph.stores.neo4j.server import PASSWORD_FILE, USER, Server

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console


def serve_until_interrupted(console: Console, *, home: Path | None, port: int, auth: bool) -> None:
    """Start a server, tell how to reach it, and wait for SIGINT or SIGTERM."""
    _listen_to_signals()
    server = Server(home=home, port=port, password=_password(home) if auth else None)
    with contextlib.suppress(KeyboardInterrupt):
        console.print(f"Neo4j Community {VERSION} (GPL-3) is starting …")
        with server:
            console.print(escape(_how_to_connect(server)), soft_wrap=True)
            server.wait()


def _listen_to_signals() -> None:
    # also where a shell started it in the background, and so made it deaf to SIGINT
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def _password(home: Path | None) -> str:
    """Return the user's own, else that of the home, else a new one."""
    if given := os.environ.get("NEO4J_PASSWORD"):
        return given
    return secrets.token_urlsafe(12) if home is None else _password_of(home)


def _password_of(home: Path) -> str:
    """Password in a file that nobody else may read."""
    kept = home / PASSWORD_FILE
    if kept.is_file():
        return kept.read_text(encoding="utf-8").strip()
    fresh = secrets.token_urlsafe(12)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept.touch(mode=0o600)
    kept.write_text(f"{fresh}\n", encoding="utf-8")
    return fresh


def _how_to_connect(server: Server) -> str:
    """Address and user; a password only if it was made here."""
    lines = [f"It answers at {server.uri}"]
    if server.password is None:
        lines += ["It asks for no password: every program of this machine may read and write."]
    elif server.password == os.environ.get("NEO4J_PASSWORD"):
        lines += [f"User {USER}, password as in NEO4J_PASSWORD."]
    else:
        lines += [
            f"User {USER}, password {server.password}. For tracegraph, elsewhere:",
            f"    export NEO4J_USERNAME={USER} NEO4J_PASSWORD={server.password}",
        ]
    kept = "is gone when it ends" if server.home is None else f"stays in {server.home}"
    return "\n".join(
        [
            *lines,
            f'    tg.read("{server.uri}"), graph.save("{server.uri}")',
            f"The data {kept}. Ctrl-C ends it.",
        ]
    )
