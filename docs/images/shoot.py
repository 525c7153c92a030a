"""The pictures of these pages, taken of pages as `trace.to_html` and `plan.to_html` write them.

    python docs/images/shoot.py

Needs the test extra and Chromium; `TRACEGRAPH_CHROMIUM` names it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import tracegraph as tg

HERE = Path(__file__).parent
KEY = "a key for pictures alone"
FAR = "(tier, n) => tracegraphPage.trace.persons.tier.indexOf(tier) + n"
CHOICES = {  # what is chosen before a picture is taken: persons, by tier and number
    "county": {"network": [(2, 300)], "chains": [(1, 20)], "itineraries": [(0, 0), (0, 2), (1, 2)]},
    "mers": {"network": [(0, 0)], "chains": [(0, 20)], "itineraries": [(0, 0), (0, 20)]},
    "berlin": {"network": [(1, 60)], "chains": [(0, 4)], "itineraries": [(0, 0), (1, 3), (2, 1)]},
}


def traces() -> dict[str, tg.Trace]:
    """The county and two published outbreaks."""
    return {
        "county": tg.datasets.county(seed=1).graph().trace("china-8", as_of="2022-05-12"),
        "mers": tg.datasets.mers_korea().graph().trace("china-8"),
        "berlin": tg.datasets.varicella_berlin().graph().trace("china-8"),
    }


def plan() -> tg.Plan:
    """Zones of the county on its third evening."""
    graph = tg.datasets.county(seed=1, until="2022-05-23").graph()
    return graph.trace("china-8", as_of="2022-05-11 20:00").redraw_zones()


def main() -> None:
    """Take nine pictures of maps, and one of zones."""
    chromium = os.environ.get("TRACEGRAPH_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 760}, reduced_motion="reduce")
        for name, trace in traces().items():
            page.goto(trace.to_html(Path(folder) / f"{name}.html", key=KEY).as_uri())
            page.wait_for_function("() => window.tracegraphPage?.ready")
            for view, choice in CHOICES[name].items():
                keys = [page.evaluate(f"([tier, n]) => 'p' + ({FAR})(tier, n)", k) for k in choice]
                page.evaluate("(selected) => tracegraphPage.store.set({ selected })", keys)
                page.locator(f"#tab-{view}").click()
                page.wait_for_timeout(200)
                page.screenshot(path=HERE / f"{name}-{view}.png")
        page.set_viewport_size({"width": 1280, "height": 660})
        page.goto(plan().to_html(Path(folder) / "zones.html").as_uri())
        page.wait_for_function("() => window.tracegraphPage?.ready")
        page.screenshot(path=HERE / "county-zones.png")


if __name__ == "__main__":
    main()
