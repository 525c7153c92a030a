"""What a trace tells: tiers, evidence, why, itinerary, what is expected, and no more than that."""

from __future__ import annotations

import networkx as nx
import pandas as pd
import pytest

import tracegraph as tg

SHANGHAI = "Asia/Shanghai"


def visit(person, place, arrive, depart):
    return {"person_id": person, "location_id": place, "arrive": arrive, "depart": depart}


@pytest.fixture(scope="module")
def graph():
    return tg.TraceGraph(
        cases=pd.DataFrame({"person_id": ["C1"], "onset": ["2022-05-09 08:00"]}),
        visits=pd.DataFrame([
            visit("C1", "office", "2022-05-09 09:00", "2022-05-09 11:00"),
            visit("P1", "office", "2022-05-09 10:00", "2022-05-09 12:00"),
            visit("P1", "dorm", "2022-05-09 20:00", "2022-05-10 06:00"),
            visit("P2", "dorm", "2022-05-09 21:00", "2022-05-09 22:00"),
            visit("P3", "office", "2022-05-09 10:51", "2022-05-09 10:59"),
            visit("P4", "market", "2022-05-09 13:00", "2022-05-09 14:00"),
            visit("C1", "market", "2022-05-09 13:10", "2022-05-09 13:40"),
            visit("P5", "office", "2022-05-01 09:00", "2022-05-01 10:00"),
            visit("C1", "office", "2022-05-01 09:00", "2022-05-01 10:00"),
            visit("P6", "elsewhere", "2022-05-09 09:00", "2022-05-09 10:00"),
            visit("P2", "train", "2022-05-20 09:00", "2022-05-20 12:00"),
        ]),
        locations=pd.DataFrame({
            "location_id": ["office", "dorm", "market", "elsewhere", "train"],
            "kind": ["office", "dormitory", "market", "office", "train"],
        }),
        tz=SHANGHAI,
    )  # fmt: skip


@pytest.fixture(scope="module")
def trace(graph):
    return graph.trace("china-8", as_of="2022-05-12 18:00")


def test_tiers_have_the_documented_columns_and_dtypes(trace):
    zoned = f"datetime64[s, {SHANGHAI}]"
    assert {name: str(dtype) for name, dtype in trace.tiers.dtypes.items()} == {
        "person_id": "str", "tier": "Int8", "certainty": "str", "tier_certain": "Int8",
        "contact_tier": "Int8", "class": "str", "first_exposure": zoned, "last_exposure": zoned,
        "n_sources": "int32", "minutes": "float64", "source_id": "str", "location_id": "str",
        "clause": "str", "quarantine_until": "datetime64[s]", "ongoing": "bool",
    }  # fmt: skip


def test_who_is_what(trace):
    found = trace.tiers.set_index("person_id")["tier"].to_dict()
    # P3 was with P1, a contact since 10:00, for 8 minutes only.
    assert found == {"C1": 0, "P1": 1, "P2": 2}


def test_quarantine_runs_from_the_date_of_the_last_exposure(trace):
    until = trace.tiers.set_index("person_id")["quarantine_until"]
    assert str(until["P1"].date()) == "2022-05-23"  # 9 May + 14
    assert str(until["P2"].date()) == "2022-05-16"  # 9 May + 7
    assert pd.isna(until["C1"])


def test_every_exposure_is_told_and_counted(trace):
    told = trace.exposures()
    assert len(told) == trace.n_exposures == 3  # C1 is a contact of P1's, too
    first = trace.exposures(tier=1).iloc[0]
    assert (first["source_id"], first["contact_id"], first["minutes"]) == ("C1", "P1", 60.0)
    assert trace.exposures(person="P2")["location_id"].tolist() == ["dorm"]
    assert trace.exposures(location="office")["tier"].tolist() == [2, 1]


def test_exposures_are_the_callers_own(trace):
    for frame, column in ((trace.exposures(), "minutes"), (trace.tiers, "tier")):
        frame[column] = 9
    assert trace.exposures(tier=1)["minutes"].tolist() == [60.0]
    assert trace.tiers["tier"].max() == 2


def test_why_tells_the_path_from_the_case(trace):
    path = trace.why("P2").path
    assert path[["source_id", "contact_id"]].to_numpy().tolist() == [["C1", "P1"], ["P1", "P2"]]
    assert "C1 -> P1" in str(trace.why("P2"))


@pytest.mark.parametrize(
    ("person", "told"),
    [
        ("P3", "8 min at office (office) with C1"),
        ("P4", "co-presence at such a place is a venue contact"),
        ("P5", "outside the time in which C1 counts as a source"),
        ("P6", "No recorded stay shares a place and time"),
    ],
)
def test_why_tells_the_nearest_miss(trace, person, told):
    assert told in trace.why(person).miss


def test_unknown_person_is_an_error_that_names_the_dtype(trace):
    with pytest.raises(tg.NotTracedError, match="ids of persons are str"):
        trace.why("P99")
    with pytest.raises(tg.NotTracedError):
        trace.itinerary(7)


def test_venue_contacts_are_apart(trace):
    assert trace.venue_contacts[["person_id", "location_id", "minutes"]].to_numpy().tolist() == [
        ["P3", "office", 8.0],
        ["P4", "market", 30.0],
    ]


def test_itinerary_shows_gaps_and_the_infectious_period(trace):
    rows = trace.itinerary("C1")
    assert rows.loc[~rows["gap"], "location_id"].tolist() == ["office", "office", "market"]
    # The gap from 1 May on is cut where the infectious period begins, on 7 May.
    assert rows["in_window"].tolist() == [False, False, True, True, True, True, True]
    assert (rows["arrive"].iloc[1:].to_numpy() == rows["depart"].iloc[:-1].to_numpy()).all()


def test_tickets_are_expected_and_expose_nobody(trace):
    assert trace.expected[["person_id", "location_id"]].to_numpy().tolist() == [["P2", "train"]]


def test_earlier_moment_knows_less(graph):
    early = graph.trace("china-8", as_of="2022-05-09 09:30")
    assert early.tiers["person_id"].tolist() == ["C1"]


def test_exposure_that_has_not_ended_has_no_release_date(graph):
    row = graph.trace("china-8", as_of="2022-05-09 10:30").tiers.set_index("person_id").loc["P1"]
    assert row["ongoing"]
    assert pd.isna(row["quarantine_until"])


def test_summary_and_repr_name_nobody(trace):
    for text in (str(trace.summary), repr(trace), repr(trace.graph), trace.graph._repr_html_()):
        assert not any(name in text for name in ("C1", "P1", "P2", "office", "dorm"))


def test_networkx_has_typed_nodes_and_refuses_what_is_too_large(trace):
    network = trace.to_networkx()
    assert isinstance(network, nx.MultiDiGraph)
    assert network.nodes["person", "P1"]["tier"] == 1
    assert ("location", "office") in network
    assert ("person", "P4") not in network
    with pytest.raises(tg.TooLargeError, match="max_edges"):
        trace.to_networkx(max_edges=1)


def test_second_trace_of_a_graph_is_the_same(graph, trace):
    again = graph.trace("china-8", as_of="2022-05-12 18:00")
    pd.testing.assert_frame_equal(again.tiers, trace.tiers)


def test_integer_ids_work_throughout():
    graph = tg.TraceGraph(
        cases=pd.DataFrame({"person_id": [1], "onset": ["2022-05-09"]}),
        visits=pd.DataFrame([
            visit(1, 10, "2022-05-09 09:00", "2022-05-09 10:00"),
            visit(2, 10, "2022-05-09 09:00", "2022-05-09 10:00"),
        ]),
        tz=SHANGHAI,
    )  # fmt: skip
    tiers = graph.trace("china-8").tiers
    assert tiers["person_id"].tolist() == [1, 2]
    assert tiers["location_id"].tolist() == [10, 10]


def test_numba_cache_survives_a_graph_without_visits():
    graph = tg.TraceGraph(
        cases=pd.DataFrame({"person_id": ["C1"], "onset": ["2022-05-09"]}),
        contacts=pd.DataFrame({"person_id": ["P1"], "contact_id": ["C1"], "start": ["2022-05-09"]}),
        tz=SHANGHAI,
    )
    row = graph.trace("china-8").tiers.set_index("person_id").loc["P1"]
    assert (row["tier"], row["class"]) == (1, "reported")
    assert pd.isna(row["minutes"])


def of_two(cases, visits, protocol="china-8", **tables):
    """Trace of a case C and a person P in one office."""
    graph = tg.TraceGraph(
        cases=pd.DataFrame([{"person_id": "C", **row} for row in cases]),
        visits=pd.DataFrame([visit(p, "office", a, d) for p in "CP" for a, d in visits]),
        locations=pd.DataFrame({"location_id": ["office"], "kind": ["office"]}),
        **{name: pd.DataFrame(rows) for name, rows in tables.items()},
        tz=SHANGHAI,
    )
    tiers = graph.trace(protocol, as_of="2022-05-12").tiers.set_index("person_id")
    return tiers.loc["P"] if "P" in tiers.index else None


def test_isolation_on_the_date_of_onset_may_have_come_before_it():
    # Onset at some hour of 9 May: isolation from 12:00 to 18:00 may only have delayed.
    row = of_two(
        [{"onset": "2022-05-09"}],
        [("2022-05-09 20:00", "2022-05-09 21:00")],
        isolations=[{"person_id": "C", "start": "2022-05-09 12:00", "end": "2022-05-09 18:00"}],
    )
    assert (row["tier"], row["certainty"]) == (1, "possible")


@pytest.mark.parametrize(("day", "is_contact"), [("07", False), ("08", True)])
def test_screened_case_counts_from_the_last_of_its_negative_specimens(day, is_contact):
    row = of_two(
        [{"sampled": "2022-05-09 09:00", "found_in": "screening"}],
        [(f"2022-05-{day} 10:00", f"2022-05-{day} 11:00")],
        protocol="china-9",
        tests=[
            {"person_id": "C", "sampled": f"2022-05-0{d} 08:00", "result": "negative"}
            for d in (6, 8)
        ],
    )
    assert (row is not None) == is_contact


def test_home_isolation_leaves_what_housemates_report():
    graph = tg.TraceGraph(
        cases=pd.DataFrame({"person_id": ["C"], "onset": ["2022-05-09 08:00"]}),
        persons=pd.DataFrame({"person_id": ["C", "P"], "home_id": ["H", "H"]}),
        locations=pd.DataFrame({"location_id": ["H"], "kind": ["home"]}),
        isolations=pd.DataFrame(
            {"person_id": ["C"], "start": ["2022-05-09 09:00"], "kind": ["home"]}
        ),
        contacts=pd.DataFrame({
            "person_id": ["P"], "contact_id": ["C"],
            "start": ["2022-05-09 10:00"], "end": ["2022-05-09 11:00"],
        }),
        tz=SHANGHAI,
    )  # fmt: skip
    told = graph.trace("china-8", as_of="2022-05-12").exposures(tier=1)
    assert sorted(told["channel"]) == ["co_residence", "reported"]


def test_venue_contact_is_told_at_the_innermost_place_that_both_share():
    graph = tg.TraceGraph(
        cases=pd.DataFrame({"person_id": ["C"], "onset": ["2022-05-09 08:00"]}),
        visits=pd.DataFrame([
            visit("C", "stall 1", "2022-05-09 09:00", "2022-05-09 10:00"),
            visit("P", "stall 1", "2022-05-09 09:00", "2022-05-09 10:00"),
            visit("Q", "stall 2", "2022-05-09 09:00", "2022-05-09 10:00"),
        ]),
        locations=pd.DataFrame({
            "location_id": ["hall", "stall 1", "stall 2"],
            "kind": ["market", "market", "market"],
            "parent_id": [None, "hall", "hall"],
        }),
        tz=SHANGHAI,
    )  # fmt: skip
    told = graph.trace("china-8", as_of="2022-05-12").venue_contacts
    assert told[["person_id", "location_id", "n_exposures"]].to_numpy().tolist() == [
        ["P", "stall 1", 1],
        ["Q", "hall", 1],
    ]


def small(visits, kinds, protocol="china-8", **tables):
    """Trace of a case C who fell ill on 9 May, at places of the given kinds."""
    cases = tables.pop("cases", [{"person_id": "C", "onset": "2022-05-09 08:00"}])
    graph = tg.TraceGraph(
        cases=pd.DataFrame(cases),
        visits=pd.DataFrame(visits),
        locations=pd.DataFrame(kinds),
        **{name: pd.DataFrame(rows) for name, rows in tables.items()},
        tz=SHANGHAI,
    )
    return graph.trace(protocol, as_of="2022-05-12")


def test_smaller_source_is_decisive_before_the_smaller_place():
    nine, ten = "2022-05-09 09:00", "2022-05-09 10:00"
    trace = small(
        [visit(p, place, nine, ten) for p, place in zip("ABPP", "zyzy", strict=True)],
        [{"location_id": place, "kind": "office"} for place in "yz"],
        cases=[{"person_id": p, "onset": "2022-05-09 08:00"} for p in "AB"],
    )
    row = trace.tiers.set_index("person_id").loc["P"]
    assert (row["source_id"], row["location_id"]) == ("A", "z")


def test_room_of_an_isolation_site_is_within_reach_of_its_isolated():
    trace = small(
        [visit(p, "room", "2022-05-09 12:00", "2022-05-09 13:00") for p in "CP"],
        [
            {"location_id": "site", "kind": "isolation_site"},
            {"location_id": "room", "kind": "isolation_room", "parent_id": "site"},
        ],
        isolations=[
            {"person_id": "C", "start": "2022-05-09 10:00", "kind": "central", "site_id": "site"}
        ],
    )
    row = trace.tiers.set_index("person_id").loc["P"]
    assert (row["tier"], row["class"]) == (1, "inside_isolation")


@pytest.mark.parametrize(("done", "is_contact"), [("10:00", False), ("11:00", True)])
def test_disinfection_as_the_case_leaves_ends_the_linger(done, is_contact):
    trace = small(
        [
            visit("C", "ward", "2022-05-09 09:00", "2022-05-09 10:00"),
            visit("P", "ward", "2022-05-09 10:00", "2022-05-09 11:00"),
        ],
        [{"location_id": "ward", "kind": "ward"}],
        protocol="measles",
        disinfections=[{"location_id": "ward", "done": f"2022-05-09 {done}"}],
    )
    assert ("P" in set(trace.tiers["person_id"])) == is_contact


def test_phone_positions_of_a_case_make_venue_contacts_only():
    hour = ("2022-05-09 09:00", "2022-05-09 10:00")
    trace = small(
        [
            {**visit("C", "office", *hour), "record": "phone"},
            {**visit("P", "office", *hour), "record": "interview"},
        ],
        [{"location_id": "office", "kind": "office"}],
    )
    assert trace.tiers["person_id"].tolist() == ["C"]
    assert trace.venue_contacts["person_id"].tolist() == ["P"]


def in_one_office(**tables):
    """C and P share an office from 09:00 to 17:00 on 9 May."""
    return tg.TraceGraph(
        visits=pd.DataFrame([
            visit(who, "office", "2022-05-09 09:00", "2022-05-09 17:00") for who in ("C", "P")
        ]),
        locations=pd.DataFrame({"location_id": ["office"], "kind": ["office"]}),
        tz=SHANGHAI,
        **{name: pd.DataFrame(rows) for name, rows in tables.items()},
    ).trace("china-8", as_of="2022-05-12 18:00")  # fmt: skip


@pytest.mark.parametrize(
    ("away", "last"),
    [
        ([("11:00", "13:00")], "17:00"),
        ([("11:00", "18:00")], "11:00"),
        ([("11:00", "13:00"), ("12:00", "17:00")], "11:00"),
        ([("11:00", "13:00"), ("14:00", "17:00")], "14:00"),
    ],
)
def test_isolation_that_ended_during_the_meeting_does_not_end_it(away, last):
    day = "2022-05-09 "
    trace = in_one_office(
        cases=[{"person_id": "C", "onset": "2022-05-09 08:00"}],
        isolations=[{"person_id": "P", "start": day + a, "end": day + b} for a, b in away],
    )
    found = trace.tiers.set_index("person_id").loc["P", "last_exposure"]
    assert found == pd.Timestamp(day + last, tz=SHANGHAI)


def test_excluded_row_leaves_the_specimen_of_the_case_alone():
    confirmed = {"person_id": "C", "confirmed": "2022-05-12 10:00", "status": "confirmed"}
    excluded = {**confirmed, "confirmed": "2022-05-11 10:00", "status": "excluded"}
    tests = [{"person_id": "C", "sampled": "2022-05-10 10:00", "result": "positive"}]
    for cases in ([confirmed], [confirmed, excluded]):
        trace = in_one_office(cases=cases, tests=tests)
        assert trace.tiers["person_id"].tolist() == ["C", "P"]
