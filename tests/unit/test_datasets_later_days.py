"""The county after 12 May: the days before stay as they were; the county acts; zones as ordered."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

import tracegraph as tg
from tracegraph.model.schemas import TABLES

SMALL = 2_000
TURN = pd.Timestamp("2022-05-12 18:00")
MIDNIGHT = pd.Timestamp("2022-05-23")
SPREADS_ON = 238  # a seed of which people are infected after 12 May, 18:00


@pytest.fixture(scope="module", params=[2, 7, SPREADS_ON])
def pair(request):
    make = tg.datasets.county
    return (
        make(seed=request.param, n_people=SMALL),
        make(seed=request.param, n_people=SMALL, until="2022-05-23"),
    )


@pytest.fixture(scope="module")
def spreading():
    return tg.datasets.county(seed=SPREADS_ON, n_people=SMALL, until="2022-05-23")


@pytest.fixture(scope="module")
def large():
    return tg.datasets.county(seed=5, n_people=30_000, until="2022-05-23")


@pytest.mark.parametrize("name", ["persons", "areas"])
def test_who_lives_where_does_not_change(pair, name):
    first, whole = pair
    pd.testing.assert_frame_equal(whole.tables[name], first.tables[name])


@pytest.mark.parametrize("name", ["cases", "contacts", "tests"])
def test_rows_up_to_12_may_come_first_and_are_the_same(pair, name):
    first, whole = (data.tables[name] for data in pair)
    pd.testing.assert_frame_equal(whole.iloc[: len(first)], first)


def test_locations_are_the_same_and_checkpoints_follow(pair):
    first, whole = (data.tables["locations"] for data in pair)
    pd.testing.assert_frame_equal(whole.iloc[: len(first)], first)
    assert set(whole.iloc[len(first) :]["kind"]) == {"checkpoint"}


def test_visits_up_to_12_may_are_the_same_but_for_what_later_cases_told(pair):
    first, whole = pair
    before = whole.tables["visits"].iloc[: len(first.tables["visits"])]
    facts = ["person_id", "location_id", "arrive", "seat"]
    pd.testing.assert_frame_equal(before[facts], first.tables["visits"][facts])
    told_later = set(whole.tables["cases"]["person_id"]) - set(first.tables["cases"]["person_id"])
    differs = (before["record"].fillna("") != first.tables["visits"]["record"].fillna("")) | (
        before["depart"].fillna(TURN) != first.tables["visits"]["depart"].fillna(TURN)
    )
    assert set(before.loc[differs, "person_id"]) <= told_later


def test_infections_up_to_12_may_are_the_same(pair):
    first, whole = pair
    assert (first.truth["time"] < TURN).all()
    pd.testing.assert_frame_equal(whole.truth.iloc[: len(first.truth)], first.truth)
    assert (whole.truth["time"].iloc[len(first.truth) :] >= TURN).all()


def test_an_earlier_end_makes_a_beginning_of_a_later_one(spreading):
    some = tg.datasets.county(seed=SPREADS_ON, n_people=SMALL, until=dt.date(2022, 5, 15))
    for name in ("tests", "cases", "contacts"):
        short = some.tables[name]
        assert 0 < len(short) < len(spreading.tables[name])
        pd.testing.assert_frame_equal(short, spreading.tables[name].iloc[: len(short)])
    assert (some.tables["cases"]["confirmed"] < "2022-05-15").all()
    assert (some.tables["visits"]["arrive"] < "2022-05-15").all()
    assert some.tables["rounds"]["round_id"].tolist() == [f"R{n}" for n in range(1, 7)]


@pytest.mark.parametrize(
    "until", ["2022-05-12", "2022-05-24", "2022-05-15 18:00", "soon", dt.date(2021, 5, 20), 20]
)
def test_days_that_the_county_does_not_have_are_refused(until):
    with pytest.raises(ValueError, match="from 13 to 23 May 2022"):
        tg.datasets.county(seed=1, n_people=SMALL, until=until)


def test_tables_of_the_account_stand_only_in_the_whole_story(pair):
    first, whole = pair
    assert set(whole.tables) - set(first.tables) == {"zone_history", "measures", "rounds"}


def test_every_column_is_in_the_schemas(spreading):
    extra = {"persons": {"disabled", "lives_alone", "occupation"}}
    for name, table in spreading.tables.items():
        assert set(table.columns) - set(TABLES[name].names) == extra.get(name, set())


def test_graph_reads_all_rows_without_a_word():
    data = tg.datasets.county(seed=2, n_people=SMALL, until="2022-05-23")
    graph = data.graph()
    assert len(graph.rejects) == 0
    assert len(graph.warnings) == 0
    assert len(graph.visits) == len(data.tables["visits"])


def test_the_county_goes_on_standing_still(pair):
    first, whole = pair
    visits = whole.tables["visits"].iloc[len(first.tables["visits"]) :]
    assert visits["depart"].max() <= MIDNIGHT
    rooms = whole.tables["locations"].query("kind == 'isolation_room'")["location_id"]
    errands = visits[~visits["location_id"].isin(rooms)]
    by_day = errands["arrive"].dt.day.value_counts()
    assert set(range(13, 23)) <= set(by_day.index) <= set(range(12, 23))
    assert by_day.max() < 0.05 * SMALL


def test_nobody_is_in_two_places_at_once(pair):
    visits = pair[1].tables["visits"].sort_values(["person_id", "arrive"], kind="stable")
    same = visits["person_id"].eq(visits["person_id"].shift(-1))
    assert not (same & (visits["depart"] > visits["arrive"].shift(-1))).any()
    known = visits["depart"].notna()
    assert (visits["depart"][known] > visits["arrive"][known]).all()


def test_ten_rounds_test_the_same_share(pair):
    tables = pair[1].tables
    rounds = tables["rounds"]
    assert rounds["round_id"].tolist() == [f"R{n}" for n in range(1, 11)]
    assert rounds["start"].dt.strftime("%d").tolist() == [f"{d:02}" for d in range(9, 19)]
    tests = tables["tests"].merge(rounds, on="round_id")
    pooled = tests[tests["pool_id"].notna()]
    assert ((pooled["sampled"] >= pooled["start"]) & (pooled["sampled"] < pooled["end"])).all()
    sizes = pooled["round_id"].value_counts()
    assert len(sizes) == 10
    assert sizes.between(0.13 * SMALL, 0.22 * SMALL).all()


def test_later_cases_are_infected_people_whom_a_round_found(spreading):
    cases = spreading.tables["cases"]
    later = cases[cases["confirmed"] >= TURN]
    assert len(later) > 0
    assert not later["imported"].any()
    assert set(later["person_id"]) <= set(spreading.truth["infected"])
    tests = spreading.tables["tests"].query("result == 'positive'")
    assert (
        tests.set_index("person_id").loc[later["person_id"], "sampled"].to_numpy()
        == later["sampled"].to_numpy()
    ).all()
    assert cases["person_id"].is_unique
    last = spreading.tables["tests"].groupby("person_id")["sampled"].max()
    assert (last.loc[cases["person_id"]].to_numpy() == cases["sampled"].to_numpy()).all()


def test_cases_go_to_hospital_within_hours(spreading):
    hospital = spreading.tables["isolations"].query("kind == 'hospital'")
    cases = spreading.tables["cases"].set_index("person_id")
    moved = hospital.set_index("person_id")["start"]
    after = moved - cases["confirmed"]
    assert after.between(pd.Timedelta(hours=1), pd.Timedelta(hours=4)).all()


def test_household_and_reported_contacts_of_each_case_are_isolated_within_a_day(spreading):
    tables = spreading.tables
    told = tables["contacts"].groupby("contact_id")["recorded"].min()
    asked = np.maximum(told, TURN)
    since = tables["isolations"].groupby("person_id")["start"].min()
    assert set(asked.index) <= set(since.index)
    called = since.loc[asked.index] - asked
    assert (called <= pd.Timedelta(days=1)).all()
    rows = tables["isolations"].query("kind == 'central' and start >= @TURN")
    assert len(rows) > 0
    assert rows["site_id"].notna().all()
    assert (rows["recorded"] == rows["start"]).all()
    persons = tables["persons"].set_index("person_id")["home_id"]
    households = persons[persons.isin(persons.loc[tables["cases"]["person_id"]])]
    assert set(households.index) <= set(since.index)


def test_nobody_leaves_isolation_or_is_infected_in_it(spreading):
    tables = spreading.tables
    since = tables["isolations"].groupby("person_id")["start"].min()
    rooms = tables["locations"].query("kind == 'isolation_room'")["location_id"]
    outside = tables["visits"][~tables["visits"]["location_id"].isin(rooms)]
    outside = outside[outside["person_id"].isin(since.index)]
    assert (outside["arrive"] < outside["person_id"].map(since)).all()
    in_rooms = tables["visits"][tables["visits"]["location_id"].isin(rooms)]
    assert in_rooms["person_id"].is_unique
    assert in_rooms["location_id"].is_unique
    later = spreading.truth[spreading.truth["time"] >= TURN]
    assert len(later) > 0
    for column in ("infector", "infected"):
        assert (later["time"] < later[column].map(since).fillna(MIDNIGHT)).all()


def test_later_infections_happen_at_home_or_where_both_were(spreading):
    visits = spreading.tables["visits"]
    homes = spreading.tables["persons"].set_index("person_id")["home_id"]
    for link in spreading.truth[spreading.truth["time"] >= TURN].itertuples():
        if homes[link.infector] == homes[link.infected] == link.location_id:
            continue
        here = visits[visits["location_id"] == link.location_id]
        for person in (link.infector, link.infected):
            mine = here[here["person_id"] == person]
            until = mine["depart"].fillna(MIDNIGHT)
            assert ((mine["arrive"] <= link.time) & (link.time <= until)).any()


def in_force(table, moment):
    now = pd.Timestamp(moment)
    return table[(table["start"] <= now) & ~(table["end"] <= now)]


def test_three_lockdown_and_fifteen_control_zones_are_drawn_by_11_may(large):
    zones = large.tables["zone_history"]
    counts = {
        day: in_force(zones, f"2022-05-{day:02} 23:00")["zone"].value_counts().to_dict()
        for day in range(8, 23)
    }
    assert counts[8] == {}
    assert counts[9] == {"lockdown": 1, "control": 5}
    assert counts[11] == counts[13] == {"lockdown": 3, "control": 15}
    assert counts[22] == {}
    assert {"No. 1", "No. 2", "No. 3", "No. 6"} <= set(zones["order"])
    assert (zones["recorded"] == zones["start"]).all()


def test_zones_are_whole_communities_and_one_label_holds_at_a_time(large):
    zones = large.tables["zone_history"]
    levels = large.tables["areas"].set_index("area_id")["level"]
    assert set(levels.loc[zones["area_id"]]) <= {"community", "village"}
    for _, rows in zones.groupby("area_id"):
        ends = rows.sort_values("start")["end"].to_numpy()[:-1]
        assert (ends <= rows.sort_values("start")["start"].to_numpy()[1:]).all()


def test_home_communities_of_imported_cases_are_sealed_even_if_they_never_went_home(large):
    tables = large.tables
    areas = tables["areas"].set_index("area_id")
    homes = tables["persons"].set_index("person_id")["home_id"]
    building = tables["locations"].set_index("location_id")["area_id"]
    brought = tables["cases"].query("imported")["person_id"]
    compound = areas.loc[building.loc[homes.loc[brought]], "parent_id"]
    community = areas.loc[compound, "parent_id"]
    sealed = in_force(tables["zone_history"].query("zone == 'lockdown'"), "2022-05-14 21:00")
    assert set(community) <= set(sealed["area_id"])


def test_small_county_seals_homes_alone():
    tables = tg.datasets.county(seed=2, n_people=SMALL, until="2022-05-23").tables
    first = in_force(tables["zone_history"], "2022-05-09 23:00")
    assert first["zone"].value_counts().to_dict() == {"control": 2, "lockdown": 1}


def test_zones_known_at_an_earlier_end_are_not_ended(large):
    until = tg.datasets.county(seed=5, n_people=30_000, until="2022-05-13")
    zones, whole = until.tables["zone_history"], large.tables["zone_history"]
    assert zones["end"].isna().any()
    assert len(zones) == (whole["start"] < "2022-05-13").sum()


def test_static_management_holds_over_the_county(large):
    measures = large.tables["measures"]
    assert measures["kind"].tolist() == ["static_management"]
    top = large.tables["areas"].set_index("area_id")["level"]
    assert top.loc[measures["area_id"]].tolist() == ["county"]
    assert measures["start"].tolist() == ["2022-05-10"]
    assert measures["end"].isna().all()


def test_checkpoints_stand_inside_the_seat_at_its_borders(large):
    areas = large.tables["areas"].set_index("area_id")
    points = large.tables["locations"].query("kind == 'checkpoint'")
    assert len(points) >= 3
    seat = json.loads(areas.loc["A00002", "geometry"])["coordinates"][0]
    west, south, east, north = *seat[0], *seat[2]
    assert points["lon"].between(west, east).all()
    assert points["lat"].between(south, north).all()
    to_border = np.minimum.reduce(
        [points["lon"] - west, east - points["lon"], points["lat"] - south, north - points["lat"]]
    )
    assert (to_border < 1e-3).all()
    assert (areas.loc[points["area_id"], "level"] == "building").all()
    for point in points.itertuples():
        ring = json.loads(areas.loc[point.area_id, "geometry"])["coordinates"][0]
        assert ring[0][0] - 1e-6 <= point.lon <= ring[2][0] + 1e-6
        assert ring[0][1] - 1e-6 <= point.lat <= ring[2][1] + 1e-6
