"""MERS in South Korea, 2015, counted from the tables as an R user would count them.

Source: R package outbreaks, data set mers_korea_2015. Offspring are plain counts; the serial
interval is the mean and sample standard deviation of signed days between onsets.
"""

import pandas as pd
import pytest

import tracegraph as tg


@pytest.fixture(scope="module")
def mers():
    return tg.datasets.mers_korea()


def test_three_cases_infected_most(mers):
    offspring = mers.truth["infector"].value_counts()
    assert offspring.head(3).to_dict() == {"SK_14": 38, "SK_1": 26, "SK_16": 21}
    reported = mers.tables["contacts"]["person_id"].value_counts()
    assert reported.head(3).to_dict() == {"SK_14": 38, "SK_1": 26, "SK_16": 21}


def test_98_links_lead_to_95_people(mers):
    infected = mers.tables["contacts"]["contact_id"]
    assert len(infected) == 98
    assert infected.nunique() == 95
    # two people stand in the list more than once, and so in three rows too many
    assert infected.value_counts().loc[lambda n: n > 1].to_dict() == {"SK_39": 3, "SK_107": 2}
    assert mers.tables["cases"]["infected_by"].notna().sum() == 95 - 2


def test_serial_interval(mers):
    onset = pd.to_datetime(mers.tables["cases"].set_index("person_id")["onset"])
    links = mers.truth
    days = onset.loc[links["infected"]].to_numpy() - onset.loc[links["infector"]].to_numpy()
    days = pd.Series(days).dt.days
    assert days.notna().sum() == 98
    assert days.mean() == pytest.approx(14.47, abs=0.005)
    assert days.std() == pytest.approx(5.20, abs=0.005)
    assert days.tolist() == links["days_between_onsets"].tolist()


def test_all_cases_are_read_and_two_undated_contacts_are_rejected(mers):
    graph = mers.graph()
    used = graph.counts.set_index("table")["used"]
    assert used["cases"] == 162
    assert used["contacts"] == 96
    assert graph.rejects["table"].tolist() == ["contacts", "contacts"]
