"""Exposures as a stream of Arrow batches: counted first, and never all in memory at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tracegraph.errors import TooLargeError
from tracegraph.exposure.encounters import CHANNELS
from tracegraph.exposure.isolation import NOWHERE
from tracegraph.tracing.evidence import CLASSES, Evidence
from tracegraph.tracing.tables import CERTAINTY, clause, minutes

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    import pandas as pd

    from tracegraph.exposure.hops import WorldView
    from tracegraph.model.facts import Flags

BATCH_ROWS = 500_000
"""Rows that a batch has at most, unless one person has more."""

MAX_ROWS = 20_000_000
"""Rows above which a data frame is refused: about 3 GB."""


def check_size(rows: int) -> None:
    """Refuse a data frame of more than `MAX_ROWS` exposures.

    Raises
    ------
    TooLargeError
        With the number of rows, and what to do instead.
    """
    if rows > MAX_ROWS:
        message = (
            f"a data frame of {rows:,} exposures is refused: more than {MAX_ROWS:,} rows.\n"
            "    Take trace.exposures(batches=True), which streams them; tier= picks one tier."
        )
        raise TooLargeError(message)


def exposure_batches(
    evidence: Evidence, number: npt.NDArray[np.int64], rows: int = BATCH_ROWS
) -> Iterator[pa.RecordBatch]:
    """Yield the exposures of the persons who have some by `number`, all of a person together.

    See `Trace.exposures` for the columns. Ids, kinds and clauses come as dictionaries: no text
    is written twice.
    """
    words = Words.of(evidence.outer)
    for who in chunks(number, rows):
        yield words.batch(evidence.rows(who, until=False))


def chunks(number: npt.NDArray[np.int64], at_most: int) -> Iterator[Flags]:
    """Sets of persons, by code, whose exposures add up to `at_most`, or of a single person."""
    people = np.flatnonzero(number)
    total = np.concatenate([[0], np.cumsum(number[people])])
    start = 0
    while start < len(people):
        fits = int(np.searchsorted(total, total[start] + at_most, side="right")) - 1
        stop = max(fits, start + 1)
        chosen = np.zeros(len(number), dtype=bool)
        chosen[people[start:stop]] = True
        yield chosen
        start = stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Ids of persons and places as Arrow arrays, made once for all batches."""

    view: WorldView
    persons: pa.Array
    locations: pa.Array

    @classmethod
    def of(cls, view: WorldView) -> Words:
        """Take the ids of a graph."""
        graph = view.graph
        return cls(
            view=view,
            persons=pa.array(graph.person_ids, from_pandas=True),
            locations=pa.array(graph.location_ids, from_pandas=True),
        )

    def batch(self, rows: pd.DataFrame) -> pa.RecordBatch:
        """Rows of `Evidence.rows` as a batch."""
        return pa.record_batch({
            "contact_id": _picked(self.persons, rows["target"]),
            "tier": pa.array(rows["tier"], type=pa.int8()),
            "source_id": _picked(self.persons, rows["source"]),
            "location_id": _picked(self.locations, rows["location"]),
            "start": self._moments(rows["start"]),
            "end": self._moments(rows["end"]),
            "minutes": pa.array(minutes(rows["seconds"]), from_pandas=True),
            "minutes_together": pa.array(minutes(rows["together"]), from_pandas=True),
            "class": _picked(pa.array(CLASSES), rows["class"]),
            "channel": _picked(pa.array(CHANNELS), rows["channel"]),
            "certainty": _picked(pa.array(CERTAINTY), rows["certain"].astype(np.int32)),
            "clause": self._clauses(rows),
        })  # fmt: skip

    def _moments(self, seconds: pd.Series[int]) -> pa.Array:
        clock = self.view.graph.calendar
        epoch = seconds.to_numpy(np.int64) + clock.epoch
        return pa.array(epoch).cast(pa.timestamp("s", clock.tz))

    def _clauses(self, rows: pd.DataFrame) -> pa.Array:
        """By which clause each row is an exposure: a text for each tier, class and kind."""
        kinds = (*self.view.graph.kinds, None)
        place = rows["location"].to_numpy()
        kind = np.append(self.view.graph.facts.locations.kind, NOWHERE)[place] % len(kinds)
        axes = (len(self.view.protocol.tier) + 1, len(CLASSES), len(kinds))
        key = np.ravel_multi_index((rows["tier"], rows["class"], kind), axes)
        told = np.flatnonzero(np.bincount(key, minlength=math.prod(axes)))
        texts = [
            clause(self.view.protocol, int(t), CLASSES[c], kinds[k])
            for t, c, k in zip(*np.unravel_index(told, axes), strict=True)
        ]
        position = np.zeros(math.prod(axes), dtype=np.int32)
        position[told] = np.arange(len(told))
        return pa.DictionaryArray.from_arrays(position[key], pa.array(texts, type=pa.string()))


def _picked(values: pa.Array, codes: pd.Series[int]) -> pa.Array:
    """Values by code, without writing them out; -1 is missing."""
    code = codes.to_numpy(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(code, mask=code == NOWHERE), values)
