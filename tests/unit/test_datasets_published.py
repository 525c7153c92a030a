"""The shipped data sets: dates stay dates, licences stand beside them, nothing is cleaned away."""

from importlib import resources

import pytest

import tracegraph as tg

SETS = ("mers_korea", "measles_hagelloch", "varicella_berlin")


@pytest.mark.parametrize("name", SETS)
def test_dates_are_texts_of_a_day(name):
    tables = getattr(tg.datasets, name)().tables
    columns = [
        tables[table][column]
        for table, column in [("cases", "onset"), ("contacts", "start"), ("visits", "arrive")]
        if table in tables
    ]
    for column in columns:
        assert column.dropna().str.fullmatch(r"\d{4}-\d\d-\d\d").all()


@pytest.mark.parametrize("name", SETS)
def test_licence_and_citation_are_given(name):
    data = getattr(tg.datasets, name)()
    assert data.licence.startswith("MIT")
    assert data.citation
    licence = resources.files("tracegraph.datasets") / "data" / "LICENCE-outbreaks.md"
    assert name in licence.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SETS)
def test_a_caller_cannot_change_the_next_load(name):
    load = getattr(tg.datasets, name)
    cases = load().tables["cases"]
    cases.loc[0, "onset"] = "1999-01-01"
    assert load().tables["cases"].loc[0, "onset"] != "1999-01-01"


@pytest.mark.parametrize("name", SETS)
def test_written_folder_reads_again(name, tmp_path):
    data = getattr(tg.datasets, name)()
    graph = tg.read(data.write(tmp_path))
    assert graph.counts.set_index("table")["used"].to_dict() == (
        data.graph().counts.set_index("table")["used"].to_dict()
    )


def test_emergency_room_of_samsung_lies_inside_the_hospital():
    places = tg.datasets.mers_korea().tables["locations"]
    inside = places[places["parent_id"].notna()]
    assert inside["name"].tolist() == ["Samsung Medical Center, Emergency room,Seoul"]
    parent = places.set_index("location_id").loc[inside["parent_id"], "name"]
    assert parent.tolist() == ["Samsung Medical Center, Seoul"]


def test_korean_patients_of_ds4c_are_not_shipped():
    data = resources.files("tracegraph.datasets") / "data"
    shipped = {file.name for file in data.iterdir()}
    assert {name.split("_")[0] for name in shipped if name.endswith(".csv")} == {
        "mers",
        "measles",
        "varicella",
    }
