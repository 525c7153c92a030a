"""Text ids from Parquet to codes, without a string being built for a row: Arrow's dictionaries."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.rivals.question import Answer, Terms, TextTerms, Visits

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """Visits and terms in codes, with the texts of the persons."""

    visits: Visits
    terms: Terms
    persons: pa.Array

    def named(self, answer: Answer) -> Answer:
        """The same answer with texts for codes."""
        return replace(answer, person=self.persons.take(pa.array(answer.person)))


def read_codes(file: Path, terms: TextTerms) -> Coded:
    """Read a file of visits, ids as codes into one dictionary a column; row groups in parallel."""
    parts = pq.ParquetFile(file).metadata.num_row_groups
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        groups = list(threads.map(lambda i: _row_group(file, i), range(parts)))
    person, persons = _one_dictionary(_chunks(groups, "person_id"))
    location, locations = _one_dictionary(_chunks(groups, "location_id"))
    arrive, depart = (
        np.concatenate([_seconds(part, terms.origin) for part in _chunks(groups, name)])
        for name in ("arrive", "depart")
    )
    visits = Visits(person=person, location=location, arrive=arrive, depart=depart)
    persons = pa.concat_arrays([persons, _missing(terms.cases["person"], persons)])
    return Coded(visits=visits, terms=_in_codes(terms, persons, locations), persons=persons)


def _chunks(groups: list[pa.Table], name: str) -> list[pa.Array]:
    return [chunk for group in groups for chunk in group[name].chunks]


def _row_group(file: Path, i: int) -> pa.Table:
    """One row group; dictionaries are read as they stand."""
    source = pq.ParquetFile(file, read_dictionary=["person_id", "location_id"])
    columns = ["person_id", "location_id", "arrive", "depart"]
    return source.read_row_group(i, columns=columns, use_threads=False)


def _one_dictionary(parts: list[pa.DictionaryArray]) -> tuple[npt.NDArray[np.int32], pa.Array]:
    """Codes of all parts into one dictionary; equal dictionaries, the usual case, are free."""
    texts, codes = parts[0].dictionary, []
    for part in parts:
        own = part.indices.to_numpy()
        if not part.dictionary.equals(texts):
            fresh = part.dictionary.filter(pc.is_null(pc.index_in(part.dictionary, texts)))
            texts = pa.concat_arrays([texts, fresh])
            own = pc.index_in(part.dictionary, texts).to_numpy()[own]
        codes.append(own)
    return np.concatenate(codes).astype(np.int32, copy=False), texts


def _seconds(times: pa.Array, origin: np.datetime64) -> npt.NDArray[np.int32]:
    unit = times.type.unit
    a_second = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[unit]
    since = times.view(pa.int64()).to_numpy() - np.datetime64(origin, unit).astype(np.int64)
    return (since // a_second).astype(np.int32)


def _missing(wanted: pa.ChunkedArray, known: pa.Array) -> pa.Array:
    """Cases who were nowhere."""
    absent = pc.is_null(pc.index_in(wanted, known))
    return wanted.filter(absent).combine_chunks().cast(known.type)


def _in_codes(terms: TextTerms, persons: pa.Array, locations: pa.Array) -> Terms:
    place = terms.places
    at = pc.index_in(place["location"], locations)
    visited = pc.is_valid(at)
    at, place = at.filter(visited).to_numpy(), place.filter(visited)

    def by_code(column: str) -> npt.NDArray[Any]:
        values = np.zeros(len(locations), dtype=np.int32)
        values[at] = place[column].to_numpy()
        return values

    close = np.zeros(len(locations), dtype=bool)
    close[at] = True

    def code(ids: pa.ChunkedArray) -> npt.NDArray[np.int32]:
        found: npt.NDArray[np.int32] = pc.index_in(ids, persons).to_numpy()
        return found

    isolations = terms.isolations.filter(
        pc.is_valid(pc.index_in(terms.isolations["person"], persons))
    )
    return Terms(
        case=code(terms.cases["person"]),
        source=code(terms.windows["owner"]),
        start=terms.windows["since"].to_numpy(),
        end=terms.windows["until"].to_numpy(),
        isolated=code(isolations["person"]),
        away=isolations["away"].to_numpy(),
        close=close,
        least_1=by_code("least_1"),
        least_2=by_code("least_2"),
        linger=by_code("linger"),
        follow_up=terms.follow_up,
        as_of=terms.as_of,
        n_persons=len(persons),
    )
