"""What a graph was last asked: kept for the next trace, which most often asks the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracegraph.model.graph import TraceGraph

T = TypeVar("T")


def remembered(graph: TraceGraph, name: str, asked: object, make: Callable[[], T]) -> T:
    """Answer of `make`, or the last one of that name if the same was asked: there may be many."""
    kept = graph.cache.get((name,))
    if kept is None or kept[0] != asked:
        kept = graph.cache[(name,)] = (asked, make())
    answer: T = kept[1]
    return answer
