"""Which areas a protocol's criteria put into a zone, and why.

A criterion judges whole areas. A finest area is judged by the nearest area around it,
itself included, of a level that the criterion names; where it lies in none, by itself.
Evidence rolls up, demands do not: a township is no lockdown because a building in it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tracegraph.errors import ProtocolError
from tracegraph.zones.tree import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pandas as pd

    from tracegraph.protocols.protocol import Criterion, Protocol, ZoneLabel
    from tracegraph.zones.tree import AreaTree

    Flags: TypeAlias = npt.NDArray[np.bool_]

LABELS: tuple[ZoneLabel, ...] = ("none", "precaution", "control", "lockdown")
"""Zone labels, the weakest first."""

_SAYS = {
    "cases_resident_infectious": ("case", "lived here while infectious"),
    "cases_stayed": ("case", "stayed here while infectious"),
    "case_minutes": ("minute", "of stays of cases while infectious"),
    "exposures": ("exposure", "to cases here"),
    "close_contacts_resident": ("close contact", "with their homes here"),
    "close_contacts_exposed": ("close contact", "exposed here"),
    "venue_contacts": ("venue contact", "met here"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A label that criteria demand for one area."""

    area: int
    label: ZoneLabel
    clause: str
    reason: str


def judged(tree: AreaTree, level: Sequence[str], levels: Sequence[str]) -> Flags:
    """Areas that a criterion with these levels judges; () = the finest."""
    finest = tree.are_finest()
    at_level = np.isin(np.asarray(level, dtype=object), list(levels))
    judge = tree.nearest(at_level)
    judge = np.where(judge == NOWHERE, np.arange(len(tree)), judge)
    flags = np.zeros(len(tree), dtype=bool)
    flags[judge[finest]] = True
    return flags


def demands(
    protocol: Protocol,
    label: ZoneLabel,
    tree: AreaTree,
    level: Sequence[str],
    evidence: pd.DataFrame,
) -> list[Demand]:
    """Areas for which some criterion of `label` holds, each with all its reasons."""
    found: dict[int, list[tuple[str, str]]] = {}
    for number, criterion in _criteria(protocol, label):
        holds = judged(tree, level, criterion.levels) & reached(criterion, evidence)
        for area in np.flatnonzero(holds).tolist():
            words = in_words(protocol, label, number, area, evidence)
            found.setdefault(area, []).append((criterion.clause, words))
    return [
        Demand(
            area=area,
            label=label,
            clause=said[0][0],
            reason="; ".join(words for _, words in said),
        )
        for area, said in sorted(found.items())
    ]


def unjudged(
    protocol: Protocol, tree: AreaTree, level: Sequence[str], direct: pd.DataFrame
) -> dict[int, str]:
    """Reasons that lie directly in an area which no criterion judges, by area.

    `direct` is the evidence of places that lie in each area but in none of its parts.
    """
    notes: dict[int, list[str]] = {}
    for label in LABELS[:1:-1]:
        for number, criterion in _criteria(protocol, label):
            inside = tree.nearest(judged(tree, level, criterion.levels)) != NOWHERE
            loose = reached(criterion, direct) & ~inside & ~tree.are_finest()
            for area in np.flatnonzero(loose).tolist():
                words = in_words(protocol, label, number, area, direct)
                notes.setdefault(area, []).append(words)
    return {
        area: f"judge by hand, at places that lie in no smaller area: {'; '.join(words)}"
        for area, words in notes.items()
    }


def _criteria(protocol: Protocol, label: ZoneLabel) -> list[tuple[int, Criterion]]:
    zone = protocol.zones.zone_of(label) if protocol.zones else None
    return list(enumerate(zone.criteria)) if zone else []


def reached(criterion: Criterion, evidence: pd.DataFrame) -> Flags:
    """Areas, at any level, with as much evidence as the criterion asks for."""
    name = criterion.evidence
    if name not in evidence.columns:
        msg = (
            f"a zone criterion names the evidence {name!r}, which trace.zones() does not have.\n"
            f"    Name one of {', '.join(_SAYS)}."
        )
        raise ProtocolError(msg)
    return evidence[name].to_numpy(np.float64) >= criterion.at_least


def in_words(
    protocol: Protocol, label: ZoneLabel, number: int, area: int, evidence: pd.DataFrame
) -> str:
    """Say why a criterion holds: the amount, the threshold, whose threshold it is."""
    criterion = dict(_criteria(protocol, label))[number]
    name = criterion.evidence
    thing, what = _SAYS.get(name, (name, ""))
    amount = round(evidence[name].to_numpy(np.float64)[area])
    origin = protocol.provenance.get(f"zones.{label}.criteria.{number}.at_least")
    whose = {"working": ", a working value of tracegraph", "unconfirmed": ", unconfirmed"}
    mark = whose.get(origin.confidence, "") if origin else ""
    things = thing if amount == 1 else f"{thing}s"
    return f"{amount:,} {things} {what} ({label} from {criterion.at_least:g}{mark})"
