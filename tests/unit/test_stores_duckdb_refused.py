"""Files that are none of ours are refused and left as they are, byte for byte."""

import traceback

import duckdb
import pytest

import tracegraph as tg
from told import ILL, graph_of
from tracegraph.stores.duckdb import layout
from tracegraph.stores.duckdb.connection import transaction


@pytest.fixture
def county(tmp_path):
    return graph_of().save(tmp_path / "county.duckdb")


def changed(path, *statements):
    """Let somebody do something to a file with DuckDB alone."""
    with duckdb.connect(str(path)) as con:
        for statement in statements:
            con.execute(statement)
    return path


def uses(path):
    """Everything that opens a store."""
    graph, store = graph_of(), tg.store(path)
    return [
        lambda: graph.save(path),
        lambda: tg.read(path),
        lambda: graph.trace("china-8").save(path),
        lambda: store.append({"visits": graph.visits}),
        store.traces,
        lambda: store.read_trace("x"),
        lambda: store.delete_trace("x"),
    ]


def check_refused(path, match):
    before = path.read_bytes()
    for use in uses(path):
        with pytest.raises(tg.StoreError, match=match) as told:
            use()
        assert str(told.value).count("\n    ") == 1
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_file_of_a_newer_format_is_refused(county):
    changed(county, "UPDATE tracegraph.about SET value = '9' WHERE key = 'format'")
    check_refused(county, r"county\.duckdb is of format 9; this version reads up to 1")


@pytest.mark.parametrize("content", [b"", b"years of work", b"SQLite format 3\0" * 400])
def test_file_that_is_no_database_is_refused(tmp_path, content):
    (tmp_path / "county.duckdb").write_bytes(content)
    check_refused(tmp_path / "county.duckdb", r"county\.duckdb is no DuckDB database")


@pytest.mark.parametrize("made", ["TABLE visits AS SELECT 1 AS x", "VIEW visits AS SELECT 1 AS x"])
def test_database_of_others_is_refused(tmp_path, made):
    path = changed(tmp_path / "county.duckdb", f"CREATE {made}")
    check_refused(path, r"holds tables that tracegraph did not save")


def test_empty_database_may_be_saved_into(tmp_path):
    path = changed(tmp_path / "county.duckdb")
    with pytest.raises(tg.StoreError, match="holds no graph"):
        tg.read(path)
    with pytest.raises(tg.StoreError, match="holds no graph"):
        tg.store(path).traces()
    graph_of().save(path)
    assert tg.read(path).equals(graph_of())


def test_tables_and_views_of_others_beside_ours_stay(county):
    changed(county, "CREATE TABLE mine AS SELECT 7 AS x", "CREATE VIEW v AS SELECT * FROM cases")
    graph_of(cases=ILL * 2).save(county)
    with duckdb.connect(str(county)) as con:
        assert con.sql("SELECT x FROM mine").fetchall() == [(7,)]
        assert con.sql("SELECT count(*) FROM v").fetchall() == [(2,)]


@pytest.mark.parametrize("table", ["tests", "trace_tiers"])
def test_table_of_another_hand_in_the_place_of_one_of_ours_is_not_lost(county, table):
    changed(county, f"CREATE TABLE {table} AS SELECT 'years of work' AS x")
    tests = [{"person_id": "Ann", "sampled": "2022-05-09", "result": "+"}]
    graph = graph_of(tests=tests)
    save = graph.save if table == "tests" else graph.trace("china-8").save
    with pytest.raises(tg.StoreError, match=f"a table {table} that tracegraph did not save"):
        save(county)
    assert tg.read(county).equals(graph_of())
    with duckdb.connect(str(county)) as con:
        assert con.table(table).fetchall() == [("years of work",)]


def test_path_that_is_not_there_is_named_and_nothing_is_made(tmp_path):
    path = tmp_path / "nowhere.duckdb"
    for use in uses(path)[1:2] + uses(path)[3:]:
        with pytest.raises(tg.StoreError, match=r"nowhere\.duckdb does not exist"):
            use()
    assert list(tmp_path.iterdir()) == []


def test_folder_of_that_name_is_refused(tmp_path):
    (tmp_path / "county.duckdb").mkdir()
    with pytest.raises(tg.StoreError, match="is a folder"):
        graph_of().save(tmp_path / "county.duckdb")


def test_log_without_its_database_is_told(tmp_path):
    (tmp_path / "county.duckdb.wal").write_bytes(b"the last changes")
    with pytest.raises(tg.StoreError, match=r"county\.duckdb\.wal lies there without its database"):
        graph_of().save(tmp_path / "county.duckdb")
    assert (tmp_path / "county.duckdb.wal").read_bytes() == b"the last changes"


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE cases",
        "ALTER TABLE cases DROP COLUMN person_id",
        "ALTER TABLE cases ALTER onset TYPE VARCHAR USING 'Ann fell ill'",
        "DELETE FROM tracegraph.tables WHERE name = 'counts'",
        "UPDATE tracegraph.tables SET types = 'Ann'::BLOB",
        "UPDATE tracegraph.about SET value = 'Ann' WHERE key = 'settings'",
        "UPDATE tracegraph.about SET value = '{}' WHERE key = 'settings'",
        "UPDATE tracegraph.about SET value = '[]' WHERE key = 'settings'",
    ],
)
def test_what_was_changed_by_hand_beyond_reading_is_told_without_a_value(county, statement):
    changed(county, statement)
    with pytest.raises(tg.StoreError, match=r"by hand|tracegraph saved there") as told:
        tg.read(county)
    assert "Ann" not in "".join(traceback.format_exception(told.value))
    graph_of().save(county)
    assert tg.read(county).equals(graph_of())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tracegraph.about SET value = 'Ann' WHERE key = 'format'",
        "UPDATE tracegraph.tables SET columns = ['person_id'] WHERE name = 'cases'",
        "UPDATE tracegraph.tables SET columns = NULL",
    ],
)
def test_bookkeeping_that_was_changed_by_hand_is_told(county, statement):
    changed(county, statement)
    with pytest.raises(tg.StoreError, match="changed by hand into what") as told:
        tg.read(county)
    assert "Ann" not in "".join(traceback.format_exception(told.value))


def test_words_of_duckdb_that_quote_a_cell_are_told_nowhere(county):
    with (
        pytest.raises(tg.StoreError, match="ConversionException") as told,
        transaction(county) as con,
    ):
        con.execute("SELECT CAST('Li Wei' AS INTEGER)")
    assert "Li Wei" not in "".join(traceback.format_exception(told.value))


def test_account_that_lost_a_row_is_told(tmp_path):
    path = graph_of(cases=[*ILL, {"person_id": "Ben", "onset": "soon"}])
    path = path.save(tmp_path / "county.duckdb")
    changed(path, "DELETE FROM tracegraph.rejects")
    with pytest.raises(tg.StoreError, match="tell of 0 and 1 rows"):
        tg.read(path)


def test_row_that_was_added_by_hand_is_counted(county):
    changed(
        county,
        "INSERT INTO cases (person_id, onset, onset_until) VALUES "
        "('Eve', '2022-05-10 00:00+08', '2022-05-11 00:00+08'), ('Dan', NULL, NULL)",
    )
    graph = tg.read(county)
    assert graph.cases["person_id"].tolist() == ["Ann", "Eve"]
    assert graph.counts[["rows", "used", "rejected"]].to_numpy().tolist() == [[3, 2, 1]]


# ---- formats


def to_format_2(con):
    con.execute("ALTER TABLE tracegraph.traces ADD COLUMN note VARCHAR")


def test_file_of_an_older_format_is_brought_to_the_newest_once(county, monkeypatch):
    graph_of().trace("china-8").save(county, name="before")
    steps = []
    monkeypatch.setattr(
        layout, "MIGRATIONS", (lambda con: (steps.append(2), to_format_2(con)), steps.append)
    )
    assert tg.read(county).equals(graph_of())
    assert tg.store(county).read_trace("before").name == "before"
    assert steps[0] == 2
    assert len(steps) == 2  # each step once
    with duckdb.connect(str(county)) as con:
        assert con.sql("SELECT value FROM tracegraph.about WHERE key = 'format'").fetchall() == [
            ("3",)
        ]
        assert "note" in con.sql("SELECT * FROM tracegraph.traces").columns


def test_migration_that_fails_leaves_the_old_format(county, monkeypatch):
    before = county.read_bytes()

    def fails(con):
        to_format_2(con)
        con.execute("SELECT * FROM no_such_table")

    monkeypatch.setattr(layout, "MIGRATIONS", (fails,))
    with pytest.raises(tg.StoreError):
        tg.read(county)
    monkeypatch.undo()
    assert tg.read(county).equals(graph_of())
    assert county.read_bytes() == before


def test_new_file_passes_through_all_formats(tmp_path, monkeypatch):
    monkeypatch.setattr(layout, "MIGRATIONS", (to_format_2,))
    path = graph_of().save(tmp_path / "county.duckdb")
    with duckdb.connect(str(path)) as con:
        assert "note" in con.sql("SELECT * FROM tracegraph.traces").columns
