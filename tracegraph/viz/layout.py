"""Where the nodes of a picture stand: discs of leaves, a core without strain, components packed.

Outbreak networks are nearly trees. So whatever hangs on the network by one edge is folded, again
and again, into a disc around the node that it hangs on; the core that is left is placed by
majorizing stress (every pair as far apart as the path between them is long); then the discs are
unfolded. Nothing here is left to chance: the same edges give the same picture, and a component
that no edge changed keeps its shape whatever happens elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import rustworkx as rx

from tracegraph.viz.spacing import push_apart
from tracegraph.viz.stress import place_by_paths

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats: TypeAlias = npt.NDArray[np.float64]

GAP = 5.5
"""Free space around a node, in the units of its radius."""

_DRAWN_IN = 0.66  # of the distances that whole discs would need
_PATIENCE = 96  # rounds of pushing discs apart at the same size
_DEEPEST = 4  # person, home, contact, office: what a case gives rise to
_TWINS = 4  # nodes with the same neighbours: from here on they stand together
_CROWD = 6  # nodes that hang on one: from here on their disc is full
_ASPECT = 1.9  # width by height of the packed picture, and of the stage of a page
_SLACK = 1e-6
_ANGLES = 72  # steps of a half turn that are tried
_LARGE = 50  # nodes of a component that is likely to fill most of the picture


@dataclass
class _Disc:
    """A node with all that hangs on it; the node stands `back` from the centre."""

    radius: float
    back: float = 0.0
    children: list[int] = field(default_factory=list)
    places: list[tuple[float, float]] = field(default_factory=list)  # of the children's centres


def positions(edges: npt.NDArray[np.int64], radii: Floats) -> Floats:
    """Coordinates of nodes 0, 1, … joined by `edges`.

    Parameters
    ----------
    edges : array of int64, (m, 2)
        Pairs of node numbers; repeated pairs and loops do no harm.
    radii : array of float64, (n,)
        Radius of each node as drawn.

    Returns
    -------
    array of float64, (n, 2)
        Pixels at scale one, y downwards, the middle of the picture at the origin.

    Examples
    --------
    >>> xy = positions(np.array([[0, 1], [0, 2]]), np.array([9.0, 5.0, 5.0]))
    >>> xy.shape, bool(np.hypot(*(xy[1] - xy[2])) > 10)
    ((3, 2), True)
    """
    n = len(radii)
    graph: rx.PyGraph[int, None] = rx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(n))
    graph.add_edges_from([(int(a), int(b), None) for a, b in edges if a != b])
    out = np.zeros((n, 2))
    blocks: list[list[int]] = []
    for component in sorted(rx.connected_components(graph), key=lambda c: (-len(c), min(c))):
        nodes = sorted(component)
        neighbours = {v: sorted(graph.neighbors(v)) for v in nodes}
        # tenths of a pixel, here and in packing: what did not change is the same to the digit
        out[nodes] = _turn(_place_component(neighbours, radii)).round(1)
        blocks.append(nodes)
    _pack(out, blocks, radii)
    return out


# ---- one component


def _place_component(neighbours: dict[int, list[int]], radii: Floats) -> Floats:
    """Coordinates of nodes joined by paths, in the order of `neighbours`."""
    peeled, parent = _peel(neighbours)
    _gather_twins(neighbours, peeled, parent)
    discs = {v: _Disc(radius=float(radii[v]) + GAP) for v in neighbours}
    hanging: dict[int, list[int]] = {v: [] for v in neighbours}
    for v in peeled:  # leaves first, so that a child's disc is ready before its parent's
        _fold(discs, v, hanging[v], float(radii[v]), whole=False)
        hanging[parent[v]].append(v)
    core = [v for v in neighbours if v not in parent]
    for v in core:
        _fold(discs, v, hanging[v], float(radii[v]), whole=True)
    at: dict[int, tuple[float, float]] = {}
    middle = _place_core(neighbours, core, np.array([discs[v].radius for v in core]))
    for v, (x, y) in zip(core, middle, strict=True):
        at[v] = (float(x), float(y))
    home = {v: v for v in core}
    for v in core:
        _unfold(discs, v, at, _free_side(v, at, neighbours[v], parent))
    for v in reversed(peeled):  # from the core outwards
        home[v] = home[parent[v]]
    full = {v for v in core if len(discs[v].children) >= _CROWD}
    air = {v: float(radii[v]) + 0.8 * GAP for v in at if home[v] not in full}
    placed = _draw_in(at, home, air | {v: discs[v].radius for v in full})
    return np.array([placed[v] for v in neighbours])


def _gather_twins(
    neighbours: dict[int, list[int]], peeled: list[int], parent: dict[int, int]
) -> None:
    """Let nodes of the core with the same neighbours hang on the first of them.

    Persons who met in the same places stand together so, and the core is smaller.
    """
    bare = set(neighbours) - set(parent) - set(parent.values())
    alike: dict[tuple[int, ...], list[int]] = {}
    for v in sorted(bare):
        alike.setdefault(tuple(neighbours[v]), []).append(v)
    for around, twins in sorted(alike.items(), key=lambda group: (-len(group[1]), group[1])):
        # of two groups that are each other's neighbours, one stays spread out
        if len(twins) >= _TWINS and not any(u in parent for u in around):
            parent.update(dict.fromkeys(twins[1:], twins[0]))
            peeled += twins[1:]


def _draw_in(
    at: dict[int, tuple[float, float]], home: dict[int, int], air: dict[int, float]
) -> dict[int, tuple[float, float]]:
    """Bring the core together, each disc rigid, then part the discs where nodes touch.

    Discs are mostly air on the side of the core, but for crowded ones, which keep what they hold:
    `air` has a radius for each disc that nothing else may enter, nodes or whole discs.
    """
    number = {v: k for k, v in enumerate(sorted(set(home.values())))}
    hubs = np.array([at[v] for v in number])
    groups = np.array([number[home[v]] for v in at])
    offsets = np.array(list(at.values())) - hubs[groups]
    if len(number) > 1:
        held = [k for k, v in enumerate(at) if v in air]
        sizes = np.array([air[v] for v in at if v in air])
        hubs = push_apart(hubs * _DRAWN_IN, offsets[held], groups[held], sizes, rounds=_PATIENCE)
    xy = offsets + hubs[groups]
    return {v: (float(x), float(y)) for v, (x, y) in zip(at, xy, strict=True)}


def _peel(neighbours: dict[int, list[int]]) -> tuple[list[int], dict[int, int]]:
    """Nodes that hang by one edge, outermost first, and what each hangs on; one node is kept.

    Branches longer than `_DEEPEST` stay in the core from there on: discs in discs in discs grow
    with every level.
    """
    degree = {v: len(near) for v, near in neighbours.items()}
    gone: list[int] = []
    parent: dict[int, int] = {}
    ring = [v for v, d in degree.items() if d == 1]
    for _ in range(_DEEPEST):
        following = []
        for v in ring:
            if len(gone) == len(neighbours) - 1:
                break
            up = [u for u in neighbours[v] if u not in parent]
            if not up:
                continue
            parent[v] = up[0]
            gone.append(v)
            degree[up[0]] -= 1
            if degree[up[0]] == 1:
                following.append(up[0])
        ring = following
    return gone, parent


def _fold(discs: dict[int, _Disc], v: int, children: list[int], own: float, *, whole: bool) -> None:
    """Put the children's discs on rings around `v`, on all sides or on the side of +x."""
    disc = discs[v]
    if not children:
        return
    disc.children = sorted(children, key=lambda c: (discs[c].radius, c))
    sizes = np.array([discs[c].radius for c in disc.children])
    room = GAP if len(sizes) < 6 else 2 * GAP  # a hub has a name to show
    disc.places = _rings(sizes, own + room, arc=2 * math.pi if whole else 1.5 * math.pi)
    xy = np.array(disc.places)
    if whole:
        disc.radius = float(max(disc.radius, (np.hypot(xy[:, 0], xy[:, 1]) + sizes).max()))
        return
    # the smallest disc around all of them has its centre on the axis, as they are symmetric
    shifts = np.linspace(0.0, float((xy[:, 0] + sizes).max()), 65)
    reach = np.hypot(xy[None, :, 0] - shifts[:, None], xy[None, :, 1]) + sizes[None, :]
    reach = np.maximum(reach.max(axis=1), shifts + own + GAP)
    best = int(reach.argmin())
    disc.radius, disc.back = float(reach[best]), float(shifts[best])


def _rings(sizes: Floats, inner: float, *, arc: float) -> list[tuple[float, float]]:
    """Centres of discs (small ones first) on rings around the origin, centred on +x."""
    places: list[tuple[float, float]] = []
    start, edge, turn = 0, inner, 0.0
    while start < len(sizes):
        rho, stop, angles = _one_ring(sizes, start, edge, arc)
        used = float(angles.sum())
        full_circle = arc > 6.28 and len(sizes) > 2
        spread = arc / used if full_circle and used > 0 else 1.0
        middle = np.cumsum(angles * spread) - angles * spread / 2
        middle += turn if full_circle else -used / 2
        places += [(rho * math.cos(a), rho * math.sin(a)) for a in middle]
        edge = rho + float(sizes[start:stop].max())
        start, turn = stop, turn + 0.5
    return places


def _one_ring(sizes: Floats, start: int, edge: float, arc: float) -> tuple[float, int, Floats]:
    """Radius of the next ring, where it ends, and the angle that each of its discs takes."""
    stop = start + 1
    rho = edge + float(sizes[start])
    while stop < len(sizes):
        wider = max(rho, edge + float(sizes[stop]))
        angles = 2 * np.arcsin(np.minimum(1.0, sizes[start : stop + 1] / wider))
        if angles.sum() > arc:
            break
        rho, stop = wider, stop + 1
    return rho, stop, 2 * np.arcsin(np.minimum(1.0, sizes[start:stop] / rho))


def _free_side(
    v: int, at: dict[int, tuple[float, float]], near: Sequence[int], parent: dict[int, int]
) -> float:
    """Direction away from the neighbours in the core."""
    toward = [at[u] for u in near if u not in parent and u in at]
    if not toward:
        return 0.0
    x = sum(u[0] - at[v][0] for u in toward)
    y = sum(u[1] - at[v][1] for u in toward)
    return math.atan2(-y, -x)


def _unfold(
    discs: dict[int, _Disc], root: int, at: dict[int, tuple[float, float]], facing: float
) -> None:
    """Turn the discs that hang on `root` into coordinates."""
    todo = [(root, facing)]
    while todo:
        v, turn = todo.pop()
        x, y = at[v]
        for child, (cx, cy) in zip(discs[v].children, discs[v].places, strict=True):
            mx = x + cx * math.cos(turn) - cy * math.sin(turn)
            my = y + cx * math.sin(turn) + cy * math.cos(turn)
            away = math.atan2(my - y, mx - x)
            back = discs[child].back
            at[child] = (mx - back * math.cos(away), my - back * math.sin(away))
            todo.append((child, away))


# ---- the core


def _place_core(neighbours: dict[int, list[int]], core: list[int], sizes: Floats) -> Floats:
    """Centres of the discs of the core: as far apart as the paths between them, none covered."""
    if len(core) == 1:
        return np.zeros((1, 2))
    number = {v: k for k, v in enumerate(core)}
    pairs = [(k, number[u]) for v, k in number.items() for u in neighbours[v] if u in number]
    edges = np.array([pair for pair in pairs if pair[0] < pair[1]], dtype=np.int64)
    crowd = np.bincount(edges.ravel(), minlength=len(core))
    # a hub of k spokes needs room for k neighbours around it
    room = sizes + 4.0 * np.sqrt(np.maximum(crowd - 4.0, 0.0))
    lengths = room[edges].sum(axis=1) + 2 * GAP
    xy = place_by_paths(edges, lengths, len(core))
    alone = np.arange(len(core))
    return push_apart(xy, np.zeros_like(xy), alone, sizes, rounds=_PATIENCE)


# ---- all components


def _turn(xy: Floats) -> Floats:
    """Turn so that the nodes fill a screen, wider than high, the first node to the left.

    Nodes are numbered by tier and date: so an outbreak is read from its first case.
    """
    middle = xy - xy.mean(axis=0)
    if len(middle) < 3:
        return np.asarray(middle)
    angles = np.arange(_ANGLES) * math.pi / _ANGLES
    level = np.stack([np.cos(angles), np.sin(angles)])
    upright = np.stack([-np.sin(angles), np.cos(angles)])
    wide, high = np.ptp(middle @ level, axis=0), np.ptp(middle @ upright, axis=0)
    # small ones lie flat, to be set beside one another; a large one has the screen to itself
    cost = high if len(middle) < _LARGE else np.maximum(wide / _ASPECT, high)
    best = int(cost.round(1).argmin())
    turned = np.column_stack([middle @ level[:, best], middle @ upright[:, best]])
    return np.asarray(turned * np.where(turned[0] > 0, -1.0, 1.0))


def _pack(xy: Floats, blocks: list[list[int]], radii: Floats) -> None:
    """Set the components side by side, the highest first; changes `xy`."""
    if not blocks:
        return
    margin = 4 * GAP
    low = np.array([(xy[b] - radii[b][:, None]).min(axis=0) for b in blocks])
    high = np.array([(xy[b] + radii[b][:, None]).max(axis=0) for b in blocks])
    size = high - low + margin
    order = np.lexsort((np.arange(len(blocks)), -size[:, 1]))
    least = float(size[:, 0].max())
    widths = least + (float(size[:, 0].sum()) - least) * np.square(np.linspace(0.0, 1.0, 60))
    layouts = [_rows(size, order, width) for width in widths]
    corners = min(layouts, key=lambda c: max((c + size).max(axis=0) / (_ASPECT, 1.0)))
    for k, block in enumerate(blocks):
        xy[block] += (corners[k] - low[k]).round(1)
    xy -= ((xy.min(axis=0) + xy.max(axis=0)) / 2).round(1)


def _rows(size: Floats, order: npt.NDArray[np.int64], width: float) -> Floats:
    """Upper left corners of boxes in rows no wider than `width`; low boxes stand on one another."""
    corners = np.zeros_like(size)
    x = y = tall = broad = used = 0.0  # the column that is being filled, in a row `tall`
    for k in order:
        w, h = size[k].tolist()
        if w > broad + _SLACK or used + h > tall + _SLACK:  # next to the column
            x, broad, used = x + broad, w, 0.0
            if x > 0 and x + w > width + _SLACK:
                x, y, tall = 0.0, y + tall, 0.0
            tall = max(tall, h)
        corners[k] = x, y + used
        used += h
    return corners
