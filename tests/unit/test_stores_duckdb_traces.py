"""Traces stand side by side, each as it was, whatever graph is in the file by then."""

import traceback

import duckdb
import pandas as pd
import pytest

import tracegraph as tg
from told import ILL, graph_of
from tracegraph.stores.saved_trace import FRAMES


def world(first="Ann", second="Ben", *, tz="Asia/Shanghai"):
    return graph_of(
        cases=[{"person_id": first, "onset": "2022-05-09 08:00"}],
        visits=[
            {"person_id": person, "location_id": place, "arrive": "2022-05-09 10:00",
             "depart": "2022-05-09 12:00"}
            for person in (first, second) for place in ("Office",)
        ],
        locations=[{"location_id": "Office", "kind": "office"}],
        tz=tz,
    )  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return tmp_path / "county.duckdb"


def check_kept(trace, kept):
    for name in FRAMES:
        there = getattr(trace, name)
        pd.testing.assert_frame_equal(there() if callable(there) else there, getattr(kept, name))
    assert kept.protocol == trace.protocol
    assert kept.as_of == trace.as_of
    assert str(kept.as_of.tz) == trace.graph.tz


def test_trace_comes_back_type_for_type(path):
    trace = world().trace("china-8", as_of="2022-05-12 18:00")
    name = trace.save(path)
    assert name == "china-8 as of 2022-05-12 18:00"
    kept = tg.store(path).read_trace(name)
    check_kept(trace, kept)
    assert kept.saved_by == f"tracegraph {tg.__version__}"
    assert kept.created <= pd.Timestamp.now("UTC")
    assert repr(kept) == (
        "<SavedTrace 'china-8 as of 2022-05-12 18:00' by china-8 as of 2022-05-12 18:00:00+08:00: "
        "2 tiers, 2 exposures, 0 venue contacts>"
    )


def test_trace_brings_its_graph_where_there_is_none(path):
    graph = world()
    graph.trace("china-8").save(path)
    assert tg.read(path).equals(graph)
    other = world("Cleo")
    other.trace("china-8").save(path)
    assert tg.read(path).equals(graph)
    whole = tg.store(path).append({"cases": other.cases})
    assert len(whole.cases) == 2


def test_trace_that_does_not_know_the_whole_brings_no_graph(path):
    cases = [*ILL, {"person_id": "Eve", "onset": "2022-05-10", "recorded": "2022-05-12 08:00"}]
    graph = graph_of(cases=cases)
    early = graph.trace("china-8", as_of="2022-05-11")
    with pytest.raises(tg.StoreError, match=r"at its moment\.\n    Save the whole graph first"):
        early.save(path)
    assert not path.exists()
    read_again = [graph.as_of("2022-05-11"), tg.read(graph.as_of("2022-05-11").save(path))]
    for cut in read_again:
        with pytest.raises(tg.StoreError, match="only what was known at its moment"):
            cut.trace("china-8").save(path.with_name("other.duckdb"))
    graph.save(path)
    early.save(path)
    before_anybody = graph_of(cases=cases[1:]).trace("china-8", as_of="2022-05-11")
    assert len(tg.store(path).read_trace(before_anybody.save(path, name="none")).tiers) == 0
    assert tg.read(path).equals(graph)
    graph.trace("china-8", as_of="2022-05-12 08:00").save(path.with_name("late.duckdb"))
    assert tg.read(path.with_name("late.duckdb")).equals(graph)


@pytest.mark.parametrize("name", [" ", "", 7, b"x", "half \ud800"])
def test_what_is_no_name_is_refused_before_a_file_is_made(path, name):
    with pytest.raises(tg.StoreError, match=r"a trace needs a name, which is a text\.\n    Pass"):
        world().trace("china-8").save(path, name=name)
    assert not path.exists()


@pytest.mark.parametrize("name", [7, b"x", "half \ud800"])
def test_no_trace_has_what_is_no_name(path, name):
    world().save(path)
    for use in (tg.store(path).read_trace, tg.store(path).delete_trace):
        with pytest.raises(tg.StoreError, match="there is no trace"):
            use(name)


@pytest.mark.parametrize("change", ["toml = 'Ann'", "zone = 'Ann'", "as_of = NULL"])
def test_trace_that_was_changed_by_hand_is_told_without_a_value(path, change):
    name = world().trace("china-8").save(path, name="morning")
    with duckdb.connect(str(path)) as con:
        con.execute(f"UPDATE tracegraph.traces SET {change}")  # noqa: S608  # of this test
    with pytest.raises(tg.TracegraphError) as told:
        tg.store(path).read_trace(name)
    assert "Ann" not in "".join(traceback.format_exception(told.value))


def test_traces_stand_side_by_side_and_are_listed(path):
    store, graph = tg.store(path), world()
    graph.save(path)
    wide = tg.Protocol.named("china-8").derive(look_back_days=4, name="ours <b>")
    names = [
        graph.trace("china-8", as_of="2022-05-12").save(path),
        graph.trace("china-8", as_of="2022-05-12").save(path),
        graph.trace(wide).save(path, name="'; DROP TABLE trace_tiers; --"),
    ]
    assert names[1] == names[0] + " (2)"
    listed = store.traces()
    assert listed["name"].tolist() == names
    assert listed["protocol"].tolist() == ["china-8", "china-8", "ours <b>"]
    assert listed[list(FRAMES)].to_numpy().tolist() == [[2, 2, 0]] * 3
    assert listed.dtypes.map(str).to_dict() == {
        "name": "str", "protocol": "str", "as_of": "datetime64[s, UTC]",
        "created": "datetime64[s, UTC]", "saved_by": "str", "tiers": "int64",
        "exposures": "int64", "venue_contacts": "int64",
    }  # fmt: skip
    check_kept(graph.trace(wide), store.read_trace(names[2]))


def test_list_of_no_trace_has_the_same_types(path):
    world().save(path)
    none = tg.store(path).traces()
    world().trace("china-8").save(path)
    assert none.empty
    assert none.dtypes.equals(tg.store(path).traces().dtypes)


def test_trace_stays_when_another_graph_is_saved(path):
    trace = world().trace("china-8")
    name = trace.save(path)
    world("Cleo", tz="Europe/Berlin").save(path)
    check_kept(trace, tg.store(path).read_trace(name))


@pytest.mark.parametrize("ids", [((1, 2), ("Ann", "Ben")), (("Ann", "Ben"), (1, 2))])
def test_ids_of_two_types_stand_side_by_side(path, ids):
    traces = [world(*two).trace("china-8") for two in ids]
    names = [trace.save(path) for trace in traces]
    for trace, name in zip(traces, names, strict=True):
        check_kept(trace, tg.store(path).read_trace(name))


def test_trace_of_nobody_is_kept(path):
    trace = world().trace("china-8", as_of="2022-05-09 08:00")
    check_kept(trace, tg.store(path).read_trace(trace.save(path)))
    assert len(trace.exposures()) == 0


def test_deleted_trace_is_gone_and_the_others_stay(path):
    store, trace = tg.store(path), world().trace("china-8")
    first, second = trace.save(path), trace.save(path, name="second")
    store.delete_trace(first)
    assert store.traces()["name"].tolist() == ["second"]
    check_kept(trace, store.read_trace(second))
    store.delete_trace(second)
    with duckdb.connect(str(path)) as con:
        tables = {name for (name,) in con.sql("SHOW TABLES").fetchall()}
    assert not {f"trace_{name}" for name in FRAMES} & tables
    trace.save(path, name="second")


def test_name_that_is_taken_is_refused(path):
    world().trace("china-8").save(path, name="morning")
    with pytest.raises(tg.StoreError, match="there is a trace 'morning' already"):
        world("Cleo").trace("china-8").save(path, name="morning")
    with pytest.raises(tg.StoreError, match="a trace needs a name"):
        world().trace("china-8").save(path, name=" ")
    assert tg.store(path).read_trace("morning").tiers["person_id"].tolist() == ["Ann", "Ben"]


def test_trace_that_is_not_there_is_told_beside_those_that_are(path):
    world().trace("china-8").save(path, name="morning")
    store = tg.store(path)
    for use in (store.read_trace, store.delete_trace):
        with pytest.raises(tg.StoreError, match=r"no trace 'noon'\.\n    There are: 'morning'"):
            use("noon")
