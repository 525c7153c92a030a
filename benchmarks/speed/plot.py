"""The plot of cost over size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.speed.alone import STAGES
from benchmarks.speed.compare import VOID_FROM

if TYPE_CHECKING:
    from pathlib import Path

LABELS = {"one_shot": "first trace", "index": "index", "repeated": "repeated trace"}
MARKS = {"one_shot": "o", "index": "s", "repeated": "^"}


def draw(growth: dict[str, Any], file: Path) -> None:
    """Seconds over visits, both logarithmic, with the fitted exponents."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6.4, 4), layout="constrained")
    for stage in STAGES:
        points = [(p["visits"], p["seconds"][stage]) for p in growth["points"]]
        exponent = growth["exponent"][stage]
        label = LABELS[stage] + (f", exponent {exponent:.2f}" if exponent is not None else "")
        axes.loglog(*zip(*points, strict=True), marker=MARKS[stage], label=label)
    void = [p for p in growth["points"] if p["traced"] >= VOID_FROM]
    if void:
        axes.plot(
            [p["visits"] for p in void], [p["seconds"]["one_shot"] for p in void], "kx",
            label="one in five traced: not fitted",
        )  # fmt: skip
    axes.set_xlabel("visits")
    axes.set_ylabel("seconds")
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend()
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110, metadata={"Software": None} if file.suffix == ".png" else None)
    plt.close(figure)
