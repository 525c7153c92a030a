"""What stands in a DuckDB file: typed tables under documented names, whatever theirs were."""

import duckdb
import pandas as pd
import pytest

import tracegraph as tg
from strategies import HOSTILE_NAMES
from told import ILL, graph_of
from tracegraph.stores.duckdb.layout import stored_names

STATEMENTS = (
    "'; DROP TABLE cases; --", '"; DELETE FROM persons', "`}) DETACH DELETE n //",
    "<img src=x onerror=alert(1)>", "$1", "{id}", "Robert'); DROP TABLE Students;--",
)  # fmt: skip


def again(graph, path):
    """The graph as it is read back; equal to what was saved."""
    graph.save(path)
    read = tg.read(path)
    assert graph.differences(read).to_dict("records") == []
    pd.testing.assert_frame_equal(read.rejects, graph.rejects)
    pd.testing.assert_frame_equal(read.counts, graph.counts)
    return read


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "county.duckdb"


def types(path, table):
    with duckdb.connect(str(path), read_only=True) as con:
        found = con.sql(f"SELECT * FROM {table}")  # noqa: S608  # of this test
        return dict(zip(found.columns, map(str, found.types), strict=True))


def test_tables_are_typed_and_times_are_two_bounds(path):
    visits = [{"person_id": 7, "location_id": "L", "arrive": "2022-05-09 09:00", "depart": None,
               "record": "QR"}]  # fmt: skip
    again(graph_of(cases=[{"person_id": 7, "onset": "2022-05-09"}], visits=visits), path)
    moment = "TIMESTAMP WITH TIME ZONE"
    assert types(path, "visits") == {
        "person_id": "BIGINT", "location_id": "VARCHAR", "arrive": moment, "arrive_until": moment,
        "depart": moment, "depart_until": moment, "record": "VARCHAR",
    }  # fmt: skip
    with duckdb.connect(str(path), read_only=True) as con:
        rows = con.sql("SELECT epoch(onset_until) - epoch(onset) FROM cases").fetchall()
        assert rows == [(86_400,)]
        assert con.sql("SELECT epoch(arrive_until) - epoch(arrive) FROM visits").fetchall() == [
            (0,)
        ]


def test_nothing_but_the_file_is_left(path):
    graph_of().save(path)
    assert [p.name for p in path.parent.iterdir()] == ["county.duckdb"]


def test_save_says_where(path):
    assert graph_of().save(path) == path
    assert repr(tg.store(path)) == "<DuckDBStore county.duckdb>"
    assert set(tg.read(path).origins["file"]) == {"county.duckdb"}
    assert set(tg.read(path).origins["format"]) == {"duckdb"}


def test_statements_in_ids_names_and_columns_come_back_as_they_went_in(path):
    persons = pd.DataFrame({"person_id": STATEMENTS, "name": STATEMENTS[::-1]})
    for number, name in enumerate((*HOSTILE_NAMES, *STATEMENTS)):
        persons[name] = [f"{number} {text}" for text in STATEMENTS]
    cases = [{"person_id": person, "onset": "2022-05-09"} for person in STATEMENTS]
    read = again(graph_of(cases=cases, persons=persons), path)
    assert read.person_ids.tolist() == sorted(STATEMENTS)
    for name in (*HOSTILE_NAMES, *STATEMENTS):
        assert read.persons[name].tolist() == persons[name].tolist()


def test_names_that_duckdb_does_not_tell_apart_are_numbered():
    assert stored_names(["a", "A", "a_2", "A_2"]) == ["a", "A_2", "a_2_2", "A_2_3"]
    assert stored_names(["new", "é"], {"é": "e"}) == ["new", "e"]


@pytest.mark.parametrize("theirs", ["onset_until", "Onset_Until", "ONSET_UNTIL_"])
def test_late_bounds_make_room_for_a_column_of_that_name(path, theirs):
    cases = [{**ILL[0], "onset": "2022-05-09", theirs: "kept"}]
    assert again(graph_of(cases=cases), path).cases[theirs].tolist() == ["kept"]


def test_other_columns_of_any_type_come_back(path):
    cells = {
        "complex": [1j, 2j],
        "large": pd.array([2**64 - 1, None], "UInt64"),
        "unsigned": pd.array([2**64 - 1, 0], "uint64"),
        "half": pd.array([0.1, 2.5], "float16"),
        "single": pd.array([0.1, None], "Float32"),
        "small": pd.array([-5, None], "Int8"),
        "span": pd.to_timedelta(["1h", None]),
        "month": pd.period_range("2022-01", periods=2, freq="M"),
        "mixed": pd.Series([1, "1"], dtype="object"),
        "bytes": pd.Series([b"\0\xff", None], dtype="object"),
        "nano": pd.to_datetime(["2022-05-09 08:00:00.123456789", None]),
        "aware": pd.to_datetime(["2022-05-09 08:00+05:30", None]),
        "far": pd.Series(["9999-12-31", None]).astype("datetime64[s]"),
        "zoned": pd.to_datetime(["2022-05-09 08:00", None]).tz_localize("America/Havana"),
        "nul": ["a\0b", "NA"],
        "empty": [None, None],
    }
    cases = pd.DataFrame(ILL * 2).assign(person_id=["A", "B"]).join(pd.DataFrame(cells))
    again(graph_of(cases=cases), path)


def test_rows_come_back_in_their_order(path):
    people = [f"P{n * 7919 % 100_003}" for n in range(100_000)]
    visits = pd.DataFrame({"person_id": people, "location_id": "L", "arrive": "2022-05-09 09:00"})
    read = again(graph_of(visits=visits), path)
    assert read.visits["person_id"].tolist() == people
    assert str(read.visits["person_id"].dtype) == "str"


def test_tables_that_are_gone_from_the_graph_are_gone_from_the_file(path):
    tests = [{"person_id": "Ann", "sampled": "2022-05-09", "result": "+"}]
    again(graph_of(tests=tests), path)
    assert list(again(graph_of(), path).tables) == ["cases"]
    again(graph_of(tests=tests), path)


def test_tables_without_a_row_come_back_as_such(path):
    empty = {
        name: pd.DataFrame(columns=list(schema.names))
        for name, schema in tg.schemas.TABLES.items()
        if name != "cases"
    }
    assert list(again(graph_of(**empty), path).tables) == list(tg.schemas.TABLES)


def test_graph_as_of_a_moment_is_read_back_as_of_it(path):
    cases = [*ILL, {"person_id": "Ben", "onset": "2022-05-10", "recorded": "2022-05-12 08:00"}]
    graph = graph_of(cases=cases)
    for moment in ("2022-05-12 07:59:59", "2022-05-12 08:00", "2022-05-20"):
        read = again(graph.as_of(moment), path)
        assert len(read.cases) == (1 if moment < "2022-05-12 08" else 2)


def test_graph_without_a_case_replaces_nothing(path):
    graph_of().save(path)
    late = graph_of(cases=[{**ILL[0], "recorded": "2022-05-12"}]).as_of("2022-05-10")
    with pytest.raises(tg.TableError, match="no case was known as of that moment"):
        late.save(path)
    assert tg.read(path).equals(graph_of())


def test_link_to_a_file_stays_a_link(path, tmp_path):
    graph_of().save(path)
    (tmp_path / "link.duckdb").symlink_to(path)
    again(graph_of(cases=ILL * 2), tmp_path / "link.duckdb")
    assert (tmp_path / "link.duckdb").is_symlink()
    assert len(tg.read(path).cases) == 2


def test_file_that_may_only_be_read_is_read(path, monkeypatch):
    graph_of().save(path)
    path.chmod(0o400)
    assert tg.read(path).equals(graph_of())
