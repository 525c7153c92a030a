"""A county of four buildings, drawn by hand, with the labels it must get."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest

import tracegraph as tg
from tracegraph.errors import ProtocolError, TableError
from tracegraph.protocols.protocol import (
    WORKING_VALUE,
    Condition,
    Criterion,
    Kind,
    Protocol,
    Provenance,
    Release,
    Tier,
    Window,
    Zone,
    Zones,
)

# county C > township T > compounds K1 (buildings B1, B2) and K2 (B3, B4); county D > compound K9
AREAS = [
    ("C", None, "county", 900.0, None),
    ("T", "C", "township", None, None),
    ("K1", "T", "compound", None, "control"),
    ("K2", "T", "compound", None, None),
    ("B1", "K1", "building", None, None),
    ("B2", "K1", "building", None, "lockdown"),
    ("B3", "K2", "building", None, None),
    ("B4", "K2", "building", None, None),
    ("D", None, "county", None, None),
    ("K9", "D", "compound", None, None),
]
PLACES = [
    ("H1", "home", "B1", None),
    ("H2", "home", "B2", None),
    ("H3", "home", "B3", None),
    ("W", "office", "B4", None),
    ("W-room", "office", None, "W"),
    ("M", "market", "B4", None),
    ("SITE", "isolation_site", "B3", None),
    ("ROOM", "office", None, "SITE"),
    ("TRAIN", "train", None, None),
]
PEOPLE = [
    ("case", "H1"),
    ("wife", "H1"),
    ("mate", "H2"),
    ("aunt", "H3"),
    ("uncle", "H3"),
    ("clerk", "H3"),
]
LEVEL = {"levels": ("compound",)}


def criterion(evidence, at_least, clause, levels=(), **also):
    more = tuple(Condition(evidence=name, at_least=least) for name, least in also.items())
    return Criterion(evidence=evidence, at_least=at_least, clause=clause, levels=levels, also=more)


def protocol(**changes):
    zones = {
        "lockdown": Zone(
            name="封控区",
            criteria=(criterion("cases_resident_infectious", 1, "home clause", ("compound",)),),
        ),
        "control": Zone(
            name="管控区", criteria=(criterion("case_minutes", 60, "workplace clause"),)
        ),
        "precaution": Zone(
            name="防范区", criteria=(criterion("cases_stayed", 1, "county clause", ("county",)),)
        ),
        "release": Release(
            clause="release clause",
            days_without_case=14,
            contact_days=14,
            screening_days=2,
            then="precaution",
        ),
    }
    return Protocol(
        name="by-hand",
        title="By hand",
        window=Window(look_back_days=2),
        tier=(Tier(name="close contact", clause="1"), Tier(name="secondary contact", clause="2")),
        kind={
            "market": Kind(place="venue"),
            "isolation_site": Kind(place="venue"),
            "train": Kind(place="venue"),
        },
        zones=Zones(**(zones | changes)),
        provenance={
            "zones.control.criteria.0.at_least": Provenance(
                source=WORKING_VALUE, confidence="working"
            )
        },
    )


@dataclass
class County:
    cases: list = field(default_factory=lambda: [("case", "2022-05-09 08:00", "2022-05-10 12:00")])
    visits: list = field(default_factory=list)
    isolations: list = field(default_factory=list)
    tests: list = field(default_factory=list)
    areas: list = field(default_factory=lambda: AREAS)
    places: list = field(default_factory=lambda: PLACES)
    people: list = field(default_factory=lambda: PEOPLE)
    more: dict = field(default_factory=dict)

    def zones(self, as_of="2022-05-12 18:00", by=None):
        frame = pd.DataFrame
        cases = frame(self.cases, columns=["person_id", "sampled", "isolated"]).assign(**self.more)
        tables = {
            "cases": cases,
            "areas": frame(
                self.areas, columns=["area_id", "parent_id", "level", "population", "zone"]
            ),
            "locations": frame(
                self.places, columns=["location_id", "kind", "area_id", "parent_id"]
            ),
            "persons": frame(self.people, columns=["person_id", "home_id"]),
            "visits": frame(self.visits, columns=["person_id", "location_id", "arrive", "depart"]),
            "isolations": frame(
                self.isolations, columns=["person_id", "start", "end", "kind", "site_id"]
            ),
            "tests": frame(
                [(*row, None)[:5] for row in self.tests],
                columns=["person_id", "sampled", "result", "reported", "pool_id"],
            ),
        }
        graph = tg.TraceGraph(
            **{name: table for name, table in tables.items() if len(table)}, tz="Asia/Shanghai"
        )
        trace = graph.trace(by or protocol(), as_of=as_of)
        return trace.zones().set_index("area_id", drop=False)


def labels(zones):
    return zones["required"].astype(str).to_dict()


AT_WORK = [
    ("case", "W-room", "2022-05-09 09:00", "2022-05-09 12:00"),
    ("mate", "W-room", "2022-05-09 10:00", "2022-05-09 11:30"),
    ("case", "M", "2022-05-09 13:00", "2022-05-09 13:20"),
    ("aunt", "M", "2022-05-09 13:05", "2022-05-09 13:15"),
    ("uncle", "M", "2022-05-09 13:05", "2022-05-09 13:15"),
]


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
    assert zones["release_earliest"]["C"] == pd.Timestamp("2022-05-23")
    assert set(labels(county.zones(as_of="2022-05-23 00:10")).values()) == {"none"}


def test_a_protocol_without_a_precaution_zone_leaves_the_county_alone():
    zones = County().zones(by=protocol(precaution=None))
    assert labels(zones)["C"] == "none"
    assert labels(zones)["B2"] == "lockdown"


# -- release --------------------------------------------------------------------------------


def test_release_is_the_later_of_the_clocks():
    zones = County(visits=AT_WORK).zones()
    # case sampled 9 May: 14 days on is 23 May. The wife was exposed until the case was
    # isolated on 10 May: 24 May. In B4 the last exposure was on 9 May.
    assert zones["release_earliest"]["K1"] == pd.Timestamp("2022-05-24")
    assert zones["release_earliest"]["B2"] == pd.Timestamp("2022-05-24")
    assert zones["release_earliest"]["B4"] == pd.Timestamp("2022-05-23")
    assert zones["release_earliest"]["C"] == pd.Timestamp("2022-05-24")
    assert pd.isna(zones["release_earliest"]["K9"])
    assert zones["release_waits_for"]["K1"] == (
        "14 days without a case (2022-05-23); "
        "14 days past the last close contact's exposure (2022-05-24); "
        "a clean screening of everybody inside in the last 2 days (now 0 % negative)"
    )
    assert zones["last_case"]["K1"] == pd.Timestamp("2022-05-09 08:00", tz="Asia/Shanghai")
    assert zones["last_exposure"]["K1"] == pd.Timestamp("2022-05-10 12:00", tz="Asia/Shanghai")


def test_an_exposure_that_goes_on_has_no_release_date():
    county = County(cases=[("case", "2022-05-09 08:00", None)])
    zones = county.zones()
    assert zones["ongoing"]["K1"]
    assert pd.isna(zones["release_earliest"]["K1"])
    assert "still going on" in zones["release_waits_for"]["K1"]


def test_own_isolation_of_a_contact_ends_its_exposure():
    county = County(
        cases=[("case", "2022-05-09 08:00", None)],
        isolations=[("wife", "2022-05-10 06:00", None, "central", "SITE")],
    )
    zones = county.zones()
    assert zones["last_exposure"]["K1"] == pd.Timestamp("2022-05-10 06:00", tz="Asia/Shanghai")
    assert zones["release_earliest"]["K1"] == pd.Timestamp("2022-05-24")


def test_own_isolation_of_a_contact_cuts_its_recorded_stay():
    county = County(
        visits=AT_WORK, isolations=[("mate", "2022-05-09 11:00", None, "central", "SITE")]
    )
    zones = county.zones()
    assert zones["last_exposure"]["B4"] == pd.Timestamp("2022-05-09 11:00", tz="Asia/Shanghai")


def screened(day, *, results=("negative", "negative")):
    at, known = f"2022-05-{day} 09:00", f"2022-05-{day} 15:00"
    return [("wife", at, results[0], known), ("mate", at, results[1], known)]


def later(tests, as_of="2022-05-25 18:00", **changes):
    return County(visits=AT_WORK, tests=tests, **changes).zones(as_of=as_of)


def test_a_zone_ends_when_everybody_inside_was_found_negative():
    zones = later(screened(25))
    # the isolated case is not inside; nobody lives in B4, and its days ran out on 23 May
    assert zones["screened"]["K1"] == 1.0
    assert set(labels(zones).values()) == {"none"}
    assert zones["reason"]["K1"].endswith("lockdown may end since 2022-05-25")
    assert zones["required_by"].isna().all()


def test_a_clean_round_before_the_clocks_ran_out_is_too_early():
    zones = later(screened(22))
    assert zones["required"]["K1"] == "lockdown"
    assert zones["release_earliest"]["K1"] == pd.Timestamp("2022-05-25")  # today at the earliest
    assert "the days ran out on 2022-05-24" in zones["release_waits_for"]["K1"]


def test_a_round_within_two_days_of_the_end_of_the_clocks_counts_later_too():
    assert later(screened(23), as_of="2022-05-30 18:00")["required"]["K1"] == "none"


@pytest.mark.parametrize(
    "results", [("negative", "positive"), ("negative", "inconclusive")], ids=str
)
def test_a_round_that_is_not_clean_keeps_the_zone(results):
    zones = later(screened(25, results=results))
    assert zones["required"]["K1"] == "lockdown"
    assert zones["positives"]["K1"] == (results[1] == "positive")


def test_somebody_found_positive_and_taken_away_spoils_the_round():
    tests = [*screened(25), ("mate", "2022-05-24 09:00", "positive", "2022-05-24 11:00")]
    gone = [("mate", "2022-05-24 12:00", None, "central", "SITE")]
    zones = later(tests, isolations=gone)
    assert zones["screened"]["K1"] == 1.0
    assert zones["positives"]["K1"] == 1
    assert zones["required"]["K1"] == "lockdown"


def pooled(*tests):
    """Wife and mate in one tube, as the laboratory says; what comes after."""
    tube = [(*row, "T1") for row in screened(24, results=("positive", "pending"))]
    return [*tube, *tests]


def test_a_positive_pool_keeps_the_zone_until_its_members_are_found_negative():
    zones = later(pooled())
    assert zones[["positives", "recalled"]].loc["K1"].tolist() == [0, 2]
    assert zones["required"]["K1"] == "lockdown"
    assert "(now 0 % negative, 2 recalled)" in zones["release_waits_for"]["K1"]

    one = later(pooled(screened(25)[0]))
    assert one["recalled"]["K1"] == 1
    assert one["required"]["K1"] == "lockdown"

    both = later(pooled(*screened(25)))
    assert both["recalled"]["K1"] == 0
    assert both["screened"]["K1"] == 1.0
    assert both["required"]["K1"] == "none"


def test_a_negative_pool_makes_its_members_negative():
    zones = later([(*row, "T1") for row in screened(25, results=("negative", "pending"))])
    assert zones["screened"]["K1"] == 1.0
    assert zones["required"]["K1"] == "none"


def test_a_recall_stands_for_somebody_who_was_taken_away():
    gone = [("mate", "2022-05-24 18:00", None, "central", "SITE")]
    tests = pooled(screened(25)[0])
    assert later(tests, isolations=gone)["required"]["K1"] == "lockdown"
    there = ("mate", "2022-05-25 09:00", "negative", "2022-05-25 15:00")
    assert later([*tests, there], isolations=gone)["required"]["K1"] == "none"


def test_each_clause_has_its_first_date():
    zones = County(visits=AT_WORK).zones()
    dates = ["release_case_days", "release_contact_days", "release_screening"]
    day = pd.Timestamp
    assert zones.loc["K1", dates].tolist() == [
        day("2022-05-23"), day("2022-05-24"), day("2022-05-12")
    ]  # fmt: skip
    assert zones.loc["B2", dates].tolist() == zones.loc["K1", dates].tolist()
    assert zones.loc["B4", dates].tolist() == [
        day("2022-05-23"), day("2022-05-23"), day("2022-05-12")
    ]  # fmt: skip
    assert zones.loc[["C", "K9"], dates].isna().all(axis=None)
    assert (zones[dates].dtypes == "datetime64[s]").all()


def test_clause_that_is_not_there_or_cannot_be_told_has_no_date():
    ongoing = County(cases=[("case", "2022-05-09 08:00", None)]).zones().loc["K1"]
    assert pd.isna(ongoing["release_contact_days"])
    assert ongoing["release_case_days"] == pd.Timestamp("2022-05-23")
    rule = protocol(release=Release(days_without_case=7, then="precaution"))
    week = County().zones(by=rule).loc["K1"]
    assert week["release_case_days"] == pd.Timestamp("2022-05-16")
    assert pd.isna(week["release_contact_days"])
    assert pd.isna(week["release_screening"])


def test_a_positive_specimen_puts_the_clean_round_off():
    zones = later(screened(25, results=("negative", "positive")))
    assert zones["release_screening"]["K1"] == pd.Timestamp("2022-05-27")
    assert zones["release_earliest"]["K1"] == pd.Timestamp("2022-05-27")
    # and two days after it a clean round counts
    tests = [*screened(24, results=("negative", "positive")), *screened(26)]
    assert later(tests, as_of="2022-05-26 18:00")["required"]["K1"] == "none"


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
        "2 persons who met a case there and whom nobody named (from 2)"
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


def test_whoever_is_named_is_not_hard_to_trace():
    zones = County(visits=AT_WORK).zones()
    assert zones["hard_to_trace"]["B4"] == 2
    listed = [person for person in PEOPLE if person[0] != "mate"]
    assert County(visits=AT_WORK, people=listed).zones()["hard_to_trace"]["B4"] == 3


def test_a_result_that_is_not_known_yet_counts_for_nothing():
    zones = later(screened(25), as_of="2022-05-25 12:00")
    assert zones["screened"]["K1"] == 0
    assert zones["required"]["K1"] == "lockdown"


def test_people_whom_no_table_lists_count_as_not_tested():
    areas = [(*row[:3], 30.0, row[4]) if row[0] == "B2" else row for row in AREAS]
    zones = later(screened(25), areas=areas)
    assert zones["population"]["K1"] == 32
    assert zones["screened"]["K1"] == pytest.approx(2 / 31)
    assert zones["required"]["K1"] == "lockdown"


def test_a_new_case_restarts_the_clock():
    county = County(
        cases=[
            ("case", "2022-05-09 08:00", "2022-05-10 12:00"),
            ("mate", "2022-05-20 08:00", "2022-05-20 12:00"),
        ],
        tests=screened(25),
    )
    zones = county.zones(as_of="2022-05-25 18:00")
    assert zones["required"]["K1"] == "lockdown"
    assert zones["release_earliest"]["K1"] == pd.Timestamp("2022-06-03")


def test_a_high_zone_becomes_medium_before_it_ends():
    week = {"days_without_case": 7, "clause": "seven days"}
    rule = protocol(
        lockdown=Zone(
            name="high",
            criteria=(criterion("cases_resident_infectious", 1, "home clause", ("compound",)),),
            release=Release(**week, then="control", then_days=3),
        ),
        control=Zone(name="medium", criteria=(), release=Release(**week, then="precaution")),
        release=None,
    )
    county = County()
    zones = county.zones(as_of="2022-05-17 12:00", by=rule)
    assert zones["required"][["K1", "B2", "K2"]].tolist() == ["control", "control", "precaution"]
    assert zones["release_earliest"]["K1"] == pd.Timestamp("2022-05-19")
    assert zones["reason"]["K1"].endswith(
        "lockdown may end since 2022-05-16, then control for 3 days"
    )
    after = county.zones(as_of="2022-05-19 12:00", by=rule)
    assert set(labels(after).values()) == {"none"}


def test_a_protocol_without_release_waits_for_an_order():
    zones = County().zones(by=protocol(release=None))
    assert pd.isna(zones["release_earliest"]["K1"])
    assert zones["release_waits_for"]["K1"] == "an order: the protocol has no release clause"


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
