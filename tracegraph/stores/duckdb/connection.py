"""The connection to a DuckDB file: held for one transaction, and what is said if it fails.

One process may write to a DuckDB file, or several may read it. Whoever comes second waits a
little, and is then told who holds the file.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import threading
import time
from collections import defaultdict
from typing import TYPE_CHECKING

import duckdb

from tracegraph.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE_S = 5.0
"""Seconds for which a file that somebody else holds is waited for."""

_PAUSE_S = 0.05

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",  # nothing is ever fetched from a network
    "autoload_known_extensions": "false",
    "preserve_insertion_order": "true",  # rows come back in their order
}

_LOCKS: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)
"""One a file: DuckDB refuses a second connection of this process that only reads."""

_HELD_BY = re.compile(r"(?:held|open) in\s+(.+?) \(PID (\d+)\)", re.DOTALL)
_FULL = re.compile(
    r"No space left|File too large|disk (?:is )?full|Disk quota|Could not write", re.I
)


@contextlib.contextmanager
def transaction(path: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection; what is done with it is done as a whole, or not at all.

    Raises
    ------
    StoreError
        If the file is held, full, or no DuckDB database.
    """
    with _LOCKS[str(path)]:
        _check_is_database(path)
        con = _connected(path, read_only=read_only)
        try:
            con.begin()
            yield con
            con.commit()
        except duckdb.IOException as error:
            raise explained(error, path) from error
        except duckdb.Error as error:  # whose words may quote a cell
            raise explained(error, path) from None
        finally:
            con.close()  # what was not committed is undone


def _check_is_database(path: Path) -> None:
    """Raise for any other file; DuckDB itself would look for an extension that reads it."""
    if not path.exists():
        return
    try:
        with path.open("rb") as file:
            begin = file.read(12)
    except OSError as error:
        message = f"{path.name} cannot be opened: {error.strerror}.\n    Look at who may read it."
        raise StoreError(message) from error
    if begin[8:] != b"DUCK":
        message = f"{path.name} is no DuckDB database; it is left as it is.\n    Pass another path."
        raise StoreError(message)


def _connected(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return duckdb.connect(path, read_only=read_only, config=_CONFIG)
        except duckdb.Error as error:
            if not _is_held(error) or time.monotonic() > until:
                raise explained(error, path) from error
        time.sleep(_PAUSE_S)


def _is_held(error: duckdb.Error) -> bool:
    text = str(error)
    held = ("Could not set lock", "different configuration", "used by another process")
    return any(words in text for words in held)


def explained(error: duckdb.Error, path: Path) -> StoreError:
    """Error that says what is the matter with a file; never what stands in it."""
    text = str(error)
    if _is_held(error):
        return StoreError(f"{path.name} is in use: {_holder(text)}")
    if "database file with version" in text or "storage version" in text:
        what = (
            "was written by another version of DuckDB than is installed.\n"
            "    Update it: pip install --upgrade duckdb."
        )
    elif _FULL.search(text):
        what = (
            "could not be written: the disk is full, or a quota is reached.\n"
            "    Make room and save again; what was saved before is still there."
        )
    elif isinstance(error, duckdb.IOException):
        what = f"cannot be opened or written: {text.splitlines()[0]}\n    Look at its folder."
    else:  # the words of others may quote a value
        what = (
            f"does not hold what tracegraph saved there ({type(error).__name__}).\n"
            "    Undo what was changed in it by hand, or save the graph to a new file."
        )
    return StoreError(f"{path.name} {what}")


def _holder(text: str) -> str:
    if "different configuration" in text:
        return (
            "this Python process has opened it itself.\n"
            "    Close that connection; duckdb.connect holds the file until then."
        )
    if found := _HELD_BY.search(text):
        program, number = found.groups()
        return f"{program} (process {number}) holds it.\n    Wait for that process, or end it."
    return "another program holds it.\n    Close that program, or wait for it."


def create(path: Path, lay_out: Callable[[duckdb.DuckDBPyConnection], None]) -> None:
    """Make a database that is laid out; the file of that name is whole from its first moment.

    Raises
    ------
    StoreError
        If a log of changes to another file of that name lies there.
    """
    if (log := path.with_name(f"{path.name}.wal")).exists():
        message = (
            f"{log.name} lies there without its database, of which it holds the last changes.\n"
            f"    Put {path.name} back, or move {log.name} away."
        )
        raise StoreError(message)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new-{secrets.token_hex(4)}")
    try:
        with transaction(new) as con:
            lay_out(con)
        _put_in_place(new, path)
    finally:
        new.unlink(missing_ok=True)
        new.with_name(f"{new.name}.wal").unlink(missing_ok=True)


def _put_in_place(new: Path, path: Path) -> None:
    """Give a file its name, unless somebody else has given it to another meanwhile."""
    try:
        os.link(new, path)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        if not path.exists():
            new.rename(path)
