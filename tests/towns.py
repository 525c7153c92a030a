"""A small town drawn by hand, for plans of zones: 3 compounds of 6 buildings, 10 people each.

County C > townships T1, T2; T1 > compounds K1 (buildings B1 to B3) and K2 (B4, B5);
T2 > K3 (B6). The buildings stand in a row and adjoin one another in this order.
"""

import pandas as pd

import tracegraph as tg

AREAS = [
    ("C", None, "county"),
    ("T1", "C", "township"),
    ("T2", "C", "township"),
    ("K1", "T1", "compound"),
    ("K2", "T1", "compound"),
    ("K3", "T2", "compound"),
    *((f"B{n}", f"K{k}", "building") for n, k in ((1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (6, 3))),
]
BUILDINGS = [f"B{n}" for n in range(1, 7)]
ROW = pd.DataFrame({"area_id": BUILDINGS[:-1], "neighbour_id": BUILDINGS[1:]})
"""Each building adjoins the next."""

NOWHERE_ILL = pd.DataFrame({"person_id": ["stranger"], "onset": ["2022-05-09 08:00"]})
"""A case of whom no area knows anything."""


def tables(**changed):
    """Tables of the town; the case is a stranger unless `cases` says otherwise."""
    people = [(f"{b}-{n}", f"H-{b}-{n // 5}") for b in BUILDINGS for n in range(10)]
    homes = sorted({home for _, home in people})
    found = {
        "cases": NOWHERE_ILL,
        "visits": pd.DataFrame(columns=["person_id", "location_id", "arrive"]),
        "persons": pd.DataFrame(people, columns=["person_id", "home_id"]),
        "locations": pd.DataFrame({
            "location_id": homes,
            "kind": "home",
            "area_id": [home.split("-")[1] for home in homes],
        }),
        "areas": pd.DataFrame(AREAS, columns=["area_id", "parent_id", "level"]),
    }  # fmt: skip
    return {name: table for name, table in {**found, **changed}.items() if table is not None}


def graph(**changed):
    return tg.TraceGraph(**tables(**changed), tz="Asia/Shanghai")


def trace(protocol="china-8", as_of="2022-05-10 20:00", **changed):
    return graph(**changed).trace(protocol, as_of=as_of)


def zones_in_force(*rows):
    """`zone_history` of rows (area_id, zone, order)."""
    frame = pd.DataFrame(list(rows), columns=["area_id", "zone", "order"])
    return frame.assign(start="2022-05-09 00:00")


def risk(**given):
    """Expected infections by building; none elsewhere."""
    return pd.Series({b: float(given.get(b, 0.0)) for b in BUILDINGS}, name="risk")


def planned(plan):
    """Label of each building, in the order of the row."""
    labels = plan.areas.set_index("area_id")["planned"]
    return [str(labels[b]) for b in BUILDINGS]
