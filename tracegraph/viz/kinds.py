"""Kinds of places that a page may say aloud: a team's own word may say whose place it is."""

from __future__ import annotations

from functools import cache

from tracegraph.protocols.protocol import Protocol

OTHER = "other"

KNOWN_KINDS = frozenset(
    {
        *("home", "ward", "dormitory", "class", "school", "office", "workshop", "factory", "farm"),
        *("market", "mall", "shop", "restaurant", "table", "canteen", "hotel", "gym", "park"),
        *("car", "taxi", "bus", "coach", "train", "metro", "plane", "ship", "vehicle", "station"),
        *("hospital", "clinic", "pharmacy", "shelter", "isolation_site", "checkpoint", "street"),
        *("site", "church", OTHER),
    }
)
"""Kinds that may be said, besides those that a preset names."""


def said_kind(kind: str) -> str:
    """Kind as it may be said: itself if we or a preset of ours know it, else "other".

    A protocol of the team's own may name a kind too, but that makes it no less the team's word.

    Examples
    --------
    >>> said_kind("market"), said_kind("game_room"), said_kind("Wang's workshop")
    ('market', 'game_room', 'other')
    """
    return kind if kind in KNOWN_KINDS or kind in _kinds_of_presets() else OTHER


@cache
def _kinds_of_presets() -> frozenset[str]:
    return frozenset().union(*(Protocol.named(name).kind for name in Protocol.names()))
