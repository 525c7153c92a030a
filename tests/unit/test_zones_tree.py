"""Rolling up over areas, held to a program that looks at every pair."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tracegraph.errors import TableError
from tracegraph.zones.tree import UNDATED, AreaTree


def holders(parent, area):
    found = []
    while area != -1:
        found.append(area)
        area = parent[area]
    return found


@st.composite
def forests(draw):
    size = draw(st.integers(1, 8))
    order = draw(st.permutations(range(size)))
    parent = [-1] * size
    for i in range(1, size):
        above = draw(st.integers(-1, i - 1))
        parent[order[i]] = -1 if above < 0 else order[above]
    rows = draw(
        st.lists(
            st.tuples(st.integers(-1, size - 1), st.integers(0, 3), st.integers(-5, 40)),
            max_size=12,
        )
    )
    return parent, rows


def whole(values):
    return np.array(values, dtype=np.int64)


@settings(deadline=None)
@given(forests())
def test_an_area_sums_what_every_part_of_it_has(forest):
    parent, rows = forest
    tree = AreaTree(parent=whole(parent))
    area, who, at = (whole([row[k] for row in rows]) for k in range(3))
    inside = [[row for row in rows if a in holders(parent, row[0])] for a in range(len(parent))]
    assert tree.add_up(area).tolist() == [len(some) for some in inside]
    assert tree.add_up(area, at).tolist() == [sum(row[2] for row in some) for some in inside]
    distinct = [{row[1] for row in some} for some in inside]
    assert tree.count_distinct(area, who).tolist() == [len(some) for some in distinct]
    latest = [max((row[2] for row in some), default=UNDATED) for some in inside]
    assert tree.latest(area, at).tolist() == latest
    pairs = list(zip(*(column.tolist() for column in tree.pairs(area, who)), strict=True))
    assert pairs == sorted((a, w) for a, some in enumerate(distinct) for w in some)


@settings(deadline=None)
@given(forests(), st.data())
def test_nearest_top_and_inside_follow_the_parents(forest, data):
    parent, _ = forest
    tree, areas = AreaTree(parent=whole(parent)), range(len(parent))
    flag = data.draw(st.lists(st.booleans(), min_size=len(parent), max_size=len(parent)))
    chains = [holders(parent, a) for a in areas]
    nearest = [next((b for b in chain if flag[b]), -1) for chain in chains]
    assert tree.nearest(np.array(flag)).tolist() == nearest
    assert tree.top().tolist() == [chain[-1] for chain in chains]
    assert tree.depth().tolist() == [len(chain) - 1 for chain in chains]
    assert tree.inside(0).tolist() == [0 in chain for chain in chains]
    holds = [any(flag[b] and a in chains[b] for b in areas) for a in areas]
    assert tree.holds(np.array(flag)).tolist() == holds
    assert tree.are_finest().tolist() == [a not in parent for a in areas]


def test_areas_in_a_circle_are_an_error():
    with pytest.raises(TableError, match=r"circle.*\n.*areas\.parent_id"):
        AreaTree(parent=whole([1, 0])).depth()


@settings(deadline=None)
@given(forests())
def test_parts_and_what_is_around_follow_the_parents(forest):
    parent, _ = forest
    tree = AreaTree(parent=whole(parent))
    for area in range(len(parent)):
        assert tree.around(area) == holders(parent, area)
        assert tree.of_parts(whole(parent) + 2)[area] == sum(up + 2 for up in parent if up == area)
