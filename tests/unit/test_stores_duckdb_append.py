"""New rows are judged with the old ones, and written alone."""

import duckdb
import pandas as pd
import polars as pl
import pytest

import tracegraph as tg
from told import ILL, graph_of
from tracegraph.stores.duckdb import layout


@pytest.fixture
def store(tmp_path):
    visits = [{"person_id": "Ann", "location_id": "Mall", "arrive": "2022-05-08 09:00"}]
    cases = [*ILL, {"person_id": "Ben", "onset": "soon"}]
    graph_of(cases=cases, visits=visits).save(tmp_path / "county.duckdb")
    return tg.store(tmp_path / "county.duckdb")


def visit(person="Cleo", arrive="2022-05-08 09:30", **more):
    return pd.DataFrame([{"person_id": person, "location_id": "Mall", "arrive": arrive, **more}])


def check_kept(store, graph):
    read = store.read()
    assert graph.differences(read).to_dict("records") == []
    pd.testing.assert_frame_equal(read.rejects, graph.rejects)
    pd.testing.assert_frame_equal(read.counts, graph.counts)


def test_rows_are_used_or_rejected_and_all_of_them_counted(store):
    rows = pd.concat([visit(), visit("Dan", "never"), visit(None)])
    whole = store.append({"visits": rows})
    check_kept(store, whole)
    assert whole.visits["person_id"].tolist() == ["Ann", "Cleo"]
    counts = whole.counts.set_index("table")[["rows", "used", "rejected"]]
    assert counts.loc["visits"].tolist() == [4, 2, 2]
    assert counts.loc["cases"].tolist() == [2, 1, 1]
    assert whole.rejects["value"].tolist() == ["soon", "", "never"]


def test_only_new_rows_are_written(store, monkeypatch):
    made = []
    monkeypatch.setattr(layout, "_create", lambda con, name, table: made.append(name))
    monkeypatch.setattr(layout, "_put_account", lambda con, saved: None)
    store.append(
        {"visits": visit(recorded="2022-05-09 12:00", note="new"), "cases": pd.DataFrame(ILL)}
    )
    assert made == []
    with duckdb.connect(str(store.path)) as con:
        assert con.sql("SELECT person_id, note FROM visits").fetchall() == [
            ("Ann", None), ("Cleo", "new")]  # fmt: skip


@pytest.mark.parametrize("native", [pl.from_pandas, lambda f: pl.from_pandas(f).to_arrow()])
def test_frames_of_any_library_are_taken(store, native):
    check_kept(store, store.append({"visits": native(visit())}))


def test_table_that_was_not_there_is_made(store):
    tests = pd.DataFrame([{"person_id": "Ann", "sampled": "2022-05-09", "result": "+"}])
    check_kept(store, store.append({"tests": tests}))
    assert len(store.read().tests) == 1


def test_column_that_changes_its_type_is_made_anew(store):
    check_kept(store, store.append({"visits": visit(note=1)}))
    check_kept(store, store.append({"visits": visit("Dan", note="one")}))
    assert store.read().visits["note"].tolist()[1:] == ["1", "one"]


def test_columns_that_differ_in_case_alone_stay_two(store):
    check_kept(store, store.append({"visits": visit(Note="a")}))
    check_kept(store, store.append({"visits": visit("Dan", note="b")}))
    read = store.read().visits
    assert read["Note"].tolist()[1] == "a"
    assert read["note"].tolist()[2] == "b"


def test_midnights_of_new_rows_are_dates_and_those_of_old_ones_stay_sharp(tmp_path):
    store = tg.store(tmp_path / "county.duckdb")
    cases = [{"person_id": "Ann", "onset": "2022-05-09T00:00:00+08:00"}]
    graph_of(cases=cases).save(tmp_path / "county.duckdb")
    new = pd.DataFrame({"person_id": ["Ben"], "onset": pd.to_datetime(["2022-05-10"])})
    whole = store.append({"cases": new})
    early, late = whole.bounds("cases", "onset")
    assert ((late - early) / pd.Timedelta(days=1)).tolist() == [0, 1]
    check_kept(store, whole)


def test_ids_of_another_type_are_refused_and_nothing_is_added(store):
    before = store.read()
    with pytest.raises(tg.TableError):
        store.append({"visits": visit(7)})
    check_kept(store, before)


def test_table_of_which_no_row_can_be_used_is_refused_and_nothing_is_added(tmp_path, store):
    before = store.read()
    tests = pd.DataFrame([{"person_id": "Ann", "sampled": "soon", "result": "+"}])
    with pytest.raises(tg.TableError, match="its only row cannot be used"):
        store.append({"tests": tests, "visits": visit()})
    check_kept(store, before)


def test_new_rows_that_would_push_out_old_ones_are_refused(store):
    before = store.append({"cases": pd.DataFrame([{"person_id": "Eve", "onset": "2032-05-01"}])})
    far = pd.concat([visit(arrive="2036-05-08 09:30")] * 9)
    with pytest.raises(tg.TableError, match=r"1 of 2 cases in county\.duckdb could not be used"):
        store.append({"visits": far})
    check_kept(store, before)


def test_unknown_table_is_named(store):
    with pytest.raises(tg.TableError, match="no table is called 'visit'"):
        store.append({"visit": visit()})


def test_graph_as_of_a_moment_takes_no_later_rows(store):
    store.save(store.read().as_of("2022-05-12"))
    with pytest.raises(tg.StoreError, match="the stored graph is as of a moment"):
        store.append({"visits": visit()})


def test_callers_frame_is_not_changed(store):
    rows = visit()
    before = rows.copy(deep=True)
    store.append({"visits": rows})
    pd.testing.assert_frame_equal(rows, before)


# ---- columns that a team added by hand


@pytest.fixture
def noted(store):
    with duckdb.connect(str(store.path)) as con:
        con.execute("ALTER TABLE visits ADD COLUMN \"No te\" VARCHAR DEFAULT 'called twice'")
    return store


def check_note_is_kept(store, use):
    with pytest.raises(tg.StoreError, match=r"table visits has a column 'No te'") as told:
        use()
    assert 'ALTER TABLE visits DROP COLUMN "No te"' in str(told.value)
    assert str(told.value).count("\n") == 1
    with duckdb.connect(str(store.path)) as con:
        assert con.sql('SELECT "No te" FROM visits').fetchall() == [("called twice",)]


def test_column_of_another_hand_is_not_lost_where_the_table_is_made_anew(noted):
    store, graph = noted, noted.read()
    check_note_is_kept(store, lambda: store.save(graph))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tracegraph.stores.duckdb.store.new_rows", lambda before, after: None)
        check_note_is_kept(store, lambda: store.append({"visits": visit()}))
    assert store.read().equals(graph)


@pytest.mark.parametrize("name", ["No te", "NO TE"])
def test_column_of_another_hand_is_not_mixed_up_with_a_new_one(noted, name):
    check_note_is_kept(noted, lambda: noted.append({"visits": visit(**{name: "x"})}))


def test_column_of_another_hand_stays_beside_new_rows(noted):
    check_kept(noted, noted.append({"visits": visit()}))
    with duckdb.connect(str(noted.path)) as con:
        assert con.sql('SELECT person_id, "No te" FROM visits').fetchall()[0] == (
            "Ann", "called twice")  # fmt: skip
