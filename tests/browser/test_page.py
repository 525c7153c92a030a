"""The page in Chromium: network off, console silent, each control used on real data."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page

import tracegraph as tg
from browser.conftest import HOSTILE, shoot, wait_for_paint
from tracegraph.viz.page import write_page
from tracegraph.viz.pseudonyms import codes

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
VIEWS = ("network", "chains", "itineraries")


def look(page: Page, view: str) -> None:
    page.locator(f"#tab-{view}").click()
    wait_for_paint(page)


def painted(page: Page) -> int:
    """Number of pixels of the map that something was painted on."""
    return page.evaluate(
        """() => {
            const canvas = document.querySelector("#map canvas");
            const { width, height } = canvas;
            const all = canvas.getContext("2d").getImageData(0, 0, width, height).data;
            let n = 0;
            for (let k = 3; k < all.length; k += 4) n += all[k] > 0;
            return n;
        }"""
    )


def click_node(page: Page, key: str, **options) -> None:
    x, y = page.evaluate("(key) => tracegraphPage.screenOf(key)", key)
    page.mouse.click(x, y, **options)
    wait_for_paint(page)


def visible(page: Page) -> set[str]:
    return set(page.evaluate("tracegraphPage.visible()"))


def chosen(page: Page) -> list[str]:
    return page.evaluate("tracegraphPage.store.get().selected")


def card(page: Page) -> str:
    return page.locator("#card").inner_text()


def data_of(path: Path) -> dict:
    text = path.read_text(encoding="utf-8")
    found = re.search(r'id="trace-data">(.*?)</script>', text, flags=re.DOTALL)
    return json.loads(found.group(1))


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


# ---- choosing


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


# ---- filtering


def test_the_legend_hides_shows_and_counts(visit, pages):
    page = visit(pages["county"])
    before = visible(page)
    chip = page.locator('[data-show="2"]')
    assert chip.locator("b").inner_text() == "840"
    chip.click()
    wait_for_paint(page)
    hidden = before - visible(page)
    assert chip.get_attribute("aria-pressed") == "false"
    assert len([key for key in hidden if key[0] == "p"]) == 840
    assert {key[0] for key in hidden} == {"p", "l"}  # places where only they were exposed go too
    page.locator('[data-show="home"]').click()
    assert not any(
        data_of(pages["county"])["places"]["home"][int(k[1:])] for k in visible(page) if k[0] == "l"
    )
    page.locator('[data-show="home"]').click()
    chip.click()
    assert visible(page) == before


def test_venue_contacts_come_on_request(visit, pages):
    page = visit(pages["county"])
    assert not any(key[0] == "b" for key in visible(page))
    page.locator('[data-show="3"]').click()
    assert any(key[0] == "b" for key in visible(page))
    assert "counted in bubbles" in page.locator("#remarks").inner_text()


def test_each_filter_leaves_what_it_says(visit, pages):
    page = visit(pages["county"])
    data = data_of(pages["county"])
    persons, kinds = data["persons"], data["kinds"]
    everyone = len([key for key in visible(page) if key[0] == "p"])
    page.locator("#filters-open").click()

    def people() -> list[int]:
        return sorted(int(key[1:]) for key in visible(page) if key[0] == "p")

    page.locator('[data-filter="possible"]').uncheck()
    assert people()
    assert all(persons["certain"][p] for p in people())
    page.locator("#clear").click()
    assert len(people()) == everyone

    household = data["classes"].index("household")
    page.locator('[data-filter="class:household"]').uncheck()
    links = {persons["class"][p] for p in people() if persons["tier"][p] > 0}
    assert len(people()) < everyone
    assert links - {household}
    page.locator("#undo").click()
    assert len(people()) == everyone

    page.get_by_text("All or none").click()
    page.locator('[data-filter="kind:coach"]').check()
    wait_for_paint(page)
    drawn = {data["places"]["kind"][int(key[1:])] for key in visible(page) if key[0] == "l"}
    assert drawn == {kinds.index("coach")}
    page.locator("#clear").click()

    page.locator("#from").fill("2022-05-06")
    page.locator("#to").fill("2022-05-07")
    first = (pd.Timestamp("2022-05-06") - pd.Timestamp(data["origin"])) / pd.Timedelta(minutes=1)
    dates = [persons["date"][p] for p in people()]
    assert dates
    assert all(first <= date < first + 2 * 1440 for date in dates)
    page.locator("#clear").click()

    area = page.locator("#area")
    value = area.locator("option").nth(1).get_attribute("value")
    area.select_option(value)
    assert 0 < len(people()) < everyone
    shoot(page, "filters")


def test_the_slider_plays_the_outbreak(visit, pages):
    page = visit(pages["county"])
    everyone = visible(page)
    slider = page.locator("#now")
    least = float(slider.get_attribute("min"))
    slider.fill(str(least + (float(slider.get_attribute("max")) - least) * 0.6))
    wait_for_paint(page)
    early = visible(page)
    assert early < everyone
    assert " of " in page.locator('[data-show="2"] b').inner_text()
    told = page.locator("#now-text").inner_text()
    page.locator("#play").click()
    page.wait_for_function(
        "(told) => document.getElementById('now-text').textContent !== told", arg=told
    )
    page.wait_for_function("(n) => tracegraphPage.visible().length > n", arg=len(early))
    page.locator("#play").click()
    stopped = page.locator("#now-text").inner_text()
    page.wait_for_timeout(500)
    assert page.locator("#now-text").inner_text() == stopped
    slider.focus()
    page.keyboard.press("Home")
    page.keyboard.press("End")
    assert page.locator("#now-text").inner_text().startswith("as of ")
    assert visible(page) == everyone


def test_no_contact_comes_into_the_play_before_a_source_does(visit, pages):
    page = visit(pages["county"])
    slider = page.locator("#now")
    least, most = (float(slider.get_attribute(name)) for name in ("min", "max"))
    data = data_of(pages["county"])
    parent, tier = data["persons"]["parent"], data["persons"]["tier"]
    for share in (0.3, 0.5, 0.6, 0.8):
        slider.fill(str(round((least + (most - least) * share) / 60) * 60))
        there = {int(key[1:]) for key in visible(page) if key[0] == "p"}
        assert all(parent[p] in there for p in there if tier[p] > 0)


def test_the_card_of_a_bubble_counts_what_the_filters_leave(visit, pages):
    page = visit(pages["folded"])
    data = data_of(pages["folded"])
    members = pd.DataFrame({name: data["persons"][name] for name in ("bubble", "tier", "date")})
    spread = members.query("bubble >= 0 and tier == 2").groupby("bubble")["date"].nunique()
    bubble = int(spread.idxmax())
    pairs = zip(data["persons"]["date"], data["persons"]["bubble"], strict=True)
    dates = sorted(date for date, b in pairs if b == bubble)
    page.evaluate("(key) => tracegraphPage.select(key)", f"b{bubble}")
    page.evaluate(
        """(now) => {
            const { filters } = tracegraphPage.store.get();
            tracegraphPage.store.set({ filters: { ...filters, now } });
        }""",
        dates[0],
    )
    left = sum(date <= dates[0] for date in dates)
    assert left < len(dates)
    assert f"{left} of {len(dates)}" in card(page)
    assert len(rows_of(saved(page, "#card .hand-on button:nth-child(3)"))) == left + 1


def test_a_bubble_opens_and_closes_by_mouse_and_by_key(visit, pages):
    page = visit(pages["folded"])
    bubble = next(key for key in page.evaluate("tracegraphPage.visible()") if key[0] == "b")
    before = visible(page)
    click_node(page, bubble, click_count=2)
    opened = visible(page)
    data = data_of(pages["folded"])
    members = {f"p{p}" for p, b in enumerate(data["persons"]["bubble"]) if f"b{b}" == bubble}
    assert opened == (before - {bubble}) | members
    shoot(page, "opened")
    page.locator("#undo").click()
    page.evaluate("(key) => tracegraphPage.select(key)", bubble)
    page.locator("#map").focus()
    page.keyboard.press("Enter")
    assert members < visible(page)
    page.evaluate("(key) => tracegraphPage.select(key)", sorted(members)[0])
    page.get_by_role("button", name="Gather again").click()
    assert visible(page) == before


def test_the_secondary_contacts_of_a_place_close_and_open(visit, pages):
    page = visit(pages["county"])
    data = data_of(pages["county"])
    tier, link = data["persons"]["tier"], data["persons"]["link"]
    outer = [p for p, k in enumerate(tier) if k == 2 and link[p] >= 0]
    place = data["exposures"]["place"][link[outer[0]]]
    here = {f"p{p}" for p in outer if data["exposures"]["place"][link[p]] == place}
    before = visible(page)
    page.evaluate("(key) => tracegraphPage.select(key)", f"l{place}")
    page.get_by_role("button", name="Gather ").click()
    assert visible(page) == (before - here) | {f"g{place}"}
    page.evaluate("(key) => tracegraphPage.select(key)", f"g{place}")
    assert f"{len(here)} secondary contacts" in card(page)
    page.evaluate("(key) => tracegraphPage.select(key)", f"l{place}")
    page.get_by_role("button", name="Part ").click()
    assert visible(page) == before


def test_gathered_contacts_of_a_chain_open(visit, pages):
    page = visit(pages["county"])
    look(page, "chains")
    rake = next(key for key in page.evaluate("tracegraphPage.visible()") if key[0] == "r")
    before = visible(page)
    page.evaluate("(key) => tracegraphPage.select(key)", rake)
    page.get_by_role("button", name="Open on the map").click()
    assert len(visible(page)) > len(before)
    assert rake not in visible(page)


# ---- search, keys, tables


def test_search_finds_by_code_and_says_when_nothing_is_found(visit, pages):
    page = visit(pages["county"])
    code = data_of(pages["county"])["persons"]["code"][50]
    page.locator("#find").fill(code.lower())
    page.keyboard.press("Enter")
    assert chosen(page) == ["p50"]
    page.locator("#find").fill("coach")
    assert page.locator("#found li").first.inner_text().startswith("coach ")
    page.locator("#find").fill("no such person")
    assert page.locator("#found").inner_text() == "Nothing found"
    page.keyboard.press("Escape")
    assert page.locator("#found").is_hidden()


def test_everything_is_reachable_by_keys_alone(visit, pages):
    page = visit(pages["county"])
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.press("Escape")
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
    assert chosen(page) == ["p0"] or chosen(page)[0][0] == "p"
    start = chosen(page)
    page.keyboard.press("ArrowDown")
    assert chosen(page) != start
    page.keyboard.press("Shift+ArrowLeft")
    assert len(chosen(page)) == 2
    scale = page.evaluate("tracegraphPage.scale()")
    page.keyboard.press("+")
    assert page.evaluate("tracegraphPage.scale()") > scale
    page.keyboard.press("0")
    assert page.evaluate("tracegraphPage.scale()") == pytest.approx(scale)
    page.keyboard.press("Escape")
    assert chosen(page) == []
    page.keyboard.press("2")
    assert page.locator("#tab-chains").get_attribute("aria-selected") == "true"
    page.locator("#tab-chains").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-itineraries"
    seen = set()
    page.evaluate("document.activeElement.blur()")
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert {"find", "map", "play", "now", "card", "filters-open"} <= seen


def test_the_table_is_the_same_trace_and_follows_the_filters(visit, pages):
    page = visit(pages["county"])
    page.locator("#persons-table summary").click()
    rows = page.locator("#persons-table tbody tr")
    rows.first.wait_for()  # made when the table is first opened
    assert rows.count() == 100
    assert "947" in page.locator("#persons-table .pager").inner_text()
    page.locator("#persons-table .pager button").last.click()
    row = rows.nth(10)
    name = row.locator("th").inner_text()
    row.get_by_role("button").click()
    assert page.locator("#card h2").inner_text() == name
    for cell in row.locator("td").all_inner_texts()[3:5]:
        assert cell in card(page)
    page.locator('[data-show="2"]').click()
    assert "107" in page.locator("#persons-table .pager").inner_text()


# ---- handing on


def saved(page: Page, selector: str) -> bytes:
    with page.expect_download() as waiting:
        page.locator(selector).click()
    return Path(waiting.value.path()).read_bytes()


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_tables_are_handed_on_as_csv(visit, pages):
    page = visit(pages["county"])
    page.locator(".menu summary").first.click()
    rows = rows_of(saved(page, "#csv"))
    assert len(rows) == 948
    assert rows[0][:4] == ["Person", "Code", "Tier", "Certainty"]
    page.keyboard.press("Escape")
    page.evaluate("tracegraphPage.choose('p50'); tracegraphPage.choose('p60', { add: true })")
    assert len(rows_of(saved(page, "#card .hand-on button:nth-child(3)"))) == 3
    assert len(rows_of(saved(page, "#card .hand-on button:nth-child(4)"))) > 2


def test_a_csv_of_a_page_with_identities_holds_ids_beside_names(visit, pages):
    page = visit(pages["hostile"])
    page.locator(".menu summary").first.click()
    rows = rows_of(saved(page, "#csv"))
    assert rows[0][:3] == ["Person", "Id", "Code"]
    assert {row[1] for row in rows[1:]} >= {f"__proto__#{HOSTILE.index('__proto__')}"}
    page.evaluate("tracegraphPage.select('p0')")
    rows = rows_of(saved(page, "#card .hand-on button:nth-child(4)"))
    assert rows[0][:4] == ["Contact", "Contact: Id", "Source", "Source: Id"]


def test_no_cell_of_a_csv_is_a_formula(visit, pages):
    page = visit(pages["hostile"])
    page.locator(".menu summary").first.click()
    rows = rows_of(saved(page, "#csv"))
    cells = [cell for row in rows for cell in row]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not any(re.match(r"\s*[=+\-@\t\r]", cell) for cell in cells)


@pytest.mark.parametrize("view", VIEWS)
def test_pictures_are_handed_on(visit, pages, view):
    page = visit(pages["county"])
    look(page, view)
    page.locator(".menu summary").first.click()
    assert saved(page, "#png").startswith(b"\x89PNG")
    root = ET.fromstring(saved(page, "#svg"))  # noqa: S314  # made by our own page
    assert root.tag.endswith("svg")
    text = " ".join(root.itertext())
    assert "china-8" in text or "8th edition" in text
    assert re.search(r"case [0-9A-Z]{6}", text)


def test_it_prints_on_a4(visit, pages):
    page = visit(pages["county"], width=695, height=1000)  # A4 between its margins
    page.evaluate("tracegraphPage.select('p50')")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth") <= 695
    assert page.locator("#printed").evaluate("image => image.naturalWidth") > 600
    assert page.locator("#persons-table tbody tr").count() == 947
    assert not page.locator("#find").is_visible()
    shoot(page, "print")
    sheets = page.pdf(format="A4", prefer_css_page_size=True)
    assert 5 < len(re.findall(rb"/Type\s*/Page\b", sheets)) < 60
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#persons-table tbody tr").count() == 100


# ---- for everybody


@pytest.mark.parametrize("name", ["county", "zh", "hostile"])
def test_axe_finds_no_serious_fault(visit, pages, name):
    page = visit(pages[name])
    page.evaluate(AXE.read_text(encoding="utf-8"))
    page.locator("#filters-open").click()
    page.locator("#persons-table summary").click()
    for view in VIEWS:
        look(page, view)
        page.evaluate("tracegraphPage.select('p1')")
        page.locator("#find").fill("a")
        found = page.evaluate("axe.run().then((told) => told.violations)")
        grave = [
            (fault["id"], fault["nodes"][0]["html"])
            for fault in found
            if fault["impact"] in ("serious", "critical")
        ]
        assert grave == []


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


# ---- hostile values


def test_hostile_values_do_nothing_and_read_right(visit, pages):
    page = visit(pages["hostile"])
    assert page.locator("h1").inner_text().startswith("</title><script>alert(1)</script>")
    assert "keep it within the team" in page.locator(".banner").inner_text()
    shown = []
    for k in range(len(HOSTILE)):
        page.evaluate("(key) => tracegraphPage.select(key)", f"p{k}")
        shown.append(card(page))
        page.evaluate("(key) => tracegraphPage.select(key)", f"l{k}")
        shown.append(card(page))
        assert page.locator("#card img, #card svg svg, #card script").count() == 0
    told = "\n".join(shown)
    for text in ("</script><img src=x onerror=alert(1)>", "{{7*7}}{% raw %}", "=HYPERLINK(1)",
                 "<!--<script>", "`${document.title='owned'}`", "line\ufffdbreak\ufffdend",
                 "\ufffdgnitset\ufffd"):  # fmt: skip
        assert text in told
    assert "On record" in told  # the column __proto__ is read as any other
    page.locator("#find").fill("<img")
    page.locator("#find").fill("{{7*7}}")
    assert page.locator("#found li").count() >= 1
    assert page.locator("img").count() == 1  # our own, for printing
    assert page.evaluate("document.scripts.length") == 2
    assert page.evaluate(
        "({}).polluted === undefined && Object.keys(Object.prototype).length === 0"
    )
    assert "owned" not in page.title()


def test_the_same_people_coded_show_nothing_of_themselves(visit, pages):
    page = visit(pages["coded"])
    page.evaluate("tracegraphPage.select('p1')")
    page.locator("#persons-table summary").click()
    text = page.content()
    assert not any(value in text for value in HOSTILE if len(value) > 1)


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
