"""Positions: repeatable, apart, and packed."""

import networkx as nx
import numpy as np
import pytest

from browser.standin import made_up_trace
from tracegraph.viz.layout import positions
from tracegraph.viz.picture import draw


def _closest(xy, radii):
    away = np.hypot(*(xy[:, None, k] - xy[None, :, k] for k in (0, 1)))
    away -= radii[:, None] + radii[None, :]
    np.fill_diagonal(away, np.inf)
    return away.min()


@pytest.mark.parametrize(
    "graph",
    [
        nx.star_graph(60),
        nx.path_graph(30),
        nx.cycle_graph(12),
        nx.balanced_tree(4, 3),
        nx.complete_bipartite_graph(3, 20),
        nx.disjoint_union_all([nx.path_graph(n) for n in (1, 1, 2, 3, 9)]),
        nx.empty_graph(1),
    ],
    ids=["star", "path", "cycle", "tree", "bipartite", "pieces", "one"],
)
def test_nodes_do_not_cover_one_another(graph):
    radii = np.full(len(graph), 7.0)
    xy = positions(np.array(graph.edges, dtype=np.int64).reshape(-1, 2), radii)
    assert np.isfinite(xy).all()
    assert _closest(xy, radii) > 0


def test_nothing_to_place_is_no_error():
    assert positions(np.empty((0, 2), dtype=np.int64), np.empty(0)).shape == (0, 2)


def test_an_outbreak_is_legible_and_the_same_every_time():
    trace = made_up_trace(4, 70, 190)
    one, two = (draw(trace, rng=5) for _ in range(2))
    xy = one.nodes[["x", "y"]].to_numpy()
    assert (xy == two.nodes[["x", "y"]].to_numpy()).all()
    away = np.hypot(*(xy[:, None, k] - xy[None, :, k] for k in (0, 1)))
    radii = one.nodes["radius"].to_numpy()
    covered = np.triu(away < (radii[:, None] + radii[None, :]) * 0.8, 1).sum()
    assert covered <= len(xy) // 100


def test_positions_do_not_depend_on_the_order_of_repeated_edges():
    edges = np.array([[0, 1], [1, 2], [2, 3], [3, 0], [3, 4], [0, 0]])
    radii = np.full(5, 6.0)
    again = np.concatenate([edges[::-1], edges[:, ::-1]])
    assert np.allclose(positions(edges, radii), positions(again, radii), atol=1e-6)
