"""The page as text: nothing runs but its script, nothing asks, whatever the values are."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest

import outbreaks
import tracegraph as tg
from tracegraph.viz import page_text
from tracegraph.viz.page import write_page
from tracegraph.viz.visible import display_text

ROOT = Path(__file__).parents[2]


def hostile_trace():
    """A case and contacts whose every id, name and other cell means harm."""
    texts = pd.Series(outbreaks.HOSTILE, dtype="object")
    whole = texts.str.replace(
        "\ud800", ""
    )  # ids are looked up by Arrow, which takes whole pairs only
    people, places = [*("p-" + whole)[:-1], "0"], [*("l-" + whole)]
    stays = [(who, place) for k, place in enumerate(places) for who in {people[0], people[k]}]
    hours = [f"2022-05-09 {places.index(place):02d}:00" for _, place in stays]
    return tg.TraceGraph(
        cases=pd.DataFrame({"person_id": people[:1], "onset": ["2022-05-09"], "<b>": ["<i>"]}),
        persons=pd.DataFrame({"person_id": people, "name": texts, "__proto__": texts}),
        visits=pd.DataFrame({
            "person_id": [who for who, _ in stays], "location_id": [place for _, place in stays],
            "arrive": hours, "depart": [hour.replace(":00", ":40") for hour in hours],
        }),
        locations=pd.DataFrame({
            "location_id": places, "name": texts, "kind": [*whole], "area_id": "</title>"
        }),
        areas=pd.DataFrame({"area_id": ["</title>"], "name": ["<script>"]}),
        tz="Asia/Shanghai",
    ).trace("china-8")  # fmt: skip


def data_of(raw: str):
    block = re.search(r'<script type="application/json" id="trace-data">(.*?)</script>', raw)
    return json.loads(block.group(1))


class Outline(html.parser.HTMLParser):
    """Elements and the texts of scripts, as a browser would find them."""

    void = frozenset({"meta", "link", "input", "img", "br"})

    def __init__(self, raw: str) -> None:
        super().__init__()
        self.open, self.tags, self.attributes = [], [], []
        self.feed(raw)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        raise AssertionError(data)


@pytest.fixture(scope="module")
def hostile():
    return hostile_trace()


@pytest.mark.parametrize("identities", [False, True])
def test_hostile_values_end_no_element_and_start_none(tmp_path, hostile, identities):
    title = "".join(outbreaks.HOSTILE)
    plain = write_page(outbreaks.trace(), tmp_path / "plain.html", identities=identities)
    path = write_page(hostile, tmp_path / "map.html", identities=identities, title=title)
    raw = path.read_text(encoding="utf-8")
    outline = Outline(raw)
    assert outline.open == []
    assert outline.tags == Outline(plain.read_text(encoding="utf-8")).tags
    assert not [name for name in outline.attributes if name.startswith("on")]
    block = re.search(r'id="trace-data">(.*?)</script>', raw, flags=re.DOTALL).group(1)
    assert not set(block) & set("<>&\u2028\u2029\u202e\x00\ud800")
    assert ">49<" not in raw  # {{7*7}} is text


def test_hostile_values_are_read_back_as_they_are_shown(tmp_path, hostile):
    raw = write_page(hostile, tmp_path / "map.html", identities=True).read_text(encoding="utf-8")
    data = data_of(raw)
    shown = [display_text(text) for text in outbreaks.HOSTILE]
    persons = data["persons"]
    assert sorted(persons["name"]) == sorted(shown)
    people = {"p-" + text.replace("half\ufffd", "half") for text in shown[:-1]} | {"0"}
    people = {text.replace("gnitset\ufffd", "gnitset") for text in people}  # ids are trimmed
    assert set(persons["id"]) == people
    told = [extra["__proto__"] for extra in persons["extra"]]
    assert sorted(told) == sorted(shown)
    assert persons["extra"][0]["<b>"] == "<i>"
    assert sorted(data["places"]["name"]) == sorted(shown)
    assert data["areas"] == ["<script>"]
    assert "half\ufffdpair" in shown
    assert "\ufffdgnitset\ufffd" in shown


def test_a_protocol_of_one_s_own_is_named_as_it_is_read(tmp_path):
    known, odd = (
        tg.Protocol.named("china-8"),
        {"name": "</script>\u202e", "title": "half\ud800\x00"},
    )
    trace = outbreaks.graph().trace(msgspec.structs.replace(known, **odd))
    raw = write_page(trace, tmp_path / "map.html").read_text(encoding="utf-8")
    assert data_of(raw)["protocol"] == {"name": "</script>\ufffd", "title": "half\ufffd\ufffd"}
    assert Outline(raw).open == []


def test_an_empty_name_gives_way_to_the_id(tmp_path):
    persons = outbreaks.tables()["persons"].assign(name="")
    raw = write_page(outbreaks.trace(persons=persons), tmp_path / "map.html", identities=True)
    names = data_of(raw.read_text(encoding="utf-8"))["persons"]["name"]
    assert "" not in names
    assert "C1" in names


def test_the_policy_names_exactly_what_the_page_holds(tmp_path, hostile):
    raw = write_page(hostile, tmp_path / "map.html").read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', raw).group(1)
    policy = policy.replace("&#39;", "'")
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "http" not in policy
    for tag in ("script", "style"):
        texts = re.findall(rf"<{tag}>(.*?)</{tag}>", raw, flags=re.DOTALL)
        assert len(texts) == 1
        digest = base64.b64encode(hashlib.sha256(texts[0].encode()).digest()).decode()
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


def test_the_head_says_title_protocol_moment_and_counts(tmp_path):
    raw = write_page(outbreaks.trace(), tmp_path / "map.html", title="A & B")
    head = re.search(r"<title>(.*?)</title>", raw.read_text(encoding="utf-8")).group(1)
    assert head.startswith("A &amp; B")
    assert "china-8" in head
    assert "2022-05-12 18:00 (UTC+08:00)" in head
    assert "2 cases, 4 close contacts, 3 secondary contacts, 2 venue contacts" in head


def test_the_page_speaks_chinese(tmp_path):
    raw = write_page(outbreaks.trace(), tmp_path / "map.html", lang="zh")
    raw = raw.read_text(encoding="utf-8")
    assert '<html lang="zh' in raw
    assert "2 病例, 4 密接, 3 次密接" in raw
    assert data_of(raw)["lang"] == "zh"


def test_one_key_writes_one_file(tmp_path):
    pages = [write_page(outbreaks.trace(), tmp_path / f"{n}.html", key=outbreaks.KEY)
             for n in range(2)]  # fmt: skip
    assert pages[0].read_bytes() == pages[1].read_bytes()


_IN_A_CHINESE_LOCALE = """
import locale, sys, pathlib
sys.path.insert(0, "tests")
import outbreaks
from tracegraph.viz.page import write_page
trace = outbreaks.trace(persons=outbreaks.tables()["persons"].assign(name="Zoë 马 \U0001d11e"))
write_page(trace, sys.argv[1], identities=True, lang="zh")
print(locale.getpreferredencoding(False))
"""


def chinese_locale(folder: Path) -> tuple[str, str]:
    """Name of a locale that writes GBK, made in a folder; C, which writes ASCII, without means."""
    if not shutil.which("localedef"):
        return "C", "no localedef to make zh_CN.GBK with: tried in ASCII, which knows less"
    made = ["localedef", "--no-archive", "-c", "-i", "zh_CN", "-f", "GBK", folder / "zh_CN.GBK"]
    told = subprocess.run(made, capture_output=True, text=True, check=False)
    if not (folder / "zh_CN.GBK").is_dir():
        return "C", f"tried in ASCII, which knows less, as localedef says: {told.stderr[-200:]}"
    return "zh_CN.GBK", ""


def test_the_file_is_utf_8_whatever_the_locale(tmp_path):
    name, reason = chinese_locale(tmp_path)
    print(reason)  # noqa: T201  # why this machine tries less
    settings = {"LC_ALL": name, "LOCPATH": str(tmp_path), "PYTHONCOERCECLOCALE": "0"}
    env = {**os.environ, **settings, "PYTHONUTF8": "0", "PYTHONPATH": str(ROOT)}
    path = tmp_path / "map.html"
    ascii_only = _IN_A_CHINESE_LOCALE.encode("ascii", "backslashreplace").decode()
    done = subprocess.run(
        [sys.executable, "-c", ascii_only, path],
        cwd=ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    expected = {"zh_CN.GBK": {"gbk", "gb2312"}, "C": {"ansi_x3.4-1968", "us-ascii"}}
    assert done.stdout.strip().lower() in expected[name], "the test must not run in UTF-8"
    raw = path.read_bytes().decode("utf-8")
    assert "Zoë 马 𝄞" in data_of(raw)["persons"]["name"]
    assert "病例" in raw


# ---- text


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


def test_signs_that_hide_or_reorder_are_made_visible():
    for value in outbreaks.HOSTILE:
        shown = display_text(value)
        assert not set(shown) & set("\u202e\u202c\u2028\u2029\x00\x07\ud800")
        assert len(shown) == len(value)
    assert display_text("王芳 d'Été 7") == "王芳 d'Été 7"
    assert display_text("soft\u00adhyphen") == "soft\ufffdhyphen"
    assert display_text("نیم\u200cفاصله") == "نیم\u200cفاصله"
