"""A trace made up of frames alone: what the page and the networks read, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pandas as pd

from tracegraph.protocols.protocol import Kind, Protocol, Tier, Window

ZONE = "Asia/Shanghai"
START = pd.Timestamp("2022-05-06 07:00", tz=ZONE)
HOSTILE = (
    "</script><img src=x onerror=alert(1)>",
    "\"'><svg onload=alert(2)>",
    "line\u2028break\u2029end",
    "{{7*7}}{% raw %}",
    "\u202egnitset\u202c",
    "<!--<script>",
    "`${document.title='owned'}`",
    "a&amp;b\\u003c\x00\x07",
)
PROTOCOL = Protocol(
    name="stand-in",
    title="Stand-in protocol",
    window=Window(look_back_days=2),
    tier=(
        Tier(name="close contact", clause="Part 1, clause 2", quarantine_days=7),
        Tier(name="secondary contact", clause="Part 1, clause 3", quarantine_days=7),
    ),
    kind={"market": Kind(place="venue"), "office": Kind(), "class": Kind(), "home": Kind()},
)


@dataclass
class StandIn:
    """Frames of a trace."""

    tiers: pd.DataFrame
    rows: pd.DataFrame
    graph: SimpleNamespace
    protocol: Protocol = PROTOCOL
    as_of: pd.Timestamp = field(default_factory=lambda: pd.Timestamp("2022-05-12 18:00", tz=ZONE))

    def exposures(
        self,
        tier: int | None = None,
        person: object = None,
        location: object = None,
    ) -> pd.DataFrame:
        rows = self.rows
        if tier is not None:
            rows = rows[rows["tier"] == tier]
        if person is not None:
            rows = rows[rows["contact_id"] == person]
        if location is not None:
            rows = rows[rows["location_id"] == location]
        return rows.reset_index(drop=True)


class _World:
    def __init__(self, seed: int, rename) -> None:
        self.rng = np.random.default_rng(seed)
        self.rename = rename
        self.people: dict[str, int] = {}
        self.places: dict[str, str] = {}
        self.rows: list[dict] = []

    def person(self, tier: int) -> str:
        name = self.rename(f"P{len(self.people) + 100:04d}")
        self.people[name] = tier
        return name

    def place(self, kind: str) -> str:
        name = self.rename(f"L{len(self.places) + 500:04d}")
        self.places[name] = kind
        return name

    def meet(self, source: str, contact: str, place: str | None, tier: int, how="visit") -> None:
        start = START + pd.Timedelta(minutes=int(self.rng.integers(0, 5 * 24 * 60)))
        minutes = int(self.rng.integers(15, 300))
        self.rows.append(
            {
                "contact_id": contact,
                "tier": tier,
                "source_id": source,
                "location_id": place,
                "start": start,
                "end": start + pd.Timedelta(minutes=minutes),
                "minutes": np.nan if how == "reported" else float(minutes),
                "minutes_together": np.nan if how == "reported" else float(minutes),
                "class": {"visit": "close", "co_residence": "household"}.get(how, "reported"),
                "channel": how,
                "certainty": "certain" if self.rng.random() < 0.8 else "possible",
                "clause": PROTOCOL.tier[tier - 1].clause,
            }
        )


def made_up_trace(
    cases: int = 4, close: int = 70, secondary: int = 190, *, seed: int = 1, hostile: bool = False
) -> StandIn:
    """Outbreak with `cases` cases, as frames; hostile ids and names where asked."""
    ids: dict[str, str] = {}

    def rename(plain: str) -> str:
        if not hostile:
            return plain
        return ids.setdefault(plain, f"{HOSTILE[len(ids) % len(HOSTILE)]}{plain}")

    world = _World(seed, rename)
    rng = world.rng
    sources = [world.person(0) for _ in range(cases)]
    shared = [world.place(kind) for kind in ("workshop", "class", "office", "market")]
    contacts = [world.person(1) for _ in range(close)]
    homes = {case: world.place("home") for case in sources}
    for n, contact in enumerate(contacts):
        case = sources[int(rng.integers(cases))]
        if n < 3 * cases:
            case = sources[n % cases]
            world.meet(case, contact, homes[case], 1, "co_residence")
        elif n % 11 == 0:
            world.meet(case, contact, None, 1, "reported")
        else:
            world.meet(case, contact, shared[int(rng.integers(len(shared)))], 1)
            if rng.random() < 0.2:
                world.meet(sources[int(rng.integers(cases))], contact, shared[0], 1)
    for source, other in pairwise(sources):
        world.meet(source, other, shared[int(rng.integers(len(shared)))], 1)
    meeting = {c: [world.place("home" if rng.random() < 0.7 else "office")] for c in contacts}
    for _ in range(secondary):
        contact = contacts[int(rng.integers(close) * rng.random())]
        world.meet(contact, world.person(2), meeting[contact][0], 2)
    return _finish(world, hostile=hostile)


def _finish(world: _World, *, hostile: bool) -> StandIn:
    rows = pd.DataFrame(world.rows)
    rows["start"] = rows["start"].astype(f"datetime64[s, {ZONE}]")
    rows["end"] = rows["end"].astype(f"datetime64[s, {ZONE}]")
    people = pd.Series(world.people)
    by = rows.sort_values("start").groupby("contact_id")
    tiers = pd.DataFrame({"person_id": people.index, "tier": people.to_numpy("int8")})
    first = by.first().reindex(tiers["person_id"]).reset_index(drop=True)
    last = by["end"].max().reindex(tiers["person_id"]).reset_index(drop=True)
    tiers["tier"] = tiers["tier"].astype("Int8")
    tiers["certainty"] = first["certainty"].fillna("certain")
    tiers["contact_tier"] = first["tier"].astype("Int8")
    tiers["tier_certain"] = tiers["tier"].where(tiers["certainty"] == "certain")
    tiers["class"] = first["class"]
    tiers["first_exposure"] = first["start"]
    tiers["last_exposure"] = last
    tiers["n_sources"] = by["source_id"].nunique().reindex(tiers["person_id"]).fillna(0).array
    tiers["minutes"] = by["minutes"].sum().reindex(tiers["person_id"]).array
    tiers["source_id"] = first["source_id"]
    tiers["location_id"] = first["location_id"]
    tiers["clause"] = first["clause"]
    until = last.dt.tz_localize(None).dt.normalize() + pd.Timedelta(days=7)
    tiers["quarantine_until"] = until.where(tiers["tier"] > 0)
    tiers["ongoing"] = False
    tiers = tiers.sort_values(["tier", "person_id"], ignore_index=True)
    secret = HOSTILE[0] if hostile else "Secret"
    locations = pd.DataFrame(
        {"location_id": list(world.places), "kind": list(world.places.values())}
    )
    locations["name"] = [f"{secret} house {n} é" for n in range(len(locations))]
    locations["lat"], locations["lon"] = 31.234567, 121.456789
    locations["address"] = [f"{secret} road {n}" for n in range(len(locations))]
    persons = pd.DataFrame({"person_id": list(world.people)})
    persons["name"] = [f"{secret} person {n} 王" for n in range(len(persons))]
    persons["home_id"] = locations["location_id"].iloc[-1]
    persons["remark"] = f"{secret} remark"
    visits = rows.dropna(subset=["location_id"])[["contact_id", "location_id", "start", "end"]]
    visits.columns = pd.Index(["person_id", "location_id", "arrive", "depart"])
    visits = visits.reset_index(drop=True)
    aliases = pd.DataFrame(columns=["person_id", "same_as"])
    graph = SimpleNamespace(locations=locations, persons=persons, visits=visits, aliases=aliases)
    return StandIn(tiers=tiers, rows=rows, graph=graph)
