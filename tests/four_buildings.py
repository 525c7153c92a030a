"""A county of four buildings, drawn by hand, with the labels it must get."""

from dataclasses import dataclass, field

import pandas as pd

import tracegraph as tg
from tracegraph.protocols.protocol import (
    WORKING_VALUE,
    Condition,
    Criterion,
    Kind,
    Protocol,
    Provenance,
    Release,
    Tier,
    Window,
    Zone,
    Zones,
)

# county C > township T > compounds K1 (buildings B1, B2) and K2 (B3, B4); county D > compound K9
AREAS = [
    ("C", None, "county", 900.0, None),
    ("T", "C", "township", None, None),
    ("K1", "T", "compound", None, "control"),
    ("K2", "T", "compound", None, None),
    ("B1", "K1", "building", None, None),
    ("B2", "K1", "building", None, "lockdown"),
    ("B3", "K2", "building", None, None),
    ("B4", "K2", "building", None, None),
    ("D", None, "county", None, None),
    ("K9", "D", "compound", None, None),
]
PLACES = [
    ("H1", "home", "B1", None),
    ("H2", "home", "B2", None),
    ("H3", "home", "B3", None),
    ("W", "office", "B4", None),
    ("W-room", "office", None, "W"),
    ("M", "market", "B4", None),
    ("SITE", "isolation_site", "B3", None),
    ("ROOM", "office", None, "SITE"),
    ("TRAIN", "train", None, None),
]
PEOPLE = [
    ("case", "H1"),
    ("wife", "H1"),
    ("mate", "H2"),
    ("aunt", "H3"),
    ("uncle", "H3"),
    ("clerk", "H3"),
]
LEVEL = {"levels": ("compound",)}


def criterion(evidence, at_least, clause, levels=(), **also):
    more = tuple(Condition(evidence=name, at_least=least) for name, least in also.items())
    return Criterion(evidence=evidence, at_least=at_least, clause=clause, levels=levels, also=more)


def protocol(**changes):
    zones = {
        "lockdown": Zone(
            name="封控区",
            criteria=(criterion("cases_resident_infectious", 1, "home clause", ("compound",)),),
        ),
        "control": Zone(
            name="管控区", criteria=(criterion("case_minutes", 60, "workplace clause"),)
        ),
        "precaution": Zone(
            name="防范区", criteria=(criterion("cases_stayed", 1, "county clause", ("county",)),)
        ),
        "release": Release(
            clause="release clause",
            days_without_case=14,
            contact_days=14,
            screening_days=2,
            then="precaution",
        ),
    }
    return Protocol(
        name="by-hand",
        title="By hand",
        window=Window(look_back_days=2),
        tier=(Tier(name="close contact", clause="1"), Tier(name="secondary contact", clause="2")),
        kind={
            "market": Kind(place="venue"),
            "isolation_site": Kind(place="venue"),
            "train": Kind(place="venue"),
        },
        zones=Zones(**(zones | changes)),
        provenance={
            "zones.control.criteria.0.at_least": Provenance(
                source=WORKING_VALUE, confidence="working"
            )
        },
    )


@dataclass
class County:
    cases: list = field(default_factory=lambda: [("case", "2022-05-09 08:00", "2022-05-10 12:00")])
    visits: list = field(default_factory=list)
    isolations: list = field(default_factory=list)
    tests: list = field(default_factory=list)
    areas: list = field(default_factory=lambda: AREAS)
    places: list = field(default_factory=lambda: PLACES)
    people: list = field(default_factory=lambda: PEOPLE)
    more: dict = field(default_factory=dict)

    def zones(self, as_of="2022-05-12 18:00", by=None):
        frame = pd.DataFrame
        cases = frame(self.cases, columns=["person_id", "sampled", "isolated"]).assign(**self.more)
        tables = {
            "cases": cases,
            "areas": frame(
                self.areas, columns=["area_id", "parent_id", "level", "population", "zone"]
            ),
            "locations": frame(
                self.places, columns=["location_id", "kind", "area_id", "parent_id"]
            ),
            "persons": frame(self.people, columns=["person_id", "home_id"]),
            "visits": frame(self.visits, columns=["person_id", "location_id", "arrive", "depart"]),
            "isolations": frame(
                self.isolations, columns=["person_id", "start", "end", "kind", "site_id"]
            ),
            "tests": frame(
                [(*row, None)[:5] for row in self.tests],
                columns=["person_id", "sampled", "result", "reported", "pool_id"],
            ),
        }
        graph = tg.TraceGraph(
            **{name: table for name, table in tables.items() if len(table)}, tz="Asia/Shanghai"
        )
        trace = graph.trace(by or protocol(), as_of=as_of)
        return trace.zones().set_index("area_id", drop=False)


def labels(zones):
    return zones["required"].astype(str).to_dict()


AT_WORK = [
    ("case", "W-room", "2022-05-09 09:00", "2022-05-09 12:00"),
    ("mate", "W-room", "2022-05-09 10:00", "2022-05-09 11:30"),
    ("case", "M", "2022-05-09 13:00", "2022-05-09 13:20"),
    ("aunt", "M", "2022-05-09 13:05", "2022-05-09 13:15"),
    ("uncle", "M", "2022-05-09 13:05", "2022-05-09 13:15"),
]
