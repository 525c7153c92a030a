"""The verdicts of a trace as a store gives them back."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from tracegraph.errors import StoreError
from tracegraph.protocols.toml import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tracegraph.model.graph import TraceGraph
    from tracegraph.protocols.protocol import Protocol
    from tracegraph.tracing.trace import Trace

FRAMES = ("tiers", "exposures", "venue_contacts")
"""Tables of a trace that are saved."""

LISTED = {
    **dict.fromkeys(("name", "protocol", "saved_by"), "str"),
    **dict.fromkeys(("as_of", "created"), "datetime64[s, UTC]"),
    **dict.fromkeys(FRAMES, "int64"),
}
"""Columns of `Store.traces`, and their types."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SavedTrace:
    """What a trace found, as it was saved. Made by `Store.read_trace`.

    Parameters
    ----------
    name : str
    protocol : Protocol
        Equal to the one that was traced by, sources included.
    as_of : Timestamp
        In the zone of the graph.
    created : Timestamp
        When it was saved, in UTC.
    saved_by : str
        Version of tracegraph.
    tiers, exposures, venue_contacts : DataFrame
        As of `Trace`, column for column and type for type; `exposures` holds all of them.
    """

    name: str
    protocol: Protocol
    as_of: pd.Timestamp
    created: pd.Timestamp
    saved_by: str
    tiers: pd.DataFrame
    exposures: pd.DataFrame
    venue_contacts: pd.DataFrame

    def __repr__(self) -> str:
        """Counts only: notebooks are mailed."""
        rows = ", ".join(f"{len(getattr(self, f)):,} {f.replace('_', ' ')}" for f in FRAMES)
        return f"<SavedTrace {self.name!r} by {self.protocol.name} as of {self.as_of}: {rows}>"


def verdicts(  # noqa: PLR0913  # what a store keeps of a trace
    name: str,
    frames: Mapping[str, pa.Table],
    *,
    toml: str,
    as_of: int,
    zone: str,
    created: int,
    saved_by: str,
) -> SavedTrace:
    """Verdicts of what a store keeps: moments are seconds since 1970."""
    return SavedTrace(
        name=name,
        protocol=parse(toml, where=f"the protocol of trace {name!r}"),
        as_of=_moment(as_of).tz_convert(zone),
        created=_moment(created),
        saved_by=saved_by,
        **{frame: frames[frame].to_pandas() for frame in FRAMES},
    )


def _moment(second: int) -> pd.Timestamp:
    return pd.Timestamp(int(second), unit="s", tz="UTC")


def frames_of(trace: Trace) -> dict[str, pa.Table]:
    """Tables of a trace, whose schemas tell how pandas had them."""
    frames = {
        "tiers": trace.tiers,
        "exposures": trace.exposures(),
        "venue_contacts": trace.venue_contacts,
    }
    return {name: as_arrow(frame) for name, frame in frames.items()}


def as_arrow(frame: pd.DataFrame) -> pa.Table:
    """Arrow table from which `to_pandas` makes an equal frame, type for type."""
    return pa.Table.from_pandas(frame, preserve_index=False)


def whole_graph_of(trace: Trace) -> TraceGraph:
    """Graph for a store that holds none: of all that is known, so that later rows may join it.

    Raises
    ------
    StoreError
        If rows were learnt after the moment of the trace: its graph is without them.
    """
    if trace.graph.left_out:
        message = (
            "the store holds no graph yet, and this trace knows only what was known at its "
            "moment.\n    Save the whole graph first: graph.save(target)."
        )
        raise StoreError(message)
    return trace.graph.of_all_times()


def free_name(trace: Trace, name: str | None, taken: Collection[str]) -> str:
    """Name for a trace, as asked for or made of protocol and moment.

    Raises
    ------
    StoreError
        If there is a trace of the name that was asked for, or it is no name.
    """
    if name is not None:
        _check_name(name, taken)
        return name
    made = f"{trace.protocol.name} as of {trace.as_of:%Y-%m-%d %H:%M}"
    numbered = (f"{made} ({number})" for number in count(2))
    return made if made not in taken else next(name for name in numbered if name not in taken)


def _check_name(name: str, taken: Collection[str]) -> None:
    if not isinstance(name, str) or not name.strip() or not _is_text(name):
        message = "a trace needs a name, which is a text.\n    Pass one, or leave name= out."
        raise StoreError(message)
    if name in taken:
        message = (
            f"there is a trace {name!r} already.\n"
            "    Pass another name, or delete that one first: store.delete_trace(name)."
        )
        raise StoreError(message)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:  # half a sign
        return False
    return True


def check_there(name: str, names: Collection[str]) -> None:
    """Raise for a name that no trace has.

    Raises
    ------
    StoreError
        With the names that there are.
    """
    if name not in names:
        listed = ", ".join(map(repr, names)) or "none"
        message = f"there is no trace {name!r}.\n    There are: {listed}."
        raise StoreError(message)
