"""A program between a server and its owner: the server lives no longer than the owner does.

Its standard input is a pipe whose other end the owner holds. The pipe closes when the owner lets
go or dies, however it dies, on every system. A signal sent by the kernel at the death of a parent
would follow the *thread* that started the server.

It runs by its path, so that it imports nothing of tracegraph, and uses the standard library only.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux


def keep(command: Sequence[str], *, log: str, grace: float, remove: str) -> int:
    """Run `command` until it ends or the owner lets go; the exit code is the command's.

    Parameters
    ----------
    command : sequence of str
    log : str
        File for what it prints.
    grace : float
        Seconds from SIGTERM to SIGKILL.
    remove : str
        Folder to remove after an owner has let go; "" for none.
    """
    with open(log, "ab") as out:  # noqa: PTH123  # pathlib is half of the time to start
        child = subprocess.Popen(  # noqa: S603  # the owner's command
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            preexec_fn=_die_with_keeper if sys.platform == "linux" else None,
        )
    let_go = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    threading.Thread(target=_end_with_owner, args=(child, grace, let_go), daemon=True).start()
    code = child.wait()
    if let_go.is_set() and remove:
        shutil.rmtree(remove, ignore_errors=True)
    return code


def _end_with_owner(child: subprocess.Popen[bytes], grace: float, let_go: threading.Event) -> None:
    os.read(0, 1)  # answers when the pipe is closed; nobody writes to it
    let_go.set()
    child.terminate()
    try:
        child.wait(grace)
    except subprocess.TimeoutExpired:
        child.kill()


def _die_with_keeper() -> None:
    """End the server too where somebody kills its keeper."""
    import ctypes

    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGTERM)


if __name__ == "__main__":
    grace, log, remove, *command = sys.argv[1:]
    sys.exit(keep(command, log=log, grace=float(grace), remove=remove))
