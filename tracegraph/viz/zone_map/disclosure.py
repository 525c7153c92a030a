"""What the public version of a page of zones leaves out, so that nobody is told of.

Counts of people and of households are rounded to ten, person-days to a hundred. An area with
fewer than `FEWEST_HOUSEHOLDS` households or `FEWEST` people is told of as a part of the smallest
area around it that has as many: no id, no name, no count, no clause, no date. Whatever else is
said of an area comes from columns and from the protocol, never from a text about single cases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracegraph.zones.redraw.files import FEWEST as FEWEST, FEWEST_HOUSEHOLDS as FEWEST_HOUSEHOLDS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tracegraph.protocols.protocol import ZoneLabel, Zones


FEWER = -1
"""Stands for a count below ten."""

LEVELS = frozenset({
    "country", "province", "prefecture", "city", "county", "district", "township", "town",
    "street", "subdistrict", "community", "village", "natural_village", "village_group", "group",
    "grid", "compound", "block", "building", "unit", "floor",
    "省", "州", "市", "县", "区", "旗", "乡", "镇", "乡镇", "街道", "社区", "村", "行政村",
    "自然村", "组", "村组", "网格", "小区", "楼", "楼栋", "楼宇", "单元", "楼层",
})  # fmt: skip
"""Words for levels; any other is a text of the team's own and is not told."""


def rounded(count: int) -> int:
    """Count to the nearest ten; `FEWER` below ten.

    Examples
    --------
    >>> [rounded(n) for n in (0, 9, 14, 15, 2_663)]
    [-1, -1, 10, 20, 2660]
    """
    return FEWER if count < FEWEST else (count + 5) // 10 * 10


def conditions(zones: Zones, label: ZoneLabel, words: Mapping[str, str]) -> str:
    """What the protocol waits for before a zone ends, in words of the page.

    Examples
    --------
    >>> from tracegraph import Protocol
    >>> words = {"until-case": "{n} days without a case", "until-screening": "{share} screened"}
    >>> words |= {"until-contact": "more than {n} days past a contact", "and": "; "}
    >>> words |= {"until-tested": "who is clear"}
    >>> conditions(Protocol.named("china-8").zones, "control", words)
    '14 days without a case; more than 14 days past a contact; who is clear; 100% screened'
    """
    zone, release = zones.zone_of(label), zones.release_of(label)
    if label == "precaution" and (zone is None or zone.release is None):
        return words["until-zones"]
    if release is None:
        return words["until-order"]
    days = {
        "until-case": release.days_without_case,
        "until-contact": release.contact_days,
        "until-tested": release.contact_days if release.contact_negative else None,
        "until-screening": release.screening_days,
    }
    share = f"{release.screening_share * 100:g}%"
    told = (words[key].format(n=n, share=share) for key, n in days.items() if n is not None)
    return words["and"].join(told)


def level_told(level: str, known: Collection[str] = ()) -> str:
    """Level of an area, if it is a word for levels; see `LEVELS`."""
    return level if level.lower() in LEVELS or level in known else ""
