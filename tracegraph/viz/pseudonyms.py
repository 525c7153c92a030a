"""Codes that stand for ids: six signs that only the holder of a key can lead back to an id.

A code is the start of an HMAC-SHA256 of the id under the key. With one key the same id has the
same code in every file; without the key nobody can try ids until one fits.
"""

from __future__ import annotations

import hmac
import secrets
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracegraph.model.graph import TraceGraph

What: TypeAlias = Literal["person", "location", "area"]

SIGNS = 6
"""Signs of a code, unless two ids of one file share them."""

LEAST_KEY = 16
"""Bytes that a key has at least."""

_LONGEST = 24  # 120 bits: no two ids share them
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_AS_READ = str.maketrans("ILO", "110")  # signs that Crockford's alphabet leaves out, as heard


def key_bytes(key: bytes | str | None) -> bytes:
    """Key as bytes; a fresh one where none is given.

    Raises
    ------
    ValueError
        If it is shorter than 16 bytes. The message doesn't quote it.

    Examples
    --------
    >>> len(key_bytes(None)), key_bytes("a key of the team")
    (32, b'a key of the team')
    """
    if key is None:
        return secrets.token_bytes(32)
    raw = key.encode() if isinstance(key, str) else bytes(key)
    if len(raw) < LEAST_KEY:
        message = (
            f"The key is shorter than {LEAST_KEY} bytes, and could be guessed.\n"
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
    ['B7QZRZ', 'S18JWN']
    """
    long = _long_codes(what, ids, key)
    length = [SIGNS] * len(long)
    shared = range(len(long))
    while shared:
        count = Counter(long[i][: length[i]] for i in range(len(long)))
        shared = [i for i in shared if count[long[i][: length[i]]] > 1 and length[i] < _LONGEST]  # type: ignore[assignment]
        for i in shared:
            length[i] += 1
    return [code[:n] for code, n in zip(long, length, strict=True)]


def _long_codes(what: What, ids: Iterable[object], key: bytes) -> list[str]:
    return [_code(hmac.digest(key, _message(what, value), "sha256")) for value in ids]


def _message(what: What, value: object) -> bytes:
    kind = "text" if isinstance(value, str) else "number"  # the id "7" is not the id 7
    return f"{what}\0{kind}\0{value}".encode(errors="surrogatepass")


def _code(digest: bytes) -> str:
    bits = int.from_bytes(digest[:15])
    return "".join(_CROCKFORD[bits >> shift & 31] for shift in range(115, -1, -5))


def identify(graph: TraceGraph, wanted: Sequence[str], *, key: bytes | str) -> pd.DataFrame:
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
    rows = []
    for told, code in asked.items():
        fits = [pair for long, pairs in known.items() if _fits(long, code) for pair in pairs]
        rows += [(told, what, value) for what, value in fits] or [(told, None, None)]
    return pd.DataFrame(rows, columns=["code", "what", "id"], dtype=object)


def _given(key: bytes | str | None) -> bytes:
    if key is None:
        message = "Codes can only be led back to ids with the key that they were made with: pass key=."
        raise ValueError(message)
    return key_bytes(key)


def _fits(long: str, code: str) -> bool:
    return len(code) >= SIGNS and long.startswith(code)
