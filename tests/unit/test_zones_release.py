"""When zones may end, in a county of four buildings drawn by hand."""

import pandas as pd
import pytest

from four_buildings import AREAS, AT_WORK, County, criterion, labels, protocol
from tracegraph.protocols.protocol import Protocol, Release, Zone


def test_release_is_the_later_of_the_clocks():
    zones = County(visits=AT_WORK).zones()
    # case sampled 9 May: 14 days on is 23 May. The wife was exposed until the case was isolated
    # on 10 May: more than 14 days on is 25 May. In B4 the last exposure was on 9 May.
    assert zones["release_earliest"]["K1"] == pd.Timestamp("2022-05-25")
    assert zones["release_earliest"]["B2"] == pd.Timestamp("2022-05-25")
    assert zones["release_earliest"]["B4"] == pd.Timestamp("2022-05-24")
    assert zones["release_earliest"]["C"] == pd.Timestamp("2022-05-25")
    assert pd.isna(zones["release_earliest"]["K9"])
    assert zones["release_waits_for"]["K1"] == (
        "14 days without a case (2022-05-23); "
        "more than 14 days past the last close contact's exposure (2022-05-25); "
        "a clean screening of everybody inside in the last 2 days "
        "(now 0 % negative, no test is known: judge by hand)"
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
    assert zones["release_earliest"]["K1"] == pd.Timestamp("2022-05-25")


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
    assert "the days ran out on 2022-05-25" in zones["release_waits_for"]["K1"]


def test_a_round_within_two_days_of_the_end_of_the_clocks_counts_later_too():
    assert later(screened(24), as_of="2022-05-30 18:00")["required"]["K1"] == "none"


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
        day("2022-05-23"), day("2022-05-25"), day("2022-05-12")
    ]  # fmt: skip
    assert zones.loc["B2", dates].tolist() == zones.loc["K1", dates].tolist()
    assert zones.loc["B4", dates].tolist() == [
        day("2022-05-23"), day("2022-05-24"), day("2022-05-12")
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


def test_a_positive_specimen_of_a_case_puts_the_clean_round_off():
    mate = ("mate", "2022-05-10 08:00", None)
    both = {"cases": [*County().cases, mate]}
    zones = later(screened(25, results=("negative", "positive")), **both)
    assert zones["release_screening"]["K1"] == pd.Timestamp("2022-05-27")
    assert zones["release_earliest"]["K1"] == pd.Timestamp("2022-05-27")


# -- found positive, and no case yet ----------------------------------------------------------


def test_a_positive_resident_without_a_case_is_a_new_infection():
    zones = later(screened(20, results=("negative", "positive")))
    assert zones["positives_resident"][["K1", "B2", "K2", "C"]].tolist() == [1, 1, 0, 1]
    assert zones["last_case"]["K1"] == pd.Timestamp("2022-05-20 09:00", tz="Asia/Shanghai")
    assert zones["release_case_days"]["K1"] == pd.Timestamp("2022-06-03")
    known = County(cases=[*County().cases, ("mate", "2022-05-20 09:00", None)], visits=AT_WORK)
    assert known.zones(as_of="2022-05-25 18:00")["positives_resident"]["K1"] == 0


@pytest.mark.parametrize("name", ["china-8", "china-9", "china-20-measures"])
def test_a_positive_inside_makes_it_lockdown(name):
    found = [("aunt", "2022-05-12 09:00", "positive", "2022-05-12 15:00")]
    before = County(tests=found).zones(as_of="2022-05-12 12:00", by=Protocol.named(name))
    assert before["required"]["B3"] == "precaution"
    zones = County(tests=found).zones(by=Protocol.named(name))
    assert zones["required"]["B3"] == "lockdown"
    assert "1 person living here found positive and in no row of cases yet" in zones["reason"]["B3"]


@pytest.mark.parametrize(
    ("isolated", "counts"),
    [("2022-05-11 18:00", 1), ("2022-05-10 08:00", 0)],
    ids=["in the look-back", "before it"],
)
def test_a_positive_of_somebody_in_isolation_counts_at_home_by_the_look_back(isolated, counts):
    found = [("aunt", "2022-05-12 09:00", "positive", "2022-05-12 15:00")]
    gone = [("aunt", isolated, None, "central", "SITE")]
    zones = County(tests=found, isolations=gone).zones()
    assert zones["positives_resident"]["K2"] == counts


def test_a_positive_pool_makes_nobody_a_new_infection():
    assert later(pooled())["positives_resident"]["C"] == 0


def test_a_new_positive_starts_a_medium_zone_anew():
    county = County(tests=[("mate", "2022-05-17 09:00", "positive", None)])
    zones = county.zones(as_of="2022-05-18 12:00", by=in_steps())
    assert zones["required"]["K1"] == "lockdown"
    assert zones["release_earliest"]["K1"] == pd.Timestamp("2022-05-24")


# -- contacts found negative ------------------------------------------------------------------


def of_negatives():
    release = Release(days_without_case=14, contact_days=14, contact_negative=True)
    return protocol(release=release)


def test_the_last_contact_must_be_found_negative_after_the_exposure():
    def zones(*tests):
        county = County(visits=AT_WORK, tests=list(tests))
        return county.zones(as_of="2022-05-25 18:00", by=of_negatives())

    without = zones(("wife", "2022-05-10 09:00", "negative", None))  # exposed until noon
    assert without["contacts_untested"][["K1", "B1", "B2", "B4"]].tolist() == [1, 1, 1, 1]
    assert without["required"]["K1"] == "lockdown"
    assert without["release_waits_for"]["K1"] == (
        "a negative specimen of the close contact exposed last, taken after that"
    )
    assert without["release_earliest"]["K1"] == pd.Timestamp("2022-05-25")
    wife = zones(("wife", "2022-05-11 09:00", "negative", None))
    assert wife["required"][["K1", "B4"]].tolist() == ["precaution", "control"]  # the mate is left
    assert wife["contacts_cleared"]["K1"] == pd.Timestamp("2022-05-11 09:00", tz="Asia/Shanghai")
    mate = ("mate", "2022-05-11 09:00", "negative", None)
    late = zones(mate, ("wife", "2022-05-25 09:00", "negative", "2022-05-25 15:00"))
    assert late["required"][["K1", "B4"]].tolist() == ["none", "none"]
    assert late["reason"]["K1"].endswith("lockdown may end since 2022-05-25")


def test_nobody_waits_for_a_negative_of_a_contact_who_became_a_case():
    both = [*County().cases, ("wife", "2022-05-11 08:00", "2022-05-11 12:00")]
    zones = County(cases=both).zones(as_of="2022-05-26 18:00", by=of_negatives())
    assert zones["contacts_untested"]["K1"] == 0


# -- rounds -----------------------------------------------------------------------------------


def test_whoever_comes_home_later_does_not_undo_a_clean_round():
    home = [("case", "2022-05-10 12:00", "2022-05-28 10:00", "hospital", "SITE")]
    county = County(cases=[("case", "2022-05-09 08:00", None)], tests=screened(25), isolations=home)
    assert county.zones(as_of="2022-05-27 18:00")["required"]["K1"] == "none"
    assert county.zones(as_of="2022-05-29 18:00")["required"]["K1"] == "none"


def test_a_share_of_the_people_inside_may_do():
    rule = protocol().derive(**{"zones.release.screening_share": 0.5})
    one = County(visits=AT_WORK, tests=screened(25)[:1])
    assert one.zones(as_of="2022-05-25 18:00")["required"]["K1"] == "lockdown"
    assert one.zones(as_of="2022-05-25 18:00", by=rule)["required"]["K1"] == "none"
    waiting = County(visits=AT_WORK).zones(by=rule)["release_waits_for"]["K1"]
    assert "a clean screening of 50.0% of everybody inside" in waiting


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
    wanted = "now 6 % negative, 29 more must be tested whom no table lists: judge by hand"
    assert wanted in zones["release_waits_for"]["K1"]


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


def in_steps():
    week = {"days_without_case": 7, "clause": "seven days"}
    return protocol(
        lockdown=Zone(
            name="high",
            criteria=(criterion("cases_resident_infectious", 1, "home clause", ("compound",)),),
            release=Release(**week, then="control", then_days=3),
        ),
        control=Zone(name="medium", criteria=(), release=Release(**week, then="precaution")),
        release=None,
    )


def test_a_high_zone_becomes_medium_before_it_ends():
    county = County()
    zones = county.zones(as_of="2022-05-17 12:00", by=in_steps())
    assert zones["required"][["K1", "B2", "K2"]].tolist() == ["control", "control", "precaution"]
    assert zones["release_earliest"]["K1"] == pd.Timestamp("2022-05-19")
    assert zones["reason"]["K1"].endswith(
        "lockdown may end since 2022-05-16, then control for 3 days"
    )
    assert zones["release_case_days"]["K1"] == pd.Timestamp("2022-05-19")
    assert zones["release_waits_for"]["K1"] == "3 days without a case as control (2022-05-19)"
    after = county.zones(as_of="2022-05-19 12:00", by=in_steps())
    assert set(labels(after).values()) == {"none"}


def test_a_protocol_without_release_waits_for_an_order():
    zones = County().zones(by=protocol(release=None))
    assert pd.isna(zones["release_earliest"]["K1"])
    assert zones["release_waits_for"]["K1"] == "an order: the protocol has no release clause"
