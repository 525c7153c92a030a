"""Several ids of one person: whose rows become whose, and what is said of it."""

import pandas as pd
import pytest

import tracegraph as tg
from tracegraph.errors import NotTracedError


def graph_of(persons, **tables):
    usual = {
        "cases": pd.DataFrame({"person_id": ["P1"], "onset": ["2022-05-09 08:00"]}),
        "visits": pd.DataFrame(
            {
                "person_id": ["P2", "Q"],
                "location_id": ["W", "W"],
                "arrive": ["2022-05-09 10:00", "2022-05-09 10:30"],
                "depart": ["2022-05-09 12:00", "2022-05-09 12:00"],
            }
        ),
        "locations": pd.DataFrame({"location_id": ["W"], "kind": ["office"]}),
    }
    given = {**usual, **tables}
    return tg.TraceGraph(persons=pd.DataFrame(persons), tz="Asia/Shanghai", **given)


@pytest.fixture
def merged():
    return graph_of({"person_id": ["P2", "P3"], "same_as": ["P1", "P2"]})


def rules(graph):
    return graph.warnings["rule"].tolist()


def test_chain_of_aliases_leads_to_its_end(merged):
    assert merged.aliases.to_dict("list") == {"person_id": ["P2", "P3"], "same_as": ["P1", "P1"]}


def test_visit_of_an_alias_is_a_visit_of_the_case(merged):
    tiers = merged.trace("china-8").tiers
    assert tiers["person_id"].tolist() == ["P1", "Q"]
    assert tiers["source_id"].tolist()[1] == "P1"


def test_without_same_as_the_same_rows_meet_nobody():
    graph = graph_of({"person_id": ["P2", "P3"], "same_as": [None, None]})
    assert graph.trace("china-8").tiers["person_id"].tolist() == ["P1"]
    assert graph.aliases.empty


def test_frames_keep_the_ids_as_written(merged):
    assert merged.visits["person_id"].tolist() == ["P2", "Q"]
    assert merged.persons["person_id"].tolist() == ["P2", "P3"]


def test_merged_ids_count_once_and_the_graph_tells_them(merged):
    assert merged.n_persons == 2
    assert "persons: 2 (2 ids merged)" in repr(merged)
    assert merged.trace("china-8").summary.persons == 2
    assert merged.cases_without_visit == 0
    assert "case-without-visit" not in rules(merged)
    assert "declared-twice" not in rules(merged)


@pytest.mark.parametrize("asked", ["P1", "P2", "P3"])
def test_any_id_of_a_person_finds_the_person(merged, asked):
    trace = merged.trace("china-8")
    meetings = trace.exposures(person=asked)  # as source of Q, and back as Q's own contact
    assert meetings["contact_id"].tolist() == ["P1", "Q"]
    assert trace.itinerary(asked)["location_id"].dropna().tolist() == ["W"]
    assert "P1: case" in trace.why(asked).verdict


def test_why_of_an_alias_says_whom_it_stands_for(merged):
    assert merged.trace("china-8").why("P3").verdict.startswith("P3 is P1. P1: case (tier 0")


def test_unknown_person_is_still_unknown(merged):
    with pytest.raises(NotTracedError, match="names a person 'P9'"):
        merged.trace("china-8").why("P9")


def test_two_case_rows_of_one_person_are_two_episodes():
    graph = graph_of(
        {"person_id": ["P2"], "same_as": ["P1"]},
        cases=pd.DataFrame(
            {"person_id": ["P1", "P2"], "onset": ["2022-04-01 08:00", "2022-05-09 08:00"]}
        ),
    )
    trace = graph.trace("china-8")
    assert (trace.tiers["tier"] == 0).sum() == 1
    assert trace.windows["person_id"].tolist() == ["P1", "P1"]


def test_home_of_an_alias_is_the_home_of_the_person():
    graph = graph_of(
        {"person_id": ["P1", "P2", "Q"], "same_as": [None, "P1", None], "home_id": [None, "H", "H"]}
    )
    channels = graph.trace("china-8").exposures(person="P1")["channel"].tolist()
    assert "co_residence" in channels


def test_contact_between_two_ids_of_one_person_is_none_and_is_told():
    graph = graph_of(
        {"person_id": ["P2"], "same_as": ["P1"]},
        contacts=pd.DataFrame(
            {
                "person_id": ["P1", "P1"],
                "contact_id": ["P2", "Z"],
                "start": ["2022-05-09 09:00"] * 2,
            }
        ),
    )
    told = graph.warnings.set_index("rule").loc["contact-with-alias"]
    assert told["message"] == ("1 row is a contact between two ids of one person; no exposure")
    assert told["value"] == "P1"
    assert graph.trace("china-8").tiers["person_id"].tolist() == ["P1", "Q", "Z"]
    assert graph.counts.set_index("table").loc["contacts", "used"] == 2


def test_case_that_another_id_of_its_own_infected_has_no_source_and_is_told():
    cases = pd.DataFrame(
        {"person_id": ["P1", "Q"], "onset": ["2022-05-09"] * 2, "infected_by": ["P2", "P2"]}
    )
    graph = graph_of({"person_id": ["P2"], "same_as": ["P1"]}, cases=cases)
    told = graph.warnings.set_index("rule").loc["infected-by-alias"]
    assert told["message"] == (
        "1 row names another id of the case itself as its source; counts as none"
    )
    assert told["value"] == "P1"
    p1 = graph.person_code("P1")
    assert graph.tables["cases"].code("infected_by").tolist() == [-1, p1]
    assert graph.cases["infected_by"].tolist() == ["P2", "P2"]


def test_case_infected_by_another_id_of_another_is_not_told(merged):
    assert "infected-by-alias" not in rules(merged)


def test_circle_is_cut_and_told():
    graph = graph_of({"person_id": ["P1", "P2", "P3"], "same_as": ["P2", "P1", "P2"]})
    told = graph.warnings.set_index("rule").loc["circular-same-as"]
    assert told["message"] == "same_as runs in a circle through 2 persons; they stay apart"
    assert told["value"] == "P1, P2"
    assert graph.aliases.to_dict("list") == {"person_id": ["P3"], "same_as": ["P2"]}


def test_person_who_is_the_same_as_oneself_is_told():
    graph = graph_of({"person_id": ["P1", "P2"], "same_as": ["P1", "P2"]})
    told = graph.warnings.set_index("rule").loc["same-as-oneself"]
    assert told["message"] == "2 rows name the person itself in same_as; ignored"
    assert graph.aliases.empty


def test_messages_name_nobody():
    graph = graph_of({"person_id": ["P1", "P2", "P3"], "same_as": ["P2", "P1", "P3"]})
    told = graph.warnings[graph.warnings["column"] == "same_as"]
    assert len(told) == 2
    assert not told["message"].str.contains(r"P\d").any()


def test_merge_learnt_later_does_not_change_an_earlier_answer():
    graph = graph_of({"person_id": ["P2"], "same_as": ["P1"], "recorded": ["2022-05-12 09:00"]})
    assert graph.as_of("2022-05-11").aliases.empty
    assert graph.trace("china-8", as_of="2022-05-11").tiers["person_id"].tolist() == ["P1"]
    assert len(graph.as_of("2022-05-12").aliases) == 1
    assert graph.trace("china-8", as_of="2022-05-12").tiers["person_id"].tolist() == ["P1", "Q"]


def test_traces_as_of_before_and_after_a_merge_do_not_share_what_is_cached():
    graph = graph_of({"person_id": ["P2"], "same_as": ["P1"], "recorded": ["2022-05-12 09:00"]})
    later = [graph.trace("china-8", as_of=t).tiers["person_id"].tolist() for t in
             ("2022-05-12 09:00", "2022-05-12 08:59", "2022-05-12 09:00")]  # fmt: skip
    assert later == [["P1", "Q"], ["P1"], ["P1", "Q"]]
