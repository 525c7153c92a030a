"""Protocols that differ: deriving one from another, and showing in what two differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from tracegraph.errors import ProtocolError
from tracegraph.protocols.leaves import HEADER, leaves, rule
from tracegraph.protocols.protocol import CHANGED, Protocol, Provenance
from tracegraph.protocols.toml import Tree, build, near_names, plain_tree, preset_names, read_preset

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Differences:
    """Leaves in which two protocols differ: path, ours, theirs; None where one has no such leaf.

    Iterates over its rows, is false if there are none, and prints as a diff.
    """

    rows: tuple[tuple[str, object, object], ...]

    def __iter__(self) -> Iterator[tuple[str, object, object]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        lines = []
        for path, ours, theirs in self.rows:
            lines += [f"- {path} = {_shown(ours)}"] if ours is not None else []
            lines += [f"+ {path} = {_shown(theirs)}"] if theirs is not None else []
        return "\n".join(lines)

    __repr__ = __str__


def changed(protocol: Protocol, changes: Mapping[str, Any]) -> Protocol:
    """Protocol with these leaves changed; see `Protocol.derive`."""
    tree = plain_tree(protocol)
    tree["base"] = protocol.base or protocol.name
    tree["name"] = protocol.name if protocol.name.endswith("+") else f"{protocol.name}+"
    for name, value in changes.items():
        _put(tree, _full_path(name, tree), value)
    try:
        derived = build(tree)
    except ProtocolError as error:
        msg = f"derive: {error}"
        raise ProtocolError(msg) from error
    return msgspec.structs.replace(derived, provenance=_origins(protocol, derived))


def differences(ours: Protocol, theirs: Protocol) -> Differences:
    """Leaves in which two protocols differ, in the order of the fields."""
    left, right = dict(leaves(ours)), dict(leaves(theirs))
    paths = [p for p in left | right if p not in ("name", "base")]
    return Differences(
        tuple((p, left.get(p), right.get(p)) for p in paths if left.get(p) != right.get(p))
    )


def describe(protocol: Protocol) -> str:
    """Diff from its base for a derived protocol; else title and a count of our own values."""
    if protocol.base in preset_names():
        diff = differences(read_preset(protocol.base), protocol)
        verb = "differs from" if diff else "equals"
        end = f":\n{diff}" if diff else ""
        return f"{protocol.name} {verb} {protocol.base}{end}"
    origins = protocol.provenance.values()
    read = sum(origin.confidence == "read" for origin in origins)
    unconfirmed = sum(origin.confidence == "unconfirmed" for origin in origins)
    working = sum(origin.confidence == "working" for origin in origins)
    return (
        f"{protocol.name}: {protocol.title}\n"
        f"Numbers: {read} read in their text, {unconfirmed} unconfirmed, {working} working values."
    )


def _origins(before: Protocol, after: Protocol) -> dict[str, Provenance]:
    """Provenance of a derived protocol: kept where the leaf is, marked where it changed."""
    old, new = rule(before), rule(after)
    kept = {path: origin for path, origin in before.provenance.items() if path in new}
    ours = Provenance(source=CHANGED, confidence="working")
    return kept | {path: ours for path, value in new.items() if old.get(path) != value}


def _full_path(name: str, tree: Tree) -> list[str]:
    """Find the steps to a leaf; a bare name is one of the header, `window` or `exposure`."""
    if "." in name or name in ("zones", *HEADER):
        return name.split(".")
    for section in ("window", "exposure"):
        if name in tree[section]:
            return [section, name]
    known = [*tree["window"], *tree["exposure"]]
    places = [f"tier.{i}.{name}" for i, tier in enumerate(tree["tier"]) if name in tier]
    if places:
        msg = f"derive: {name!r} needs its path, such as derive(**{{{places[0]!r}: …}})"
    else:
        msg = f"derive: {name!r} is no leaf. {near_names(name, known)}"
    raise ProtocolError(msg)


def _put(tree: Tree, steps: list[str], value: object) -> None:
    """Set one value in nested dicts and lists; None takes a section away."""
    path = ".".join(steps)
    at: Any = tree
    for i, step in enumerate(steps[:-1]):
        at = _step(at, step, path, may_add=i == 1 and steps[0] in ("kind", "contact"))
    last = steps[-1]
    if isinstance(at, list):
        if value is None and last == str(len(at) - 1):
            at.pop()
            return
        msg = f"derive: {path}: only the last of {len(at)} can be taken away, by None"
        raise ProtocolError(msg)
    if value is None and len(steps) == 2 and steps[0] in ("kind", "contact"):
        if last not in at:
            msg = f"derive: {path} is not there. {near_names(last, list(at))}"
            raise ProtocolError(msg)
        del at[last]
        return
    if isinstance(at.get(last), (dict, list)) and not isinstance(value, (list, tuple, type(None))):
        msg = f"derive: {path} is a section; change its leaves, such as {path}.{_first(at[last])}"
        raise ProtocolError(msg)
    at[last] = value


def _step(at: Any, step: str, path: str, *, may_add: bool) -> Any:  # noqa: ANN401
    """Member of a dict or list."""
    if isinstance(at, list) and step.isdigit() and int(step) < len(at):
        return at[int(step)]
    if isinstance(at, dict) and isinstance(at.get(step), (dict, list)):
        return at[step]
    if isinstance(at, dict) and may_add:
        return at.setdefault(step, {})
    known = [str(i) for i in range(len(at))] if isinstance(at, list) else list(at)
    msg = f"derive: {path}: there is no {step!r} here. {near_names(step, known)}"
    raise ProtocolError(msg)


def _first(section: Any) -> str:  # noqa: ANN401
    return "0" if isinstance(section, list) else next(iter(section), "…")


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_shown, value))}]"
    return repr(value) if isinstance(value, str) else str(value)
