"""A line to a server that can be cut, as networks are."""

from __future__ import annotations

import contextlib
import socket
import threading
from urllib.parse import urlsplit


class Line:
    """A relay on a port of its own. `cut` ends it; `deafen` lets no more answers through."""

    def __init__(self, uri: str) -> None:
        parts = urlsplit(uri)
        self._server = (parts.hostname, parts.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.uri = f"bolt://127.0.0.1:{self._listener.getsockname()[1]}"
        self._ends: list[socket.socket] = []
        self._is_deaf = False

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.cut()

    def cut(self):
        for end in (self._listener, *self._ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def deafen(self, *, seconds: float):
        self._is_deaf = True
        threading.Timer(seconds, self.cut).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                server = socket.create_connection(self._server)
                self._ends += [client, server]
                self._relay(client, server, is_answer=False)
                self._relay(server, client, is_answer=True)

    def _relay(self, source, target, *, is_answer):
        def run():
            with contextlib.suppress(OSError):
                while data := source.recv(65_536):
                    if not (is_answer and self._is_deaf):
                        target.sendall(data)
            with contextlib.suppress(OSError):
                target.shutdown(socket.SHUT_RDWR)

        threading.Thread(target=run, daemon=True).start()
