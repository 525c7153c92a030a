"""Varicella in four shelters, simulated: the dirt that a reader has to meet.

Source: R package outbreaks, data set varicella_sim_berlin.
"""

import pytest

import tracegraph as tg


@pytest.fixture(scope="module")
def varicella():
    return tg.datasets.varicella_berlin()


def test_500_people_with_two_stays_each(varicella):
    assert len(varicella.tables["persons"]) == 500
    assert (varicella.tables["visits"]["person_id"].value_counts() == 2).all()
    assert varicella.tables["persons"]["name"].str.contains(" ").all()


def test_27_stays_that_leave_before_they_arrive_are_rejected(varicella):
    visits = varicella.tables["visits"]
    backwards = visits["depart"] < visits["arrive"]
    assert backwards.sum() == 27
    graph = varicella.graph()
    assert sorted(graph.rejects["row"]) == sorted(visits.index[backwards])
    used = graph.counts.set_index("table")["used"]
    assert used["visits"] == 973


def test_73_onsets_lie_outside_both_stays(varicella):
    cases = varicella.tables["cases"]
    stays = varicella.tables["visits"].merge(cases, on="person_id")
    inside = stays["onset"].between(stays["arrive"], stays["depart"])
    covered = set(stays.loc[inside, "person_id"])
    assert len(cases) == 129
    assert (~cases["person_id"].isin(covered)).sum() == 73
