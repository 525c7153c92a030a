"""The page in Chromium: files that are handed on, and values that would do harm."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from browser.conftest import HOSTILE
from browser.reader import VIEWS, card, look, rows_of, saved, shoot

pytestmark = pytest.mark.browser


# ---- handing on


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
