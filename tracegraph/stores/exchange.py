"""A new folder in the place of an old one: whoever stops the exchange finds one of them whole.

The new one is filled beside the place, under a hidden name. Then the old one is moved aside,
and the new one in. A kill between these two leaves both under hidden names; the next
exchange puts the old one back first.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from glob import escape
from typing import TYPE_CHECKING

from tracegraph.errors import TableError
from tracegraph.stores.paths import told_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextlib.contextmanager
def in_place_of(folder: Path) -> Iterator[Path]:
    """Give a new folder to fill; once it is filled, it takes the place of another."""
    mark = secrets.token_hex(4)
    with told_of(folder):
        new, old = (folder.with_name(f".{folder.name}.{word}-{mark}") for word in ("new", "old"))
        folder.parent.mkdir(parents=True, exist_ok=True)
        new.mkdir()
    try:
        yield new
        _exchange(folder, new, old)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _exchange(folder: Path, new: Path, old: Path) -> None:
    if not folder.exists():
        new.rename(folder)
        return
    shutil.copymode(folder, new)
    folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:  # an interrupt from the keyboard too
        _undo(folder, old)
        raise
    shutil.rmtree(old)


def _undo(folder: Path, old: Path) -> None:
    """Put the old folder back; let it go if somebody else has put one there meanwhile."""
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
    else:
        old.rename(folder)


def bring_back(folder: Path) -> None:
    """Put back the folder that lies beside its place, as an exchange was killed amidst."""
    left = left_behind(folder)
    if len(left) == 1 and not folder.exists():
        left[0].rename(folder)


def left_behind(folder: Path) -> list[Path]:
    """Whole folders beside the place of one, which were there before an exchange was killed."""
    return sorted(folder.parent.glob(f".{escape(folder.name)}.old-*"))


def check_exchangeable(folder: Path, text: str) -> None:
    """Raise if the folder that is there cannot be exchanged: half of that would lose it.

    Raises
    ------
    TableError
        If it cannot be written to, is a mount point, or is where Python works.
    """
    if not os.access(folder, os.W_OK | os.X_OK):
        why = "cannot be written to.\n    Make it writable, or pass another folder."
    elif folder.is_mount() or folder.samefile("."):
        what = "a mount point" if folder.is_mount() else "the folder in which Python works"
        why = f"is {what}, and cannot be replaced as a whole.\n    Pass a folder inside it."
    else:
        return
    message = f"{text} {why}"
    raise TableError(message)
