"""The page as text: nothing that identifies, nothing that runs, nothing that asks."""

import base64
import hashlib
import json
import re

import numpy as np
import pandas as pd
import pytest

from browser.standin import HOSTILE, made_up_trace
from tracegraph.viz import page_text
from tracegraph.viz.page import write_page


@pytest.fixture(scope="module")
def hostile():
    return made_up_trace(2, 20, 30, hostile=True)


def _data(html):
    found = re.search(r'<script type="application/json" id="trace-data">(.*?)</script>', html)
    return json.loads(found.group(1))


def _secrets(trace):
    graph = trace.graph
    values = [
        *graph.persons["person_id"],
        *graph.locations["location_id"],
        *graph.persons["name"],
        *graph.persons["home_id"],
        *graph.persons["remark"],
        *graph.locations["name"],
        *graph.locations["address"],
    ]
    return {str(value) for value in values} | {"31.234567", "121.456789"}


@pytest.mark.parametrize("is_hostile", [False, True])
@pytest.mark.parametrize("max_nodes", [2000, 20])
def test_by_default_no_id_name_home_or_address_stands_in_the_file(tmp_path, is_hostile, max_nodes):
    trace = made_up_trace(2, 20, 30, hostile=is_hostile)
    path = write_page(trace, tmp_path / "map.html", max_nodes=max_nodes)
    raw = path.read_text(encoding="utf-8")
    everywhere = raw + json.dumps(_data(raw), ensure_ascii=False)
    plain = {re.sub(r".*(?=[PL]\d{4}$)", "", value, flags=re.DOTALL) for value in _secrets(trace)}
    for secret in _secrets(trace) | plain:
        assert secret not in everywhere
        assert json.dumps(secret)[1:-1] not in everywhere
    assert "Secret" not in everywhere


def test_pseudonyms_carry_no_order_of_ids(tmp_path):
    trace = made_up_trace(1, 60, 0)
    trace.rows["start"] = trace.rows["start"].iloc[0]
    trace.tiers["first_exposure"] = trace.rows["start"].iloc[0]
    pages = [write_page(trace, tmp_path / f"{n}.html", reveal=["ids"]) for n in range(2)]
    orders = [
        [p["label"] for p in _data(path.read_text(encoding="utf-8"))["people"] if p["tier"] == 1]
        for path in pages
    ]
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]
    assert sorted(orders[0]) not in orders


def test_ids_and_names_come_in_only_when_asked_for(tmp_path):
    trace = made_up_trace(1, 5, 5)
    ids = write_page(trace, tmp_path / "ids.html", reveal=("ids",)).read_text(encoding="utf-8")
    both = write_page(trace, tmp_path / "both.html", reveal=("ids", "names"))
    both = both.read_text(encoding="utf-8")
    assert "P0101" in ids
    assert "Secret person" not in ids
    assert "P0101" in both
    assert "Secret person 1 王" in both
    for never in ("Secret road", "Secret remark", "31.234567"):
        assert never not in both
    assert "keep it within the team" in ids


@pytest.mark.parametrize("reveal", [(), ("ids",), ("ids", "names")])
def test_hostile_values_end_no_element_and_start_none(tmp_path, hostile, reveal):
    title = "".join(HOSTILE)
    raw = write_page(hostile, tmp_path / "map.html", reveal=reveal, title=title)
    raw = raw.read_text(encoding="utf-8")
    ours = raw.replace(page_text.bundled("vis-network.min.js"), "")
    assert len(re.findall(r"<script\b", ours)) == len(re.findall(r"</script>", ours)) == 3
    assert not re.search(r"<img src=x|<svg onload|{{7\*7}}\s*</script", ours)
    assert not re.search(r"<!--", ours)
    block = re.search(r'id="trace-data">(.*?)</script>', raw, flags=re.DOTALL).group(1)
    assert not set(block) & set("<>&\u2028\u2029\u202e\x00")
    assert ">49<" not in ours  # {{7*7}} is text
    assert "{{7*7}}" in ours


def test_the_policy_names_exactly_what_the_page_holds(tmp_path, hostile):
    raw = write_page(hostile, tmp_path / "map.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', raw).group(1)
    policy = policy.replace("&#39;", "'")
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "http" not in policy
    for tag in ("script", "style"):
        for text in re.findall(rf"<{tag}>(.*?)</{tag}>", raw, flags=re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy


def test_nothing_in_the_page_points_to_a_file_or_a_server(tmp_path, hostile):
    raw = write_page(hostile, tmp_path / "map.html").read_text(encoding="utf-8")
    assert "sourceMappingURL" not in raw
    style = re.search(r"<style>(.*?)</style>", raw, flags=re.DOTALL).group(1)
    assert "url(" not in style
    assert "@import" not in style
    ours = re.sub(r"<(script|style)>.*?</\1>", "", raw, flags=re.DOTALL)
    addresses = re.findall(r'(?:src|href|action|srcset)="([^"]*)"', ours)
    assert set(addresses) <= {"data:,", "#table"}
    assert not re.search(r'\sstyle="|\son\w+="', ours)


def test_numbers_that_json_does_not_know_become_null():
    value = {
        "nan": np.nan,
        "inf": [np.inf, -np.inf],
        "np": np.int32(3),
        "flag": np.array([True])[0],
        "none": [pd.NA, pd.NaT, None],
        "time": pd.Timestamp("2022-05-01", tz="UTC"),
        "array": np.array([1.5, np.nan]),
    }
    got = json.loads(page_text.inert_json(value))
    assert got["nan"] is None
    assert got["inf"] == [None, None]
    assert got["np"] == 3
    assert got["flag"] is True
    assert got["none"] == [None, None, None]
    assert got["time"] == "2022-05-01 00:00:00+00:00"
    assert got["array"] == [1.5, None]


def test_a_script_that_would_end_its_element_is_refused():
    with pytest.raises(ValueError, match="end tag"):
        page_text.check_inert("x = '</SCRIPT>'")


def test_the_head_says_protocol_moment_and_counts(tmp_path):
    raw = write_page(made_up_trace(1, 5, 4), tmp_path / "map.html").read_text(encoding="utf-8")
    title = re.search(r"<title>(.*?)</title>", raw).group(1)
    assert "stand-in" in title
    assert "2022-05-12 18:00 (UTC+08:00)" in title
    assert "1 case, 5 close contacts, 4 secondary contacts" in title


def test_the_tables_hold_everyone_and_the_page_says_who_is_not_drawn(tmp_path):
    raw = write_page(made_up_trace(4, 70, 190), tmp_path / "map.html", max_nodes=250)
    raw = raw.read_text(encoding="utf-8")
    assert "190 secondary contacts are gathered" in raw
    assert raw.count('data-go="p') == 264


def test_one_seed_writes_one_file(tmp_path):
    trace = made_up_trace(2, 20, 30)
    one, two = (write_page(trace, tmp_path / f"{n}.html", rng=3).read_bytes() for n in range(2))
    assert one == two


def test_integer_ids_and_an_untimed_exposure_are_shown(tmp_path):
    trace = made_up_trace(1, 20, 5)
    number = {name: 900_000 + n for n, name in enumerate(trace.graph.persons["person_id"])}
    trace.graph.persons["person_id"] = trace.graph.persons["person_id"].map(number)
    for column in ("person_id", "source_id"):
        trace.tiers[column] = trace.tiers[column].map(number)
    for column in ("contact_id", "source_id"):
        trace.rows[column] = trace.rows[column].map(number)
    raw = write_page(trace, tmp_path / "map.html").read_text(encoding="utf-8")
    assert not re.search(r"9000\d\d", re.sub(r"<script>.*?</script>", "", raw, flags=re.DOTALL))
    assert any(row[2] < 0 and row[5] is None for row in _data(raw)["exposures"])
