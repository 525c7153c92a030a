"""The payload: the tables of a page refer to each other, and say what the trace says."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

import outbreaks
import tracegraph as tg
from tracegraph.model.assembly import on_cycle
from tracegraph.viz import evidence, journeys
from tracegraph.viz.page_text import inert_json
from tracegraph.viz.payload import payload
from tracegraph.viz.pseudonyms import codes

TABLES = {"persons", "places", "bubbles", "exposures", "venue", "stays", "windows"}


@pytest.fixture(scope="module")
def county():
    return tg.datasets.county(seed=1).graph().trace("china-8", as_of="2022-05-12")


@pytest.fixture(scope="module")
def county_data(county):
    return payload(county, key=outbreaks.KEY)


@pytest.fixture(scope="module")
def told():
    """The small outbreak, with ids, so that a test can say whom it means."""
    return payload(outbreaks.trace(), identities=True)


def number(data, person):
    return data["persons"]["id"].index(person)


def row(data, person):
    return {name: values[number(data, person)] for name, values in data["persons"].items()}


def at(data, place):
    return data["places"]["id"].index(place)


def minute(data, moment):
    return int((pd.Timestamp(moment) - pd.Timestamp(data["origin"])).total_seconds() // 60)


# ---- form


def test_all_columns_of_a_table_are_equally_long(county_data):
    for name in TABLES:
        assert len({len(column) for column in county_data[name].values()}) == 1, name
    assert len(county_data["stays_of"]) == len(county_data["persons"]["tier"])


def test_every_number_leads_to_a_row_or_to_none(county_data):
    d = county_data
    persons, places = len(d["persons"]["tier"]), len(d["places"]["kind"])
    ends = {
        persons: [
            *(d["exposures"][c] for c in ("contact", "source")),
            *(d["venue"][c] for c in ("person", "source")),
            d["stays"]["person"],
            d["windows"]["person"],
            d["persons"]["parent"],
        ],
        places: [d[t]["place"] for t in ("exposures", "venue", "stays")] + [d["persons"]["home"]],
        len(d["exposures"]["start"]): [d["persons"]["link"]],
        len(d["clauses"]): [d["persons"]["clause"], d["exposures"]["clause"]],
        len(d["classes"]): [d["persons"]["class"], d["exposures"]["class"]],
        len(d["kinds"]): [d["places"]["kind"]],
        len(d["areas"]): [d["places"]["area"], d["persons"]["area"]],
        len(d["bubbles"]["x"]): [d["persons"]["bubble"]],
        len(d["tiers"]): [d["persons"]["tier"], d["bubbles"]["tier"]],
    }
    for size, columns in ends.items():
        for column in columns:
            assert min(column) >= -1
            assert max(column) < size


def test_nothing_happens_before_the_origin_and_it_is_a_midnight(county_data):
    times = [county_data["persons"]["date"]]
    times += [county_data[t]["start"] for t in ("exposures", "stays", "windows", "venue")]
    least = min(t for column in times for t in column if t is not None)
    assert 0 <= least < 24 * 60


def test_persons_stand_by_tier_then_date_then_code(county_data):
    persons = county_data["persons"]
    keys = list(zip(persons["tier"], persons["date"], persons["code"], strict=True))
    assert keys == sorted(keys)


def test_everybody_traced_and_every_venue_contact_is_in(county, county_data):
    tier = pd.Series(county_data["persons"]["tier"]).value_counts().sort_index().tolist()
    venue = county.venue_contacts["person_id"]
    only = (~venue.isin(county.tiers["person_id"])).sum()
    assert tier == [*county.tiers["tier"].value_counts().sort_index(), only]
    assert len(county_data["venue"]["person"]) == len(venue)


# ---- what it says


def test_a_path_of_links_is_the_path_of_why(county, county_data):
    d, ids = county_data, county.tiers["person_id"]
    who = dict(zip(codes("person", county.graph.person_ids, outbreaks.KEY.encode()),
                   county.graph.person_ids, strict=True))  # fmt: skip
    person = [who[code] for code in d["persons"]["code"]]
    contacts = [p for p, tier in enumerate(d["persons"]["tier"]) if 0 < tier < 3]
    assert len(contacts) == (county.tiers["tier"] > 0).sum()
    rows = d["exposures"]
    for p in contacts[::9]:
        steps, here = [], p
        while d["persons"]["tier"][here] > 0:
            link = d["persons"]["link"][here]
            steps.insert(0, (person[rows["source"][link]], person[here], rows["start"][link]))
            here = rows["source"][link]
        path = county.why(person[p]).path
        path = path[path["contact_id"].isin(ids[county.tiers["tier"] > 0])]  # up to the first case
        expected = [
            (s, c, minute(d, t.tz_localize(None)))
            for s, c, t in zip(path["source_id"], path["contact_id"], path["start"], strict=True)
        ]
        assert steps == expected


def test_parents_form_a_forest(county_data, told):
    for data in (county_data, told):
        parent = np.array(data["persons"]["parent"], dtype=np.int32)
        assert not on_cycle(parent).any()
        roots = {data["persons"]["tier"][p] for p in np.flatnonzero(parent < 0)}
        assert roots == {0}


def test_the_parent_of_a_contact_is_the_source_of_the_decisive_exposure(told):
    for person, source in {"A1": "C1", "B1": "A1", "B3": "A2", "R1": "C1", "V1": "C1"}.items():
        assert told["persons"]["id"][row(told, person)["parent"]] == source
        assert row(told, person)["parent_how"] == 1


def test_a_recorded_infector_is_the_parent_of_a_case(told):
    assert told["persons"]["id"][row(told, "C2")["parent"]] == "C1"
    assert row(told, "C2")["parent_how"] == 2
    assert row(told, "C1")["parent"] == -1
    link = row(told, "C2")["link"]
    assert told["exposures"]["source"][link] == number(told, "C1")


def test_without_a_record_an_earlier_exposure_by_another_case_is():
    cases = outbreaks.tables()["cases"].drop(columns="infected_by")
    data = payload(outbreaks.trace(cases=cases), identities=True)
    assert row(data, "C2")["parent"] == number(data, "C1")
    assert row(data, "C2")["parent_how"] == 1
    assert row(data, "C1")["parent_how"] == 0  # C2 met C1 too, after the onset of C1


def test_records_that_run_in_a_circle_lose_the_parent_of_the_first_case():
    cases = outbreaks.tables()["cases"].assign(infected_by=["C2", "C1"])
    data = payload(outbreaks.trace(cases=cases), identities=True)
    assert row(data, "C1")["parent"] == -1
    assert row(data, "C2")["parent"] == number(data, "C1")


def test_dates_are_onset_else_specimen_else_confirmation_else_first_exposure():
    cases = pd.DataFrame(
        {
            "person_id": ["C1", "C2", "C3"],
            "onset": ["2022-05-09 06:00", None, None],
            "sampled": ["2022-05-08", "2022-05-10 09:00", None],
            "confirmed": ["2022-05-12"] * 3,
        }
    )
    data = payload(outbreaks.trace(cases=cases), identities=True)
    found = {p: (row(data, p)["date"], row(data, p)["date_kind"]) for p in ("C1", "C2", "C3", "A1")}
    assert found == {
        "C1": (minute(data, "2022-05-09 06:00"), 0),
        "C2": (minute(data, "2022-05-10 09:00"), 1),
        "C3": (minute(data, "2022-05-12"), 2),
        "A1": (minute(data, "2022-05-09 10:30"), 3),
    }


def test_stays_are_those_of_the_itinerary(county, county_data, told):
    trace = outbreaks.trace()
    for person in ("C1", "A1", "A2", "C2"):
        rows = trace.itinerary(person)
        rows = rows[~rows["gap"]]
        stays = {
            (s, e, i)
            for who, place, s, e, i in zip(*told["stays"].values(), strict=True)
            if who == number(told, person) and place >= 0
        }
        expected = {
            (minute(told, a.tz_localize(None)), minute(told, d.tz_localize(None)), int(i))
            for a, d, i in zip(rows["arrive"], rows["depart"], rows["imputed"], strict=True)
        }
        assert stays == expected
    size = np.bincount(county_data["stays"]["person"], minlength=len(county_data["stays_of"]))
    assert size.sum() > 1_000
    assert size[np.array(county_data["persons"]["tier"]) < 3].sum() == size.sum()


def test_a_stay_without_a_place_and_one_without_an_end_are_told(told):
    stays = list(zip(*told["stays"].values(), strict=True))
    a1, a2 = number(told, "A1"), number(told, "A2")
    lost = [(s, e) for who, place, s, e, _ in stays if who == a1 and place < 0]
    assert lost == [(minute(told, "2022-05-09 18:00"), minute(told, "2022-05-09 19:00"))]
    assert [i for who, place, *_, i in stays if who == a2 and place == at(told, "park")] == [1]


def test_of_venue_contacts_only_the_meeting_is_told(told):
    v1 = number(told, "V1")
    assert v1 not in told["stays"]["person"]
    assert row(told, "V1")["home"] == -1
    assert row(told, "V1")["exposures"] == 1
    assert told["venue"]["place"][told["venue"]["person"].index(v1)] == at(told, "market")
    assert told["tiers"][-1] == {"name": "venue contact", "venue": True}
    bubble = row(told, "V1")["bubble"]
    assert bubble >= 0
    assert told["bubbles"]["anchor"][bubble] == at(told, "market")
    assert told["places"]["x"][at(told, "market")] is not None


def test_windows_are_those_of_the_trace(told):
    windows = outbreaks.trace().windows
    expected = {
        (number(told, p), minute(told, s.tz_localize(None)), minute(told, e.tz_localize(None)))
        for p, s, e in windows[["person_id", "start", "end"]].itertuples(index=False)
    }
    assert set(zip(*told["windows"].values(), strict=True)) == expected


def test_an_alias_is_nobody_of_its_own(told):
    assert "A1-again" not in told["persons"]["id"]
    assert row(told, "A1")["extra"]["person_id"] == "A1-again"


# ---- sizes


def test_of_many_exposures_the_decisive_and_one_a_source_and_place_are_kept(monkeypatch):
    monkeypatch.setattr(evidence, "ROWS_PER_CONTACT", 3)
    trace = outbreaks.ranked(2, 2, rows=8).trace("china-8")
    data = payload(trace, identities=True)
    rows, a0 = data["exposures"], number(data, "A0")
    own = [k for k, contact in enumerate(rows["contact"]) if contact == a0]
    assert len(own) == 3
    assert row(data, "A0")["exposures"] == 8
    assert row(data, "A0")["link"] == own[0]
    assert rows["start"][own[0]] == minute(data, "2022-05-09 08:00")
    assert data["dropped"] == len(trace.exposures()) - len(rows["start"]) > 10


def test_every_exposure_is_kept_or_counted_and_the_chains_stay(county, county_data, monkeypatch):
    assert len(county_data["exposures"]["start"]) + county_data["dropped"] == county.n_exposures
    monkeypatch.setattr(evidence, "ROWS_PER_CONTACT", 1)
    least = payload(county, key=outbreaks.KEY)
    contacts = least["exposures"]["contact"]
    assert len(contacts) == len(set(contacts)) == len(set(county_data["exposures"]["contact"]))
    assert len(contacts) + least["dropped"] == county.n_exposures
    for name in ("exposures", "parent", "code"):
        assert least["persons"][name] == county_data["persons"][name]
    for data in (least, county_data):
        rows, persons = data["exposures"], data["persons"]
        for p, link in enumerate(persons["link"]):
            if persons["tier"][p] and link >= 0:
                assert (rows["contact"][link], rows["source"][link]) == (p, persons["parent"][p])


def test_what_is_written_is_strict_json_and_the_same_when_read(county_data, told):
    for data in (county_data, told):
        text = inert_json(data)
        assert not re.search("NaN|Infinity", text)
        assert json.loads(text) == data


def whereabouts(**options):
    """A contact who exposes another, each somewhere before, between and after."""
    stays = outbreaks.visits(
        "C1 early 08:00 08:30", "C1 office 10:00 11:00", "C1 late 20:00 21:00",
        "A1 a-before 08:00 09:00", "A1 office 10:30 11:00", "A1 canteen 13:00 14:00",
        "A1 a-after 10/20:00 21:00",
        "B1 b-before 10:00 12:59", "B1 canteen 13:05 14:00", "B1 b-between 16:00 16:30",
        "B1 shop 18:00 18:10", "A1 shop 18:00 18:10", "B1 canteen 19:00 20:00",
        "A1 canteen 19:00 20:00", "B1 b-after 21:00 22:00",
    )  # fmt: skip
    graph = tg.TraceGraph(
        cases=pd.DataFrame({"person_id": ["C1"], "onset": ["2022-05-09 06:00"]}),
        visits=stays,
        locations=pd.DataFrame({"location_id": ["office", "canteen"], "kind": ["office"] * 2}),
        tz="Asia/Shanghai",
    )
    trace = graph.trace("china-8")
    data = payload(trace, key=outbreaks.KEY, **options)
    ids = trace.graph.identify(data["places"]["code"], key=outbreaks.KEY)["id"].tolist()
    people = trace.graph.identify(data["persons"]["code"], key=outbreaks.KEY)["id"].tolist()
    rows = zip(data["stays"]["person"], data["stays"]["place"], strict=True)
    return data, ids, {(people[p], ids[at]) for p, at in rows}


NEEDED = {
    *(("C1", place) for place in ("early", "office", "late")),
    *(("A1", place) for place in ("office", "canteen", "shop", "a-after")),
    *(("B1", place) for place in ("canteen", "b-between", "shop")),
}
BEFORE_AND_AFTER = {("A1", "a-before"), ("B1", "b-before"), ("B1", "b-after")}


def test_where_a_contact_was_before_the_exposure_is_not_in_the_file():
    data, places, stays = whereabouts()
    assert data["stays_kept"] == "needed"
    assert stays == NEEDED
    assert set(places) == {place for _, place in NEEDED}
    assert data["stays_of"] == [1, 1, 1]


@pytest.mark.parametrize("options", [{"stays": "all"}, {"identities": True}])
def test_all_stays_are_kept_if_asked_for(options):
    data, _, stays = whereabouts(**options)
    assert data["stays_kept"] == "all"
    assert stays == NEEDED | BEFORE_AND_AFTER


def test_identities_with_the_stays_that_are_needed():
    assert whereabouts(identities=True, stays="needed")[2] == NEEDED


def test_stays_that_no_page_knows_are_told():
    with pytest.raises(ValueError, match="stays is 'some'; a page keeps 'needed' or 'all'"):
        payload(outbreaks.trace(), stays="some")


def test_a_place_that_only_a_dropped_exposure_names_is_not_in_the_file(monkeypatch):
    stays = outbreaks.visits(
        *(f"{who} place{k} {8 + k:02d}:00 {8 + k:02d}:40" for k in range(6) for who in ("C1", "A1"))
    )
    trace = tg.TraceGraph(
        cases=pd.DataFrame({"person_id": ["C1"], "onset": ["2022-05-10"]}),
        visits=stays,
        locations=pd.DataFrame({"location_id": stays["location_id"].unique(), "kind": "office"}),
        tz="Asia/Shanghai",
    ).trace("china-8")
    monkeypatch.setattr(evidence, "ROWS_PER_CONTACT", 2)
    monkeypatch.setattr(journeys, "MAX_STAYS", 0)
    data = payload(trace, identities=True)
    used = set(data["exposures"]["place"])
    assert data["dropped"] > 0
    assert used == set(range(len(data["places"]["id"])))
    assert {data["places"]["id"][at] for at in used} == {"place0", "place1"}
    assert data["stays"]["place"] == []


def test_stays_fill_the_file_case_by_case_then_tier_by_tier(monkeypatch):
    trace = outbreaks.ranked(6, 20).trace("china-8")
    whole = payload(trace)
    size = np.bincount(whole["stays"]["person"], minlength=27)
    monkeypatch.setattr(journeys, "MAX_STAYS", int(size[:5].sum()))
    data = payload(trace)
    assert data["stays_of"] == [1] * 5 + [0] * 22
    assert set(data["stays"]["person"]) == set(range(5))


@pytest.mark.parametrize("most", [300, 60, 20, 5, 1])
def test_never_more_nodes_than_asked_and_everybody_drawn_has_a_place_and_size(most):
    data = payload(outbreaks.ranked(30, 120).trace("china-8"), max_nodes=most)
    tables = [data["persons"], data["places"], data["bubbles"]]
    drawn = [sum(x is not None for x in table["x"]) for table in tables]
    assert 0 < sum(drawn) <= most
    persons = data["persons"]
    for x, y, r, bubble in zip(
        persons["x"], persons["y"], persons["r"], persons["bubble"], strict=True
    ):
        assert (x is None) == (y is None) == (r is None)
        assert x is None or bubble < 0


def test_a_trace_of_nobody_is_an_empty_page():
    cases = pd.DataFrame({"person_id": ["C1"], "onset": ["2022-05-09"], "status": ["excluded"]})
    data = payload(tg.TraceGraph(cases=cases, tz="Asia/Shanghai").trace("china-8"))
    assert all(column == [] for name in TABLES for column in data[name].values())


def test_at_least_one_node():
    with pytest.raises(ValueError, match="max_nodes is 0"):
        payload(outbreaks.trace(), max_nodes=0)


def test_a_language_that_no_page_speaks_is_told():
    with pytest.raises(ValueError, match="'fr'; a page speaks en or zh"):
        payload(outbreaks.trace(), lang="fr")


def test_integer_ids_are_traced_and_coded():
    plain = outbreaks.ranked(3, 3)
    visits = plain.visits.assign(
        person_id=plain.visits["person_id"].rank(method="dense").astype(int)
    )
    case = int(visits["person_id"][plain.visits["person_id"] == "C1"].iloc[0])
    graph = tg.TraceGraph(
        cases=pd.DataFrame({"person_id": [case], "onset": ["2022-05-09 06:00"]}),
        visits=visits[["person_id", "location_id", "arrive", "depart"]],
        locations=plain.locations,
        tz="Asia/Shanghai",
    )
    data = payload(graph.trace("china-8"), identities=True, key=outbreaks.KEY)
    assert sorted(data["persons"]["tier"]) == [0, 1, 1, 1, 2, 2, 2]
    found = graph.identify(data["persons"]["code"], key=outbreaks.KEY)
    assert [str(value) for value in found["id"]] == data["persons"]["id"]
