"""Contacts in the synthetic county over many seeds, beside those of the published account.

    python benchmarks/county_seeds.py --seeds 20 --write

Each seed makes a county and traces it with china-8 as of 12 May 2022, 18:00: once with the four
imported cases alone, as the account counts, and once with every case found. `--write` puts the
table into docs/explanation/county.md, between its markers.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import pandas as pd

import tracegraph as tg

AS_OF = "2022-05-12 18:00"
FIRST_FOUND = pd.Timestamp("2022-05-09 20:00", tz="Asia/Shanghai")
ACCOUNT = {"close": 72, "secondary": 192}
PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "county.md"
BEGIN, END = "<!-- county_seeds: begin -->", "<!-- county_seeds: end -->"
ROWS = {
    "close": "close contacts of the four imported cases",
    "close_coach": "… of these on a coach",
    "secondary": "secondary contacts of the four imported cases",
    "secondary_class": "… of these in a class room",
    "secondary_home": "… of these at home",
    "secondary_late": "… of these first exposed after 9 May, 20:00",
    "close_of_all": "close contacts of all cases found",
    "secondary_of_all": "secondary contacts of all cases found",
    "cases": "cases found by 12 May, 18:00",
    "infected_here": "infected inside the county (truth)",
    "visits": "visits",
}


def main() -> None:
    """Run the seeds, print the table and, if asked, write it into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--people", type=int, default=80_000)
    parser.add_argument("--write", action="store_true", help=f"write into {PAGE.name}")
    given = parser.parse_args()
    rows = []
    for seed in range(1, given.seeds + 1):
        rows.append(measure(seed, given.people))
        print(f"seed {seed}: {rows[-1]}", flush=True)
    text = as_markdown(pd.DataFrame(rows), given.people)
    print(text)
    if given.write:
        replace_in_page(text)


def measure(seed: int, n_people: int) -> dict[str, float]:
    """Make and trace one county."""
    began = time.perf_counter()
    county = tg.datasets.county(seed=seed, n_people=n_people)
    made = time.perf_counter() - began
    cases = county.tables["cases"]
    brought, everybody = contacts(county, cases[cases["imported"]]), contacts(county, cases)
    found = cases["recorded"] <= pd.Timestamp(AS_OF)
    return {
        "close": count(brought, 1),
        "close_coach": count(brought, 1, "coach"),
        "secondary": count(brought, 2),
        "secondary_class": count(brought, 2, "class"),
        "secondary_home": count(brought, 2, "home"),
        "secondary_late": int(((brought["tier"] == 2) & (brought["since"] > FIRST_FOUND)).sum()),
        "close_of_all": count(everybody, 1),
        "secondary_of_all": count(everybody, 2),
        "cases": int(found.sum()),
        "infected_here": len(county.truth),
        "visits": len(county.tables["visits"]),
        "seconds": round(made, 1),
    }


def contacts(county: tg.datasets.Dataset, cases: pd.DataFrame) -> pd.DataFrame:
    """Traced people, the kind of place of each one's decisive evidence, and its start."""
    graph = tg.TraceGraph(**{**county.tables, "cases": cases}, tz=county.tz)
    tiers = graph.trace("china-8", as_of=AS_OF).tiers
    kinds = county.tables["locations"].set_index("location_id")["kind"]
    return pd.DataFrame(
        {
            "tier": tiers["tier"],
            "kind": tiers["location_id"].map(kinds),
            "since": tiers["first_exposure"],
        }
    )


def count(traced: pd.DataFrame, tier: int, kind: str | None = None) -> int:
    """Traced people of a tier, of one kind of place or of all."""
    rows = traced["tier"] == tier
    return int((rows if kind is None else rows & (traced["kind"] == kind)).sum())


def as_markdown(rows: pd.DataFrame, n_people: int) -> str:
    """Median and range of each row, beside the account."""
    lines = [
        f"{len(rows)} seeds, {n_people:,} people, china-8 as of {AS_OF}:",
        "",
        "| | median | least to most | account |",
        "| --- | --- | --- | --- |",
    ]
    for column, label in ROWS.items():
        values = rows[column]
        span = f"{values.min():,} to {values.max():,}"
        lines.append(f"| {label} | {values.median():,.0f} | {span} | {ACCOUNT.get(column, '')} |")
    return "\n".join(lines)


def replace_in_page(text: str) -> None:
    """Put the table between the markers of the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
