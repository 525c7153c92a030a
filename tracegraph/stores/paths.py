"""Paths as callers write them, and what is said where the system refuses one."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from tracegraph.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator


def path_of(text: str) -> Path:
    """Path of a text, in which ~ is the home of the user.

    Raises
    ------
    StoreError
        If it holds a NUL, or a user's home is not known.
    """
    if "\0" in text:
        message = "the path holds the sign NUL, which no file has in its name.\n    Take it out."
        raise StoreError(message)
    try:
        return Path(text).expanduser()
    except RuntimeError:
        message = "the path begins with ~, and that home is not known.\n    Write it in full."
        raise StoreError(message) from None


@contextlib.contextmanager
def told_of(path: Path) -> Iterator[None]:
    """Say in a StoreError what the system has against a path.

    Raises
    ------
    StoreError
        If it cannot be reached or made: a parent is a file, a name too long, links run in a ring.
    """
    try:
        yield
    except StoreError:
        raise
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: links, before Python 3.13
        why = getattr(error, "strerror", None) or "its links or its name lead nowhere"
        message = f"{_short(path.name)} cannot be reached or made: {why}.\n    Look at its folder."
        raise StoreError(message) from error


def _short(name: str, most: int = 60) -> str:
    return name if len(name) <= most else f"{name[:most]}…"


def text_of(target: str | bytes | os.PathLike[str] | os.PathLike[bytes]) -> str:
    """Text of a path or address."""
    return os.fsdecode(target)
