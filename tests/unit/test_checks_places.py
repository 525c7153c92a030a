"""Homes, kinds and areas that cannot do what they are there for."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from told import graph_of, rules, warned
from tracegraph.model.checks.places import MAX_HOUSEHOLD, VEHICLES
from tracegraph.model.facts import Locations


def resident(person, home="Home"):
    return {"person_id": person, "home_id": home}


def place(name, kind="home", **more):
    return {"location_id": name, "kind": kind, **more}


# ---- homes


def test_homes_of_more_people_than_a_household_are_told():
    persons = [resident(f"P{i}", home) for home in ("Home", "Camp") for i in range(16)]
    persons = [{**row, "person_id": f"{row['home_id']}-{i}"} for i, row in enumerate(persons)]
    persons += [resident(f"Camp-{i}", "Camp") for i in range(100, 1200)]
    found = warned(graph_of(persons=persons), "crowded-home")
    assert found["message"] == (
        f"2 homes have more than {MAX_HOUSEHOLD} residents (1,116 at most); protocols take at most "
        f"{MAX_HOUSEHOLD} for one household, so these make no co-residents"
    )
    assert found["value"] == "Camp, Home"


@pytest.mark.parametrize("kind", ["home", None])
def test_sixteen_residents_of_whom_two_are_one_person_are_no_crowd(kind):
    persons = [resident(f"P{i:02}") for i in range(16)]
    persons[15]["same_as"] = "P00"
    assert "crowded-home" not in rules(graph_of(persons=persons, locations=[place("Home", kind)]))
    del persons[15]["same_as"]
    warned(graph_of(persons=persons, locations=[place("Home", kind)]), "crowded-home")


def test_institution_that_is_no_home_is_no_crowded_one():
    persons = [resident(f"P{i}", "Ward") for i in range(30)]
    told = rules(graph_of(persons=persons, locations=[place("Ward", "ward")]))
    assert "crowded-home" not in told
    assert "home-of-another-kind" in told


def test_million_residents_of_one_home_are_counted():
    n = 1_000_000
    persons = pd.DataFrame({"person_id": np.arange(n), "home_id": "Home"})
    cases = pd.DataFrame({"person_id": [7], "onset": ["2022-05-09"]})
    graph = graph_of(cases=cases, persons=persons)
    found = graph.warnings.set_index("rule").loc["crowded-home"]
    assert "(1,000,000 at most)" in found["message"]
    assert len(graph.trace("china-8").tiers) == 1


def test_homes_that_no_row_of_locations_declares_are_told():
    persons = [resident("Ann"), resident("Ben"), resident("Cleo", "Hut")]
    found = warned(graph_of(persons=persons, locations=[place("Mall")]), "undeclared-home")
    assert found["message"] == "2 homes stand in no row of locations; declared with kind home"
    assert found["value"] == "Home, Hut"


def test_homes_are_not_asked_for_where_no_places_are_listed():
    assert "undeclared-home" not in rules(graph_of(persons=[resident("Ann")]))
    told = rules(graph_of(persons=[resident("Ann")], locations=[place("Home")]))
    assert "undeclared-home" not in told


def test_homes_of_another_kind_are_told():
    persons = [resident("Ann", "Mall"), resident("Ben", "Mall"), resident("Cleo", "Ward")]
    places = [place("Mall", "market"), place("Ward", "ward"), place("Office", "office")]
    found = warned(graph_of(persons=persons, locations=places), "home-of-another-kind")
    assert found["message"] == (
        "2 places are the homes of 3 persons and of another kind than home; they make no "
        "co-residents"
    )
    assert found["value"] == "Mall, Ward"
    found = warned(graph_of(persons=persons[:1], locations=places), "home-of-another-kind")
    assert found["message"].startswith("1 place is the home of 1 person and")


@pytest.mark.parametrize("kind", ["home", "HOME ", None])
def test_home_of_kind_home_or_none_is_not_told(kind):
    graph = graph_of(persons=[resident("Ann")], locations=[place("Home", kind)])
    assert "home-of-another-kind" not in rules(graph)


# ---- kinds and areas


def test_declared_places_without_a_kind_are_told():
    places = [place("Mall", None), place("Bank", None), place("Shop", "market")]
    visits = [{"person_id": "Ann", "location_id": "Undeclared", "arrive": "2022-05-08 09:00"}]
    found = warned(graph_of(locations=places, visits=visits), "location-without-kind")
    assert found["message"] == "2 locations have no kind; the protocol's 'other' holds"
    assert found["value"] == "Bank, Mall"


def test_kind_in_a_second_row_of_the_place_is_a_kind():
    places = [place("Mall", None), place("Mall", "market")]
    assert "location-without-kind" not in rules(graph_of(locations=places))


AREAS = [{"area_id": "g1"}]


def test_places_without_an_area_are_told_where_areas_are_known():
    places = [place("Mall", "market"), place("Bank", "office", area_id="g1")]
    found = warned(graph_of(locations=places, areas=AREAS), "location-without-area")
    assert found["message"] == "1 location has no area; what happens there counts for no zone"
    assert found["value"] == "Mall"
    assert "location-without-area" not in rules(graph_of(locations=places))


def test_population_below_zero_is_told():
    areas = [{"area_id": "g1", "population": -3, "households": -1}, {"area_id": "g2"}]
    told = graph_of(areas=areas).warnings
    told = told[told["rule"] == "area-of-negative-size"]
    assert told[["column", "value"]].values.tolist() == [["population", "g1"], ["households", "g1"]]
    assert told["message"].iloc[0] == (
        "1 row has population below zero; counted as if none were given"
    )


def test_population_of_nobody_where_people_live_is_told():
    lived_in = {
        "persons": [{"person_id": "Ben", "home_id": "House"}],
        "locations": [place("House", "home", area_id="g1")],
    }
    areas = [{"area_id": "g1", "population": 0}, {"area_id": "g2", "population": 0}]
    found = warned(graph_of(areas=areas, **lived_in), "area-of-nobody")
    assert found["value"] == "g1"
    assert "area-of-nobody" not in rules(graph_of(areas=areas))


def test_finest_areas_without_population_are_told_where_others_have_one():
    areas = [
        {"area_id": "town", "population": None, "parent_id": None},
        {"area_id": "g1", "population": 7, "parent_id": "town"},
        {"area_id": "g2", "population": None, "parent_id": "town"},
    ]
    found = warned(graph_of(areas=areas), "area-without-population")
    assert found["value"] == "g2"
    bare = [{**area, "population": None} for area in areas]
    assert "area-without-population" not in rules(graph_of(areas=bare))


def test_areas_in_a_circle_are_told():
    areas = [{"area_id": "g1", "parent_id": "g2"}, {"area_id": "g2", "parent_id": "g1"}]
    graph = graph_of(areas=areas)
    found = warned(graph, "circular-parents")
    assert (found["table"], found["value"]) == ("areas", "g1, g2")
    assert graph.area_parent.tolist() == [-1, -1]


def test_room_lies_in_the_area_of_its_building():
    places = [
        place("House", "home", area_id="g1"),
        place("Storey", "home", parent_id="House"),
        place("Room", "home", parent_id="Storey"),
    ]
    assert "location-without-area" not in rules(graph_of(locations=places, areas=AREAS))


@pytest.mark.parametrize("kind", sorted(VEHICLES))
def test_vehicle_lies_in_no_area(kind):
    assert "location-without-area" not in rules(
        graph_of(locations=[place("T1", kind)], areas=AREAS)
    )


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(-1, 7), st.integers(-1, 2)), min_size=8, max_size=8),
)
def test_nearest_area_is_that_of_the_first_place_around_that_has_one(rows):
    parent = [up if up < i else -1 for i, (up, _) in enumerate(rows)]
    area = [own for _, own in rows]

    def nearest(i):
        while i >= 0 and area[i] < 0:
            i = parent[i]
        return area[i] if i >= 0 else -1

    places = Locations(
        kind=np.zeros(8, np.int32), parent=np.array(parent, np.int32), area=np.array(area, np.int32)
    )
    assert places.nearest_area().tolist() == [nearest(i) for i in range(8)]


# ---- isolations that do not say where


def isolation(person, kind, site=None):
    return {"person_id": person, "start": "2022-05-09", "kind": kind, "site_id": site}


def test_isolation_at_home_of_people_without_a_home_is_told():
    rows = [isolation("Ann", "home"), isolation("Ben", "home"), isolation("Cleo", "home")]
    persons = [resident("Ann"), {"person_id": "Ben", "home_id": None}]
    found = warned(graph_of(isolations=rows, persons=persons), "isolation-without-home")
    assert found["message"] == (
        "2 rows isolate at home a person without home_id: counted as away from everybody"
    )
    assert found["value"] == "Ben, Cleo"
    assert "isolation-without-home" not in rules(graph_of(isolations=rows[:1], persons=persons))


def test_isolation_away_from_home_without_a_site_is_told():
    rows = [isolation("Ann", "central"), isolation("Ben", "hospital"), isolation("Cleo", "home")]
    found = warned(graph_of(isolations=rows), "isolation-without-site")
    assert found["message"] == (
        "2 rows have no site_id though in central or hospital isolation; meetings inside the site "
        "are not found"
    )
    assert found["value"] == "Ann, Ben"


def test_isolation_at_a_site_or_of_no_kind_is_not_told():
    rows = [isolation("Ann", "central", "Hotel"), isolation("Ben", None)]
    assert "isolation-without-site" not in rules(graph_of(isolations=rows))
