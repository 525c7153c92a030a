"""Measles in Hagelloch, 1861: counts that the re-analyses give. Source: R package outbreaks."""

import pytest

import tracegraph as tg


@pytest.fixture(scope="module")
def children():
    tables = tg.datasets.measles_hagelloch().tables
    return tables["cases"].merge(tables["persons"], on="person_id")


def test_188_cases_184_with_an_infector(children):
    assert len(children) == 188
    assert children["infected_by"].notna().sum() == 184


def test_infectors_share_the_home_in_42_and_the_class_in_59_percent(children):
    links = children[children["infected_by"].notna()]
    source = children.set_index("person_id").loc[links["infected_by"]]
    same_home = links["home_id"].to_numpy() == source["home_id"].to_numpy()
    assert round(100 * same_home.mean()) == 42
    # children before school are class 0 of the original: the same class, too
    own, theirs = links["class_id"].fillna("K0"), source["class_id"].fillna("K0")
    assert round(100 * (own.to_numpy() == theirs.to_numpy()).mean()) == 59


def test_homes_and_classes_are_places(children):
    places = tg.datasets.measles_hagelloch().tables["locations"].set_index("location_id")
    assert (places.loc[children["home_id"], "kind"] == "home").all()
    assert (places.loc[children["class_id"].dropna(), "kind"] == "class").all()


def test_graph_takes_dates_of_1861():
    graph = tg.datasets.measles_hagelloch().graph()
    assert len(graph.rejects) == 0
    assert len(graph.cases) == 188
