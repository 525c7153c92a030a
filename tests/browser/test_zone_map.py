"""The page of zones in Chromium: both maps, the card, the table, keys, paper, and no request."""

from __future__ import annotations

import re

import pytest

import tracegraph as tg
import zone_plans
from browser.reader import grave_faults, rows_of, saved, shoot, wait_for_paint
from tracegraph.viz.zone_map import write_zone_map
from unit.test_viz_zone_map import hostile_plan

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def zone_pages(tmp_path_factory):
    """Files of an evening of the county, of a plan drawn by hand, and of hostile names."""
    folder = tmp_path_factory.mktemp("zones")
    graph = tg.datasets.county(seed=1, n_people=8_000, until="2022-05-23").graph()
    county = graph.trace("china-8", as_of="2022-05-16 18:00").redraw_zones()
    by_hand = zone_plans.hand_drawn()
    given = {
        "county": (county, {}),
        "zh": (county, {"lang": "zh"}),
        "team": (by_hand, {"public": False}),
        "by hand": (by_hand, {}),
        "bare": (zone_plans.hand_drawn(shapes=False), {}),
        "hostile": (
            hostile_plan(),
            {"public": False, "title": "</title><script>alert(1)</script>"},
        ),
    }
    return {
        name: write_zone_map(plan, folder / f"{name}.html", **options)
        for name, (plan, options) in given.items()
    }  # fmt: skip


def card(page) -> str:
    """What the card says; where it is put away, the list that is seen instead."""
    return page.locator("#card:not([hidden]), #list").last.inner_text()


def part(page, name: str) -> int:
    return page.evaluate("(name) => tracegraphPage.data.areas.name.indexOf(name)", name)


def point_at(page, name: str, when: str) -> None:
    x, y = page.evaluate(
        "([part, when]) => tracegraphPage.maps.screenOf(part, when)", [part(page, name), when]
    )
    page.mouse.move(x, y)
    wait_for_paint(page)


def lit(page) -> list[str]:
    return page.eval_on_selector_all(".lit", "paths => paths.map((path) => path.getAttribute('d'))")


def numbers(page, when: str) -> list[str]:
    return page.locator(f"#{when} .badge-on-map").evaluate_all(
        "badges => badges.map((badge) => badge.dataset.patch)"
    )


@pytest.mark.parametrize("name", ["county", "zh", "team", "by hand", "hostile"])
def test_both_maps_show_where_something_changes(visit, zone_pages, name):
    page = visit(zone_pages[name])
    patches = page.evaluate("tracegraphPage.data.map.patches.map((one) => String(one.number))")
    assert patches
    assert sorted(numbers(page, "before"), key=int) == patches
    assert sorted(numbers(page, "after"), key=int) == patches
    for when in ("before", "after"):
        box = page.locator(f"#{when} svg path.changed").bounding_box()
        assert box["width"] > 20
    assert len(shoot(page, f"zones-{name}")) > 10_000


def test_the_first_look_holds_maps_list_and_the_begin_of_the_table(visit, zone_pages):
    page = visit(zone_pages["county"])
    for selector in ("#before", "#after", "#list", ".legend", "#changes h2"):
        box = page.locator(selector).bounding_box()
        assert box["y"] + box["height"] <= 800, selector
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    lines = page.locator("#list li").all_inner_texts()
    named = [line for line in lines if "A part of" not in line]
    assert len(named) > 8
    assert all(re.search(r"[\d,]+ people · (until \d+ May|no date yet)", line) for line in named)


def test_pointing_at_an_area_lights_it_on_both_maps_and_tells_of_it(visit, zone_pages):
    page = visit(zone_pages["by hand"])
    assert "Isle" in card(page)  # the list of changes
    for when in ("before", "after"):
        point_at(page, "Old town", when)
        told = card(page)
        for text in ("Old town", "no zone", "control", "tighten", "paragraph 3", "2022-05-26",
                     "14 days without a case; more than 14"):  # fmt: skip
            assert text in told
        assert lit(page)[0] == lit(page)[1] != ""
    page.mouse.move(5, 5)
    wait_for_paint(page)
    assert "What changes" in card(page)
    assert lit(page) == ["", ""]


def test_a_small_area_tells_nothing_of_its_people_in_public(visit, zone_pages):
    page = visit(zone_pages["by hand"])
    page.evaluate("tracegraphPage.choose({ part: tracegraphPage.data.areas.small.indexOf(1) })")
    told = card(page)
    assert "A part of North <b>" in told
    assert "A small area" in told
    assert not {"Households", "Earliest release", "Waits for"} & set(told.split("\n"))
    page = visit(zone_pages["team"])
    point_at(page, "Tower", "after")
    told = card(page)
    for text in ("Tower", "1 case lived here", "Households", "Vulnerable"):
        assert text in told


def test_a_click_keeps_the_card_and_escape_lets_it_go(visit, zone_pages):
    page = visit(zone_pages["by hand"])
    point_at(page, "Mill", "before")
    page.mouse.down()
    page.mouse.up()
    page.mouse.move(5, 5)
    assert "Mill" in card(page)
    assert page.locator("#said").inner_text() == "Mill: lockdown → no zone"
    page.keyboard.press("Escape")
    assert "What changes" in card(page)


def test_the_map_is_read_with_the_keyboard(visit, zone_pages):
    page = visit(zone_pages["by hand"])
    page.locator("#after").focus()
    page.keyboard.press("n")
    assert page.locator("#said").inner_text().startswith("Isle: no zone → lockdown")
    page.keyboard.press("p")
    assert page.locator("#said").inner_text().startswith("Old town: ")
    for key, name in (("ArrowRight", "Ring"), ("ArrowDown", "Ford"), ("ArrowLeft", "Mill")):
        page.keyboard.press(key)
        assert page.locator("#said").inner_text().startswith(f"{name}: ")
    before = page.evaluate("tracegraphPage.maps.scale()")
    page.keyboard.press("+")
    assert page.evaluate("tracegraphPage.maps.scale()") > before
    page.keyboard.press("0")
    assert page.evaluate("tracegraphPage.maps.scale()") == pytest.approx(before)


def test_both_maps_zoom_and_move_as_one(visit, zone_pages):
    page = visit(zone_pages["county"])
    world = "#{} svg > g:not([class])"
    box = page.locator("#before").bounding_box()
    scale = page.evaluate("tracegraphPage.maps.scale()")
    page.mouse.move(box["x"] + 150, box["y"] + 150)
    page.mouse.wheel(0, 60)  # scrolls the page
    wait_for_paint(page)
    assert page.evaluate("tracegraphPage.maps.scale()") == scale
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    wait_for_paint(page)
    assert page.evaluate("tracegraphPage.maps.scale()") > scale
    page.mouse.down()
    page.mouse.move(box["x"] + 190, box["y"] + 130)
    page.mouse.up()
    wait_for_paint(page)
    moved = [page.locator(world.format(when)).first.get_attribute("transform")
             for when in ("before", "after")]  # fmt: skip
    assert moved[0] == moved[1]
    page.locator("[data-zoom=all]").click()
    assert page.locator(world.format("after")).first.get_attribute("transform") != moved[0]


def test_zoom_to_changes_brings_them_near(visit, tmp_path):
    page = visit(write_zone_map(zone_plans.county(), tmp_path / "evening.html"))
    before = page.evaluate("tracegraphPage.maps.scale()")
    page.locator("[data-zoom=changes]").click()
    assert page.evaluate("tracegraphPage.maps.scale()") > before
    assert len(numbers(page, "after")) == page.evaluate("tracegraphPage.data.map.patches.length")


def test_a_row_that_is_chosen_is_brought_into_sight(visit, zone_pages):
    page = visit(zone_pages["county"])
    row = page.locator("#rows tbody", has_text="building").first
    row.locator("button").click()
    assert "chosen" in row.get_attribute("class")
    assert lit(page)[0]
    box = page.locator("#after .lit").bounding_box()
    assert box["width"] > 4
    assert row.locator("button").inner_text() in card(page)


def test_what_is_large_is_shown_no_smaller_than_everything(visit, zone_pages):
    page = visit(zone_pages["county"])
    whole = page.evaluate("tracegraphPage.maps.scale()")
    page.locator("[data-zoom=in]").click()
    page.locator("#rows tbody", has_text="Township 1").locator("button").click()
    assert page.evaluate("tracegraphPage.maps.scale()") >= whole * 0.999
    assert page.locator("#after .lit").bounding_box()["width"] > 100


def test_the_table_is_sorted_filtered_and_saved(visit, zone_pages):
    page = visit(zone_pages["county"])
    total = page.locator("#rows tbody").count()
    people = page.locator("#rows th[data-key=people]")
    people.locator("button").click()
    assert people.get_attribute("aria-sort") == "ascending"
    column = page.locator("#rows th[data-key]").evaluate_all(
        "heads => heads.findIndex((head) => head.dataset.key === 'people')"
    )
    lines = page.locator("#rows tbody:not(.split)")
    cells = lines.locator(f"tr > :nth-child({column + 1})").all_inner_texts()
    shown = [int(cell.replace(",", "")) for cell in cells if cell]
    assert shown == sorted(shown)
    assert cells[: len(shown)] == [cell for cell in cells if cell]  # what is not told comes last
    page.locator(".filters [data-action=release]").click()
    released = page.locator("#rows tbody").count()
    assert 0 < released < total
    rows = rows_of(saved(page, "#csv"))
    assert len(rows) == released + 1
    assert rows[0][:4] == ["No.", "area_id", "Area", "Level"]
    assert {row[rows[0].index("Action")] for row in rows[1:]} == {"release"}


def test_no_cell_of_the_csv_is_a_formula(visit, zone_pages):
    rows = rows_of(saved(visit(zone_pages["hostile"]), "#csv"))
    cells = [cell for row in rows for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not any(re.match(r"\s*[=+\-@\t\r]", cell) for cell in cells)


def test_the_page_speaks_chinese(visit, zone_pages):
    page = visit(zone_pages["zh"])
    assert page.evaluate("document.documentElement.lang") == "zh"
    shown = page.locator("header, .legend, .tools, #list, #rows thead, .filters").all_inner_texts()
    words = set(re.findall(r"\b[a-z]{4,}\b", " ".join(shown)))
    assert words <= {"china", "prevention", "control", "plan", "edition"}
    page.locator(".list button").first.click()
    assert "调整方式" in card(page)


@pytest.mark.parametrize("name", ["county", "zh", "team", "bare", "hostile"])
def test_axe_finds_no_serious_fault(visit, zone_pages, name):
    page = visit(zone_pages[name])
    for choice in ("null", "{ row: 0 }"):
        page.evaluate(f"tracegraphPage.choose({choice})")
        assert grave_faults(page) == []


def test_without_outlines_the_table_works_alone(visit, zone_pages):
    page = visit(zone_pages["bare"])
    assert "No area has an outline" in page.locator("main").inner_text()
    assert page.locator("#unmapped tbody tr").count() == 7
    page.locator("#rows th[data-key=people] button").click()
    page.locator(".filters [data-action=release]").click()
    assert page.locator("#rows tbody").count() == 1


def test_without_its_script_the_page_holds_summary_and_tables(chromium, zone_pages):
    context = chromium.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(zone_pages["county"].as_uri())
    assert page.locator("#rows tbody").count() > 10
    assert "released" in page.locator("header").inner_text()
    assert "Without its script" in page.locator("noscript").inner_text()
    context.close()


@pytest.mark.parametrize("name", ["county", "team"])
def test_it_prints_on_a4_across(visit, zone_pages, name):
    page = visit(zone_pages[name], width=1040, height=700)
    page.emulate_media(media="print")
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1040
    boxes = [page.locator(f"#{when}").bounding_box() for when in ("before", "after")]
    assert boxes[0]["y"] == boxes[1]["y"]  # still side by side
    assert all(box["width"] > 400 for box in boxes)
    assert not page.locator(".tools").is_visible()
    assert page.locator("#rows").is_visible()
    if name == "team":
        assert page.locator(".evidence").first.is_visible()
    shoot(page, f"zones-print-{name}")
    sheets = page.pdf(prefer_css_page_size=True)
    assert 1 < len(re.findall(rb"/Type\s*/Page\b", sheets)) < 8


def test_on_a_phone_the_list_comes_first_and_one_finger_scrolls(visit, zone_pages):
    page = visit(zone_pages["county"], width=400)
    tops = [page.locator(which).bounding_box()["y"] for which in ("#list", "#before")]
    assert tops[0] < tops[1]
    people = page.locator(".people").bounding_box()
    assert people["x"] + people["width"] <= 400
    assert page.locator("#before").evaluate("map => getComputedStyle(map).touchAction") == (
        "pan-x pan-y"
    )
    page.locator("#list button").first.click()
    box = page.locator("#card").bounding_box()
    assert box["y"] + box["height"] <= 800
    assert page.locator("#list").is_visible()


@pytest.mark.parametrize("width", [1280, 1000, 380])
def test_nothing_is_wider_than_the_window(visit, zone_pages, width):
    page = visit(zone_pages["county"], width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shoot(page, f"zones-width-{width}")
