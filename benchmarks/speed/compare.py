"""The stages of one world on every side: equal rows first, then seconds."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

from benchmarks.speed import sides
from benchmarks.speed.worker import run

if TYPE_CHECKING:
    from benchmarks.speed.worlds import World

VOID_FROM = 0.20
"""Share of persons traced from which a figure says nothing about an ordinary world."""


class DisagreementError(AssertionError):
    """Two sides gave different rows: no figure of this run counts."""


class VoidError(AssertionError):
    """Too many persons are traced for an ordinary world."""


def agree(digests: dict[str, list[str]]) -> None:
    """Raise unless all digests are one."""
    if len({digest for given in digests.values() for digest in given}) > 1:
        message = f"the sides disagree: {digests}"
        raise DisagreementError(message)


def refuse_void(facts: dict[str, Any]) -> None:
    """Raise where a world of the ordinary kind traces one person in five, or more."""
    if facts["kind"] != "everybody" and facts["traced"] >= VOID_FROM:
        message = f"{facts['traced']:.0%} of persons traced: void from {VOID_FROM:.0%} on"
        raise VoidError(message)


def stages(world: World, warm: World, runs: int) -> dict[str, Any]:
    """Seconds of every stage on every side, and memory, after all have agreed."""
    refuse_void(world.facts)
    common = {"world": world.folder, "warm": warm.folder}
    held = {side: run("in_memory", side=side, runs=runs, **common) for side in sides.SIDES}
    agree({side: found["digests"] for side, found in held.items()})
    read = {
        side: [run("from_file", side=side, **common) for _ in range(max(1, runs - 1))]
        for side in sides.SIDES
    }
    agree({side: [d for one in found for d in one["digests"]] for side, found in read.items()})
    return {
        **world.facts,
        "pass": run("passes", world=world.folder),
        "sides": {side: _together(held[side], read[side]) for side in sides.SIDES},
    }


def _together(held: dict[str, Any], read: list[dict[str, Any]]) -> dict[str, Any]:
    best = {
        name: min(one["seconds"][name] for one in read) for name in ("ingest", "headline")
    }  # fmt: skip
    return {
        "seconds": {**held["seconds"], **best},
        "peak": {"one_shot": held["peak"], "headline": max(one["peak"] for one in read)},
    }


def self_join(world: World, warm: World, runs: int, cap: float) -> dict[str, Any]:
    """The self-join beside tracegraph, both from columns in memory; stopped after `cap` seconds."""
    refuse_void(world.facts)
    common = {"world": world.folder, "warm": warm.folder, "runs": runs}
    mine = run("in_memory", side=sides.OURS, **common)
    found: dict[str, Any] = {**world.facts, "ours": mine["seconds"], "cap": cap}
    try:
        other = run("in_memory", side=sides.SELF_JOIN, cap=cap, **common)
    except subprocess.TimeoutExpired:
        return {**found, "seconds": None}
    agree({sides.OURS: mine["digests"], sides.SELF_JOIN: other["digests"]})
    return {**found, "seconds": other["seconds"]["one_shot"]}


def pairs(world: World, warm: World, runs: int) -> dict[str, Any]:
    """Exposures a second, streamed by tracegraph and by DuckDB's join."""
    common = {"world": world.folder, "warm": warm.folder, "runs": runs}
    found = {side: run("pairs", side=side, **common) for side in (sides.OURS, sides.JOIN)}
    agree({side: one["digests"] for side, one in found.items()})
    agree({side: [f"{one['rows']} rows"] for side, one in found.items()})
    return {
        **world.facts,
        "rows": found[sides.OURS]["rows"],
        "seconds": {side: one["seconds"]["pairs"] for side, one in found.items()},
    }
