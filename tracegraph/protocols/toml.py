"""Protocols as TOML: presets and users' files, read and written.

A leaf is a plain value, or a table `{ value = 2, source = "…", confidence = "read" }`, or
`{ working = 15 }`, which stands for a working value of tracegraph. A name in braces inside
a source, such as `{plan}`, stands for that entry of `[sources]`. `include = ["places"]`
takes in a part from `presets/parts`; what the file says itself comes first.
"""

from __future__ import annotations

import datetime as dt
import difflib
import json
import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from tracegraph.errors import ProtocolError
from tracegraph.protocols.leaves import leaves, members, numbers
from tracegraph.protocols.protocol import CHANGED, WORKING_VALUE, Part, Protocol, Provenance

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

Tree: TypeAlias = dict[str, Any]

PRESETS = resources.files("tracegraph.protocols") / "presets"


def preset_names() -> list[str]:
    """Names of the presets, sorted."""
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in PRESETS.iterdir()
        if entry.name.endswith(".toml")
    )


def read_preset(name: str) -> Protocol:
    """Preset of this name."""
    names = preset_names()
    if name not in names:
        near = near_names(name, names)
        msg = f"no preset is named {name!r}. {near} To read a file: Protocol.load."
        raise ProtocolError(msg)
    return parse(_text(PRESETS / f"{name}.toml"), where=f"preset {name}")


def read_file(path: str | os.PathLike[str]) -> Protocol:
    """Protocol from a TOML file."""
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        msg = f"{file.name} cannot be read: {error.strerror}. Presets: Protocol.named(name)."
        raise ProtocolError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{file.name} is not UTF-8; save it as UTF-8"
        raise ProtocolError(msg) from error
    return parse(text, where=file.name)


def parse(text: str, *, where: str) -> Protocol:
    """Protocol from TOML text; `where` names it in errors."""
    try:
        tree = _with_parts(tomllib.loads(text))
        sources = _sources(tree)
        origins: dict[str, Provenance] = {}
        plain = _strip(tree, "", sources, origins)
        protocol = build(plain)
    except tomllib.TOMLDecodeError as error:
        msg = f"{where} is no TOML: {error}"
        raise ProtocolError(msg) from error
    except ProtocolError as error:
        msg = f"{where}: {error}"
        raise ProtocolError(msg) from error
    held = {path: origins[path] for path, _ in leaves(protocol) if path in origins}
    for path, _ in numbers(protocol):
        if path not in origins and not _is_stated(plain, path):
            held[path] = Provenance(source=WORKING_VALUE, confidence="working")
    return msgspec.structs.replace(protocol, provenance=held)


def build(tree: Tree) -> Protocol:
    """Protocol from plain nested values; errors name the dotted path.

    An unknown end of `in_force` is an empty text, as TOML has no null.
    """
    if isinstance(tree.get("in_force"), list):
        tree = tree | {"in_force": [day or None for day in tree["in_force"]]}
    try:
        return msgspec.convert(tree, Protocol)
    except msgspec.ValidationError as error:
        raise ProtocolError(_explain(error, tree)) from error


def plain_tree(protocol: Protocol) -> Tree:
    """Nested dicts and lists of a protocol, without its provenance."""
    tree: Tree = _listed(msgspec.to_builtins(protocol, builtin_types=(dt.date,)))
    del tree["provenance"]
    return tree


def write_file(protocol: Protocol, path: str | os.PathLike[str]) -> None:
    """Write a protocol as TOML."""
    Path(path).write_text(to_toml(protocol), encoding="utf-8", newline="\n")


def to_toml(protocol: Protocol) -> str:
    """TOML text of a protocol, each sourced leaf with its source."""
    sections: dict[str, list[str]] = {"": []}
    for header in _headers(protocol):
        sections[header] = []
    for path, value in leaves(protocol):
        section, _, field = path.rpartition(".")
        sections[section].append(f"{field} = {_leaf(path, value, protocol.provenance)}")
    blocks = []
    for section, lines in sections.items():
        title = [_title(section)] if section else []
        blocks.append("\n".join(title + lines))
    return "\n\n".join(blocks) + "\n"


# Reading


def _text(file: Traversable) -> str:
    return file.read_text(encoding="utf-8")


def _with_parts(tree: Tree) -> Tree:
    """Tree with its includes taken in; later ones and the file itself win."""
    merged: Tree = {}
    names = tree.pop("include", [])
    known = sorted(entry.name.removesuffix(".toml") for entry in (PRESETS / "parts").iterdir())
    for name in names if isinstance(names, list) else [names]:
        if name not in known:
            msg = f"include: there is no part {name!r}. {near_names(str(name), known)}"
            raise ProtocolError(msg)
        _merge(merged, tomllib.loads(_text(PRESETS / "parts" / f"{name}.toml")))
    _merge(merged, tree)
    return merged


def _merge(into: Tree, more: Tree) -> None:
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict) and not _is_leaf(value):
            _merge(into[key], value)
        else:
            into[key] = value


def _sources(tree: Tree) -> Tree:
    sources = tree.pop("sources", {})
    if not isinstance(sources, dict):
        msg = 'sources is no table; write [sources] and below it name = "text"'
        raise ProtocolError(msg)
    return sources


def _is_leaf(value: object) -> bool:
    """Whether a table is one value with its source."""
    if not isinstance(value, dict):
        return False
    held = value.get("value", value.get("working", {}))
    return not isinstance(held, dict) or isinstance(value.get("source"), str)


def _strip(value: Any, path: str, sources: Tree, origins: dict[str, Provenance]) -> Any:  # noqa: ANN401
    """Plain values of a tree; sources go into `origins` by path."""
    if _is_leaf(value):
        return _strip_leaf(value, path, sources, origins)
    start = f"{path}." if path else ""
    if isinstance(value, dict):
        return {k: _strip(v, f"{start}{k}", sources, origins) for k, v in value.items()}
    if isinstance(value, list):
        return [_strip(v, f"{start}{i}", sources, origins) for i, v in enumerate(value)]
    return value


def _strip_leaf(leaf: Tree, path: str, sources: Tree, origins: dict[str, Provenance]) -> Any:  # noqa: ANN401
    if leaf.keys() == {"working"}:
        origins[path] = Provenance(source=WORKING_VALUE, confidence="working")
        return leaf["working"]
    if leaf.keys() not in ({"value", "source"}, {"value", "source", "confidence"}):
        msg = (
            f"{path} has {', '.join(sorted(leaf))}; a leaf has value, source and confidence, "
            "or only working"
        )
        raise ProtocolError(msg)
    source = _filled(leaf["source"], path, sources)
    ours = source in (WORKING_VALUE, CHANGED)
    confidence = leaf.get("confidence", "working" if ours else "unconfirmed")
    if confidence not in ("read", "unconfirmed", "working"):
        msg = f"{path} has confidence {confidence!r}; it may be read, unconfirmed or working"
        raise ProtocolError(msg)
    if ours != (confidence == "working"):
        msg = f"{path} has confidence {confidence!r} and source {source!r}, which do not agree"
        raise ProtocolError(msg)
    origins[path] = Provenance(source=source, confidence=confidence)
    return leaf["value"]


def _filled(source: object, path: str, sources: Tree) -> str:
    """Source with its names in braces replaced."""
    if not isinstance(source, str) or not source.strip():
        msg = f"{path} has an empty source; name the text, its edition and clause"
        raise ProtocolError(msg)

    def entry(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in sources:
            msg = f"{path} cites {{{name}}}, but [sources] has {', '.join(sources) or 'no entry'}"
            raise ProtocolError(msg)
        return str(sources[name])

    return re.sub(r"\{([\w-]+)\}", entry, source)


def _is_stated(tree: Any, path: str) -> bool:  # noqa: ANN401
    """Whether the file itself gives a value at this path."""
    for step in path.split("."):
        if isinstance(tree, list):
            tree = tree[int(step)]
        elif step in tree:
            tree = tree[step]
        else:
            return False
    return True


# Errors


def _explain(error: msgspec.ValidationError, tree: Tree) -> str:
    """Message of msgspec with the path as this package writes it."""
    text, _, where = str(error).partition(" - at `$")
    path = re.sub(r"\[(\d+)\]", r".\1", where.rstrip("`")).removeprefix(".")
    if "[...]" in path:
        path = _path_of_failure(path, tree)
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", text)
    if unknown:
        known = _fields_at(path)
        place = path or "a protocol"
        return f"{place} has no {unknown.group(1)!r}. {near_names(unknown.group(1), known)}"
    text = text.replace("Object missing required field", "missing")
    return f"{path}: {text}" if path else text


def _path_of_failure(path: str, tree: Tree) -> str:
    """Path in which the name of the kind stands instead of `[...]`."""
    section = path.partition("[")[0]
    for name, member in tree[section].items():
        try:
            msgspec.convert(member, _PARTS[section])
        except msgspec.ValidationError:
            return path.replace("[...]", f".{name}", 1)
    return path


def _fields_at(path: str) -> list[str]:
    """Field names of the section at a path."""
    name = [step for step in path.split(".") if step and not step.isdigit()]
    if not name:
        return list(Protocol.__struct_fields__)
    if name[0] in _PARTS and (name[0] != "zones" or len(name) == 1):
        return list(_PARTS[name[0]].__struct_fields__)
    if name[-1] in _PARTS:
        return list(_PARTS[name[-1]].__struct_fields__)
    return list(_PARTS["zone"].__struct_fields__)


def _part_types() -> dict[str, type[Part]]:
    from tracegraph.protocols import protocol as p

    return {
        "window": p.Window,
        "exposure": p.Exposure,
        "tier": p.Tier,
        "kind": p.Kind,
        "contact": p.ReportedContact,
        "zones": p.Zones,
        "zone": p.Zone,
        "criteria": p.Criterion,
        "also": p.Condition,
        "release": p.Release,
    }


_PARTS = _part_types()


def near_names(name: str, names: list[str]) -> str:
    """Sentence that points from a wrong name to the ones there are."""
    near = difflib.get_close_matches(name, names, n=3)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return f"There are {', '.join(names)}."


# Writing


def _listed(value: Any) -> Any:  # noqa: ANN401
    """Tuples as lists, all the way down."""
    if isinstance(value, dict):
        return {name: _listed(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_listed(member) for member in value]
    return value


def _headers(part: Part, prefix: str = "") -> Iterator[str]:
    """Paths of the sections, in the order of the fields."""
    for field in part.__struct_fields__:
        if field == "provenance":
            continue
        for name, member in members(getattr(part, field)):
            path = f"{prefix}{field}{name}"
            yield path
            yield from _headers(member, f"{path}.")


def _title(section: str) -> str:
    """TOML header of a section; a number at its end makes it one of an array."""
    steps = section.split(".")
    if steps[0] not in ("kind", "contact") and steps[-1].isdigit():
        named = [step for step in steps if not step.isdigit()]  # of the last one written
        return f"[[{'.'.join(map(_key, named))}]]"
    return f"[{'.'.join(map(_key, steps))}]"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _leaf(path: str, value: object, origins: dict[str, Provenance]) -> str:
    origin = origins.get(path)
    if origin is None:
        return _value(value)
    if origin.source == WORKING_VALUE:
        return f"{{ working = {_value(value)} }}"
    source = _value(origin.source)
    return f'{{ value = {_value(value)}, source = {source}, confidence = "{origin.confidence}" }}'


def _value(value: object) -> str:
    """One value as TOML; None, only in `in_force`, as an empty text."""
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, dt.date)):
        return str(value)
    # JSON text is TOML text, but for the delete character
    return json.dumps(value or "", ensure_ascii=False).replace("\x7f", "\\u007f")
