"""The picture: who is drawn, who is counted in a bubble, and under which name."""

import pandas as pd
import pytest

from browser.standin import made_up_trace
from tracegraph.viz.picture import draw


def test_everyone_is_drawn_once_below_the_limit():
    picture = draw(made_up_trace(2, 20, 30))
    persons = picture.nodes[picture.nodes["what"] == "person"]
    assert sorted(persons["number"]) == list(range(52))
    assert picture.folded.bubbles.empty
    assert picture.persons["pseudonym"].is_unique
    assert picture.places["pseudonym"].is_unique


def test_an_edge_joins_a_person_to_a_place_or_two_persons_without_one():
    trace = made_up_trace(2, 40, 10)
    picture = draw(trace)
    what = picture.nodes["what"].to_numpy()
    kinds = pd.Series([tuple(sorted((what[a], what[b]))) for a, b in picture.edges])
    bare = trace.rows["location_id"].isna().sum()
    assert bare > 0
    assert (kinds == ("person", "person")).sum() == bare
    assert set(kinds) == {("person", "place"), ("person", "person")}


@pytest.mark.parametrize("most", [300, 150, 60, 30, 3, 1])
def test_a_picture_never_holds_more_nodes_than_asked(most):
    picture = draw(made_up_trace(4, 70, 190), max_nodes=most)
    assert 0 < len(picture.nodes) <= most
    assert (picture.folded.bubble_of >= 0).sum() == picture.folded.bubbles["members"].sum()


def test_the_outermost_tier_is_folded_first_and_every_member_is_counted():
    picture = draw(made_up_trace(4, 70, 190), max_nodes=250)
    drawn = picture.persons["tier"][picture.folded.persons].value_counts()
    assert drawn.to_dict() == {0: 4, 1: 70}
    assert picture.folded.bubbles["members"].sum() == 190
    assert set(picture.folded.bubbles["tier"]) == {2}


def test_a_trace_of_nobody_is_an_empty_picture():
    trace = made_up_trace(1, 3, 2)
    trace.tiers, trace.rows = trace.tiers.iloc[:0], trace.rows.iloc[:0]
    picture = draw(trace)
    assert len(picture.nodes) == len(picture.edges) == 0


def test_a_case_alone_is_drawn():
    trace = made_up_trace(1, 3, 2)
    trace.tiers, trace.rows = trace.tiers.iloc[:1], trace.rows.iloc[:0]
    assert draw(trace).nodes["what"].tolist() == ["person"]


def test_a_kind_in_the_team_s_own_words_is_said_only_with_the_names():
    trace = made_up_trace(1, 5, 0)
    own = trace.graph.locations["kind"] == "workshop"
    trace.graph.locations.loc[own, "kind"] = "Wang's workshop"
    assert "Wang's workshop" not in set(draw(trace).places["kind"])
    assert "Wang's workshop" in set(draw(trace, reveal=["names"]).places["kind"])


def test_at_least_one_node():
    with pytest.raises(ValueError, match="max_nodes is 0"):
        draw(made_up_trace(1, 1, 1), max_nodes=0)
