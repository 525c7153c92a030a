"""The page in Chromium: what is seen, by everybody, of much and of little."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import tracegraph as tg
from browser.reader import (
    VIEWS,
    card,
    chosen,
    click_node,
    data_of,
    grave_faults,
    look,
    painted,
    shoot,
)
from tracegraph.viz.page import write_page

pytestmark = pytest.mark.browser


# ---- what is seen


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", ["county", "mers", "berlin", "zh", "hostile"])
def test_each_view_opens_and_paints(visit, pages, name, view):
    page = visit(pages[name])
    look(page, view)
    assert painted(page) > 2_000
    assert len(shoot(page, f"{name}-{view}")) > 10_000
    assert page.locator(f"#tab-{view}").get_attribute("aria-selected") == "true"


@pytest.mark.parametrize("name", ["county", "mers", "berlin"])
@pytest.mark.parametrize("view", ["network", "chains"])
def test_drawn_labels_do_not_overlap_and_none_is_cut_off(visit, pages, name, view):
    page = visit(pages[name])
    look(page, view)
    boxes = page.evaluate("tracegraphPage.labels().map((label) => label.box.slice(0, 4))")
    size = page.locator("#map").bounding_box()
    assert boxes
    for k, (left, top, right, bottom) in enumerate(boxes):
        assert left >= 0
        assert top >= 0
        assert right <= size["width"]
        assert bottom <= size["height"]
        for other in boxes[:k]:
            apart = right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
            assert apart, (boxes[k], other)


@pytest.mark.parametrize("width", [1280, 1000, 380])
def test_nothing_is_wider_than_the_window(visit, pages, width):
    page = visit(pages["county"], width=width)
    page.locator("#filters-open").click()
    click_node(page, "p0") if width == 1280 else page.evaluate("tracegraphPage.select('p0')")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shoot(page, f"width-{width}")


def test_the_head_says_what_is_shown(visit, pages):
    page = visit(pages["county"])
    head = page.locator("header").inner_text()
    for text in ("5 cases", "102 close contacts", "840 secondary contacts", "china-8", "UTC+08:00"):
        assert text in head
    assert "Ids and names left out" in head
    assert "as of 2022-05-1" in page.title()
    assert "tracegraph" in page.locator("footer").inner_text()


def test_what_is_not_in_the_file_is_said(visit, pages):
    page = visit(pages["berlin"])
    dropped = data_of(pages["berlin"])["dropped"]
    assert dropped > 100
    assert f"{dropped} further exposures" in page.locator("#remarks").inner_text()
    look(page, "itineraries")
    assert "more cases are not shown" in page.locator("#remarks").inner_text()


# ---- for everybody


@pytest.mark.parametrize("name", ["county", "zh", "hostile"])
def test_axe_finds_no_serious_fault(visit, pages, name):
    page = visit(pages[name])
    page.locator("#filters-open").click()
    page.locator("#persons-table summary").click()
    for view in VIEWS:
        look(page, view)
        page.evaluate("tracegraphPage.select('p1')")
        page.locator("#find").fill("a")
        assert grave_faults(page) == []


def test_the_page_speaks_chinese(visit, pages):
    page = visit(pages["zh"])
    assert page.evaluate("document.documentElement.lang") == "zh"
    shown = page.locator("body").inner_text()
    for word in ("密接", "次密接", "病例", "接触网络", "行程轨迹"):
        assert word in shown
    click_node(page, "p0")
    assert "发病" in card(page)
    english = re.findall(r"\b[a-z]{4,}\b", shown)
    assert set(english) <= {"china", "tracegraph", "prevention", "control", "plan", "edition"}


def test_show_puts_the_page_into_a_notebooks_cell(visit, tmp_path):
    trace = tg.datasets.mers_korea().graph().trace("china-8")
    cell = trace.show(height=640)._repr_html_()
    host = tmp_path / "notebook.html"
    host.write_text(f"<!doctype html><meta charset=utf-8><p>before{cell}<p>after", "utf-8")
    page = visit(host, settle=False)
    inner = page.frames[1]
    inner.wait_for_function("() => window.tracegraphPage?.ready")
    assert inner.evaluate("tracegraphPage.visible().length") == 172
    assert page.locator("iframe").bounding_box()["height"] == pytest.approx(640, abs=4)
    inner.locator("#tab-chains").click()
    inner.evaluate("tracegraphPage.select('p3')")
    assert inner.locator("#card h2").inner_text().startswith("case ")
    assert list(tmp_path.iterdir()) == [host]
    shoot(page, "frame")


# ---- small and empty


def test_a_page_without_a_single_contact_opens(visit, tmp_path):
    graph = one_case()
    page = visit(write_page(graph.trace("china-8"), tmp_path / "alone.html"))
    click_node(page, "p0")
    assert page.locator("#card h2").inner_text().startswith("case ")
    for view in VIEWS:
        look(page, view)


def test_a_page_of_nobody_opens(visit, tmp_path):
    graph = one_case()
    page = visit(
        write_page(graph.trace("china-8", as_of="2022-01-01"), tmp_path / "nobody.html"),
        settle=False,
    )
    for view in VIEWS:
        look(page, view)
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
    assert chosen(page) == []


def one_case() -> tg.TraceGraph:
    return tg.TraceGraph(
        cases=pd.DataFrame(
            {"person_id": ["C1"], "onset": ["2022-05-09"], "recorded": ["2022-05-10"]}
        ),
        tz="Asia/Shanghai",
    )
