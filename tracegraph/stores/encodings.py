"""Text of a file whose encoding may have to be guessed: charset-normalizer proposes.

Few letters fit many encodings. Among those that fit, the one wins under which the header
has most known names.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracegraph.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from charset_normalizer import CharsetMatch

    from tracegraph.model.reading.findings import Findings

_WRITTEN = (
    "utf_8", "utf_16", "utf_32", "utf_16_le", "utf_16_be", "gb18030", "big5", "cp932", "cp949",
    "euc_jp", "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257",
    "cp1258", "cp874",
)  # fmt: skip
"""What spreadsheets and databases write, the likelier of two that fit alike first."""

_SAMPLE = 200_000  # bytes; more do not change a guess
_BREAK = re.compile(r"\r\n|\r|\n")
_HIGH = re.compile(rb"[\x80-\xff]")
_SOUND = 4  # valid letters for each broken one, above which a text is damaged UTF-8


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A text and the encoding that it was read in."""

    text: str
    encoding: str
    is_guess: bool = False


def decode(
    data: bytes, file: str, *, stated: str | None, recognised: Callable[[str], int]
) -> Decoded:
    """Decode a whole file.

    Parameters
    ----------
    data : bytes
    file : str
        For messages.
    stated : str, optional
        Encoding that the user names.
    recognised : function of a text
        How many names of columns its header has.

    Raises
    ------
    TableError
        If the bytes are no text in the encoding stated, or in any.
    """
    if stated is not None:
        return Decoded(text=_as_stated(data, stated, file), encoding=stated)
    if _is_wide(data):
        return _guessed(data, file, recognised)
    try:
        return Decoded(text=_plain(data, "utf-8"), encoding="utf-8")
    except UnicodeDecodeError as error:
        if data.startswith(codecs.BOM_UTF8) or _is_damaged_utf8(data):
            raise _broken(data, error, "utf-8", file) from error
    return _guessed(data, file, recognised)


def warn_of_guess(table: str, file: str, found: Decoded, findings: Findings) -> None:
    """Tell that the encoding of a file was guessed."""
    if found.is_guess:
        findings.warn(
            table,
            file=file,
            rule="encoding-guessed",
            message=f"{file} does not say its encoding: read as {found.encoding}",
            mend=f'If names look wrong, state the encoding: encoding = "{found.encoding}" in '
            "tracegraph.toml, or tg.read(…, encoding=…). Or save the file in UTF-8.",
        )


def _guessed(data: bytes, file: str, recognised: Callable[[str], int]) -> Decoded:
    for encoding in _fitting(_sample(data), recognised):
        try:
            text = _plain(data, encoding)
        except UnicodeDecodeError:
            continue
        return Decoded(text=text, encoding=encoding, is_guess=encoding not in ("utf_16", "utf_32"))
    message = (
        f"{file} is in no encoding that is known, or is no text at all.\n"
        '    Save it as "CSV UTF-8", or state its encoding: tg.read(…, encoding="gb18030").'
    )
    raise TableError(message)


def _fitting(sample: bytes, recognised: Callable[[str], int]) -> list[str]:
    """Encodings that fit, the best first."""
    from charset_normalizer import from_bytes

    def rank(match: CharsetMatch) -> tuple[bool, int, float, float, int]:
        known = recognised(_plain(sample, match.encoding))
        return (not match.bom, -known, match.chaos, -match.coherence, _likelihood(match))

    matches = from_bytes(sample, cp_isolation=list(_WRITTEN))
    return [_WRITTEN[_likelihood(match)] for match in sorted(matches, key=rank)]


def _likelihood(match: CharsetMatch) -> int:
    """Place in `_WRITTEN` of a match, or of an encoding that reads it to the same letters."""
    same = {match.encoding, *match.could_be_from_charset}
    return min(i for i, encoding in enumerate(_WRITTEN) if encoding in same)


def _sample(data: bytes) -> bytes:
    """Header and the first lines that tell encodings apart, cut at the end of a line."""
    if len(data) <= _SAMPLE or b"\0" in data[:_SAMPLE]:
        return data[: _SAMPLE - _SAMPLE % 4]
    header = data[: data.find(b"\n") + 1]
    found = _HIGH.search(data, len(header))
    start = data.rfind(b"\n", 0, found.start()) + 1 if found else len(header)
    end = data.rfind(b"\n", start, start + _SAMPLE) + 1
    return header + data[start : end or start + _SAMPLE]


def _plain(data: bytes, encoding: str) -> str:
    return data.decode(encoding).removeprefix("\ufeff")


def _as_stated(data: bytes, encoding: str, file: str) -> str:
    try:
        return _plain(data, encoding)
    except UnicodeError as error:
        raise _broken(data, error, encoding, file) from error


def _broken(data: bytes, error: UnicodeError, encoding: str, file: str) -> TableError:
    where = ""
    if isinstance(error, UnicodeDecodeError):
        before = data[: error.start].decode(encoding, errors="replace")
        where = f": line {len(_BREAK.findall(before)) + 1} has other bytes"
    return TableError(
        f"{file} is not in {encoding}{where}.\n"
        "    Correct that line, state another encoding, or save the file in UTF-8."
    )


def _is_wide(data: bytes) -> bool:
    """Whether letters of ASCII have two bytes or four: to the letter that is UTF-8 too."""
    top = data[:_SAMPLE]
    return top.count(b"\0") * 3 > len(top)


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether nearly all letters are UTF-8: then another encoding would garble them all."""
    text = _sample(data).decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    return sum(letter > "\x7f" for letter in text) - broken > _SOUND * broken
