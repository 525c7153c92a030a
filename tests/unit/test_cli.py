"""The command line, run as a user runs it: words in, files, words and exit codes out."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pandas as pd
import pytest

import outbreaks
import tracegraph as tg


def run(*words):
    return subprocess.run(
        [sys.executable, "-c", "from tracegraph.cli import main; main()", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    folder = tmp_path_factory.mktemp("county")
    tg.datasets.county(seed=3, n_people=2_000).write(folder)
    return folder


@pytest.fixture(scope="module")
def traced(county, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "report"
    done = run("trace", county, "--protocol", "china-8", "--as-of", "2022-05-12", "--out", out)
    assert done.returncode == 0, done.stderr
    return done.stdout, out


def test_trace_writes_tables_zones_and_map(traced):
    _, out = traced
    tiers = pd.read_csv(out / "tiers.csv")
    assert set(tiers["tier"]) == {0, 1, 2}
    assert len(pd.read_csv(out / "exposures.csv")) >= (tiers["tier"] > 0).sum()
    assert "lockdown" in set(pd.read_csv(out / "zones.csv")["required"])
    assert (out / "map.html").read_text(encoding="utf-8").startswith("<!")


def test_trace_says_what_it_found(traced):
    told, out = traced
    tiers = pd.read_csv(out / "tiers.csv")
    n_close = int((tiers["tier"] == 1).sum())
    assert f"close contacts {n_close:>13,}" in told or f"{n_close:,}" in told
    assert "Cases without any visit: 0" in told
    assert told.rstrip().splitlines()[-1].endswith("keep them home.")


def test_same_answer_as_in_a_notebook(county, traced):
    _, out = traced
    trace = tg.read(county).trace("china-8", as_of="2022-05-12")
    written = pd.read_csv(out / "tiers.csv")
    assert written["person_id"].tolist() == trace.tiers["person_id"].tolist()
    assert written["tier"].tolist() == trace.tiers["tier"].tolist()


def test_map_hands_on_no_id(county, traced):
    _, out = traced
    page = (out / "map.html").read_text(encoding="utf-8")
    people = pd.read_csv(out / "tiers.csv")["person_id"]
    assert not [p for p in people if p in page]


def test_missing_folder_is_one_message_and_code_1(tmp_path):
    done = run("trace", tmp_path / "nowhere")
    assert done.returncode == 1
    assert "does not exist" in done.stderr
    assert "Traceback" not in done.stderr


def test_unknown_protocol_proposes_a_name(county, tmp_path):
    done = run("trace", county, "--protocol", "china8", "--out", tmp_path)
    assert done.returncode == 1
    assert "china-8" in done.stderr


def test_mistyped_command_is_code_2():
    assert run("trcae").returncode == 2


def test_unknown_language_is_code_2_and_writes_nothing(county, tmp_path):
    done = run("trace", county, "--lang", "de", "--out", tmp_path / "report")
    assert done.returncode == 2
    assert "'de' is not one of 'en', 'zh'" in done.stderr
    assert not (tmp_path / "report").exists()


def test_report_into_a_file_is_code_2(county, tmp_path):
    (tmp_path / "report").touch()
    done = run("trace", county, "--out", tmp_path / "report")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_check_counts_rows_and_exits_with_3_on_rejects(tmp_path):
    (tmp_path / "cases.csv").write_text("person_id,onset\nC1,2022-05-09\nC2,\n", encoding="utf-8")
    (tmp_path / "tracegraph.toml").write_text(
        'format = 1\ntz = "Asia/Shanghai"\n', encoding="utf-8"
    )
    out = tmp_path / "out"
    done = run("check", tmp_path, "--out", out)
    assert done.returncode == 3, done.stderr
    rejects = pd.read_csv(out / "rejects.csv")
    assert rejects[["table", "row", "rule"]].to_numpy().tolist() == [
        ["cases", 3, "case-without-date"]
    ]


def test_check_of_clean_tables_exits_with_0(county):
    done = run("check", county)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No row was rejected." in done.stdout


def test_protocols_lists_every_preset():
    told = run("protocols").stdout
    assert [line.split()[0] for line in told.splitlines()] == list(tg.Protocol.names())


def test_protocol_is_printed_with_the_source_of_every_number():
    told = run("protocols", "china-8").stdout
    rows = tg.Protocol.named("china-8").table()
    assert all(path in told for path in rows["path"])
    assert all(source in told for source in rows.loc[rows["confidence"] == "read", "source"])


# ---- codes and identities


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small") / "tables"
    outbreaks.graph().save(folder)
    return folder


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "team.key"
    path.write_bytes(outbreaks.KEY.encode() + b"\n")
    return path


def page_of(out):
    raw = (out / "map.html").read_text(encoding="utf-8")
    return json.loads(re.search(r'id="trace-data">(.*?)</script>', raw).group(1))


def test_identities_and_language_reach_the_map(small, tmp_path):
    done = run("trace", small, "--identities", "--lang", "zh", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    data = page_of(tmp_path / "out")
    assert "Name of C1" in data["persons"]["name"]
    assert data["lang"] == "zh"
    assert done.stdout.rstrip().endswith("hold ids and names: keep them home.")


def test_codes_of_a_map_lead_back_with_its_key(small, key, tmp_path):
    done = run("trace", small, "--key", key, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    data = page_of(tmp_path / "out")
    assert data["keyed"] is True
    assert "name" not in data["persons"]
    case, office = data["persons"]["code"][0], data["places"]["code"][1]
    done = run("identify", small, case, office.lower(), "--key", key)
    assert done.returncode == 0, done.stderr
    told = [line.split() for line in done.stdout.splitlines()]
    assert told == [[case, "person", "C1"], [office.lower(), "location", "office"]]


def test_stays_of_the_map_are_those_that_matter_unless_all_are_asked_for(small, tmp_path):
    kept = []
    for options in (
        [],
        ["--stays", "all"],
        ["--identities"],
        ["--identities", "--stays", "needed"],
    ):
        done = run("trace", small, "--out", tmp_path / "out", *options)
        assert done.returncode == 0, done.stderr
        kept.append(page_of(tmp_path / "out")["stays_kept"])
    assert kept == ["needed", "all", "all", "needed"]
    assert run("trace", small, "--stays", "some").returncode == 2


def test_a_code_that_nobody_has_is_told_with_code_4(small, key):
    done = run("identify", small, "ZZZZZZ", "--key", key)
    assert done.returncode == 4
    assert "ZZZZZZ   unknown" in done.stdout


def test_identify_without_a_key_is_code_2(small):
    done = run("identify", small, "ZZZZZZ")
    assert done.returncode == 2
    assert "--key" in done.stderr


@pytest.mark.parametrize("words", [("trace", "--out"), ("identify", "ZZZZZZ")])
def test_a_short_key_is_code_2_and_is_not_quoted(small, tmp_path, words):
    (tmp_path / "bad.key").write_bytes(b"hush-hush\n")
    out = [tmp_path / "out"] if "--out" in words else []
    done = run(words[0], small, *words[1:], *out, "--key", tmp_path / "bad.key")
    assert done.returncode == 2
    assert "16 bytes" in done.stderr
    assert "hush" not in done.stderr + done.stdout
    assert not (tmp_path / "out").exists()


def test_a_key_that_is_no_file_is_code_2(small, tmp_path):
    done = run("identify", small, "ZZZZZZ", "--key", tmp_path / "none.key")
    assert done.returncode == 2
    assert "is no file" in done.stderr
