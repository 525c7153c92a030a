"""Cypher = kernel, on random graphs of the part that Cypher says and on the county."""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

import strategies
import worlds
from neo4j_server import loading
from reference_rule import World
from tracegraph.stores.neo4j.subset import cypher_part
from tracegraph.stores.neo4j.tracing import LoadInNeo4j, trace_in_neo4j

pytestmark = pytest.mark.neo4j

EXAMPLES = int(os.environ.get("TRACEGRAPH_CYPHER_EXAMPLES", "60"))
COLUMNS = ["person_id", "tier", "contact_tier", "first_exposure", "last_exposure"]


@pytest.fixture(scope="module")
def indexed(neo4j_driver):
    """Driver of a database in which persons and places are found by their ids."""
    for label in ("Person", "Location"):
        neo4j_driver.execute_query(
            f"CREATE INDEX {label.lower()} IF NOT EXISTS FOR (n:{label}) ON (n.load, n.id)",
            database_="neo4j",
        )
    neo4j_driver.execute_query("CALL db.awaitIndexes(60)", database_="neo4j")
    return neo4j_driver


def wipe(driver):
    driver.execute_query(
        "MATCH (n {load: $load}) DETACH DELETE n", load=loading.LOAD, database_="neo4j"
    )


def both(driver, graph, protocol, as_of):
    """Tiers by Cypher and by the kernel, as plain rows in the order of ids."""
    wipe(driver)
    loading.write(driver, graph)
    loaded = LoadInNeo4j(driver=driver, load=loading.LOAD, tz=graph.tz)
    theirs = trace_in_neo4j(loaded, protocol, as_of=as_of)
    ours = graph.trace(protocol, as_of=as_of).tiers
    return [sorted(map(repr, worlds.rows_of(found[COLUMNS]))) for found in (theirs, ours)]


@st.composite
def outbreaks(draw):
    """Worlds of exact times in which few people meet often, at few places."""
    stage = draw(strategies.stages(dates_too=False))
    stage = replace(stage, anchors=stage.anchors[:2], places=stage.places[:3], unit=60)

    def stay():
        anchor, start = draw(st.sampled_from(stage.anchors)), draw(st.integers(0, 40))
        return {
            "person_id": draw(stage.person()),
            "location_id": draw(stage.place()),
            "arrive": stage.local(anchor, start),
            "depart": stage.local(anchor, start + draw(st.sampled_from([10, 0, 1, 5, 20, 30]))),
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


def test_cypher_finds_whom_the_kernel_finds(indexed):
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
        theirs, ours = both(indexed, graph, protocol, as_of)
        assert theirs == ours, worlds.compact(world)
        reached = graph.trace(protocol, as_of=as_of).tiers["contact_tier"].dropna()
        seen.update(set(reached))

    same()
    # or it would say nothing
    assert seen[1] > EXAMPLES / 3
    assert seen[2] > EXAMPLES / 10
