"""What goes into Neo4j comes back to the letter, and stands there as a graph that people can query.

`TRACEGRAPH_NEO4J_EXAMPLES` sets how many graphs are drawn.
"""

from __future__ import annotations

import os

import pandas as pd
import pytest
from hypothesis import given, strategies as st

import strategies
import tracegraph as tg
from kept import check_appended, check_equal, check_trace, patient
from told import graph_of
from tracegraph.stores.neo4j import graphs as graphs_of_loads, layout

pytestmark = pytest.mark.neo4j

EXAMPLES = int(os.environ.get("TRACEGRAPH_NEO4J_EXAMPLES", "6"))
graphs = strategies.kept_graphs(strategies.HOSTILE_NAMES)
names = st.sampled_from([None, *filter(str.strip, strategies.HOSTILE_NAMES)])

HOSTILE = [
    "'; DROP TABLE visits; --", "`}) DETACH DELETE n //", "x\\' OR 1=1 RETURN n //", "${load}",
    "<script>alert(1)</script>", '" }) MATCH (n) DELETE n //', "r[0]", "é" * 200, "病例 1",
]  # fmt: skip
"""Ids and names full of Cypher, SQL and HTML."""


def asked(driver, text, **given):
    """Rows of a query of a user of the database."""
    return [list(r) for r in driver.execute_query(text, database_="neo4j", **given).records]


def counted(driver, pattern):
    return asked(driver, f"MATCH {pattern} RETURN count(*)")[0][0]


def test_neo4j_gives_back_graphs_and_traces(neo4j_store):
    @patient(EXAMPLES)
    @given(graph=graphs, other=graphs, name=names)
    def same(graph, other, name):
        neo4j_store.save(other)
        for old in neo4j_store.traces()["name"]:
            neo4j_store.delete_trace(old)
        theirs, ours = other.trace("china-8"), graph.trace("china-8")
        first = neo4j_store.save_trace(theirs, name)
        neo4j_store.save(graph)
        second = neo4j_store.save_trace(ours)
        check_equal(graph, neo4j_store.read())
        check_trace(theirs, neo4j_store.read_trace(first))
        check_trace(ours, neo4j_store.read_trace(second))
        assert neo4j_store.traces()["name"].tolist() == [first, second]

    same()


def test_appended_rows_are_as_if_they_had_always_been_there(neo4j_store):
    @patient(max(1, EXAMPLES // 2))
    @given(drawn=strategies.cut_tables())
    def same(drawn):
        check_appended(neo4j_store, drawn)

    same()


def hostile_graph():
    people = [{"person_id": i, "name": i, **dict.fromkeys(HOSTILE, i)} for i in HOSTILE]
    places = [{"location_id": i, "kind": i, "name": i, "id": i, "load": i} for i in HOSTILE]
    visits = [
        {"person_id": a, "location_id": b, "arrive": "2022-05-09 08:00", "row": a, "trace": b}
        for a, b in zip(HOSTILE, HOSTILE[::-1], strict=True)
    ]
    cases = [{"person_id": i, "onset": "2022-05-09", "status": i, "r": i} for i in HOSTILE]
    return graph_of(cases=cases, persons=people, locations=places, visits=visits)


def test_statements_in_ids_names_and_columns_come_back_as_they_went_in(neo4j_store, neo4j_driver):
    graph = hostile_graph()
    neo4j_store.save(graph)
    check_equal(graph, neo4j_store.read())
    trace = graph.trace("china-8")
    for name in HOSTILE:
        assert neo4j_store.save_trace(trace, name) == name
    check_trace(trace, neo4j_store.read_trace(HOSTILE[1]))
    neo4j_store.delete_trace(HOSTILE[0])
    assert neo4j_store.traces()["name"].tolist() == HOSTILE[1:]
    found = asked(neo4j_driver, "MATCH (p:Person) RETURN p.id, properties(p)")
    assert sorted(row[0] for row in found) == sorted(HOSTILE)
    assert all(properties[sign] == i for i, properties in found for sign in HOSTILE)


def test_equal_parallel_rows_stay_apart(neo4j_store, neo4j_driver):
    visit = {"person_id": "Ann", "location_id": "R1", "arrive": "2022-05-09 08:00"}
    contact = {"person_id": "Ann", "contact_id": "Bob", "start": "2022-05-09 08:00"}
    graph = graph_of(visits=[visit] * 3, contacts=[contact] * 2)
    neo4j_store.save(graph)
    check_equal(graph, neo4j_store.read())
    assert counted(neo4j_driver, "(:Person)-[:VISITED]->(:Location)") == 3
    assert counted(neo4j_driver, "(:Person)-[:CONTACT]->(:Person)") == 2


def test_tables_without_rows_and_columns_without_values_come_back(neo4j_store):
    empty = pd.DataFrame({"person_id": pd.Series([], dtype="str"), "result": [], "sampled": []})
    odd = pd.Series([2**64 - 1], dtype="uint64")
    cases = pd.DataFrame({"person_id": [7], "onset": ["2022-05-09"], "n": odd, "none": [None]})
    graph = graph_of(cases=cases, tests=empty.astype({"person_id": "int64"}))
    neo4j_store.save(graph)
    again = neo4j_store.read()
    check_equal(graph, again)
    assert again.cases["n"].tolist() == [2**64 - 1]
    assert "tests" in again.tables


def test_rows_without_a_place_are_kept(neo4j_store, neo4j_driver):
    visits = [{"person_id": "Ann", "location_id": None, "arrive": "2022-05-09 08:00"}]
    isolations = [{"person_id": "Ann", "start": "2022-05-10 08:00"}]
    graph = graph_of(visits=visits, isolations=isolations)
    neo4j_store.save(graph)
    check_equal(graph, neo4j_store.read())
    assert counted(neo4j_driver, "(:Person)-[:VISITED|ISOLATED]->(:Unplaced)") == 2


def test_several_rows_of_one_person_are_one_node_and_come_back(neo4j_store, neo4j_driver):
    persons = [
        {"person_id": "Ann", "name": None, "sex": "f", "home_id": None},
        {"person_id": "Bob", "name": "Bob", "sex": None, "home_id": None},
        {"person_id": "Ann", "name": "Anna", "sex": None, "home_id": "H"},
    ]
    graph = graph_of(persons=persons)
    neo4j_store.save(graph)
    check_equal(graph, neo4j_store.read())
    text = "MATCH (p:Person)-[:LIVES_AT]->(h) RETURN p.id, p.name, p.sex, h.id"
    assert asked(neo4j_driver, text) == [["Ann", "Anna", "f", "H"]]


@pytest.mark.parametrize("tz", ["Europe/Berlin", "Asia/Shanghai", "America/St_Johns", "UTC"])
def test_moments_stand_there_in_the_zone_of_the_graph(neo4j_store, neo4j_driver, tz):
    hours = pd.date_range("2022-10-29 22:00", "2022-10-30 03:00", freq="30min", tz="UTC")
    visits = pd.DataFrame({"person_id": "Ann", "location_id": "R1", "arrive": hours})
    graph = graph_of(visits=visits, tz=tz)
    neo4j_store.save(graph)
    check_equal(graph, neo4j_store.read())
    text = (
        "MATCH (:Person)-[v:VISITED]->() "
        "RETURN toString(v.arrive), v.arrive.epochSeconds ORDER BY v.arrive"
    )
    told, seconds = zip(*asked(neo4j_driver, text), strict=True)
    assert list(seconds) == (hours.as_unit("s").asi8).tolist()
    local = [hour.tz_convert(tz).isoformat()[:16] for hour in hours]
    assert [one[:16] for one in told] == local


def test_graph_reads_as_the_page_says(neo4j_store, neo4j_driver):
    graph = graph_of(
        cases=[{"person_id": "Ann", "onset": "2022-05-09 08:00", "infected_by": "Zoe"}],
        visits=[
            {"person_id": i, "location_id": "R1", "arrive": f"2022-05-09 0{9 + n // 9}:00",
             "depart": "2022-05-09 12:00"} for n, i in enumerate(["Ann", "Bob"])
        ],
        persons=[{"person_id": "Ann", "home_id": "H1", "same_as": None}],
        locations=[{"location_id": "R1", "kind": "office", "parent_id": "B1", "area_id": "G1"}],
        areas=[{"area_id": "G1", "parent_id": "T1"}],
        tests=[{"person_id": "Bob", "sampled": "2022-05-10 08:00", "result": "negative"}],
        disinfections=[{"location_id": "R1", "done": "2022-05-10 08:00"}],
        zone_history=[{"area_id": "G1", "zone": "control", "start": "2022-05-10 08:00"}],
        rounds=[{"round_id": "1", "area_id": "T1", "start": "2022-05-10 08:00"}],
        measures=[{"area_id": "G1", "kind": "suspended_events", "start": "2022-05-10 08:00"}],
    )  # fmt: skip
    neo4j_store.save(graph)
    for pattern in (
        "(:Case {id: 'Ann'})-[:HAS_RECORD]->(:CaseRecord)-[:INFECTED_BY]->(:Person {id: 'Zoe'})",
        "(:Person {id: 'Ann'})-[:LIVES_AT]->(:Location {id: 'H1'})",
        "(:Location {id: 'R1'})-[:IN]->(:Location {id: 'B1'})",
        "(:Location {kind: 'office'})-[:IN]->(:Area {id: 'G1'})-[:IN]->(:Area {id: 'T1'})",
        "(:Person {id: 'Bob'})-[:TESTED]->(:Test {result: 'negative'})",
        "(:Disinfection)-[:AT]->(:Location {id: 'R1'})",
        "(:ZoneSpan {zone: 'control'})-[:OF]->(:Area {id: 'G1'})",
        "(:Round {round_id: '1'})-[:OF]->(:Area {id: 'T1'})",
        "(:Measure)-[:OF]->(:Area {id: 'G1'})",
        "(:Load {complete: true, format: 1})",
    ):
        assert counted(neo4j_driver, pattern) == 1, pattern
    assert counted(neo4j_driver, "(c:Case)") == 1
    check_equal(graph, neo4j_store.read())


def test_trace_stands_there_for_who_looks_at_the_graph(neo4j_store, neo4j_driver):
    visits = [
        {"person_id": i, "location_id": "R1", "arrive": "2022-05-09 09:00",
         "depart": "2022-05-09 12:00"} for i in ("Ann", "Bob")
    ]  # fmt: skip
    graph = graph_of(visits=visits, locations=[{"location_id": "R1", "kind": "office"}])
    name = neo4j_store.save_trace(graph.trace("china-8", as_of="2022-05-12"), "one")
    assert name == "one"
    text = (
        "MATCH (a:Person)-[e:EXPOSED {trace: 'one', tier: 1}]->(b:Person) "
        "RETURN a.id, b.id, e.minutes, e.tier, e.start.epochSeconds, b.tier"
    )
    start = int(pd.Timestamp("2022-05-09 09:00", tz="Asia/Shanghai").timestamp())
    assert asked(neo4j_driver, text) == [["Ann", "Bob", 180.0, 1, start, 1]]
    later = graph.trace("china-8", as_of="2022-05-09 08:30")
    assert neo4j_store.save_trace(later) == "china-8 as of 2022-05-09 08:30"
    tiers = "MATCH (p:Person) RETURN p.id, p.tier ORDER BY p.id"
    assert asked(neo4j_driver, tiers) == [["Ann", 0], ["Bob", None]]
    neo4j_store.delete_trace("china-8 as of 2022-05-09 08:30")
    assert asked(neo4j_driver, tiers) == [["Ann", 0], ["Bob", 1]]
    neo4j_store.save(graph_of(cases=[{"person_id": "Zoe", "onset": "2022-05-09"}]))
    assert asked(neo4j_driver, tiers) == [["Ann", 0], ["Bob", 1], ["Zoe", None]]
    check_trace(graph.trace("china-8", as_of="2022-05-12"), neo4j_store.read_trace("one"))
    assert neo4j_store.read().person_ids.tolist() == ["Zoe"]


def test_doors_lead_to_it_by_each_scheme(neo4j_store, neo4j_server, monkeypatch):
    routed = neo4j_store.url.replace("bolt://", "neo4j://")
    assert graph_of().save(routed, auth=neo4j_server.auth, database="neo4j") == routed
    check_equal(graph_of(), tg.read(routed, auth=neo4j_server.auth, database="neo4j"))
    if neo4j_server.auth:
        monkeypatch.setenv("NEO4J_USERNAME", neo4j_server.auth[0])
        monkeypatch.setenv("NEO4J_PASSWORD", neo4j_server.auth[1])
    check_equal(graph_of(), tg.read(routed.upper().replace("NEO4J", "neo4j")))
    assert isinstance(tg.store(routed), tg.Store)


def test_names_of_traces_are_free_or_refused(neo4j_store):
    trace = graph_of().trace("china-8", as_of="2022-05-12")
    made = [neo4j_store.save_trace(trace) for _ in range(2)]
    assert made[1] == f"{made[0]} (2)"
    with pytest.raises(tg.StoreError, match="there is a trace"):
        neo4j_store.save_trace(trace, made[0])
    with pytest.raises(tg.StoreError, match="there is no trace 'x'"):
        neo4j_store.read_trace("x")
    with pytest.raises(tg.StoreError, match="there is no trace 'x'"):
        neo4j_store.delete_trace("x")
    types = neo4j_store.traces().dtypes.map(str)
    assert types[["name", "as_of", "tiers"]].tolist() == ["str", "datetime64[s, UTC]", "int64"]


def test_few_rows_are_added_where_they_belong(neo4j_store, neo4j_driver):
    visit = {"person_id": "Ann", "location_id": "R1", "arrive": "2022-05-09 08:00", "note": "a"}
    neo4j_store.save(graph_of(visits=[visit], persons=[{"person_id": "Ann", "name": "Ann"}]))
    load = asked(neo4j_driver, "MATCH (l:Load) RETURN l.id")
    later = {**visit, "person_id": "Bob", "location_id": "R2", "row": "x", "note": None}
    added = neo4j_store.append(
        {
            "visits": pd.DataFrame([later]),
            "persons": pd.DataFrame([{"person_id": "Bob", "name": "Bob", "home_id": "R1"}]),
        }
    )
    check_equal(added, neo4j_store.read())
    assert added.visits["row"].tolist()[1] == "x"
    assert asked(neo4j_driver, "MATCH (l:Load) RETURN l.id") == load
    assert counted(neo4j_driver, "(:Person {name: 'Bob'})-[:LIVES_AT]->(:Location {id: 'R1'})") == 1


def test_many_rows_make_a_new_load(neo4j_store, neo4j_driver, monkeypatch):
    monkeypatch.setattr(graphs_of_loads, "MOST_AT_ONCE", 0)
    visit = {"person_id": "Ann", "location_id": "R1", "arrive": "2022-05-09 08:00"}
    neo4j_store.save(graph_of(visits=[visit]))
    load = asked(neo4j_driver, "MATCH (l:Load) RETURN l.id")
    added = neo4j_store.append({"visits": pd.DataFrame([visit])})
    check_equal(added, neo4j_store.read())
    assert asked(neo4j_driver, "MATCH (l:Load) RETURN l.id") != load


def test_nothing_of_an_older_load_stays(neo4j_store, neo4j_driver):
    trace = hostile_graph().trace("china-8")
    neo4j_store.save_trace(trace)
    neo4j_store.save(hostile_graph())
    labels = {row[0] for row in asked(neo4j_driver, "MATCH (n) UNWIND labels(n) AS l RETURN l")}
    assert labels <= {*layout.KEYS, "Case", "Load", "Tracegraph", "Writer"}
    assert asked(
        neo4j_driver, "MATCH (n) WHERE n.load IS NOT NULL RETURN count(DISTINCT n.load)"
    ) == [[1]]
    assert asked(neo4j_driver, "MATCH ()-[r]->() RETURN count(DISTINCT r.load)") == [[1]]
    neo4j_store.delete_trace(neo4j_store.traces()["name"][0])
    assert counted(neo4j_driver, "()-[r:EXPOSED|TRACED|VENUE_CONTACT]->()") == 0


def test_data_of_others_in_the_database_stay(neo4j_store, neo4j_driver):
    asked(neo4j_driver, "CREATE (:Person {name: 'mine'})-[:VISITED]->(:Location), (:Film)")
    for _ in range(2):
        neo4j_store.save(graph_of())
    check_equal(graph_of(), neo4j_store.read())
    assert counted(neo4j_driver, "(:Person {name: 'mine'})-[:VISITED]->(:Location)") == 1
    assert counted(neo4j_driver, "(:Film)") == 1
