"""The synthetic county as tables: codes become ids, seconds become local times."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tracegraph.datasets import residents as people
from tracegraph.datasets.screening import LATER_ROUND_DAYS, ROUND_DAYS, opening
from tracegraph.datasets.stays import (
    DAY,
    END,
    HOUR,
    INTERVIEW,
    NO_RECORD,
    QR,
    RECORDS,
    START,
    STILL,
    Stays,
    join,
)
from tracegraph.datasets.venues import PREFIX

if TYPE_CHECKING:
    import numpy.typing as npt

    from tracegraph.datasets.checkpoints import Checkpoints
    from tracegraph.datasets.imported import Isolated
    from tracegraph.datasets.residents import Residents
    from tracegraph.datasets.screening import Found, Reports, Rounds
    from tracegraph.datasets.settlement import Floats, Ints, Settlement
    from tracegraph.datasets.transmission import Infection
    from tracegraph.datasets.venues import Venues
    from tracegraph.datasets.zone_orders import ZoneOrder

_LEVEL_NAMES = {
    "county": "Synthetic county",
    "township": "Township",
    "community": "Community",
    "village": "Village",
    "compound": "Compound",
    "building": "Building",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """All that the tables are made of."""

    settlement: Settlement
    residents: Residents
    venues: Venues
    stays: Stays
    seat: npt.NDArray[np.str_]
    no_check_out: Ints
    isolated: Isolated
    found: Found
    rounds: Rounds
    reports: Reports
    infections: list[Infection]
    end: int = END


def tabulate(parts: Parts, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Make the tables, by name."""
    person_ids = _numbered("P", parts.settlement.n_people, 6)
    place_ids = _place_ids(parts.venues)
    area_ids = _numbered("A", parts.settlement.level.size, 5)
    return {
        "cases": _cases(parts, person_ids),
        "visits": _visits(parts, person_ids, place_ids),
        "locations": _locations(parts, place_ids, area_ids, rng),
        "persons": _persons(parts, person_ids, place_ids),
        "contacts": _contacts(parts, person_ids, place_ids),
        "isolations": _isolations(parts, person_ids, place_ids),
        "tests": _tests(parts, person_ids),
        "areas": _areas(parts, area_ids, rng),
    }


def truth(parts: Parts) -> pd.DataFrame:
    """Make the table of simulated onward infections."""
    person_ids = _numbered("P", parts.settlement.n_people, 6)
    place_ids = _place_ids(parts.venues)
    rows = parts.infections
    return pd.DataFrame(
        {
            "infector": _take(person_ids, np.array([r.infector for r in rows], dtype=np.int64)),
            "infected": _take(person_ids, np.array([r.infected for r in rows], dtype=np.int64)),
            "time": _times(np.array([r.time for r in rows], dtype=np.int64)),
            "location_id": _take(place_ids, np.array([r.place for r in rows], dtype=np.int64)),
        }
    )


def tabulate_orders(parts: Parts, zones: list[ZoneOrder]) -> dict[str, pd.DataFrame]:
    """Make the tables of what the county ordered: zones, measures over all of it, rounds."""
    county = _numbered("A", parts.settlement.level.size, 5)[:1]
    area_ids = _numbered("A", parts.settlement.level.size, 5)
    days = [day for day in (*ROUND_DAYS, *LATER_ROUND_DAYS) if day * DAY < parts.end]
    hours = np.array([opening(day) for day in days])
    begin = np.array(days)[:, None] * DAY + hours * HOUR
    return {
        "zone_history": pd.DataFrame(
            {
                "area_id": _take(area_ids, np.array([row.area for row in zones])),
                "zone": pd.Series([row.zone for row in zones], dtype="str"),
                "start": _times(np.array([row.start for row in zones])),
                "end": _times(ends := np.array([row.end for row in zones]), missing=ends < 0),
                "order": pd.Series([f"No. {row.order}" for row in zones], dtype="str"),
                "recorded": _times(np.array([row.start for row in zones])),
            }
        ),
        "measures": pd.DataFrame(
            {
                "area_id": county,
                "kind": pd.Series(["static_management"], dtype="str"),
                "start": _dates(np.array([STILL * DAY])),
                "end": pd.Series([None], dtype="str"),
            }
        ),
        "rounds": pd.DataFrame(
            {
                "round_id": _numbered("R", len(days), 1),
                "area_id": county.repeat(len(days)),
                "start": _times(begin[:, 0]),
                "end": _times(begin[:, 1]),
            }
        ),
    }


def add_checkpoints(
    locations: pd.DataFrame, settlement: Settlement, checkpoints: Checkpoints
) -> pd.DataFrame:
    """Locations, and below them the checkpoints."""
    area_ids = _numbered("A", settlement.level.size, 5)
    count = len(checkpoints.name)
    added = pd.DataFrame(
        {
            "location_id": _numbered(PREFIX["checkpoint"], count, 5),
            "name": pd.Series(checkpoints.name, dtype="str"),
            "kind": pd.Series(["checkpoint"] * count, dtype="str"),
            "lat": checkpoints.lat,
            "lon": checkpoints.lon,
            "area_id": _take(area_ids, checkpoints.area),
            "parent_id": pd.Series([None] * count, dtype="str"),
        }
    )
    return pd.concat([locations, added], ignore_index=True)


def _numbered(prefix: str, count: int, digits: int) -> pd.Index[str]:
    return pd.Index([f"{prefix}{i:0{digits}}" for i in range(1, count + 1)], dtype="str")


def _place_ids(venues: Venues) -> pd.Index[str]:
    named: list[str] = []
    used: dict[str, int] = {}
    for kind, count in zip(venues.places.kind, venues.places.count, strict=True):
        start = used.get(kind, 0)
        named += [f"{PREFIX[kind]}{start + i + 1:05}" for i in range(count)]
        used[kind] = start + count
    return pd.Index(named, dtype="str")


def _take(ids: pd.Index[str], codes: Ints) -> pd.Index[str]:
    """Ids of codes; -1 is missing."""
    if (codes >= 0).all():
        return ids.take(codes)
    return ids.take(codes, fill_value=None, allow_fill=True)


def _times(
    seconds: Ints, *, missing: npt.NDArray[np.bool_] | None = None
) -> pd.Series[pd.Timestamp]:
    values = START + seconds.astype("timedelta64[s]")
    if missing is not None:
        values[missing] = np.datetime64("NaT")
    return pd.Series(values)


def _dates(seconds: Ints) -> pd.Series[str]:
    """Dates as texts, so that they stay dates; missing where negative."""
    texts = np.datetime_as_string(START + seconds.astype("timedelta64[s]"), unit="D")
    return pd.Series(texts, dtype="str").where(pd.Series(seconds >= 0))


def _cases(parts: Parts, person_ids: pd.Index[str]) -> pd.DataFrame:
    found = parts.found
    is_isolated = found.is_isolated > 0
    return pd.DataFrame(
        {
            "case_id": _numbered("C", found.person.size, 3),
            "person_id": _take(person_ids, found.person),
            "onset": _dates(found.onset),
            "sampled": _times(found.sampled),
            "confirmed": _times(found.confirmed),
            "status": pd.Series(
                np.where(found.onset >= 0, "confirmed", "asymptomatic"), dtype="str"
            ),
            "isolated": _times(found.moved),
            "found_in": pd.Series(
                np.where(is_isolated, "isolation site", "screening"), dtype="str"
            ),
            "infected_by": pd.Series([None] * found.person.size, dtype="str"),
            "imported": found.is_imported > 0,
            "recorded": _times(found.confirmed),
        }
    )


def _visits(parts: Parts, person_ids: pd.Index[str], place_ids: pd.Index[str]) -> pd.DataFrame:
    stays, found, isolated = parts.stays, parts.found, parts.isolated
    until = np.full(parts.settlement.n_people, parts.end)
    until[found.person] = np.minimum(found.moved, parts.end)
    rooms = Stays.of(isolated.person, isolated.room, isolated.start, until[isolated.person])
    still = np.concatenate(
        [np.zeros(len(stays), dtype=bool), until[isolated.person] == parts.end]
    )  # in the room when the records end
    still[parts.no_check_out] = True
    everything = join([stays, rooms])
    seat = np.concatenate([parts.seat, np.full(len(rooms), "")])
    record = everything.record.copy()
    told = np.isin(everything.person, found.person) & np.isin(record, [NO_RECORD, QR])
    record[told], still[: len(stays)][told[: len(stays)]] = INTERVIEW, False
    order = np.argsort(everything.arrive, kind="stable")
    kinds = pd.Index([r or "" for r in RECORDS], dtype="str")
    return pd.DataFrame(
        {
            "person_id": _take(person_ids, everything.person[order]),
            "location_id": _take(place_ids, everything.place[order]),
            "arrive": _times(everything.arrive[order]),
            "depart": _times(everything.depart[order], missing=still[order]),
            "record": _blank(kinds.take(record[order])),
            "seat": _blank(pd.Index(seat[order], dtype="str")),
        }
    )


def _blank(texts: pd.Index[str]) -> pd.Series[str]:
    values = pd.Series(texts, dtype="str")
    return values.mask(values == "")


def _locations(
    parts: Parts, place_ids: pd.Index[str], area_ids: pd.Index[str], rng: np.random.Generator
) -> pd.DataFrame:
    places, settlement = parts.venues.places, parts.settlement
    community, parent = np.concatenate(places.community), np.concatenate(places.parent)
    area = _place_areas(settlement, community, parent, rng)
    lon, lat = _points(settlement.rectangle, area, rng)
    nested = parent >= 0
    lon[nested], lat[nested] = lon[parent[nested]], lat[parent[nested]]
    return pd.DataFrame(
        {
            "location_id": place_ids,
            "name": pd.Series([n for names in places.name for n in names], dtype="str"),
            "kind": pd.Series(np.repeat(places.kind, places.count), dtype="str"),
            "lat": lat,
            "lon": lon,
            "area_id": _take(area_ids, area),
            "parent_id": _take(place_ids, parent),
        }
    )


def _place_areas(
    settlement: Settlement, community: Ints, parent: Ints, rng: np.random.Generator
) -> Ints:
    """Find the building of each place; -1 on the road. A room is where its parent is."""
    homes = settlement.home_area.size
    first = np.searchsorted(settlement.community, np.arange(settlement.community_area.size + 1))
    size = np.diff(first)
    near = first[community] + (rng.random(community.size) * size[community]).astype(np.int64)
    area = np.where(community >= 0, settlement.home_area[near.clip(max=homes - 1)], -1)
    area[:homes] = settlement.home_area
    return np.where(parent >= 0, area[parent], area)


def _points(rectangle: Floats, area: Ints, rng: np.random.Generator) -> tuple[Floats, Floats]:
    box = rectangle[area]
    across, up = rng.uniform(0.1, 0.9, size=(2, area.size))
    lon = np.round(box[:, 0] + (box[:, 2] - box[:, 0]) * across, 6)
    lat = np.round(box[:, 1] + (box[:, 3] - box[:, 1]) * up, 6)
    on_road = area < 0
    lon[on_road], lat[on_road] = np.nan, np.nan
    return lon, lat


def _persons(parts: Parts, person_ids: pd.Index[str], place_ids: pd.Index[str]) -> pd.DataFrame:
    who = parts.residents
    employer = np.where(who.occupation == people.PUPIL, -1, parts.venues.daily)
    return pd.DataFrame(
        {
            "person_id": person_ids,
            "name": pd.Series(who.name, dtype="str"),
            "birth_year": people.YEAR - who.age,
            "sex": pd.Series(np.where(who.is_female, "F", "M"), dtype="str"),
            "home_id": _take(place_ids, parts.settlement.household),
            "employer_id": _take(place_ids, employer),
            "vulnerable": who.is_vulnerable,
            "disabled": who.is_disabled,
            "lives_alone": who.is_alone,
            "occupation": pd.Index(people.OCCUPATIONS, dtype="str").take(who.occupation),
        }
    )


def _contacts(parts: Parts, person_ids: pd.Index[str], place_ids: pd.Index[str]) -> pd.DataFrame:
    reports = parts.reports
    dated = pd.Series(reports.by_date > 0)

    def when(seconds: Ints) -> pd.Series[str]:
        texts = np.datetime_as_string(START + seconds.astype("timedelta64[s]"), unit="m")
        exact = pd.Series(texts, dtype="str").str.replace("T", " ")
        return exact.mask(dated, exact.str.slice(0, 10))

    return pd.DataFrame(
        {
            "person_id": _take(person_ids, reports.person),
            "contact_id": _take(person_ids, reports.contact),
            "start": when(reports.start),
            "end": when(reports.end),
            "kind": pd.Series(reports.kind, dtype="str"),
            "location_id": _take(place_ids, reports.place),
            "recorded": _times(reports.recorded),
        }
    )


def _isolations(parts: Parts, person_ids: pd.Index[str], place_ids: pd.Index[str]) -> pd.DataFrame:
    """Central isolation of the returnees; the cases are moved into hospital."""
    isolated, found = parts.isolated, parts.found
    never = np.iinfo(np.int64).max
    until = np.full(parts.settlement.n_people, never)
    until[found.person] = found.moved
    end = np.concatenate([until[isolated.person], np.full(found.person.size, never)])
    site = np.concatenate(parts.venues.places.parent)[isolated.room]
    start = np.concatenate([isolated.start, found.moved])
    return pd.DataFrame(
        {
            "person_id": _take(person_ids, np.concatenate([isolated.person, found.person])),
            "start": _times(start),
            "end": _times(np.where(end == never, 0, end), missing=end == never),
            "kind": pd.Series(
                np.repeat(["central", "hospital"], [site.size, found.person.size]), dtype="str"
            ),
            "site_id": _take(
                place_ids, np.concatenate([site, np.full(found.person.size, parts.venues.hospital)])
            ),
            "recorded": _times(start),
        }
    )


def _tests(parts: Parts, person_ids: pd.Index[str]) -> pd.DataFrame:
    rounds = parts.rounds
    pool = [
        f"R{r + 1}-{p + 1:05}" if p >= 0 else None
        for r, p in zip(rounds.round, rounds.pool, strict=True)
    ]
    return pd.DataFrame(
        {
            "test_id": _numbered("E", rounds.person.size, 6),
            "person_id": _take(person_ids, rounds.person),
            "sampled": _times(rounds.sampled),
            "reported": _times(rounds.reported),
            "result": pd.Index(["negative", "positive"], dtype="str").take(rounds.positive),
            "kind": pd.Series(["pcr"] * rounds.person.size, dtype="str"),
            "round_id": _numbered("R", 10, 1).take(rounds.round),
            "pool_id": pd.Series(pool, dtype="str"),
        }
    )


def _areas(parts: Parts, area_ids: pd.Index[str], rng: np.random.Generator) -> pd.DataFrame:
    settlement = parts.settlement
    box = np.round(settlement.rectangle, 6)
    level = pd.Series(settlement.level, dtype="str")
    number = level.groupby(level).cumcount() + 1
    ending = (" " + number.astype("str")).mask(level == "county", "")
    names = level.map(_LEVEL_NAMES).astype("str") + ending
    captain = rng.integers(settlement.n_people, size=level.size)
    return pd.DataFrame(
        {
            "area_id": area_ids,
            "parent_id": _take(area_ids, settlement.parent),
            "level": level,
            "name": names,
            "population": settlement.population,
            "households": settlement.households,
            "zone": pd.Series(["none"] * level.size, dtype="str"),
            "responsible": pd.Series(parts.residents.name[captain], dtype="str"),
            "geometry": pd.Series([_polygon(b) for b in box.tolist()], dtype="str"),
            "lat": (box[:, 1] + box[:, 3]) / 2,
            "lon": (box[:, 0] + box[:, 2]) / 2,
            "crs": pd.Series(["EPSG:4326"] * level.size, dtype="str"),
        }
    )


def _polygon(box: list[float]) -> str:
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]}, separators=(",", ":"))
