"""What `save` writes, what it never deletes, and that whoever stops it leaves a graph whole."""

import datetime as dt
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import tracegraph as tg
from told import ILL, graph_of
from tracegraph.model.calendar import Calendar
from tracegraph.stores import exchange, saving

both = pytest.mark.parametrize("files", ["csv", "parquet"])


def again(graph, folder, files="csv"):
    """The graph as it is read back; equal to what was saved."""
    read = tg.read(graph.save(folder, files=files))
    assert graph.differences(read).to_dict("records") == []
    return read


def listed(folder):
    return sorted(path.name for path in Path(folder).iterdir())


@pytest.fixture
def graph():
    return graph_of()


# ---- what is written


@both
def test_folder_holds_a_file_a_table_and_what_the_tables_do_not_say(graph, tmp_path, files):
    folder = graph.save(tmp_path / "new" / "county", files=files)
    assert listed(folder) == sorted(
        [f"cases.{files}", "counts.csv", "rejects.csv", "tracegraph.toml"]
    )
    assert listed(tmp_path / "new") == ["county"]


def test_formats_that_are_none_are_refused(graph, tmp_path):
    with pytest.raises(tg.TableError, match="files = 'xlsx' is no format"):
        graph.save(tmp_path / "county", files="xlsx")


def test_graph_as_of_a_moment_without_a_case_is_not_saved(tmp_path):
    late = graph_of(cases=[{**ILL[0], "recorded": "2022-05-12"}])
    with pytest.raises(tg.TableError, match="no case was known as of that moment"):
        late.as_of("2022-05-10").save(tmp_path / "county")
    assert listed(tmp_path) == []


@both
def test_tables_without_a_row_come_back_as_such(tmp_path, files):
    empty = {
        name: pd.DataFrame(columns=list(schema.names))
        for name, schema in tg.schemas.TABLES.items()
        if name != "cases"
    }
    read = again(graph_of(**empty), tmp_path / "county", files)
    assert list(read.tables) == list(tg.schemas.TABLES)


@both
@pytest.mark.parametrize("ids", [[-7, 0], [2**62, 2**63 - 1], [7, 8]])
def test_integer_ids_stay_integers(tmp_path, files, ids):
    cases = [{"person_id": i, "onset": "2022-05-09"} for i in ids]
    areas = [{"area_id": 3, "parent_id": None}, {"area_id": 4, "parent_id": 3}]
    read = again(graph_of(cases=cases, areas=areas), tmp_path / "county", files)
    assert read.person_ids.tolist() == ids
    assert read.area_ancestors(1) == [0]


@both
@pytest.mark.parametrize("ids", [["NA", "nan", "None"], ["-", "?", "unknown"], ["NA"]])
def test_ids_that_look_like_nothing_stay_ids(tmp_path, files, ids):
    """The initials of Nora Andersen; a file of another hand means nothing by it."""
    cases = [{"person_id": i, "onset": "2022-05-09"} for i in ids]
    visits = [{"person_id": "Ben", "location_id": i, "arrive": "2022-05-08 09:00"} for i in ids]
    read = again(graph_of(cases=cases, visits=visits), tmp_path / "county", files)
    assert read.location_ids.tolist() == sorted(ids)


@pytest.mark.parametrize("added", ["X9", "007"])
def test_integer_ids_beside_one_that_is_none_are_text_everywhere(tmp_path, added):
    cases = [{"person_id": i, "onset": "2022-05-09"} for i in (7, 8)]
    visits = [{"person_id": 7, "location_id": "Mall", "arrive": "2022-05-08 09:00"}]
    folder = graph_of(cases=cases, visits=visits).save(tmp_path / "county")
    with (folder / "visits.csv").open("a") as file:
        file.write(f'"{added}","Mall","2022-05-08T09:30:00+08:00"\n')
    read = tg.read(folder)
    assert read.person_ids.tolist() == sorted(["7", "8", added])
    assert read.cases_without_visit == 1


@both
def test_other_columns_of_any_type_come_back(tmp_path, files):
    cells = {
        "complex": [1j, 2j],
        "sparse": pd.arrays.SparseArray([1, 0]),
        "large": pd.array([2**64 - 1, None], "UInt64"),
        "span": pd.to_timedelta(["1h", None]),
        "month": pd.period_range("2022-01", periods=2, freq="M"),
        "half": pd.Series(["\ud800", "x"], dtype="object"),
        "mixed": [1, "1"],
        "self": [dt.time(8), None],
        "a,\n\"b'": ['"', "\r\n"],
        "nul": ["a\0b", "NA"],
    }
    again(graph_of(cases=pd.DataFrame(ILL * 2).assign(person_id=["A", "B"]).join(
        pd.DataFrame(cells))), tmp_path / "county", files)  # fmt: skip


# ---- times


@pytest.mark.parametrize(
    ("tz", "onset", "text"),
    [
        ("Asia/Shanghai", "2022-05-09", "2022-05-09"),
        ("Asia/Shanghai", "2022-05-09 00:00", "2022-05-09T00:00:00+08:00"),
        ("Asia/Shanghai", "2022-05-09/2022-05-10",
         "2022-05-09T00:00:00+08:00/2022-05-11T00:00:00+08:00"),
        ("Europe/Berlin", "2022-10-30 02:30",  # it strikes half past two twice
         "2022-10-30T02:30:00+02:00/2022-10-30T02:30:00+01:00"),
        ("Europe/Berlin", "2022-03-27", "2022-03-27"),
        ("Asia/Beirut", "2022-03-27", "2022-03-27"),  # the day begins at one
        ("America/Havana", "2022-11-06", "2022-11-06"),  # midnight comes twice
        ("Pacific/Apia", "2011-12-31", "2011-12-31"),  # there was no 30 December
        ("Africa/Monrovia", "1971-05-09", "1971-05-09"),  # 44 minutes and 30 seconds behind
        ("Asia/Shanghai", "1900-03-27", "1900-03-27"),  # 8 hours, 5 minutes and 43 seconds ahead
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04"),
    ],
)  # fmt: skip
def test_times_are_written_so_that_they_come_back(tmp_path, tz, onset, text):
    graph = graph_of(cases=[{"person_id": "Ann", "onset": onset}], tz=tz)
    folder = graph.save(tmp_path / "county")
    written = pd.read_csv(folder / "cases.csv", dtype="str")
    assert written["onset"].tolist() == [text]
    assert graph.equals(tg.read(folder))


@pytest.mark.parametrize("tz", ["Africa/Monrovia", "Europe/Berlin", "Pacific/Apia", "Asia/Beirut"])
@pytest.mark.parametrize("year", [1905, 1971, 2011, 2022])
def test_every_day_and_hour_of_a_year_comes_back(tmp_path, tz, year):
    days = pd.date_range(f"{year}-01-01", periods=366, freq="D")
    hours = days + pd.to_timedelta(np.arange(366) * 37 % 1440, unit="min")
    graph = graph_of(
        cases=[{"person_id": "Ann", "onset": f"{year}-06-01"}],
        isolations=pd.DataFrame({
            "person_id": "Ann",
            "start": [str(d.date()) for d in days],
            "recorded": [str(h) for h in hours],
        }),
        tz=tz,
    )  # fmt: skip
    again(graph, tmp_path / "county")


def test_few_texts_are_made_for_many_equal_times():
    calendar = Calendar(tz="Asia/Shanghai", origin=dt.date(2022, 5, 9))
    lo = np.zeros(1_000_000, np.int32)
    assert saving.time_texts(lo, lo + np.int32(86400), calendar)[999_999].as_py() == "2022-05-09"


# ---- who is whom


@both
def test_ids_are_written_as_they_stood_and_a_later_merge_stays_later(tmp_path, files):
    """Once merged in the file, nobody could tell what was known before the merge."""
    graph = graph_of(
        persons=[{"person_id": "Ben", "same_as": "Ann", "recorded": "2022-05-12 09:00"}],
        visits=[
            {"person_id": p, "location_id": "Office", "arrive": "2022-05-09 10:00",
             "depart": "2022-05-09 12:00"}
            for p in ("Ben", "Cleo")
        ],
        locations=[{"location_id": "Office", "kind": "office"}],
    )  # fmt: skip
    read = again(graph, tmp_path / "county", files)
    assert read.aliases.to_dict("list") == {"person_id": ["Ben"], "same_as": ["Ann"]}
    assert read.visits["person_id"].tolist() == ["Ben", "Cleo"]
    for moment, traced in (("2022-05-11", ["Ann"]), ("2022-05-13", ["Ann", "Cleo"])):
        assert read.trace("china-8", as_of=moment).tiers["person_id"].tolist() == traced


# ---- rejected rows and counts


@both
def test_graph_as_of_a_moment_is_read_back_as_of_it(tmp_path, files):
    cases = [*ILL, {"person_id": "Ben", "onset": "2022-05-10", "recorded": "2022-05-12 08:00"}]
    graph = graph_of(cases=cases)
    for moment in ("2022-05-12 07:59:59", "2022-05-12 08:00", "2022-05-20"):
        read = again(graph.as_of(moment), tmp_path / "county", files)
        assert len(read.cases) == (1 if moment < "2022-05-12 08" else 2)


def test_account_that_lost_a_row_is_told(tmp_path):
    folder = graph_of(cases=[*ILL, {"person_id": "Ben", "onset": "soon"}]).save(tmp_path / "county")
    lines = (folder / "rejects.csv").read_text("utf-8-sig").splitlines()
    (folder / "rejects.csv").write_text(lines[0] + "\n")
    with pytest.raises(tg.TableError, match="tell of 0 and 1 rows"):
        tg.read(folder)


@both
def test_rejected_rows_are_still_accounted_for(tmp_path, files):
    cases = [*ILL, {"person_id": 'B"e\r\nn', "onset": "soon,"}, {"person_id": None, "onset": ""}]
    graph = graph_of(cases=cases)
    read = again(graph, tmp_path / "county", files)
    pd.testing.assert_frame_equal(read.rejects, graph.rejects)
    assert read.counts[["rows", "used", "rejected"]].to_numpy().tolist() == [[3, 1, 2]]
    again(read, tmp_path / "county", files)


def test_row_that_was_added_by_hand_is_counted_beside_those_of_before(tmp_path):
    folder = graph_of(cases=[*ILL, {"person_id": "Ben", "onset": "soon"}]).save(tmp_path / "county")
    with (folder / "cases.csv").open("a") as file:
        file.write('"Dan","never",\n"Eve","2022-05-10",\n')
    read = tg.read(folder)
    assert read.rejects["value"].tolist() == ["soon", "never"]
    assert read.counts[["rows", "used", "rejected"]].sum().tolist() == [4, 2, 2]


@pytest.mark.parametrize("file", ["rejects.csv", "counts.csv"])
def test_lost_account_of_rejected_rows_is_told(tmp_path, file):
    folder = graph_of(cases=[*ILL, {"person_id": "Ben", "onset": "soon"}]).save(tmp_path / "county")
    (folder / file).unlink()
    with pytest.raises(tg.TableError, match="delete the line saved_by"):
        tg.read(folder)


# ---- nothing of others is deleted


def test_folder_with_files_of_others_is_refused_and_left_alone(graph, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(tg.TableError, match=r"holds thesis\.txt, which graph\.save did not write"):
        graph.save(tmp_path)
    assert listed(tmp_path) == ["thesis.txt"]


@pytest.mark.parametrize(
    "toml",
    [
        "",
        "saved_by =",
        'saved_by = "x"\nrows = 3\n',
        'saved_by = "x"\nrows = ["thesis"]\n',
        'saved_by = "x"\n[rows]\nthesis = 1\n',  # no table of ours
        'tz = "Asia/Shanghai"\n[rows]\ncases = 1\n',  # not saved by us
    ],
)
def test_settings_of_another_hand_make_no_file_ours(graph, tmp_path, toml):
    (tmp_path / "tracegraph.toml").write_text(toml)
    (tmp_path / "thesis.csv").write_text("years of work")
    with pytest.raises(tg.TableError, match=r"did not write"):
        graph.save(tmp_path)
    assert (tmp_path / "thesis.csv").exists()


def test_saved_folder_is_replaced_with_all_its_files(tmp_path):
    folder = graph_of(tests=[{"person_id": "Ann", "sampled": "2022-05-09", "result": "+"}])
    folder = folder.save(tmp_path / "county", files="parquet")
    folder.chmod(0o750)
    read = again(graph_of(), folder, "csv")
    assert "tests" not in read.tables
    assert listed(tmp_path) == ["county"]
    assert folder.stat().st_mode & 0o777 == 0o750


def test_file_in_the_place_of_the_folder_is_refused(graph, tmp_path):
    (tmp_path / "county").write_text("")
    with pytest.raises(tg.TableError, match="is a file"):
        graph.save(tmp_path / "county")


def test_link_to_a_folder_stays_a_link(graph, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    graph.save(tmp_path / "link")
    again(graph, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert "cases.csv" in listed(tmp_path / "real")
    (tmp_path / "dangling").symlink_to(tmp_path / "to come")
    again(graph, tmp_path / "dangling")
    assert listed(tmp_path) == ["dangling", "link", "real", "to come"]


def test_link_among_the_saved_files_is_removed_and_not_followed(graph, tmp_path):
    folder = graph.save(tmp_path / "county")
    (folder / "cases.csv").rename(tmp_path / "kept.csv")
    (folder / "cases.csv").symlink_to(tmp_path / "kept.csv")
    graph.save(folder)
    assert (tmp_path / "kept.csv").exists()
    assert not (folder / "cases.csv").is_symlink()


def test_folder_that_cannot_be_written_to_is_refused_before_anything_is(
    graph, tmp_path, monkeypatch
):
    folder = graph.save(tmp_path / "county")
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everywhere
    with pytest.raises(tg.TableError, match="cannot be written to"):
        graph.save(folder)
    assert listed(tmp_path) == ["county"]


def test_folder_in_which_python_works_is_refused(graph, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(tg.TableError, match="the folder in which Python works"):
        graph.save(".")
    graph.save("county")
    assert tg.read("county").equals(graph)


def test_mount_point_is_refused(graph, tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "is_mount", lambda path: path == tmp_path)
    with pytest.raises(tg.TableError, match="a mount point"):
        graph.save(tmp_path)


# ---- whoever stops it


def stopped_at(step, error, monkeypatch):
    """Let the rename of that number fail."""
    rename, done = Path.rename, []

    def renamed(self, target):
        done.append(target)
        if len(done) == step:
            raise error
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", renamed)


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()], ids=["disk", "keys"])
@pytest.mark.parametrize("step", [1, 2])
def test_graph_of_before_is_back_if_the_exchange_fails(tmp_path, monkeypatch, error, step):
    before = graph_of(cases=[{"person_id": "Old", "onset": "2022-05-09"}])
    folder = before.save(tmp_path / "county")
    with monkeypatch.context() as patched:
        stopped_at(step, error, patched)
        with pytest.raises(type(error)):
            graph_of().save(folder)
    assert listed(tmp_path) == ["county"]
    assert tg.read(folder).equals(before)


def test_graph_that_somebody_else_saves_meanwhile_stays(tmp_path, monkeypatch):
    folder = graph_of(cases=[{"person_id": "Old", "onset": "2022-05-09"}]).save(tmp_path / "county")
    theirs = graph_of(cases=[{"person_id": "Theirs", "onset": "2022-05-09"}])
    rename = Path.rename

    def renamed(self, target):
        result = rename(self, target)
        if ".old-" in Path(target).name:  # the place is empty now
            monkeypatch.undo()
            theirs.save(folder)
        return result

    monkeypatch.setattr(Path, "rename", renamed)
    with pytest.raises(OSError, match="not empty"):
        graph_of().save(folder)
    assert listed(tmp_path) == ["county"]
    assert tg.read(folder).equals(theirs)


def test_graph_of_before_is_left_if_writing_fails(tmp_path, monkeypatch):
    before = graph_of(cases=[{"person_id": "Old", "onset": "2022-05-09"}])
    folder = before.save(tmp_path / "county")

    def full(*args):
        message = "disk full"
        raise OSError(message)

    monkeypatch.setattr(saving, "_settings", full)
    with pytest.raises(OSError, match="disk full"):
        graph_of().save(folder)
    assert listed(tmp_path) == ["county"]
    assert tg.read(folder).equals(before)


KILLED = """
    import os, sys
    from pathlib import Path
    import tracegraph as tg
    graph = tg.read(sys.argv[1])
    rename, done = Path.rename, []
    def renamed(self, target):
        done.append(target)
        if len(done) == int(sys.argv[2]):
            os._exit(9)  # nothing is cleaned up
        return rename(self, target)
    Path.rename = renamed
    graph.save(sys.argv[1])
"""


@pytest.mark.parametrize("step", [1, 2])
def test_killed_save_loses_nothing_and_the_next_one_brings_it_back(tmp_path, step):
    before = graph_of(cases=[{"person_id": "Old", "onset": "2022-05-09"}])
    folder = before.save(tmp_path / "county")
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), folder, str(step)], check=False
    )
    assert ended.returncode == 9
    left = exchange.left_behind(folder)
    assert (folder.exists(), len(left)) == (step == 1, step - 1)
    for whole in [folder] if folder.exists() else left:
        assert tg.read(whole).equals(before)
    with pytest.raises(tg.TableError, match="no case was known"):
        graph_of(cases=[{**ILL[0], "recorded": "2022-05-12"}]).as_of("2022-05-10").save(folder)
    assert tg.read(folder).equals(before)
    again(graph_of(), folder)
    assert exchange.left_behind(folder) == []


def test_two_graphs_left_behind_are_both_left(graph, tmp_path):
    for mark in ("1", "2"):
        graph.save(tmp_path / f".county.old-{mark}")
    graph.save(tmp_path / "county")
    assert listed(tmp_path) == [".county.old-1", ".county.old-2", "county"]


def test_parquet_keeps_types_of_other_columns(tmp_path):
    cells = {"n": pd.array([1, None], "Int64"), "b": [True, False], "f": [0.5, np.nan]}
    cases = pd.DataFrame(ILL * 2).assign(person_id=["A", "B"], **cells)
    folder = graph_of(cases=cases).save(tmp_path / "county", files="parquet")
    kinds = {f.name: str(f.type) for f in pq.read_schema(folder / "cases.parquet")}
    assert (kinds["n"], kinds["b"], kinds["f"]) == ("int64", "bool", "double")
