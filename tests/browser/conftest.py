"""Chromium for all browser tests, and pages of real data.

`TRACEGRAPH_CHROMIUM` names the browser; `TRACEGRAPH_SCREENSHOTS` a folder to keep pictures in.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, sync_playwright

import tracegraph as tg
from browser.reader import wait_for_paint
from tracegraph.viz.page import write_page

HOSTILE = (
    "</script><img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(2)>",
    "line\u2028break\u2029end",
    "{{7*7}}{% raw %}",
    "\u202egnitset\u202c",
    "<!--<script>",
    "`${document.title='owned'}`",
    "__proto__",
    "=HYPERLINK(1)",
    "0",
)


@pytest.fixture(scope="session")
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

    def open_file(path: Path, *, width: int = 1280, height: int = 800, settle: bool = True) -> Page:
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
        page.on("request", lambda r: None if is_own(r.url, path) else trouble.append(r.url))
        page.goto(path.as_uri())
        if settle:
            page.wait_for_function("() => window.tracegraphPage?.ready")
            wait_for_paint(page)
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert trouble == []


def is_own(url: str, path: Path) -> bool:
    """Whether it is the page itself, its empty icon, or a file that it made for its reader."""
    own = (path.as_uri(), "data:,", "about:srcdoc")
    return url in own or url.startswith(("blob:", "data:image/png"))


@pytest.fixture(scope="session")
def county_trace():
    return tg.datasets.county(seed=1).graph().trace("china-8", as_of="2022-05-12")


@pytest.fixture(scope="session")
def pages(tmp_path_factory, county_trace):
    """Files of the county, of two published outbreaks, and of people with hostile names."""
    folder = tmp_path_factory.mktemp("pages")
    key = "a key of the team"
    hostile = hostile_graph().trace("china-8")
    return {
        "county": write_page(county_trace, folder / "county.html", key=key),
        "zh": write_page(county_trace, folder / "zh.html", key=key, lang="zh"),
        "folded": write_page(county_trace, folder / "folded.html", key=key, max_nodes=400),
        "mers": write_page(
            tg.datasets.mers_korea().graph().trace("china-8"), folder / "mers.html", key=key
        ),
        "berlin": write_page(
            tg.datasets.varicella_berlin().graph().trace("china-8"), folder / "berlin.html", key=key
        ),
        "hostile": write_page(
            hostile,
            folder / "hostile.html",
            identities=True,
            title="</title><script>alert(1)</script>",
        ),
        "coded": write_page(hostile, folder / "coded.html"),
    }


def hostile_graph() -> tg.TraceGraph:
    """A case, and a contact for each hostile text, who met in hostile places."""
    people = [f"{text}#{k}" for k, text in enumerate(HOSTILE)]
    places = [f"{text}@{k}" for k, text in enumerate(HOSTILE)]
    stays = [
        (who, place)
        for k, place in enumerate(places)
        for who in dict.fromkeys((people[0], people[k]))
    ]
    hours = pd.Timestamp("2022-05-09 08:00") + pd.to_timedelta(
        [2 * places.index(place) for _who, place in stays], unit="h"
    )
    return tg.TraceGraph(
        cases=pd.DataFrame({"person_id": people[:1], "onset": ["2022-05-09"]}),
        persons=pd.DataFrame(
            {
                "person_id": people,
                "name": [text * 40 if k == 1 else text for k, text in enumerate(HOSTILE)],
                "__proto__": list(HOSTILE),
            }
        ),
        visits=pd.DataFrame(
            {
                "person_id": [who for who, _place in stays],
                "location_id": [place for _who, place in stays],
                "arrive": hours,
                "depart": hours + pd.Timedelta(hours=1),
            }
        ),
        locations=pd.DataFrame({"location_id": places, "kind": "office", "name": list(HOSTILE)}),
        tz="Asia/Shanghai",
    )
