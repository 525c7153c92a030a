"""The same trace as values of networkx and pyvis."""

import re

import pytest

from browser.standin import made_up_trace
from tracegraph.errors import TooLargeError
from tracegraph.interop.networks import to_networkx, to_pyvis


@pytest.fixture(scope="module")
def trace():
    return made_up_trace(2, 20, 30)


def test_one_edge_an_exposure_and_one_node_a_person_or_place(trace):
    graph = to_networkx(trace)
    assert graph.number_of_edges() == len(trace.rows)
    persons = [key for what, key in graph if what == "person"]
    places = [key for what, key in graph if what == "location"]
    assert sorted(persons) == sorted(trace.tiers["person_id"])
    assert sorted(places) == sorted(trace.rows["location_id"].dropna().unique())


def test_an_edge_carries_its_evidence(trace):
    row = trace.rows.iloc[0]
    edges = to_networkx(trace).get_edge_data(
        ("person", row["source_id"]), ("person", row["contact_id"])
    )
    found = [e for e in edges.values() if e["start"] == row["start"]]
    assert len(found) == 1
    assert found[0]["end"] == row["end"]
    assert found[0]["minutes"] == row["minutes"]
    assert found[0]["location"] == ("location", row["location_id"])


def test_a_reported_contact_without_a_place_has_none(trace):
    bare = trace.rows[trace.rows["location_id"].isna()].iloc[0]
    edges = to_networkx(trace).get_edge_data(
        ("person", bare["source_id"]), ("person", bare["contact_id"])
    )
    assert any(e["location"] is None and e["minutes"] is None for e in edges.values())


def test_names_and_homes_stay_out_unless_asked_for(trace):
    plain = to_networkx(trace)
    assert not any({"name", "home_id", "lat", "remark"} & set(row) for _, row in plain.nodes.data())
    full = to_networkx(trace, extras=True)
    case = trace.tiers["person_id"].iloc[0]
    assert full.nodes["person", case]["name"].startswith("Secret person")
    assert full.nodes["person", case]["tier"] == 0


def test_visits_of_traced_persons_on_request(trace):
    graph = to_networkx(trace, visits=True)
    kinds = [row["edge_type"] for *_, row in graph.edges.data()]
    assert kinds.count("visit") == len(trace.graph.visits)
    assert kinds.count("exposure") == len(trace.rows)


def test_too_many_edges_are_counted_and_refused(trace):
    n = len(trace.rows)
    message = rf"{n} edges .* max_edges={n - 1}\. Pass max_edges={n} "
    with pytest.raises(TooLargeError, match=message):
        to_networkx(trace, max_edges=n - 1)
    assert to_networkx(trace, max_edges=n).number_of_edges() == n


def test_pyvis_stands_still_in_given_places(trace):
    network = to_pyvis(trace)
    assert len(network.nodes) == 52 + trace.rows["location_id"].nunique()
    assert all({"x", "y"} <= set(node) and node["physics"] is False for node in network.nodes)
    assert network.options.physics.enabled is False


def test_pyvis_hands_on_no_id_and_no_html():
    hostile = made_up_trace(2, 20, 30, hostile=True)
    text = to_pyvis(hostile).generate_html()
    assert not re.search(r"P0\d{3}|L05\d\d|Secret|onerror=alert", text)
    shown = to_pyvis(hostile, reveal=["ids", "names"])
    assert not any(set(node["title"]) & set("<>\"'") for node in shown.nodes)
    assert any("onerror" in node["title"] for node in shown.nodes)
