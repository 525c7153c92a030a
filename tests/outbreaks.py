"""Small outbreaks as real graphs: every way to be exposed, and texts that mean harm."""

from __future__ import annotations

import pandas as pd

import tracegraph as tg

KEY = "a key of the team"
HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(2)>",
    "<!--<script>",
    "javascript:alert(3)",
    "\"'><svg onload=alert(4)>",
    "{{7*7}}{% raw %}",
    "${alert(5)}`",
    "__proto__",
    "\u202egnitset\u202c",
    "nul\x00bell\x07",
    "half\ud800pair",
    "line\u2028break\u2029end",
    "long" * 2_500,
    "=HYPERLINK(1)",
    "a&amp;b\\u003c",
    "0",
)


def visits(*rows: str) -> pd.DataFrame:
    """Rows "person place arrive depart", times on 9 May 2022 unless a day stands before them."""
    found = []
    for row in rows:
        person, place, arrive, depart = row.split()
        day, _, hour = arrive.rpartition("/")
        date = f"2022-05-{int(day or 9):02d}"
        found.append(
            {
                "person_id": person,
                "location_id": None if place == "-" else place,
                "arrive": f"{date} {hour}",
                "depart": None if depart == "-" else f"{date} {depart}",
            }
        )
    return pd.DataFrame(found)


def tables() -> dict[str, pd.DataFrame]:
    """Two cases, an office, a coach, homes, a market, a reported contact, an alias, two areas."""
    return {
        "cases": pd.DataFrame(
            {
                "person_id": ["C1", "C2"],
                "onset": ["2022-05-09 06:00", "2022-05-11 06:00"],
                "confirmed": ["2022-05-12"] * 2,
                "infected_by": [None, "C1"],
                "ward_note": ["note of C1", None],
            }
        ),
        "visits": visits(
            "C1 office 10:00 11:00",
            "C1 office 14:00 15:00",
            "A1 office 10:30 12:00",
            "A1 office 14:00 15:00",
            "A2 office 10:10 11:30",
            "C2 office 10:20 10:50",
            "A1 canteen 13:00 14:00",
            "B1 canteen 13:05 14:00",
            "B2 canteen 13:10 14:00",
            "A2 own-word 10/13:00 14:00",
            "B3 own-word 10/13:05 14:00",
            "C1 market 16:00 17:00",
            "V1 market 16:10 17:00",
            "V2 market 16:20 17:00",
            "A1 - 18:00 19:00",
            "A2 park 20:00 -",
            "V1 park 21:00 22:00",
        ),
        "locations": pd.DataFrame(
            {
                "location_id": ["office", "canteen", "own-word", "market", "park", "home1"],
                "name": ["Name of office", *(f"Name {n}" for n in range(5))],
                "kind": ["office", "office", "Wang's workshop", "market", "park", "home"],
                "area_id": ["east", "east", "west", "west", None, "west"],
                "key_holder": ["holder of office", None, None, None, None, "holder of home1"],
            }
        ),
        "persons": pd.DataFrame(
            {
                "person_id": ["C1", "C2", "A1", "A2", "K1", "B1", "A1-again", "V1", "outside"],
                "name": [f"Name of {p}" for p in ("C1", "C2", "A1", "A2", "K1", "B1")]
                + ["Name of A1", "Name of V1", "Name of somebody outside"],
                "home_id": ["home1", None, None, None, "home1", None, None, "home9", None],
                "same_as": [*[None] * 6, "A1", None, None],
                "remark": ["remark of C1", *[None] * 8],
            }
        ),
        "contacts": pd.DataFrame(
            {
                "person_id": ["C1"],
                "contact_id": ["R1"],
                "start": ["2022-05-09 18:00"],
                "end": ["2022-05-09 19:00"],
            }
        ),
        "areas": pd.DataFrame(
            {
                "area_id": ["county", "east", "west"],
                "parent_id": [None, "county", "county"],
                "level": ["county", "community", "community"],
                "name": ["Name of county", "Name of east", "Name of west"],
            }
        ),
    }


def graph(**changed: pd.DataFrame) -> tg.TraceGraph:
    """Graph of `tables`, some of them changed."""
    return tg.TraceGraph(**{**tables(), **changed}, tz="Asia/Shanghai")


def trace(**changed: pd.DataFrame):
    """Trace of that graph by china-8, as of the evening of 12 May."""
    return graph(**changed).trace("china-8", as_of="2022-05-12 18:00")


def ranked(n_contacts: int, n_further: int, *, rows: int = 1) -> tg.TraceGraph:
    """One case who met `n_contacts`, each of whom met others; `rows` exposures a contact."""
    met = [
        (f"A{k}", "office", f"2022-05-09 {8 + turn // 2:02d}:{30 * (turn % 2):02d}")
        for k in range(n_contacts)
        for turn in range(rows)
    ]
    case = sorted({(("C1"), "office", start) for _, _, start in met})
    further = [
        (who, f"home{k % n_contacts}", "2022-05-10 19:00")
        for k in range(n_further)
        for who in (f"A{k % n_contacts}", f"B{k}")
    ]
    stays = pd.DataFrame(
        list(dict.fromkeys([*case, *met, *further])), columns=["person_id", "location_id", "arrive"]
    )
    stays["depart"] = pd.to_datetime(stays["arrive"]) + pd.Timedelta(minutes=20)
    places = stays["location_id"].unique()
    kinds = ["home" if place.startswith("home") else "office" for place in places]
    return tg.TraceGraph(
        cases=pd.DataFrame({"person_id": ["C1"], "onset": ["2022-05-09 06:00"]}),
        visits=stays,
        locations=pd.DataFrame({"location_id": places, "kind": kinds}),
        tz="Asia/Shanghai",
    )
