"""What a reader of the page does and sees, as the browser tests say it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from pathlib import Path

from playwright.sync_api import Page

VIEWS = ("network", "chains", "itineraries")
AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"


def look(page: Page, view: str) -> None:
    page.locator(f"#tab-{view}").click()
    wait_for_paint(page)


def grave_faults(page: Page) -> list[tuple[str, str]]:
    """Serious faults that axe finds in what stands there now."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then((told) => told.violations)")
    return [
        (fault["id"], fault["nodes"][0]["html"])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


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


def wait_for_paint(page: Page) -> None:
    """Let the browser draw two frames."""
    page.evaluate(
        "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(() => go(1))))"
    )


def shoot(page: Page, name: str) -> bytes:
    """Picture of the page as it is, kept where `TRACEGRAPH_SCREENSHOTS` says."""
    picture = page.screenshot()
    folder = os.environ.get("TRACEGRAPH_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.png").write_bytes(picture)
    return picture


def saved(page: Page, selector: str) -> bytes:
    with page.expect_download() as waiting:
        page.locator(selector).click()
    return Path(waiting.value.path()).read_bytes()


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
