"""What ids point at: links that cannot be, ids that nobody declares, words nobody knows."""

import pytest

from told import ILL, graph_of, rules, warned

DAY = "2022-05-09"


def case(person, infector=None):
    return {"person_id": person, "onset": DAY, "infected_by": infector}


# ---- links that cannot be


def test_own_infector_is_left_empty_and_told():
    cases = [case("Ann", "Ann"), case("Ben", "Ann"), case("Ann", "Ann")]
    graph = graph_of(cases=cases)
    found = warned(graph, "infected-by-oneself")
    assert found["message"] == "2 rows name the case itself as its source; left empty"
    assert found["value"] == "Ann"
    assert graph.cases["infected_by"].isna().tolist() == [True, False, True]


def test_infector_that_is_another_case_is_not_told():
    told = rules(graph_of(cases=[case("Ann", None), case("Ben", "Ann")]))
    assert not {"infected-by-oneself", "infector-is-no-case"} & set(told)


@pytest.mark.parametrize("table", ["locations", "areas"])
def test_circle_of_parents_is_cut_and_told(table):
    owner = f"{table[:-1]}_id"
    rows = [
        {owner: name, "parent_id": parent, "kind": "office"}
        for name, parent in (("Mall", "Bank"), ("Bank", "Mall"), ("Shop", "Mall"), ("Fair", "Fair"))
    ]
    found = warned(graph_of(**{table: rows}), "circular-parents")
    kind = table[:-1]
    assert found["message"] == f"parent_id runs in a circle through 3 {kind}s; not followed"
    assert found["value"] == "Bank, Fair, Mall"


@pytest.mark.parametrize("table", ["locations", "areas"])
def test_circle_that_a_later_row_closes_cuts_no_link_of_before(table):
    owner = f"{table[:-1]}_id"
    rows = [
        {owner: "Room", "parent_id": "House", "recorded": None},
        {owner: "House", "parent_id": "Room", "recorded": "2022-05-12"},
    ]
    graph = graph_of(**{table: rows})

    def parents(graph):
        return graph.facts.locations.parent if table == "locations" else graph.area_parent

    assert parents(graph.as_of("2022-05-11 18:00")).tolist() == [-1, 0]  # House, Room
    assert parents(graph.as_of("2022-05-12 18:00")).tolist() == [-1, -1]


def test_chain_of_parents_is_no_circle():
    rows = [{"location_id": n, "parent_id": p, "kind": "x"} for n, p in ("ab", "bc", ("c", None))]
    assert "circular-parents" not in rules(graph_of(locations=rows))


# ---- ids that no row declares


def test_persons_of_no_row_are_told_where_persons_are_listed():
    tests = [{"person_id": p, "sampled": DAY, "result": "-"} for p in ("Ben", "Cleo", "Dan", "Eve")]
    found = warned(graph_of(persons=[{"person_id": "Ann"}], tests=tests), "undeclared-person")
    assert found["message"] == "4 person ids stand in no row of persons; declared"
    assert found["value"] == "Ben, Cleo, Dan, …"
    assert "undeclared-person" not in rules(graph_of(tests=tests))


VISIT = {"person_id": "Ann", "location_id": "Mall", "arrive": "2022-05-08 09:00"}


def test_places_of_no_row_are_told_with_a_mend_that_fits():
    found = warned(graph_of(visits=[VISIT]), "undeclared-location")
    assert found["message"] == "1 location id stands in no row of locations; declared"
    assert found["mend"].startswith("Add locations with a kind for each")
    listed = [{"location_id": "Bank", "kind": "office"}]
    found = warned(graph_of(visits=[VISIT], locations=listed), "undeclared-location")
    assert found["mend"] == "Add it to locations, or correct the ids."
    assert found["value"] == "Mall"


def test_areas_of_no_row_are_told():
    places = [{"location_id": "Mall", "kind": "market", "area_id": area} for area in ("g1", "g2")]
    found = warned(graph_of(locations=places), "undeclared-area")
    assert (found["message"], found["value"]) == (
        "2 area ids stand in no row of areas; declared",
        "g1, g2",
    )


def test_declared_ids_are_not_told():
    graph = graph_of(
        visits=[VISIT],
        persons=[{"person_id": "Ann"}],
        locations=[{"location_id": "Mall", "kind": "market", "area_id": "g1"}],
        areas=[{"area_id": "g1"}],
    )
    assert not [rule for rule in rules(graph) if rule.startswith("undeclared")]


# ---- infectors and positive tests of people who are no case


def test_infector_who_is_no_case_is_told():
    cases = [case("Ann", "Zoe"), case("Ben", "Zoe"), case("Cleo", "Ann")]
    found = warned(graph_of(cases=cases), "infector-is-no-case")
    assert found["message"] == "2 rows name a source that is no case"
    assert found["value"] == "Zoe"


def specimen(person, result):
    return {"person_id": person, "sampled": DAY, "result": result}


def test_positive_tests_of_people_who_are_no_case_are_told():
    tests = [specimen(p, r) for p, r in (("Ben", "+"), ("Ben", "+"), ("Cleo", "阳性"))]
    found = warned(graph_of(tests=tests), "positive-test-of-no-case")
    assert found["message"] == (
        "2 persons tested positive and are in no row of cases; a test alone makes no case"
    )
    assert found["value"] == "Ben, Cleo"


def test_negative_tests_and_those_of_cases_are_not_told():
    tests = [specimen("Ann", "+"), specimen("Ben", "-"), specimen("Cleo", "pending")]
    assert "positive-test-of-no-case" not in rules(graph_of(tests=tests))


def test_positive_test_of_an_alias_is_the_case_s():
    persons = [{"person_id": "Ben", "same_as": "Ann"}]
    graph = graph_of(cases=ILL, tests=[specimen("Ben", "+")], persons=persons)
    assert "positive-test-of-no-case" not in rules(graph)


# ---- words that nobody knows


@pytest.mark.parametrize(
    ("table", "row", "column", "known", "effect"),
    [
        ("isolations", {"person_id": "Ben", "start": DAY}, "kind", "Hospital", "read as central"),
        ("visits", VISIT, "record", " QR", "counted as known for certain"),
        ("cases", {"person_id": "Ben", "onset": DAY}, "found_in", "Clinic", "no rule reads it"),
    ],
)
def test_word_outside_the_list_is_told(table, row, column, known, effect):
    rows = [{**row, column: word} for word in (known, "ship", "Ship ", "tent")]
    found = warned(graph_of(**{table: rows}), "unknown-word")
    assert found["message"].startswith(f"{column} has 2 words that are not known; {effect}")
    assert found["value"] == "ship, tent"
    assert "unknown-word" not in rules(graph_of(**{table: [{**row, column: known}]}))


@pytest.mark.parametrize("table", ["areas", "zone_history"])
def test_each_word_that_names_no_zone_is_told_with_its_first_row(table):
    words = ["LOCKDOWN", " amber", "封控區", "Amber", "low", "严控区", "低风险区"]
    rows = [{"area_id": f"g{i}", "zone": word, "start": DAY} for i, word in enumerate(words)]
    told = graph_of(**{table: rows}).warnings
    told = told[told["rule"] == "unknown-zone"]
    assert told[["table", "row", "column", "value"]].values.tolist() == [
        [table, 1, "zone", "amber"],
        [table, 5, "zone", "严控区"],
    ]
    assert told["message"].iloc[0] == (
        "zone of row 1 and 1 other row is no word for a zone; unless the protocol calls a zone "
        "so, it says nothing of the area"
    )
    assert told["mend"].iloc[0].startswith("Write none, precaution, control, lockdown;")


def test_member_of_a_positive_pool_is_not_told_as_positive():
    tests = [
        {"person_id": "Ben", "sampled": DAY, "result": "positive", "pool_id": "T1"},
        {"person_id": "Cleo", "sampled": DAY, "result": "positive", "pool_id": None},
    ]
    found = warned(graph_of(tests=tests), "positive-test-of-no-case")
    assert found["value"] == "Cleo"
