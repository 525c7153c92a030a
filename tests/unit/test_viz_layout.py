"""Positions: repeatable, apart, packed, and unmoved by what happens elsewhere."""

import itertools
import time

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tracegraph.viz.layout import positions
from tracegraph.viz.spacing import near_pairs, push_apart
from tracegraph.viz.stress import PIVOTS, place_by_paths


def _distances(xy):
    return np.hypot(*(xy[:, None, k] - xy[None, :, k] for k in (0, 1)))


def _closest(xy, radii):
    away = _distances(xy) - radii[:, None] - radii[None, :]
    np.fill_diagonal(away, np.inf)
    return away.min()


def _placed(graph, radius=7.0):
    radii = np.full(len(graph), radius)
    return positions(np.array(graph.edges, dtype=np.int64).reshape(-1, 2), radii), radii


def _meetings(n_persons, n_places, each, seed=1):
    """Everyone at `each` places drawn at random: nothing hangs by one edge, the worst core."""
    rng = np.random.default_rng(seed)
    at = np.array([rng.choice(n_places, each, replace=False) for _ in range(n_persons)])
    who = np.repeat(np.arange(n_persons), each)
    return np.column_stack([who, n_persons + at.ravel()])


@pytest.mark.parametrize(
    "graph",
    [
        nx.star_graph(60),
        nx.path_graph(30),
        nx.cycle_graph(4),
        nx.cycle_graph(12),
        nx.cycle_graph(300),
        nx.balanced_tree(4, 3),
        nx.balanced_tree(2, 8),
        nx.random_labeled_tree(400, seed=1),
        nx.complete_graph(25),
        nx.complete_bipartite_graph(3, 20),
        nx.complete_bipartite_graph(12, 12),
        nx.barabasi_albert_graph(400, 2, seed=1),
        nx.disjoint_union_all([nx.path_graph(n) for n in (1, 1, 2, 3, 9)]),
        nx.empty_graph(1),
    ],
    ids=str,
)
def test_nodes_do_not_cover_one_another(graph):
    xy, radii = _placed(graph)
    assert np.isfinite(xy).all()
    assert _closest(xy, radii) > 0


@settings(max_examples=60, deadline=None)
@given(
    edges=st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=60),
    radii=st.lists(st.floats(3.0, 45.0), min_size=30, max_size=30),
)
def test_no_network_makes_nodes_cover_one_another(edges, radii):
    xy = positions(np.array(edges, dtype=np.int64).reshape(-1, 2), np.array(radii))
    assert _closest(xy, np.array(radii)) > 0


def test_nothing_to_place_is_no_error():
    assert positions(np.empty((0, 2), dtype=np.int64), np.empty(0)).shape == (0, 2)


def _outbreak(cases=4, close=70, further=190, seed=1):
    """Persons by tier, then places: shared ones, a home a case, a home or office a contact."""
    rng = np.random.default_rng(seed)
    first_home = cases + close + further + 4
    meetings = []
    for contact in range(close):
        case, shared = rng.integers(cases), first_home - 1 - rng.integers(4)
        at = first_home + case if contact < 3 * cases else shared
        meetings += [(case, at), (cases + contact, at)]
    for other in range(further):
        host = int(rng.integers(close) * rng.random())  # some meet many
        at = first_home + cases + host
        meetings += [(cases + host, at), (cases + close + other, at)]
    size = first_home + cases + close
    return np.array(meetings), np.where(np.arange(size) < first_home - 4, 9.0, 12.0)


def test_an_outbreak_is_legible_and_the_same_every_time():
    edges, radii = _outbreak()
    xy = positions(edges, radii)
    assert (positions(edges, radii) == xy).all()
    assert _closest(xy, radii) > 0


def test_positions_do_not_depend_on_the_order_of_repeated_edges():
    edges = np.array([[0, 1], [1, 2], [2, 3], [3, 0], [3, 4], [0, 0]])
    radii = np.full(5, 6.0)
    again = np.concatenate([edges[::-1], edges[:, ::-1]])
    assert np.allclose(positions(edges, radii), positions(again, radii), atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    kept=st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), min_size=1, max_size=30),
    others=st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=40),
    start=st.integers(0, 19),
)
def test_a_component_keeps_its_shape_when_others_change(kept, others, start):
    # 15 nodes stay as they are, in order; 20 more appear before, between and after them
    seats = np.sort(np.delete(np.arange(35), np.arange(start, 35)[::2][:20])[:15])
    rest = np.setdiff1d(np.arange(35), seats)
    before = positions(np.array(kept), np.full(15, 7.0))
    both = np.concatenate([seats[np.array(kept)], rest[np.array(others, dtype=int).reshape(-1, 2)]])
    after = positions(both, np.full(35, 7.0))[seats]
    graph = nx.Graph(kept)
    for component in nx.connected_components(graph):
        nodes = sorted(component)
        old, new = (xy[nodes] - xy[nodes[0]] for xy in (before, after))
        assert np.allclose(old, new, atol=1e-6)


def test_the_first_node_stands_on_the_left():
    edges = _meetings(30, 12, 2)
    assert positions(edges, np.full(42, 7.0))[0, 0] < 0


def test_a_large_component_is_turned_to_fill_a_screen():
    xy, _ = _placed(nx.ladder_graph(60))
    wide, high = np.ptp(xy, axis=0)
    assert 1.6 < wide / high < 2.2


def test_small_components_lie_flat():
    xy, _ = _placed(nx.ladder_graph(8))
    wide, high = np.ptp(xy, axis=0)
    assert wide > 3 * high


def test_those_who_are_alone_stand_in_a_block():
    xy = positions(np.empty((0, 2), dtype=np.int64), np.full(600, 7.0))
    wide, high = np.ptp(xy, axis=0)
    assert 1.6 < wide / high < 2.2
    assert wide * high < 1.1 * 600 * 36**2  # 14 and the free space around each


def test_those_who_met_in_the_same_places_stand_together():
    pairs = [(person, place) for place in (40, 41) for person in range(10)]
    pairs += [(k, 40 + k % 2) for k in range(10, 40)]
    xy = positions(np.array(pairs), np.full(42, 7.0))
    both = _distances(xy[:10]).max()
    assert both < _distances(xy).max() / 3
    alone = _distances(np.array([xy[:10].mean(axis=0), *xy[10:]]))[0, 1:].min()
    assert alone > 7.0


@pytest.mark.parametrize("each", [2, 3])
def test_two_thousand_nodes_take_a_moment(each):
    edges, radii = _meetings(1200, 800, each), np.full(2000, 7.0)
    began = time.perf_counter()
    xy = positions(edges, radii)
    assert time.perf_counter() - began < 15  # 1.5 s on an idle machine of two cores
    left, right = near_pairs(xy, radii)
    assert (np.hypot(*(xy[left] - xy[right]).T) > radii[left] + radii[right]).all()


def test_a_deep_tree_does_not_grow_with_every_level():
    xy, _ = _placed(nx.random_labeled_tree(1000, seed=2))
    assert np.ptp(xy, axis=0).max() < 20_000


# ---- the parts, beside slow twins


def _paths(edges, lengths, n):
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from([(a, b, d) for (a, b), d in zip(edges, lengths, strict=True)])
    found = dict(nx.all_pairs_dijkstra_path_length(graph))
    return np.array([[found[a][b] for b in range(n)] for a in range(n)])


def _strain(xy, paths):
    upper = np.triu_indices(len(xy), 1)
    return np.square(_distances(xy)[upper] / paths[upper] - 1).mean()


@pytest.mark.parametrize("n", [2, 3, 40])
def test_a_path_is_laid_out_straight(n):
    edges = np.array([(k, k + 1) for k in range(n - 1)])
    xy = place_by_paths(edges, np.full(n - 1, 10.0), n)
    assert np.hypot(*(xy[0] - xy[-1])) == pytest.approx(10 * (n - 1), rel=0.02)


def _majorized(paths, seed):
    """Every pair, from a start at random, with matrices: the textbook's way."""
    n = len(paths)
    weight = np.divide(1, np.square(paths), where=paths > 0, out=np.zeros_like(paths))
    spread = np.linalg.pinv(np.diag(weight.sum(axis=1)) - weight)
    xy = np.random.default_rng(seed).normal(size=(n, 2)) * paths.max()
    for _ in range(500):
        ratio = weight * paths / np.maximum(_distances(xy), 1e-9)
        xy = spread @ ((np.diag(ratio.sum(axis=1)) - ratio) @ xy)
    return xy


@pytest.mark.parametrize("seed", range(4, 9))
def test_a_network_is_strained_no_more_than_by_most_starts_at_random(seed):
    graph = nx.random_labeled_tree(40, seed=seed)
    graph.add_edges_from([(0, 20), (5, 33)])
    edges, lengths = np.array(graph.edges), np.ones(graph.number_of_edges())
    paths = _paths(edges.tolist(), lengths, 40)
    usual = np.median([_strain(_majorized(paths, start), paths) for start in range(9)])
    assert _strain(place_by_paths(edges, lengths, 40), paths) < 1.1 * usual


def test_few_pivots_are_nearly_as_good_as_every_pair(monkeypatch):
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(13, 15))
    edges, lengths = np.array(graph.edges), np.full(graph.number_of_edges(), 30.0)
    assert len(graph) <= PIVOTS
    paths = _paths(edges.tolist(), lengths, len(graph))
    every = _strain(place_by_paths(edges, lengths, len(graph)), paths)
    monkeypatch.setattr("tracegraph.viz.stress.PIVOTS", 40)
    assert _strain(place_by_paths(edges, lengths, len(graph)), paths) < 1.2 * every


@settings(max_examples=60, deadline=None)
@given(
    discs=st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, 12)), max_size=25
    )
)
def test_near_pairs_are_those_whose_squares_meet(discs):
    xy = np.array([d[:2] for d in discs], dtype=float).reshape(-1, 2)
    reach = np.array([d[2] for d in discs], dtype=float)
    left, right = near_pairs(xy, reach)
    found = {tuple(sorted(pair)) for pair in np.column_stack([left, right]).tolist()}
    meant = {
        (a, b)
        for a, b in itertools.combinations(range(len(discs)), 2)
        if (abs(xy[a] - xy[b]) < reach[a] + reach[b]).all()
    }
    assert found == meant


def test_meshed_combs_come_apart():
    # each has teeth on both sides of a tooth of the other: the pushes cancel out
    teeth = np.array([[0.0, y] for y in (0, 20, 40, 60)])
    offsets = np.concatenate([teeth, teeth + np.array([0.0, 10.0])])
    groups = np.repeat([0, 1], 4)
    start = np.array([[0.0, 0.0], [3.0, 0.0]])
    hubs = push_apart(start, offsets, groups, np.full(8, 8.0), rounds=20)
    xy = offsets + hubs[groups]
    assert min(np.hypot(*(a - b)) for a in xy[:4] for b in xy[4:]) > 15.95


def test_discs_on_one_spot_come_apart():
    hubs = push_apart(np.zeros((9, 2)), np.zeros((9, 2)), np.arange(9), np.full(9, 5.0), rounds=50)
    assert _closest(hubs, np.full(9, 5.0)) > -0.05
