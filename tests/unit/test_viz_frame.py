"""The page in a notebook: one sandboxed frame that holds all of it, and no file."""

from __future__ import annotations

import html
import re

import pytest

import outbreaks
from tracegraph.viz.page import render
from tracegraph.viz.payload import payload


@pytest.fixture(scope="module")
def trace():
    return outbreaks.trace()


def test_the_frame_holds_the_whole_page_and_nothing_beside_it(trace):
    told = trace.show(key=outbreaks.KEY)._repr_html_()
    frame = re.fullmatch(r'<iframe srcdoc="([^"]*)"([^<>]*)></iframe>', told, flags=re.DOTALL)
    assert html.unescape(frame[1]) == render(payload(trace, key=outbreaks.KEY))


def test_the_page_may_run_its_script_and_reach_nothing_around_it(trace):
    told = trace.show()._repr_html_()
    assert re.findall(r'sandbox="([^"]*)"', told) == ["allow-scripts allow-downloads"]


def test_height_and_options_are_passed_on(trace):
    told = trace.show(400, identities=True, title="Q & A")._repr_html_()
    assert 'height="400"' in told
    assert "Name of C1" in told
    with pytest.raises(TypeError, match="hieght"):
        trace.show(hieght=400)


def test_no_file_is_left_and_no_id_is_told_where_no_html_is_shown(trace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = trace.show(identities=True)
    shown._repr_html_()
    assert not list(tmp_path.iterdir())
    assert "2 cases, 4 close contacts" in repr(shown)
    assert "C1" not in repr(shown)
    assert len(repr(shown)) < 200
