"""The page in Chromium: one choice, its card, its lanes."""

from __future__ import annotations

import re

import pytest

from browser.reader import VIEWS, card, chosen, click_node, data_of, look, visible
from tracegraph.viz.pseudonyms import codes

pytestmark = pytest.mark.browser


def test_a_click_on_a_case_opens_its_card(visit, pages):
    page = visit(pages["county"])
    click_node(page, "p0")
    assert chosen(page) == ["p0"]
    heading = page.locator("#card h2").inner_text()
    assert re.fullmatch(r"case [0-9A-Z]{6}", heading)
    assert "Exposed others" in card(page)
    assert re.search(r"2022-05-\d\d \d\d:\d\d", card(page))
    page.locator("#card .close").click()
    assert "How to read" in card(page)


def test_a_contacts_card_tells_the_path_that_why_tells(visit, pages, county_trace):
    page = visit(pages["county"])
    found = data_of(pages["county"])["persons"]
    tier_of = dict(zip(found["code"], found["tier"], strict=True))
    asked = 0
    for tier in (1, 2):
        for person in county_trace.tiers.query("tier == @tier")["person_id"].iloc[:40:8]:
            code = _code_of(person)
            p = found["code"].index(code)
            page.evaluate("(key) => tracegraphPage.select(key)", f"p{p}")
            steps = page.locator("#card .way li").all_inner_texts()
            path = county_trace.why(person).path
            assert tier_of[code] == tier
            assert len(steps) == len(path) + 1
            for step, row in zip(steps, path.to_dict("records"), strict=False):
                assert _code_of(row["source_id"]) in step
                assert f"{row['start']:%Y-%m-%d %H:%M}" in step
                assert row["clause"] in step
            asked += 1
    assert asked == 10


def _code_of(person: object) -> str:
    return codes("person", [person], b"a key of the team")[0]


def test_links_in_a_card_lead_on_and_undo_leads_back(visit, pages):
    page = visit(pages["county"])
    page.evaluate("tracegraphPage.select('p300')")
    first = page.locator("#card h2").inner_text()
    page.locator("#card .way .link").first.click()
    assert page.locator("#card h2").inner_text() != first
    page.locator("#undo").click()
    assert page.locator("#card h2").inner_text() == first
    page.keyboard.press("Control+z")
    assert "How to read" in card(page)
    assert page.locator("#undo").is_disabled()


def test_one_choice_is_shared_by_all_views(visit, pages):
    page = visit(pages["county"])
    click_node(page, "p0")
    page.keyboard.down("Shift")
    click_node(page, "p3")
    page.keyboard.up("Shift")
    assert chosen(page) == ["p0", "p3"]
    for view in VIEWS:
        look(page, view)
        assert chosen(page) == ["p0", "p3"]
        assert page.locator("#card h2").inner_text() == "2 chosen"
    assert visible(page) == {"p0", "p3"}  # two lanes
    page.locator("#card .link").first.click()
    assert chosen(page) == ["p0"]
    assert visible(page) == {"p0", "p3"}  # still compared
    page.evaluate("tracegraphPage.select('p9')")
    assert visible(page) == {"p0", "p3", "p9"}


def test_itineraries_of_a_place_show_who_was_there(visit, pages):
    page = visit(pages["county"])
    data = data_of(pages["county"])
    kinds = [data["places"]["kind"][at] for at in data["exposures"]["place"]]
    place = data["exposures"]["place"][kinds.index(data["kinds"].index("taxi"))]
    rows = [k for k, at in enumerate(data["exposures"]["place"]) if at == place]
    there = {f"p{data['exposures'][role][k]}" for k in rows for role in ("contact", "source")}
    page.evaluate("(key) => tracegraphPage.select(key)", f"l{place}")
    look(page, "itineraries")
    assert there <= visible(page)
    stays = data["stays"]
    assert visible(page) == there | {
        f"p{p}" for p, at in zip(stays["person"], stays["place"], strict=True) if at == place
    }
    lane = page.evaluate("tracegraphPage.screenOf(tracegraphPage.visible()[0])")
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + 60, lane[1])
    assert chosen(page) == [page.evaluate("tracegraphPage.visible()[0]")]


def test_itineraries_zoom_along_time_alone(visit, pages):
    page = visit(pages["county"])
    look(page, "itineraries")

    def rows() -> list[float]:
        height = "(key) => tracegraphPage.screenOf(key)[1]"
        return [page.evaluate(height, key) for key in sorted(visible(page))]

    before, scale = rows(), page.evaluate("tracegraphPage.scale()")
    box = page.locator("#map").bounding_box()
    page.mouse.move(box["x"] + 500, box["y"] + 200)
    for _ in range(5):
        page.mouse.wheel(0, -200)
    page.locator('[data-zoom="in"]').click()
    assert page.evaluate("tracegraphPage.scale()") > 3 * scale
    assert rows() == before
    page.mouse.move(box["x"] + 500, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 500, box["y"] + 170, steps=3)
    page.mouse.up()
    assert rows() == pytest.approx([y - 30 for y in before], abs=1)


def test_days_are_shown_from_a_card(visit, pages):
    page = visit(pages["county"])
    page.evaluate("tracegraphPage.select('p2')")
    page.get_by_role("button", name="Show their days").click()
    assert page.locator("#tab-itineraries").get_attribute("aria-selected") == "true"
    assert visible(page) == {"p2"}
    page.locator("#undo").click()
    assert page.locator("#tab-network").get_attribute("aria-selected") == "true"


def test_days_are_told_as_days(visit, pages):
    page = visit(pages["mers"])
    data = data_of(pages["mers"])["persons"]
    p = next(p for p, flag in enumerate(data["last_is_day"]) if flag)
    page.evaluate("(key) => tracegraphPage.select(key)", f"p{p}")
    assert re.search(r"2015-\d\d-\d\d", card(page))
    assert "00:00" not in card(page)
