"""Text as it can be read: signs that hide or reorder their neighbours are made visible."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd

_JOINERS = "\u200c\u200d"  # they shape letters in Persian and Indic names, and move nothing
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_PLAIN = re.compile(r"[ -~\u00a1-\u00ac\u00ae-\u02ff\u4e00-\u9fff]*")  # none of these is hidden


def display_text(value: object) -> str:
    r"""Text of an id or a name, without characters that are unseen or reorder their neighbours.

    Control and format characters (right-to-left override, line separators, halves of surrogate
    pairs) become U+FFFD, so that what is read is what stands there, in a table and on a canvas.

    Examples
    --------
    >>> display_text("a\u202eb") == "a\ufffdb"
    True
    >>> display_text(7)
    '7'
    """
    text = str(value)
    if _PLAIN.fullmatch(text):
        return text
    return "".join("\ufffd" if _is_hidden(sign) else sign for sign in text)


def _is_hidden(sign: str) -> bool:
    return unicodedata.category(sign) in _HIDDEN and sign not in _JOINERS


def cell_text(value: object) -> str:
    """Text of a cell as a team would write it: times to the minute, whole numbers without ".0".

    Examples
    --------
    >>> cell_text(1982.0), cell_text(pd.Timestamp("2022-05-09 14:51", tz="Asia/Shanghai"))
    ('1982', '2022-05-09 14:51')
    """
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return display_text(value)
