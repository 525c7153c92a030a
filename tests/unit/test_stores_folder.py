"""Folders of tables: files, settings, rows as a user counts them, and the way back."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tracegraph as tg
from tracegraph.model.schemas import TABLES

TOML = 'format = 1\ntz = "Asia/Shanghai"\n'


@pytest.fixture
def county(tmp_path):
    def write(**files):
        folder = tmp_path / "county"
        folder.mkdir(exist_ok=True)
        (folder / "tracegraph.toml").write_text(TOML)
        for name, text in files.items():
            (folder / name.replace("__", ".")).write_bytes(
                text if isinstance(text, bytes) else text.encode()
            )
        return folder

    return write


CASES = "person_id,onset\n007,2022-05-09\n"


def test_folder_of_csv_keeps_ids_as_text(county):
    visits = "person_id,location_id,arrive,depart\n007,01,2022-05-08 09:00,2022-05-08 10:00\n"
    graph = tg.read(county(cases__csv=CASES, visits__csv=visits))
    assert graph.person_ids.tolist() == ["007"]
    assert graph.location_ids.tolist() == ["01"]
    assert graph.facts.visits.depart_lo.tolist() == [10 * 3600]
    assert graph.tz == "Asia/Shanghai"
    assert graph.counts["file"].tolist() == ["cases.csv", "visits.csv"]


def test_rows_are_counted_from_the_header(county):
    graph = tg.read(county(cases__csv=CASES + ",2022-05-09\n008,2022-05-09\n009,soon\n"))
    assert graph.rejects["row"].tolist() == [3, 5]
    assert graph.rejects["file"].tolist() == ["cases.csv"] * 2
    assert graph.rejects["value"].tolist() == ["", "soon"]


def test_torn_line_is_rejected_and_the_others_keep_their_numbers(county):
    text = 'person_id,onset,note\nA,2022-05-09,"x\ny"\nB,2022-05-09,a,b\nC,soon,\n'
    graph = tg.read(county(cases__csv=text))
    assert graph.rejects[["row", "rule"]].to_numpy().tolist() == [
        [3, "torn-row"],
        [4, "unreadable-time"],
    ]
    assert graph.counts.loc[0, ["rows", "used", "rejected"]].tolist() == [3, 1, 2]


def test_blank_lines_are_no_rows(county):
    graph = tg.read(county(cases__csv=CASES + "\n,\n008,soon\n\n"))
    assert graph.counts.loc[0, ["rows", "used", "rejected"]].tolist() == [2, 1, 1]
    assert graph.rejects["row"].tolist() == [5]


def test_byte_order_mark_is_accepted(county):
    assert tg.read(county(cases__csv=b"\xef\xbb\xbf" + CASES.encode())).person_ids[0] == "007"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-16-le", "utf-8-sig", "big5"])
def test_other_encoding_is_found_and_told(county, encoding):
    text = "身份證號,發病日期,姓名\n007,2022-05-09,王小明\n008,2022-05-10,李大華\n"
    text = text.replace("證", "证").replace("發", "发").replace("華", "华")
    if encoding == "big5":
        text = "身份證號,發病日期,姓名\n007,2022-05-09,王小明\n008,2022-05-10,李大華\n"
    graph = tg.read(county(cases__csv=text.encode(encoding)))
    assert graph.persons["name"].tolist()[0] == "王小明"
    assert graph.person_ids.tolist() == ["007", "008"]
    told = "encoding-guessed" in graph.warnings["rule"].tolist()
    assert told is (encoding not in {"utf-16", "utf-8-sig"})


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separator_is_found(county, separator):
    graph = tg.read(county(cases__csv=CASES.replace(",", separator)))
    assert graph.person_ids.tolist() == ["007"]
    assert graph.origins["separator"].tolist() == [separator] * 2


def test_unknown_file_is_left_alone_with_a_warning(county):
    graph = tg.read(county(cases__csv=CASES, notes__txt="hello"))
    assert graph.warnings[["file", "rule"]].to_numpy().tolist() == [["notes.txt", "unknown-file"]]


def test_folder_without_cases_is_an_error(county):
    with pytest.raises(tg.TableError, match="has no table cases"):
        tg.read(county(notes__txt=""))


def test_two_files_of_one_table_are_an_error(county):
    with pytest.raises(tg.TableError, match=r"two tables cases: cases\.csv and cases\.parquet"):
        tg.read(county(cases__csv=CASES, cases__parquet=b""))


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "cases.csv is empty: it has no header"), ("person_id,onset\n", "cases has no row")],
)
def test_empty_file_is_an_error(county, text, message):
    with pytest.raises(tg.TableError, match=message):
        tg.read(county(cases__csv=text))


def test_one_file_may_be_read_alone(county):
    graph = tg.read(county(cases__csv=CASES) / "cases.csv", tz="Asia/Shanghai")
    assert graph.person_ids.tolist() == ["007"]


def test_path_that_is_not_there_is_named():
    with pytest.raises(tg.TableError, match="nowhere does not exist"):
        tg.read("nowhere")


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("format = 2", "this version reads 1"),
        ("tz = 8", "Write tz ="),
        ("tz =", "cannot be read"),
    ],
)
def test_settings_are_checked(county, toml, message):
    folder = county(cases__csv=CASES, tracegraph__toml=toml)
    with pytest.raises(tg.TableError, match=message):
        tg.read(folder)


def test_zone_of_the_call_goes_before_the_settings(county):
    assert tg.read(county(cases__csv=CASES), tz="Europe/Berlin").tz == "Europe/Berlin"


def test_parquet_keeps_integers_dates_and_instants(county):
    folder = county()
    frame = pd.DataFrame(
        {
            "person_id": pd.array([1, 2], dtype="Int64"),
            "onset": [pd.Timestamp("2022-05-09").date()] * 2,
            "confirmed": pd.to_datetime(["2022-05-10 08:00", "2022-05-11 09:00"]),
        }
    )
    frame.to_parquet(folder / "cases.parquet")
    graph = tg.read(folder)
    assert graph.person_ids.tolist() == [1, 2]
    assert (graph.facts.cases.onset_hi - graph.facts.cases.onset_lo).tolist() == [86400] * 2
    assert (graph.facts.cases.confirmed_hi == graph.facts.cases.confirmed_lo).all()
    assert graph.warnings.empty


def test_what_is_no_parquet_is_an_error(county):
    with pytest.raises(tg.TableError, match=r"cases\.parquet is no sound Parquet file"):
        tg.read(county(cases__parquet=b"nonsense"))


def test_parquet_with_broken_letters_is_an_error(county):
    folder = county(cases__csv=CASES)
    text = pa.array([b"L\xff"], pa.binary()).view(pa.string())
    arrays = {"person_id": ["007"], "location_id": text, "arrive": ["2022-05-08"]}
    pq.write_table(pa.table(arrays), folder / "visits.parquet")
    with pytest.raises(tg.TableError, match=r"visits\.parquet is no sound Parquet file"):
        tg.read(folder)


def test_parquet_with_a_column_of_a_type_that_is_not_read_names_it(county):
    folder = county(cases__csv=CASES)
    arrive = pa.array([1], pa.timestamp("s", "Nowhere/City"))
    pq.write_table(pa.table({"person_id": ["007"], "arrive": arrive}), folder / "visits.parquet")
    with pytest.raises(tg.TableError, match=r"visits\.arrive \(visits\.parquet\) is of type times"):
        tg.read(folder)


def test_written_folder_reads_back_as_the_same_facts(tmp_path):
    graph = tg.TraceGraph(
        cases=pd.DataFrame(
            {"person_id": ["A"], "onset": ["2022-05-09"], "status": ["Confirmed"], "x": ["a,\n中"]}
        ),
        visits=pd.DataFrame(
            {
                "person_id": ["A", "B", "B"],
                "location_id": ["L", "L", None],
                "arrive": ["2022-05-08", "2022-05-08 00:00", "2022-05-08 10:00:01"],
                "depart": ["2022-05-08", None, "2022-05-09 00:00"],
                "seat": ["12A", None, ""],
            }
        ),
        persons=pd.DataFrame({"person_id": ["A", "A"], "home_id": [None, "H"]}),
        tests=pd.DataFrame({"person_id": ["A"], "sampled": ["2022-05-08"], "result": ["+"]}),
        tz="Asia/Shanghai",
    )
    again = tg.read(graph.save(tmp_path))
    for table in ("visits", "cases", "tests", "persons", "locations"):
        one, other = getattr(graph.facts, table), getattr(again.facts, table)
        for name in one.__dataclass_fields__:
            assert np.array_equal(getattr(one, name), getattr(other, name)), (table, name)
    assert again.cases["x"].tolist() == ["a,\n中"]
    assert again.rejects.empty


def test_every_table_is_described():
    for name, schema in TABLES.items():
        text = tg.schemas.describe(name)
        assert all(f"`{column}`" in text for column in schema.names)
