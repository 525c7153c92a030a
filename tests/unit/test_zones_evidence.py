"""Evidence of areas against a program that walks through every minute and every area."""

import pandas as pd
from hypothesis import given, settings, strategies as st

import tracegraph as tg
from tracegraph.protocols.protocol import (
    Criterion,
    Kind,
    Protocol,
    ReportedContact,
    Tier,
    Window,
    Zone,
    Zones,
)

PARENT = {"C": None, "T": "C", "K1": "T", "K2": "T", "B1": "K1", "B2": "K1", "E": None}
AREA_OF = {"H1": "B1", "H2": "B2", "H3": "K2", "W": "B2", "M": "K2", "S": "E", "X": "K2"}
ACTIVITY = {"W", "M"}
KIND = {"W": "office", "M": "market", "S": "isolation_site", "X": "street"}
PEOPLE = ["a", "b", "c", "d", "e"]
ORIGIN = pd.Timestamp("2022-05-09", tz="Asia/Shanghai")
HOURS = 72
RULE = Protocol(
    name="p",
    title="P",
    window=Window(look_back_days=1),
    tier=(Tier(name="close contact", clause="1"), Tier(name="secondary contact", clause="2")),
    kind={"market": Kind(place="venue"), "street": Kind(place="venue")},
    contact={"passing": ReportedContact(place="venue")},
    zones=Zones(
        control=Zone(
            name="control",
            criteria=(Criterion(evidence="cases_stayed", at_least=1, clause="x"),),
        )
    ),
)


def moment(hour):
    return (ORIGIN + pd.Timedelta(hours=hour)).tz_localize(None)


def hours(frame):
    """Rows with hours instead of moments: every time drawn is a whole hour."""
    return [
        {
            **row,
            **{
                name: int((row[name] - ORIGIN) / pd.Timedelta(hours=1)) for name in ("start", "end")
            },
        }
        for row in frame.to_dict("records")
    ]


@st.composite
def worlds(draw):
    home = {person: draw(st.sampled_from(["H1", "H2", "H3", None])) for person in PEOPLE}
    n_cases = draw(st.integers(1, 3))
    cases = [
        (PEOPLE[i], draw(st.integers(20, 50)), draw(st.booleans()), draw(st.booleans()))
        for i in range(n_cases)
    ]
    span = st.tuples(st.integers(0, HOURS - 1), st.integers(1, 30))
    stays = draw(
        st.lists(
            st.tuples(st.sampled_from(PEOPLE), st.sampled_from(list(AREA_OF)), span), max_size=12
        )
    )
    isolations = draw(
        st.lists(
            st.tuples(
                st.sampled_from(PEOPLE), span, st.sampled_from(["central", "home", "hospital"])
            ),
            max_size=3,
        )
    )
    listed = draw(st.sets(st.sampled_from(PEOPLE), min_size=3))
    named = draw(st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)), max_size=2))
    named = [(one, other) for one, other in named if one != other]
    said = st.sampled_from(["positive", "negative", "pending"])
    hour = st.integers(24, HOURS - 1)
    tests = draw(st.lists(st.tuples(st.sampled_from(PEOPLE), hour, said), max_size=5))
    return home, cases, stays, isolations, listed, named, tests


def told(hour):
    """As text: a datetime column of midnights alone would be read as dates."""
    return str(moment(hour))


def trace_of(world):
    home, cases, stays, isolations, listed, named, tests = world
    tables = {
        "cases": pd.DataFrame(
            [
                {
                    "person_id": person,
                    "sampled": told(at),
                    "imported": imported,
                    "found_in": "checkpoint" if on_arrival else "clinic",
                }
                for person, at, imported, on_arrival in cases
            ]
        ),
        "persons": pd.DataFrame(
            [
                {"person_id": p, "home_id": home[p], "vulnerable": "Yes" if p in "bd" else "no"}
                for p in PEOPLE
                if p in listed
            ]
        ),
        "contacts": pd.DataFrame(
            [
                {"person_id": one, "contact_id": other, "start": told(HOURS - 1), "kind": "passing"}
                for one, other in named
            ]
        ),
        "locations": pd.DataFrame(
            {
                "location_id": list(AREA_OF),
                "area_id": list(AREA_OF.values()),
                "kind": [KIND.get(place, "home") for place in AREA_OF],
            }
        ),
        "tests": pd.DataFrame(
            [
                {"person_id": p, "sampled": told(at), "result": said, "reported": told(at)}
                for p, at, said in tests
            ]
        ),
        "areas": pd.DataFrame({"area_id": list(PARENT), "parent_id": list(PARENT.values())}),
        "visits": pd.DataFrame(
            [
                {
                    "person_id": person,
                    "location_id": place,
                    "arrive": told(start),
                    "depart": told(start + length),
                }
                for person, place, (start, length) in stays
            ]
        ),
        "isolations": pd.DataFrame(
            [
                {
                    "person_id": person,
                    "start": told(start),
                    "end": told(start + length),
                    "kind": kind,
                    "site_id": "S" if kind == "central" else None,
                }
                for person, (start, length), kind in isolations
            ]
        ),
    }
    graph = tg.TraceGraph(
        **{name: table for name, table in tables.items() if len(table)}, tz="Asia/Shanghai"
    )
    return graph.trace(RULE, as_of=moment(HOURS))


def days_at(stays, person, place):
    """On how many days somebody came to a place."""
    return len({start // 24 for who, at, (start, _) in stays if (who, at) == (person, place)})


def within(place, area):
    at = AREA_OF.get(place)
    while at is not None and at != area:
        at = PARENT[at]
    return at == area


def during(rows, person, *, place=None):
    return {
        hour
        for row in rows
        if row["person_id"] == person and (place is None or row["location_id"] == place)
        for hour in range(row["start"], row["end"])
    }


def was_away(isolations, person, hour):
    return any(
        who == person and kind != "home" and start <= hour < start + length
        for who, (start, length), kind in isolations
    )


def stays_that_count(trace, isolations):
    """Hours of (case, place): in the default window, and not at the own site."""
    windows = hours(trace.windows[["person_id", "start", "end"]])
    return [
        (row["person_id"], row["location_id"], row["start"], hour)
        for row in hours(trace.case_presence())
        for hour in range(row["start"], row["end"])
        if hour in during(windows, row["person_id"])
        and not any(
            who == row["person_id"]
            and kind == "central"
            and row["location_id"] == "S"
            and row["start"] // 24 >= start // 24
            for who, (start, _), kind in isolations
        )
    ]


def left_behind(isolations, row, home):
    """End of an exposure, cut at isolations of the contact that last beyond it (RULE 28)."""
    end, is_cut = row["end"], True
    while is_cut:
        is_cut = False
        for who, (start, length), kind in isolations:
            stays = {"home": home[who], "central": "S"}.get(kind)
            if (
                who == row["contact_id"]
                and row["location_id"] != stays
                and (row["start"] < start < end <= start + length)
            ):
                end, is_cut = start, True
    return end


def was_home(trace, world, stayed, person):
    home, cases, stays, *_ = world
    if any(who == person and place == home[person] for who, place, _, _ in stayed):
        return True
    presence = hours(trace.case_presence())
    places = [place for place in AREA_OF if place != home[person]]
    elsewhere = {h for place in places for h in during(presence, person, place=place)}
    free = during(hours(trace.home_windows), person) - elsewhere
    _, _, imported, on_arrival = next(case for case in cases if case[0] == person)
    if not imported:
        return bool(free)
    seen = [start for who, _, (start, _) in stays if who == person]
    if not seen:
        return bool(free) and not on_arrival
    return any(hour % 24 == 3 and hour >= min(seen) for hour in free)


def found_positive(world):
    """First positive specimen of people without a case, who were at home then or a day before."""
    _, cases, _, isolations, _, _, tests = world
    listed = {case[0] for case in cases}
    found = {}
    for person, at, said in tests:
        at_home = any(not was_away(isolations, person, hour) for hour in (at, at - 24))
        if said == "positive" and person not in listed and at_home:
            found[person] = min(at, found.get(person, at))
    return found


def exposed_last(rows, ends, cases):
    """Contacts who are no cases, of the last day on which one of them was exposed."""
    met = {(row["contact_id"], end) for row, end in zip(rows, ends, strict=True)}
    met = {(who, end) for who, end in met if who not in cases}
    last = max(((end - 1) // 24 for _, end in met), default=None)
    latest = {}
    for who, end in met:
        if (end - 1) // 24 == last:
            latest[who] = max(end, latest.get(who, end))
    return sorted(latest.items())


def found_negative(tests, person, since):
    return min((at for p, at, said in tests if (p, said) == (person, "negative") and at >= since),
               default=None)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(worlds())
def test_evidence_is_what_a_walk_through_every_hour_finds(world):
    home, cases, stays, isolations, listed, named, tests = world
    home = {person: home[person] if person in listed else None for person in PEOPLE}
    world = (home, *world[1:])
    trace = trace_of(world)
    zones = trace.zones().set_index("area_id")
    stayed = stays_that_count(trace, isolations)
    at_home = {case[0] for case in cases if was_home(trace, world, stayed, case[0])}
    sampled = {person: at for person, at, _, _ in cases}
    unlisted = found_positive(world)
    tier = trace.tiers.set_index("person_id")["tier"].to_dict()
    rows = [row for row in hours(trace.exposures(tier=1)) if row["class"] != "inside_isolation"]
    met = [
        row
        for row in hours(trace.venue_contacts)
        if not was_away(isolations, row["source_id"], row["start"])
    ]
    for area in PARENT:
        resident = {case[0] for case in cases if within(home[case[0]], area)}
        guests = {who for who, place, _, _ in stayed if within(place, area)}
        counting = (resident & (at_home | guests)) | guests
        here = [row for row in rows if within(row["location_id"], area)]
        theirs = [row for row in rows if within(home[row["contact_id"]], area)]
        ends = [left_behind(isolations, row, home) for row in here + theirs]
        active = [row for row in here if row["location_id"] in ACTIVITY]
        unnamed = {
            row["person_id"]
            for row in met
            if within(row["location_id"], area) and row["location_id"] in ACTIVITY
            and all(row["person_id"] not in pair for pair in named)
            and days_at(stays, row["person_id"], row["location_id"]) < 3
        } | {row["contact_id"] for row in active if row["contact_id"] not in listed}  # fmt: skip
        expected = {
            "cases_resident": len(resident),
            "cases_resident_infectious": len(resident & (at_home | guests)),
            "positives_resident": sum(within(home[p], area) for p in unlisted),
            "contacts_untested": sum(
                found_negative(tests, who, end) is None
                for who, end in exposed_last(here + theirs, ends, sampled)
            ),
            "cases_stayed": len(guests),
            "case_minutes": 60 * sum(within(place, area) for _, place, _, _ in stayed),
            "activity_minutes": 60
            * sum(within(p, area) and p in ACTIVITY for _, p, _, _ in stayed),
            "activity_contacts": len({row["contact_id"] for row in active}),
            "hard_to_trace": len(unnamed),
            "vulnerable": sum(within(home[p], area) for p in "bd"),
            "exposures": len(here),
            "close_contacts_exposed": len({row["contact_id"] for row in here}),
            "close_contacts_resident": sum(
                tier.get(p) == 1 and within(home[p], area) for p in PEOPLE
            ),
            "secondary_contacts_resident": sum(
                tier.get(p) == 2 and within(home[p], area) for p in PEOPLE
            ),
            "venue_contacts": len(
                {row["person_id"] for row in met if within(row["location_id"], area)}
            ),
            "population": sum(within(home[p], area) for p in PEOPLE),
            "households": len({home[p] for p in PEOPLE if within(home[p], area)}),
        }
        found = zones.loc[area, list(expected)].to_dict()
        assert found == expected, area
        moments = [sampled[who] for who in counting]
        moments += [at for p, at in unlisted.items() if within(home[p], area)]
        last_case = moment(max(moments)) if moments else None
        assert _plain(zones.loc[area, "last_case"]) == last_case, area
        assert _plain(zones.loc[area, "last_exposure"]) == (moment(max(ends)) if ends else None)
        assert zones.loc[area, "ongoing"] == (HOURS in ends)
        cleared = [
            found_negative(tests, who, end)
            for who, end in exposed_last(here + theirs, ends, sampled)
        ]
        at = None if None in cleared or not cleared else moment(max(cleared))
        assert _plain(zones.loc[area, "contacts_cleared"]) == at, area


def _plain(stamp):
    return None if pd.isna(stamp) else stamp.tz_localize(None)
