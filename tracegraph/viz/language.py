"""Words of a page in its language; `web/src/words.js` says the same in the browser."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from tracegraph.viz.page_text import own

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("en", "zh")


def words(lang: str, page: str = "words") -> dict[str, str]:
    """Words of a page, by the name of their file, in one of `LANGUAGES`.

    Raises
    ------
    ValueError
        If there is no such language.
    """
    if lang not in LANGUAGES:
        message = f"lang is {lang!r}; a page speaks {' or '.join(LANGUAGES)}."
        raise ValueError(message)
    found: dict[str, str] = json.loads(own(f"{page}.{lang}.json"))
    return found


def fill(known: Mapping[str, str], word: str, **blanks: int | str) -> str:
    """Text of a word with its blanks filled; "one|many" is chosen by `n`.

    Examples
    --------
    >>> fill({"found": "{n} person|{n} persons"}, "found", n=1_200)
    '1,200 persons'
    """
    one, *many = known[word].split("|")
    text = many[0] if many and blanks.get("n") != 1 else one
    if not blanks:
        return text
    told = {name: f"{v:,}" if isinstance(v, int) else v for name, v in blanks.items()}
    return re.sub(r"\{(\w+)\}", lambda blank: told.get(blank[1], ""), text)


def word_for(known: Mapping[str, str], what: str, value: str, n: int = 1) -> str:
    """Word for `n` of a tier, class or kind; the value itself where the language has none.

    Examples
    --------
    >>> word_for({"tier:case": "case|cases"}, "tier", "case", 2), word_for({}, "kind", "bus_stop")
    ('cases', 'bus stop')
    """
    forms = known.get(f"{what}:{value}", "").split("|")
    if forms[0]:
        return forms[0] if n == 1 else forms[-1]
    return value.replace("_", " ") if n == 1 else _plural(value)


def _plural(word: str) -> str:
    return word + "s" if word.isascii() and word[-1:].isalpha() and word[-1:] != "s" else word


def lasting(known: Mapping[str, str], minutes: float | None) -> str:
    """Length of time, such as "45 min"; nothing of none.

    Examples
    --------
    >>> lasting(words("en"), 200), lasting(words("zh"), 240), lasting({}, None)
    ('3 h 20 min', '4 小时', '')
    """
    if minutes is None:
        return ""
    hours, rest = divmod(math.floor(minutes + 0.5), 60)
    if hours < 3:
        return fill(known, "minutes", n=60 * hours + rest)
    return fill(known, "hours-minutes", h=hours, n=rest) if rest else fill(known, "hours", n=hours)


def counted(data: Mapping[str, Any]) -> list[str]:
    """Persons of each tier of a payload in words, such as "5 cases"."""
    number = np.bincount(np.array(data["persons"]["tier"], dtype=np.int64)).tolist()
    tiers, known = data["tiers"], data["words"]
    return [f"{n:,} {word_for(known, 'tier', tiers[k]['name'], n)}" for k, n in enumerate(number)]
