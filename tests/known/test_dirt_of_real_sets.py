"""The dirt that published data are known to hold is found, counted exactly and told.

DS4C (South Korea, 2020; KCDC and local notices, CC BY-NC-SA 4.0) may not be shipped: it is read
from the folder that TRACEGRAPH_DS4C names, or beside the clone. The varicella of Berlin (R package
outbreaks, MIT) is shipped.
"""

import os
from pathlib import Path

import pytest

import tracegraph as tg

ROOT = Path(__file__).parents[2]
DS4C = Path(os.environ.get("TRACEGRAPH_DS4C", ROOT.parent / "shared" / "data" / "ds4c"))


def counted(graph, rule):
    """Number that a warning begins with, or holds after the name of its column."""
    messages = graph.warnings.loc[graph.warnings["rule"] == rule, "message"]
    assert len(messages) == 1, rule
    words = messages.iloc[0].replace(",", "").split()
    return next(int(word) for word in words if word.isdecimal())


@pytest.fixture(scope="module")
def korea():
    if not DS4C.is_dir():
        pytest.skip("DS4C may not be shipped and is not there: set TRACEGRAPH_DS4C")
    return tg.read(
        DS4C,
        tz="Asia/Seoul",
        tables={"PatientInfo.csv": "cases", "PatientRoute.csv": "visits", "Case.csv": "",
                "Region.csv": ""},
        columns={"visits": {"date": "arrive", "type": "location_id"}},
    )  # fmt: skip


def test_korea_rows_are_accounted_for(korea):
    counts = korea.counts.set_index("table")
    assert counts.loc["cases", ["rows", "used", "rejected"]].tolist() == [3388, 3386, 2]
    assert counts.loc["visits", ["rows", "used", "rejected"]].tolist() == [6714, 6714, 0]


def test_korea_headers_are_known_without_a_word(korea):
    named = korea.origins[korea.origins["table"] == "cases"].set_index("header")["column"]
    assert named["symptom_onset_date"] == "onset"
    assert named["confirmed_date"] == "confirmed"
    assert named["patient_id"] == "person_id"
    assert named["contact_number"] == ""  # a number of contacts, no phone


def test_korea_486_rows_of_routes_stand_twice(korea):
    message = korea.warnings.set_index("rule").loc["duplicate-row", "message"]
    assert "(486 of them in every column)" in message


def test_korea_one_onset_is_a_blank(korea):
    assert counted(korea, "blank-time") == 1


def test_korea_five_infectors_are_no_cases_and_two_are_the_case_itself(korea):
    assert counted(korea, "infector-is-no-case") == 5
    assert counted(korea, "infected-by-oneself") == 2
    told = korea.warnings.set_index("rule").loc["infected-by-oneself", "value"]
    assert told == "1100000028, 6100000066"


@pytest.fixture(scope="module")
def berlin():
    return tg.datasets.varicella_berlin().graph()


def test_berlin_27_stays_leave_before_they_arrive(berlin):
    assert berlin.rejects["rule"].tolist() == ["depart-before-arrive"] * 27


def test_berlin_73_onsets_lie_outside_both_stays(berlin):
    assert counted(berlin, "onset-outside-stays") == 73
