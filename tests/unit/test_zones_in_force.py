"""Zones in force: which row of `zone_history` holds, and every word for a zone."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import tracegraph as tg
from tracegraph.protocols.protocol import Protocol
from tracegraph.zones.ground import survey
from tracegraph.zones.in_force import labels_called, zone_words, zones_in_force

CASES = pd.DataFrame({"person_id": ["C1"], "sampled": ["2022-05-09 08:00"]})
PARENT = {"K": None, "B1": "K", "B2": "K", "U": "B1"}
LABELS = ["none", "precaution", "control", "lockdown"]
START = pd.Timestamp("2022-05-09")


def zones(rows, areas=None, *, as_of="2022-05-12 12:00", by="china-8"):
    table = areas or [{"area_id": area} for area in PARENT]
    table = [{**row, "parent_id": PARENT[row["area_id"]]} for row in table]
    history = {"zone_history": pd.DataFrame(rows)} if rows is not None else {}
    graph = tg.TraceGraph(cases=CASES, areas=pd.DataFrame(table), tz="Asia/Shanghai", **history)
    return graph.trace(by, as_of=as_of).zones().set_index("area_id")


def order(area, zone, start, end=None, **more):
    return {"area_id": area, "zone": zone, "start": start, "end": end, **more}


def now(frame):
    return frame["zone_now"].astype(str).to_dict()


# ---- by hand


def test_zone_is_that_of_the_moment():
    rows = [
        order("K", "control", "2022-05-09 20:00"),
        order("K", "lockdown", "2022-05-11 20:00", "2022-05-13 20:00"),
    ]
    at = {"2022-05-09 12:00": "none", "2022-05-11 12:00": "control", "2022-05-12 12:00": "lockdown"}
    for moment, label in at.items():
        assert set(now(zones(rows, as_of=moment)).values()) == {label}
    later = zones(rows, as_of="2022-05-13 20:00")
    assert set(now(later).values()) == {"control"}  # the order without an end goes on
    assert later["zone_since"]["U"] == pd.Timestamp("2022-05-09 20:00", tz="Asia/Shanghai")


def test_later_order_holds_though_it_is_weaker_and_of_one_moment_the_stronger():
    rows = [
        order("B1", "lockdown", "2022-05-09 20:00"),
        order("B1", "control", "2022-05-11 20:00"),
        order("B2", "lockdown", "2022-05-11 20:00"),
        order("B2", "control", "2022-05-11 20:00"),
    ]
    for listed in (rows, rows[::-1]):
        assert now(zones(listed)) == {
            "K": "none",
            "B1": "control",
            "U": "control",
            "B2": "lockdown",
        }


def test_end_that_is_a_date_is_the_end_of_that_day():
    rows = [order("K", "control", "2022-05-09", "2022-05-12")]
    assert now(zones(rows, as_of="2022-05-12 23:59"))["K"] == "control"
    assert now(zones(rows, as_of="2022-05-13 00:00"))["K"] == "none"


def test_none_releases_a_part_of_a_zone():
    rows = [order("K", "lockdown", "2022-05-09"), order("B1", "none", "2022-05-11")]
    frame = zones(rows)
    assert now(frame) == {"K": "lockdown", "B1": "none", "U": "none", "B2": "lockdown"}
    assert frame["zone_since"]["U"] == pd.Timestamp("2022-05-11", tz="Asia/Shanghai")


def test_order_learnt_later_is_not_in_force():
    rows = [order("K", "control", "2022-05-09", recorded="2022-05-13 08:00")]
    assert set(now(zones(rows)).values()) == {"none"}


def test_areas_speak_where_no_history_does():
    areas = [
        {"area_id": "K", "zone": "none"},
        {"area_id": "B1", "zone": "none"},
        {"area_id": "B2", "zone": "control"},
        {"area_id": "U", "zone": "control"},
    ]
    rows = [order("K", "lockdown", "2022-05-09"), order("U", "none", "2022-05-11")]
    frame = zones(rows, areas)
    # none of areas.zone leaves B1 to K; of U the history tells
    assert now(frame) == {"K": "lockdown", "B1": "lockdown", "B2": "control", "U": "none"}
    assert now(zones(None, areas)) == {"K": "none", "B1": "none", "B2": "control", "U": "control"}


@pytest.mark.parametrize(
    "row",
    [
        order("K", "none", "2022-05-15"),  # it starts later
        order("K", "none", "2022-05-10", recorded="2022-05-14 08:00"),  # it is known later
        order("K", "purple", "2022-05-10"),  # a word that is none
    ],
    ids=["starts later", "known later", "no word"],
)
def test_row_that_is_not_in_force_yet_lifts_no_zone_of_today(row):
    areas = [{"area_id": "K", "zone": "lockdown"}, {"area_id": "B1", "zone": "none"}]
    assert now(zones([row], areas)) == now(zones(None, areas)) == {"K": "lockdown", "B1": "none"}


@pytest.mark.parametrize(
    ("since", "label"),
    [
        (None, "none"),
        ("2022-05-01", "none"),
        ("2022-05-03", "none"),  # the row is that zone, and it has ended
        ("2022-05-06", "lockdown"),  # areas tell of a later zone
        ("2022-05-20", "none"),
    ],
)
def test_row_that_has_ended_lifts_the_zone_that_it_came_after(since, label):
    areas = [{"area_id": "K", "zone": "lockdown", "zone_since": since}]
    assert now(zones([order("K", "control", "2022-05-03", "2022-05-08")], areas))["K"] == label


def test_of_two_orders_of_one_moment_and_label_the_text_decides_not_the_row():
    rows = [
        order("K", "control", "2022-05-09", order="2"),
        order("K", "control", "2022-05-09", order="1"),
        order("K", "control", "2022-05-09"),
        order("B1", "control", "2022-05-09", order="2"),
        order("B2", "control", "2022-05-09", order="1"),
    ]
    for listed in (rows, rows[::-1], rows[2:] + rows[:2]):
        areas = pd.DataFrame({"area_id": ["K", "B1", "B2"]})
        graph = tg.TraceGraph(
            cases=CASES, areas=areas, zone_history=pd.DataFrame(listed), tz="Asia/Shanghai"
        )
        trace = graph.trace("china-8", as_of="2022-05-12")
        drawn = zones_in_force(survey(trace), trace.protocol.zones).order.tolist()
        assert dict(zip(graph.area_ids, drawn, strict=True)) == {"B1": 1, "B2": 0, "K": 1}


def test_zone_of_areas_is_not_in_force_before_its_day():
    areas = [
        {"area_id": "K", "zone": "control", "zone_since": "2022-05-10 08:00"},
        {"area_id": "B1", "zone": "lockdown", "zone_since": "2022-05-12 20:00"},
    ]
    frame = zones(None, areas)
    assert now(frame) == {"K": "control", "B1": "control"}
    assert set(frame["zone_since"]) == {pd.Timestamp("2022-05-10 08:00", tz="Asia/Shanghai")}
    assert now(zones(None, areas, as_of="2022-05-12 20:00"))["B1"] == "lockdown"


def test_zone_without_a_day_has_no_day():
    frame = zones(None, [{"area_id": "K", "zone": "control"}])
    assert frame["zone_since"].isna().all()
    assert str(frame["zone_since"].dtype) == "datetime64[s, Asia/Shanghai]"


# ---- words


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("china-8", ["防范区", "管控区", "封控区"]),
        ("china-9", ["low", "Medium", "HIGH"]),
        ("china-9", ["低风险区", "中风险区", "高风险区"]),
        ("china-20-measures", ["low", None, "high"]),
        ("china-20-measures", ["低风险区", None, "高风险区"]),
    ],
)
def test_label_sets_stand_on_one_scale(by, words):
    for number, word in enumerate(words, start=1):
        if word is not None:
            frame = zones([order("K", f" {word} ", "2022-05-10")], by=by)
            assert set(now(frame).values()) == {LABELS[number]}
            assert set(now(zones(None, [{"area_id": "K", "zone": word}], by=by)).values()) == {
                LABELS[number]
            }


@pytest.mark.parametrize("name", Protocol.names())
def test_names_of_a_protocol_are_words(name):
    rule = Protocol.named(name).zones
    for label in LABELS[1:]:
        zone = rule.zone_of(label) if rule else None
        if zone is not None:
            assert zone_words(rule)[zone.name] == LABELS.index(label)


def test_names_of_an_own_protocol_are_words_with_it_only():
    ours = Protocol.named("china-8").derive(**{"zones.lockdown.name": "Ring Rot"})
    rows = [order("K", "ring rot", "2022-05-10")]
    assert now(zones(rows, by=ours))["K"] == "lockdown"
    assert now(zones(rows))["K"] == "none"
    assert labels_called(["ring rot", None, "amber"], None).tolist() == [-1, -1, -1]


# ---- against every row


@st.composite
def histories(draw):
    hour = st.integers(0, 6)
    zone = st.sampled_from([*LABELS, "purple"])
    row = st.tuples(st.sampled_from(list(PARENT)), zone, hour, st.one_of(st.none(), hour))
    rows = draw(st.lists(row, max_size=6))
    told = st.tuples(st.sampled_from(LABELS), st.one_of(st.none(), hour))
    stated = draw(st.dictionaries(st.sampled_from(list(PARENT)), told))
    return [r for r in rows if r[3] is None or r[3] > r[2]], stated, draw(hour)


def in_force(rows, stated, at, area):
    """Zone and its start, by looking at every row, and then at the area around."""
    rows = [row for row in rows if row[1] in LABELS and row[2] <= at]
    held = [
        (start, LABELS.index(zone), zone)
        for where, zone, start, end in rows
        if where == area and (end is None or end > at)
    ]
    if held:
        start, _, zone = max(held)
        return zone, start
    zone, since = stated.get(area, (None, None))
    starts = [start for where, _, start, _ in rows if where == area]
    is_lifted = bool(starts) and (since is None or max(starts) >= since)
    is_silent = zone is None or (since is not None and since > at) or (rows and zone == "none")
    if not (is_lifted or is_silent):
        return zone, since
    return in_force(rows, stated, at, PARENT[area]) if PARENT[area] else ("none", None)


@settings(deadline=None, max_examples=80)
@given(histories())
def test_zone_in_force_is_what_every_row_says(history):
    rows, stated, at = history

    def told(hour):
        return None if hour is None else f"2022-05-09 {hour:02}:00:01"

    written = [order(area, zone, told(start), told(end)) for area, zone, start, end in rows]
    areas = [
        {"area_id": area, "zone": zone, "zone_since": told(since)}
        for area, (zone, since) in ((area, stated.get(area, (None, None))) for area in PARENT)
    ]
    frame = zones(written or None, areas, as_of=told(at))
    for area in PARENT:
        zone, since = in_force(rows, stated, at, area)
        assert frame["zone_now"][area] == zone, area
        found = frame["zone_since"][area]
        assert (None if pd.isna(found) else found.hour) == since, area


def test_many_areas_take_their_zone_from_around():
    size = 3000
    ids = [f"A{i:05}" for i in range(size)]
    areas = pd.DataFrame(
        {"area_id": ids, "parent_id": [None, *[ids[i // 2] for i in range(size - 1)]]}
    )
    history = pd.DataFrame([order("A00000", "control", "2022-05-09")])
    graph = tg.TraceGraph(cases=CASES, areas=areas, zone_history=history, tz="Asia/Shanghai")
    found = graph.trace("china-8", as_of="2022-05-10").zones()
    assert (found["zone_now"] == "control").all()
    assert np.array_equal(found["area_id"].to_numpy(), ids)
