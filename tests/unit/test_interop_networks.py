"""The same trace as values of networkx and pyvis."""

import json
import re

import pytest
from pyvis.network import Network

import outbreaks
from outbreaks import KEY
from tracegraph.errors import TooLargeError
from tracegraph.interop.networks import to_networkx
from tracegraph.viz.payload import payload
from unit.test_viz_page import hostile_trace


@pytest.fixture(scope="module")
def trace():
    return outbreaks.trace()


def test_one_edge_an_exposure_and_one_node_a_person_or_place(trace):
    graph = to_networkx(trace)
    assert graph.number_of_edges() == len(trace.exposures())
    persons = [key for what, key in graph if what == "person"]
    places = [key for what, key in graph if what == "location"]
    assert sorted(persons) == sorted(trace.tiers["person_id"])
    assert sorted(places) == sorted(trace.exposures()["location_id"].dropna().unique())


def test_an_edge_carries_its_evidence(trace):
    row = trace.exposures(person="A1").iloc[0]
    edges = to_networkx(trace).get_edge_data(
        ("person", row["source_id"]), ("person", row["contact_id"])
    )
    found = [e for e in edges.values() if e["start"] == row["start"]]
    assert len(found) == 1
    assert found[0]["end"] == row["end"]
    assert found[0]["minutes"] == row["minutes"]
    assert found[0]["location"] == ("location", row["location_id"])


def test_a_reported_contact_without_a_place_has_none(trace):
    bare = trace.exposures()[trace.exposures()["location_id"].isna()].iloc[0]
    edges = to_networkx(trace).get_edge_data(
        ("person", bare["source_id"]), ("person", bare["contact_id"])
    )
    assert any(e["location"] is None and e["minutes"] is None for e in edges.values())


def test_names_and_homes_stay_out_unless_asked_for(trace):
    plain = to_networkx(trace)
    assert not any({"name", "home_id", "lat", "remark"} & set(row) for _, row in plain.nodes.data())
    full = to_networkx(trace, extras=True)
    case = trace.tiers["person_id"].iloc[0]
    assert full.nodes["person", case]["name"] == "Name of C1"
    assert full.nodes["person", case]["tier"] == 0


def test_visits_of_traced_persons_on_request(trace):
    graph = to_networkx(trace, visits=True)
    kinds = [row["edge_type"] for *_, row in graph.edges.data()]
    assert kinds.count("visit") == trace.graph.visits["location_id"].notna().sum() - 3  # V1, V2
    assert kinds.count("exposure") == len(trace.exposures())


def test_too_many_edges_are_counted_and_refused(trace):
    n = len(trace.exposures())
    message = rf"{n} edges .* max_edges={n - 1}\. Pass max_edges={n} "
    with pytest.raises(TooLargeError, match=message):
        to_networkx(trace, max_edges=n - 1)
    assert to_networkx(trace, max_edges=n).number_of_edges() == n


# ---- pyvis


def test_pyvis_shows_the_nodes_of_the_page_where_they_stand(trace):
    network, data = trace.to_pyvis(key=KEY), payload(trace, key=KEY)
    tables = {"p": data["persons"], "l": data["places"], "b": data["bubbles"]}
    drawn = {
        f"{letter}{k}": (x, y)
        for letter, table in tables.items()
        for k, (x, y) in enumerate(zip(table["x"], table["y"], strict=True))
        if x is not None
    }
    assert {node["id"]: (node["x"], node["y"]) for node in network.nodes} == drawn
    assert all(node["physics"] is False for node in network.nodes)
    assert network.options.physics.enabled is False
    assert network.get_nodes() == list(drawn)
    code = data["persons"]["code"][0]
    assert network.get_node("p0")["label"] == f"case {code}"


def test_pyvis_keeps_every_exposure_with_a_title_of_its_own():
    trace = outbreaks.ranked(1, 0, rows=4).trace("china-8")
    network, data = trace.to_pyvis(key=KEY), payload(trace, key=KEY)
    place = data["exposures"]["place"][0]
    contact = data["persons"]["tier"].index(1)
    between = [e for e in network.edges if {e["from"], e["to"]} == {f"l{place}", f"p{contact}"}]
    assert len(between) == 4 == len({edge["title"] for edge in between})
    assert len({json.dumps(edge["smooth"]) for edge in between}) == 4  # none covers another
    assert all("15 min or more" in edge["title"] for edge in between)


def test_pyvis_joins_nodes_that_there_are_and_a_reported_contact_to_its_source(trace):
    network = trace.to_pyvis(identities=True)
    names = {node["id"]: node["label"] for node in network.nodes}
    ends = {(names[edge["from"]], names[edge["to"]]) for edge in network.edges}
    assert ("Name of C1", "R1") in ends
    assert ("Name of office", "Name of A1") in ends
    assert ("Name of C1", "Name of office") in ends | {(b, a) for a, b in ends}


def test_pyvis_writes_a_page(trace):
    text = trace.to_pyvis(key=KEY).generate_html()
    assert payload(trace, key=KEY)["persons"]["code"][0] in text


def test_pyvis_hands_on_no_id_and_no_html():
    hostile = hostile_trace()
    text = hostile.to_pyvis().generate_html()
    marks = ("alert(1)", "alert(2)", "javascript:alert", "alert(4)", "gnitset", "HYPERLINK", "7*7")
    assert not [mark for mark in marks if mark in text]
    shown = hostile.to_pyvis(identities=True)
    assert not any(set(node["title"]) & set("<>") for node in shown.nodes)
    assert any("alert(2)" in node["title"] for node in shown.nodes)
    scripts = re.findall(r"<script", shown.generate_html())
    assert len(scripts) == len(re.findall(r"<script", text))


def test_pyvis_is_filled_without_the_ways_that_look_at_all_there_is(trace, monkeypatch):
    """Its own ways take as long as the square of the nodes, and lose parallel edges."""

    def slow(*_args, **_options):
        pytest.fail("looks through all nodes or edges for each one added")

    for name in ("add_node", "add_nodes", "add_edge", "add_edges", "get_node"):
        monkeypatch.setattr(Network, name, slow)
    assert len(trace.to_pyvis().edges) >= len(trace.exposures())
