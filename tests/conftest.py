"""A Neo4j server for all tests that want one: NEO4J_URI names it, else one is started.

It cannot be missing without a word: where it does not start, the tests that want it fail.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import pytest


@dataclass(frozen=True, kw_only=True)
class Reached:
    """A server that answers. With xdist one worker holds it, so nobody else writes to it."""

    uri: str
    auth: tuple[str, str] | None = field(default=None, repr=False)

    def driver(self):
        from neo4j import GraphDatabase

        return GraphDatabase.driver(self.uri, auth=self.auth)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """With `--dist loadgroup` one worker takes all tests of Neo4j, so that one server runs.

    Marks of groups would do, but pytest 9.2 passes over the names that xdist 3.8 gives to tests.
    """
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadGroupScheduling

    class OneServer(LoadGroupScheduling):
        def _split_scope(self, nodeid):
            return "neo4j" if "neo4j" in nodeid else super()._split_scope(nodeid)

    return OneServer(config, log)


def pytest_collection_modifyitems(items):
    for item in items:
        if item.get_closest_marker("neo4j") and "neo4j" not in item.nodeid:
            message = f"{item.nodeid} is marked neo4j: its name or its parameter must say so too"
            raise pytest.UsageError(message)


@pytest.fixture(scope="session")
def neo4j_server():
    """The user's server, or our own for this session."""
    if uri := os.environ.get("NEO4J_URI"):
        user, password = os.environ.get("NEO4J_USERNAME", "neo4j"), os.environ.get("NEO4J_PASSWORD")
        yield Reached(uri=uri, auth=(user, password) if password else None)
        return
    from tracegraph.stores.neo4j.server import Server

    # short runs are faster without the second compiler of Java
    with Server(jvm_options=("-XX:TieredStopAtLevel=1",)) as server:
        yield Reached(uri=server.uri)


@pytest.fixture(scope="session")
def neo4j_driver(neo4j_server):
    with neo4j_server.driver() as driver:
        yield driver


@pytest.fixture
def neo4j_store(neo4j_server, neo4j_driver):
    """A store in a database that holds nothing but its constraints."""
    import tracegraph as tg

    wipe(neo4j_driver)
    yield tg.store(neo4j_server.uri, auth=neo4j_server.auth)
    wipe(neo4j_driver)


def wipe(driver):
    """Delete everything, some at a time."""
    text = "MATCH (n) WITH n LIMIT 2000 DETACH DELETE n RETURN count(*) AS n"
    while driver.execute_query(text, database_="neo4j").records[0]["n"]:
        pass
