"""Codes that stand for ids: six signs that only the holder of a key can lead back to an id.

A code is made of an HMAC-SHA256 of the id under the key. With one key the same id has the
same code in every file; without the key nobody can try ids until one fits.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tracegraph.model.graph import TraceGraph

What: TypeAlias = Literal["person", "location", "area"]

SIGNS = 6
"""Signs of a code, unless two ids of one file share them."""

LEAST_KEY = 16
"""Bytes that a key has at least."""

LEAST_DIFFERENT = 8
"""Different ones among them: sixteen zeros are no secret. A random key has far more."""

_LONGEST = 25  # a letter and 120 bits: no two ids share them
_CROCKFORD = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ"  # those of Crockford's signs that are no digits
_TO_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _CROCKFORD)
_AS_READ = str.maketrans("ILO", "110")  # signs that Crockford's alphabet leaves out, as heard


def key_bytes(key: bytes | str | None) -> bytes:
    """Key as bytes without the end of a line, as files have it; a fresh one where none is given.

    Raises
    ------
    ValueError
        If it is shorter than 16 bytes, or fewer than 8 of them differ. The message doesn't
        quote it.

    Examples
    --------
    >>> len(key_bytes(None)), key_bytes("a key of the team")
    (32, b'a key of the team')
    """
    if key is None:
        return secrets.token_bytes(32)
    raw = key.encode() if isinstance(key, str) else bytes(key)
    raw = raw.removesuffix(b"\n").removesuffix(b"\r")
    if len(raw) < LEAST_KEY or len(set(raw)) < LEAST_DIFFERENT:
        message = (
            f"The key is shorter than {LEAST_KEY} bytes, or fewer than {LEAST_DIFFERENT} of them "
            "differ: it could be guessed.\n"
            '    Make one: python -c "import secrets; print(secrets.token_hex(32))" > team.key'
        )
        raise ValueError(message)
    return raw


def codes(what: What, ids: Iterable[object], key: bytes) -> list[str]:
    """Code of each id, six signs, or more where two of these ids would share them.

    Parameters
    ----------
    what : {"person", "location", "area"}
        Part of what is hashed: a person and a place of one id have two codes.
    ids : iterable of str or int
        Each once.
    key : bytes

    Examples
    --------
    >>> codes("person", ["P1", "P2"], b"a key of the team")
    ['JNYDFX', 'FNH9FD']
    """
    long = _long_codes(what, ids, key)
    length = [SIGNS] * len(long)
    shared = _sharing(long, range(len(long)), SIGNS)
    for n in range(SIGNS + 1, _LONGEST + 1):
        for i in shared:
            length[i] = n
        shared = _sharing(long, shared, n)
    return [code[:n] for code, n in zip(long, length, strict=True)]


def _sharing(long: list[str], among: Iterable[int], n: int) -> list[int]:
    """Which of these codes begin with the same n signs as another of them."""
    among = list(among)
    count = Counter(long[i][:n] for i in among)
    return [i for i in among if count[long[i][:n]] > 1]


def _long_codes(what: What, ids: Iterable[object], key: bytes) -> list[str]:
    return [_code(hmac.digest(key, _message(what, value), "sha256")) for value in ids]


def _message(what: What, value: object) -> bytes:
    kind = "text" if isinstance(value, str) else "number"  # the id "7" is not the id 7
    return f"{what}\0{kind}\0{value}".encode(errors="surrogatepass")


def _code(digest: bytes) -> str:
    """A letter, then the first 120 bits in Crockford's signs, in the order of RFC 4648.

    The letter, of the bits that are left, keeps spreadsheets from taking a code for a number:
    they would read 00123 as 123, and 1234E5 as 123400000.
    """
    letter = _LETTERS[int.from_bytes(digest[15:]) % len(_LETTERS)]
    return letter + base64.b32encode(digest[:15]).translate(_TO_CROCKFORD).decode()


def identify(graph: TraceGraph, wanted: Iterable[str], *, key: bytes | str) -> pd.DataFrame:
    """Ids behind codes; see `TraceGraph.identify`."""
    raw = _given(key)
    asked = {code: code.strip().upper().translate(_AS_READ) for code in wanted}
    known: dict[str, list[tuple[str, object]]] = {}
    ids: dict[What, Any] = {
        "person": graph.person_ids, "location": graph.location_ids, "area": graph.area_ids,
    }  # fmt: skip
    starts = {code[:SIGNS] for code in asked.values()}
    for what, values in ids.items():
        for code, value in zip(_long_codes(what, values, raw), values, strict=True):
            if code[:SIGNS] in starts:
                known.setdefault(code, []).append((what, value))
    rows: list[tuple[str, str | None, object]] = []
    for told, code in asked.items():
        fits = [pair for long, pairs in known.items() if _fits(long, code) for pair in pairs]
        rows += [(told, what, value) for what, value in fits] or [(told, None, None)]
    return pd.DataFrame(rows, columns=["code", "what", "id"], dtype=object)


def _given(key: bytes | str | None) -> bytes:
    if key is None:
        message = "Only the key that codes were made with leads back to ids: pass key=."
        raise ValueError(message)
    return key_bytes(key)


def _fits(long: str, code: str) -> bool:
    return len(code) >= SIGNS and long.startswith(code)
