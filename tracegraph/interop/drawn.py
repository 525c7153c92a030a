"""A trace as a pyvis network whose nodes already stand in place, named and told as in the page."""

from __future__ import annotations

from collections import Counter
from html import escape, unescape
from typing import TYPE_CHECKING, Any

import numpy as np

from tracegraph.viz.cards import Cards
from tracegraph.viz.drawing import MAX_NODES
from tracegraph.viz.payload import payload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyvis.network import Network

    from tracegraph.tracing.trace import Trace

# as in web/src/looks.js: Okabe and Ito's palette, and shapes that say the same again
_TIERS = (
    {"color": "#D55E00", "shape": "diamond"},
    {"color": "#0072B2", "shape": "dot"},
    {"color": "#009E73", "shape": "triangle"},
    {"color": "#CC79A7", "shape": "triangleDown"},
    {"color": "#E69F00", "shape": "star"},
)
_VENUE = {"color": "#7A6A53", "shape": "dot"}
_HOME = {"color": "#9CA3AF", "shape": "hexagon"}
_PLACE = {"color": "#4B5563", "shape": "square"}
_LINE = "#C3C9D2"


def to_pyvis(
    trace: Trace,
    *,
    identities: bool = False,
    key: bytes | str | None = None,
    lang: str = "en",
    max_nodes: int = MAX_NODES,
) -> Network:
    """Page of `to_html` as a pyvis network; see `Trace.to_pyvis`."""
    from pyvis.network import Network

    data = payload(trace, identities=identities, key=key, lang=lang, max_nodes=max_nodes)
    out = Network(height="750px", cdn_resources="in_line")
    out.toggle_physics(status=False)
    _fill(out, data)
    return out


def _fill(out: Network, data: Mapping[str, Any]) -> None:
    """Add nodes and edges; pyvis's own ways to add look at all that are there, each time."""
    from pyvis.edge import Edge
    from pyvis.node import Node

    for name, look in _nodes(data, Cards(data)):
        node = Node(name, **look, physics=False).options
        out.nodes.append(node)
        out.node_ids.append(name)
        out.node_map[name] = node
    beside: Counter[tuple[str, str]] = Counter()
    for start, end, title in _edges(data, Cards(data), out.node_map):
        pair = (min(start, end), max(start, end))
        bend = _bend(beside[pair], is_turned=start > end)
        out.edges.append(Edge(start, end, title=title, color=_LINE, smooth=bend).options)
        beside[pair] += 1


def _bend(before: int, *, is_turned: bool) -> dict[str, Any] | bool:
    """Curve of an edge beside `before` others, by turns to the left and to the right."""
    if not before:
        return False
    side = "curvedCW" if (before % 2 == 1) != is_turned else "curvedCCW"
    return {"enabled": True, "type": side, "roundness": round(0.12 * ((before + 1) // 2), 2)}


def _nodes(data: Mapping[str, Any], cards: Cards) -> Iterator[tuple[str, dict[str, Any]]]:
    persons, places, bubbles = data["persons"], data["places"], data["bubbles"]
    for p in _drawn(persons):
        look = {**_look(data, persons["tier"][p]), **_spot(persons, p, "r")}
        yield f"p{p}", {**look, "label": cards.person(p), "title": _safe(cards.of_person(p))}
    for at in _drawn(places):
        look = {**(_HOME if places["home"][at] else _PLACE), **_spot(places, at, "r")}
        yield f"l{at}", {**look, "label": cards.place(at), "title": _safe(cards.of_place(at))}
    members = _members(data)
    for b in _drawn(bubbles):
        look = {**_look(data, bubbles["tier"][b]), "shape": "dot", **_spot(bubbles, b, "radius")}
        title = _safe(cards.bubble(b, members[b]))
        yield f"b{b}", {**look, "label": f"{members[b]:,}", "title": title}


def _edges(
    data: Mapping[str, Any], cards: Cards, drawn: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    """Both ends and the title of each edge, one an exposure; then what else the page joins."""
    joined = set[frozenset[str]]()
    for start, end, row in _exposures(data):
        if start in drawn and end in drawn:
            joined.add(frozenset((start, end)))
            yield start, end, _safe(cards.of_exposure(row))
    for start, end in dict.fromkeys(_rest(data)):
        if start in drawn and end in drawn and frozenset((start, end)) not in joined:
            yield start, end, _safe(f"{_name(drawn[start])} · {_name(drawn[end])}")


def _exposures(data: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    """From the place of each exposure, else from its source, to its contact; and its row."""
    is_drawn = set(_drawn(data["places"]))
    for row, (contact, source, place) in enumerate(_ends(data["exposures"], "contact")):
        yield f"l{place}" if place in is_drawn else f"p{source}", f"p{contact}", row


def _rest(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Sources to the places of exposures and venue meetings, bubbles to what they hang on."""
    for _, source, place in _ends(data["exposures"], "contact"):
        yield f"p{source}", f"l{place}"
    venue = {k for k, tier in enumerate(data["tiers"]) if tier["venue"]}
    for person, source, place in _ends(data["venue"], "person"):
        if data["persons"]["tier"][person] in venue:
            yield f"p{source}", f"l{place}"
    bubbles = data["bubbles"]
    for b, anchor in enumerate(bubbles["anchor"]):
        yield f"b{b}", f"l{anchor}" if bubbles["at_place"][b] else f"p{anchor}"


def _name(node: Mapping[str, Any]) -> str:
    """First line of a node's card: its name, or whom a bubble counts."""
    return unescape(node["title"]).split("\n", 1)[0]


def _ends(rows: Mapping[str, Any], who: str) -> Iterator[tuple[int, int, int]]:
    return zip(rows[who], rows["source"], rows["place"], strict=True)


def _drawn(table: Mapping[str, Any]) -> list[int]:
    return [number for number, x in enumerate(table["x"]) if x is not None]


def _spot(table: Mapping[str, Any], number: int, radius: str) -> dict[str, float]:
    return {"x": table["x"][number], "y": table["y"][number], "size": table[radius][number]}


def _look(data: Mapping[str, Any], tier: int) -> dict[str, str]:
    is_venue = data["tiers"][tier]["venue"]
    return _VENUE if is_venue else _TIERS[min(tier, len(_TIERS) - 1)]


def _members(data: Mapping[str, Any]) -> list[int]:
    bubble = np.array(data["persons"]["bubble"], dtype=np.int64)
    found: list[int] = np.bincount(
        bubble[bubble >= 0], minlength=len(data["bubbles"]["x"])
    ).tolist()
    return found


def _safe(text: str) -> str:
    """Text as HTML: pyvis's page reads a title that holds "href" as HTML."""
    return escape(text, quote=False)
