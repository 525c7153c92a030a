"""Who borders whom, against a program that holds every edge to every other, one by one.

The twin knows the definition (docs/explanation/geography.md) and Python's floats, no tree, no
arrays and no geometry library.
"""

import math
from itertools import combinations, pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings, strategies as st
from scipy.spatial import Delaunay

from outlines import LAT, METRES_NORTH, at, ring
from tracegraph.zones.geography.neighbours import shared_borders

COS_45 = math.cos(math.pi / 4)

# ---- the twin: outlines are lists of rings, in degrees, closed, holes clockwise


def edges(rings):
    return [pair for points in rings for pair in pairwise(points)
            if pair[0] != pair[1]]  # fmt: skip


def metric(lat):
    """Turn degrees into metres around a latitude."""
    east = METRES_NORTH * math.cos(math.radians(lat))
    return lambda point: (point[0] * east, point[1] * METRES_NORTH)


def length(edge):
    to = metric((edge[0][1] + edge[1][1]) / 2)
    return math.dist(to(edge[0]), to(edge[1]))


def covered(edge, beside, gap):
    """Metres of an edge that run beside another, by the ends where the distance is the gap."""
    (ax, ay), (bx, by) = edge
    size = math.dist(*edge)
    ux, uy = (bx - ax) / size, (by - ay) / size
    along = [(x - ax) * ux + (y - ay) * uy for x, y in beside]
    off = [(y - ay) * ux - (x - ax) * uy for x, y in beside]
    if abs(along[1] - along[0]) < COS_45 * math.dist(*beside) * (1 - 1e-9):
        return 0.0
    begin, stop = max(0.0, min(along)), min(size, max(along))
    if off[0] == off[1]:
        return max(0.0, stop - begin) if abs(off[0]) <= gap else 0.0
    rate = (along[1] - along[0]) / (off[1] - off[0])
    ends = sorted(along[0] + (side - off[0]) * rate for side in (-gap, gap))
    return max(0.0, min(stop, ends[1]) - max(begin, ends[0]))


def alongside(edge, other, gap):
    to = metric(sum(point[1] for point in (*edge, *other)) / 4)
    here, there = ([to(point) for point in pair] for pair in (edge, other))
    near = max(edge[0][1], edge[1][1]) + 1 >= min(other[0][1], other[1][1])
    return (covered(here, there, gap) + covered(there, here, gap)) / 2 if near else 0.0


def borders_by_every_edge(outlines, gap):
    gap = max(gap, 0.001)
    of = [edges(rings) for rings in outlines]
    turned = [{(end, start) for start, end in mine} for mine in of]
    taken = [{edge for edge in mine
              if any(edge in turned[j] for j in range(len(of)) if j != i)}
             for i, mine in enumerate(of)]  # fmt: skip
    found = {}
    for i, j in combinations(range(len(of)), 2):
        same = sum(length(edge) for edge in of[i] if edge in turned[j])
        loose = ([e for e in of[k] if e not in taken[k]] for k in (i, j))
        free, others = loose
        total = same + sum(alongside(e, o, gap) for e in free for o in others)
        if total > gap:
            found[i, j] = total
    return found


def point_to_edge(point, edge):
    (px, py), (ax, ay), (bx, by) = point, *edge
    size2 = (bx - ax) ** 2 + (by - ay) ** 2
    t = min(1, max(0, ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / size2))
    return math.dist(point, (ax + t * (bx - ax), ay + t * (by - ay)))


def facing_by_every_pair(corners, bordering, gap, within):
    """Breadth of convex footprints of different blocks; corners in metres, not closed."""
    block = list(range(len(corners)))
    for i, j in bordering:
        block = [block[i] if b == block[j] else b for b in block]
    found = {}
    for i, j in combinations(range(len(corners)), 2):
        if block[i] == block[j]:
            continue
        one, other = corners[i], corners[j]
        distance = min(
            point_to_edge(p, e)
            for a, b in ((one, other), (other, one))
            for p in a
            for e in zip(b, [*b[1:], b[0]], strict=True)
        )
        x, y = (sum(p[k] for p in other) / len(other) - sum(p[k] for p in one) / len(one)
                for k in (0, 1))  # fmt: skip
        size = math.hypot(x, y)
        low, high = zip(*((min(s), max(s)) for s in (
            [(-p[0] * y + p[1] * x) / size for p in part] for part in (one, other)
        )), strict=True)  # fmt: skip
        breadth = min(high) - max(low)
        if gap < distance < within and breadth > 0:
            found[i, j] = breadth * (1 - distance / within)
    return found


# ---- drawing


def shapes_of(outlines):
    polygons = [shapely.Polygon(rings[0], rings[1:]) for rings in outlines]
    outline = np.empty(len(polygons), dtype=object)
    outline[:] = polygons
    return SimpleNamespace(outline=outline)


def found_of(neighbours):
    pairs = zip(neighbours.one.tolist(), neighbours.other.tolist(), strict=True)
    return dict(zip(pairs, neighbours.strength.tolist(), strict=True))


def same(found, expected, rel=1e-7):
    return found.keys() == expected.keys() and all(
        math.isclose(found[pair], expected[pair], rel_tol=rel, abs_tol=1e-4) for pair in expected
    )


def rectangle(west, south, east, north):
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


@st.composite
def tilings(draw):
    """Rectangles on a small grid that do not overlap; corners need not meet corners."""
    cells = {(x, y) for x in range(5) for y in range(4)}
    found = []
    for _ in range(draw(st.integers(1, 7))):
        x, y = draw(st.integers(0, 4)), draw(st.integers(0, 3))
        wide, high = draw(st.integers(1, 3)), draw(st.integers(1, 3))
        mine = {(i, j) for i in range(x, x + wide) for j in range(y, y + high)}
        if mine <= cells:
            cells -= mine
            found.append((x, y, x + wide, y + high))
    return found


@st.composite
def triangulations(draw):
    points = draw(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=4, max_size=12,
                           unique=True))  # fmt: skip
    if np.linalg.matrix_rank(np.array(points) - points[0]) < 2:
        points = [(0, 0), (5, 0), (0, 5), (7, 7)]
    return points, Delaunay(np.array(points)).simplices.tolist()


def counterclockwise(points):
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(points))
    return points if twice > 0 else points[::-1]


# ---- claims


@settings(deadline=None, max_examples=150)
@given(tilings(), st.sampled_from([0.0, 1.0, 5.0]))
def test_borders_are_what_every_pair_of_edges_gives(tiles, gap):
    outlines = [[ring(rectangle(*(100 * v for v in tile)))] for tile in tiles]
    found = shared_borders(shapes_of(outlines), np.arange(len(tiles)), gap_metres=gap,
                           within_metres=0)  # fmt: skip
    assert same(found_of(found), borders_by_every_edge(outlines, gap))


@settings(deadline=None, max_examples=150)
@given(tilings())
def test_borders_of_rectangles_are_the_sides_they_share(tiles):
    """In whole numbers: no edge, no distance, no tolerance."""
    expected = {}
    for (i, a), (j, b) in combinations(enumerate(tiles), 2):
        across = max(0, min(a[2], b[2]) - max(a[0], b[0])) * (a[1] == b[3] or a[3] == b[1])
        along = max(0, min(a[3], b[3]) - max(a[1], b[1])) * (a[0] == b[2] or a[2] == b[0])
        if across + along:
            expected[i, j] = 100.0 * (across + along)
    outlines = [[ring(rectangle(*(100 * v for v in tile)))] for tile in tiles]
    found = shared_borders(shapes_of(outlines), np.arange(len(tiles)), within_metres=0)
    assert same(found_of(found), expected, rel=1e-4)  # 400 m north the scale is 0.004 % less


@settings(deadline=None, max_examples=150)
@given(tilings(), st.lists(st.floats(-0.3, 0.3), min_size=56, max_size=56))
def test_borders_drawn_twice_are_borders_all_the_same(tiles, shake):
    """Every corner of every tile is moved by up to 0.4 m: slight gaps and overlaps."""
    corners = [rectangle(*(100 * v for v in tile))[:4] for tile in tiles]
    moves = iter(zip(shake[::2], shake[1::2], strict=True))
    shaken = [[(x + dx, y + dy) for (x, y), (dx, dy) in zip(c, moves, strict=False)]
              for c in corners]  # fmt: skip
    outlines = [[ring([*points, points[0]])] for points in shaken]
    found = found_of(shared_borders(shapes_of(outlines), np.arange(len(tiles)), within_metres=0))
    assert same(found, borders_by_every_edge(outlines, 1.0))
    exact = found_of(shared_borders(
        shapes_of([[ring(rectangle(*(100 * v for v in tile)))] for tile in tiles]),
        np.arange(len(tiles)), within_metres=0,
    ))  # fmt: skip
    assert {pair: found[pair] for pair in exact} == pytest.approx(exact, abs=3.0)
    assert all(found[pair] < 3.0 for pair in found.keys() - exact.keys())  # corners


@settings(deadline=None, max_examples=150)
@given(triangulations())
def test_triangles_border_by_the_sides_they_have_in_common(drawn):
    points, triangles = drawn
    place = [at(100.0 * x, 100.0 * y) for x, y in points]
    outlines = [[counterclockwise([place[k] for k in (*t, t[0])])] for t in triangles]
    sides = {}
    for i, t in enumerate(triangles):
        for side in combinations(sorted(t), 2):
            sides.setdefault(side, []).append(i)
    expected = {
        tuple(owners): length((place[a], place[b]))
        for (a, b), owners in sides.items()
        if len(owners) == 2
    }
    for gap in (0.0, 1.0):
        found = found_of(shared_borders(shapes_of(outlines), np.arange(len(triangles)),
                                        gap_metres=gap, within_metres=0))  # fmt: skip
        assert same(found, borders_by_every_edge(outlines, gap))
        if gap == 0:
            assert {pair: found[pair] for pair in expected} == pytest.approx(expected, abs=0.1)


@settings(deadline=None, max_examples=150)
@example([(0, 0, 1, 2), (3, 2, 4, 4)], 9, 50.0)
@given(tilings(), st.integers(2, 12), st.sampled_from([10.0, 25.0, 50.0]))
def test_footprints_face_one_another_as_every_pair_does(tiles, inset, within):
    corners = [rectangle(*(20 * v for v in tile))[:4] for tile in tiles]
    less = inset / 2
    small = [
        [(c[0][0] + less, c[0][1] + less), (c[1][0] - less, c[1][1] + less),
         (c[2][0] - less, c[2][1] - less), (c[3][0] + less, c[3][1] - less)]
        for c in corners
    ]  # fmt: skip
    outlines = [[ring([*points, points[0]])] for points in small]
    borders = shared_borders(shapes_of(outlines), np.arange(len(tiles)), within_metres=within)
    found, expected = found_of(borders), facing_by_every_pair(small, [], 1.0, within)
    for pair in found.keys() | expected.keys():  # how much is just within turns on a hair: 1 cm
        metres = found.get(pair, 0.0), expected.get(pair, 0.0)
        assert math.isclose(*metres, rel_tol=1e-3, abs_tol=0.01)


@settings(deadline=None, max_examples=40)
@given(tilings(), st.permutations(range(7)))
def test_the_order_of_areas_changes_nothing(tiles, order):
    outlines = [[ring(rectangle(*(30 * v for v in tile)))] for tile in tiles]
    order = [k for k in order if k < len(tiles)]
    found = found_of(shared_borders(shapes_of(outlines), np.arange(len(tiles))))
    again = found_of(shared_borders(shapes_of([outlines[k] for k in order]), np.arange(len(tiles))))
    back = {tuple(sorted((order[i], order[j]))): value for (i, j), value in again.items()}
    assert same(back, found)


def test_the_twin_has_a_mean_latitude_of_its_own():
    assert length((at(0, 0), at(100, 0))) == pytest.approx(100, rel=1e-9)
    assert at(0, 0)[1] == LAT
