"""The page on performance: words of ours, figures from the results, nothing typed by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.speed.alone import COUNTERS, HOSTILE
from benchmarks.speed.sides import ASOF, JOIN, NUMPY, OURS, SIDES
from benchmarks.speed.worker import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

BYTES_A_VISIT = 16
STAGES = {
    "ingest": "ingest",
    "index": "index",
    "one_shot": "first trace",
    "repeated": "repeated trace",
    "headline": "file to answer",
}
WORDS = {
    "one_place": "all at one place",
    "long_stays": "stays of months",
    "one_person": "half by one person",
    "equal_starts": "all start at once",
    "date_only": "dates without times",
    "everybody": "everybody traced",
}


def write(found: dict[str, Any]) -> str:
    """Page in Markdown."""
    templates = FileSystemLoader(ROOT / "benchmarks" / "speed")
    environment = Environment(  # Markdown of numbers, no HTML
        loader=templates, undefined=StrictUndefined, trim_blocks=True, autoescape=False  # noqa: S701
    )  # fmt: skip
    environment.filters.update(seconds=_seconds, thousands=_thousands)
    page = environment.get_template("performance.md.jinja")
    return page.render(
        found=found,
        world=_world,
        stages=_stages,
        ratios=_ratios,
        memory=_memory,
        self_joins=_self_joins(found),
        hostile=_hostile(found["hostile"]),
        growth=_growth(found["growth"]),
        pairs=_pairs(found["pairs"]),
        counted=_counted(found["counted"]),
        bandwidth=_bandwidth(found["city"]),
    ).rstrip() + "\n"  # fmt: skip


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Markdown table."""
    names = list(head)
    lines = [names, ["---"] * len(names), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


# ---- numbers in words


def _seconds(value: float) -> str:
    """Three figures, in seconds or milliseconds."""
    return f"{value:.3g} s" if value >= 1 else f"{1000 * value:.3g} ms"


def _thousands(value: float) -> str:
    return f"{value:,.0f}"


def _times(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _world(found: dict[str, Any]) -> str:
    cases = f"{found['cases']:,} case{'' if found['cases'] == 1 else 's'}"
    return (
        f"{found['people']:,} people, {found['visits']:,} visits, {cases}, "
        f"{found['traced']:.1%} of persons traced"
    )


# ---- tables


def _stages(found: dict[str, Any]) -> str:
    """Seconds of each stage on each side, and passes of tracegraph's."""
    one = found["pass"]["seconds"]["pass"]

    def row(stage: str) -> list[str]:
        taken = [found["sides"][side]["seconds"][stage] for side in SIDES]
        return [STAGES[stage], *map(_seconds, taken), _times(taken[0] / one)]

    return table(["stage", *SIDES, "tracegraph, in passes"], map(row, STAGES))


def _ratios(found: dict[str, Any]) -> str:
    """How many times as long as tracegraph the others take."""

    def ratio(stage: str, side: str) -> float:
        sides = found["sides"]
        return float(sides[side]["seconds"][stage] / sides[OURS]["seconds"][stage])

    def row(stage: str) -> list[str]:
        better = min(ASOF, key=lambda side: ratio(stage, side))
        return [
            STAGES[stage], f"{_times(ratio(stage, better))} ({better})",
            _times(ratio(stage, NUMPY)),
        ]  # fmt: skip

    return table(
        ["stage", "the better ASOF rival takes", "the NumPy search takes"],
        map(row, ("one_shot", "repeated", "headline")),
    )


def _memory(found: dict[str, Any]) -> str:
    def row(side: str) -> list[str]:
        peak = found["sides"][side]["peak"]
        a_visit = BYTES_A_VISIT * found["visits"]
        return [side, *(f"{peak[stage] / a_visit:.1f}" for stage in ("one_shot", "headline"))]

    return table(["side", "columns in memory, first trace", "file to answer"], map(row, SIDES))


def _self_joins(found: dict[str, Any]) -> str:
    def row(one: dict[str, Any]) -> list[str]:
        ours = one["ours"]["one_shot"]
        if one["seconds"] is None:
            taken, ratio = f"stopped after {one['cap']:.0f} s", f"over {_times(one['cap'] / ours)}"
        else:
            taken, ratio = _seconds(one["seconds"]), _times(one["seconds"] / ours)
        return [_world(one), _seconds(ours), taken, ratio]

    head = ["world", "tracegraph, first trace", "self-join", "times"]
    return table(head, map(row, found["self_join"].values()))


def _hostile(found: dict[str, Any]) -> str:
    def row(kind: str) -> list[str]:
        one = found[kind]
        times = [_times(one["times"][stage]) for stage in ("one_shot", "index", "repeated")]
        return [WORDS[kind], _thousands(one["visits"]), f"{one['traced']:.1%}", *times]

    head = ["set", "visits", "traced", "first trace, times", "index, times", "repeated, times"]
    return table(head, map(row, HOSTILE))


def _growth(found: dict[str, Any]) -> str:
    def row(point: dict[str, Any]) -> list[str]:
        taken = [_seconds(point["seconds"][s]) for s in ("one_shot", "index", "repeated")]
        return [_thousands(point["visits"]), f"{point['traced']:.1%}", *taken]

    head = ["visits", "traced", "first trace", "index", "repeated trace"]
    return table(head, map(row, found["points"]))


def _pairs(found: dict[str, Any]) -> str:
    def row(one: dict[str, Any]) -> list[str]:
        ours, theirs = (one["seconds"][side] for side in (OURS, JOIN))
        rows = one["rows"]
        return [
            _world(one), _thousands(rows), _thousands(rows / ours), _thousands(rows / theirs),
            _times(theirs / ours),
        ]  # fmt: skip

    head = ["world", "exposures", "tracegraph, a second", "DuckDB join, a second", "times"]
    return table(head, map(row, found.values()))


def _counted(found: dict[str, Any]) -> str:
    if "reason" in found:
        return f"Instructions and cache misses could not be counted: {found['reason']}."

    def row(stage: str) -> list[str]:
        one = found[stage]
        per_cycle = one["instructions"] / one["cycles"] if one["cycles"] else 0.0
        return [STAGES[stage], *(f"{one[name]:.2f}" for name in COUNTERS), f"{per_cycle:.2f}"]

    head = ["stage", *(f"{name} a visit" for name in COUNTERS), "instructions a cycle"]
    return table(head, map(row, ("one_shot", "repeated")))


def _bandwidth(found: dict[str, Any]) -> dict[str, str]:
    """Speed of memory by a copy, and the share of it that reading every column once would be."""
    copied = found["pass"]["copied"]
    columns = BYTES_A_VISIT * found["visits"]

    def near(seconds: float) -> str:
        return f"{columns / seconds / copied:.0%}"

    ours = found["sides"][OURS]["seconds"]
    return {
        "copied": f"{copied / 1e9:.1f}",
        "pass": near(found["pass"]["seconds"]["pass"]),
        "one_shot": near(ours["one_shot"]),
        "repeated": near(ours["repeated"]),
    }
