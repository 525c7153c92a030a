"""The synthetic city and the hostile sets: lawful days, few people traced, what each set says."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import tracegraph as tg
from tracegraph.exposure.presence import is_precise
from tracegraph.model.schemas import TABLES

SMALL = 5_000
START = pd.Timestamp("2022-05-01")
HOSTILE = ("one_place", "long_stays", "one_person", "equal_starts", "date_only", "everybody")
CLOSE = ("office", "workshop", "class", "restaurant_table", "taxi", "private_car")
VENUES = ("market", "mall", "shop", "park", "street")


@pytest.fixture(scope="module")
def small():
    return tg.datasets.city(SMALL, seed=1)


@pytest.fixture(scope="module", params=[1, 2, 3])
def any_small(request):
    return tg.datasets.city(SMALL, seed=request.param)


@pytest.fixture(scope="module")
def any_graph(any_small):
    return any_small.graph()


@pytest.fixture(scope="module")
def middling():
    return tg.datasets.city(20_000, seed=4).tables


def kinds_of_visits(tables):
    # ids count from 1
    kind = tables["locations"]["kind"].astype(str).to_numpy()
    return kind[tables["visits"]["location_id"].to_numpy() - 1]


def most_at_once(visits):
    """Most people at one place at the same time, by place."""
    ends = [(visits["arrive"], 1), (visits["depart"], -1)]
    steps = [pd.DataFrame({"place": visits["location_id"], "time": t, "step": s}) for t, s in ends]
    steps = pd.concat(steps).sort_values(["place", "time", "step"])
    return steps.groupby("place")["step"].cumsum().groupby(steps["place"]).max()


def traced(tables, **changes):
    return tg.TraceGraph(tz="Asia/Shanghai", **(tables | changes)).trace("china-8")


# ---- the city


def test_same_seed_makes_the_same_city(small):
    again = tg.datasets.city(SMALL, seed=1)
    assert list(again.tables) == list(small.tables) == ["cases", "visits", "locations"]
    for name, table in small.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table)


def test_another_seed_makes_another_city(small):
    other = tg.datasets.city(SMALL, seed=2)
    assert not other.tables["visits"].equals(small.tables["visits"])
    assert not other.tables["cases"].equals(small.tables["cases"])


def test_columns_are_those_of_the_schemas_and_narrow(small):
    for name, table in small.tables.items():
        assert set(table.columns) <= set(TABLES[name].names)
    visits = small.tables["visits"].dtypes.astype(str).to_list()
    assert visits == ["int32", "int32", "datetime64[s]", "datetime64[s]"]


def test_a_person_makes_43_visits_in_a_fortnight(any_small):
    assert 42.5 < len(any_small.tables["visits"]) / SMALL < 43.5


@pytest.mark.parametrize("days", [3, 9, 30])
def test_a_city_lives_as_many_days_as_asked(days):
    tables = tg.datasets.city(500, days=days, seed=1).tables
    visits = tables["visits"]
    assert visits["arrive"].dt.date.nunique() == days
    assert visits["depart"].max() == START + pd.Timedelta(days=days)
    assert tables["cases"]["onset"].between(START, visits["depart"].max()).all()


def test_nobody_is_in_two_places_at_once_and_rows_are_stays(any_small):
    visits = any_small.tables["visits"].sort_values(["person_id", "arrive"])
    assert (visits["depart"] > visits["arrive"]).all()
    same = visits["person_id"].to_numpy()[1:] == visits["person_id"].to_numpy()[:-1]
    pause = visits["arrive"].to_numpy()[1:] - visits["depart"].to_numpy()[:-1]
    assert pause[same].min() >= np.timedelta64(1, "m")


def test_every_place_is_declared_once(small):
    tables = small.tables
    assert tables["locations"]["location_id"].is_unique
    assert tables["visits"]["location_id"].isin(tables["locations"]["location_id"]).all()
    assert tables["cases"]["person_id"].is_unique
    assert tables["visits"]["person_id"].nunique() == SMALL


def test_visits_stand_in_the_order_of_arrival_and_else_by_chance(small):
    visits = small.tables["visits"]
    assert visits["arrive"].is_monotonic_increasing
    same_minute = visits["arrive"].diff().eq(pd.Timedelta(0))
    rising = visits["person_id"].diff()[same_minute] > 0
    assert 0.45 < rising.mean() < 0.55


def test_times_are_minutes_and_not_full_hours(small):
    visits = small.tables["visits"]
    assert (visits["arrive"].dt.second == 0).all()
    assert visits["arrive"].dt.minute.value_counts(normalize=True).between(0.01, 0.03).all()


def test_everybody_sleeps_at_home(small):
    visits = small.tables["visits"]
    night = START + pd.Timedelta(days=3, hours=3)
    asleep = visits[(visits["arrive"] <= night) & (visits["depart"] > night)]
    assert asleep["person_id"].nunique() == len(asleep) == SMALL
    assert set(kinds_of_visits(small.tables | {"visits": asleep})) == {"home"}
    assert asleep["location_id"].value_counts().between(1, 5).all()


def test_nobody_works_on_sundays(small):
    visits = small.tables["visits"]
    works = np.isin(kinds_of_visits(small.tables), ["office", "workshop", "class"])
    by_weekday = visits[works].groupby(visits["arrive"].dt.day_of_week).size()
    assert by_weekday.index.to_list() == [0, 1, 2, 3, 4]


def test_rooms_hold_five_to_forty_of_very_different_number(middling):
    works = np.isin(kinds_of_visits(middling), ["office", "workshop"])
    people = middling["visits"][works].groupby("location_id")["person_id"].nunique()
    assert people.max() <= 40
    assert people.quantile(0.95) > 2.5 * people.quantile(0.05)


def test_close_places_are_never_crowded(middling):
    close = np.isin(kinds_of_visits(middling), CLOSE)
    assert most_at_once(middling["visits"][close]).max() <= 40


def test_few_venues_have_many_of_the_visits():
    tables = tg.datasets.city(100_000, days=3, seed=1).tables
    at_venue = np.isin(kinds_of_visits(tables), VENUES)
    visits = tables["visits"]["location_id"][at_venue].value_counts().to_numpy()
    n_venues = tables["locations"]["kind"].isin(VENUES).sum()
    assert visits[: n_venues // 100].sum() > 0.05 * visits.sum()
    assert visits[: n_venues // 10].sum() > 0.3 * visits.sum()
    assert visits[0] > 10 * np.median(visits)


def test_every_kind_is_used_and_known_to_the_protocol(middling):
    used = set(kinds_of_visits(middling))
    assert used == set(middling["locations"]["kind"].cat.categories)
    assert used <= set(tg.Protocol.named("china-8").kind)


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("homes", ("home",)),
        ("buses and metros", ("bus", "metro")),
        ("offices, workshops and classes", ("office", "workshop", "class")),
        ("markets, malls, shops, parks and streets", VENUES),
        ("taxis and private cars", ("taxi", "private_car")),
        ("restaurant tables", ("restaurant_table",)),
    ],
)
def test_shares_of_visits_are_those_of_the_page(middling, words, kinds):
    share = round(100 * np.isin(kinds_of_visits(middling), kinds).mean())
    page = (Path(__file__).parents[2] / "docs" / "explanation" / "city.md").read_text("utf-8")
    assert f"| {words} | {share} % |" in page


def test_a_ride_is_of_a_trip(middling):
    by_bus = kinds_of_visits(middling) == "bus"
    visits = middling["visits"][by_bus]
    boarded = visits.groupby("location_id")["arrive"].agg(["min", "max"])
    assert (boarded["max"] - boarded["min"]).max() < pd.Timedelta(minutes=15)


def test_cases_are_instants_in_the_middle_of_the_fortnight(any_small, any_graph):
    cases = any_small.tables["cases"]
    assert list(cases.columns) == ["person_id", "onset", "confirmed", "isolated"]
    assert len(cases) == SMALL // 1_000
    assert cases["onset"].dt.day.between(6, 12).all()  # 1 May is day 0
    waited = (cases["confirmed"].dt.normalize() - cases["onset"].dt.normalize()).dt.days
    assert waited.between(1, 2).all()
    assert cases["isolated"].equals(cases["confirmed"])
    assert is_precise(any_graph)


def test_cases_are_seen_nowhere_once_isolated(any_small):
    visits = any_small.tables["visits"].merge(any_small.tables["cases"], on="person_id")
    assert (visits["depart"] <= visits["isolated"]).all()
    assert len(visits) > 0


def test_cases_stand_in_clusters():
    tables = tg.datasets.city(SMALL, seed=1, n_cases=60).tables
    visits = tables["visits"].assign(kind=kinds_of_visits(tables))
    rooms = visits[visits["kind"].isin(["office", "workshop", "class"])]
    of_cases = rooms[rooms["person_id"].isin(tables["cases"]["person_id"])]
    persons = of_cases.groupby("location_id")["person_id"].nunique()
    # by chance sixty of five thousand would hardly ever meet two others in one room
    assert persons.sort_values().tail(3).min() >= 3


def test_fewer_than_one_in_five_is_traced(any_graph):
    trace = any_graph.trace("china-8")
    assert set(trace.tiers["tier"]) == {0, 1, 2}
    reached = set(trace.tiers["person_id"]) | set(trace.venue_contacts["person_id"])
    assert len(trace.tiers) / SMALL > 0.01
    assert len(reached) / SMALL < 0.2


def test_graph_reads_all_rows_without_a_word(any_small, any_graph):
    assert len(any_graph.rejects) == 0
    assert len(any_graph.warnings) == 0
    assert len(any_graph.visits) == len(any_small.tables["visits"])


def test_text_ids_are_the_same_world(small):
    texts = tg.datasets.city(SMALL, seed=1, ids="text").tables
    for name, table in small.tables.items():
        for column in table:
            if letter := {"person_id": "P", "location_id": "L"}.get(column):
                assert isinstance(texts[name][column].dtype, pd.CategoricalDtype)
                expected = letter + table[column].astype(str).str.zfill(7)
                assert (texts[name][column].astype(str) == expected).all()
            else:
                assert texts[name][column].equals(table[column])
    numbers, words = traced(small.tables).tiers, traced(texts).tiers
    assert words["person_id"].str[1:].astype(int).to_list() == numbers["person_id"].to_list()
    assert words["first_exposure"].equals(numbers["first_exposure"])


@pytest.mark.parametrize("ids", ["integer", "text"])
def test_written_folder_reads_as_the_same_graph(ids, tmp_path):
    city = tg.datasets.city(SMALL, seed=1, ids=ids)
    folder = city.write(tmp_path / "city")
    person = pq.ParquetFile(folder / "visits.parquet").schema_arrow.field("person_id").type
    expected = "string" if ids == "text" else "int32"
    assert str(person).removeprefix("large_") == expected
    graph = tg.read(folder)
    assert graph.counts["rejected"].sum() == 0
    first, second = (g.trace("china-8").tiers for g in (graph, city.graph()))
    pd.testing.assert_frame_equal(first, second, check_dtype=False)
    assert is_precise(graph)


def test_small_tables_with_numbers_stay_csv_files(tmp_path):
    tg.datasets.city(500, seed=1).write(tmp_path)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".csv", ".csv", ".csv", ".toml"]
    assert tg.read(tmp_path).counts["rejected"].sum() == 0


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"n_people": 99}, "Use 100 or more"),
        ({"days": 2}, "Use 3 or more"),
        ({"n_cases": 0}, "from 1 to n_people"),
        ({"n_cases": 501}, "from 1 to n_people"),
        ({"ids": "words"}, '"integer" or "text"'),
    ],
)
def test_impossible_cities_say_what_would_do(changes, match):
    with pytest.raises(ValueError, match=match):
        tg.datasets.city(**({"n_people": 500} | changes))


def test_everybody_may_be_a_case():
    assert len(tg.datasets.city(100, n_cases=100).tables["cases"]) == 100


def test_modules_do_not_take_the_place_of_the_functions():
    import tracegraph.datasets.hostile_sets
    import tracegraph.datasets.synthetic_city  # noqa: F401

    assert callable(tg.datasets.city)
    assert callable(tg.datasets.hostile)


# ---- hostile sets


@pytest.fixture(scope="module", params=HOSTILE)
def any_hostile(request):
    return tg.datasets.hostile(request.param, 10_000)


@pytest.fixture(scope="module")
def hostile_graph(any_hostile):
    return any_hostile.graph()


@pytest.fixture(scope="module")
def hostile_visits():
    return {name: tg.datasets.hostile(name, 10_000).tables["visits"] for name in HOSTILE}


def test_same_seed_makes_the_same_hostile_set(any_hostile):
    again = tg.datasets.hostile(any_hostile.name, 10_000)
    other = tg.datasets.hostile(any_hostile.name, 10_000, seed=2)
    for name, table in any_hostile.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table)
    assert not other.tables["visits"].equals(any_hostile.tables["visits"])


def test_hostile_sets_are_about_as_large_as_asked(any_hostile):
    assert 9_500 < len(any_hostile.tables["visits"]) < 10_500


def test_hostile_sets_lose_no_row_and_trace_somebody(any_hostile, hostile_graph):
    assert len(hostile_graph.rejects) == 0
    tiers = hostile_graph.trace("china-8").tiers
    assert (tiers["tier"] == 0).sum() == len(any_hostile.tables["cases"])
    assert (tiers["tier"] == 1).any()


def test_hostile_sets_warn_of_nothing_but_what_they_are(any_hostile, hostile_graph):
    warned = set(hostile_graph.warnings["rule"])
    assert warned == ({"two-places-at-once"} if any_hostile.name == "one_person" else set())


def test_hostile_rows_of_one_person_at_one_place_do_not_touch(any_hostile):
    visits = any_hostile.tables["visits"]
    if any_hostile.name == "date_only":
        assert not visits.duplicated().any()
        return
    visits = visits.sort_values(["person_id", "location_id", "arrive"])
    assert (visits["depart"] > visits["arrive"]).all()
    same = visits[["person_id", "location_id"]].diff().eq(0).all(axis=1)
    assert (visits["arrive"] > visits["depart"].shift())[same].all()


def test_all_are_at_one_close_place(hostile_visits):
    tables = tg.datasets.hostile("one_place", 10_000).tables
    assert tables["locations"]["kind"].to_list() == ["workshop"]
    assert hostile_visits["one_place"]["location_id"].nunique() == 1


def test_long_stays_last_for_months_in_few_wards(hostile_visits):
    visits = hostile_visits["long_stays"]
    days = (visits["depart"] - visits["arrive"]).dt.days
    assert days.median() > 60
    assert visits["location_id"].nunique() <= 300
    assert most_at_once(visits).median() > 10


def test_one_person_makes_half_of_the_visits(hostile_visits):
    counts = hostile_visits["one_person"]["person_id"].value_counts()
    assert counts.iloc[0] > 0.48 * counts.sum()
    assert counts.iloc[1] < 20


def test_equal_starts_start_at_the_same_second(hostile_visits):
    assert hostile_visits["equal_starts"]["arrive"].nunique() == 1
    sizes = hostile_visits["equal_starts"]["location_id"].value_counts()
    assert sizes.iloc[0] > 20 * sizes.median()


def test_dates_without_a_time_of_day_are_read_as_dates():
    dates = tg.datasets.hostile("date_only", 10_000)
    graph = dates.graph()
    visits = graph.facts.visits
    assert not is_precise(graph)
    assert (visits.arrive_hi - visits.arrive_lo == 24 * 3_600).all()
    assert set(graph.trace("china-8").tiers.query("tier > 0")["certainty"]) == {"possible"}


@pytest.mark.parametrize("seed", [1, 2])
def test_almost_everybody_is_traced(seed):
    everybody = tg.datasets.hostile("everybody", 100_000, seed=seed)
    people = everybody.tables["visits"]["person_id"].nunique()
    assert len(everybody.graph().trace("china-8").tiers) > 0.9 * people


def test_unknown_hostile_sets_name_those_that_are_known():
    with pytest.raises(ValueError, match="one_place, long_stays, one_person, equal_starts"):
        tg.datasets.hostile("friendly")


def test_too_few_visits_are_not_hostile():
    with pytest.raises(ValueError, match="5,000 or more"):
        tg.datasets.hostile("one_place", 10)


@pytest.mark.parametrize("name", ["date_only", "everybody"])
def test_hostile_folders_read_back(name, tmp_path):
    made = tg.datasets.hostile(name, 10_000)
    # ids of a CSV file are texts, in the order of texts
    read = tg.read(made.write(tmp_path)).trace("china-8").tiers.astype({"person_id": int})
    direct = made.graph().trace("china-8").tiers
    columns = ["person_id", "tier", "certainty", "first_exposure", "last_exposure"]
    first, second = (t.sort_values("person_id", ignore_index=True) for t in (read, direct))
    pd.testing.assert_frame_equal(first[columns], second[columns], check_dtype=False)
