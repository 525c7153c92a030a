"""Kinds of places that a page may say aloud: a team's own word may say whose place it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
"""Kinds that may be said, besides those that the protocol names."""


def said_kind(kind: str, protocol: Protocol) -> str:
    """Kind as it may be said: itself if it is known, else "other".

    Examples
    --------
    >>> from tracegraph.protocols.protocol import Protocol
    >>> said_kind("Wang's workshop", Protocol.named("china-8"))
    'other'
    """
    return kind if kind in KNOWN_KINDS or kind in protocol.kind else OTHER
