"""Plans on a town of six buildings in a row, with labels that can be told by hand."""

import json

import numpy as np
import pandas as pd
import pytest

import tracegraph as tg
from towns import BUILDINGS, NOWHERE_ILL, ROW, planned, risk, tables, trace, zones_in_force
from tracegraph.errors import ProtocolError, TableError

# nothing but risk and people: an infection is worth 70 person-days, a label a day of each
PLAIN = {"days": 1, "border": 0, "change": 0, "burden": (0, 0.1, 0.5, 1)}


def weights(**changed):
    return tg.ZoneWeights(**{**PLAIN, **changed})


def plan(town=None, **wishes):
    asked = {"neighbours": ROW, "risk": risk(), "weights": weights(), **wishes}
    return (town or trace()).redraw_zones(**asked)


def lived_in(building, **changed):
    """A trace with a case at home in a building."""
    case = pd.DataFrame({
        "person_id": [f"{building}-0"],
        "onset": ["2022-05-09 08:00"],
        "confirmed": ["2022-05-10 09:00"],
    })  # fmt: skip
    return trace(cases=case, **changed)


def test_without_risk_or_clauses_nothing_is_restricted():
    assert planned(plan()) == ["none"] * 6


def test_each_label_is_the_cheapest_for_its_risk():
    # residual 1, .9, .4, .1 and 10 people: per infection at 100 the labels cost
    # none 100r, precaution 90r + 1, control 40r + 5, lockdown 10r + 10
    given = risk(B1=0.05, B2=0.09, B3=0.2, B4=0.01)
    found = planned(plan(risk=given, weights=weights(infection=100)))
    assert found == ["none", "control", "lockdown", "none", "none", "none"]


def test_the_clauses_are_floors():
    found = plan(lived_in("B4"))
    assert planned(found)[3:5] == ["lockdown", "lockdown"]  # the compound of the case
    assert (found.areas["planned"] >= found.areas["required"]).all()
    row = found.areas.set_index("area_id").loc["B4"]
    assert row["required_by"] == "K2"
    assert "lived here while infectious" in row["reason"]


def test_clauses_may_be_left_out_and_the_plan_says_so():
    found = plan(lived_in("B4"), clauses=False)
    assert planned(found) == ["none"] * 6
    assert found.areas.set_index("area_id").loc["B4", "reason"] == "the clauses were left out"


def test_bounds_hold_for_all_that_lies_inside():
    found = plan(at_least={"K1": "control"}, at_most={"C": "control"}, risk=risk(B5=9, B6=9))
    assert planned(found) == ["control"] * 3 + ["none"] + ["control"] * 2
    assert "asked for" in found.areas.set_index("area_id").loc["B1", "reason"]


def test_bounds_that_contradict_each_other_are_refused():
    with pytest.raises(TableError, match="'B4' must be at least lockdown and at most control"):
        plan(lived_in("B4"), at_most={"C": "control"})


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"at_least": {"B9": "control"}}, "no area is called 'B9'"),
        ({"at_most": {"B1": "purple"}}, "china-8 has no zone called 'purple'"),
        ({"neighbours": "guess"}, "neighbours='guess' is unknown"),
        ({"risk": pd.Series({"B9": 1.0})}, "B9"),
        ({"risk": pd.Series({"B1": -1.0})}, "-1"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(wish, message):
    with pytest.raises(TableError, match=message):
        plan(**wish)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"infection": -1}, "infection = -1"),
        ({"days": float("nan")}, "days = nan"),
        ({"residual": (1, 0.5, 0.6, 0.1)}, "must fall"),
        ({"burden": (0, 0.5, 0.2, 1)}, "must rise"),
    ],
)
def test_weights_that_make_no_sense_are_refused(wrong, message):
    with pytest.raises(ProtocolError, match=message):
        tg.ZoneWeights(**wrong)


def test_a_border_closes_a_gap():
    given = risk(B1=1, B3=1)
    apart = plan(risk=given, weights=weights(infection=100))
    assert planned(apart)[:3] == ["lockdown", "none", "lockdown"]
    joined = plan(risk=given, weights=weights(infection=100, border=2.7))
    assert planned(joined)[:4] == ["lockdown", "lockdown", "lockdown", "none"]


def test_change_keeps_a_zone_that_is_hardly_too_wide():
    town = trace(zone_history=zones_in_force(("B6", "control", "1")))
    assert planned(plan(town))[5] == "none"
    assert planned(plan(town, weights=weights(change=0.45)))[5] == "control"


def test_a_budget_of_people_takes_the_riskiest():
    given = risk(B1=1, B3=2, B5=3)
    found = plan(risk=given, weights=weights(infection=100), max_people=25)
    assert planned(found) == ["precaution", "none", "lockdown", "none", "lockdown", "none"]
    assert "at most 0 person-days above the best" in found.solver


def test_a_budget_of_checkpoints_takes_one_end_of_the_row():
    given = risk(B1=1, B3=2)
    found = plan(risk=given, weights=weights(infection=100), max_checkpoints=1)
    assert planned(found) == ["lockdown", "control", "lockdown", "none", "none", "none"] or (
        planned(found)[:3] == ["lockdown"] * 3
    )
    assert len(found.checkpoints().query("neighbour_planned < 'control'")) == 1


def test_a_budget_below_the_floors_is_refused():
    with pytest.raises(ValueError, match="the floors alone restrict 20 people"):
        plan(lived_in("B4"), max_people=10)


def test_changes_are_merged_to_the_largest_areas_that_change_as_one():
    found = plan(at_least={"K1": "lockdown", "T2": "control", "C": "precaution"}).changes
    shown = found[["area_id", "part", "from_zone", "to_zone", "action", "areas", "people"]]
    assert shown.astype(str).values.tolist() == [
        ["K1", "whole", "none", "lockdown", "tighten", "3", "30"],
        ["T2", "whole", "none", "control", "tighten", "1", "10"],
        ["C", "rest", "none", "precaution", "tighten", "2", "20"],
    ]


def test_a_zone_that_is_split_stands_above_its_parts():
    town = trace(zone_history=zones_in_force(("T1", "lockdown", "1")))
    found = plan(town, at_least={"B1": "lockdown"}).changes
    shown = found[["area_id", "part", "from_zone", "to_zone", "action", "part_of", "people"]]
    assert shown.astype(str).fillna("").values.tolist() == [
        ["T1", "whole", "lockdown", "lockdown", "split", "", "50"],
        ["B1", "whole", "lockdown", "lockdown", "keep", "T1", "10"],
        ["T1", "rest", "lockdown", "none", "release", "T1", "40"],
    ]
    assert found["reason"].iloc[0] == "of its people, 10 lockdown, 40 none"


def test_people_of_changes_and_of_what_stays_unrestricted_are_everybody():
    town = trace(zone_history=zones_in_force(("T1", "lockdown", "1")))
    found = plan(town, at_least={"B1": "lockdown", "B6": "control"})
    parts = found.changes[found.changes["action"] != "split"]
    areas = found.areas
    untouched = (areas["zone_now"] == areas["planned"]) & (areas["planned"] < "control")
    assert parts["people"].sum() + areas.loc[untouched, "population"].sum() == 60


@pytest.mark.parametrize(
    ("now", "wanted", "today", "then"),
    [
        ([], {"B1": "lockdown"}, [], ["new"]),
        ([("B1", "lockdown", "1")], {"B1": "lockdown"}, ["keep"], ["keep"]),
        ([("B1", "lockdown", "1")], {"B1": "control"}, ["ease"], ["new"]),
        ([("B1", "lockdown", "1")], {"B1": "precaution"}, ["release"], []),
        ([("B1", "control", "1")], {"B1": "lockdown"}, ["tighten"], ["new"]),
        ([("B1", "control", "1")], {"K1": "control"}, ["extend"], ["extend"]),
        ([("K1", "control", "1")], {"B1": "control"}, ["split"], ["split"]),
        ([("K1", "control", "1")], {"B1": "control", "B3": "control"}, ["split"], ["split"] * 2),
        (
            [("B1", "control", "1"), ("B2", "control", "2")],
            {"B1": "control", "B2": "control"},
            ["merge", "merge"],
            ["merge"],
        ),
        (
            [("B1", "control", "1"), ("B3", "control", "1")],
            {"K1": "control"},
            ["merge", "merge"],
            ["merge"],
        ),
    ],
)
def test_what_becomes_of_a_zone(now, wanted, today, then):
    history = zones_in_force(*now) if now else None
    found = plan(trace(zone_history=history), at_least=wanted).zones
    actions = found.groupby("when")["action"].apply(list)
    assert actions.get("now", []) == today
    assert actions.get("planned", []) == then


def test_a_building_locked_inside_a_controlled_compound_parts_no_zone():
    found = plan(at_least={"K1": "control", "B2": "lockdown"}).zones
    assert found[["zone", "areas"]].values.tolist() == [["control 1", 2], ["lockdown 1", 1]]


def test_what_goes_beyond_the_clauses_is_counted_by_area():
    town = lived_in("B6", zone_history=zones_in_force(("T1", "lockdown", "1")))
    found = plan(town, risk=risk(B1=1), weights=weights(infection=100, days=3))
    table = found.beyond_rule.set_index("area_id")
    assert table.loc["B1", ["person_days_now", "person_days_planned"]].tolist() == [30, 30]
    assert table.loc["B2", ["person_days_now", "person_days_planned"]].tolist() == [30, 0]
    # the county is under precaution by its clause, of weight 0.1
    assert table.loc["B2", "weighted_now"] == pytest.approx(0.9 * 30)
    assert "B6" not in table.index


def test_the_frontier_holds_the_rivals_and_the_plan():
    table = plan(lived_in("B4"), risk=risk(B4=1, B1=1)).frontier().set_index("zones")
    assert table.loc["compound of each case", ["people", "risk_covered"]].tolist() == [20, 0.5]
    assert table.loc["ring around them", ["people", "risk_covered"]].tolist() == [60, 1.0]
    assert table.loc["township of each case", ["people", "risk_covered"]].tolist() == [50, 1.0]
    assert table.loc["today", "people"] == 0
    prices = table[table.index.str.startswith("price")]
    assert prices["risk_averted"].is_monotonic_increasing
    assert prices["keeps_clauses"].all()


def test_the_frontier_can_be_drawn():
    import matplotlib as mpl

    mpl.use("Agg")
    axes = plan(lived_in("B4"), risk=risk(B4=1, B1=1)).plot_frontier()
    assert {text.get_text() for text in axes.texts} >= {"this plan", "today", "clauses alone"}
    mpl.pyplot.close("all")


def test_checkpoints_are_the_borders_of_restricted_zones():
    found = plan(at_least={"B2": "lockdown", "B3": "control"}).checkpoints()
    pairs = found[["area_id", "planned", "neighbour_id", "neighbour_planned"]].astype(str)
    assert sorted(pairs.values.tolist()) == [
        ["B2", "lockdown", "B1", "none"],
        ["B2", "lockdown", "B3", "control"],
        ["B3", "control", "B4", "none"],
    ]
    assert not found["today"].any()


def test_checkpoints_are_ranked_by_who_crosses_and_know_those_that_stand():
    extra = pd.DataFrame({
        "location_id": ["shop", "barrier"],
        "kind": ["shop", "checkpoint"],
        "area_id": ["B4", "B1"],
    })  # fmt: skip
    went = pd.DataFrame({
        "person_id": "B3-0",
        "location_id": "shop",
        "arrive": ["2022-05-08 10:00", "2022-05-09 10:00"],
        "depart": ["2022-05-08 10:30", "2022-05-09 10:30"],
    })  # fmt: skip
    places = pd.concat([tables()["locations"], extra], ignore_index=True)
    found = plan(
        trace(locations=places, visits=went), at_least={"B2": "control", "B3": "control"}
    ).checkpoints()
    assert found[["area_id", "neighbour_id", "trips", "existing"]].values.tolist() == [
        ["B3", "B4", 2.0, ""],
        ["B2", "B1", 0.0, "barrier"],
    ]


def test_households_of_an_area_say_who_is_inside_and_whose_delivery_is_due():
    people = tables()["persons"].assign(vulnerable="no")
    people.loc[people["person_id"] == "B1-0", "vulnerable"] = "yes"
    away = pd.DataFrame({
        "person_id": [f"B1-{n}" for n in range(5, 10)],
        "start": "2022-05-09 00:00",
        "kind": "central",
    })  # fmt: skip
    town = trace(persons=people, isolations=away)
    found = plan(town, at_least={"K1": "lockdown"}).households("B1").set_index("home_id")
    assert found.loc["H-B1-0", ["persons", "inside", "vulnerable"]].tolist() == [5, 5, 1]
    assert found.loc["H-B1-1", ["persons", "inside", "vulnerable"]].tolist() == [5, 0, 0]
    assert found["delivery_due"].tolist() == [True, False]
    assert len(plan(town).households("C")) == 12
    with pytest.raises(TableError, match="no area is called 'B9'"):
        plan(town).households("B9")


@pytest.mark.parametrize(("evening", "due"), [("2022-05-10", False), ("2022-05-11", True)])
def test_deliveries_come_every_second_day_of_a_lockdown(evening, due):
    town = trace(as_of=f"{evening} 20:00", zone_history=zones_in_force(("K1", "lockdown", "1")))
    found = plan(town, at_least={"K1": "lockdown"}).households("B1")
    assert found["delivery_due"].tolist() == [due, due]


def test_an_explanation_shows_what_every_label_would_cost():
    told = plan(risk=risk(B1=1), weights=weights(infection=100, border=5)).explain("B1")
    costs = told.costs
    assert costs["risk"].round(6).tolist() == [100, 90, 40, 10]
    assert costs["people"].tolist() == [0, 1, 5, 10]
    assert costs["borders"].tolist() == [0, 5, 10, 15]
    assert costs["total"].idxmin() == "lockdown"
    assert "building B1: none -> lockdown (tighten)" in str(told)
    with pytest.raises(TableError, match="no finest area is called 'K1'"):
        plan().explain("K1")


def test_people_whom_no_part_counts_are_shared_out_and_told():
    areas = tables()["areas"].assign(population=np.nan)
    areas.loc[areas["area_id"] == "K3", "population"] = 90
    found = plan(trace(areas=areas))
    assert found.areas.set_index("area_id")["population"].to_dict() == {
        **dict.fromkeys(BUILDINGS[:5], 10),
        "B6": 90,
    }
    told = found.notes[found.notes["topic"] == "population"]
    assert told["first"].tolist() == ["K3", "B1, B2, B3"]
    assert "80 more people than its parts" in told["note"].iloc[0]
    assert told["areas"].tolist() == [1, 5]


def test_files_hold_every_area_and_no_person(tmp_path):
    found = plan(lived_in("B4"))
    text = found.to_geojson(tmp_path / "zones.geojson").read_text(encoding="utf-8")
    features = json.loads(text)["features"]
    assert [f["properties"]["area_id"] for f in features] == [None] * 6  # two households each
    whole = found.to_geojson(tmp_path / "team.geojson", public=False).read_text(encoding="utf-8")
    assert [f["properties"]["area_id"] for f in json.loads(whole)["features"]] == BUILDINGS
    assert features[3]["properties"]["planned"] == "lockdown"
    assert "population" not in text
    folder = found.to_csv(tmp_path / "plan")
    assert sorted(p.name for p in folder.iterdir()) == [
        f"{name}.csv"
        for name in ("areas", "beyond_rule", "changes", "checkpoints", "notes", "zones")
    ]
    assert not any("B4-0" in p.read_text(encoding="utf-8") for p in folder.iterdir())


def test_a_plan_shows_counts_only():
    found = repr(plan(lived_in("B4")))
    assert "20 planned" in found
    assert "exact minimum cut" in found
    assert "B4" not in found


def test_a_case_of_nowhere_leaves_a_plan_possible():
    assert NOWHERE_ILL["person_id"].tolist() == ["stranger"]
    assert plan().notes.query("topic == 'places'")["note"].tolist() == [
        "1 person with a home in no area"
    ]


# ---- what reviews found


def test_no_clause_is_cited_for_people_beyond_it():
    """By building, the clause demands B4 alone; K2 is locked as one, and not by one clause."""
    found = plan(lived_in("B4", protocol="china-20-measures"), at_least={"B5": "lockdown"}).changes
    rows = found.set_index("area_id")
    assert "home of a case" in rows.loc["B4", "clause"]
    assert rows.loc["B5", "clause"] == ""
    assert "K2" not in rows.index


def test_a_protocol_without_a_label_never_plans_it():
    given = risk(B1=0.09)
    assert planned(plan(risk=given, weights=weights(infection=100)))[0] == "control"
    other = plan(trace("china-20-measures"), risk=given, weights=weights(infection=100))
    assert planned(other)[0] == "none"
    bound = plan(
        trace("china-20-measures"), risk=given, weights=weights(infection=100), max_people=5
    )
    assert "control" not in planned(bound)


def test_an_area_of_which_nobody_knows_the_people_is_not_restricted_beyond_the_clauses():
    people = tables()["persons"]
    people = people[~people["person_id"].str.startswith("B6")]
    found = plan(trace(persons=people), risk=risk(B6=9), weights=weights(infection=1e6))
    assert planned(found)[5] == "none"
    told = found.notes[found.notes["first"].str.contains("B6")]["note"].tolist()
    assert "no population and nobody listed: not restricted beyond the clauses" in told


def test_the_clauses_stay_the_clauses_when_they_are_no_floors():
    found = plan(lived_in("B4"), clauses=False)
    table = found.frontier().set_index("zones")
    assert table.loc["clauses alone", "people"] == 20
    assert not table.loc["this plan", "keeps_clauses"]
    more = plan(at_least={"B6": "lockdown"}).frontier().set_index("zones")
    assert more.loc["clauses alone", "people"] == 0
    assert more.loc["today", "keeps_clauses"]


@pytest.mark.parametrize("most", [0, 1, 2, 3])
def test_a_budget_of_checkpoints_counts_what_is_listed(most):
    given = risk(B1=1, B2=0.1, B4=1, B6=1)
    found = plan(risk=given, weights=weights(infection=100), max_checkpoints=most)
    assert len(found.checkpoints()) <= most


def test_one_huge_risk_leaves_the_others_as_they_are():
    alone = planned(plan(risk=risk(B1=0.09), weights=weights(infection=100)))
    beside = planned(plan(risk=risk(B1=0.09, B6=1e15), weights=weights(infection=100)))
    assert beside[:5] == alone[:5]
    with pytest.raises(TableError, match="more than a number holds"):
        plan(risk=risk(B1=1e300), weights=weights(infection=1e300))


def test_a_budget_that_binds_nothing_changes_nothing():
    idle = weights(days=0, infection=0)
    assert planned(plan(weights=idle, max_people=1e9)) == planned(plan(weights=idle))


@pytest.mark.parametrize(
    "wrong", [{"max_people": -1}, {"max_people": float("nan")}, {"max_checkpoints": "a"}]
)
def test_budgets_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=r"is no number from 0 upwards"):
        plan(**wrong)


def test_people_of_a_larger_area_are_shared_out_in_whole_persons():
    areas = tables()["areas"].assign(population=None)
    areas.loc[areas["area_id"] == "K1", "population"] = 32
    found = plan(trace(areas=areas)).areas.set_index("area_id")["population"]
    assert found[["B1", "B2", "B3"]].sum() == 32
    assert sorted(found[["B1", "B2", "B3"]]) == [10, 11, 11]


def test_whoever_comes_from_outside_is_counted():
    went = pd.DataFrame({
        "person_id": ["B3-0", "B3-1", "B4-0"],
        "location_id": "H-B4-0",
        "arrive": ["2022-05-09 10:00", "2022-04-20 10:00", "2022-05-09 10:00"],
        "depart": ["2022-05-09 10:30", "2022-04-20 10:30", "2022-05-09 10:30"],
    })  # fmt: skip
    found = plan(trace(visits=went)).areas.set_index("area_id")["visitors"]
    assert found.to_dict() == {**dict.fromkeys(BUILDINGS, 0), "B4": 1}


def test_ids_of_another_type_are_unknown_and_no_riddle():
    def numbered(table):
        return table.replace(
            {name: n for n, name in enumerate(sorted(tables()["areas"]["area_id"]))}
        )

    town = tables()
    areas = numbered(town["areas"]).astype({"area_id": "int64", "parent_id": "Int64"})
    places = numbered(town["locations"]).astype({"area_id": "int64"})
    found = trace(areas=areas, locations=places).redraw_zones(neighbours="movement")
    for ask in (found.explain, found.households):
        with pytest.raises(TableError, match="is called 'abc'"):
            ask("abc")
    with pytest.raises(TableError, match="no area is called 'abc'"):
        found.trace.redraw_zones(at_least={"abc": "control"})


def test_a_public_map_file_names_no_area_of_few(tmp_path):
    areas = tables()["areas"].assign(name=lambda t: "name of " + t["area_id"])
    found = plan(lived_in("B4", areas=areas))
    public = found.to_geojson(tmp_path / "public.geojson").read_text(encoding="utf-8")
    team = found.to_geojson(tmp_path / "team.geojson", public=False).read_text(encoding="utf-8")
    assert "name of B4" not in public  # two households
    assert "name of B4" in team


def test_tables_open_in_a_spreadsheet_without_running_anything(tmp_path):
    areas = tables()["areas"].assign(name="=1+1")
    folder = plan(trace(areas=areas)).to_csv(tmp_path / "plan")
    text = (folder / "areas.csv").read_text(encoding="utf-8-sig")
    assert "'=1+1" in text
    assert ",=1+1" not in text
