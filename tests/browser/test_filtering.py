"""The page in Chromium: legend, filters, slider, groups, search, keys and tables."""

from __future__ import annotations

import pandas as pd
import pytest

from browser.reader import (
    card,
    chosen,
    click_node,
    data_of,
    look,
    rows_of,
    saved,
    shoot,
    visible,
    wait_for_paint,
)

pytestmark = pytest.mark.browser


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
