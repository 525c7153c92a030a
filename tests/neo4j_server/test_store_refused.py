"""What a Neo4j store says when it cannot, and that what was there stays there."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
from pathlib import Path

import pandas as pd
import pytest
from neo4j.exceptions import TransientError

import tracegraph as tg
from kept import check_equal
from neo4j_server.lines import Line
from told import graph_of
from tracegraph.stores.neo4j import connection, graphs, loads, store as stores, writing
from tracegraph.stores.neo4j.server import Server
from tracegraph.stores.saved import saved_form

pytestmark = pytest.mark.neo4j

SECRET = "a secret 'of\" ours"  # noqa: S105
GONE = "went away before all was done"


def visits(number):
    return [
        {"person_id": f"P{n % 7}", "location_id": f"R{n % 5}", "arrive": "2022-05-09 08:00"}
        for n in range(number)
    ]


SMALL, LARGE = graph_of(visits=visits(30)), graph_of(visits=visits(300))


def asked(driver, text, **given):
    return [list(r) for r in driver.execute_query(text, database_="neo4j", **given).records]


def uses(store, graph):
    """Everything that a store can do."""
    return [
        lambda: store.save(graph),
        lambda: store.append({"visits": graph.visits}),
        store.read,
        lambda: store.save_trace(graph.trace("china-8")),
        store.traces,
        lambda: store.read_trace("x"),
        lambda: store.delete_trace("x"),
        lambda: store.trace_inside("china-8", as_of="2022-05-12"),
    ]


def check_refused(calls, match):
    for call in calls:
        with pytest.raises(tg.StoreError, match=match) as told:
            call()
        assert str(told.value).count("\n    ") == 1
        assert SECRET not in str(told.value) + repr(told.value.__cause__)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def test_server_that_is_not_there(monkeypatch):
    store = tg.store(f"bolt://127.0.0.1:{free_port()}", auth=("neo4j", SECRET))
    monkeypatch.setattr(connection, "RETRY_S", 1)
    check_refused(uses(store, SMALL), "does not answer")


def test_address_that_is_none():
    check_refused([lambda: tg.store("bolt://host:many")], "more than a host and a port")


def test_server_that_is_too_old(neo4j_store, monkeypatch):
    monkeypatch.setattr(connection, "OLDEST", (9999, 0))
    check_refused(uses(neo4j_store, SMALL), r"Neo4j/[\d.]+ answers at .*; tracegraph needs Neo4j 5")
    monkeypatch.undo()
    monkeypatch.setattr(stores, "OLDEST_THAT_TRACES", (9999, 0))
    neo4j_store.save(SMALL)
    trace = [lambda: neo4j_store.trace_inside("china-8", as_of="2022-05-12")]
    check_refused(trace, r"to trace inside needs Neo4j 5\.23")


def test_database_that_is_not_there(neo4j_server):
    store = tg.store(neo4j_server.uri, auth=neo4j_server.auth, database="atlantis")
    check_refused(uses(store, SMALL), "has no database 'atlantis'")


def test_database_without_a_graph(neo4j_store, neo4j_driver):
    asked(neo4j_driver, "CREATE (:Person {name: 'mine'})")
    reading = [use for i, use in enumerate(uses(neo4j_store, SMALL)) if i not in (0, 3)]
    check_refused(reading, "holds no graph of tracegraph")


def test_load_of_a_newer_format_is_left_as_it_is(neo4j_store, neo4j_driver):
    neo4j_store.save(SMALL)
    asked(neo4j_driver, "MATCH (l:Load) SET l.format = 9")
    before = asked(neo4j_driver, "MATCH (n) RETURN labels(n), properties(n) ORDER BY elementId(n)")
    check_refused(uses(neo4j_store, LARGE), "of format 9; this version reads up to 1")
    after = asked(neo4j_driver, "MATCH (n) RETURN labels(n), properties(n) ORDER BY elementId(n)")
    assert before == after


def test_nodes_of_others_stay_as_they_are(neo4j_store, neo4j_driver):
    theirs = (
        "CREATE (:Load {id: 1, complete: true})-[:ON]->(:Truck), (:Load {id: 1, complete: false}), "
        "(:Trace {name: 'x', complete: false}), (:Person {id: 'C1'}), (:Writer {key: 'tracegraph'})"
    )
    asked(neo4j_driver, theirs)
    before = "MATCH (n) WHERE n.load IS NULL AND NOT n:Tracegraph RETURN labels(n), properties(n)"
    found = sorted(map(repr, asked(neo4j_driver, before)))
    for graph in (SMALL, LARGE):
        neo4j_store.save(graph)
        check_equal(graph, neo4j_store.read())
    assert sorted(map(repr, asked(neo4j_driver, before))) == found
    assert asked(neo4j_driver, "MATCH (:Load)-[:ON]->(:Truck) RETURN count(*)") == [[1]]


def test_data_changed_by_hand(neo4j_store, neo4j_driver):
    neo4j_store.save(SMALL)
    asked(neo4j_driver, "MATCH (r:CaseRecord) SET r.case_id = 7")
    check_refused([neo4j_store.read], "cases was changed by hand")
    neo4j_store.save(SMALL)
    asked(neo4j_driver, "MATCH ()-[v:VISITED]->() WITH v LIMIT 1 DELETE v")
    check_refused([neo4j_store.read], "rows were removed by hand")
    check_refused([lambda: neo4j_store.append({"visits": LARGE.visits})], "were removed by hand")


def test_ids_and_names_that_no_index_holds(neo4j_store):
    long = graph_of(visits=[{**visits(1)[0], "person_id": "x" * 9_000}])
    check_refused([lambda: neo4j_store.save(long)], "an id of a person has 9,000 bytes")
    trace = SMALL.trace("china-8")
    check_refused([lambda: neo4j_store.save_trace(trace, "x" * 9_000)], "does not keep the name of")
    check_refused([lambda: neo4j_store.save_trace(trace, "\ud800")], "a trace needs a name")


# ---- who writes


@contextlib.contextmanager
def at_desk(store):
    with (
        connection.connected(store.url, store._auth, None) as database,
        loads.writing(database) as desk,
    ):
        yield desk


def test_second_writer_is_told_who_writes(neo4j_store, neo4j_driver, monkeypatch):
    neo4j_store.save(SMALL)
    monkeypatch.setattr(loads, "PATIENCE_S", 1)
    with at_desk(neo4j_store) as desk:
        loads.begin(desk, saved_form(LARGE).settings)
        writing_uses = [uses(neo4j_store, LARGE)[i] for i in (0, 1, 3, 6)]
        words = rf"in use: tracegraph .* \(process {os.getpid()}\) is writing"
        check_refused(writing_uses, words)
        check_equal(SMALL, neo4j_store.read())
    neo4j_store.save(LARGE)
    check_equal(LARGE, neo4j_store.read())
    assert asked(neo4j_driver, "MATCH (l:Load) RETURN count(*)") == [[1]]


def test_writer_whose_place_was_taken_changes_nothing(neo4j_store, neo4j_driver):
    neo4j_store.save(SMALL)
    saved = saved_form(LARGE)
    with at_desk(neo4j_store) as desk:
        load, zone = loads.begin(desk, saved.settings)
        asked(neo4j_driver, "MATCH (l:Load {id: $load}) SET l.token = 'of another'", load=load)
        check_refused([lambda: desk.put(load, zone, graphs.whole(saved))], "somebody else began")
    assert asked(neo4j_driver, "MATCH (n:Person {load: $load}) RETURN n", load=load) == []
    check_equal(SMALL, neo4j_store.read())


def test_writers_take_turns_and_readers_see_whole_graphs(neo4j_store, monkeypatch):
    monkeypatch.setattr(loads, "PATIENCE_S", 120)
    neo4j_store.save(SMALL)
    writers = [
        threading.Thread(target=lambda g=g: [neo4j_store.save(g) for _ in range(2)])
        for g in (SMALL, LARGE)
    ]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        seen.add(len(neo4j_store.read().visits))
    assert seen <= {30, 300}
    assert len(neo4j_store.read().visits) in seen | {30, 300}


# ---- what is done again, and what is lost


def test_what_the_driver_does_again_is_there_once(neo4j_store, neo4j_driver, monkeypatch):
    run, failed = writing.Batch.run, []

    def failing(self, transaction, **given):
        run(self, transaction, **given)
        if self.text not in failed and len(failed) < 3 and self.rows:
            failed.append(self.text)
            message = "a leader was elected"
            raise TransientError(message)

    monkeypatch.setattr(writing.Batch, "run", failing)
    neo4j_store.save(SMALL)
    assert len(failed) == 3
    check_equal(SMALL, neo4j_store.read())
    assert asked(neo4j_driver, "MATCH ()-[v:VISITED]->() RETURN count(*)") == [[30]]
    added = neo4j_store.append({"visits": pd.DataFrame(visits(3))})
    check_equal(added, neo4j_store.read())


@pytest.mark.parametrize("batch", [0, 2, 3])
def test_line_that_is_cut_while_saving_leaves_what_was_there(
    neo4j_store, neo4j_driver, neo4j_server, monkeypatch, batch
):
    monkeypatch.setattr(connection, "RETRY_S", 1)
    neo4j_store.save(SMALL)
    number, run = [], writing.Batch.run
    with Line(neo4j_store.url) as line:

        def cutting(self, transaction, **given):
            if len(number) == batch:
                line.cut()
            number.append(self.text)
            run(self, transaction, **given)

        monkeypatch.setattr(writing.Batch, "run", cutting)
        far = tg.store(line.uri, auth=neo4j_server.auth)
        check_refused([lambda: far.save(LARGE)], GONE)
        monkeypatch.undo()
    check_equal(SMALL, neo4j_store.read())
    neo4j_store.save(LARGE)
    check_equal(LARGE, neo4j_store.read())
    assert asked(neo4j_driver, "MATCH (l:Load) RETURN count(*)") == [[1]]


def test_line_that_is_cut_while_a_trace_is_kept(neo4j_store, neo4j_server, monkeypatch):
    monkeypatch.setattr(connection, "RETRY_S", 1)
    neo4j_store.save(SMALL)
    with Line(neo4j_store.url) as line:
        monkeypatch.setattr(stores, "_show", lambda *_: line.cut())
        far = tg.store(line.uri, auth=neo4j_server.auth)
        check_refused([lambda: far.save_trace(SMALL.trace("china-8"), "one")], GONE)
        monkeypatch.undo()
    assert neo4j_store.traces().empty
    assert neo4j_store.save_trace(SMALL.trace("china-8"), "one") == "one"
    assert neo4j_store.traces()["name"].tolist() == ["one"]


@pytest.mark.parametrize("what", ["save", "append"])
def test_answer_to_the_last_step_is_lost(neo4j_store, neo4j_server, monkeypatch, what):
    monkeypatch.setattr(connection, "RETRY_S", 1)
    neo4j_store.save(SMALL)
    with Line(neo4j_store.url) as line:
        step = {"save": "complete", "append": "touched"}[what]
        last = getattr(loads, step)

        def deafening(transaction, load):
            last(transaction, load)
            line.deafen(seconds=1)

        monkeypatch.setattr(loads, step, deafening)
        far = tg.store(line.uri, auth=neo4j_server.auth)
        rows = pd.DataFrame(visits(5))
        act = {"save": lambda: far.save(LARGE), "append": lambda: far.append({"visits": rows})}
        check_refused([act[what]], GONE)
        monkeypatch.undo()
    assert len(neo4j_store.read().visits) == {"save": 300, "append": 35}[what]
    neo4j_store.save(SMALL)
    check_equal(SMALL, neo4j_store.read())


# ---- a server with a password, which is killed


def java_of(home):
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if words[0].endswith(b"java") and any(str(home).encode() in w for w in words):
                return int(path.parent.name)
    raise AssertionError


def test_server_with_a_password_that_is_killed_while_saving(tmp_path, monkeypatch):
    for name in ("NEO4J_USERNAME", "NEO4J_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(connection, "RETRY_S", 1)
    home = tmp_path / "home"
    options = {"home": home, "password": SECRET, "jvm_options": ("-XX:TieredStopAtLevel=1",)}
    with Server(**options) as server:
        wrong = tg.store(server.uri, auth=("neo4j", SECRET[::-1]))
        check_refused(
            [wrong.read, tg.store(server.uri).read], "does not take this name and password"
        )
        monkeypatch.setenv("NEO4J_PASSWORD", SECRET)
        store = tg.store(server.uri)
        assert SECRET not in repr(store) + str(vars(store))
        store.save(SMALL)
        run = writing.Batch.run

        def killing(self, transaction, **given):
            run(self, transaction, **given)
            if "VISITED" in self.text:
                os.kill(java_of(home), signal.SIGKILL)

        with monkeypatch.context() as patch:
            patch.setattr(writing.Batch, "run", killing)
            check_refused([lambda: store.save(LARGE)], GONE)
    with Server(**options) as server:
        store = tg.store(server.uri)
        check_equal(SMALL, store.read())
        store.save(LARGE)
        check_equal(LARGE, store.read())
