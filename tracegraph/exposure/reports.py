"""Exposure by a contact that somebody reported: certain to have happened, not when (RULE 18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tracegraph.exposure._jit import kernel
from tracegraph.exposure.encounters import REPORTED, UNTIMED, Encounters
from tracegraph.exposure.isolation import reported_pairs

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.exposure.isolation import IsolationBook
    from tracegraph.exposure.presence import World
    from tracegraph.exposure.windows import Windows
    from tracegraph.model.facts import Codes, Ticks
    from tracegraph.model.graph import TraceGraph
    from tracegraph.protocols.protocol import Protocol


def reported_exposures(
    graph: TraceGraph,
    protocol: Protocol,
    book: IsolationBook,
    windows: Windows,
    world: World,
    *,
    place: str = "close",
) -> Encounters:
    """Reported contacts of class `place` that meet a window of either side.

    In the outer world the meeting is where the reported interval meets a piece. In the
    inner world the whole interval must lie in one piece; its moment being unknown, the
    exposure has certainly begun by the last second and certainly not ended before the
    first, so `start` is that last second and `end` one past the first.
    """
    one, other, location, together = reported_pairs(graph, protocol)
    told = graph.facts.contacts
    classes = [protocol.contact_of(k).place == place for k in (*graph.contact_kinds, None)]
    lo = np.tile(told.lo, 2)
    hi = np.minimum(np.tile(told.hi, 2), np.int32(graph.now))
    wanted = np.tile(np.array(classes)[told.kind], 2) & (lo < hi) & windows.is_source[one]
    one, other, location = one[wanted], other[wanted], location[wanted]
    row, start, end = _meet(
        book.window_id(one, location, together[wanted]), lo[wanted], hi[wanted],
        windows.begin, windows.start, windows.end, world == "inner",
    )  # fmt: skip
    untimed = np.full(len(row), UNTIMED, dtype=np.int32)
    return Encounters(
        source=one[row], target=other[row], location=location[row], start=start, end=end,
        seconds=untimed, together=untimed,
        channel=np.full(len(row), REPORTED, dtype=np.int8), seated=np.zeros(len(row), dtype=bool),
    )  # fmt: skip


@kernel
def _meet(
    window: Codes, lo: Ticks, hi: Ticks,
    begin: npt.NDArray[np.int64], start: Ticks, end: Ticks, wholly: bool,
) -> tuple[Codes, Ticks, Ticks]:  # fmt: skip
    room = 0
    for w in window:
        room += begin[w + 1] - begin[w]
    row = np.empty(room, dtype=np.int32)
    came, left = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.int32)
    n = 0
    for i in range(window.size):
        for k in range(begin[window[i]], begin[window[i] + 1]):
            if wholly and start[k] <= lo[i] and hi[i] <= end[k]:
                row[n], came[n], left[n] = i, hi[i] - 1, lo[i] + 1
                n += 1
            elif not wholly and max(lo[i], start[k]) < min(hi[i], end[k]):
                row[n], came[n], left[n] = i, max(lo[i], start[k]), min(hi[i], end[k])
                n += 1
    return row[:n].copy(), came[:n].copy(), left[:n].copy()
