"""Traces beside the graph of a load: who was traced, and who exposed whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from tracegraph.errors import StoreError
from tracegraph.protocols.toml import to_toml
from tracegraph.stores.neo4j.connection import one, rows
from tracegraph.stores.neo4j.layout import LONGEST, keys_of
from tracegraph.stores.neo4j.reading import Stored, table
from tracegraph.stores.neo4j.writing import Batch, batches
from tracegraph.stores.saved import saved_by
from tracegraph.stores.saved_trace import FRAMES, LISTED, check_there, frames_of, verdicts

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from neo4j import ManagedTransaction

    from tracegraph.stores.saved_trace import SavedTrace
    from tracegraph.tracing.trace import Trace

_PLAIN = ("name", "protocol", "saved_by", "toml", "tz", "number")
_MOMENTS = ("as_of", "created")
_TOLD = ", ".join(
    [f"t.{name} AS {name}" for name in _PLAIN]
    + [f"t.{name}.epochSeconds AS {name}" for name in _MOMENTS]
    + [f"t.{frame} AS {frame}" for frame in FRAMES]
    + [f"t.{frame}_{what} AS {frame}_{what}" for frame in FRAMES for what in ("schema", "keys")]
)
_SET = ", ".join(
    [f"t.{name} = r.{name}" for name in _PLAIN[1:]]
    + [f"t.{name} = datetime({{epochSeconds: r.{name}, timezone: $zone}})" for name in _MOMENTS]
    + [f"t.{frame} = r.{frame}" for frame in FRAMES]
    + [f"t.{frame}_{what} = r.{frame}_{what}" for frame in FRAMES for what in ("schema", "keys")]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTrace:
    """A trace as it stands in a load: what its node says, and its tables."""

    told: dict[str, Any]
    tables: dict[str, pa.Table]

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.told["name"])


def kept(trace: Trace, name: str) -> KeptTrace:
    """A trace as it shall stand there.

    Raises
    ------
    StoreError
        If its name is none that Neo4j keeps.
    """
    if len(name.encode()) > LONGEST:
        message = (
            f"Neo4j does not keep the name of that trace: over {LONGEST:,} bytes."
            "\n    Pass another name."
        )
        raise StoreError(message)
    tables = frames_of(trace)
    told: dict[str, Any] = {
        "name": name,
        "protocol": trace.protocol.name,
        "saved_by": saved_by(),
        "toml": to_toml(trace.protocol),
        "tz": trace.graph.tz,
        "as_of": int(trace.as_of.timestamp()),
        "created": int(pd.Timestamp.now("UTC").timestamp()),
    }
    for frame, data in tables.items():
        told[frame] = data.num_rows
        told[f"{frame}_schema"] = data.schema.serialize().to_pybytes()
        told[f"{frame}_keys"] = list(keys_of(frame, data.schema).values())
    return KeptTrace(told=told, tables=tables)


# ---- into a load


def put(trace: KeptTrace, number: int) -> Iterator[Batch]:
    """Everything that writes a trace, which readers do not see yet."""
    told = {**trace.told, "number": number}
    text = f"CREATE (t:Trace {{load: $load, name: r.name, complete: false}}) SET {_SET}"
    yield Batch(text=text, rows=[told])
    yield from batches(trace.tables, is_new=False, trace=trace.name)


def show(transaction: ManagedTransaction, load: str, name: str) -> None:
    """Let readers see a trace."""
    text = "MATCH (t:Trace {load: $load, name: $name}) SET t.complete = true"
    rows(transaction, text, load=load, name=name)


def hide(transaction: ManagedTransaction, load: str, name: str) -> None:
    """Let no reader see a trace any more.

    Raises
    ------
    StoreError
        If there is none of that name.
    """
    check_there(name, names_of(transaction, load))
    text = "MATCH (t:Trace {load: $load, name: $name}) SET t.complete = false"
    rows(transaction, text, load=load, name=name)


def mark_persons(transaction: ManagedTransaction, load: str) -> None:
    """Give persons the tier of the newest trace, for those who look at the graph itself."""
    text = "MATCH (p:Person {load: $load}) WHERE p.tier IS NOT NULL REMOVE p.tier, p.trace"
    rows(transaction, text, load=load)
    if names := names_of(transaction, load):
        text = (
            "MATCH (t:Trace {load: $load, name: $name})-[x:TRACED]->(p:Person) "
            "SET p.tier = x.tier, p.trace = $name"
        )
        rows(transaction, text, load=load, name=names[-1])


# ---- out of one


def _all(transaction: ManagedTransaction, load: str) -> list[dict[str, Any]]:
    text = f"MATCH (t:Trace {{load: $load, complete: true}}) RETURN {_TOLD} ORDER BY t.number"
    return transaction.run(text, load=load).data()


def names_of(transaction: ManagedTransaction, load: str) -> list[str]:
    """Names of the traces, in the order in which they were saved."""
    text = "MATCH (t:Trace {load: $load, complete: true}) RETURN t.name ORDER BY t.number"
    return [str(name) for (name,) in rows(transaction, text, load=load)]


def next_number(transaction: ManagedTransaction, load: str) -> int:
    """Number that is higher than that of each trace."""
    found = one(transaction, "MATCH (t:Trace {load: $load}) RETURN max(t.number)", load=load)
    return 1 + (found[0] if found and found[0] is not None else 0)


def listed(transaction: ManagedTransaction, load: str) -> pd.DataFrame:
    """As `Store.traces`."""
    frame = pd.DataFrame(_all(transaction, load), columns=[*LISTED])
    for name in _MOMENTS:
        frame[name] = pd.to_datetime(frame[name].astype("int64"), unit="s", utc=True)
    typed: pd.DataFrame = frame.astype(LISTED)
    return typed


def get(transaction: ManagedTransaction, load: str, name: str) -> KeptTrace:
    """One trace.

    Raises
    ------
    StoreError
        If there is none of that name.
    """
    found = {told["name"]: told for told in _all(transaction, load)}
    check_there(name, list(found))
    told = found[name]
    tables = {frame: _table(transaction, load, told, frame) for frame in FRAMES}
    return KeptTrace(told=told, tables=tables)


def _table(
    transaction: ManagedTransaction, load: str, told: dict[str, Any], frame: str
) -> pa.Table:
    of = Stored.of(frame, told[f"{frame}_schema"], told[f"{frame}_keys"], told[frame])
    return table(transaction, load, of, trace=told["name"])


def found_by(trace: KeptTrace) -> SavedTrace:
    """What a trace found, as it was saved."""
    told = {name: trace.told[name] for name in ("toml", "as_of", "created", "saved_by")}
    return verdicts(trace.name, trace.tables, zone=trace.told["tz"], **told)
