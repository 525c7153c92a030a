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

    from tracegraph.protocols.protocol import Condition, Criterion, Protocol, ZoneLabel
    from tracegraph.zones.tree import AreaTree

    Flags: TypeAlias = npt.NDArray[np.bool_]

LABELS: tuple[ZoneLabel, ...] = ("none", "precaution", "control", "lockdown")
"""Zone labels, the weakest first."""

BY_HAND = "judge by hand"
"""How a reason begins that no criterion can judge."""

_SAYS = {
    "cases_resident_infectious": ("case", "cases", "lived here while infectious"),
    "cases_stayed": ("case", "cases", "stayed here while infectious"),
    "case_minutes": ("minute", "minutes", "of stays of cases while infectious"),
    "exposures": ("exposure", "exposures", "to cases here"),
    "positives_resident": (
        "person", "persons", "living here found positive and in no row of cases yet"
    ),
    "close_contacts_resident": ("close contact", "close contacts", "with their homes here"),
    "close_contacts_exposed": ("close contact", "close contacts", "exposed here"),
    "venue_contacts": ("venue contact", "venue contacts", "met here"),
    "activity_minutes": ("minute", "minutes", "of cases at places of work or activity"),
    "activity_contacts": (
        "close contact", "close contacts", "exposed at places of work or activity"
    ),
    "hard_to_trace": ("person", "persons", "who met a case there, unnamed and on no roll"),
}  # fmt: skip
"""How a reason says an amount of evidence: of one, of several, and what of them."""


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
    for number, criterion in enumerate(_criteria(protocol, label)):
        holds = judged(tree, level, criterion.levels) & reached(criterion, evidence)
        for area, words in in_words(protocol, label, number, holds, evidence).items():
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
        for number, criterion in enumerate(_criteria(protocol, label)):
            inside = tree.nearest(judged(tree, level, criterion.levels)) != NOWHERE
            loose = reached(criterion, direct) & ~inside & ~tree.are_finest()
            for area, words in in_words(protocol, label, number, loose, direct).items():
                notes.setdefault(area, []).append(words)
    return {
        area: f"{BY_HAND}, at places that lie in no smaller area: {'; '.join(words)}"
        for area, words in notes.items()
    }


def _criteria(protocol: Protocol, label: ZoneLabel) -> tuple[Criterion, ...]:
    zone = protocol.zones.zone_of(label) if protocol.zones else None
    return zone.criteria if zone else ()


def reached(criterion: Criterion, evidence: pd.DataFrame) -> Flags:
    """Areas, at any level, with as much of all evidence as the criterion asks for."""
    holds = np.ones(len(evidence), dtype=bool)
    conditions: tuple[Criterion | Condition, ...] = (criterion, *criterion.also)
    for condition in conditions:
        if condition.evidence not in evidence.columns:
            msg = (
                f"a zone criterion names the evidence {condition.evidence!r}, which "
                f"trace.zones() does not have.\n    Name one of {', '.join(_SAYS)}."
            )
            raise ProtocolError(msg)
        holds &= evidence[condition.evidence].to_numpy(np.float64) >= condition.at_least
    return holds


def in_words(
    protocol: Protocol, label: ZoneLabel, number: int, areas: Flags, evidence: pd.DataFrame
) -> dict[int, str]:
    """Say why a criterion holds in some areas: amounts, thresholds, whose thresholds they are."""
    criterion = _criteria(protocol, label)[number]
    path = f"zones.{label}.criteria.{number}"
    at = np.flatnonzero(areas)
    parts = [_amounts(protocol, criterion, f"{path}.at_least", f"{label} ", at, evidence)]
    for k, condition in enumerate(criterion.also):
        parts.append(_amounts(protocol, condition, f"{path}.also.{k}.at_least", "", at, evidence))
    texts = [" and ".join(words) for words in zip(*parts, strict=True)]
    return dict(zip(at.tolist(), texts, strict=True))


def _amounts(  # noqa: PLR0913  # one step of `in_words`
    protocol: Protocol,
    condition: Criterion | Condition,
    path: str,
    label: str,
    at: npt.NDArray[np.int64],
    evidence: pd.DataFrame,
) -> list[str]:
    one, several, what = _SAYS[condition.evidence]
    origin = protocol.provenance.get(path)
    whose = {"working": ", a working value of tracegraph", "unconfirmed": ", unconfirmed"}
    mark = whose.get(origin.confidence, "") if origin else ""
    amounts = np.rint(evidence[condition.evidence].to_numpy(np.float64)[at]).astype(np.int64)
    return [
        f"{amount:,} {one if amount == 1 else several} {what} "
        f"({label}from {condition.at_least:g}{mark})"
        for amount in amounts.tolist()
    ]
