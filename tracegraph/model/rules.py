"""What each rule of rejects and warnings means, in words that hold no cell of a table."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources


@cache
def rules(kind: str) -> dict[str, str]:
    """Meaning of each rule of ``"rejects"`` or ``"warnings"``, by its name.

    Examples
    --------
    >>> rules("rejects")["depart-before-arrive"]
    'A stay ends before it begins.'
    """
    text = resources.files("tracegraph.model").joinpath("rules.toml").read_text("utf-8")
    found: dict[str, str] = tomllib.loads(text)[kind]
    return found


def describe_rules() -> str:
    """Write the reference of all rules, as Markdown."""
    lines = []
    for kind, title in (("rejects", "Rejects"), ("warnings", "Warnings")):
        lines += [f"## {title}", "", "| rule | meaning |", "| --- | --- |"]
        lines += [f"| `{rule}` | {meaning} |" for rule, meaning in rules(kind).items()]
        lines.append("")
    return "\n".join(lines)
