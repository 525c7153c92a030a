"""What a page knows: the contract between the columns and the script that reads them."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import tracegraph as tg
from outbreaks import PERSONS, tables, trace_of
from tracegraph.viz import evidence, journeys
from tracegraph.viz.page_text import inert_json
from tracegraph.viz.payload import payload

TABLES = ("persons", "places", "bubbles", "exposures", "venue", "stays", "windows")
POINTS = (  # index columns, and what they number
    ("persons", "home", "places"), ("persons", "parent", "persons"),
    ("persons", "link", "exposures"), ("persons", "bubble", "bubbles"),
    ("persons", "tier", "tiers"), ("persons", "class", "classes"),
    ("persons", "clause", "clauses"), ("persons", "area", "areas"),
    ("places", "kind", "kinds"), ("places", "area", "areas"),
    ("exposures", "contact", "persons"), ("exposures", "source", "persons"),
    ("exposures", "place", "places"), ("exposures", "class", "classes"),
    ("exposures", "clause", "clauses"), ("venue", "person", "persons"),
    ("venue", "source", "persons"), ("venue", "place", "places"),
    ("stays", "person", "persons"), ("stays", "place", "places"),
    ("windows", "person", "persons"),
)  # fmt: skip


@pytest.fixture(scope="module")
def county():
    return tg.datasets.county(seed=1).graph().trace("china-8", as_of="2022-05-12")


@pytest.fixture(scope="module")
def data(county):
    return payload(county, identities=True)


@pytest.fixture(scope="module")
def small():
    return payload(trace_of(tables()), identities=True)


def size(data, what):
    return len(next(iter(data[what].values()))) if what in TABLES else len(data[what])


def strict(data):
    def refuse(word):
        message = f"{word} is no JSON"
        raise ValueError(message)

    return json.loads(inert_json(data), parse_constant=refuse)


def person(data, name):
    return data["persons"]["id"].index(name)


@pytest.mark.parametrize("which", ["data", "small"])
def test_columns_are_of_one_length_and_numbers_point_into_their_tables(which, request):
    data = request.getfixturevalue(which)
    for table in TABLES:
        assert {len(column) for column in data[table].values()} == {size(data, table)}, table
    for table, column, what in POINTS:
        found = np.array(data[table][column], dtype=np.int64)
        assert ((found >= -1) & (found < size(data, what))).all(), (table, column)
    assert len(data["stays_of"]) == size(data, "persons")


@pytest.mark.parametrize("which", ["data", "small"])
def test_what_is_written_is_strict_json_and_the_same_when_read(which, request):
    data = request.getfixturevalue(which)
    assert strict(data) == data


def test_everybody_traced_and_every_venue_contact_stands_in_it_once(county, data):
    traced = set(county.tiers["person_id"]) | set(county.venue_contacts["person_id"])
    assert sorted(data["persons"]["id"]) == sorted(traced)
    assert len(set(data["persons"]["code"])) == len(traced)
    tier = dict(zip(data["persons"]["id"], data["persons"]["tier"], strict=True))
    told = county.tiers
    assert [tier[who] for who in told["person_id"]] == told["tier"].tolist()
    assert data["missing"]["persons"] == 0


def test_persons_are_ordered_by_tier_date_and_code(data):
    rows = pd.DataFrame({name: data["persons"][name] for name in ("tier", "date", "code")})
    pd.testing.assert_frame_equal(rows, rows.sort_values(["tier", "date", "code"]))


@pytest.mark.parametrize("which", ["data", "small"])
def test_parents_lead_to_a_case_and_never_in_a_circle(which, request):
    persons = request.getfixturevalue(which)["persons"]
    for first in range(len(persons["tier"])):
        at, steps = first, 0
        while persons["parent"][at] >= 0:
            at, steps = persons["parent"][at], steps + 1
            assert steps <= len(persons["tier"])
        assert persons["tier"][at] == 0
        assert (persons["parent_how"][first] == 0) == (persons["parent"][first] < 0)


def chain(data, p):
    """Ids of source, contact and place of each step from a case, and when it began."""
    rows, persons, places = data["exposures"], data["persons"], data["places"]
    steps = []
    while persons["tier"][p] > 0:
        row = persons["link"][p]
        place = rows["place"][row]
        steps.append((
            persons["id"][rows["source"][row]], persons["id"][p],
            places["id"][place] if place >= 0 else None, rows["start"][row],
        ))  # fmt: skip
        assert rows["contact"][row] == p
        assert rows["source"][row] == persons["parent"][p]
        p = rows["source"][row]
    return steps[::-1]


def path(trace, data, who):
    """The same by `Trace.why`."""
    steps, origin = trace.why(who).path, pd.Timestamp(data["origin"])
    start = (steps["start"].dt.tz_localize(None) - origin) / pd.Timedelta(minutes=1)
    place = steps["location_id"].astype(object).where(steps["location_id"].notna(), None)
    return list(zip(steps["source_id"], steps["contact_id"], place, start, strict=True))


@pytest.mark.parametrize("tier", [1, 2])
def test_links_tell_the_path_that_why_tells(county, data, tier):
    tiers = county.tiers
    of_tier = tiers.loc[tiers["tier"] == tier, "person_id"]
    for who in of_tier.sample(25, random_state=tier):
        assert chain(data, person(data, who)) == path(county, data, who), who


def test_a_contact_with_many_sources_has_the_link_that_why_tells(county, data):
    many = county.tiers.query("tier > 0 and n_sources > 1")["person_id"]
    assert len(many) > 20
    for who in many.head(25):
        assert chain(data, person(data, who)) == path(county, data, who), who


def test_every_exposure_is_kept_or_counted(county, data, monkeypatch):
    assert size(data, "exposures") + data["dropped"] == county.n_exposures
    monkeypatch.setattr(evidence, "ROWS_PER_CONTACT", 1)
    least = payload(county, identities=True)
    contacts = least["exposures"]["contact"]
    assert len(contacts) == len(set(contacts)) == len(set(data["exposures"]["contact"]))
    assert len(contacts) + least["dropped"] == county.n_exposures
    assert sum(least["persons"]["exposures"]) == sum(data["persons"]["exposures"])
    of_contacts = [p for p, tier in enumerate(least["persons"]["tier"]) if tier in {1, 2}]
    for p in of_contacts[::40]:
        who = least["persons"]["id"][p]
        assert chain(least, p) == chain(data, person(data, who))


def test_a_recorded_infector_goes_before_an_exposure(small):
    persons, second = small["persons"], person(small, "C2")
    assert persons["parent"][second] == person(small, "C1")
    assert persons["parent_how"][second] == 2
    made = tables()
    del made["cases"]["infected_by"]
    seen = payload(trace_of(made), identities=True)
    assert seen["persons"]["parent"][person(seen, "C2")] == person(seen, "C1")
    assert seen["persons"]["parent_how"][person(seen, "C2")] == 1


def test_two_cases_who_name_each_other_are_no_circle():
    made = tables()
    made["cases"]["infected_by"] = ["C2", "C1"]
    persons = payload(trace_of(made), identities=True)["persons"]
    assert sorted(persons["parent"][:2]) in ([-1, 0], [-1, 1])


def test_of_a_venue_contact_only_the_meeting_is_told(small):
    guest, persons = person(small, "guest"), small["persons"]
    assert small["tiers"][persons["tier"][guest]]["venue"]
    assert persons["home"][guest] == persons["area"][guest] == persons["link"][guest] == -1
    assert small["stays_of"][guest] == 0
    assert guest not in small["stays"]["person"]
    assert "guest's home" not in small["places"]["id"]
    assert small["missing"]["stays_of"] == 0
    row = small["venue"]["person"].index(guest)
    assert small["places"]["id"][small["venue"]["place"][row]] == "market"
    assert (small["venue"]["start"][row] % 1440, small["venue"]["minutes"][row]) == (555, 30)


def test_places_are_those_that_something_kept_names(county):
    data = payload(county)
    named = set(data["persons"]["home"])
    for table in ("exposures", "venue", "stays"):
        named |= set(data[table]["place"])
    assert named - {-1} == set(range(size(data, "places")))


def test_stays_beyond_the_limit_are_counted_by_person_and_cases_go_first(monkeypatch):
    monkeypatch.setattr(journeys, "MAX_STAYS", 6)
    data = payload(trace_of(tables()), identities=True)
    assert [data["stays_of"][person(data, who)] for who in ("C1", "C2")] == [1, 1]
    kept = [p for p, whole in enumerate(data["stays_of"]) if whole]
    assert set(data["stays"]["person"]) <= set(kept)
    traced = [p for p, tier in enumerate(data["persons"]["tier"]) if tier < 3]
    assert data["missing"]["stays_of"] == len(set(traced) - set(kept)) > 0


def test_windows_are_those_of_cases(data):
    assert {data["persons"]["tier"][p] for p in data["windows"]["person"]} == {0}


def test_times_count_from_the_first_midnight_on_the_wall(small):
    assert small["origin"] == "2022-05-07"  # C1's window opens two days before the onset
    case, persons = person(small, "C1"), small["persons"]
    assert (persons["date"][case], persons["date_kind"][case]) == (2 * 1440 + 480, 0)
    assert small["as_of"] == 5 * 1440 + 18 * 60
    assert small["as_of_text"] == "2022-05-12 18:00 (UTC+08:00)"


def test_a_page_of_nobody():
    made = tables()
    made["cases"]["recorded"] = "2022-05-11"
    data = payload(trace_of(made, as_of="2022-05-10"))
    assert all(size(data, table) == 0 for table in TABLES)
    assert strict(data) == data
    assert data["missing"] == {"persons": 0, "stays_of": 0}


def test_a_page_of_one_case_alone():
    made = {"cases": pd.DataFrame({"person_id": ["C1"], "confirmed": ["2022-05-09"]})}
    data = payload(trace_of(made))
    assert [size(data, table) for table in ("persons", "places", "exposures")] == [1, 0, 0]
    assert data["persons"]["date_kind"] == [2]
    assert data["persons"]["x"] != [None]
    assert strict(data) == data


def test_words_are_of_the_language_asked_for():
    data = payload(trace_of(tables()), lang="zh")
    assert data["lang"] == "zh"
    assert data["words"]["tier:case"] == "病例"
    with pytest.raises(ValueError, match="lang is 'de'; a page speaks en or zh"):
        payload(trace_of(tables()), lang="de")


def test_by_default_no_column_of_identities_is_there():
    data = payload(trace_of(tables()))
    assert not {"id", "name", "extra"} & (set(data["persons"]) | set(data["places"]))
    assert data["areas"][0].startswith("area ")
    assert not data["identities"]


def test_with_identities_every_other_cell_is_told(small):
    persons = small["persons"]
    case, mate = person(small, "C1"), person(small, "mate")
    assert persons["name"][case] == "name of C1"
    assert persons["extra"][mate] == {}
    assert persons["extra"][case]["home_id"] == "home"
    assert persons["extra"][case]["onset"] == "2022-05-09 08:00"
    assert small["areas"] == ["name of A1"]
    assert set(PERSONS) == set(persons["id"])


def test_one_person_of_two_rows_is_told_once_with_both_cells():
    made = tables()
    more = made["cases"].assign(onset=["2022-05-01 08:00"] * 2, ward=["W1", "W2"]).iloc[:1]
    made["cases"] = pd.concat([made["cases"].assign(ward="W9"), more], ignore_index=True)
    data = payload(trace_of(made), identities=True)
    assert data["persons"]["id"].count("C1") == 1
    assert data["persons"]["extra"][person(data, "C1")]["ward"] == "W9; W1"


@pytest.mark.parametrize("wrong", [0, -3])
def test_at_least_one_node(wrong):
    with pytest.raises(ValueError, match=f"max_nodes is {wrong}"):
        payload(trace_of(tables()), max_nodes=wrong)
