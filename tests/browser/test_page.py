"""The page in Chromium: network off, console silent, and everything reachable without a mouse.

`TRACEGRAPH_CHROMIUM` names the browser; `TRACEGRAPH_SCREENSHOTS` a folder to keep pictures in.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from browser.standin import made_up_trace
from tracegraph.viz.page import write_page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium():
    found = os.environ.get("TRACEGRAPH_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        # without a path Playwright takes its own browser, and fails if there is none
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium):
    """Open a file; at the end of the test nothing was requested, logged or thrown."""
    contexts, trouble = [], []

    def open_file(path: Path, *, width: int = 1400, height: int = 900) -> Page:
        context = chromium.new_context(
            offline=True, viewport={"width": width, "height": height}, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: trouble.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: trouble.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (trouble.append("dialog"), dialog.dismiss()))
        page.on("requestfailed", lambda request: trouble.append(f"failed: {request.url}"))
        page.on(
            "request",
            lambda r: None if r.url in (path.as_uri(), "data:,") else trouble.append(r.url),
        )
        page.goto(path.as_uri())
        page.wait_for_function("window.tracegraphPage !== undefined")
        wait_for_paint(page)
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert trouble == []


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    hostile = made_up_trace(2, 20, 30, hostile=True)
    return {
        "plain": write_page(made_up_trace(4, 70, 190), folder / "plain.html", rng=1),
        "small": write_page(made_up_trace(1, 5, 4), folder / "small.html", rng=1),
        "hostile": write_page(hostile, folder / "hostile.html", rng=1),
        "revealed": write_page(
            hostile,
            folder / "revealed.html",
            reveal=("ids", "names"),
            title="</title><script>alert(1)</script>",
            rng=1,
        ),
        "folded": write_page(made_up_trace(4, 70, 190), folder / "folded.html", max_nodes=160),
    }


def shoot(page: Page, name: str) -> bytes:
    """Picture of the page as it is, kept where `TRACEGRAPH_SCREENSHOTS` says."""
    picture = page.screenshot()
    folder = os.environ.get("TRACEGRAPH_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.png").write_bytes(picture)
    return picture


def wait_for_paint(page: Page) -> None:
    """Let the browser draw two frames."""
    page.evaluate(
        "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(() => go(1))))"
    )


def painted(page: Page) -> int:
    """Number of pixels of the map that something was painted on."""
    return page.evaluate(
        """() => {
            const canvas = document.querySelector("#map canvas");
            const copy = document.createElement("canvas");
            [copy.width, copy.height] = [canvas.width, canvas.height];
            const context = copy.getContext("2d", { willReadFrequently: true });
            context.drawImage(canvas, 0, 0);
            const all = context.getImageData(0, 0, copy.width, copy.height);
            return all.data.filter((value, k) => k % 4 === 3 && value > 0).length;
        }"""
    )


def click_node(page: Page, key: str) -> None:
    """Click a node where it stands on the canvas."""
    at = page.evaluate(
        """(key) => {
            const { network } = window.tracegraphPage;
            const spot = network.canvasToDOM(network.getPosition(key));
            const box = document.querySelector("#map").getBoundingClientRect();
            return [spot.x + box.left, spot.y + box.top];
        }""",
        key,
    )
    page.mouse.click(*at)


@pytest.mark.parametrize("name", ["plain", "small", "hostile", "revealed", "folded"])
def test_the_page_opens_and_paints(visit, files, name):
    page = visit(files[name])
    assert painted(page) > 2_000
    assert len(shoot(page, name)) > 10_000
    assert "as of 2022-05-12 18:00" in page.title()


def test_a_click_on_a_case_opens_its_card(visit, files):
    page = visit(files["plain"])
    click_node(page, "p0")
    card = page.locator("#card")
    card.get_by_role("heading", name="case 1", exact=True).wait_for()
    assert card.locator(".badge").inner_text() == "case"
    assert card.locator(".events li").count() > 3
    assert re.search(r"2022-05-\d\d \d\d:\d\d", card.inner_text())
    card.get_by_role("button", name="Close").click()
    assert "How to read this map" in card.inner_text()


def test_links_in_a_card_lead_on(visit, files):
    page = visit(files["plain"])
    page.locator("#find").fill("secondary 3")
    page.keyboard.press("Enter")
    card = page.locator("#card")
    card.get_by_role("heading", name="secondary 3", exact=True).wait_for()
    for term in ("Certainty", "First exposure", "Quarantine", "Clause"):
        assert term in card.locator("dl").inner_text()
    source = card.locator(".events .link").first
    name = source.inner_text()
    source.click()
    card.get_by_role("heading", name=name, exact=True).wait_for()
    assert "Exposed others" in card.inner_text()


def test_the_legend_hides_and_shows_a_tier(visit, files):
    page = visit(files["plain"])
    chip = page.locator('[data-show="2"]')
    before = set(page.evaluate("tracegraphPage.visible()"))
    ink = painted(page)
    chip.click()
    page.wait_for_function(f"tracegraphPage.visible().length < {len(before)}")
    hidden = before - set(page.evaluate("tracegraphPage.visible()"))
    assert chip.get_attribute("aria-pressed") == "false"
    assert len([key for key in hidden if key[0] == "p"]) == 190
    assert {key[0] for key in hidden} == {"p", "l"}  # places where only they were exposed go too
    wait_for_paint(page)
    assert painted(page) < ink
    chip.click()
    assert set(page.evaluate("tracegraphPage.visible()")) == before


def test_the_map_is_reachable_by_keys_alone(visit, files):
    page = visit(files["small"])
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
    heading = page.locator("#card h2")
    first = heading.inner_text()
    for key in ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    assert first.startswith(("case", "contact", "secondary"))
    scale = page.evaluate("tracegraphPage.network.getScale()")
    page.keyboard.press("+")
    assert page.evaluate("tracegraphPage.network.getScale()") > scale
    page.keyboard.press("Escape")
    assert heading.inner_text() == "How to read this map"


def test_the_table_is_the_same_trace(visit, files):
    page = visit(files["plain"])
    details = page.locator("#table details").first
    details.locator("summary").click()
    rows = details.locator("tbody tr")
    assert rows.count() == 264
    row = rows.nth(10)
    name = row.locator("th").inner_text()
    row.get_by_role("button").click()
    page.locator("#card").get_by_role("heading", name=name, exact=True).wait_for()
    for cell in row.locator("td").all_inner_texts()[3:5]:
        assert cell in page.locator("#card").inner_text()


def test_search_says_so_when_nothing_is_found(visit, files):
    page = visit(files["plain"])
    page.locator("#find").fill("market")
    assert "(market)" in page.locator("#found li").first.inner_text()
    page.locator("#find").fill("no such person")
    assert page.locator("#found").inner_text() == "Nothing found"


@pytest.mark.parametrize("name", ["hostile", "revealed"])
def test_hostile_values_are_inert(visit, files, name):
    page = visit(files[name])
    page.locator("#table details").first.locator("summary").click()
    for key in ("p0", "p1", "p5", "p30", "l0", "l3"):
        page.evaluate("(key) => tracegraphPage.select(key)", key)
        assert page.locator("#card img, #card svg svg, #card script").count() == 0
    page.locator("#find").fill("<img")
    page.locator("#find").fill("{{7*7}}")
    assert page.locator("img").count() == 1  # our own, for printing
    assert page.evaluate("document.scripts.length") == 3
    assert "owned" not in page.title()


def test_revealed_values_are_read_as_they_stand(visit, files):
    page = visit(files["revealed"])
    page.locator("#find").fill("onerror=alert(1)>P0")
    page.keyboard.press("Enter")
    shown = page.locator("#card").inner_text()
    assert "</script><img src=x onerror=alert(1)>" in shown
    assert page.locator("h1").inner_text() == "</title><script>alert(1)</script>"
    assert "keep it within the team" in page.locator("header").inner_text()


def test_a_folded_contact_is_found_in_its_bubble(visit, files):
    page = visit(files["folded"])
    assert "gathered in" in page.locator("header").inner_text()
    page.locator("#find").fill("secondary 7")
    page.keyboard.press("Enter")
    page.locator("#card").get_by_role("heading", name="secondary 7", exact=True).wait_for()
    page.locator('[data-zoom="all"]').click()
    wait_for_paint(page)
    bubble = next(key for key in page.evaluate("tracegraphPage.visible()") if key[0] == "b")
    click_node(page, bubble)
    page.locator("#card").get_by_text("First exposed").wait_for()
    assert page.locator("#card .events .link").count() >= 1


def test_a_narrow_screen_needs_no_sideways_scroll(visit, files):
    page = visit(files["plain"], width=380, height=800)
    assert page.evaluate("document.documentElement.scrollWidth") <= 380
    shoot(page, "narrow")


def test_print_shows_the_map_and_the_tables(visit, files):
    page = visit(files["small"])
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.wait_for_timeout(200)
    assert page.locator("#printed").bounding_box()["height"] > 100
    assert page.locator("#printed").evaluate("image => image.naturalWidth") > 100
    assert page.locator("#table tbody tr").first.is_visible()
    assert not page.locator("#find").is_visible()
    shoot(page, "print")
    page.evaluate("dispatchEvent(new Event('afterprint'))")


def test_a_page_without_a_single_contact_opens(visit, tmp_path):
    trace = made_up_trace(1, 3, 2)
    trace.tiers, trace.rows = trace.tiers.iloc[:1], trace.rows.iloc[:0]
    page = visit(write_page(trace, tmp_path / "alone.html"))
    click_node(page, "p0")
    page.locator("#card").get_by_role("heading", name="case 1", exact=True).wait_for()
    assert page.locator("#table tbody tr").count() == 1


def test_a_page_of_nobody_opens(visit, tmp_path):
    trace = made_up_trace(1, 3, 2)
    trace.tiers, trace.rows = trace.tiers.iloc[:0], trace.rows.iloc[:0]
    page = visit(write_page(trace, tmp_path / "nobody.html"))
    assert page.locator("#map canvas").count() == 1
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
