"""Zones that the clauses demand, in a county of four buildings drawn by hand."""

import numpy as np
import pandas as pd
import pytest

import tracegraph as tg
from four_buildings import (
    AT_WORK,
    PEOPLE,
    PLACES,
    County,
    criterion,
    labels,
    protocol,
)
from tracegraph.errors import ProtocolError, TableError
from tracegraph.protocols.protocol import Protocol, Tier, Window, Zone


def test_each_area_gets_its_clause_or_that_of_the_area_around_it():
    zones = County(visits=AT_WORK).zones()
    assert labels(zones) == {
        "C": "precaution",
        "T": "precaution",
        "K1": "lockdown",
        "K2": "precaution",
        "B1": "lockdown",
        "B2": "lockdown",
        "B3": "precaution",
        "B4": "control",
        "D": "none",
        "K9": "none",
    }
    by = zones["required_by"]
    assert by[["C", "K2", "B1", "B2", "B4"]].tolist() == ["C", "C", "K1", "K1", "B4"]
    assert by[["D", "K9"]].isna().all()
    assert zones["clause"][["B2", "B4", "B3", "K9"]].tolist() == [
        "home clause",
        "workplace clause",
        "county clause",
        "",
    ]


def test_reasons_can_be_read_aloud():
    reason = County(visits=AT_WORK).zones()["reason"]
    assert reason["K1"] == "1 case lived here while infectious (lockdown from 1)"
    assert reason["B2"] == f"in compound K1: {reason['K1']}"
    assert reason["B4"] == (
        "200 minutes of stays of cases while infectious "
        "(control from 60, a working value of tracegraph)"
    )
    assert reason["B3"] == "rest of county C, which holds 1 lockdown and 1 control zones"
    assert reason["K9"] == ""


def test_evidence_rolls_up_from_the_finest_area():
    zones = County(visits=AT_WORK).zones()
    expected = {
        "cases_resident": {"B1": 1, "K1": 1, "T": 1, "C": 1, "B4": 0},
        "cases_resident_infectious": {"B1": 1, "K1": 1, "T": 1, "C": 1, "K2": 0},
        "cases_stayed": {"B4": 1, "K2": 1, "T": 1, "C": 1, "K1": 0, "D": 0},
        "case_minutes": {"B4": 200, "K2": 200, "C": 200, "B1": 0},
        "exposures": {"B4": 1, "B1": 1, "K1": 1, "C": 2},
        "close_contacts_resident": {"B1": 1, "B2": 1, "K1": 2, "C": 2, "K2": 0},
        "close_contacts_exposed": {"B4": 1, "B1": 1, "C": 2},
        "venue_contacts": {"B4": 2, "C": 2, "K1": 0},
        "population": {"B1": 2, "B3": 3, "K1": 3, "T": 6, "C": 900, "D": 0},
        "households": {"B1": 1, "K1": 2, "C": 3},
    }
    found = {name: zones[name][list(want)].to_dict() for name, want in expected.items()}
    assert found == expected
    assert zones["found_in"]["C"] == "not stated: 1"


def test_found_in_counts_cases_by_place():
    county = County(
        cases=[("case", "2022-05-09 08:00", None), ("mate", "2022-05-10 08:00", None)],
        more={"found_in": ["screening", "isolation site"]},
    )
    zones = county.zones()
    assert zones["found_in"][["K1", "B1", "B2", "D"]].tolist() == [
        "isolation site: 1; screening: 1",
        "screening: 1",
        "isolation site: 1",
        "",
    ]


def test_required_is_an_ordered_category():
    required = County(visits=AT_WORK).zones()["required"]
    assert required.cat.categories.tolist() == ["none", "precaution", "control", "lockdown"]
    assert (required >= "control").sum() == 4
    assert required.max() == "lockdown"


def test_zone_now_is_handed_down():
    zones = County().zones()
    assert zones["zone_now"][["C", "K1", "B1", "B2"]].tolist() == [
        "none",
        "control",
        "control",
        "lockdown",
    ]
    assert (zones["required"] > zones["zone_now"])[["B1", "B2", "K9"]].tolist() == [
        True,
        False,
        False,
    ]


# -- at home while infectious ---------------------------------------------------------------

QUARANTINE = [("case", "2022-05-09 10:00", None, "central", "SITE")]
BY_TRAIN = [("case", "TRAIN", "2022-05-08 20:00", "2022-05-09 09:30")]


def newcomer(**changes):
    return County(
        cases=[("case", "2022-05-11 08:00", None)],
        isolations=QUARANTINE,
        **({"visits": BY_TRAIN, "more": {"imported": [True]}} | changes),
    )


def test_a_case_straight_into_quarantine_does_not_lock_its_compound():
    zones = newcomer().zones()
    assert zones["cases_resident"]["K1"] == 1
    assert zones["cases_resident_infectious"]["K1"] == 0
    assert set(labels(zones).values()) == {"none"}
    assert pd.isna(zones["last_case"]["K1"])


def test_an_imported_case_that_spent_a_night_locks_its_compound():
    slow = [("case", "2022-05-10 10:00", None, "central", "SITE")]
    county = newcomer()
    county.isolations = slow
    assert county.zones()["required"]["K1"] == "lockdown"


def test_a_recorded_stay_at_home_is_enough_for_an_imported_case():
    county = newcomer(visits=[*BY_TRAIN, ("case", "H1", "2022-05-09 09:40", "2022-05-09 09:50")])
    assert county.zones()["required"]["K1"] == "lockdown"


@pytest.mark.parametrize(
    ("found_in", "label"),
    [("isolation site", "none"), ("checkpoint", "none"), ("clinic", "lockdown")],
)
def test_without_visits_an_imported_case_is_judged_by_where_it_was_found(found_in, label):
    county = newcomer(visits=[], more={"imported": ["yes"], "found_in": [found_in]})
    assert county.zones()["required"]["K1"] == label


def test_a_resident_isolated_before_its_window_does_not_count():
    early = [("case", "2022-05-07 10:00", None, "central", "SITE")]
    county = County(cases=[("case", "2022-05-11 08:00", None)], isolations=early)
    zones = county.zones()
    assert zones["cases_resident_infectious"]["K1"] == 0
    assert zones["required"]["K1"] == "none"


def test_home_isolation_stays_at_home():
    early = [("case", "2022-05-07 10:00", None, "home", None)]
    county = County(cases=[("case", "2022-05-11 08:00", None)], isolations=early)
    assert county.zones()["required"]["K1"] == "lockdown"


def test_a_case_that_was_elsewhere_all_the_time_did_not_live_at_home():
    county = County(visits=[("case", "W", "2022-05-06 00:00", "2022-05-11 00:00")])
    zones = county.zones()
    assert zones["cases_resident_infectious"][["K1", "T", "C"]].tolist() == [0, 1, 1]
    assert zones["required"][["K1", "B4"]].tolist() == ["precaution", "control"]


def test_stays_at_the_own_isolation_site_are_no_evidence():
    in_room = [
        ("case", "ROOM", "2022-05-09 10:00", "2022-05-11 08:00"),
        ("clerk", "ROOM", "2022-05-09 11:00", "2022-05-09 12:00"),
        ("aunt", "SITE", "2022-05-09 13:00", "2022-05-09 14:00"),
    ]
    for start in ("2022-05-09 10:00", "2022-05-09"):
        county = newcomer(visits=[*BY_TRAIN, *in_room])
        county.isolations = [("case", start, None, "central", "SITE")]
        zones = county.zones()
        assert zones["cases_stayed"]["B3"] == 0
        assert zones["case_minutes"]["B3"] == 0
        if start != "2022-05-09":  # with a date alone the meeting may have come before
            assert zones["exposures"]["B3"] == 0
            assert zones["venue_contacts"]["B3"] == 0
        assert zones["close_contacts_resident"]["B3"] == 1


def test_stays_at_home_in_home_isolation_are_no_evidence():
    county = County(
        cases=[("case", "2022-05-09 08:00", None)],
        isolations=[("case", "2022-05-09 10:00", None, "home", None)],
        visits=[("case", "H1", "2022-05-09 09:00", "2022-05-09 12:00")],
    )
    assert county.zones()["case_minutes"]["B1"] == 60


def test_a_stay_outside_the_window_is_no_evidence():
    early = [("case", "W", "2022-05-06 08:00", "2022-05-06 18:00")]
    assert County(visits=early).zones()["cases_stayed"]["B4"] == 0


# -- criteria -------------------------------------------------------------------------------


def test_without_levels_only_finest_areas_are_judged():
    zones = County(visits=AT_WORK).zones()
    assert zones["case_minutes"]["K2"] == 200
    assert zones["required"]["K2"] == "precaution"


def test_where_the_levels_are_missing_the_finest_area_is_judged():
    rule = protocol(
        lockdown=Zone(
            name="L",
            criteria=(criterion("cases_resident_infectious", 1, "x", ("natural village",)),),
        )
    )
    zones = County().zones(by=rule)
    assert zones["required"][["K1", "B1", "B2"]].tolist() == [
        "precaution",
        "lockdown",
        "precaution",
    ]


def test_the_nearest_level_around_a_home_is_the_one_that_counts():
    levels = ("building", "compound")
    rule = protocol(
        lockdown=Zone(name="L", criteria=(criterion("cases_resident_infectious", 1, "x", levels),))
    )
    zones = County().zones(by=rule)
    assert zones["required"][["K1", "B1", "B2"]].tolist() == [
        "precaution",
        "lockdown",
        "precaution",
    ]


def test_places_directly_in_a_large_area_are_reported_not_judged():
    places = [*PLACES, ("FAIR", "office", "T", None)]
    visits = [("case", "FAIR", "2022-05-09 09:00", "2022-05-09 12:00")]
    zones = County(places=places, visits=visits).zones()
    assert zones["required"]["T"] == "precaution"
    assert "judge by hand" in zones["reason"]["T"]
    assert "180 minutes of stays of cases" in zones["reason"]["T"]
    assert "judge by hand" not in zones["reason"]["C"]


def test_precaution_alone_by_its_own_criterion_until_its_dates_have_passed():
    short = [("case", "M", "2022-05-09 13:00", "2022-05-09 13:20")]
    county = County(visits=[*BY_TRAIN, *short], more={"imported": [True]})
    zones = county.zones()
    # the train came on 8 May, so the night before the 9th was on the train: not at home
    assert zones["cases_resident_infectious"]["K1"] == 1
    county.isolations = [("case", "2022-05-09 14:00", None, "central", "SITE")]
    zones = county.zones()
    assert labels(zones)["K1"] == "precaution"
    assert zones["reason"]["B3"] == "1 case stayed here while infectious (precaution from 1)"
    assert zones["release_earliest"]["C"] == pd.Timestamp("2022-05-24")
    assert set(labels(county.zones(as_of="2022-05-24 00:10")).values()) == {"none"}


def test_a_protocol_without_a_precaution_zone_leaves_the_county_alone():
    zones = County().zones(by=protocol(precaution=None))
    assert labels(zones)["C"] == "none"
    assert labels(zones)["B2"] == "lockdown"


# -- several conditions -----------------------------------------------------------------------


def by_two(minutes, unnamed):
    return protocol(
        control=Zone(
            name="管控区",
            criteria=(criterion("activity_minutes", minutes, "work", hard_to_trace=unnamed),),
        )
    )


@pytest.mark.parametrize(
    ("minutes", "unnamed", "label"),
    [(200, 2, "control"), (201, 2, "precaution"), (200, 3, "precaution")],
)
def test_all_conditions_of_a_criterion_must_hold(minutes, unnamed, label):
    # at work 180 minutes, at the market 20 with aunt and uncle
    zones = County(visits=AT_WORK).zones(by=by_two(minutes, unnamed))
    assert zones["required"]["B4"] == label


def test_reasons_say_every_amount_and_threshold():
    zones = County(visits=AT_WORK).zones(by=by_two(60, 2))
    assert zones["reason"]["B4"] == (
        "200 minutes of cases at places of work or activity "
        "(control from 60, a working value of tracegraph) and "
        "2 persons who met a case there, unnamed and on no roll (from 2)"
    )


def test_streets_stations_and_homes_seal_no_building():
    passage = [("STREET", "street", "B4", None), ("STOP", "station", "B4", None)]
    visits = [
        (who, place, f"2022-05-09 {hour}:00", f"2022-05-09 {hour + 3}:00")
        for place, hour, met in (("STREET", 9, "aunt"), ("STOP", 12, "uncle"), ("H3", 15, "clerk"))
        for who in ("case", met)
    ]
    county = County(places=[*PLACES, *passage], visits=visits)
    rule = by_two(1, 1).derive(
        **{"kind.street.place": "venue", "kind.station.place": "venue", "kind.home.place": "close"}
    )
    zones = county.zones(by=rule)
    assert zones["venue_contacts"]["C"] == 2
    assert zones.loc["C", ["case_minutes", "activity_minutes", "hard_to_trace"]].tolist() == [
        540, 0, 0
    ]  # fmt: skip
    assert zones["required"]["B4"] == "precaution"
    staff = county.zones(by=rule.derive(**{"zones.passage": ["street"]}))
    assert staff.loc["B4", ["activity_minutes", "hard_to_trace"]].tolist() == [180, 1]
    assert staff["required"]["B4"] == "control"


def test_whoever_came_on_three_days_is_on_a_roll():
    stall = [*PLACES, ("STALL", "market", None, "M")]
    at_market = [
        ("aunt", place, f"2022-05-0{day} 13:05", f"2022-05-0{day} 13:15")
        for place, day in (("M", 7), ("STALL", 8))
    ]
    of_two_days = County(visits=[*AT_WORK, *at_market[:1]], places=stall).zones()
    assert of_two_days["hard_to_trace"]["B4"] == 2
    of_three_days = County(visits=[*AT_WORK, *at_market], places=stall).zones()
    assert of_three_days[["venue_contacts", "hard_to_trace"]].loc["B4"].tolist() == [2, 1]
    to_come = ("aunt", "M", "2022-05-13 13:05", "2022-05-13 13:15")  # after the moment of asking
    of_the_future = County(visits=[*AT_WORK, *at_market[:1], to_come], places=stall).zones()
    assert of_the_future["hard_to_trace"]["B4"] == 2


def test_whoever_is_named_is_not_hard_to_trace():
    zones = County(visits=AT_WORK).zones()
    assert zones["hard_to_trace"]["B4"] == 2
    listed = [person for person in PEOPLE if person[0] != "mate"]
    assert County(visits=AT_WORK, people=listed).zones()["hard_to_trace"]["B4"] == 3


# -- what cannot be answered ----------------------------------------------------------------


def test_a_protocol_without_zones_is_an_error():
    plain = Protocol(
        name="who", title="W", window=Window(look_back_days=2), tier=(Tier(name="c", clause="1"),)
    )
    with pytest.raises(ProtocolError, match=r"'who' has no zones.*\n.*china-8"):
        County().zones(by=plain)


def test_a_graph_without_areas_is_an_error():
    with pytest.raises(TableError, match="zones need the table 'areas'"):
        County(areas=[], places=[(*row[:2], None, row[3]) for row in PLACES]).zones()


def test_integer_ids_stay_integers():
    frame = pd.DataFrame
    graph = tg.TraceGraph(
        cases=frame({"person_id": [1], "sampled": ["2022-05-09 08:00"]}),
        persons=frame({"person_id": [1, 2], "home_id": [10, 10]}),
        locations=frame({"location_id": [10], "kind": ["home"], "area_id": [101]}),
        areas=frame({"area_id": [100, 101], "parent_id": [np.nan, 100]}),
        tz="Asia/Shanghai",
    )
    zones = graph.trace(protocol(), as_of="2022-05-10 08:00").zones()
    assert zones["area_id"].tolist() == [100, 101]
    assert zones["required"].tolist() == ["precaution", "lockdown"]
    assert zones["required_by"].tolist() == [100, 101]
    assert zones["reason"].tolist()[0] == "rest of 100, which holds 1 lockdown zones"


@pytest.mark.parametrize("name", ["china-8", "china-9", "china-20-measures"])
def test_presets_name_evidence_that_exists(name):
    zones = County(visits=AT_WORK).zones(by=Protocol.named(name))
    assert zones["required"]["B1"] == "lockdown"
    assert zones["required"]["D"] == "none"
