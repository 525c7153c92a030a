"""`tracegraph.toml` and the arguments of `tg.read`: what they may say, and which goes before."""

import pytest

import tracegraph as tg
from folders import CASES, TOML, written

AMBIGUOUS = "person_id,onset\nC1,9/5/2022\n"
SERIAL = "person_id,onset\nC1,44690\n"


def read(tmp_path, toml, files=None, **arguments):
    return tg.read(written(tmp_path, files or {}, toml), **arguments)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("day_first = 1", 'day_first = 1.*Write day_first = true'),
        ('day_first = "yes"', "day_first = 'yes'"),
        ("excel_epoch = 1905", "excel_epoch = 1905.*1900, or 1904"),
        ("excel_epoch = 1900.0", "excel_epoch = 1900.0"),
        ('encoding = "gb"', "encoding = 'gb'.*Write the name of an encoding"),
        ('encoding = "hex"', "encoding = 'hex'"),
        ('encoding = "\\u0000"', "encoding ="),
        ("tz = 8", "tz = 8.*Write tz ="),
        ("tz = true", "tz = true"),
        ('columns = "onset"', "columns = 'onset'.*Write your name and ours"),
        ('columns.visits = ["a"]', "columns ="),
        ("columns.visits.a = 7", "columns ="),
        ('tables = "cases"', "tables = 'cases'"),
        ('tables."a.csv" = "case"', "tables = .*one of cases, visits"),
        ('[tables]\na.csv = "visits"', "tables ="),
        ('[tables]\n"a.csv" = ["visits"]', "tables ="),
        ("format = 2", "format = 2; this version reads 1.*Update tracegraph"),
        ('format = "1"', "format = '1'"),
        ("tz", "tracegraph.toml cannot be read"),
        ('tz = "a"\ntz = "b"', "tracegraph.toml cannot be read"),
    ],
)  # fmt: skip
def test_value_that_no_setting_has_is_an_error_with_its_mend(tmp_path, toml, message):
    with pytest.raises(tg.TableError, match=f"(?s){message}"):
        read(tmp_path, toml, tz="Asia/Shanghai")


@pytest.mark.parametrize(
    "arguments",
    [
        {"day_first": "yes"},
        {"excel_epoch": 1905},
        {"encoding": "\0"},
        {"encoding": "\ud800"},
        {"tz": 8},
        {"columns": ["onset"]},
        {"tables": {"a.csv": ["visits"]}},
        {"tables": {"a.csv": {}}},
    ],
)
def test_argument_that_may_not_be_is_an_error_too(tmp_path, arguments):
    with pytest.raises(tg.TableError, match=r"tg\.read says"):
        read(tmp_path, TOML, **arguments)


@pytest.mark.parametrize("data", [b"tz = \xb2", b"\xff\xfe", b"a" * 10 + b"[" * 100_000])
def test_settings_that_are_no_text_are_an_error(tmp_path, data):
    with pytest.raises(tg.TableError, match=r"tracegraph\.toml cannot be read"):
        read(tmp_path, TOML, {"tracegraph.toml": data})


def test_settings_that_are_a_folder_are_an_error(tmp_path):
    folder = written(tmp_path, {})
    (folder / "tracegraph.toml").unlink()
    (folder / "tracegraph.toml").mkdir()
    with pytest.raises(tg.TableError, match=r"tracegraph\.toml cannot be read"):
        tg.read(folder)


@pytest.mark.parametrize("tz", ["", "Asia", "Asia/Shangai", "+08:00", "../UTC", "\0", "UTC\n"])
def test_zone_that_is_none_is_an_error(tmp_path, tz):
    with pytest.raises(tg.TimeZoneError, match="is no time zone"):
        read(tmp_path, "", tz=tz)


def test_settings_with_a_mark_of_utf8_are_read(tmp_path):
    assert read(tmp_path, "\ufeff" + TOML).tz == "Asia/Shanghai"


def test_setting_that_means_nothing_is_told(tmp_path):
    graph = read(tmp_path, TOML + "dayfirst = true\nx = 1\n")
    told = graph.warnings[graph.warnings["rule"] == "unknown-setting"]
    assert sorted(told["mend"]) == [
        "Settings are tz, day_first, excel_epoch, encoding, columns, tables.",
        "Write day_first.",
    ]


@pytest.mark.parametrize(
    ("toml", "argument", "day"),
    [("true", None, 9), ("false", None, 5), ("true", False, 5), ("false", True, 9)],
)
def test_order_of_day_and_month_may_be_set_and_the_argument_goes_before(
    tmp_path, toml, argument, day
):
    toml = f"{TOML}day_first = {toml}\n"
    graph = read(tmp_path, toml, {"cases.csv": AMBIGUOUS}, day_first=argument)
    assert graph.cases["onset"].dt.day.tolist() == [day]


@pytest.mark.parametrize(("toml", "argument", "year"), [("1904", None, 2026), ("1904", 1900, 2022)])
def test_epoch_of_serial_numbers_may_be_set(tmp_path, toml, argument, year):
    toml = f"{TOML}excel_epoch = {toml}\n"
    graph = read(tmp_path, toml, {"cases.csv": SERIAL}, excel_epoch=argument)
    assert graph.cases["onset"].dt.year.tolist() == [year]


def test_encoding_may_be_set(tmp_path):
    text = "person_id,onset,name\nC1,2022-05-09,Müller\n".encode("cp1250")
    graph = read(tmp_path, TOML + 'encoding = "cp1250"\n', {"cases.csv": text})
    assert graph.persons["name"].tolist() == ["Müller"]
    assert "encoding-guessed" not in graph.warnings["rule"].tolist()


def test_columns_of_both_hold_and_the_argument_goes_before(tmp_path):
    toml = TOML + '[columns]\nwho = "person_id"\nill = "sampled"\n[columns.visits]\nat = "arrive"\n'
    files = {
        "cases.csv": "who,ill\nC1,2022-05-09\n",
        "visits.csv": "who,where,at,to\nC1,L,2022-05-08 09:00,2022-05-08 10:00\n",
    }
    columns = {"ill": "onset", "visits": {"to": "depart", "where": "location_id"}}
    graph = read(tmp_path, toml, files, columns=columns)
    assert graph.cases["onset"].notna().tolist() == [True]
    assert graph.visits[["location_id", "depart"]].notna().all(axis=None)


def test_tables_may_be_set_for_files_and_sheets(tmp_path):
    toml = TOML + '[tables]\n"export.csv" = "visits"\n'
    text = "person_id,location_id,arrive\nC1,L,2022-05-08 09:00\n"
    graph = read(tmp_path, toml, {"export.csv": text})
    assert graph.counts["file"].tolist() == ["cases.csv", "export.csv"]


def test_file_stated_that_is_not_there_is_told(tmp_path):
    text = "person_id,location_id,arrive\nC1,L,2022-05-08 09:00\n"
    files = {"Export.csv": text, "cases.csv": CASES}
    graph = read(tmp_path, TOML, files, tables={"export.csv": "visits"})
    told = graph.warnings[graph.warnings["rule"] == "unknown-file"]
    assert told["message"].tolist() == [
        "Export.csv is named after no table; not read",
        "tables= names export.csv, of which nothing was read",
    ]
