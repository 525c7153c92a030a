"""The risk of areas on worlds small enough to work out on paper, and what is refused."""

import math

import numpy as np
import pandas as pd
import pytest

import tracegraph as tg
from tracegraph.errors import TableError
from tracegraph.protocols.protocol import Protocol, Tier, Window
from tracegraph.tracing.infectiousness import (
    FERRETTI_2020,
    HE_2020,
    KUCIRKA_2020,
    FalseNegatives,
    ShiftedGamma,
    Weibull,
)
from tracegraph.zones.ground import survey
from tracegraph.zones.redraw.risk import TERMS, RiskAssumptions, area_risk, given_risk

AREAS = pd.DataFrame(
    {
        "area_id": ["T", "T1", "T2", "U"],
        "parent_id": [None, "T", "T", None],
        "population": [400, 300, 100, 50],
    }
)
LOCATIONS = pd.DataFrame(
    {
        "location_id": ["H1", "H2", "W", "B"],
        "kind": ["home", "home", "office", "bus"],
        "area_id": ["T1", "T2", "U", None],
    }
)
PERSONS = pd.DataFrame({"person_id": ["C", "P"], "home_id": ["H1", "H2"]})
CASES = pd.DataFrame({"person_id": ["C"], "onset": ["2022-05-08 12:00"]})


def visits(*rows):
    return pd.DataFrame(rows, columns=["person_id", "location_id", "arrive", "depart"])


AT_WORK = visits(
    ("C", "W", "2022-05-08 12:00", "2022-05-08 18:00"),
    ("P", "W", "2022-05-08 12:00", "2022-05-08 18:00"),
)


def graph_of(**tables):
    given = {
        "cases": CASES, "persons": PERSONS, "locations": LOCATIONS, "areas": AREAS,
        "visits": AT_WORK, **tables,
    }  # fmt: skip
    return tg.TraceGraph(**given, tz="Asia/Shanghai")


def risk_of(*, as_of="2022-05-10 15:00", assumptions=None, protocol="china-8", **tables):
    trace = graph_of(**tables).trace(protocol, as_of=as_of)
    return area_risk(survey(trace), assumptions).set_axis(trace.graph.area_ids)


def chance_at_work():
    """Of P: six hours from onset on, in one quarter of a day (12:00 to 18:00)."""
    hours = 6 * float(np.mean(HE_2020.before(0.25) - HE_2020.before(0))) / 0.25 / HE_2020.peak
    return 1 - math.exp(-0.011 * 0.3 * hours)


def onward(*, since=2.0, days=7.0):
    """Infections by an infected person whose infection lies `since` days back."""
    return 4.2 * float(FERRETTI_2020.before(since + days) - FERRETTI_2020.before(since))


# ---- profiles


@pytest.mark.parametrize(
    ("back", "left_out"), [(2, (0.17, 0.18)), (4, (0.035, 0.045))], ids=["2 days", "4 days"]
)
def test_infectiousness_before_the_look_back_is_as_computed_from_he(back, left_out):
    low, high = left_out
    assert low <= HE_2020.before(-back) <= high + 0.005


def test_shares_of_a_profile_add_up_to_one_and_rise():
    for profile in (HE_2020, FERRETTI_2020):
        shares = profile.before(np.linspace(-40, 80, 2_001))
        assert shares[0] == 0
        assert shares[-1] == pytest.approx(1, abs=1e-9)
        assert (np.diff(shares) >= 0).all()


def test_gamma_shares_are_those_of_the_exponential_sum():
    """With whole shape k: 1 - exp(-x) (1 + x + … + x^(k-1) / (k-1)!)."""
    profile = ShiftedGamma(shape=4, rate=2, shift=1)
    for day in (-0.5, 0.0, 1.3, 6.0):
        x = 2 * (day + 1)
        said = 1 - math.exp(-x) * sum(x**n / math.factorial(n) for n in range(4))
        assert profile.before(day) == pytest.approx(said, abs=1e-10)


def test_peak_is_the_highest_share_a_day():
    for profile, days in ((HE_2020, (-6, 6)), (FERRETTI_2020, (1, 9))):
        grid = np.linspace(*days, 100_001)
        slope = np.diff(profile.before(grid)) / np.diff(grid)
        assert profile.peak == pytest.approx(slope.max(), rel=1e-4)


def test_false_negatives_stand_at_the_days_of_kucirka():
    days = [0, 1, 4, 5, 8, 9, 21, 40]
    assert KUCIRKA_2020.at(days).tolist() == [1, 1, 0.67, 0.38, 0.20, 0.21, 0.66, 0.66]


# ---- by hand


def test_a_close_contact_infects_at_home_and_where_it_works():
    alone = CASES.assign(isolated="2022-05-09 08:00")
    table = risk_of(cases=alone)
    # to the middle of the quarter: infected on 8 May at 15:00, two days before as-of
    by_p = chance_at_work() * onward()
    assert table.loc["T2", "risk"] == pytest.approx(0.4 * by_p)
    assert table.loc["U", "risk"] == pytest.approx(0.6 * by_p)
    assert table.loc["T", "risk"] == pytest.approx(0.4 * by_p)
    assert table.loc["T1", "risk"] == 0
    assert table["risk_close"].tolist() == table["risk"].tolist()
    assert table["people_at_risk"].tolist() == [1, 0, 1, 1]


def test_a_case_at_large_infects_by_the_days_since_onset():
    table = risk_of(persons=PERSONS.iloc[:1], visits=AT_WORK.iloc[:1])
    share = float(HE_2020.before(2.125 + 7) - HE_2020.before(2.125))
    assert table.loc["T1", "risk_cases"] == pytest.approx(4.2 * share * 0.4)
    assert table.loc["U", "risk_cases"] == pytest.approx(4.2 * share * 0.6)


def negatives(*sampled):
    return pd.DataFrame(
        {
            "person_id": "P",
            "sampled": sampled,
            "reported": "2022-05-13 20:00",
            "result": "negative",
            "test_id": [f"E{n}" for n in range(len(sampled))],
        }
    )


@pytest.mark.parametrize(
    "sampled", [["2022-05-13 15:00"], ["2022-05-13 15:00"] * 2], ids=["once", "two specimens"]
)
def test_a_negative_test_multiplies_the_odds(sampled):
    alone = CASES.assign(isolated="2022-05-09 08:00")
    table = risk_of(cases=alone, tests=negatives(*sampled), as_of="2022-05-13 21:00")
    odds = 0.38 * chance_at_work() / (1 - chance_at_work())  # day 5
    said = odds / (1 + odds) * onward(since=5.25)
    assert table.loc["T2", "risk"] == pytest.approx(0.4 * said)


def test_a_test_before_the_exposure_says_nothing():
    alone = CASES.assign(isolated="2022-05-09 08:00")
    early = risk_of(cases=alone, tests=negatives("2022-05-08 08:00"))
    pd.testing.assert_frame_equal(early, risk_of(cases=alone))


def test_housemates_are_infected_by_the_attack_rate():
    together = PERSONS.assign(home_id="H1")
    alone = CASES.assign(isolated="2022-05-08 18:00")
    table = risk_of(
        persons=together, cases=alone, visits=AT_WORK.iloc[:1], as_of="2022-05-08 18:00"
    )
    start, days = HE_2020.before(-2.5), []
    for quarter in range(11):  # 6 May 00:00 to 8 May 18:00
        share = float(HE_2020.before(-2.5 + (quarter + 1) / 4) - HE_2020.before(-2.5 + quarter / 4))
        chance = 1 - (1 - 0.427) ** share
        days.append(chance * onward(since=2.75 - quarter / 4 - 0.125) / 4.2)
    assert start > 0
    said = 4.2 * (1 - math.prod(1 - each for each in days))
    assert table.loc["T1", "risk_close"] == pytest.approx(said)


def test_an_old_cohort_is_worth_almost_nothing():
    alone = CASES.assign(isolated="2022-05-09 08:00")
    fresh = risk_of(cases=alone, as_of="2022-05-09 15:00").loc["U", "risk"]
    assert risk_of(cases=alone, as_of="2022-05-22 15:00").loc["U", "risk"] < 1e-4 * fresh


def test_contacts_of_later_tiers_are_secondary():
    rule = Protocol(
        name="p",
        title="P",
        window=Window(look_back_days=2),
        tier=tuple(Tier(name=f"tier {k}", clause=str(k)) for k in (1, 2, 3)),
    )
    people = pd.DataFrame({"person_id": ["C", "P", "Q", "S"]})
    chain = visits(
        *AT_WORK.itertuples(index=False),
        *[(who, "H1", "2022-05-09 08:00", "2022-05-09 12:00") for who in "PQ"],
        *[(who, "H2", "2022-05-10 08:00", "2022-05-10 12:00") for who in "QS"],
    )
    isolated = pd.DataFrame({"person_id": ["P", "Q"], "start": "2022-05-10 13:00"})
    given = {"persons": people, "visits": chain, "isolations": isolated, "protocol": rule}
    table = risk_of(cases=CASES.assign(isolated="2022-05-08 18:00"), **given)
    assert table.loc["T2", "risk_secondary"] == table.loc["T2", "risk"] > 0


# ---- who is at large, and where


def isolated(kind):
    return pd.DataFrame({"person_id": ["P"], "start": ["2022-05-09 20:00"], "kind": [kind]})


def test_home_isolation_leaves_the_part_at_home():
    free, inside = risk_of(), risk_of(isolations=isolated("home"))
    assert inside.loc["T2", "risk"] == free.loc["T2", "risk"] > 0
    assert inside.loc["U", "risk_close"] == 0 < free.loc["U", "risk_close"]


@pytest.mark.parametrize("kind", ["central", "hospital"])
def test_isolation_away_ends_a_persons_risk(kind):
    assert risk_of(isolations=isolated(kind)).loc["T2", "risk"] == 0


def measure(area, kind="static_management", start="2022-05-09", end=None):
    row = {"area_id": [area], "kind": [kind], "start": [start], "end": [end]}
    return pd.DataFrame(row).dropna(axis=1)


@pytest.mark.parametrize("area", ["T2", "T"])
def test_static_management_around_the_home_leaves_a_residual_outside(area):
    free, still = risk_of(), risk_of(measures=measure(area))
    assert still.loc["U", "risk_close"] == pytest.approx(0.2 * free.loc["U", "risk_close"])
    assert still.loc["T2", "risk"] == free.loc["T2", "risk"]


@pytest.mark.parametrize(
    "other",
    [
        measure("U"),
        measure("T2", kind="suspended_events"),
        measure("T2", end="2022-05-10 12:00"),
        measure("T2", start="2022-05-10 16:00"),
    ],
    ids=["elsewhere", "events", "over", "to come"],
)
def test_other_measures_change_nothing(other):
    pd.testing.assert_frame_equal(risk_of(measures=other), risk_of())


def test_zones_in_force_change_nothing():
    pd.testing.assert_frame_equal(risk_of(areas=AREAS.assign(zone="lockdown")), risk_of())


def test_rides_say_nothing_about_where_somebody_goes():
    ride = visits(("P", "B", "2022-05-09 08:00", "2022-05-09 20:00"))
    with_ride = risk_of(visits=pd.concat([AT_WORK, ride]))
    pd.testing.assert_frame_equal(with_ride, risk_of())


def test_stays_at_home_and_old_ones_say_nothing_about_where_somebody_goes():
    at_home = visits(
        ("P", "H2", "2022-05-09 08:00", "2022-05-09 20:00"),
        ("P", "H1", "2022-05-03 08:00", "2022-05-03 15:00"),  # ends as the last week begins
    )
    pd.testing.assert_frame_equal(risk_of(visits=pd.concat([AT_WORK, at_home])), risk_of())


def test_minutes_divide_what_falls_outside_the_home():
    guest = visits(("P", "H1", "2022-05-09 08:00", "2022-05-09 10:00"))  # two hours beside six
    alone = CASES.assign(isolated="2022-05-09 06:00")
    both = risk_of(cases=alone, visits=pd.concat([AT_WORK, guest]))
    assert both.loc["U", "risk"] == pytest.approx(3 * both.loc["T1", "risk"])
    assert both.loc["T1", "risk"] > 0


def test_who_has_no_stay_goes_about_near_home():
    told = pd.DataFrame({"person_id": ["C"], "contact_id": ["P"], "start": ["2022-05-08"]})
    table = risk_of(contacts=told, visits=AT_WORK.iloc[:1])
    assert table.loc["U", "risk_close"] == 0 < table.loc["T2", "risk_close"]


def test_what_lies_in_no_area_is_told():
    nowhere = LOCATIONS.assign(area_id=["T1", None, "U", None])
    table, before = risk_of(locations=nowhere), risk_of()
    assert table.attrs["outside"] == pytest.approx(before.loc["T2", "risk"])
    assert table.attrs["people_outside"] == 1
    assert before.attrs == {"outside": 0.0, "people_outside": 0}


def test_what_lies_in_a_large_area_alone_is_a_risk_of_none_of_its_parts():
    large = LOCATIONS.assign(area_id=["U", "T", "U", None])
    table = risk_of(locations=large)
    assert table.loc["T", "risk"] > 0
    assert table.loc[["T1", "T2"], "risk"].tolist() == [0, 0]


def test_dates_alone_give_a_risk_too():
    table = risk_of(protocol="same-day")
    assert table.loc["T2", "risk_close"] > 0


def test_nobody_at_risk_is_a_table_of_zeros():
    table = risk_of(cases=CASES.assign(status="excluded"))
    assert (table[[*TERMS, "risk", "people_at_risk"]] == 0).all(axis=None)
    assert table["people_at_risk"].dtype == np.int64


def test_total_of_a_county_is_within_what_its_people_can_cause():
    graph = tg.datasets.county(seed=1, n_people=5_000).graph()
    trace = graph.trace("china-8", as_of="2022-05-12")
    table = area_risk(survey(trace))
    total = table.loc[graph.area_parent == -1, "risk"].item()
    assert total == pytest.approx(table.loc[survey(trace).tree.are_finest(), "risk"].sum())
    assert 0 < total < 4.2 * len(trace.tiers)
    assert (table["risk_close"] > 0).any()


# ---- assumptions


@pytest.mark.parametrize(
    "wrong",
    [
        {"reproduction": -1},
        {"days": math.nan},
        {"home_share": 1.01},
        {"hourly_rate": math.inf},
        {"household_attack": 1},
        {"static_residual": None},
        {"venue_factor": "0.1"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_assumptions_refuse_what_is_no_such_number(wrong):
    (name,) = wrong
    with pytest.raises(TableError, match=f"{name} = .*\n    Pass a number from 0"):
        RiskAssumptions(**wrong)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"generation": Weibull(shape=1, scale=5)}, "no peak"),
        ({"around_onset": ShiftedGamma(shape=2, rate=0, shift=0)}, "no profile"),
        ({"generation": Weibull(shape=2, scale=math.nan)}, "no profile"),
        ({"false_negatives": FalseNegatives(days=(1, 1), missed=(0.5, 0.4))}, "ascending"),
        ({"false_negatives": FalseNegatives(days=(1, 2), missed=(0.5, 1.4))}, "share from 0 to 1"),
    ],
)
def test_assumptions_refuse_profiles_that_are_none(wrong, why):
    with pytest.raises(TableError, match=why):
        RiskAssumptions(**wrong)


def test_every_assumption_names_its_source():
    table = RiskAssumptions(reproduction=2.0).table().set_index("name")
    assert set(table["confidence"]) == {"read", "unconfirmed", "working", "given"}
    assert table.loc["reproduction", ["value", "source"]].tolist() == ["2.0", "the caller"]
    assert (table["source"] == "tracegraph").sum() <= (table["confidence"] == "working").sum()
    assert (table["source"].str.len() > 0).all()


# ---- given


def test_given_risk_is_shared_by_population_and_rolled_up():
    graph = graph_of()
    frame = pd.DataFrame({"area_id": ["U", "T"], "risk": [3, 8]})
    assert given_risk(graph, frame).tolist() == [8, 6, 2, 3]
    series = pd.Series({"T2": 1.0, "T1": 0.5})
    assert given_risk(survey(graph.trace("china-8")), series).tolist() == [1.5, 0.5, 1, 0]


def test_given_risk_is_shared_equally_where_nobody_lives():
    empty = graph_of(areas=AREAS.assign(population=0))
    assert given_risk(empty, pd.Series({"T": 3.0})).tolist() == [3, 1.5, 1.5, 0]


def test_given_risk_counts_residents_where_no_population_is_given():
    counted = graph_of(areas=AREAS.drop(columns="population"))
    assert given_risk(counted, pd.Series({"T": 3.0})).tolist() == [3, 1.5, 1.5, 0]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (pd.Series({"Z": 1.0}), "no table names: 'Z'"),
        (pd.DataFrame({"area_id": [None], "risk": [1.0]}), "no table names"),
        (pd.Series([1.0, 2.0], index=["T1", "T1"]), "given twice: 'T1'"),
        (pd.Series({"T": 1.0, "T1": 1.0}), "inside another that is given: 'T1'"),
        (pd.Series({"T1": -0.5}), "that is -0.5: 'T1'"),
        (pd.Series({"T1": math.nan}), "that is nan"),
        (pd.Series({"T1": math.inf}), "that is inf"),
        (pd.Series({"T1": "much"}), "that is nan"),
        (pd.DataFrame({"area": ["T1"], "risk": [1]}), "no column 'area_id'"),
    ],
)
def test_given_risk_refuses_what_it_cannot_place(wrong, why):
    with pytest.raises(TableError, match=why):
        given_risk(graph_of(), wrong)
