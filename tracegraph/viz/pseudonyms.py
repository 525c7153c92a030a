"""Names that a picture may show: pseudonyms whose numbers tell nothing of the ids."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np

REVEALABLE = ("ids", "names")
"""What `reveal=` may name."""

KNOWN_KINDS = frozenset(
    {
        *("home", "ward", "dormitory", "class", "school", "office", "workshop", "factory", "farm"),
        *("market", "mall", "shop", "restaurant", "table", "canteen", "hotel", "gym", "park"),
        *("car", "taxi", "bus", "coach", "train", "metro", "plane", "ship", "vehicle", "station"),
        *("hospital", "clinic", "pharmacy", "shelter", "isolation_site", "checkpoint", "street"),
        *("site", "church", "other"),
    }
)
"""Kinds of place that a page may say aloud, besides those that the protocol names."""

_JOINERS = {"\u200c", "\u200d"}  # they shape letters in Persian and Indic names, and move nothing
_TIER_WORDS = ("case", "contact", "secondary", "tertiary")


def check_reveal(reveal: Collection[str]) -> frozenset[str]:
    """Words of `reveal=`, checked.

    Raises
    ------
    ValueError
        If a word is none of `REVEALABLE`.

    Examples
    --------
    >>> sorted(check_reveal(("ids",)))
    ['ids']
    """
    words = (reveal,) if isinstance(reveal, str) else reveal
    unknown = sorted(set(words) - set(REVEALABLE))
    if unknown:
        message = f"reveal does not know {unknown[0]!r}; it takes {' and '.join(REVEALABLE)}."
        raise ValueError(message)
    return frozenset(words)


def display_text(value: object) -> str:
    r"""Text of an id or a name, without characters that are unseen or reorder their neighbours.

    Control and format characters (right-to-left override, line separators) become U+FFFD,
    so that what is read is what stands there, in a table and on a canvas alike.

    Examples
    --------
    >>> display_text("a\u202eb") == "a\ufffdb"
    True
    >>> display_text(7)
    '7'
    """
    return "".join(
        "\ufffd" if unicodedata.category(sign) in _HIDDEN and sign not in _JOINERS else sign
        for sign in str(value)
    )


_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def tier_word(tier: int) -> str:
    """Word that a pseudonym of this tier begins with.

    Examples
    --------
    >>> tier_word(1), tier_word(5)
    ('contact', 'tier-5')
    """
    return _TIER_WORDS[tier] if tier < len(_TIER_WORDS) else f"tier-{tier}"


def numbered(
    groups: pd.Series[Any], first_seen: pd.Series[pd.Timestamp], rng: np.random.Generator
) -> pd.Series[str]:
    """Pseudonyms "group 1", "group 2", … in the order of `first_seen`.

    Ties, and rows that were never seen, stand in random order: the order of the rows, which is
    the order of the ids, leaves no trace.

    Parameters
    ----------
    groups : Series of str
        The word before the number; each word counts on its own.
    first_seen : Series of datetime
        On the same index; may be missing.
    rng : numpy.random.Generator
        Fresh entropy, so that nobody can run the shuffle backwards.

    Returns
    -------
    Series of str
        On the index of `groups`.

    Examples
    --------
    >>> import numpy as np
    >>> words = pd.Series(["case", "case"], index=["b", "a"])
    >>> seen = pd.to_datetime(pd.Series(["2022-05-02", "2022-05-01"], index=["b", "a"]))
    >>> numbered(words, seen, np.random.default_rng()).to_dict()
    {'b': 'case 2', 'a': 'case 1'}
    """
    order = pd.DataFrame(
        {
            "group": groups.to_numpy(),
            "seen": first_seen.to_numpy(),
            "chance": rng.permutation(len(groups)),
        }
    ).sort_values(["group", "seen", "chance"], na_position="last")
    number = order.groupby("group", sort=False).cumcount() + 1
    names = order["group"].astype(str) + " " + number.astype(str)
    return pd.Series(names.sort_index().to_numpy(), index=groups.index, dtype="object")
