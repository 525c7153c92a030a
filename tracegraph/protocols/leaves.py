"""The leaves of a protocol: every value by its dotted path, such as `tier.0.minutes`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from tracegraph.protocols.protocol import Part, Protocol, Tier

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

Path: TypeAlias = str

HEADER = ("name", "title", "edition", "reference", "in_force", "note", "base")
"""Fields that describe a protocol and decide nothing."""

NOT_STATED = "not stated"
"""Source, in tables, of a number that a file gives without one."""


def leaves(part: Part, prefix: Path = "") -> Iterator[tuple[Path, object]]:
    """Every leaf that says something, in the order of the fields.

    Left out are provenance and leaves that are off: at a default of None, 0, False or
    empty, and `accumulate_hours` where nothing accumulates.
    """
    for field in part.__struct_fields__:
        value = getattr(part, field)
        if field == "provenance" or _is_off(part, field, value):
            continue
        path = f"{prefix}{field}"
        for name, member in members(value):
            yield from leaves(member, f"{path}{name}.")
        if not _is_section(value):
            yield path, value


def numbers(protocol: Protocol) -> Iterator[tuple[Path, object]]:
    """Leaves that are a number or several."""
    for path, value in leaves(protocol):
        if is_number(value):
            yield path, value


def members(value: object) -> Iterator[tuple[str, Part]]:
    """Parts inside a value, each with what its path adds."""
    if isinstance(value, Part):
        yield "", value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield f".{name}", member
    elif isinstance(value, tuple):
        for i, member in enumerate(value):
            if isinstance(member, Part):
                yield f".{i}", member


def is_number(value: object) -> bool:
    """Whether a leaf is a number, or a tuple or list of numbers; truth values are none."""
    if isinstance(value, (tuple, list)):
        return bool(value) and all(is_number(each) for each in value)
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def rule(protocol: Protocol) -> dict[Path, object]:
    """Leaves that decide something, by path: all but the header."""
    return {path: value for path, value in leaves(protocol) if path not in HEADER}


def table(protocol: Protocol) -> pd.DataFrame:
    """One row a leaf of the rule: path, value, source, confidence."""
    import pandas as pd

    rows = []
    for path, value in rule(protocol).items():
        origin = protocol.provenance.get(path)
        unknown = NOT_STATED if is_number(value) else ""
        rows.append(
            {
                "path": path,
                "value": value,
                "source": origin.source if origin else unknown,
                "confidence": origin.confidence if origin else "",
            }
        )
    return pd.DataFrame(rows, columns=["path", "value", "source", "confidence"])


def _is_section(value: object) -> bool:
    return isinstance(value, dict) or any(True for _ in members(value))


def _is_off(part: Part, field: str, value: object) -> bool:
    """Whether a leaf is left at a default that says nothing."""
    if isinstance(part, Tier) and field == "accumulate_hours" and part.accumulate == "none":
        return value == _defaults(Tier)[field]
    default = _defaults(type(part)).get(field)
    return value == default and default in (None, 0, "", (), (None, None))


@cache
def _defaults(part: type[Part]) -> dict[str, object]:
    return {f.name: f.default for f in msgspec.structs.fields(part) if not f.required}
