"""The map of a trace in a browser, beside pyvis.

    python benchmarks/map.py --sizes 500 5000 20000 100000 --cut 120

For each size a made-up outbreak is traced. Three sides draw it, each in a process of its own:
the page of `trace.to_html`; pyvis with the positions of the page and physics off, as
`trace.to_pyvis` hands it out; and pyvis alone, fed the same nodes and edges through its own API.
Each draws the picture of the page, in which contacts of a large trace are counted in bubbles,
and, where that differs, everyone as a node of their own. Before a figure is printed, all sides
have to hold the same nodes, and every person of the trace has to be a node or counted in a bubble.
"Persons told of" are those whose facts the file holds: all in the page, in pyvis those drawn.

The browser is headless Chromium without a GPU, offline. "First card" runs from the start of
navigation until a real click has chosen a node: again and again, until one does. "Filter" hides
or shows the secondary contacts, "move" drags the picture by a step; both run from the event to
the end of the next frame that the map painted. Times are medians.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from playwright.sync_api import TimeoutError as Late, sync_playwright

import tracegraph as tg

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt
    from playwright.sync_api import Browser, Page

    from tracegraph.tracing.trace import Trace

# ---- the world

TZ = "Asia/Shanghai"
MONDAY = pd.Timestamp("2022-05-02")
AS_OF = "2022-05-12"
DAY = 1440
PERSONS_A_CASE = 500
OFFICE_SHARE = 0.6  # of the secondary contacts
HOUSEMATES = 3
SOURCES_AN_OFFICE = 3


def world(n_persons: int, seed: int) -> tg.TraceGraph:
    """Cases (1 in 500, three at least), a tenth close contacts, the rest secondary contacts.

    On Monday the cases meet housemates, colleagues and classmates; some share their class with
    another case. On Tuesday and Wednesday the contacts meet those at their own homes, and those
    of offices that a few of them share.
    """
    rng = np.random.default_rng(seed)
    n_cases, n_close = max(3, n_persons // PERSONS_A_CASE), n_persons // 10
    case, turn = np.arange(n_close) % n_cases, np.arange(n_close) // n_cases
    close = n_cases + np.arange(n_close)
    other = np.arange(n_cases + n_close, n_persons)
    school = 2 * n_cases + rng.integers(0, n_cases, n_cases)  # of each case
    at_case = np.where(turn < HOUSEMATES, case, np.where(turn % 2, school[case], n_cases + case))
    # colleagues of one case share an office now and then with those of another
    near = np.argsort(case + rng.normal(0, 0.4, n_close), kind="stable")
    own_office = np.empty(n_close, dtype=np.int64)
    own_office[near] = np.arange(n_close) // SOURCES_AN_OFFICE
    homes, offices = 3 * n_cases, 3 * n_cases + n_close
    own_home = np.where(turn < HOUSEMATES, case, homes + np.arange(n_close))
    works = rng.random(len(other)) < OFFICE_SHARE
    away = np.flatnonzero(turn >= HOUSEMATES)  # housemates of a case have no other home
    host = np.where(works, rng.integers(0, n_close, len(other)), rng.choice(away, len(other)))
    at_host = np.where(works, offices + own_office[host], homes + host)
    kind = np.repeat(
        np.array(["home", "office", "class", "home", "office"], dtype=object),
        [n_cases, n_cases, n_cases, n_close, own_office.max() + 1],
    )
    cases = np.arange(n_cases)
    meetings = [(cases, place, [0]) for place in (cases, n_cases + cases, school)]
    meetings += [(close, at_case, [0]), (close, own_home, [1, 2])]
    meetings += [(close, offices + own_office, [1, 2]), (other, at_host, [1, 2])]
    visits = pd.concat([_stays(rng, *meeting, kind) for meeting in meetings], ignore_index=True)
    onset = MONDAY + pd.to_timedelta(rng.integers(1, 3, n_cases), unit="D")
    return tg.TraceGraph(
        cases=pd.DataFrame({"person_id": _ids("P", cases), "onset": onset}),
        visits=visits,
        locations=pd.DataFrame({"location_id": _ids("L", np.arange(len(kind))), "kind": kind}),
        tz=TZ,
    )


def _stays(
    rng: np.random.Generator,
    person: npt.NDArray[np.int64],
    place: npt.NDArray[np.int64],
    days: list[int],
    kind: npt.NDArray[np.object_],
) -> pd.DataFrame:
    """Offices in the morning, classes in the afternoon, homes in the evening."""
    person, place = np.tile(person, len(days)), np.tile(place, len(days))
    opens = pd.Series(kind[place]).map({"office": 9, "class": 13, "home": 19}).to_numpy(np.int64)
    day = np.repeat(days, len(person) // len(days))
    arrive = DAY * day + 60 * opens + rng.integers(0, 60, len(person))
    stay = 120 + rng.integers(0, 60, len(person))
    return pd.DataFrame({
        "person_id": _ids("P", person),
        "location_id": _ids("L", place),
        "arrive": MONDAY + pd.to_timedelta(arrive, unit="min"),
        "depart": MONDAY + pd.to_timedelta(arrive + stay, unit="min"),
    })  # fmt: skip


def _ids(letter: str, codes: npt.NDArray[np.int64]) -> pd.Series[str]:
    return letter + pd.Series(codes).astype(str).str.zfill(6)


# ---- the sides: each writes a file, and says which nodes it holds

KEY = "the key of a benchmark"  # with one key a person has the same number on all sides
SECONDARY = "#009E73"  # colour of secondary contacts in `to_pyvis`


def by_page(trace: Trace, path: Path, max_nodes: int) -> None:
    trace.to_html(path, key=KEY, max_nodes=max_nodes)


def by_placed_pyvis(trace: Trace, path: Path, max_nodes: int) -> None:
    path.write_text(trace.to_pyvis(key=KEY, max_nodes=max_nodes).generate_html(), encoding="utf-8")


def by_pyvis_alone(nodes: list[dict[str, Any]], edges: list[tuple[str, str]], path: Path) -> None:
    from pyvis.network import Network

    out = Network(height="750px", cdn_resources="in_line")
    for node in nodes:
        out.add_node(
            node["id"], **{k: node[k] for k in ("label", "title", "color", "size", "shape")}
        )
    for start, end in edges:
        out.add_edge(start, end)
    path.write_text(out.generate_html(), encoding="utf-8")


def builder(side: str, trace: Trace, path: Path, max_nodes: int) -> Callable[[], None]:
    """What writes the file of a side; what it is fed is ready before."""
    if side == "page":
        return lambda: by_page(trace, path, max_nodes)
    if side == "pyvis placed":
        return lambda: by_placed_pyvis(trace, path, max_nodes)
    fed = trace.to_pyvis(key=KEY, max_nodes=max_nodes)
    pairs = list({(edge["from"], edge["to"]): None for edge in fed.edges})
    return lambda: by_pyvis_alone(fed.nodes, pairs, path)


SIDES = ("page", "pyvis placed", "pyvis alone")
DRAWN = {"picture": 2_000, "everyone": 10**9}
"""What is drawn, by the most nodes that may be."""

# ---- the browser

PROBE = """
const frame = () => new Promise((go) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel();  // a task after the frame: it has been painted
  port1.onmessage = go;
  port2.postMessage(0);
}));
window.probe = {
  took: null,
  async until(start, before) {
    while (probe.paints() === before) await frame();
    probe.took = performance.now() - start;
  },
  arm(kind) {
    probe.took = null;
    addEventListener(kind, (event) => { probe.until(event.timeStamp, probe.paints()); },
      { capture: true, once: true });
  },
  onCanvas: ([, x, y]) => x > 0 && y > 0 && document.elementFromPoint(x, y)?.tagName === "CANVAS",
  aim() { return probe.spots().filter(([key]) => key[0] === "p").find(probe.onCanvas)?.slice(1); },
  free() {  // the emptiest spot of the canvas, to drag at
    const spots = probe.spots(), box = document.querySelector("canvas").getBoundingClientRect();
    let best = null, most = -1;
    for (let x = box.left + 20; x < box.right - 220; x += 24) {
      for (let y = box.top + 20; y < Math.min(box.bottom, innerHeight) - 60; y += 24) {
        if (!probe.onCanvas([null, x, y])) continue;
        let least = Infinity;
        for (const [, a, b] of spots) least = Math.min(least, (a - x) ** 2 + (b - y) ** 2);
        if (least > most) { most = least; best = [x, y]; }
      }
    }
    return best;
  },
};
"""
PAGE = """
Object.assign(probe, {
  paints: () => tracegraphPage.painted,
  keys: () => tracegraphPage.visible(),
  spots: () => tracegraphPage.visible().map((key) => [key, ...tracegraphPage.screenOf(key)]),
  persons() {
    const { x, bubble } = JSON.parse(document.querySelector("#trace-data").textContent).persons;
    return x.filter((at, p) => at !== null || bubble[p] >= 0).length;
  },
  cards: () => tracegraphPage.trace.persons.code.length,
  title: document.querySelector("#card h2")?.textContent,
  opened() {
    const now = document.querySelector("#card h2")?.textContent;
    return now !== undefined && now !== probe.title && performance.now();
  },
});
"""
PYVIS = """
probe.n = 0;
network.on("afterDrawing", () => { probe.n += 1; });
network.on("selectNode", () => { probe.chosen ??= performance.now(); });
Object.assign(probe, {
  paints: () => probe.n,
  keys: () => nodes.getIds(),
  spots() {
    const box = document.querySelector("canvas").getBoundingClientRect();
    return Object.entries(network.getPositions()).map(([key, at]) => {
      const { x, y } = network.canvasToDOM(at);
      return [key, x + box.left, y + box.top];
    });
  },
  persons: () => nodes.get().reduce((sum, { id, label }) => (
    sum + (id[0] === "p" ? 1 : id[0] === "b" ? Number(label.replaceAll(",", "")) : 0)), 0),
  cards: () => nodes.getIds().filter((id) => id[0] === "p").length,
  opened: () => probe.chosen,
  hide(hidden) {
    probe.some ??= nodes.getIds({ filter: (node) => node.color === "COLOUR" });
    const change = probe.some.map((id) => ({ id, hidden }));
    probe.took = null;
    const before = probe.paints(), start = performance.now();
    nodes.update(change);
    probe.until(start, before);
  },
});
""".replace("COLOUR", SECONDARY)


def open_file(
    browser: Browser, path: Path, thrown: list[str], *, is_page: bool, cut: float
) -> Page:
    """Page whose probe is in place; everything later on the page has to end before the cut."""
    context = browser.new_context(
        offline=True, viewport={"width": 1280, "height": 800}, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(1000 * cut)
    page.on("pageerror", lambda error: thrown.append(str(error)))
    page.goto(path.as_uri(), wait_until="commit")
    # a function, not an expression: the policy of the page lets nobody evaluate a text later on
    ready = "tracegraphPage?.ready" if is_page else "network?.body?.nodeIndices.length"
    page.wait_for_function(f"() => window.{ready}")
    page.evaluate(PROBE + (PAGE if is_page else PYVIS))
    return page


def first_card(page: Page, began: float, cut: float) -> float | None:
    """Seconds from navigation until a click chose a node, or None beyond the cut."""
    while (left := cut - (time.perf_counter() - began)) > 0:
        try:
            at = page.wait_for_function("() => probe.aim()", timeout=1000 * left).json_value()
            page.mouse.click(*at)
            left = min(2.0, cut - (time.perf_counter() - began))
            shown = page.wait_for_function("() => probe.opened()", timeout=max(1.0, 1000 * left))
            return float(shown.json_value()) / 1000
        except Late:
            continue  # the node moved away, or the page was not listening yet
    return None


def took(page: Page, cut: float) -> float:
    """Milliseconds that the step took that was just begun."""
    return float(
        page.wait_for_function("() => probe.took !== null && [probe.took]", timeout=1000 * cut)
        .json_value()[0]
    )  # fmt: skip


def filter_steps(page: Page, *, is_page: bool, cut: float, steps: int) -> list[float]:
    found = []
    for step in range(steps):
        if is_page:
            page.evaluate("probe.arm('click')")
            page.locator('[data-show="2"]').first.click()
        else:
            page.evaluate("(hidden) => probe.hide(hidden)", step % 2 == 0)
        found.append(took(page, cut))
    return found


def move_steps(page: Page, *, cut: float, steps: int) -> list[float]:
    x, y = page.evaluate("probe.free()")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y)  # past the distance that tells a drag from a click
    page.wait_for_timeout(200)
    found = []
    for step in range(steps):
        page.evaluate("probe.arm('pointermove')")
        page.mouse.move(x + 12 + 8 * (step + 1), y + 4 * (step % 2))
        found.append(took(page, cut))
    page.mouse.up()
    return found


# ---- one side, one process


def worker(chosen: argparse.Namespace) -> None:
    """Print a line of JSON after the build, and one after each stage in the browser."""
    trace = world(chosen.size, chosen.seed).trace("china-8", as_of=AS_OF)
    persons = len(trace.tiers)
    trace.exposures()  # not part of any build: all sides read it
    path, is_page = Path(chosen.folder) / "map.html", chosen.worker == "page"
    build = builder(chosen.worker, trace, path, DRAWN[chosen.drawn])
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.alarm(int(chosen.cut))
    seconds: list[float] = []
    while len(seconds) < chosen.runs and sum(seconds) < 10:
        began = time.perf_counter()
        build()
        seconds.append(time.perf_counter() - began)
    signal.alarm(0)
    say(persons=persons, build=statistics.median(seconds), mb=path.stat().st_size / 1e6)
    found = os.environ.get("TRACEGRAPH_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        say(chromium=browser.version)
        thrown: list[str] = []
        try:
            look(browser, path, thrown, is_page=is_page, chosen=chosen)
        except Late:
            if thrown:  # broken, not late
                message = f"{chosen.worker}: the script threw {thrown[0]}"
                raise RuntimeError(message) from None
            raise
        browser.close()


def look(
    browser: Browser, path: Path, thrown: list[str], *, is_page: bool, chosen: argparse.Namespace
) -> None:
    cards: list[float] = []
    while len(cards) < chosen.runs and sum(cards) < 10:
        began = time.perf_counter()
        page = open_file(browser, path, thrown, is_page=is_page, cut=chosen.cut)
        card = first_card(page, began, chosen.cut)
        if card is None:
            return
        cards.append(card)
        if len(cards) < chosen.runs and sum(cards) < 10:
            page.context.close()
    keys, held, cards_held = page.evaluate("[probe.keys(), probe.persons(), probe.cards()]")
    say(card=statistics.median(cards), keys=sorted(keys), held=held, cards=cards_held)
    options = {"cut": chosen.cut, "steps": chosen.steps}
    say(move=statistics.median(move_steps(page, **options)))
    say(filter=statistics.median(filter_steps(page, is_page=is_page, **options)))


def say(**found: Any) -> None:
    print(json.dumps(found), flush=True)


def measure(side: str, size: int, drawn: str, chosen: argparse.Namespace) -> dict[str, Any]:
    """What a worker said before it ended, or was cut."""
    with tempfile.TemporaryDirectory() as folder:
        options = {"worker": side, "size": size, "drawn": drawn, "folder": folder}
        options |= {name: getattr(chosen, name) for name in ("seed", "runs", "cut", "steps")}
        command = [sys.executable, __file__, *(f"--{k}={v}" for k, v in options.items())]
        running = subprocess.Popen(  # noqa: S603  # this very file
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True,
        )  # fmt: skip
        try:
            said, trouble = running.communicate(timeout=2 * chosen.cut + 60)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)  # with its browser
            said, trouble = running.communicate()
    found: dict[str, Any] = {"side": side, "drawn": drawn}
    for line in said.splitlines():
        found |= json.loads(line)
    was_cut = any(word in trouble for word in ("KeyboardInterrupt", Late.__name__))
    if running.returncode > 0 and not was_cut:
        raise RuntimeError(trouble)
    return found


def compare(size: int, chosen: argparse.Namespace) -> list[dict[str, Any]]:
    """All sides of one size; the nodes and persons that they hold are the same."""
    rows = [measure(side, size, "picture", chosen) for side in chosen.sides]
    if any(key[0] == "b" for row in rows for key in row.get("keys", ())):
        rows += [measure(side, size, "everyone", chosen) for side in chosen.sides]
    for drawn in DRAWN:
        whole = [row for row in rows if row["drawn"] == drawn and "keys" in row]
        if any(row["keys"] != whole[0]["keys"] for row in whole):
            message = f"{size:,} persons, {drawn}: the sides hold other nodes"
            raise AssertionError(message)
        if any(row["held"] != row["persons"] for row in whole):
            message = f"{size:,} persons, {drawn}: {[(r['side'], r['held']) for r in whole]} held"
            raise AssertionError(message)
    for row in rows:
        row["nodes"] = len(row.pop("keys", ()))
    return rows


def print_table(size: int, rows: list[dict[str, Any]], cut: float) -> None:
    print(f"\n{rows[0]['persons']:,} persons in the trace (asked for: {size:,})\n")
    heads = ("side", "draws", "persons told of", "persons", "nodes", "build s", "MB",
             "first card s", "filter ms", "move ms")  # fmt: skip
    print(f"| {' | '.join(heads)} |")
    print("| --- " * len(heads) + "|")
    late = f"> {cut:g} s"
    for row in rows:
        said = [row["side"], row["drawn"]]
        said += [f"{row[name]:,}" if row.get(name) else "?" for name in ("cards", "held", "nodes")]
        for name, form in (("build", ".2f"), ("mb", ".1f"), ("card", ".2f")):
            missing = "-" if "build" not in row and name != "build" else late
            said.append(format(row[name], form) if name in row else missing)
        said += [format(row[name], ".0f") if name in row else "-" for name in ("filter", "move")]
        print(f"| {' | '.join(said)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 5_000, 20_000, 100_000])
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=SIDES)
    parser.add_argument("--cut", type=float, default=120, help="seconds after which a side is late")
    parser.add_argument("--runs", type=int, default=3, help="of what takes less than ten seconds")
    parser.add_argument("--steps", type=int, default=10, help="of a filter and of a move")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="where to keep the figures")
    for name in ("--worker", "--size", "--drawn", "--folder"):
        kind = int if name == "--size" else str
        parser.add_argument(name, type=kind, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.worker:
        worker(chosen)
        return
    names = ("tracegraph", "pandas", "numpy", "rustworkx", "pyvis", "playwright")
    results: dict[str, Any] = {
        "cut": chosen.cut,
        "runs": chosen.runs,
        "steps": chosen.steps,
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "versions": {name: version(name) for name in names},
    }
    for size in chosen.sizes:
        rows = compare(size, chosen)
        print_table(size, rows, chosen.cut)
        results[str(size)] = rows
    results["load_after"] = os.getloadavg()[0]
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
