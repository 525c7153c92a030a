"""Page and networks of a real trace: one case, an office, a home and a reported contact."""

import pandas as pd
import pytest

import tracegraph as tg


@pytest.fixture(scope="module")
def trace():
    graph = tg.TraceGraph(
        cases=pd.DataFrame({"person_id": ["id-case"], "onset": ["2022-05-09 08:00"]}),
        visits=pd.DataFrame(
            {
                "person_id": ["id-case", "id-mate", "id-mate", "id-next"],
                "location_id": ["id-office", "id-office", "id-canteen", "id-canteen"],
                "arrive": ["2022-05-09 10:00", "2022-05-09 10:30"] + ["2022-05-09 13:00"] * 2,
                "depart": ["2022-05-09 11:00", "2022-05-09 12:00"] + ["2022-05-09 14:00"] * 2,
            }
        ),
        locations=pd.DataFrame(
            {
                "location_id": ["id-office", "id-canteen", "id-home"],
                "name": ["name-office", "name-canteen", "name-home"],
                "kind": ["office", "office", "home"],
            }
        ),
        persons=pd.DataFrame(
            {
                "person_id": ["id-case", "id-kin", "id-mate", "id-next"],
                "name": ["name-case", "name-kin", "name-mate", "name-next"],
                "home_id": ["id-home", "id-home", None, None],
            }
        ),
        contacts=pd.DataFrame(
            {
                "person_id": ["id-case"],
                "contact_id": ["id-friend"],
                "start": ["2022-05-09 18:00"],
                "end": ["2022-05-09 19:00"],
            }
        ),
        tz="Asia/Shanghai",
    )
    return graph.trace("china-8", as_of="2022-05-10 12:00")


def test_the_page_of_a_trace_tells_the_counts_and_no_id(trace, tmp_path):
    text = trace.to_html(tmp_path / "map.html").read_text(encoding="utf-8")
    assert "1 case, 3 close contacts, 1 secondary contact;" in text
    assert "china-8" in text
    assert "id-" not in text.replace("data:,", "").split("<body>")[1].split("<script>")[0]
    assert not any(f"name-{who}" in text for who in ("case", "kin", "mate", "next", "home"))
    assert not any(f"id-{who}" in text for who in ("case", "kin", "mate", "next", "friend", "home"))


def test_the_page_shows_names_when_asked(trace, tmp_path):
    path = trace.to_html(tmp_path / "map.html", reveal=("ids", "names"))
    text = path.read_text(encoding="utf-8")
    assert "name-mate" in text
    assert "id-friend" in text


def test_networkx_finds_the_chain(trace):
    graph = trace.to_networkx()
    assert graph.number_of_edges() == len(trace.exposures())
    assert graph.has_edge(("person", "id-mate"), ("person", "id-next"))
    assert graph.nodes["person", "id-next"]["tier"] == 2
    assert graph.nodes["location", "id-office"]["kind"] == "office"


def test_pyvis_shows_pseudonyms(trace):
    labels = {node["label"] for node in trace.to_pyvis().nodes}
    assert {"case 1", "secondary 1", "home 1"} <= labels
    assert not any("id-" in label for label in labels)
