"""A process that is killed while it writes to Neo4j leaves the old state, or the new one."""

import os

import pytest

from fuzz.kills import kill_saves

pytestmark = [pytest.mark.neo4j, pytest.mark.slow]


def test_store_whose_writer_is_killed_is_in_its_old_state_or_its_new_one(
    neo4j_store, neo4j_server, monkeypatch
):
    monkeypatch.setenv("NEO4J_URI", neo4j_store.url)
    if neo4j_server.auth:
        monkeypatch.setenv("NEO4J_USERNAME", neo4j_server.auth[0])
        monkeypatch.setenv("NEO4J_PASSWORD", neo4j_server.auth[1])
    found = kill_saves("neo4j", 3, seed=os.getpid())
    assert found.total() == 6  # three ran to their end
