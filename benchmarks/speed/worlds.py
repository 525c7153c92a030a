"""Worlds to measure in, saved once: columns of integers, a folder with text ids, the question."""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import tracegraph as tg
from benchmarks.rivals.question import (
    Terms,
    TextTerms,
    Visits,
    answer_of,
    terms_of,
    text_terms_of,
    visits_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tracegraph.datasets.dataset import Dataset
    from tracegraph.model.graph import TraceGraph

PROTOCOL = "china-8"
VISITS_A_PERSON = 43
COLUMNS = ("person", "location", "arrive", "depart")


@dataclass(frozen=True)
class World:
    """A saved world, read piece by piece as a stage wants it."""

    folder: Path

    @property
    def text(self) -> Path:
        """Folder for `tracegraph.read`."""
        return self.folder / "text"

    @property
    def facts(self) -> dict[str, Any]:
        """Numbers of people and visits, who is traced, digests of the answers."""
        found: dict[str, Any] = json.loads((self.folder / "facts.json").read_text())
        return found

    def visits(self) -> Visits:
        """The four columns."""
        return Visits(**{name: np.load(self.folder / f"{name}.npy") for name in COLUMNS})

    def terms(self) -> Terms:
        """Terms in codes."""
        found: Terms = _unpickled(self.folder / "terms.pickle")
        return found

    def text_terms(self) -> TextTerms:
        """Terms with text ids."""
        found: TextTerms = _unpickled(self.folder / "text-terms.pickle")
        return found

    def graph(self) -> TraceGraph:
        """Graph of the integer columns."""
        origin, visits = self.text_terms().origin, self.visits()
        frame = pd.DataFrame({
            "person_id": visits.person,
            "location_id": visits.location,
            "arrive": origin + visits.arrive.astype("timedelta64[s]"),
            "depart": origin + visits.depart.astype("timedelta64[s]"),
        })  # fmt: skip
        rest = {n: pd.read_parquet(self.folder / f"{n}.parquet") for n in ("cases", "locations")}
        return tg.TraceGraph(tz="Asia/Shanghai", visits=frame, **rest)


def make(kind: str, n_visits: int, seed: int) -> Dataset:
    """City, or hostile set, of about so many visits; ids are integers."""
    if kind == "city":
        return tg.datasets.city(max(100, round(n_visits / VISITS_A_PERSON)), seed=seed)
    return tg.datasets.hostile(kind, n_visits, seed=seed)


def save(folder: Path, kind: str, n_visits: int, seed: int) -> World:
    """Make a world and write it in every form that a stage starts from."""
    folder.mkdir(parents=True)
    tables = make(kind, n_visits, seed).tables
    graph = tg.TraceGraph(tz="Asia/Shanghai", **tables)
    trace = graph.trace(PROTOCOL)
    visits = visits_of(trace.graph)
    for name, column in visits.columns().items():
        np.save(folder / f"{name}.npy", column)
    for name in ("cases", "locations"):
        _coded(tables[name], graph).to_parquet(folder / f"{name}.parquet", index=False)
    _write_texts(folder / "text", _coded(tables["visits"], graph), folder)
    _pickle(folder / "terms.pickle", terms_of(trace))
    words = _words("P", len(graph.person_ids)), _words("L", len(graph.location_ids))
    _pickle(folder / "text-terms.pickle", text_terms_of(trace, *words))
    answer = answer_of(trace)
    facts = {
        "kind": kind,
        "people": len(graph.person_ids),
        "visits": len(visits),
        "cases": len(tables["cases"]),
        "traced": len(answer) / len(graph.person_ids),
        "exposures": trace.n_exposures,
    }
    (folder / "facts.json").write_text(json.dumps(facts))
    return World(folder)


def _coded(table: pd.DataFrame, graph: TraceGraph) -> pd.DataFrame:
    """Ids replaced by the graph's codes, so that all sides speak of the same numbers."""
    ids = {"person_id": graph.person_ids, "location_id": graph.location_ids}
    codes = {
        name: pd.Index(ids[name]).get_indexer(table[name]).astype(np.int32)
        for name in ids
        if name in table
    }
    return table.assign(**codes)


def _write_texts(folder: Path, visits: pd.DataFrame, coded: Path) -> None:
    """Visits and locations as Parquet with plain text ids, the cases as CSV."""
    folder.mkdir()
    cases, locations = (pd.read_parquet(coded / f"{n}.parquet") for n in ("cases", "locations"))
    _write_parquet(visits, folder / "visits.parquet")
    _write_parquet(locations, folder / "locations.parquet")
    _with_texts(cases).to_csv(folder / "cases.csv", index=False)
    (folder / "tracegraph.toml").write_text('format = 1\ntz = "Asia/Shanghai"\n')


def _write_parquet(table: pd.DataFrame, file: Path) -> None:
    """Write texts, not categories: as Polars, DuckDB or Spark would have."""
    arrow = pa.Table.from_pandas(_with_texts(table), preserve_index=False)
    plain = [
        pa.field(f.name, pa.string()) if pa.types.is_dictionary(f.type) else f
        for f in arrow.schema
    ]  # fmt: skip
    pq.write_table(arrow.cast(pa.schema(plain)), file)


def _with_texts(table: pd.DataFrame) -> pd.DataFrame:
    letters = {"person_id": "P", "location_id": "L"}
    return table.assign(
        **{name: _texts(table[name], letters[name]) for name in letters if name in table}
    )


def _texts(codes: pd.Series[int], letter: str) -> pd.Categorical:
    words = _words(letter, int(codes.max()) + 1)
    return pd.Categorical.from_codes(codes, categories=pd.Index(words, dtype="str"))


def _words(letter: str, size: int) -> list[str]:
    return [f"{letter}{code:07d}" for code in range(size)]


def _pickle(file: Path, value: object) -> None:
    file.write_bytes(pickle.dumps(value))


def _unpickled(file: Path) -> Any:
    return pickle.loads(file.read_bytes())  # noqa: S301  # written above
