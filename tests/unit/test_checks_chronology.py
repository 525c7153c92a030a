"""Times that cannot both be true: when a warning must come, and when it must not."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from told import graph_of, rules, warned
from tracegraph.model import options
from tracegraph.model.checks.checked import Moments
from tracegraph.model.checks.chronology import EARLY_ISOLATION, LATE_ONSET, _inside_stays
from tracegraph.model.checks.diary import Diary

NOW = dt.datetime(2022, 5, 20, 12, tzinfo=dt.timezone(dt.timedelta(hours=8)))


@pytest.fixture
def read_in_may(monkeypatch):
    """The clock of the reading: noon of 20 May 2022 in Shanghai."""
    monkeypatch.setattr(options.Options, "moment", lambda self: int(NOW.timestamp()))


def ill(person, **times):
    return {"person_id": person, **times}


def stay(person, arrive, depart, place="Mall"):
    return {"person_id": person, "location_id": place, "arrive": arrive, "depart": depart}


# ---- the future


@pytest.mark.parametrize("column", ["onset", "sampled", "confirmed"])
def test_case_after_the_moment_of_reading_is_told(read_in_may, column):
    cases = [ill("Ann", **{column: "2022-05-20 12:00:01"}), ill("Ben", **{column: "2022-05-09"})]
    found = warned(graph_of(cases=cases), "date-in-the-future")
    assert (found["column"], found["value"]) == (column, "Ann")
    assert found["message"] == (
        f"1 row has {column} after the moment of reading; used as it stands"
    )


def test_tests_after_the_moment_of_reading_are_told(read_in_may):
    tests = [
        {"person_id": p, "sampled": "2022-05-21", "result": "-"} for p in ("Ben", "Cleo", "Ben")
    ]
    found = warned(graph_of(tests=tests), "test-in-the-future")
    assert found["message"].startswith("3 rows have sampled after the moment of reading")
    assert found["value"] == "Ben, Cleo"


@pytest.mark.parametrize("onset", ["2022-05-20", "2022-05-20 12:00:00"])
def test_today_is_not_the_future(read_in_may, onset):
    test = {"person_id": "Ann", "sampled": onset, "result": "+"}
    told = rules(graph_of(cases=[ill("Ann", onset=onset)], tests=[test]))
    assert not {"date-in-the-future", "test-in-the-future"} & set(told)


# ---- onset after confirmation


@pytest.mark.parametrize("column", ["confirmed", "sampled"])
def test_onset_months_after_confirmation_is_told(column):
    cases = [
        ill("Ann", onset="2022-06-10", **{column: "2022-05-09"}),
        ill("Ben", onset="2022-05-09"),
    ]
    found = warned(graph_of(cases=cases), "onset-after-confirmation")
    assert found["message"] == (
        f"1 row has onset more than {LATE_ONSET} days after confirmed or sampled; the earliest "
        "date decides"
    )
    assert found["value"] == "Ann"


def test_case_that_is_late_by_both_counts_once():
    cases = [ill("Ann", onset="2022-07-10", confirmed="2022-05-09", sampled="2022-05-08")] * 2
    found = warned(graph_of(cases=cases), "onset-after-confirmation")
    assert found["message"].startswith("2 rows have onset")
    assert found["value"] == "Ann"


@pytest.mark.parametrize(
    "times",
    [
        {"onset": "2022-06-08", "confirmed": "2022-05-09"},
        {"onset": "2022-06-08 08:00", "confirmed": "2022-05-09 08:00"},
        {"onset": "2022-05-01", "confirmed": "2022-06-09"},
        {"onset": "2022-06-10"},
        {"confirmed": "2022-06-10", "sampled": "2022-05-01"},
    ],
)
def test_onset_that_may_be_right_is_not_told(times):
    assert "onset-after-confirmation" not in rules(graph_of(cases=[ill("Ann", **times)]))


# ---- isolation before the outbreak


def test_isolation_long_before_the_first_case_is_told():
    cases = [ill("Ann", onset="2022-05-09", isolated="2022-01-01"), ill("Ben", onset="2022-05-12")]
    isolations = [{"person_id": p, "start": "2022-03-09"} for p in ("Cleo", "Dan")]
    graph = graph_of(cases=cases, isolations=isolations)
    told = graph.warnings[graph.warnings["rule"] == "isolation-before-outbreak"]
    assert told[["table", "column", "value"]].to_numpy().tolist() == [
        ["isolations", "start", "Cleo, Dan"],
        ["cases", "isolated", "Ann"],
    ]
    assert told["message"].tolist() == [
        f"2 rows have start more than {EARLY_ISOLATION} days before the first case",
        f"1 row has isolated more than {EARLY_ISOLATION} days before the first case",
    ]


def test_isolation_sixty_days_before_the_first_case_is_not_told():
    isolations = [{"person_id": "Ben", "start": "2022-03-10"}]
    graph = graph_of(cases=[ill("Ann", onset="2022-05-09")], isolations=isolations)
    assert "isolation-before-outbreak" not in rules(graph)


# ---- reported and recorded


def test_result_known_before_the_specimen_is_told():
    tests = [
        {"person_id": "Ben", "sampled": "2022-05-09", "reported": "2022-05-08", "result": "-"},
        {"person_id": "Cleo", "sampled": "2022-05-09", "reported": "2022-05-10", "result": "-"},
    ]
    found = warned(graph_of(tests=tests), "reported-before-sampled")
    assert found["message"] == (
        "1 row has reported before sampled; the result counts as known from reported"
    )
    assert found["value"] == "Ben"


@pytest.mark.parametrize("reported", ["2022-05-09", "2022-05-09 00:00", None])
def test_result_of_the_same_day_is_not_told(reported):
    tests = [{"person_id": "Ben", "sampled": "2022-05-09", "reported": reported, "result": "-"}]
    assert "reported-before-sampled" not in rules(graph_of(tests=tests))


EVENTS = [
    ("cases", {"person_id": "Ben", "onset": "2022-05-09"}, "onset"),
    ("cases", {"person_id": "Ben", "sampled": "2022-05-09"}, "sampled"),
    ("visits", {"person_id": "Ben", "location_id": "Mall", "arrive": "2022-05-09"}, "arrive"),
    ("contacts", {"person_id": "Ben", "contact_id": "Dan", "start": "2022-05-09"}, "start"),
    ("isolations", {"person_id": "Ben", "start": "2022-05-09"}, "start"),
    ("tests", {"person_id": "Ben", "sampled": "2022-05-09", "result": "-"}, "sampled"),
    ("disinfections", {"location_id": "Ben", "done": "2022-05-09"}, "done"),
]


@pytest.mark.parametrize(("table", "row", "column"), EVENTS)
def test_row_known_before_it_happened_is_told(table, row, column):
    rows = [{**row, "recorded": day} for day in ("2022-05-08", "2022-05-08 23:59:59", "2022-05-09")]
    found = warned(graph_of(**{table: rows}), "recorded-before-event")
    assert found["message"] == (
        f"2 rows were recorded before {column}; known from recorded all the same"
    )
    assert (found["table"], found["column"], found["value"]) == (table, "recorded", "Ben")


def test_ticket_is_known_before_the_ride():
    ride = {**stay("Ben", "2022-05-12 09:00", None), "recorded": "2022-05-09"}
    graph = graph_of(visits=[{**ride, "record": "ticket"}])
    assert "recorded-before-event" not in rules(graph)
    warned(graph_of(visits=[{**ride, "record": "interview"}]), "recorded-before-event")


# ---- who infected whom


def test_source_that_fell_ill_later_is_told():
    cases = [
        ill("Ann", onset="2022-05-09"),
        ill("Ben", onset="2022-05-08", infected_by="Ann"),
        ill("Cleo", onset="2022-05-10", infected_by="Ann"),
    ]
    found = warned(graph_of(cases=cases), "infector-falls-ill-later")
    assert found["message"] == (
        "1 row names a source that fell ill after the case did; possible, but rare"
    )
    assert found["value"] == "Ben"


@pytest.mark.parametrize(
    ("source", "case"),
    [
        ([{"onset": "2022-05-09 10:00"}], {"onset": "2022-05-09"}),  # perhaps the other way round
        ([{"onset": "2022-05-20"}, {"onset": "2022-05-01"}], {"onset": "2022-05-09"}),  # twice ill
        ([{"sampled": "2022-05-20", "onset": "2022-05-08"}], {"confirmed": "2022-05-09"}),
    ],
)
def test_source_that_may_have_been_ill_before_is_not_told(source, case):
    cases = [*(ill("Ann", **times) for times in source), ill("Ben", infected_by="Ann", **case)]
    assert "infector-falls-ill-later" not in rules(graph_of(cases=cases))


def test_source_that_is_no_case_fell_never_ill():
    graph = graph_of(cases=[ill("Ann", onset="2022-05-09", infected_by="Zoe")])
    assert "infector-falls-ill-later" not in rules(graph)


# ---- onset outside the stays


def test_onset_outside_every_stay_is_told():
    cases = [ill("Ann", onset="2022-05-09"), ill("Ben", onset="2022-05-09")]
    visits = [
        stay("Ann", "2022-05-01", "2022-05-08"),
        stay("Ann", "2022-05-10", "2022-05-20"),
        stay("Ben", "2022-05-01", "2022-05-09"),
    ]
    found = warned(graph_of(cases=cases, visits=visits), "onset-outside-stays")
    assert found["message"] == (
        "1 case has an onset outside every stay on record; where they fell ill is unknown"
    )
    assert found["value"] == "Ann"


@pytest.mark.parametrize(
    "visit",
    [
        stay("Ann", "2022-05-07 10:00", "2022-05-07 12:00"),  # a shop
        stay("Ann", "2022-05-07", "2022-05-07"),  # a shop, known by its day
        stay("Ann", "2022-05-12 10:00", None),  # checked in, and left when?
        stay("Ann", "2022-05-07", "2022-05-12", place=None),
        stay("Ben", "2022-05-01", "2022-05-08"),
    ],
)
def test_stay_that_says_nothing_of_where_one_lives_is_not_told(visit):
    graph = graph_of(cases=[ill("Ann", onset="2022-05-09")], visits=[visit])
    assert "onset-outside-stays" not in rules(graph)


def test_case_without_onset_is_not_outside():
    visits = [stay("Ann", "2022-05-01", "2022-05-08")]
    graph = graph_of(cases=[ill("Ann", sampled="2022-05-09")], visits=visits)
    assert "onset-outside-stays" not in rules(graph)


visit_rows = st.lists(
    st.tuples(*[st.integers(0, 2)] * 2, st.integers(0, 9), st.one_of(st.none(), st.integers(0, 5))),
    max_size=8,
)
onsets = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 12)), min_size=1, max_size=6)


@settings(deadline=None)
@given(rows=visit_rows, ill=onsets)
def test_onsets_are_inside_where_some_stay_holds_them(rows, ill):
    people, places = ("Ann", "Ben", "Cleo"), ("Mall", "Bank", None)
    base = pd.Timestamp("2022-05-09", tz="Asia/Shanghai")

    def at(minute):
        return None if minute is None else base + pd.Timedelta(minutes=minute)

    graph = graph_of(
        cases=[{"person_id": people[p], "onset": at(t).isoformat()} for p, t in ill],
        visits=pd.DataFrame(
            [
                (people[p], places[q], at(a).isoformat(), n if n is None else at(a + n).isoformat())
                for p, q, a, n in [*rows, (0, 0, 0, 0)]
            ],
            columns=["person_id", "location_id", "arrive", "depart"],
        ),
    )
    inside = [
        any(p == q and place < 2 and a <= t and (n is None or t < a + n)
            for q, place, a, n in [*rows, (0, 0, 0, 0)])
        for p, t in ill
    ]  # fmt: skip
    cases, visits = graph.tables["cases"], graph.tables["visits"]
    found = _inside_stays(
        Diary.of(visits, len(graph.person_ids)),
        cases.code("person_id"),
        Moments.of(cases, "onset"),
    )
    assert found.tolist() == inside


def test_thousands_of_rows_without_a_name_are_not_paired():
    """One id for all who have none: cases times visits would be more than memory holds."""
    n = 30_000
    cases = pd.DataFrame({"person_id": "unknown", "onset": ["2022-05-09 08:00"] * n})
    visits = pd.DataFrame(
        {"person_id": "unknown", "location_id": np.arange(n) % 7, "arrive": "2022-05-08 09:00"}
    )
    visits["location_id"] = visits["location_id"].astype("str")
    assert "duplicate-row" in rules(graph_of(cases=cases, visits=visits))
