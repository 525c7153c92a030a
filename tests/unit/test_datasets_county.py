"""The synthetic county: same seed, same tables; people in one place; the story as told."""

import json

import numpy as np
import pandas as pd
import pytest

import tracegraph as tg
from tracegraph.model.schemas import TABLES

SMALL = 2_000


@pytest.fixture(scope="module")
def small():
    return tg.datasets.county(seed=2, n_people=SMALL)


@pytest.fixture(scope="module", params=[2, 7, 11])
def any_small(request):
    return tg.datasets.county(seed=request.param, n_people=SMALL)


def test_same_seed_makes_the_same_tables(small):
    again = tg.datasets.county(seed=2, n_people=SMALL)
    assert list(again.tables) == list(small.tables)
    for name, table in small.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table)
    pd.testing.assert_frame_equal(again.truth, small.truth)


def test_another_seed_makes_another_county(small):
    other = tg.datasets.county(seed=3, n_people=SMALL)
    assert not other.tables["visits"].equals(small.tables["visits"])


def test_every_column_but_the_extra_ones_is_in_the_schemas(small):
    extra = {"persons": {"disabled", "lives_alone", "occupation"}}
    for name, table in small.tables.items():
        known = set(TABLES[name].names)
        assert set(table.columns) - known == extra.get(name, set())


def test_ids_of_a_table_are_unique_and_joins_hold(any_small):
    tables = any_small.tables
    keys = {"persons": "person_id", "locations": "location_id", "areas": "area_id"}
    known = {}
    for name, key in keys.items():
        assert tables[name][key].is_unique
        known[key] = set(tables[name][key])
    for table, column, key in [
        ("visits", "person_id", "person_id"),
        ("visits", "location_id", "location_id"),
        ("persons", "home_id", "location_id"),
        ("persons", "employer_id", "location_id"),
        ("locations", "parent_id", "location_id"),
        ("locations", "area_id", "area_id"),
        ("areas", "parent_id", "area_id"),
        ("contacts", "contact_id", "person_id"),
        ("isolations", "site_id", "location_id"),
        ("tests", "person_id", "person_id"),
    ]:
        assert set(tables[table][column].dropna()) <= known[key]


def test_nobody_is_in_two_places_at_once(any_small):
    visits = any_small.tables["visits"].sort_values(["person_id", "arrive"], kind="stable")
    same = visits["person_id"].eq(visits["person_id"].shift(-1))
    clash = same & (visits["depart"] > visits["arrive"].shift(-1))
    assert not clash.any()
    assert (visits["depart"].dropna() > visits["arrive"][visits["depart"].notna()]).all()


def test_population_adds_up_over_levels(any_small):
    areas = any_small.tables["areas"]
    for level in ("township", "compound", "building"):
        assert areas.loc[areas["level"] == level, "population"].sum() == SMALL
    homes = any_small.tables["persons"].merge(
        any_small.tables["locations"], left_on="home_id", right_on="location_id"
    )
    living = homes["area_id"].value_counts()
    buildings = areas[areas["level"] == "building"].set_index("area_id")["population"]
    assert living.reindex(buildings.index, fill_value=0).equals(buildings.rename("count"))


def test_children_tile_their_parent(any_small):
    areas = any_small.tables["areas"].set_index("area_id")
    boxes = pd.DataFrame(
        [np.ravel([c[0], c[2]]) for g in areas["geometry"] for c in json.loads(g)["coordinates"]],
        index=areas.index,
        columns=["west", "south", "east", "north"],
    )
    size = (boxes["east"] - boxes["west"]) * (boxes["north"] - boxes["south"])
    parents = areas["parent_id"].dropna()
    total = size.loc[parents.index].groupby(parents).sum()
    assert np.allclose(total, size.loc[total.index], rtol=1e-3)
    inside = boxes.loc[parents.index]
    outside = boxes.loc[parents.to_numpy()].set_axis(parents.index)
    assert (inside["west"] >= outside["west"] - 1e-6).all()
    assert (inside["north"] <= outside["north"] + 1e-6).all()


def test_four_returnees_are_found_in_isolation_on_9_and_11_may(any_small):
    cases = any_small.tables["cases"]
    brought = cases[cases["imported"]]
    assert brought["confirmed"].dt.strftime("%d").tolist() == ["09", "11", "11", "11"]
    assert (brought["found_in"] == "isolation site").all()
    assert cases["infected_by"].isna().all()
    assert (cases["recorded"] == cases["confirmed"]).all()

    central = any_small.tables["isolations"].query("kind == 'central'").set_index("person_id")
    assert (
        central.loc[brought["person_id"], "start"].to_numpy() < brought["sampled"].to_numpy()
    ).all()
    coaches = any_small.tables["locations"].query("kind == 'coach'")["location_id"]
    visits = any_small.tables["visits"]
    rides = visits[visits["location_id"].isin(coaches)]
    back = rides.groupby("person_id")["depart"].max().loc[brought["person_id"]]
    assert set(back.dt.strftime("%m-%d")) <= {"05-04", "05-05", "05-06"}
    assert rides["seat"].str.fullmatch(r"\d{1,2}[A-D]").all()
    assert not rides.duplicated(["location_id", "seat"]).any()


def test_truth_tells_only_of_meetings_in_the_records(any_small):
    visits = any_small.tables["visits"].drop(columns=["record", "seat"])
    homes = any_small.tables["persons"].set_index("person_id")["home_id"]
    imported = set(any_small.tables["cases"].query("imported")["person_id"])
    for link in any_small.truth.itertuples():
        assert link.infector in imported | set(any_small.truth["infected"])
        if homes[link.infector] == homes[link.infected] == link.location_id:
            continue
        for person in (link.infector, link.infected):
            at_place = visits["location_id"] == link.location_id
            mine = visits[(visits["person_id"] == person) & at_place]
            until = mine["depart"].fillna(pd.Timestamp.max)
            assert ((mine["arrive"] <= link.time) & (link.time <= until)).any()


def test_cases_that_nobody_brought_are_people_infected_here(any_small):
    cases = any_small.tables["cases"]
    found_here = cases.loc[~cases["imported"], "person_id"]
    assert set(found_here) <= set(any_small.truth["infected"])
    positive = any_small.tables["tests"].query("result == 'positive'")
    assert set(cases["person_id"]) <= set(positive["person_id"])


def test_nobody_is_elsewhere_after_going_into_isolation(any_small):
    tables = any_small.tables
    start = tables["isolations"].groupby("person_id")["start"].min()
    rooms = tables["locations"].query("kind == 'isolation_room'")["location_id"]
    visits = tables["visits"][~tables["visits"]["location_id"].isin(rooms)]
    isolated = visits[visits["person_id"].isin(start.index)]
    assert (isolated["arrive"] < isolated["person_id"].map(start)).all()


def test_county_stands_still_from_10_may(small):
    visits = small.tables["visits"]
    rooms = small.tables["locations"].query("kind == 'isolation_room'")["location_id"]
    by_day = visits[~visits["location_id"].isin(rooms)].groupby(visits["arrive"].dt.date).size()
    before, after = by_day.iloc[:15], by_day.iloc[15:]
    assert after.max() < before.min() / 10


def test_graph_reads_all_rows_without_a_word(small):
    graph = small.graph()
    assert len(graph.rejects) == 0
    assert len(graph.warnings) == 0
    assert len(graph.visits) == len(small.tables["visits"])


def test_written_folder_reads_as_the_same_graph(small, tmp_path):
    graph = tg.read(small.write(tmp_path / "county"))
    direct = small.graph()
    assert (graph.counts["rejected"] == 0).all()
    assert graph.counts.set_index("table")["used"].to_dict() == (
        direct.counts.set_index("table")["used"].to_dict()
    )
    first, second = (g.trace("china-8").tiers for g in (graph, direct))
    pd.testing.assert_frame_equal(first, second)


def test_large_table_is_written_as_parquet(small, tmp_path, monkeypatch):
    monkeypatch.setattr("tracegraph.datasets.dataset._CSV_ROWS", 10_000)
    small.write(tmp_path)
    assert (tmp_path / "visits.parquet").exists()
    assert not (tmp_path / "visits.csv").exists()
    assert (tmp_path / "cases.csv").exists()
    assert tg.read(tmp_path).counts["rejected"].sum() == 0


def test_too_few_people_say_how_many_are_needed():
    with pytest.raises(ValueError, match="1,500 or more"):
        tg.datasets.county(seed=1, n_people=100)


def test_dataset_says_that_it_is_synthetic(small):
    assert small.synthetic
    assert "Synthetic" in small.note
    assert "synthetic" in repr(small)
    assert "P000" not in repr(small)
