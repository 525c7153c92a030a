"""What the public version of a page of zones leaves out, so that nobody is told of.

Of an area with fewer than `FEWEST` households neither id, name, reason nor counts are told, only
that it is a part of the smallest area around it that has as many. In all other texts counts of
one to four become "fewer than 5". Where a sum is told and all its parts but a small one would
be, the counts of those parts are left out too, so that nobody can take them off the sum.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy.typing as npt

    Whole: TypeAlias = npt.NDArray[np.int64]

FEWEST = 5
"""Households, and persons in a count, from which a page tells of them; a working value of
tracegraph."""

LEVELS = frozenset({
    "country", "province", "prefecture", "city", "county", "district", "township", "town",
    "street", "subdistrict", "community", "village", "natural_village", "village_group", "group",
    "grid", "compound", "block", "building", "unit", "floor",
    "省", "州", "市", "县", "区", "旗", "乡", "镇", "乡镇", "街道", "社区", "村", "行政村",
    "自然村", "组", "村组", "网格", "小区", "楼", "楼栋", "楼宇", "单元", "楼层",
})  # fmt: skip
"""Words for levels; any other is a text of the team's own and is not told."""

_AMOUNT = re.compile(r"(?<![\w.:/-])(\d[\d,]*(?:\.\d+)?)(?![\w:/-]|\.\d)")
_NO_COUNT = re.compile(r"(\([^()]*\bfrom\b[^()]*\)|\d{4}-\d{2}-\d{2})")
_FOUND_SO_FAR = re.compile(r"\s*\((?:now|nobody)\b[^()]*\)")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_ONE = re.compile(
    rf"(fewer than {FEWEST} )(case|exposure|minute|close contact|secondary contact|venue contact|"
    r"contact|person|household|resident)\b(?!s)"
)


def reason_told(text: str, unsaid: Collection[str]) -> str:
    """Reason without small counts, and without the parts that name what is not to be named.

    Thresholds of a clause, in brackets, are no counts of people. Of a part with a small number
    that is no whole one, such as a risk, only what stands before its colon is told.

    Examples
    --------
    >>> reason_told("1 case lived here (lockdown from 1); 36 contacts met; in unit U7: x", {"U7"})
    'fewer than 5 cases lived here (lockdown from 1); 36 contacts met'
    """
    kept = [_without_small(part) for part in text.split("; ") if not names_any(part, unsaid)]
    return "; ".join(dict.fromkeys(part for part in kept if part))


def _without_small(part: str) -> str:
    pieces = _NO_COUNT.split(part)  # every second one is a threshold or a date
    amounts = [
        amount.replace(",", "") for piece in pieces[::2] for amount in _AMOUNT.findall(piece)
    ]
    if any("." in amount and float(amount) < FEWEST for amount in amounts):
        head, colon, _ = part.partition(": ")
        return _without_small(head) if colon else ""
    for k in range(0, len(pieces), 2):
        said = _AMOUNT.sub(lambda found: _at_least(found[1]), pieces[k])
        pieces[k] = _ONE.sub(r"\1\2s", said)
    return "".join(pieces)


def _at_least(amount: str) -> str:
    return f"fewer than {FEWEST}" if 0 < float(amount.replace(",", "")) < FEWEST else amount


def waiting_told(text: str, unsaid: Collection[str]) -> str:
    """What a release waits for, without what was found so far.

    Examples
    --------
    >>> waiting_told("14 days without a case; a clean screening (now 3 % negative, 1 positive)", ())
    '14 days without a case; a clean screening'
    """
    parts = _FOUND_SO_FAR.sub("", text).split("; ")
    return "; ".join(part for part in parts if not names_any(part, unsaid))


def note_told(text: str, unsaid: Collection[str]) -> str:
    """Note on the data without small counts and without cells that it quotes.

    Examples
    --------
    >>> note_told("crs is 'GCJ-02': 3 places lie in no area", ())
    'crs is …: fewer than 5 places lie in no area'
    """
    return reason_told(_QUOTED.sub("…", text), unsaid)


def names_any(text: str, unsaid: Collection[str]) -> bool:
    """Whether a text holds one of these as words of their own."""
    return any(
        name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in unsaid
    )


def level_told(level: str, known: Collection[str] = ()) -> str:
    """Level of an area, if it is a word for levels; see `LEVELS`."""
    return level if level.lower() in LEVELS or level in known else ""


def roll_up(parent: Whole, households: Whole) -> Whole:
    """Households of each area and of all that lies in it."""
    total, at, carried = households.copy(), parent.copy(), households
    while (at >= 0).any():
        on = at >= 0
        np.add.at(total, at[on], carried[on])
        at = np.where(on, parent[at], -1)
    return total


def large_enough(parent: Whole, households: Whole) -> Whole:
    """Smallest area with enough households that is, or is around, each area; -1 where none is.

    Examples
    --------
    >>> large_enough(np.array([-1, 0, 0]), np.array([40, 3, 37])).tolist()
    [0, 0, 2]
    """
    at = np.arange(parent.size)
    while (small := (at >= 0) & (households[at] < FEWEST)).any():
        at[small] = parent[at[small]]
    return at


def beside_small(parent: Whole, finest: Whole, small: npt.NDArray[np.bool_]) -> list[bool]:
    """Whether each finest area, or another in the same area around it, is small."""
    around = parent[finest]
    beside: list[bool] = np.isin(around, around[small[finest]]).tolist()
    return beside
