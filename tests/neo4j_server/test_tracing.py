"""Cypher = kernel, on random graphs of the part that Cypher says and on the county."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

import strategies
import tracegraph as tg
import worlds
from reference_rule import World
from tracegraph.errors import ProtocolError, TableError
from tracegraph.stores.neo4j.subset import cypher_part
from tracegraph.stores.neo4j.tracing import (
    tracing_cypher,
    tracing_parameters,
)

pytestmark = pytest.mark.neo4j

EXAMPLES = int(os.environ.get("TRACEGRAPH_CYPHER_EXAMPLES", "12"))
COLUMNS = ["person_id", "tier", "contact_tier", "first_exposure", "last_exposure"]


def both(store, graph, protocol, as_of):
    """Tiers by Cypher and by the kernel, as plain rows in the order of ids."""
    theirs = traced(store, graph, protocol, as_of)
    ours = graph.trace(protocol, as_of=as_of).tiers
    return [sorted(map(repr, worlds.rows_of(found[COLUMNS]))) for found in (theirs, ours)]


def traced(store, graph, protocol, as_of="2022-05-12"):
    store.save(graph)
    return store.trace_inside(protocol, as_of=as_of)


@st.composite
def outbreaks(draw):
    """Worlds in which few people meet often, at few places."""
    stage = draw(strategies.stages())
    stage = replace(stage, anchors=stage.anchors[:2], places=stage.places[:3], unit=60)

    def stay():
        anchor, start = draw(st.sampled_from(stage.anchors)), draw(st.integers(0, 40))
        arrive = stage.local(anchor, start)
        depart = stage.local(anchor, start + draw(st.sampled_from([10, 0, 1, 5, 20, 30])))
        if stage.dates_too and draw(st.integers(0, 5)) == 5:
            arrive, depart = arrive.date(), draw(st.sampled_from([depart, depart.date()]))
        return {
            "person_id": draw(stage.person()),
            "location_id": draw(stage.place()),
            "arrive": arrive,
            "depart": depart,
            "record": draw(strategies.rarely(st.sampled_from(["interview", "phone"]))),
            "recorded": draw(strategies.rarely(stage.instants(), out_of=12)),
        }

    kinds = st.sampled_from(["office", "office", "home", "market", "odd", None])
    late = stage.local(max(stage.anchors), 45) + dt.timedelta(days=1)
    return World(
        tz=stage.tz,
        as_of=draw(st.one_of(st.just(late), st.just(late), stage.instants())),
        cases=draw(st.lists(strategies.case_rows(stage), min_size=1, max_size=3)),
        visits=[stay() for _ in range(draw(st.sampled_from([8, 12, 16])))],
        locations=[
            {
                "location_id": place,
                "kind": draw(kinds),
                "parent_id": draw(strategies.rarely(st.sampled_from(stage.places[:i]), out_of=3))
                if i
                else None,
            }
            for i, place in enumerate(stage.places)
        ],
        persons=draw(strategies.person_rows(stage)),
        isolations=[
            draw(strategies.isolation_rows(stage))
            for _ in range(draw(st.sampled_from([0, 0, 1, 2, 3])))
        ],
    )


def test_cypher_finds_whom_the_kernel_finds(neo4j_store):
    seen = Counter()

    @settings(
        deadline=None,
        max_examples=EXAMPLES,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(world=outbreaks(), rule=strategies.rules(plain=True, resolution="exact"))
    def same(world, rule):
        protocol = cypher_part(worlds.to_protocol(rule))
        graph, as_of = worlds.to_graph(world), pd.Timestamp(world.as_of)
        theirs, ours = both(neo4j_store, graph, protocol, as_of)
        assert theirs == ours, worlds.compact(world)
        reached = graph.trace(protocol, as_of=as_of).tiers["contact_tier"].dropna()
        seen.update(set(reached))

    for _ in range(6):  # a dozen worlds may hold no contact of a contact
        same()
        if seen[1] > EXAMPLES / 20 and seen[2] > EXAMPLES / 60:
            return
    pytest.fail(f"too few were exposed, or it says nothing: {seen}")


@pytest.fixture(scope="module")
def county_part():
    """The county without visits that have no end, and from two days before the first onset."""
    tables = dict(tg.datasets.county(seed=3, n_people=2_000).tables)
    visits = tables["visits"]
    visits = visits[visits["depart"].notna() & (visits["arrive"].astype(str) > "2022-05-05")]
    kept = ("cases", "persons", "locations", "isolations", "contacts")
    given_tables = {name: tables[name] for name in kept}
    return tg.TraceGraph(visits=visits, **given_tables, tz="Asia/Shanghai")


def test_cypher_finds_the_county_as_the_kernel_does(neo4j_store, county_part):
    protocol = cypher_part("china-8")
    theirs, ours = both(neo4j_store, county_part, protocol, "2022-05-12")
    assert theirs == ours
    assert {0, 1, 2} == set(county_part.trace(protocol, as_of="2022-05-12").tiers["tier"])


LOADED_ROOM = {
    "cases": pd.DataFrame({"person_id": ["C1"], "onset": ["2022-05-09 08:00"]}),
    "visits": pd.DataFrame(
        [
            ("C1", "R1", "2022-05-09 09:00", "2022-05-09 10:00"),
            ("P1", "R1", "2022-05-09 09:30", "2022-05-09 10:30"),
            ("P1", "R2", "2022-05-09 10:30", "2022-05-09 11:00"),
            ("P2", "R2", "2022-05-09 10:30", "2022-05-09 11:00"),
        ],
        columns=["person_id", "location_id", "arrive", "depart"],
    ),
    "locations": pd.DataFrame({"location_id": ["R1", "R2"], "kind": ["office", "office"]}),
}


def room(**changed):
    return tg.TraceGraph(**{**LOADED_ROOM, **changed}, tz="Asia/Shanghai")


def test_answer_has_the_columns_and_types_of_tiers(neo4j_store):
    found = traced(neo4j_store, room(), "china-8")
    kernel = room().trace("china-8", as_of="2022-05-12").tiers[COLUMNS]
    assert found["person_id"].tolist() == ["C1", "P1", "P2"]
    assert found["tier"].tolist() == [0, 1, 2]
    pd.testing.assert_frame_equal(found, kernel.reset_index(drop=True))


def test_one_stay_both_makes_a_contact_and_passes_it_on(neo4j_store):
    visits = pd.DataFrame(
        {
            "person_id": ["C1", "P1", "P2"],
            "location_id": "R1",
            "arrive": ["2022-05-09 09:00", "2022-05-09 09:30", "2022-05-09 10:10"],
            "depart": ["2022-05-09 10:00", "2022-05-09 11:00", "2022-05-09 11:00"],
        }
    )
    found = traced(neo4j_store, room(visits=visits), "china-8")
    assert found.set_index("person_id")["tier"].to_dict() == {"C1": 0, "P1": 1, "P2": 2}


def visits_of(*rows):
    """Visits of 9 May 2022: person, place, two times."""
    return pd.DataFrame(
        [(who, place, f"2022-05-09 {a}", f"2022-05-09 {b}") for who, place, a, b in rows],
        columns=["person_id", "location_id", "arrive", "depart"],
    )


HOMES = {
    "persons": pd.DataFrame({"person_id": ["C1"], "home_id": ["R2"]}),
    "locations": pd.DataFrame({"location_id": ["R1", "R2"], "kind": ["office", "home"]}),
}
CALLS = visits_of(
    ("C1", "R1", "09:00", "10:00"), ("P1", "R1", "09:00", "10:00"),
    ("C1", "R2", "11:00", "12:00"), ("P2", "R2", "11:00", "12:00"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "reached"),
    [
        pytest.param(
            {
                "visits": visits_of(
                    ("C1", "R1", "09:00", "10:00"),
                    ("P1", "R1", "09:30", "09:40"),
                    ("P1", "R1", "09:40", "09:50"),
                    ("P2", "R1", "09:30", "09:40"),
                    ("P2", "R1", "09:41", "09:50"),
                )
            },
            {"P1": 1},
            id="visits that touch are one stay",
        ),
        pytest.param(
            {
                "visits": visits_of(
                    ("C1", "R1", "09:00", "10:00"),
                    ("P1", "R1", "09:45", "10:30"),
                    ("P2", "R1", "09:46", "10:30"),
                )
            },
            {"P1": 1, "P2": 2},
            id="exactly the minutes of the threshold count",
        ),
        pytest.param(
            {
                "visits": CALLS,
                **HOMES,
                "isolations": pd.DataFrame(
                    {"person_id": ["C1"], "start": ["2022-05-09 08:00"], "kind": ["home"]}
                ),
            },
            {"P2": 1},
            id="who is isolated at home meets others at home",
        ),
        pytest.param(
            {
                "visits": CALLS,
                "isolations": pd.DataFrame(
                    {
                        "person_id": ["C1", "C1"],
                        "start": ["2022-05-09 08:00", "2022-05-07 09:00"],
                        "end": ["2022-05-09 08:30", "2022-05-07 10:00"],
                        "kind": "central",
                    }
                ),
            },
            {},
            id="the first isolation from the onset on ends the window for good",
        ),
        pytest.param(
            {
                "visits": CALLS,
                "isolations": pd.DataFrame(
                    {
                        "person_id": ["C1"],
                        "start": ["2022-05-09 07:00"],
                        "end": ["2022-05-09 09:30"],
                        "kind": "central",
                    }
                ),
            },
            {"P1": 1, "P2": 1},
            id="an isolation before the onset only delays",
        ),
        pytest.param(
            {
                "visits": CALLS,
                "locations": pd.DataFrame(
                    {
                        "location_id": ["R1", "R2"],
                        "kind": ["ward", "ward"],
                        "parent_id": ["R2", None],
                    }
                ),
                "isolations": pd.DataFrame(
                    {
                        "person_id": ["C1"],
                        "start": ["2022-05-08 07:00"],
                        "kind": ["hospital"],
                        "site_id": ["R2"],
                    }
                ),
            },
            {"P1": 1, "P2": 1},
            id="who is isolated in a house meets others in its rooms",
        ),
        pytest.param(
            {
                "visits": visits_of(
                    ("C1", "R1", "09:00", "10:00"), ("P1", "R1", "09:00", "10:00"),
                    ("P1", "R2", "08:00", "08:59"), ("P2", "R2", "08:00", "08:59"),
                )
            },
            {"P1": 1},
            id="nobody is exposed by a contact who was not yet exposed",
        ),
        pytest.param(
            {
                "visits": visits_of(
                    ("C1", "R1", "09:00", "10:00"), ("P1", "R1", "09:00", "10:00"),
                    ("P1", "R2", "10:00", "12:00"), ("P2", "R2", "10:00", "10:20"),
                    ("P3", "R2", "11:00", "12:00"),
                ),
                "isolations": pd.DataFrame(
                    {"person_id": ["P1"], "start": ["2022-05-09 10:30"], "kind": ["central"]}
                ),
            },
            {"P1": 1, "P2": 2},
            id="a contact stops being a source when isolated",
        ),
    ],
)  # fmt: skip
def test_cypher_keeps_the_rule(neo4j_store, changed, reached):
    theirs, ours = both(neo4j_store, room(**changed), "china-8", "2022-05-12")
    assert theirs == ours
    found = room(**changed).trace("china-8", as_of="2022-05-12").tiers
    tiers = found.set_index("person_id")["tier"].to_dict()
    assert tiers == {"C1": 0, **reached}


def test_gap_that_a_later_visit_bridges_is_part_of_the_stay(neo4j_store):
    """The later visit begins as the case is isolated, outside the window."""
    graph = room(
        visits=visits_of(
            ("C1", "R1", "09:00", "10:00"),
            ("P1", "R1", "09:00", "09:28"),
            ("P1", "R1", "09:30", "09:40"),
        ),
        cases=LOADED_ROOM["cases"].assign(isolated="2022-05-09 09:30"),
    )
    protocol = tg.Protocol.named("china-8").derive(merge_gap_minutes=3.0)
    theirs, ours = both(neo4j_store, graph, protocol, "2022-05-12")
    assert theirs == ours
    found = graph.trace(protocol, as_of="2022-05-12").tiers
    last = found.set_index("person_id").loc["P1", "last_exposure"]
    assert last == pd.Timestamp("2022-05-09 09:30", tz="Asia/Shanghai")


def test_graph_without_a_known_case_has_no_tiers(neo4j_store):
    assert traced(neo4j_store, room(), "china-8", as_of="2022-05-12").shape == (3, 5)
    cases = LOADED_ROOM["cases"].assign(recorded="2022-05-11 10:00")
    found = traced(neo4j_store, room(cases=cases), "china-8", as_of="2022-05-10")
    assert found.empty
    assert list(found) == COLUMNS


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"tier.0.accumulate": "same_source"}, r"several encounters \(close contact: accumulate\)"),
        ({"kind.office.linger_minutes": 10.0}, r"lingers in the air \(linger of office\)"),
        ({"from_last_negative": True}, "last negative specimen"),
        ({"resolution": "day"}, "counts dates, not minutes"),
    ],
)
def test_protocol_beyond_the_part_is_refused_by_name(neo4j_store, changes, named):
    protocol = tg.Protocol.named("china-8").derive(**changes, name="ours")
    with pytest.raises(ProtocolError, match=rf"^ours .*{named}"):
        traced(neo4j_store, room(), protocol)


def with_column(table, **columns):
    return {table: LOADED_ROOM[table].assign(**columns)}


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        (with_column("locations", kind="train"), "4 visits to vehicles where seats decide"),
        (with_column("visits", depart=None), "4 visits without an end"),
        (with_column("visits", seat="1A"), "4 visits with a seat to places without a seat rule"),
        (
            {
                "contacts": pd.DataFrame(
                    {"person_id": ["C1"], "contact_id": ["P2"], "start": ["2022-05-09 12:00"]}
                )
            },
            "1 reported contacts",
        ),
        (
            {
                "persons": pd.DataFrame({"person_id": ["C1", "P9"], "home_id": ["H", "H"]}),
            },
            "1 homes that several people share",
        ),
        (
            {"persons": pd.DataFrame({"person_id": ["P1", "P9"], "same_as": [None, "P1"]})},
            "1 persons with two ids",
        ),
        (
            {
                "cases": pd.DataFrame({"person_id": ["C1"], "onset": ["2022-05-12 08:00"]}),
                "tests": pd.DataFrame(
                    {"person_id": ["C1"], "sampled": ["2022-05-09 08:00"], "result": ["+"]}
                ),
            },
            "1 cases whose specimen stands in tests alone",
        ),
        (
            {
                "locations": None,
                "persons": pd.DataFrame({"person_id": ["P9"], "home_id": ["R2"]}),
            },
            "1 homes that are in no row of locations",
        ),
    ],
)
def test_graph_beyond_the_part_is_refused_by_name(neo4j_store, changed, named):
    with pytest.raises(TableError, match=named):
        traced(neo4j_store, room(**changed), "china-8")


def test_part_of_a_protocol_says_what_was_taken_out():
    told = str(cypher_part("cdc-2020"))
    assert "- tier.0.accumulate = 'same_source'" in told
    assert "+ kind.train.place = 'venue'" in told
    assert cypher_part(cypher_part("cdc-2020")) == cypher_part("cdc-2020")
    with pytest.raises(ProtocolError, match="counts dates"):
        cypher_part("same-day")


def test_text_to_copy_holds_parameters_and_nothing_of_the_data():
    text = tracing_cypher()
    given = tracing_parameters(cypher_part("china-8"), as_of="2022-05-12", tz="Asia/Shanghai")
    assert set(re.findall(r"\$(\w+)", text)) == {*given, "load"}
