"""Folding: nobody is lost, nothing is larger than asked, and it is quick."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from tracegraph.viz.folding import fold


def _outbreak(per_tier, n_places, n_links, seed=1):
    """Tiers in order; each contact has a source one tier in and a place, some have none."""
    rng = np.random.default_rng(seed)
    tier = np.repeat(np.arange(len(per_tier)), per_tier)
    start = np.concatenate([[0], np.cumsum(per_tier)])
    source = np.full(len(tier), -1)
    for k in range(1, len(per_tier)):
        source[start[k] : start[k + 1]] = rng.integers(start[k - 1], start[k], per_tier[k])
    place = np.where(source >= 0, rng.integers(-1, n_places, len(tier)), -1)
    own = np.flatnonzero(place >= 0)
    who = np.concatenate([own, source[own], rng.integers(0, len(tier), n_links)])
    where = np.concatenate([place[own], place[own], rng.integers(0, max(1, n_places), n_links)])
    links = pd.DataFrame({"person": who, "place": where}).drop_duplicates(ignore_index=True)
    return tier, source, place, links, n_places


def _size(folded):
    return folded.persons.sum() + folded.places.sum() + len(folded.bubbles)


def _anchors_are_drawn(folded):
    bubbles = folded.bubbles
    at = bubbles["at_place"].to_numpy(bool)
    anchor = bubbles["anchor"].to_numpy()
    return folded.places[anchor[at]].all() and folded.persons[anchor[~at]].all()


@settings(max_examples=80, deadline=None)
@given(
    per_tier=st.lists(st.integers(1, 12), min_size=1, max_size=4),
    n_places=st.integers(1, 8),
    max_nodes=st.integers(1, 60),
    seed=st.integers(0, 99),
)
def test_a_picture_is_never_larger_than_asked_and_counts_nobody_twice(
    per_tier, n_places, max_nodes, seed
):
    world = _outbreak(per_tier, n_places, 6, seed)
    folded = fold(*world, max_nodes=max_nodes)
    assert 0 < _size(folded) <= max_nodes
    assert not (folded.persons & (folded.bubble_of >= 0)).any()
    counted = np.bincount(folded.bubble_of[folded.bubble_of >= 0], minlength=len(folded.bubbles))
    assert counted.tolist() == folded.bubbles["members"].tolist()
    assert (counted > 0).all()
    tiers = world[0][folded.bubble_of >= 0]
    assert (
        folded.bubbles["tier"].to_numpy()[folded.bubble_of[folded.bubble_of >= 0]] == tiers
    ).all()
    assert _anchors_are_drawn(folded)


def test_below_the_limit_everyone_is_drawn():
    folded = fold(*_outbreak([2, 5, 9], 4, 0), max_nodes=20)
    assert folded.persons.all()
    assert folded.bubbles.empty


def test_the_outermost_tier_is_folded_first():
    folded = fold(*_outbreak([4, 40, 300], 30, 50), max_nodes=200)
    assert folded.persons.sum() == 44
    assert set(folded.bubbles["tier"]) == {2}
    assert folded.bubbles["members"].sum() == 300


def test_contacts_of_someone_in_a_bubble_are_counted_beside_it():
    # case 0 meets 1 to 40 at place 0; each of them meets ten others at home
    close, far = np.arange(1, 41), np.arange(41, 441)
    source = np.concatenate([[-1], np.zeros(40, int), np.repeat(close, 10)])
    place = np.concatenate([[-1], np.zeros(40, int), np.repeat(close, 10)])
    tier = np.repeat([0, 1, 2], [1, 40, 400])
    links = pd.DataFrame({
        "person": np.concatenate([[0], close, close, far]),
        "place": np.concatenate([[0], np.zeros(40, int), close, place[far]]),
    })  # fmt: skip
    folded = fold(tier, source, place, links, 41, max_nodes=10)
    assert folded.persons.nonzero()[0].tolist() == [0]
    assert folded.places.nonzero()[0].tolist() == [0]
    assert folded.bubbles.to_dict("records") == [
        {"tier": 1, "at_place": True, "anchor": 0, "members": 40},
        {"tier": 2, "at_place": True, "anchor": 0, "members": 400},
    ]


def test_twenty_thousand_contacts_of_one_place_are_one_bubble():
    n = 20_000
    tier, source = np.repeat([0, 1], [1, n]), np.repeat([-1, 0], [1, n])
    place = np.repeat([-1, 0], [1, n])
    links = pd.DataFrame({"person": np.arange(n + 1), "place": 0})
    folded = fold(tier, source, place, links, 1, max_nodes=2_000)
    assert folded.bubbles["members"].tolist() == [n]
    assert folded.bubbles["at_place"].tolist() == [True]


def test_without_any_place_contacts_stand_at_their_source():
    tier, source = np.repeat([0, 1], [1, 50]), np.repeat([-1, 0], [1, 50])
    links = pd.DataFrame({"person": [], "place": []}, dtype=np.int64)
    folded = fold(tier, source, np.full(51, -1), links, 0, max_nodes=5)
    assert folded.bubbles.to_dict("records") == [
        {"tier": 1, "at_place": False, "anchor": 0, "members": 50}
    ]


@pytest.mark.parametrize("max_nodes", [2_000, 100])
def test_a_hundred_thousand_persons_take_a_moment(max_nodes):
    world = _outbreak([200, 10_000, 89_800], 20_000, 300_000)
    began = time.perf_counter()
    folded = fold(*world, max_nodes=max_nodes)
    assert time.perf_counter() - began < 3  # 0.1 s on an idle machine
    assert _size(folded) <= max_nodes
