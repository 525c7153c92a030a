"""What the pages say is run: examples, tables of columns, commands, links."""

from __future__ import annotations

import doctest
import re
import runpy
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import typer

import tracegraph as tg
from tracegraph.cli import app

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
RUN_ELSEWHERE = {DOCS / "explanation" / "rule.md"}  # its tables are run by known/test_rule_page.py
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


# ---- examples


@dataclass(frozen=True)
class Block:
    """Code between fences, and the line of the page on which it begins."""

    text: str
    line: int


def python_blocks(page: str) -> list[Block]:
    """Fenced blocks, those inside a list too."""
    found = re.finditer(r"^( *)```python\n(.*?)^\1```$", page, flags=re.MULTILINE | re.DOTALL)
    return [Block(textwrap.dedent(m[2]), page.count("\n", 0, m.start(2))) for m in found]


def run(block: Block, names: dict, name: str) -> str:
    """What went wrong, or an empty text; a block without prompts is executed as it is."""
    if ">>>" not in block.text:
        padded = "\n" * block.line + block.text  # a traceback names the line of the page
        exec(compile(padded, name, "exec"), names)  # noqa: S102  # our own pages
        return ""
    told: list[str] = []
    test = doctest.DocTestParser().get_doctest(block.text, names, name, name, block.line)
    test.globs = names
    doctest.DocTestRunner(optionflags=FLAGS, verbose=False).run(
        test, out=told.append, clear_globs=False
    )
    return "".join(told)


WITH_EXAMPLES = [
    page
    for page in PAGES
    if page not in RUN_ELSEWHERE and python_blocks(page.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: page.stem)
def test_examples_of_a_page_say_what_they_do(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "__page__"}
    name = page.relative_to(ROOT).as_posix()
    for block in python_blocks(page.read_text(encoding="utf-8")):
        told = run(block, names, name)
        assert not told, told


def test_pages_for_newcomers_have_examples():
    names = {page.stem for page in WITH_EXAMPLES}
    assert {
        "first-trace",
        "redo-the-trace-at-2-am",
        "bring-your-own-tables",
        "adapt-a-protocol",
    } <= names


def test_a_wrong_example_is_noticed():
    told = run(Block(">>> 1 + 1\n3\n", 1), {}, "page.md")
    assert "Expected" in told
    with pytest.raises(NameError):
        run(Block("missing\n", 1), {}, "page.md")


# ---- links


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)#\s]+)", text)
    local = [link for link in links if "://" not in link]
    lost = [link for link in local if not (page.parent / link).exists()]
    assert not lost


def test_the_index_links_every_page():
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    pages = [p for p in DOCS.rglob("*.md") if p.name != "README.md"]
    lost = [q for q in (p.relative_to(DOCS).as_posix() for p in pages) if f"({q})" not in index]
    assert not lost


# ---- reference


def test_page_of_tables_is_current():
    writer = runpy.run_path(str(DOCS / "reference" / "write_tables.py"))
    page = DOCS / "reference" / "tables.md"
    assert page.read_text(encoding="utf-8") == writer["markdown"](), (
        "run python docs/reference/write_tables.py"
    )


def described(heading: str) -> list[tuple[str, str]]:
    """Column and dtype of each row of the table below a heading of results.md or plans.md."""
    name = "plans.md" if heading.startswith("`plan.") else "results.md"
    page = (DOCS / "reference" / name).read_text(encoding="utf-8")
    section = page.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", section, flags=re.MULTILINE)
    assert rows, heading
    return rows


FRAMES = {
    "`trace.tiers`": lambda t, _: t.tiers,
    "`trace.exposures()`": lambda t, _: t.exposures(),
    "`trace.venue_contacts`": lambda t, _: t.venue_contacts,
    "`trace.windows`": lambda t, _: t.windows,
    "`trace.case_presence()`": lambda t, _: t.case_presence(),
    "`trace.home_windows`": lambda t, _: t.home_windows,
    "`trace.itinerary(person)`": lambda t, person: t.itinerary(person),
    "`trace.zones()`": lambda t, _: t.zones(),
    "`trace.screening()`": lambda t, _: t.screening(),
    "`plan.areas`": lambda t, _: t.redraw_zones().areas,
    "`plan.changes`": lambda t, _: t.redraw_zones().changes,
    "`plan.zones`": lambda t, _: t.redraw_zones().zones,
    "`plan.beyond_rule`": lambda t, _: t.redraw_zones().beyond_rule,
    "`plan.frontier()`": lambda t, _: t.redraw_zones().frontier(),
    "`plan.checkpoints()`": lambda t, _: t.redraw_zones().checkpoints(),
    "`plan.households(area)`": lambda t, _: t.redraw_zones().households(t.graph.area_ids[0]),
    "`plan.notes`": lambda t, _: t.redraw_zones().notes,
    "`graph.rejects` and `graph.warnings`": lambda t, _: t.graph.rejects,
    "`graph.counts`": lambda t, _: t.graph.counts,
}


def small_world(person, *, status=None):
    """Two homes, an office and a market; ids of every kind are made by `person`."""

    def named(*numbers):
        return [person(number) for number in numbers]

    visits = {
        "person_id": named(1, 3, 1, 4),
        "location_id": named(13, 13, 14, 14),
        "arrive": ["2022-05-09 09:00", "2022-05-09 10:00", "2022-05-09 18:00", "2022-05-09 18:10"],
        "depart": ["2022-05-09 17:00", "2022-05-09 12:00", "2022-05-09 18:20", None],
    }
    return tg.TraceGraph(
        cases=pd.DataFrame({"person_id": named(1), "onset": ["2022-05-10"], "status": [status]}),
        persons=pd.DataFrame({"person_id": named(1, 2, 3, 4), "home_id": named(11, 11, 12, 12)}),
        locations=pd.DataFrame(
            {
                "location_id": named(11, 12, 13, 14),
                "kind": ["home", "home", "office", "market"],
                "area_id": named(21, 22, 21, 22),
            }
        ),
        visits=pd.DataFrame(visits),
        areas=pd.DataFrame({"area_id": named(21, 22), "level": ["compound", "compound"]}),
        tz="Asia/Shanghai",
    )


WORLDS = {
    "text ids": (lambda number: f"x{number}", None),
    "integer ids": (int, None),
    "nobody traced": (lambda number: f"x{number}", "excluded"),
}


@pytest.fixture(scope="module", params=WORLDS)
def traced(request):
    person, status = WORLDS[request.param]
    return small_world(person, status=status).trace("china-8", as_of="2022-05-11"), person(1)


@pytest.mark.parametrize("heading", FRAMES)
def test_results_have_the_described_columns_and_dtypes(heading, traced):
    frame = FRAMES[heading](*traced)
    kinds = {"str": "id", "Int64": "id", "int64": "id"}
    found = [
        (
            column,
            kinds.get(str(dtype), str(dtype))
            if column.endswith("_id") or column in {"required_by", "part_of"}
            else str(dtype).replace("Asia/Shanghai", "tz"),
        )
        for column, dtype in frame.dtypes.items()
    ]
    assert found == described(heading)


def options(command) -> set[str]:
    return {word for option in command.params for word in (*option.opts, *option.secondary_opts)}


def test_page_of_commands_names_every_command_and_option():
    page = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## `tracegraph (\w+)`\n(.*?)(?=^## |\Z)", page, re.M | re.S))
    group = typer.main.get_command(app)
    assert set(sections) == set(group.commands)
    for name, command in group.commands.items():
        told = set(re.findall(r"--[a-z][a-z-]*", sections[name])) - {"--help"}
        has = {word for word in options(command) if word.startswith("--")}
        assert told == has, name
