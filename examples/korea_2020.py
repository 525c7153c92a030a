"""South Korea, January to April 2020: how far shared places and dates tell who infected whom.

Turns the DS4C tables into tracegraph's, traces every case by the day rule with and without
the infectious period, and holds the links to the 822 recorded infectors.

    python examples/korea_2020.py --data DIR

DIR holds PatientInfo.csv and PatientRoute.csv of DS4C (KCDC and local government notices,
collected in jihoo-kim/Data-Science-for-COVID-19, commit 9af0943e, CC BY-NC-SA 4.0). The
data are not part of this package.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

import tracegraph as tg

FORGET_NOTHING = 400  # days: longer than the data


def tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Line list and routes of DS4C as `cases`, `visits` and `locations`."""
    info = pd.read_csv(folder / "PatientInfo.csv", dtype="str")
    info["symptom_onset_date"] = info["symptom_onset_date"].str.strip()  # one onset is a blank
    cases = pd.DataFrame(
        {
            "person_id": info["patient_id"],
            "onset": info["symptom_onset_date"],
            # No specimen date is given: confirmation stands for it, so that the anchor is the
            # earlier of onset and confirmation.
            "sampled": info["confirmed_date"],
            "confirmed": info["confirmed_date"],
            "isolated": info["confirmed_date"],
            "infected_by": info["infected_by"].str.split(",").str[0],
        }
    )
    route = pd.read_csv(folder / "PatientRoute.csv", dtype={"patient_id": "str", "date": "str"})
    place = route["latitude"].map("{:.5f}".format) + "," + route["longitude"].map("{:.5f}".format)
    visits = pd.DataFrame(
        {
            "person_id": route["patient_id"],
            "location_id": place,
            "arrive": route["date"],
            "depart": route["date"],
            "type": route["type"],
        }
    )
    kinds = route.assign(location_id=place).groupby("location_id")["type"]
    locations = kinds.agg(lambda types: types.mode()[0]).rename("kind").reset_index()
    return {"cases": cases, "visits": visits, "locations": locations}


def day_rule(kinds: tuple[str, ...]) -> tg.Protocol:
    """Same place, same date, whatever the place: from 2 days before to confirmation."""
    return tg.Protocol.named("same-day").derive(**{f"kind.{k}.place": "close" for k in kinds})


def links(trace: tg.Trace, visits: pd.DataFrame) -> pd.DataFrame:
    """Ordered pairs of cases with the types of place they shared, one row a pair and type.

    The notices type a place visit by visit, so a pair takes the types on either one's rows
    of that place and date.
    """
    met = trace.exposures()
    met["arrive"] = met["start"].dt.strftime("%Y-%m-%d")
    typed = visits[["person_id", "location_id", "arrive", "type"]]
    sides = [
        met.merge(typed.rename(columns={"person_id": side}), on=[side, "location_id", "arrive"])
        for side in ("source_id", "contact_id")
    ]
    rows = pd.concat(sides)
    pair = pd.Series(
        list(zip(rows["source_id"], rows["contact_id"], strict=True)), index=rows.index
    )
    return rows.assign(pair=pair)[["pair", "type"]].drop_duplicates(ignore_index=True)


def recorded_pairs(cases: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Rows of cases that name an infector, and how many name the patient themself."""
    told = cases.dropna(subset=["infected_by"])
    return told, int((told["infected_by"] == told["person_id"]).sum())


def true_pairs(given: dict[str, pd.DataFrame]) -> set[tuple[str, str]]:
    """Recorded (infector, case) pairs of whom both have a route."""
    told, _ = recorded_pairs(given["cases"])
    routed = set(given["visits"]["person_id"])
    pairs = zip(told["infected_by"], told["person_id"], strict=True)
    return {(a, b) for a, b in pairs if a != b and {a, b} <= routed}


def traced(given: dict[str, pd.DataFrame], *, windowed: bool) -> tg.Trace:
    """Trace by the day rule, with the infectious period or without."""
    rule = day_rule(tuple(tg.Protocol.named("same-day").kind))
    if windowed:
        return tg.TraceGraph(**given, tz="Asia/Seoul").trace(rule)
    cases = given["cases"].drop(columns="isolated")
    whole = rule.derive(look_back_days=FORGET_NOTHING, max_days=FORGET_NOTHING)
    return tg.TraceGraph(**{**given, "cases": cases}, tz="Asia/Seoul").trace(whole)


def only_hospital(met: pd.DataFrame, true: set[tuple[str, str]]) -> int:
    """Recorded infections whose every shared place is a hospital."""
    kinds = met[met["pair"].isin(true)].groupby("pair")["type"].agg(set)
    return int((kinds == {"hospital"}).sum())


def lift_by_type(met: pd.DataFrame, true: set[tuple[str, str]], n_routed: int) -> pd.DataFrame:
    """Links and recorded infections by type of place, and the lift over random pairs.

    The lift is the share of recorded infections that share such a place and date, over
    the share of all ordered pairs of patients with a route.
    """
    chance = len(true) / (n_routed * (n_routed - 1))
    rows = []
    for kind, group in [("any", met), *met.groupby("type")]:
        pairs = set(group["pair"])
        hits = len(pairs & true)
        rows.append((kind, len(pairs), hits, hits / (len(pairs) * chance)))
    frame = pd.DataFrame(rows, columns=["type of place", "linked pairs", "recorded", "lift"])
    return frame.sort_values("linked pairs", ascending=False, ignore_index=True)


def main() -> None:
    """Trace, compare, print."""
    parser = argparse.ArgumentParser(description="Trace DS4C by the day rule.")
    parser.add_argument("--data", type=Path, required=True, help="folder with the DS4C tables")
    parser.add_argument("--out", type=Path, help="folder for tiers.csv and map.html")
    args = parser.parse_args()

    given = tables(args.data)
    told, own = recorded_pairs(given["cases"])
    true = true_pairs(given)
    n_routed = given["visits"]["person_id"].nunique()
    print(f"{len(given['cases']):,} cases, {n_routed:,} of them with a route")
    print(f"{len(told)} recorded infectors, {own} name the patient; both have a route: {len(true)}")
    for title, windowed in (
        ("Without an infectious period", False),
        ("From 2 days before the earlier of onset and confirmation, to confirmation", True),
    ):
        trace = traced(given, windowed=windowed)
        met = links(trace, given["visits"])
        pairs = set(met["pair"])
        print(f"\n{title}:\n  {len(pairs):,} ordered pairs of cases linked,", end=" ")
        print(f"{len(pairs & true)} of them recorded infections,", end=" ")
        print(f"{only_hospital(met, true)} of these by a hospital only")
        table = lift_by_type(met, true, n_routed)
        print(table.to_string(index=False, formatters={"lift": "{:.0f}".format}))
    print(f"\n{trace.graph.counts.to_string(index=False)}")
    print(trace.graph.warnings["rule"].to_string(index=False, header=False))
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        trace.tiers.to_csv(args.out / "tiers.csv", index=False)
        print(f"Map: {trace.to_html(args.out / 'map.html')}")


if __name__ == "__main__":
    main()
