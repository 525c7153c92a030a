"""The graph: facts, frames, what was known when, and that it never changes."""

import datetime as dt
import pickle
from dataclasses import fields

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings, strategies as st

from tracegraph import TableError, TraceGraph
from tracegraph.model.calendar import BEFORE, NEVER

TZ = "Asia/Shanghai"
DAY = 86400
CASES = pd.DataFrame({"person_id": ["A"], "onset": ["2022-05-09"]})


def graph_of(**tables):
    return TraceGraph(**{"cases": CASES, "tz": TZ, **tables})


def visits(*rows, **more):
    columns = ["person_id", "location_id", "arrive", "depart"]
    return pd.DataFrame(rows, columns=columns).assign(**more)


def minute(text):
    stamp = pd.Timestamp(text)
    return (stamp - pd.Timestamp("2022-05-08")) // pd.Timedelta(seconds=1)


def test_bounds_of_visits():
    facts = graph_of(
        visits=visits(
            ("A", "L", "2022-05-08 09:00", "2022-05-08 10:00"),
            ("A", "L", "2022-05-08 12:00", None),
            ("B", "L", "2022-05-08", "2022-05-09"),
        )
    ).facts.visits
    assert facts.arrive_lo.tolist() == [9 * 3600, 12 * 3600, 0]
    assert facts.arrive_hi.tolist() == [9 * 3600, 12 * 3600, DAY]
    assert facts.depart_lo.tolist() == [10 * 3600, BEFORE, DAY]
    assert facts.depart_hi.tolist() == [10 * 3600, NEVER, 2 * DAY]
    assert facts.known.tolist() == [BEFORE] * 3


def test_unplaced_visits_are_kept_apart():
    graph = graph_of(
        visits=visits(
            ("A", "L", "2022-05-08 09:00", None),
            ("B", None, "2022-05-08 10:00", None),
            ("A", "", "2022-05-08 11:00", None),
        )
    )
    assert len(graph.visits) == 3
    assert graph.person_ids[graph.facts.visits.person].tolist() == ["A"]
    assert graph.unplaced.location.tolist() == [-1, -1]
    assert graph.person_ids[graph.unplaced.person].tolist() == ["B", "A"]


def test_seats_carriages_and_weak_records():
    graph = graph_of(
        visits=visits(
            *[("A", "L", "2022-05-08 09:00", None)] * 4,
            seat=["12A", " 7 ", "F3", None],
            carriage=["3", "03", None, "3"],
            record=["Ticket", "WIFI", "phone", None],
        )
    )
    facts = graph.facts.visits
    assert facts.seat.tolist() == [12, 7, -1, -1]
    assert facts.weak.tolist() == [False, True, True, False]
    assert facts.carriage[0] == facts.carriage[3] != facts.carriage[1]
    assert facts.carriage[2] == -1
    assert graph.visits["record"].tolist()[:3] == ["ticket", "wifi", "phone"]


def test_contacts_last_a_second_or_their_day():
    contacts = pd.DataFrame(
        {
            "person_id": "A",
            "contact_id": "B",
            "start": ["2022-05-08 09:00", "2022-05-08", "2022-05-08 09:00", "2022-05-08"],
            "end": [None, None, "2022-05-08 10:00", "2022-05-09"],
            "kind": ["Meal", None, "care", "meal"],
        }
    )
    graph = graph_of(contacts=contacts)
    facts = graph.facts.contacts
    assert facts.lo.tolist() == [32400, 0, 32400, 0]
    assert facts.hi.tolist() == [32401, DAY, 36000, 2 * DAY]
    assert [graph.contact_kinds[k] if k >= 0 else None for k in facts.kind] == [
        "meal",
        None,
        "care",
        "meal",
    ]


def test_isolations_tests_and_disinfections():
    graph = graph_of(
        isolations=pd.DataFrame(
            {
                "person_id": "A",
                "start": ["2022-05-09 09:00", "2022-05-10"],
                "end": [None, "2022-05-11"],
                "kind": ["HOME", None],
                "site_id": [None, "S"],
            }
        ),
        tests=pd.DataFrame(
            {
                "person_id": "A",
                "sampled": ["2022-05-09 09:00"] * 4,
                "reported": ["2022-05-09 20:00", None, None, None],
                "result": ["Positive", "阴性", "pending", "-"],
            }
        ),
        disinfections=pd.DataFrame({"location_id": ["S"], "done": ["2022-05-09"]}),
    )
    facts = graph.facts
    assert facts.isolations.kind.tolist() == [0, -1]
    assert facts.isolations.end_lo.tolist() == [NEVER, 2 * DAY]
    assert facts.isolations.end_hi.tolist() == [NEVER, 3 * DAY]
    assert graph.location_ids[facts.isolations.site[1]] == "S"
    assert facts.tests.positive.tolist() == [1, 0, -1, 0]
    assert facts.tests.known.tolist() == [20 * 3600, *[9 * 3600 + DAY] * 3]
    assert facts.disinfections.done_hi.tolist() == [DAY]


def test_zones_rounds_and_measures():
    graph = graph_of(
        areas=pd.DataFrame({"area_id": ["K1", "K2"]}),
        tests=pd.DataFrame(
            {
                "person_id": ["A", "B", "C"],
                "sampled": ["2022-05-09 09:00"] * 3,
                "result": ["-", "+", "-"],
                "round_id": [1, 2, None],
                "pool_id": ["T7", "T7", None],
            }
        ),
        zone_history=pd.DataFrame(
            {
                "area_id": ["K2", "K1"],
                "zone": [" 封控区", "Control"],
                "start": ["2022-05-09 09:00", "2022-05-10"],
                "end": [None, "2022-05-11"],
            }
        ),
        rounds=pd.DataFrame({"round_id": [2, 3], "area_id": ["K1", None], "start": "2022-05-09"}),
        measures=pd.DataFrame(
            {"area_id": ["K1"], "kind": ["Static_Management"], "start": ["2022-05-09"]}
        ),
    )
    facts = graph.facts
    assert [graph.zone_names[z] for z in facts.zone_history.zone] == ["封控区", "control"]
    assert facts.zone_history.area.tolist() == [1, 0]
    assert facts.zone_history.start_hi.tolist() == [32400, 2 * DAY]
    assert facts.zone_history.end_lo.tolist() == [NEVER, 2 * DAY]
    assert graph.round_ids == ("1", "2", "3")
    assert facts.tests.round.tolist() == [0, 1, -1]
    assert facts.tests.pool.tolist() == [0, 0, -1]
    assert facts.rounds.round.tolist() == [1, 2]
    assert facts.rounds.area.tolist() == [0, -1]
    assert graph.measure_kinds == ("static_management",)
    assert facts.measures.end_hi.tolist() == [NEVER]
    assert graph.zone_history["zone"].tolist() == ["封控区", "control"]
    assert graph.rounds["round_id"].tolist() == [2, 3]
    assert graph.measures["area_id"].tolist() == ["K1"]


@pytest.mark.parametrize("table", ["zone_history", "rounds", "measures"])
def test_spans_that_end_before_they_begin_are_rejected(table):
    row = {"area_id": "K1", "zone": "control", "round_id": "R1"}
    rows = [{**row, "start": "2022-05-09", "end": end} for end in ("2022-05-10", "2022-05-08")]
    graph = graph_of(**{table: pd.DataFrame(rows)})
    assert graph.rejects["rule"].tolist() == ["end-before-start"]
    assert len(graph.table(table)) == 1


@pytest.mark.parametrize("table", ["zone_history", "rounds", "measures"])
def test_spans_learnt_later_are_masked(table):
    row = {"area_id": "K1", "zone": "control", "round_id": "R1", "start": "2022-05-09"}
    rows = [{**row, "recorded": f"2022-05-{day} 12:00"} for day in ("09", "11")]
    graph = graph_of(**{table: pd.DataFrame(rows)})
    assert len(graph.as_of("2022-05-10").table(table)) == 1
    assert len(getattr(graph.as_of("2022-05-12").facts, table)) == 2


def test_start_of_a_zone_moves_the_latest_moment_and_a_planned_round_does_not():
    late = pd.DataFrame({"area_id": ["K1"], "zone": "control", "start": ["2022-06-01 08:00"]})
    ill = graph_of()
    moved = graph_of(zone_history=late)
    assert moved.calendar.timestamps([moved.now])[0] == pd.Timestamp(
        "2022-06-01 08:00", tz="Asia/Shanghai"
    )
    planned = graph_of(rounds=late.assign(round_id="R9"), measures=late)
    assert planned.now == ill.now


def test_homes_parents_and_areas_are_coded():
    graph = graph_of(
        persons=pd.DataFrame(
            {"person_id": ["A", "A", "B"], "home_id": [None, "H", "X"], "name": ["a", "b", "c"]}
        ),
        locations=pd.DataFrame(
            {
                "location_id": ["H", "R"],
                "kind": ["Home", " ward"],
                "parent_id": [None, "B1"],
                "area_id": ["g1", None],
                "lat": ["31.5", "north"],
            }
        ),
        areas=pd.DataFrame(
            {
                "area_id": ["g1", "t", "c"],
                "parent_id": ["t", "c", None],
                "level": ["grid", None, "c"],
            }
        ),
    )
    places, ids = graph.facts.locations, graph.location_ids
    assert ids.tolist() == ["B1", "H", "R", "X"]
    kinds = [graph.kinds[k] if k >= 0 else None for k in places.kind]
    assert kinds == [None, "home", "ward", "home"]  # X: somebody's home, declared
    assert places.parent.tolist() == [-1, -1, 0, -1]
    assert places.area.tolist() == [-1, graph.area_ids.get_loc("g1"), -1, -1]
    assert ids[graph.facts.persons.home].tolist() == ["H", "X"]
    assert graph.persons["person_id"].tolist() == ["A", "B"]
    assert graph.persons["name"].tolist() == ["a", "c"]
    assert graph.area_ids.tolist() == ["c", "g1", "t"]
    assert graph.area_ancestors(1) == [2, 0]
    assert graph.area_parent.tolist() == [-1, 2, 0]
    assert graph.area_level == ["c", "grid", ""]
    assert graph.locations["lat"].tolist()[0] == 31.5
    assert "unreadable-number" in graph.warnings["rule"].tolist()


def test_contacts_alone_make_a_graph():
    contacts = pd.DataFrame({"person_id": ["A"], "contact_id": ["B"], "start": ["2022-05-09"]})
    graph = graph_of(contacts=contacts)
    assert len(graph.facts.visits) == len(graph.unplaced) == 0
    assert graph.person_ids.tolist() == ["A", "B"]
    assert graph.visits.empty


def test_frames_have_times_in_the_zone_and_extras_as_given():
    frame = visits(
        ("A", "L", "2022-05-08", "2022-05-08 10:00"), ("A", "L", "bad", None), note=["x", "y"]
    )
    before = frame.copy(deep=True)
    graph = graph_of(visits=frame)
    pd.testing.assert_frame_equal(frame, before)
    assert str(graph.visits["arrive"].dtype) == f"datetime64[s, {TZ}]"
    assert graph.visits["arrive"].tolist() == [pd.Timestamp("2022-05-08", tz=TZ)]
    assert graph.visits["note"].tolist() == ["x"]


@pytest.mark.parametrize("library", [pl.DataFrame, pl.LazyFrame, pa.table])
def test_every_library_gives_the_same_facts(library):
    frame = visits(
        ("A", "L", "2022-05-08 09:00", "2022-05-08 10:00"),
        ("B", None, "2022-05-08", None),
        ("B", "M", "2022-05-08 10:00:30", ""),
    )
    expected = graph_of(visits=frame).facts.visits
    columns = frame.astype(object).where(frame.notna(), None).to_dict("list")
    found = graph_of(visits=library(columns)).facts.visits
    for field in fields(expected):
        assert np.array_equal(getattr(found, field.name), getattr(expected, field.name))


def test_index_of_the_caller_s_frame_does_not_matter():
    frame = visits(("A", "L", "2022-05-08 09:00", None), ("B", "M", "oops", None))
    frame.index = pd.Index([5, 5])
    graph = graph_of(visits=frame)
    assert graph.rejects["row"].tolist() == [1]
    assert graph.visits.index.tolist() == [0]


def test_columns_are_renamed_flat_or_by_table():
    frame = visits(("A", "L", "2022-05-08 09:00", None)).rename(columns={"arrive": "came"})
    for columns in ({"came": "arrive"}, {"visits": {"came": "arrive"}}):
        assert len(graph_of(visits=frame, columns=columns).facts.visits) == 1
    with pytest.raises(TableError, match="a header 'gone' that no table has"):
        graph_of(visits=frame, columns={"gone": "arrive"})
    with pytest.raises(TableError, match="two columns 'arrive' after renaming"):
        graph_of(visits=frame.assign(arrive="x"), columns={"came": "arrive"})


def test_missing_column_names_the_one_that_may_be_meant():
    frame = visits(("A", "L", "2022-05-08 09:00", None)).rename(columns={"arrive": "arival"})
    message = (
        r"visits has no column 'arrive'; it has person_id, location_id, arival, depart\."
        r"\n    Rename 'arival', or pass columns=\{\"arival\": \"arrive\"\}\."
    )
    with pytest.raises(TableError, match=message):
        graph_of(visits=frame)
    with pytest.raises(
        TableError, match=r"cases has no time column .one of onset, sampled and con"
    ):
        graph_of(cases=CASES[["person_id"]])


@pytest.mark.parametrize("wrong", [[1], "cases.csv", {"person_id": ["A"]}])
def test_what_is_no_frame_is_an_error(wrong):
    with pytest.raises(TableError, match=r"cases is a \w+, not a data frame"):
        graph_of(cases=wrong)
    with pytest.raises(TableError, match="cases is missing"):
        graph_of(cases=None)


def test_graph_is_immutable():
    graph = graph_of()
    with pytest.raises(AttributeError, match="immutable"):
        graph.as_of_second = 3
    with pytest.raises(AttributeError, match="immutable"):
        graph.other = 3
    with pytest.raises(ValueError, match="read-only"):
        graph.facts.cases.onset_lo[0] = 1
    frame = graph.cases
    frame.loc[0, "person_id"] = "Z"
    assert graph.cases["person_id"].tolist() == ["A"]


def test_graph_survives_pickling():
    graph = pickle.loads(pickle.dumps(graph_of().as_of("2022-05-09")))  # noqa: S301
    assert graph.as_of_second == DAY
    assert graph.person_ids.tolist() == ["A"]


def test_case_ids_are_made_from_content():
    cases = pd.DataFrame(
        {"person_id": ["A", "A", "B"], "onset": ["2022-05-09", "2022-05-09", None]}
    ).assign(confirmed=[None, None, "2022-05-11 10:00"])
    assert graph_of(cases=cases).cases["case_id"].tolist() == [
        "A@2022-05-09",
        "A@2022-05-09/2",
        "B@2022-05-11",
    ]
    mixed = cases.assign(case_id=[7.0, None, None])
    assert graph_of(cases=mixed).cases["case_id"].tolist()[0] == "7"


# --- what was known when


def recorded_graph():
    return graph_of(
        cases=pd.DataFrame(
            {
                "person_id": ["A", "B", "C"],
                "onset": ["2022-05-09", "2022-05-09", "2022-05-09"],
                "confirmed": ["2022-05-10 08:00", "2022-05-11", None],
            }
        ),
        visits=visits(
            ("A", "L", "2022-05-08 09:00", None),
            ("B", None, "2022-05-08 09:00", None),
            ("C", "M", "2022-05-08 09:00", None),
            recorded=[None, "2022-05-10 09:00", "2022-05-10 08:00"],
        ),
        persons=pd.DataFrame(
            {"person_id": ["A", "A"], "home_id": ["H", "J"], "recorded": ["2022-05-12", None]}
        ),
        locations=pd.DataFrame(
            {"location_id": ["J"], "kind": ["dormitory"], "recorded": ["2022-05-12 08:00"]}
        ),
    )


def test_as_of_keeps_rows_known_by_then():
    full = recorded_graph()
    graph = full.as_of("2022-05-10 08:00")
    assert graph.person_ids is full.person_ids
    assert graph.cases["person_id"].tolist() == ["A", "C"]
    assert graph.visits["person_id"].tolist() == ["A", "C"]
    assert graph.person_ids[graph.facts.visits.person].tolist() == ["A", "C"]
    assert len(graph.unplaced) == 0
    assert len(full.facts.visits) == 2
    assert graph.as_of_second == minute("2022-05-10 08:00")


def test_homes_and_kinds_are_what_was_known():
    full = recorded_graph()
    early, late = full.as_of("2022-05-10"), full.as_of("2022-05-12 09:00")
    home = [g.location_ids[g.facts.persons.home[0]] for g in (early, late)]
    assert home == ["J", "H"]
    kinds = [g.kinds[g.facts.locations.kind[g.location_ids.get_loc("J")]] for g in (early, late)]
    assert kinds == ["home", "dormitory"]


def test_bare_date_means_the_end_of_the_day():
    graph = graph_of(visits=visits(("A", "L", "2022-05-08 09:00", None)))
    for moment in ("2022-05-10", dt.date(2022, 5, 10), np.datetime64("2022-05-10")):
        assert graph.as_of(moment).as_of_second == 3 * DAY
    for moment in (
        "2022-05-10 00:00",
        "2022-05-09T16:00Z",
        pd.Timestamp("2022-05-10"),
        pd.Timestamp("2022-05-10", tz=TZ),
        dt.datetime(2022, 5, 10),  # noqa: DTZ001  # naive on purpose
    ):
        assert graph.as_of(moment).as_of_second == 2 * DAY


def test_as_of_goes_only_further_back():
    graph = recorded_graph().as_of("2022-05-10")
    assert graph.as_of("2022-05-12").as_of_second == graph.as_of_second
    assert graph.as_of("2022-05-09").as_of_second < graph.as_of_second


@pytest.mark.parametrize("moment", ["soon", "12/5/2022", "5月12日", 18, None, "2202-05-12"])
def test_as_of_that_cannot_be_is_an_error(moment):
    with pytest.raises(TableError, match="as_of"):
        graph_of().as_of(moment)


def test_default_as_of_is_the_latest_second_spoken_of():
    base = visits(("A", "L", "2022-05-09 09:00", "2022-05-10 10:00"))
    graph = graph_of(visits=base)
    assert graph.calendar.timestamps([graph.default_as_of_second])[0] == pd.Timestamp(
        "2022-05-10 10:00", tz=TZ
    )
    plans = pd.DataFrame({"person_id": ["A"], "start": ["2022-05-09"], "end": ["2022-06-01"]})
    assert graph_of(visits=base, isolations=plans).default_as_of_second == (
        graph.default_as_of_second
    )
    learnt = graph_of(visits=base.assign(recorded="2022-05-11"))
    assert learnt.default_as_of_second == 3 * DAY
    assert learnt.as_of("2022-05-10").default_as_of_second == 3 * DAY


def test_last_arrival_lies_before_the_default_as_of():
    graph = graph_of(visits=visits(("A", "L", "2022-05-10 09:00", "2022-05-10 09:00")))
    assert graph.default_as_of_second == graph.facts.visits.arrive_lo[0] + 1


moments = st.none() | st.integers(0, 4 * 24).map(
    lambda n: str(pd.Timestamp("2022-05-08") + pd.Timedelta(hours=n))
)


@settings(deadline=None)
@given(known=st.lists(moments, min_size=1, max_size=6), at=st.integers(0, 4))
def test_as_of_equals_a_graph_of_the_rows_known(known, at):
    rows = [("A", f"L{i % 2}", "2022-05-08 09:00", None) for i in range(len(known))]
    frame = visits(*rows, recorded=pd.Series(known, dtype="str"))
    homes = frame[["person_id", "recorded"]].assign(home_id=[f"L{i % 3}" for i in frame.index])
    day = f"2022-05-{8 + at:02} 00:00:00"
    known_then = (frame["recorded"].isna() | (frame["recorded"] <= day)).to_numpy()
    full = graph_of(visits=frame, persons=homes)
    graph = full.as_of(day)
    part = graph_of(visits=frame[known_then], persons=homes[known_then])
    assert len(graph.facts.visits) == known_then.sum()
    assert graph.location_ids[graph.facts.visits.location].tolist() == (
        part.location_ids[part.facts.visits.location].tolist()
    )
    home, expected = graph.facts.persons.home[0], part.facts.persons.home[0]
    assert (home < 0) == (expected < 0)
    assert home < 0 or graph.location_ids[home] == part.location_ids[expected]


# --- what is shown


def test_summaries_hold_no_row_and_no_id():
    private = "P-310101199003070011"
    graph = TraceGraph(
        cases=pd.DataFrame({"person_id": [private, private], "onset": ["2022-05-09", "bad"]}),
        visits=visits((private, "<b>home of X</b>", "2022-05-08 09:00", None)),
        tz=TZ,
    )
    for text in (repr(graph), graph._repr_html_(), repr(graph.as_of("2022-05-09"))):
        assert private not in text
        assert "home of X" not in text
        assert "rejected" in text
        assert "undeclared-location" in text


def test_all_cases_without_visit_are_red():
    assert "color" in graph_of()._repr_html_()
    visited = graph_of(visits=visits(("A", "L", "2022-05-08 09:00", None)))
    assert "color" not in visited._repr_html_()
    assert (graph_of().cases_without_visit, visited.cases_without_visit) == (1, 0)


def test_bounds_of_a_column_are_moments():
    lo, hi = graph_of().bounds("cases", "onset")
    assert (hi - lo).tolist() == [pd.Timedelta(days=1)]
